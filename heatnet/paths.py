"""Paths of water: from a plant to a node against the flow, and from a node back to a plant along it.

At a junction the path follows the edge that brings (takes) most water. Where a pump mixes return water into the supply, that may go round
without ever meeting a plant; such a path leaves the round by the edge that brings (takes) most water of those that lead to a plant.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from functools import cached_property
from heapq import heappop, heappush

import numpy as np

from heatnet.schema import Bools, Floats, Ints, Longs


@dataclass(frozen=True)
class Paths:
    """Main edge into and out of every node, -1 where none, and what gathers along the way from and to a plant."""

    before: Ints  # (nodes,) edge that brings most water
    after: Ints  # (nodes,) edge that takes most water
    tail: Ints
    head: Ints
    forward: Bools  # (edges,) whether flow runs tail to head
    plant: Bools  # (edges,)

    def supply(self, node: int) -> list[int]:
        """Edges from a plant to the node, in flow order; the plant's edge is not among them."""
        return self._walk(node, self.before, self._from)[::-1]

    def back(self, node: int) -> list[int]:
        """Edges from the node to a plant, in flow order."""
        return self._walk(node, self.after, self._to)

    def gathered(self, value: Floats, *, back: bool = False, largest: bool = False) -> tuple[Floats, Ints]:
        """Sum (or largest) of an edge value >= 0 along the path of each node, and the edge of the largest; (nodes,).

        By pointer doubling: after k rounds every node has gathered 2^k edges. Nodes without flow, and those where water
        circulates that no plant feeds, have no path: NaN.
        """
        nodes = self.before.size
        step = self.after if back else self.before
        far = self._to if back else self._from
        moves = (step >= 0) & ~self.plant[step] if self.plant.size else np.zeros(nodes, dtype=bool)
        to = np.full(nodes + 1, nodes)  # the last entry stands for the end of a path
        to[:-1][moves] = far[step[moves]]
        total, edge = np.zeros(nodes + 1), np.full(nodes + 1, -1, dtype=np.int32)
        total[:-1][moves] = value[step[moves]]
        edge[:-1][moves] = step[moves]
        for _ in range(int(np.ceil(np.log2(nodes + 1))) + 1):
            if largest:
                better = total[to] > total
                total, edge = np.where(better, total[to], total), np.where(better, edge[to], edge)
            else:
                total = total + total[to]
            to = to[to]
        return np.where((to[:-1] == nodes) & (step >= 0), total[:-1], np.nan), edge[:-1]

    @cached_property
    def _from(self) -> Ints:
        """Node that water comes from along each edge, (edges,)."""
        return np.where(self.forward, self.tail, self.head)

    @cached_property
    def _to(self) -> Ints:
        return np.where(self.forward, self.head, self.tail)

    def _walk(self, node: int, step: Ints, far: Ints) -> list[int]:
        edges: list[int] = []
        seen = {node}
        while (e := int(step[node])) >= 0 and not self.plant[e]:
            edges.append(e)
            node = int(far[e])
            if node in seen:
                break
            seen.add(node)
        return edges


def paths(nodes: int, tail: Ints, head: Ints, m: Floats, plant: Bools) -> Paths:
    """Paths of a flow field m [kg/s] (edges,); `plant` marks the edges where a path ends."""
    forward = m >= 0.0
    up, down = np.where(forward, tail, head), np.where(forward, head, tail)
    live = np.flatnonzero(np.abs(m) > 1e-9)
    by_flow = live[np.argsort(np.abs(m[live]), kind="stable")]
    before, after = np.full(nodes, -1, dtype=np.int32), np.full(nodes, -1, dtype=np.int32)
    before[down[by_flow]] = by_flow  # the last write wins: the largest flow
    after[up[by_flow]] = by_flow
    before = _led_out(before, plant, by_flow, (down, up), m)
    after = _led_out(after, plant, by_flow, (up, down), m)
    return Paths(before, after, tail, head, forward, plant)


def _led_out(step: Ints, plant: Bools, way: Longs, ends: tuple[Ints, Ints], m: Floats) -> Ints:
    """Steps of which none goes round where there is a way out; an edge of `way` is a step from the first of its `ends` to the second.

    From the nodes whose path ends, the others are joined one by one: those on a round first, by the largest flow; all that hang on a joined
    node have a path with it.
    """
    start, to = ends
    lost, round_ = _lost(step, plant, to)
    if not lost.any():
        return step
    step, hanging, leading = step.copy(), defaultdict(list), defaultdict(list)
    for node in np.flatnonzero(lost).tolist():
        hanging[int(to[step[node]])].append(node)
    heap: list[tuple[bool, float, int]] = []
    for edge in way[lost[start[way]]].tolist():
        if lost[to[edge]] and not plant[edge]:
            leading[int(to[edge])].append(edge)
        else:
            heappush(heap, (not round_[start[edge]], -abs(float(m[edge])), edge))
    while heap:
        edge = heappop(heap)[2]
        if not lost[start[edge]]:
            continue
        step[start[edge]] = edge
        joined = [int(start[edge])]
        while joined:
            node = joined.pop()
            if lost[node]:
                lost[node] = False
                joined += hanging[node]
                for one in leading[node]:
                    heappush(heap, (not round_[start[one]], -abs(float(m[one])), one))
    return step


def _lost(step: Ints, plant: Bools, to: Ints) -> tuple[Bools, Bools]:
    """Nodes whose path never ends, and those of them that lie on its round, (nodes,) each."""
    nodes = step.size
    moves = (step >= 0) & ~plant[step] if plant.size else np.zeros(nodes, dtype=bool)
    at = np.full(nodes + 1, nodes)
    at[:-1][moves] = to[step[moves]]
    for _ in range(int(np.ceil(np.log2(nodes + 1))) + 1):
        if (at == nodes).all():
            break
        at = at[at]
    lost, round_ = at[:-1] < nodes, np.zeros(nodes + 1, dtype=bool)
    round_[at[:-1][lost]] = True
    return lost, round_[:-1]
