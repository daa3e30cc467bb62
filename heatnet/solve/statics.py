"""What the plain passes of `quick` need of a network and its weather, in link order, worked out once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from heatnet.arrays import Arrays
from heatnet.components import Consumer, Pipe, Scene, Terminals, Valve
from heatnet.components.valve import KV
from heatnet.network import Node
from heatnet.program import GROUP, Program
from heatnet.schema import Floats, Ints, Table
from heatnet.units import KELVIN


@dataclass(frozen=True)
class Wires:
    """Links by node for the thermal passes, nodes in the order of the hydraulic program for locality."""

    rank: Ints  # (nodes,) place of each node
    tail: Ints  # (links,)
    head: Ints
    first: Ints  # (nodes + 1,)
    touching: Ints  # links at each node
    room: int  # places, filled up to a multiple of 8, dummies included


@dataclass(frozen=True)
class Statics:
    """What no pass changes, in link order."""

    wires: Wires
    base: Floats  # (5, links) see sweep.water_pass
    weight: Floats  # (links,) g times fall
    lasting: Floats  # (2, links) U L [W/K], ground temperature [degC]
    building: Floats  # (5, buildings filled up)
    link: Ints  # of each building
    filled: Ints  # links with buildings


def wires(arrays: Arrays) -> Wires:
    """Wiring of the thermal passes."""
    plan, nodes = arrays.program, arrays.nodes
    order = np.argsort(plan.node[arrays.clusters.of], kind="stable")
    rank = np.empty(nodes, dtype=np.int32)
    rank[order] = np.arange(nodes, dtype=np.int32)
    real = plan.real == 1
    tail = np.where(real, rank[arrays.tail[plan.edge]], nodes).astype(np.int32)
    head = np.where(real, rank[arrays.head[plan.edge]], nodes).astype(np.int32)
    links = np.flatnonzero(real).astype(np.int32)
    ends = np.concatenate([tail[links], head[links]])
    by_node = np.argsort(ends, kind="stable")
    first = np.searchsorted(ends[by_node], np.arange(nodes + 1)).astype(np.int32)
    return Wires(rank, tail, head, first, np.concatenate([links, links])[by_node], -(-(nodes + 1) // GROUP) * GROUP)


def statics(arrays: Arrays, scene: Scene, known: Wires | None = None) -> Statics:
    """Statics of a network in a scene; `known` is its wiring, where another one of the same topology had it."""
    net, plan = arrays.net, arrays.program
    base, weight, lasting = np.ones((5, plan.links)), np.zeros(plan.links), np.zeros((2, plan.links))
    lasting[1] = scene.ground - KELVIN
    height = net[Node].height
    rise = np.concatenate([part.table.rise() for part in arrays.parts])
    offset = arrays.clusters.offsets(rise[arrays.clusters.edges])
    for part, (first, _) in zip(arrays.parts, plan.spans, strict=True):
        links = slice(first, first + len(part.table))
        edges = plan.edge[links]
        rows = edges - part.span.start
        for line, column in enumerate(_resistances(part.table, scene)):
            base[line, links] = column[rows]
        tail, head = arrays.tail[edges], arrays.head[edges]
        base[4, links] = offset[tail] - offset[head]
        weight[links] = scene.gravity * (height[tail] - height[head])
        if isinstance(part.table, Pipe):
            ground = np.where(np.isnan(part.table.ground), scene.ground, part.table.ground)
            lasting[:, links] = (part.table.loss * part.table.length)[rows], ground[rows] - KELVIN
    return Statics(known or wires(arrays), base, weight, lasting, *_buildings(scene.terminals, plan, arrays.part(Consumer).span.start))


def under(fixed: Statics, arrays: Arrays, scene: Scene) -> Statics:
    """The same statics with the buildings and the ground of another scene."""
    plan, pipe, part = arrays.program, arrays.net[Pipe], scene.terminals
    lasting, building = fixed.lasting.copy(), fixed.building.copy()
    lasting[1, plan.place[arrays.part(Pipe).span]] = np.where(np.isnan(pipe.ground), scene.ground, pipe.ground) - KELVIN
    if part.consumer.size:
        order = np.argsort(plan.place[arrays.part(Consumer).span.start + part.consumer], kind="stable")
        building[3:, : order.size] = part.conductance[order], part.balance[order] - KELVIN
    return replace(fixed, lasting=lasting, building=building)


def _buildings(part: Terminals, plan: Program, first: int) -> tuple[Floats, Ints, Ints]:
    """Buildings by link, filled up with some that take no part; `first` is the edge of the first consumer."""
    of_building = plan.place[first + part.consumer] if part.consumer.size else np.zeros(0, dtype=np.int32)
    order = np.argsort(of_building, kind="stable")
    room = -(-order.size // GROUP) * GROUP
    building = np.ones((5, room))
    building[0], building[2], building[4] = 0.0, 1.3, 0.0
    columns = part.share, part.kappa, part.exponent, part.conductance, part.balance - KELVIN
    building[:, : order.size] = np.stack([column[order] for column in columns]) if order.size else 0.0
    link = np.concatenate([of_building[order], np.full(room - order.size, of_building[order[-1]] if order.size else 0)]).astype(np.int32)
    filled = np.flatnonzero(np.bincount(of_building, minlength=1)).astype(np.int32)
    return building, link, filled if order.size else filled[:0]


def _resistances(table: Table, scene: Scene) -> tuple[Floats, ...]:
    """What sweep.water_pass needs of the rows of pipes, valves and inlets, nothing of others."""
    if isinstance(table, Pipe):
        area = np.pi**2 * table.diameter**4 / 8.0
        return 4.0 / (np.pi * table.diameter), table.length / (area * table.diameter), table.zeta / area
    with np.errstate(divide="ignore"):
        if isinstance(table, Valve):
            return KV / (table.kvs * table.share()) ** 2, np.zeros(len(table))
        if not isinstance(table, Consumer):
            return ()
        without = np.isnan(table.kvs)
        by_kvs = KV / table.kv_now() ** 2
    by_need = table.needed / np.maximum(table.design_flow(scene), 1e-6) ** 2
    return np.where(without, 0.0, by_kvs), np.where(without, by_need, 0.0)
