"""All unknowns at once where passes find no rest: the matrix, answers known from elsewhere, what is kept as it is, water that creeps."""

import sys
from dataclasses import replace

import numpy as np
import pytest
from numba import njit
from scipy.optimize import brentq
from substations import Town, town

from benchmarks.odd_city import odd_city
from heatnet import jit
from heatnet.arrays import compile
from heatnet.components import Consumer, Pipe, Plant, Valve
from heatnet.components.edge import LEAST_FLOW, moving
from heatnet.friction import factor
from heatnet.network import Network, Node
from heatnet.regulated import DIFFERENCE, OWN, PROPORTIONAL, REDUCE, REMOTE, SUSTAIN
from heatnet.simd import load, store
from heatnet.solve import Settings, Status, coupled, late, solve, sweep
from heatnet.solve.certificate import left_over
from heatnet.solve.coupled import Solver
from heatnet.solve.hydraulic import FREE, IMMENSE, LOWER, UPPER
from heatnet.solve.regulators import CLOSED, HOLDS, TOP, ZERO
from heatnet.solve.together import together
from heatnet.solve.together_look import System
from heatnet.solve.together_matrix import matrix
from heatnet.solve.together_point import Lag, Point
from heatnet.units import KELVIN
from heatnet.water import Water

NONE = np.nan


class Even(Water):
    """Water of one heat capacity; density and viscosity follow temperature."""

    def heat_capacity(self, t):
        return np.full(np.shape(t), 4187.0)

    def enthalpy(self, t):
        return 4187.0 * (np.asarray(t) - KELVIN)

    def secant(self, warm, cold):
        return np.full(np.broadcast(warm, cold).shape, 4187.0)


def valley(flow, depth, loss, steps=1):
    """A level main and beside it a pipe down into a valley and up again; the user takes `flow`.

    Water that goes down warm and comes up cold hampers itself, by kilopascals within a gram per second.
    """
    low = [f"v{i}" for i in range(2 * steps - 1)]
    height = [-depth * min(i + 1, 2 * steps - 1 - i) / steps for i in range(2 * steps - 1)]
    way = ["s", *low, "b"]
    node = Node.of(id=["s", "b", "r", *low], pressure=[NONE, NONE, 3e5] + [NONE] * len(low), height=[0.0] * 3 + height)
    pipe = Pipe.of(
        id=["main", *(f"p{i}" for i in range(2 * steps))], tail=["s", *way[:-1]], head=["b", *way[1:]],
        length=[200.0] + [300.0] * (2 * steps), diameter=[0.1] + [0.05] * (2 * steps), loss=loss,
    )
    plant = Plant.of(id=["p"], tail=["r"], head=["s"], lift=1e5, supply_temperature=KELVIN + 90.0)
    user = Consumer.of(id=["u"], tail=["b"], head=["r"], control="flow", kvs=100.0, flow=flow, heat_given=20e3)
    return Network.of("valley", node, pipe, plant, user)


# ---------------------------------------------------------------- the matrix


def off_corners(seed, tau, water, width=0.0):
    """Equations and values near the state of a random network, water in some pipes creeping, away from where laws change."""
    state = solve(compile(odd_city(seed, 90), checked=True), throw=False)
    assert state.converged
    system = System.of(state.arrays, replace(state.settings, water=water), state.scene)
    rng = np.random.default_rng(seed)
    n = state.m.size
    ways = np.where(system.one_way & (width > 0.0), 1.0, rng.choice([-1.0, 1.0], n))
    creeping = ways * 10.0 ** rng.uniform(-5.5, -2.0, n)
    slow = np.abs(state.m) < 1e-2
    if width > 0.0:
        slow |= rng.random(n) < 0.3
    m = np.where(system.live, np.where(slow, creeping, state.m * rng.uniform(0.95, 1.05, n)), 0.0)
    low, high = system.extremes
    t = np.clip(state.t - rng.uniform(0.0, 2.0, state.t.size), low + 0.5, high - 0.5)
    at = Point(m, np.nan_to_num(state.p) + rng.uniform(-100.0, 100.0, t.size), state.u * rng.uniform(0.9, 1.1, state.u.size), t)
    bound = np.where(np.isin(state.bound, (UPPER, LOWER)), state.bound, FREE).astype(np.int32)
    lag = Lag(tau, state.m, state.t, water.density(np.full(n, 330.0)), np.zeros(n), np.ones(t.size), width)
    lag = replace(lag, inverse=0.9 * system.look(at, lag, bound, state.t_out, 6).asked)
    return system, system.look(at, lag, bound, state.t_out, 6)


