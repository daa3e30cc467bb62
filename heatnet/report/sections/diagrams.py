"""Pressure diagram from the plant to a user, and the distribution of room temperatures."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.components import Consumer, Exchanger, Pipe, Plant, Secondary
from heatnet.network import Node
from heatnet.report.document import Bars, Block, Dots, Figure, Line, Mark, Paragraph, Section
from heatnet.report.forms import number
from heatnet.report.sections.maps import temperature_scale
from heatnet.report.view import View
from heatnet.schema import Floats
from heatnet.units import KELVIN, WATER_COLUMN

SUPPLY, RETURN, GROUND, DARK = "#b3261e", "#2166ac", "#7a6a4f", "#333333"


@dataclass(frozen=True)
class Way:
    """Nodes from the plant to a user, and their distance from the plant along the pipes [m]."""

    nodes: tuple[int, ...]
    distance: tuple[float, ...]


def pressure(view: View) -> Section:
    """Pressure diagram to the chosen user, else to the coldest that water reaches."""
    say = view.say
    chosen = _chosen(view)
    if chosen is None:
        return Section("pressure", say("pressure"), (Paragraph(say("pressure.none")),))
    row, label, sentences = chosen
    blocks: list[Block] = [Paragraph(text) for text in sentences]
    blocks.append(_diagram(view, row, label))
    return Section("pressure", say("pressure"), tuple(blocks))


def histogram(view: View) -> Section:
    """Households by room temperature."""
    say, households = view.say, view.building.households
    total = float(households.sum())
    if total <= 0.0:
        return Section("histogram", say("histogram"), (Paragraph(say("histogram.none")),))
    mean = float((view.room * households).sum()) / total
    spread = float(np.sqrt((households * (view.room - mean) ** 2).sum() / total))
    low, high = (number(quantile(view.room, households, share), 1) for share in (0.05, 0.95))
    text = say("histogram.text", mean=number(mean, 1), sd=number(spread, 1), p5=low, p95=high)
    return Section("histogram", say("histogram"), (Paragraph(text), _bars(view)))


def quantile(values: Floats, weight: Floats, share: float) -> float:
    """Smallest value below or at which this share of the weight lies.

    >>> quantile(np.array([3.0, 1.0, 2.0]), np.ones(3), 0.5)
    2.0
    """
    up = np.argsort(values, kind="stable")
    total = np.cumsum(weight[up])
    return float(values[up][np.searchsorted(total, share * total[-1] * (1 - 1e-12))])


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
    if state.m[edge] <= 0.0 or nodes_out[0] not in arrays.head[sources] or nodes_back[0] not in arrays.tail[sources]:
        return None
    return Way(tuple(nodes_out), _along(length[out])), Way(tuple(nodes_back), _along(length[back]))


def _along(length: Floats) -> tuple[float, ...]:
    return (0.0, *np.cumsum(length).tolist())


def _chosen(view: View) -> tuple[int, str, list[str]] | None:
    """Consumer of the diagram, its label, and what to say of the choice."""
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


def _diagram(view: View, consumer: int, label: str) -> Figure:
    say, state, node = view.say, view.state, view.net[Node]
    found = ways(view, consumer)
    assert found is not None
    out, back = found
    head = state.p / WATER_COLUMN + node.height
    series: list[Line | Dots | Bars] = [
        _curve(view, out, head, say("pressure.supply"), SUPPLY), _curve(view, back, head, say("pressure.return"), RETURN),
    ]
    if np.ptp(node.height) > 0.0 or node.height.any():
        ground = [float(node.height[at]) for at in out.nodes]
        series.append(Line(say("pressure.ground"), out.distance, ground, GROUND, 1.2))
    held = np.flatnonzero(state.arrays.held)
    far = max(out.distance[-1], back.distance[-1])
    if held.size == 1:
        still = float(head[held[0]])
        series.append(Line(say("pressure.static"), (0.0, far), (still, still), DARK, 1.0, "dash"))
    dp = float(state.loss(Consumer)[consumer]) / 1e3
    same = _plant(view, out, back)
    if same is not None:
        lift = number(-float(state.loss(Plant)[same]) / 1e3, 1)
        series.append(Line(say("pressure.plant", dp=lift), (0.0, 0.0), _ends(head, back.nodes[0], out.nodes[0]), DARK, 3.0))
    series.append(Line(
        say("pressure.differential", dp=number(dp, 1)), (back.distance[-1], out.distance[-1]), _ends(head, back.nodes[-1], out.nodes[-1]),
        "#d08a1d", 4.0))
    series += _top(view, consumer, out)
    title, note = say("pressure.user", user=label), say("pressure.note")
    if same is None and not len(view.net[Exchanger]):
        other = say("pressure.other_plant")
        note = f"{note} {other}"
    return Figure("pressure", title, say("pressure.x"), say("pressure.y"), tuple(series), note=note)


def _plant(view: View, out: Way, back: Way) -> int | None:
    """Row of the plant at which both ways start; None where the water returns to another one."""
    span, arrays = view.state.of(Plant), view.state.arrays
    rows = np.flatnonzero((arrays.head[span] == out.nodes[0]) & (arrays.tail[span] == back.nodes[0]))
    return int(rows[0]) if rows.size else None


def _curve(view: View, way: Way, head: Floats, label: str, colour: str) -> Line:
    say, state, node = view.say, view.state, view.net[Node]
    hover = [
        (say("pressure.node", id=node.id[at]), f"{number(x, 0)} m", say(
            "pressure.hover", pressure=number(float(state.p[at]) / 1e3, 1), head=number(float(head[at]), 2),
            t=number(float(state.t[at]) - KELVIN, 1)))
        for at, x in zip(way.nodes, way.distance, strict=True)
    ]
    return Line(label, way.distance, [float(head[at]) for at in way.nodes], colour, 2.2, hover=hover)


def _ends(head: Floats, one: int, other: int) -> tuple[float, float]:
    return float(head[one]), float(head[other])


def _top(view: View, consumer: int, way: Way) -> list[Line]:
    """The highest building behind the consumer, where heights are given."""
    height = view.building.height[view.at == consumer]
    if np.isnan(height).all():
        return []
    tall = float(np.nanmax(height))
    foot = float(view.net[Node].height[way.nodes[-1]])
    x = way.distance[-1]
    return [Line(view.say("pressure.top", height=number(tall, 0)), (x, x), (foot, foot + tall), "#9aa0a6", 7.0)]


def _bars(view: View) -> Figure:
    say, rule = view.say, view.rooms.profile
    low, high = np.floor(view.room.min()), np.floor(view.room.max()) + 1.0
    step = 0.5 if high - low <= 25.0 else 1.0
    edges = np.arange(low, high + step / 2, step)
    counts = np.histogram(view.room, edges, weights=view.building.households)[0]
    middle = edges[:-1] + step / 2
    scale = temperature_scale(view)
    cold, good, hot = scale.stops[1][1], scale.stops[4][1], scale.stops[5][1]
    colours = [cold if t < view.required else hot if t > view.over else good for t in middle]
    hover = [
        (say("histogram.hover", low=number(a, 1), high=number(a + step, 1), n=number(float(n), 0)),)
        for a, n in zip(edges[:-1].tolist(), counts, strict=True)
    ]
    marks = [
        Mark("x", view.required, say("histogram.required", t=view.celsius_of(rule.required))),
        Mark("x", view.over, say("histogram.over", t=view.celsius_of(rule.over))),
        *(Mark("x", t - KELVIN, say("histogram.band", t=view.celsius_of(t))) for t in rule.below if t != rule.required),
    ]
    bars = Bars(say("histogram.y"), middle.tolist(), counts.tolist(), step, colours, hover)
    return Figure("rooms", say("histogram.title"), say("histogram.x"), say("histogram.y"), (bars,), tuple(marks))
