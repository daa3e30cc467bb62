"""Scenarios of one network side by side, whatever regulates there: the careful passes of `coupled` for all lanes of a stack at once.

A pass is the same arithmetic as for one network, on arrays that hold all lanes (heatnet.solve.stack); flows come from the Newton kernel
for several lanes. Every lane has its own convergence, and its answer is kept from the pass in which it settled. Lanes that
do not settle are told, to be solved alone: then with the status and the message of a single solve.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from heatnet.arrays import Arrays
from heatnet.components import Consumer, Exchanger, Plant
from heatnet.network import Building
from heatnet.schema import Bools, Floats, Ints
from heatnet.solve import exchange, hydraulic, regulators, thermal
from heatnet.solve.abreast_flow import Abreast, Flowing, Posed, Stop, put
from heatnet.solve.coupled import RESTLESS, STANDING, Solver
from heatnet.solve.hydraulic import Task
from heatnet.solve.relax import Bounds, Temperatures, Weights, bounds
from heatnet.solve.residuals import account_lanes
from heatnet.solve.settings import Settings, Status
from heatnet.solve.stack import Lane, StackedArrays, Stacker
from heatnet.solve.state import Residuals, State
from heatnet.solve.task import conflicting, entering, entering_and_imbalance, flows, task
from heatnet.solve.thermal import Field, Wiring
from heatnet.solve.unstack import First, Kept, field_of, flows_of, one_of, spread, task_of

LARGE = 6000  # edges above which a block holds no more than one vector of scenarios
PATIENCE = 60  # passes after which what still moves is left to a single solve


@dataclass(frozen=True)
class Together:
    """Answers of the lanes of a stack."""

    state: State  # of the stack: arrays (rows lanes,), lanes standing side by side
    lanes: tuple[Lane, ...]
    good: Bools  # (lanes,) settled
    steps: Ints  # (lanes,)
    passes: Ints  # (lanes,)
    residuals: tuple[Residuals, ...]
    u: tuple[Floats, ...]  # of each lane: what its regulators throttle and lift

    def state_of(self, lane: int) -> State:
        """State of one lane that has settled."""
        arrays = self.state.arrays
        assert isinstance(arrays, StackedArrays)
        width = arrays.lanes
        whole = self.state
        m, p, t, t_in, t_out, enters = (
            one_of(values, lane, width) for values in (whole.m, whole.p, whole.t, whole.t_in, whole.t_out, whole.exchange)
        )
        still, bound = np.ascontiguousarray(whole.still[lane::width]), np.ascontiguousarray(whole.bound[lane::width])
        return State(
            self.lanes[lane].arrays, whole.settings, self.lanes[lane].scene, m, p, t, t_in, t_out, still, enters, bound, whole.status, "",
            int(self.steps[lane]), int(self.passes[lane]), self.residuals[lane], self.u[lane],
        )


@dataclass(frozen=True)
class Beside:
    """A network with a state to begin from, ready to take scenarios side by side; several threads may use it at once."""

    solver: Solver
    start: State
    stacker: Stacker
    flow: Abreast
    lines: Wiring

    @staticmethod
    def of(solver: Solver, start: State, lanes: int | None = None) -> Beside | None:
        """From a solver and a state of the same network; None where that is no answer."""
        if solver.run is None or not start.converged or start.m.size != solver.arrays.edges:
            return None
        width = lanes or (8 if solver.arrays.edges > LARGE else 16)
        stacker = Stacker.of(solver.arrays, width)
        return Beside(solver, start, stacker, Abreast(solver.run, width), thermal.wiring(stacker.shared))

    @property
    def width(self) -> int:
        """How many scenarios stand side by side."""
        return self.stacker.lanes

    def lane(self, arrays: Arrays) -> Lane:
        """A changed network as a lane, in the weather of its own site."""
        base, solver = self.solver.arrays.net, self.solver
        same = arrays.net.site is base.site and all(arrays.net.tables[kind] is base.tables[kind] for kind in (Building, Plant, Exchanger))
        alike = same and len(arrays.net[Consumer]) == len(base[Consumer]) and arrays.behind is solver.arrays.behind
        return Lane(arrays, solver.scene if alike else arrays.scene(solver.settings.water, solver.settings.gravity))

    def fits(self, lane: Lane) -> bool:
        """Whether a scenario can stand beside others; else it is to be solved alone."""
        return self.stacker.fits(lane, self.solver.scene.ground) and lane.arrays.edges == self.solver.arrays.edges

    def solve(self, lanes: Sequence[Lane]) -> Together:
        """At most `width` scenarios that fit."""
        return _Block(self, tuple(lanes)).solve()


class _Block:
    """Lanes under way."""

    def __init__(self, of: Beside, lanes: tuple[Lane, ...]) -> None:
        self.of, self.lanes, self.width = of, lanes, of.width
        self.settings: Settings = of.solver.settings
        self.arrays = of.stacker.stack(lanes)
        self.scene = of.stacker.scene(lanes)
        self.full = [*lanes, *[lanes[-1]] * (self.width - len(lanes))]
        self.steps = np.zeros(self.width, dtype=np.int32)
        self.u = [of.start.u] * self.width
        self.regulates = any(len(lane.arrays.regulated) for lane in lanes)
        self.running = np.arange(self.width) < len(lanes)
        self.pressure = np.zeros(self.width)  # Pa, largest residual of each lane where regulators are searched for
        self.posed: Posed | None = None

    def solve(self) -> Together:
        """Passes until every lane has settled or failed."""
        kept = self._cold() if not self.settings.heat else self._warm()
        return self._told(kept)

    def _cold(self) -> Kept:
        """Flows alone."""
        field = spread(self.of.solver.field, self.width)
        fluid = thermal.fluids(self.arrays, self.settings.water, field)
        rho = np.concatenate([water.rho for water in fluid])
        given = task(self.arrays, fluid, field, self.scene, self.settings.friction, rho)
        self.running &= ~self._clash(given)
        done = self._flows(given, self._begin(given), field, warm=True)
        m = flows(given, done.m)
        first = done.m, done.p, done.bound
        kept = Kept(first, field, m, rho, self.width)
        kept.take(self.running & done.settled, 1, first, field, (m, rho, given.offset), self._residual(given, done))
        return kept

    def _warm(self) -> Kept:
        """Passes between flows and temperatures, as coupled.Solver does them with all care."""
        settings, lanes = self.settings, self.width
        field = spread(self.of.solver.first_field(self.of.start), lanes)
        way = Temperatures.at(field)
        weights: Weights | None = None
        wanted: Bounds | None = None
        done: Flowing | None = None
        kept: Kept | None = None
        last = self.of.start.m.repeat(lanes)
        for turn in range(1, min(settings.max_passes, PATIENCE) + 1):
            fluid = thermal.fluids(self.arrays, settings.water, field)
            rho = np.concatenate([water.rho for water in fluid])
            weights = weights.seen(rho) if weights else Weights.at(rho)
            used = weights.used(rho)
            fresh = task(self.arrays, fluid, field, self.scene, settings.friction, used, last)
            self.running &= ~self._clash(fresh)
            wanted = bounds(self.arrays, self.scene, field, wanted, fresh.upper, last) if wanted else Bounds.at(fresh.upper)
            upper = wanted.value
            given = replace(fresh, upper=upper, lower=np.where(fresh.lower == fresh.upper, upper, fresh.lower))
            first = (done.m, done.p, done.bound) if done else self._begin(given)
            done = self._flows(given, first, field, warm=False)
            self.running &= done.settled
            last, m = done.m, flows(given, done.m)
            kept = kept or Kept((done.m, done.p, done.bound), field, m, used, lanes)
            keeps = exchange.held(self.arrays, fresh.upper, done.bound == hydraulic.UPPER)
            new = thermal.sweep(
                self.arrays, self.of.lines, m, field, fluid, self.scene, settings.water, entering(self.arrays, m), keeps
            )
            swinging = (self._weight_change(field, new) > 10 * settings.pressure_tolerance) & np.isnan(weights.kept)
            calm = self._change(field, new, m) <= settings.temperature_tolerance
            calm &= ~swinging.reshape(-1, lanes).any(axis=0) & (self._shift(upper, fresh.upper) <= settings.flow_tolerance)
            settled = self.running & calm & (turn > 1)
            if settled.any():
                kept.take(settled, turn, (done.m, done.p, done.bound), new, (m, used, given.offset), self._residual(given, done))
                self.running &= ~settled
            if not self.running.any():
                break
            if turn >= RESTLESS and turn % (RESTLESS // 2) == 0:
                weights = weights.keep(swinging & (np.abs(m) < STANDING * given.guess))
            way = way.towards(new, turn)
            field = way.field(new)
        assert kept is not None
        return kept

    def _begin(self, given: Task) -> First:
        start, clusters = self.of.start, self.of.solver.arrays.clusters
        p = np.empty((clusters.count, self.width))
        p[clusters.of] = start.p[:, None] - given.offset.reshape(-1, self.width)
        known = np.ones(self.width, dtype=bool)
        return self.of.flow.first(given, start.m.repeat(self.width), p.ravel(), start.bound.repeat(self.width), known)

    def _flows(self, given: Task, first: First, field: Field, *, warm: bool) -> Flowing:
        """Flows of one pass for the lanes that run."""
        settings, lanes = self.settings, self.width
        largest = np.abs(first[0]).reshape(-1, lanes).max(axis=0, initial=0.0)
        stop = Stop(settings.pressure_tolerance, settings.mass_tolerance + 1e-13 * largest, settings.max_steps, warm)
        if self.regulates:
            done = self._regulated(given, first, field, stop)
        else:
            self.posed = self.of.flow.pose(given)
            done = self.of.flow.flow(given, self.posed, first, stop, self.running)
        self.steps[self.running] += done.steps[self.running]
        immense = np.abs(done.p).reshape(-1, lanes).max(axis=0, initial=0.0) > hydraulic.IMMENSE
        bad = self.running & (~done.settled | immense)
        if bad.any():  # they go on as they began, so that their numbers stay numbers
            for mine, its in ((done.m, first[0]), (done.p, first[1])):
                mine.reshape(-1, lanes)[:, bad] = its.reshape(-1, lanes)[:, bad]
        done.settled[bad] = False
        return done

    def _regulated(self, given: Task, first: First, field: Field, stop: Stop) -> Flowing:
        """The same lane by lane where regulators look elsewhere: what they throttle and lift is each lane's own search."""
        lanes = self.width
        done = Flowing(first[0].copy(), first[1].copy(), first[2].copy(), np.zeros(lanes, dtype=np.int32), self.running.copy())
        for lane in np.flatnonzero(self.running):
            run = hydraulic.prepare(self._own_task(given, field, int(lane)))
            regs, u = run.task.regulators, self.u[lane]
            if u.size != (0 if regs is None else len(regs.wires)):
                u = np.zeros(0) if regs is None else np.where(regs.lift, 0.5 * regs.most, 0.0)
            begin = flows_of(first, int(lane), lanes, u)
            at = hydraulic.begin(run, begin)
            outcome = hydraulic.iterate(
                run, at, stop.pressure, float(stop.mass[lane]), stop.steps, warm=stop.warm, spaces=self.of.solver.spaces
            )
            put(done, int(lane), lanes, hydraulic.finish(run, at, begin, outcome))
            self.u[lane] = at.u.copy()
            self.pressure[lane] = float(np.abs(hydraulic.residual(run, at)).max(initial=0.0))
        return done

    def _own_task(self, given: Task, field: Field, lane: int) -> Task:
        """The problem of one lane, with its regulators."""
        arrays, scene = self.full[lane].arrays, self.full[lane].scene
        fluid = thermal.fluids(arrays, self.settings.water, field_of(field, lane, self.width))
        laws = tuple(part.table.law(water, given.friction, scene) for part, water in zip(arrays.parts, fluid, strict=True))
        return task_of(given, lane, self.width, arrays, laws, regulators.regulators(arrays, fluid, scene))

    def _residual(self, given: Task, done: Flowing) -> Floats:
        if self.posed is not None:
            return self.of.flow.residual(given, self.posed, done)
        return self.pressure.copy()

    def _clash(self, given: Task) -> Bools:
        """Lanes whose fixed lifts or held pressures contradict each other."""
        return conflicting(given, self.width)

    def _change(self, old: Field, new: Field, m: Floats) -> Floats:
        """Largest change of a temperature in each lane [K], as thermal.largest_change."""
        q = np.abs(m).reshape(-1, self.width)
        weight = np.minimum(q / (thermal.CREEPING * q.max(axis=0, initial=0.0) + thermal.STILL), 1.0)
        pairs = ((old.inlet, new.inlet), (old.outlet, new.outlet), (old.mean, new.mean))
        return np.asarray(np.max([(weight * np.abs(a - b).reshape(weight.shape)).max(axis=0, initial=0.0) for a, b in pairs], axis=0))

    def _shift(self, upper: Floats, asked: Floats) -> Floats:
        """Largest relative difference of flows used and flows asked for in each lane, as relax.largest_shift."""
        finite = np.isfinite(asked)
        safe = np.where(finite, asked, 0.0)
        off = np.where(finite, np.abs(upper - safe) / (np.abs(safe) + 1e-12), 0.0)
        return np.asarray(off.reshape(-1, self.width).max(axis=0, initial=0.0))

    def _weight_change(self, old: Field, new: Field) -> Floats:
        """Change of the weight of the water in each edge [Pa], as coupled does."""
        return self.of.solver.weight_change(old, new, self.arrays)

    def _told(self, kept: Kept) -> Together:
        """The stack as a state."""
        arrays = self.arrays
        enters, left = entering_and_imbalance(arrays, kept.m)
        p = np.where(arrays.lost, np.nan, kept.p[arrays.clusters.of] + kept.offset)
        state = State(
            arrays, self.settings, self.scene, kept.m, p, kept.field.node, kept.field.inlet, kept.field.outlet, kept.field.still,
            np.where(arrays.held, enters, 0.0), kept.bound, Status.CONVERGED, "", 0, 0, Residuals(*[np.nan] * 6),
        )
        found = account_lanes(state, kept.pressure, kept.rho, enters, left)
        count = len(self.lanes)
        return Together(
            state, self.lanes, kept.good[:count], self.steps[:count], kept.passes[:count], tuple(found[:count]), tuple(self.u[:count])
        )