def blocks_of(system, look):
    """Where flows, pressures, regulators and temperatures are among the unknowns, and by how much to go for a difference."""
    edges, nodes, wires = system.arrays.edges, system.arrays.nodes, len(system.wires)
    ends = np.cumsum([0, edges, nodes, wires, nodes])
    steps = (1e-4 * np.abs(look.at.m), np.full(nodes, 0.1), np.full(wires, 0.1), np.full(nodes, 1e-3))
    return [(slice(a, b), step) for a, b, step in zip(ends[:-1], ends[1:], steps, strict=True)]


def misses(system, look, seed):
    """Largest difference between the matrix and central differences for each block of rows and of columns, relative to what the
    entries of a row in that block can add up to.

    Not counted: what the matrix adds where nothing else decides, and bounds that follow density by 1e-4 per kelvin.
    """
    here, blocks, rng = matrix(system, look), blocks_of(system, look), np.random.default_rng(seed)
    rows = [np.zeros(0), *(np.full(step.size, 1e-10) for _, step in blocks[1:])]
    rows[2][look.case == CLOSED] = np.inf  # these have no equation
    worst = np.zeros((4, 4))
    for j, (place, step) in enumerate(blocks):
        rows[0] = np.where(system.arrays.rigid | (look.bound != FREE), 1e-5, 1e-6 if j == 3 else 1e-8)
        for _ in range(3):
            v = np.zeros(look.at.vector.size)
            v[place] = step * rng.uniform(0.5, 1.0, step.size) * rng.choice([-1.0, 1.0], step.size)
            there = [system.look(system.split(look.at.vector + way * v), look.lag, look.bound, look.outlet, 6) for way in (1.0, -1.0)]
            assert all((one.case == look.case).all() and (one.capped == look.capped).all() for one in there)
            found = 0.5 * (system.residual(there[0]) - system.residual(there[1]))
            off = np.abs(here @ v - found) / (np.abs(here) @ np.abs(v) + np.abs(found) + np.concatenate(rows))
            worst[:, j] = np.maximum(worst[:, j], [off[part].max(initial=0.0) for part, _ in blocks])
    return worst


# all of valves, pumps and plants that regulate, in every case but a few that random networks hardly have
CITIES = (10, 16, 32, 47, 73, 81, 109)
SEEN = {(DIFFERENCE, HOLDS), (DIFFERENCE, TOP), (REDUCE, ZERO), (REDUCE, HOLDS), (SUSTAIN, HOLDS), (OWN, HOLDS), (PROPORTIONAL, HOLDS),
        (REMOTE, HOLDS), (REMOTE, TOP), (REMOTE, ZERO), (REMOTE, CLOSED)}  # fmt: skip


@pytest.mark.parametrize("tau", [1.0, 1e6])
@pytest.mark.parametrize(("water", "heat"), [(Even(), (1e-2, 1e-6)), (Water(), (2e-2, 1e-2))])
def test_matrix_is_the_derivative(tau, water, heat):
    """Rows are edges, nodes, regulators and heat, columns flows, pressures, regulators and temperatures.

    The matrix takes the heat capacity at an outlet as given, though it follows the outlet by 1e-3 of what water cools, and follows
    temperature by one-sided differences, which are off where friction and weight nearly cancel. How set values and largest lifts follow
    density, and how the room of a valve at its smallest opening follows its weight, it leaves out.
    """
    exact, seen, capped = 2e-3, set(), 0
    limit = np.array([[1e-2, exact, exact, 4e-2], [exact] * 4, [exact, exact, exact, np.inf], [heat[0], exact, exact, heat[1]]])
    for seed in CITIES:
        system, look = off_corners(seed, tau, water)
        off = misses(system, look, seed)
        assert (off < limit).all(), f"{seed}:\n{off}"
        seen |= set(zip(system.wires.kind.tolist(), look.case.tolist(), strict=True))
        capped += int(look.capped.sum())
    assert seen >= SEEN, SEEN - seen
    assert capped > 0


