"""Complaints against simulated rooms, part of the section on under-heated users: rates by street, hot-spots, rank correlation."""

from __future__ import annotations

import numpy as np

from heatnet.report import forms
from heatnet.report.document import Block, Cell, Dots, Figure, Head, Mark, Paragraph, Table, Tag
from heatnet.report.forms import Form
from heatnet.report.hot_spots import Spot, counted, spots
from heatnet.report.palette import DARK, HIGH, LOW
from heatnet.report.view import View
from heatnet.schema import Floats, Longs

EXPLAINED = 0.5  # share of the complaints of a hot-spot that come from homes simulated too cold
NAMED = 4  # buildings named of a hot-spot


def complaints(view: View) -> list[Block]:
    """Whether the model explains who complains; nothing where the model gives no complaints.

    They were made of the first state of a store; of others the section says so.
    """
    rows = counted(view)
    if not rows.size:
        return []
    first = view.store.scenarios[0]
    if view.scenario != first:  # nobody has complained of a state that is yet to come
        name = view.say(f"scenario.{first}") if view.say.known(f"scenario.{first}") else first
        return [Paragraph(view.say("complaints.elsewhere_told", name=name))]
    say, found = view.say, spots(view)
    rates = _rates(view, rows)
    building, deficit = view.building, view.rooms.deficit
    words = {
        "n": view.text(float(building.complaints[rows].sum()), forms.COUNT), "buildings": view.text(float(rows.size), forms.COUNT),
        "rate": view.full(_rate(view, rows), rate_form(view)), "rank": view.text(rank_correlation(rates, deficit[rows]), forms.RATIO),
        "cold": view.text(_share_cold(view, rows), forms.SHARE),
    }
    blocks: list[Block] = [Paragraph(say("complaints.text", **words)), _figure(view, rows, rates, found), _by_street(view, rows)]
    how = {"radius": view.limit(view.limits.hot_spot, forms.LENGTH, unit=True), "chance": view.limit(view.limits.chance, forms.SHARE)}
    if found:
        blocks += [Paragraph(say("complaints.how", **how)), _spots(view, found)]
    else:
        blocks.append(Paragraph(say("complaints.no_spots", **how)))
    return blocks


def rate_form(view: View) -> Form:
    """Form of complaints a household: per thousand, and week where the limits say how many weeks the complaints are of."""
    return forms.COMPLAINTS if np.isnan(view.limits.complaint_weeks) else forms.COMPLAINTS_WEEKLY


def rank_correlation(one: Floats, other: Floats) -> float:
    """Spearman's rank correlation, ties at their mean rank; NaN where one of them does not vary.

    >>> rank_correlation(np.array([1.0, 2.0, 9.0]), np.array([3.0, 5.0, 7.0]))
    1.0
    """
    if one.size < 2 or not np.ptp(one) > 0.0 or not np.ptp(other) > 0.0:
        return float("nan")
    return round(float(np.corrcoef(_ranks(one), _ranks(other))[0, 1]), 12)


def _ranks(values: Floats) -> Floats:
    _, at, count = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(count)
    return np.asarray((last - 0.5 * (count - 1))[at])


def _rate(view: View, rows: Longs) -> float:
    """Complaints a household of some buildings together, a week where their time is known."""
    return float(view.building.complaints[rows].sum() / view.building.households[rows].sum()) / _weeks(view)


def _rates(view: View, rows: Longs) -> Floats:
    return np.asarray(view.building.complaints[rows] / view.building.households[rows] / _weeks(view))


def _weeks(view: View) -> float:
    weeks = view.limits.complaint_weeks
    return 1.0 if np.isnan(weeks) else weeks


def _share_cold(view: View, rows: Longs) -> float:
    """Share of complaints that come from buildings simulated too cold."""
    count = view.building.complaints[rows]
    total = float(count.sum())
    return float(count[view.rooms.cold[rows]].sum()) / total if total > 0.0 else float("nan")


