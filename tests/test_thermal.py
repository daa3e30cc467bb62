"""Temperatures and heat-driven flows: closed forms, balances, users the network cannot serve, random cities."""

import math

import numpy as np
import pytest
from account import residuals
from cities import line, nodes, pipes, solved

from benchmarks.city import city
from heatnet.components import Consumer, Pipe, Plant, Pump
from heatnet.network import Building, Network, Node, Site
from heatnet.rooms import rooms
from heatnet.solve import Settings, Status, quick, solve, thermal
from heatnet.solve.residuals import account as accounted
from heatnet.solve.task import entering_and_imbalance
from heatnet.units import KELVIN
from heatnet.water import ConstantWater, Water

CONSTANT = ConstantWater()
PLAIN = Settings(water=CONSTANT)
GROUND = Site().ground


def through(*tables, inflow, warm, held, site=None, **more):
    """Water of given temperature through pipes from inflow nodes to a held one."""
    names = sorted({name for table in tables for name in (*table.tail, *table.head)})
    node = nodes(
        names, {held: 1e5}, inflow=[inflow.get(n, 0.0) for n in names], inflow_temperature=[warm.get(n, math.nan) for n in names], **more
    )
    return solved(Network.of("n", node, *tables, site=site), PLAIN)


# ---------------------------------------------------------------- closed forms


@pytest.mark.parametrize("flow", [0.01, 1.0, 50.0])
@pytest.mark.parametrize("turned", [False, True])
def test_exponential_cooling(flow, turned):
    ends = ("b", "a") if turned else ("a", "b")
    state = through(pipes(("p", *ends), length=800.0, loss=0.4), inflow={"a": flow}, warm={"a": 360.0}, held="b")
    expected = GROUND + (360.0 - GROUND) * math.exp(-0.4 * 800 / (flow * CONSTANT.cp))
    assert state.m[0] == pytest.approx(-flow if turned else flow)
    assert state.t[1] == pytest.approx(expected, rel=1e-12)
    assert state.heat(Pipe)[0] == pytest.approx(flow * CONSTANT.cp * (360.0 - expected), rel=1e-10)


def test_mixing():
    state = through(
        pipes(("p", "a", "c"), ("q", "b", "c"), ("r", "c", "d")), inflow={"a": 1.0, "b": 3.0}, warm={"a": 360.0, "b": 320.0}, held="d"
    )
    assert state.t[2:] == pytest.approx([330.0, 330.0], rel=1e-12)
    mixed = through(pipes(("p", "a", "c")), inflow={"a": 1.0, "c": 1.0}, warm={"a": 360.0}, held="c")
    assert mixed.t[1] == pytest.approx(360.0)  # held nodes give and take what they must


def test_ring_cools_by_both_ways():
    state = through(
        pipes(("p", "a", "b"), ("q", "a", "b"), length=[500.0, 900.0], loss=0.5), inflow={"a": 4.0}, warm={"a": 350.0}, held="b"
    )
    m = state.m
    out = GROUND + (350 - GROUND) * np.exp(-0.5 * np.array([500, 900]) / (m * CONSTANT.cp))
    assert state.t[1] == pytest.approx(float(m @ out / m.sum()), rel=1e-12)


def test_no_loss_means_supply_temperature_everywhere():
    state = solved(line(6))
    assert state.t[1:7] == pytest.approx(np.full(6, 75 + KELVIN), abs=1e-9)


def test_still_water_is_as_cold_as_the_ground():
    net = line(3, loss=0.3)
    net = net.replace_table(net[Consumer].with_(opening=[1.0, 1.0, 0.0]))
    state = solved(net)
    assert list(state.still[[3, 7]]) == [True, True]
    assert state.t[[3, 7]] == pytest.approx([GROUND, GROUND])
    assert state.fluid(Pipe).rho[2] == pytest.approx(float(state.settings.water.density(np.array(GROUND))), rel=1e-9)


