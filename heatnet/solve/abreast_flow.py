"""Flows and pressures of a stack: the Newton iterations of its lanes side by side.

What regulates by a remote pressure, and a lane that does not settle beside the others, is taken by the solver for one network.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np

from heatnet.feeding import first_flows
from heatnet.friction import LAWS
from heatnet.schema import Bools, Floats, Ints
from heatnet.solve import hydraulic
from heatnet.solve.abreast_bounds import WIDTH
from heatnet.solve.abreast_newton import Laws, newton_abreast, open_laws
from heatnet.solve.hydraulic import LOWER, RIGID, SHARES, SHUT, UPPER, Flows, Run, Task
from heatnet.solve.limits import adopt_bounds, limits
from heatnet.solve.space import Spaces
from heatnet.solve.unstack import First, flows_of, task_of


@dataclass(frozen=True)
class Stop:
    """When lanes have settled."""

    pressure: float  # Pa
    mass: Floats  # kg/s (lanes,)
    steps: int
    warm: bool


@dataclass(frozen=True)
class Flowing:
    """Flows of the lanes of a stack: as Flows, all (.. lanes,), and what came of each lane."""

    m: Floats  # (edges lanes,) kg/s, without rigid edges
    p: Floats  # (clusters lanes,) Pa
    bound: Ints  # (edges lanes,)
    steps: Ints  # (lanes,)
    settled: Bools  # (lanes,)


@dataclass(frozen=True)
class Posed:
    """Hydraulic problems of the lanes in the order of the kernels, (links or nodes, lanes)."""

    coefficients: Floats  # (4, links, lanes)
    drive: Floats
    source: Floats
    held: Floats
    chosen: Ints  # (chosen,) edges that have bounds in any lane
    place: Ints
    forms: Ints  # (chosen,)
    limits: Floats  # (6, chosen, lanes)


class Abreast:
    """The lanes of stacks of one network."""

    def __init__(self, run: Run, lanes: int) -> None:
        plan = run.task.arrays.program
        self.run, self.lanes, self.law = run, lanes, LAWS[run.task.friction]
        self.plan = plan.spans, run.forms.astype(np.int32), plan.real, plan.ends, (plan.start, plan.row, plan.target)
        self.spaces: Spaces[tuple[Any, ...]] = Spaces(partial(_space, plan.links, plan.nodes, plan.row.size + plan.free + 1))

    def first(self, given: Task, m: Floats, p: Floats, bound: Ints, known: Bools) -> First:
        """Where lanes begin (m, p, bound) that have the state m, p, bound (.. lanes,) of a similar problem, if they are `known` (lanes,).

        Links that were shut there begin with usual flows, added up along the tree.
        """
        arrays = given.arrays
        fresh = np.zeros(arrays.edges, dtype=np.int32)
        fresh[given.lower == given.upper] = UPPER
        fresh[arrays.rigid] = RIGID
        fresh[arrays.dead] = SHUT
        usable = (bound < SHUT) & (fresh < SHUT) & np.tile(known, arrays.edges // self.lanes)
        anew = ~usable & (fresh < SHUT)
        begin = np.where(usable, m, 0.0)
        for lane in np.flatnonzero(anew.reshape(-1, self.lanes).any(axis=0)):
            usual = self._usual(given, int(lane))
            here = anew[lane :: self.lanes]
            begin[lane :: self.lanes][here] = usual[here]
        pressure = np.where(np.isnan(p) | ~np.tile(known, p.size // self.lanes), given.pressure, p)
        return begin, pressure, np.where(usable, bound, fresh).astype(np.int32)

    def _usual(self, given: Task, lane: int) -> Floats:
        """Usual flows of one lane, (edges,), as hydraulic.start."""
        arrays, plan, lanes = given.arrays, given.arrays.program, self.lanes
        lower, upper = given.lower[lane::lanes], given.upper[lane::lanes]
        usual = np.clip(given.guess[lane::lanes], lower, upper)
        usual[(arrays.dead | arrays.rigid)[lane::lanes]] = 0.0
        source = np.zeros(plan.nodes)
        source[plan.node] = given.source[lane::lanes]
        m = first_flows(plan, arrays.feeding, usual[plan.edge] * plan.real, source)[plan.place]
        return np.clip(m, lower, upper)

    def pose(self, given: Task) -> Posed:
        """The problems in the order of the kernels."""
        plan, lanes, arrays = given.arrays.program, self.lanes, given.arrays
        source, held = np.zeros((plan.nodes, lanes)), np.zeros((plan.nodes, lanes))
        source[plan.node], held[plan.node] = given.source.reshape(-1, lanes), given.pressure.reshape(-1, lanes)
        values = np.ones((4, plan.links, lanes))
        for part, law, (first, last) in zip(self.run.task.arrays.parts, given.laws, plan.spans, strict=True):
            rows = np.maximum(plan.edge[first:last] - part.span.start, 0)
            for line, column in enumerate(law.coefficients()):
                if column.size:
                    values[line, first:last] = column.reshape(-1, lanes)[rows]
        bounded = ((given.lower > -np.inf) | (given.upper < np.inf)) & ~arrays.dead & ~arrays.rigid
        chosen = np.flatnonzero(bounded.reshape(-1, lanes).any(axis=1)).astype(np.int32)
        forms = np.repeat(self.plan[1], [part.span.stop - part.span.start for part in self.run.task.arrays.parts])[chosen]
        place = plan.place[chosen]
        lower, upper, guess = (each.reshape(-1, lanes)[chosen].ravel() for each in (given.lower, given.upper, given.guess))
        found = limits(lower, upper, guess, forms.repeat(lanes), values[:, place].reshape(4, -1))
        return Posed(values, given.drive.reshape(-1, lanes)[plan.edge], source, held, chosen, place, forms, found.reshape(6, -1, lanes))

    def flow(self, given: Task, posed: Posed, first: First, stop: Stop, running: Bools) -> Flowing:
        """Newton steps from `first` (m, p, bound) for the lanes `running`; the others keep what they have."""
        arrays, plan, lanes = given.arrays, given.arrays.program, self.lanes
        m, bound = first[0].copy(), first[2].copy()
        adopt_bounds(m, bound, given.lower, given.upper)
        free = self.run.task.arrays.unknown >= 0
        pressure = posed.held.copy()
        pressure[plan.node[free]] = first[1].reshape(-1, lanes)[free]
        real = plan.real[:, None].astype(np.float64)
        flows: Floats = m.reshape(-1, lanes)[plan.edge] * real
        share: Floats = SHARES[bound].reshape(-1, lanes)[plan.edge] * real
        active: Floats = bound.reshape(-1, lanes)[posed.chosen].astype(np.float64)
        steps, settled = np.zeros(lanes, dtype=np.int32), running.copy()
        for at in range(0, lanes, WIDTH):
            group = slice(at, at + WIDTH)
            if running[group].any():
                found = self._group(posed, (flows, pressure, share, active), stop, running, group)
                steps[group], settled[group] = found[0], found[3] > 0.5
        m = np.where(np.repeat(running[None], arrays.edges // lanes, axis=0), flows[plan.place], first[0].reshape(-1, lanes))
        p = np.where(running, pressure[plan.node], first[1].reshape(-1, lanes))
        whole = bound.reshape(-1, lanes)
        whole[posed.chosen] = active
        done = Flowing(m.ravel(), p.ravel(), whole.ravel(), steps, settled)
        for lane in np.flatnonzero(running & ~settled):
            self._alone(given, posed, first, stop, int(lane), done)
        return done

    def _group(self, posed: Posed, state: tuple[Floats, Floats, Floats, Floats], stop: Stop, running: Bools, group: slice) -> Floats:
        """WIDTH lanes; `state` m, p, share, active set in place. Steps, residuals, settled: (4, WIDTH)."""
        found, on = np.zeros((4, WIDTH)), running[group].astype(np.float64)
        m, p, share, active = (np.ascontiguousarray(each[:, group]).ravel() for each in state)
        laws = _laws(posed, group)
        bounds = np.ascontiguousarray(posed.limits[:, :, group]).ravel()
        with self.spaces.one() as space:
            newton_abreast(
                (self.law.code, self.law.laminar), self.plan, laws, np.ascontiguousarray(posed.source[:, group]).ravel(), share, (m, p),
                (posed.place, active, bounds), (stop.pressure, stop.mass[group].copy(), stop.steps, stop.warm), on, space, found,
            )
        for whole, part in zip(state, (m, p, share, active), strict=True):
            whole[:, group] = part.reshape(-1, WIDTH)
        return found

    def _alone(self, given: Task, posed: Posed, first: First, stop: Stop, lane: int, into: Flowing) -> None:
        """One lane by the solver for one network, from where it began."""
        lanes, base = self.lanes, self.run
        arrays = replace(base.task.arrays, dead=given.arrays.dead[lane::lanes], lost=given.arrays.lost[lane::lanes])
        task = task_of(given, lane, lanes, arrays, base.task.laws, None)
        run = Run(
            task, base.forms, np.ascontiguousarray(posed.coefficients[:, :, lane]), posed.drive[:, lane].copy(),
            posed.source[:, lane].copy(), posed.held[:, lane].copy(), posed.chosen, posed.place, posed.forms,
            np.ascontiguousarray(posed.limits[:, :, lane]),
        )
        start = flows_of(first, lane, lanes, np.zeros(0))
        at = hydraulic.begin(run, start)
        outcome = hydraulic.plain_iterate(run, at, stop.pressure, float(stop.mass[lane]), stop.steps, warm=stop.warm)
        put(into, lane, lanes, hydraulic.finish(run, at, start, outcome))

    def residual(self, given: Task, posed: Posed, at: Flowing) -> Floats:
        """Largest violation of an equation in each lane [Pa], (lanes,), as hydraulic.residual."""
        plan, lanes = given.arrays.program, self.lanes
        flows = at.m.reshape(-1, lanes)[plan.edge] * plan.real[:, None]
        free, pressure = self.run.task.arrays.unknown >= 0, posed.held.copy()
        pressure[plan.node[free]] = at.p.reshape(-1, lanes)[free]
        bound = at.bound.reshape(-1, lanes)
        gap = np.empty((plan.links, lanes))
        for first in range(0, lanes, WIDTH):
            group = slice(first, first + WIDTH)
            out = np.empty(plan.links * WIDTH)
            m, p = (np.ascontiguousarray(each[:, group]).ravel() for each in (flows, pressure))
            open_laws((self.law.code, self.law.laminar), self.plan, _laws(posed, group), (m, p), out)
            gap[:, group] = out.reshape(-1, WIDTH)
        gap = gap[plan.place]
        choice = (given.lower < given.upper).reshape(-1, lanes)
        worst = np.where(bound == 0, np.abs(gap), 0.0)
        worst = np.where((bound == UPPER) & choice, np.maximum(-gap, 0.0), worst)
        worst = np.where((bound == LOWER) & choice, np.maximum(gap, 0.0), worst)
        return np.asarray(worst.max(axis=0, initial=0.0))


def _laws(posed: Posed, group: slice) -> Laws:
    """Coefficients and drive of WIDTH lanes, as the kernels want them."""
    a, b, c, d = (np.ascontiguousarray(each[:, group]).ravel() for each in posed.coefficients)
    return a, b, c, d, np.ascontiguousarray(posed.drive[:, group]).ravel()


def put(into: Flowing, lane: int, lanes: int, flows: Flows) -> None:
    """Flows of one lane."""
    into.m[lane::lanes], into.p[lane::lanes], into.bound[lane::lanes] = flows.m, flows.p, flows.bound
    into.steps[lane], into.settled[lane] = flows.steps, flows.converged


def _space(links: int, nodes: int, matrix: int) -> tuple[Any, ...]:
    return (*(np.zeros(links * WIDTH) for _ in range(5)), np.zeros(matrix * WIDTH), *(np.zeros(nodes * WIDTH) for _ in range(3)))
