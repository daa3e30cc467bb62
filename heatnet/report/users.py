"""Under-heated users with the cause of each, and over-supplied users who take their water."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from heatnet.components import Pipe, Plant
from heatnet.report.document import Block, Cell, Head, Paragraph, Section, Table, Tag, number
from heatnet.report.summary import causes_of
from heatnet.report.view import TONNES, View, shown
from heatnet.rooms import CAUSES
from heatnet.schema import Floats
from heatnet.units import KELVIN


def cold(view: View) -> Section:
    """Under-heated users, most deficit x households first."""
    say = view.say
    if not view.rooms.cold.any():
        return Section("cold", say("cold"), (Paragraph(say("cold.none" if len(view.building) else "cold.no_buildings")),))
    return Section("cold", say("cold"), (
        Paragraph(say("cold.how")), _by_cause(view), *shown(_by_street(view), say), *shown(_cold_list(view), say),
        Paragraph(say("cold.bottleneck_note")),
    ))


def warm(view: View) -> Section:
    """Users with too much flow or too warm rooms, most surplus flow first."""
    say, rooms = view.say, view.rooms
    words = {"high": f"{view.limits.high:g}", "over": view.celsius_of(rooms.profile.over)}
    if not len(view.building):
        return Section("warm", say("warm"), (Paragraph(say("cold.no_buildings")),))
    chosen = np.flatnonzero(((rooms.flow_ratio > view.limits.high) & ~rooms.cold) | rooms.over)  # a cold home has no water to spare
    if not chosen.size:
        return Section("warm", say("warm"), (Paragraph(say("warm.none", **words)),))
    part = view.state.scene.terminals
    surplus = np.maximum(np.nan_to_num(rooms.flow_ratio) - 1.0, 0.0) * part.design_flow * TONNES
    wasted = part.conductance * np.maximum(rooms.temperature - rooms.profile.required, 0.0)
    chosen = chosen[np.lexsort((chosen, -wasted[chosen], -surplus[chosen]))]
    pumped = float(np.maximum(view.state.m[view.state.of(Plant)], 0.0).sum()) * TONNES
    taken, lost = float(surplus[chosen].sum()), float(wasted[chosen].sum())
    share = number(100.0 * taken / pumped if pumped else np.nan, 1)
    blocks: tuple[Block, ...] = (
        Paragraph(say("warm.how", **words)),
        Paragraph(say("warm.sum", flow=number(taken, 1), share=share, heat=number(lost / 1e3, 1))),
        *shown(_warm_list(view, chosen, surplus, wasted), say),
    )
    return Section("warm", say("warm"), blocks)


def _by_cause(view: View) -> Table:
    say = view.say
    rows = tuple((say(f"cause.{cause}"), n, households) for cause, n, households in causes_of(view))
    heads = (Head(say("cause")), Head(say("buildings"), "", 0), Head(say("households"), "", 0))
    return Table("causes", say("cold.by_cause"), heads, rows, (say("total"), sum(row[1] for row in rows), sum(row[2] for row in rows)))


def _by_street(view: View) -> Table:
    say, rooms, building = view.say, view.rooms, view.building
    households, weight = building.households, rooms.deficit * building.households
    places = sorted({(str(d), str(s)) for d, s in zip(building.district, building.street, strict=True)})
    rows: list[tuple[Cell, ...]] = []
    for district, street in places:
        here = (building.district == district) & (building.street == street)
        low, people = here & rooms.cold, float(households[here].sum())
        mean = float((view.room * households)[here].sum()) / people if people else float(view.room[here].mean())
        rows.append((
            street or say("unnamed"), district or say("unnamed"), int(here.sum()), int(low.sum()), people, float(households[low].sum()),
            100.0 * float(households[low].sum()) / people if people else np.nan, mean, float(weight[here].sum()), _sum(rooms.refund[low]),
        ))
    rows.sort(key=lambda row: (-float(row[8]), row[1], row[0]))  # type: ignore[arg-type]
    heads = (
        Head(say("street")), Head(say("district")), Head(say("buildings"), "", 0), Head(say("cold.cold_buildings"), "", 0),
        Head(say("households"), "", 0), Head(say("cold.cold_households"), "", 0), Head(say("cold.share"), "%", 1),
        Head(say("cold.mean_room"), view.celsius, 1), Head(say("deficit_households"), say("unit.deficit_households"), 0),
        Head(say("refund"), view.money, 0),
    )
    all_, low = float(households.sum()), rooms.cold
    totals = (
        say("total"), "", len(building), int(low.sum()), all_, float(households[low].sum()),
        100.0 * float(households[low].sum()) / all_ if all_ else np.nan,
        float((view.room * households).sum()) / all_ if all_ else np.nan, float(weight.sum()), _sum(rooms.refund[low]),
    )
    return Table("streets", say("cold.by_street"), heads, tuple(rows), totals)


def _cold_list(view: View) -> Table:
    say, rooms, building = view.say, view.rooms, view.building
    weight = rooms.deficit * building.households
    chosen = np.flatnonzero(rooms.cold)
    chosen = chosen[np.lexsort((chosen, -rooms.deficit[chosen], -weight[chosen]))]
    substituted, distance, pipes = rooms.substituted - KELVIN, view.distance()[view.at], view.net[Pipe].id
    rows: list[tuple[Cell, ...]] = []
    for row in chosen.tolist():
        narrow = rooms.cause[row] == "flow" and rooms.bottleneck[row] >= 0 and rooms.gradient[row] > 0.0
        rows.append((
            *_who(view, row),
            float(view.room[row]), float(rooms.deficit[row]), float(weight[row]), float(rooms.refund[row]),
            say(f"cause.{rooms.cause[row]}"), float(rooms.flow_ratio[row]), float(rooms.supply[row]) - KELVIN,
            *(float(value) for value in substituted[:, row]),
            str(pipes[rooms.bottleneck[row]]) if narrow else "", float(rooms.gradient[row]) if narrow else None, float(distance[row]),
        ))
    t = view.celsius
    heads = (
        *_who_heads(view),
        Head(say("room"), t, 1), Head(say("deficit"), "K", 2), Head(say("deficit_households"), say("unit.deficit_households"), 1),
        Head(say("refund"), view.money, 0), Head(say("cause")), Head(say("x"), "", 2), Head(say("supply_inlet"), t, 1),
        *(Head(say(f"cold.at_{cause}"), t, 1) for cause in CAUSES),
        Head(say("cold.bottleneck")), Head(say("cold.gradient"), "Pa/m", 0), Head(say("distance"), "m", 0),
    )
    totals: list[Cell] = [""] * len(heads)
    totals[0], totals[4], totals[7] = say("total"), float(building.households[chosen].sum()), float(weight[chosen].sum())
    totals[8] = _sum(rooms.refund[chosen])
    return Table("cold_list", say("cold.list"), heads, tuple(rows), tuple(totals))


def _warm_list(view: View, chosen: npt.NDArray[np.intp], surplus: Floats, wasted: Floats) -> Table:
    say, rooms, building = view.say, view.rooms, view.building
    rows: list[tuple[Cell, ...]] = []
    for row in chosen.tolist():
        flow, hot = rooms.flow_ratio[row] > view.limits.high, rooms.over[row]
        why = say("warm.both" if flow and hot else "warm.flow" if flow else "warm.hot")
        rows.append((
            *_who(view, row),
            Tag(why, "high"), float(rooms.flow_ratio[row]), float(surplus[row]), float(view.room[row]),
            float(view.room[row]) - view.required, float(wasted[row]) / 1e3,
        ))
    heads = (
        *_who_heads(view),
        Head(say("warm.why")), Head(say("x"), "", 2), Head(say("warm.surplus"), "t/h", 2), Head(say("room"), view.celsius, 1),
        Head(say("warm.above"), "K", 1), Head(say("warm.wasted"), "kW", 1),
    )
    totals: list[Cell] = [""] * len(heads)
    totals[0], totals[4] = say("total"), float(building.households[chosen].sum())
    totals[7], totals[10] = float(surplus[chosen].sum()), float(wasted[chosen].sum()) / 1e3
    return Table("warm_list", say("warm.list"), heads, tuple(rows), tuple(totals))


def _who(view: View, row: int) -> tuple[Cell, ...]:
    building = view.building
    return building.id[row], building.name[row], building.street[row], building.district[row], float(building.households[row])


def _who_heads(view: View) -> tuple[Head, ...]:
    say = view.say
    names = tuple(Head(say(key)) for key in ("building", "name", "street", "district"))
    return (*names, Head(say("households"), "", 0))


def _sum(values: Floats) -> float:
    """Sum of what is known; NaN where nothing is."""
    return float(np.nansum(values)) if values.size and not np.isnan(values).all() else np.nan
