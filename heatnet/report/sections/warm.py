"""Over-supplied users, who take the water of others."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from heatnet.components import Exchanger, Plant, Secondary
from heatnet.report import forms
from heatnet.report.document import Block, Cell, Head, Paragraph, Section, Table, Tag
from heatnet.report.view import View, who, who_heads
from heatnet.schema import Floats


def warm(view: View) -> Section:
    """Users with too much flow or too warm rooms, most surplus flow first."""
    say, rooms = view.say, view.rooms
    words = {"high": view.band[1], "over": view.celsius_of(rooms.profile.over)}
    if not len(view.building):
        return Section("warm", say("warm"), (Paragraph(say("cold.no_buildings")),))
    chosen = np.flatnonzero(((rooms.flow_ratio > view.limits.high) & ~rooms.cold) | rooms.over)  # a cold home has no water to spare
    if not chosen.size:
        return Section("warm", say("warm"), (Paragraph(say("warm.none", **words)),))
    part = view.state.scene.terminals
    surplus = np.maximum(np.nan_to_num(rooms.flow_ratio) - 1.0, 0.0) * part.design_flow
    wasted = part.conductance * np.maximum(rooms.temperature - rooms.profile.required, 0.0)
    chosen = chosen[np.lexsort((chosen, -wasted[chosen], -surplus[chosen]))]
    plants, primary, secondary = (float(np.maximum(view.state.m[view.state.of(kind)], 0.0).sum()) for kind in (Plant, Exchanger, Secondary))
    pumped = plants - primary + secondary  # to homes
    taken, lost = float(surplus[chosen].sum()), float(wasted[chosen].sum())
    share = view.text(taken / pumped if pumped else np.nan, forms.SHARE)
    blocks: tuple[Block, ...] = (
        Paragraph(say("warm.how", **words)),
        Paragraph(say("warm.sum", flow=view.text(taken, forms.CIRCULATION), share=share, heat=view.text(lost, forms.POWER))),
        _warm_list(view, chosen, surplus, wasted),
    )
    return Section("warm", say("warm"), blocks)


def _warm_list(view: View, chosen: npt.NDArray[np.intp], surplus: Floats, wasted: Floats) -> Table:
    say, rooms, building = view.say, view.rooms, view.building
    rows: list[tuple[Cell, ...]] = []
    for row in chosen.tolist():
        flow, hot = rooms.flow_ratio[row] > view.limits.high, rooms.over[row]
        why = say("warm.both" if flow and hot else "warm.flow" if flow else "warm.hot")
        rows.append((
            *who(view, row),
            Tag(why, "high"), float(rooms.flow_ratio[row]), float(surplus[row]), float(rooms.temperature[row]),
            float(rooms.temperature[row] - rooms.profile.required), float(wasted[row]),
        ))
    heads = (
        *who_heads(view),
        Head(say("warm.why")), Head(say("x"), forms.RATIO, view.limits.low, view.limits.high), Head(say("warm.surplus"), forms.FLOW),
        Head(say("room"), forms.TEMPERATURE, rooms.profile.required, rooms.profile.over), Head(say("warm.above"), forms.DIFFERENCE),
        Head(say("warm.wasted"), forms.POWER),
    )
    totals: list[Cell] = [""] * len(heads)
    totals[0], totals[4] = say("total"), float(building.households[chosen].sum())
    totals[7], totals[10] = float(surplus[chosen].sum()), float(wasted[chosen].sum())
    return Table("warm_list", say("warm.list"), heads, tuple(rows), tuple(totals))
