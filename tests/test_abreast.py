"""Scenarios side by side whatever regulates: lane by lane the answers of single solves, with status, message and certificate."""


from pathlib import Path

import h5py
import numpy as np
import pytest
from cities import city, line
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from substations import Town, town

import heatnet
from heatnet import Case, Change, Pipe, Scenario, Settings, Solver, State, WeatherState, compile, effects, solve, solve_many
from heatnet.batch.axes import Axis
from heatnet.batch.keep import Keep
from heatnet.batch.plan import Plan
from heatnet.components import Consumer, Valve
from heatnet.network import Building, Network
from heatnet.schema import Bools
from heatnet.solve.abreast import Beside
from heatnet.solve.hydraulic import FREE, RIGID
from heatnet.units import KELVIN

COLD, WARM = Settings(heat=False), Settings()


def same(net: Network, scenarios: list[Scenario], settings: Settings, least: int) -> None:
    """All answers are those of single solves; at least so many were found side by side."""
    arrays = compile(net)
    many = solve_many(arrays, scenarios, settings)
    solver = Solver.of(arrays, settings)
    start = solver.solve(throw=False)
    assert len(scenarios) - many.alone >= least
    for row, scenario in enumerate(scenarios):
        state = Solver.of(arrays.with_changes(scenario), settings).solve(start=start, throw=False)
        assert (many.status[row], many.message[row]) == (state.status, state.message), scenario.name
        if not state.converged:
            assert np.isnan(many.m[row]).all()
            continue
        scale = np.abs(state.m).max()
        assert many.m[row] == pytest.approx(state.m, rel=1e-6, abs=1e-6 * scale), scenario.name
        sure = tied(state)
        assert (np.isnan(many.p[row]) == np.isnan(state.p)).all()
        assert many.p[row][sure] == pytest.approx(state.p[sure], abs=0.1), scenario.name
        if many.t is not None:
            assert many.t[row] == pytest.approx(state.t, abs=1e-4)


def tied(state: State) -> Bools:
    """Nodes whose pressure is told by laws; behind a shut pipe a device at its bound leaves it open."""
    arrays = state.arrays
    idle = np.abs(state.m) < 1e-9  # a device that nothing flows through may as well stand at its bound
    idle[state.of(Pipe)] = False
    law = np.isin(state.bound, (FREE, RIGID)) & ~arrays.dead & ~idle
    graph = coo_array((np.ones(law.sum()), (arrays.tail[law], arrays.head[law])), shape=(arrays.nodes, arrays.nodes))
    label = connected_components(graph, directed=False)[1]
    return np.isin(label, label[arrays.held])


def changes(net: Network) -> list[Scenario]:
    """A pipe narrowed, one shut, the weather, the plants, the inlets."""
    pipes, random = net[Pipe].id, np.random.default_rng(4)
    found = [Scenario("as it is"), Scenario("mild", (Change("site", "outdoor", KELVIN - 5.0),))]
    for k in random.integers(0, len(pipes), 3):
        found.append(Scenario(f"{pipes[k]} narrow", (Change("pipe", "diameter", 0.6 * float(net[Pipe].diameter[k]), (pipes[k],)),)))
        found.append(Scenario(f"{pipes[k]} shut", (Change("pipe", "service", 0.0, (pipes[k],)),)))
    found.append(Scenario("inlets", (Change("consumer", "kvs", 0.7 * np.nan_to_num(net[Consumer].kvs, nan=10.0)),)))
    if len(net[Building]):
        found.append(Scenario("walls", (Change("building", "conductance", 1.1 * net[Building].design_heat / 45.0),)))
    return found


def street(control: str, **columns: object) -> Network:
    """Six inlets of one control, the last ones starved in some scenarios."""
    net = line(6, lift=9e4, loss=0.6, diameter=[0.1, 0.09, 0.08, 0.08, 0.07, 0.05])
    return net.with_(Consumer, control=control, **columns)


DEVICES = {
    "flow": {"control": "flow", "flow": [0.5, 0.7, 0.4, 0.9, 0.2, 1.5]},
    "limited": {"control": "limited", "flow": 0.8},
    "load": {"control": "load", "return_temperature": KELVIN + 45.0},
    "thermostatic": {"control": "thermostatic", "room": KELVIN + 20.0},
    "controller": {"control": "fixed", "difference": 1e4, "controller_kvs": 12.0},
    "least opening": {"control": "fixed", "difference": 1e4, "controller_kvs": 12.0, "controller_least": 0.1},
}


@pytest.mark.parametrize("name", DEVICES)
@pytest.mark.parametrize("settings", [COLD, WARM], ids=["flow", "heat"])
def test_inlets_that_regulate(name: str, settings: Settings) -> None:
    given = dict(DEVICES[name])
    if name == "load" and not settings.heat:
        given["drop"], given["return_temperature"] = 25.0, np.nan
    net = street(str(given.pop("control")), **given)
    same(net, changes(net), settings, 0 if settings.heat and name in ("flow", "limited") else 7)


