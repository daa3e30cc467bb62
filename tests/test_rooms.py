"""Rooms: single faults built on purpose and the cause found for them, deficits, refunds, bottlenecks, paths."""

import math

import naive
import numpy as np
import pytest
from cities import line, nodes, pipes, solved

from heatnet.components import Consumer, Pipe, Plant, Pump
from heatnet.errors import ReadError
from heatnet.network import Building, Network, Node, Site
from heatnet.paths import paths
from heatnet.profile import profile
from heatnet.rooms import CAUSES, rooms, water_paths
from heatnet.solve import Settings
from heatnet.units import KELVIN

RULE = profile("hlj_2021")


def balanced(users=4, **more):
    """Users in line whose inlets are set so that each has its design flow."""
    net = line(users, lift=1.2e5, diameter=0.2, length=20.0, **more)
    for _ in range(60):
        ratio = solved(net).flow_ratio()
        net = net.replace_table(net[Consumer].with_(kvs=net[Consumer].kvs / ratio))
        if np.abs(ratio - 1).max() < 1e-12:
            break
    return net


@pytest.fixture(scope="module")
def good():
    return balanced()


def test_design_is_design(good):
    found = rooms(solved(good))
    assert found.temperature - KELVIN == pytest.approx(np.full(4, 20.0), abs=1e-5)
    assert found.flow_ratio == pytest.approx(np.ones(4), abs=1e-9)
    assert found.heat == pytest.approx(np.full(4, 1e5), rel=1e-6)
    assert found.demand == pytest.approx(np.full(4, 1e5))
    assert found.outlet - KELVIN == pytest.approx(np.full(4, 50.0), abs=1e-4)


# ---------------------------------------------------------------- causes


def test_choked_inlet_is_flow(good):
    kvs = good[Consumer].kvs * [1, 1, 0.5, 1]
    found = rooms(solved(good.replace_table(good[Consumer].with_(kvs=kvs))))
    assert list(found.cause) == ["", "", "flow", ""]
    assert found.deficit[2] > 4
    assert found.substituted[0, 2] - KELVIN == pytest.approx(20.0, abs=5e-3)
    assert list(found.cold) == [False, False, True, False]


def test_cold_pipe_is_supply(good):
    loss = np.zeros(8)
    loss[3] = 400.0
    found = rooms(solved(good.replace_table(good[Pipe].with_(loss=loss))))
    assert found.cause[3] == "supply"
    assert found.supply[3] < 74 + KELVIN
    assert found.substituted[CAUSES.index("supply"), 3] > found.temperature[3] + 0.5


def test_leaky_walls_are_envelope(good):
    building = good[Building].with_(conductance=[math.nan, 3200.0, math.nan, math.nan])
    found = rooms(solved(good.replace_table(building)))
    assert list(found.cause) == ["", "envelope", "", ""]
    assert found.demand[1] == pytest.approx(3200 * 44.2)
    assert found.substituted[2, 1] - KELVIN == pytest.approx(20.0, abs=5e-3)


def test_removed_sections_are_radiator(good):
    found = rooms(solved(good.replace_table(good[Building].with_(radiator=[1, 1, 1, 0.6]))))
    assert list(found.cause) == ["", "", "", "radiator"]
    assert found.substituted[3, 3] - KELVIN == pytest.approx(20.0, abs=5e-3)


def test_weather_beyond_design_is_other(good):
    found = rooms(solved(good.with_site(outdoor=KELVIN - 32)))
    assert set(found.cause) == {"other"}
    assert np.all(found.deficit > 2)


def test_rooms_of_the_six_columns_against_bisection(good):
    net = good.replace_table(good[Building].with_(gains=[0, 5e3, 0, 0], exponent=[1.0, 1.1, 1.3, 1.5], radiator=[1, 0.8, 1.2, 1]))
    state = solved(net)
    found = rooms(state)
    part = state.scene.terminals
    for b in range(4):
        c = state.m[state.of(Consumer)][b] * state.fluid(Consumer).cp[b]
        expected = naive.room(found.supply[b], c, part.kappa[b], part.exponent[b], part.conductance[b], part.balance[b])
        assert found.temperature[b] == pytest.approx(expected, abs=1e-8)


# ---------------------------------------------------------------- money


