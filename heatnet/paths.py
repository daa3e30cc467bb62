"""Paths of water: from a plant to a node against the flow, and from a node back to a plant along it.

At a junction the path follows the edge that brings (takes) most water.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from heatnet.schema import Bools, Floats, Ints


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
        circulates without passing a plant, have no path: NaN.
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
    return Paths(before, after, tail, head, forward, plant)
