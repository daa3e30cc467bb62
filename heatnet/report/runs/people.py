"""Homes over all scenarios or over a season: hours and degree-hours below the rule by building and by street."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from heatnet.report import forms
from heatnet.report.document import Bars, Block, Cell, Figure, Head, Paragraph, Section, Table
from heatnet.report.palette import GOOD, LOW
from heatnet.report.runs.view import DEGREE_HOURS, DEGREE_HOUSEHOLDS, WHOLE_HOURS, RunView
from heatnet.schema import Floats

BANDS = (1.0, 24.0, 72.0, 168.0, 336.0, 720.0, 1440.0)  # h, upper ends of the bars of the chart


def people(view: RunView) -> Section | None:
    """Buildings, coldest first; None where nothing of them was kept."""
    say = view.say
    if not len(view.building):
        return None
    if not view.is_season:
        return Section("people", say("runs.people"), (_over_scenarios(view),)) if view.homes is not None else None
    columns = _columns(view)
    if not columns:
        return None
    degree, below = view.season_of("temperature_degree_hours"), view.season_of("temperature_hours_below")
    weight = (np.nan_to_num(degree) if degree is not None else np.zeros(len(view.building))) * view.building.households
    blocks: list[Block] = [Paragraph(say("runs.people_how"))]
    if below is not None:
        blocks.append(_bands(view, np.nan_to_num(below)))
    if degree is not None and below is not None:
        blocks.append(_streets(view, np.nan_to_num(below), weight))
    order = np.lexsort((np.arange(weight.size), -weight))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (*view.who(row), *(float(values[row]) for _, values, _ in columns)) for row in order.tolist()
    )
    totals: list[Cell] = [say("total"), "", "", "", float(view.building.households.sum())]
    totals += [float(np.nansum(values)) if added else "" for _, values, added in columns]
    blocks.append(Table("people", say("runs.people_table"), (*view.who_heads(), *(head for head, _, _ in columns)), rows, tuple(totals)))
    return Section("people", say("runs.people"), tuple(blocks))


def _columns(view: RunView) -> list[tuple[Head, Floats, bool]]:
    """Heads, values in SI of the forms, and whether a total makes sense, of what a season kept of buildings."""
    say, rule, t = view.say, view.rule, forms.TEMPERATURE
    known: Sequence[tuple[str, Head, float, bool]] = (
        ("temperature_hours_below", Head(say("runs.below"), WHOLE_HOURS, high=0.5 * 3600.0), 3600.0, False),
        ("temperature_degree_hours", Head(say("runs.degree_hours"), DEGREE_HOURS), 3600.0, False),
        ("temperature_min", Head(say("runs.room_min"), t, low=rule.required), 1.0, False),
        ("temperature_q05", Head(say("runs.room_q05"), t, low=rule.required), 1.0, False),
        ("temperature_mean", Head(say("runs.room_mean"), t, low=rule.required, high=rule.over), 1.0, False),
        ("refund_days", Head(say("runs.refund_days"), forms.COUNT), 1.0, False),
        ("refund", Head(say("runs.refund"), view.money), 1.0, True),
        ("energy", Head(say("runs.energy"), forms.ENERGY), 1.0, True),
    )
    found = [(head, view.season_of(word), factor, added) for word, head, factor, added in known]
    return [(head, values * factor, added) for head, values, factor, added in found if values is not None]


def _bands(view: RunView, below: Floats) -> Figure:
    """Households by hours below the rule."""
    say, households = view.say, view.building.households
    edges = [0.0, *BANDS, np.inf]
    between = [f"{int(low)}–{int(high)} h" for low, high in pairwise(BANDS)]
    labels = [say("runs.never"), *between, f"> {int(BANDS[-1])} h"]
    counts = [float(households[(below >= low) & (below < high)].sum()) for low, high in pairwise(edges)]
    bars = (Bars(say("runs.never"), labels[:1], counts[:1], GOOD), Bars(say("runs.below"), labels[1:], counts[1:], LOW, None, "/"))
    return Figure("below", say("runs.bands"), say("runs.below"), say("households"), bars, stacked=True)


def _streets(view: RunView, below: Floats, weight: Floats) -> Table:
    say, building = view.say, view.building
    groups: dict[tuple[str, str], list[int]] = {}
    for row, key in enumerate(zip(building.street.astype(str), building.district.astype(str), strict=True)):
        groups.setdefault(key, []).append(row)
    rows: list[tuple[Cell, ...]] = []
    for (street, district), at in groups.items():
        homes = building.households[at]
        rows.append((street or say("unnamed"), district, len(at), float(homes.sum()), float(homes[below[at] > 0].sum()),
                     3600.0 * float((below[at] * homes).sum() / max(homes.sum(), 1e-9)), 3600.0 * float(weight[at].sum())))
    rows.sort(key=lambda row: (-float(row[6]), str(row[0])))  # type: ignore[arg-type]
    heads = (
        Head(say("street")), Head(say("district")), Head(say("buildings"), forms.COUNT), Head(say("households"), forms.COUNT),
        Head(say("runs.ever_cold"), forms.COUNT), Head(say("runs.mean_below"), WHOLE_HOURS), Head(say("runs.degree"), DEGREE_HOUSEHOLDS),
    )
    everyone = building.households
    totals: tuple[Cell, ...] = (
        say("total"), "", len(building), float(everyone.sum()), float(everyone[below > 0].sum()),
        3600.0 * float((below * everyone).sum() / max(everyone.sum(), 1e-9)), 3600.0 * float(weight.sum()),
    )
    return Table("season_streets", say("cold.by_street"), heads, tuple(rows), totals)


def _over_scenarios(view: RunView) -> Table:
    say, homes = view.say, view.homes
    assert homes is not None
    order = np.lexsort((np.arange(homes.least.size), homes.least, -homes.below))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (*view.who(row), float(homes.below[row]), float(homes.below[row] / max(homes.rows, 1)), float(homes.least[row]),
         view.scenario_name(int(homes.when[row])))
        for row in order.tolist()
    )
    heads = (*view.who_heads(), Head(say("runs.times_cold"), forms.COUNT, high=0.5), Head(say("runs.times_share"), forms.SHARE),
             Head(say("runs.room_min"), forms.TEMPERATURE, low=view.rule.required), Head(say("runs.coldest_in")))
    return Table("people", say("runs.people_scenarios"), heads, rows)
