"""Rules of a network, on networks made in Python: what each finds, what it leaves alone, and that none stumbles over another's problem."""

from __future__ import annotations

import math
import time
from pathlib import Path

import numpy as np
import pytest
from cities import line, nodes, pipes
from hypothesis import given, settings
from hypothesis import strategies as st
from sound import write

from heatnet import Building, Consumer, Network, Node, Pipe, Plant, Problem, Pump, Valve, check, compile, read
from heatnet.check import RULES
from heatnet.errors import ModelError
from heatnet.network import TABLES, Curve
from heatnet.topology import ends, offsets, parts, sides
from heatnet.units import KELVIN


def texts(net: Network, *, warning: bool = False) -> list[str]:
    return [str(problem) for problem in check(net) if problem.warning == warning]


def first(net: Network, part: str, *, warning: bool = False) -> Problem:
    found = [problem for problem in check(net) if part in problem.text]
    assert found, [str(problem) for problem in check(net)]
    assert found[0].warning == warning
    return found[0]


def renamed(values: np.ndarray, row: int, name: str) -> list[str]:
    names = [str(value) for value in values]
    names[row] = name
    return names


def joined(net: Network, *rows: tuple[str, str, str], **more: object) -> Network:
    """The network with more pipes."""
    old = net[Pipe]
    new = pipes(*rows, **more)
    both = {name: np.concatenate([getattr(old, name), getattr(new, name)]) for name in Pipe.columns()}
    return net.replace_table(Pipe.of(**both))


def test_one_plant_and_one_consumer_that_disagree() -> None:
    net = line(1)
    inlet = net[Consumer]
    problem = first(net.replace_table(inlet.with_(tail=inlet.head, head=inlet.tail)), "wrong way round")
    assert (problem.table, problem.id) == ("consumer", "u0")


def test_the_sound_model_has_no_problem(tmp_path: Path) -> None:
    assert check(read(write(tmp_path))) == ()
    assert check(line(5)) == ()


def test_ranges_hold_for_networks_made_in_python() -> None:
    net = line(3)
    problem = first(net.with_(Pipe, diameter=[0.1, -0.1, 0.1, 0.1, 0.1, 0.1]), "out of range")
    assert (problem.table, problem.id, problem.column, problem.where) == ("pipe", "ps1", "diameter", "")
    assert "at least 0.001" in problem.text
    assert first(net.with_(Pipe, length=math.inf), "out of range").column == "length"
    assert first(net.with_(Pipe, loss=math.nan), "missing").column == "loss"
    assert first(net.with_(Consumer, control="lod"), "did you mean 'load'").column == "control"


def test_one_node_too_many_ids() -> None:
    net = line(3)
    assert first(net.with_(Node, id=renamed(net[Node].id, 2, "s1")), "stands twice").id == "s1"
    assert first(net.with_(Node, id=renamed(net[Node].id, 2, "")), "missing").column == "id"
    same = net.with_(Consumer, id=["ps0", "ps1", "ps2"]).with_(Building, consumer=["ps0", "ps1", "ps2"])
    assert not check(same)  # one id in two tables is fine


def test_references_name_the_nearest() -> None:
    net = line(3)
    problem = first(net.with_(Pipe, head=renamed(net[Pipe].head, 1, "s22")), "no node 's22'")
    assert problem.column == "head" and "did you mean 's2'?" in problem.text
    problem = first(net.with_(Building, consumer=["u0", "u1", "u22"]), "no consumer")
    assert problem.column == "consumer" and "did you mean 'u2'?" in problem.text


def test_parts_without_pressure() -> None:
    net = line(3)
    assert "'s0', 's1', 's2' and 5 more" in first(net.with_(Node, pressure=math.nan), "no pressure is held").text
    stray = Network.of("two", nodes("a b c d", {"a": 1e5}), pipes(("p", "a", "b"), ("q", "c", "d")))
    assert "cut off" in first(stray, "'c', 'd'", warning=True).text
    fed = stray.with_(Node, inflow=[0.0, 0.0, 1.0, 0.0])
    assert first(fed, "no pressure is held").id == "c"
    alone = Network.of("one", nodes("a b c", {"a": 1e5}, inflow=[0.0, 0.0, 1.0]), pipes(("p", "a", "b")))
    assert first(alone, "no pressure is held").id == "c"


