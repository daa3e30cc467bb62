"""Make-up water: what enters and leaves at each pressurisation point, by plant and substation, and what leakage usually asks for."""

from __future__ import annotations

import numpy as np

from heatnet.components import Exchanger, Plant, Secondary
from heatnet.network import Node
from heatnet.report import forms
from heatnet.report.document import Block, Cell, Head, Paragraph, Table
from heatnet.report.view import View

PER_CENT = forms.same("%", 2, 0.01)


def make_up(view: View) -> tuple[float, float]:
    """Water that enters and that leaves the network [kg/s], both above zero."""
    exchange = view.state.exchange + view.net[Node].inflow
    return float(np.maximum(exchange, 0.0).sum()), float(-np.minimum(exchange, 0.0).sum())


def make_up_blocks(view: View) -> list[Block]:
    """All make-up in a sentence, and by plant, substation and pressurisation point."""
    say, (in_, out) = view.say, make_up(view)
    circulation = float(np.maximum(view.state.m[view.state.of(Plant)], 0.0).sum())
    share = view.full(in_ / circulation if circulation else np.nan, PER_CENT)
    limits = view.limits
    shares = {"leakage": limits.leakage, "accident": limits.make_up_accident}
    how = say("make_up.how", **{name: view.limit(share, forms.SHARE, unit=True) for name, share in shares.items()})
    text = say("plants.make_up", enters=view.full(in_, forms.FLOW), leaves=view.full(out, forms.FLOW), share=share)
    return [Paragraph(text), Paragraph(how), _table(view)]


def _table(view: View) -> Table:
    """A row for each plant, each substation and whatever lies elsewhere; water that enters and leaves adds up to that of the network."""
    say, limits, state = view.say, view.limits, view.state
    node, held = view.net[Node], state.arrays.held
    points, zone = np.flatnonzero(held), view.zone
    free = np.ones(points.size, dtype=bool)
    rows: list[tuple[Cell, ...]] = []
    for kind, word in ((Plant, "plants.plant"), (Secondary, "substations.exchanger")):
        span, ids = state.of(kind), view.net[Plant if kind is Plant else Exchanger].id
        tail, head = state.arrays.tail[span], state.arrays.head[span]
        for row in range(len(ids)):
            near = free & (np.isin(points, (tail[row], head[row])) if kind is Plant else zone[points] == zone[head[row]])
            free &= ~near
            flow = max(float(state.m[span][row]), 0.0)
            rows.append((say(word), str(ids[row]), *_water(view, points[near]), flow, limits.leakage * flow,
                         limits.make_up_accident * flow))
    rows += [(say("pressure.point"), str(node.id[at]), *_water(view, np.array([at])), None, None, None)
             for at in points[free]]
    given = np.flatnonzero((node.inflow != 0.0) & ~held)
    if given.size:
        enters, leaves = float(np.maximum(node.inflow[given], 0.0).sum()), float(-np.minimum(node.inflow[given], 0.0).sum())
        rows.append((say("make_up.given"), say("make_up.nodes", n=given.size), "", None, enters, leaves, None, None, None))
    heads = (
        Head(say("regime.table")), Head(say("regime.id")), Head(say("regime.points")), Head(say("pressure.gauge"), forms.PRESSURE),
        Head(say("make_up.enters"), forms.FLOW), Head(say("make_up.leaves"), forms.FLOW),
        Head(say("plants.circulation"), forms.CIRCULATION), Head(say("make_up.usual"), forms.FLOW),
        Head(say("make_up.accident"), forms.FLOW),
    )
    totals: tuple[Cell, ...] = (say("total"), "", "", "", *(_total(rows, at) for at in (4, 5)), *[""] * 3)
    return Table("make_up", say("make_up.table"), heads, tuple(rows), totals)


def _water(view: View, at: np.ndarray) -> tuple[Cell, ...]:
    """Points, pressure of the first, and water that enters and leaves at them [kg/s]."""
    if not at.size:
        return "", None, None, None
    node = view.net[Node]
    exchange = view.state.exchange[at] + node.inflow[at]
    names = view.say("list.join").join(str(name) for name in node.id[at])
    return names, float(view.state.p[at[0]]), float(np.maximum(exchange, 0.0).sum()), float(-np.minimum(exchange, 0.0).sum())


def _total(rows: list[tuple[Cell, ...]], at: int) -> float:
    return float(sum(row[at] for row in rows if isinstance(row[at], float)))  # type: ignore[misc]
