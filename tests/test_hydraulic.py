"""Flows and pressures: by hand, by manufactured answers, under every control, and on random cities against every equation."""

import math

import numpy as np
import pytest
from account import kv_resistance, residuals
from cities import COLD, WATER, line, nodes, pipes, solved
from hypothesis import given, settings
from hypothesis import strategies as st

from heatnet import NotSolved, arrays
from heatnet.components import Consumer, Pipe, Plant, Pump, Valve
from heatnet.network import Network, Node
from heatnet.solve import Settings, Status

LAMINAR = 128 * WATER.mu / (math.pi * WATER.rho)  # Pa s/kg times length over diameter^4


def laminar(length, diameter):
    return LAMINAR * length / diameter**4


def creeping(*rows, inflow, held="a", at="b", **pipe):
    """Pipes in laminar flow between a held node and a draw: a network of linear resistances."""
    names = sorted({name for row in rows for name in row[1:]})
    node = nodes(names, {held: 1e5}, inflow=[inflow if name == at else 0.0 for name in names])
    return solved(Network.of("n", node, pipes(*rows, **pipe)), COLD)


# ---------------------------------------------------------------- by hand


def test_single_pipe_laminar_and_turbulent():
    state = creeping(("p", "a", "b"), inflow=-0.01, length=50.0, diameter=0.1)
    assert state.m == pytest.approx([0.01], rel=1e-12)
    assert state.loss(Pipe)[0] == pytest.approx(laminar(50, 0.1) * 0.01, rel=1e-7)
    fast = creeping(("p", "a", "b"), inflow=-10.0, length=50.0, diameter=0.1)
    lam = 1.0
    for _ in range(60):
        lam = (-2 * math.log10(5e-4 / 0.1 / 3.7 + 2.51 / (4 * 10 / (math.pi * 0.1 * WATER.mu)) / math.sqrt(lam))) ** -2
    expected = 8 * lam * 50 / (math.pi**2 * WATER.rho * 0.1**5) * 100
    assert fast.loss(Pipe)[0] == pytest.approx(expected, rel=1e-10)


def test_series_and_parallel():
    series = creeping(("p", "a", "m"), ("q", "m", "b"), inflow=-0.01, length=[10.0, 30.0], diameter=[0.1, 0.12])
    assert series.m == pytest.approx([0.01, 0.01], rel=1e-12)
    assert series.loss(Pipe) == pytest.approx([laminar(10, 0.1) * 0.01, laminar(30, 0.12) * 0.01], rel=1e-6)
    parallel = creeping(("p", "a", "b"), ("q", "a", "b"), inflow=-0.01, length=[10.0, 30.0], diameter=0.1)
    assert parallel.m == pytest.approx([0.0075, 0.0025], rel=1e-9)


def test_wheatstone_bridge():
    rows = ("ac", "a", "c"), ("ad", "a", "d"), ("cb", "c", "b"), ("db", "d", "b"), ("cd", "c", "d")
    balanced = creeping(*rows, inflow=-0.02, length=[10.0, 20.0, 30.0, 60.0, 5.0])
    assert balanced.m == pytest.approx([0.04 / 3, 0.02 / 3, 0.04 / 3, 0.02 / 3, 0.0], abs=1e-12)
    length = np.array([10.0, 20.0, 30.0, 10.0, 5.0])
    m = creeping(*rows, inflow=-0.02, length=length).m
    incidence = np.array([[1, 1, 0, 0, 0], [1, 0, -1, 0, -1], [0, 1, 0, -1, 1], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0]], dtype=float)
    incidence[3] = length * [1, -1, 0, 0, 1]  # round both meshes
    incidence[4] = length * [0, 0, 1, -1, -1]
    assert m == pytest.approx(np.linalg.solve(incidence, [0.02, 0, 0, 0, 0]), rel=1e-9)


