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

from dataclasses import dataclass

import numpy as np

from heatnet.arrays import Arrays
from heatnet.components import Law
from heatnet.friction import LAWS
from heatnet.jit import kernel
from heatnet.schema import Bools, Floats, Ints

FREE, UPPER, LOWER, SHUT, RIGID = 0, 1, 2, 3, 4
SHARES = np.array([1.0, 1e-12, 1e-12, 0.0, 0.0])  # of each bound: of its law in the Newton system, see newton.py
IMMENSE = 1e9  # Pa, no real pressure: the given flows have nowhere to go


@dataclass(frozen=True)
class Task:
    """One hydraulic problem: laws prepared for a temperature field, bounds, sources."""

    arrays: Arrays
    laws: tuple[Law, ...]
    friction: str  # a name in LAWS
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


def solve(task: Task, first: Flows, pressure_tolerance: float, mass_tolerance: float, most: int, *, warm: bool = False) -> Flows:
    """Newton steps from `first` until both residuals are within tolerance [Pa], [kg/s] or `most` steps are done.

    `warm` says that the pressures of `first` go with its flows: if both are within tolerance already, no step is done.
    """
    from heatnet.solve import newton  # noqa: PLC0415  loads numba

    arrays = task.arrays
    plan, kind = arrays.program, LAWS[task.friction]
    held = arrays.unknown < 0
    m, bound = first.m.copy(), first.bound.copy()
    adopt_bounds(m, bound, task.lower, task.upper)
    p = np.zeros(plan.nodes)
    p[plan.node] = np.where(held, task.pressure, first.p)
    source = np.zeros(plan.nodes)
    source[plan.node] = task.source
    chosen = np.flatnonzero(((task.lower > -np.inf) | (task.upper < np.inf)) & (bound <= LOWER)).astype(np.int32)
    active = bound[chosen]
    flow = m[plan.edge] * plan.real
    steps, worst, lost, converged = newton.newton(
        (kind.code, kind.laminar), plan.spans, np.array([law.form for law in task.laws]), plan.ends, (plan.start, plan.row, plan.target),
        coefficients(task), task.drive[plan.edge], source, SHARES[bound][plan.edge] * plan.real, (flow, p),
        (plan.place[chosen], active, limits(task, chosen)), (pressure_tolerance, mass_tolerance, most, warm),
    )
    bound[chosen] = active
    return Flows(flow[plan.place], p[plan.node], bound, steps, worst, lost, converged)


def coefficients(task: Task) -> Floats:
    """Coefficients of the laws in the order of the kernels, (4, links)."""
    plan = task.arrays.program
    result = np.ones((4, plan.links))
    for part, law, (first, last) in zip(task.arrays.parts, task.laws, plan.spans, strict=True):
        rows = np.maximum(plan.edge[first:last] - part.span.start, 0)
        for line, values in enumerate(law.coefficients()):
            result[line, first:last] = values[rows] if values.size else 1.0
    result[:, plan.real == 0] = 1.0
    return result


def limits(task: Task, chosen: Ints) -> Floats:
    """Lower and upper bound of some edges, loss there and at a usual flow [Pa], and that flow, (6, chosen)."""
    usual = np.maximum(np.minimum(task.guess, task.upper), 1e-9)
    rows = [task.lower, task.upper]
    slope = np.empty(usual.size)
    for m, without in ((task.lower, 0.0), (task.upper, np.inf), (usual, 0.0)):
        at = np.zeros(usual.size)
        task.losses(np.where(np.isfinite(m), m, 0.0), at, slope)
        rows.append(np.where(np.isfinite(m), at, without))
    return np.stack([row[chosen] for row in [*rows, usual]])


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


