"""Under-heated users with the cause of each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from heatnet.components import Consumer, Exchanger, Pipe
from heatnet.report import forms
from heatnet.report.document import Cell, Dots, Figure, Head, Mark, Paragraph, Section, Table
from heatnet.report.palette import DARK, HIGH, LOW
from heatnet.report.sections.complaints import complaints
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
        none = Paragraph(say("cold.none" if len(view.building) else "cold.no_buildings"))
        return Section("cold", say("cold"), (none, *complaints(view)))
    return Section("cold", say("cold"), (
        Paragraph(say("cold.how")), _by_cause(view), *_charts(view), _by_street(view), _by_district(view), *_by_company(view),
        _cold_list(view), Paragraph(say("cold.bottleneck_note")), _substituted(view), *_by_inlet(view), *complaints(view),
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


def _by_company(view: View) -> list[Table]:
    """By the company that heats them; nothing where the model names none."""
    say, company = view.say, view.building.company
    if not (company != "").any():
        return []
    return [_grouped(view, "companies", say("cold.by_company"), [(str(name),) for name in company], (Head(say("column.company")),))]


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


def _order(view: View) -> list[int]:
    """Rows of cold buildings, most deficit x households first."""
    rooms, weight = view.rooms, view.weight
    chosen = np.flatnonzero(rooms.cold)
    return [int(row) for row in chosen[np.lexsort((chosen, -rooms.deficit[chosen], -weight[chosen]))]]


def _cold_list(view: View) -> Table:
    """Who is cold, how much, why; columns that the model gives for no building are left out."""
    say, rooms, building, order = view.say, view.rooms, view.building, _order(view)
    weight, share, distance, pipes = view.weight, view.refund_share, view.distance()[view.at], view.net[Pipe].id
    narrow = (rooms.cause == "flow") & (rooms.bottleneck >= 0) & (rooms.gradient > 0.0)
    t, low, high = forms.TEMPERATURE, view.limits.low, view.limits.high
    columns: list[tuple[Head, Sequence[Cell], Cell]] = [
        *((head, [who(view, row)[at] for row in order], "") for at, head in enumerate(who_heads(view)[:4])),
        *_given(view, order),
        (Head(say("households"), forms.COUNT), *_numbers(building.households, order, total=True)),
        (Head(say("substations.area"), forms.AREA), *_numbers(building.area, order, total=True)),
        (Head(say("room"), t, low=rooms.profile.required), *_numbers(rooms.temperature, order)),
        (Head(say("deficit"), forms.DEFICIT), *_numbers(rooms.deficit, order)),
        (Head(say("deficit_households"), forms.DEFICIT_HOUSEHOLDS), *_numbers(weight, order, total=True)),
        (Head(say("map.by_refund"), forms.SHARE), *_numbers(share, order)),
        (Head(say("refund"), view.per_day), *_numbers(rooms.refund, order, total=True)),
        (Head(say("cause")), [say(f"cause.{rooms.cause[row]}") for row in order], ""),
        (Head(say("x"), forms.RATIO, low, high), *_numbers(rooms.flow_ratio, order)),
        (Head(say("supply_inlet"), t), *_numbers(rooms.supply, order)),
        (Head(say("distance"), forms.LENGTH), *_numbers(distance, order)),
        (Head(say("cold.bottleneck")), [str(pipes[rooms.bottleneck[row]]) if narrow[row] else "" for row in order], ""),
        (Head(say("cold.gradient"), forms.GRADIENT), *_numbers(np.where(narrow, rooms.gradient, np.nan), order)),
    ]
    totals = (say("total"), *(total for _, _, total in columns[1:]))
    return Table("cold_list", say("cold.list"), tuple(head for head, _, _ in columns),
                 tuple(zip(*(cells for _, cells, _ in columns), strict=True)), totals)


def _given(view: View, order: list[int]) -> list[tuple[Head, Sequence[Cell], Cell]]:
    """Optional columns of the building table that at least one building gives."""
    say, building = view.say, view.building
    found: list[tuple[Head, Sequence[Cell], Cell]] = []
    for name in ("address", "company"):
        texts = getattr(building, name)
        if (texts != "").any():
            found.append((Head(say(f"column.{name}")), [str(texts[row]) for row in order], ""))
    for name in ("floors", "complaints"):
        values = getattr(building, name)
        if not np.isnan(values).all():
            found.append((Head(say(f"column.{name}"), forms.COUNT), *_numbers(values, order, total=name == "complaints")))
    return found


def _numbers(values: Floats, order: list[int], *, total: bool = False) -> tuple[list[Cell], Cell]:
    """A column in this order, and its last row: the sum of what is known, or nothing."""
    chosen = values[order]
    return chosen.tolist(), _sum(chosen) if total else ""


def _substituted(view: View) -> Table:
    """Room temperatures with one thing at a time as designed, by which the cause is found."""
    say, rooms, t = view.say, view.rooms, forms.TEMPERATURE
    causes = [cause for cause in CAUSES if cause != "substation" or len(view.net[Exchanger])]
    rows: list[tuple[Cell, ...]] = [
        (view.building.id[row], view.building.name[row], say(f"cause.{rooms.cause[row]}"), float(rooms.temperature[row]),
         *(float(rooms.substituted[CAUSES.index(cause), row]) for cause in causes))
        for row in _order(view)
    ]
    heads = (
        Head(say("building"), link="building"), Head(say("name")), Head(say("cause")), Head(say("room"), t, low=rooms.profile.required),
        *(Head(say(f"cold.at_{cause}"), t, low=rooms.profile.required) for cause in causes),
    )
    return Table("substituted", say("cold.substituted"), heads, tuple(rows))


def _sum(values: Floats) -> float:
    """Sum of what is known; NaN where nothing is."""
    return float(np.nansum(values)) if values.size and not np.isnan(values).all() else np.nan
