"""What regulates, against closed forms: alone, in series, in parallel; held, starved, closed; and qualitative laws of balance."""

import math
from dataclasses import replace

import numpy as np
import pytest
from cities import COLD, WATER, line, nodes, pipes, solved
from hypothesis import given, settings
from hypothesis import strategies as st

import heatnet
from heatnet import Change, ModelError, Scenario, arrays
from heatnet.components import Consumer, Pipe, Plant, Pump, Valve, thermostat
from heatnet.network import Building, Network, Node
from heatnet.solve import Settings, Status
from heatnet.units import KELVIN

RHO = WATER.rho


def square(kv):
    """Pa s2/kg2."""
    return 1.296e9 / (RHO * kv**2)


def zone(lift, **valve):
    """A plant, a valve, and two inlets behind it: Kv 10 and 20."""
    node = nodes("s m r", {"r": 2e5})
    gate = Valve.of(id=["v"], tail=["s"], head=["m"], kvs=[40.0], **{name: [value] for name, value in valve.items()})
    users = Consumer.of(id=["a", "b"], tail=["m", "m"], head=["r", "r"], kvs=[10.0, 20.0])
    plant = Plant.of(id=["p"], tail=["r"], head=["s"], lift=[lift], supply_temperature=350.0)
    return Network.of("zone", node, gate, users, plant)


def state_of(state, kind):
    return list(state.frame(kind)["state"])


def whole(state):
    """An answer that its certificate bears out."""
    assert state.certificate.within(1e-2, 1e-9), state.certificate
    return state


# ---------------------------------------------------------------- consumers


def test_limiter_takes_its_set_flow_or_what_the_open_valve_gives():
    for lift, expected, name in ((1e5, 1.0, "served"), (2e4, 1.0, "served"), (1e4, math.sqrt(1e4 / square(10.0)), "starved")):
        node = nodes("s r", {"r": 2e5})
        user = Consumer.of(id=["u"], tail=["s"], head=["r"], kvs=[10.0], control="limited", flow=[1.0])
        plant = Plant.of(id=["p"], tail=["r"], head=["s"], lift=[lift], supply_temperature=350.0)
        state = whole(solved(Network.of("n", node, user, plant), COLD))
        frame = state.frame("consumer")
        assert state.m[state.of(Consumer)][0] == pytest.approx(expected, rel=1e-6)
        assert list(frame["state"]) == [name]
        missing = 0.0 if name == "served" else (square(10.0) - 1e4) / 1e3
        assert frame["missing [kPa]"].iloc[0] == pytest.approx(missing, rel=1e-5, abs=1e-3)


@given(st.floats(20, 90), st.floats(1.0, 1.9), st.floats(0.02, 0.98), st.floats(1e2, 1e5))
def test_thermostat_asks_for_the_flow_that_gives_the_heat(a, n, part, kappa):
    """Q(C) at the capacity rate found is the heat asked for; its steepness is the derivative."""
    one = np.ones(1)
    heat = part * kappa * a**n * one
    c, answer = thermostat.needed_capacity(a * one, heat, kappa * one, n * one)
    k = n - 1.0
    left = a * math.exp(-kappa / c[0]) if k < 1e-9 else a * (1 + k * kappa / c[0] * a**k) ** (-1 / k)
    assert c[0] * (a - left) == pytest.approx(heat[0], rel=1e-9)
    step = 1e-4 * a
    up, down = (thermostat.needed_capacity((a + s) * one, heat, kappa * one, n * one)[0][0] for s in (step, -step))
    if np.isfinite([up, down]).all() and part < 0.95:
        assert answer[0] == pytest.approx(-(math.log(up) - math.log(down)) / (2 * step), rel=1e-3)


