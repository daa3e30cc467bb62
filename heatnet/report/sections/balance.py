"""Hydraulic balance: flow ratio of every inlet, indices of imbalance, and inlets that are out of order."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, nan

import numpy as np

from heatnet.components import Consumer, Plant
from heatnet.network import Building
from heatnet.report import forms
from heatnet.report.document import Block, Cell, Dots, Fact, Facts, Figure, Head, Line, Mark, Paragraph, Section, Table, Tag
from heatnet.report.forms import number
from heatnet.report.palette import DARK, HIGH, LOW, SUPPLY
from heatnet.report.view import Limits, View
from heatnet.schema import Bools, Floats

STILL = 1e-6  # kg/s, less is no flow
NAMED = 3  # buildings named behind an inlet


@dataclass(frozen=True)
class Indices:
    """Indices of the flow ratio x over inlets of known design flow, weighted by it."""

    mean: float
    cv: float
    gini: float
    largest: float
    smallest: float
    share: float  # of weight in balance
    inlets: int
    good: int
    under: int
    over: int


def indices(x: Floats, weight: Floats, limits: Limits) -> Indices:
    """Indices of imbalance; flow that runs backwards counts as none in the Gini index.

    >>> six = np.array([1.269, 1.190, 1.041, 0.957, 0.816, 0.728])
    >>> found = indices(six, np.ones(6), Limits())
    >>> round(found.cv, 3), round(found.gini, 3), found.good
    (0.191, 0.109, 3)
    """
    known = ~np.isnan(x) & (weight > 0.0)
    x, w = x[known], weight[known] / weight[known].sum() if known.any() else weight[known]
    if not x.size:
        return Indices(nan, nan, nan, nan, nan, nan, 0, 0, 0, 0)
    mean = float((w * x).sum())
    good = (x >= limits.low) & (x <= limits.high)
    up = np.argsort(x, kind="stable")
    flow, part = np.maximum(x[up], 0.0), w[up]
    total = float((part * flow).sum())
    lorenz = np.concatenate([[0.0], np.cumsum(part * flow)]) / total if total > 0.0 else np.zeros(x.size + 1)
    gini = 1.0 - float((part * (lorenz[1:] + lorenz[:-1])).sum()) if total > 0.0 else nan
    return Indices(
        mean, float(np.sqrt((w * (x - mean) ** 2).sum()) / mean) if mean > 0.0 else nan, gini, float(x.max()), float(x.min()),
        float(w[good].sum()), x.size, int(good.sum()), int((x < limits.low).sum()), int((x > limits.high).sum()),
    )


def balance(view: View) -> Section:
    """Indices, flow ratio along the network, table of all inlets, starved ones first."""
    say = view.say
    if not len(view.net[Consumer]):
        return Section("balance", say("balance"), (Paragraph(say("balance.none")),))
    x = view.state.flow_ratio()
    found = indices(np.where(_served(view, x), np.nan, x), np.nan_to_num(view.design_flow), view.limits)
    flagged, distance = flags(view), view.distance()
    low, high = view.band
    blocks: list[Block] = [Paragraph(say("balance.how", low=low, high=high)), _facts(view, found)]
    if any(flagged):
        blocks.append(Paragraph(say("balance.flagged", n=sum(map(bool, flagged)))))
    if found.inlets and not np.isnan(distance).all():
        blocks.append(_chart(view, x, distance))
    if found.inlets > 1 and found.gini == found.gini:
        blocks.append(_lorenz(view, x))
    return Section("balance", say("balance"), (*blocks, _table(view, x, distance, flagged)))


def _served(view: View, x: Floats) -> Bools:
    """Inlets that throttle themselves to less than design flow and still have all the heat they ask for: not out of balance."""
    load = view.net[Consumer].control == "load"
    return np.asarray(load & (view.state.shortage() == 0.0) & (x <= view.limits.high))


def _facts(view: View, found: Indices) -> Facts:
    say = view.say
    spread = found.largest / found.smallest if found.smallest > 0.0 else inf if found.inlets else nan
    note = say("balance.share_note", n=found.inlets, share=view.text(found.share, forms.SHARE))
    return Facts((
        Fact(say("balance.share"), found.good, forms.COUNT, note),
        Fact(say("balance.under"), found.under, forms.COUNT, f"x < {view.band[0]}", "low" if found.under else ""),
        Fact(say("balance.over"), found.over, forms.COUNT, f"x > {view.band[1]}", "high" if found.over else ""),
        Fact(say("balance.mean"), found.mean, forms.RATIO),
        Fact(say("balance.cv"), found.cv, forms.INDEX),
        Fact(say("balance.gini"), found.gini, forms.INDEX),
        Fact(say("balance.range"), spread, forms.RATIO, f"{number(found.largest, 2)} / {number(found.smallest, 2)}"),
    ))


def flags(view: View) -> list[Tag | str]:
    """What is out of order at each inlet, with its size."""
    x = view.state.flow_ratio()
    say, state, limits = view.say, view.state, view.limits
    span = state.of(Consumer)
    flow, head, short = state.m[span], state.loss(Consumer), state.shortage()
    shut, idle = view.net[Consumer].closed(), np.isnan(state.p[state.arrays.tail[span]])
    missing = np.nan_to_num(view.design_flow) - flow
    starved = (x < limits.starved) & ~shut & ~idle & ~_served(view, x)
    found: list[Tag | str] = []
    for row in range(flow.size):
        words = []
        if idle[row]:
            words.append(say("flag.cut_off"))
        elif shut[row]:
            words.append(say("flag.shut"))
        if flow[row] < -STILL:
            words.append(say("flag.reversed", flow=view.text(-float(flow[row]), forms.FLOW)))
        if head[row] < 0.0:
            words.append(say("flag.no_head", dp=view.full(float(head[row]), forms.DIFFERENTIAL)))
        if short[row] > 0.0:
            words.append(say("flag.short", heat=view.text(float(short[row]), forms.POWER)))
        if starved[row]:
            words.append(say("flag.starved", flow=view.text(float(missing[row]), forms.FLOW)))
        found.append(Tag(say("list.join").join(words), "bad") if words else "")
    return found


def _class(view: View, x: float, served: bool) -> Tag | str:
    say = view.say
    if np.isnan(x):
        return ""
    if served:
        return Tag(say("balance.class_served"), "good")
    if x < view.limits.low:
        return Tag(say("balance.class_under"), "low")
    return Tag(say("balance.class_over"), "high") if x > view.limits.high else Tag(say("balance.class_good"), "good")


def _behind(view: View, rows: list[int]) -> str:
    say, building = view.say, view.net[Building]
    named = say("list.join").join(str(building.id[row]) for row in rows[:NAMED])
    return named + (say("list.more", n=len(rows)) if len(rows) > NAMED else "")


def _table(view: View, x: Floats, distance: Floats, flagged: list[Tag | str]) -> Table:
    say, state = view.say, view.state
    inlet, flow, design = view.net[Consumer], state.m[state.of(Consumer)], view.design_flow
    head, behind, served, stable = state.loss(Consumer), view.behind(), _served(view, x), stability(view)
    rows: list[tuple[Cell, ...]] = [
        (inlet.id[row], _behind(view, behind[row]), float(distance[row]), float(design[row]), float(flow[row]),
         float(flow[row] - design[row]), float(x[row]), _class(view, float(x[row]), bool(served[row])), float(head[row]),
         float(stable[row]), flagged[row])
        for row in np.argsort(np.where(np.isnan(x), np.inf, x), kind="stable")
    ]
    heads = (
        Head(say("balance.inlet"), link="inlet"), Head(say("building")), Head(say("distance"), forms.LENGTH),
        Head(say("balance.design"), forms.FLOW), Head(say("balance.actual"), forms.FLOW), Head(say("balance.difference"), forms.FLOW),
        Head(say("x"), forms.RATIO, view.limits.low, view.limits.high), Head(say("balance.class")),
        Head(say("balance.available"), forms.DIFFERENTIAL, low=0.0), Head(say("balance.stability"), forms.RATIO), Head(say("balance.flag")),
    )
    known, total = ~np.isnan(design), float(flow.sum())
    wanted = float(design[known].sum()) if known.any() else nan
    ratio = float(flow[known].sum()) / wanted if known.any() else nan
    totals = (say("total"), "", "", wanted, total, float(flow[known].sum()) - wanted, ratio, "", "", "", "")
    return Table("inlets", say("balance.list"), heads, tuple(rows), totals)


def stability(view: View) -> Floats:
    """Hydraulic stability y = sqrt(dp of the user / lift of the plants) of each inlet [-], (consumers,); NaN without water."""
    lift = float(np.max(-view.state.loss(Plant), initial=0.0))
    head = view.state.loss(Consumer)
    flows = view.state.m[view.state.of(Consumer)] > STILL
    return np.sqrt(np.where(flows & (head > 0.0) & (lift > 0.0), np.minimum(head / max(lift, 1e-9), 1.0), np.nan))


def lorenz(x: Floats, weight: Floats) -> tuple[Floats, Floats]:
    """Lorenz curve: share of design flow and share of actual flow, users of smallest flow ratio first; from (0, 0) to (1, 1)."""
    known = ~np.isnan(x) & (weight > 0.0)
    x, weight = np.maximum(x[known], 0.0), weight[known]
    up = np.argsort(x, kind="stable")
    flow = np.concatenate([[0.0], np.cumsum((x * weight)[up])])
    part = np.concatenate([[0.0], np.cumsum(weight[up])])
    return part / part[-1], flow / flow[-1]


def _lorenz(view: View, x: Floats) -> Figure:
    say = view.say
    part, flow = lorenz(np.where(_served(view, x), np.nan, x), np.nan_to_num(view.design_flow))
    curve = Line(say("balance.actual"), (100 * part).tolist(), (100 * flow).tolist(), SUPPLY, 2.4)
    even = Line(say("balance.even"), [0.0, 100.0], [0.0, 100.0], DARK, 1.2, "dash")
    return Figure("lorenz", say("balance.lorenz"), say("balance.lorenz_x"), say("balance.lorenz_y"), (curve, even),
                  note=say("balance.lorenz_note"))


def _chart(view: View, x: Floats, distance: Floats) -> Figure:
    say, inlet, served = view.say, view.net[Consumer], _served(view, x)
    drawn = ~np.isnan(x) & ~np.isnan(distance)
    classes = (
        ((x < view.limits.low) & ~served, say("balance.class_under"), LOW, "triangle-down"),
        (((x >= view.limits.low) & (x <= view.limits.high)) | served, say("balance.class_good"), "#5a9367", "circle"),
        ((x > view.limits.high) & ~served, say("balance.class_over"), HIGH, "square"),
    )
    series = []
    for mask, label, colour, shape in classes:
        rows = np.flatnonzero(mask & drawn)
        if rows.size:
            names = [str(inlet.id[row]) for row in rows]
            series.append(Dots(label, distance[rows].tolist(), x[rows].tolist(), 8.0, colour, names, shape, link=True))  # type: ignore[arg-type]
    return Figure(
        "flow_ratio", say("balance.chart"), f"{say('distance')} (m)", say("x"), tuple(series),
        (Mark("y", view.limits.low, say("balance.band"), view.limits.high), Mark("y", 1.0)),
    )
