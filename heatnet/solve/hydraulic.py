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

from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np

from heatnet.arrays import Arrays
from heatnet.components import Law
from heatnet.feeding import first_flows
from heatnet.friction import LAWS
from heatnet.program import Program
from heatnet.schema import Floats, Ints
from heatnet.solve.limits import adopt_bounds, limits
from heatnet.solve.regulators import Regulators
from heatnet.solve.space import Spaces

Space = tuple[Floats, Floats, Floats, Floats, Floats]
FREE, UPPER, LOWER, SHUT, RIGID = 0, 1, 2, 3, 4
SHARES = np.array([1.0, 1e-12, 1e-12, 0.0, 0.0])  # of each bound: of its law in the Newton system, see newton.py
IMMENSE = 1e9  # Pa, no real pressure: the given flows have nowhere to go
HIGH = 1e7  # Pa, above what networks hold
QUICK = 40  # plain steps before the interior method is asked


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
    regulators: Regulators | None = None

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
    u: Floats = field(default_factory=lambda: np.zeros(0))  # (regulators,) Pa


def start(task: Task) -> Flows:
    """First guess: what inlets usually take, added up along a tree; nothing at a bound but what is prescribed."""
    arrays, plan = task.arrays, task.arrays.program
    bound = np.full(arrays.edges, FREE, dtype=np.int32)
    bound[task.lower == task.upper] = UPPER
    bound[arrays.rigid] = RIGID
    bound[arrays.dead] = SHUT
    usual = np.clip(task.guess, task.lower, task.upper)
    usual[arrays.dead | arrays.rigid] = 0.0
    source = np.zeros(plan.nodes)
    source[plan.node] = task.source
    m = first_flows(plan, arrays.feeding, usual[plan.edge] * plan.real, source)[plan.place]
    idle = np.zeros(0) if task.regulators is None else np.where(task.regulators.lift, 0.5 * task.regulators.most, 0.0)
    return Flows(np.clip(m, task.lower, task.upper), task.pressure.copy(), bound, 0, np.inf, np.inf, False, idle)


@dataclass(frozen=True)
class Run:
    """A task in the order of the kernels (heatnet.program)."""

    task: Task
    forms: Ints  # (parts,)
    coefficients: Floats  # (4, links)
    drive: Floats  # (links,)
    source: Floats  # (program nodes,)
    held: Floats  # (program nodes,) held pressures, 0 where free
    chosen: Ints  # edges that have bounds and are not shut
    place: Ints  # their links
    chosen_forms: Ints  # and forms
    limits: Floats  # (6, chosen)


@dataclass(frozen=True)
class Iterate:
    """Where the kernel stands; it works in place."""

    m: Floats  # (links,)
    p: Floats  # (program nodes,)
    bound: Ints  # (chosen,)
    share: Floats  # (links,) of each law in the Newton system: 1 free, 1e-12 at a bound, 0 shut
    u: Floats  # (regulators,) what each throttles or lifts [Pa]

    def copy(self) -> Iterate:
        """One of its own, to be changed."""
        return Iterate(self.m.copy(), self.p.copy(), self.bound.copy(), self.share.copy(), self.u.copy())

    def take(self, other: Iterate, u: Floats) -> None:
        """Become another one, in place."""
        for mine, its in ((self.m, other.m), (self.p, other.p), (self.bound, other.bound), (self.share, other.share), (self.u, u)):
            mine[:] = its


@dataclass(frozen=True)
class Outcome:
    """How an iteration ended."""

    steps: int
    pressure_residual: float  # Pa
    mass_residual: float  # kg/s
    converged: bool