def test_thermostat_keeps_the_room_or_says_why_not():
    warm = whole(solved(line(6, lift=3e5, control="thermostatic", kvs=10.0, loss=0.3)))
    assert heatnet.rooms(warm).temperature - KELVIN == pytest.approx(np.full(6, 20.0), abs=1e-5)
    assert set(state_of(warm, "consumer")) == {"served"}
    cooler = whole(solved(line(6, lift=3e5, control="thermostatic", kvs=10.0, loss=0.3, room=KELVIN + 18.0)))
    assert heatnet.rooms(cooler).temperature - KELVIN == pytest.approx(np.full(6, 18.0), abs=1e-5)
    assert np.all(cooler.m[cooler.of(Consumer)] < warm.m[warm.of(Consumer)])
    poor = whole(solved(line(6, lift=3e4, control="thermostatic", kvs=6.0)))
    rooms = heatnet.rooms(poor).frame()
    assert set(rooms["inlet"]) == {"starved"}
    assert np.all(rooms["missing [kPa]"] > 1.0)
    assert np.all(rooms["room [degC]"] < 20.0)
    cold = whole(solved(line(2, supply=45.0, control="thermostatic", kvs=6.0)))
    assert set(state_of(cold, "consumer")) == {"cold"}  # no flow is enough: fully open
    assert poor.difference(Consumer)[0] == pytest.approx(square(6.0) * poor.m[poor.of(Consumer)][0] ** 2, rel=0.02)


def test_several_buildings_behind_a_thermostat():
    """It opens for the coldest: one with small radiators has its 20 degC, the others are warmer."""
    net = line(1, lift=3e5, control="thermostatic", kvs=20.0)
    homes = Building.of(id=["b0", "b1"], consumer=["u0", "u0"], design_heat=[1e5, 5e4], radiator=[1.0, 0.85])
    room = heatnet.rooms(whole(solved(net.replace_table(homes)))).temperature - KELVIN
    assert room[1] == pytest.approx(20.0, abs=1e-5)
    assert room[0] > 20.5


def test_cold_far_thermostats_agree_in_few_passes():
    """Loop gains above one, where lagged valves swing or stall."""
    for loss in (0.3, 2.0, 5.0):
        net = line(12, lift=4e5, loss=loss, length=150.0, control="thermostatic", kvs=20.0, supply=85.0)
        state = whole(solved(net))
        assert state.passes <= 25, (loss, state.passes)
        served = np.array(state_of(state, "consumer")) == "served"
        assert heatnet.rooms(state).temperature[served] - KELVIN == pytest.approx(np.full(served.sum(), 20.0), abs=1e-5)


# ---------------------------------------------------------------- controllers


def test_controller_in_front_of_a_consumer():
    """q = min(sqrt(set/K_b), sqrt(dp/(K_b + K_c)))."""
    node = nodes("s r", {"r": 2e5})
    for lift, least in ((1e5, 0.0), (3e4, 0.0), (1e5, 0.6), (2e5, 0.3)):
        user = Consumer.of(
            id=["u"], tail=["s"], head=["r"], kvs=[16.0], difference=[2e4], controller_kvs=[10.0], controller_least=[least]
        )
        plant = Plant.of(id=["p"], tail=["r"], head=["s"], lift=[lift], supply_temperature=350.0)
        state = whole(solved(Network.of("n", node, user, plant), COLD))
        held, open_ = math.sqrt(2e4 / square(16.0)), math.sqrt(lift / (square(16.0) + square(10.0)))
        tight = math.sqrt(lift / (square(16.0) + square(10.0 * least))) if least else 0.0
        assert state.m[state.of(Consumer)][0] == pytest.approx(max(min(held, open_), tight), rel=1e-6)


@pytest.mark.parametrize(
    ("lift", "least", "expected"),
    [(1e5, 0.0, "holds"), (2e4, 0.0, "starved"), (1e5, 0.9, "least"), (1e6, 0.0, "holds"), (3e4, 0.0, "starved")],
)
def test_controller_of_a_branch(lift, least, expected):
    state = whole(solved(zone(lift, control="difference", difference=3e4, high="m", low="r", least=least), COLD))
    users = 1 / (1 / math.sqrt(square(10.0)) + 1 / math.sqrt(square(20.0))) ** 2
    flows = {
        "holds": math.sqrt(3e4 / users), "starved": math.sqrt(lift / (users + square(40.0))),
        "least": math.sqrt(lift / (users + square(40.0 * least))) if least else 0.0,
    }
    assert state_of(state, "valve") == [expected]
    assert state.m[state.of(Valve)][0] == pytest.approx(flows[expected], rel=1e-6)


