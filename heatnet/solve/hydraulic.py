"""Flows and pressures: Newton on all links and nodes at once (global gradient), with bounded flows as complementarity.

Unknowns: flow m of every edge, pressure P of every cluster. Edge: loss(m) = P_t - P_h + c, c = gravity and offsets.
Linearised about (m, P), m+ = w + g (dP_t - dP_h) with g = 1/loss', w = m + g (P_t - P_h + c - loss); mass balance gives
A dP = s - B'w with the Laplacian A = B' diag(g) B (Todini & Pilati 1988; Todini & Rossman 2013, J. Hydraul. Eng. 139,
511-526). Solving for the change dP, not for P, keeps rounding at the size of the last change: mass is conserved to
the last digits of the flows even where pressures are large.
Bounds lower <= m <= upper are met by a primal-dual active set (Hintermueller, Ito & Kunisch 2002, SIAM J. Optim. 13, 865-888): an
edge at a bound gets w = bound, g = 0, and is freed when its pressure difference says so.
Between changes of the active set the step is a Newton step of a convex function of the flows (the content), so its
slope along the step tells for nothing whether to shorten it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from heatnet.arrays import Arrays
from heatnet.components import Law
from heatnet.jit import kernel
from heatnet.schema import Bools, Floats, Ints

FREE, UPPER, LOWER, SHUT, RIGID = 0, 1, 2, 3, 4
LEAST_G = 1e-12  # kg/(s Pa), keeps nodes tied that only edges at a bound reach; exact at convergence
PATIENT = 25  # steps after which bounds are approached bit by bit
IMMENSE = 1e9  # Pa, no real pressure: the given flows have nowhere to go


@dataclass(frozen=True)
class Task:
    """One hydraulic problem: laws prepared for a temperature field, bounds, sources."""

    arrays: Arrays
    laws: tuple[Law, ...]
    drive: Floats  # (edges,) c [Pa]
    lower: Floats  # (edges,) kg/s
    upper: Floats  # (edges,)
    guess: Floats  # (edges,) kg/s, usual size of flow
    source: Floats  # (clusters,) inflow kg/s
    pressure: Floats  # (clusters,) held pressure of the cluster's root [Pa], 0 where free
    offset: Floats  # (nodes,) pressure of a node above its cluster's root [Pa]
    clash: Floats  # (rigid edges,) by how much an edge contradicts the offsets of its ends [Pa]

    def losses(self, m: Floats, loss: Floats, slope: Floats) -> None:
        """Loss [Pa] and slope of every edge."""
        for part, law in zip(self.arrays.parts, self.laws, strict=True):
            law.head_loss(m[part.span], loss[part.span], slope[part.span])


@dataclass(frozen=True)
class Flows:
    """An iterate of the hydraulic solve; `bound` holds the active set."""

    m: Floats  # (edges,) kg/s
    p: Floats  # (clusters,) Pa
    bound: Ints  # (edges,)
    steps: int
    pressure_residual: float  # Pa
    mass_residual: float  # kg/s
    converged: bool


def start(task: Task) -> Flows:
    """First guess: usual flows, nothing at a bound but what is prescribed."""
    arrays = task.arrays
    bound = np.full(arrays.edges, FREE, dtype=np.int32)
    bound[task.lower == task.upper] = UPPER
    bound[arrays.rigid] = RIGID
    bound[arrays.dead] = SHUT
    m = np.clip(task.guess, task.lower, task.upper)
    m[arrays.dead | arrays.rigid] = 0.0
    return Flows(m, task.pressure.copy(), bound, 0, np.inf, np.inf, False)


def solve(task: Task, first: Flows, pressure_tolerance: float, mass_tolerance: float, most: int) -> Flows:
    """Newton steps from `first` until both residuals are within tolerance [Pa], [kg/s] or `most` steps are done."""
    arrays = task.arrays
    one, other = arrays.clusters.of[arrays.tail], arrays.clusters.of[arrays.head]
    held = arrays.unknown < 0
    m, p, bound = first.m.copy(), np.where(held, task.pressure, first.p), first.bound.copy()
    adopt_bounds(m, bound, task.lower, task.upper)
    size = arrays.edges
    loss, slope, w, g, before = np.empty(size), np.ones(size), np.empty(size), np.empty(size), m.copy()
    right = np.empty(arrays.laplacian.size)
    marks = landmarks(task)
    changes, steep = 1, 0.0
    worst = lost = np.inf
    for step in range(most + 1):
        task.losses(m, loss, slope)
        if changes == 0 and step > 1:
            shorten(task, before, m, p[one] - p[other] + task.drive, bound, loss, slope, steep)
        worst = pressure_residual(m, loss, p, one, other, task.drive, bound)
        lost = mass_residual(m, one, other, bound, task.source, held)
        if step > 0 and changes == 0 and worst <= pressure_tolerance and lost <= mass_tolerance:
            return Flows(m, p, bound, step, worst, lost, True)
        if step == most or not np.isfinite(worst):
            break
        linearise(m, loss, slope, p, one, other, task.drive, task.lower, task.upper, bound, w, g)
        balance(w, one, other, arrays.unknown, task.source, right)
        x = arrays.laplacian.factor(g).solve(right)
        dp = np.where(held, 0.0, x[arrays.unknown] if x.size else 0.0)
        p = p + dp
        before[:] = m
        straight, gap = w + g * (dp[one] - dp[other]), p[one] - p[other] + task.drive
        changes = advance(m, straight, gap, task.lower, task.upper, marks, bound, step >= PATIENT)
        steep = float(np.sum(np.where(bound == FREE, slope * (m - before) ** 2, 0.0)))
    return Flows(m, p, bound, step, worst, lost, False)


def landmarks(task: Task) -> Floats:
    """Loss of every edge at its lower bound, at its upper one and at a usual flow [Pa], and that flow, (4, edges)."""
    size, slope = task.arrays.edges, np.empty(task.arrays.edges)
    usual = np.maximum(np.minimum(task.guess, task.upper), 1e-9)
    marks = np.stack([np.zeros(size), np.full(size, np.inf), np.zeros(size), usual])
    for row, m in zip(marks, (task.lower, task.upper, usual), strict=False):
        at = np.zeros(size)
        task.losses(np.where(np.isfinite(m), m, 0.0), at, slope)
        row[:] = np.where(np.isfinite(m), at, row)
    return marks


def shorten(
    task: Task, before: Floats, m: Floats, dp: Floats, bound: Ints, loss: Floats, slope: Floats, steep: float
) -> None:
    """Shorten the last step where it overshot: regula falsi on the slope of the content along it, m and loss in place."""
    free = bound == FREE
    full = m - before
    beyond = float(np.sum(np.where(free, full * (loss - dp), 0.0)))
    if not beyond > 0.5 * steep:  # the usual case: the full step is good
        return
    low, at_low, high, at_high = 0.0, -steep, 1.0, beyond
    for _ in range(8):
        part = min(max(low - at_low * (high - low) / (at_high - at_low), low + 0.1 * (high - low)), low + 0.9 * (high - low))
        m[:] = before + part * full
        task.losses(m, loss, slope)
        here = float(np.sum(np.where(free, full * (loss - dp), 0.0)))
        if abs(here) <= 0.5 * steep:
            return
        if here > 0.0:
            high, at_high = part, here
        else:
            low, at_low = part, here


@kernel
def adopt_bounds(m: Floats, bound: Ints, lower: Floats, upper: Floats) -> None:
    """Bring a previous active set in line with new bounds, in place."""
    for e in range(m.size):
        if bound[e] > 2:
            m[e] = 0.0
        elif lower[e] == upper[e]:
            bound[e] = 1
            m[e] = upper[e]
        elif bound[e] == 1:
            if upper[e] == np.inf:
                bound[e] = 0
            else:
                m[e] = upper[e]
        elif bound[e] == 2:
            if lower[e] == -np.inf:
                bound[e] = 0
            else:
                m[e] = lower[e]
        else:
            m[e] = min(max(m[e], lower[e]), upper[e])


@kernel
def pressure_residual(m: Floats, loss: Floats, p: Floats, one: Ints, other: Ints, drive: Floats, bound: Ints) -> float:
    """Largest violation of the edge equations [Pa]: equality where free, the right side of the law at a bound."""
    worst = 0.0
    for e in range(m.size):
        gap = loss[e] - (p[one[e]] - p[other[e]] + drive[e])
        if bound[e] == 0 and not abs(gap) <= worst:
            worst = abs(gap)
    return worst


@kernel
def mass_residual(m: Floats, one: Ints, other: Ints, bound: Ints, source: Floats, held: Bools) -> float:
    """Largest imbalance of a free cluster [kg/s]."""
    left = source.copy()
    for e in range(m.size):
        left[one[e]] -= m[e]
        left[other[e]] += m[e]
    worst = 0.0
    for c in range(left.size):
        if not held[c] and not abs(left[c]) <= worst:
            worst = abs(left[c])
    return worst


@kernel
def linearise(
    m: Floats, loss: Floats, slope: Floats, p: Floats, one: Ints, other: Ints, drive: Floats, lower: Floats, upper: Floats,
    bound: Ints, w: Floats, g: Floats,
) -> None:
    """Coefficients of m+ = w + g (dP_t - dP_h) for every edge, dP the change of pressure."""
    for e in range(m.size):
        if bound[e] > 2:
            w[e], g[e] = 0.0, 0.0
        elif bound[e] == 0:
            g[e] = 1.0 / slope[e]
            w[e] = m[e] + g[e] * (p[one[e]] - p[other[e]] + drive[e] - loss[e])
        else:
            g[e] = 1e-12  # LEAST_G
            w[e] = upper[e] if bound[e] == 1 else lower[e]


@kernel
def balance(w: Floats, one: Ints, other: Ints, unknown: Ints, source: Floats, right: Floats) -> None:
    """Right-hand side of the mass balances of the free clusters: what the flows w leave over."""
    for c in range(unknown.size):
        if unknown[c] >= 0:
            right[unknown[c]] = source[c]
    for e in range(w.size):
        a, b = unknown[one[e]], unknown[other[e]]
        if a >= 0:
            right[a] -= w[e]
        if b >= 0:
            right[b] += w[e]


@kernel
def advance(m: Floats, straight: Floats, gap: Floats, lower: Floats, upper: Floats, marks: Floats, bound: Ints, patient: bool) -> int:
    """New flows and active set, in place; how many edges changed their bound.

    `straight`: flow by the linearised laws, `gap`: pressure difference, `marks` (4, edges): loss at the lower bound, at the
    upper one, at a usual flow, and that flow. An edge goes to a bound only where its new pressure difference lies beyond the
    law there; otherwise it takes a flow near what the law gives. `patient` goes most of the way first: slower, but no circles.
    """
    changes = 0
    for e in range(m.size):
        if bound[e] > 2 or (bound[e] > 0 and lower[e] == upper[e]):
            continue
        least, most = marks[0, e], marks[1, e]
        under, over = 1e-6 * (1.0 + abs(least)), 1e-6 * (1.0 + abs(most))
        usual = 0.0
        if lower[e] > -np.inf:
            reach = max(gap[e] - least, 0.0) / (marks[2, e] - least)
            usual = min(lower[e] + (marks[3, e] - lower[e]) * math.sqrt(reach), upper[e])
        was = bound[e]
        if was == 0:
            q = straight[e]
            if q > upper[e]:
                far = patient and upper[e] - m[e] > 1e-6 * upper[e]
                bound[e] = 1 if gap[e] >= most - over and not far else 0
                q = m[e] + 0.9 * (upper[e] - m[e]) if far else upper[e]
            elif q < lower[e]:
                far = patient and m[e] - lower[e] > 1e-6 * marks[3, e]
                bound[e] = 2 if gap[e] <= least + under and not far else 0
                q = m[e] - 0.9 * (m[e] - lower[e]) if far else lower[e] if bound[e] == 2 else usual
            m[e] = q
        elif was == 1 and gap[e] < most - over:
            bound[e] = 0
        elif was == 2 and gap[e] > least + under:
            bound[e] = 0
            m[e] = usual
        if bound[e] != was:
            changes += 1
    return changes