def prepare(task: Task) -> Run:
    """The task as the kernels want it."""
    plan = task.arrays.program
    source, held = np.zeros(plan.nodes), np.zeros(plan.nodes)
    source[plan.node], held[plan.node] = task.source, task.pressure
    forms, values = np.array([law.form for law in task.laws]), coefficients(task)
    bounded = (task.lower > -np.inf) | (task.upper < np.inf)
    if task.regulators is not None:
        bounded[task.regulators.wires.edge[task.regulators.both_ways]] = True
    bounded &= ~task.arrays.dead & ~task.arrays.rigid
    chosen = np.flatnonzero(bounded).astype(np.int32)
    place = plan.place[chosen]
    of_chosen = np.repeat(forms, [part.span.stop - part.span.start for part in task.arrays.parts])[chosen]
    bounds = limits(task.lower[chosen], task.upper[chosen], task.guess[chosen], of_chosen, values[:, place])
    return Run(task, forms, values, task.drive[plan.edge], source, held, chosen, place, of_chosen, bounds)


def begin(run: Run, first: Flows) -> Iterate:
    """A first iterate in the order of the kernels, its active set brought in line with the bounds."""
    task, plan = run.task, run.task.arrays.program
    m, bound, regs = first.m.copy(), first.bound.copy(), task.regulators
    u = first.u.copy() if regs is None or first.u.size == len(regs.wires) else np.where(regs.lift, 0.5 * regs.most, 0.0)
    adopt_bounds(m, bound, task.lower if regs is None else regs.lower(task.lower, u), task.upper)
    p = run.held.copy()
    free = task.arrays.unknown >= 0
    p[plan.node[free]] = first.p[free]
    return Iterate(m[plan.edge] * plan.real, p, bound[run.chosen], SHARES[bound][plan.edge] * plan.real, u)


def own(run: Run) -> Run:
    """A run whose numbers may be changed, as regulators do; the same where it has none."""
    if run.task.regulators is None:
        return run
    return replace(run, drive=run.drive.copy(), coefficients=run.coefficients.copy(), limits=run.limits.copy())


def limits_of(run: Run) -> Floats:
    """Bounds at the present coefficients, see `limits`."""
    task, chosen = run.task, run.chosen
    return limits(task.lower[chosen], task.upper[chosen], task.guess[chosen], run.chosen_forms, run.coefficients[:, run.place])


def put(run: Run, u: Floats) -> None:
    """Let the regulators of a run throttle and lift u [Pa], in place; nothing where it has none. What throttles lets none back."""
    regs, task = run.task.regulators, run.task
    if regs is None:
        return
    place, edge, lift = task.arrays.program.place[regs.wires.edge], regs.wires.edge, regs.lift
    run.drive[place[~lift]] = task.drive[edge[~lift]] - u[~lift]
    if lift.any():
        run.coefficients[3, place[lift]] = u[lift]
        run.limits[:] = limits_of(run)
    run.limits[0] = regs.lower(task.lower, u)[run.chosen]


def iterate(
    run: Run, at: Iterate, pressure_tolerance: float, mass_tolerance: float, most: int, *, warm: bool = False,
    spaces: Spaces[Space] | None = None,
) -> Outcome:
    """Newton steps until both residuals are within tolerance [Pa], [kg/s] or `most` steps are done; `at` is changed in place.

    `warm` says that the pressures go with the flows: if both are within tolerance already, no step is done. `spaces`: work
    memory kept from one call to the next. Regulators change `run` as well: it must be the caller's own (`own`).
    """
    if run.task.regulators is not None:
        from heatnet.solve.control import Control  # noqa: PLC0415  it needs this module

        outcome = Control(run, (pressure_tolerance, mass_tolerance, most), spaces).solve(at, warm=warm)
    else:
        outcome = plain_iterate(run, at, pressure_tolerance, mass_tolerance, most, warm=warm, spaces=spaces)
    if outcome.converged and np.abs(at.p).max(initial=0.0) > HIGH:
        from heatnet.solve.stagnant import settle  # noqa: PLC0415  it needs this module

        settle(run, at)
    return outcome


