"""The Newton iteration of many scenarios side by side: a vector holds one link in WIDTH scenarios.

All scenarios share the elimination order. One step is two sweeps over the columns of the factor (heatnet.program):
    forward    add the links of column j to the matrix and the balances, eliminate it
    backward   x_j; then the links of column j know the pressures at both ends: new flow, law, slope
A branch of the elimination tree whose numbers fit the cache goes backward and, for the next step, forward at once; only the columns
above all branches wait in between. So a step reads memory once.

Little is kept between sweeps: of a link g = 1/slope and w = m + g (gap - loss), of a node p and x. Matrix
and g are kept in single precision: the same rounded g stands in matrix and step, so the steps are those of a slightly
different Newton matrix and the answer is as exact as ever; flows, pressures and balances are double.
There is no line search here: what does not converge is left to the kernel for one scenario (newton.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from heatnet.jit import kernel
from heatnet.ordering import Longs
from heatnet.schema import Floats, Ints
from heatnet.simd import choose, fetch, fma, larger, load, narrow, size, splat, store, widen
from heatnet.solve.laws import COLD, link_loss

V = Any  # a vector of doubles (heatnet.simd.Vector)
Singles = npt.NDArray[np.float32]
Tree = tuple[Ints, Ints, Ints, Ints, Longs, Ints]
Columns = tuple[Ints, Ints, Floats, Ints, Ints, Floats, Floats, Floats]
First = tuple[Floats, Floats, Floats, Floats]
Own = tuple[Longs, Floats, Ints, Floats]
Space = tuple[Singles, Floats, Floats, Singles, Singles, Singles, Floats, Floats]
WIDTH = 16
INEXACT = 1e-2  # last step of Colebrook's X above which its law is not yet met: the error left goes as its cube
AHEAD = 6 * WIDTH  # how far ahead memory is asked for: the time of some links hides that of the memory
NEAR = 1e3  # Pa, residual below which the next step may be the last


@kernel
def newton_lanes(
    friction: tuple[int, float], tree: Tree, columns: Columns, own: Own, way: tuple[Ints, Ints, Ints],
    source: Floats, first: First, m: Floats, p: Floats, stop: tuple[float, float, int],
    space: Space,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Largest pressure residual [Pa], imbalance [kg/s], steps (inf if not done), loose nodes of each scenario; flows in m, pressures in p.

    `tree`: start, row, target (as ~target where it is the first to reach its entry), whether an entry has any, and segments of
    columns, (segments, 4): first and last column, 1 for whole branches, first update; and the spot of every column in the sums that
    a sweep forward makes. `columns`:
    first link of each column, and of each link its other end, sign, entry, form, coefficients (links, 4), drive and first flow. `own`:
    where drive, first flow and coefficients of a link stand that differ from scenario to scenario, -1 for none, and these; and the row of
    those links that are not open in all, and 1 or 0 and the first flow in (rows, 2, WIDTH). `way`: nodes from
    the roots of a spanning tree outwards, and the link and the node before each. `source`: of the nodes, or (nodes, WIDTH) as one row.
    `first`: pressure of the nodes to begin with, and g, w and Colebrook's X of the links that all share (lane_values.first_laws). m, p: (nodes or links, WIDTH) as one row, p of the held nodes given.
    """
    order, link, parent = way
    g, left, x = space[0], space[6], space[5]
    segments = tree[4]
    free = tree[0].size - 1
    for at in range(free * WIDTH, x.size):
        x[at] = 0.0
    loose = np.zeros(WIDTH)
    steps, worst, lost, rough = np.full(WIDTH, np.inf), np.zeros(WIDTH), np.zeros(WIDTH), np.zeros(WIDTH)
    near = False  # whether this may be the last step: only then flows are written down
    for step in range(stop[2] + 1):
        bad, inexact, unmet = splat(WIDTH, 0.0), splat(WIDTH, 0.0), splat(WIDTH, 0.0)
        count = splat(WIDTH, 0.0)
        for s in range(segments.shape[0] - 1, -1, -1):
            segment = segments[s]
            one, two = backward(friction, tree, columns, own, space, m, p, first, segment, step, near)
            bad, inexact = larger(bad, one), larger(inexact, two)
            if segment[2] == 1:
                if near:
                    unmet = larger(unmet, imbalances(tree, columns, source, m, left, segment, tree[5]))
                count = count + forward(tree, columns, source, space, segment)
        store(worst, 0, bad)
        store(rough, 0, inexact)
        done = near
        for lane in range(WIDTH):
            done = done and worst[lane] <= stop[0] and rough[lane] < INEXACT
        last = done or step == stop[2]
        for s in range(segments.shape[0]):
            if segments[s][2] == 0:
                if near and last:
                    unmet = larger(unmet, imbalances(tree, columns, source, m, left, segments[s], tree[5]))
                count = count + forward(tree, columns, source, space, segments[s])
        store(loose, 0, count)
        store(lost, 0, unmet)
        if done and lost.max() > stop[1]:  # what single precision left over: carried off along the tree
            every, whole = np.arange(x.size // WIDTH).astype(np.int32), np.array([0, free, 1, 0])
            rest = np.zeros(x.size)
            imbalances(tree, columns, source, m, rest, whole, every)
            store(worst, 0, load(WIDTH, worst, 0) + carry_off(order, link, parent, columns, own, g, m, rest))
            store(lost, 0, imbalances(tree, columns, source, m, np.zeros(x.size), whole, every))
        if last:
            for lane in range(WIDTH):
                if near and worst[lane] <= stop[0] and lost[lane] <= stop[1]:
                    steps[lane] = step
                done = done and worst[lane] <= stop[0] and lost[lane] <= stop[1]
            if done or step == stop[2]:
                break
        near = True
        for lane in range(WIDTH):
            near = near and worst[lane] < NEAR
    return worst, lost, steps, loose


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
def backward(  # noqa: PLR0912  one link, one pass
    friction: tuple[int, float], tree: Tree, columns: Columns, own: Own, space: Space, m: Floats, p: Floats, start: First,
    segment: Longs, step: int, keep: bool,
) -> tuple[V, V]:
    """Changes x of the pressures from the last column of a segment to the first, and at once the new flow and law of each link.

    Largest residual of each scenario, and largest step of Colebrook's X.
    """
    column, row, spot = tree[0], tree[1], tree[5]
    begin, far, sign, _, form, common, drive, first = columns
    start_p, start_g, start_w, start_x = start
    of_own, values, of_mask, masked = own
    gs, ws, cache, up, ties, x, left, right = space
    law, laminar = friction
    n = column.size - 1
    none, one = splat(WIDTH, 0.0), splat(WIDTH, 1.0)
    worst, rough = none, none
    for j in range(segment[1] - 1, segment[0] - 1, -1):
        here, mine = none, none
        if j < n:
            if step > 0:
                fetch(p, j * WIDTH - AHEAD)
                fetch(p, j * WIDTH - AHEAD + 8)
                fetch(x, j * WIDTH - AHEAD)
                fetch(up, column[j] * WIDTH - AHEAD)
                fetch(up, column[j] * WIDTH - AHEAD - 16)
                here = load(WIDTH, x, j * WIDTH)
                for b in range(column[j], column[j + 1]):
                    here = fma(load(WIDTH, up, b * WIDTH), load(WIDTH, x, row[b] * WIDTH), here)
                store(x, j * WIDTH, here)
                here = load(WIDTH, x, j * WIDTH)  # as it is kept
                mine = load(WIDTH, p, j * WIDTH) + here
            else:
                mine = splat(WIDTH, start_p[j])
                store(ties, spot[j] * WIDTH, none)
                store(right, spot[j] * WIDTH, none)
                store(x, j * WIDTH, none)
            store(p, j * WIDTH, mine)
            if keep:
                store(left, spot[j] * WIDTH, none)
        for e in range(begin[j], begin[j + 1]):
            at, there = e * WIDTH, far[e] * WIDTH
            fetch(gs, at - AHEAD)
            fetch(ws, at - AHEAD)
            fetch(ws, at - AHEAD + 8)
            if keep:
                fetch(m, at - AHEAD)
                fetch(m, at - AHEAD + 8)
            if step == 0 and of_own[e] < 0 and of_mask[e] < 0:
                store(gs, at, splat(WIDTH, start_g[e]))
                store(ws, at, splat(WIDTH, start_w[e]))
                if law == 0 and form[e] == 0:
                    store(cache, at, splat(WIDTH, start_x[e]))
                continue
            between = (mine - load(WIDTH, p, there)) * sign[e]
            flow = none
            if step > 0:
                flow = fma(load(WIDTH, gs, at), (here - load(WIDTH, x, there)) * sign[e], load(WIDTH, ws, at))
            elif of_own[e] >= 0:
                flow = load(WIDTH, values, of_own[e] + WIDTH)
            elif of_mask[e] >= 0:
                flow = load(WIDTH, masked, (2 * of_mask[e] + 1) * WIDTH)
            else:
                flow = splat(WIDTH, first[e])
            c0, c1, c2, c3, drop = one, one, one, one, between
            if of_own[e] < 0:
                c0, c1 = splat(WIDTH, common[4 * e]), splat(WIDTH, common[4 * e + 1])
                c2, c3 = splat(WIDTH, common[4 * e + 2]), splat(WIDTH, common[4 * e + 3])
                drop = between + drive[e]
            else:
                k = of_own[e]
                drop = between + load(WIDTH, values, k)
                c0, c1 = load(WIDTH, values, k + 2 * WIDTH), load(WIDTH, values, k + 3 * WIDTH)
                if form[e] != 1:
                    c2, c3 = load(WIDTH, values, k + 4 * WIDTH), load(WIDTH, values, k + 5 * WIDTH)
            if law == 0 and form[e] == 0:
                xs = splat(WIDTH, COLD) if step == 0 else load(WIDTH, cache, at)
                loss, ease, last = flow, flow, none
                for _ in range(2 if step == 0 else 1):
                    loss, ease, xs, last = link_loss(0, law, laminar, flow, c0, c1, c2, c3, xs)
                store(cache, at, xs)
            elif form[e] == 0 and not keep:
                loss, ease, last = rough_loss(law, laminar, flow, c0, c1, c2, c3)
            else:
                loss, ease, xs, last = link_loss(form[e], law, laminar, flow, c0, c1, c2, c3, one)
            rest = drop - loss
            if of_mask[e] >= 0:
                part = load(WIDTH, masked, 2 * of_mask[e] * WIDTH) > 0.5
                rest, ease, last = choose(part, rest, none), choose(part, ease, none), choose(part, last, none)
                flow = choose(part, flow, none)
            worst = larger(worst, size(rest))
            rough = larger(rough, last)
            if keep:
                store(m, at, flow)
            store(gs, at, ease)
            store(ws, at, fma(load(WIDTH, gs, at), rest, flow))  # with g as it is kept
    return worst, rough


@kernel
def rough_loss(law: int, laminar: float, flow: V, c0: V, c1: V, c2: V, c3: V) -> tuple[V, V, V]:
    """The law of a pipe in single precision: good enough for a step that is not the last, and twice as fast."""
    m = narrow(flow)
    loss, ease, _, last = link_loss(0, law, laminar, m, narrow(c0), narrow(c1), narrow(c2), narrow(c3), m)
    return widen(loss), widen(ease), widen(last)


@kernel
def imbalances(tree: Tree, columns: Columns, source: Floats, m: Floats, left: Floats, segment: Longs, spot: Ints) -> V:
    """Imbalance of the nodes of a segment into their `spot` in `left`, zero before; the largest in each scenario [kg/s]."""
    begin, far, sign = columns[0], columns[1], columns[2]
    n = tree[0].size - 1
    shared = source.size == spot.size
    worst = splat(WIDTH, 0.0)
    for j in range(segment[0], min(segment[1], n)):
        value = load(WIDTH, left, spot[j] * WIDTH)
        value = value + splat(WIDTH, source[j]) if shared else value + load(WIDTH, source, j * WIDTH)
        for e in range(begin[j], begin[j + 1]):
            flow, there = load(WIDTH, m, e * WIDTH) * sign[e], spot[far[e]] * WIDTH
            value = value - flow
            if far[e] < n:
                store(left, there, load(WIDTH, left, there) + flow)
        store(left, spot[j] * WIDTH, value)
        worst = larger(worst, size(value))
    return worst


@kernel
def carry_off(
    order: Ints, link: Ints, parent: Ints, columns: Columns, own: Own, g: Singles, m: Floats, left: Floats
) -> V:
    """Add to the flows along a tree what carries the imbalances away; largest change of a loss [Pa]."""
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
