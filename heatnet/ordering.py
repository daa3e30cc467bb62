"""Order of elimination and the program of updates: what `linear` works out once for a graph.

Order: exact minimum degree on the explicit elimination graph (George & Liu 1989, SIAM Review 31, 1-19); a two-pipe tree joined
by its consumers gives two entries a column. The columns are then renumbered in postorder, for memory is read near where it
was last written.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from heatnet.jit import kernel
from heatnet.schema import Ints

Longs = npt.NDArray[np.int64]


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
            row = grown(row, 2 * row.size + count)
        row[start[place] : start[place] + count] = pool[base : base + count]
        start[place + 1] = start[place] + count
        for i in range(count):
            u = pool[base + i]
            unlink(bucket, after, before, length[u], u)
            if length[u] + count > room[u]:  # move to the end of the pool, with room to grow
                wanted = 2 * (length[u] + count)
                if used + wanted > pool.size:
                    pool = grown(pool, 2 * pool.size + wanted)
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
        sort(row, start[place], start[place + 1])
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
        sort(line, at, at + count)
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
def grown(values: Ints, room: int) -> Ints:
    """The values at the front of a larger array."""
    result = np.empty(room, np.int32)
    for i in range(values.size):
        result[i] = values[i]
    return result


@kernel
def sort(values: Ints, first: int, last: int) -> None:
    """Sort values[first:last] in place: by insertion, for nearly all columns have two or three entries; by a heap where long."""
    n = last - first
    if n <= 40:
        for i in range(first + 1, last):
            value, k = values[i], i
            while k > first and values[k - 1] > value:
                values[k] = values[k - 1]
                k -= 1
            values[k] = value
        return
    for top in range(n // 2 - 1, -1, -1):
        sift(values, first, top, n)
    for end in range(n - 1, 0, -1):
        values[first], values[first + end] = values[first + end], values[first]
        sift(values, first, 0, end)


@kernel
def sift(values: Ints, first: int, top: int, n: int) -> None:
    """Let the value at `top` sink to its place in a heap of n values from `first` on."""
    value, at = values[first + top], top
    while 2 * at + 1 < n:
        child = 2 * at + 1
        if child + 1 < n and values[first + child + 1] > values[first + child]:
            child += 1
        if values[first + child] <= value:
            break
        values[first + at] = values[first + child]
        at = child
    values[first + at] = value
