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
import numpy.typing as npt

from heatnet.jit import kernel
from heatnet.schema import Floats, Ints

Longs = npt.NDArray[np.int64]


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
    key = np.unique(ends[0].astype(np.int64) * max(size, 1) + ends[1])
    near = (key % max(size, 1)).astype(np.int32)
    first = np.searchsorted(key, np.arange(size + 1, dtype=np.int64) * max(size, 1))
    position, start, row = postorder(*minimum_degree(size, first.astype(np.int64), near))
    target = update_targets(start, row)
    low, high, slot = edge_slots(one, other, position, start, row)
    return Laplacian(size, position, start, row, target, low, high, slot)


@kernel
def minimum_degree(n: int, first: Longs, near: Ints) -> tuple[Ints, Longs, Ints]:
    """Exact minimum degree order and the columns of L; neighbours of node v are near[first[v]:first[v+1]]."""
    pool = np.empty(max(2 * near.size + n, 16), np.int32)
    begin, length, room = np.empty(n, np.int64), np.empty(n, np.int32), np.empty(n, np.int32)
    used = 0
    for v in range(n):
        begin[v], length[v] = used, first[v + 1] - first[v]
        room[v] = length[v] + 1
        pool[used : used + length[v]] = near[first[v] : first[v + 1]]
        used += room[v]
    bucket, after, before = np.full(n + 1, -1, np.int32), np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    for v in range(n - 1, -1, -1):
        link(bucket, after, before, length[v], v)
    position, mark = np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    start, row = np.zeros(n + 1, np.int64), np.empty(max(3 * n, 16), np.int32)
    least = 0
    for place in range(n):
        while bucket[least] < 0:
            least += 1
        v = bucket[least]
        unlink(bucket, after, before, length[v], v)
        position[v] = place
        count, base = length[v], begin[v]
        if start[place] + count > row.size:
            row = np.concatenate((row, np.empty(row.size + count, np.int32)))
        row[start[place] : start[place] + count] = pool[base : base + count]
        start[place + 1] = start[place] + count
        for i in range(count):
            u = pool[base + i]
            unlink(bucket, after, before, length[u], u)
            if length[u] + count > room[u]:  # move to the end of the pool, with room to grow
                wanted = 2 * (length[u] + count)
                if used + wanted > pool.size:
                    pool = np.concatenate((pool, np.empty(pool.size + wanted, np.int32)))
                pool[used : used + length[u]] = pool[begin[u] : begin[u] + length[u]]
                begin[u], room[u] = used, wanted
                used += wanted
            length[u] = join(pool, begin[u], length[u], base, count, u, v, mark)
            link(bucket, after, before, length[u], u)
            least = min(least, length[u])
    row = row[: start[n]].copy()
    for place in range(n):
        for k in range(start[place], start[place + 1]):
            row[k] = position[row[k]]
        row[start[place] : start[place + 1]].sort()
    return position, start, row


@kernel
def postorder(position: Ints, start: Longs, row: Ints) -> tuple[Ints, Longs, Ints]:
    """The same elimination with the columns renumbered so that each follows closely on those it depends on; fill is the same.

    The parent of a column is its first row; a depth-first walk of that forest gives the new numbers (Liu 1990, SIAM J.
    Matrix Anal. Appl. 11, 134-172).
    """
    n = position.size
    child, sibling = np.full(n + 1, -1, np.int32), np.full(n + 1, -1, np.int32)
    for j in range(n - 1, -1, -1):
        parent = row[start[j]] if start[j + 1] > start[j] else n
        sibling[j] = child[parent]
        child[parent] = j
    new, old = np.empty(n, np.int32), np.empty(n, np.int32)
    stack = np.empty(n + 1, np.int32)
    stack[0] = n
    depth, place = 1, 0
    while depth > 0:
        j = stack[depth - 1]
        c = child[j]
        if c >= 0:
            child[j] = sibling[c]
            stack[depth] = c
            depth += 1
            continue
        depth -= 1
        if j < n:
            new[j], old[place] = place, j
            place += 1
    begin, line = np.zeros(n + 1, np.int64), np.empty(row.size, np.int32)
    for place in range(n):
        j = old[place]
        count = start[j + 1] - start[j]
        at = begin[place]
        for b in range(count):
            line[at + b] = new[row[start[j] + b]]
        line[at : at + count].sort()
        begin[place + 1] = at + count
    place_of = np.empty(n, np.int32)
    for v in range(n):
        place_of[v] = new[position[v]]
    return place_of, begin, line


@kernel
def join(pool: Ints, begin: int, length: int, base: int, count: int, u: int, v: int, mark: Ints) -> int:
    """Neighbours of u once v is gone: its own without v, and those of v; in place, their number is returned."""
    size = 0
    mark[u] = u
    for k in range(begin, begin + length):
        w = pool[k]
        if w != v:
            pool[begin + size] = w
            mark[w] = u
            size += 1
    for j in range(base, base + count):
        w = pool[j]
        if mark[w] != u:
            pool[begin + size] = w
            mark[w] = u
            size += 1
    mark[u] = -1
    for k in range(begin, begin + size):
        mark[pool[k]] = -1
    return size


@kernel
def link(bucket: Ints, after: Ints, before: Ints, degree: int, v: int) -> None:
    """Put node v at the front of the list of its degree."""
    after[v], before[v] = bucket[degree], -1
    if bucket[degree] >= 0:
        before[bucket[degree]] = v
    bucket[degree] = v


@kernel
def unlink(bucket: Ints, after: Ints, before: Ints, degree: int, v: int) -> None:
    """Take node v out of the list of its degree."""
    if before[v] >= 0:
        after[before[v]] = after[v]
    else:
        bucket[degree] = after[v]
    if after[v] >= 0:
        before[after[v]] = before[v]


@kernel
def update_targets(start: Longs, row: Ints) -> Ints:
    """Entry (row a, column b) for every pair b < a of rows of every column, in the order the elimination meets them."""
    n = start.size - 1
    total = 0
    for j in range(n):
        c = start[j + 1] - start[j]
        total += c * (c - 1) // 2
    target = np.empty(total, np.int32)
    k = 0
    for j in range(n):
        for b in range(start[j], start[j + 1]):
            at = start[row[b]]
            for a in range(b + 1, start[j + 1]):
                while row[at] != row[a]:
                    at += 1
                target[k] = at
                k += 1
    return target


@kernel
def edge_slots(one: Ints, other: Ints, position: Ints, start: Longs, row: Ints) -> tuple[Ints, Ints, Ints]:
    """Positions of both ends of each edge and the entry of L between them."""
    n = one.size
    low, high, slot = np.full(n, -1, np.int32), np.full(n, -1, np.int32), np.full(n, -1, np.int32)
    for e in range(n):
        if one[e] == other[e]:
            continue  # both ends in one node: the edge carries flow but adds nothing here
        low[e] = position[one[e]] if one[e] >= 0 else -1
        high[e] = position[other[e]] if other[e] >= 0 else -1
        if low[e] >= 0 and high[e] >= 0:
            column, line = min(low[e], high[e]), max(low[e], high[e])
            at = start[column]
            while row[at] != line:
                at += 1
            slot[e] = at
    return low, high, slot


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