def plain_iterate(
    run: Run, at: Iterate, pressure_tolerance: float, mass_tolerance: float, most: int, *, warm: bool = False,
    spaces: Spaces[Space] | None = None,
) -> Outcome:
    """The same with regulators held as they are: plain steps, and where these do not settle the interior method."""
    kept = at.copy()
    quick = min(most, QUICK)
    outcome = newton_steps(run, at, (pressure_tolerance, mass_tolerance, quick, warm), spaces)
    if outcome.converged or quick == most:
        return outcome
    from heatnet.solve.interior import from_anywhere  # noqa: PLC0415  it needs this module

    at.take(kept, at.u)
    done = from_anywhere(run, at, (pressure_tolerance, mass_tolerance, most), spaces)
    return replace(done, steps=outcome.steps + done.steps)


def newton_steps(
    run: Run, at: Iterate, stop: tuple[float, float, int, bool], spaces: Spaces[Space] | None, *, settled: bool = False
) -> Outcome:
    """Plain Newton steps; with the active set as it is if `settled`."""
    from heatnet.solve.newton import newton  # noqa: PLC0415  loads numba

    plan, kind = run.task.arrays.program, LAWS[run.task.friction]
    none = np.zeros(0, dtype=np.int32)
    chosen = (none, none, np.zeros((6, 0))) if settled else (run.place, at.bound, run.limits)
    with (spaces or work_memory(plan)).one() as space:
        return Outcome(*newton(
            (kind.code, kind.laminar), plan.spans, run.forms, plan.ends, (plan.start, plan.row, plan.target), run.coefficients, run.drive,
            run.source, at.share, (at.m, at.p), chosen, stop, space,
        ))


def work_memory(plan: Program) -> Spaces[Space]:
    """Work memory of `iterate` for networks of this program."""
    return Spaces(partial(_space, plan.links, plan.nodes, plan.free, plan.row.size))


def _space(links: int, nodes: int, free: int, entries: int) -> Space:
    return np.empty((4, links)), np.empty(links), np.empty(entries + free + 1), np.empty(nodes), np.empty(nodes)


def residual(run: Run, at: Iterate) -> Floats:
    """Violation of each equation [Pa], (links,): of the law where flow is free, of its inequality at a bound."""
    from heatnet.solve.newton import residuals  # noqa: PLC0415  loads numba

    task, plan = run.task, run.task.arrays.program
    kind = LAWS[task.friction]
    gap = residuals((kind.code, kind.laminar), plan.spans, run.forms, plan.ends, run.coefficients, run.drive, at.m, at.p)
    result: Floats = np.where(at.share == 1.0, gap, 0.0)
    if run.chosen.size:
        here, choice = run.place, run.limits[0] < run.limits[1]
        result[here] = np.where((at.bound == UPPER) & choice, np.minimum(gap[here], 0.0), result[here])
        result[here] = np.where((at.bound == LOWER) & choice, np.maximum(gap[here], 0.0), result[here])
    return result


def finish(run: Run, at: Iterate, first: Flows, outcome: Outcome) -> Flows:
    """The iterate in the order of the edges."""
    plan, bound = run.task.arrays.program, first.bound.copy()
    bound[run.chosen] = at.bound
    return Flows(
        at.m[plan.place], at.p[plan.node], bound, outcome.steps, outcome.pressure_residual, outcome.mass_residual, outcome.converged,
        at.u,
    )


def solve(task: Task, first: Flows, pressure_tolerance: float, mass_tolerance: float, most: int, *, warm: bool = False) -> Flows:
    """Newton steps from `first`, see `iterate`."""
    run = prepare(task)
    at = begin(run, first)
    return finish(run, at, first, iterate(run, at, pressure_tolerance, mass_tolerance, most, warm=warm))


def coefficients(task: Task) -> Floats:
    """Coefficients of the laws in the order of the kernels, (4, links)."""
    plan = task.arrays.program
    result = np.ones((4, plan.links))
    for part, law, (first, last) in zip(task.arrays.parts, task.laws, plan.spans, strict=True):
        rows = np.maximum(plan.edge[first:last] - part.span.start, 0)
        for line, values in enumerate(law.coefficients()):
            if values.size:
                np.take(values, rows, out=result[line, first:last], mode="clip")
    result[:, np.flatnonzero(plan.real == 0)] = 1.0
    return result
