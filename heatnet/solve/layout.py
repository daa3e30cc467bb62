"""The links of a network in the order in which the kernel for many scenarios (lanes) takes them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from heatnet.arrays import Arrays
from heatnet.schema import Bools, Floats, Ints
from heatnet.solve.hydraulic import Run


@dataclass(frozen=True)
class Layout:
    """Links by the column of the factor in which they are met first (heatnet.solve.lanes); those shut in all are left out."""

    link: Ints  # (lanes' links,) program link
    edge: Ints  # (lanes' links,)
    place: Ints  # (edges,) number here, -1 where left out
    tree: tuple[Ints, Ints, Ints, Ints]
    columns: tuple[Ints, Ints, Floats, Ints, Ints]  # begin, far, sign, slot, form
    way: tuple[Ints, Ints, Ints]
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
    begin = np.searchsorted(column, np.arange(plan.free + 2)).astype(np.int32)
    place = np.full(arrays.edges, -1, dtype=np.int32)
    place[plan.edge[link]] = np.arange(link.size)
    _, first = np.unique(plan.target, return_index=True)
    target = plan.target.copy()
    target[first] = ~target[first]
    touched = np.zeros(plan.row.size, dtype=np.int32)
    touched[plan.target] = 1
    feed = arrays.feeding
    onto = np.full(plan.links, -1, dtype=np.int32)
    onto[link] = np.arange(link.size)
    way = feed.order, np.where(feed.link[feed.order] >= 0, onto[feed.link[feed.order]], -1).astype(np.int32), feed.parent[feed.order]
    return Layout(
        link, plan.edge[link], place, (plan.start, plan.row, target, touched),
        (begin, far.astype(np.int32), np.where(tail[order] == column, 1.0, -1.0), slot[order].copy(), forms[order].astype(np.int32)), way,
        _loose(plan.ends[0], plan.ends[1], plan.free, plan.nodes, np.flatnonzero((plan.real == 1) & ~shut[plan.edge]).astype(np.int32)),
    )


def _loose(tail: Ints, head: Ints, free: int, nodes: int, links: Ints) -> int:
    """Number of parts of the network that no held pressure reaches."""
    graph = coo_array((np.ones(links.size), (tail[links], head[links])), shape=(nodes, nodes))
    _, label = connected_components(graph, directed=False)
    return int(np.setdiff1d(label[:free], label[free:]).size)


