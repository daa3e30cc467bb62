"""A tree along which water may reach every node: the first guess of all flows is what the inlets want, added up along it.

From flows of about the right size Newton's iteration needs one or two steps fewer than from a usual speed in every pipe.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.jit import kernel
from heatnet.program import Program
from heatnet.schema import Floats, Ints

LEAST = 0.3  # share of the usual flow that a pipe is given where the sum is less


@dataclass(frozen=True)
class Feeding:
    """Spanning forest over the passages (pipes, valves, pumps), from the held nodes outwards; program numbers."""

    order: Ints  # nodes from the roots outwards, roots left out
    parent: Ints  # (program nodes,) node before
    link: Ints  # (program nodes,) link from it
    passages: int  # links of passages stand before this one


def feeding(plan: Program, passages: int) -> Feeding:
    """Forest of a program whose first parts, `passages` in number, are passages."""
    last = int(plan.spans[passages - 1, 1]) if passages else 0
    links = np.flatnonzero(plan.real[:last]).astype(np.int32)
    ends = np.concatenate([plan.ends[0, links], plan.ends[1, links]])
    by_node = np.argsort(ends, kind="stable")
    first = np.searchsorted(ends[by_node], np.arange(plan.nodes + 1)).astype(np.int32)
    order, parent, link = forest(plan.ends[0], plan.ends[1], first, np.concatenate([links, links])[by_node], plan.free)
    return Feeding(order, parent, link, last)


def first_flows(plan: Program, tree: Feeding, guess: Floats, source: Floats) -> Floats:
    """Flows of all links, (links,): of passages added up along the tree from the guesses of the others [kg/s].

    `guess` is of all links, zero where nothing flows; `source` the inflow of the program's nodes.
    """
    m = guess.copy()
    brings = source.copy()
    add_up(tree.order, tree.parent, tree.link, plan.ends[0], plan.ends[1], tree.passages, brings, guess, m)
    return m


@kernel
def forest(tail: Ints, head: Ints, first: Ints, touching: Ints, free: int) -> tuple[Ints, Ints, Ints]:
    """Breadth-first forest from the held nodes (from `free` on), then from any node not reached yet."""
    n = first.size - 1
    parent, link, order = np.full(n, -1, np.int32), np.full(n, -1, np.int32), np.empty(n, np.int32)
    seen = np.zeros(n, np.bool_)
    filled, at = 0, 0
    for root in range(n - 1, -1, -1):  # all held nodes at once, the free ones one by one
        if seen[root]:
            continue
        seen[root] = True
        order[filled] = root
        filled += 1
        if root > free:
            continue
        while at < filled:
            v = order[at]
            at += 1
            for i in range(first[v], first[v + 1]):
                e = touching[i]
                u = head[e] if tail[e] == v else tail[e]
                if not seen[u]:
                    seen[u] = True
                    parent[u], link[u] = v, e
                    order[filled] = u
                    filled += 1
    kept = 0
    for i in range(n):
        if parent[order[i]] >= 0:
            order[kept] = order[i]
            kept += 1
    return order[:kept].copy(), parent, link


@kernel
def add_up(
    order: Ints, parent: Ints, link: Ints, tail: Ints, head: Ints, passages: int, brings: Floats, guess: Floats, m: Floats
) -> None:
    """Flows along the tree that carry away what every node brings, into m."""
    for e in range(passages, m.size):
        brings[tail[e]] -= guess[e]
        brings[head[e]] += guess[e]
    for e in range(passages):
        m[e] = LEAST * guess[e]  # off the tree
    for i in range(order.size - 1, -1, -1):
        v = order[i]
        u, e = parent[v], link[v]
        carried = brings[v]
        brings[u] += carried
        least = LEAST * guess[e]
        if abs(carried) > least:
            m[e] = carried if tail[e] == v else -carried
        elif least > 0.0:
            m[e] = least if (carried >= 0.0) == (tail[e] == v) else -least
        else:
            m[e] = 0.0
