"""A network in EPANET's toolkit, solved in memory: pipes, consumers as throttle valves, a plant of fixed lift as two reservoirs.

EPANET works in feet; its friction formula is taken by heatnet as `epanet`.
"""

from __future__ import annotations

import math
import os
import time
import warnings
from dataclasses import dataclass
from typing import Any

import numpy as np

from heatnet.components import Consumer, Pipe, Plant
from heatnet.network import Network, Node
from heatnet.water import ConstantWater

FOOT = 0.3048  # m
LOCAL = 8.0 / (math.pi**2 * 32.2) / 0.02517  # EPANET's rounded constant of local losses, taken out again
WATER = ConstantWater(rho=1000.0, mu=1000.0 * 1.02193344e-6)  # viscosity 1.1e-5 ft2/s, EPANET's unit
GRAVITY = 32.2 * FOOT


@dataclass
class Project:
    """An EPANET project of a network, opened for hydraulics."""

    toolkit: Any
    handle: Any
    links: int

    def run(self, accuracy: float) -> float:
        """Solve from the cold start; seconds it took."""
        en = self.toolkit
        en.setoption(self.handle, en.ACCURACY, accuracy)
        begin = time.perf_counter()
        en.initH(self.handle, en.INITFLOW)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            en.runH(self.handle)
        return time.perf_counter() - begin

    def flows(self) -> np.ndarray:
        """Flow of pipes, then of consumers [kg/s]."""
        get, kind = self.toolkit.getlinkvalue, self.toolkit.FLOW
        return np.array([get(self.handle, at + 1, kind) for at in range(self.links)]) * FOOT**3 * WATER.rho

    def steps(self) -> int:
        """Newton steps of the last run."""
        return int(self.toolkit.getstatistic(self.handle, self.toolkit.ITERATIONS))


def project(net: Network) -> Project:
    """The network as an EPANET project."""
    from epanet import toolkit as en  # noqa: PLC0415  a peer is loaded when asked for

    handle = en.createproject()
    en.init(handle, os.devnull, "", en.CFS, en.DW)
    node, pipe, consumer, plant = net[Node], net[Pipe], net[Consumer], net[Plant]
    head = {name: value / WATER.rho / GRAVITY for name, value in zip(node.id, node.pressure, strict=True) if not np.isnan(value)}
    for tail, end, lift in zip(plant.tail, plant.head, plant.lift, strict=True):
        head[end] = head[tail] + lift / WATER.rho / GRAVITY
    for name in node.id:
        at = en.addnode(handle, name, en.RESERVOIR if name in head else en.JUNCTION)
        en.setnodevalue(handle, at, en.ELEVATION, head.get(name, 0.0) / FOOT)
    for k, name in enumerate(pipe.id):
        at = en.addlink(handle, name, en.PIPE, pipe.tail[k], pipe.head[k])
        rough = pipe.roughness[k] / FOOT * 1000
        en.setpipedata(handle, at, pipe.length[k] / FOOT, pipe.diameter[k] / FOOT * 12, rough, pipe.zeta[k] * LOCAL)
    kv = consumer.kvs * consumer.share()
    resistance = 1.296e9 / WATER.rho / kv**2 * WATER.rho / GRAVITY / FOOT  # ft / (m3/s)2
    for k, name in enumerate(consumer.id):
        at = en.addlink(handle, f"valve_{name}"[:31], en.TCV, consumer.tail[k], consumer.head[k])
        en.setlinkvalue(handle, at, en.DIAMETER, 12.0)
        en.setlinkvalue(handle, at, en.INITSETTING, resistance[k] * FOOT**6 / 0.02517)
    for option, value in ((en.TRIALS, 200), (en.SP_VISCOS, 1.0)):
        en.setoption(handle, option, value)
    en.openH(handle)
    return Project(en, handle, len(pipe) + len(consumer))
