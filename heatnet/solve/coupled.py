"""Passes between flows and temperatures until both agree.

Flows of heat-driven edges (load consumers, plants of given heat) follow from inlet temperatures and feed back on them, densities
drive flows and follow from them: `relax` says how far each goes in one pass.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import TYPE_CHECKING

import numpy as np

from heatnet.arrays import Arrays, compile
from heatnet.components import Scene
from heatnet.errors import NotSolved
from heatnet.friction import LAWS
from heatnet.network import Network, Node
from heatnet.schema import Floats
from heatnet.solve import hydraulic, thermal
from heatnet.solve.calm import calm, warmed
from heatnet.solve.flow_pass import Pass, flow_pass
from heatnet.solve.hydraulic import Flows, Iterate, Run, Task
from heatnet.solve.late import better, holds, mean_weights, named, some
from heatnet.solve.refusal import beyond, failed, obstacles
from heatnet.solve.relax import Bounds, Temperatures, Weights, bounds, largest_shift
from heatnet.solve.residuals import account
from heatnet.solve.rigid import Rigid, flows_of_rigid
from heatnet.solve.settings import Settings, Status
from heatnet.solve.space import Spaces, plain_pages
from heatnet.solve.state import Residuals, State
from heatnet.solve.task import conflicts, entering_and_imbalance, task
from heatnet.solve.thermal import Field

if TYPE_CHECKING:
    from heatnet.solve.quick import Passes
    from heatnet.solve.statics import Statics

EXACT = 1e-6  # share by which given flows may differ from what temperatures ask for where they are called impossible
RESTLESS = 30  # passes after which weights that still swing are given their mean
SHARPER = 15  # passes after which regulators are held to a finer tolerance, and between two looks at weights that swing
THOROUGH = 10  # passes after which temperatures are brought to rest at the flows of each
LOOSE = (1e3, 10.0)  # times the tolerances in the second half of the passes, where the certificate holds: 1e-4 K are 2e-6 of a heat at 50 K
WEIGHT = 10.0  # times the tolerance of pressure, largest change of the weight of the water in an edge in the last pass
LAST = 0.7  # of the passes, after which weights that still swing are given their mean wherever they are
STANDING = 0.1  # share of the usual flow (0.05 m/s in pipes) below which water all but stands


def solve(model: Network | Arrays, settings: Settings | None = None, *, start: State | None = None, throw: bool = True) -> State:
    """Steady state of a network, from the state of a similar one if `start` is given.

    ModelError if the model breaks a rule. If there is no answer: NotSolved, or with throw=False a State whose status
    says why.
    """
    with plain_pages():
        return Solver.of(model, settings).solve(start=start, throw=throw)


@dataclass(frozen=True)
class Solver:
    """A network ready to be solved again and again in one weather: all that flow does not change is worked out."""

    arrays: Arrays
    settings: Settings
    scene: Scene
    field: Field  # first guess
    run: Run | None  # hydraulic problem at the first guess; None where it cannot be posed
    fixed: Statics | None  # for plain passes, where they can be tried
    names: str  # what contradicts what
    rigid: Rigid | None  # flows of rigid edges
    spaces: Spaces[hydraulic.Space] | None  # work memory

    @cached_property
    def cold(self) -> tuple[Flows, Iterate]:
        """Where a solve without a start begins."""
        assert self.run is not None
        begin = hydraulic.start(self.run.task)
        return begin, hydraulic.begin(self.run, begin)

    @cached_property
    def passes(self) -> Spaces[Passes]:
        """Plain passes with their work memory."""
        from heatnet.solve import quick  # noqa: PLC0415  loads numba

        assert self.run is not None and self.fixed is not None
        return Spaces(partial(quick.Passes, self.arrays, self.settings, self.scene, self.run, self.fixed, self.spaces, self.field))

    @staticmethod
    def of(model: Network | Arrays, settings: Settings | None = None, like: Solver | None = None) -> Solver:
        """Solver of a network; ModelError if the model breaks a rule, ValueError if the settings name no friction law.

        `like` is the solver of a network of which this one is a change: what topology alone decides is taken from there.
        """
        from heatnet.solve import quick  # noqa: PLC0415  loads numba
        from heatnet.solve.statics import statics  # noqa: PLC0415

        settings = settings or Settings()
        if settings.friction not in LAWS:
            raise ValueError(f"'{settings.friction}' is not a friction law; known: {', '.join(LAWS)}")
        arrays = model if isinstance(model, Arrays) else compile(model)
        scene = arrays.scene(settings.water, settings.gravity)
        field = thermal.first_field(arrays, settings, scene)
        if arrays.driven.size:
            return Solver(arrays, settings, scene, field, None, None, some(arrays.driven), None, None)
        fluid = thermal.fluids(arrays, settings.water, field)
        first = task(arrays, fluid, field, scene, settings.friction, np.concatenate([water.rho for water in fluid]))
        if names := conflicts(first):
            return Solver(arrays, settings, scene, field, None, None, some(names), None, None)
        same = like if like is not None and like.fixed is not None and like.arrays.program is arrays.program else None
        known = same.fixed.wires if same is not None and same.fixed is not None else None
        fixed = statics(arrays, scene, known) if settings.heat and quick.plain(arrays, scene) else None
        run = hydraulic.prepare(first)
        rigid = flows_of_rigid(arrays, np.arange(arrays.edges, dtype=np.int32))
        spaces = hydraulic.work_memory(arrays.program) if same is None else same.spaces
        return Solver(arrays, settings, scene, field, run, fixed, "", rigid, spaces)

    def solve(self, *, start: State | None = None, throw: bool = True) -> State:
        """Steady state, see `heatnet.solve`."""
        if self.run is None:
            status = Status.NO_PRESSURE_HELD if self.arrays.driven.size else Status.CONFLICT
            state = self._ended(None, self.field, status, self.names, 0, 0 if self.arrays.driven.size else 1)
        elif not self.settings.heat:
            state = self._cold(hydraulic.own(self.run), start)
        else:
            state = (self._plain(start) if self.fixed is not None else None) or better(self._general(start))
        if throw and not state.converged:
            raise NotSolved(state)
        return state

    def first_flows(self, start: State | None = None) -> Flows:
        """What the iteration begins with: the flows of `start`, or usual ones."""
        assert self.run is not None
        return self._first_flows(self.run.task, start)

    def _cold(self, run: Run, start: State | None) -> State:
        """Flows alone."""
        assert self.rigid is not None
        settings = self.settings
        if start is None:
            first, at = self.cold[0], self.cold[1].copy()
        else:
            first = self._first_flows(run.task, start)
            at = hydraulic.begin(run, first)
        tight = settings.mass_tolerance + 1e-13 * float(np.abs(first.m).max(initial=0.0))
        outcome = hydraulic.iterate(
            run, at, settings.pressure_tolerance, tight, settings.max_steps, warm=start is not None, spaces=self.spaces
        )
        done = hydraulic.finish(run, at, first, outcome)
        m = done.m.copy()
        self.rigid.fill(m)
        worst = float(np.abs(hydraulic.residual(run, at)).max(initial=0.0))
        now = Pass(run.task, done, m, self.field, self.field.mean, worst, fine=False)
        stuck = self._stuck(now, done.steps, 1) if failed(done) else None
        if stuck is not None and not stuck.converged:
            return stuck
        return self._ended(now, self.field, Status.CONVERGED, beyond(run.task, done), done.steps, 1)

    def _plain(self, start: State | None) -> State | None:
        """Plain passes; None where they do not lead to an answer."""
        from heatnet.solve import quick  # noqa: PLC0415  loads numba

        begin = None if start is None else (self.first_flows(start), self.first_field(start))
        with self.passes.one() as passes:
            state = quick.solve(passes, begin, warm=start is not None and start.converged)
        settled = state is None or state.residuals.weight <= WEIGHT * self.settings.pressure_tolerance  # these look at ends of edges alone
        return state if settled else None

    def _general(self, start: State | None) -> State:
        """Passes with all care; the state at convergence or at the first failure."""
        settings, field = self.settings, self.first_field(start)
        lines = thermal.wiring(self.arrays)
        done: Flows | None = None
        wanted: Bounds | None = None
        way = Temperatures.at(field)
        weights: Weights | None = None
        calmest = np.full(self.arrays.edges, np.inf)  # least flow since weights were last looked at: a swing may have a short period
        steps = 0
        now: Pass | None = None
        for turn in range(1, settings.max_passes + 1):
            fluid = thermal.fluids(self.arrays, settings.water, field)
            rho = np.concatenate([water.rho for water in fluid])
            weights = weights.seen(rho) if weights else Weights.at(rho)
            last = done.m if done is not None else start.m if start is not None and start.converged else None
            fresh = task(self.arrays, fluid, field, self.scene, settings.friction, weights.used(rho), last)
            if names := conflicts(fresh):
                return self._ended(None, field, Status.CONFLICT, some(names), steps, turn)
            wanted = Bounds.at(fresh.upper) if wanted is None or done is None else bounds(
                self.arrays, self.scene, field, wanted, fresh.upper, done.m
            )
            upper = wanted.value
            shift = largest_shift(upper, fresh.upper)
            given = replace(fresh, upper=upper, lower=np.where(fresh.lower == fresh.upper, upper, fresh.lower))
            fine = turn % SHARPER == 0 or (now is not None and now.fine)
            first = done or self._first_flows(given, start)
            now = flow_pass(given, first, settings, self.spaces, field, weights.used(rho), fine=fine)
            steps += now.flows.steps
            stuck = self._stuck(now, steps, turn) if failed(now.flows) else None
            if stuck is not None and not stuck.converged:
                rested = calm(given, settings, field, first)
                as_asked = rested is None and shift <= EXACT
                if stuck.status is not Status.IMPOSSIBLE_LIMITS or as_asked or turn == settings.max_passes:
                    return stuck
                field, wanted, way = rested or field, None, Temperatures.at(rested or field)
                continue
            done = now.flows
            new = warmed(fresh.upper, first.m, now, self.scene, settings, lines, thorough=turn >= THOROUGH)
            change = thermal.largest_change(field, new, now.m)
            moved = np.abs(new.node - field.node)
            swinging = (self.weight_change(field, new) > WEIGHT * settings.pressure_tolerance) & np.isnan(weights.kept)
            loose = LOOSE if turn > settings.max_passes // 2 else (1.0, 1.0)
            shift = largest_shift(upper, fresh.upper, now.m)
            agree = change <= loose[0] * settings.temperature_tolerance and not swinging.any()
            if turn > 1 and agree and shift <= loose[1] * settings.flow_tolerance:
                state = self._ended(replace(now, field=new), new, Status.CONVERGED, self._note(weights, now, new), steps, turn)
                if loose != LOOSE or holds(state):
                    return named(state)
            calmest = np.minimum(calmest, np.abs(now.m))
            if turn >= RESTLESS and turn % SHARPER == 0:
                stands = calmest < (STANDING if turn <= LAST * settings.max_passes else np.inf) * given.guess
                weights, calmest = weights.keep(swinging & stands), np.abs(now.m)
            way = way.towards(new, turn)
            field = way.field(new)
            now = replace(now, field=field)
        worst = some(self.arrays.net[Node].id[np.argsort(-moved)[:5]])
        return self._ended(now, field, Status.MAX_PASSES, f"last change {change:.2g} K near {worst}", steps, turn)

    def weight_change(self, old: Field, new: Field, of: Arrays | None = None) -> Floats:
        """Change of the weight of the water in each edge [Pa], (edges,); `of` are the arrays if not the solver's own."""
        return self._misweighed(self.settings.water.density(old.mean), new, of or self.arrays)

    def _misweighed(self, rho: Floats, field: Field, arrays: Arrays) -> Floats:
        """Weight [Pa] by which water of density rho [kg/m3] differs from that of its temperature, (edges,)."""
        height = arrays.net[Node].height
        lift = self.scene.gravity * (height[arrays.tail] - height[arrays.head])
        return np.abs(lift * (rho - self.settings.water.density(field.mean)))

    def first_field(self, start: State | None) -> Field:
        """Temperatures that the iteration begins with: those of `start`, or usual ones."""
        arrays = self.arrays
        if start is None or not (start.t.size == arrays.nodes and start.t_in.size == arrays.edges):
            return self.field
        mean = thermal.means(arrays, np.abs(start.m), start.t_in, start.t_out, self.settings.water)
        return Field(start.t, start.t_in, start.t_out, mean, start.still)

    def _first_flows(self, given: Task, start: State | None) -> Flows:
        fresh, arrays = hydraulic.start(given), self.arrays
        if start is None or not start.converged or start.m.size != self.arrays.edges:
            return fresh
        usable = (start.bound < hydraulic.SHUT) & (fresh.bound < hydraulic.SHUT)  # what was shut has no flow to begin from
        bound = np.where(usable, start.bound, fresh.bound).astype(np.int32)
        p = np.empty(arrays.clusters.count)
        p[arrays.clusters.of] = start.p - given.offset
        u = start.u if start.u.size == fresh.u.size else fresh.u
        return replace(fresh, m=np.where(usable, start.m, fresh.m), bound=bound, p=np.where(np.isnan(p), fresh.p, p), u=u)

    def _stuck(self, at: Pass, steps: int, turn: int) -> State:
        """State of a hydraulic solve that failed, with the edges that stand in the way."""
        status, names, off = obstacles(at.task, at.flows)
        return self._ended(at, at.field, status, off + some(names), steps, turn)

    def _ended(self, at: Pass | None, field: Field, status: Status, detail: str, steps: int, turns: int) -> State:
        arrays = self.arrays
        m = np.zeros(arrays.edges) if at is None else at.m
        p = np.full(arrays.nodes, np.nan) if at is None else np.where(
            arrays.lost, np.nan, at.flows.p[arrays.clusters.of] + at.task.offset
        )
        bound = np.zeros(arrays.edges, dtype=np.int32) if at is None else at.flows.bound
        enters, left = entering_and_imbalance(arrays, m)
        residuals = Residuals(*[np.nan] * 6)
        if at is not None:
            residuals = Residuals(at.pressure_residual, float(np.abs(left).max(initial=0.0)), 0.0, 0.0, 0.0, 0.0)
        state = State(
            arrays, self.settings, self.scene, m, p, field.node, field.inlet, field.outlet, field.still,
            np.where(arrays.held, enters, 0.0), bound, status, detail, steps, turns, residuals,
            np.zeros(0) if at is None else at.flows.u,
        )
        if at is None or not self.settings.heat:
            return state
        return replace(state, residuals=account(state, at.pressure_residual, at.rho, enters, left))

    def _note(self, weights: Weights, at: Pass, field: Field) -> str:
        """What was settled by a mean, and pressures beyond all measure, in words."""
        off = np.nan_to_num(self._misweighed(weights.kept, field, self.arrays), nan=-1.0)
        mean = mean_weights(self.arrays, np.argsort(-off)[: np.count_nonzero(off >= 0.0)])
        return "; ".join(part for part in (mean, beyond(at.task, at.flows)) if part)