@pytest.mark.parametrize("control", ["difference", "reduce", "sustain", "check", "limit"])
def test_valves_that_regulate(control: str) -> None:
    net = line(4, lift=2e5)
    given = {
        "difference": {"control": "difference", "difference": 3e4, "high": "s2", "low": "r2"},
        "reduce": {"control": "reduce", "pressure": 3.2e5}, "sustain": {"control": "sustain", "pressure": 2.5e5},
        "check": {"control": "check"}, "limit": {"control": "flow", "flow": 1.0},
    }[control]
    known = Valve.columns()["control"].choices
    if given["control"] not in known:
        pytest.skip(f"no such control; known: {known}")
    pipe = net[Pipe]
    first = int(np.flatnonzero(pipe.head == "s1")[0]) if (pipe.head == "s1").any() else 1
    gate = Valve.of(id=["v"], tail=[pipe.tail[first]], head=["gate"], kvs=[60.0], **{key: [value] for key, value in given.items()})
    node = type(net.tables[heatnet.network.Node]).of(id=["gate"])
    tails = pipe.tail.copy()
    tails[first] = "gate"
    net = net.replace_table(net[heatnet.network.Node].joined(node)).replace_table(pipe.with_(tail=tails)).replace_table(gate)
    for settings in (COLD, WARM):
        same(net, changes(net), settings, 0)


def test_exchangers() -> None:
    net = town(Town(3, 3))
    same(net, changes(net), WARM, 7)
    short = town(Town(3, 3, lift=2.5e5, plant=KELVIN + 80.0), fouling=[0.0, 1.0, 3.0])
    same(short, changes(short), WARM, 5)


@pytest.mark.parametrize("seed", [3, 8, 34])
def test_anything_mixed(seed: int) -> None:
    net = city(seed)
    for settings in (COLD, WARM):
        if solve(net, settings, throw=False).converged:
            same(net, changes(net), settings, 0)


def test_certificates_are_those_of_single_solves() -> None:
    net = street("load", return_temperature=KELVIN + 45.0)
    arrays = compile(net)
    solver = Solver.of(arrays, WARM)
    beside = Beside.of(solver, solver.solve())
    assert beside is not None
    lanes = [beside.lane(arrays.with_changes(scenario)) for scenario in changes(net)]
    done = beside.solve(lanes)
    for lane, good in enumerate(done.good):
        if good:
            state = done.state_of(lane)
            alone = Solver.of(lanes[lane].arrays, WARM).solve(start=solver.solve())
            assert state.certificate.within(1e-2, 1e-9)
            assert state.residuals.energy == pytest.approx(alone.residuals.energy, abs=1.0)
            assert state.passes == alone.passes
            assert abs(state.steps - alone.steps) <= 2
            assert (state.bound == alone.bound).all()


def test_a_lane_that_fails_leaves_the_others_alone() -> None:
    """One asks for water that cannot flow: its status is that of a single solve, its neighbours keep their answers."""
    net = street("flow", flow=0.3)
    stuck = Scenario("stuck", (Change("node", "inflow", 5.0, ("s6",)), Change("pipe", "service", 0.0, ("ps5",))))
    names = set(net[Pipe].id) & {"ps5"}
    scenarios = [*changes(net)[:3], *([stuck] if names else []), *changes(net)[3:]]
    same(net, scenarios, COLD, 5)


def test_effects_of_loads() -> None:
    net = street("load", return_temperature=KELVIN + 45.0)
    states = (WeatherState("cold", 100.0), WeatherState("mild", 900.0, Scenario("", (Change("site", "outdoor", KELVIN - 10.0),))))
    cases = [one for one in changes(net) if one.name not in ("mild",)]
    found = effects(net, states, cases, "hlj_2021", keep_rooms=True)
    assert found.alone <= 3
    for row, case in enumerate(cases):
        for at, state in enumerate(states):
            one = effects(net.apply(state.scenario), states[:1], [case], "hlj_2021", keep_rooms=True)
            if np.isfinite(one.values).all():
                assert found.rooms[row, at] == pytest.approx(one.rooms[0, 0], abs=1e-4)
                assert found.figure("heat")[row, at] == pytest.approx(one.figure("heat")[0, 0], rel=1e-6)


def test_files_of_runs_hold_certificates(tmp_path: Path) -> None:
    """Every scenario's certificate is that of its single solve; exchangers follow their heating curve in other weather."""
    net = town(Town(2, 2), supply_temperature=np.nan, curve="reset")
    points = tuple((Change("site", "outdoor", KELVIN + t),) for t in (-20.0, -8.0, 2.0))
    outages = (Change("pipe", "diameter", 0.08, (net[Pipe].id[0],)),), (Change("pipe", "service", 0.0, (net[Pipe].id[0],)),)
    axes = Axis("weather", ("cold", "cool", "mild"), points), Axis("works", ("narrow", "shut"), outages)
    case = Case("towns", net, Scenario(""), WARM, heatnet.profile("hlj_2021"), plan=Plan(axes, Keep(("node.temperature",))))
    result = heatnet.run(case, tmp_path / "run.h5", engine="threads")
    kept = result.frame("node.temperature").to_numpy()
    with h5py.File(result.path) as file:
        told = {name: data[()] for name, data in file["scenario"].items() if name.startswith(("certificate", "beside"))}
    assert told["beside"].sum() >= 3
    for number in range(case.plan.count):
        state = solve(net.apply(case.plan.scenario(number, net)), throw=False)
        assert np.isnan(told["certificate_pressure"][number]) == (not state.converged)
        if state.converged:
            assert kept[number] == pytest.approx(state.t, abs=1e-4)
            assert told["certificate_pressure"][number] < 1e-2
            assert told["certificate_mass"][number] < 1e-9
            assert told["certificate_complementarity"][number] < 1e-2
    assert "certificate, largest violations: pressure" in result.summary()
    assert f"solved side by side: {told['beside'].sum()}" in result.summary()
