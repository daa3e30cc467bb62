"""Section 9, pressure: rules of the pressure regime, diagram to any user, and the path in numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.components import Consumer, Pipe, Plant, Secondary
from heatnet.network import Node
from heatnet.report import forms
from heatnet.report.document import Block, Cell, Fact, Facts, Head, Live, Paragraph, Section, Table
from heatnet.report.sections.regime import broken, rules
from heatnet.report.view import View
from heatnet.schema import Floats
from heatnet.units import WATER_COLUMN
from heatnet.water import vapour_pressure


@dataclass(frozen=True)
class Way:
    """Nodes from the plant to a user, their distance from the plant along the pipes [m], and the edge that leads to each (-1 first)."""

    nodes: tuple[int, ...]
    distance: tuple[float, ...]
    edges: tuple[int, ...]


def pressure(view: View) -> Section:
    """Extremes, rules, diagram and temperatures along the path; the path of the chosen user as a table."""
    say = view.say
    blocks: list[Block] = [_extremes(view), *rules(view)]
    found = chosen(view)
    if found is None:
        blocks.append(Paragraph(say("pressure.none")))
    else:
        row, label, sentences = found
        blocks += [Paragraph(text) for text in sentences]
        blocks += [
            Live("pressure", say("pressure.diagram"), say("pressure.note")), Live("temperature", say("pressure.temperatures")),
            _path(view, row, label),
        ]
    return Section("pressure", say("pressure"), (*blocks, *broken(view)))


def ways(view: View, consumer: int) -> tuple[Way, Way] | None:
    """The way from a plant or an exchanger to the consumer, and back, both told from there; None where no water runs."""
    state, arrays = view.state, view.state.arrays
    edge = state.of(Consumer).start + consumer
    paths, tail, head = view.paths, int(arrays.tail[edge]), int(arrays.head[edge])
    sources = np.r_[state.of(Plant), state.of(Secondary)]
    length = np.zeros(arrays.edges)
    length[state.of(Pipe)] = view.net[Pipe].length
    out, back = paths.supply(tail), paths.back(head)[::-1]
    nodes_out = [int((paths.tail if paths.forward[e] else paths.head)[e]) for e in out] + [tail]
    nodes_back = [int((paths.head if paths.forward[e] else paths.tail)[e]) for e in back] + [head]
    if state.m[edge] <= 0.0 or np.isnan(state.p[tail]) or nodes_out[0] not in arrays.head[sources]:
        return None
    return Way(tuple(nodes_out), _along(length[out]), (-1, *out)), Way(tuple(nodes_back), _along(length[back]), (-1, *back))


def chosen(view: View) -> tuple[int, str, list[str]] | None:
    """Consumer of the diagram that is drawn first, its label, and what to say of the choice."""
    say, building, inlet = view.say, view.building, view.net[Consumer]
    choice: list[tuple[int, str]] = []
    if view.user in building.id:
        row = int(np.flatnonzero(building.id == view.user)[0])
        choice.append((int(view.at[row]), view.label(row)))
    elif view.user is not None:
        choice.append((int(np.flatnonzero(inlet.id == view.user)[0]), view.user))
    if len(building):
        choice += [(int(view.at[row]), view.label(int(row))) for row in np.argsort(view.room, kind="stable")]
    else:
        choice += [(int(row), str(inlet.id[row])) for row in np.argsort(view.state.loss(Consumer), kind="stable")]
    for number_, (row, label) in enumerate(choice):
        if ways(view, row) is None:
            continue
        if view.user is None:
            return row, label, [say("pressure.worst" if len(building) else "pressure.worst_inlet")]
        return row, label, [say("pressure.chosen_dry", user=choice[0][1], other=label)] if number_ else []
    return None


def first_drawn(view: View) -> tuple[str, int] | None:
    """Building or inlet whose diagram is drawn first, as the model of the page names it."""
    found = chosen(view)
    if found is None:
        return None
    rows = view.behind()[found[0]]
    if view.user is not None and view.user in view.net[Consumer].id[found[0] : found[0] + 1]:
        return "inlet", found[0]
    named = [row for row in rows if view.building.id[row] == view.user] or rows
    return ("home", named[int(np.argmin(view.room[named]))]) if named else ("inlet", found[0])


def _along(length: Floats) -> tuple[float, ...]:
    return (0.0, *np.cumsum(length).tolist())


def _extremes(view: View) -> Facts:
    """Least and largest pressures and the least margin over boiling, each with its node."""
    say, state, node = view.say, view.state, view.net[Node]
    air = view.net.site.air_pressure
    margin = state.p - (vapour_pressure(state.t) - air)
    inlets, plants = state.of(Consumer), np.r_[state.of(Plant), state.of(Secondary)]
    back = np.unique(np.concatenate([state.arrays.head[inlets], state.arrays.tail[plants]]))
    back = back[~np.isnan(state.p[back])]
    facts = []
    for key, values, pick in (("pressure.boiling", margin, np.nanargmin), ("pressure.most", state.p, np.nanargmax)):
        if not np.isnan(values).all():
            at = int(pick(values))
            facts.append(Fact(say(key), float(values[at]), forms.PRESSURE, say("pressure.node", id=node.id[at]),
                              "bad" if values[at] < 0 else ""))
    if back.size:
        at = int(back[np.argmin(state.p[back])])
        facts.append(Fact(say("pressure.least"), float(state.p[at]), forms.PRESSURE, say("pressure.node", id=node.id[at]),
                          "bad" if state.p[at] < 0 else ""))
    loss = state.loss(Consumer)
    if loss.size and not np.isnan(loss).all():
        worst = int(np.nanargmin(loss))
        facts.append(Fact(say("pressure.smallest"), float(loss[worst]), forms.DIFFERENTIAL, str(view.net[Consumer].id[worst]),
                          "low" if loss[worst] < 0 else ""))
    return Facts(tuple(facts))


def _path(view: View, consumer: int, label: str) -> Table:
    say, state, node, pipe = view.say, view.state, view.net[Node], view.net[Pipe]
    found = ways(view, consumer)
    assert found is not None
    still = view.static_heads[0]
    first, gradient, speed = state.of(Pipe).start, view.gradient(), view.speed()
    rows: list[tuple[Cell, ...]] = []
    for side, way in zip((say("pressure.supply"), say("pressure.return")), found, strict=True):
        for at, x, edge in zip(way.nodes, way.distance, way.edges, strict=True):
            row = edge - first if edge >= 0 and 0 <= edge - first < len(pipe) else None
            rows.append((
                side, node.id[at], x, float(node.height[at]), float(state.p[at]),
                float(state.p[at]) / WATER_COLUMN + float(node.height[at]), float(still[at]),
                float(state.t[at]), pipe.id[row] if row is not None else "", float(pipe.diameter[row]) if row is not None else None,
                float(speed[row]) if row is not None else None, float(gradient[row]) if row is not None else None,
            ))
    heads = (
        Head(say("pressure.side")), Head(say("pressure.point")), Head(say("distance"), forms.LENGTH),
        Head(say("pressure.height"), forms.HEIGHT),
        Head(say("pressure.gauge"), forms.PRESSURE), Head(say("pressure.head"), forms.HEAD),
        Head(say("pressure.static"), forms.HEAD),
        Head(say("pressure.temperature"), forms.TEMPERATURE),
        Head(say("pipes.pipe")), Head(say("pipes.diameter"), forms.DIAMETER), Head(say("pipes.speed"), forms.SPEED, high=view.limits.speed),
        Head(say("pipes.gradient"), forms.GRADIENT, high=view.limits.gradient),
    )
    return Table("path", say("pressure.path", user=label), heads, tuple(rows))
