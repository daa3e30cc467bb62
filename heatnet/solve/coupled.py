"""Passes between flows and temperatures until both agree.

Flows of heat-driven edges (load consumers, plants of given heat) follow from inlet temperatures and feed back on them, densities
drive flows and follow from them: `relax` says how far each goes in one pass.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from heatnet.arrays import Arrays, compile
from heatnet.components import Consumer, Plant, Scene
from heatnet.errors import NotSolved
from heatnet.friction import LAWS
from heatnet.network import Network, Node
from heatnet.schema import Bools, Floats
from heatnet.solve import hydraulic, thermal
from heatnet.solve.hydraulic import Flows, Task
from heatnet.solve.relax import Damped, Temperatures, bounds
from heatnet.solve.settings import Settings, Status
from heatnet.solve.state import Residuals, State
from heatnet.solve.task import conflicts, edge_name, entering, flows, imbalance, task
from heatnet.solve.thermal import Field

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
        wanted: Damped | None = None
        way = Temperatures.at(field)
        steps = 0
        now: _Pass | None = None
        for turn in range(1, settings.max_passes + 1):
            fluid = thermal.fluids(self.arrays, settings.water, field)
            fresh = task(self.arrays, fluid, field, self.scene, settings.friction)
            if names := conflicts(fresh):
                return self._ended(None, field, Status.CONFLICT, _some(names), steps, turn)
            if wanted is None or done is None:
                wanted = Damped.at(fresh.upper)
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
                return self._stuck(_Pass(given, done, m, field), steps, turn)
            now = _Pass(given, done, m, field)
            if not settings.heat:
                return self._ended(now, field, Status.CONVERGED, "", steps, turn)
            new = thermal.sweep(self.arrays, lines, m, field, fluid, self.scene, settings.water, entering(self.arrays, m))
            change = _largest_change(field, new, m)
            moved = np.abs(new.node - field.node)
            heavier = self._weight_change(field, new)
            agree = change <= settings.temperature_tolerance and heavier <= 10 * settings.pressure_tolerance
            if turn > 1 and agree and shift <= settings.flow_tolerance:
                return self._ended(replace(now, field=new), new, Status.CONVERGED, "", steps, turn)
            way = way.towards(new)
            field = way.field(new)
            now = replace(now, field=field)
        worst = _some(self.arrays.net[Node].id[np.argsort(-moved)[:5]])
        return self._ended(now, field, Status.MAX_PASSES, f"last change {change:.2g} K near {worst}", steps, turn)

    def _weight_change(self, old: Field, new: Field) -> float:
        """Largest change of the weight of the water in an edge [Pa]."""
        arrays, density = self.arrays, self.settings.water.density
        height = arrays.net[Node].height
        lift = self.scene.gravity * (height[arrays.tail] - height[arrays.head])
        return float(np.abs(lift * (density(new.mean) - density(old.mean))).max(initial=0.0))

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
        gap = np.abs(_edge_residual(at))
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
            Residuals(np.nan, np.nan, np.nan, np.nan, np.nan),
        )
        return state if at is None else replace(state, residuals=self._residuals(state, at))

    def _residuals(self, state: State, at: _Pass) -> Residuals:
        """Every equation once more, from the final flows, pressures and temperatures."""
        arrays, water, m = self.arrays, self.settings.water, state.m
        mass = np.abs(imbalance(arrays, m)).max(initial=0.0)
        pressure = float(np.abs(_edge_residual(at)).max(initial=0.0))
        if not self.settings.heat:
            return Residuals(pressure, float(mass), 0.0, 0.0, 0.0)
        node, q = water.enthalpy(state.t), np.where(np.abs(m) > thermal.STILL, np.abs(m), 0.0)
        outlet = q * water.enthalpy(state.t_out)
        down = np.where(m >= 0.0, arrays.head, arrays.tail)
        enters = entering(arrays, m)
        given = arrays.net[Node].inflow_temperature
        fed = np.where(np.isnan(given), 0.0, np.maximum(enters, 0.0))
        fed_heat = fed * water.enthalpy(np.where(np.isnan(given), 300.0, given))
        arrives = np.bincount(down, q, minlength=arrays.nodes) + fed
        energy = np.bincount(down, outlet, minlength=arrays.nodes) + fed_heat - arrives * node
        energy = np.where(state.still, 0.0, energy)
        own = enters - fed  # enters or leaves at the node's own temperature
        total = float(np.sum(fed_heat + own * node) - np.sum(q * water.enthalpy(state.t_in) - outlet))
        consumer = arrays.net[Consumer]
        served = (consumer.control == "load") & (state.bound[state.of(Consumer)] == hydraulic.UPPER)
        load = np.where(served, state.heat(Consumer) - state.wanted(), 0.0)
        return Residuals(
            pressure, float(mass), float(np.abs(energy).max(initial=0.0)), float(np.abs(load).max(initial=0.0)), abs(total)
        )


def _edge_residual(at: _Pass) -> Floats:
    """Violation of each edge equation [Pa], (edges,): of the law where flow is free, of its inequality at a bound."""
    given, arrays = at.task, at.task.arrays
    loss, slope = np.zeros(arrays.edges), np.ones(arrays.edges)
    given.losses(at.flows.m, loss, slope)
    p, bound = at.flows.p, at.flows.bound
    gap = p[arrays.clusters.of[arrays.tail]] - p[arrays.clusters.of[arrays.head]] + given.drive - loss
    free: Bools = bound == hydraulic.FREE
    choice = given.lower < given.upper
    high = (bound == hydraulic.UPPER) & choice
    low = (bound == hydraulic.LOWER) & choice
    return np.where(free, gap, np.where(high, np.minimum(gap, 0.0), np.where(low, np.maximum(gap, 0.0), 0.0)))


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