def test_ladder_against_recurrence():
    """Consumers of one Kv along a line of one valve resistance a section: flows from the far end by hand."""
    sections = 12
    node = nodes([f"s{i}" for i in range(sections + 1)] + ["r"], {"r": 0.0})
    along = Valve.of(
        id=[f"v{i}" for i in range(sections)],
        tail=[f"s{i}" for i in range(sections)],
        head=[f"s{i + 1}" for i in range(sections)],
        kvs=80.0,
    )
    users = Consumer.of(id=[f"u{i}" for i in range(sections)], tail=[f"s{i + 1}" for i in range(sections)], head=["r"] * sections, kvs=10.0)
    k_along, k_user = kv_resistance(80.0, WATER.rho), kv_resistance(10.0, WATER.rho)
    dp, flow, expected = 5e3, 0.0, []
    for _ in range(sections):
        expected.append(math.sqrt(dp / k_user))
        flow += expected[-1]
        dp += k_along * flow**2
    plant = Plant.of(id=["p"], tail=["r"], head=["s0"], lift=[dp], supply_temperature=350.0)
    state = solved(Network.of("ladder", node, along, users, plant), COLD)
    assert state.m[state.of(Consumer)] == pytest.approx(expected[::-1], rel=1e-6)  # the law is smooth below 1 mPa
    assert state.m[state.of(Plant)][0] == pytest.approx(flow, rel=1e-7)


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=40, deadline=None)
def test_manufactured_answers(seed):
    """Pressures and flows are drawn first; pipe lengths and draws are then what makes them an answer."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(3, 30))
    ends = [(int(rng.integers(0, i)), i) for i in range(1, n)] + [tuple(rng.choice(n, 2, replace=False)) for _ in range(n // 3)]
    p, d = rng.uniform(2e5, 6e5, n), rng.uniform(0.03, 0.5, len(ends))
    m = 10 ** rng.uniform(-1, 2, len(ends)) * d**2 * 20
    rows = [(f"p{k}", f"n{a}", f"n{b}") if p[a] > p[b] else (f"p{k}", f"n{b}", f"n{a}") for k, (a, b) in enumerate(ends)]
    per_metre = pipes(*rows, length=1.0, diameter=d)
    loss, slope = np.empty(m.size), np.empty(m.size)
    around = arrays.compile(Network.of("x", nodes([f"n{i}" for i in range(n)])), checked=True).scene(WATER, 9.8)
    from_water = type("F", (), {"rho": np.full(m.size, WATER.rho), "mu": np.full(m.size, WATER.mu)})()
    per_metre.law(from_water, "colebrook", around).head_loss(m, loss, slope)
    length = np.array([abs(p[a] - p[b]) for a, b in ends]) / loss
    inflow = np.zeros(n)
    for (_, a, b), flow in zip(rows, m, strict=True):
        inflow[int(a[1:])] += flow
        inflow[int(b[1:])] -= flow
    node = nodes([f"n{i}" for i in range(n)], {"n0": p[0]}, inflow=inflow)
    state = solved(Network.of("made", node, pipes(*rows, length=length, diameter=d)), COLD)
    assert state.m == pytest.approx(m, rel=1e-8)
    assert state.p == pytest.approx(p, rel=1e-10)


# ---------------------------------------------------------------- gravity


def test_height_alone_drives_nothing():
    node = nodes("a b c d", {"a": 1e5}, height=[0.0, 35.0, 80.0, -12.0])
    state = solved(Network.of("ring", node, pipes(("1", "a", "b"), ("2", "b", "c"), ("3", "c", "d"), ("4", "d", "a"))), COLD)
    assert state.m == pytest.approx(np.zeros(4), abs=1e-12)
    assert state.p == pytest.approx(1e5 - WATER.rho * COLD.gravity * np.array([0.0, 35.0, 80.0, -12.0]), abs=1e-6)


def test_hot_riser_drives_itself():
    """A plant without lift, 30 m below its user: the weight of cold return against hot supply."""
    net = line(1, lift=0.0, loss=0.05)
    net = net.with_(Node, height=[0.0, 30.0, 0.0, 30.0])
    state = solved(net)
    assert state.m[0] > 0.05
    assert residuals(state).pressure < 1.0
    assert solved(net, Settings(gravity=0.0)).m[0] == pytest.approx(0.0, abs=1e-6)


# ---------------------------------------------------------------- no length, dead ends, islands


def test_no_length_is_no_pipe():
    net = line(4)
    with_joint = Network.of(
        "joint",
        nodes([*net[Node].id, "x", "y"], {"r0": 3e5}),
        pipes(
            *zip(net[Pipe].id, ["s0", "x", "s2", "s3", "r1", "y", "r3", "r4"], net[Pipe].head, strict=True),
            ("j", "s1", "x"),
            ("k", "r2", "y"),
            length=[60.0] * 8 + [0.0, 0.0],
        ),
        net[Plant],
        net[Consumer],
    )
    plain, joined = solved(Network.of("plain", *(net[kind] for kind in (Node, Pipe, Plant, Consumer))), COLD), solved(with_joint, COLD)
    assert joined.m[:8] == pytest.approx(plain.m[:8], rel=1e-12)
    assert joined.m[8:10] == pytest.approx([plain.m[1], plain.m[5]], rel=1e-12)
    assert joined.p[: plain.p.size] == pytest.approx(plain.p, rel=1e-12)


def test_parallel_joints_share_evenly():
    rows = ("j", "a", "m"), ("k", "m", "a"), ("p", "m", "b")
    state = creeping(*rows, inflow=-0.01, length=[0.0, 0.0, 10.0])
    assert state.m == pytest.approx([0.005, -0.005, 0.01], rel=1e-12)
    assert state.p[0] == state.p[2]


def test_shut_valve_dead_end_and_island():
    """A shut valve cuts a street off: no flow there, pressure unknown, and the rest is as if it were not there."""
    net = line(3)
    node = nodes([*net[Node].id, "x", "y", "z"], {"r0": 3e5})
    pipe = pipes(*zip(net[Pipe].id, net[Pipe].tail, net[Pipe].head, strict=True), ("end", "s3", "z"), ("far", "x", "y"), length=60.0)
    valve = Valve.of(id=["v"], tail=["s2"], head=["x"], kvs=[50.0], opening=[0.0])
    state = solved(Network.of("cut", node, pipe, valve, net[Plant], net[Consumer]), COLD)
    alone = solved(Network.of("alone", *(net[kind] for kind in (Node, Pipe, Plant, Consumer))), COLD)
    assert state.status is Status.CONVERGED
    assert state.m[:6] == pytest.approx(alone.m[:6], rel=1e-9)
    assert state.m[6:9] == pytest.approx([0.0, 0.0, 0.0], abs=1e-12)
    assert list(np.isnan(state.p[-3:])) == [True, True, False]
    assert state.p[-1] == pytest.approx(state.p[3], abs=1e-6)


def test_driven_island_has_no_pressure():
    net = line(2)
    loose = net.with_(Node, pressure=math.nan)
    state = solved(loose, throw=False)
    assert state.status is Status.NO_PRESSURE_HELD
    assert "plant 'plant'" in state.message
    with pytest.raises(NotSolved, match="no pressure is held"):
        solved(loose)


# ---------------------------------------------------------------- plants, inflows, pumps


def two_plants(**plant):
    node = nodes("s r t", {"r": 2e5})
    users = Consumer.of(id=["u", "v"], tail=["s", "t"], head=["r", "r"], kvs=[10.0, 20.0])
    both = Plant.of(id=["p", "q"], tail=["r", "r"], supply_temperature=350.0, **plant)
    return Network.of("two", node, pipes(("p", "s", "t")), users, both)


def test_lifts_in_parallel_share_and_contradict():
    state = solved(two_plants(head=["s", "s"], lift=[8e4, 8e4]), COLD)
    assert state.m[state.of(Plant)][0] == pytest.approx(state.m[state.of(Plant)][1], rel=1e-12)
    assert state.difference(Plant) == pytest.approx([-8e4, -8e4])
    clash = solved(two_plants(head=["s", "s"], lift=[8e4, 9e4]), COLD, throw=False)
    assert clash.status is Status.CONFLICT
    assert "plant" in clash.message
    apart = solved(two_plants(head=["s", "t"], lift=[8e4, 8e4]), COLD)
    assert apart.m[0] == pytest.approx(0.0, abs=1e-9)


def test_given_flow_and_lift_together():
    state = solved(two_plants(head=["s", "t"], lift=[8e4, math.nan], control=["lift", "flow"], flow=[math.nan, 3.0]), COLD)
    assert state.m[state.of(Plant)][1] == 3.0
    assert state.m[state.of(Plant)].sum() == pytest.approx(state.m[state.of(Consumer)].sum(), rel=1e-10)
    assert residuals(state).pressure < 1e-3


def test_given_flow_with_nowhere_to_go():
    net = two_plants(head=["s", "t"], lift=math.nan, control="flow", flow=[3.0, 1.0])
    net = net.replace_table(net[Consumer].with_(control="flow", flow=[1.0, 1.0]))
    state = solved(net, COLD, throw=False)
    assert state.status is Status.IMPOSSIBLE_LIMITS
    assert "plant 'p'" in state.message


def test_held_pressures_against_each_other():
    node = nodes("a b", {"a": 2e5, "b": 1e5})
    assert solved(Network.of("n", node, pipes(("p", "a", "b"), length=0.0)), COLD, throw=False).status is Status.CONFLICT
    flows = solved(Network.of("n", node, pipes(("p", "a", "b"), length=10.0)), COLD)
    assert flows.m[0] > 1.0
    assert flows.exchange == pytest.approx([flows.m[0], -flows.m[0]])


def test_leak_is_made_up_where_pressure_is_held():
    net = line(3, buildings=False)
    leak = [-0.02 if name == "s2" else 0.0 for name in net[Node].id]
    state = solved(net.with_(Node, inflow=leak), COLD)
    assert state.exchange.sum() == pytest.approx(0.02, abs=1e-10)
    assert residuals(state).mass < 1e-9


def test_pumps():
    """In a loop with a plant of fixed lift: speed, standstill, and no flow backwards."""
    node = nodes("s m t r", {"r": 2e5})
    user = Consumer.of(id=["u"], tail=["t"], head=["r"], kvs=[20.0])

    def booster(speed, lift=2e4, turned=False):
        pump = Pump.of(
            id=["b"],
            tail=["m" if turned else "s"],
            head=["s" if turned else "m"],
            shutoff_head=10.0,
            rated_head=8.0,
            rated_flow=0.01,
            speed=[speed],
        )
        plant = Plant.of(id=["p"], tail=["r"], head=["s"], lift=[lift], supply_temperature=350.0)
        return solved(Network.of("b", node, pipes(("p", "m", "t")), user, plant, pump), COLD)

    full, half, off = booster(1.0), booster(0.5), booster(0.0)
    assert full.m[-1] > half.m[-1] > 1.0
    q = full.m[full.of(Pump)][0] / WATER.rho
    assert -full.loss(Pump)[0] == pytest.approx(WATER.rho * COLD.gravity * (10.0 - 2.0 * (q / 0.01) ** 2), rel=1e-5)
    assert np.abs(off.m).max() < 1e-12
    against = booster(1.0, lift=1.5e5, turned=True)
    assert np.abs(against.m).max() <= 1e-12  # 96 kPa of head against 150 kPa of lift: held shut by its check valve


# ---------------------------------------------------------------- controls


def test_given_flow_is_taken_or_falls_short():
    rich, poor = (solved(line(5, lift=lift, buildings=False, control="flow", flow=1.0, kvs=10.0), COLD) for lift in (3e5, 2e4))
    assert rich.m[rich.of(Consumer)] == pytest.approx(np.ones(5))
    users = poor.m[poor.of(Consumer)]
    assert np.all(np.diff(users) <= 1e-12)
    assert 0.0 < users[-1] < 0.9
    assert poor.difference(Consumer)[-1] == pytest.approx(kv_resistance(10.0, WATER.rho) * users[-1] ** 2, rel=1e-5)


def test_negative_difference_takes_nothing():
    """A booster at the near end pulls the far user's supply below its return."""
    node = nodes("s t r q", {"r": 2e5})
    both = Consumer.of(
        id=["near", "far"], tail=["s", "t"], head=["r", "q"], control=["fixed", "flow"], kvs=[400.0, 10.0], flow=[math.nan, 1.0]
    )
    pump = Pump.of(id=["b"], tail=["s"], head=["r"], shutoff_head=30.0, rated_head=20.0, rated_flow=0.05)
    plant = Plant.of(id=["p"], tail=["r"], head=["s"], control=["flow"], flow=[2.0], supply_temperature=350.0)
    state = solved(Network.of("n", node, both, pump, plant, pipes(("1", "s", "t"), ("2", "q", "r"), diameter=0.03)), COLD)
    assert state.difference(Consumer)[1] < 0.0
    assert state.m[state.of(Consumer)][1] == 0.0
