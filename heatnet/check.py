"""Check a network: every broken rule, not the first, with table, id, column, file and line. A new rule is one generator in RULES."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from heatnet.components import Consumer, Edge, Pipe, Plant, Pump
from heatnet.errors import Problem, nearest
from heatnet.network import TABLES, Building, Network, Node
from heatnet.schema import Bools, Floats, Ints, Table, positions
from heatnet.topology import Ends, ends, parts, side_votes
from heatnet.units import KELVIN

SHOWN = 3  # names listed of a part of the network
Finding = tuple[int, int, Problem]  # order of table, row, problem


@dataclass(frozen=True)
class Model:
    """A network with what several rules need of it."""

    net: Network

    @cached_property
    def ends(self) -> Ends:
        """Ends of all edges."""
        return ends(self.net)

    @cached_property
    def degree(self) -> Ints:
        """How many edges touch each node."""
        both = np.concatenate([self.ends.tail, self.ends.head])
        return np.bincount(both[both >= 0], minlength=len(self.net[Node])).astype(np.int32)

    @cached_property
    def open_parts(self) -> Ints:
        """Connected part of each node over open edges."""
        live = self.ends.sound & ~self.ends.closed
        return parts(len(self.net[Node]), self.ends.tail[live], self.ends.head[live])

    def find(self, kind: type[Table], row: int, text: str, column: str = "", *, warning: bool = False) -> Finding:
        """A finding in one row of a table."""
        name = str(self.net.tables[kind].id[row])
        return TABLES.index(kind), row, Problem(text, kind.kind(), name, column, self.net.where(kind, row), warning)

    def edge(self, number: int) -> tuple[type[Edge], int]:
        """Table and row of an edge number."""
        kind = next(kind for kind, span in self.ends.spans.items() if span.start <= number < span.stop)
        return kind, number - self.ends.spans[kind].start


def check(net: Network) -> tuple[Problem, ...]:
    """All problems of a network in the order of tables and rows; those marked as warnings do not keep it from being solved."""
    model = Model(net)
    found = [finding for rule in RULES for finding in rule(model)]
    found.sort(key=lambda finding: finding[:2])
    return tuple(problem for _, _, problem in found)


def ranges(model: Model) -> Iterator[Finding]:
    """Numbers are within their range and given where they must be; words are among the choices."""
    for kind in TABLES:
        table = model.net.tables[kind]
        for name, item in kind.columns().items():
            values = getattr(table, name)
            if item.text:
                if item.choices:
                    for row in positions(~np.isin(values.astype(str), item.choices)) if len(values) else ():
                        yield model.find(kind, row, f"'{values[row]}' is not one of {', '.join(item.choices)}", name)
                continue
            bad = item.broken(values)
            for row in positions(bad):
                yield model.find(kind, row, f"{values[row]:g} is out of range; it must be {item.range}", name)
            if not item.optional:
                for row in positions(np.isnan(values) & ~bad):
                    yield model.find(kind, row, f"missing; give {item.doc}", name)


def identities(model: Model) -> Iterator[Finding]:
    """Ids are unique within a table and not empty."""
    for kind in TABLES:
        ids = model.net.tables[kind].id
        if len(set(ids)) < len(ids):
            seen: dict[str, int] = {}
            for row, name in enumerate(ids):
                if name in seen:
                    first = model.net.where(kind, seen[name]) or f"row {seen[name] + 1}"
                    yield model.find(kind, row, f"the id stands twice, first at {first}; ids are unique within a table", "id")
                seen.setdefault(name, row)
        for row in positions(ids == ""):
            yield model.find(kind, row, "missing; give the row a name", "id")


def references(model: Model) -> Iterator[Finding]:
    """Every named node and consumer exists; no edge joins a node with itself."""
    nodes, consumers = model.net[Node].id, model.net[Consumer].id
    for kind, span in model.ends.spans.items():
        table = model.net[kind]
        for column, index in (("tail", model.ends.tail[span]), ("head", model.ends.head[span])):
            for row in positions(index < 0):
                name = getattr(table, column)[row]
                yield model.find(kind, row, f"no node '{name}'{_near(name, nodes)}", column)
        same = (model.ends.tail[span] == model.ends.head[span]) & (model.ends.tail[span] >= 0)
        for row in positions(same):
            yield model.find(kind, row, f"begins and ends at node '{table.head[row]}'; give it two different nodes", "head")
    known = set(consumers)
    for row, name in enumerate(model.net[Building].consumer):
        if name not in known:
            yield model.find(Building, row, f"no consumer '{name}'{_near(name, consumers)}; without one it gets no heat", "consumer")


def loose_ends(model: Model) -> Iterator[Finding]:
    """Nodes that nothing or one edge touches."""
    node = model.net[Node]
    fed = ~np.isnan(node.pressure) | (node.inflow != 0.0)
    for row in positions(model.degree == 0):
        yield model.find(Node, row, "nothing is joined to this node", warning=True)
    single = (model.degree == 1) & ~fed
    for end, column in ((model.ends.tail, "tail"), (model.ends.head, "head")):
        for edge in positions(np.where(end >= 0, single[end], False)):
            kind, row = model.edge(edge)
            name = node.id[end[edge]]
            if kind in (Consumer, Plant):
                text = f"node '{name}' leads nowhere; join it to the network"
                yield model.find(kind, row, f"dangling end: {text}", column)
            else:
                text = f"dangling end: nothing else is joined to node '{name}', no water will flow"
                yield model.find(kind, row, text, column, warning=True)


def pressures(model: Model) -> Iterator[Finding]:
    """Every part with something that drives water has one node of held pressure; parts without drive are cut off."""
    node, label = model.net[Node], model.open_parts
    held = ~np.isnan(node.pressure)
    count = int(label.max(initial=-1)) + 1
    holders = np.bincount(label[held], minlength=count)
    size = np.bincount(label, minlength=count)
    drives = np.bincount(label[node.inflow != 0.0], minlength=count)
    for kind in (Plant, Pump):
        span = model.ends.spans[kind]
        live = model.ends.sound[span] & ~model.ends.closed[span]
        drives += np.bincount(label[model.ends.tail[span][live]], minlength=count)
    first = np.full(count, -1)
    first[label[::-1]] = np.arange(label.size)[::-1]
    for part in positions((holders == 0) & (size > 1)):
        names = _some(node.id[label == part])
        if drives[part]:
            yield model.find(
                Node, int(first[part]), f"no pressure is held in the part of the network with nodes {names}; give one of them a pressure, "
                "as a rule the return node of a plant", "pressure",
            )
        else:
            text = f"nodes {names} are cut off from every plant (closed valves?): no heat reaches them"
            yield model.find(Node, int(first[part]), text, warning=True)
    for part in positions(holders > 1):
        rows = np.flatnonzero(held & (label == part))
        text = f"nodes {_some(node.id[rows])} of one part all hold a pressure; water may be taken in at one and given off at another"
        yield model.find(Node, int(rows[1]), text, "pressure", warning=True)


def wiring(model: Model) -> Iterator[Finding]:
    """Consumers run from supply to return, plants from return to supply, as most of their neighbours do."""
    label, votes = side_votes(model.net, model.ends)
    for kind, supply, back in ((Consumer, "tail", "head"), (Plant, "head", "tail")):
        span = model.ends.spans[kind]
        at = {"tail": model.ends.tail[span], "head": model.ends.head[span]}
        sound = model.ends.sound[span]
        warm, cold = label[np.maximum(at[supply], 0)], label[np.maximum(at[back], 0)]
        wrong = sound & (warm != cold) & (votes[warm] < 0) & (votes[cold] > 0)
        for row in positions(wrong):
            way = "from supply to return" if kind is Consumer else "from return to supply"
            yield model.find(kind, row, f"is wired the wrong way round; it runs {way}: swap tail and head")


def reach(model: Model) -> Iterator[Finding]:
    """A plant lies on the open part of the network that each consumer hangs on."""
    span, plant = model.ends.spans[Consumer], model.ends.spans[Plant]
    if not len(model.net[Plant]):
        return
    live = model.ends.sound[plant] & ~model.ends.closed[plant]
    fed = np.zeros(int(model.open_parts.max(initial=-1)) + 1, dtype=bool)
    fed[model.open_parts[model.ends.head[plant][live]]] = True
    sound = model.ends.sound[span]
    for row in positions(sound & ~model.ends.closed[span] & ~fed[model.open_parts[np.maximum(model.ends.tail[span], 0)]]):
        yield model.find(Consumer, row, "no open path leads here from any plant; look for a missing pipe or a closed valve", "tail")


def plants(model: Model) -> Iterator[Finding]:
    """A plant says what its control needs, and its supply temperature once."""
    plant = model.net[Plant]
    for control, column in (("lift", "lift"), ("flow", "flow"), ("heat", "heat_given")):
        for row in positions((plant.control == control) & np.isnan(getattr(plant, column))):
            yield model.find(Plant, row, f"missing; a plant of control '{control}' needs it", column)
    for row, name in enumerate(plant.curve):
        given = not np.isnan(plant.supply_temperature[row])
        if name and name not in model.net.curves:
            text = f"no heating curve '{name}' in model.toml{nearest(name, model.net.curves) if model.net.curves else ''}"
            yield model.find(Plant, row, text, "curve")
        if bool(name) == given:
            text = "give a supply temperature or the name of a heating curve" + (", not both" if given else "")
            yield model.find(Plant, row, text, "supply_temperature")
    consumer = model.net[Consumer]
    if len(plant) and not np.isnan(plant.capacity).any():
        capacity, demand = float(plant.capacity.sum()), _demand(model.net)
        if demand > capacity:
            text = f"the plants give {capacity / 1e6:.2f} MW, the homes need {demand / 1e6:.2f} MW at this weather, losses not counted"
            yield model.find(Plant, 0, text, "capacity", warning=True)
    if len(consumer) and not len(plant):
        yield model.find(Consumer, 0, "the network has consumers and no plant", warning=True)


def pumps(model: Model) -> Iterator[Finding]:
    """The head of a pump falls with flow."""
    pump = model.net[Pump]
    for row in positions(pump.rated_head >= pump.shutoff_head):
        yield model.find(Pump, row, "the head must fall with flow: shutoff_head above rated_head", "rated_head")


def consumers(model: Model) -> Iterator[Finding]:
    """A consumer says what its control needs."""
    consumer = model.net[Consumer]
    built = np.isin(consumer.id.astype(str), model.net[Building].consumer.astype(str)) if len(consumer) else np.zeros(0, dtype=bool)
    given = ~np.isnan(consumer.heat_given)
    rules: tuple[tuple[Bools, str, str], ...] = (
        ((consumer.control == "fixed") & np.isnan(consumer.kvs), "missing; a consumer of control 'fixed' needs it", "kvs"),
        ((consumer.control == "flow") & np.isnan(consumer.flow), "missing; a consumer of control 'flow' needs it", "flow"),
        (
            (consumer.control == "load") & (np.isnan(consumer.return_temperature) == np.isnan(consumer.drop)),
            "a consumer of control 'load' needs a return_temperature or a drop, one of them", "return_temperature",
        ),
        ((consumer.control == "load") & ~given & ~built, "a consumer of control 'load' needs heat_given or a building", "heat_given"),
    )
    for bad, text, column in rules:
        for row in positions(bad):
            yield model.find(Consumer, row, text, column)
    for row in positions((consumer.control != "load") & ~built & ~given):
        yield model.find(Consumer, row, "no building and no heat_given: it passes water unused, as a bypass", warning=True)


def buildings(model: Model) -> Iterator[Finding]:
    """Design temperatures fall from supply to return, room and outdoor air."""
    building = model.net[Building]
    coldest = np.where(np.isnan(building.design_outdoor), model.net.site.design_outdoor, building.design_outdoor)
    steps: tuple[tuple[Floats, Floats, str, str], ...] = (
        (building.design_supply, building.design_return, "design_supply", "design_return"),
        (building.design_return, building.design_indoor, "design_return", "design_indoor"),
        (building.design_indoor, coldest, "design_indoor", "design_outdoor"),
    )
    for warm, cold, name, other in steps:
        for row in positions(~(warm > cold)):
            text = f"{name} must be above {other}; {warm[row] - KELVIN:.1f} and {cold[row] - KELVIN:.1f} degC are given"
            yield model.find(Building, row, text, name)


def plausible(model: Model) -> Iterator[Finding]:
    """Figures that can be right and seldom are."""
    pipe = model.net[Pipe]
    for row in positions(pipe.roughness > pipe.diameter / 20.0):
        text = f"{pipe.roughness[row] * 1e3:g} mm is more than 5 % of the diameter, {pipe.diameter[row] * 1e3:g} mm: no friction law holds"
        yield model.find(Pipe, row, text, "roughness", warning=True)
    for row in positions(pipe.length > 20e3):
        yield model.find(Pipe, row, f"{pipe.length[row] / 1e3:g} km in one pipe; is the unit right?", "length", warning=True)
    for row in positions(pipe.loss > 20.0):
        yield model.find(Pipe, row, f"{pipe.loss[row]:g} W/(m K) is more than a bare pipe in wet soil loses", "loss", warning=True)


RULES: tuple[Callable[[Model], Iterator[Finding]], ...] = (
    ranges, identities, references, loose_ends, pressures, wiring, reach, plants, pumps, consumers, buildings, plausible,
)


def _demand(net: Network) -> float:
    """Heat that all consumers want at the site's weather [W]."""
    building, site = net[Building], net.site
    coldest = np.where(np.isnan(building.design_outdoor), site.design_outdoor, building.design_outdoor)
    with np.errstate(divide="ignore", invalid="ignore"):
        designed = building.design_heat / (building.design_indoor - coldest)
    conductance = np.where(np.isnan(building.conductance), designed, building.conductance)
    need = np.maximum(conductance * (building.design_indoor - site.weather) - building.gains, 0.0)
    return float(np.nansum(need) + np.nansum(net[Consumer].heat_given))


def _near(name: str, known: object) -> str:
    near = nearest(name, list(known)[:20_000])  # type: ignore[call-overload]
    return near if near.startswith(",") else ""


def _some(names: object) -> str:
    listed = [f"'{name}'" for name in names]  # type: ignore[attr-defined]
    return ", ".join(listed[:SHOWN]) + (f" and {len(listed) - SHOWN} more" if len(listed) > SHOWN else "")


