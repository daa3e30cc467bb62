"""First and last section of a run's report: what it says in a sentence, what was run, how it was computed."""

from __future__ import annotations

import numpy as np

from heatnet.messages import translated
from heatnet.report import forms
from heatnet.report.document import Block, Cell, Fact, Facts, Head, Paragraph, Quantity, Section, Table, Tag, Tone
from heatnet.report.forms import number
from heatnet.report.runs.view import DEGREE_HOUSEHOLDS, WHOLE_HOURS, RunView
from heatnet.version import VERSION

SHOWN = 6  # labels of an axis that are written out


def summary(view: RunView) -> Section:
    """The verdict and the numbers to read first."""
    say, bad = view.say, int(np.count_nonzero(~view.good))
    blocks: list[Block] = []
    if not view.result.complete:
        blocks.append(Paragraph(say("runs.partial", done=int((view.scenarios["done"] == 1).sum()), all=len(view.scenarios)), strong=True))
    blocks += _of_season(view) if view.season is not None else _of_scenarios(view)
    if bad:
        blocks += [Paragraph(say("runs.failed", n=bad)), _failed(view)]
    return Section("summary", say("summary"), tuple(blocks))


def _of_scenarios(view: RunView) -> list[Block]:
    say, homes = view.say, view.homes
    if homes is None:
        return [Paragraph(say("runs.no_rooms"))]
    worst = int(np.nanargmax(homes.households))
    at = int(np.nanargmin(homes.coldest))
    never = homes.below == 0
    text = say(
        "runs.verdict", n=homes.rows, required=view.required, some=int(np.count_nonzero(np.nan_to_num(homes.cold) > 0)),
        worst=view.scenario_name(worst), households=number(float(homes.households[worst]), 0),
        all=number(float(view.building.households.sum()), 0),
    )
    buildings = forms.same(say("unit.buildings"), 0)
    facts = Facts((
        Fact(say("runs.most_cold"), float(homes.households[worst]), forms.same(say("unit.households"), 0),
             view.scenario_name(worst), "low" if homes.households[worst] else "good"),
        Fact(say("runs.least_cold"), float(np.nanmin(homes.households)), forms.same(say("unit.households"), 0)),
        Fact(say("runs.coldest"), float(homes.coldest[at]), forms.TEMPERATURE,
             f"{view.label(int(homes.where[at]))} · {view.scenario_name(at)}", "low" if homes.cold[at] else "good"),
        Fact(say("runs.always_warm"), int(np.count_nonzero(never)), buildings, say("summary.of", n=number(never.size, 0)),
             "good" if never.all() else ""),
    ))
    return [Paragraph(text, strong=True), facts]


def _of_season(view: RunView) -> list[Block]:
    say, people = view.say, view.building.households
    below, degree = view.season_of("temperature_hours_below"), view.season_of("temperature_degree_hours")
    lowest, refund, energy = view.season_of("temperature_min"), view.season_of("refund"), view.season_of("energy")
    blocks: list[Block] = []
    if len(view.scenarios) > 1:
        blocks.append(Paragraph(say("runs.told", name=view.scenario_name(view.scenario), n=len(view.scenarios))))
    facts: list[Fact] = []
    if below is not None:
        cold = np.nan_to_num(below) > 0.0
        text = say(
            "runs.season_verdict", required=view.required, cold=int(cold.sum()), all=cold.size,
            households=number(float(people[cold].sum()), 0), most=number(float(np.nanmax(below, initial=0.0)), 0),
        )
        blocks.append(Paragraph(text, strong=True))
        tone: Tone = "low" if cold.any() else "good"
        facts += [
            Fact(say("runs.ever_cold"), float(people[cold].sum()), forms.same(say("unit.households"), 0),
                 say("summary.of", n=number(float(people.sum()), 0)), tone),
            Fact(say("runs.mean_below"), 3600.0 * float((np.nan_to_num(below) * people).sum() / max(people.sum(), 1e-9)), WHOLE_HOURS,
                 say("runs.per_household"), tone),
        ]
    if degree is not None:
        facts.append(Fact(say("runs.degree"), 3600.0 * float((np.nan_to_num(degree) * people).sum()), DEGREE_HOUSEHOLDS))
    if lowest is not None and np.isfinite(lowest).any():
        at = int(np.nanargmin(lowest))
        facts.append(Fact(say("runs.coldest_hour"), float(lowest[at]), forms.TEMPERATURE, view.label(at),
                          "low" if lowest[at] < view.rule.required else "good"))
    if refund is not None:
        facts.append(Fact(say("runs.refund"), float(np.nansum(refund)) if np.isfinite(refund).any() else np.nan, view.money))
    if energy is not None:
        facts.append(Fact(say("runs.energy"), float(np.nansum(energy)), forms.ENERGY))
    return [*blocks, Facts(tuple(facts))] if facts else [*blocks, Paragraph(say("runs.nothing_kept"))]