def test_deficit_and_refund(good):
    area = np.array([1000.0, 1000.0, 1000.0, math.nan])
    net = good.replace_table(good[Building].with_(area=area)).with_site(fee=38.32)
    net = net.replace_table(net[Consumer].with_(kvs=net[Consumer].kvs * [1.3, 0.75, 0.4, 0.4]))
    found = rooms(solved(net), RULE)
    assert found.temperature[1] - KELVIN == pytest.approx(18.5, abs=1.5)
    assert found.temperature[2] < 16 + KELVIN
    daily = 38.32 / 183 * 1000
    assert found.refund[:3] == pytest.approx([0.0, daily / 2, daily])
    assert math.isnan(found.refund[3])
    assert found.deficit[1] == pytest.approx(20 + KELVIN - found.temperature[1])
    assert rooms(solved(net), "who_2018").refund[:3] == pytest.approx([0.0, 0.0, 0.0])
    assert found.frame()["households"].sum() == 4


def test_unfinished_state_has_no_rooms(good):
    state = solved(good, Settings(max_steps=1), throw=False)
    with pytest.raises(ValueError, match="not an answer"):
        rooms(state)


# ---------------------------------------------------------------- inlets


def test_buildings_that_share_an_inlet():
    net = line(2, lift=2e5)
    homes = Building.of(id=["a", "b", "c"], consumer=["u0", "u0", "u1"], design_heat=[3e5, 1e5, 1e5])
    state = solved(net.replace_table(homes))
    found, part = rooms(state), state.scene.terminals
    assert part.share == pytest.approx([0.75, 0.25, 1.0])
    assert found.temperature[0] == pytest.approx(found.temperature[1], abs=1e-9)
    assert found.heat[:2].sum() == pytest.approx(state.heat(Consumer)[0], rel=1e-7)
    assert found.flow_ratio[0] == pytest.approx(state.flow_ratio()[0])


def test_shut_inlet(good):
    found = rooms(solved(good.replace_table(good[Consumer].with_(opening=[1, 1, 0, 1]))))
    assert found.temperature[2] == pytest.approx(KELVIN - 24.2)
    assert (found.heat[2], found.flow_ratio[2]) == (0.0, 0.0)
    assert found.cause[2] == "shut"
    assert found.substituted[0, 2] > 19.9 + KELVIN
    assert math.isnan(found.outlet[2])


def test_rooms_of_loads():
    net = line(4, lift=5e4, diameter=0.08, control="load", return_temperature=318.15, kvs=[8.0, 8.0, 2.0, 8.0])
    state = solved(net)
    found = rooms(state)
    assert found.heat == pytest.approx(state.heat(Consumer), rel=1e-9)
    assert found.temperature == pytest.approx(KELVIN - 24.2 + found.heat / 1e5 * 44.2, abs=1e-9)
    assert found.cause[2] == "flow"
    assert np.all(found.temperature <= 20 + KELVIN + 1e-9)


def test_cold_supply_of_loads_is_supply():
    loss = np.zeros(8)
    loss[3] = 500.0
    net = line(4, lift=3e5, diameter=0.2, control="load", return_temperature=323.15, kvs=3.6)
    found = rooms(solved(net.replace_table(net[Pipe].with_(loss=loss))))
    assert found.cause[3] == "supply"
    assert set(found.cause[:3]) == {""}


# ---------------------------------------------------------------- paths


def test_bottleneck_and_path_in_a_tree(good):
    diameter = np.full(8, 0.2)
    diameter[[1, 7]] = 0.06, 0.05
    net = good.replace_table(good[Pipe].with_(diameter=diameter))
    state = solved(net)
    found, way = rooms(state), water_paths(state)
    worst = [net[Pipe].id[e] for e in found.bottleneck]
    assert worst[1:3] == ["ps1", "ps1"]
    assert worst[3] in ("ps1", "pr3")
    assert found.gradient[1] == pytest.approx(state.loss(Pipe)[1] / 20.0)
    assert found.distance == pytest.approx([20.0, 40.0, 60.0, 80.0])
    names = list(net[Node].id)
    assert way.supply(names.index("s3")) == [0, 1, 2]
    assert way.back(names.index("r3")) == [6, 5, 4]


