"""Room temperatures over households: histogram with cumulative curve, limits of the rule as lines. Used by several reports."""

from __future__ import annotations

import numpy as np

from heatnet.report import forms
from heatnet.report.document import Bars, Block, Figure, Line, Mark, Paragraph
from heatnet.report.forms import number
from heatnet.report.palette import DARK, GOOD, HIGH, LOW
from heatnet.report.view import View
from heatnet.schema import Floats
from heatnet.units import KELVIN

COARSE = 25.0  # K between coldest and warmest from which bars are 1 K wide instead of 0.5 K


def distribution(view: View) -> list[Block]:
    """Households by room temperature, or why there is no such chart."""
    say, households = view.say, view.building.households
    total = float(households.sum())
    if total <= 0.0:
        return [Paragraph(say("histogram.none"))]
    mean = float((view.room * households).sum()) / total
    spread = float(np.sqrt((households * (view.room - mean) ** 2).sum() / total))
    low, high = (number(quantile(view.room, households, share), 1) for share in (0.05, 0.95))
    text = say("histogram.text", mean=number(mean, 1), sd=number(spread, 1), p5=low, p95=high)
    return [_figure(view), Paragraph(text)]


def quantile(values: Floats, weight: Floats, share: float) -> float:
    """Smallest value below or at which this share of the weight lies.

    >>> quantile(np.array([3.0, 1.0, 2.0]), np.ones(3), 0.5)
    2.0
    """
    up = np.argsort(values, kind="stable")
    total = np.cumsum(weight[up])
    return float(values[up][np.searchsorted(total, share * total[-1] * (1 - 1e-12))])


def cumulative(values: Floats, weight: Floats, label: str, colour: str, dash: str = "solid") -> Line:
    """Share of the weight below or at each value [%], read on the right axis."""
    up = np.argsort(values, kind="stable")
    share = 100.0 * np.cumsum(weight[up]) / weight.sum()
    last = np.append(np.diff(values[up]) > 1e-3, True)
    return Line(label, values[up][last].tolist(), share[last].tolist(), colour, 2.0, dash, right=True)  # type: ignore[arg-type]


def limits(view: View) -> tuple[Mark, ...]:
    """Lines at the required temperature, the bands of refund and the limit of over-heating."""
    say, rule = view.say, view.rooms.profile
    return (
        Mark("x", view.required, say("histogram.required", t=view.celsius_of(rule.required))),
        Mark("x", view.over, say("histogram.over", t=view.celsius_of(rule.over))),
        *(Mark("x", t - KELVIN, say("histogram.band", t=view.celsius_of(t))) for t in rule.below if t != rule.required),
    )


def edges_of(*rooms: Floats) -> Floats:
    """Ends of the bars of a histogram that holds all these temperatures [degC]."""
    low, high = np.floor(min(values.min() for values in rooms)), np.floor(max(values.max() for values in rooms)) + 1.0
    step = 0.5 if high - low <= COARSE else 1.0
    return np.arange(low, high + step / 2, step)


def _figure(view: View) -> Figure:
    say, households = view.say, view.building.households
    edges = edges_of(view.room)
    step = float(edges[1] - edges[0])
    classes = (
        (say("histogram.cold"), view.rooms.cold, LOW, "/"), (say("histogram.good"), ~view.rooms.cold & ~view.rooms.over, GOOD, ""),
        (say("histogram.hot"), ~view.rooms.cold & view.rooms.over, HIGH, "x"),
    )
    bars = []
    for label, chosen, colour, pattern in classes:
        counts = np.histogram(view.room[chosen], edges, weights=households[chosen])[0]
        if counts.any():
            bars.append(Bars(label, (edges[:-1] + step / 2).tolist(), counts.tolist(), colour, step, pattern))  # type: ignore[arg-type]
    curve = cumulative(view.room, households, say("histogram.cumulative"), DARK)
    x = f"{say('room')} ({forms.TEMPERATURE.unit(say.lang)})"
    return Figure(
        "rooms", say("histogram.title"), x, say("histogram.y"), (*bars, curve), limits(view), right=say("histogram.share"), stacked=True,
    )
