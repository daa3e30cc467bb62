"""Gradients against central differences of the whole coupled solve, on looped networks with mixing and all kinds of inlets."""

import numpy as np
import pytest
from cities import pipes
from meshed import meshed

import heatnet
from heatnet import Consumer, Deficit, HeatnetError, Pipe, Plant, Pump, Scenario, Settings, Valve, compile, sensitivities
from heatnet.network import Building, Node
from heatnet.sensitivity import estimate
from heatnet.solve import solve
from heatnet.units import KELVIN

TIGHT = Settings(pressure_tolerance=1e-9, mass_tolerance=1e-12, temperature_tolerance=1e-11, flow_tolerance=1e-12)
STEPS = {"zeta": 1e-2, "loss": 1e-3}  # relative; else 1e-4: these act nearly linearly and little
CHECKED = {
    "pipe": ("diameter", "roughness", "zeta", "loss"), "valve": ("kvs", "opening"), "pump": ("speed",),
    "plant": ("supply_temperature", "lift", "flow"), "consumer": ("kvs", "opening", "flow"), "building": ("radiator", "conductance"),
}


def value(net, deficit, start=None):
    state = solve(compile(net, checked=True), TIGHT, start=start)
    return deficit.value(heatnet.rooms(state).temperature), state


def central(net, kind, column, row, deficit, start):
    """Central difference of the whole solve."""
    table = net.tables[heatnet.network.KINDS[kind]]
    ends, step = [], STEPS.get(column, 1e-4)
    for sign in (1, -1):
        moved = getattr(table, column).copy()
        moved[row] *= 1 + sign * step
        ends.append(value(net.with_(type(table), **{column: moved}), deficit, start)[0])
    return (ends[0] - ends[1]) / (2 * step * getattr(table, column)[row])


@pytest.mark.parametrize("load", [False, True])
def test_gradients_are_those_of_the_whole_solve(load):
    net = meshed(load=load)
    deficit = Deficit(KELVIN + 24.0, net[Building].households)
    j, state = value(net, deficit)
    assert j > 20.0
    found = sensitivities(state, deficit)
    assert found.value == pytest.approx(j, rel=1e-12)
    worst = {}
    for kind, columns in CHECKED.items():
        for column in columns:
            mine = found.gradient[kind][column]
            values = getattr(net.tables[heatnet.network.KINDS[kind]], column)
            rows = [row for row in range(mine.size) if mine[row] != 0.0 and np.isfinite(values[row]) and values[row] != 0.0]
            size = np.abs(mine * values)[rows].max(initial=0.0)
            for row in rows[:: 3 if load and kind == "pipe" else 1]:
                want = central(net, kind, column, row, deficit, state)
                worst[kind, column, row] = abs(mine[row] - want) * abs(values[row]) / max(abs(want * values[row]), 1e-3 * size)
    assert max(worst.values()) < 5e-6, sorted(worst.items(), key=lambda item: -item[1])[:30]


def test_capacity_given_heat_and_warm_inflow():
    """A plant beyond its capacity, an inlet of given heat, make-up water of its own temperature."""
    net = meshed(second=False)
    net = net.with_(Plant, capacity=[6e5, np.nan]).with_(Consumer, heat_given=[np.nan, 6e4, *[np.nan] * 6])
    inflow = np.zeros(len(net[Node]))
    inflow[:2] = -0.2, 0.0
    net = net.with_(Node, inflow=inflow, inflow_temperature=[np.nan] * 10 + [KELVIN + 15] + [np.nan] * 12)
    deficit = Deficit(KELVIN + 24.0, net[Building].households)
    _, state = value(net, deficit)
    assert state.t_out[state.of(Plant)][0] < KELVIN + 77
    assert state.exchange.max() > 0.19
    found = sensitivities(state, deficit)
    for kind, column, rows in (("pipe", "diameter", (0, 5, 10, 15, 22)), ("plant", "lift", (0,)), ("consumer", "kvs", (1, 2))):
        for row in rows:
            want = central(net, kind, column, row, deficit, state)
            assert found.gradient[kind][column][row] == pytest.approx(want, rel=1e-5), (kind, column, row)


def test_thermostats_limiters_and_controllers():
    """Inlets whose flow a thermostat, a limiter or a controller of differential pressure decides."""
    net = meshed()
    control = ["thermostatic", "fixed", "limited", "fixed", "fixed", "thermostatic", "fixed", "limited"]
    room = [KELVIN + 1.0] * 5 + [KELVIN + 17.5] * 3
    net = net.with_(Consumer, control=control, flow=[np.nan] * 2 + [1.2] + [np.nan] * 4 + [0.9], room=room)
    net = net.with_(Consumer, difference=[np.nan, 1.5e4, np.nan, np.nan, np.nan, np.nan, np.nan, np.nan])
    deficit = Deficit(KELVIN + 24.0, net[Building].households)
    _, state = value(net, deficit)
    assert state.bound[state.of(Consumer)].tolist() == [1, 1, 1, 0, 0, 1, 0, 1]
    found = sensitivities(state, deficit)
    checks = (
        ("pipe", "diameter", (0, 5, 10, 15, 22)), ("plant", "lift", (0,)), ("consumer", "kvs", (1, 3)), ("consumer", "opening", (1,)),
        ("consumer", "flow", (2, 7)), ("building", "radiator", (0, 1, 5, 8)), ("building", "conductance", (0, 5, 8)),
        ("plant", "supply_temperature", (0, 1)), ("pipe", "loss", (3, 10)),
    )
    for kind, column, rows in checks:
        for row in rows:
            want = central(net, kind, column, row, deficit, state)
            assert found.gradient[kind][column][row] == pytest.approx(want, rel=1e-5), (kind, column, row)