def test_path_in_a_loop_follows_most_water():
    node = nodes("s a b c r", {"r": 2e5})
    rows = pipes(("sa", "s", "a"), ("sb", "s", "b"), ("ac", "a", "c"), ("bc", "b", "c"), length=[50.0, 50.0, 50.0, 200.0], diameter=0.1)
    plant = Plant.of(id=["p"], tail=["r"], head=["s"], lift=[5e4], supply_temperature=350.0)
    state = solved(Network.of("loop", node, rows, plant, Consumer.of(id=["u"], tail=["c"], head=["r"], kvs=[20.0])))
    way = water_paths(state)
    assert way.supply(3) == [0, 2]
    assert way.gathered(np.array([1.0, 2.0, 4.0, 8.0, 0.0, 0.0]))[0][3] == 5.0
    top, edge = way.gathered(np.array([1.0, 2.0, 4.0, 8.0, 0.0, 0.0]), largest=True)
    assert (top[3], edge[3]) == (4.0, 2)


def test_path_round_a_circle_ends():
    tail, head = np.array([0, 1, 2], dtype=np.int32), np.array([1, 2, 0], dtype=np.int32)
    way = paths(3, tail, head, np.ones(3), np.zeros(3, dtype=bool))
    assert way.supply(0) == [0, 1, 2]
    assert np.all(np.isnan(way.gathered(np.ones(3))[0]))  # such a path has no beginning
    assert np.all(np.isnan(way.gathered(np.ones(3), back=True)[0]))


def test_path_behind_a_mixing_pump_leads_to_the_plant():
    """Most water at the mixing point comes from its own return: the path of the home leads on to the plant all the same."""
    node = nodes("s a u v b r", {"r": 2e5})
    rows = pipes(("sa", "s", "a"), ("au", "a", "u"), ("vb", "v", "b"), ("br", "b", "r"), length=[300.0, 40.0, 40.0, 300.0],
                 diameter=[0.04, 0.15, 0.15, 0.04])
    pump = Pump.of(id=["mix"], tail=["b"], head=["a"], shutoff_head=[20.0], rated_head=[15.0], rated_flow=[0.01])
    plant = Plant.of(id=["p"], tail=["r"], head=["s"], lift=[2e5], supply_temperature=360.0)
    building = Building.of(id=["h"], consumer=["c"], design_heat=[2e5])
    inlet = Consumer.of(id=["c"], tail=["u"], head=["v"], kvs=[40.0])
    state = solved(Network.of("mixing", node, rows, plant, pump, inlet, building))
    flow = dict(zip(state.arrays.net[Pipe].id, state.m[state.of(Pipe)], strict=True))
    assert flow["au"] > 2.0 * flow["sa"] > 0.0  # the round carries more than the main
    way, found = water_paths(state), rooms(state)
    names = list(state.arrays.net[Node].id)
    assert way.supply(names.index("u")) == [0, 1] and way.back(names.index("v")) == [2, 3]
    assert found.distance[0] == pytest.approx(340.0) and found.gradient[0] > 0.0


@pytest.mark.parametrize("seed", range(20))
def test_no_path_goes_round_where_a_plant_can_be_reached(seed):
    """Against a search by hand: flow from the plant reaches a node: it has a path, by most water wherever that leads there."""
    rng = np.random.default_rng(seed)
    count, edges = 12, 30
    tail, head = rng.integers(0, count, edges), rng.integers(0, count, edges)
    head = np.where(head == tail, (head + 1) % count, head)
    tail[0], head[0] = count - 1, 0  # the plant
    m = rng.uniform(0.1, 2.0, edges) * rng.choice([1.0, -1.0], edges)
    m[0] = 1.0
    plant = np.arange(edges) == 0
    way = paths(count, tail.astype(np.int32), head.astype(np.int32), m, plant)
    up, down = np.where(m > 0, tail, head), np.where(m > 0, head, tail)
    reached = {0}
    while more := {int(down[e]) for e in range(1, edges) if int(up[e]) in reached} - reached:
        reached |= more
    total = way.gathered(np.ones(edges))[0]
    plain = [max((e for e in range(edges) if down[e] == node), key=lambda e: abs(m[e]), default=-1) for node in range(count)]
    for node in reached:
        path = way.supply(node)
        assert total[node] == len(path) == len({int(down[e]) for e in path})  # it ends
        end = int(up[path[0]]) if path else node
        assert way.before[end] in (0, -1)  # at the plant, or where water enters that no edge brings
    walks = {node: [node] for node in range(count)}
    for node, walk in walks.items():  # most water everywhere: kept wherever it ends
        while (e := plain[walk[-1]]) > 0 and int(up[e]) not in walk:
            walk.append(int(up[e]))
        if e <= 0:
            assert way.before[node] == plain[node]


