"""Search for the steady state by all unknowns: water in edges that turn, regulators that stand closed and should not, tries."""

import re
import sys
from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import brentq
from test_together import misses, off_corners, searched, valley

from benchmarks.odd_city import odd_city
from benchmarks.robust import verdict
from heatnet.arrays import compile
from heatnet.components.thermostat import REACH, needed_capacity
from heatnet.network import Node
from heatnet.regulated import DIFFERENCE, REMOTE
from heatnet.solve import Settings, Status, coupled, late, solve
from heatnet.solve.certificate import left_over
from heatnet.solve.hydraulic import FREE, LOWER
from heatnet.solve.settings import AGREED
from heatnet.solve.task import edge_name
from heatnet.solve.together import KEPT, TRIES, _Search, together
from heatnet.solve.together_look import System
from heatnet.solve.together_matrix import drives
from heatnet.solve.together_turn import turn
from heatnet.store import read, write
from heatnet.water import Water

together_module = sys.modules[together.__module__]
M = np.array([-5.0, -1.0, -0.3, -1e-9, 0.0, 1e-9, 0.4, 0.999, 1.0, 7.0])


def two_way(m, width=1.0):
    return turn(m, np.full(m.size, width), np.zeros(m.size, dtype=bool))


# ---------------------------------------------------------------- water in edges that turn


def test_what_runs_both_ways_adds_up_to_the_flow():
    way = two_way(M)
    against = way.amount - way.q
    assert way.q - against == pytest.approx(np.abs(M), abs=1e-15)
    near = np.abs(M) < 1.0
    assert (way.both == near).all() and (against[near] > 0.0).all() and (against[~near] == 0.0).all()
    assert way.q == pytest.approx(np.where(near, (np.abs(M) + 1.0) ** 2 / 4.0, np.abs(M)))
    assert way.share == pytest.approx(way.q / way.amount)
    assert way.share[4] == 0.5 and way.amount[4] == 0.5  # standing water is exchanged


def test_edges_have_no_corner_where_they_turn():
    """Values and slopes of what runs from tail to head and back go on through no flow and through the width."""
    for at in (0.0, 1.0, -1.0):
        m = at + np.array([-1e-7, 1e-7])
        way = two_way(m)
        along = np.where(way.forward, way.q, way.amount - way.q)
        slope = np.where(way.forward, way.by_q, way.by_q - way.by_amount)
        for values in (along, slope, way.amount, way.sign * way.by_amount):
            assert abs(values[1] - values[0]) < 1e-6


def test_slopes_are_derivatives():
    m, h = M[np.abs(M) > 1e-3], 1e-6
    m = m[np.abs(np.abs(m) - 1.0) > 1e-5]
    way, up, down = two_way(m), two_way(m + h), two_way(m - h)
    for name in ("q", "amount", "share"):
        found = (getattr(up, name) - getattr(down, name)) / (2.0 * h)
        assert way.sign * getattr(way, f"by_{name}") == pytest.approx(found, abs=1e-8)


def test_without_width_all_water_runs_with_the_flow():
    way = two_way(M, 0.0)
    assert not way.both.any() and (way.q == np.abs(M)).all() and (way.amount == np.abs(M)).all() and (way.share == 1.0).all()


def test_one_way_edges_have_no_water_against_their_way():
    way = turn(M, np.full(M.size, 1.0), np.ones(M.size, dtype=bool))
    assert way.forward.all() and not way.both.any()
    assert (way.q == np.maximum(M, 0.0)).all() and (way.q[M < -1e-3] == 0.0).all()
    assert (way.by_q[M < -1e-3] == 0.0).all() and (way.by_q[M >= 0.0] == 1.0).all()


