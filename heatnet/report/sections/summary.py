"""Section 1, summary: the verdict, the numbers a mayor reads, the map, room temperatures, and the conditions of the calculation."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from heatnet.components import Consumer, Pipe, Plant
from heatnet.messages import chinese
from heatnet.network import Node
from heatnet.report import forms
from heatnet.report.document import Block, Cell, Fact, Facts, Head, Live, Paragraph, Quantity, Section, Table, Tone
from heatnet.report.forms import number
from heatnet.report.identity import fingerprint
from heatnet.report.model import placed
from heatnet.report.sections.regime import MARGIN, VIOLATION
from heatnet.report.sections.retrofit import foremost
from heatnet.report.sections.rooms_chart import distribution
from heatnet.report.view import View
from heatnet.rooms import CAUSES, CUT_OFF, OTHER, SHUT


def summary(view: View) -> Section:
    """The first pages."""
    say = view.say
    blocks: list[Block] = []
    if len(view.building):
        blocks += [Paragraph(_verdict(view), strong=True), *_causes(view), _homes(view)]
    else:
        blocks.append(Paragraph(say("summary.no_buildings"), strong=True))
    blocks += _pressure(view)
    blocks += distribution(view)
    blocks += [*foremost(view), *_map(view)]
    blocks.append(_conditions(view))
    return Section("summary", say("summary"), tuple(blocks))


def _pressure(view: View) -> list[Paragraph]:
    """Rules of the pressure regime in a sentence, what is broken counted by rule; nothing where they were not checked."""
    say, violations = view.say, view.table(VIOLATION)
    if view.table(MARGIN) is None:
        return []
    if violations is None or not len(violations):
        return [Paragraph(say("regime.kept"))]
    counts = violations["rule"].astype(str).value_counts(sort=False)
    rules = [say("summary.one_rule", rule=say(f"regime.rule.{rule}"), n=number(count, 0)) for rule, count in counts.items()]
    return [Paragraph(say("summary.pressure", n=number(len(violations), 0), rules=say("list.join").join(rules)))]


def causes_of(view: View) -> list[tuple[str, int, float]]:
    """Cause, buildings and households under-heated by it, the most frequent first."""
    rooms, households = view.rooms, view.building.households
    counts = [(cause, rooms.cause == cause) for cause in (*CAUSES, CUT_OFF, SHUT, OTHER)]
    found = [(cause, int(np.count_nonzero(mask)), float(households[mask].sum())) for cause, mask in counts if mask.any()]
    return sorted(found, key=lambda item: -item[1])


def status(view: View) -> str:
    """The status of the solve in words."""
    key = f"status.{view.state.status.name}"
    detail = chinese(view.state.detail) if view.say.lang == "zh" else view.state.detail
    return f"{view.say(key)}{': ' + detail if detail else ''}"


def _verdict(view: View) -> str:
    say, cold = view.say, view.rooms.cold
    outdoor, required = view.full(view.state.scene.outdoor, forms.TEMPERATURE), view.celsius_of(view.rooms.profile.required)
    if not cold.any():
        return say("summary.all_warm", outdoor=outdoor, required=required, total=cold.size)
    households = number(float(view.building.households[cold].sum()), 0)
    return say("summary.verdict", outdoor=outdoor, required=required, total=cold.size, cold=np.count_nonzero(cold), households=households)


def _causes(view: View) -> list[Paragraph]:
    say = view.say
    found = [say("summary.one_cause", cause=say(f"cause.{cause}"), n=n) for cause, n, _ in causes_of(view)]
    return [Paragraph(say("summary.causes", causes=say("list.join").join(found)))] if found else []


def _homes(view: View) -> Facts:
    say, rooms, households = view.say, view.rooms, view.building.households
    cold, over, total = rooms.cold, rooms.over, float(households.sum())
    worst = int(np.argmin(rooms.temperature))
    within = float(households[~cold].sum()) / total if total else np.nan
    buildings, people, tone = forms.same(say("unit.buildings"), 0), forms.same(say("unit.households"), 0), _bad(cold.any())
    area = view.building.area
    return Facts((
        Fact(say("summary.cold_buildings"), int(np.count_nonzero(cold)), buildings, say("summary.of", n=number(cold.size, 0)), tone),
        Fact(say("summary.cold_households"), float(households[cold].sum()), people, say("summary.of", n=number(total, 0)), tone),
        Fact(say("summary.rate_households"), within, forms.SHARE, "", "low" if within < view.limits.qualified else "good"),
        Fact(say("summary.cold_area"), float(np.nansum(area[cold])), forms.LARGE_AREA,
             say("summary.of_area", n=view.full(float(np.nansum(area)), forms.LARGE_AREA),
                 share=view.full(_within_area(view), forms.SHARE)), tone),
        Fact(say("summary.worst"), float(rooms.temperature[worst]), forms.TEMPERATURE, view.label(worst), tone),
        _refunds(view),
        Fact(say("summary.deficit"), float(view.weight.sum()), forms.DEFICIT_HOUSEHOLDS, say("summary.deficit_note")),
        Fact(
            say("summary.over"), int(np.count_nonzero(over)), buildings,
            say("summary.over_note", over=view.celsius_of(rooms.profile.over), households=number(float(households[over].sum()), 0),
                area=view.full(float(np.nansum(area[over])), forms.LARGE_AREA)),
            "high" if over.any() else "",
        ),
    ))


def _within_area(view: View) -> float:
    """Share of the known area that is within the rule."""
    area = np.nan_to_num(view.building.area)
    return float(area[~view.rooms.cold].sum() / area.sum()) if area.any() else np.nan


def _bad(found: object) -> Tone:
    return "low" if found else "good"


def _refunds(view: View) -> Fact:
    say, rooms = view.say, view.rooms
    unknown = np.isnan(rooms.refund)
    if unknown.all():
        return Fact(say("summary.refund"), np.nan, view.per_day, say("summary.refund_none"))
    missing = int(np.count_nonzero(unknown & rooms.cold))
    note = say("summary.refund_unknown", n=missing) if missing else ""
    return Fact(say("summary.refund"), float(np.nansum(rooms.refund)), view.per_day, note)


def _map(view: View) -> list[Block]:
    say, node = view.say, view.net[Node]
    inlets = view.state.arrays.tail[view.state.of(Consumer)]
    if np.isnan(node.x[inlets] + node.y[inlets]).all():
        return [Paragraph(say("map.no_coordinates"))]
    blocks: list[Block] = [Live("map", say("map.title" if len(view.building) else "map.title_inlets"), say("map.note"))]
    lost = int(np.count_nonzero(~placed(view)))
    return [*blocks, Paragraph(say("map.some_without", n=lost))] if lost else blocks


def _conditions(view: View) -> Table:
    say, state, rule = view.say, view.state, view.rooms.profile
    heat = {kind: float(state.heat(kind).sum()) for kind in (Plant, Consumer, Pipe)}
    given = -heat[Plant]
    bands = [
        say("summary.band", limit=view.celsius_of(t), share=view.limit(share, forms.SHARE))
        for t, share in zip(rule.below, rule.share, strict=True)
    ]
    left = {name: f"{value:.1e}" for name, value in asdict(state.residuals).items() if name in ("mass", "pressure", "energy")}
    about = view.net.about
    rows: list[tuple[Cell, ...]] = [
        (say("summary.network"), say("summary.network_text", name=view.net.name, mark=fingerprint(view.net))),
        (say("summary.warnings"), say("summary.warnings_text" if view.warnings else "summary.none", n=number(len(view.warnings), 0))),
        *((say(f"about.{key}"), str(about[key])) for key in ("version", "date") if about.get(key)),
        (say("summary.outdoor"), Quantity(state.scene.outdoor, forms.TEMPERATURE)),
        (say("summary.design_outdoor"), Quantity(view.net.site.design_outdoor, forms.TEMPERATURE)),
        (say("summary.rule"), view.rule),
        (say("summary.source"), rule.source_zh if say.lang == "zh" else rule.source),
        (say("summary.required"), Quantity(rule.required, forms.TEMPERATURE)),
        (say("summary.bands"), say("list.join").join(bands) or say("summary.none")),
        (say("summary.heat_plants"), Quantity(given, forms.HEAT)),
        (say("summary.heat_users"), Quantity(heat[Consumer], forms.HEAT)),
        (say("summary.heat_pipes"), Quantity(heat[Pipe], forms.HEAT)),
        (say("energy.lost"), Quantity(heat[Pipe] / given if given > 0 else np.nan, forms.SHARE)),
        (say("summary.solver"), say("summary.solver_text", status=status(view), **left)),
    ]
    return Table("conditions", say("summary.conditions"), (Head(say("summary.item")), Head(say("summary.value"))), tuple(rows))