def test_controllers_in_series_and_in_parallel():
    """A controller of a district before controllers of two streets, one of which it starves."""
    node = nodes("s d a b r", {"r": 2e5})
    gate = Valve.of(
        id=["d", "a", "b"], tail=["s", "d", "d"], head=["d", "a", "b"], kvs=[60.0, 40.0, 40.0], control="difference",
        difference=[5e4, 2e4, 8e4], high=["d", "a", "b"], low="r",
    )
    users = Consumer.of(id=["u", "v"], tail=["a", "b"], head=["r", "r"], kvs=[20.0, 20.0])
    plant = Plant.of(id=["p"], tail=["r"], head=["s"], lift=[2e5], supply_temperature=350.0)
    state = whole(solved(Network.of("n", node, gate, users, plant), COLD))
    assert state_of(state, "valve") == ["holds", "holds", "starved"]
    assert state.p[1:3] - 2e5 == pytest.approx([5e4, 2e4], abs=0.05)
    m = state.m[state.of(Valve)]
    assert m == pytest.approx([m[1] + m[2], math.sqrt(2e4 / square(20.0)), math.sqrt(5e4 / (square(20.0) + square(40.0)))], rel=1e-6)


def test_branch_limiter_and_check_valve():
    users = 1 / (1 / math.sqrt(square(10.0)) + 1 / math.sqrt(square(20.0))) ** 2
    for lift, limit, expected in ((1e5, 3.0, "holds"), (1e4, 3.0, "starved")):
        state = whole(solved(zone(lift, control="flow", flow=limit), COLD))
        assert state.m[state.of(Valve)][0] == pytest.approx(min(3.0, math.sqrt(lift / (users + square(40.0)))), rel=1e-6)
        assert state_of(state, "valve") == [expected]
    for control, flows in (("check", False), ("fixed", True)):
        net = zone(1e5, control=control)
        net = net.replace_table(net[Valve].with_(tail="m", head="s"))
        state = whole(solved(net, COLD))
        assert (state.m[state.of(Valve)][0] < -1.0) == flows
        assert state_of(state, "valve") == ["fixed" if flows else "closed"]


@pytest.mark.parametrize(
    ("control", "pressure", "held", "expected"),
    [
        ("reduce", 2.5e5, 2.5e5, "holds"), ("reduce", 4e5, 2.64e5, "open"), ("reduce", 1.5e5, 2e5, "closed"),
        ("sustain", 2.8e5, 2.64e5, "open"), ("sustain", 3.2e5, 2e5, "closed"),
    ],
)
def test_pressure_valves(control, pressure, held, expected):
    state = whole(solved(zone(1e5, control=control, pressure=pressure), COLD))
    assert state.p[1] == pytest.approx(held, abs=0.1)
    assert state_of(state, "valve") == [expected]


def test_sustaining_valve_throttles():
    """Behind a resistance it keeps the pressure before it: m = sqrt((p_s - set)/K)."""
    node = nodes("s t m r", {"r": 2e5})
    both = Valve.of(
        id=["k", "v"], tail=["s", "t"], head=["t", "m"], kvs=[20.0, 40.0], control=["fixed", "sustain"], pressure=[math.nan, 2.9e5]
    )
    user = Consumer.of(id=["u"], tail=["m"], head=["r"], kvs=[30.0])
    plant = Plant.of(id=["p"], tail=["r"], head=["s"], lift=[1e5], supply_temperature=350.0)
    state = whole(solved(Network.of("n", node, both, user, plant), COLD))
    assert state.p[1] == pytest.approx(2.9e5, abs=0.05)
    assert state.m[state.of(Valve)][1] == pytest.approx(math.sqrt(1e4 / square(20.0)), rel=1e-5)
    assert state_of(state, "valve") == ["fixed", "holds"]


