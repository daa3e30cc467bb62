"""Summary: how many homes are cold, what that costs, plants, conditions, verdict of the solver."""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from heatnet.components import Consumer, Pipe, Plant
from heatnet.report.document import Block, Cell, Fact, Facts, Head, Paragraph, Section, Table, Tone, number
from heatnet.report.view import TONNES, View
from heatnet.rooms import CAUSES
from heatnet.units import KELVIN


def summary(view: View) -> Section:
    """The first page."""
    say = view.say
    blocks: list[Block] = []
    if len(view.building):
        blocks += [Paragraph(_verdict(view), strong=True), *_causes(view), _homes(view)]
    else:
        blocks.append(Paragraph(say("summary.no_buildings"), strong=True))
    return Section("summary", say("summary"), (*blocks, _plants(view), _conditions(view)))


def causes_of(view: View) -> list[tuple[str, int, float]]:
    """Cause, buildings and households under-heated by it, the most frequent first."""
    rooms, households = view.rooms, view.building.households
    counts = [(cause, rooms.cause == cause) for cause in (*CAUSES, "other")]
    found = [(cause, int(np.count_nonzero(mask)), float(households[mask].sum())) for cause, mask in counts if mask.any()]
    return sorted(found, key=lambda item: -item[1])


def status(view: View) -> str:
    """The status of the solve in words."""
    key = f"status.{view.state.status.name}"
    return f"{view.say(key)}{': ' + view.state.detail if view.state.detail else ''}"


def _verdict(view: View) -> str:
    say, cold = view.say, view.rooms.cold
    outdoor, required = number(view.state.scene.outdoor - KELVIN, 1), view.celsius_of(view.rooms.profile.required)
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
    within = float(households[~cold].sum())
    buildings, people, tone = say("unit.buildings"), say("unit.households"), _bad(cold.any())
    return Facts((
        Fact(say("summary.cold_buildings"), int(np.count_nonzero(cold)), buildings, 0, say("summary.of", n=cold.size), tone),
        Fact(say("summary.cold_households"), float(households[cold].sum()), people, 0, say("summary.of", n=number(total, 0)), tone),
        Fact(say("summary.rate_households"), 100.0 * within / total if total else np.nan, "%", 1),
        Fact(say("summary.rate_buildings"), 100.0 * float(np.mean(~cold)), "%", 1),
        Fact(say("summary.worst"), view.room[worst], view.celsius, 1, view.label(worst), tone),
        _refunds(view),
        Fact(
            say("summary.over"), int(np.count_nonzero(over)), buildings, 0,
            say("summary.over_note", over=view.celsius_of(rooms.profile.over), households=number(float(households[over].sum()), 0)),
            "high" if over.any() else "",
        ),
    ))


def _bad(found: object) -> Tone:
    return "low" if found else "good"


def _refunds(view: View) -> Fact:
    say, rooms = view.say, view.rooms
    unknown = np.isnan(rooms.refund)
    if unknown.all():
        return Fact(say("summary.refund"), np.nan, view.money, 0, say("summary.refund_none"))
    missing = int(np.count_nonzero(unknown & rooms.cold))
    note = say("summary.refund_unknown", n=missing) if missing else ""
    return Fact(say("summary.refund"), float(np.nansum(rooms.refund)), view.money, 0, note)


def _plants(view: View) -> Table:
    say, state = view.say, view.state
    plant, span = view.net[Plant], state.of(Plant)
    heat, flow = -state.heat(Plant), state.m[span]
    rows: list[tuple[Cell, ...]] = [
        (plant.id[row], heat[row] / 1e6, flow[row] * TONNES, state.t_out[span][row] - KELVIN, state.t_in[span][row] - KELVIN,
         -state.loss(Plant)[row] / 1e3, plant.capacity[row] / 1e6, 100.0 * heat[row] / plant.capacity[row])
        for row in range(len(plant))
    ]
    heads = (
        Head(say("summary.plant")), Head(say("summary.load"), "MW", 2), Head(say("flow"), "t/h", 1),
        Head(say("summary.supply"), view.celsius, 1), Head(say("summary.return"), view.celsius, 1), Head(say("summary.lift"), "kPa", 1),
        Head(say("summary.capacity"), "MW", 2), Head(say("summary.use"), "%", 1),
    )
    totals = (say("total"), float(heat.sum()) / 1e6, float(flow.sum()) * TONNES, "", "", "", "", "") if len(rows) > 1 else ()
    return Table("plants", say("summary.plants"), heads, tuple(rows), totals)


def _conditions(view: View) -> Table:
    say, state, rule = view.say, view.state, view.rooms.profile
    heat = {kind: float(state.heat(kind).sum()) for kind in (Plant, Consumer, Pipe)}
    given = -heat[Plant]
    bands = [
        say("summary.band", limit=view.celsius_of(t), share=f"{100 * share:g}") for t, share in zip(rule.below, rule.share, strict=True)
    ]
    lost = f" ({number(100 * heat[Pipe] / given, 1)}%)" if given > 0 else ""
    left = {name: f"{value:.1e}" for name, value in asdict(state.residuals).items() if name in ("mass", "pressure", "energy")}
    rows: list[tuple[str, str]] = [
        (say("summary.outdoor"), f"{number(state.scene.outdoor - KELVIN, 1)} {view.celsius}"),
        (say("summary.design_outdoor"), f"{number(view.net.site.design_outdoor - KELVIN, 1)} {view.celsius}"),
        (say("summary.rule"), view.rule),
        (say("summary.source"), rule.source_zh if say.lang == "zh" else rule.source),
        (say("summary.required"), f"{view.celsius_of(rule.required)} {view.celsius}"),
        (say("summary.bands"), say("list.join").join(bands) or say("summary.no_bands")),
        (say("summary.heat_plants"), f"{number(given / 1e6, 2)} MW"),
        (say("summary.heat_users"), f"{number(heat[Consumer] / 1e6, 2)} MW"),
        (say("summary.heat_pipes"), f"{number(heat[Pipe] / 1e6, 2)} MW{lost}"),
        (say("summary.solver"), say("summary.solver_text", status=status(view), **left)),
    ]
    return Table("conditions", say("summary.conditions"), (Head(say("summary.item")), Head(say("summary.value"))), tuple(rows))
