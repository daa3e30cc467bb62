"""What the page draws by itself: nodes, pipes, inlets and buildings as short columns, and what the layers of the map mean.

A path to any user is found in the page by walking `up` (the node that feeds a node) and `down` (the node that it feeds), so that no path
has to be stored. Numbers are in the units of their forms (heatnet.report.forms).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from heatnet.components import Consumer, Pipe, Plant
from heatnet.network import Building, Node
from heatnet.report import forms
from heatnet.report.forms import Form
from heatnet.report.hot_spots import densities
from heatnet.report.palette import GOOD, HIGH
from heatnet.report.view import View, supply_side, texts
from heatnet.rooms import CAUSES, CUT_OFF, OTHER, SHUT
from heatnet.schema import Bools, Floats, Ints
from heatnet.units import KELVIN, WATER_COLUMN
from heatnet.water import vapour_pressure

FORMS = {  # how the page prints the columns of the model, which are in the units of these forms
    "t": forms.TEMPERATURE, "p": forms.PRESSURE, "dp": forms.DIFFERENTIAL, "head": forms.HEAD, "flow": forms.FLOW,
    "plantFlow": forms.CIRCULATION,
    "heat": forms.HEAT, "length": forms.LENGTH, "d": forms.DIAMETER, "v": forms.SPEED, "r": forms.GRADIENT, "q": forms.HEAT_PER_METRE,
    "x": forms.RATIO, "deficit": forms.DEFICIT, "count": forms.COUNT,
}
RING = 0.012  # of the extent of the map, radius on which buildings behind one inlet stand
LINES = ((30.0, "#c3cad3", 1.0), (70.0, "#8fa3b8", 1.6), (150.0, "#5b7fa6", 2.4), (np.inf, "#8a2a12", 4.4))  # up to, colour, width
WIDTHS = ((0.1, 1.0), (0.2, 1.8), (0.4, 3.0), (np.inf, 4.5))  # diameter up to [m], width of a line


def model(view: View, chosen: tuple[str, int] | None) -> dict[str, Any]:
    """Columns of the network and its users; `chosen` is ("building" or "inlet", row) of the diagram that is drawn first."""
    line, lines = _static_lines(view)
    return {
        "node": _nodes(view, line), "pipe": _pipes(view), "inlet": _inlets(view), "home": _homes(view), "plant": _plants(view),
        "lines": lines, "layers": _layers(view), "chosen": list(chosen) if chosen else None,
        "spots": densities(view),
        "forms": {name: [form.side(view.say.lang).digits, form.unit(view.say.lang)] for name, form in FORMS.items()},
        "causes": {cause: view.say(f"cause.{cause}") for cause in (*CAUSES, CUT_OFF, SHUT, OTHER)},
    }


def rounded(values: Floats, digits: int) -> list[float | None]:
    """Numbers as short as a chart needs them; None for NaN."""
    return [None if np.isnan(value) else value for value in np.round(values, digits).tolist()]


def _shown(view: View, si: Floats, form: Form) -> list[float | None]:
    """Numbers in SI as a form prints them."""
    side = form.side(view.say.lang)
    return rounded((si - side.offset) / side.factor, side.digits)


def _nodes(view: View, line: list[int]) -> dict[str, Any]:
    state, node = view.state, view.net[Node]
    length = np.zeros(state.arrays.edges)
    length[state.of(Pipe)] = view.net[Pipe].length
    up, up_length = _step(view, view.paths.before, back=False, length=length)
    down, down_length = _step(view, view.paths.after, back=True, length=length)
    vapour = (vapour_pressure(state.t) - view.net.site.air_pressure) / WATER_COLUMN
    return {
        "id": texts(node.id), "x": rounded(node.x, 1), "y": rounded(node.y, 1), "z": rounded(node.height, 2),
        "head": rounded(state.p / WATER_COLUMN + node.height, 2), "p": _shown(view, state.p, forms.PRESSURE),
        "t": rounded(state.t - KELVIN, 2),
        "vapour": rounded(vapour, 2), "line": line, "up": up, "upLength": up_length, "down": down, "downLength": down_length,
    }


def _static_lines(view: View) -> tuple[list[int], list[list[float | None]]]:
    """Static line of each node as a row of the distinct lines, and these: lowest and highest head of each [m]."""
    both = np.round(view.static_heads, 2)
    lines, at = np.unique(np.where(np.isnan(both), np.inf, both), axis=1, return_inverse=True)
    return at.ravel().tolist(), [rounded(np.where(np.isinf(line), np.nan, line), 2) for line in lines.T]


def _step(view: View, step: Ints, *, back: bool, length: Floats) -> tuple[list[int], list[float | None]]:
    """Node before (after) each one on the way of the water, -1 at its end, and metres to it."""
    paths = view.paths
    moves = (step >= 0) & ~paths.plant[step] if paths.plant.size else np.zeros(step.size, dtype=bool)
    far = np.where(paths.forward, paths.head, paths.tail) if back else np.where(paths.forward, paths.tail, paths.head)
    to = np.where(moves, far[step], -1) if far.size else np.full(step.size, -1)
    return to.tolist(), rounded(np.where(moves, length[step], 0.0) if far.size else np.zeros(step.size), 1)


def _pipes(view: View) -> dict[str, Any]:
    state, pipe = view.state, view.net[Pipe]
    span = state.of(Pipe)
    with np.errstate(divide="ignore", invalid="ignore"):
        per_metre = np.where(pipe.length > 0.0, state.heat(Pipe) / pipe.length, np.nan)
    return {
        "id": texts(pipe.id), "a": state.arrays.tail[span].tolist(), "b": state.arrays.head[span].tolist(),
        "d": rounded(pipe.diameter * 1e3, 0), "l": rounded(pipe.length, 0), "m": rounded(state.m[span] * 3.6, 2),
        "v": rounded(view.speed(), 2), "r": rounded(view.gradient(), 0), "q": rounded(per_metre, 1),
        "supply": supply_side(state).astype(int).tolist(),
    }


def _inlets(view: View) -> dict[str, Any]:
    state, span = view.state, view.state.of(Consumer)
    return {
        "id": texts(view.net[Consumer].id), "s": state.arrays.tail[span].tolist(), "r": state.arrays.head[span].tolist(),
        "dp": _shown(view, state.loss(Consumer), forms.DIFFERENTIAL), "x": rounded(state.flow_ratio(), 2),
        "m": rounded(state.m[span] * 3.6, 2),
    }


def _homes(view: View) -> dict[str, Any]:
    building, rooms = view.building, view.rooms
    dx, dy = spread(view)
    return {
        "id": texts(building.id), "name": [" ".join(filter(None, pair)) for pair in zip(building.street, building.name, strict=True)],
        "inlet": view.at.tolist(), "dx": rounded(dx, 1), "dy": rounded(dy, 1), "room": rounded(view.room, 2),
        "ratio": rounded(rooms.flow_ratio, 2), "households": rounded(building.households, 0), "deficit": rounded(rooms.deficit, 2),
        "cause": texts(rooms.cause), "share": rounded(100.0 * view.refund_share, 0), "refund": rounded(rooms.refund, 0),
        "height": rounded(building.height, 1), "supply": rounded(rooms.supply - KELVIN, 1),
    }


def _plants(view: View) -> dict[str, Any]:
    state, span = view.state, view.state.of(Plant)
    return {
        "id": texts(view.net[Plant].id), "s": state.arrays.head[span].tolist(), "r": state.arrays.tail[span].tolist(),
        "dp": _shown(view, -state.loss(Plant), forms.DIFFERENTIAL), "q": rounded(-state.heat(Plant) / 1e6, 2),
        "m": rounded(state.m[span] * 3.6, 1),
    }


def spread(view: View) -> tuple[Floats, Floats]:
    """Buildings behind one inlet stand in a small ring around it, so that none hides another [m]; (buildings,) each."""
    node, count = view.net[Node], len(view.building)
    extent = max((float(np.nanmax(axis) - np.nanmin(axis)) for axis in (node.x, node.y) if not np.isnan(axis).all()), default=1.0)
    radius = min(RING * max(extent, 1.0), 25.0)
    dx, dy = np.zeros(count), np.zeros(count)
    for rows in view.behind():
        if len(rows) > 1:
            turn = 2 * np.pi * np.arange(len(rows)) / len(rows)
            dx[rows], dy[rows] = radius * np.cos(turn), radius * np.sin(turn)
    return dx, dy


def _layers(view: View) -> dict[str, Any]:
    """Layers of the map: what colours the users, and what draws the pipes; a class runs from the end of the one before up to `to`."""
    say, rule, limits = view.say, view.rooms.profile, view.limits
    homes: dict[str, Any] = {}
    if len(view.building):
        homes["room"] = {"title": say("map.by_room"), "of": "room", "classes": _classes(
            view, forms.TEMPERATURE, (rule.required - 4.0, rule.required - 2.0, rule.required, rule.over, np.inf),
            ("#08265c", "#2f66a9", "#8db4dc", GOOD, HIGH), ("triangle-down", "triangle-down", "triangle-down", "circle", "square"))}
        if rule.below:
            homes["refund"] = {"title": say("map.by_refund"), "of": "share", "classes": _shares(view)}
    homes["ratio"] = {"title": say("map.by_ratio"), "of": "ratio", "classes": _classes(
        view, forms.RATIO, (limits.starved, limits.low, limits.high, np.inf), ("#08265c", "#6f9fd0", GOOD, HIGH),
        ("triangle-down", "triangle-down", "circle", "square"))}
    lines = {
        "d": {"title": say("map.by_diameter"), "of": "d", "classes": _lines(
            view, forms.DIAMETER, [(to, "#7d8794", width) for to, width in WIDTHS])},
        "r": {"title": say("map.by_gradient"), "of": "r", "classes": _lines(
            view, forms.GRADIENT, [*LINES[:-1], (limits.gradient, "#2c5282", 3.2), LINES[-1]])},
        "q": {"title": say("map.by_loss"), "of": "q", "classes": _lines(
            view, forms.HEAT_PER_METRE, [(to, *look) for to, (_, *look) in zip((15.0, 30.0, 60.0, np.inf), LINES, strict=True)])},
    }
    return {"home": homes, "pipe": lines}


def _shares(view: View) -> list[dict[str, Any]]:
    steps = sorted({0.0, *view.rooms.profile.share})
    looks = [(GOOD, "circle"), ("#8db4dc", "triangle-down"), ("#2f66a9", "triangle-down"), ("#08265c", "triangle-down")]
    return [
        {"to": None if at == len(steps) - 1 else 100.0 * share + 0.5, "colour": looks[min(at, 3)][0], "symbol": looks[min(at, 3)][1],
         "label": view.say("map.no_refund") if share == 0.0 else view.say("map.refund", share=view.limit(share, forms.SHARE))}
        for at, share in enumerate(steps)
    ]


def _classes(view: View, form: Form, ends: Sequence[float], colours: Sequence[str], shapes: Sequence[str]) -> list[dict[str, Any]]:
    """Classes of users by their ends in SI, the last one infinite."""
    return [
        {"to": to, "label": label, "colour": colour, "symbol": shape}
        for (to, label), colour, shape in zip(_ends(view, form, ends), colours, shapes, strict=True)
    ]


def _lines(view: View, form: Form, classes: Sequence[tuple[Any, ...]]) -> list[dict[str, Any]]:
    return [
        {"to": to, "label": label, "colour": colour, "width": width}
        for (to, label), (_, colour, width) in zip(_ends(view, form, [one[0] for one in classes]), classes, strict=True)
    ]


def _ends(view: View, form: Form, ends: Sequence[float]) -> list[tuple[float | None, str]]:
    """End of each class as the page counts, None for the last, and its words: "< 16 °C", "16 – 20 °C", "≥ 24 °C"."""
    lang = view.say.lang
    bare = [form.limit(end, lang, unit=False) for end in ends[:-1]]
    full = [form.limit(end, lang) for end in ends[:-1]]
    labels = [f"< {full[0]}", *(f"{low} – {high}" for low, high in zip(bare, full[1:], strict=False)), f"≥ {full[-1]}"]
    return list(zip([*(form.shown(end, lang) for end in ends[:-1]), None], labels, strict=True))


def placed(view: View) -> Bools:
    """Whether the inlet of each building has coordinates, (buildings,)."""
    node, at = view.net[Node], view.state.arrays.tail[view.state.of(Consumer)]
    return np.asarray(~np.isnan(node.x[at] + node.y[at]))[view.at] if len(view.net[Building]) else np.zeros(0, dtype=bool)
