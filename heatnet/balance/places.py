"""Where flows can be set: inlet valves, valves in lines that a whole branch hangs on, lifts of plants and speeds of pumps.

A valve in a line is of use where it parts consumers from every plant: throttled, it takes the same pressure from all of them and moves
no water from one loop to another. Parts are hydraulically separate pieces of the network; each has a lift of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, cast

import numpy as np

from heatnet.arrays import Arrays
from heatnet.balance.rules import Rules
from heatnet.change import Change, Scenario
from heatnet.components import EDGES, Consumer, Exchanger, Plant, Pump, Secondary, Valve
from heatnet.errors import ModelError, Problem, nearest
from heatnet.schema import Bools, Floats, Ints
from heatnet.topology import parts

if TYPE_CHECKING:
    from collections.abc import Iterable

    import networkx as nx


@dataclass(frozen=True)
class Branches:
    """Valves in lines that a branch hangs on, each after the one nearer to the plant."""

    row: Ints  # (branches,) rows of the valve table
    above: Ints  # (branches,) the next one towards the plant, -1 where none
    tail: Ints  # (consumers,) the last one on the way to each consumer, -1 where none
    head: Ints  # (consumers,) the first one on the way back

    def least(self, at: Ints, value: Floats) -> Floats:
        """Least of a value of consumers (consumers,) behind each valve, (branches,); `at` is `tail` or `head`."""
        low = np.full(self.row.size, np.inf)
        here = at >= 0
        np.minimum.at(low, at[here], value[here])
        for v in range(self.row.size - 1, -1, -1):
            if self.above[v] >= 0:
                low[self.above[v]] = min(low[self.above[v]], low[v])
        return low

    def down(self, taken: Floats) -> Floats:
        """What all valves up to each one take together, (branches,)."""
        total = taken.copy()
        for v in range(self.row.size):
            if self.above[v] >= 0:
                total[v] += total[self.above[v]]
        return total

    def sum(self, taken: Floats) -> Floats:
        """What the valves on the way there and back take from each consumer, (consumers,)."""
        total = np.append(self.down(taken), 0.0)
        return np.asarray(total[self.tail] + total[self.head])


@dataclass(frozen=True)
class Places:
    """What may be set and what has to be served."""

    inlets: Bools  # (consumers,) valves that may be set
    steady: Bools  # (consumers,) that regulate themselves
    loose: Bools  # (consumers,) that pass what their pressure difference drives and cannot be set
    branches: Branches
    count: int  # parts
    part: Ints  # (consumers,) part of each, -1 where nothing flows
    lifts: Ints  # rows of plants whose lift is set
    lift_part: Ints
    pumps: Ints  # rows of pumps whose speed is set, in parts without a plant of given lift
    pump_part: Ints
    firm: Bools  # (parts,) those with exchangers that need their pressure too: the lift may rise but not fall

    def serving(self, wanted: Floats) -> Places:
        """The same where inlets that nothing is known to be wanted of stay as they are; wanted [kg/s] (consumers,)."""
        known = ~np.isnan(wanted)
        return replace(self, inlets=self.inlets & known, loose=self.loose | (self.inlets & ~known) | (self.steady & ~known))

    def least_by_part(self, value: Floats) -> Floats:
        """Least of a value of consumers (consumers,) that is known, (parts,); inf where none is."""
        low = np.full(self.count + 1, np.inf)
        np.minimum.at(low, self.part, np.where(np.isnan(value), np.inf, value))
        return low[:-1]


def find_places(arrays: Arrays, rules: Rules) -> Places:
    """Places of a network; ModelError lists ids in `rules.only` that are no consumer or valve."""
    net = arrays.net
    consumer, valve, plant = net[Consumer], net[Valve], net[Plant]
    span = {kind: arrays.part(kind).span for kind in EDGES}
    live = ~arrays.dead[span[Consumer]]
    fixed = consumer.control == "fixed"
    chosen, chosen_valves = _chosen(arrays, rules)
    inlets = live & fixed & chosen & (consumer.valve != "none")
    label = parts(arrays.nodes, arrays.tail[~arrays.dead], arrays.head[~arrays.dead])
    drive = np.flatnonzero(plant.rigid() & ~arrays.dead[span[Plant]]).astype(np.int32)
    at = label[arrays.tail[span[Consumer]]]
    known = np.unique(at[live])
    drive = drive[np.isin(label[arrays.tail[span[Plant]][drive]], known)]
    moved = label[arrays.tail[span[Plant]][drive]]
    pumps = _circulators(arrays, label, moved)
    pump_label = label[arrays.tail[span[Pump]][pumps]]
    number = np.full(int(label.max(initial=-1)) + 2, -1, dtype=np.int32)
    number[known] = np.arange(known.size)
    firm = np.zeros(known.size + 1, dtype=bool)
    firm[number[label[arrays.tail[arrays.part(Exchanger).span]]]] = True
    use = chosen_valves & (valve.type != "none") & (valve.control == "fixed") & ~arrays.dead[span[Valve]]
    return Places(
        inlets, live & ~fixed, live & fixed & ~inlets, _branches(arrays, use), known.size,
        np.where(live, number[at], -1).astype(np.int32),
        drive, number[moved], pumps, number[pump_label], firm[:-1],
    )


def shut_inlets(arrays: Arrays, rules: Rules) -> tuple[str, ...]:
    """Ids of inlets that may be set and whose valve is shut."""
    consumer = arrays.net[Consumer]
    shut = (consumer.control == "fixed") & (consumer.opening <= 0.0) & (consumer.valve != "none") & _chosen(arrays, rules)[0]
    return tuple(str(name) for name in consumer.id[shut])


def with_open(arrays: Arrays, ids: tuple[str, ...]) -> Arrays:
    """The network with these inlets fully open."""
    return arrays.with_changes(Scenario("", (Change("consumer", "opening", 1.0, ids),))) if ids else arrays


def take(places: Places, margin: Floats) -> tuple[Floats, Floats]:
    """What branch valves take [Pa] (branches,), and what is left for each inlet (consumers,), from margins [Pa].

    Whoever wants nothing does not limit what its branch takes.
    """
    branches = places.branches
    spare = np.maximum(np.where(np.isnan(margin), np.inf, margin), 0.0)
    takes = np.zeros(branches.row.size)
    for at in (branches.tail, branches.head):
        low = branches.least(at, spare)
        total = np.zeros(low.size)
        for v in range(low.size):
            before = total[branches.above[v]] if branches.above[v] >= 0 else 0.0
            if np.isfinite(low[v]):
                takes[v] += max(low[v] - before, 0.0)
                total[v] = max(low[v], before)
            else:
                total[v] = before
        spare = np.maximum(spare - np.append(total, 0.0)[at], 0.0)
    return takes, np.where(np.isinf(spare), 0.0, spare)


def _chosen(arrays: Arrays, rules: Rules) -> tuple[Bools, Bools]:
    net = arrays.net
    if rules.only is None:
        return np.ones(len(net[Consumer]), dtype=bool), np.ones(len(net[Valve]), dtype=bool)
    wanted = set(rules.only)
    known = {*net[Consumer].id, *net[Valve].id}
    wrong = [name for name in rules.only if name not in known]
    if wrong:
        raise ModelError([Problem(f"'{name}' is the id of no consumer and no valve{nearest(name, known)}") for name in wrong])
    return tuple(np.array([name in wanted for name in net[kind].id], dtype=bool) for kind in (Consumer, Valve))  # type: ignore[return-value]


def _passages(arrays: Arrays, left_out: Bools) -> Ints:
    """Label of the pieces that live pipes, valves and pumps make without those left out, (nodes,)."""
    edges = np.zeros(arrays.edges, dtype=bool)
    edges[: arrays.part(Pump).span.stop] = True
    edges &= ~arrays.dead & ~left_out
    return parts(arrays.nodes, arrays.tail[edges], arrays.head[edges])


def _hanging(arrays: Arrays, edges: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Those of some passages that part consumers from every plant, outwards; the one above each; that above each piece; piece of nodes."""
    import networkx as nx  # noqa: PLC0415  takes a quarter of a second to load

    cut = np.zeros(arrays.edges, dtype=bool)
    cut[edges] = True
    label = _passages(arrays, cut)
    ends: dict[tuple[int, int], list[int]] = {}
    for e, a, b in zip(edges.tolist(), label[arrays.tail[edges]].tolist(), label[arrays.head[edges]].tolist(), strict=True):
        if a != b:
            ends.setdefault((min(a, b), max(a, b)), []).append(e)
    graph: nx.Graph[int] = nx.Graph(list(ends))
    bridges = {(min(a, b), max(a, b)) for a, b in cast("Iterable[tuple[int, int]]", nx.bridges(graph))} if len(graph) else set()
    roots: set[int] = set()
    for kind in (Plant, Secondary):  # where heat comes from
        source = arrays.part(kind).span
        roots |= {*label[arrays.tail[source]].tolist(), *label[arrays.head[source]].tolist()}
    found: list[tuple[int, int, int]] = []
    graph.add_nodes_from(roots)
    between = _between_plants(graph, roots)
    seen, queue = set(roots), [(root, -1) for root in sorted(roots)]
    for piece, last in queue:
        for other in sorted(graph.adj[piece]):
            if other in seen:
                continue
            seen.add(other)
            pair = (min(piece, other), max(piece, other))
            if pair in bridges and len(ends[pair]) == 1 and pair not in between:
                found.append((ends[pair][0], last, other))
                queue.append((other, len(found) - 1))
            else:
                queue.append((other, last))
    behind = np.full(int(label.max(initial=-1)) + 1, -1, dtype=np.int32)
    for piece, last in queue:
        behind[piece] = last
    columns = np.array(found, dtype=np.int32).reshape(-1, 3)
    return columns[:, 0], columns[:, 1], behind, label