def test_free_heat_counts():
    net = line(1, lift=2e5, site=Site(outdoor=KELVIN + 15))
    net = net.replace_table(net[Building].with_(gains=2e4))
    found = rooms(solved(net))
    assert found.demand[0] == 0.0
    assert found.temperature[0] > 20 + KELVIN


@pytest.mark.parametrize("how", [{"kvs": 20.0}, {"control": "load", "drop": 25.0}, {"control": "load", "return_temperature": KELVIN + 45}])
def test_a_plant_short_of_heat_is_supply(how):
    found = rooms(solved(line(2, lift=2e5, capacity=1e5, diameter=0.2, **how)))
    assert np.all(found.temperature < KELVIN + 5) and np.all(found.flow_ratio > 1.0)
    assert list(found.cause) == ["supply", "supply"]
    assert np.all(found.substituted[CAUSES.index("supply")] > KELVIN + 19.9)  # as the plant is set, not as it gets
    assert np.all(found.substituted[CAUSES.index("flow")] < KELVIN + 5)  # more water from the same heat warms nobody


@pytest.mark.parametrize("opening", [1e-9, 1e-7, 1e-5, 1e-3])
def test_return_water_is_above_the_room_however_little_flows(opening):
    found = rooms(solved(line(1, lift=1e5, loss=0.3, opening=opening)))
    moving = ~np.isnan(found.outlet)
    assert np.all(found.outlet[moving] >= found.temperature[moving])


def test_load_without_water_is_flow():
    found = rooms(solved(line(2, lift=0.0, control="load", drop=25.0)))
    assert np.all(found.heat == 0.0) and list(found.cause) == ["flow", "flow"]
    assert found.substituted[CAUSES.index("flow")] - KELVIN == pytest.approx(20.0)


def test_water_that_goes_round_without_a_plant_is_supply():
    """A pump drives the water of two inlets in a circle, the plant stands still."""
    net = line(2, lift=0.0, kvs=20.0)
    net = net.replace_table(net[Plant].with_(control="flow", flow=0.0))
    inlet = net[Consumer]
    node = nodes([*net[Node].id, "m"], {"r0": 3e5})
    booster = Pump.of(id=["p"], tail=["s2"], head=["m"], shutoff_head=20.0, rated_head=10.0, rated_flow=0.003)
    found = rooms(solved(net.replace_table(node).replace_table(booster).replace_table(inlet.with_(tail=[inlet.tail[0], "m"]))))
    assert np.all(np.abs(found.flow_ratio) > 0.9) and np.all(found.temperature < KELVIN - 20)
    assert list(found.cause) == ["supply", "supply"] and np.all(found.substituted.max(axis=0) > KELVIN + 15)


@pytest.mark.parametrize("back", [{"drop": 25.0}, {"return_temperature": KELVIN + 45}])
@pytest.mark.parametrize("given", [9e4, 1.3e5, 1.5e5])
def test_return_water_of_a_given_heat_is_above_its_room(given, back):
    for supply in (75.0, 62.0, 55.0):
        net = line(1, lift=1e5, supply=supply, control="load", heat_given=given, kvs=20.0, **back)
        found = rooms(solved(net))
        assert found.heat[0] <= given * (1 + 1e-9)
        if found.heat[0] > 1.0:
            assert found.temperature[0] <= found.outlet[0] + 1e-6, (supply, found.temperature[0] - KELVIN, found.outlet[0] - KELVIN)


def test_profile_that_makes_no_sense(tmp_path):
    good = 'required = "20 degC"\nover = "24 degC"\n[[band]]\nbelow = "16 degC"\nshare = 1.0\n'
    for old, new, part in [
        ('"20 degC"', '"20 K"', "no room temperature"), ('"24 degC"', '"14 degC"', "must not be below"), ("1.0", "true", "from 0 to 1"),
        ("1.0", '1.0\n[[band]]\nbelow = "16 degC"\nshare = 0.5', "same temperature"), ('"16 degC"', '"600 degC"', "no room temperature"),
    ]:
        (tmp_path / "own.toml").write_text(good.replace(old, new), encoding="utf-8")
        with pytest.raises(ReadError, match=part):
            profile(tmp_path / "own.toml")
    (tmp_path / "own.toml").write_text(good, encoding="utf-8")
    assert profile(tmp_path / "own.toml").required == 20 + KELVIN