@given(st.integers(0, 2**20 - 1))
@settings(max_examples=30, deadline=None)
def test_every_combination_of_states_by_enumeration(seed):
    """Streets behind controllers on one feeder: of all 2^k sets of open and holding valves exactly one fits, and it is found."""
    rng = np.random.default_rng(seed)
    k = 4
    target, kv, user = rng.uniform(1e4, 8e4, k), rng.uniform(10, 60, k), rng.uniform(5, 40, k)
    lift, feeder = rng.uniform(4e4, 2e5), rng.uniform(30, 150)
    node = nodes(["s", "d", *(f"z{i}" for i in range(k)), "r"], {"r": 0.0})
    gate = Valve.of(
        id=["f", *(f"v{i}" for i in range(k))], tail=["s"] + ["d"] * k, head=["d", *(f"z{i}" for i in range(k))], kvs=[feeder, *kv],
        control=["fixed"] + ["difference"] * k, difference=[math.nan, *target], high=["", *(f"z{i}" for i in range(k))],
        low=[""] + ["r"] * k,
    )
    users = Consumer.of(id=[f"u{i}" for i in range(k)], tail=[f"z{i}" for i in range(k)], head=["r"] * k, kvs=user)
    plant = Plant.of(id=["p"], tail=["r"], head=["s"], lift=[lift], supply_temperature=350.0)
    state = whole(solved(Network.of("n", node, gate, users, plant), COLD))
    fits = []
    for pattern in range(2**k):
        holds = (pattern >> np.arange(k)) & 1 == 1
        low, high = 0.0, lift
        for _ in range(200):  # pressure at d: feeder brings what the streets take
            p = 0.5 * (low + high)
            m = np.where(holds, np.sqrt(target / square(user)), np.sqrt(p / (square(user) + square(kv))))
            low, high = (p, high) if m.sum() < math.sqrt((lift - p) / square(feeder)) else (low, p)
        over = square(user) * m**2
        if np.all(np.where(holds, p - over - square(kv) * m**2 > -1.0, over < target + 1.0)):
            fits.append((holds, m))
    found = state.m[state.of(Consumer)]
    assert fits
    assert min(np.abs(m - found).max() for _, m in fits) < 1e-4


# ---------------------------------------------------------------- pumps and plants


def booster(lift=2e4, **pump):
    node = nodes("s m r", {"r": 2e5})
    given_ = {"shutoff_head": [10.0], "rated_head": [8.0], "rated_flow": [0.01], **{name: [value] for name, value in pump.items()}}
    pumps = Pump.of(id=["b"], tail=["s"], head=["m"], **given_)
    user = Consumer.of(id=["u"], tail=["m"], head=["r"], kvs=[20.0])
    plant = Plant.of(id=["p"], tail=["r"], head=["s"], lift=[lift], supply_temperature=350.0)
    return whole(solved(Network.of("b", node, user, plant, pumps), COLD))


def test_pumps_in_parallel_and_at_other_speeds():
    g, k = COLD.gravity, square(20.0)
    for count, speed in ((1, 1.0), (2, 1.0), (3, 0.7)):
        state = booster(count=count, speed=speed)
        b = 2.0 / (count * 0.01 * RHO) ** 2
        expected = math.sqrt((2e4 + RHO * g * 10 * speed**2) / (k + RHO * g * b))
        assert state.m[0] == pytest.approx(expected, rel=1e-5)
        frame = state.frame("pump").iloc[0]
        head = 10 * speed**2 - b * expected**2
        assert frame["electricity [kW]"] == pytest.approx(expected * g * head / 0.7 / 1e3, rel=1e-4)
        assert frame["speed [-]"] == speed


