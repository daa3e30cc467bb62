"""Random networks with valves that reduce or sustain pressure, limit flow or let none back, and pumps, against EPANET 2.3."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from published import EPANET
from test_epanet import FLOW, HEAD, by_epanet, differences, random_network

from heatnet.components import Pipe, Pump, Valve
from heatnet.network import Network, Node
from heatnet.solve import Status, solve

pytest.importorskip("epanet.toolkit")

NETWORKS = range(60)
CONTROLS = ("reduce", "sustain", "flow", "check")


def with_valves(seed: int) -> Network:
    """A random network of which some pipes have a valve in their middle; at most one that keeps a pressure."""
    net = random_network(seed)
    random = np.random.default_rng(1000 + seed)
    pipe, node = net[Pipe], net[Node]
    base = solve(net, EPANET)
    chosen = random.choice(len(pipe), int(random.integers(1, 4)), replace=False)
    controls = [str(random.choice(CONTROLS)), *(str(random.choice(CONTROLS[2:])) for _ in range(chosen.size - 1))]
    number = {name: at for at, name in enumerate(node.id)}
    rows: dict[str, list[float | str]] = {name: [] for name in ("id", "tail", "head", "kvs", "control", "pressure", "flow")}
    second = {name: list(getattr(pipe.take(chosen), name)) for name in Pipe.columns()}
    head, length = pipe.head.copy(), pipe.length.copy()
    heights, names = [], []
    for k, (at, control) in enumerate(zip(chosen, controls, strict=True)):
        a, b = number[pipe.tail[at]], number[pipe.head[at]]
        height = float(0.5 * (node.height[a] + node.height[b]))
        forward = random.random() < 0.8
        before, after = (f"x{k}", f"y{k}") if forward == (base.m[at] > 0) else (f"y{k}", f"x{k}")
        head[at], length[at] = f"x{k}", 0.5 * pipe.length[at]
        second["id"][k], second["tail"][k], second["length"][k] = f"z{k}", f"y{k}", 0.5 * pipe.length[at]
        middle = 0.5 * (base.p[a] + base.p[b])
        below = {"reduce": -1.0, "sustain": 1.0}.get(control, 0.0) * random.uniform(-0.1, 0.6) * 1e5
        values = (
            f"v{k}", before, after, 10 ** random.uniform(1.5, 2.7), control, middle + below,
            max(abs(base.m[at]) * random.uniform(0.2, 1.5), 0.05),
        )
        for name, value in zip(rows, values, strict=True):
            rows[name].append(value)
        heights += [height, height]
        names += [f"x{k}", f"y{k}"]
    columns = {name: np.concatenate([getattr(node, name), getattr(Node.of(id=names, height=heights), name)]) for name in Node.columns()}
    first = pipe.with_(head=head, length=length)
    both = {name: np.append(getattr(first, name), np.array(second[name], dtype=getattr(first, name).dtype)) for name in Pipe.columns()}
    return Network.of(f"valves {seed}", Node.of(**columns), Pipe.of(**both), net[Pump], Valve.of(**rows))


def links_in_order(net: Network) -> np.ndarray:
    """Places of pipes, pumps and valves among heatnet's edges (pipes, valves, pumps)."""
    pipes, valves, pumps = len(net[Pipe]), len(net[Valve]), len(net[Pump])
    return np.concatenate([np.arange(pipes), pipes + valves + np.arange(pumps), pipes + np.arange(valves)])


@pytest.mark.parametrize("seed", NETWORKS)
def test_random_network_with_valves_agrees_with_epanet(seed: int) -> None:
    net = with_valves(seed)
    state, answer = solve(net, EPANET, throw=False), by_epanet(net)
    if not state.converged:  # a draw behind a valve that lets nothing through: EPANET forces water through it at absurd pressures
        assert state.status is Status.IMPOSSIBLE_LIMITS
        assert answer.head.min() < -1e5
        return
    assert state.certificate.within(0.1, 1e-8), state.certificate
    order = links_in_order(net)
    flow, head = differences(replace(state, m=state.m[order]), answer)
    assert flow < FLOW
    shut = "closed" in list(state.frame("valve")["state"])  # what leaks through a shut valve there sets the pressure of a dead end behind
    assert head < (2e3 if shut else HEAD)


def test_the_valves_hold_are_open_and_are_closed() -> None:
    seen = set()
    for seed in NETWORKS:
        net = with_valves(seed)
        state = solve(net, EPANET, throw=False)
        if state.converged:
            seen |= set(zip(net[Valve].control, state.frame("valve")["state"], strict=True))
    assert seen >= {(control, name) for control in ("reduce", "sustain") for name in ("holds", "open", "closed")}
    assert seen >= {("flow", "holds"), ("flow", "starved"), ("check", "open"), ("check", "closed")}