def test_water_in_circles():
    """A pump drives water round a ring beside the way through: no flow order exists, the sparse system is solved."""
    node = nodes("a b c d", {"d": 1e5}, inflow=[0.5, 0, 0, 0], inflow_temperature=[360.0, math.nan, math.nan, math.nan])
    ring = pipes(("in", "a", "b"), ("round", "c", "b"), ("out", "c", "d"), length=300.0, loss=0.5)
    pump = Pump.of(id=["p"], tail=["b"], head=["c"], shutoff_head=10.0, rated_head=5.0, rated_flow=0.01)
    state = solved(Network.of("ring", node, ring, pump), PLAIN)
    q, cp = state.m, CONSTANT.cp
    assert q[1] > 1.0
    left = [math.exp(-0.5 * 300 / (flow * cp)) for flow in q[:3]]
    fresh = 360.0 - GROUND  # balance of b: 0.5 fresh left[0] + q1 x left[1] = (0.5 + q1) x
    x = 0.5 * fresh * left[0] / (0.5 + q[1] * (1 - left[1]))
    assert state.t[1] - GROUND == pytest.approx(x, rel=1e-9)
    assert state.t[3] - GROUND == pytest.approx(x * left[2], rel=1e-9)
    assert state.residuals.balance < 1e-4  # 0.2 MW go round


def test_ring_without_loss_or_heat_is_no_crash():
    node = nodes("a b", {"a": 1e5})
    pump = Pump.of(id=["p"], tail=["a"], head=["b"], shutoff_head=10.0, rated_head=5.0, rated_flow=0.01)
    state = solved(Network.of("ring", node, pipes(("1", "b", "a")), pump), PLAIN)
    assert state.m[0] > 1.0
    assert np.all(np.isfinite(state.t))


# ---------------------------------------------------------------- balances


@pytest.mark.parametrize("water", [CONSTANT, None])
def test_balances(water):
    settings = Settings(water=water) if water else Settings()
    for net in (
        line(20, loss=0.3, lift=2e5),
        line(20, loss=0.3, lift=3e4, capacity=1.2e6),
        line(9, lift=2e5, loss=1.0, control="load", return_temperature=320.0),
    ):
        state = solved(net, settings)
        found = residuals(state)
        megawatt = float(np.abs(state.heat(Plant)).sum()) / 1e6
        assert found.node_heat < 2e-6 * (1 + megawatt)
        assert state.residuals.balance < 2e-5 * (1 + megawatt)
        assert -state.heat(Plant).sum() == pytest.approx(state.heat(Consumer).sum() + state.heat(Pipe).sum(), rel=1e-11)
        assert found.edge_heat < 1.0
        assert found.pressure < 1.0


# ---------------------------------------------------------------- plants


def test_plant_beyond_its_capacity():
    rich, poor = solved(line(10, lift=2e5)), solved(line(10, lift=2e5, capacity=5e5))
    assert -poor.heat(Plant)[0] == pytest.approx(5e5, rel=1e-10)
    assert poor.t[0] < rich.t[0] - 5
    assert np.all(rooms(poor).temperature < rooms(rich).temperature)


def test_load_on_a_plant_beyond_its_capacity():
    state = solved(line(5, lift=4e5, capacity=3e5, control="load", return_temperature=313.15))
    assert -state.heat(Plant)[0] == pytest.approx(3e5, rel=1e-9)
    assert state.shortage().sum() == pytest.approx(2e5, rel=1e-6)
    assert residuals(state).pressure < 1.0


