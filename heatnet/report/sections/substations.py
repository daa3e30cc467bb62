"""Section 4, substations and heat inlets: what each serves, its load, flow, temperatures, available pressure and flags."""

from __future__ import annotations

from collections import Counter

import numpy as np

from heatnet.components import Consumer, Exchanger, Pump, Secondary
from heatnet.report import forms
from heatnet.report.document import Block, Cell, Head, Paragraph, Section, Table, Tag
from heatnet.report.sections.balance import flags
from heatnet.report.sections.regime import needed
from heatnet.report.view import View
from heatnet.schema import Floats, Texts
from heatnet.solve.devices import drive
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
    """What each exchanger serves, its load, flow and available pressure; temperatures, valve and pumps in a second table."""
    table = view.net[Exchanger]
    if not len(table):
        return []
    say, found, at, building = view.say, view.state.substations(), view.substation(), view.building
    served = at >= 0

    def behind(values: Floats) -> Floats:
        return np.bincount(at[served], np.nan_to_num(values)[served], minlength=len(table)).astype(np.float64)

    homes, area, design = behind(building.households), behind(building.area), table.design().primary
    required = needed(view, "exchanger", table.id)
    places = [(_most(building.street[at == row]), _most(building.district[at == row])) for row in range(len(table))]
    rows: list[tuple[Cell, ...]] = [
        (table.id[row], _flag(view, str(found.flag[row]), str(found.reason[row]), float(found.missing[row])), *places[row],
         float(homes[row]), float(area[row]), float(table.design_heat[row]), float(found.heat[row]),
         float(found.heat[row] / table.design_heat[row]),
         float(design[row]), float(found.primary_flow[row]), float(found.primary_flow[row] / design[row]), float(found.primary_drop[row]),
         float(required[row]), float(found.primary_drop[row] - required[row]))
        for row in range(len(table))
    ]
    limits, drop = view.limits, forms.DIFFERENTIAL
    heads = (
        Head(say("substations.exchanger")), Head(say("balance.flag")), Head(say("street")), Head(say("district")),
        Head(say("households"), forms.COUNT), Head(say("substations.area"), forms.AREA), Head(say("substations.design"), forms.POWER),
        Head(say("substations.actual"), forms.POWER), Head(say("plants.use"), forms.SHARE),
        Head(say("substations.design_flow"), forms.FLOW), Head(say("substations.primary_flow"), forms.FLOW),
        Head(say("x"), forms.RATIO, limits.low, limits.high), Head(say("balance.available"), drop),
        Head(say("substations.required"), drop), Head(say("substations.spare"), drop, low=0.0),
    )
    totals: tuple[Cell, ...] = (
        say("total"), "", "", "", float(homes.sum()), float(area.sum()), float(table.design_heat.sum()), float(found.heat.sum()),
        float(found.heat.sum() / table.design_heat.sum()), float(design.sum()), float(found.primary_flow.sum()),
        float(found.primary_flow.sum() / design.sum()), *[""] * 3,
    )
    return [Table("exchangers", say("substations.exchangers"), heads, tuple(rows), totals), _sides(view)]


def _most(names: Texts) -> str:
    """The name that most have, the first of those that are as frequent; "" where nobody has one."""
    found = Counter(str(name) for name in names if name).most_common(1)
    return found[0][0] if found else ""


def _sides(view: View) -> Table:
    """Temperatures on both sides, effectiveness, valve, secondary flow and the pumps that move it."""
    say, table, found = view.say, view.net[Exchanger], view.state.substations()
    pumps, power = _pumps(view)
    rows: list[tuple[Cell, ...]] = [
        (table.id[row], float(found.primary_supply[row]), float(found.primary_return[row]), float(found.secondary_supply[row]),
         float(found.secondary_return[row]), float(found.set_to[row]), float(found.effectiveness[row]), float(found.opening[row]),
         float(found.secondary_flow[row]), float(found.secondary_drop[row]), pumps[row], float(power[row]))
        for row in range(len(table))
    ]
    t = forms.TEMPERATURE
    heads = (
        Head(say("substations.exchanger")), Head("T1", t), Head("T2", t), Head("t1", t), Head("t2", t), Head(say("substations.set"), t),
        Head(say("substations.effectiveness"), forms.RATIO), Head(say("substations.opening"), forms.SHARE),
        Head(say("substations.secondary_flow"), forms.FLOW), Head(say("substations.secondary_drop"), forms.DIFFERENTIAL),
        Head(say("substations.pumps")), Head(say("plants.power"), forms.POWER),
    )
    totals: tuple[Cell, ...] = (say("total"), *[""] * 7, float(found.secondary_flow.sum()), "", "", float(np.nansum(power)))
    return Table("exchanger_sides", say("substations.sides"), heads, tuple(rows), totals)


def _pumps(view: View) -> tuple[list[str], Floats]:
    """Pumps of the secondary network of each exchanger, and their electricity [W]; those of a shared network count at its first one."""
    arrays, state, pump = view.state.arrays, view.state, view.net[Pump]
    zone, power = view.zone, drive(state, Pump).power
    at_pump, at_side = zone[arrays.tail[state.of(Pump)]], zone[arrays.head[state.of(Secondary)]]
    names = [view.say("list.join").join(str(name) for name in pump.id[at_pump == here]) for here in at_side]
    first = [here not in at_side[:row] for row, here in enumerate(at_side)]
    alone = [one and bool((at_pump == here).any()) for here, one in zip(at_side, first, strict=True)]
    sums = [float(power[at_pump == here].sum()) if one else np.nan for here, one in zip(at_side, alone, strict=True)]
    return names, np.array(sums)


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
    required = needed(view, "consumer", inlet.id)
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
            float(x[row]), float(loss[row]), float(required[row]), float(supply[row]) if supply[row] > KELVIN else None, float(back[row]),
            float(supply[row] - back[row]), say(f"control.{inlet.control[row]}"), opening, flagged[row],
        ))
    t, limits = forms.TEMPERATURE, view.limits
    heads = (
        Head(say("balance.inlet"), link="inlet"), Head(say("street")), Head(say("district")), Head(say("households"), forms.COUNT),
        Head(say("substations.area"), forms.AREA), Head(say("substations.design"), forms.POWER),
        Head(say("substations.wanted"), forms.POWER),
        Head(say("substations.actual"), forms.POWER), Head(say("substations.index"), forms.HEAT_INDEX),
        Head(say("x"), forms.RATIO, limits.low, limits.high), Head(say("balance.available"), forms.DIFFERENTIAL, low=0.0),
        Head(say("substations.required"), forms.DIFFERENTIAL), Head(say("plants.supply"), t), Head(say("plants.return"), t),
        Head(say("plants.drop"), forms.DIFFERENCE), Head(say("substations.control")),
        Head(say("substations.opening"), forms.SHARE), Head(say("balance.flag")),
    )
    totals: tuple[Cell, ...] = (
        say("total"), "", "", float(homes.sum()), float(area.sum()), float(np.nansum(design)), float(wanted.sum()), float(actual.sum()),
        float(actual.sum() / area.sum()) if area.sum() else None, *[""] * 9,
    )
    return Table("inlet_loads", say("substations.list"), heads, tuple(rows), totals)
