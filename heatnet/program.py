"""The order in which the hydraulic kernels visit nodes and links, worked out once for a topology.

Nodes (clusters) stand in elimination order, the held ones after the free ones, one dummy last. The links of one component stand
together, sorted by the node of theirs that is eliminated first, so that all passes read memory forwards; each group is
filled up to a multiple of 8 with dummies that carry nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.linear import Laplacian
from heatnet.ordering import Longs
from heatnet.schema import Ints

GROUP = 8  # links that a kernel takes at once


@dataclass(frozen=True)
class Program:
    """Numbers of nodes and links in the kernels; `links` counts dummies too."""

    free: int  # nodes whose pressure is unknown
    nodes: int  # free and held nodes and the dummy
    spans: Ints  # (parts, 2) first and last link of each part
    node: Ints  # (clusters,) number of each cluster
    place: Ints  # (edges,) link of each edge
    edge: Ints  # (links,) edge of each link, 0 for dummies
    real: Ints  # (links,) 1, or 0 for dummies
    ends: Ints  # (3, links) tail, head, and the place its conductance is added to
    start: Ints  # (free + 1,) first entry of each column of the factor
    row: Ints  # (entries,)
    target: Ints  # (updates,)

    @property
    def links(self) -> int:
        """Number of links, dummies included."""
        return self.edge.size


def program(laplacian: Laplacian, unknown: Ints, tail: Ints, head: Ints, spans: list[slice]) -> Program:
    """Program of the graph with edges from cluster `tail` to cluster `head`, (edges,); `unknown` is (clusters,), -1 where held."""
    free, held = laplacian.size, np.flatnonzero(unknown < 0)
    node = np.empty(unknown.size, dtype=np.int32)
    node[unknown >= 0] = laplacian.position[unknown[unknown >= 0]]
    node[held] = free + np.arange(held.size)
    a, b = node[tail], node[head]
    nodes, entries = free + held.size + 1, laplacian.row.size
    one = np.minimum(a, b)
    tie = (np.minimum(a, b) < free) & (np.maximum(a, b) >= free)
    slot = np.where(tie, entries + one, entries + free)
    slot = np.where(laplacian.slot >= 0, laplacian.slot, slot).astype(np.int32)
    edge, real, bounds, at = [], [], [], 0
    for span in spans:
        here = span.start + np.argsort(one[span], kind="stable")
        room = -(-here.size // GROUP) * GROUP
        edge.append(np.concatenate([here, np.zeros(room - here.size, dtype=here.dtype)]))
        real.append(np.arange(room) < here.size)
        bounds.append((at, at + room))
        at += room
    of, is_real = np.concatenate(edge).astype(np.int32), np.concatenate(real)
    place = np.empty(tail.size, dtype=np.int32)
    place[of[is_real]] = np.flatnonzero(is_real)
    ends = np.stack([np.where(is_real, a[of], nodes - 1), np.where(is_real, b[of], nodes - 1), np.where(is_real, slot[of], entries + free)])
    return Program(
        free, nodes, np.array(bounds, dtype=np.int32), node, place, of, is_real.astype(np.int32), ends.astype(np.int32),
        _short(laplacian.start), laplacian.row, laplacian.target,
    )


def _short(start: Longs) -> Ints:
    if start[-1] >= np.iinfo(np.int32).max:
        raise OverflowError("the factor of this network has more than 2^31 entries")
    return start.astype(np.int32)
