"""Rigid edges (no length, fixed lift): their nodes are merged into clusters, with the pressure offset of each node.

Inside a cluster p_node = P_cluster + offset; the offsets are sums of rises along a spanning tree. Flows through rigid edges follow
from the mass balance of their nodes; where rigid edges run in parallel the balance leaves a choice and the even
split (least squares) is taken.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from heatnet.linear import Laplacian, order
from heatnet.schema import Bools, Floats, Ints


@dataclass(frozen=True)
class Clusters:
    """Nodes merged by rigid edges."""

    of: Ints  # (nodes,) cluster of each node
    count: int
    edges: Ints  # (rigid,) edge numbers
    paths: sparse.csr_array  # (nodes, rigid): signed rigid edges from the root of the cluster to each node
    ties: Laplacian  # of the rigid edges over all nodes but one of each cluster (the held ones where there are any)
    free: Ints  # (nodes,) row in `ties`, -1 where a node takes what is left over

    def offsets(self, rise: Floats) -> Floats:
        """Pressure of each node above its cluster's root [Pa], from the rise of each rigid edge (rigid,)."""
        return np.asarray(self.paths @ rise)

    def flows(self, tail: Ints, head: Ints, surplus: Floats) -> Floats:
        """Flow of the rigid edges [kg/s] that carries each node's surplus [kg/s] away, (rigid,)."""
        if not self.edges.size:
            return np.zeros(0)
        potential = np.zeros(self.free.size)
        inner = self.free >= 0
        right = np.zeros(self.ties.size)
        right[self.free[inner]] = surplus[inner]
        potential[inner] = self.ties.factor(np.ones(self.edges.size)).solve(right)[self.free[inner]]
        return potential[tail[self.edges]] - potential[head[self.edges]]


def cluster(nodes: int, tail: Ints, head: Ints, rigid: Bools, held: Bools) -> Clusters:
    """Merge the ends of rigid edges; tail, head, rigid are (edges,), held (nodes,)."""
    edges = np.flatnonzero(rigid).astype(np.int32)
    near: dict[int, list[tuple[int, int, float]]] = {}
    for at, (a, b) in enumerate(zip(tail[edges].tolist(), head[edges].tolist(), strict=True)):
        near.setdefault(a, []).append((b, at, 1.0))
        near.setdefault(b, []).append((a, at, -1.0))
    root = np.arange(nodes)
    anchor = np.zeros(nodes, dtype=bool)
    rows: list[int] = []
    columns: list[int] = []
    signs: list[float] = []
    path: dict[int, list[tuple[int, float]]] = {}
    touched = np.array(list(near), dtype=np.int64)
    for first in [*touched[held[touched]].tolist(), *touched[~held[touched]].tolist()]:  # roots at held nodes where there are any
        if first in path:
            continue
        path[first] = []
        anchor[first] = True
        stack = [first]
        while stack:
            node = stack.pop()
            for other, at, sign in near[node]:
                if other not in path:
                    path[other] = [*path[node], (at, sign)]
                    root[other] = first
                    stack.append(other)
    for node, steps in path.items():
        for at, sign in steps:
            rows.append(node)
            columns.append(at)
            signs.append(sign)
    _, of = np.unique(root, return_inverse=True)
    paths = sparse.csr_array((signs, (rows, columns)), shape=(nodes, edges.size))
    loose = np.zeros(nodes, dtype=bool)
    loose[touched] = True
    loose &= ~anchor & ~held
    free = np.full(nodes, -1, dtype=np.int32)
    free[loose] = np.arange(np.count_nonzero(loose))
    ties = order(int(np.count_nonzero(loose)), free[tail[edges]], free[head[edges]])
    return Clusters(of.astype(np.int32), int(of.max(initial=-1)) + 1, edges, paths, ties, free)