def test_held_lift_and_its_speed():
    node = nodes("s m r", {"r": 2e5})
    user = Consumer.of(id=["u"], tail=["m"], head=["r"], kvs=[20.0])
    plant = Plant.of(id=["p"], tail=["r"], head=["s"], lift=[2e4], supply_temperature=350.0)
    for lift, expected in ((3e4, "holds"), (2e5, "most")):
        pump = Pump.of(
            id=["b"], tail=["s"], head=["m"], shutoff_head=[10.0], rated_head=[8.0], rated_flow=[0.01], control=["lift"], lift=[lift]
        )
        state = whole(solved(Network.of("b", node, user, plant, pump), COLD))
        frame = state.frame("pump").iloc[0]
        assert frame["state"] == expected
        if expected == "holds":
            assert state.m[0] == pytest.approx(math.sqrt(5e4 / square(20.0)), rel=1e-6)
            r, v = frame["speed [-]"], state.m[0] / RHO
            assert RHO * COLD.gravity * (10 * r**2 - 2.0 * (v / 0.01) ** 2) == pytest.approx(3e4, rel=1e-5)
        else:
            assert frame["speed [-]"] == pytest.approx(1.0, abs=1e-4)


def test_lift_that_grows_with_flow():
    """K m^2 = lift + least + (full - least) m/m_rated, one positive root."""
    node = nodes("s m r", {"r": 2e5})
    user = Consumer.of(id=["u"], tail=["m"], head=["r"], kvs=[20.0])
    plant = Plant.of(id=["p"], tail=["r"], head=["s"], lift=[2e4], supply_temperature=350.0)
    pump = Pump.of(
        id=["b"], tail=["s"], head=["m"], shutoff_head=[20.0], rated_head=[18.0], rated_flow=[0.01], control=["proportional"],
        lift=[6e4], lift_least=[2e4],
    )
    state = whole(solved(Network.of("b", node, user, plant, pump), COLD))
    slope = 4e4 / (0.01 * RHO)
    expected = (slope + math.sqrt(slope**2 + 4 * square(20.0) * 4e4)) / (2 * square(20.0))
    assert state.m[0] == pytest.approx(expected, rel=1e-6)
    assert state_of(state, "pump") == ["holds"]


def test_remote_difference_is_held_at_the_worst_consumer_or_the_one_named():
    net = line(6, lift=3e5, buildings=False)
    plant = net[Plant].with_(control="remote", difference=3e4)
    worst = whole(solved(net.replace_table(plant), COLD))
    assert worst.difference(Consumer).min() == pytest.approx(3e4, abs=0.05)
    assert int(np.argmin(worst.difference(Consumer))) == 5
    named = whole(solved(net.replace_table(plant.with_(sensor="u2")), COLD))
    assert named.difference(Consumer)[2] == pytest.approx(3e4, abs=0.05)
    assert named.difference(Plant)[0] > worst.difference(Plant)[0]  # less lift
    weak = whole(solved(net.replace_table(plant.with_(lift=5e4)), COLD))
    assert -weak.difference(Plant)[0] == pytest.approx(5e4, abs=0.05)
    assert state_of(weak, "plant") == ["most"]
    assert state_of(worst, "plant") == ["holds"]


def test_booster_holds_a_remote_difference_in_supply_or_return():
    net = line(4, lift=6e4, buildings=False, length=400.0)
    for place, tail, head in (("ps2", "x", "s3"), ("pr2", "r3", "x")):
        pipe = net[Pipe]
        ends = np.where(pipe.id == place, "x", pipe.tail), pipe.head
        if place == "ps2":
            ends = pipe.tail, np.where(pipe.id == place, "x", pipe.head)
        pump = Pump.of(
            id=["b"], tail=[tail], head=[head], shutoff_head=[30.0], rated_head=[20.0], rated_flow=[0.01], control=["remote"],
            difference=[2e4], sensor=["u3"],
        )
        node = nodes([*net[Node].id, "x"], {"r0": 3e5})
        state = whole(solved(Network.of("b", node, pipe.with_(tail=ends[0], head=ends[1]), net[Plant], net[Consumer], pump), COLD))
        assert state.difference(Consumer)[3] == pytest.approx(2e4, abs=0.05)
        assert state_of(state, "pump") == ["holds"]


