"""The links of a network in the order in which the kernel for many scenarios (lanes) takes them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from heatnet.arrays import Arrays
from heatnet.jit import kernel
from heatnet.ordering import Longs
from heatnet.schema import Bools, Floats, Ints
from heatnet.solve.hydraulic import Run

BRANCH = 500  # links of a branch that stays in the cache of a core, 16 scenarios of some 800 bytes each


@dataclass(frozen=True)
class Layout:
    """Links by the column of the factor in which they are met first (heatnet.solve.lanes); those shut in all are left out."""

    link: Ints  # (lanes' links,) program link
    edge: Ints  # (lanes' links,)
    place: Ints  # (edges,) number here, -1 where left out
    tree: tuple[Ints, Ints, Ints, Ints, Longs, Ints]
    columns: tuple[Ints, Ints, Floats, Ints, Ints]  # begin, far, sign, slot, form
    ends: tuple[Ints, Ints]  # tail and head, program nodes
    way: tuple[Ints, Ints, Ints]  # nodes of the feeding tree from the roots outwards, link and node before each
    loose: int  # parts without held pressure in the network itself


def lay_out(arrays: Arrays, run: Run, used: Bools, shut: Bools) -> Layout:
    """Layout of the edges `used` in any scenario; `shut` are those shut in the network itself, both (edges,)."""
    plan = arrays.program
    link = np.flatnonzero((plan.real == 1) & used[plan.edge]).astype(np.int32)
    tail, head, slot = plan.ends[:, link]
    column = np.minimum(np.minimum(tail, head), plan.free)
    far = np.where(column == plan.free, plan.nodes - 1, np.where(tail == column, head, tail))
    forms = np.repeat(run.forms, plan.spans[:, 1] - plan.spans[:, 0])[link]
    order = np.lexsort((far, column))
    link, far, column = link[order], far[order], column[order]
    begin = np.concatenate([[0], np.cumsum(np.bincount(column, minlength=plan.free + 1))]).astype(np.int32)
    place = np.full(arrays.edges, -1, dtype=np.int32)
    place[plan.edge[link]] = np.arange(link.size)
    parts = segments(plan.start, plan.row, begin)
    target = plan.target.copy()
    met = np.concatenate([np.arange(*span) for span in _met(parts, target.size)]) if target.size else np.zeros(0, dtype=np.int64)
    _, first = np.unique(target[met], return_index=True)
    target[met[first]] = ~target[met[first]]
    touched = np.zeros(plan.row.size, dtype=np.int32)
    touched[plan.target] = 1
    feed = arrays.feeding
    onto = np.full(plan.links, -1, dtype=np.int32)
    onto[link] = np.arange(link.size)
    outwards = branch_by_branch(feed.order, feed.parent)
    before = feed.link[outwards]
    way = outwards, np.where(before >= 0, onto[before], -1).astype(np.int32), feed.parent[outwards]
    return Layout(
        link, plan.edge[link], place, (plan.start, plan.row, target, touched, parts, spots(parts, plan.nodes)),
        (begin, far.astype(np.int32), np.where(tail[order] == column, 1.0, -1.0), slot[order].copy(), forms[order].astype(np.int32)),
        (tail[order].copy(), head[order].copy()), way,
        _loose(plan.ends[0], plan.ends[1], plan.free, plan.nodes, np.flatnonzero((plan.real == 1) & ~shut[plan.edge]).astype(np.int32)),
    )


def segments(start: Ints, row: Ints, begin: Ints, most: int = BRANCH) -> Longs:
    """First and last column, 1 for whole branches of the elimination tree of at most so many links, first update: (segments, 4).

    Columns stand in postorder, so a branch is a row of columns that ends with its root; the last column holds links between
    held pressures.
    """
    columns = start.size - 1
    size = np.diff(begin)[: columns + 1].astype(np.int64)
    has = start[1:] > start[:-1]
    parent = np.where(has, row[np.minimum(start[:-1], max(row.size - 1, 0))] if row.size else columns, columns)
    nodes = np.ones(columns + 1, dtype=np.int64)
    add_up(parent.astype(np.int32), size, nodes)
    small = size[:columns] + nodes[:columns] <= 2 * most
    top = small & ~np.append(small, False)[parent]  # roots of the largest small branches
    updates = np.concatenate([[0], np.cumsum(np.diff(start).astype(np.int64) * (np.diff(start) - 1) // 2)])
    found: list[tuple[int, int, int]] = []
    at = 0
    for root in np.flatnonzero(top):
        first = int(root - nodes[root] + 1)
        if first > at:
            found.append((at, first, 0))
        joined = bool(found) and found[-1][2] == 1 and found[-1][1] == first
        if joined and begin[root + 1] - begin[found[-1][0]] <= most:
            found[-1] = (found[-1][0], int(root) + 1, 1)
        else:
            found.append((first, int(root) + 1, 1))
        at = int(root) + 1
    found.append((at, columns + 1, 0))
    return np.array([(a, b, whole, updates[a]) for a, b, whole in found], dtype=np.int64)


def spots(parts: Longs, nodes: int) -> Ints:
    """Places of the nodes' sums, (nodes,): branches share theirs, for each is done with them before the next begins."""
    spot = np.zeros(nodes, dtype=np.int32)
    above = 0
    for first, last, _, _ in parts[parts[:, 2] == 0]:
        spot[first:last] = np.arange(above, above + last - first)
        above += last - first
    for first, last, _, _ in parts[parts[:, 2] == 1]:
        spot[first:last] = np.arange(above, above + last - first)
    return spot


@kernel
def branch_by_branch(order: Ints, parent: Ints) -> Ints:
    """Nodes of a forest, given from the roots outwards, with each branch in one row: what is near in the forest is near in memory."""
    size, after = np.ones(parent.size, np.int32), np.zeros(parent.size, np.int32)
    for i in range(order.size - 1, -1, -1):
        size[parent[order[i]]] += size[order[i]]
    result, filled = np.empty(order.size, np.int32), 0
    for i in range(order.size):
        v = order[i]
        u = parent[v]
        if parent[u] < 0 and after[u] == 0:  # a root stands in no row itself
            after[u] = filled + 1
            filled += size[u] - 1
        at = after[u] - 1
        after[u] += size[v]
        after[v] = at + 2
        result[at] = v
    return result


@kernel
def add_up(parent: Ints, size: Longs, nodes: Longs) -> None:
    """Add the size and the nodes of every column to those of its parent, in postorder."""
    for j in range(parent.size):
        size[parent[j]] += size[j]
        nodes[parent[j]] += nodes[j]


def _met(parts: Longs, updates: int) -> list[tuple[int, int]]:
    """Spans of updates in the order in which the kernel meets them: branches from the last to the first, then what is above them."""
    ends = np.append(parts[1:, 3], updates)
    spans = [(int(first), int(last)) for first, last in zip(parts[:, 3], ends, strict=True)]
    whole = parts[:, 2] == 1
    return [spans[k] for k in np.flatnonzero(whole)[::-1]] + [spans[k] for k in np.flatnonzero(~whole)]


def _loose(tail: Ints, head: Ints, free: int, nodes: int, links: Ints) -> int:
    """Number of parts of the network that no held pressure reaches."""
    graph = coo_array((np.ones(links.size), (tail[links], head[links])), shape=(nodes, nodes))
    _, label = connected_components(graph, directed=False)
    return int(np.setdiff1d(label[:free], label[free:]).size)