def test_closed_valves_cut_off_and_only_warn() -> None:
    net = line(3)
    tail, head = [str(v) for v in net[Pipe].tail], [str(v) for v in net[Pipe].head]
    at = [str(v) for v in net[Pipe].id]
    keep = np.array([name not in ("ps1", "pr1") for name in at])
    cut = net.replace_table(net[Pipe].take(keep))
    for opening, closed in ((1.0, False), (0.0, True)):
        valve = Valve.of(id=["vs", "vr"], tail=[tail[1], tail[4]], head=[head[1], head[4]], kvs=100.0, opening=opening)
        shut = cut.replace_table(valve)
        assert not texts(shut)
        assert bool(texts(shut, warning=True)) == closed
    assert "cut off" in first(shut, "nodes 's2', 's3', 'r2'", warning=True).text
    assert first(shut, "is a valve closed?", warning=True).id == "u1"
    assert first(cut.with_(Node, pressure=[math.nan if name != "r2" else 1e5 for name in cut[Node].id]), "no path leads here").id == "u1"


def test_a_shut_supply_valve_of_one_consumer() -> None:
    net = line(2)
    net = net.replace_table(net[Pipe].take(np.asarray(net[Pipe].id != "ps1")))
    net = net.replace_table(Valve.of(id=["v"], tail=["s1"], head=["s2"], kvs=[100.0], opening=[0.0]))
    assert not texts(net)
    assert first(net, "is a valve closed?", warning=True).id == "u1"


@pytest.mark.parametrize("users", [2, 5])
def test_wrong_way_round(users: int) -> None:
    net = line(users)
    inlet = net[Consumer]
    tail, head = renamed(inlet.tail, 1, inlet.head[1]), renamed(inlet.head, 1, inlet.tail[1])
    found = texts(net.with_(Consumer, tail=tail, head=head))
    assert len(found) == 1 and "'u1'" in found[0] and "supply to return" in found[0]
    found = texts(net.with_(Plant, tail=["s0"], head=["r0"]))
    assert len(found) == 1 and "return to supply" in found[0]


def test_sides() -> None:
    net = line(2)
    assert dict(zip(net[Node].id, sides(net).tolist(), strict=True)) == {"s0": 1, "s1": 1, "s2": 1, "r0": -1, "r1": -1, "r2": -1}
    mixed = joined(net, ("mix", "r2", "s2"))
    assert not sides(mixed).any()
    back = mixed.with_(Consumer, tail=["s1", "r2"], head=["r1", "s2"])
    assert not texts(back)  # nothing can be told where supply and return are joined


def test_dangling_devices_are_errors() -> None:
    net = line(3)
    more = Node.of(id=[*net[Node].id, "x"], pressure=[*net[Node].pressure, math.nan])
    problem = first(net.replace_table(more).with_(Consumer, tail=["s1", "s2", "x"]), "dangling end: node 'x'")
    assert (problem.table, problem.id, problem.column) == ("consumer", "u2", "tail")


def test_contradictory_pressures() -> None:
    held = Network.of("held", nodes("a b c", {"a": 1e5, "c": 2e5}), pipes(("p", "a", "b"), ("q", "b", "c"), length=[0.0, 0.0]))
    problem = first(held, "holds another pressure than node 'a'")
    assert problem.id == "c" and "100.0 kPa" in problem.text
    assert not texts(held.with_(Node, pressure=[1e5, math.nan, 1e5]))
    assert not texts(held.with_(Node, pressure=[1e5, math.nan, 1e5 - 980 * 9.80665 * 10], height=[0.0, 0.0, 10.0]))
    assert not texts(held.with_(Pipe, length=10.0))

    twins = line(2)
    plant = Plant.of(id=["one", "two"], tail=["r0", "r0"], head=["s0", "s0"], lift=[1e5, 1.2e5], supply_temperature=KELVIN + 75)
    problem = first(twins.replace_table(plant), "given twice")
    assert (problem.id, problem.column) == ("two", "lift") and "20.0 kPa" in problem.text
    assert not texts(twins.replace_table(plant.with_(lift=1e5)))
    short = joined(twins, ("short", "s0", "r0"), length=0.0)
    assert "given twice" in "".join(texts(short))


def test_loop_of_pipes_of_no_length_is_sound() -> None:
    ring = pipes(("p", "a", "b"), ("q", "b", "c"), ("r", "c", "a"), length=0.0)
    net = Network.of("ring", nodes("a b c", {"a": 1e5}, height=[0.0, 5.0, 9.0]), ring)
    assert not texts(net)


def test_what_a_plant_needs() -> None:
    net = line(2)
    for control, column in (("lift", "lift"), ("flow", "flow"), ("heat", "heat_given")):
        problem = first(net.with_(Plant, control=control, lift=math.nan), "needs it")
        assert problem.column == column
    assert first(net.with_(Plant, curve="east"), "no heating curve").column == "curve"
    with_curve = Network.of("c", *(net.tables[kind] for kind in TABLES), curves={"east": Curve((250.0, 280.0), (350.0, 320.0))})
    assert "not both" in first(with_curve.with_(Plant, curve="east"), "not both").text
    assert not texts(with_curve.with_(Plant, curve="east", supply_temperature=math.nan))


