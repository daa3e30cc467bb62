"""The search for what regulators throttle and lift: small networks that show why it once ran out of steps."""

import sys

import numpy as np
import pytest
from cities import COLD, WATER, nodes, pipes, solved

from benchmarks.odd_city import odd_city
from benchmarks.robust import verdict
from heatnet import arrays
from heatnet.arrays import compile
from heatnet.components import Consumer, Plant, Pump, Valve
from heatnet.network import Network
from heatnet.solve import Settings, hydraulic, limits, solve
from heatnet.solve.control import Control
from heatnet.solve.coupled import Solver
from heatnet.solve.interior import from_anywhere
from heatnet.units import G


def beside(**user):
    """A plant of 10 bar between r (2 bar) and s, and one inlet behind whatever leads from s to m."""
    plant = Plant.of(id=["plant"], tail=["r"], head=["s"], lift=[1e6], supply_temperature=350.0)
    return nodes("s m r", {"r": 2e5}), plant, Consumer.of(id=["u"], tail=["m"], head=["r"], kvs=[2.0], **user)


@pytest.mark.parametrize("kvs", [0.01, 1.0, 100.0])
def test_a_difference_valve_that_has_to_close(kvs):
    """Beside it the same inlet is fed without limit: its flow goes as a root of u, over which Newton's step swings to and fro."""
    node, plant, user = beside()
    gate = Valve.of(
        id=["v", "w"], tail=["s", "s"], head=["m", "m"], kvs=[kvs, 3.0], control=["difference", "fixed"], difference=[1e4, np.nan],
        high=["m", ""], low=["r", ""],
    )
    state = solved(Network.of("beside", node, plant, user, gate), COLD)
    assert state.certificate.within(1e-2, 1e-9)
    assert state.m[state.of(Valve)][0] == pytest.approx(0.0, abs=1e-12)
    assert list(state.frame("valve")["state"]) == ["closed", "fixed"]
    assert state.steps <= 50


@pytest.mark.parametrize(("near", "far"), [(1e5, 2e5), (2e5, 1e5)])
def test_a_difference_valve_under_pressure_from_behind(near, far):
    """Open it lets water back, as a plain valve does; while it throttles it does not."""
    node = nodes("s m r", {"r": 2e5})
    gate = Valve.of(id=["v"], tail=["s"], head=["m"], kvs=[10.0], control="difference", difference=1e4, high=["m"], low=["r"])
    users = Consumer.of(id=["a", "b"], tail=["m", "s"], head=["r", "r"], kvs=[2.0, 5.0])
    plant = Plant.of(id=["p", "q"], tail=["r", "r"], head=["s", "m"], lift=[near, far], supply_temperature=350.0)
    state = solved(Network.of("behind", node, gate, users, plant), COLD)
    assert state.certificate.within(1e-2, 1e-9)
    back = -10.0 / 3.6 * np.sqrt((far - near) / 1e5) if far > near else 0.0
    assert state.m[state.of(Valve)][0] == pytest.approx(back * np.sqrt(state.fluid(Valve).rho[0] / 1e3), rel=1e-3)
    assert state.steps <= 20


def test_a_reducing_valve_before_a_given_flow():
    """Its flow never says how far it has to go; the pressure behind it does."""
    node, plant, user = beside(control="flow", flow=[0.07])
    gate = Valve.of(id=["v"], tail=["s"], head=["m"], kvs=[1000.0], control="reduce", pressure=[2.5e5])
    state = solved(Network.of("given", node, plant, user, gate), COLD)
    assert state.p[state.arrays.head[state.of(Valve)]] == pytest.approx([2.5e5], abs=0.1)
    assert state.steps <= 20


