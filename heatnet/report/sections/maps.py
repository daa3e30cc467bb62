"""Map: supply pipes by width and buildings by room temperature."""

from __future__ import annotations

import numpy as np

from heatnet.components import Consumer, Pipe, Plant
from heatnet.network import Node
from heatnet.report import forms
from heatnet.report.document import Block, Dots, Figure, Line, Paragraph, Scale, Section
from heatnet.report.forms import number
from heatnet.report.view import TONNES, View, supply_side
from heatnet.schema import Floats, Ints

WIDTHS = ((0.0, 0.1, 1.0), (0.1, 0.2, 1.8), (0.2, 0.4, 3.0), (0.4, np.inf, 4.5))  # m, m, line width
PIPE = "#8a8f98"
SIZES = ((400, 11.0), (3000, 8.0), (1 << 31, 5.0))  # points up to a number of buildings
COLDEST = 8.0  # K below the required temperature at the cold end of the colours


def map_(view: View) -> Section:
    """The map, or why there is none."""
    say, node = view.say, view.net[Node]
    x, y = node.x, node.y
    inlets = view.state.arrays.tail[view.state.of(Consumer)]
    if np.isnan(x[inlets] + y[inlets]).all():
        return Section("map", say("map"), (Paragraph(say("map.no_coordinates")),))
    buildings = bool(len(view.building))
    users = _homes(view, x, y) if buildings else _inlets(view, x, y)
    series: tuple[Line | Dots, ...] = (*_pipes(view, x, y), _pipe_data(view, x, y), _plants(view, x, y), users)
    title = say("map.title" if buildings else "map.title_inlets")
    blocks: list[Block] = [Figure("map", title, "", "", series, map=True, note=say("map.note"))]
    lost = int(np.isnan(x[inlets] + y[inlets])[view.at].sum()) if buildings else 0
    if lost:
        blocks.append(Paragraph(say("map.some_without", n=lost)))
    return Section("map", say("map"), tuple(blocks))


def temperature_scale(view: View) -> Scale:
    """Blue below the required temperature, pale green within the rule, red above it."""
    low, required, over = view.required - COLDEST, view.required, max(view.over, view.required + 1.0)
    high = over + 3.0

    def at(t: float) -> float:
        return (t - low) / (high - low)

    stops = ((0.0, "#0b3c8c"), (at(required - 2.0), "#5b9bd5"), (at(required), "#b5d3ea"), (at(required), "#cfe3c4"),
             (at(over), "#a6cf98"), (at(over), "#f6b26b"), (1.0, "#b3261e"))
    return Scale(forms.TEMPERATURE.unit(view.say.lang), low, high, stops, (low, (low + required) / 2, required, over, high))


def _pipes(view: View, x: Floats, y: Floats) -> list[Line]:
    """One line with gaps for each class of width."""
    say, pipe, arrays = view.say, view.net[Pipe], view.state.arrays
    span = view.state.of(Pipe)
    tail, head = arrays.tail[span], arrays.head[span]
    drawn = supply_side(view.state) & ~np.isnan(x[tail] + y[tail] + x[head] + y[head])
    lines = []
    for low, high, width in WIDTHS:
        rows = np.flatnonzero(drawn & (pipe.diameter >= low) & (pipe.diameter < high))
        if rows.size:
            limits = {"low": number(low * 1e3, 0), "high": number(high * 1e3, 0)}
            label = say("map.pipes_below" if low == 0.0 else "map.pipes_above" if np.isinf(high) else "map.pipes", **limits)
            lines.append(Line(label, _gaps(x, tail[rows], head[rows]), _gaps(y, tail[rows], head[rows]), PIPE, width))
    return lines


def _gaps(values: Floats, tail: Ints, head: Ints) -> list[float | None]:
    return [entry for a, b in zip(values[tail].tolist(), values[head].tolist(), strict=True) for entry in (a, b, None)]