def _failed(view: RunView) -> Table:
    say = view.say
    bad = view.scenarios[~view.good]
    rows = tuple(
        (view.worded(str(name)), Tag(say(f"status.{row['status']}") if row["done"] else say("runs.waiting"), "bad"),
         translated(str(row["detail"]), say.lang)) for name, row in bad.iterrows()
    )
    return Table("failed", say("runs.failed_title"), (Head(say("runs.scenario")), Head(say("runs.status")), Head(say("runs.detail"))), rows)


def inputs(view: RunView) -> Section:
    """Axes, weather, rule, and what was kept of each scenario."""
    say, weather = view.say, view.season
    axes: tuple[tuple[Cell, ...], ...] = tuple(
        (view.worded(name), len(labels), say("list.join").join(view.worded(label) for label in labels[:SHOWN])
         + (" …" if len(labels) > SHOWN else "")) for name, labels in view.axes
    )
    rows: list[tuple[Cell, ...]] = [
        (say("runs.scenarios"), Quantity(len(view.scenarios), forms.COUNT)), (say("buildings"), Quantity(len(view.building), forms.COUNT)),
        (say("households"), Quantity(float(view.building.households.sum()), forms.COUNT)),
        (say("summary.required"), Quantity(view.rule.required, forms.TEMPERATURE)),
        (say("summary.source"), view.rule.source_zh if say.lang == "zh" else view.rule.source),
    ]
    if weather is not None:
        outdoor = weather["outdoor [K]"].to_numpy()
        rows += [
            (say("runs.hours"), Quantity(outdoor.size, forms.COUNT)),
            (say("runs.outdoor_mean"), Quantity(float(outdoor.mean()), forms.TEMPERATURE)),
            (say("runs.outdoor_min"), Quantity(float(outdoor.min()), forms.TEMPERATURE)),
        ]
    blocks: list[Block] = [Table("run", say("runs.what"), (Head(say("summary.item")), Head(say("summary.value"))), tuple(rows))]
    if axes:
        heads = (Head(say("runs.axis")), Head(say("runs.points"), forms.COUNT), Head(say("runs.labels")))
        blocks.append(Table("axes", say("runs.axes"), heads, axes))
    about = {name: view.result.about(name) for name in view.names}
    kept = tuple((name, translated(meaning, say.lang), unit) for name, (unit, meaning) in about.items())
    heads = (Head(say("runs.quantity")), Head(say("runs.meaning")), Head(say("unit")))
    blocks.append(Table("kept", say("runs.kept"), heads, kept))
    return Section("inputs", say("runs.inputs"), tuple(blocks))


def appendix(view: RunView) -> Section:
    """Method, residuals over all scenarios, versions."""
    say, found = view.say, view.scenarios
    status = found["status"][found["done"] == 1].value_counts()
    rows: list[tuple[Cell, ...]] = [
        (say(f"status.{name}"), Quantity(int(n), forms.COUNT)) for name, n in status.items()
    ]
    rows += [(say(f"runs.{name}"), Quantity(int(found[name].sum()), forms.COUNT)) for name in ("steps", "passes")]
    rows += [(say(f"solver.{name}"), f"{value:.1e} {unit}") for name, value, unit in view.result.residuals()]
    table = Table("solves", say("runs.solves"), (Head(say("summary.item")), Head(say("summary.value"))), tuple(rows))
    how = say("runs.method_season" if view.is_season else "runs.method")
    rule = say("runs.rule", required=view.required)
    return Section("method", say("solver"), (Paragraph(how), Paragraph(rule), table, Paragraph(say("runs.version", now=VERSION))))
