"""Extreme pipes, renumbering, step counts, and random cities against every equation of an independent account."""

from dataclasses import replace

import numpy as np
import pytest
from account import residuals
from cities import COLD, city, line, solved
from hypothesis import given, settings
from hypothesis import strategies as st

from heatnet import arrays
from heatnet.components import Consumer, Pipe, Plant, Pump, Valve
from heatnet.network import Node
from heatnet.solve import Settings, Status, solve

# ---------------------------------------------------------------- extremes and invariance


@pytest.mark.parametrize("diameter", [1e-3, 0.02, 1.4])
@pytest.mark.parametrize("length", [0.01, 100.0, 1e5])
def test_extreme_pipes(diameter, length):
    net = line(3, length=length, diameter=[0.3, diameter, 0.1], buildings=False)
    state = solved(net, COLD)
    assert residuals(state).pressure < 1e-3
    assert state.steps <= 25


def renamed(net, seed):
    """The same network with rows shuffled and some pipes reversed; and where each old pipe went, with its sign."""
    rng = np.random.default_rng(seed)
    fresh = net
    orders, signs = {}, {}
    for kind in (Node, Pipe, Valve, Pump, Plant, Consumer):
        orders[kind] = rng.permutation(len(net[kind]))
        fresh = fresh.replace_table(net[kind].take(orders[kind]))
    pipe = fresh[Pipe]
    turn = rng.random(len(pipe)) < 0.5
    fresh = fresh.replace_table(pipe.with_(tail=np.where(turn, pipe.head, pipe.tail), head=np.where(turn, pipe.tail, pipe.head)))
    signs[Pipe] = np.where(turn, -1.0, 1.0)
    return fresh, orders, signs


@given(st.integers(0, 400), st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_renumbering_and_reversing_change_only_signs(seed, shuffle):
    net = city(seed)
    other, orders, signs = renamed(net, shuffle)
    tight = replace(COLD, pressure_tolerance=1e-6)
    one, two = solved(net, tight, throw=False), solved(other, tight, throw=False)
    assert one.status is two.status
    if not one.converged:
        return
    scale = np.abs(one.m).max(initial=0.0)
    for kind in (Pipe, Valve, Pump, Plant, Consumer):
        expected = one.m[one.of(kind)][orders[kind]] * signs.get(kind, 1.0)
        assert two.m[two.of(kind)] == pytest.approx(expected, abs=1e-6 * scale + 1e-8)  # creeping flow hardly feels its pressure


def test_steps_of_ordinary_networks():
    """Newton's work does not grow with the network; the ceiling is what it needs today, with a little room."""
    most = {}
    for users in (1, 10, 100, 1000):
        wide = np.maximum(0.04, 0.02 * np.sqrt(np.arange(users, 0, -1)))
        for control in ("fixed", "flow"):
            state = solved(line(users, lift=4e5, diameter=wide, buildings=False, control=control, flow=0.5), COLD)
            most[users, control] = state.steps
            again = solved(line(users, lift=4.2e5, diameter=wide, buildings=False, control=control, flow=0.5), COLD, start=state)
            assert again.steps <= 6
    assert max(most.values()) <= 15, most


def test_warm_start_is_the_cold_answer():
    net = line(8, lift=6e4, buildings=False, control="flow", flow=1.0)
    base = solved(net, COLD)
    changes = net.with_(Plant, lift=9e4), net.with_(Pipe, diameter=0.08), net.replace_table(net[Consumer].with_(control="fixed"))
    for changed in (*changes, net.replace_table(net[Consumer].with_(opening=0.0, control="fixed"))):
        cold, warm = solved(changed, COLD), solved(changed, COLD, start=base)
        assert warm.m == pytest.approx(cold.m, abs=1e-8)
        assert warm.p == pytest.approx(cold.p, abs=1e-3)


def test_warm_start_from_users_shut_by_pressure():
    """What rested at "no flow backwards" must not keep a bound that its new control does not have."""
    net = line(2, lift=0.0, buildings=False, control="flow", flow=1.0)
    away = net.with_(Node, inflow=[0, 0, 0, 0, 0, 0.5])
    base = solved(away, COLD)
    assert np.all(base.m[base.of(Consumer)] == 0.0)
    fixed = away.replace_table(net[Consumer].with_(control="fixed"))
    assert solved(fixed, COLD, start=base).m == pytest.approx(solved(fixed, COLD).m, abs=1e-8)


# ---------------------------------------------------------------- random cities


@pytest.mark.parametrize("block", range(6))
def test_random_cities_at_one_temperature(block):
    steps = []
    for seed in range(block * 40, block * 40 + 40):
        state = solved(city(seed), Settings(heat=False), throw=False)
        if not state.converged:
            assert state.status in (Status.IMPOSSIBLE_LIMITS, Status.NO_PRESSURE_HELD), (seed, state.message)
            continue
        found = residuals(state)
        assert found.mass < 1e-9, seed
        assert found.pressure < 1.0, (seed, found.worst)
        steps.append(state.steps)
    assert np.median(steps) <= 12
    assert max(steps) <= 30


def test_impossible_cities_are_impossible():
    """Where a city is called impossible, plants of given flow bring more than all inlets can take."""
    for seed in (91, 119, 124):
        net = city(seed)
        state = solved(net, Settings(heat=False), throw=False)
        if state.status is Status.IMPOSSIBLE_LIMITS:
            assert "plant 'second'" in state.message
            less = net.with_(Plant, control="lift", lift=1e4) if len(net[Plant]) else net
            assert solve(arrays.compile(less, checked=True), Settings(heat=False), throw=False).converged


@pytest.mark.parametrize("block", range(5))
def test_random_cities(block):
    """Level cities all have an answer; it satisfies every equation of an independent account."""
    passes = []
    for seed in range(block * 30, block * 30 + 30):
        net = city(seed)
        state = solved(net.with_(Node, height=0.0), throw=False)
        if not state.converged:
            assert state.status in (Status.IMPOSSIBLE_LIMITS, Status.NO_PRESSURE_HELD), (seed, state.message)
            continue
        found, heat = residuals(state), 1.0 + float(np.abs(state.heat(Plant)).sum())
        assert found.mass < 1e-6, seed
        assert found.pressure < 1.0, (seed, found.worst)
        assert found.node_heat < 1e-2 + 1e-7 * heat, seed
        assert found.edge_heat < 1.0 + 1e-6 * heat, seed
        passes.append(state.passes)
    assert np.median(passes) <= 20


def test_random_hilly_cities():
    """Where creeping water turns with its own weight its mean weight is taken, and the state says by how much it is off."""
    answered = 0
    for seed in range(300, 360):
        state = solved(city(seed), throw=False)
        if state.converged:
            answered += 1
            found = residuals(state)
            assert found.pressure < 1.0 + state.residuals.weight, (seed, found.worst)
            assert (state.residuals.weight > 0.2) <= ("its own weight" in state.message), seed
            assert found.mass < 1e-6, seed
        else:
            assert state.status in (Status.IMPOSSIBLE_LIMITS, Status.NO_PRESSURE_HELD, Status.MAX_PASSES), (seed, state.message)
    assert answered >= 58
