"""Flows within bounds from anywhere: a primal-dual interior method for the content, for networks where plain Newton steps go astray.

    minimise  sum_e (content_e(m_e) - c_e m_e)   with  B'm = s,  lower <= m <= upper
is strictly convex, because every law rises. Bounds become a barrier -mu w (ln(m - lower) + ln(upper - m)), w a usual flow of the edge, so
that mu [Pa] means the same for a home and a plant. With its forces z, kept near mu w/(distance to the bound), a step is

    g = 1/(loss' + z_l/s_l + z_u/s_u),  r = gap - loss + mu w/s_l - mu w/s_u
    (B' diag(g) B + delta) dP = s - B'(m + g r),  dm = g (r + dP_t - dP_h)

so the same Laplacian, elimination and order as in `newton`: an edge near its bound has a small conductance, a flat law is no longer flat.
The step is Newton's for the barrier problem; it ends short of the bounds and where the slope of the barrier content along it has fallen
by half (regula falsi), so for each mu the iteration converges from anywhere (Boyd & Vandenberghe 2004, ch. 10, 11; Waechter &
Biegler 2006, Math. Program. 106, 25-57, for the forces). delta holds the pressure of nodes that nothing ties (proximal term,
Friedlander & Orban 2012, Math. Program. Comput. 4, 71-107): its part vanishes as the pressures settle. mu falls from 1e5 to 1e-11 Pa; then
each bound either carries a force or is free, and the laws, balances and inequalities are met to rounding by one or two Newton steps of that
set.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from heatnet.friction import LAWS
from heatnet.jit import kernel
from heatnet.schema import Bools, Floats, Ints
from heatnet.simd import load, splat, store
from heatnet.solve.hydraulic import FREE, LOWER, SHARES, UPPER, Iterate, Outcome, Run, Space, newton_steps, residual
from heatnet.solve.laws import SQUARE, link_loss
from heatnet.solve.space import Spaces

STRONG, WEAK = 1e5, 1e-11  # Pa, mu at first and at last
HOLD = 1e-13  # kg/(s Pa), tie of every pressure to what it was
SHY = 0.99  # share of the way to the nearest bound that a step may take
NEAR = 100.0  # largest ratio of a force to mu over distance, and its inverse
BEGIN, FAR = 0.1, 3.0  # first distance from a bound and first flow, over a usual flow
DROP = 1e5  # Pa, over a valve or an inlet at the usual flow
TRIES = 12  # flows along one step
LAST = 10  # steps with the weakest barrier: groups of nodes that next to nothing ties go on drifting, which the active set does not feel
PATIENCE = 2  # steps over the most plain ones
FINAL, ROUNDS = 40, 12  # Newton steps with the active set it ends with, and corrections of that
TOUCH = 1e-9  # kg/s and share of a bound, by which rounding may pass it


@kernel
def laws_at(friction: tuple[int, float], spans: Ints, forms: Ints, coefficients: Floats, m: Floats, loss: Floats, ease: Floats) -> None:
    """Loss [Pa] and inverse slope [kg/(s Pa)] of every link at flow m [kg/s], all (links,)."""
    c0s, c1s, c2s, c3s = coefficients[0], coefficients[1], coefficients[2], coefficients[3]
    for k in range(forms.size):
        form = forms[k]
        for e in range(spans[k, 0], spans[k, 1], 8):
            flow = load(8, m, e)
            c0, c1, c2, c3 = load(8, c0s, e), load(8, c1s, e), load(8, c2s, e), load(8, c3s, e)
            x = splat(8, 7.0)
            lost, easy = flow, flow
            for _ in range(4 if friction[0] == 0 and form == 0 else 1):
                lost, easy, x, _last = link_loss(form, friction[0], friction[1], flow, c0, c1, c2, c3, x)
            store(loss, e, lost)
            store(ease, e, easy)


@dataclass(frozen=True)
class Barrier:
    """Bounds in the order of the links, (links,) each."""

    low: Bools  # has a lower bound
    high: Bools
    lower: Floats  # kg/s, -inf where none
    upper: Floats
    usual: Floats  # w [kg/s]
    movable: Bools  # neither shut nor given

    def to_bound(self, down: Floats, up: Floats, dm: Floats) -> float:
        """Share of the step dm at which the first flow comes to its bound."""
        with np.errstate(divide="ignore", invalid="ignore"):
            room = np.where(self.low & (dm < 0.0), -down / dm, np.inf), np.where(self.high & (dm > 0.0), up / dm, np.inf)
        return float(min(room[0].min(initial=np.inf), room[1].min(initial=np.inf)))


@dataclass
class _Point:
    """Where the iteration stands, (links,) each; p (program nodes,)."""

    m: Floats
    down: Floats  # s_l, distance to the lower bound, 1 where there is none
    up: Floats  # s_u
    pull: Floats  # z_l [Pa]
    push: Floats  # z_u
    p: Floats
    mu: float


class Interior:
    """The barrier problem of a run."""

    def __init__(self, run: Run, at: Iterate) -> None:
        self.run, self.plan = run, run.task.arrays.program
        kind = LAWS[run.task.friction]
        self.law = kind.code, kind.laminar
        self.bounds = barrier(run, at)
        self.loss, self.ease = np.empty(self.plan.links), np.empty(self.plan.links)

    def solve(self, at: Iterate, pressure_tolerance: float, mass_tolerance: float, most: int) -> int:
        """Steps done, `most` at most, until residuals are within tolerance or mu stays least; flows, pressures and active set into `at`."""
        point, step, weak = self._first(at), 0, 0
        for step in range(most + 1):
            r, g, right, off = self._residuals(point)
            worst = float(np.abs(r).max(initial=0.0))
            done = point.mu <= WEAK and worst <= pressure_tolerance and off <= mass_tolerance
            if done or step == most or weak == LAST or not np.isfinite(worst + off):
                break
            weak += point.mu <= WEAK
            self._advance(point, r, g, right)
        self._settle(point, at)
        return step

    def _first(self, at: Iterate) -> _Point:
        """Flows of the usual size, well within their bounds."""
        b, run = self.bounds, self.run
        most = FAR * np.minimum(run.task.guess[self.plan.edge], _by_drop(run))
        given = ~b.movable
        m = np.where(given, at.m, np.clip(at.m, -most, most))
        away = BEGIN * np.minimum(b.usual, np.where(b.low & b.high, b.upper - b.lower, np.inf))
        m = np.where(b.low, np.maximum(m, b.lower + away), m)
        m = np.where(b.high, np.minimum(m, b.upper - away), m)
        down, up = np.where(b.low, m - b.lower, 1.0), np.where(b.high, b.upper - m, 1.0)
        pull, push = np.where(b.low, STRONG * b.usual / down, 0.0), np.where(b.high, STRONG * b.usual / up, 0.0)
        return _Point(m, down, up, pull, push, run.held.copy(), STRONG)

    def _residuals(self, at: _Point) -> tuple[Floats, Floats, Floats, float]:
        """r [Pa], g [kg/(s Pa)], right-hand side, and the largest imbalance of a node [kg/s]."""
        run, plan, b = self.run, self.plan, self.bounds
        self._laws(at.m)
        gap = at.p[plan.ends[0]] - at.p[plan.ends[1]] + run.drive
        r = np.where(b.movable, gap - self.loss + self._force(at, at.down, at.up), 0.0)
        stiff = np.where(b.low, at.pull / at.down, 0.0) + np.where(b.high, at.push / at.up, 0.0)
        g = np.where(b.movable, 1.0 / (1.0 / np.where(b.movable, self.ease, 1.0) + stiff), 0.0)
        off = np.abs(self._balance(at.m)[: plan.free]).max(initial=0.0)
        return r, g, self._balance(at.m + g * r), float(off)

    def _laws(self, m: Floats) -> None:
        laws_at(self.law, self.plan.spans, self.run.forms, self.run.coefficients, m, self.loss, self.ease)

    def _force(self, at: _Point, down: Floats, up: Floats) -> Floats:
        b = self.bounds
        push: Floats = at.mu * b.usual * (np.where(b.low, 1.0 / down, 0.0) - np.where(b.high, 1.0 / up, 0.0))
        return push

    def _balance(self, m: Floats) -> Floats:
        tail, head, _ = self.plan.ends
        arrives = np.bincount(head, m, minlength=self.plan.nodes) - np.bincount(tail, m, minlength=self.plan.nodes)
        return np.asarray(self.run.source + arrives)

    def _advance(self, at: _Point, r: Floats, g: Floats, right: Floats) -> None:
        """One step, in place, and mu for the next."""
        from heatnet.solve.newton import eliminate  # noqa: PLC0415  loads numba

        plan, b = self.plan, self.bounds
        matrix = np.bincount(plan.ends[2], g, minlength=plan.row.size + plan.free + 1).astype(np.float64)
        matrix[plan.row.size : plan.row.size + plan.free] += HOLD
        right[plan.free :] = 0.0
        eliminate(plan.start, plan.row, plan.target, matrix, right)
        right[plan.free :] = 0.0
        dm = g * (r + right[plan.ends[0]] - right[plan.ends[1]])
        at.p += right
        part = self._along(at, dm, g)
        wanted = at.mu * b.usual
        pull = wanted / at.down - at.pull / at.down * dm
        push = wanted / at.up + at.push / at.up * dm
        at.m += part * dm
        at.down, at.up = np.where(b.low, at.down + part * dm, 1.0), np.where(b.high, at.up - part * dm, 1.0)
        at.pull = np.where(b.low, np.clip(pull, wanted / at.down / NEAR, wanted / at.down * NEAR), 0.0)
        at.push = np.where(b.high, np.clip(push, wanted / at.up / NEAR, wanted / at.up * NEAR), 0.0)
        if part > 0.3:
            at.mu = max(at.mu * (0.1 if part > 0.9 else 0.3), WEAK)

    def _along(self, at: _Point, dm: Floats, g: Floats) -> float:
        """Share of the step to take: within the bounds, and until the slope of the barrier content has fallen by half."""
        b, plan = self.bounds, self.plan
        gap = at.p[plan.ends[0]] - at.p[plan.ends[1]] + self.run.drive
        steep = float(np.sum(dm * dm / np.where(g > 0.0, g, np.inf)))
        part = min(1.0, SHY * b.to_bound(at.down, at.up, dm))
        low, at_low, high, at_high = 0.0, -steep, part, self._slope(at, part, dm, gap)
        for _ in range(TRIES):
            if not at_high > 0.5 * steep:
                break
            part = low - at_low * (high - low) / (at_high - at_low)
            part = min(max(part, low + 0.1 * (high - low)), low + 0.9 * (high - low))
            here = self._slope(at, part, dm, gap)
            if abs(here) <= 0.5 * steep:
                break
            if here > 0.0:
                high, at_high = part, here
            else:
                low, at_low = part, here
        return part

    def _slope(self, at: _Point, part: float, dm: Floats, gap: Floats) -> float:
        self._laws(at.m + part * dm)
        force = self.loss - gap - self._force(at, np.where(self.bounds.low, at.down + part * dm, 1.0),
                                              np.where(self.bounds.high, at.up - part * dm, 1.0))
        return float(np.sum(np.where(self.bounds.movable, dm * force, 0.0)))

    def _settle(self, point: _Point, at: Iterate) -> None:
        """Flows, pressures and active set: at a bound is what its force holds there, over 1 Pa as the distance over the usual flow."""
        b, run, link = self.bounds, self.run, self.run.place
        low = np.where(b.low & (point.pull > point.down / b.usual), LOWER, FREE)
        held = np.where(b.high & (point.push > point.up / b.usual), UPPER, low)
        bound = np.where(run.limits[0] == run.limits[1], UPPER, held[link])
        at.m[:], at.p[:] = point.m, point.p
        at.bound[:] = bound
        at.m[link] = np.where(bound == UPPER, run.limits[1], np.where(bound == LOWER, run.limits[0], at.m[link]))
        at.share[link] = SHARES[bound]


def barrier(run: Run, at: Iterate) -> Barrier:
    """Barrier of a run; edges whose flow is given or that are shut in `at` have none."""
    plan, link = run.task.arrays.program, run.place
    lower, upper = np.full(plan.links, -np.inf), np.full(plan.links, np.inf)
    usual = np.ones(plan.links)
    lower[link], upper[link] = run.limits[0], run.limits[1]
    usual[link] = run.limits[5]
    movable = (at.share > 0.0) & (lower < upper)
    lower, upper = np.where(movable, lower, -np.inf), np.where(movable, upper, np.inf)
    wide = np.where(np.isfinite(lower) & np.isfinite(upper), upper - lower, np.inf)
    usual = np.maximum(np.minimum(np.minimum(usual, _by_drop(run)), wide), 1e-12)
    return Barrier(np.isfinite(lower), np.isfinite(upper), lower, upper, usual, movable)


def _by_drop(run: Run) -> Floats:
    """Flow of valves and inlets at a usual drop [kg/s], infinite for others, (links,)."""
    most = np.full(run.task.arrays.program.links, np.inf)
    for form, (first, last) in zip(run.forms, run.task.arrays.program.spans, strict=True):
        if form == SQUARE:
            most[first:last] = np.sqrt(DROP / np.maximum(run.coefficients[0, first:last], 1e-300))
    return most


def from_anywhere(run: Run, at: Iterate, stop: tuple[float, float, int], spaces: Spaces[Space] | None) -> Outcome:
    """Solve by the interior method and end with Newton steps of the active set found; `stop`: tolerances [Pa], [kg/s], most steps."""
    pressure, mass, most = stop
    steps = Interior(run, at).solve(at, 0.1 * pressure, mass, PATIENCE * most)
    outcome = Outcome(steps, np.inf, np.inf, converged=False)
    for _ in range(ROUNDS):
        begun = at.copy()
        outcome = newton_steps(run, at, (pressure, mass, FINAL, True), spaces, settled=True)
        steps += outcome.steps
        if not _mended(run, at, pressure):
            return replace(outcome, steps=steps)
        if not outcome.converged:  # one too small to be told from its bound was read off wrongly, and pressures ran off behind it
            at.m[:], at.p[:] = begun.m, begun.p
            at.m[run.place] = np.where(at.bound == FREE, at.m[run.place], np.where(at.bound == UPPER, run.limits[1], run.limits[0]))
    worst = float(np.abs(residual(run, at)).max(initial=0.0))
    return Outcome(steps, worst, outcome.mass_residual, converged=False)


def _mended(run: Run, at: Iterate, tolerance: float) -> bool:
    """Whether some links stand on the wrong side of a bound by more than `tolerance` [Pa] or by their flow; if so they are put right."""
    m, (lower, upper) = at.m[run.place], run.limits[:2]
    leave = (at.bound != FREE) & (np.abs(residual(run, at)[run.place]) > tolerance)
    over = (at.bound == FREE) & (m > upper + TOUCH * (1.0 + np.abs(upper)))
    under = (at.bound == FREE) & (m < lower - TOUCH * (1.0 + np.abs(lower)))
    at.bound[:] = np.where(leave, FREE, np.where(over, UPPER, np.where(under, LOWER, at.bound)))
    at.m[run.place] = np.where(over, upper, np.where(under, lower, m))
    at.share[run.place] = SHARES[at.bound]
    return bool((leave | over | under).any())
