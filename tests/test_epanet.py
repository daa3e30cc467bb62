"""Random networks against EPANET 2.3: loops, elevations, several fixed heads, pumps with check valves, friction law of EPANET.

EPANET computes in feet and cubic feet a second; it is driven in these units because its conversion factors from metric
ones are rounded (0.028317 m3 for a cubic foot would cost 5e-6 of every flow).
"""

from __future__ import annotations

import math
import os
import warnings
from dataclasses import dataclass

import numpy as np
import pytest
from published import EPANET

from heatnet.components import Pipe, Pump, Valve
from heatnet.network import Network, Node
from heatnet.solve import State, solve

toolkit = pytest.importorskip("epanet.toolkit")

NETWORKS = range(30)
FOOT = 0.3048  # m
CUBIC_FOOT = FOOT**3  # m3
LOCAL = 8.0 / (math.pi**2 * 32.2) / 0.02517  # EPANET's rounded constant of local losses, taken out again
FLOW = 1e-4  # of the flow
LEAK = 1e-7  # m3/s; EPANET lets (head difference)/1e8 cubic feet a second pass a shut pump, some 5e-8 m3/s here
HEAD = 10.0  # Pa
GAUGE = 9814.56  # Pa for a metre of water


@dataclass(frozen=True)
class Answer:
    """What EPANET says, in SI units."""

    flow: np.ndarray  # m3/s, pipes, then pumps, then valves
    head: np.ndarray  # m


def random_network(seed: int) -> Network:
    """A connected looped network; pump k lifts from a reservoir of its own, or boosts between two nodes."""
    random = np.random.default_rng(seed)
    inner = int(random.integers(6, 30))
    ends = [(int(random.integers(0, at)), at) for at in range(1, inner)]
    ends += [tuple(random.choice(inner, 2, replace=False).tolist()) for _ in range(int(random.integers(2, inner)))]
    tanks = int(random.integers(1, 4))
    ends += [(inner + k, int(random.integers(0, inner))) for k in range(tanks)]
    pumps = int(random.integers(1, 4))
    lifts = [(inner + tanks + k, int(random.integers(0, inner))) for k in range(pumps)]
    boosters = [tuple(random.choice(inner, 2, replace=False).tolist()) for _ in range(int(random.integers(0, 2)))]
    ends = [pair if random.random() < 0.5 else pair[::-1] for pair in ends]  # type: ignore[misc]
    n, e, p = inner + tanks + pumps, len(ends), pumps + len(boosters)
    height = np.concatenate([random.uniform(0, 40, inner), random.uniform(50, 90, tanks), random.uniform(0, 60, pumps)])
    node = Node.of(
        id=[f"n{k}" for k in range(n)], height=height, pressure=[np.nan] * inner + [0.0] * (tanks + pumps),
        inflow=np.concatenate([-random.choice([0.0, 1.0], inner, p=[0.3, 0.7]) * random.uniform(0.1, 3, inner), np.zeros(tanks + pumps)]),
    )
    pipe = Pipe.of(
        id=[f"p{k}" for k in range(e)], tail=[f"n{a}" for a, _ in ends], head=[f"n{b}" for _, b in ends],
        length=random.uniform(20, 1500, e),
        diameter=random.choice([0.08, 0.1, 0.15, 0.2, 0.3], e), roughness=random.uniform(1e-5, 1e-3, e),
        zeta=random.choice([0.0, 2.0, 8.0], e), loss=0.0,
    )
    shutoff = random.uniform(15, 60, p)
    pump = Pump.of(
        id=[f"u{k}" for k in range(p)], tail=[f"n{a}" for a, _ in lifts + boosters], head=[f"n{b}" for _, b in lifts + boosters],
        shutoff_head=shutoff, rated_head=shutoff * random.uniform(0.6, 0.9, p), rated_flow=random.uniform(0.005, 0.04, p),
        exponent=random.uniform(1.3, 2.5, p), speed=random.choice([1.0, 0.8, 1.1], p),
    )
    return Network.of(f"random {seed}", node, pipe, pump)


