"""The two sweeps of the kernel for many scenarios over a row of columns (heatnet.solve.lanes), and what checks their flows."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from heatnet.jit import inlined, kernel
from heatnet.ordering import Longs
from heatnet.schema import Floats, Ints
from heatnet.simd import choose, fetch, fma, larger, load, narrow, signed, size, splat, store, widen
from heatnet.solve.laws import COLD, link_loss

V = Any  # a vector of doubles (heatnet.simd.Vector)
Singles = npt.NDArray[np.float32]
Tree = tuple[Ints, Ints, Ints, Ints, Longs, Ints]
Columns = tuple[Ints, Ints, Floats, Ints, Ints, Floats, Floats, Floats]
First = tuple[Floats, Floats, Floats, Floats]
Own = tuple[Longs, Floats, Ints, Floats]
Way = tuple[Ints, Ints, Ints]
Space = tuple[Singles, Floats, Floats, Singles, Singles, Singles, Floats, Floats]
WIDTH = 8  # one register of AVX-512 or two of AVX2; of twice that the working set, and what spills, cost more than is saved
AHEAD = 12 * WIDTH  # how far ahead memory is asked for: the time of some links hides that of the memory
LEAST = 0.3  # share of the size of a flow that is left of it in a first guess


@kernel
def forward(tree: Tree, columns: Columns, source: Floats, space: Space, segment: Longs) -> V:
    """Assemble and eliminate columns; x receives their right-hand sides, divided by the pivots.

    In each scenario the number of nodes without any tie left, one for each part that no held pressure reaches.
    """
    start, row, target, touched, spot = tree[0], tree[1], tree[2], tree[3], tree[5]
    begin, far, sign, slot = columns[0], columns[1], columns[2], columns[3]
    g, w, _, up, ties, x, _, right = space
    n = start.size - 1
    shared = source.size == spot.size
    none, one = splat(WIDTH, 0.0), splat(WIDTH, 1.0)
    count = none
    k = segment[3]
    for j in range(segment[0], min(segment[1], n)):
        first, last = start[j], start[j + 1]
        at = j * WIDTH
        sum_at = spot[j] * WIDTH
        tie, value = load(WIDTH, ties, sum_at), load(WIDTH, right, sum_at)
        value = value + splat(WIDTH, source[j]) if shared else value + load(WIDTH, source, at)
        store(ties, sum_at, none)
        store(right, sum_at, none)
        for b in range(first, last):
            if touched[b] == 0:
                store(up, b * WIDTH, none)
        for e in range(begin[j], begin[j + 1]):
            ease, flow = load(WIDTH, g, e * WIDTH), load(WIDTH, w, e * WIDTH) * sign[e]
            value = value - flow
            if far[e] < n:
                to, there = slot[e] * WIDTH, spot[far[e]] * WIDTH
                store(up, to, load(WIDTH, up, to) + ease)
                store(right, there, load(WIDTH, right, there) + flow)
            else:
                tie = tie + ease
        whole = tie
        for b in range(first, last):
            whole = whole + load(WIDTH, up, b * WIDTH)
        tied = whole > 0.0
        inverse = choose(tied, 1.0 / whole, none)
        count = count + choose(tied, none, one)
        for b in range(first, last):
            scaled = load(WIDTH, up, b * WIDTH) * inverse
            there = spot[row[b]] * WIDTH
            store(ties, there, fma(scaled, tie, load(WIDTH, ties, there)))
            store(right, there, fma(scaled, value, load(WIDTH, right, there)))
            for a in range(b + 1, last):
                to = target[k]
                fill = scaled * load(WIDTH, up, a * WIDTH)
                if to < 0:
                    store(up, ~to * WIDTH, fill)
                else:
                    store(up, to * WIDTH, load(WIDTH, up, to * WIDTH) + fill)
                k += 1
            store(up, b * WIDTH, scaled)
        store(x, at, value * inverse)
    return count


@kernel
def begin(
    friction: tuple[int, float], tree: Tree, columns: Columns, own: Own, space: Space, m: Floats, p: Floats, first: First,
    segment: Longs, summed: bool,
) -> tuple[V, V]:
    """Pressures, flows and laws to begin with, and cleared sums, in the columns of a segment.

    Flows stand in m where they are `summed`; else links that all share begin alike. Largest residual of each scenario, and
    largest step of Colebrook's X.
    """
    begin_of, far, sign, _, form, common, drive, flows = columns
    of_own, values, of_mask, masked = own
    gs, ws, cache, _, ties, x, left, right = space
    spot, (law, laminar) = tree[5], friction
    start_p, start_g, start_w, start_x = first
    none = splat(WIDTH, 0.0)
    worst, rough = none, none
    for j in range(segment[1] - 1, segment[0] - 1, -1):
        mine = none
        if j < tree[0].size - 1:
            mine = splat(WIDTH, start_p[j])
            store(p, j * WIDTH, mine)
            store(x, j * WIDTH, none)
            store(ties, spot[j] * WIDTH, none)
            store(right, spot[j] * WIDTH, none)
            store(left, spot[j] * WIDTH, none)
        for e in range(begin_of[j], begin_of[j + 1]):
            at, k, masks = e * WIDTH, of_own[e], of_mask[e] * 2 * WIDTH
            if k < 0 and masks < 0 and not summed:
                store(gs, at, splat(WIDTH, start_g[e]))
                store(ws, at, splat(WIDTH, start_w[e]))
                if law == 0 and form[e] == 0:
                    store(cache, at, splat(WIDTH, start_x[e]))
                continue
            flow, drop = splat(WIDTH, flows[e]), splat(WIDTH, drive[e])
            c0, c1 = splat(WIDTH, common[4 * e]), splat(WIDTH, common[4 * e + 1])
            c2, c3 = splat(WIDTH, common[4 * e + 2]), splat(WIDTH, common[4 * e + 3])
            if masks >= 0:
                flow = load(WIDTH, masked, masks + WIDTH)
            if k >= 0:
                drop, flow = load(WIDTH, values, k), load(WIDTH, values, k + WIDTH)
                c0, c1 = load(WIDTH, values, k + 2 * WIDTH), load(WIDTH, values, k + 3 * WIDTH)
                if form[e] != 1:
                    c2, c3 = load(WIDTH, values, k + 4 * WIDTH), load(WIDTH, values, k + 5 * WIDTH)
            if summed:
                flow = load(WIDTH, m, at)
            xs = splat(WIDTH, COLD)
            loss, ease, xs, last = loss_of(form[e], law, laminar, not summed, flow, c0, c1, c2, c3, xs)
            if law == 0 and form[e] == 0:
                loss, ease, xs, last = link_loss(0, law, laminar, flow, c0, c1, c2, c3, xs)
                store(cache, at, xs)
            rest = drop + (mine - load(WIDTH, p, far[e] * WIDTH)) * sign[e] - loss
            if masks >= 0:
                part = load(WIDTH, masked, masks) > 0.5
                rest, ease, last = choose(part, rest, none), choose(part, ease, none), choose(part, last, none)
                flow = choose(part, flow, none)
            worst, rough = larger(worst, size(rest)), larger(rough, last)
            store(gs, at, ease)
            store(ws, at, fma(load(WIDTH, gs, at), rest, flow))  # with g as it is kept
    return worst, rough


@kernel
def backward(  # noqa: PLR0915  one link, one pass
    friction: tuple[int, float], tree: Tree, columns: Columns, own: Own, space: Space, m: Floats, p: Floats, segment: Longs, keep: bool
) -> tuple[V, V]:
    """Changes x of the pressures from the last column of a segment to the first, and at once the new flow and law of each link.

    Largest residual of each scenario, and largest step of Colebrook's X. Flows are written down where `keep`.
    """
    begin_of, far, sign, _, form, common, drive, _ = columns
    of_own, values, of_mask, masked = own
    gs, ws, cache, up, _, x, _, _ = space
    start, row, (law, laminar) = tree[0], tree[1], friction
    none, one = splat(WIDTH, 0.0), splat(WIDTH, 1.0)
    worst, rough = none, none
    for j in range(segment[1] - 1, segment[0] - 1, -1):
        here, mine, node = none, none, j * WIDTH
        if j < start.size - 1:
            ask(p, node - AHEAD, 2)
            ask(x, node - AHEAD, 1)
            ask(up, start[j] * WIDTH - AHEAD - WIDTH, 2)
            here = load(WIDTH, x, node)
            for b in range(start[j], start[j + 1]):
                here = fma(load(WIDTH, up, b * WIDTH), load(WIDTH, x, row[b] * WIDTH), here)
            store(x, node, here)
            here = load(WIDTH, x, node)  # as it is kept
            mine = load(WIDTH, p, node) + here
            store(p, node, mine)
        for e in range(begin_of[j], begin_of[j + 1]):
            at, there, k = e * WIDTH, far[e] * WIDTH, of_own[e]
            ask(gs, at - AHEAD, 1)
            ask(ws, at - AHEAD, 2)
            flow = fma(load(WIDTH, gs, at), (here - load(WIDTH, x, there)) * sign[e], load(WIDTH, ws, at))
            rest = (mine - load(WIDTH, p, there)) * sign[e]
            c0, c1, c2, c3, xs = one, one, one, one, one
            if k < 0:
                rest = rest + drive[e]
                c0, c1 = splat(WIDTH, common[4 * e]), splat(WIDTH, common[4 * e + 1])
                c2, c3 = splat(WIDTH, common[4 * e + 2]), splat(WIDTH, common[4 * e + 3])
            else:
                rest = rest + load(WIDTH, values, k)
                c0, c1 = load(WIDTH, values, k + 2 * WIDTH), load(WIDTH, values, k + 3 * WIDTH)
                if form[e] != 1:
                    c2, c3 = load(WIDTH, values, k + 4 * WIDTH), load(WIDTH, values, k + 5 * WIDTH)
            if law == 0 and form[e] == 0:
                xs = load(WIDTH, cache, at)
            loss, ease, xs, last = loss_of(form[e], law, laminar, keep, flow, c0, c1, c2, c3, xs)
            if law == 0 and form[e] == 0:
                store(cache, at, xs)
            rest = rest - loss
            if of_mask[e] >= 0:
                part = load(WIDTH, masked, 2 * of_mask[e] * WIDTH) > 0.5
                rest, ease, last = choose(part, rest, none), choose(part, ease, none), choose(part, last, none)
                flow = choose(part, flow, none)
            worst, rough = larger(worst, size(rest)), larger(rough, last)
            if keep:
                ask(m, at - AHEAD, 2)
                store(m, at, flow)
            store(gs, at, ease)
            store(ws, at, fma(load(WIDTH, gs, at), rest, flow))  # with g as it is kept
    return worst, rough


@inlined
def ask(values: Floats | Singles, at: int, lines: int) -> None:
    """Ask for memory that will be needed soon, in lines of the cache."""
    fetch(values, at)
    if lines == 2:
        fetch(values, at + WIDTH // 2)


@inlined
def loss_of(form: int, law: int, laminar: float, exact: bool, m: V, c0: V, c1: V, c2: V, c3: V, x: V) -> tuple[V, V, V, V]:
    """`link_loss`, of pipes in single precision where that will do: for a step that is not the last, and faster."""
    if form != 0 or exact or law == 0:
        return link_loss(form, law, laminar, m, c0, c1, c2, c3, x)
    q = narrow(m)
    loss, ease, _, last = link_loss(0, law, laminar, q, narrow(c0), narrow(c1), narrow(c2), narrow(c3), q)
    return widen(loss), widen(ease), x, widen(last)


@kernel
def imbalances(tree: Tree, columns: Columns, source: Floats, space: Space, m: Floats, segment: Longs) -> V:
    """Imbalance of the nodes of a segment into x; the largest in each scenario [kg/s]. The sums are left at zero."""
    begin, far, sign = columns[0], columns[1], columns[2]
    x, left, spot = space[5], space[6], tree[5]
    n = tree[0].size - 1
    shared = source.size == spot.size
    worst, none = splat(WIDTH, 0.0), splat(WIDTH, 0.0)
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
        worst = larger(worst, size(value))
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
def add_up(way: Way, columns: Columns, ends: tuple[Ints, Ints], own: Own, m: Floats, brings: Floats) -> None:
    """Flows to begin with into m: those of changed links, and on the tree what the network has and these bring more or less.

    `brings` (nodes, WIDTH) is scratch. A flow on the tree keeps at least a part of its size, for Newton's step from a flow far too
    small goes far too far.
    """
    order, link, parent = way
    far, sign, flows = columns[1], columns[2], columns[7]
    of_own, values, of_mask, masked = own
    none = splat(WIDTH, 0.0)
    for at in range(brings.size):
        brings[at] = 0.0
    for e in range(flows.size):
        flow, before = splat(WIDTH, flows[e]), splat(WIDTH, flows[e])
        if of_own[e] >= 0:
            flow = load(WIDTH, values, of_own[e] + WIDTH)
        if of_mask[e] >= 0:
            masks = 2 * of_mask[e] * WIDTH
            flow = choose(load(WIDTH, masked, masks) > 0.5, load(WIDTH, masked, masks + WIDTH), none)
        store(m, e * WIDTH, flow)
        if of_own[e] >= 0 or of_mask[e] >= 0:
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
