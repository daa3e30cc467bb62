"""The Newton iteration of `hydraulic` in one kernel: laws on 8 links at a time, assembly, elimination, step.

For every link it keeps m, the pressure difference `gap` that drives it, r = gap - loss(m), g = 1/slope and the last change
`full` of m. One step: add g to the Laplacian and m + g r to the balances; eliminate; with the change x of the pressures
    full = g (r + x_t - x_h),   m += full,   gap += x_t - x_h,   and the law at the new m in the same pass.
Links at a bound have share 1e-12 (they tie nodes that nothing else ties; exact at convergence), shut ones 0, free ones 1.
"""

from __future__ import annotations

import math

import numpy as np

from heatnet.jit import kernel
from heatnet.schema import Floats, Ints
from heatnet.simd import choose, gather, larger, largest, load, size, splat, store, total
from heatnet.solve.laws import link_loss
from heatnet.solve.limits import advance, misplaced

Many = tuple[Floats, Floats, Floats]
FARTHEST = 1e9  # Pa, largest change of a pressure in a step
PATIENT = 25  # steps after which bounds are approached bit by bit
INEXACT = 1e-2  # relative last step of Colebrook's X above which its law is not yet met: the error left goes as its cube


@kernel
def newton(
    friction: tuple[int, float], spans: Ints, forms: Ints, ends: Ints, tree: tuple[Ints, Ints, Ints], coefficients: Floats,
    drive: Floats, source: Floats, share: Floats, state: tuple[Floats, Floats], chosen: tuple[Ints, Ints, Floats],
    stop: tuple[float, float, int, bool], space: tuple[Floats, Floats, Floats, Floats, Floats],
) -> tuple[int, float, float, bool]:
    """Steps done, pressure residual [Pa], mass residual [kg/s] and whether both are within `stop`; flows and pressures in place.

    `state` is m (links,) and p (nodes,); `chosen` the links that have bounds, their active set, and lower and upper bound
    and marks (6, chosen); `stop` the tolerances, the most steps, and whether p goes with m (a warm start).
    """
    m, p = state
    start, row, target = tree
    free, links = start.size - 1, m.size
    work, cache, matrix, right, balance = space  # work: gap, r, g, full
    work[:] = 0.0
    cache[:] = 7.0  # COLD
    for e in range(links):
        work[0, e] = p[ends[0, e]] - p[ends[1, e]] + drive[e]
    right[:] = 0.0
    changes = 0 if stop[3] else 1
    worst, lost = np.inf, np.inf
    step = 0
    for step in range(stop[2] + 1):
        matrix[:] = 0.0
        worst, steep, beyond, rough = laws_pass(
            friction, spans, forms, ends, coefficients, share, m, work, cache, right, matrix, source, balance, step
        )
        if changes == 0 and step > 1 and beyond > 0.5 * steep:
            worst = shorten(
                friction, spans, forms, ends, coefficients, share, m, work, cache, right, matrix, source, balance, 0 * step, steep, beyond
            )
        if not (worst < np.inf):
            break
        if step == 0 and stop[3]:
            changes = misplaced(chosen, work)
        enough = stop[0] if step > 0 else 1e-3 * stop[0]  # after a step the error left is far smaller than before it; not so at once
        if changes == 0 and worst <= enough and rough < INEXACT:
            lost = imbalance(ends, m, source, balance, free)
            if lost <= stop[1]:
                return step, worst, lost, True
        if step == stop[2]:
            break
        eliminate(start, row, target, matrix, right)
        for v in range(free):
            if not abs(right[v]) <= FARTHEST:  # what only links at a bound tie: they find back in a step or two, not in thousands
                if right[v] != right[v]:
                    return step, np.inf, np.inf, False
                right[v] = math.copysign(FARTHEST, right[v])
            p[v] += right[v]
        for v in range(free, right.size):
            right[v] = 0.0
        changes = advance(chosen, ends, right, share, m, work, step >= PATIENT) if chosen[0].size else 0
    lost = imbalance(ends, m, source, balance, free)
    return step, worst, lost, False


@kernel
def laws_pass(
    friction: tuple[int, float], spans: Ints, forms: Ints, ends: Ints, coefficients: Floats, share: Floats, m: Floats, work: Floats,
    cache: Floats, x: Floats, matrix: Floats, source: Floats, balance: Floats, step: int,
) -> tuple[float, float, float, float]:
    """Step by x, the laws there, matrix and right-hand side (into x); largest residual, slopes of the content, last step of X."""
    gap, r, g, full = work[0], work[1], work[2], work[3]
    law, laminar = friction
    flow, tie = np.empty(8), np.empty(8)
    worst, steep, beyond, rough = splat(8, 0.0), splat(8, 0.0), splat(8, 0.0), splat(8, 0.0)
    one, none = splat(8, 1.0), splat(8, 0.0)
    balance[:] = source
    tail, head, slot = ends[0], ends[1], ends[2]
    c0s, c1s, c2s, c3s = coefficients[0], coefficients[1], coefficients[2], coefficients[3]
    for k in range(forms.size):
        form = forms[k]
        for e in range(spans[k, 0], spans[k, 1], 8):
            part = load(8, share, e)
            movable = part == one
            dx = gather(8, x, tail, e) - gather(8, x, head, e)
            drop = load(8, gap, e) + dx
            slack = load(8, r, e) + dx
            change = load(8, g, e) * slack
            flows = load(8, m, e) + change
            xs = load(8, cache, e) if law == 0 and form == 0 else one
            c0, c1, c2, c3 = load(8, c0s, e), load(8, c1s, e), load(8, c2s, e), load(8, c3s, e)
            loss, ease, last = flows, flows, none
            for _ in range(2 if step == 0 and law == 0 and form == 0 else 1):
                loss, ease, xs, last = link_loss(form, law, laminar, flows, c0, c1, c2, c3, xs)
            rest = choose(movable, drop - loss, none)
            ease = choose(movable, ease, none)
            worst = larger(worst, size(rest))
            steep = steep + change * slack
            beyond = beyond - change * rest
            if law == 0 and form == 0:
                rough = larger(rough, choose(movable, last, none))
                store(cache, e, xs)
            store(m, e, flows)
            store(gap, e, drop)
            store(r, e, rest)
            store(g, e, ease)
            store(full, e, change)
            store(flow, 0, flows + ease * rest)
            store(tie, 0, choose(movable, ease, part))
            for i in range(8):
                matrix[slot[e + i]] += tie[i]
                balance[tail[e + i]] -= flow[i]
                balance[head[e + i]] += flow[i]
    x[:] = balance
    return largest(worst), total(steep), total(beyond), largest(rough)


