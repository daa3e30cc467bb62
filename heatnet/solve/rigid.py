"""Flows of the rigid edges (plants of fixed lift, pipes of no length), which the hydraulic kernels know nothing of."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from heatnet.arrays import Arrays
from heatnet.merging import Clusters
from heatnet.network import Node
from heatnet.ordering import Longs
from heatnet.schema import Floats, Ints

MATRIX = 60  # links at rigid edges up to which a matrix is worth its making


@dataclass(frozen=True)
class Rigid:
    """Flows of the rigid edges from the mass balance of their nodes, worked out from the links that touch these only."""

    clusters: Clusters
    links: Ints  # (rigid,) their links
    tail: Ints
    head: Ints
    touching: Ints  # other links at their nodes
    node: Ints  # node of each of these
    sign: Floats
    inflow: Floats  # (nodes,)
    matrix: Floats | None  # (rigid, touching): flows by those of the touching links, where there are not too many
    constant: Floats  # (rigid,) flows that carry the inflow of the nodes

    def clear(self, m: Floats) -> None:
        """No flow: the hydraulic kernel knows nothing of rigid links."""
        m[self.links] = 0.0

    def fill(self, m: Floats) -> None:
        """Flows of the rigid links, in place, m (links,)."""
        if self.matrix is not None:
            m[self.links] = self.matrix @ m[self.touching] + self.constant
        elif self.links.size:
            m[self.links] = self.flows(m, self.inflow)

    def fill_all(self, m: Floats, rows: Longs, inflows: list[Floats | None]) -> None:
        """The same in some rows of m (scenarios, links), with the inflow of each, None for the network's own."""
        if self.matrix is not None and all(inflow is None for inflow in inflows):
            m[np.ix_(rows, self.links)] = m[np.ix_(rows, self.touching)] @ self.matrix.T + self.constant
        elif self.links.size:
            for row, inflow in zip(rows, inflows, strict=True):
                m[row, self.links] = self.flows(m[row], self.inflow if inflow is None else inflow)

    def flows(self, m: Floats, inflow: Floats) -> Floats:
        """Flows of the rigid links [kg/s], (rigid,), at flows m of the others and inflow of the nodes."""
        surplus = inflow + np.bincount(self.node, self.sign * m[self.touching], minlength=inflow.size)
        return self.clusters.flows(self.tail, self.head, surplus)


def flows_of_rigid(arrays: Arrays, place: Ints) -> Rigid:
    """How the rigid edges of a network get their flows; `place` is where each edge stands among the flows, (edges,)."""
    rigid = arrays.clusters.edges
    inflow = np.where(arrays.lost, 0.0, arrays.net[Node].inflow)
    ends = np.zeros(arrays.nodes, dtype=bool)
    ends[arrays.tail[rigid]] = ends[arrays.head[rigid]] = True
    out, into = np.flatnonzero(ends[arrays.tail] & ~arrays.rigid), np.flatnonzero(ends[arrays.head] & ~arrays.rigid)
    node = np.concatenate([arrays.tail[out], arrays.head[into]])
    sign = np.concatenate([np.full(out.size, -1.0), np.ones(into.size)])
    plain = Rigid(
        arrays.clusters, place[rigid], arrays.tail, arrays.head, place[np.concatenate([out, into])], node, sign, inflow, None, np.zeros(0)
    )
    if rigid.size == 0 or node.size > MATRIX:
        return plain
    m = np.zeros(place.max(initial=0) + 1)
    rows = []
    for link in plain.touching:
        m[link] = 1.0
        rows.append(plain.flows(m, np.zeros(arrays.nodes)))
        m[link] = 0.0
    # a link that touches at both ends stands there twice, and each time with all of its effect
    twice = np.bincount(plain.touching)[plain.touching] if node.size else np.zeros(0)
    matrix = np.array(rows).reshape(-1, rigid.size).T / twice
    return replace(plain, matrix=np.ascontiguousarray(matrix), constant=plain.flows(m, inflow))