@pytest.mark.parametrize("width", [1.0, 0.1])
def test_matrix_is_the_derivative_where_edges_turn(width):
    """As without a width; tests/test_together.py says what the matrix leaves out."""
    exact, turning = 2e-3, 0
    limit = np.array([[1e-2, exact, exact, 4e-2], [exact] * 4, [exact, exact, exact, np.inf], [2e-2, exact, exact, 1e-2]])
    for seed in (16, 47, 109):
        system, look = off_corners(seed, 1.0, Water(), width)
        turning += np.count_nonzero(look.way.both)
        off = misses(system, look, seed)
        assert (off < limit).all(), f"{seed}:\n{off}"
    assert turning > 30


def test_heat_is_kept_where_edges_turn():
    """What nodes take in and give off adds up to what edges lose, though water runs both ways."""
    system, look = off_corners(16, 1.0, Water(), 1.0)
    water, way, back = Water(), look.way, look.counter
    into = system.through(look)
    out = np.bincount(look.up, way.q, minlength=into.size) + np.bincount(look.down, back.q, minlength=into.size)
    m = np.bincount(system.arrays.head, look.at.m, minlength=into.size) - np.bincount(system.arrays.tail, look.at.m, minlength=into.size)
    forward = ~system.one_way | (look.at.m >= 0.0)
    assert forward.all()
    assert into - out == pytest.approx(m, abs=1e-12)
    lost = way.q @ (water.enthalpy(look.inlet) - water.enthalpy(look.outlet)) + back.q @ (
        water.enthalpy(back.inlet) - water.enthalpy(back.outlet)
    )
    taken = way.q @ (water.enthalpy(look.outlet) - water.enthalpy(look.at.t)[look.down]) + back.q @ (
        water.enthalpy(back.outlet) - water.enthalpy(look.at.t)[look.up]
    )
    assert taken + lost == pytest.approx((out - into) @ water.enthalpy(look.at.t), rel=1e-9)


# ---------------------------------------------------------------- regulators that stand closed


def closed(kind):
    """A search in a random network, and values with its first regulator of that kind shut."""
    state = solve(compile(odd_city(16, 90), checked=True), throw=False)
    search = _Search(off_corners(16, 1.0, Water())[0], state)
    system = search.system
    look = system.look(search.stand.at, replace(search.lag, tau=100.0), search.stand.bound, search.stand.outlet)
    fits = look.regs.both_ways if kind == DIFFERENCE else (system.wires.kind == REMOTE) & (look.regs.most > 0.0)
    which = int(np.flatnonzero(fits & system.live[system.wires.edge])[0])
    edge = int(system.wires.edge[which])
    bound, m = look.bound.copy(), look.at.m.copy()
    bound[edge], m[edge] = LOWER, 0.0
    return search, system.forces(replace(look.at, m=m), bound, look), which, edge


def test_a_valve_that_throttles_opens_to_water_from_behind():
    search, look, which, edge = closed(DIFFERENCE)
    u = np.where(np.arange(look.at.u.size) == which, 500.0, look.at.u)
    for gap, woken in ((-300.0, True), (300.0, False)):
        there = replace(look, at=replace(look.at, u=u), gap=np.where(np.arange(look.gap.size) == edge, gap, look.gap))
        bound, after = search._woken(there, there.bound)
        assert (bound[edge] == FREE) == woken
        assert after[which] == (0.0 if woken else 500.0)


def test_a_lift_that_could_serve_its_sensor_opens_late():
    search, look, which, edge = closed(REMOTE)
    measured = look.regs.measured(look.at.p)[0]
    gap = np.where(np.arange(look.gap.size) == edge, -0.5 * look.regs.most[which], look.gap)
    for lacks, tau, woken in ((100.0, 100.0, True), (-100.0, 100.0, False), (100.0, 1.0, False)):
        there = replace(look, regs=replace(look.regs, target=measured + lacks), gap=gap, lag=replace(look.lag, tau=tau))
        bound, after = search._woken(there, there.bound)
        assert (bound[edge] == FREE) == woken
        assert after[which] == (look.regs.most[which] if woken else look.at.u[which])


# ---------------------------------------------------------------- one try after the other


