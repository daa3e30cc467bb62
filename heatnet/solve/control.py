"""Flows and pressures of networks with regulators: a semi-smooth Newton iteration on what each throttles or lifts.

For given u the network has one answer, and `hydraulic` finds it from anywhere (its content is strictly convex). So F(u) = 0 of
`regulators` is a system of as many unknowns as there are regulators. Its Jacobian is exact: one solution of the network's own
Laplacian for each regulator, at the conductances of the answer. Regulators that act against each other raise and lower F by turns, so
the step is halved only until the largest |F| is below the largest of the last rounds (Grippo, Lampariello & Lucidi 1986, SIAM J.
Numer. Anal. 23, 707-716). Where one is cut short, the others are solved for anew, so that those that act against each other stay in
step. A pump whose flow asks for more lift than it took goes up as a real one would, not back to where it just opens. A valve whose
flow does not feel what it throttles goes by what it senses; one that feels nothing at all grows until it does. Where that comes no
nearer to an end, the regulators that are worst off are brought to rest one by one between bounds of their u, which needs no
derivative, and Newton goes on from there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.components.pump import LEAST
from heatnet.schema import Bools, Floats, Ints
from heatnet.solve import hydraulic
from heatnet.solve.contact import Stand, contact
from heatnet.solve.hydraulic import Iterate, Outcome, Run, Space
from heatnet.solve.regulators import HOLDS, TOP
from heatnet.solve.space import Spaces
from heatnet.solve.upwards import upwards

ROUNDS = 100
RECENT = 10  # rounds whose largest |F| a step may reach
TIRED = 3  # rounds without a tenth less before pumps that raise each other are let run
STALE = 25  # rounds without a tenth less before regulators are brought to rest one by one
MORE = 4  # times the steps of a network without regulators: the first u may be far off
HALVINGS = 6
GROWTH, FIRST = 4.0, 3e5  # largest u after a step over the last one, and besides that [Pa]
WORST = 8  # regulators brought to rest one by one before Newton goes on
BISECTIONS = 40
REACH = 8.0  # growth of a bracket whose end a valve still throttles beyond: what is pushed through it may drive it without end
CUTS = 30  # times that the step farthest beyond its range is cut and the others follow
FLAT = 1e-9  # change of F for a change of its own u below which this is taken instead
DULL = 1e-2  # the same, below which r is asked for in place of what is left of its range, if that responds
TIED = 1e-20  # kg/(s Pa), conductance of edges at a bound: hundreds of them must weigh nothing beside the steepest valve


@dataclass(frozen=True)
class Look:
    """How regulators stand at some u: F and all its Jacobian needs."""

    u: Floats
    f: Floats  # Pa
    case: Ints  # regulators.ZERO and so on
    r: Floats  # Pa
    which: Ints  # sensor that counts
    leaves: Bools  # at a bound, or on its curve, and about to leave it
    outcome: Outcome
    at: Iterate

    @property
    def worst(self) -> float:
        """Largest |F| [Pa]."""
        return self.farthest(np.zeros(self.f.size, dtype=bool))

    def farthest(self, pushed: Bools) -> float:
        """The same with |r| for those of `pushed` that have room yet."""
        off = np.where(pushed & (self.case == TOP), self.r, self.f)
        return float(np.abs(off).max(initial=0.0)) if self.outcome.converged else np.inf


@dataclass(frozen=True)
class Way:
    """A step of u."""

    step: Floats  # Pa
    pushed: Bools  # of which it asks r in place of F
    turns: bool  # goes up where pumps raise each other: F may rise on the way


class Control:
    """One hydraulic problem with regulators; `run` is changed in place, so it must be the caller's own."""

    def __init__(self, run: Run, tolerances: tuple[float, float, int], spaces: Spaces[Space] | None) -> None:
        assert run.task.regulators is not None
        self.run, self.regs, self.spaces = run, run.task.regulators, spaces
        self.tolerances = 0.1 * tolerances[0], tolerances[1], MORE * tolerances[2]
        self.close = tolerances[0]
        arrays, wires = run.task.arrays, self.regs.wires
        self.link = arrays.program.place[wires.edge]
        self.ends = arrays.clusters.of[arrays.tail[wires.edge]], arrays.clusters.of[arrays.head[wires.edge]]
        self.drive = run.task.drive[wires.edge]
        number = np.full(arrays.edges, -1, dtype=np.int32)
        number[run.chosen] = np.arange(run.chosen.size)
        self.chosen = number[wires.edge]
        self.steps = 0

    def look(self, u: Floats, at: Iterate, *, warm: bool = True) -> Look:
        """Solve the network at u from `at`, which is left as it is."""
        run, regs, fresh = self.run, self.regs, at.copy()
        u, outcome = self._network(u, fresh, warm=warm)
        arrays, plan = run.task.arrays, run.task.arrays.program
        p, m, gap = fresh.p[plan.node], fresh.m[self.link], self._gap(fresh)
        measured, which = regs.measured(p[arrays.clusters.of] + run.task.offset)
        bound = np.append(fresh.bound, hydraulic.FREE)[self.chosen]  # number -1 has no bounds
        curve, loss = self._curve(m), run.coefficients[0, self.link] * m * np.abs(m)
        u, closed, leaves = contact(regs, u, regs.push(u, m, measured), Stand(gap, m, bound, curve, loss))
        r, room = regs.push(u, m, measured), np.where(closed, 0.0, regs.room(u, gap, m))
        return Look(u, regs.missed(u, r, room), regs.case(u, r, room, closed), r, which, leaves, outcome, fresh)

    def _network(self, u: Floats, at: Iterate, *, warm: bool) -> tuple[Floats, Outcome]:
        """Solve the network at u, `at` in place; u is nothing for valves that stand against a pressure from behind: they open."""
        run, both = self.run, self.regs.both_ways
        while True:
            hydraulic.put(run, u)
            opens = both & (u == 0.0) & (np.append(at.bound, hydraulic.FREE)[self.chosen] == hydraulic.LOWER)
            at.bound[self.chosen[opens]], at.share[self.link[opens]] = hydraulic.FREE, 1.0
            outcome = hydraulic.plain_iterate(run, at, *self.tolerances, warm=warm, spaces=self.spaces)
            self.steps += outcome.steps
            against = both & (u > 0.0) & (self._gap(at) < -self.close)
            if not outcome.converged or not against.any():
                return u, outcome
            u = np.where(against, 0.0, u)

    def _gap(self, at: Iterate) -> Floats:
        """Pressure difference that drives each regulating edge, u not counted [Pa], (k,)."""
        p = at.p[self.run.task.arrays.program.node]
        return np.asarray(p[self.ends[0]] - p[self.ends[1]] + self.drive)

    def step(self, now: Look, stale: int) -> Way:
        """Newton step of u after so many rounds without gain."""
        arrays, regs = self.run.task.arrays, self.regs
        g, moved = self._conductances(now)
        factor = arrays.laplacian.factor(g)
        unknown, k = arrays.unknown, len(regs.wires)
        jacobian, pushes = np.zeros((k, k)), np.zeros((k, k))
        away = np.where(regs.lift, -1.0, 1.0) * moved
        for j in range(k):
            right = np.zeros(arrays.laplacian.size)
            for cluster, sign in ((self.ends[0][j], 1.0), (self.ends[1][j], -1.0)):
                if unknown[cluster] >= 0:
                    right[unknown[cluster]] += sign * away[j]
            change = np.append(factor.solve(right), 0.0)[unknown]  # of cluster pressures; -1 takes the held zero
            jacobian[:, j], pushes[:, j] = self._column(now, change, g, j, away[j])
        own, f = np.diag(jacobian), now.f.copy()
        pushed = (stale < RECENT) & (now.case == TOP) & (np.abs(own) < DULL) & (np.diag(pushes) >= DULL)
        jacobian[pushed], f[pushed] = pushes[pushed], -now.r[pushed]
        own = np.diag(jacobian)
        np.fill_diagonal(jacobian, np.where(np.abs(own) < FLAT, FLAT, own))
        turns = TIRED <= stale < RECENT and upwards(jacobian, (now.case == HOLDS) & (regs.slope > 0.0))
        if not turns:
            np.fill_diagonal(jacobian, np.abs(np.diag(jacobian)))
        return Way(self._cut(jacobian, f, now.u), pushed, turns)

    def _cut(self, jacobian: Floats, f: Floats, u: Floats) -> Floats:
        """Newton step that ends within the range of each u: where one must stop short, the others go as that asks of them."""
        low, high = -u, self._within(np.full(u.size, np.inf), GROWTH * u + FIRST) - u
        step, free = np.zeros(u.size), np.ones(u.size, dtype=bool)
        for turn in range(CUTS):
            try:
                with np.errstate(over="ignore"):
                    step[free] = np.linalg.solve(jacobian[np.ix_(free, free)], -f[free] - jacobian[np.ix_(free, ~free)] @ step[~free])
            except np.linalg.LinAlgError:
                step[free] = -f[free]
            step = np.nan_to_num(step, nan=0.0)
            over = np.maximum(low - step, step - high) / (high - low + 1e-9)
            beyond = over > (0.0 if turn == CUTS - 2 else max(0.0, 0.99 * float(over.max())))
            step[beyond] = np.clip(step, low, high)[beyond]
            if not beyond.any():
                break
            free &= ~beyond
        return np.clip(step, low, high)

    def _column(self, now: Look, change: Floats, g: Floats, j: int, away: float) -> tuple[Floats, Floats]:
        """Change of F, and of -r, for a change of u number j, which changes the cluster pressures by `change`, (k,) each."""
        regs, wires, of = self.regs, self.regs.wires, self.run.task.arrays.clusters.of
        gap = change[self.ends[0]] - change[self.ends[1]]
        flow = g[wires.edge] * gap
        flow[j] -= away
        seen = np.zeros(len(wires))
        some = now.which >= 0
        high, low = wires.high[now.which[some]], wires.low[now.which[some]]
        seen[some] = change[of[high]] - np.where(low >= 0, change[of[low]], 0.0)
        m = now.at.m[self.link]
        r = np.where(some, regs.sign * seen, (2.0 * regs.square * np.abs(m) + regs.slope) * flow)
        mine = (np.arange(len(wires)) == j).astype(np.float64)
        r = r - np.where(regs.slope > 0.0, mine, 0.0)
        return np.choose(now.case, [mine, -r, -regs.room(mine, gap, flow, change=True), mine - gap]), -r

    def _conductances(self, now: Look) -> tuple[Floats, Floats]:
        """Conductance of every edge, and what the flow of each regulating edge loses for a growing u, (k,)."""
        run, arrays = self.run, self.run.task.arrays
        plan, wires, u = arrays.program, self.regs.wires, now.u
        m = now.at.m[plan.place]
        slope = np.ones(arrays.edges)
        run.task.losses(m, np.empty(arrays.edges), slope)
        free = (now.at.share == 1.0)[plan.place]
        free[wires.edge] |= now.leaves
        lift = self.regs.lift
        curve = run.coefficients[:3, self.link]
        capped = (self._curve(m[wires.edge]) > u) | now.leaves
        slope[wires.edge] = np.where(lift & capped, 1e-6 * curve[1] * curve[2] + LEAST, slope[wires.edge])
        g = np.where(free, 1.0 / np.where(free, slope, 1.0), np.where(arrays.dead | arrays.rigid, 0.0, TIED))
        moves = free[wires.edge] & (~lift | capped)
        return g, np.where(moves, g[wires.edge], 0.0)

    def _curve(self, m: Floats) -> Floats:
        """Lift of regulating pumps at their largest speed [Pa], (k,); without meaning for valves."""
        curve = self.run.coefficients[:3, self.link]
        with np.errstate(over="ignore"):
            return np.asarray(curve[0] - curve[1] * np.abs(m) ** curve[2])

    def solve(self, at: Iterate, *, warm: bool) -> Outcome:
        """Rounds until every F is within tolerance; `at` is changed in place.

        What is cold and not there after ROUNDS goes on once more from where it is, with nothing remembered of how it came there.
        """
        now = self._rounds(self.look(self._within(at.u), at, warm=warm))
        if not warm and now.outcome.converged and not self._good(now):
            now = self._rounds(now)
        hydraulic.put(self.run, now.u)
        at.take(now.at, now.u)
        outcome = now.outcome
        worst = max(outcome.pressure_residual, now.worst)
        return Outcome(self.steps, worst, outcome.mass_residual, outcome.converged and self._good(now))

    def _good(self, now: Look) -> bool:
        return now.worst <= 10.0 * self.close

    def _rounds(self, now: Look) -> Look:
        """Where ROUNDS lead from `now` on."""
        best, seen, stale = now, [now.worst], 0
        for _ in range(ROUNDS):
            if now.worst <= self.close or not now.outcome.converged:
                break
            after = None
            if stale < STALE:
                after = self._along(now, self.step(now, stale), max(seen[-max(RECENT - stale, 1):]))
            if after is None:
                now = best = self._one_by_one(best)
                seen, stale = [now.worst], 0
                continue
            now, stale = after, 0 if after.worst < 0.9 * best.worst else stale + 1
            seen.append(now.worst)
            best = now if now.worst < best.worst else best
        return now

    def _along(self, now: Look, way: Way, most: float) -> Look | None:
        """The longest halved step after which the largest |F| is below `most`, or with |r| where asked for is lower; None if none is."""
        part, far = 1.0, now.farthest(way.pushed)
        for _ in range(HALVINGS):
            next_ = self.look(self._within(now.u + part * way.step), now.at)
            enough = 1.0 - 1e-4 * part
            less = next_.worst <= max(enough * most, self.close) or next_.farthest(way.pushed) <= enough * far
            if next_.outcome.converged and (less or way.turns):
                return next_
            part *= 0.5
        return None

    def _within(self, u: Floats, most: Floats | float = np.inf) -> Floats:
        return np.clip(np.nan_to_num(u, nan=0.0), 0.0, np.where(self.regs.lift, self.regs.most, most))

    def _one_by_one(self, now: Look) -> Look:
        """Each of the worst brought to rest between bounds, the others as they are."""
        for i in np.argsort(-np.abs(now.f))[:WORST]:
            if abs(now.f[i]) <= self.close:
                break
            now = self._rest(now, int(i))
        return now

    def _rest(self, now: Look, i: int) -> Look:
        low, high = 0.0, float(self.regs.most[i] if self.regs.lift[i] else 2.0 * now.u[i] + FIRST)
        best, topped = now, bool(self.regs.lift[i])
        for _ in range(BISECTIONS):
            u = now.u.copy()
            u[i] = self._between(best, i, low, high)
            best = self.look(u, best.at)
            if not best.outcome.converged:
                return now
            if abs(best.f[i]) <= 0.5 * self.close or high - low < 1e-9 * (1.0 + high):
                break
            if best.f[i] > 0.0:
                high, topped = best.u[i], True
            else:
                low = u[i]
            if not topped and low >= 0.4 * high:
                high *= REACH
            if low > hydraulic.IMMENSE:
                break
        return best

    def _between(self, at: Look, i: int, low: float, high: float) -> float:
        """Where F says u should be, if that lies well within the bracket, else its middle."""
        asked, margin = at.u[i] - at.f[i], 0.02 * (high - low)
        return float(asked) if low + margin < asked < high - margin else 0.5 * (low + high)