def _between_plants(graph: nx.Graph[int], roots: set[int]) -> set[tuple[int, int]]:
    """Links of the pieces that lie on a way from one plant to another: throttled, they would move load between plants."""
    import networkx as nx  # noqa: PLC0415

    result: set[tuple[int, int]] = set()
    for part in nx.connected_components(graph):
        inside = sorted(roots & part)
        for other in inside[1:]:
            way = nx.shortest_path(graph, inside[0], other)
            result |= {(min(a, b), max(a, b)) for a, b in pairwise(way)}
    return result


def _branches(arrays: Arrays, use: Bools) -> Branches:
    span, consumers = arrays.part(Valve).span, arrays.part(Consumer).span
    edges = (span.start + np.flatnonzero(use)).astype(np.int32)
    none = np.full(consumers.stop - consumers.start, -1, dtype=np.int32)
    if not edges.size:
        return Branches(np.zeros(0, dtype=np.int32), np.zeros(0, dtype=np.int32), none, none)
    edge, above, behind, label = _hanging(arrays, edges)
    tail, head = behind[label[arrays.tail[consumers]]], behind[label[arrays.head[consumers]]]
    return Branches((edge - span.start).astype(np.int32), above, tail, head)


def _circulators(arrays: Arrays, label: Ints, driven: Ints) -> Ints:
    """Rows of pumps that all consumers of a part hang on, in parts where no plant gives a lift: one pump a part, the first."""
    span, consumers = arrays.part(Pump).span, arrays.part(Consumer).span
    edges = (span.start + np.flatnonzero(~arrays.dead[span])).astype(np.int32)
    edges = edges[~np.isin(label[arrays.tail[edges]], driven)]
    if not edges.size:
        return np.zeros(0, dtype=np.int32)
    edge, _, behind, piece = _hanging(arrays, edges)
    found: dict[int, int] = {}
    live = ~arrays.dead[consumers]
    for number, e in enumerate(edge.tolist()):
        here = live & (label[arrays.tail[consumers]] == label[arrays.tail[e]])
        beyond = (behind[piece[arrays.tail[consumers]]] == number) | (behind[piece[arrays.head[consumers]]] == number)
        if (beyond | ~here).all():
            found.setdefault(int(label[arrays.tail[e]]), e - span.start)
    return np.array(sorted(found.values()), dtype=np.int32)
