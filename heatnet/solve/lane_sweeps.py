"""The two sweeps of the kernel for many scenarios over a row of columns (heatnet.solve.lanes)."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from heatnet.jit import inlined, kernel
from heatnet.ordering import Longs
from heatnet.schema import Floats, Ints
from heatnet.simd import choose, fetch, fma, larger, load, narrow, root, size, splat, store, widen
from heatnet.solve.laws import COLD, link_loss

V = Any  # a vector of doubles (heatnet.simd.Vector)
Singles = npt.NDArray[np.float32]
Tree = tuple[Ints, Ints, Ints, Ints, Longs, Ints]
Columns = tuple[Ints, Ints, Floats, Ints, Ints, Floats, Floats, Floats]
First = tuple[Floats, Floats, Floats, Floats]
Own = tuple[Longs, Floats, Ints, Floats]
Way = tuple[Ints, Ints, Ints]
Space = tuple[Singles, Floats, Floats, Singles, Singles, Singles, Floats, Floats]
WIDTH = 16  # two registers of AVX-512: enough work at once to hide the chains of logarithms; with 8 a link takes a third longer
AHEAD = 6 * WIDTH  # how far ahead memory is asked for: the time of some links hides that of the memory


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
def backward(
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
            ask_link(gs, ws, at - AHEAD)
            flow = fma(load(WIDTH, gs, at), (here - load(WIDTH, x, there)) * sign[e], load(WIDTH, ws, at))
            rest = (mine - load(WIDTH, p, there)) * sign[e]
            c0, c1, c2, c3, xs = one, one, one, one, one
            if k < 0:
                rest = rest + drive[e]
                c0, c1 = splat(WIDTH, common[4 * e]), splat(WIDTH, common[4 * e + 1])
                c2, c3 = splat(WIDTH, common[4 * e + 2]), splat(WIDTH, common[4 * e + 3])
            else:
                ask_own(values, k - 4 * WIDTH)
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
def ask_link(gs: Singles, ws: Floats, at: int) -> None:
    """Ask for what is kept of a link."""
    ask(gs, at, 1)
    ask(ws, at, 2)


@inlined
def ask_own(values: Floats, k: int) -> None:
    """Ask for the drive and the two coefficients of a link that has its own."""
    ask(values, k, 2)
    ask(values, k + 2 * WIDTH, 2)
    ask(values, k + 3 * WIDTH, 2)


@inlined
def loss_of(form: int, law: int, laminar: float, exact: bool, m: V, c0: V, c1: V, c2: V, c3: V, x: V) -> tuple[V, V, V, V]:
    """`link_loss`, where that will do in single precision, which is faster: of pipes, and slopes of valves, in a step not the last."""
    if form == 1 and not exact:
        both = fma(m, m, c1)
        rough = widen(1.0 / root(narrow(larger(both, splat(WIDTH, 1e-35)))))
        over = both * rough
        over = fma(fma(0.0 - over, over, both), 0.5 * rough, over)  # Newton's step from seven digits of the root to fourteen
        return c0 * m * over, widen(narrow(over) / narrow(c0 * fma(m, m, both))), x, splat(WIDTH, 0.0)
    if form != 0 or exact or law == 0:
        return link_loss(form, law, laminar, m, c0, c1, c2, c3, x)
    q = narrow(m)
    loss, ease, _, last = link_loss(0, law, laminar, q, narrow(c0), narrow(c1), narrow(c2), narrow(c3), q)
    return widen(loss), widen(ease), x, widen(last)
