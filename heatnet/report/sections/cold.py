"""Under-heated users with the cause of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from heatnet.components import Consumer, Exchanger, Pipe
from heatnet.report import forms
from heatnet.report.document import Cell, Dots, Figure, Head, Mark, Paragraph, Section, Table
from heatnet.report.palette import DARK, HIGH, LOW
from heatnet.report.sections.summary import causes_of
from heatnet.report.view import View, who, who_heads
from heatnet.rooms import CAUSES
from heatnet.schema import Floats, Longs

FEWER = 0.8  # inlets to a building from which a table by inlet says something new
WEIGHT = 6  # place of deficit x households among the sums of a group


def cold(view: View) -> Section:
    """Under-heated users, most deficit x households first."""
    say = view.say
    if not view.rooms.cold.any():
        return Section("cold", say("cold"), (Paragraph(say("cold.none" if len(view.building) else "cold.no_buildings")),))
    return Section("cold", say("cold"), (
        Paragraph(say("cold.how")), _by_cause(view), *_charts(view), _by_street(view), _by_district(view), _cold_list(view),
        Paragraph(say("cold.bottleneck_note")), *_by_inlet(view),
    ))


def _by_cause(view: View) -> Table:
    say = view.say
    rows = tuple((say(f"cause.{cause}"), n, households) for cause, n, households in causes_of(view))
    heads = (Head(say("cause")), Head(say("buildings"), forms.COUNT), Head(say("households"), forms.COUNT))
    return Table("causes", say("cold.by_cause"), heads, rows, (say("total"), sum(row[1] for row in rows), sum(row[2] for row in rows)))


def _by_street(view: View) -> Table:
    say, building = view.say, view.building
    keys = list(zip((str(name) for name in building.street), (str(name) for name in building.district), strict=True))
    return _grouped(view, "streets", say("cold.by_street"), keys, (Head(say("street")), Head(say("district"))))


def _by_district(view: View) -> Table:
    say = view.say
    return _grouped(view, "districts", say("cold.by_district"), [(str(name),) for name in view.building.district], (Head(say("district")),))


def _by_inlet(view: View) -> list[Table]:
    """By the exchangers that feed them, where the model has some, and by inlet where several buildings stand behind one."""
    say, names, stations, tables = view.say, view.net[Consumer].id, view.net[Exchanger].id, list[Table]()
    if stations.size:
        fed = [(str(stations[at]) if at >= 0 else "",) for at in view.substation()]
        tables.append(_grouped(view, "cold_stations", say("cold.by_station"), fed, (Head(say("substations.exchanger")),)))
    if names.size < FEWER * len(view.building):
        cold = {int(at) for at in view.at[view.rooms.cold]}
        keys = [(str(names[at]),) if int(at) in cold else None for at in view.at]
        tables.append(_grouped(view, "cold_inlets", say("cold.by_inlet"), keys, (Head(say("balance.inlet"), link="inlet"),)))
    return tables


def _grouped(view: View, name: str, title: str, keys: Sequence[tuple[str, ...] | None], heads: tuple[Head, ...]) -> Table:
    """Buildings added up by their key, most deficit first; buildings without a key are left out, also of the totals."""
    say = view.say
    groups: dict[tuple[str, ...], list[int]] = {}
    for row, key in enumerate(keys):
        if key is not None:
            groups.setdefault(key, []).append(row)
    rows: list[tuple[Cell, ...]] = [(*(part or say("unnamed") for part in key), *_sums(view, np.array(at))) for key, at in groups.items()]
    column = len(heads) + WEIGHT
    rows.sort(key=lambda row: (-float(row[column]), row[0]))  # type: ignore[arg-type]
    everyone = np.array([row for row, key in enumerate(keys) if key is not None], dtype=np.int64)
    all_heads = (
        *heads, Head(say("buildings"), forms.COUNT), Head(say("cold.cold_buildings"), forms.COUNT), Head(say("households"), forms.COUNT),
        Head(say("cold.cold_households"), forms.COUNT), Head(say("cold.share"), forms.SHARE),
        Head(say("cold.mean_room"), forms.TEMPERATURE, low=view.rooms.profile.required),
        Head(say("deficit_households"), forms.DEFICIT_HOUSEHOLDS),
        Head(say("refund"), view.per_day),
    )
    return Table(name, title, all_heads, tuple(rows), (say("total"), *[""] * (len(heads) - 1), *_sums(view, everyone)))


def _sums(view: View, at: Longs) -> tuple[Cell, ...]:
    """Buildings, cold ones, households, cold ones, their share, mean room, deficit x households, refund of some rows."""
    rooms, households = view.rooms, view.building.households[at]
    low, people = rooms.cold[at], float(households.sum())
    room = rooms.temperature[at]
    mean = float((room * households).sum()) / people if people else float(room.mean())
    return (
        at.size, int(low.sum()), people, float(households[low].sum()), float(households[low].sum()) / people if people else np.nan, mean,
        float(view.weight[at].sum()), _sum(rooms.refund[at][low]),
    )


def _charts(view: View) -> list[Figure]:
    """Where cold homes are along the network, by cause."""
    say, rooms = view.say, view.rooms
    distance = view.distance()[view.at]
    looks = {"flow": (LOW, "triangle-down"), "supply": ("#8e44ad", "diamond"), "envelope": (HIGH, "square"), "radiator": ("#2e7d64", "x"),
             "substation": ("#8a6d1b", "star"),
             "cut_off": ("#7a7a7a", "hourglass"), "shut": ("#b8860b", "bowtie"), "other": (DARK, "cross")}
    series = []
    within = np.flatnonzero(~rooms.cold & ~np.isnan(distance))
    for label, rows, (colour, shape) in (
        (say("histogram.good"), within, ("#a9b4a6", "circle-open")),
        *((say(f"cause.{cause}"), np.flatnonzero((rooms.cause == cause) & ~np.isnan(distance)), look) for cause, look in looks.items()),
    ):
        if rows.size:
            names = [str(view.building.id[row]) for row in rows]
            series.append(Dots(label, distance[rows].tolist(), view.room[rows].tolist(), 7.0, colour, names, shape, link=True))  # type: ignore[arg-type]
    if not series:
        return []
    mark = Mark("y", view.required, say("histogram.required", t=view.celsius_of(rooms.profile.required)))
    y = f"{say('room')} ({forms.TEMPERATURE.unit(say.lang)})"
    return [Figure("rooms_along", say("cold.along"), f"{say('distance')} (m)", y, tuple(series), (mark,))]


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
