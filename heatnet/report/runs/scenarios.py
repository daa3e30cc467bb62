"""Scenarios side by side: the worst first, against the intact network, by every axis, and over the outdoor temperature."""

from __future__ import annotations

import numpy as np

from heatnet.report import forms
from heatnet.report.document import Bars, Block, Cell, Figure, Head, Line, Paragraph, Section, Table
from heatnet.report.palette import DARK, LOW, SUPPLY
from heatnet.report.runs.view import DEGREE_HOUSEHOLDS, WHOLE_HOURS, RunView
from heatnet.schema import Bools, Floats, Longs

WORST = 15  # scenarios in the chart
INTACT, OUTDOOR = "intact", "outdoor"
LABEL = 28  # letters of a scenario in the chart


def scenarios(view: RunView) -> Section | None:
    """Every scenario in numbers; None where there is one only."""
    say = view.say
    if len(view.scenarios) < 2:
        return None
    if view.is_season:
        return Section("scenarios", say("runs.compared"), (_seasons(view),))
    homes = view.homes
    if homes is None:
        return None
    base = intact(view)
    blocks: list[Block] = [Paragraph(say("runs.order_outage" if (base >= 0).any() else "runs.order"))]
    order = _order(view)
    if np.nanmax(homes.households) > 0:
        blocks.append(_worst(view, order))
    blocks += _over_outdoor(view)
    blocks += [_table(view, order, base), *_by_axis(view)]
    return Section("scenarios", say("runs.outages" if (base >= 0).any() else "runs.compared"), tuple(blocks))


def intact(view: RunView) -> Longs:
    """Number of the scenario without outage that each one is compared with, -1 where there is none, (scenarios,)."""
    points = np.asarray(view.result.points(), dtype=np.int64)
    found = np.full(len(view.scenarios), -1, dtype=np.int64)
    outage = [at for at, (_, labels) in enumerate(view.axes) if labels and labels[0] == INTACT]
    if not outage:
        return found
    number = {tuple(point): at for at, point in enumerate(points.tolist())}
    like = points.copy()
    like[:, outage] = 0
    for at, point in enumerate(like.tolist()):
        found[at] = number[tuple(point)]
    return found


def _order(view: RunView) -> Longs:
    homes = view.homes
    assert homes is not None
    households, deficit = np.nan_to_num(homes.households, nan=np.inf), np.nan_to_num(homes.deficit)
    return np.lexsort((np.arange(households.size), -deficit, -households))


def _table(view: RunView, order: Longs, base: Longs) -> Table:
    say, homes, building = view.say, view.homes, view.building
    assert homes is not None
    against = bool((base >= 0).any())
    rows: list[tuple[Cell, ...]] = []
    for at in order.tolist():
        good = bool(view.good[at])
        more = float(homes.households[at] - homes.households[base[at]]) if against and good else None
        where = view.label(int(homes.where[at])) if good and len(building) else ""
        rows.append((
            view.scenario_name(at), float(homes.cold[at]), float(homes.households[at]), *((more,) if against else ()),
            float(homes.deficit[at]), float(homes.coldest[at]), where, view.ended(at),
        ))
    more_head = (Head(say("runs.more"), forms.COUNT, high=0.5),) if against else ()
    heads = (
        Head(say("runs.scenario")), Head(say("cold.cold_buildings"), forms.COUNT), Head(say("cold.cold_households"), forms.COUNT),
        *more_head,
        Head(say("deficit_households"), forms.DEFICIT_HOUSEHOLDS),
        Head(say("runs.coldest"), forms.TEMPERATURE, low=view.rule.required), Head(say("runs.where")), Head(say("runs.status")),
    )
    return Table("scenarios", say("runs.table"), heads, tuple(rows))


def _worst(view: RunView, order: Longs) -> Figure:
    say, homes = view.say, view.homes
    assert homes is not None
    chosen = [at for at in order.tolist() if view.good[at] and homes.households[at] > 0][:WORST]
    names = [view.scenario_name(at) for at in chosen]
    short = [name if len(name) <= LABEL else f"{name[: LABEL - 1]}…" for name in names]
    labels = [name if short.count(name) == 1 else f"{at + 1}. {name}" for at, name in enumerate(short)]
    bars = Bars(say("cold.cold_households"), labels, [float(homes.households[at]) for at in chosen], LOW, None, "/")
    return Figure("worst", say("runs.worst"), say("runs.scenario"), say("cold.cold_households"), (bars,))


