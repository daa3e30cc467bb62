"""Flows and temperatures of networks whose flows do not follow from temperatures: plain passes, all in kernels.

Where every consumer is a valve or takes a given flow, temperatures act on flows through viscosity and density only, by some
percent, so that passes need no care: each cuts the error some hundredfold. `coupled` goes on where they do not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from heatnet.arrays import Arrays
from heatnet.components import Consumer, Exchanger, Fluid, Plant, Pump, Scene
from heatnet.network import Node
from heatnet.schema import Floats
from heatnet.solve import hydraulic
from heatnet.solve.hydraulic import Flows, Run
from heatnet.solve.rigid import flows_of_rigid
from heatnet.solve.settings import Settings
from heatnet.solve.space import Spaces
from heatnet.solve.statics import Statics
from heatnet.solve.sweep import STILL, flow_order, outlet_pass, rooms_pass, settle_pass, sweep_pass, water_pass
from heatnet.solve.thermal import CREEPING, Field, extremes
from heatnet.units import KELVIN
from heatnet.water import ConstantWater

PASSES = 15  # more are needed only where weight and flow play with each other: not for plain passes
LOOSE = (1000.0, 1.0)  # Pa, tolerances of the first passes, whose temperatures are still some kelvin off
CLEAR = 0.05  # share of the change of the last pass below which passes go the same way on
STALLED = 0.5  # share of the change of the last pass above which passes are not getting there


@dataclass(frozen=True)
class Warmth:
    """Temperatures on their way, in degC."""

    theta: Floats  # (places,)
    fields: Floats  # (3, links) inlet, outlet, mean
    rooms: Floats  # (3, buildings filled up) temperature [degC], heat [W], gain [-]


@dataclass(frozen=True)
class Quick:
    """The answer of plain passes."""

    flows: Flows
    m: Floats  # (edges,) with rigid edges
    field: Field
    rho: Floats  # (edges,)
    pressure_residual: float  # Pa
    steps: int
    passes: int


def plain(arrays: Arrays, scene: Scene) -> bool:
    """Whether plain passes can be tried: no flow follows from a temperature, no exchangers, no water of given temperature enters."""
    net = arrays.net
    consumer, plant = net[Consumer], net[Plant]
    driven = (consumer.control == "load") | (consumer.control == "thermostatic") | ~np.isnan(consumer.heat_given)
    driven |= ~np.isnan(consumer.difference)  # what a controller lets pass follows from the density
    if len(arrays.regulated) or plant.order.any() or len(net[Exchanger]):
        return False
    level = net[Node].height[arrays.tail[arrays.rigid]] == net[Node].height[arrays.head[arrays.rigid]]
    warm = ~np.isnan(net[Node].inflow_temperature)
    return not (driven.any() or (plant.control == "heat").any() or warm.any() or not level.all() or (scene.terminals.exponent < 1.0).any())


class Passes:
    """Plain passes of one network in one scene: work arrays, and the steps of a pass."""

    def __init__(
        self, arrays: Arrays, settings: Settings, scene: Scene, run: Run, fixed: Statics, spaces: Spaces[hydraulic.Space] | None
    ) -> None:
        plan, water = arrays.program, settings.water
        self.arrays, self.settings, self.scene, self.fixed, self.spaces = arrays, settings, scene, fixed, spaces
        self.run = replace(run, coefficients=run.coefficients.copy(), drive=run.drive.copy())  # changed from pass to pass
        self.a, self.b, self.heat, self.rho = np.ones(plan.links), np.zeros(plan.links), np.zeros(plan.links), np.ones(plan.links)
        self.arrives = np.zeros(fixed.wires.room)
        self.order, self.begin = np.zeros(arrays.nodes, dtype=np.int32), np.zeros(arrays.nodes + 1, dtype=np.int32)
        self.out, self.ways = np.zeros(plan.links, dtype=np.int32), np.zeros(0)
        self.water = (True, water.rho, water.mu, water.cp) if isinstance(water, ConstantWater) else (False, 0.0, 0.0, 0.0)
        self.cold, self.warm = (t - KELVIN for t in extremes(arrays, scene))

    def laws(self, mean: Floats) -> Run:
        """The hydraulic problem at mean temperatures of the links [degC]."""
        run, plan, fixed = self.run, self.arrays.program, self.fixed
        water_pass(self.water, plan.spans, mean, fixed.base, fixed.weight, run.drive, run.coefficients, self.rho)
        for kind in (Pump, Plant):
            part = self.arrays.part(kind)
            if len(part.table):
                here = plan.place[part.span]
                rho = self.rho[here]
                rows = part.table.law(Fluid(rho, rho, rho), self.settings.friction, self.scene).coefficients()
                run.coefficients[: len(rows), here] = rows
        if not run.chosen.size:
            return run
        return replace(run, limits=hydraulic.limits_of(run))

    def temperatures(self, m: Floats, warmth: Warmth) -> float:
        """One thermal pass at the flows of all links [kg/s], in place; the largest change [K], NaN where water runs in circles."""
        plan, fixed, lines = self.arrays.program, self.fixed, self.fixed.wires
        inlet, outlet = warmth.fields[0], warmth.fields[1]
        rooms_pass(self.water, fixed.building, fixed.link, fixed.filled, m, inlet, outlet, warmth.rooms, self.a, self.b)
        self._plants(m, inlet, outlet)
        outlet_pass(self.water, plan.spans, fixed.lasting, m, inlet, outlet, self.a, self.b, self.heat)
        ways = np.where(np.abs(m) > STILL, np.sign(m), 0.0) * (self.a > 0.0)
        if not np.array_equal(ways, self.ways):
            self.ways = ways
            reached = flow_order(m, self.a, lines.tail, lines.head, lines.first, lines.touching, self.order, self.begin, self.out)
            if reached < self.arrays.nodes:
                return float("nan")
        sweep_pass(
            self.water, self.order, self.begin, self.out, m, lines.tail, lines.head, self.a, self.b, self.heat,
            self.scene.ground - KELVIN, warmth.theta, self.arrives,
        )
        np.clip(warmth.theta, self.cold, self.warm, out=warmth.theta)
        least = CREEPING * float(np.abs(m).max(initial=0.0)) + STILL
        limits = self.cold, self.warm, least
        ends = lines.tail, lines.head
        return settle_pass(self.water, plan.spans, fixed.lasting, ends, m, warmth.theta, self.a, self.b, warmth.fields, limits)

    def _plants(self, m: Floats, inlet: Floats, outlet: Floats) -> None:
        part = self.arrays.part(Plant)
        if not len(part.table):
            return
        here = self.arrays.program.place[part.span]
        t_in, t_out = inlet[here] + KELVIN, outlet[here] + KELVIN
        cp = self.settings.water.secant(t_in, t_out)
        a, b = part.table.heat(np.abs(m[here]), t_in, Fluid(cp, cp, cp), self.scene)
        self.a[here], self.b[here] = a, b + (a - 1.0) * KELVIN

    def field(self, warmth: Warmth) -> Field:
        """Temperatures in the order of nodes and edges [K]."""
        place, rank = self.arrays.program.place, self.fixed.wires.rank
        inlet, outlet, mean = (row[place] + KELVIN for row in warmth.fields)
        return Field(warmth.theta[rank] + KELVIN, inlet, outlet, mean, self.arrives[rank] <= 0.0)

    def warmth(self, field: Field) -> Warmth:
        """The same, from nodes and edges."""
        plan, lines = self.arrays.program, self.fixed.wires
        theta = np.full(lines.room, self.scene.ground - KELVIN)
        theta[lines.rank] = field.node - KELVIN
        fields = np.stack([row[plan.edge] - KELVIN for row in (field.inlet, field.outlet, field.mean)])
        return Warmth(theta, fields, np.full((3, self.fixed.link.size), np.nan))


def solve(passes: Passes, first: Flows, field: Field, *, warm: bool) -> Quick | None:
    """Passes from `first` until flows and temperatures agree; None where they do not get there.

    `warm` says that `first` and `field` are an answer of a similar problem.
    """
    settings, plan = passes.settings, passes.arrays.program
    warmth = passes.warmth(field)
    run, at = passes.run, hydraulic.begin(passes.run, first)
    rim = flows_of_rigid(passes.arrays, plan.place)
    tight = settings.mass_tolerance + 1e-13 * float(np.abs(first.m).max(initial=0.0))
    steps, before = 0, np.inf
    if warm:  # temperatures first: the flows are nearly right
        rim.fill(at.m)
        before = passes.temperatures(at.m, warmth)
    for turn in range(1, PASSES + 1):
        run = passes.laws(warmth.fields[2])
        loose = LOOSE[turn - 1] if turn <= len(LOOSE) and not warm else 0.0
        rim.clear(at.m)
        outcome = hydraulic.iterate(
            run, at, max(settings.pressure_tolerance, loose), max(tight, 1e-6 * loose), settings.max_steps, warm=warm or turn > 1,
            spaces=passes.spaces,
        )
        steps += outcome.steps
        if not outcome.converged:
            return None
        rim.fill(at.m)
        change = passes.temperatures(at.m, warmth)
        ahead = change * change / before if change < CLEAR * before < np.inf else change  # what the next pass would change
        if ahead <= settings.temperature_tolerance and not loose:
            if change > 0.1 * settings.temperature_tolerance:
                passes.temperatures(at.m, warmth)  # heat capacities of the last pass for the last balances
            flows = hydraulic.finish(run, at, first, outcome)
            worst = float(np.abs(hydraulic.residual(run, at)).max(initial=0.0))
            return Quick(flows, at.m[plan.place], passes.field(warmth), passes.rho[plan.place], worst, steps, turn)
        if not change < (STALLED * before if turn > 3 else np.inf):
            return None
        before = change
    return None
