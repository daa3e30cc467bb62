"""Section 3, heat sources: load, flow, temperatures, lift, pump power, make-up and what is beyond its limits."""

from __future__ import annotations

import numpy as np

from heatnet.components import Plant, Pump
from heatnet.report import forms
from heatnet.report.document import Block, Cell, Dots, Figure, Head, Line, Mark, Paragraph, Section, Table, Tag
from heatnet.report.palette import RETURN, SUPPLY
from heatnet.report.sections.make_up import make_up_blocks
from heatnet.report.view import View
from heatnet.schema import Floats
from heatnet.solve.devices import drive, plant_states, short_of_capacity
from heatnet.units import KELVIN

FULL = 0.999  # of the capacity, from which a plant counts as at its limit
STILL = 1e-6  # kg/s
COLDER = 0.1  # K below the temperature it should hold
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")


def plants(view: View) -> Section:
    """Plants, pumps in the network, make-up, and supply temperature against the heating curve."""
    say = view.say
    blocks: list[Block] = [*_reversed(view), _table(view), *_order_of_use(view), *_pumps(view), *make_up_blocks(view), *_curves(view)]
    return Section("plants", say("plants"), tuple(blocks))


def pump_power(view: View) -> tuple[Floats, Floats]:
    """Electricity of the circulation pumps of each plant and of each pump in the network [W], as the state computes it."""
    return drive(view.state, Plant).power, drive(view.state, Pump).power


def _table(view: View) -> Table:
    say, state = view.say, view.state
    plant, span = view.net[Plant], state.of(Plant)
    heat, flow, power = -state.heat(Plant), state.m[span], pump_power(view)[0]
    out, back, lift = state.t_out[span], state.t_in[span], -state.loss(Plant)
    low = (state.scene.supply - out > COLDER) & (flow > 0.0)
    missing = short_of_capacity(state)
    rows: list[tuple[Cell, ...]] = [
        (plant.id[row], heat[row], plant.capacity[row], heat[row] / plant.capacity[row], flow[row], out[row], back[row],
         out[row] - back[row], missing[row],
         lift[row], state.p[state.arrays.tail[span][row]], power[row], _flags(view, row, bool(low[row]), heat[row] / plant.capacity[row]))
        for row in range(len(plant))
    ]
    heads = (
        Head(say("plants.plant")), Head(say("plants.load"), forms.HEAT), Head(say("plants.capacity"), forms.HEAT),
        Head(say("plants.use"), forms.SHARE, high=1.0), Head(say("plants.circulation"), forms.CIRCULATION),
        Head(say("plants.supply"), forms.TEMPERATURE), Head(say("plants.return"), forms.TEMPERATURE),
        Head(say("plants.drop"), forms.DIFFERENCE), Head(say("plants.missing"), forms.DIFFERENCE, high=COLDER),
        Head(say("plants.lift"), forms.DIFFERENTIAL), Head(say("plants.suction"), forms.PRESSURE),
        Head(say("plants.power"), forms.POWER), Head(say("plants.flag")),
    )
    totals: tuple[Cell, ...] = (
        say("total"), float(heat.sum()), float(np.nansum(plant.capacity)), None, float(flow.sum()), *[""] * 6,
        float(power.sum()), "",
    )
    return Table("plants", say("plants.list"), heads, tuple(rows), totals if len(rows) > 1 else ())


def _flags(view: View, row: int, low: bool, use: float) -> Tag | str:
    say, plant = view.say, view.net[Plant]
    words = []
    if plant.closed()[row]:
        words.append(say("plants.out"))
    if use >= FULL:
        words.append(say("plants.full"))
    if low:
        held = view.full(float(view.state.scene.supply[row]), forms.TEMPERATURE)
        words.append(say("plants.cold", held=held))
    if view.state.m[view.state.of(Plant)][row] < 0.0:
        words.append(say("plants.reversed"))
    return Tag(say("list.join").join(words), "bad") if words else ""


def _reversed(view: View) -> list[Block]:
    """Plants through which water runs backwards, said before all else."""
    say, flow = view.say, view.state.m[view.state.of(Plant)]
    rows = np.flatnonzero(flow < -STILL)
    names = say("list.join").join(f"{view.net[Plant].id[row]} ({view.full(-float(flow[row]), forms.CIRCULATION)})" for row in rows)
    return [Paragraph(say("plants.reversed_text", names=names), strong=True)] if rows.size else []