def test_other_tries_follow_the_first(monkeypatch):
    """Steps of all count."""
    with pytest.MonkeyPatch.context() as plain:
        plain.setattr(coupled, "better", lambda state: state)
        mean = solve(compile(valley(0.3, 5.0, 0.1)))
    run, asked = _Search.run, []

    def second(search, most, width):
        asked.append((width, most))
        return run(search, most if len(asked) > 1 else 2, width)

    monkeypatch.setattr(_Search, "run", second)
    state = late.better(mean)
    assert state.status is Status.CONVERGED and state.certificate.within(0.2)
    assert asked == [(width, share * mean.settings.max_passes) for width, share, _ in TRIES]
    assert state.passes > mean.passes + 2


def without_tries(monkeypatch):
    """No steady state is found."""
    run = _Search.run
    monkeypatch.setattr(_Search, "run", lambda search, *how: None if search.lag.kept is None else run(search, *how))


def swinging(seed):
    """A random network whose passes find no rest, as if they had ended without an answer."""
    with pytest.MonkeyPatch.context() as plain:
        plain.setattr(coupled, "better", lambda state: state)
        state = solve(compile(odd_city(seed), checked=True), throw=False)
    assert state.status is not Status.CONVERGED
    return replace(state, status=Status.MAX_PASSES, detail="")


def test_where_nothing_is_found_weights_are_kept(monkeypatch):
    """Passes found no rest and no try does: all but the weights agrees, and the check sees that nothing else is off."""
    without_tries(monkeypatch)
    state = late.better(swinging(1098))
    assert state.status is Status.MEAN_WEIGHT and verdict(state) == "MEAN_WEIGHT"
    assert state.residuals.weight > 100.0 and state.residuals.load < 1.0
    off = np.abs(left_over(state))
    assert off.max() == pytest.approx(state.certificate.pressure) and off.max() <= state.residuals.weight + 1.0
    assert state.detail.startswith(f"off by up to {state.residuals.weight:.2g} Pa; where water turns with its own weight")
    worst = [edge_name(state.arrays, int(edge)) for edge in np.argsort(-off)[:4]]
    assert all(name in state.detail for name in worst)  # those that are off most are named
    many = re.search(r"and (\d+) more", state.detail)
    assert int(many[1]) + 8 >= np.count_nonzero(off > AGREED) > 8
    monkeypatch.setattr(together_module, "holds", lambda _: False)
    given = swinging(1098)
    assert late.better(given) is given


def test_weights_are_kept_in_one_try_and_are_those_of_water(monkeypatch):
    """After all others, from the beginning; no water weighs more than at the coldest there is."""
    run, asked = _Search.run, []

    def seen(search, most, width):
        asked.append((width, most, search.lag.kept is not None))
        if search.lag.kept is None:
            return None
        low, high = sorted(search.system.settings.water.density(np.array(search.system.extremes)))
        assert (search.lag.kept >= low).all() and (search.lag.kept <= high).all()
        return run(search, most, width)

    monkeypatch.setattr(_Search, "run", seen)
    state = swinging(1098)
    assert late.better(state).passes > state.passes
    assert asked == [(width, share * state.settings.max_passes, kept) for width, share, kept in (*TRIES, KEPT)]


def test_found_states_must_hold(monkeypatch):
    mean = replace(solve(compile(valley(0.3, 5.0, 0.1)), Settings(search=False)), settings=Settings())
    assert together(mean) is not None
    monkeypatch.setattr(together_module, "HOLDS", -1.0)
    assert together(mean) is None


def test_what_draws_flows_on_is_known_to_the_next_step():
    mean = solve(compile(odd_city(120), checked=True), Settings(search=False))
    search = _Search(System.of(mean.arrays, mean.settings, mean.scene), mean)
    look, _ = search._step(replace(search.lag, tau=0.1, width=1.0))
    search._arrive(look)
    assert search.lag.drives == pytest.approx(drives(search.system, look)) and search.lag.drives.max() > 0.0


