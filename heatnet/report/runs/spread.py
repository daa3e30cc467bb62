"""Samples of uncertain columns: intervals of what a mayor asks for, and of the room of every building."""

from __future__ import annotations

import numpy as np

from heatnet.report import forms
from heatnet.report.document import Block, Cell, Figure, Head, Line, Mark, Paragraph, Quantity, Section, Table
from heatnet.report.palette import DARK
from heatnet.report.runs.view import ROOM, RunView
from heatnet.schema import Floats

SAMPLE = "sample"
QUANTILES = (0.05, 0.5, 0.95)
FEW = 20  # samples below which an interval of 5 % to 95 % says little
AT_ONCE = 20_000_000  # numbers that are held for the intervals of buildings


def spread(view: RunView) -> Section | None:
    """Intervals over samples; None where none were drawn, or rooms were not kept."""
    say, homes = view.say, view.homes
    if SAMPLE not in [name for name, _ in view.axes] or view.is_season or homes is None:
        return None
    good = view.good
    what = ((say("cold.cold_buildings"), homes.cold[good], forms.COUNT), (say("cold.cold_households"), homes.households[good], forms.COUNT),
            (say("deficit_households"), homes.deficit[good], forms.DEFICIT_HOUSEHOLDS),
            (say("runs.coldest"), homes.coldest[good], forms.TEMPERATURE))
    rows: list[tuple[Cell, ...]] = [
        (label, *(Quantity(float(value), form) for value in (values.min(), *np.quantile(values, QUANTILES), values.max())))
        for label, values, form in what
    ]
    heads = tuple(Head(say(key)) for key in ("summary.item", "runs.smallest", "runs.q05", "runs.q50", "runs.q95", "runs.largest"))
    blocks: list[Block] = [Paragraph(say("runs.spread_how", n=int(good.sum())))]
    if good.sum() < FEW:
        blocks.append(Paragraph(say("runs.spread_few", n=int(good.sum()), few=FEW)))
    blocks += [Table("intervals", say("runs.intervals"), heads, tuple(rows)), _curve(view, homes.households[good])]
    if good.size * len(view.building) <= AT_ONCE:
        blocks.append(_buildings(view))
    return Section("spread", say("runs.spread"), tuple(blocks))


def _curve(view: RunView, households: Floats) -> Figure:
    say = view.say
    up = np.sort(households)
    share = 100.0 * (np.arange(up.size) + 1.0) / up.size
    low, middle, high = np.quantile(households, QUANTILES)
    line = Line(say("runs.share_samples"), up.tolist(), share.tolist(), DARK, 2.2)
    marks = (Mark("x", float(low), "5%"), Mark("x", float(middle), "50%"), Mark("x", float(high), "95%"))
    return Figure("samples", say("runs.samples_chart"), say("cold.cold_households"), say("runs.share_samples"), (line,), marks)


def _buildings(view: RunView) -> Table:
    say, homes = view.say, view.homes
    assert homes is not None
    room = np.concatenate([values for _, values in view.result.blocks(ROOM)])[view.good]
    low, middle, high = np.quantile(room, QUANTILES, axis=0)
    probable = homes.below / max(homes.rows, 1)
    order = np.lexsort((np.arange(low.size), middle, -probable))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (*view.who(row), float(probable[row]), float(low[row]), float(middle[row]), float(high[row])) for row in order.tolist()
    )
    t, required = forms.TEMPERATURE, view.rule.required
    heads = (*view.who_heads(), Head(say("runs.probable"), forms.SHARE), Head(say("runs.room_q05"), t, low=required),
             Head(say("runs.room_q50"), t, low=required), Head(say("runs.room_q95"), t, low=required))
    return Table("spread_buildings", say("runs.spread_buildings"), heads, rows)
