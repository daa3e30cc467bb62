"""Field sheet: what a crew needs to carry a balance out, one line a valve in the order of work."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from heatnet.balance.order import Step, steps
from heatnet.balance.positions import Fitted
from heatnet.balance.result import Balance
from heatnet.components import Consumer, Edge, Plant, Pump, Valve
from heatnet.network import Building
from heatnet.schema import Ints

if TYPE_CHECKING:
    import pandas as pd

PLAIN = 0.05  # tolerance of flow where no catalogue tells one
TONNES = 3.6  # t/h in 1 kg/s
COLUMNS = (
    "step", "module", "table", "id", "buildings", "address", "valve", "size [mm]", "unit", "present", "new", "opening [%]",
    "difference when all are set [kPa]", "flow when all are set [t/h]", "difference at the moment [kPa]", "flow at the moment [t/h]",
    "tolerance [%]", "note",
)


def field_sheet(balance: Balance) -> pd.DataFrame:
    """The sheet, units in the header; settings in positions where a catalogue was given, else openings in percent.

    `note`: "shut" where the inlet is to be opened before the work begins, "index" where the valve stays open, "short" where pressure does
    not suffice, "backward" where water runs back through an open inlet (to be shut, or given a non-return valve), "assumed" where the type
    of the valve is not known, "range" where the present setting is none of the positions of its type, "controller" where the line is the
    set value of the controller in front of an inlet. Plants and pumps come last.
    """
    import pandas as pd  # noqa: PLC0415  pandas takes 0.4 s to load

    work = steps(balance)
    lines = [_valve_line(balance, number, step, *_homes(balance)) for number, step in enumerate(work, 1)]
    lines += _backward_lines(balance, len(lines), {step.row for step in work if step.table == Consumer.kind()})
    lines += _controller_lines(balance, len(lines), *_homes(balance))
    lines += _drive_lines(balance, len(lines))
    return pd.DataFrame(lines, columns=list(COLUMNS)).set_index("step")


def _homes(balance: Balance) -> tuple[dict[int, str], dict[int, str]]:
    """Names and addresses of the buildings behind each consumer."""
    building, at = balance.arrays.net[Building], balance.state.scene.terminals.consumer
    names: dict[int, list[str]] = {}
    where: dict[int, dict[str, None]] = {}
    for row, consumer in enumerate(at.tolist()):
        names.setdefault(consumer, []).append(str(building.name[row] or building.id[row]))
        text = " ".join(part for part in (building.district[row], building.street[row]) if part)
        where.setdefault(consumer, {})[text] = None
    return {at: ", ".join(each) for at, each in names.items()}, {at: ", ".join(filter(None, each)) for at, each in where.items()}


def _valve_line(balance: Balance, number: int, step: Step, names: dict[int, str], where: dict[int, str]) -> list[Any]:
    inlet = step.table == Consumer.kind()
    kind: type[Edge] = Consumer if inlet else Valve
    table, state = balance.arrays.net[kind], balance.state
    assert isinstance(table, Consumer | Valve)
    new = balance.fit.knobs.inlet if inlet else balance.fit.knobs.valve
    valve, size, unit, present, setting, tolerance, notes = _setting(balance, inlet, step.row)
    if inlet and table.id[step.row] in balance.opened:
        notes.insert(0, "shut")
    if inlet and step.row in balance.fit.index:
        notes.append("index")
    if inlet and balance.fit.short[step.row]:
        notes.append("short")
    if inlet and table.id[step.row] in balance.backward:
        notes.append("backward")
    return [
        number, step.module, step.table, table.id[step.row], names.get(step.row, "") if inlet else "",
        where.get(step.row, "") if inlet else "", valve, size, unit, present, setting, 100.0 * new[step.row],
        state.loss(kind)[step.row] / 1e3, TONNES * state.m[state.of(kind)][step.row], step.loss / 1e3, TONNES * step.flow,
        100.0 * tolerance, ", ".join(notes),
    ]


def _setting(balance: Balance, inlet: bool, row: int) -> tuple[str, float, str, float, float, float, list[str]]:
    """Type, size [mm], unit, present and new setting, tolerance of the flow, notes."""
    table = balance.arrays.net[Consumer] if inlet else balance.arrays.net[Valve]
    new = balance.fit.knobs.inlet if inlet else balance.fit.knobs.valve
    if balance.positions is None:
        name = str(table.valve[row] if isinstance(table, Consumer) else table.type[row])
        return name, float("nan"), "%", 100.0 * float(table.opening[row]), 100.0 * float(new[row]), PLAIN, []
    fitted, number = (balance.positions.inlets, balance.positions.inlet) if inlet else (balance.positions.lines, balance.positions.line)
    at = int(np.flatnonzero(fitted.row == row)[0])
    one = fitted.types[at]
    present = float(fitted.read(np.asarray(table.kvs * table.share())[fitted.row])[at])
    notes = (["assumed"] if fitted.assumed[at] else []) + (["range"] if np.isnan(present) else [])
    return one.name, 1e3 * one.size, one.unit, present, float(one.position[number[at]]), flow_tolerance(fitted, number, at), notes


def flow_tolerance(fitted: Fitted, number: Ints, at: int) -> float:
    """Share by which the flow may be off: tolerance of the valve by its share of the drop, and half a step of the setting."""
    one = fitted.types[at]
    share = (float(fitted.kv[at, number[at]]) / float(one.kv[number[at]])) ** 2
    return min(share, 1.0) * float(one.tolerance[number[at]]) + float(fitted.step(number)[at])


def _backward_lines(balance: Balance, done: int, told: set[int]) -> list[list[Any]]:
    """Inlets that water runs back through and whose valve is not turned otherwise."""
    consumer, nan = balance.arrays.net[Consumer], float("nan")
    number, (names, where) = {str(name): row for row, name in enumerate(consumer.id)}, _homes(balance)
    state, lines = balance.state, list[list[Any]]()
    for row in (number[name] for name in balance.backward):
        if row not in told:
            flow, loss = TONNES * float(state.m[state.of(Consumer)][row]), float(state.loss(Consumer)[row]) / 1e3
            opening = 100.0 * float(balance.fit.knobs.inlet[row])
            lines.append([
                done + len(lines) + 1, "-", Consumer.kind(), consumer.id[row], names.get(row, ""), where.get(row, ""),
                str(consumer.valve[row]), nan, "%", opening, opening, opening, loss, flow, loss, flow, 100.0 * PLAIN, "backward",
            ])
    return lines


def _controller_lines(balance: Balance, done: int, names: dict[int, str], where: dict[int, str]) -> list[list[Any]]:
    """Controllers in front of inlets whose set value changes."""
    state, old, new = balance.state, balance.arrays.net[Consumer].difference, balance.fit.knobs.difference
    lines: list[list[Any]] = []
    for row in np.flatnonzero(~np.isnan(old) & (new != old)).tolist():
        flow, loss, nan = TONNES * float(state.m[state.of(Consumer)][row]), float(state.loss(Consumer)[row]) / 1e3, float("nan")
        lines.append([
            done + len(lines) + 1, "-", Consumer.kind(), state.arrays.net[Consumer].id[row], names.get(row, ""), where.get(row, ""), "",
            nan, "kPa", old[row] / 1e3, new[row] / 1e3, nan, loss, flow, loss, flow, 100.0 * PLAIN, "controller",
        ])
    return lines


def _drive_lines(balance: Balance, done: int) -> list[list[Any]]:
    """Plants and pumps whose lift or speed changes."""
    net, new, state, places = balance.arrays.net, balance.fit.knobs, balance.state, balance.places
    lines: list[list[Any]] = []
    nan = float("nan")
    values: list[tuple[type[Plant | Pump], int, float, float, str, str]] = []
    values += [(Plant, row, net[Plant].lift[row] / 1e3, new.lift[row] / 1e3, "kPa", "") for row in places.lifts.tolist()]
    values += [(Pump, row, 100.0 * net[Pump].speed[row], 100.0 * new.speed[row], "%", "") for row in places.pumps.tolist()]
    values += [
        (Plant if one.table == "plant" else Pump, one.row, one.before / 1e3, one.after / 1e3, "kPa", one.column) for one in balance.turned
    ]
    for kind, row, old, fresh, unit, note in values:
        if old != fresh:
            flow = TONNES * float(state.m[state.of(kind)][row])
            rise = -float(state.loss(kind)[row]) / 1e3
            lines.append([
                done + len(lines) + 1, "-", kind.kind(), net[kind].id[row], "", "", "", nan, unit, old, fresh, nan, rise, flow,
                rise, flow, 100.0 * PLAIN, note,
            ])
    return lines