def test_a_few_longer_steps_leave_less_of_the_heat(monkeypatch):
    """A state may rest with some heat on the way; longer steps let it arrive, as far as they find rest."""
    mean = replace(solve(compile(odd_city(120), checked=True), Settings(search=False)), settings=Settings())
    found = late.better(mean)
    monkeypatch.setattr(together_module, "FINISH", 0)
    rough = late.better(mean)
    assert verdict(found) == verdict(rough) == "CONVERGED" and found.passes > rough.passes
    assert found.residuals.balance < 0.1 * rough.residuals.balance


def test_kept_weights_may_turn_out_right(monkeypatch):
    """Where nothing is lifted nothing is off."""
    without_tries(monkeypatch)
    state = swinging(8138)
    assert not state.arrays.net[Node].height.any()
    assert verdict(late.better(state)) == "CONVERGED"


def test_a_search_that_is_not_wanted(tmp_path):
    """Nothing is searched for, save an answer where there is none; a store knows what was wanted."""
    with pytest.MonkeyPatch.context() as plain:
        plain.setattr(_Search, "run", searched)
        mean = solve(compile(valley(0.3, 5.0, 0.1)), Settings(search=False))
    assert mean.status is Status.MEAN_WEIGHT
    assert late.better(replace(mean, settings=Settings())).status is Status.CONVERGED
    assert late.better(replace(mean, status=Status.MAX_PASSES)).status is Status.MEAN_WEIGHT
    write(tmp_path / "store.h5", [("", mean, None)])
    assert read(tmp_path / "store.h5").states[0].settings == mean.settings


def test_an_answer_with_mean_weights_is_no_search_for_another(monkeypatch):
    with pytest.MonkeyPatch.context() as plain:
        plain.setattr(coupled, "better", lambda state: state)
        mean = solve(compile(valley(0.3, 5.0, 0.1)))
    assert mean.status is Status.MEAN_WEIGHT
    without_tries(monkeypatch)
    assert late.better(mean) is mean


@pytest.mark.parametrize("width", [0.0, 1.0])
def test_kept_weights_do_not_follow_temperatures(width):
    """Pressures balance with what was kept; the matrix knows that."""
    system, look = off_corners(10, 1.0, Water(), width)
    assert np.abs(system.lift).max() > 100.0
    lag = replace(look.lag, kept=np.full(look.rho.size, 970.0))
    kept = system.look(look.at, lag, look.bound, look.outlet, 6)
    assert kept.gap - look.gap == pytest.approx((970.0 - look.rho) * system.lift, abs=1e-6)
    assert kept.rho == pytest.approx(look.rho)
    exact = 2e-3
    limit = np.array([[exact, exact, exact, exact], [exact] * 4, [exact] * 4, [2e-2, exact, exact, 1e-2]])
    off = misses(system, kept, 10)
    assert (off < limit).all(), off


def test_inertia_is_that_of_water_that_turns():
    """Less where edges turn within more, or run; more by what draws them on; none at rest and for edges that lie level."""
    system, look = off_corners(10, 1.0, Water())
    lag = replace(look.lag, tau=0.5, m=np.zeros(look.at.m.size))
    risen = (system.lift != 0.0) & ~system.arrays.rigid
    still = system.inertia(lag)
    assert (still[risen] > 0.0).all() and not still[~risen].any()
    assert still[risen] == pytest.approx(2.0 * 0.2 * np.abs(system.lift / system.turning)[risen])
    assert system.inertia(replace(lag, width=1.0)) == pytest.approx(0.5 * still)
    assert system.inertia(replace(lag, m=0.1 * system.turning)) == pytest.approx(0.5 * still)
    assert system.inertia(replace(lag, drives=np.full(still.size, 7.0)))[risen] == pytest.approx(14.0 + still[risen])
    assert not system.inertia(replace(lag, tau=np.inf)).any()


