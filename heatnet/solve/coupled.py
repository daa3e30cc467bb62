"""Passes between flows and temperatures until both agree.

Flows of heat-driven edges (load consumers, plants of given heat) follow from inlet temperatures and feed back on them, densities
drive flows and follow from them: `relax` says how far each goes in one pass.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from heatnet.arrays import Arrays, compile
from heatnet.components import Plant, Scene
from heatnet.errors import NotSolved
from heatnet.friction import LAWS
from heatnet.network import Network, Node
from heatnet.schema import Floats
from heatnet.solve import hydraulic, thermal
from heatnet.solve.hydraulic import Flows, Task
from heatnet.solve.relax import Bounds, Temperatures, Weights, bounds
from heatnet.solve.residuals import account, edge_residual
from heatnet.solve.settings import Settings, Status
from heatnet.solve.state import Residuals, State
from heatnet.solve.task import conflicts, edge_name, entering, flows, task
from heatnet.solve.thermal import Field

RESTLESS = 30  # passes after which weights that still swing are given their mean
STANDING = 0.1  # share of the usual flow (0.05 m/s in pipes) below which water all but stands
FIRST_RISE = 25.0  # K, first guess of the rise over a plant: with none, given heat would ask for an immense flow

CREEPING = 1e-4  # -, of the largest flow: below it the tolerance of temperature grows as the flow falls


def solve(model: Network | Arrays, settings: Settings | None = None, *, start: State | None = None, throw: bool = True) -> State:
    """Steady state of a network, from the state of a similar one if `start` is given.

    ModelError if the model breaks a rule. If there is no answer: NotSolved, or with throw=False a State whose status
    says why.
    """
    settings = settings or Settings()
    if settings.friction not in LAWS:
        raise ValueError(f"'{settings.friction}' is not a friction law; known: {', '.join(LAWS)}")
    arrays = model if isinstance(model, Arrays) else compile(model)
    state = _Solver(arrays, settings, arrays.scene(settings.water, settings.gravity)).run(start)
    if throw and not state.converged:
        raise NotSolved(state)
    return state


@dataclass(frozen=True)
class _Pass:
    """Where the iteration stands after a pass."""

    task: Task
    flows: Flows
    m: Floats  # (edges,) with rigid edges
    field: Field
    rho: Floats  # (edges,) kg/m3, that the water was weighed with


@dataclass(frozen=True)
class _Solver:
    arrays: Arrays
    settings: Settings
    scene: Scene

    def run(self, start: State | None) -> State:
        """All passes; the state at convergence or at the first failure."""
        settings, field = self.settings, self._first_field(start)
        if self.arrays.driven.size:
            return self._ended(None, field, Status.NO_PRESSURE_HELD, _some(self.arrays.driven), 0, 0)
        lines = thermal.wiring(self.arrays)
        done: Flows | None = None
        wanted: Bounds | None = None
        way = Temperatures.at(field)
        weights: Weights | None = None
        steps = 0
        now: _Pass | None = None
        for turn in range(1, settings.max_passes + 1):
            fluid = thermal.fluids(self.arrays, settings.water, field)
            rho = np.concatenate([water.rho for water in fluid])
            weights = weights.seen(rho) if weights else Weights.at(rho)
            fresh = task(self.arrays, fluid, field, self.scene, settings.friction, weights.used(rho))
            if names := conflicts(fresh):
                return self._ended(None, field, Status.CONFLICT, _some(names), steps, turn)
            if wanted is None or done is None:
                wanted = Bounds.at(fresh.upper)
            else:
                wanted = bounds(self.arrays, self.scene, field, wanted, fresh.upper, done.m)
            upper = wanted.value
            shift = _change(upper, fresh.upper)
            given = replace(fresh, upper=upper, lower=np.where(fresh.lower == fresh.upper, upper, fresh.lower))
            first = done or self._first_flows(given, start)
            tight = settings.mass_tolerance + 1e-13 * float(np.abs(first.m).max(initial=0.0))
            done = hydraulic.solve(given, first, settings.pressure_tolerance, tight, settings.max_steps)
            steps += done.steps
            m = flows(given, done.m)
            if not done.converged or np.abs(done.p).max(initial=0.0) > hydraulic.IMMENSE:
                return self._stuck(_Pass(given, done, m, field, weights.used(rho)), steps, turn)
            now = _Pass(given, done, m, field, weights.used(rho))
            if not settings.heat:
                return self._ended(now, field, Status.CONVERGED, "", steps, turn)
            new = thermal.sweep(self.arrays, lines, m, field, fluid, self.scene, settings.water, entering(self.arrays, m))
            change = _largest_change(field, new, m)
            moved = np.abs(new.node - field.node)
            swinging = (self._weight_change(field, new) > 10 * settings.pressure_tolerance) & np.isnan(weights.kept)
            agree = change <= settings.temperature_tolerance and not swinging.any()
            if turn > 1 and agree and shift <= settings.flow_tolerance:
                return self._ended(replace(now, field=new), new, Status.CONVERGED, self._note(weights), steps, turn)
            if turn >= RESTLESS and turn % (RESTLESS // 2) == 0:
                weights = weights.keep(swinging & (np.abs(m) < STANDING * given.guess))
            way = way.towards(new)
            field = way.field(new)
            now = replace(now, field=field)
        worst = _some(self.arrays.net[Node].id[np.argsort(-moved)[:5]])
        return self._ended(now, field, Status.MAX_PASSES, f"last change {change:.2g} K near {worst}", steps, turn)

    def _weight_change(self, old: Field, new: Field) -> Floats:
        """Change of the weight of the water in each edge [Pa], (edges,)."""
        arrays, density = self.arrays, self.settings.water.density
        height = arrays.net[Node].height
        lift = self.scene.gravity * (height[arrays.tail] - height[arrays.head])
        return np.abs(lift * (density(new.mean) - density(old.mean)))

    def _first_field(self, start: State | None) -> Field:
        arrays, heat = self.arrays, self.settings.heat
        if start is not None and start.t.size == arrays.nodes and start.t_in.size == arrays.edges and heat:
            mean = thermal.means(arrays, np.abs(start.m), start.t_in, start.t_out, self.settings.water)
            return Field(start.t, start.t_in, start.t_out, mean, start.still)
        warm = float(self.scene.supply.mean()) if self.scene.supply.size and heat else self.settings.temperature
        edges = np.full(arrays.edges, warm)
        inlet = edges.copy()
        inlet[arrays.part(Plant).span] -= FIRST_RISE
        return Field(np.full(arrays.nodes, warm), inlet, edges, edges, np.zeros(arrays.nodes, dtype=bool))

    def _first_flows(self, given: Task, start: State | None) -> Flows:
        fresh = hydraulic.start(given)
        if start is None or not start.converged or start.m.size != self.arrays.edges:
            return fresh
        usable = (start.bound < hydraulic.SHUT) & (fresh.bound < hydraulic.SHUT)  # what was shut has no flow to begin from
        bound = np.where(usable, start.bound, fresh.bound).astype(np.int32)
        return replace(fresh, m=np.where(usable, start.m, fresh.m), bound=bound)

    def _stuck(self, at: _Pass, steps: int, turn: int) -> State:
        """State of a hydraulic solve that failed, with the edges that stand in the way."""
        arrays, given = self.arrays, at.task
        immense = np.abs(at.flows.p) > hydraulic.IMMENSE
        if immense.any() or not np.isfinite(at.flows.p).all():
            ends = immense[arrays.clusters.of]
            given_flow = (given.lower == given.upper) & (given.upper != 0.0) & ~arrays.dead & (ends[arrays.tail] | ends[arrays.head])
            names = [edge_name(arrays, int(edge)) for edge in np.flatnonzero(given_flow)]
            names += [f"node '{name}'" for name in arrays.net[Node].id[ends & (arrays.net[Node].inflow != 0.0)]]
            return self._ended(at, at.field, Status.IMPOSSIBLE_LIMITS, _some(names), steps, turn)
        gap = np.abs(edge_residual(at.task, at.flows))
        names = [edge_name(arrays, int(edge)) for edge in np.argsort(-gap)[:5]]
        detail = f"largest residual {at.flows.pressure_residual:.2g} Pa, {at.flows.mass_residual:.2g} kg/s; {_some(names)}"
        return self._ended(at, at.field, Status.MAX_STEPS, detail, steps, turn)

    def _ended(self, at: _Pass | None, field: Field, status: Status, detail: str, steps: int, turns: int) -> State:
        arrays = self.arrays
        m = np.zeros(arrays.edges) if at is None else at.m
        p = np.full(arrays.nodes, np.nan) if at is None else np.where(
            arrays.lost, np.nan, at.flows.p[arrays.clusters.of] + at.task.offset
        )
        bound = np.zeros(arrays.edges, dtype=np.int32) if at is None else at.flows.bound
        state = State(
            arrays, self.settings, self.scene, m, p, field.node, field.inlet, field.outlet, field.still,
            np.where(arrays.held, entering(arrays, m), 0.0), bound, status, detail, steps, turns,
            Residuals(np.nan, np.nan, np.nan, np.nan, np.nan, np.nan),
        )
        return state if at is None else replace(state, residuals=account(state, at.task, at.flows, at.rho))

    def _note(self, weights: Weights) -> str:
        """What was settled by a mean, in words."""
        kept = np.flatnonzero(~np.isnan(weights.kept))
        names = _some([edge_name(self.arrays, int(edge)) for edge in kept])
        return f"where water all but stands and turns with its own weight, the mean of that is used ({names})" if kept.size else ""


def _change(upper: Floats, asked: Floats) -> float:
    finite = np.isfinite(asked)
    return float(np.max(np.abs(upper[finite] - asked[finite]) / (np.abs(asked[finite]) + 1e-12), initial=0.0))


def _largest_change(old: Field, new: Field, m: Floats) -> float:
    """Largest change of a temperature [K]; where water all but stands its share of the heat counts, for rounding moves it."""
    q = np.abs(m)
    weight = np.minimum(q / (CREEPING * float(q.max(initial=0.0)) + thermal.STILL), 1.0)
    pairs = ((old.inlet, new.inlet), (old.outlet, new.outlet))
    return max(float((weight * np.abs(a - b)).max(initial=0.0)) for a, b in pairs)


def _some(names: object) -> str:
    listed = [str(name) for name in names]  # type: ignore[attr-defined]
    return ", ".join(listed[:8]) + (f" and {len(listed) - 8} more" if len(listed) > 8 else "")
