"""Mass balances of many scenarios side by side: checked, evened out and, for a first guess, added up along a spanning tree."""

from __future__ import annotations

import numpy as np

from heatnet.jit import kernel
from heatnet.ordering import Longs
from heatnet.schema import Bools, Floats, Ints
from heatnet.simd import choose, fma, larger, load, signed, size, splat, store
from heatnet.solve.lane_sweeps import WIDTH, Columns, Own, Singles, Space, Tree, V, Way

LEAST = 0.3  # share of the size of a flow that is left of it in a first guess


@kernel
def imbalances(tree: Tree, columns: Columns, source: Floats, space: Space, m: Floats, segment: Longs) -> V:
    """Imbalance of the nodes of a segment into x; the largest in each scenario [kg/s], infinite where one is no number.

    The sums are left at zero.
    """
    begin, far, sign = columns[0], columns[1], columns[2]
    x, left, spot = space[5], space[6], tree[5]
    n = tree[0].size - 1
    shared = source.size == spot.size
    worst, none, endless = splat(WIDTH, 0.0), splat(WIDTH, 0.0), splat(WIDTH, np.inf)
    for j in range(segment[0], min(segment[1], n)):
        value = load(WIDTH, left, spot[j] * WIDTH)
        store(left, spot[j] * WIDTH, none)
        value = value + splat(WIDTH, source[j]) if shared else value + load(WIDTH, source, j * WIDTH)
        for e in range(begin[j], begin[j + 1]):
            flow, there = load(WIDTH, m, e * WIDTH) * sign[e], spot[far[e]] * WIDTH
            value = value - flow
            if far[e] < n:
                store(left, there, load(WIDTH, left, there) + flow)
        store(x, j * WIDTH, value)
        lost = size(value)
        worst = larger(worst, choose(lost < endless, lost, endless))  # the larger of a number and none is the number
    return worst


@kernel
def carry_off(way: Way, columns: Columns, own: Own, g: Singles, m: Floats, left: Singles) -> V:
    """Add to the flows along a tree what carries the imbalances `left` away; largest change of a loss [Pa]."""
    order, link, parent = way
    far, sign, of_mask, masked = columns[1], columns[2], own[2], own[3]
    worst, none = splat(WIDTH, 0.0), splat(WIDTH, 0.0)
    for i in range(order.size - 1, -1, -1):
        v, e = order[i] * WIDTH, link[i]
        if e < 0:
            continue
        at, u = e * WIDTH, parent[i] * WIDTH
        carried = load(WIDTH, left, v)
        if of_mask[e] >= 0:
            carried = choose(load(WIDTH, masked, 2 * of_mask[e] * WIDTH) > 0.5, carried, none)
        # sign: +1 where the column's node is the tail; far is the other end
        outward = sign[e] if far[e] * WIDTH == u else -sign[e]
        store(m, at, load(WIDTH, m, at) + carried * outward)
        store(left, u, load(WIDTH, left, u) + carried)
        worst = larger(worst, size(carried) / load(WIDTH, g, at))
    return worst


@kernel
def marked(links: Ints, count: int) -> Bools:
    """Which of so many links are among these, -1 for none."""
    result = np.zeros(count, np.bool_)
    for e in links:
        if e >= 0:
            result[e] = True
    return result


@kernel
def guessed_flows(way: Way, columns: Columns, ends: tuple[Ints, Ints], own: Own, m: Floats, brings: Floats) -> None:
    """Flows to begin with into m: those of changed links, and on the tree what the network has and these bring more or less.

    Pipes that close loops change as what all inlets take.

    `brings` (nodes, WIDTH) is scratch. A flow on the tree keeps at least a part of its size, for Newton's step from a flow far too
    small goes far too far.
    """
    order, link, parent = way
    far, sign, flows = columns[1], columns[2], columns[7]
    of_own, values, of_mask, masked = own
    none = splat(WIDTH, 0.0)
    for at in range(brings.size):
        brings[at] = 0.0
    form, on_tree = columns[4], marked(link, flows.size)
    taken, took = splat(WIDTH, 1e-9), 1e-9  # by inlets
    for e in range(flows.size):
        if form[e] == 1 and not on_tree[e]:
            took += abs(flows[e])
            taken = taken + (size(load(WIDTH, values, of_own[e] + WIDTH)) if of_own[e] >= 0 else splat(WIDTH, abs(flows[e])))
    scale = taken / took
    for e in range(flows.size):
        flow, before = splat(WIDTH, flows[e]), splat(WIDTH, flows[e])
        closing = form[e] == 0 and not on_tree[e]
        if closing:
            flow = flow * scale
        if of_own[e] >= 0:
            flow = load(WIDTH, values, of_own[e] + WIDTH)
        if of_mask[e] >= 0:
            masks = 2 * of_mask[e] * WIDTH
            flow = choose(load(WIDTH, masked, masks) > 0.5, load(WIDTH, masked, masks + WIDTH), none)
        store(m, e * WIDTH, flow)
        if of_own[e] >= 0 or of_mask[e] >= 0 or closing:
            tail, head = ends[0][e] * WIDTH, ends[1][e] * WIDTH
            store(brings, tail, load(WIDTH, brings, tail) - (flow - before))
            store(brings, head, load(WIDTH, brings, head) + (flow - before))
    for i in range(order.size - 1, -1, -1):
        v, e = order[i] * WIDTH, link[i]
        if e < 0:
            continue
        u, at = parent[i] * WIDTH, e * WIDTH
        carried = load(WIDTH, brings, v)
        outward = sign[e] if far[e] * WIDTH == u else -sign[e]
        old = load(WIDTH, m, at)
        flow = fma(carried, splat(WIDTH, outward), old)
        store(m, at, signed(larger(size(flow), LEAST * size(old)), flow))
        store(brings, u, load(WIDTH, brings, u) + carried)