def test_capacity_against_demand_at_this_weather() -> None:
    net = line(3, capacity=2e5)  # three times 100 kW at design weather
    assert first(net, "0.20 MW", warning=True).column == "capacity"
    assert not check(net.with_site(outdoor=net.site.design_outdoor + 22.1))  # half the load


def test_what_a_consumer_needs() -> None:
    net = line(2)
    load = net.with_(Consumer, control="load", drop=25.0)
    assert not check(load)
    assert first(load.replace_table(Building.empty()), "needs heat_given").id == "u0"
    assert first(load.with_(Consumer, return_temperature=KELVIN + 40), "one of them").column == "return_temperature"
    cold = net.with_(Consumer, control="load", return_temperature=KELVIN + 19.0)
    assert first(cold, "warmer than the rooms").column == "return_temperature"
    assert first(net.replace_table(Building.empty()), "bypass", warning=True).id == "u0"


def test_pump_curve() -> None:
    pump = Pump.of(id=["p"], tail=["a"], head=["b"], shutoff_head=[20.0], rated_head=[20.0], rated_flow=[0.01])
    net = Network.of("pump", nodes("a b", {"a": 1e5}), pump, pipes(("back", "b", "a")))
    assert first(net, "fall with flow").column == "rated_head"
    assert not check(net.with_(Pump, rated_head=15.0))


def test_building_without_sense() -> None:
    net = line(2)
    assert first(net.with_(Building, design_outdoor=KELVIN + 21.0), "above design_outdoor").column == "design_indoor"
    assert first(net.with_site(design_outdoor=KELVIN + 25.0), "above design_outdoor").column == "design_indoor"


def test_order_of_tables_and_rows() -> None:
    net = line(3).with_(Pipe, length=-1.0).with_(Node, height=1e9).with_(Building, design_heat=-1.0)
    found = [(problem.table, problem.id) for problem in check(net)]
    tables = [kind.kind() for kind in TABLES]
    rows = {kind.kind(): [str(v) for v in net[kind].id] for kind in TABLES}
    keys = [(tables.index(table), rows[table].index(name)) for table, name in found]
    assert keys == sorted(keys) and len(found) == 8 + 6 + 3


def test_compile_raises_all_errors_and_no_warning() -> None:
    net = line(3).with_(Pipe, length=30e3, diameter=-1.0)
    with pytest.raises(ModelError) as caught:
        compile(net)
    assert len(caught.value.problems) == 6 and not any(problem.warning for problem in caught.value.problems)


names = st.sampled_from(["s0", "s1", "s2", "r0", "r1", "r2", "nowhere", "", "x"])
numbers = st.sampled_from([math.nan, math.inf, -math.inf, -1.0, 0.0, 1.0, 300.0, 1e30])


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_no_rule_stumbles(data: st.DataObject) -> None:
    """Whatever stands in a network, check answers."""
    net = line(2).replace_table(Valve.of(id=["v"], tail=["s1"], head=["s2"], kvs=[1.0]))
    net = net.replace_table(Pump.of(id=["p"], tail=["s1"], head=["s2"], shutoff_head=[2.0], rated_head=[1.0], rated_flow=[1.0]))
    for _ in range(data.draw(st.integers(1, 4))):
        kind = data.draw(st.sampled_from(TABLES))
        name, item = data.draw(st.sampled_from(list(kind.columns().items())))
        source = names if item.text else numbers
        net = net.with_(kind, **{name: data.draw(st.lists(source, min_size=len(net[kind]), max_size=len(net[kind])))})
    with np.errstate(all="ignore"):
        for problem in check(net):
            assert problem.text and problem.table


@pytest.mark.parametrize("kind", TABLES)
def test_empty_tables(kind: type[Node]) -> None:
    check(line(2).replace_table(kind.empty()))
    assert check(Network.of("nothing")) == ()


def test_topology_of_broken_references() -> None:
    net = line(2)
    graph = ends(net.with_(Pipe, tail="nowhere"))
    assert (graph.tail[:4] == -1).all() and not graph.sound[:4].any() and graph.sound[4:].all()
    label = parts(4, np.array([0, 2]), np.array([1, 3]))
    assert label[0] == label[1] != label[2] == label[3]
    root, above = offsets(np.array([0, 1]), np.array([1, 2]), np.array([1.0, 2.0]))
    assert root == {0: 0, 1: 0, 2: 0} and above == {0: 0.0, 1: 1.0, 2: 3.0}


def test_thousands_of_broken_rows_take_no_long_time() -> None:
    users = 4000
    net = line(users)
    heads = [f"{name}x" for name in net[Pipe].head]
    start = time.perf_counter()
    found = check(net.with_(Pipe, head=heads))
    assert time.perf_counter() - start < 5.0
    assert sum("no node" in problem.text for problem in found) == 2 * users


def test_every_rule_says_what_it_is_for() -> None:
    for rule in RULES:
        assert rule.__doc__
