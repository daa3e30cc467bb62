"""The Newton iteration of `newton` for several scenarios side by side: a vector holds one link in WIDTH scenarios.

The same steps in every lane: laws, shortening where a step overshot the content, elimination, active set. Each lane has laws, bounds
and active set of its own and stands still once it has settled, so that its answer does not depend on its neighbours.
Links and nodes in program order; arrays (links or nodes, WIDTH) as one row.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from heatnet.jit import kernel
from heatnet.schema import Floats, Ints
from heatnet.simd import choose, fma, larger, load, size, smaller, splat, store
from heatnet.solve.abreast_bounds import WIDTH, advance, misplaced
from heatnet.solve.laws import link_loss
from heatnet.solve.newton import FARTHEST, INEXACT, PATIENT

V = Any  # a vector of doubles (heatnet.simd.Vector)
Plan = tuple[Ints, Ints, Ints, Ints, tuple[Ints, Ints, Ints]]  # spans, forms, real, ends, (start, row, target)
Laws = tuple[Floats, Floats, Floats, Floats, Floats]  # four coefficients, drive
Work = tuple[Floats, Floats, Floats, Floats, Floats, Floats, Floats, Floats, Floats]  # gap, r, g, full, X; matrix, x, right, left
Stop = tuple[float, Floats, int, bool]  # Pa, kg/s (WIDTH,), steps, warm


@kernel
def newton_abreast(
    friction: tuple[int, float], plan: Plan, laws: Laws, source: Floats, share: Floats, state: tuple[Floats, Floats],
    chosen: tuple[Ints, Floats, Floats], stop: Stop, running: Floats, space: Work, found: Floats,
) -> None:
    """Steps, pressure residual [Pa], mass residual [kg/s] and 1 where settled, into `found` (4, WIDTH); flows and pressures in place.

    `state` m and p; `chosen` links that have bounds, their active set (chosen, WIDTH), and limits (6, chosen, WIDTH) of `limits`;
    `running` is 1 for the lanes to be solved, and 0 after.
    """
    gap, r, g, full, cache, matrix, x, right, left = space
    m, p = state
    tail, head, free = plan[3][0], plan[3][1], plan[4][0].size - 1
    none = splat(WIDTH, 0.0)
    for e in range(tail.size):
        at = e * WIDTH
        store(gap, at, load(WIDTH, p, tail[e] * WIDTH) - load(WIDTH, p, head[e] * WIDTH) + load(WIDTH, laws[4], at))
        store(r, at, none)
        store(g, at, none)
        store(full, at, none)
        store(cache, at, splat(WIDTH, 7.0))  # COLD
    for at in range(0, x.size, WIDTH):
        store(x, at, none)
    changes = np.full(WIDTH, 0.0 if stop[3] else 1.0)
    sums = np.empty((4, WIDTH))  # residual, slopes of the content, last step of X
    for step in range(stop[2] + 1):
        laws_pass(friction, plan, laws, source, share, m, running, space, sums, (step == 0, True))
        if step > 1:
            shorten(friction, plan, laws, source, share, m, running, space, sums, changes)
        if step == 0 and stop[3]:
            misplaced(chosen, gap, changes)
        enough = stop[0] if step > 0 else 1e-3 * stop[0]
        settle(plan, m, source, left, (enough, step), stop[1], running, changes, sums, found)
        if step == stop[2] or running.max() == 0.0:
            break
        eliminate(plan[4], matrix, right)
        on = load(WIDTH, running, 0) > 0.5
        far = splat(WIDTH, FARTHEST)
        for at in range(0, free * WIDTH, WIDTH):
            change = load(WIDTH, right, at)
            change = choose(on, larger(smaller(change, far), none - far), none)  # see newton.newton
            store(x, at, change)
            store(p, at, load(WIDTH, p, at) + change)
        if chosen[0].size > 0:
            advance(chosen, (tail, head), x, share, m, (gap, r, g), running, changes, step >= PATIENT)
        else:
            changes[:] = 0.0
    imbalances(plan, m, source, left, sums[3])
    for lane in range(WIDTH):
        if running[lane] > 0.5:
            found[0, lane], found[1, lane], found[2, lane], found[3, lane] = stop[2], sums[0, lane], sums[3, lane], 0.0
            running[lane] = 0.0


@kernel
def settle(
    plan: Plan, m: Floats, source: Floats, left: Floats, turn: tuple[float, int], tight: Floats, running: Floats, changes: Floats,
    sums: Floats, found: Floats,
) -> None:
    """Stop the lanes that are done, or have no numbers left; `turn` is the pressure that is enough, and the step."""
    ready = False
    for lane in range(WIDTH):
        if running[lane] > 0.5 and not sums[0, lane] < np.inf:
            running[lane] = 0.0
            found[0, lane], found[1, lane], found[2, lane], found[3, lane] = turn[1], np.inf, np.inf, 0.0
        good = changes[lane] == 0.0 and sums[0, lane] <= turn[0] and sums[3, lane] < INEXACT
        ready = ready or (running[lane] > 0.5 and good)
    if not ready:
        return
    lost = np.empty(WIDTH)
    imbalances(plan, m, source, left, lost)
    for lane in range(WIDTH):
        good = changes[lane] == 0.0 and sums[0, lane] <= turn[0] and sums[3, lane] < INEXACT
        if running[lane] > 0.5 and good and lost[lane] <= tight[lane]:
            running[lane] = 0.0
            found[0, lane], found[1, lane], found[2, lane], found[3, lane] = turn[1], sums[0, lane], lost[lane], 1.0


@kernel
def laws_pass(
    friction: tuple[int, float], plan: Plan, laws: Laws, source: Floats, share: Floats, m: Floats, running: Floats, space: Work,
    sums: Floats, turn: tuple[bool, bool],
) -> None:
    """Step by x, the laws there, matrix and right-hand side; into `sums` residual, slopes of the content, last step of X.

    `turn`: whether Colebrook's X is still cold, and whether the step is written down.
    """
    gap, r, g, full, cache, matrix, x, right, _ = space
    spans, forms, real, ends, _ = plan
    law, laminar = friction
    tail, head, slot = ends[0], ends[1], ends[2]
    none, one = splat(WIDTH, 0.0), splat(WIDTH, 1.0)
    worst, steep, beyond, rough = none, none, none, none
    on = load(WIDTH, running, 0) > 0.5
    for at in range(0, matrix.size, WIDTH):
        store(matrix, at, none)
    for at in range(0, source.size, WIDTH):
        store(right, at, load(WIDTH, source, at))
    for k in range(forms.size):
        form = forms[k]
        for e in range(spans[k, 0], spans[k, 1]):
            if real[e] == 0:
                continue
            at, t, h = e * WIDTH, tail[e] * WIDTH, head[e] * WIDTH
            part = load(WIDTH, share, at)
            movable = part == one
            dx = load(WIDTH, x, t) - load(WIDTH, x, h)
            drop, slack = load(WIDTH, gap, at) + dx, load(WIDTH, r, at) + dx
            change = choose(on, load(WIDTH, g, at) * slack, none)
            flows = load(WIDTH, m, at) + change
            xs = load(WIDTH, cache, at) if law == 0 and form == 0 else one
            c0, c1 = load(WIDTH, laws[0], at), load(WIDTH, laws[1], at)
            c2, c3 = load(WIDTH, laws[2], at), load(WIDTH, laws[3], at)
            loss, ease, xs, last = link_loss(form, law, laminar, flows, c0, c1, c2, c3, xs)
            if turn[0] and law == 0 and form == 0:
                loss, ease, xs, last = link_loss(0, law, laminar, flows, c0, c1, c2, c3, xs)
            rest = choose(movable, drop - loss, none)
            ease = choose(movable, ease, none)
            worst = larger(worst, size(rest))
            steep, beyond = fma(change, slack, steep), beyond - change * rest
            if law == 0 and form == 0:
                rough = larger(rough, choose(movable, last, none))
                store(cache, at, xs)
            store(m, at, flows)
            store(gap, at, drop)
            store(r, at, rest)
            store(g, at, ease)
            if turn[1]:
                store(full, at, change)
            flow, tie = fma(ease, rest, flows), choose(movable, ease, part)
            store(matrix, slot[e] * WIDTH, load(WIDTH, matrix, slot[e] * WIDTH) + tie)
            store(right, t, load(WIDTH, right, t) - flow)
            store(right, h, load(WIDTH, right, h) + flow)
    for row, values in ((0, worst), (1, steep), (2, beyond), (3, rough)):
        store(sums[row], 0, values)


@kernel
def shorten(
    friction: tuple[int, float], plan: Plan, laws: Laws, source: Floats, share: Floats, m: Floats, running: Floats, space: Work,
    sums: Floats, changes: Floats,
) -> None:
    """Shorten the last step of the lanes where it overshot: regula falsi on the slope of the content along it."""
    r, g, full, x = space[1], space[2], space[3], space[6]
    wants = overshot(running, changes, sums)
    if wants.max() == 0.0:
        return
    low, high, at, move = np.zeros(WIDTH), np.ones(WIDTH), np.ones(WIDTH), np.zeros(WIDTH)
    steep = sums[1].copy()
    at_low, at_high = -steep, sums[2].copy()
    none = splat(WIDTH, 0.0)
    for place in range(0, x.size, WIDTH):
        store(x, place, none)
    for _ in range(8):
        for lane in range(WIDTH):
            move[lane] = 0.0
            if wants[lane] > 0.5:
                span = high[lane] - low[lane]
                part = low[lane] - at_low[lane] * span / (at_high[lane] - at_low[lane])
                part = min(max(part, low[lane] + 0.1 * span), low[lane] + 0.9 * span)
                move[lane], at[lane] = part - at[lane], part
        by = load(WIDTH, move, 0)
        for place in range(0, m.size, WIDTH):
            store(m, place, fma(by, load(WIDTH, full, place), load(WIDTH, m, place)))
            store(g, place, none)
        laws_pass(friction, plan, laws, source, share, m, running, space, sums, (True, False))
        here = none
        for place in range(0, m.size, WIDTH):
            here = here - load(WIDTH, full, place) * load(WIDTH, r, place)
        store(move, 0, here)
        for lane in range(WIDTH):
            if abs(move[lane]) <= 0.5 * steep[lane]:
                wants[lane] = 0.0
            elif move[lane] > 0.0:
                high[lane], at_high[lane] = at[lane], move[lane]
            else:
                low[lane], at_low[lane] = at[lane], move[lane]
        if wants.max() == 0.0:
            break


@kernel
def overshot(running: Floats, changes: Floats, sums: Floats) -> Floats:
    """1 for the lanes whose last step went too far, (WIDTH,)."""
    wants = np.zeros(WIDTH)
    for lane in range(WIDTH):
        wants[lane] = running[lane] > 0.5 and changes[lane] == 0.0 and sums[2, lane] > 0.5 * sums[1, lane]
    return wants


@kernel
def eliminate(tree: tuple[Ints, Ints, Ints], up: Floats, x: Floats) -> None:
    """Solve the Laplacians in place, as newton.eliminate."""
    start, row, target = tree
    n, entries = start.size - 1, row.size
    none = splat(WIDTH, 0.0)
    k = 0
    for j in range(n):
        first, last = start[j], start[j + 1]
        tie, value = load(WIDTH, up, (entries + j) * WIDTH), load(WIDTH, x, j * WIDTH)
        whole = tie
        for b in range(first, last):
            whole = whole + load(WIDTH, up, b * WIDTH)
        inverse = choose(whole > 0.0, 1.0 / whole, none)
        for b in range(first, last):
            scaled = load(WIDTH, up, b * WIDTH) * inverse
            ties, there = (entries + row[b]) * WIDTH, row[b] * WIDTH
            store(up, ties, fma(scaled, tie, load(WIDTH, up, ties)))
            store(x, there, fma(scaled, value, load(WIDTH, x, there)))
            for a in range(b + 1, last):
                to = target[k] * WIDTH
                store(up, to, fma(scaled, load(WIDTH, up, a * WIDTH), load(WIDTH, up, to)))
                k += 1
            store(up, b * WIDTH, scaled)
        store(x, j * WIDTH, value * inverse)
    for j in range(n - 1, -1, -1):
        value = load(WIDTH, x, j * WIDTH)
        for b in range(start[j], start[j + 1]):
            value = fma(load(WIDTH, up, b * WIDTH), load(WIDTH, x, row[b] * WIDTH), value)
        store(x, j * WIDTH, value)


@kernel
def imbalances(plan: Plan, m: Floats, source: Floats, left: Floats, lost: Floats) -> None:
    """Largest mass that a free node gains or loses in each lane [kg/s], infinite where one is no number, into `lost` (WIDTH,)."""
    real, ends, free = plan[2], plan[3], plan[4][0].size - 1
    for at in range(0, source.size, WIDTH):
        store(left, at, load(WIDTH, source, at))
    for e in range(real.size):
        if real[e] == 1:
            t, h, q = ends[0, e] * WIDTH, ends[1, e] * WIDTH, load(WIDTH, m, e * WIDTH)
            store(left, t, load(WIDTH, left, t) - q)
            store(left, h, load(WIDTH, left, h) + q)
    worst, endless = splat(WIDTH, 0.0), splat(WIDTH, np.inf)
    for v in range(free):
        gained = size(load(WIDTH, left, v * WIDTH))
        worst = larger(worst, choose(gained < endless, gained, endless))
    store(lost, 0, worst)


@kernel
def open_laws(friction: tuple[int, float], plan: Plan, laws: Laws, state: tuple[Floats, Floats], out: Floats) -> None:
    """Pressure difference less loss of every link [Pa], from scratch, as newton.residuals; (links, WIDTH) as one row."""
    m, p = state
    spans, forms, real, ends, _ = plan
    law, laminar = friction
    for k in range(forms.size):
        form = forms[k]
        for e in range(spans[k, 0], spans[k, 1]):
            at = e * WIDTH
            if real[e] == 0:
                store(out, at, splat(WIDTH, 0.0))
                continue
            flow, xs = load(WIDTH, m, at), splat(WIDTH, 7.0)
            c0, c1 = load(WIDTH, laws[0], at), load(WIDTH, laws[1], at)
            c2, c3 = load(WIDTH, laws[2], at), load(WIDTH, laws[3], at)
            loss, _ease, xs, _last = link_loss(form, law, laminar, flow, c0, c1, c2, c3, xs)
            for _ in range(3 if law == 0 and form == 0 else 0):
                loss, _ease, xs, _last = link_loss(form, law, laminar, flow, c0, c1, c2, c3, xs)
            drop = load(WIDTH, p, ends[0, e] * WIDTH) - load(WIDTH, p, ends[1, e] * WIDTH)
            store(out, at, drop + load(WIDTH, laws[4], at) - loss)