@pytest.mark.parametrize("width", [0.0, 1.0])
def test_water_draws_flows_on_where_its_weight_falls_with_them(width):
    """By the difference of weights for a little more flow, at the temperatures there are."""
    system, look = off_corners(10, np.inf, Water(), width)
    found, e = drives(system, look), system.arrays.edges
    step = 1e-4 * np.abs(look.at.m)
    up, down = (
        system.look(replace(look.at, m=look.at.m + way * step), look.lag, look.bound, look.outlet, 6).dense for way in (1.0, -1.0)
    )
    expected = np.maximum((up - down) * system.lift, 0.0) / np.where(step > 0.0, 2.0 * step, 1.0)
    some = (step > 0.0) & (expected > 1e-3 * expected.max())
    assert some.sum() > 5 and found.size == e
    assert found[some] == pytest.approx(expected[some], rel=2e-2)


def test_ends_that_stand_behind_shut_devices_are_no_obstacle():
    """Where water runs both ways, that of an end which nothing feeds and users cool had no temperature that Newton found (8747)."""
    state = swinging(8747)
    search = _Search(System.of(state.arrays, state.settings, state.scene), state)
    look, _ = search._step(replace(search.lag, tau=1e-3, width=1.0))
    assert look is not None and look.lag.seeps > 1e3 * replace(look.lag, width=0.0).seeps


def test_flows_that_turn_again_and_again_stop_ever_nearer():
    system, look = off_corners(16, 1.0, Water(), 1.0)
    search = _Search(system, solve(compile(odd_city(16, 90), checked=True), throw=False))
    edge = int(np.flatnonzero(look.way.both & system.live & (np.abs(look.at.m) > 1e-6))[0])
    across = np.zeros(look.at.vector.size)
    for turned in range(4):
        width = system.turning[edge]
        across[edge] = -look.at.m[edge] - 3.0 * np.sign(look.at.m[edge]) * width
        there, _ = search._moved(look, across)
        assert there.at.m[edge] == pytest.approx(-np.sign(look.at.m[edge]) * 0.3**turned * width)
        look = there


def test_what_no_try_finds_is_kept(monkeypatch):
    with pytest.MonkeyPatch.context() as plain:
        plain.setattr(coupled, "better", lambda state: state)
        mean = solve(compile(valley(0.3, 5.0, 0.1)))
    monkeypatch.setattr(_Search, "run", lambda *_: None)
    assert together(mean) is None and late.better(mean) is mean
    monkeypatch.setattr(_Search, "run", searched)
    assert late.better(replace(mean, status=Status.CONVERGED)).m is mean.m


# ---------------------------------------------------------------- water that a thermostat asks for


def test_capacity_of_a_thermostat_is_the_root():
    """Rows that need two steps beside rows that need fifty: every one is the root that a bracketing method finds."""
    rng = np.random.default_rng(3)
    n = 60
    a, kappa = rng.uniform(5.0, 110.0, n), 10.0 ** rng.uniform(0.0, 5.0, n)
    exponent = np.where(rng.random(n) < 0.2, 1.0, rng.uniform(1.05, 1.5, n))
    part = np.where(rng.random(n) < 0.5, rng.uniform(0.01, 0.9, n), 1.0 - 10.0 ** rng.uniform(-6.0, -1.0, n))
    heat = part * kappa * a**exponent
    found, _ = needed_capacity(a, heat, kappa, exponent)
    for i in range(n):

        def gives(log_c, i=i):
            c, k = np.exp(log_c), exponent[i] - 1.0
            cooled = kappa[i] / c if k == 0.0 else np.log1p(k * kappa[i] / c * a[i] ** k) / k
            return c * a[i] * -np.expm1(-cooled) / heat[i] - 1.0

        root = np.exp(brentq(gives, np.log(heat[i] / a[i]) - 1.0, np.log(heat[i] / a[i]) + 40.0, xtol=1e-14))
        assert found[i] == pytest.approx(root, rel=1e-9 + 1e-15 / (1.0 - part[i]) ** 2)  # rounding of 1 - part and of what is left
    assert np.isinf(needed_capacity(a, kappa * a**exponent * (2.0 - REACH), kappa, exponent)[0]).all()
    assert needed_capacity(np.zeros(0), np.zeros(0), np.zeros(0), np.zeros(0))[0].size == 0
