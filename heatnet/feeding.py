"""A tree along which water may reach every node: the first guess of all flows is what the inlets want, added up along it.

Of the ways to a node the tree takes that of least resistance, sum of length/diameter^5: where streets close loops most water takes it.

From flows of about the right size Newton's iteration needs one or two steps fewer than from a usual speed in every pipe.
"""

from __future__ import annotations

from dataclasses import dataclass
from heapq import heappop, heappush

import numpy as np

from heatnet.jit import kernel
from heatnet.program import Program
from heatnet.schema import Floats, Ints

LEAST = 1.5  # times the usual flow that a pipe is given where the sum is less: a step from far too little goes too far


@dataclass(frozen=True)
class Feeding:
    """Spanning forest over the passages (pipes, valves, pumps), from the held nodes outwards; program numbers."""

    order: Ints  # nodes from the roots outwards, roots left out
    parent: Ints  # (program nodes,) node before
    link: Ints  # (program nodes,) link from it
    passages: int  # links of passages stand before this one


def feeding(plan: Program, passages: int, resistance: Floats) -> Feeding:
    """Forest of a program whose first parts, `passages` in number, are passages, of these resistances (edges,)."""
    last = int(plan.spans[passages - 1, 1]) if passages else 0
    links = np.flatnonzero(plan.real[:last]).astype(np.int32)
    ends = np.concatenate([plan.ends[0, links], plan.ends[1, links]])
    by_node = np.argsort(ends, kind="stable")
    first = np.searchsorted(ends[by_node], np.arange(plan.nodes + 1)).astype(np.int32)
    touching = np.concatenate([links, links])[by_node]
    order, parent, link = forest(plan.ends[0], plan.ends[1], first, touching, resistance[plan.edge], plan.free)
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
def forest(tail: Ints, head: Ints, first: Ints, touching: Ints, resistance: Floats, free: int) -> tuple[Ints, Ints, Ints]:
    """Forest of least resistance (Dijkstra 1959) from the held nodes (from `free` on), then from any node not reached yet."""
    n = first.size - 1
    parent, link, order = np.full(n, -1, np.int32), np.full(n, -1, np.int32), np.empty(n, np.int32)
    far, done, kept = np.full(n, np.inf), np.zeros(n, np.bool_), 0
    waiting = [(0.0, np.int32(v)) for v in range(free, n)]  # all held nodes at once, the free ones one by one
    for root in range(free, -1, -1):
        if root < free and not done[root]:
            heappush(waiting, (0.0, np.int32(root)))
        while len(waiting) > 0:
            way, v = heappop(waiting)
            if done[v]:
                continue
            done[v] = True
            if parent[v] >= 0:
                order[kept] = v
                kept += 1
            for i in range(first[v], first[v + 1]):
                e = touching[i]
                u = head[e] if tail[e] == v else tail[e]
                if not done[u] and way + resistance[e] < far[u] and u < free:
                    far[u], parent[u], link[u] = way + resistance[e], v, e
                    heappush(waiting, (far[u], np.int32(u)))
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
