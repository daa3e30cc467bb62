"""Flows and temperatures of networks whose flows do not follow from temperatures: plain passes, all in kernels.

Where every consumer is a valve or takes a given flow, temperatures act on flows through viscosity and density only, by some
percent, so that passes need no care: each cuts the error some hundredfold. `coupled` goes on where they do not.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from heatnet.arrays import Arrays
from heatnet.components import Consumer, Fluid, Pipe, Plant, Pump, Scene, Valve
from heatnet.components.valve import KV
from heatnet.merging import Clusters
from heatnet.network import Node
from heatnet.program import GROUP
from heatnet.schema import Floats, Ints
from heatnet.solve import hydraulic
from heatnet.solve.hydraulic import Flows, Run
from heatnet.solve.settings import Settings
from heatnet.solve.space import Spaces
from heatnet.solve.sweep import STILL, flow_order, outlet_pass, rooms_pass, settle_pass, sweep_pass, water_pass
from heatnet.solve.thermal import CREEPING, Field, extremes
from heatnet.units import KELVIN
from heatnet.water import ConstantWater

PASSES = 15  # more are needed only where weight and flow play with each other: not for plain passes
LOOSE = (1000.0, 1.0)  # Pa, tolerances of the first passes, whose temperatures are still some kelvin off
MATRIX = 60  # links at rigid edges up to which a matrix is worth its making
CLEAR = 0.05  # share of the change of the last pass below which passes go the same way on
STALLED = 0.5  # share of the change of the last pass above which passes are not getting there


@dataclass(frozen=True)
class Wires:
    """Links by node for the thermal passes, nodes in the order of the hydraulic program for locality."""

    rank: Ints  # (nodes,) place of each node
    tail: Ints  # (links,)
    head: Ints
    first: Ints  # (nodes + 1,)
    touching: Ints  # links at each node
    room: int  # places, filled up to a multiple of 8, dummies included


@dataclass(frozen=True)
class Statics:
    """What no pass changes, in link order."""

    wires: Wires
    base: Floats  # (5, links) see sweep.water_pass
    weight: Floats  # (links,) g times fall
    lasting: Floats  # (2, links) U L [W/K], ground temperature [degC]
    building: Floats  # (5, buildings filled up)
    link: Ints  # of each building
    filled: Ints  # links with buildings


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
    """Whether plain passes can be tried: no flow follows from a temperature, no water of given temperature enters."""
    net = arrays.net
    consumer, plant = net[Consumer], net[Plant]
    driven = (consumer.control == "load") | ~np.isnan(consumer.heat_given)
    level = net[Node].height[arrays.tail[arrays.rigid]] == net[Node].height[arrays.head[arrays.rigid]]
    warm = ~np.isnan(net[Node].inflow_temperature)
    return not (driven.any() or (plant.control == "heat").any() or warm.any() or not level.all() or (scene.terminals.exponent < 1.0).any())


def wires(arrays: Arrays) -> Wires:
    """Wiring of the thermal passes."""
    plan, nodes = arrays.program, arrays.nodes
    order = np.argsort(plan.node[arrays.clusters.of], kind="stable")
    rank = np.empty(nodes, dtype=np.int32)
    rank[order] = np.arange(nodes, dtype=np.int32)
    real = plan.real == 1
    tail = np.where(real, rank[arrays.tail[plan.edge]], nodes).astype(np.int32)
    head = np.where(real, rank[arrays.head[plan.edge]], nodes).astype(np.int32)
    links = np.flatnonzero(real).astype(np.int32)
    ends = np.concatenate([tail[links], head[links]])
    by_node = np.argsort(ends, kind="stable")
    first = np.searchsorted(ends[by_node], np.arange(nodes + 1)).astype(np.int32)
    return Wires(rank, tail, head, first, np.concatenate([links, links])[by_node], -(-(nodes + 1) // GROUP) * GROUP)


def statics(arrays: Arrays, scene: Scene) -> Statics:
    """Statics of a network in a scene."""
    net, plan = arrays.net, arrays.program
    pipe, consumer, valve, node = net[Pipe], net[Consumer], net[Valve], net[Node]
    base, lasting = np.zeros((5, arrays.edges)), np.zeros((2, arrays.edges))
    span = arrays.part(Pipe).span
    area = np.pi**2 * pipe.diameter**4 / 8.0
    base[:3, span] = 4.0 / (np.pi * pipe.diameter), pipe.length / (area * pipe.diameter), pipe.zeta / area
    lasting[:, span] = pipe.loss * pipe.length, np.where(np.isnan(pipe.ground), scene.ground, pipe.ground) - KELVIN
    with np.errstate(divide="ignore"):
        base[0, arrays.part(Valve).span] = KV / (valve.kvs * valve.share()) ** 2
        span = arrays.part(Consumer).span
        by_kvs = KV / (consumer.kvs * np.where(consumer.control == "fixed", consumer.share(), 1.0)) ** 2
    by_need = consumer.needed / np.maximum(consumer.design_flow(scene), 1e-6) ** 2
    without = np.isnan(consumer.kvs)
    base[:2, span] = np.where(without, 0.0, by_kvs), np.where(without, by_need, 0.0)
    fall = scene.gravity * (node.height[arrays.tail] - node.height[arrays.head])
    rise = np.concatenate([part.table.rise() for part in arrays.parts])
    offset = arrays.clusters.offsets(rise[arrays.clusters.edges])
    base[4] = offset[arrays.tail] - offset[arrays.head]
    part = scene.terminals
    of_building = plan.place[span.start + part.consumer] if part.consumer.size else np.zeros(0, dtype=np.int32)
    order = np.argsort(of_building, kind="stable")
    room = -(-order.size // GROUP) * GROUP
    building = np.ones((5, room))
    building[0], building[2], building[4] = 0.0, 1.3, 0.0
    columns = part.share, part.kappa, part.exponent, part.conductance, part.balance - KELVIN
    building[:, : order.size] = np.stack([column[order] for column in columns]) if order.size else 0.0
    link = np.concatenate([of_building[order], np.full(room - order.size, of_building[order[-1]] if order.size else 0)]).astype(np.int32)
    real = plan.real == 1
    return Statics(
        wires(arrays), np.ascontiguousarray(np.where(real, base[:, plan.edge], 1.0)), np.where(real, fall[plan.edge], 0.0),
        np.ascontiguousarray(np.where(real, lasting[:, plan.edge], 0.0)),
        building, link, np.flatnonzero(np.bincount(of_building, minlength=1)).astype(np.int32),
    )


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
        return replace(run, limits=hydraulic.limits(run.task, run.chosen, run.chosen_forms, run.coefficients[:, run.place]))

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
        passes.temperatures(at.m, warmth)
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
        ahead = change * change / before if change < CLEAR * before else change  # what the next pass would change
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


@dataclass(frozen=True)
class Rigid:
    """Flows of the rigid edges from the mass balance of their nodes, worked out from the links that touch these only."""

    clusters: Clusters
    links: Ints  # (rigid,) their links
    tail: Ints
    head: Ints
    touching: Ints  # other links at their nodes
    node: Ints  # node of each of these
    sign: Floats
    inflow: Floats  # (nodes,)
    matrix: Floats | None  # (rigid, touching): flows by those of the touching links, where there are not too many
    constant: Floats  # (rigid,) flows that carry the inflow of the nodes

    def clear(self, m: Floats) -> None:
        """No flow: the hydraulic kernel knows nothing of rigid links."""
        m[self.links] = 0.0

    def fill(self, m: Floats) -> None:
        """Flows of the rigid links, in place, m (links,)."""
        if self.matrix is not None:
            m[self.links] = self.matrix @ m[self.touching] + self.constant
        elif self.links.size:
            m[self.links] = self.flows(m, self.inflow)

    def fill_all(self, m: Floats, inflows: list[Floats | None]) -> None:
        """The same for many, m (scenarios, links), with the inflow of each, None for the network's own."""
        if self.matrix is not None and all(inflow is None for inflow in inflows):
            m[:, self.links] = m[:, self.touching] @ self.matrix.T + self.constant
        elif self.links.size:
            for row, inflow in zip(m, inflows, strict=True):
                row[self.links] = self.flows(row, self.inflow if inflow is None else inflow)

    def flows(self, m: Floats, inflow: Floats) -> Floats:
        """Flows of the rigid links [kg/s], (rigid,), at flows m of the others and inflow of the nodes."""
        surplus = inflow + np.bincount(self.node, self.sign * m[self.touching], minlength=inflow.size)
        return self.clusters.flows(self.tail, self.head, surplus)


