"""Under-heated users with the cause of each."""

from __future__ import annotations

import numpy as np

from heatnet.components import Exchanger, Pipe
from heatnet.report import forms
from heatnet.report.document import Cell, Head, Paragraph, Section, Table
from heatnet.report.sections.summary import causes_of
from heatnet.report.view import View, shown, who, who_heads
from heatnet.rooms import CAUSES
from heatnet.schema import Floats


def cold(view: View) -> Section:
    """Under-heated users, most deficit x households first."""
    say = view.say
    if not view.rooms.cold.any():
        return Section("cold", say("cold"), (Paragraph(say("cold.none" if len(view.building) else "cold.no_buildings")),))
    return Section("cold", say("cold"), (
        Paragraph(say("cold.how")), _by_cause(view), *shown(_by_street(view), say), *shown(_cold_list(view), say),
        Paragraph(say("cold.bottleneck_note")),
    ))


def _by_cause(view: View) -> Table:
    say = view.say
    rows = tuple((say(f"cause.{cause}"), n, households) for cause, n, households in causes_of(view))
    heads = (Head(say("cause")), Head(say("buildings"), forms.COUNT), Head(say("households"), forms.COUNT))
    return Table("causes", say("cold.by_cause"), heads, rows, (say("total"), sum(row[1] for row in rows), sum(row[2] for row in rows)))


def _by_street(view: View) -> Table:
    say, rooms, building = view.say, view.rooms, view.building
    households, weight = building.households, rooms.deficit * building.households
    places = sorted({(str(d), str(s)) for d, s in zip(building.district, building.street, strict=True)})
    rows: list[tuple[Cell, ...]] = []
    for district, street in places:
        here = (building.district == district) & (building.street == street)
        low, people = here & rooms.cold, float(households[here].sum())
        mean = float((rooms.temperature * households)[here].sum()) / people if people else float(rooms.temperature[here].mean())
        rows.append((
            street or say("unnamed"), district or say("unnamed"), int(here.sum()), int(low.sum()), people, float(households[low].sum()),
            float(households[low].sum()) / people if people else np.nan, mean, float(weight[here].sum()), _sum(rooms.refund[low]),
        ))
    rows.sort(key=lambda row: (-float(row[8]), row[1], row[0]))  # type: ignore[arg-type]
    heads = (
        Head(say("street")), Head(say("district")), Head(say("buildings"), forms.COUNT), Head(say("cold.cold_buildings"), forms.COUNT),
        Head(say("households"), forms.COUNT), Head(say("cold.cold_households"), forms.COUNT), Head(say("cold.share"), forms.SHARE),
        Head(say("cold.mean_room"), forms.TEMPERATURE), Head(say("deficit_households"), forms.DEFICIT_HOUSEHOLDS),
        Head(say("refund"), view.per_day),
    )
    all_, low = float(households.sum()), rooms.cold
    totals = (
        say("total"), "", len(building), int(low.sum()), all_, float(households[low].sum()),
        float(households[low].sum()) / all_ if all_ else np.nan,
        float((rooms.temperature * households).sum()) / all_ if all_ else np.nan, float(weight.sum()), _sum(rooms.refund[low]),
    )
    return Table("streets", say("cold.by_street"), heads, tuple(rows), totals)


def _cold_list(view: View) -> Table:
    say, rooms, building = view.say, view.rooms, view.building
    weight = rooms.deficit * building.households
    chosen = np.flatnonzero(rooms.cold)
    chosen = chosen[np.lexsort((chosen, -rooms.deficit[chosen], -weight[chosen]))]
    substituted, distance, pipes = rooms.substituted, view.distance()[view.at], view.net[Pipe].id
    causes = [cause for cause in CAUSES if cause != "substation" or len(view.net[Exchanger])]
    rows: list[tuple[Cell, ...]] = []
    for row in chosen.tolist():
        narrow = rooms.cause[row] == "flow" and rooms.bottleneck[row] >= 0 and rooms.gradient[row] > 0.0
        rows.append((
            *who(view, row),
            float(rooms.temperature[row]), float(rooms.deficit[row]), float(weight[row]), float(rooms.refund[row]),
            say(f"cause.{rooms.cause[row]}"), float(rooms.flow_ratio[row]), float(rooms.supply[row]),
            *(float(substituted[CAUSES.index(cause), row]) for cause in causes),
            str(pipes[rooms.bottleneck[row]]) if narrow else "", float(rooms.gradient[row]) if narrow else None, float(distance[row]),
        ))
    t = forms.TEMPERATURE
    heads = (
        *who_heads(view),
        Head(say("room"), t, low=rooms.profile.required), Head(say("deficit"), forms.DEFICIT),
        Head(say("deficit_households"), forms.DEFICIT_HOUSEHOLDS), Head(say("refund"), view.per_day), Head(say("cause")),
        Head(say("x"), forms.RATIO, view.limits.low, view.limits.high), Head(say("supply_inlet"), t),
        *(Head(say(f"cold.at_{cause}"), t) for cause in causes),
        Head(say("cold.bottleneck")), Head(say("cold.gradient"), forms.GRADIENT), Head(say("distance"), forms.LENGTH),
    )
    totals: list[Cell] = [""] * len(heads)
    totals[0], totals[4], totals[7] = say("total"), float(building.households[chosen].sum()), float(weight[chosen].sum())
    totals[8] = _sum(rooms.refund[chosen])
    return Table("cold_list", say("cold.list"), heads, tuple(rows), tuple(totals))


def _sum(values: Floats) -> float:
    """Sum of what is known; NaN where nothing is."""
    return float(np.nansum(values)) if values.size and not np.isnan(values).all() else np.nan