def by_epanet(net: Network) -> Answer:
    """The network through EPANET's toolkit."""
    project = toolkit.createproject()
    toolkit.init(project, os.devnull, "", toolkit.CFS, toolkit.DW)
    node, pipe, pump = net[Node], net[Pipe], net[Pump]
    for name, height, held, inflow in zip(node.id, node.height, ~np.isnan(node.pressure), node.inflow, strict=True):
        at = toolkit.addnode(project, name, toolkit.RESERVOIR if held else toolkit.JUNCTION)
        toolkit.setnodevalue(project, at, toolkit.ELEVATION, height / FOOT)
        if not held:
            toolkit.setnodevalue(project, at, toolkit.BASEDEMAND, -inflow / 1000 / CUBIC_FOOT)
    for k, name in enumerate(pipe.id):
        at = toolkit.addlink(project, name, toolkit.PIPE, pipe.tail[k], pipe.head[k])
        thousandths = pipe.roughness[k] / FOOT * 1000
        toolkit.setpipedata(project, at, pipe.length[k] / FOOT, pipe.diameter[k] / FOOT * 12, thousandths, pipe.zeta[k] * LOCAL)
    for k, name in enumerate(pump.id):
        at = toolkit.addlink(project, name, toolkit.PUMP, pump.tail[k], pump.head[k])
        toolkit.addcurve(project, f"c{k}")
        curve = toolkit.getcurveindex(project, f"c{k}")
        share = (pump.shutoff_head[k] - pump.rated_head[k]) * np.array([0.0, 1.0, 1.2 ** pump.exponent[k]])
        flows = pump.rated_flow[k] * np.array([0.0, 1.0, 1.2]) / CUBIC_FOOT
        for point, (flow, head) in enumerate(zip(flows, (pump.shutoff_head[k] - share) / FOOT, strict=True), start=1):
            toolkit.setcurvevalue(project, curve, point, flow, head)
        toolkit.setheadcurveindex(project, at, curve)
        toolkit.setlinkvalue(project, at, toolkit.INITSETTING, pump.speed[k])
    _add_valves(project, net)
    for option, value in ((toolkit.ACCURACY, 1e-8), (toolkit.TRIALS, 1000), (toolkit.SP_VISCOS, 1.0), (toolkit.HEADERROR, 1e-7)):
        toolkit.setoption(project, option, value)
    toolkit.openH(project)
    toolkit.initH(project, toolkit.NOSAVE)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of negative pressures and of pumps that cannot deliver: both are wanted here
        toolkit.runH(project)
    links = len(pipe) + len(pump) + len(net[Valve])
    flow = np.array([toolkit.getlinkvalue(project, at + 1, toolkit.FLOW) for at in range(links)]) * CUBIC_FOOT
    index = [toolkit.getnodeindex(project, name) for name in node.id]  # EPANET puts junctions before reservoirs
    head = np.array([toolkit.getnodevalue(project, at, toolkit.HEAD) for at in index]) * FOOT
    toolkit.closeH(project)
    toolkit.deleteproject(project)
    return Answer(flow, head)


def _add_valves(project: object, net: Network) -> None:
    """Valves of heatnet as those of EPANET; a check valve is a pipe of its own there."""
    valve = net[Valve]
    kinds = {"fixed": toolkit.TCV, "reduce": toolkit.PRV, "sustain": toolkit.PSV, "flow": toolkit.FCV, "check": toolkit.CVPIPE}
    bore = 0.2  # m, that the loss is referred to
    local = 2.0 * (math.pi / 4 * bore**2) ** 2 * 1.296e9 / valve.kvs**2 * LOCAL
    for k, name in enumerate(valve.id):
        control = valve.control[k]
        at = toolkit.addlink(project, name, kinds[control], valve.tail[k], valve.head[k])
        if control == "check":
            toolkit.setpipedata(project, at, 1e-3 / FOOT, bore / FOOT * 12, 1e-3, local[k])
            continue
        toolkit.setlinkvalue(project, at, toolkit.DIAMETER, bore / FOOT * 12)
        toolkit.setlinkvalue(project, at, toolkit.MINORLOSS, local[k])
        psi = valve.pressure[k] / GAUGE / FOOT * 0.4333  # its pounds a square inch: 0.4333 of a foot of water
        setting = {"flow": valve.flow[k] / 1000 / CUBIC_FOOT, "reduce": psi, "sustain": psi, "fixed": local[k]}[control]
        toolkit.setlinkvalue(project, at, toolkit.INITSETTING, setting)


def differences(state: State, answer: Answer) -> tuple[float, float]:
    """Largest difference of flow beyond the leak over the flow [-], and largest difference of pressure [Pa]."""
    beyond = np.maximum(np.abs(state.m / 1000 - answer.flow) - LEAK, 0.0)
    pressure = state.p - (answer.head - state.arrays.net[Node].height) * GAUGE
    return float(np.max(beyond / np.maximum(np.abs(answer.flow), 1e-9))), float(np.abs(pressure).max())


@pytest.mark.parametrize("seed", NETWORKS)
def test_random_network_agrees_with_epanet(seed: int) -> None:
    net = random_network(seed)
    flow, head = differences(solve(net, EPANET), by_epanet(net))
    assert flow < FLOW
    assert head < HEAD


def test_the_networks_hold_pumps_that_run_and_pumps_shut_by_their_check_valve() -> None:
    flows = np.concatenate([(state := solve(random_network(seed), EPANET)).m[state.of(Pump)] for seed in NETWORKS])
    assert np.all(flows >= 0.0)
    assert np.count_nonzero(flows > 1.0) > 10
    assert np.count_nonzero(flows == 0.0) > 5