def test_plant_of_given_heat():
    node = nodes("s r t", {"r": 2e5})
    users = Consumer.of(
        id=["u", "v"], tail=["s", "t"], head=["r", "r"], control="load", heat_given=[3e5, 2e5], return_temperature=320.0, kvs=[30.0, 30.0]
    )
    both = Plant.of(
        id=["p", "q"],
        tail=["r", "r"],
        head=["s", "t"],
        control=["lift", "heat"],
        lift=[8e4, math.nan],
        heat_given=[math.nan, 1.2e5],
        supply_temperature=[360.0, 355.0],
    )
    state = solved(Network.of("two", node, pipes(("p", "s", "t")), users, both))
    assert -state.heat(Plant) == pytest.approx([3.8e5, 1.2e5], rel=1e-7)
    assert state.heat(Consumer) == pytest.approx([3e5, 2e5], rel=1e-7)


# ---------------------------------------------------------------- loads


@pytest.mark.parametrize("given", [{"return_temperature": 318.15}, {"drop": 25.0}])
def test_loads_are_met_exactly(given):
    state = solved(line(12, lift=4e5, loss=0.3, diameter=0.15, control="load", **given))
    assert state.heat(Consumer) == pytest.approx(np.full(12, 1e5), rel=1e-8)
    assert np.all(state.shortage() == 0.0)
    span = state.of(Consumer)
    out = state.t_out[span]
    expected = np.full(12, 318.15) if "return_temperature" in given else state.t_in[span] - 25.0
    assert out == pytest.approx(expected, abs=1e-6)
    assert np.all(np.diff(state.m[span]) > -1e-12) or "drop" in given  # colder supply, more flow


def test_supply_colder_than_return_gives_no_heat():
    state = solved(line(2, lift=1e5, supply=40.0, control="load", return_temperature=323.15))
    assert state.status is Status.CONVERGED
    assert state.heat(Consumer) == pytest.approx([0.0, 0.0], abs=1e-6)
    assert state.shortage() == pytest.approx([1e5, 1e5])
    assert np.all(state.m[state.of(Consumer)] > 0)  # its valve stands open for heat that does not come


def test_too_little_pressure_is_a_shortage_of_its_size():
    state = solved(line(4, lift=2e4, diameter=0.08, control="load", return_temperature=318.15, kvs=8.0))
    heat, short = state.heat(Consumer), state.shortage()
    assert np.all(heat + short == pytest.approx(np.full(4, 1e5), rel=1e-9))
    assert short[-1] > 1e4
    assert np.all(np.diff(short) >= -1e-6)
    assert residuals(state).pressure < 1.0


def test_negative_difference_is_no_supply():
    """The street of far users hangs on a zone that a booster sucks down: 188 of 200 users, say; none of them is supplied."""
    users, near = 200, 12
    net = line(
        users,
        lift=3e4,
        length=30.0,
        diameter=np.maximum(0.05, 0.012 * np.sqrt(np.arange(users, 0, -1))),
        control="load",
        return_temperature=318.15,
        kvs=12.0,
    )
    pump = Pump.of(id=["booster"], tail=[f"s{near}"], head=[f"r{near}"], shutoff_head=25.0, rated_head=20.0, rated_flow=0.05)
    state = solved(net.replace_table(pump))
    assert state.converged
    dp = state.difference(Consumer)
    negative = dp < -1.0
    assert np.count_nonzero(negative) >= 180
    assert np.all(state.m[state.of(Consumer)][negative] == 0.0)
    assert state.shortage()[negative] == pytest.approx(1e5, rel=1e-9)
    assert np.all(rooms(state).deficit[negative] > 10.0)


def test_two_hundred_users_on_too_little_lift():
    """Another program calls such a line converged and fully supplied with 188 users at negative difference."""
    users = 200
    net = line(
        users,
        lift=6e4,
        length=30.0,
        diameter=np.maximum(0.05, 0.02 * np.sqrt(np.arange(users, 0, -1))),
        loss=0.2,
        control="load",
        return_temperature=318.15,
        kvs=12.0,
    )
    state = solved(net)
    assert state.converged
    short, heat = state.shortage(), state.heat(Consumer)
    assert heat + short == pytest.approx(np.full(users, 1e5), abs=1.0)
    assert np.count_nonzero(short > 1e4) > 100
    assert np.all(state.difference(Consumer) > -1e-2)  # without a pump no pressure difference turns round
    assert residuals(state).pressure < 1.0
    assert -state.heat(Plant)[0] == pytest.approx(heat.sum() + state.heat(Pipe).sum(), rel=1e-10)
    cold = rooms(state)
    assert np.count_nonzero(cold.cold) >= np.count_nonzero(short > 1e4)


