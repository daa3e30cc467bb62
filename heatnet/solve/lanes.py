"""The Newton iteration of many scenarios side by side: a vector holds one link in WIDTH scenarios.

All scenarios share the elimination order. One step is two sweeps over the columns of the factor (heatnet.program):
    forward    eliminate column j in all scenarios, carry its right-hand side on
    backward   x_j; then the links of column j know the change of both their pressures: new flow, law, slope; their share
               of the next matrix and right-hand side
so that each link is read and written once a step. Coefficients that are equal in all scenarios are read once.
There is no line search here: what does not converge is left to the kernel for one scenario (newton.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from heatnet.jit import kernel
from heatnet.schema import Floats, Ints
from heatnet.simd import choose, fma, larger, like, load, size, splat, store
from heatnet.solve.laws import link_loss

V = Any  # a vector of doubles (heatnet.simd.Vector)
WIDTH = 16


@kernel
def newton_lanes(
    friction: tuple[int, float], tree: tuple[Ints, Ints, Ints], columns: tuple[Ints, Ints, Floats, Ints, Ints], common: Floats,
    own: tuple[Ints, Floats], masks: tuple[Ints, Floats], source: Floats, m: Floats, p: Floats, drive: Floats, stop: tuple[float, int],
) -> tuple[Floats, Floats]:
    """Largest pressure residual [Pa] of each scenario and the steps after which it met the tolerance; m and p in place.

    `columns`: first link of each column, and of each link its other end, sign, entry of the matrix and form; `common` (links, 4)
    the coefficients, or in `own` the row of those that differ, (rows, 4, WIDTH); `masks` the row of a link that does
    not take part in all scenarios, and 1 or 0 in each (rows, WIDTH).
    """
    start, row, target = tree
    begin, far, sign, slot, form = columns
    free, entries, links = start.size - 1, row.size, far.size
    g, w = np.zeros(links * 16), m.copy()
    cache = np.full(links * 16 if friction[0] == 0 else 16, 7.0)
    matrix = np.zeros((entries + free + 1) * 16)
    x, right = np.zeros(p.size), source.copy()
    steps, worst = np.full(16, np.inf), np.zeros(16)
    near = False  # whether the end may be near: only then flows are written down
    for step in range(stop[1] + 1):
        bad, rough = backward(friction, tree, columns, common, own, masks, g, w, cache, matrix, x, right, m, p, drive, step, near)
        store(worst, 0, bad)
        left = 0
        seen, near = near, True
        for lane in range(16):
            near = near and worst[lane] < 1e5
            if seen and worst[lane] <= stop[0] and rough < 1e-2:
                steps[lane] = min(steps[lane], step)
            else:
                steps[lane] = np.inf
                left += 1
        if left == 0 or step == stop[1]:
            break
        forward(tree, matrix, right, x)
        right[:] = source
    return worst, steps


@kernel
def forward(tree: tuple[Ints, Ints, Ints], up: Floats, right: Floats, x: Floats) -> None:
    """Eliminate all columns; x receives the right-hand sides after it, divided by the pivots."""
    start, row, target = tree
    n, entries = start.size - 1, row.size
    none = splat(16, 0.0)
    k = 0
    for j in range(n):
        first, last = start[j], start[j + 1]
        tie, value = load(16, up, (entries + j) * 16), load(16, right, j * 16)
        whole = tie
        for b in range(first, last):
            whole = whole + load(16, up, b * 16)
        inverse = choose(whole > 0.0, 1.0 / whole, none)
        for b in range(first, last):
            scaled = load(16, up, b * 16) * inverse
            at = row[b] * 16
            store(up, entries * 16 + at, fma(scaled, tie, load(16, up, entries * 16 + at)))
            store(right, at, fma(scaled, value, load(16, right, at)))
            for a in range(b + 1, last):
                to = target[k] * 16
                store(up, to, fma(scaled, load(16, up, a * 16), load(16, up, to)))
                k += 1
            store(up, b * 16, scaled)
        store(x, j * 16, value * inverse)


@kernel
def backward(
    friction: tuple[int, float], tree: tuple[Ints, Ints, Ints], columns: tuple[Ints, Ints, Floats, Ints, Ints], common: Floats,
    own: tuple[Ints, Floats], masks: tuple[Ints, Floats], gs: Floats, ws: Floats, cache: Floats, up: Floats, x: Floats, right: Floats,
    m: Floats, p: Floats, drive: Floats, step: int, keep: bool,
) -> tuple[V, float]:
    """Solve for the changes x from the last column to the first; step, law and share in the next system of each link."""
    start, row, target = tree
    begin, far, sign, slot, form = columns
    of_own, values = own
    of_mask, masked = masks
    law, laminar = friction
    n, entries = start.size - 1, row.size
    none, one = splat(16, 0.0), splat(16, 1.0)
    worst, rough = none, none
    store(up, (entries + n) * 16, none)
    for j in range(n, -1, -1):
        here, mine = none, none
        if j < n:
            first, last = start[j], start[j + 1]
            here = load(16, x, j * 16)
            for b in range(first, last):
                here = fma(load(16, up, b * 16), load(16, x, row[b] * 16), here)
                store(up, b * 16, none)
            store(x, j * 16, here)
            mine = load(16, p, j * 16) + here
            store(p, j * 16, mine)
            store(up, (entries + j) * 16, none)
        balance = load(16, right, j * 16)
        for e in range(begin[j], begin[j + 1]):
            at, there = e * 16, far[e] * 16
            dx = (here - load(16, x, there)) * sign[e]
            drop = fma(mine - load(16, p, there), like(dx, sign[e]), like(dx, drive[e]))
            flow = fma(load(16, gs, at), dx, load(16, ws, at))
            if of_own[e] < 0:
                c0, c1, c2, c3 = like(dx, common[e, 0]), like(dx, common[e, 1]), like(dx, common[e, 2]), like(dx, common[e, 3])
            else:
                w = of_own[e] * 64
                c0, c1, c2, c3 = load(16, values, w), load(16, values, w + 16), load(16, values, w + 32), load(16, values, w + 48)
            if law == 0 and form[e] == 0:
                xs = load(16, cache, at)
                if step == 0:
                    loss, ease, xs, last_step = link_loss(form[e], law, laminar, flow, c0, c1, c2, c3, xs)
                loss, ease, xs, last_step = link_loss(form[e], law, laminar, flow, c0, c1, c2, c3, xs)
                store(cache, at, xs)
                rough = larger(rough, last_step)
            else:
                loss, ease, xs, last_step = link_loss(form[e], law, laminar, flow, c0, c1, c2, c3, one)
            rest = drop - loss
            if of_mask[e] >= 0:
                part = load(16, masked, of_mask[e] * 16) > 0.5
                rest, ease = choose(part, rest, none), choose(part, ease, none)
            worst = larger(worst, size(rest))
            if keep:
                store(m, at, flow)
            carried = fma(ease, rest, flow)
            store(ws, at, carried)
            store(gs, at, ease)
            carried = carried * sign[e]
            to = slot[e] * 16
            store(up, to, load(16, up, to) + ease)
            balance = balance - carried
            store(right, there, load(16, right, there) + carried)
        store(right, j * 16, balance)
    highest = 0.0
    buffer = np.empty(16)
    store(buffer, 0, rough)
    for lane in range(16):
        highest = max(highest, buffer[lane])
    return worst, highest
