"""What every regulating device does in a state, in words and numbers: does it hold its set value, is it starved, closed, at its limit.

States (column `state` of the frames)
  consumers: `fixed`, `served`, `starved` (the pressure difference is too small for the flow wanted), `cold` (no flow is
    enough: the supply is too cold, or the radiators are too small), `shut`, `back` (water runs backwards)
  valves: `fixed`, `open` (nothing to hold back), `starved` (fully open and below the set value), `holds`, `least` (at its smallest
    opening, above the set value), `closed`
  pumps, plants: `runs`, `holds`, `most` (at the largest speed or lift, and below the set value), `full` (at its capacity, others
    take the rest), `idle`, `shut`
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.components import Consumer, Edge, Plant, Pump, Valve
from heatnet.regulated import DIFFERENCE, OWN, PROPORTIONAL
from heatnet.schema import Floats, Texts
from heatnet.solve.regulators import Regulators, regulators
from heatnet.solve.state import State

NEAR = 1e-6  # share of a flow or a set value within which it is held
SMALL = 0.05  # Pa
STILL = 1e-9  # kg/s


@dataclass(frozen=True)
class Drive:
    """Pumps of one table, (n,)."""

    lift: Floats  # Pa from tail to head
    speed: Floats  # - over rated speed; NaN for plants
    power: Floats  # W of electricity


def consumer_states(state: State) -> tuple[Texts, Floats]:
    """State of each consumer, and the pressure difference that is missing for the flow it wants [Pa], (consumers,)."""
    table, span, scene = state.arrays.net[Consumer], state.of(Consumer), state.scene
    fluid, m = state.fluid(Consumer), state.m[span]
    wanted = table.limits(state.t_in[span], fluid, scene)[1]
    finite = np.isfinite(wanted)
    needed, slope = np.zeros(m.size), np.zeros(m.size)
    table.law(fluid, state.settings.friction, scene).head_loss(np.where(finite, wanted, 0.0), needed, slope)
    there = state.loss(Consumer)
    shut = state.arrays.closed[span]
    dead = state.arrays.dead[span] & ~shut
    short = finite & (m < wanted * (1.0 - NEAR) - STILL) & ~shut
    names = np.where(finite, "served", np.where(table.control == "fixed", "fixed", "cold")).astype(object)
    names[short | dead] = "starved"
    names[~short & (m < -STILL)] = "back"
    names[shut] = "shut"
    missing = np.where(short, np.maximum(needed - np.nan_to_num(there), 0.0), 0.0)
    missing = np.where(dead & finite, needed, missing)
    return _of_controllers(state, Consumer, names), missing


def valve_states(state: State) -> Texts:
    """State of each valve, (valves,)."""
    table, span = state.arrays.net[Valve], state.of(Valve)
    m = state.m[span]
    names = np.full(len(table), "fixed", dtype=object)
    limits = table.control == "flow"
    names[limits] = np.where(m >= table.flow * (1.0 - NEAR), "holds", "starved")[limits]
    one_way = table.control == "check"
    names[one_way] = np.where(m > STILL, "open", "closed")[one_way]
    names = _of_controllers(state, Valve, names)
    blind = np.isin(table.control.astype(str), ("difference", "reduce", "sustain")) & (names == "fixed")
    names[blind] = "open"
    names[state.arrays.dead[span]] = "closed"
    return np.asarray(names, dtype=object)


def pump_states(state: State) -> Texts:
    """State of each pump, (pumps,)."""
    table, span = state.arrays.net[Pump], state.of(Pump)
    m = state.m[span]
    names = np.full(len(table), "runs", dtype=object)
    held = (table.control == "flow") & (m >= table.flow * (1.0 - NEAR))
    names[held] = "holds"
    names[(table.control == "flow") & ~held] = "most"
    lifted = -state.loss(Pump)
    at_cap = np.abs(lifted - np.where(np.isnan(table.lift), 0.0, table.lift)) < SMALL + 1e-2 * np.abs(m)
    names[table.control == "lift"] = np.where(at_cap, "holds", "most")[table.control == "lift"]
    names = _of_controllers(state, Pump, names)
    names[(m <= STILL) & (names != "holds")] = "idle"
    names[state.arrays.dead[span]] = "shut"
    return np.asarray(names, dtype=object)


def plant_states(state: State) -> Texts:
    """State of each plant, (plants,)."""
    table, span = state.arrays.net[Plant], state.of(Plant)
    m, names = state.m[span], np.full(len(table), "holds", dtype=object)
    names = _of_controllers(state, Plant, names)
    upper = table.limits(state.t_in[span], state.fluid(Plant), state.scene)[1]
    full = (table.order > 0.0) & np.isfinite(upper) & (m >= upper * (1.0 - 1e-5))
    names[full] = "full"
    names[(m <= STILL) & (table.order > 0.0)] = "idle"
    names[state.arrays.dead[span]] = "shut"
    return np.asarray(names, dtype=object)


def short_of_capacity(state: State) -> Floats:
    """How much colder than it should be the water leaves each plant because its capacity is used up [K], (plants,)."""
    span = state.of(Plant)
    short = np.where(state.m[span] > STILL, state.scene.supply - state.t_out[span], 0.0)
    return np.where((short > 1e-6) & ~np.isnan(state.arrays.net[Plant].capacity), short, 0.0)


def drive(state: State, kind: type[Pump] | type[Plant]) -> Drive:
    """Lift, speed and electricity of pumps, or of the pumps within plants: P = m dp/(rho eta)."""
    table, m, fluid = state.arrays.net[kind], state.m[state.of(kind)], state.fluid(kind)
    lift = np.where(state.arrays.dead[state.of(kind)], 0.0, np.nan_to_num(-state.loss(kind)))
    power = np.maximum(lift, 0.0) * np.maximum(m, 0.0) / (fluid.rho * table.efficiency)
    if not isinstance(table, Pump):
        return Drive(lift, np.full(len(table), np.nan), power)
    speed = np.where(table.control == "speed", table.speed, table.turning(lift, m, fluid, state.scene.gravity))
    return Drive(lift, speed, power)


def _of_controllers(state: State, kind: type[Edge], names: Texts) -> Texts:
    """The states of rows that regulate by what they sense put into `names`."""
    wires = state.arrays.regulated
    mine = wires.table == [type(part.table) for part in state.arrays.parts].index(kind)
    if not mine.any():
        return names
    fluid = tuple(state.fluid(type(part.table)) for part in state.arrays.parts)
    regs = regulators(state.arrays, fluid, state.scene)
    assert regs is not None
    result = names.copy()
    result[wires.row[mine]] = _words(state, regs)[mine]
    return result


def _words(state: State, regs: Regulators) -> Texts:
    wires, p = regs.wires, state.p
    measured, _ = regs.measured(p)
    m = state.m[wires.edge]
    gap, loss = (values[wires.edge] for values in _losses(state))
    u = np.where(regs.lift, -gap, gap - loss)
    r = regs.push(u, m, measured)
    held = np.abs(r) <= SMALL + NEAR * np.abs(regs.target)
    low = u <= SMALL
    top = u >= np.where(regs.lift, regs.most, regs.share * gap) * (1.0 - NEAR) - SMALL
    still = np.abs(m) <= STILL
    differs = (wires.kind == DIFFERENCE) | (wires.kind == OWN)
    idle = np.where(differs & ~held, "starved", "open")  # a pressure valve with nothing to hold back is open, not starved
    valve = np.where(low, np.where(still & ~differs, "closed", idle), np.where(still, "closed", "holds"))
    valve = np.where(~low & top & (r > SMALL), np.where(regs.share < 1.0, "least", "closed"), valve)
    lifts = np.where(held | ((wires.kind == PROPORTIONAL) & ~top), "holds", np.where((r < 0.0) & (low | still), "idle", "most"))
    return np.asarray(np.where(regs.lift, lifts, valve), dtype=object)


def _losses(state: State) -> tuple[Floats, Floats]:
    """Pressure difference that drives each edge, static height taken off, and the loss of its law at its flow [Pa], (edges,)."""
    kinds = [type(part.table) for part in state.arrays.parts]
    loss, slope = np.zeros(state.m.size), np.ones(state.m.size)
    for part in state.arrays.parts:
        law = part.table.law(state.fluid(type(part.table)), state.settings.friction, state.scene)
        law.head_loss(state.m[part.span], loss[part.span], slope[part.span])
    return np.concatenate([state.loss(kind) for kind in kinds]), loss