def _by_axis(view: RunView) -> list[Table]:
    """Mean and most households below the rule at each point of an axis, over all points of the others."""
    say, homes = view.say, view.homes
    assert homes is not None
    if len(view.axes) < 2:
        return []
    points, tables = np.asarray(view.result.points()), []
    for axis, (name, labels) in enumerate(view.axes):
        rows: list[tuple[Cell, ...]] = []
        for at, label in enumerate(labels):
            here = (points[:, axis] == at) & view.good
            if here.any():
                rows.append((view.worded(label), int(here.sum()), float(homes.households[here].mean()), float(homes.households[here].max()),
                             float(homes.coldest[here].min())))
        heads = (
            Head(view.worded(name)), Head(say("runs.scenarios"), forms.COUNT), Head(say("runs.mean_cold"), forms.COUNT),
            Head(say("runs.most_cold"), forms.COUNT), Head(say("runs.coldest"), forms.TEMPERATURE, low=view.rule.required),
        )
        tables.append(Table(f"axis_{axis}", say("runs.by_axis", name=view.worded(name)), heads, tuple(rows)))
    return tables


def _over_outdoor(view: RunView) -> list[Figure]:
    """Households below the rule over the outdoor temperature, mean and most of the scenarios at each."""
    say, homes, axes = view.say, view.homes, [name for name, _ in view.axes]
    assert homes is not None
    if OUTDOOR not in axes:
        return []
    at = axes.index(OUTDOOR)
    points, values = np.asarray(view.result.points())[:, at], []
    for place, label in enumerate(view.axes[at][1]):
        here = (points == place) & view.good
        try:
            celsius = float(label.removesuffix(" degC"))
        except ValueError:
            return []
        if here.any():
            values.append((celsius, float(homes.households[here].mean()), float(homes.households[here].max())))
    if len(values) < 2:
        return []
    t, mean, most = (list(column) for column in zip(*sorted(values), strict=True))
    lines = [Line(say("runs.most_cold"), t, most, DARK, 2.2)]
    if mean != most:
        lines.append(Line(say("runs.mean_cold"), t, mean, SUPPLY, 1.8, "dash"))
    return [Figure("over_outdoor", say("runs.over_outdoor"), f"{say('summary.outdoor')} ({forms.TEMPERATURE.unit(say.lang)})",
                   say("cold.cold_households"), tuple(lines))]


def _seasons(view: RunView) -> Table:
    """A season of every scenario in a row."""
    say, people = view.say, view.building.households
    columns: list[tuple[Head, Floats]] = []

    def total(word: str) -> Floats | None:
        return np.nan_to_num(view.values(f"building.{word}")) if view.kept(f"building.{word}") else None

    if (below := total("temperature_hours_below")) is not None:
        columns.append((Head(say("runs.ever_cold"), forms.COUNT), (below > 0) @ people))
        columns.append((Head(say("runs.mean_below"), WHOLE_HOURS), 3600.0 * (below @ people) / max(float(people.sum()), 1e-9)))
    if (degree := total("temperature_degree_hours")) is not None:
        columns.append((Head(say("runs.degree"), DEGREE_HOUSEHOLDS), 3600.0 * (degree @ people)))
    if view.kept("building.temperature_min"):
        columns.append((Head(say("runs.coldest_hour"), forms.TEMPERATURE, low=view.rule.required),
                        view.values("building.temperature_min").min(axis=1)))
    if (refund := total("refund")) is not None:
        columns.append((Head(say("runs.refund"), view.money), refund.sum(axis=1)))
    if (energy := total("energy")) is not None:
        columns.append((Head(say("runs.energy"), forms.ENERGY), energy.sum(axis=1)))
    good: Bools = view.good
    rows = tuple(
        (view.worded(str(name)), *(float(values[at]) if good[at] else None for _, values in columns),
         view.ended(at))
        for at, name in enumerate(view.scenarios.index)
    )
    heads = (Head(say("runs.scenario")), *(head for head, _ in columns), Head(say("runs.status")))
    return Table("scenarios", say("runs.table_season"), heads, rows)