def flows_of_rigid(arrays: Arrays, place: Ints) -> Rigid:
    """How the rigid edges of a network get their flows; `place` is where each edge stands among the flows, (edges,)."""
    rigid = arrays.clusters.edges
    inflow = np.where(arrays.lost, 0.0, arrays.net[Node].inflow)
    ends = np.zeros(arrays.nodes, dtype=bool)
    ends[arrays.tail[rigid]] = ends[arrays.head[rigid]] = True
    out, into = np.flatnonzero(ends[arrays.tail] & ~arrays.rigid), np.flatnonzero(ends[arrays.head] & ~arrays.rigid)
    node = np.concatenate([arrays.tail[out], arrays.head[into]])
    sign = np.concatenate([np.full(out.size, -1.0), np.ones(into.size)])
    plain = Rigid(
        arrays.clusters, place[rigid], arrays.tail, arrays.head, place[np.concatenate([out, into])], node, sign, inflow, None, np.zeros(0)
    )
    if rigid.size == 0 or node.size > MATRIX:
        return plain
    m = np.zeros(place.max(initial=0) + 1)
    rows = []
    for link in plain.touching:
        m[link] = 1.0
        rows.append(plain.flows(m, np.zeros(arrays.nodes)))
        m[link] = 0.0
    # a link that touches at both ends stands there twice, and each time with all of its effect
    twice = np.bincount(plain.touching)[plain.touching] if node.size else np.zeros(0)
    matrix = np.array(rows).reshape(-1, rigid.size).T / twice
    return replace(plain, matrix=np.ascontiguousarray(matrix), constant=plain.flows(m, inflow))