def _order_of_use(view: View) -> list[Block]:
    """Which plants carry the load first, what each gives and could still give; nothing where no order is set."""
    say, plant = view.say, view.net[Plant]
    if not (plant.order > 0.0).any():
        return []
    heat, states, missing = -view.state.heat(Plant), plant_states(view.state), short_of_capacity(view.state)
    total = float(heat.sum())
    rows: list[tuple[Cell, ...]] = []
    for row in np.lexsort((np.arange(len(plant)), plant.order)).tolist():
        spare = float(plant.capacity[row] - heat[row])
        tone = "bad" if missing[row] > COLDER else "high" if states[row] == "full" else ""
        rows.append((
            float(plant.order[row]), plant.id[row], float(heat[row]), float(heat[row] / total) if total > 0.0 else None, spare,
            float(missing[row]), Tag(say(f"plants.state.{states[row]}"), tone),  # type: ignore[arg-type]
        ))
    heads = (
        Head(say("plants.order"), forms.COUNT), Head(say("plants.plant")), Head(say("plants.load"), forms.HEAT),
        Head(say("plants.part"), forms.SHARE), Head(say("plants.spare"), forms.HEAT),
        Head(say("plants.missing"), forms.DIFFERENCE, high=COLDER), Head(say("plants.state")),
    )
    table = Table("plant_order", say("plants.order_title"), heads, tuple(rows), (say("total"), "", total, "", float(np.nansum(
        plant.capacity - heat)), "", ""))
    short = np.flatnonzero(missing > COLDER)
    if not short.size:
        return [table]
    names = say("list.join").join(f"{plant.id[row]} ({view.full(float(missing[row]), forms.DIFFERENCE)})" for row in short)
    return [Paragraph(say("plants.short_text", names=names), strong=True), table]


def _pumps(view: View) -> list[Table]:
    say, state, pump = view.say, view.state, view.net[Pump]
    if not len(pump):
        return []
    span, runs = state.of(Pump), drive(state, Pump)
    rows: list[tuple[Cell, ...]] = [
        (pump.id[row], runs.speed[row], state.m[span][row], runs.lift[row], runs.power[row],
         pump.efficiency[row]) for row in range(len(pump))
    ]
    heads = (
        Head(say("plants.pump")), Head(say("plants.speed"), forms.SHARE), Head(say("flow"), forms.CIRCULATION),
        Head(say("plants.head"), forms.DIFFERENTIAL),
        Head(say("plants.power"), forms.POWER), Head(say("plants.efficiency"), forms.SHARE),
    )
    totals: tuple[Cell, ...] = (say("total"), "", "", "", float(runs.power.sum()), "")
    return [Table("pumps", say("plants.pumps"), heads, tuple(rows), totals if len(rows) > 1 else ())]


def _curves(view: View) -> list[Figure]:
    """Heating curves with what each plant does at this outdoor temperature."""
    say, state, plant = view.say, view.state, view.net[Plant]
    curves = sorted(view.net.curves.items())
    if not curves:
        return []
    t = forms.TEMPERATURE.unit(say.lang)
    series: list[Line | Dots] = [
        Line(say("plants.curve", name=name), [x - KELVIN for x in curve.outdoor], [y - KELVIN for y in curve.supply], SUPPLY, 2.0,
             DASHES[at % len(DASHES)])  # type: ignore[arg-type]
        for at, (name, curve) in enumerate(curves)
    ]
    outdoor = [state.scene.outdoor - KELVIN] * len(plant)
    span, names = state.of(Plant), [str(name) for name in plant.id]
    series.append(Dots(say("plants.supply"), outdoor, (state.t_out[span] - KELVIN).tolist(), 11.0, SUPPLY, names, "triangle-up"))
    series.append(Dots(say("plants.return"), outdoor, (state.t_in[span] - KELVIN).tolist(), 11.0, RETURN, names, "triangle-down"))
    mark = Mark("x", view.net.site.design_outdoor - KELVIN, say("plants.design"))
    return [Figure("curves", say("plants.curves"), f"{say('summary.outdoor')} ({t})", f"{say('plants.temperature')} ({t})", tuple(series),
                   (mark,))]
