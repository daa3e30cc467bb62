"""Rules of the graph: ends, held pressures, direction of plants and consumers, paths of heat."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heatnet.check.model import SHOWN, Finding, Model, some
from heatnet.components import Consumer, Exchanger, Plant, Pump, Secondary
from heatnet.network import Node
from heatnet.schema import Bools, Ints, positions
from heatnet.topology import offsets, parts, side_votes
from heatnet.units import G

DENSITY = 980.0  # kg/m3, of warm water; only to compare pressures at different heights
SLACK = 0.05  # share by which that density may be wrong
LEAST_GAP = 1.0  # Pa


def loose_ends(model: Model) -> Iterator[Finding]:
    """Nodes that nothing or one edge touches."""
    node = model.net[Node]
    fed = ~np.isnan(node.pressure) | (node.inflow != 0.0)
    for row in positions(model.degree == 0):
        yield model.find(Node, row, "nothing is joined to this node", warning=True)
    single = (model.degree == 1) & ~fed
    for end, column in ((model.ends.tail, "tail"), (model.ends.head, "head")):
        for edge in positions(np.append(single, False)[end]):  # -1, no node, takes the last
            kind, row = model.edge(edge)
            name = node.id[end[edge]]
            if kind in (Consumer, Plant, Exchanger, Secondary):
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
    order = np.argsort(label, kind="stable")  # nodes part by part
    first = np.searchsorted(label[order], np.arange(count))
    for part in positions((holders == 0) & ((size > 1) | (drives > 0))):
        names = some(node.id[order[first[part] : first[part] + SHOWN]], int(size[part]))
        row = int(order[first[part]])
        if drives[part]:
            text = f"no pressure is held in the part of the network with nodes {names}; give one of them a pressure"
            yield model.find(Node, row, f"{text}, as a rule the return node of a plant or of an exchanger's secondary side", "pressure")
        else:
            yield model.find(Node, row, f"nodes {names} are cut off from every plant (closed valves?): no heat reaches them", warning=True)
    for part in positions(holders > 1):
        rows = order[first[part] : first[part] + size[part]]
        rows = rows[held[rows]]
        names = some(node.id[rows], rows.size)
        text = f"nodes {names} of one part all hold a pressure; water may be taken in at one and given off at another"
        yield model.find(Node, int(rows[1]), text, "pressure", warning=True)


def contradictions(model: Model) -> Iterator[Finding]:
    """Pressures that are given twice: by held nodes, plants of fixed lift and pipes of no length between them."""
    node, net = model.net[Node], model.net
    if not len(node):
        return
    rigid = model.ends.sound & np.concatenate([net[kind].rigid() for kind in model.ends.spans])
    weight = np.nan_to_num(node.height) * G * DENSITY
    tail, head = model.ends.tail, model.ends.head
    rise = np.concatenate([net[kind].rise() for kind in model.ends.spans]) + weight[tail] - weight[head]
    edges = np.flatnonzero(rigid & ~np.isnan(rise))
    start, above = offsets(tail[edges], head[edges], rise[edges])
    for edge in edges.tolist():
        gap = above[int(head[edge])] - above[int(tail[edge])] - rise[edge]
        if abs(gap) > LEAST_GAP:
            kind, row = model.edge(edge)
            text = f"the pressure difference of its nodes is given twice, {abs(gap) / 1e3:.1f} kPa apart, here and by another plant of"
            yield model.find(kind, row, f"{text} fixed lift or pipes of no length", "lift" if kind is Plant else "length")
    reference: dict[int, tuple[int, float]] = {}
    for row in positions(~np.isnan(node.pressure)):
        if row in start:
            base = node.pressure[row] - above[row]
            other, held = reference.setdefault(start[row], (row, base))
            if abs(base - held) > LEAST_GAP + SLACK * abs(weight[row] - weight[other]):
                text = f"holds another pressure than node '{node.id[other]}' calls for, to which it is joined by a pipe of no length or"
                yield model.find(Node, row, f"{text} a plant of fixed lift; {abs(base - held) / 1e3:.1f} kPa apart", "pressure")


def wiring(model: Model) -> Iterator[Finding]:
    """Consumers and primary sides run from supply to return, plants and secondary sides back, as most of their neighbours do."""
    if not len(model.net[Node]):
        return
    label, votes = side_votes(model.net, model.ends)
    by_plants = side_votes(model.net, model.ends, (Plant, Secondary))[1]  # where as many say one as the other, the plants are believed
    votes = np.where(votes == 0, by_plants, votes)
    ways = ((Consumer, "tail", "head"), (Exchanger, "tail", "head"), (Plant, "head", "tail"), (Secondary, "head", "tail"))
    for kind, supply, back in ways:
        span = model.ends.spans[kind]
        at = {"tail": model.ends.tail[span], "head": model.ends.head[span]}
        sound = model.ends.sound[span]
        warm, cold = label[np.maximum(at[supply], 0)], label[np.maximum(at[back], 0)]
        wrong = sound & (warm != cold) & (votes[warm] < 0) & (votes[cold] > 0)
        for row in positions(wrong):
            way = "from supply to return" if supply == "tail" else "from return to supply"
            what = "primary side is" if kind is Exchanger else "secondary side is" if kind is Secondary else "is"
            names = "secondary_tail and secondary_head" if kind is Secondary else "tail and head"
            yield model.find(kind, row, f"{what} wired the wrong way round; it runs {way}: swap {names}")


def reach(model: Model) -> Iterator[Finding]:
    """A path leads from a plant to the supply node of each consumer; behind closed valves, and in an island, only a warning is due."""
    span, plant = model.ends.spans[Consumer], model.ends.spans[Plant]
    if not len(model.net[Plant]) or not len(model.net[Node]):
        return
    sound = model.ends.sound[span]
    at = np.maximum(model.ends.tail[span], 0)
    ends = model.ends
    warm, warmed = model.heat_links(closed=True)
    joined = parts(len(model.net[Node]), np.append(ends.tail[ends.sound], warm), np.append(ends.head[ends.sound], warmed))
    none = sound & ~_fed(model, joined, model.ends.sound[plant])[at]
    held = np.unique(joined[~np.isnan(model.net[Node].pressure)])  # an island that holds a pressure is meant to have a plant
    for row in positions(none):
        dry = not np.isin(joined[at[row]], held)
        yield model.find(Consumer, row, "no path leads here from any plant; look for a missing pipe", "tail", warning=bool(dry))
    line = model.ends.sound & ~model.ends.closed
    for kind in (Consumer, Plant, Exchanger, Secondary):
        line[ends.spans[kind]] = False
    warm, warmed = model.heat_links(closed=False)
    through = parts(len(model.net[Node]), np.append(ends.tail[line], warm), np.append(ends.head[line], warmed))
    shut = sound & ~none & ~model.ends.closed[span] & ~_fed(model, through, model.ends.sound[plant])[at]
    text = "no open path leads here from a plant but through other consumers; is a valve closed?"
    for row in positions(shut):
        yield model.find(Consumer, row, text, "tail", warning=True)


def _fed(model: Model, label: Ints, sound: Bools) -> Bools:
    """Nodes in a part with a plant; either end will do, so that one wired the wrong way round is not blamed twice."""
    fed = np.zeros(int(label.max(initial=-1)) + 1, dtype=bool)
    for end in (model.ends.tail, model.ends.head):
        fed[label[end[model.ends.spans[Plant]][sound]]] = True
    return fed[label]
