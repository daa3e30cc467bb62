"""Arrays: a checked Network as one numbering of nodes and edges, with everything that depends on topology worked out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from heatnet.change import Scenario
from heatnet.check import check
from heatnet.components import PARTS, Consumer, Edge, Exchanger, Pipe, Plant, Pump, Scene, Terminals
from heatnet.components.terminal import kappa
from heatnet.errors import ModelError
from heatnet.feeding import Feeding, feeding
from heatnet.linear import Laplacian, order
from heatnet.merging import Clusters, cluster
from heatnet.names import Names
from heatnet.network import Building, Network, Node
from heatnet.program import Program, program
from heatnet.regulated import Regulated, regulated
from heatnet.schema import Bools, Floats, Ints, Texts
from heatnet.topology import Ends, sides
from heatnet.water import Water

SHUT = 1e30  # resistance of what is shut, above that of any way
PASSAGES = 3  # pipes, valves, pumps come first among EDGES: water passes; inlets and plants decide how much


@dataclass(frozen=True)
class Part:
    """The edges of one table: rows `span` of the edge numbering."""

    table: Edge
    span: slice


@dataclass(frozen=True)
class Arrays:
    """Topology, elimination order and the tables as slices of one edge numbering, in the order of PARTS."""

    net: Network
    parts: tuple[Part, ...]
    tail: Ints  # (edges,) node index
    head: Ints  # (edges,)
    rigid: Bools  # (edges,)
    held: Bools  # (nodes,)
    clusters: Clusters
    unknown: Ints  # (clusters,) row in the Laplacian, -1 where the pressure is held
    laplacian: Laplacian
    program: Program
    feeding: Feeding
    behind: Ints  # (buildings,) row of the consumer each hangs on
    closed: Bools  # (edges,)
    dead: Bools  # (edges,) closed, or cut off from every held pressure
    lost: Bools  # (nodes,) cut off from every held pressure
    driven: Texts  # ids of plants and pumps in a part where no pressure is held: makes the state undefined

    @property
    def nodes(self) -> int:
        """Number of nodes."""
        return self.held.size

    @property
    def edges(self) -> int:
        """Number of edges."""
        return self.tail.size

    @cached_property
    def regulated(self) -> Regulated:
        """Edges that regulate by what they sense elsewhere."""
        spans = {type(part.table): part.span for part in self.parts}
        return regulated(self.net, spans, (self.tail, self.head), self.dead, self.lost)

    @cached_property
    def kept(self) -> dict[bytes, object]:
        """What was last worked out for many scenarios of this topology, for the next time (heatnet.solve.variant)."""
        return {}

    @cached_property
    def side(self) -> Ints:
        """+1 for supply, -1 for return, 0 where nothing tells, (nodes,)."""
        return sides(self.net, Ends(self.tail, self.head, {type(part.table): part.span for part in self.parts}, self.closed))

    def part(self, kind: type[Edge]) -> Part:
        """The part of one component."""
        return self.parts[PARTS.index(kind)]

    def with_changes(self, scenario: Scenario, *, checked: bool = False) -> Arrays:
        """Arrays of the changed network; the elimination order is kept unless the change alters the topology.

        ModelError with every rule the changed network breaks, unless `checked` says that it was checked before.
        """
        net = self.net.apply(scenario)
        if not checked:
            _must_be_sound(net)
        parts, tail, head = self._parts_of(net)
        rigid, held = _rigid(parts), ~np.isnan(net[Node].pressure)
        if not (np.array_equal(rigid, self.rigid) and np.array_equal(held, self.held)
                and np.array_equal(tail, self.tail) and np.array_equal(head, self.head)):
            return compile(net, checked=True)
        behind = self.behind if net[Building].consumer is self.net[Building].consumer else _behind(net)
        closed = np.concatenate([part.table.closed() for part in parts])
        if np.array_equal(closed, self.closed) and net[Node].inflow is self.net[Node].inflow:
            return replace(self, net=net, parts=parts, behind=behind)
        dead, lost, driven = _reach(net, parts, tail, head, held, closed)
        return replace(self, net=net, parts=parts, behind=behind, closed=closed, dead=dead, lost=lost, driven=driven)

    def _parts_of(self, net: Network) -> tuple[tuple[Part, ...], Ints, Ints]:
        """Parts and ends of a changed network: the same ends where no table has others."""
        if net[Node].id is not self.net[Node].id or any(
            net[kind].tail is not self.net[kind].tail or net[kind].head is not self.net[kind].head for kind in PARTS
        ):
            return _edges(net)
        return tuple(Part(net[type(part.table)], part.span) for part in self.parts), self.tail, self.head

    def scene(self, water: Water, gravity: float) -> Scene:
        """Surroundings of the present weather: supply temperatures, ground, terminals."""
        site = self.net.site
        terminals = _terminals(self.net, self.behind, water)
        supply = _held(self.net, self.net[Plant]) + self.net[Plant].curve_shift
        return Scene(site.weather, site.ground, supply, terminals, gravity, _held(self.net, self.net[Exchanger]))


def compile(net: Network, *, checked: bool = False) -> Arrays:
    """Arrays of a network; ModelError with every broken rule unless `checked` says that it was checked before."""
    if not checked:
        _must_be_sound(net)
    parts, tail, head = _edges(net)
    rigid, held = _rigid(parts), ~np.isnan(net[Node].pressure)
    clusters = cluster(len(net[Node]), tail, head, rigid, held)
    fixed = np.zeros(clusters.count, dtype=bool)
    fixed[clusters.of[held]] = True
    unknown = np.full(clusters.count, -1, dtype=np.int32)
    unknown[~fixed] = np.arange(np.count_nonzero(~fixed))
    laplacian = order(int(np.count_nonzero(~fixed)), unknown[clusters.of[tail]], unknown[clusters.of[head]])
    plan = program(laplacian, unknown, clusters.of[tail], clusters.of[head], [part.span for part in parts])
    closed = np.concatenate([part.table.closed() for part in parts])
    dead, lost, driven = _reach(net, parts, tail, head, held, closed)
    feed = feeding(plan, PASSAGES, _resistance(parts, closed))
    return Arrays(net, parts, tail, head, rigid, held, clusters, unknown, laplacian, plan, feed, _behind(net), closed, dead, lost, driven)


def _held(net: Network, table: Plant | Exchanger) -> Floats:
    """Supply temperatures that plants or exchangers hold in the present weather [K], NaN where none is named."""
    supply = table.supply_temperature.copy()
    for row, name in enumerate(table.curve):
        if name:
            supply[row] = net.curves[name].at(net.site.weather)
    return supply


def _must_be_sound(net: Network) -> None:
    broken = [problem for problem in check(net) if not problem.warning]
    if broken:
        raise ModelError(broken)


def _edges(net: Network) -> tuple[tuple[Part, ...], Ints, Ints]:
    names = Names.of(net[Node].id)
    parts, tails, heads, first = [], [], [], 0
    for kind in PARTS:
        table = net[kind]
        parts.append(Part(table, slice(first, first + len(table))))
        tails.append(names.rows(table.tail))
        heads.append(names.rows(table.head))
        first += len(table)
    return tuple(parts), np.concatenate(tails), np.concatenate(heads)


def _behind(net: Network) -> Ints:
    """Row of the consumer of every building."""
    consumers, named = net[Consumer].id, net[Building].consumer
    if consumers.size == named.size and np.array_equal(consumers, named):  # one building each, in order: the usual export
        return np.arange(named.size, dtype=np.int32)
    return Names.of(consumers).rows(named)


def _rigid(parts: tuple[Part, ...]) -> Bools:
    return np.concatenate([part.table.rigid() for part in parts])


def _resistance(parts: tuple[Part, ...], closed: Bools) -> Floats:
    """What tells the ways of water apart, (edges,): length/diameter^5 of pipes, nothing of others; shut edges are the last choice."""
    result = np.zeros(closed.size)
    span, pipes = parts[PARTS.index(Pipe)].span, parts[PARTS.index(Pipe)].table
    assert isinstance(pipes, Pipe)
    result[span] = pipes.length / pipes.diameter**5
    result[closed] = SHUT
    return result


def _reach(
    net: Network, parts: tuple[Part, ...], tail: Ints, head: Ints, held: Bools, closed: Bools
) -> tuple[Bools, Bools, Texts]:
    """Edges and nodes without any held pressure, and what would drive water there all the same."""
    open_ = ~closed
    graph = coo_array((np.ones(np.count_nonzero(open_)), (tail[open_], head[open_])), shape=(held.size, held.size))
    count, label = connected_components(graph, directed=False)
    anchored = np.zeros(count, dtype=bool)
    anchored[label[held]] = True
    lost = ~anchored[label]
    drives: list[str] = [
        f"{kind.kind()} '{name}'"
        for kind in (Plant, Pump)
        for name, at in zip(net[kind].id, range(*parts[PARTS.index(kind)].span.indices(tail.size)), strict=True)
        if open_[at] and lost[tail[at]]
    ]
    drives += [f"inflow at node '{name}'" for name in net[Node].id[lost & (net[Node].inflow != 0.0)]]
    return closed | lost[tail], lost, np.array(drives, dtype=object)


def _terminals(net: Network, consumer: Ints, water: Water) -> Terminals:
    """Buildings as plain arrays in SI, with design flows and radiator constants; `consumer` is the row of each one's."""
    building = net[Building]
    consumers = len(net[Consumer])
    coldest = np.where(np.isnan(building.design_outdoor), net.site.design_outdoor, building.design_outdoor)
    capacity = building.design_heat / (building.design_supply - building.design_return)
    flow = capacity / water.secant(building.design_supply, building.design_return)
    total = np.bincount(consumer, flow, minlength=consumers) if len(building) else np.zeros(consumers)
    designed = building.design_heat / (building.design_indoor - coldest)
    actual = np.where(np.isnan(building.conductance), designed, building.conductance)
    constant = kappa(capacity, building.design_supply, building.design_return, building.design_indoor, building.exponent)
    return Terminals(
        consumer, flow / total[consumer], flow, capacity, constant * building.radiator, constant, building.exponent, actual, designed,
        net.site.weather + building.gains / actual, net.site.weather + building.gains / designed, building.design_indoor,
    )