def test_a_new_link_by_its_topological_derivative():
    """Deficit by the little water that a hair-thin new pipe carries, over that water."""
    net = meshed()
    deficit = Deficit(KELVIN + 24.0, net[Building].households)
    j, state = value(net, deficit)
    found = sensitivities(state, deficit)
    for tail, head in (("s4", "s9"), ("s0", "s7"), ("r9", "r3")):
        thin = pipes(("thin", tail, head), length=1.0, diameter=8e-4, loss=0.0)
        after, moved = value(net.apply(Scenario("", (), (thin,))), deficit)
        flow = moved.m[moved.of(Pipe)][-1]
        ends = found.nodes([tail] if flow > 0 else [head]), found.nodes([head] if flow > 0 else [tail])
        assert (after - j) / abs(flow) == pytest.approx(found.link(*ends)[0], rel=2e-3)


def test_states_add_up_by_hours_and_frames_say_units():
    net = meshed()
    deficit = Deficit(KELVIN + 24.0, net[Building].households)
    cold, mild = (value(net.with_site(outdoor=KELVIN + t), deficit)[1] for t in (-24.2, -10.0))
    both = sensitivities([cold, mild], deficit, [10.0, 200.0])
    one, other = sensitivities(cold, deficit), sensitivities(mild, deficit)
    np.testing.assert_allclose(
        both.gradient["pipe"]["diameter"], 10 * one.gradient["pipe"]["diameter"] + 200 * other.gradient["pipe"]["diameter"]
    )
    assert both.value == pytest.approx(10 * one.value + 200 * other.value)
    frame = both.frame("pipe")
    mm = frame["diameter [K h household per mm]"]
    assert mm["ps10"] == pytest.approx(1e-3 * both.gradient["pipe"]["diameter"][10])
    assert frame["worth of a metre 1 mm wider [K h household]"]["ps10"] == pytest.approx(-mm["ps10"] / 200.0)
    with pytest.raises(ValueError, match="known: pipe"):
        both.frame("street")
    with pytest.raises(ValueError, match="no node 'x'"):
        both.nodes(["x"])
    with pytest.raises(ValueError, match="3 numbers of hours"):
        sensitivities([cold, mild], deficit, [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="no room answers"):
        sensitivities(solve(compile(net, checked=True), Settings(heat=False)), deficit)


@pytest.mark.parametrize(
    ("valve", "plant", "pump", "holds"),
    [
        ({"control": "reduce", "pressure": 4.6e5}, {}, {}, 1),
        ({"control": "sustain", "pressure": 4.6865e5}, {}, {}, 1),
        ({"control": "difference", "difference": 8e4, "high": "s2", "low": "r2"}, {}, {}, 1),
        ({}, {"control": ["remote", "flow"], "difference": [3e4, np.nan], "lift": [2e5, np.nan]}, {}, 1),
        (
            {"control": "difference", "difference": 8e4, "high": "s2", "low": "r2"}, {},
            {"control": ["remote"], "difference": [8e4], "sensor": ["u8"], "speed": [1.5]}, 2,
        ),
    ],
)
def test_regulators_that_hold_what_is_elsewhere(valve, plant, pump, holds):
    """Reducing, sustaining and differential-pressure valve, a plant and a pump by a remote difference, alone and two at once."""
    net = meshed().with_(Valve, **valve).with_(Plant, **plant).with_(Pump, **pump)
    deficit = Deficit(KELVIN + 24.0, net[Building].households)
    _, state = value(net, deficit)
    found = sensitivities(state, deficit)
    assert found.each[0].border.of.edge.size == holds
    checks = (
        ("pipe", "diameter", (0, 5, 10, 13, 22)), ("pipe", "loss", (3, 10)), ("consumer", "kvs", (1, 3)),
        ("plant", "supply_temperature", (0, 1)), ("plant", "flow", (1,)), ("building", "radiator", (0, 5)),
    )
    for kind, column, rows in checks:
        mine = found.gradient[kind][column]
        for row in rows:  # small ones against a thousandth of the largest
            want = central(net, kind, column, row, deficit, state)
            assert mine[row] == pytest.approx(want, rel=1e-5, abs=1e-8 * np.abs(mine).max()), (kind, column, row)
    if valve:
        assert found.gradient["valve"]["kvs"][0] == 0.0
    with pytest.raises(HeatnetError, match="no estimates of finite changes"):
        estimate(found, "pipe", np.array([0], dtype=np.int32), {"diameter": np.array([0.2])})


def test_devices_that_answer_to_their_own_flow_are_named():
    net = meshed().with_(Pump, control="proportional", lift=[2e4], speed=[1.5])
    state = solve(compile(net, checked=True))
    with pytest.raises(HeatnetError, match="pump 'q'"):
        sensitivities(state)


def test_a_plant_at_its_largest_lift_is_worth_that_lift():
    net = meshed().with_(Plant, control=["remote", "flow"], difference=[6e4, np.nan], lift=[9e4, np.nan])
    deficit = Deficit(KELVIN + 24.0, net[Building].households)
    _, state = value(net, deficit)
    found = sensitivities(state, deficit).gradient["plant"]["lift"]
    assert found[0] == pytest.approx(central(net, "plant", "lift", 0, deficit, state), rel=1e-5)