def test_return_water_is_never_below_the_room():
    state = solved(line(3, lift=2e5, supply=35.0, control="load", drop=25.0))
    assert np.all(state.t_out[state.of(Consumer)] >= 20 + KELVIN - 1e-9)
    assert state.heat(Consumer) + state.shortage() == pytest.approx(np.full(3, 1e5), rel=1e-9)


def test_cold_far_users_whose_loop_gain_exceeds_one():
    """Little flow, much loss: a change of flow changes the arriving temperature so much that plain substitution diverges."""
    users = 4
    net = line(
        users,
        lift=8e5,
        length=1300.0,
        diameter=0.06,
        loss=0.35,
        supply=110.0,
        buildings=False,
        control="load",
        heat_given=4e4,
        return_temperature=328.15,
    )
    state = solved(net)
    span = state.of(Consumer)
    t_in, m = state.t_in[span], state.m[span]
    gain = (t_in - GROUND) * np.log((110 + KELVIN - GROUND) / (t_in - GROUND)) / (t_in - 328.15)
    assert gain.max() > 1.0
    assert state.heat(Consumer) == pytest.approx(np.full(users, 4e4), rel=1e-7)
    assert m == pytest.approx(4e4 / (state.fluid(Consumer).cp * (t_in - 328.15)), rel=1e-7)
    assert state.passes < 60


def test_radiators_with_supply_below_the_room():
    """Free heat keeps the room warmer than the water: the radiator gives nothing, and does not cool."""
    net = line(2, supply=22.0)
    net = net.replace_table(net[Building].with_(gains=1.2e5))
    state = solved(net)
    answer = rooms(state)
    assert answer.heat == pytest.approx([0.0, 0.0], abs=1e-9)
    assert np.all(answer.temperature > 22 + KELVIN)
    assert state.t_out[state.of(Consumer)] == pytest.approx(np.full(2, 22 + KELVIN))


def test_warm_start_is_the_cold_answer():
    net = line(10, lift=9e4, loss=0.3, control="load", return_temperature=318.15)
    base = solved(net)
    for changed in (net.with_site(outdoor=260.0), net.with_(Plant, supply_temperature=85 + KELVIN), net.with_(Plant, lift=5e4)):
        cold, warm = solved(changed), solved(changed, start=base)
        assert warm.t == pytest.approx(cold.t, abs=1e-5)
        assert warm.m == pytest.approx(cold.m, abs=1e-6)


@pytest.mark.parametrize("water", [Water(), ConstantWater()])
def test_residuals_of_plain_passes_are_those_of_the_general_account(water):
    net = city(60, seed=3)
    height = 5.0 * np.sin(np.arange(len(net[Node])))
    height[-2:] = 0.0  # the plant stands level
    hilly = net.with_(Node, height=height)
    state = solve(hilly, Settings(water=water))
    mean = thermal.means(state.arrays, np.abs(state.m), state.t_in, state.t_out, water)
    other = accounted(state, state.residuals.pressure, water.density(mean), *entering_and_imbalance(state.arrays, state.m))
    assert quick.plain(state.arrays, state.scene) and state.passes < quick.PASSES
    assert state.residuals.mass == pytest.approx(other.mass, abs=1e-12)
    assert state.residuals.energy == pytest.approx(other.energy, abs=1e-7)
    assert state.residuals.balance == pytest.approx(other.balance, abs=1e-5)
    assert state.exchange == pytest.approx(np.where(state.arrays.held, entering_and_imbalance(state.arrays, state.m)[0], 0.0), abs=1e-12)