def test_pumps_at_the_consumers():
    """No lift at the plant; every inlet has a pump that gives the flow set."""
    net = line(3, lift=0.0, buildings=False)
    node = nodes([*net[Node].id, "q0", "q1", "q2"], {"r0": 3e5})
    users = net[Consumer].with_(tail=["q0", "q1", "q2"])
    pump = Pump.of(
        id=["b0", "b1", "b2"], tail=["s1", "s2", "s3"], head=["q0", "q1", "q2"], shutoff_head=[20.0, 20.0, 3.0],
        rated_head=[16.0, 16.0, 2.0], rated_flow=0.002, control="flow", flow=1.2,
    )
    state = whole(solved(Network.of("d", node, net[Pipe], net[Plant], users, pump), COLD))
    assert state.m[state.of(Consumer)][:2] == pytest.approx([1.2, 1.2], rel=1e-9)
    assert state_of(state, "pump") == ["holds", "holds", "most"]
    assert state.m[state.of(Consumer)][2] < 1.2
    assert np.all(state.frame("pump")["electricity [kW]"] > 0.0)


def two_plants(**peak):
    """Base and peak plant at two ends of a line of 6 homes of 100 kW."""
    net = line(6, lift=3e5, kvs=10.0, control="load", return_temperature=KELVIN + 50.0)
    both = Plant.of(
        id=["base", "peak"], tail=["r0", "r6"], head=["s0", "s6"], control="remote", lift=3e5, difference=3e4, order=[1, 2],
        supply_temperature=KELVIN + 75.0, capacity=[4e5, math.nan],
    )
    return net.replace_table(both.with_(**peak))


def test_base_plant_first_then_the_peak_plant():
    state = whole(solved(two_plants()))
    given_ = state.frame("plant")
    assert list(given_["state"]) == ["full", "holds"]
    assert given_["heat [kW]"].to_numpy() == pytest.approx([400.0, 200.0], rel=0.02)  # no losses: the peak gives the rest
    assert given_["heat [kW]"].sum() == pytest.approx(600.0, rel=1e-4)
    assert state.t_out[state.of(Plant)] == pytest.approx([KELVIN + 75.0] * 2, abs=1e-6)
    alone = whole(solved(two_plants(capacity=[9e5, math.nan])))
    assert list(alone.frame("plant")["state"]) == ["holds", "idle"]
    assert alone.m[alone.of(Plant)][1] == 0.0
    short = whole(solved(two_plants(capacity=[3e5, 2e5])))
    frame = short.frame("plant")
    assert frame["state"].iloc[0] == "full"
    assert frame["heat [kW]"].to_numpy() == pytest.approx([300.0, 200.0], rel=1e-3)
    assert frame["short of supply [K]"].iloc[1] > 5.0  # the last one falls short: its supply is colder


def test_capacity_is_reported():
    state = whole(solved(line(3, capacity=2e5, lift=2e5)))
    frame = state.frame("plant").iloc[0]
    assert frame["heat [kW]"] == pytest.approx(200.0, rel=1e-6)
    assert frame["short of supply [K]"] == pytest.approx(75.0 - frame["outlet [degC]"], abs=1e-9)
    assert frame["short of supply [K]"] > 1.0


# ---------------------------------------------------------------- qualitative laws of a branched network


def tree_net(seed):
    """A two-pipe line of fixed inlets at a constant lift, with a valve at the plant and one in the middle of the supply."""
    rng = np.random.default_rng(seed)
    users = int(rng.integers(4, 10))
    middle = int(rng.integers(2, users - 1))
    wide = np.linspace(0.12, 0.06, users) * rng.uniform(0.9, 1.2, users)
    lift, length, kvs = float(rng.uniform(2e5, 5e5)), float(rng.uniform(20, 60)), rng.uniform(2, 6, users)
    net = line(users, lift=lift, diameter=wide, length=length, buildings=False, kvs=kvs)
    pipe = net[Pipe]
    tail = np.where(pipe.id == "ps0", "a", np.where(pipe.id == f"ps{middle}", "b", pipe.tail))
    node = nodes([*net[Node].id, "a", "b"], {"r0": 3e5})
    gate = Valve.of(id=["source", "trunk"], tail=["s0", f"s{middle}"], head=["a", "b"], kvs=[300.0, 200.0])
    return Network.of("tree", node, pipe.with_(tail=tail, roughness=2e-3), net[Plant], net[Consumer], gate), middle


