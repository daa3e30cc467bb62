"""Paths of water: from a plant to a node against the flow, and from a node back to a plant along it.

At a junction the path follows the edge that brings (takes) most water.
"""

from __future__ import annotations

from dataclasses import dataclass

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
        return self._walk(node, self.before, np.where(self.forward, self.tail, self.head))[::-1]

    def back(self, node: int) -> list[int]:
        """Edges from the node to a plant, in flow order."""
        return self._walk(node, self.after, np.where(self.forward, self.head, self.tail))

    def gathered(self, value: Floats, *, back: bool = False, largest: bool = False) -> tuple[Floats, Ints]:
        """Sum (or largest) of an edge value along the path of each node, and the edge of the largest; (nodes,)."""
        step = self.after if back else self.before
        far = np.where(self.forward, self.head, self.tail) if back else np.where(self.forward, self.tail, self.head)
        total, edge = np.full(step.size, np.nan), np.full(step.size, -1, dtype=np.int32)
        for start in range(step.size):
            stack = []
            node = start
            seen: set[int] = set()
            while np.isnan(total[node]) and node not in seen:
                seen.add(node)
                stack.append(node)
                e = step[node]
                if e < 0 or self.plant[e]:
                    total[node] = 0.0
                    break
                node = int(far[e])
            if np.isnan(total[node]):  # a circle without a plant
                total[node] = 0.0
            for at in reversed(stack):
                e = step[at]
                if e < 0 or self.plant[e] or at == node:
                    continue
                came = int(far[e])
                if largest:
                    keep = edge[came] >= 0 and total[came] >= value[e]
                    total[at], edge[at] = (total[came], edge[came]) if keep else (value[e], e)
                else:
                    total[at] = total[came] + value[e]
        return total, edge

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
