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
from heatnet.program import GROUP
from heatnet.schema import Floats
from heatnet.solve import hydraulic
from heatnet.solve.heat_pass import Plants, balances, hand_back, heat_pass
from heatnet.solve.hydraulic import Flows, Iterate, Run
from heatnet.solve.rigid import flows_of_rigid
from heatnet.solve.settings import Settings, Status
from heatnet.solve.space import Spaces
from heatnet.solve.state import Residuals, State
from heatnet.solve.statics import Statics
from heatnet.solve.sweep import water_pass
from heatnet.solve.thermal import Field, extremes
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

    def take(self, other: Warmth) -> None:
        """Become another one, in place, its rooms unknown."""
        self.theta[:], self.fields[:], self.rooms[:] = other.theta, other.fields, np.nan


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
        self, arrays: Arrays, settings: Settings, scene: Scene, run: Run, fixed: Statics, spaces: Spaces[hydraulic.Space] | None,
        cold: Field,
    ) -> None:
        plan, water, room = arrays.program, settings.water, fixed.wires.room
        self.arrays, self.settings, self.scene, self.fixed, self.spaces = arrays, settings, scene, fixed, spaces
        self.run = replace(run, coefficients=run.coefficients.copy(), drive=run.drive.copy())  # changed from pass to pass
        self.rho, self.arrives = np.ones(plan.links), np.zeros(room)
        self.work = (
            np.ones(plan.links), np.zeros(plan.links), np.zeros(plan.links), np.zeros(room), np.zeros(arrays.nodes, dtype=np.int32),
            np.zeros(arrays.nodes + 1, dtype=np.int32), np.zeros(plan.links, dtype=np.int32), np.full(plan.links, 2, dtype=np.int32),
        )
        self.water = (True, water.rho, water.mu, water.cp) if isinstance(water, ConstantWater) else (False, 0.0, 0.0, 0.0)
        coldest, warmest = extremes(arrays, scene)
        self.limits = coldest - KELVIN, warmest - KELVIN, scene.ground - KELVIN
        self.houses, self.plants = (fixed.building, fixed.link, fixed.filled), _plants(arrays, scene)
        self.first, self.rim = self.warmth(cold), flows_of_rigid(arrays, plan.place)
        self.now = self.warmth(cold)
        self.begin = hydraulic.start(run.task)
        self.cold = hydraulic.begin(run, self.begin)
        self.at = self.cold.copy()
        self.net = np.zeros(room), np.zeros(room)
        self.net[0][fixed.wires.rank] = arrays.held
        self.net[1][fixed.wires.rank] = np.where(arrays.lost, 0.0, arrays.net[Node].inflow)

    def laws(self, mean: Floats) -> Run:
        """The hydraulic problem at mean temperatures of the links [degC]."""
        run, plan, fixed = self.run, self.arrays.program, self.fixed
        water_pass(self.water, plan.spans, mean, fixed.base, fixed.weight, run.drive, run.coefficients, self.rho)
        part = self.arrays.part(Pump)
        if len(part.table):
            here = plan.place[part.span]
            rho = self.rho[here]
            run.coefficients[:, here] = part.table.law(Fluid(rho, rho, rho), self.settings.friction, self.scene).coefficients()
        if not run.chosen.size:
            return run
        return replace(run, limits=hydraulic.limits_of(run))

    def temperatures(self, m: Floats, warmth: Warmth) -> float:
        """One thermal pass at the flows of all links [kg/s], in place; the largest change [K], NaN where water runs in circles."""
        lines = self.fixed.wires
        return heat_pass(
            self.water, self.arrays.program.spans, (lines.tail, lines.head, lines.first, lines.touching), self.fixed.lasting, self.houses,
            self.plants, m, (warmth.theta, warmth.fields, warmth.rooms), self.work, self.limits,
        )

    def result(self, flows: Flows, at: Iterate, warmth: Warmth, pressure: float, turn: int) -> State:
        """The answer in the order of nodes and edges, with its residuals."""
        arrays, lines = self.arrays, self.fixed.wires
        plan = arrays.program
        heat = warmth.theta, warmth.fields, warmth.rooms
        still = self.work[3][lines.rank] <= 0.0
        mass, worst, total, weight = balances(
            self.water, plan.spans, (lines.tail, lines.head), at.m, heat, self.fixed.weight, self.rho, self.arrives, self.net, still.size
        )
        edges, nodes = np.empty((3, plan.place.size)), np.empty((2, still.size))
        hand_back(plan.place, lines.rank, at.m, warmth.fields, warmth.theta, self.arrives, edges, nodes)
        p = np.where(arrays.lost, np.nan, flows.p[arrays.clusters.of] + self.run.task.offset)
        return State(
            arrays, self.settings, self.scene, edges[0], p, nodes[0], edges[1], edges[2], still, nodes[1], flows.bound, Status.CONVERGED,
            "", flows.steps, turn, Residuals(pressure, mass, worst, 0.0, total, weight), flows.u,
        )

    def warmth(self, field: Field) -> Warmth:
        """Temperatures of nodes and edges as the passes want them."""
        plan, lines = self.arrays.program, self.fixed.wires
        theta = np.full(lines.room, self.scene.ground - KELVIN)
        theta[lines.rank] = field.node - KELVIN
        fields = np.stack([row[plan.edge] - KELVIN for row in (field.inlet, field.outlet, field.mean)])
        return Warmth(theta, fields, np.full((3, self.fixed.link.size), np.nan))


def _plants(arrays: Arrays, scene: Scene) -> Plants:
    """Plants as heat_pass wants them, filled up with the last one again."""
    table = arrays.net[Plant]
    rows = np.arange(-(-len(table) // GROUP) * GROUP).clip(max=max(len(table) - 1, 0))
    capacity = np.where(np.isnan(table.capacity), np.inf, table.capacity)
    values = np.stack([scene.supply - KELVIN, capacity, np.zeros(capacity.size)])  # with an order of use there are no plain passes
    return np.ascontiguousarray(values[:, rows]), arrays.program.place[arrays.part(Plant).span][rows]


def solve(passes: Passes, start: tuple[Flows, Field] | None, *, warm: bool) -> State | None:
    """Passes until flows and temperatures agree, from `start` if given; None where they do not get there.

    `warm` says that `start` is an answer of a similar problem.
    """
    settings, warmth, at, rim = passes.settings, passes.now, passes.at, passes.rim
    first = passes.begin if start is None else start[0]
    begin = passes.cold if start is None else hydraulic.begin(passes.run, first)
    at.take(begin, begin.u)
    warmth.take(passes.first if start is None else passes.warmth(start[1]))
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
        if not outcome.converged or np.abs(at.p).max(initial=0.0) > hydraulic.IMMENSE:
            return None
        rim.fill(at.m)
        change = passes.temperatures(at.m, warmth)
        ahead = change * change / before if change < CLEAR * before < np.inf else change  # what the next pass would change
        if ahead <= settings.temperature_tolerance and not loose:
            if change > 0.1 * settings.temperature_tolerance:
                passes.temperatures(at.m, warmth)  # heat capacities of the last pass for the last balances
            flows = replace(hydraulic.finish(run, at, first, outcome), steps=steps)
            worst = float(np.abs(hydraulic.residual(run, at)).max(initial=0.0))
            return passes.result(flows, at, warmth, worst, turn)
        if not change < (STALLED * before if turn > 3 else np.inf):
            return None
        before = change
    return None
