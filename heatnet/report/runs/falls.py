"""Events of a season: how long homes hold out before they fell below the limit of the case."""

from __future__ import annotations

import numpy as np

from heatnet.report import forms
from heatnet.report.document import Block, Cell, Figure, Head, Line, Section, Table
from heatnet.report.palette import DARK, LOW, SUPPLY
from heatnet.report.runs.view import RunView

MARK = "building.fall_"
COLOURS = (LOW, SUPPLY, DARK)
DASHES = ("solid", "dash", "dot", "dashdot")
NAMED = 50  # buildings of a table, the first to fall


def falls(view: RunView) -> Section | None:
    """Households below the limit over the hours since each event began; None where there were no events."""
    say = view.say
    names = [name for name in view.names if name.startswith(MARK)]
    if not names:
        return None
    blocks: list[Block] = []
    lines, tables = [], []
    for at, name in enumerate(names):
        hours, doc = view.values(name)[view.scenario], view.result.about(name)[1]
        fell = np.flatnonzero(np.isfinite(hours))
        order = fell[np.lexsort((fell, hours[fell]))]
        event = doc.partition("'")[2].rpartition("'")[0] or str(at + 1)
        limit = say("runs.label.degrees", value=doc.rpartition("below ")[2].removesuffix(" degC"))
        x = [0.0, *hours[order].tolist()]
        y = [0.0, *np.cumsum(view.building.households[order]).tolist()]
        lines.append(Line(event, x, y, COLOURS[at % 3], 2.2, DASHES[at % 4]))  # type: ignore[arg-type]
        rows: tuple[tuple[Cell, ...], ...] = tuple((*view.who(row), 3600.0 * float(hours[row])) for row in order[:NAMED].tolist())
        households = float(view.building.households[fell].sum())
        total: tuple[Cell, ...] = (say("runs.fell", n=fell.size, all=hours.size), "", "", "", households, "")
        heads = (*view.who_heads(), Head(say("runs.until"), forms.HOURS))
        tables.append(Table(f"fall_{at}", say("runs.fall_table", event=event, limit=limit), heads, rows, total))
    blocks.append(Figure("falls", say("runs.falls_chart"), say("runs.since"), say("runs.fallen"), tuple(lines)))
    return Section("falls", say("runs.falls"), (*blocks, *tables))