# ---------------------------------------------------------------- answers


def along(m, t_in, length, diameter, loss):
    """Outlet temperature, friction loss and density of a pipe at flow m > 0."""
    water, ground = Water(), Network.of("none").site.ground
    t_out = t_in
    for _ in range(15):
        n = loss * length / (m * float(water.secant(np.array(t_in), np.array(t_out))))
        t_out = ground + (t_in - ground) * np.exp(-n)
    mean = np.array(ground + (t_in - ground) * -np.expm1(-n) / n)
    rho, mu = float(water.density(mean)), float(water.viscosity(mean))
    lam = float(factor(Settings().friction, np.array(4.0 * m / (np.pi * diameter * mu)), np.array(5e-4 / diameter)))
    return t_out, lam * 8.0 * length / (np.pi**2 * rho * diameter**5) * m * m, rho


def around(m, flow, depth, loss, steps):
    """What drives water through the main less what drives it through the valley [Pa], at flow m there."""
    supply = KELVIN + 90.0
    drop, t = along(flow - m, supply, 200.0, 0.1, loss)[1], supply
    for i in range(2 * steps):
        t, friction, rho = along(m, t, 300.0, 0.05, loss)
        drop -= friction - (1.0 if i < steps else -1.0) * Settings().gravity * rho * depth / steps
    return drop


VALLEYS = [(0.3, 5.0, 0.1, 1), (0.3, 60.0, 0.1, 2), (1.0, 20.0, 0.4, 1), (1.0, 60.0, 0.4, 2)]


@pytest.mark.parametrize(("flow", "depth", "loss", "steps"), VALLEYS)
def test_water_that_hampers_itself_in_a_valley(monkeypatch, flow, depth, loss, steps):
    """Passes alone end in a mean weight that is off by up to kilopascals; the flow is the root of one equation."""
    monkeypatch.setattr(coupled, "better", lambda state: state)
    mean = solve(valley(flow, depth, loss, steps))
    assert mean.status is Status.MEAN_WEIGHT and mean.residuals.weight > 100.0
    state = late.better(mean)
    case = (flow, depth, loss, steps)
    signs = np.sign([around(m, *case) for m in np.geomspace(1e-7, 0.99 * flow, 60)])
    assert np.count_nonzero(np.diff(signs)) == 1
    m = brentq(around, 1e-7, 0.99 * flow, args=case, xtol=1e-15, rtol=1e-14)
    assert m < 1e-2 and abs(mean.m[1] - m) > 0.01 * m
    assert state.status is Status.CONVERGED and state.certificate.within(0.1)
    assert state.m[1 : 1 + 2 * steps] == pytest.approx(np.full(2 * steps, m), rel=1e-4)
    assert state.m[0] + state.m[1] == pytest.approx(flow, rel=1e-9)
    t_out, drop, _ = along(flow - m, KELVIN + 90.0, 200.0, 0.1, loss)
    assert state.p[0] - state.p[1] == pytest.approx(drop, abs=0.1)
    assert state.t_out[0] == pytest.approx(t_out, abs=1e-4)
    assert state.t[3] == pytest.approx(along(m, KELVIN + 90.0, 300.0, 0.05, loss)[0], abs=1e-2)


@pytest.mark.parametrize("seed", [18, 39])
def test_random_networks_that_found_no_rest(monkeypatch, seed):
    monkeypatch.setattr(coupled, "better", lambda state: state)
    mean = solve(compile(odd_city(seed), checked=True), throw=False)
    assert mean.status is Status.MEAN_WEIGHT
    state = late.better(mean)
    assert state.status is Status.CONVERGED and state.detail == ""
    assert state.passes > mean.passes and state.steps > mean.steps
    assert state.certificate.within(0.1, 1e-6) and np.abs(left_over(state)).max() < 0.1
    assert state.residuals.weight < 0.1 and state.residuals.mass < 1e-9
    share = 1e-6 * np.abs(state.heat(Plant)).sum()
    assert max(state.certificate.energy, state.certificate.outlet, state.residuals.energy, state.residuals.balance) < share
    assert together(state).m == pytest.approx(state.m, rel=1e-3, abs=1e-6)  # it stays where it is