@kernel
def residuals(
    friction: tuple[int, float], spans: Ints, forms: Ints, ends: Ints, coefficients: Floats, drive: Floats, m: Floats, p: Floats
) -> Floats:
    """Pressure difference less loss of every link [Pa], from scratch: nothing of the iteration is used but m and p."""
    result, xs = np.empty(m.size), splat(8, 7.0)
    c0s, c1s, c2s, c3s = coefficients[0], coefficients[1], coefficients[2], coefficients[3]
    for k in range(forms.size):
        form = forms[k]
        for e in range(spans[k, 0], spans[k, 1], 8):
            flow = load(8, m, e)
            c0, c1, c2, c3 = load(8, c0s, e), load(8, c1s, e), load(8, c2s, e), load(8, c3s, e)
            x = xs
            loss = flow
            for _ in range(4 if friction[0] == 0 and form == 0 else 1):
                loss, _ease, x, _last = link_loss(form, friction[0], friction[1], flow, c0, c1, c2, c3, x)
            store(result, e, gather(8, p, ends[0], e) - gather(8, p, ends[1], e) + load(8, drive, e) - loss)
    return result


@kernel
def shorten(
    friction: tuple[int, float], spans: Ints, forms: Ints, ends: Ints, coefficients: Floats, share: Floats, m: Floats, work: Floats,
    cache: Floats, x: Floats, matrix: Floats, source: Floats, balance: Floats, first: int, steep: float, beyond: float,
) -> float:
    """Shorten the last step where it overshot: regula falsi on the slope of the content along it; largest residual there."""
    full, r, g = work[3].copy(), work[1], work[2]
    low, at_low, high, at_high, at = 0.0, -steep, 1.0, beyond, 1.0
    worst = 0.0
    for _ in range(8):
        part = min(max(low - at_low * (high - low) / (at_high - at_low), low + 0.1 * (high - low)), low + 0.9 * (high - low))
        for e in range(m.size):
            m[e] += (part - at) * full[e]
            g[e] = 0.0
        at = part
        x[:] = 0.0
        matrix[:] = 0.0
        worst, _a, _b, _c = laws_pass(friction, spans, forms, ends, coefficients, share, m, work, cache, x, matrix, source, balance, first)
        here = 0.0
        for e in range(m.size):
            here -= full[e] * r[e]
        if abs(here) <= 0.5 * steep:
            break
        if here > 0.0:
            high, at_high = part, here
        else:
            low, at_low = part, here
    return worst


@kernel
def eliminate(start: Ints, row: Ints, target: Ints, up: Floats, x: Floats) -> None:
    """Solve the Laplacian in place: off-diagonals (without their sign) and, after them, ties to held nodes in `up`.

    Pivots are sums of positive numbers throughout (Grassmann, Taksar & Heyman 1985), see heatnet.linear.
    """
    n, entries = start.size - 1, row.size
    k = 0
    for j in range(n):
        first, last = start[j], start[j + 1]
        tie, value = up[entries + j], x[j]
        if last - first == 2:
            one, other = up[first], up[first + 1]
            inverse = 1.0 / (tie + one + other)
            if not inverse < np.inf:
                inverse = 0.0
            scaled, too = one * inverse, other * inverse
            r1, r2 = row[first], row[first + 1]
            up[entries + r1] += scaled * tie
            up[entries + r2] += too * tie
            x[r1] += scaled * value
            x[r2] += too * value
            up[target[k]] += scaled * other
            k += 1
            up[first], up[first + 1] = scaled, too
        else:
            whole = tie
            for b in range(first, last):
                whole += up[b]
            inverse = 1.0 / whole if whole > 0.0 else 0.0
            for b in range(first, last):
                scaled = up[b] * inverse
                up[entries + row[b]] += scaled * tie
                x[row[b]] += scaled * value
                for a in range(b + 1, last):
                    up[target[k]] += scaled * up[a]
                    k += 1
                up[b] = scaled
        x[j] = value * inverse
    for j in range(n - 1, -1, -1):
        first, last = start[j], start[j + 1]
        value = x[j]
        if last - first == 2:
            value += up[first] * x[row[first]] + up[first + 1] * x[row[first + 1]]
        else:
            for b in range(first, last):
                value += up[b] * x[row[b]]
        x[j] = value


@kernel
def imbalance(ends: Ints, m: Floats, source: Floats, left: Floats, free: int) -> float:
    """Largest mass that a free node gains or loses [kg/s]; infinite where one is no number."""
    left[:] = source
    for e in range(m.size):
        left[ends[0, e]] -= m[e]
        left[ends[1, e]] += m[e]
    worst = 0.0
    for v in range(free):
        if not abs(left[v]) < np.inf:
            return np.inf
        worst = max(worst, abs(left[v]))
    return worst