def _pipe_data(view: View, x: Floats, y: Floats) -> Dots:
    """Unseen points in the middle of pipes that carry their data."""
    say, pipe, state = view.say, view.net[Pipe], view.state
    span = state.of(Pipe)
    tail, head = state.arrays.tail[span], state.arrays.head[span]
    mid_x, mid_y = (x[tail] + x[head]) / 2, (y[tail] + y[head]) / 2
    rows = np.flatnonzero(supply_side(state) & ~np.isnan(mid_x + mid_y))
    speed = np.abs(state.m[span]) / (state.fluid(Pipe).rho * np.pi / 4 * pipe.diameter**2)
    gradient = np.abs(state.loss(Pipe)) / np.where(pipe.length > 0.0, pipe.length, np.inf)
    hover = [
        (say("map.pipe", id=pipe.id[row], d=number(pipe.diameter[row] * 1e3, 0), length=number(pipe.length[row], 0)),
         say("map.pipe_flow", flow=number(abs(float(state.m[span][row])) * TONNES, 1), speed=number(float(speed[row]), 2),
             gradient=number(float(gradient[row]), 0)))
        for row in rows
    ]
    return Dots(say("map.pipe_data"), mid_x[rows].tolist(), mid_y[rows].tolist(), 8.0, PIPE, hover=hover, shape="none")


def _plants(view: View, x: Floats, y: Floats) -> Dots:
    plant, at = view.net[Plant], view.state.arrays.head[view.state.of(Plant)]
    hover = [(f"{view.say('summary.plant')} {name}",) for name in plant.id]
    return Dots(view.say("summary.plant"), _plain(x[at]), _plain(y[at]), 15.0, "#222222", hover=hover, shape="square")


def _homes(view: View, x: Floats, y: Floats) -> Dots:
    say, building, rooms = view.say, view.building, view.rooms
    node = view.state.arrays.tail[view.state.of(Consumer)][view.at]
    dx, dy = _spread(view, x, y)
    hover = []
    for row in range(len(building)):
        data = say("map.hover", room=number(float(view.room[row]), 1), x=number(float(rooms.flow_ratio[row]), 2),
                   households=number(float(building.households[row]), 0))
        cause = (say(f"cause.{rooms.cause[row]}"),) if rooms.cause[row] else ()
        hover.append((view.label(row), data, *cause))
    size = next(size for most, size in SIZES if len(building) <= most)
    return Dots(say("map.buildings"), _plain(x[node] + dx), _plain(y[node] + dy), size, values=view.room.tolist(),
                scale=temperature_scale(view), hover=hover)


def _inlets(view: View, x: Floats, y: Floats) -> Dots:
    at, ratio = view.state.arrays.tail[view.state.of(Consumer)], view.state.flow_ratio()
    hover = [(str(name), f"x = {number(float(ratio[row]), 2)}") for row, name in enumerate(view.net[Consumer].id)]
    return Dots(view.say("balance.inlet"), _plain(x[at]), _plain(y[at]), 9.0, "#2166ac", hover=hover)


def _spread(view: View, x: Floats, y: Floats) -> tuple[Floats, Floats]:
    """Buildings behind one inlet stand in a small ring around it, so that none hides another."""
    extent = max(float(np.nanmax(x) - np.nanmin(x)), float(np.nanmax(y) - np.nanmin(y)), 1.0)
    radius = 0.012 * extent
    dx, dy = np.zeros(len(view.building)), np.zeros(len(view.building))
    for rows in view.behind():
        if len(rows) > 1:
            turn = 2 * np.pi * np.arange(len(rows)) / len(rows)
            dx[rows], dy[rows] = radius * np.cos(turn), radius * np.sin(turn)
    return dx, dy


def _plain(values: Floats) -> list[float | None]:
    """Numbers with None for NaN."""
    return [None if np.isnan(value) else value for value in values.tolist()]
