"""Plants and pumps that hold something: balanced as a lift or a speed, then told as the set value that gives it.

While settings are sought a plant that holds a difference at its consumers stands as one of given lift, at most its largest one, and a pump
that all hang on as one of given speed, at most the speed given. The set value that gives the lift found is read from that answer: the
least difference at the consumers it senses, the lift held, or a lift that grows with flow, scaled. Then the network is solved with it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from heatnet.arrays import Arrays
from heatnet.balance.fit import Fit
from heatnet.balance.knobs import Knobs, speeds_for
from heatnet.balance.places import Places, find_places
from heatnet.balance.rules import Rules
from heatnet.change import Change, Scenario
from heatnet.components import Edge, Plant, Pump
from heatnet.schema import Floats, Ints
from heatnet.solve import Solver, State
from heatnet.solve.regulators import regulators

HELD = ("lift", "proportional", "remote")  # controls of pumps whose set value is a pressure


@dataclass(frozen=True)
class Drives:
    """Drives that hold something, by rows of their tables."""

    plants: Ints
    pumps: Ints


@dataclass(frozen=True)
class Turned:
    """A set value of a drive that is turned [Pa]."""

    table: str
    row: int
    column: str
    before: float
    after: float


def held_drives(arrays: Arrays, rules: Rules) -> Drives:
    """Those a balance may turn: none where the lift is kept."""
    none = np.zeros(0, dtype=np.int32)
    if rules.lift == "kept" or rules.at_most is not None:
        return Drives(none, none)
    plant, pump = arrays.net[Plant], arrays.net[Pump]
    held = (plant.control == "remote") & (plant.order == 0.0) & (plant.service > 0.0) & ~arrays.dead[arrays.part(Plant).span]
    plants = np.flatnonzero(held).astype(np.int32)
    wanted = np.isin(pump.control.astype(str), HELD)
    pumps = find_places(_lifting(arrays, plants, plant.lift), rules).pumps if wanted.any() else none
    return Drives(plants, pumps[wanted[pumps]].astype(np.int32))


def plain(arrays: Arrays, state: State, drives: Drives) -> Arrays:
    """The network with these drives at the lifts and speeds of a state."""
    if not (drives.plants.size or drives.pumps.size):
        return arrays
    lift = np.clip(-state.loss(Plant), 1.0, None)
    result = _lifting(arrays, drives.plants, np.fmin(lift, arrays.net[Plant].lift))
    if not drives.pumps.size:
        return result
    pump, rows = arrays.net[Pump], drives.pumps
    rise, m = np.maximum(-state.loss(Pump)[rows], 1.0), state.m[state.of(Pump)][rows]
    ids = tuple(str(name) for name in pump.id[rows])
    speed = np.clip(speeds_for(_driven(state, rows), rows, rise, m), 1e-3, pump.speed[rows])
    changes = (
        Change("pump", "control", "speed", ids), Change("pump", "speed", speed, ids), Change("pump", "speed_most", pump.speed[rows], ids),
    )
    return result.with_changes(Scenario("", changes), checked=True)


def turned(arrays: Arrays, drives: Drives, state: State) -> tuple[Turned, ...]:
    """Set values that give what `state`, an answer of the plain network, has."""
    plant, pump, found = arrays.net[Plant], arrays.net[Pump], []
    for row in drives.plants.tolist():
        stagger = float(plant.held()[row] / plant.difference[row]) if plant.difference[row] > 0.0 else 1.0
        found.append(Turned("plant", row, "difference", float(plant.difference[row]), _sensed(arrays, state, Plant, row) / stagger))
    for row in drives.pumps.tolist():
        rise = -float(state.loss(Pump)[row])
        if pump.control[row] == "remote":
            found.append(Turned("pump", row, "difference", float(pump.difference[row]), _sensed(arrays, state, Pump, row)))
        elif pump.control[row] == "lift":
            found.append(Turned("pump", row, "lift", float(pump.lift[row]), rise))
        else:
            at = _wire(arrays, Pump, row)
            fluid = tuple(state.fluid(type(part.table)) for part in arrays.parts)
            regs = regulators(arrays, fluid, state.scene)
            assert regs is not None
            scale = rise / float(regs.target[at] + regs.slope[at] * state.m[state.of(Pump)][row])
            found.append(Turned("pump", row, "lift", float(pump.lift[row]), scale * float(pump.lift[row])))
            if not np.isnan(pump.lift_least[row]):
                found.append(Turned("pump", row, "lift_least", float(pump.lift_least[row]), scale * float(pump.lift_least[row])))
    return tuple(found)


def told(arrays: Arrays, drives: Drives, fit: Fit, name: str) -> tuple[Scenario, tuple[Turned, ...]]:
    """The scenario of a fit for the network as it is, with set values instead of the lifts and speeds of these drives."""
    now = Knobs.of(arrays)
    lift, speed = fit.knobs.lift.copy(), fit.knobs.speed.copy()
    lift[drives.plants], speed[drives.pumps] = now.lift[drives.plants], now.speed[drives.pumps]
    scenario = replace(fit.knobs, lift=lift, speed=speed).scenario(arrays, name)
    if fit.alone:
        return scenario, ()
    values = turned(arrays, drives, fit.state)
    changes = tuple(Change(one.table, one.column, one.after, (str(_table(arrays, one.table).id[one.row]),)) for one in values)
    return Scenario(name, scenario.changes + changes), values


def confirmed(arrays: Arrays, scenario: Scenario, fit: Fit, solver: Solver) -> Fit:
    """The fit with the answer of the network as it is, its own set values in force."""
    real = arrays.with_changes(scenario, checked=True)
    own = Solver.of(real, fit.state.settings, like=solver)
    state = own.solve(start=fit.state, throw=False)
    return replace(fit, state=state if state.converged else own.solve())


def set_rows(places: Places, drives: Drives) -> Places:
    """Places with the drives told as set values left out of those told as lifts and speeds."""
    lifts, pumps = ~np.isin(places.lifts, drives.plants), ~np.isin(places.pumps, drives.pumps)
    return replace(
        places, lifts=places.lifts[lifts], lift_part=places.lift_part[lifts], pumps=places.pumps[pumps], pump_part=places.pump_part[pumps]
    )


def _lifting(arrays: Arrays, rows: Ints, lift: Floats) -> Arrays:
    """The network with plants of a given lift in place of some that hold a difference."""
    if not rows.size:
        return arrays
    plant = arrays.net[Plant]
    ids = tuple(str(name) for name in plant.id[rows])
    most = np.fmin(plant.lift, plant.lift_most)[rows]
    changes = (Change("plant", "control", "lift", ids), Change("plant", "lift_most", most, ids), Change("plant", "lift", lift[rows], ids))
    return arrays.with_changes(Scenario("", changes), checked=True)


def _driven(state: State, rows: Ints) -> State:
    """The state with these pumps on their curves alone."""
    pump = state.arrays.net[Pump]
    free = Scenario("", (Change("pump", "control", "speed", tuple(str(name) for name in pump.id[rows])),))
    return replace(state, arrays=state.arrays.with_changes(free, checked=True))


def _table(arrays: Arrays, kind: str) -> Edge:
    return arrays.net[Plant] if kind == "plant" else arrays.net[Pump]


def _wire(arrays: Arrays, kind: type[Edge], row: int) -> int:
    return int(np.flatnonzero(arrays.regulated.edge == arrays.part(kind).span.start + row)[0])


def _sensed(arrays: Arrays, state: State, kind: type[Edge], row: int) -> float:
    """Least difference [Pa] at the consumers that a drive senses."""
    wires, at = arrays.regulated, _wire(arrays, kind, row)
    here = slice(int(wires.first[at]), int(wires.first[at + 1]))
    return float((state.p[wires.high[here]] - state.p[wires.low[here]]).min())
