"""Sparse LDL' of weighted graph Laplacians: the order is found once, then factors and solutions for any conductances.

A = B' diag(g) B over the free nodes, g >= 0: a symmetric M-matrix, so no pivoting is needed; diagonals are kept as sums of
conductances, never as differences, so that factors are exact to rounding however far apart the conductances are (Grassmann,
Taksar & Heyman 1985, Oper. Res. 33, 1107-1116). Order: exact minimum degree on the
explicit elimination graph (George & Liu 1989, SIAM Review 31, 1-19); a two-pipe tree joined by its consumers gives two
entries a column. Elimination: right-looking, with the target of every update found beforehand, so that the numeric
pass reads its index arrays straight through.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.jit import kernel
from heatnet.ordering import Longs, edge_slots, minimum_degree, postorder, update_targets
from heatnet.schema import Floats, Ints


@dataclass(frozen=True)
class Laplacian:
    """Elimination order and program of a graph of `size` free nodes."""

    size: int
    position: Ints  # (size,) place of each node in the elimination order
    start: Longs  # (size + 1,) first entry of each column
    row: Ints  # (entries,) position of the row of each entry, rising within a column
    target: Ints  # (updates,) entry that each update changes
    low: Ints  # (edges,) position of one end, -1 where it is not free
    high: Ints  # (edges,) position of the other end
    slot: Ints  # (edges,) entry that the edge adds to, -1 where it has none

    def factor(self, conductance: Floats) -> Factor:
        """LDL' of the Laplacian with these edge conductances [any unit], shape (edges,)."""
        lower, pivot = np.empty(self.row.size), np.empty(self.size)
        factorise(conductance, self.low, self.high, self.slot, self.start, self.row, self.target, lower, pivot)
        return Factor(self, lower, pivot)


@dataclass(frozen=True)
class Factor:
    """A factored Laplacian; `pivot` is the inverse of D, zero for nodes that no conductance ties to a held node."""

    of: Laplacian
    lower: Floats
    pivot: Floats

    def solve(self, right: Floats) -> Floats:
        """Solution x of A x = right, both (size,); zero where a node has no conductance at all."""
        x = np.empty(self.of.size)
        back_substitute(self.of.position, self.of.start, self.of.row, self.lower, self.pivot, right, x)
        return x


def order(size: int, one: Ints, other: Ints) -> Laplacian:
    """Order the graph whose edges join `one` and `other`, each (edges,); -1 stands for a held node.

    Memory and time are proportional to the entries of the factor.
    """
    one, other = one.astype(np.int32), other.astype(np.int32)
    inner = (one >= 0) & (other >= 0) & (one != other)
    ends = np.concatenate([one[inner], other[inner]]), np.concatenate([other[inner], one[inner]])
    key = np.sort(ends[0].astype(np.int64) * max(size, 1) + ends[1])
    key = key[np.concatenate([[True], key[1:] != key[:-1]])] if key.size else key
    near = (key % max(size, 1)).astype(np.int32)
    first = np.searchsorted(key, np.arange(size + 1, dtype=np.int64) * max(size, 1))
    position, start, row = postorder(*minimum_degree(size, first.astype(np.int64), near))
    target = update_targets(start, row)
    low, high, slot = edge_slots(one, other, position, start, row)
    return Laplacian(size, position, start, row, target, low, high, slot)


@kernel
def factorise(
    g: Floats, low: Ints, high: Ints, slot: Ints, start: Longs, row: Ints, target: Ints, lower: Floats, pivot: Floats
) -> None:
    """Assemble the Laplacian from conductances g and eliminate it; `pivot` receives the inverse of D."""
    lower[:] = 0.0
    pivot[:] = 0.0  # until a column is reached: conductance to held nodes, which only grows, so that no digit is lost
    for e in range(g.size):
        if slot[e] >= 0:
            lower[slot[e]] -= g[e]
        elif low[e] >= 0:
            pivot[low[e]] += g[e]
        elif high[e] >= 0:
            pivot[high[e]] += g[e]
    k = 0
    for j in range(pivot.size):
        tie = pivot[j]
        whole = tie
        for b in range(start[j], start[j + 1]):
            whole -= lower[b]
        inverse = 1.0 / whole if whole > 0.0 else 0.0
        for b in range(start[j], start[j + 1]):
            scaled = lower[b] * inverse
            pivot[row[b]] -= scaled * tie
            for a in range(b + 1, start[j + 1]):
                lower[target[k]] -= scaled * lower[a]
                k += 1
        for b in range(start[j], start[j + 1]):
            lower[b] *= inverse
        pivot[j] = inverse


@kernel
def back_substitute(
    position: Ints, start: Longs, row: Ints, lower: Floats, pivot: Floats, right: Floats, x: Floats
) -> None:
    """Solve L D L' x = right; `right` and `x` in the caller's node order."""
    n = pivot.size
    y = np.empty(n)
    for v in range(n):
        y[position[v]] = right[v]
    for j in range(n):
        for b in range(start[j], start[j + 1]):
            y[row[b]] -= lower[b] * y[j]
    for j in range(n - 1, -1, -1):
        value = y[j] * pivot[j]
        for b in range(start[j], start[j + 1]):
            value -= lower[b] * y[row[b]]
        y[j] = value
    for v in range(n):
        x[v] = y[position[v]]
