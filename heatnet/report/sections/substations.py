"""Section 4, substations and heat inlets: what each serves, its load, flow, temperatures, available pressure and flags."""

from __future__ import annotations

import numpy as np

from heatnet.components import Consumer
from heatnet.network import KINDS
from heatnet.report import forms
from heatnet.report.document import Block, Cell, Head, Paragraph, Section, Table
from heatnet.report.frames import Shown, table_of
from heatnet.report.sections.balance import flags
from heatnet.report.view import View
from heatnet.units import KELVIN


def substations(view: View) -> Section | None:
    """Exchanger substations where the model has them, and all heat inlets."""
    if not len(view.net[Consumer]):
        return None
    say = view.say
    blocks: list[Block] = [*_exchangers(view), Paragraph(say("substations.how")), _inlets(view)]
    return Section("substations", say("substations"), tuple(blocks))


def _exchangers(view: View) -> list[Table]:
    """Table of the exchangers, every result that their frame has."""
    if "exchanger" not in KINDS or not len(view.net.tables[KINDS["exchanger"]]):
        return []
    say, frame = view.say, view.state.frame("exchanger")
    columns = [Shown("id", say("substations.exchanger"))]
    columns += [
        Shown(header, say(key) if say.known(key) else header.partition(" [")[0])
        for header in frame.columns if header not in ("tail", "head")
        for key in (f"exchanger.{header.partition(' [')[0].replace(' ', '_')}",)
    ]
    return [table_of(frame, "exchangers", say("substations.exchangers"), columns)]


def _inlets(view: View) -> Table:
    say, state, inlet, building = view.say, view.state, view.net[Consumer], view.building
    span, count = state.of(Consumer), len(view.net[Consumer])
    def behind(values: np.ndarray) -> np.ndarray:
        return np.bincount(view.at, np.nan_to_num(values), minlength=count)

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
        opening = float(inlet.opening[row]) if inlet.control[row] == "fixed" else None
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
        Head(say("x"), forms.RATIO, limits.low, limits.high), Head(say("balance.available"), forms.PRESSURE, low=0.0),
        Head(say("plants.supply"), t), Head(say("plants.return"), t), Head(say("plants.drop"), forms.DIFFERENCE),
        Head(say("substations.control")),
        Head(say("substations.opening"), forms.SHARE), Head(say("balance.flag")),
    )
    totals: tuple[Cell, ...] = (
        say("total"), "", "", float(homes.sum()), float(area.sum()), float(np.nansum(design)), float(wanted.sum()), float(actual.sum()),
        float(actual.sum() / area.sum()) if area.sum() else None, *[""] * 8,
    )
    return Table("inlet_loads", say("substations.list"), heads, tuple(rows), totals)