@pytest.mark.parametrize("kvs", [1.0, 30.0, 300.0])
@pytest.mark.parametrize("flow", [3.0, 30.0])
def test_two_valves_in_one_branch_that_both_have_to_close(kvs, flow):
    """One wants 3 bar behind it, the other 5 bar before it: each needs what the other throttles, at pressures of a forced flow."""
    node = nodes("s m n r", {"r": 2e5})
    gate = Valve.of(id=["v", "w"], tail=["s", "n"], head=["m", "r"], kvs=kvs, control=["reduce", "sustain"], pressure=[3e5, 5e5])
    user = Consumer.of(id=["u"], tail=["s"], head=["r"], kvs=[2.0])
    plant = Plant.of(id=["p"], tail=["r"], head=["s"], control="flow", flow=[flow], supply_temperature=350.0)
    state = solved(Network.of("pair", node, gate, user, plant, pipes(("p", "m", "n"), length=10.0, diameter=0.05)), COLD)
    assert state.certificate.within(1e-2, 1e-9)
    assert state.m[state.of(Valve)] == pytest.approx([0.0, 0.0], abs=1e-9)
    assert state.steps <= 400


def test_a_pump_that_feeds_itself():
    """More lift brings more flow, and that asks for more lift still: where these just meet Newton's step turns back, a pump runs on."""
    node = nodes("a b r", {"r": 0.0})
    user = Consumer.of(id=["u"], tail=["b"], head=["r"], kvs=[5.0])
    pump = Pump.of(
        id=["pump"], tail=["r"], head=["b"], shutoff_head=10.0, rated_head=7.0, rated_flow=1e-3, control="proportional", lift=3e4,
        lift_least=5e3,
    )
    plant = Plant.of(id=["p"], tail=["r"], head=["a"], lift=[3e3], supply_temperature=350.0)
    net = Network.of("pump", node, user, pump, plant, Valve.of(id=["v"], tail=["a"], head=["b"], kvs=[100.0]))
    solver = Solver.of(arrays.compile(net, checked=True), COLD)
    run, at = hydraulic.own(solver.run), solver.cold[1].copy()
    at.u[:] = 3100.0  # all but what keeps it shut
    outcome = Control(run, (1e-2, 1e-9, 100), None).solve(at, warm=False)
    assert outcome.converged
    m = at.m[run.task.arrays.program.place][run.task.arrays.part(Pump).span]
    rated = run.task.regulators.slope[0] * m[0]
    assert at.u == pytest.approx([5e3 + rated], abs=0.1)
    assert outcome.steps <= 100


def test_pumps_that_feed_each_other():
    """Two in a row, each with a gain below one: together they turn Newton's step back as a single one of gain above one does."""
    node = nodes("a b c r", {"r": 0.0})
    user = Consumer.of(id=["u"], tail=["c"], head=["r"], kvs=[5.0])
    pump = Pump.of(
        id=["p", "q"], tail=["r", "b"], head=["b", "c"], shutoff_head=10.0, rated_head=7.0, rated_flow=1e-3, control="proportional",
        lift=7100.0, lift_least=1600.0,
    )
    plant = Plant.of(id=["plant"], tail=["r"], head=["a"], lift=[3e3], supply_temperature=350.0)
    net = Network.of("pumps", node, user, pump, plant, Valve.of(id=["v"], tail=["a"], head=["c"], kvs=[10.0]))
    solver = Solver.of(arrays.compile(net, checked=True), COLD)
    run, at = hydraulic.own(solver.run), solver.cold[1].copy()
    at.u[:] = 0.0
    outcome = Control(run, (1e-2, 1e-9, 100), None).solve(at, warm=False)
    m = at.m[run.task.arrays.program.place][run.task.arrays.part(Pump).span]
    assert outcome.converged
    assert at.u == pytest.approx(1600.0 + run.task.regulators.slope * m, abs=0.1)
    assert outcome.steps <= 400


@pytest.mark.parametrize("flow", [1e-3, 1e-5, 1e-6])
def test_a_flow_too_small_to_be_told_from_its_bound(flow):
    """A check valve for 100 kg/s behind an inlet that takes a millionth of it was read off as shut, which no pressure can mend."""
    node, plant, _ = beside()
    gate = Valve.of(id=["v"], tail=["m"], head=["r"], kvs=[1000.0], control="check")
    user = Consumer.of(id=["u"], tail=["s"], head=["m"], kvs=[2.0], control="flow", flow=[flow])
    solver = Solver.of(arrays.compile(Network.of("tiny", node, gate, user, plant), checked=True), COLD)
    run, at = solver.run, solver.cold[1].copy()
    assert from_anywhere(run, at, (1e-3, 1e-9, 100), None).converged
    assert at.m[run.task.arrays.program.place][run.task.arrays.part(Valve).span] == pytest.approx([flow], abs=1e-9)
    assert np.abs(hydraulic.residual(run, at)).max() < 1e-2


