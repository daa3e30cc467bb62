"""Who stays short of pressure, by how much, why, and what stands in the way.

    lift      the lift is at a bound or kept; raised by what is missing it serves the consumer, valves set anew
    valve     its own valve is not fully open and is not among those set
    far       no lift up to the largest that is built serves it: named is what loses most on its way
    opposed   its way would carry its flow, and yet no lift brings it: other plants and pumps set the pressures there
    shut      no open way leads there from a plant: named is what is shut, or lets water pass the other way only
    island    nothing leads there from a plant at all

The way of one that no lift serves is that of least loss: an edge counts with its loss at the largest lift, where the consumer takes its
full flow and the others take what they get.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from heatnet.arrays import Arrays
from heatnet.balance.fit import Fit
from heatnet.balance.rules import Rules
from heatnet.components import Consumer, Pipe, Plant, Pump, Secondary, Valve
from heatnet.paths import Paths
from heatnet.rooms import water_paths
from heatnet.schema import Bools, Floats, Ints
from heatnet.solve import State
from heatnet.solve.task import edge_name
from heatnet.topology import parts

REASONS = ("lift", "valve", "far", "opposed", "shut", "island")
DETAILED = 100  # short consumers whose whole way is looked through
MOST = 0.8  # share of the loss of a way that what is named makes up
NAMED = 6  # things named at most
SLIGHT = 1e-6  # Pa, by which a way of fewer edges is the shorter one


@dataclass(frozen=True)
class Shortage:
    """A consumer that pressure does not suffice for."""

    consumer: str
    missing: float  # Pa by which the lift is too low at full flows of all; NaN where no lift serves it
    flow_ratio: float  # - flow with the settings over what is wanted
    reason: str  # one of REASONS
    pipes: tuple[str, ...]  # that stand in the way, the worst first; table and id of what is no pipe
    cut_off: bool = False  # no pressure is held where it stands, so that nothing can be said of its flow


def shortages(state: State, fit: Fit, rules: Rules, settable: Bools) -> tuple[Shortage, ...]:
    """Who is short at full flows and who is cut off, those that most is missing for first; what stands in the way of each.

    `settable`: consumers whose valve was to be set, (consumers,).
    """
    arrays, span = state.arrays, state.of(Consumer)
    ids, wanted = arrays.net[Consumer].id, fit.wanted
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = state.m[span] / wanted
    lift: Ints = np.flatnonzero(fit.short & ~np.isnan(fit.missing)).astype(np.int32)
    lift = lift[np.argsort(-fit.missing[lift], kind="stable")]
    pipes = _steep(state, fit, lift, rules.steep)
    inlet = arrays.net[Consumer]
    throttled = ~settable & (inlet.control == "fixed") & (inlet.opening < 1.0)
    found = [
        Shortage(str(ids[row]), float(fit.missing[row]), float(ratio[row]), "valve" if throttled[row] else "lift", told)
        for row, told in zip(lift.tolist(), pipes, strict=True)
    ]
    cut = _cut_off(arrays)
    hopeless = np.flatnonzero((fit.short & np.isnan(fit.missing)) | cut)
    if hopeless.size:
        ways = _Ways(state, fit.flood)
        for row in hopeless[np.argsort(np.nan_to_num(ratio[hopeless]), kind="stable")].tolist():
            flow = 0.0 if cut[row] else float(wanted[row])
            reason, told = ways.why(row, flow, fit.largest)
            if throttled[row] and reason in ("far", "opposed"):
                reason = "valve"
            found.append(Shortage(str(ids[row]), float("nan"), 0.0 if cut[row] else float(ratio[row]), reason, told, bool(cut[row])))
    return tuple(found)


def _cut_off(arrays: Arrays) -> Bools:
    """Inlets that are open and want water, where none can come for want of a way or of a pressure that is held, (consumers,)."""
    return np.asarray(arrays.dead[arrays.part(Consumer).span] & ~arrays.net[Consumer].closed())


class _Ways:
    """Open ways of a state from its plants, or from the exchangers that feed its networks; pumps and non-return valves let nothing back."""

    def __init__(self, state: State, flood: Floats) -> None:
        self.state, self.arrays = state, state.arrays
        arrays, span = self.arrays, state.of
        self.flow = np.abs(flood if flood.size else state.m)
        self.line = np.zeros(arrays.edges, dtype=bool)
        self.line[: span(Pump).stop] = True
        lower = np.concatenate([
            part.table.limits(state.t_in[part.span], state.fluid(type(part.table)), state.scene)[0] for part in arrays.parts
        ])
        edge = np.flatnonzero(self.line & ~arrays.closed)
        free = edge[lower[edge] < 0.0]
        self.edge = np.concatenate([edge, free])
        self.start = np.concatenate([arrays.tail[edge], arrays.head[free]])
        self.end = np.concatenate([arrays.head[edge], arrays.tail[free]])
        source = np.concatenate([np.arange(arrays.edges)[span(kind)] for kind in (Plant, Secondary)])
        source = source[~arrays.closed[source]]
        firm = source[np.isneginf(lower[source]) | (source >= span(Secondary).start)]  # a plant of given flow raises no pressure
        self.plants = [(np.unique(arrays.head[some]), np.unique(arrays.tail[some])) for some in (firm, source) if some.size]
        self.done = 0

    def why(self, row: int, flow: float, largest: float) -> tuple[str, tuple[str, ...]]:
        """Reason and what stands in the way of a consumer that would take `flow` [kg/s]."""
        span, detailed = self.state.of(Consumer), flow > 0.0 and self.done < DETAILED
        self.done += 1
        loss = self._losses(max(flow - float(self.flow[span][row]), 0.0)) if detailed else np.zeros(self.arrays.edges)
        tail, head = int(self.arrays.tail[span][row]), int(self.arrays.head[span][row])
        none = np.zeros(0, dtype=np.int32)
        for supply, return_ in self.plants or [(none, none)]:
            ways = self._way(tail, supply, loss, back=False), self._way(head, return_, loss, back=True)
            apart = [one for one in ways if isinstance(one, np.ndarray)]
            if not apart:
                break
        else:
            return self._shut(apart)
        if not detailed:
            return "far", ()
        way = [e for one in ways for e in one]
        total, told, lost = float(sum(loss[e] for e in way)), [], 0.0
        inlet = self.arrays.net[Consumer].inlet(self.state.fluid(Consumer), self.state.scene)[row] * flow**2
        if total + inlet < largest:
            return "opposed", self._drives(row)
        for e in sorted(way, key=lambda e: -loss[e])[:NAMED]:
            if lost >= MOST * total:
                break
            told.append(e)
            lost += float(loss[e])
        return "far", tuple(self._name(e) for e in told)

    def _shut(self, pieces: list[Bools]) -> tuple[str, tuple[str, ...]]:
        """What is shut, or lets nothing back, at the border of what can be reached (nodes,) from the ends of a consumer."""
        arrays, told = self.arrays, set()
        for here in pieces:
            told |= set(np.flatnonzero(self.line & (here[arrays.tail] != here[arrays.head])).tolist())
        names = tuple(self._name(e) for e in sorted(told)[:NAMED])
        return ("shut", names) if names else ("island", ())

    def _losses(self, more: float) -> Floats:
        """Loss of every edge at its flow at the largest lift and `more` besides [Pa], (edges,)."""
        state, result = self.state, np.zeros(self.arrays.edges)
        for kind in (Pipe, Valve, Pump):
            span = state.of(kind)
            m = self.flow[span] + more
            loss, slope = np.empty(m.size), np.empty(m.size)
            state.arrays.net[kind].law(state.fluid(kind), state.settings.friction, state.scene).head_loss(m, loss, slope)
            result[span] = np.where(state.arrays.rigid[span], 0.0, np.maximum(loss, 0.0))
        return result

    def _way(self, node: int, plants: Ints, loss: Floats, *, back: bool) -> list[int] | Bools:
        """Edges of the way of least loss from a plant to a node, or `back` to a plant; what reaches it (nodes,) where no plant does."""
        nodes = self.arrays.nodes
        one, two = (self.start, self.end) if back else (self.end, self.start)  # from the node outwards
        order = np.argsort(loss[self.edge], kind="stable")
        key = one[order].astype(np.int64) * nodes + two[order]
        _, first = np.unique(key, return_index=True)  # of several between two nodes the best
        best = order[first]
        graph = csr_array((loss[self.edge[best]] + SLIGHT, (one[best], two[best])), shape=(nodes, nodes))
        far, before = dijkstra(graph, indices=node, return_predecessors=True)
        if not plants.size or not np.isfinite(far[plants]).any():
            return np.asarray(np.isfinite(far))
        number = dict(zip(key[first].tolist(), self.edge[best].tolist(), strict=True))
        at, way = int(plants[np.argmin(far[plants])]), []
        while at != node:
            last = int(before[at])
            way.append(number[last * nodes + at])
            at = last
        return way

    def _drives(self, row: int) -> tuple[str, ...]:
        """Pumps that run and plants of given flow or heat in the part of a consumer: what sets pressures there besides the lift."""
        arrays, state = self.arrays, self.state
        at = np.flatnonzero(~arrays.dead)
        label = parts(arrays.nodes, arrays.tail[at], arrays.head[at])
        part = label[arrays.tail[state.of(Consumer)][row]]
        edges = [
            *np.flatnonzero(~arrays.net[Plant].rigid()) + state.of(Plant).start,
            *range(state.of(Pump).start, state.of(Pump).stop),
        ]
        return tuple(self._name(int(e)) for e in edges if not arrays.dead[e] and label[arrays.tail[e]] == part)[:NAMED]

    def _name(self, edge: int) -> str:
        pipe = self.state.of(Pipe)
        inside = pipe.start <= edge < pipe.stop
        return str(self.arrays.net[Pipe].id[edge - pipe.start]) if inside else edge_name(self.arrays, edge)


def _steep(state: State, fit: Fit, rows: Ints, steep: float) -> list[tuple[str, ...]]:
    """Pipes on the way of each consumer of `rows` that lose most beyond a gradient `steep` [Pa/m].

    For the worst ones as many pipes as explain the shortage, for the others the worst pipe on the way there and that on the way back.
    """
    if not rows.size:
        return []
    net, way = state.arrays.net, water_paths(state)
    excess = np.zeros(state.arrays.edges)
    excess[state.of(Pipe)] = np.nan_to_num(np.abs(state.loss(Pipe))) - steep * net[Pipe].length
    tail, head = state.arrays.tail[state.of(Consumer)], state.arrays.head[state.of(Consumer)]
    told = [
        pipe_names(state, _explain([*way.supply(int(tail[row])), *way.back(int(head[row]))], excess, float(fit.missing[row])))
        for row in rows[:DETAILED].tolist()
    ]
    return told + _worst_pipes(state, way, excess, rows[DETAILED:].astype(np.int32), fit.missing)


def _worst_pipes(state: State, way: Paths, excess: Floats, rows: Ints, missing: Floats) -> list[tuple[str, ...]]:
    """The worst pipe on the way there or back of each consumer of `rows`; both where one does not explain what is missing."""
    ids, span, pipe = state.arrays.net[Pipe].id, state.of(Consumer), state.of(Pipe)
    by_way = [way.gathered(np.maximum(excess, 0.0), largest=True, back=back)[1] for back in (False, True)]
    both = np.stack([edge[ends[span][rows]] for edge, ends in zip(by_way, (state.arrays.tail, state.arrays.head), strict=True)])
    loses = np.where((both >= pipe.start) & (both < pipe.stop), excess[both], 0.0)
    first = np.argmax(loses, axis=0)
    each = np.arange(rows.size)
    top, next_ = loses[first, each], loses[1 - first, each]
    count = (top > 0.0).astype(int) + ((top > 0.0) & (next_ > 0.0) & (top < missing[rows]))
    name = ids[np.clip(both - pipe.start, 0, ids.size - 1)] if ids.size else np.full(both.shape, "")
    pairs = zip(name[first, each].tolist(), name[1 - first, each].tolist(), count.tolist(), strict=True)
    return [(str(a), str(b))[:n] for a, b, n in pairs]


def _explain(edges: list[int], excess: Floats, missing: float) -> list[int]:
    """Edges of largest excess [Pa], as many as make up what is missing."""
    told, total = [], 0.0
    for e in sorted((e for e in edges if excess[e] > 0.0), key=lambda e: -excess[e]):
        if total >= missing:
            break
        told.append(e)
        total += float(excess[e])
    return told


def pipe_names(state: State, edges: list[int]) -> tuple[str, ...]:
    """Ids of the pipes among some edges."""
    span, ids = state.of(Pipe), state.arrays.net[Pipe].id
    return tuple(str(ids[e - span.start]) for e in edges if span.start <= e < span.stop)