def flows_of(net):
    state = solved(net, COLD)
    return state.m[state.of(Consumer)]


@given(st.integers(0, 10**6), st.floats(0.1, 0.6))
@settings(max_examples=12, deadline=None)
def test_laws_of_branched_networks(seed, opening):
    net, middle = tree_net(seed)
    base = flows_of(net)
    valve = net[Valve]
    # 1: the valve at the source throttles all by nearly the same ratio
    ratio = flows_of(net.replace_table(valve.with_(opening=[opening, 1.0]))) / base
    assert np.all(ratio < 1.0)
    assert np.ptp(ratio) < 0.03
    # 2: a valve in the trunk: users before it rise, the more the nearer to it; those behind fall by one ratio
    ratio = flows_of(net.replace_table(valve.with_(opening=[1.0, opening]))) / base
    assert np.all(ratio[:middle] > 1.0)
    assert np.all(np.diff(ratio[:middle]) > 0.0)
    assert np.all(ratio[middle:] < 1.0)
    assert np.ptp(ratio[middle:]) < 0.03
    # 3: one user closed: those behind rise by one ratio, those before the more the nearer
    k = base.size // 2
    shut = np.ones(base.size)
    shut[k] = 0.0
    ratio = flows_of(net.replace_table(net[Consumer].with_(opening=shut))) / base
    assert np.all(np.delete(ratio, k) > 1.0)
    assert np.ptp(ratio[k + 1 :]) < 0.03
    assert np.all(np.diff(ratio[:k]) > 0.0)
    # 4: a booster in the trunk: those behind it rise, all others fall
    pump = Pump.of(id=["b"], tail=["b"], head=["c"], shutoff_head=[6.0], rated_head=[5.0], rated_flow=[0.02])
    pipe = net[Pipe].with_(tail=np.where(net[Pipe].tail == "b", "c", net[Pipe].tail))
    node = nodes([*net[Node].id, "c"], {"r0": 3e5})
    ratio = flows_of(Network.of("boosted", node, pipe, net[Plant], net[Consumer], valve, pump)) / base
    assert np.all(ratio[middle:] > 1.0)
    assert np.all(ratio[:middle] < 1.0)


@given(st.integers(0, 10**6))
@settings(max_examples=8, deadline=None)
def test_a_tie_at_the_far_end_raises_far_users_and_lowers_the_lift(seed):
    """Law 5, at the same total flow of the plant."""
    rng = np.random.default_rng(seed)
    net = line(6, buildings=False, diameter=np.linspace(0.1, 0.05, 6), kvs=rng.uniform(4, 12, 6))
    net = net.replace_table(net[Plant].with_(control="flow", flow=5.0))
    plain = solved(net, COLD)
    ties = pipes(("ts", "s0", "s6"), ("tr", "r6", "r0"), length=float(rng.uniform(200, 600)), diameter=0.07)
    columns = {name: np.concatenate([getattr(net[Pipe], name), getattr(ties, name)]) for name in Pipe.columns()}
    tied = solved(net.replace_table(Pipe.of(**columns)), COLD)
    assert tied.m[tied.of(Consumer)][-1] > plain.m[plain.of(Consumer)][-1]
    assert -tied.difference(Plant)[0] < -plain.difference(Plant)[0]


