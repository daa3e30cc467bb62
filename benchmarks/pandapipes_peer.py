"""A network in pandapipes: plants as circulation pumps of constant lift, inlets as heat exchangers with their valve's loss.

pandapipes knows no radiators: each inlet gives off a given heat, that which heatnet finds for its rooms, so that both solve the same
state. (With heats of their own, inlets that get little water would cool it below absolute zero, and pandapipes would not converge.)
Its settings: Newton steps in full (`constant`, alpha 1) and numba. With `automatic` damping it takes as long on 1,000 buildings; on
10,000 that was tried only together with returns that begin colder, and failed.
"""

from __future__ import annotations

import logging
import time
import warnings
from typing import Any

import numpy as np

from heatnet.components import Consumer, Pipe, Plant
from heatnet.network import Network, Node

BORE = 0.1  # m, the diameter that the loss of an inlet is referred to; any will do


def build(net: Network, heat: np.ndarray | float = 0.0) -> Any:
    """The network as pandapipes' own; `heat` that each consumer takes [W]."""
    import pandapipes as pp  # noqa: PLC0415  a peer is loaded when asked for

    logging.getLogger("pandapipes").setLevel(logging.ERROR)
    node, pipe, consumer, plant = net[Node], net[Pipe], net[Consumer], net[Plant]
    other = pp.create_empty_network(fluid="water")
    rank = {name: at for at, name in enumerate(node.id)}
    pp.create_junctions(other, len(node), pn_bar=5.0, tfluid_k=350.0, height_m=node.height)
    ends = [np.array([rank[name] for name in names]) for names in (pipe.tail, pipe.head, consumer.tail, consumer.head)]
    pp.create_pipes_from_parameters(
        other, ends[0], ends[1], length_km=pipe.length / 1e3, inner_diameter_mm=pipe.diameter * 1e3, k_mm=pipe.roughness * 1e3,
        loss_coefficient=pipe.zeta, u_w_per_m2k=pipe.loss / (np.pi * pipe.diameter), text_k=net.site.ground, sections=1,
    )
    loss = 1.296e9 / (consumer.kvs * consumer.share()) ** 2 * (np.pi * BORE**2 / 4) ** 2 * 2.0
    pp.create_heat_exchangers(
        other, ends[2], ends[3], qext_w=np.broadcast_to(heat, len(consumer)), inner_diameter_mm=BORE * 1e3,
        loss_coefficient=loss,
    )
    for tail, head, lift, supply in zip(plant.tail, plant.head, plant.lift, plant.supply_temperature, strict=True):
        held = float(node.pressure[rank[tail]])
        pp.create_circ_pump_const_pressure(other, rank[tail], rank[head], (held + lift) / 1e5, lift / 1e5, t_flow_k=supply)
    return other


def run(other: Any, mode: str) -> float:
    """Solve; seconds it took. `mode`: hydraulics or bidirectional."""
    import pandapipes as pp  # noqa: PLC0415

    begin = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pp.pipeflow(
            other, mode=mode, friction_model="swamee-jain", tol_m=1e-5, tol_p=1e-5, tol_T=1e-4, max_iter_hyd=100, max_iter_therm=100,
            max_iter_bidirect=100, use_numba=True,
        )
    return time.perf_counter() - begin


def flows(other: Any) -> np.ndarray:
    """Flow of the pipes [kg/s]."""
    return np.asarray(other.res_pipe.mdot_from_kg_per_s.to_numpy())


def temperatures(other: Any) -> np.ndarray:
    """Temperature of the nodes [K]."""
    return np.asarray(other.res_junction.t_k.to_numpy())