# ---------------------------------------------------------------- what is kept as it is


def test_a_solve_asks_for_it():
    state = solve(valley(0.3, 5.0, 0.1))
    assert state.status is Status.CONVERGED and state.certificate.within(0.1) and 0.0 < state.m[1] < 1e-3


@pytest.fixture(scope="module")
def unsettled():
    """A state whose weights do not agree."""
    with pytest.MonkeyPatch.context() as plain:
        plain.setattr(coupled, "better", lambda state: state)
        return solve(compile(valley(0.3, 5.0, 0.1)))


def searched(*_):
    raise AssertionError("nothing was to be searched for")


def test_networks_with_exchangers_are_kept(monkeypatch):
    monkeypatch.setattr(System, "of", searched)
    state = solve(town(Town(exchangers=1, homes=1)))
    assert state.status is Status.CONVERGED
    for status in (Status.MEAN_WEIGHT, Status.MAX_PASSES):
        given = replace(state, status=status)
        assert together(given) is None
        assert late.better(given) is given


def test_water_taken_in_at_held_nodes_is_not_known(monkeypatch, unsettled):
    monkeypatch.setattr(System, "of", searched)
    warm = np.where(unsettled.arrays.held, KELVIN + 50.0, np.nan)
    assert together(replace(unsettled, arrays=compile(unsettled.arrays.net.with_(Node, inflow_temperature=warm)))) is None


def test_large_networks_are_kept(unsettled, monkeypatch):
    monkeypatch.setattr(System, "of", searched)
    monkeypatch.setattr(sys.modules[together.__module__], "MANY", unsettled.arrays.edges - 1)
    assert together(unsettled) is None


def test_pressures_beyond_all_measure_are_kept(unsettled, monkeypatch):
    monkeypatch.setattr(System, "of", searched)
    for beyond in (1.01 * IMMENSE, -2.0 * IMMENSE):
        given = replace(unsettled, p=np.where(np.arange(unsettled.p.size) == 1, beyond, unsettled.p))
        assert together(given) is None
        assert late.better(given) is given


def test_too_few_steps_find_nothing(unsettled):
    given = replace(unsettled, settings=replace(unsettled.settings, max_passes=2))
    assert late.better(given) is given


@pytest.mark.parametrize("status", list(Status))
def test_only_what_did_not_settle_is_tried(unsettled, status):
    given = replace(unsettled, status=status)
    result = late.better(given)
    if status in (Status.MEAN_WEIGHT, Status.MAX_PASSES):
        assert result.status is Status.CONVERGED
    else:
        assert result is given


def test_weights_are_no_excuse_for_level_edges(unsettled):
    weight, level = unsettled.residuals.weight, np.arange(unsettled.p.size) == 1
    assert weight > 100.0 and late.holds(unsettled)
    main = replace(unsettled, p=unsettled.p - 20.0 * level)
    assert main.certificate.within(1.0 + weight) and not late.holds(main)  # the main is level
    low = np.arange(unsettled.p.size) == 3
    assert not late.holds(replace(unsettled, p=unsettled.p + (2.0 * weight + 10.0) * low))  # more than its weights are off


def test_weights_that_do_not_agree_are_named(unsettled):
    settled = late.better(unsettled)
    assert late.named(settled) is settled
    given = replace(unsettled, status=Status.CONVERGED, detail="so")
    named = late.named(given)
    assert named.status is Status.MEAN_WEIGHT
    assert named.detail == f"off by up to {given.residuals.weight:.2g} Pa; so"


# ---------------------------------------------------------------- water that all but stands


def test_share_of_water_on_its_way():
    m = np.array([0.0, 1e-9, 1e-6, LEAST_FLOW, 5e-5, 1e-3, 10.0])
    assert moving(m) == pytest.approx([1.0 - np.exp(-x / 1e-5) for x in m], rel=1e-6)
    assert moving(m)[0] == 0.0 and moving(m)[1] == pytest.approx(1e-4, rel=1e-4)
    assert np.abs(1.0 - moving(m)[-2:]).max() < 1e-12


