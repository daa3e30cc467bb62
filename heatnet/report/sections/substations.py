"""Section 4, substations and heat inlets: what each serves, its load, flow, temperatures, available pressure and flags."""

from __future__ import annotations

import numpy as np

from heatnet.components import Consumer, Exchanger
from heatnet.report import forms
from heatnet.report.document import Block, Cell, Head, Paragraph, Section, Table, Tag
from heatnet.report.sections.balance import flags
from heatnet.report.view import View
from heatnet.schema import Floats
from heatnet.units import KELVIN


def substations(view: View) -> Section | None:
    """Exchanger substations where the model has them, and all heat inlets."""
    if not len(view.net[Consumer]):
        return None
    say = view.say
    stations = _exchangers(view)
    blocks: list[Block] = [*stations, *([Paragraph(say("substations.legend"))] if stations else [])]
    blocks += [Paragraph(say("substations.how")), _inlets(view)]
    return Section("substations", say("substations"), tuple(blocks))


def _exchangers(view: View) -> list[Table]:
    """What each exchanger serves, its load and temperatures on both sides, and why it is short where it is."""
    table = view.net[Exchanger]
    if not len(table):
        return []
    say, found, at = view.say, view.state.substations(), view.substation()
    served = at >= 0

    def behind(values: Floats) -> Floats:
        return np.bincount(at[served], np.nan_to_num(values)[served], minlength=len(table)).astype(np.float64)

    building = view.building
    homes, area = behind(building.households), behind(building.area)
    flags = [_flag(view, str(flag), str(reason), float(short)) for flag, reason,
             short in zip(found.flag, found.reason, found.missing, strict=True)]
    rows: list[tuple[Cell, ...]] = [
        (table.id[row], flags[row], float(homes[row]), float(area[row]), float(table.design_heat[row]), float(found.heat[row]),
         float(found.heat[row] / table.design_heat[row]), float(found.primary_flow[row]), float(found.secondary_flow[row]),
         float(found.primary_supply[row]), float(found.primary_return[row]), float(found.secondary_supply[row]),
         float(found.secondary_return[row]), float(found.set_to[row]), float(found.effectiveness[row]), float(found.opening[row]),
         float(found.primary_drop[row]), float(found.secondary_drop[row]))
        for row in range(len(table))
    ]
    t = forms.TEMPERATURE
    heads = (
        Head(say("substations.exchanger")), Head(say("balance.flag")), Head(say("households"), forms.COUNT),
        Head(say("substations.area"), forms.AREA),
        Head(say("substations.design"), forms.POWER), Head(say("substations.actual"), forms.POWER), Head(say("plants.use"), forms.SHARE),
        Head(say("substations.primary_flow"), forms.FLOW), Head(say("substations.secondary_flow"), forms.FLOW),
        Head("T1", t), Head("T2", t), Head("t1", t), Head("t2", t), Head(say("substations.set"), t),
        Head(say("substations.effectiveness"), forms.RATIO), Head(say("substations.opening"), forms.SHARE),
        Head(say("substations.primary_drop"), forms.DIFFERENTIAL), Head(say("substations.secondary_drop"), forms.DIFFERENTIAL),
    )
    totals: tuple[Cell, ...] = (
        say("total"), "", float(homes.sum()), float(area.sum()), float(table.design_heat.sum()), float(found.heat.sum()),
        float(found.heat.sum() / table.design_heat.sum()), float(found.primary_flow.sum()), float(found.secondary_flow.sum()), *[""] * 9,
    )
    return [Table("exchangers", say("substations.exchangers"), heads, tuple(rows), totals)]


def _flag(view: View, flag: str, reason: str, missing: float) -> Tag | str:
    """State of an exchanger in words, with what is missing and why; nothing where it holds."""
    say = view.say
    if flag in ("holds", "fixed"):
        return ""
    text = say(f"station.{flag}", missing=view.text(missing, forms.DEFICIT))
    return Tag(say("station.because", text=text, reason=say(f"station.reason.{reason}")) if reason else text, "bad")


def _inlets(view: View) -> Table:
    say, state, inlet, building = view.say, view.state, view.net[Consumer], view.building
    span, count = state.of(Consumer), len(view.net[Consumer])

    def behind(values: Floats) -> Floats:
        return np.bincount(view.at, np.nan_to_num(values), minlength=count).astype(np.float64)

    area, homes, design = behind(building.area), behind(building.households), behind(building.design_heat)
    actual, wanted, loss = state.heat(Consumer), state.wanted(), state.loss(Consumer)
    x, supply, back, flagged = state.flow_ratio(), state.t_in[span], state.t_out[span], flags(view)
    first = {int(at): row for row, at in reversed(list(enumerate(view.at)))}
    with np.errstate(divide="ignore", invalid="ignore"):
        index = np.where(area > 0.0, actual / area, np.nan)
        design = np.where(design > 0.0, design, np.nan)
    rows: list[tuple[Cell, ...]] = []
    for row in range(count):
        at = first.get(row)
        opening = float(inlet.opening[row]) if inlet.control[row] in ("fixed", "limited") else None
        rows.append((
            inlet.id[row], building.street[at] if at is not None else "", building.district[at] if at is not None else "",
            float(homes[row]), float(area[row]) or None, float(design[row]), float(wanted[row]), float(actual[row]), float(index[row]),
            float(x[row]),
            float(loss[row]), float(supply[row]) if supply[row] > KELVIN else None, float(back[row]), float(supply[row] - back[row]),
            say(f"control.{inlet.control[row]}"), opening, flagged[row],
        ))
    t, limits = forms.TEMPERATURE, view.limits
    heads = (
        Head(say("balance.inlet"), link="inlet"), Head(say("street")), Head(say("district")), Head(say("households"), forms.COUNT),
        Head(say("substations.area"), forms.AREA), Head(say("substations.design"), forms.POWER),
        Head(say("substations.wanted"), forms.POWER),
        Head(say("substations.actual"), forms.POWER), Head(say("substations.index"), forms.HEAT_INDEX),
        Head(say("x"), forms.RATIO, limits.low, limits.high), Head(say("balance.available"), forms.DIFFERENTIAL, low=0.0),
        Head(say("plants.supply"), t), Head(say("plants.return"), t), Head(say("plants.drop"), forms.DIFFERENCE),
        Head(say("substations.control")),
        Head(say("substations.opening"), forms.SHARE), Head(say("balance.flag")),
    )
    totals: tuple[Cell, ...] = (
        say("total"), "", "", float(homes.sum()), float(area.sum()), float(np.nansum(design)), float(wanted.sum()), float(actual.sum()),
        float(actual.sum() / area.sum()) if area.sum() else None, *[""] * 8,
    )
    return Table("inlet_loads", say("substations.list"), heads, tuple(rows), totals)