def test_where_one_step_is_cut_the_others_follow():
    """u may grow to four times itself and 3 bar; the second then takes what its own equation asks for beside that."""
    control = object.__new__(Control)
    control.regs = type("Two", (), {"lift": np.zeros(2, dtype=bool), "most": np.full(2, np.inf)})()
    jacobian, f, u = np.array([[1e-3, 0.0], [-0.5, 1.0]]), np.array([-1e4, 2.0]), np.array([1e5, 1e5])
    step = control._cut(jacobian, f, u)
    assert step[0] == pytest.approx(6e5)
    assert jacobian[1] @ step == pytest.approx(-f[1])


@pytest.mark.parametrize(
    ("seed", "heat"),
    [(318, False), (1613, False), (2309, False), (2464, False), (2358, False), (3067, False), (4997, False), (4269, True), (3393, True)],
)
def test_random_networks_that_ran_out_of_steps(seed, heat):
    state = solve(arrays.compile(odd_city(seed), checked=True), Settings(heat=heat), throw=False)
    assert verdict(state) in ("CONVERGED", "MEAN_WEIGHT"), state.message


# ---------------------------------------------------------------- bounds of what lifts much


def test_a_pump_that_lifts_much_opens_for_little():
    """At 2 MPa 1.5 Pa less than it lifts stand against it: it runs, though it stood before and 1.5 Pa are a millionth."""
    pump = Pump.of(id=["u"], tail=["r"], head=["a"], control="curve", shutoff_head=204.0, rated_head=150.0, rated_flow=0.01, exponent=2.0)
    most = 204.0 * WATER.rho * G
    pipe = pipes(("p", "a", "s"))
    shut, runs = (Network.of("high", nodes("r a s", {"r": 2e5, "s": 2e5 + most + over}), pump, pipe) for over in (1.5, -1.5))
    before = solved(shut, COLD)
    assert before.m == pytest.approx(np.zeros(2), abs=1e-9)
    after = solved(runs, COLD, start=before)
    assert after.certificate.within(1e-2, 1e-9)
    flow = 0.01 * WATER.rho * np.sqrt(1.5 / (most - 150.0 * WATER.rho * G))
    assert 0.5 * flow < after.m[after.of(Pump)][0] < flow  # the pipe takes some of it


@pytest.mark.parametrize(("loss", "spare"), [(0.0, 1e-6), (-4e4, 0.04), (2e6, 0.1), (-np.inf, 0.1)])
def test_what_is_near_a_bound(loss, spare):
    assert limits.spare(loss) == pytest.approx(spare, rel=1e-3)


def test_regulators_go_on_once_more(monkeypatch):
    """Where rounds run out they go on from where they are, with nothing remembered; not from an answer that is only to be made finer."""
    run, worst = Control._rounds, []

    def counted(control, now):
        worst.append(run(control, now))
        return worst[-1]

    monkeypatch.setattr(Control, "_rounds", counted)
    monkeypatch.setattr(sys.modules[Control.__module__], "ROUNDS", 3)
    state = solve(compile(odd_city(10, 90), checked=True), Settings(heat=False), throw=False)
    assert verdict(state) == "CONVERGED"
    assert len(worst) == 2 and worst[0].worst > 1.0 and worst[1].worst < 1e-2
    assert state.steps > worst[0].outcome.steps
    worst.clear()
    cold = Solver.of(compile(odd_city(10, 90), checked=True), Settings(heat=False))
    at = cold.cold[1].copy()
    outcome = Control(hydraulic.own(cold.run), (1e-2, 1e-9, 100), None).solve(at, warm=True)
    assert len(worst) == 1 and not outcome.converged