@given(st.lists(st.floats(2.0, 60.0), min_size=2, max_size=6))
@settings(max_examples=20, deadline=None)
def test_resistances_add_in_series_and_as_inverse_roots_in_parallel(kv):
    """Law 6."""
    n = len(kv)
    node = nodes(["s", *(f"m{i}" for i in range(n)), "r"], {"r": 0.0})
    chain = ["s", *(f"m{i}" for i in range(n))]
    plant = Plant.of(id=["p"], tail=["r"], head=["s"], lift=[1e5], supply_temperature=350.0)
    valves = Valve.of(id=[f"v{i}" for i in range(n)], tail=chain[:-1], head=chain[1:], kvs=kv)
    last = pipes(("j", f"m{n - 1}", "r"), length=0.0)
    series = solved(Network.of("series", node, valves, last, plant), COLD)
    assert 1e5 / series.m[0] ** 2 == pytest.approx(sum(square(k) for k in kv), rel=1e-6)
    users = Consumer.of(id=[f"u{i}" for i in range(n)], tail=["s"] * n, head=["r"] * n, kvs=kv)
    parallel = solved(Network.of("parallel", nodes("s r", {"r": 0.0}), users, plant), COLD)
    total = parallel.m[parallel.of(Plant)][0]
    assert (1e5 / total**2) ** -0.5 == pytest.approx(sum(square(k) ** -0.5 for k in kv), rel=1e-6)


# ---------------------------------------------------------------- the certificate and the rules


def test_the_certificate_sees_what_is_wrong():
    state = solved(zone(1e5, control="difference", difference=3e4, high="m", low="r"), COLD)
    good = state.certificate
    assert good.within(1e-3, 1e-9)
    moved = replace(state, m=state.m + np.array([0.0, 0.0, 0.1, 0.0]))
    assert moved.certificate.mass == pytest.approx(0.1, abs=1e-9)
    assert not moved.certificate.within()
    p = state.p.copy()
    p[1] += 100.0
    off = replace(state, p=p).certificate
    assert off.complementarity == pytest.approx(100.0, rel=0.01)
    assert "valve 'v'" in off.worst or "consumer" in off.worst
    limited = solved(line(3, lift=3e5, buildings=False, control="limited", flow=1.0), COLD)
    over = replace(limited, m=limited.m * 1.01).certificate
    assert over.bounds == pytest.approx(0.01, rel=1e-6)
    warm = solved(line(3))
    t_out = warm.t_out.copy()
    t_out[0] -= 1.0
    assert replace(warm, t_out=t_out).certificate.energy > 1e3
    assert warm.certificate.energy < 1.0


def test_rules_name_what_is_missing():
    net = zone(1e5, control="difference", difference=math.nan, high="m", low="q")
    net = net.replace_table(net[Plant].with_(control="remote", sensor="a; c", lift=math.nan))
    net = net.replace_table(net[Consumer].with_(control=["thermostatic", "limited"], difference=[1e4, math.nan]))
    with pytest.raises(ModelError) as caught:
        heatnet.solve(net)
    text = str(caught.value)
    for words in (
        "a valve of control 'difference' needs it", "no node 'q'", "'c'", "a plant of control 'remote' needs it",
        "needs a building behind it", "both of them", "without a building needs it",
    ):
        assert words in text, words


def test_no_answer_is_no_result():
    """A limiter behind a plant of given flow: nowhere to go, and said so."""
    net = zone(1e5, control="flow", flow=1.0)
    state = solved(net.replace_table(net[Plant].with_(control="flow", flow=3.0)), Settings(heat=False), throw=False)
    assert state.status is Status.IMPOSSIBLE_LIMITS


def test_scenarios_of_regulated_networks_have_the_same_answers():
    net = line(6, lift=3e5, buildings=False, control=["fixed", "limited"] * 3, flow=[math.nan, 1.0] * 3, kvs=10.0)
    net = net.replace_table(net[Plant].with_(control="remote", difference=3e4))
    cold = Settings(heat=False, water=WATER)
    values = np.linspace(1e4, 6e4, 9)
    cases = [Scenario(f"{dp:g}", (Change("plant", "difference", dp), Change("consumer", "opening", 0.7, ("u0",)))) for dp in values]
    many = heatnet.solve_many(arrays.compile(net, checked=True), cases, cold)
    assert {status.name for status in many.status} == {"CONVERGED"}
    for row, dp in enumerate(values):
        alone = whole(solved(net.with_(Plant, difference=dp).with_(Consumer, opening=[0.7, 1, 1, 1, 1, 1]), cold))
        assert many.m[row] == pytest.approx(alone.m, abs=1e-6)
        assert many.state(row).difference(Consumer).min() == pytest.approx(dp, abs=0.1)