def test_kernel_of_that_share():
    with jit.LOCK:
        jit.compile_module(vars(sweep))
    moves = vars(sweep)["moves"]

    @njit(error_model="numpy", nogil=True)
    def run(q, out):
        for i in range(0, q.size, 8):
            store(out, i, moves(load(8, q, i)))

    q = np.concatenate([[0.0], np.geomspace(1e-12, 1e3, 1599)])
    out = np.empty_like(q)
    run(q, out)
    assert out == pytest.approx(moving(q), rel=1e-12, abs=2e-16)


def hill(loss, height=30.0, opening=0.3):
    """A valve that hardly lets anything pass up a hill, a pipe down again, beside a user."""
    node = Node.of(id=["s", "r", "x"], pressure=[NONE, 3e5, NONE], height=[0.0, 0.0, height])
    pipe = Pipe.of(id=["down"], tail=["x"], head=["r"], length=[50.0], diameter=[0.05], loss=loss)
    plant = Plant.of(id=["p"], tail=["r"], head=["s"], lift=1e5, supply_temperature=KELVIN + 90.0)
    user = Consumer.of(id=["u"], tail=["s"], head=["r"], kvs=10.0)
    valve = Valve.of(id=["v"], tail=["s"], head=["x"], kvs=1e-4, opening=opening)
    return Network.of("hill", node, pipe, plant, user, valve)


@pytest.mark.parametrize("kind", [Valve, Pipe])
def test_mean_temperature_goes_to_the_ground_from_either_side(kind):
    """Of a valve, and of a pipe without loss; water at either end has a temperature of its own."""
    net, settings = compile(hill(0.0)), Settings()
    system, edge = System.of(net, settings, net.scene(settings.water, settings.gravity)), net.part(kind).span.start
    t, zero, ground = KELVIN + np.array([90.0, 30.0, 60.0]), np.zeros(net.edges), net.net.site.ground
    lag = Lag(np.inf, zero, t, zero, zero, np.zeros(net.nodes))

    def warm(m):
        at = Point(np.full(net.edges, m), np.zeros(net.nodes), np.zeros(0), t)
        return float(system.look(at, lag, np.zeros(net.edges, dtype=np.int32), t[net.tail]).warm[edge])

    ways = {1.0: t[net.tail[edge]], -1.0: t[net.head[edge]]}
    for way, inlet in ways.items():
        for m in (1e-12, 1e-7, 1e-5, 3e-5):
            assert warm(way * m) - ground == pytest.approx((inlet - ground) * (1.0 - np.exp(-m / 1e-5)), rel=1e-4)
        assert warm(way * 1e-3) == pytest.approx(inlet, abs=1e-9)
    assert warm(0.0) == ground
    steps = np.diff([warm(m) for m in np.linspace(-1e-4, 1e-4, 201)])
    assert np.abs(steps).max() < 1.01 * 1e-6 / LEAST_FLOW * (max(ways.values()) - ground)


def test_passes_weigh_a_creeping_valve():
    """Its flow and the pressure on the hill, from the weight of water that has half cooled down: 5 kPa less than that of warm water."""
    solver = Solver.of(compile(hill(0.15)))
    answer, general = solver.solve(), solver._general(None)
    site, g = answer.arrays.net.site, Settings().gravity
    for state in (answer, general):
        m = float(state.m[state.of(Valve)][0])
        share = 1.0 - np.exp(-m / 1e-5)
        assert 0.3 < share < 0.7
        rho = float(Water().density(np.array(site.ground + (KELVIN + 90.0 - site.ground) * share)))
        k = 1.296e9 / (rho * 3e-5**2)
        drop = state.p[0] - state.p[2] - rho * g * 30.0
        assert drop == pytest.approx(k * m * np.sqrt(m * m + 1e-3 / k), abs=0.1)
    assert answer.m == pytest.approx(general.m, rel=1e-6)


def test_plain_passes_are_left_where_weights_do_not_agree():
    """They end when inlets and outlets rest; the mean of what all but stands may not yet."""
    state = solve(hill(0.15, height=100.0, opening=1.0))
    assert state.certificate.within(1.0) and state.residuals.weight < 1.0