def _sums(view: View, rows: Longs) -> tuple[Cell, ...]:
    """Buildings, households, complaints, rate, mean room, mean deficit, share of households and of complaints in cold buildings."""
    homes, cold = view.building.households[rows], view.rooms.cold[rows]
    total = float(homes.sum())
    return (
        int(rows.size), total, float(view.building.complaints[rows].sum()), _rate(view, rows),
        float((view.rooms.temperature[rows] * homes).sum()) / total, float(view.weight[rows].sum()) / total,
        float(homes[cold].sum()) / total, _share_cold(view, rows),
    )


def _sum_heads(view: View) -> tuple[Head, ...]:
    say = view.say
    return (
        Head(say("buildings"), forms.COUNT), Head(say("households"), forms.COUNT), Head(say("column.complaints"), forms.COUNT),
        Head(say("complaints.rate"), rate_form(view)),
        Head(say("cold.mean_room"), forms.TEMPERATURE, low=view.rooms.profile.required), Head(say("complaints.deficit"), forms.DEFICIT),
        Head(say("cold.share"), forms.SHARE), Head(say("complaints.from_cold"), forms.SHARE),
    )


def _by_street(view: View, rows: Longs) -> Table:
    """Rates by street, the highest first."""
    say, building = view.say, view.building
    groups: dict[tuple[str, str], list[int]] = {}
    for row in rows.tolist():
        groups.setdefault((str(building.street[row]), str(building.district[row])), []).append(row)
    lines = [(*(part or say("unnamed") for part in key), *_sums(view, np.array(at))) for key, at in groups.items()]
    lines.sort(key=lambda line: (-float(line[5]), line[0], line[1]))  # type: ignore[arg-type]
    heads = (Head(say("street")), Head(say("district")), *_sum_heads(view))
    return Table("complaint_streets", say("complaints.by_street"), heads, tuple(lines), (say("total"), "", *_sums(view, rows)))


def _spots(view: View, found: list[Spot]) -> Table:
    say, building = view.say, view.building
    rows: list[tuple[Cell, ...]] = []
    for number, spot in enumerate(found, 1):
        names = say("list.join").join(str(building.id[row]) for row in spot.rows[:NAMED])
        more = say("list.more", n=spot.rows.size) if spot.rows.size > NAMED else ""
        streets = say("list.join").join(dict.fromkeys(str(building.street[row]) for row in spot.rows if building.street[row]))
        known = _share_cold(view, spot.rows) >= EXPLAINED
        verdict = Tag(say("complaints.explained"), "low") if known else Tag(say("complaints.unexplained"), "bad")
        rows.append((float(number), building.id[spot.centre], streets, names + more, *_sums(view, spot.rows), verdict))
    heads = (
        Head(say("complaints.number"), forms.COUNT), Head(say("complaints.centre"), link="building"), Head(say("street")),
        Head(say("complaints.buildings")), *_sum_heads(view), Head(say("complaints.verdict")),
    )
    return Table("hot_spots", say("complaints.spots"), heads, tuple(rows))


def _figure(view: View, rows: Longs, rates: Floats, found: list[Spot]) -> Figure:
    """Rate of complaints over the simulated room of each building; hot-spots that the model explains, and those that it does not."""
    say, form = view.say, rate_form(view)
    kind = np.zeros(len(view.building), dtype=np.int64)
    for spot in found:
        kind[spot.rows] = 1 if _share_cold(view, spot.rows) >= EXPLAINED else 2
    series = []
    for at, (label, colour, shape) in enumerate((
        ("complaints.elsewhere", DARK, "circle-open"), ("complaints.in_explained", LOW, "triangle-down"),
        ("complaints.in_unexplained", HIGH, "square"),
    )):
        here = kind[rows] == at
        if here.any():
            names = [str(view.building.id[row]) for row in rows[here]]
            shown = [form.shown(float(value), say.lang) for value in rates[here]]
            series.append(Dots(say(label), view.room[rows[here]].tolist(), shown, 7.0, colour, names, shape, link=True))  # type: ignore[arg-type]
    mark = Mark("x", view.required, say("histogram.required", t=view.celsius_of(view.rooms.profile.required)))
    return Figure("complaints", say("complaints.chart"), f"{say('room')} ({forms.TEMPERATURE.unit(say.lang)})",
                    f"{say('complaints.rate')} ({form.unit(say.lang)})", tuple(series), (mark,), note=say("complaints.chart_note"))
