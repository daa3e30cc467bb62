"""What a scenario changes, in the numbers of the kernels for several scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from heatnet.arrays import Arrays
from heatnet.change import Change, Scenario
from heatnet.components import Consumer, Pipe, Plant, Pump
from heatnet.effects.lane_flow import BASE, DRIVE, GROUND, LOSES, OPEN, OWN, ROUGH
from heatnet.friction import LAWS
from heatnet.network import Building, Node
from heatnet.schema import Floats, Ints
from heatnet.solve import Solver
from heatnet.solve.statics import Statics
from heatnet.units import KELVIN

PIPE = ("diameter", "roughness", "zeta", "loss")
HOME = ("radiator", "conductance", "gains")


@dataclass(frozen=True)
class Variation:
    """Rows of links and buildings that a scenario sets; link numbers of the program, places among the buildings of `Statics`."""

    link: Ints
    numbers: Floats  # (OWN, rows)
    home: Ints
    homes: Floats  # (3, rows) radiator constant, heat loss coefficient [W/K], rise by gains [K]
    supply: Floats | None = None  # (plants,) K


@dataclass(frozen=True)
class Ways:
    """How rows of tables become a Variation without working out the network anew; the same in every weather."""

    arrays: Arrays
    friction: str
    pipes: dict[str, int]
    buildings: dict[str, int]
    drive: Floats  # (links,) without the weight of the water
    place: Ints  # (buildings,) where each stands among those of Statics
    constant: Floats  # (buildings,) radiator constant as designed
    ground: float  # K

    @staticmethod
    def of(solver: Solver) -> Ways:
        """Of a network and its statics."""
        arrays, scene = solver.arrays, solver.scene
        assert solver.fixed is not None
        place = np.empty(scene.terminals.consumer.size, dtype=np.int32)
        place[building_order(arrays, scene.terminals.consumer)] = np.arange(place.size, dtype=np.int32)
        pipes, buildings = ({name: row for row, name in enumerate(arrays.net.tables[kind].id)} for kind in (Pipe, Building))
        return Ways(
            arrays, solver.settings.friction, pipes, buildings, solver.fixed.base[4], place, scene.terminals.design_kappa, scene.ground,
        )

    def serves(self, solver: Solver) -> bool:
        """Whether rows come out the same under another weather."""
        mine, other = self.arrays, solver.arrays
        return (
            mine.program is other.program and mine.net[Pipe] is other.net[Pipe] and mine.net[Building] is other.net[Building]
            and self.ground == solver.scene.ground and solver.fixed is not None and np.array_equal(self.drive, solver.fixed.base[4])
            and np.array_equal(mine.dead, other.dead)
        )

    def quick(self, scenario: Scenario) -> Variation | None:
        """Variation of a scenario that sets numbers of some pipes and buildings only; None for all others."""
        if scenario.added:
            return None
        for change in scenario.changes:
            known = PIPE if change.kind == "pipe" else HOME if change.kind == "building" else ()
            if change.ids is None or change.column not in known:
                return None
        pipes = [change for change in scenario.changes if change.kind == "pipe"]
        homes = [change for change in scenario.changes if change.kind == "building"]
        link, numbers = self._pipes(pipes) if pipes else (np.zeros(0, dtype=np.int32), np.zeros((OWN, 0)))
        home, values = self._homes(homes) if homes else (np.zeros(0, dtype=np.int32), np.zeros((3, 0)))
        return Variation(link, numbers, home, values)

    def _pipes(self, changes: Sequence[Change]) -> tuple[Ints, Floats]:
        pipe, plan, rows, set_ = self.arrays.net[Pipe], self.arrays.program, *_rows(changes, self.pipes)
        length, diameter = pipe.length[rows], set_(pipe.diameter, "diameter")
        area = np.pi**2 * diameter**4 / 8.0
        link = plan.place[self.arrays.part(Pipe).span.start + rows]
        ground = pipe.ground[rows]
        numbers = np.stack([
            4.0 / (np.pi * diameter), length / (area * diameter), set_(pipe.zeta, "zeta") / area, self.drive[link],
            set_(pipe.roughness, "roughness") / diameter * LAWS[self.friction].roughness, set_(pipe.loss, "loss") * length,
            np.where(np.isnan(ground), self.ground, ground) - KELVIN, self._is_open(pipe, rows),
        ])
        return link, numbers

    def _is_open(self, pipe: Pipe, rows: Ints) -> Floats:
        edges = self.arrays.part(Pipe).span.start + rows
        return np.where(self.arrays.dead[edges] | self.arrays.rigid[edges] | (pipe.service[rows] <= 0.0), 0.0, 1.0)

    def _homes(self, changes: Sequence[Change]) -> tuple[Ints, Floats]:
        building, rows, set_ = self.arrays.net[Building], *_rows(changes, self.buildings)
        coldest = np.where(np.isnan(building.design_outdoor), self.arrays.net.site.design_outdoor, building.design_outdoor)[rows]
        given = set_(building.conductance, "conductance")
        designed = building.design_heat[rows] / (building.design_indoor[rows] - coldest)
        actual = np.where(np.isnan(given), designed, given)
        values = np.stack([self.constant[rows] * set_(building.radiator, "radiator"), actual, set_(building.gains, "gains") / actual])
        return self.place[rows], values


def building_order(arrays: Arrays, consumer: Ints) -> Ints:
    """Buildings in the order of Statics, (buildings,); `consumer` is the row of each one's."""
    return np.argsort(arrays.program.place[arrays.part(Consumer).span.start + consumer], kind="stable").astype(np.int32)


def numbers_of(solver: Solver) -> Floats:
    """Numbers of all links, (OWN, links)."""
    arrays, fixed, run = solver.arrays, solver.fixed, solver.run
    assert fixed is not None
    assert run is not None
    plan = arrays.program
    numbers = np.zeros((OWN, plan.links))
    numbers[BASE : BASE + 2], numbers[BASE + 2] = fixed.base[:2], fixed.base[2]
    numbers[DRIVE], numbers[ROUGH] = fixed.base[4], run.coefficients[3]
    numbers[LOSES], numbers[GROUND] = fixed.lasting
    pump, here = arrays.net[Pump], plan.place[arrays.part(Pump).span]
    b = (pump.shutoff_head - pump.rated_head) / pump.rated_flow**pump.exponent
    g = solver.scene.gravity
    with np.errstate(divide="ignore"):
        slowed = np.where(pump.speed > 0.0, pump.speed ** (2.0 - pump.exponent), 0.0)
    numbers[BASE : BASE + 3, here] = np.stack([g * pump.shutoff_head * pump.speed**2, g * b * slowed, pump.exponent])
    closed = np.concatenate([part.table.closed() for part in arrays.parts])
    numbers[OPEN] = plan.real * ~(closed | arrays.dead | arrays.rigid)[plan.edge]
    return numbers


def homes_of(fixed: Statics, outdoor: float) -> Floats:
    """Radiator constant, heat loss coefficient, rise by gains of all buildings, (3, buildings filled up)."""
    return np.stack([fixed.building[1], fixed.building[3], fixed.building[4] - (outdoor - KELVIN)])


def compiled(solver: Solver, numbers: Floats, homes: Floats, scenario: Scenario) -> Variation | None:
    """Variation of a scenario by working out its network anew; None where it must be solved alone."""
    base = solver.arrays
    if scenario.added:
        return None
    changed = base.with_changes(scenario, checked=True)
    if changed.program is not base.program or not np.array_equal(changed.lost, base.lost):
        return None
    other = Solver.of(changed, solver.settings, like=solver)
    run, mine = other.run, solver.run
    if other.fixed is None or run is None or mine is None or other.scene.outdoor != solver.scene.outdoor:
        return None
    same = (
        (run.source, mine.source), (run.held, mine.held), (run.chosen, mine.chosen), (run.task.lower, mine.task.lower),
        (run.task.upper, mine.task.upper), (changed.net[Node].height, base.net[Node].height), (changed.behind, base.behind),
        (other.fixed.building[[0, 2]], _of(solver).building[[0, 2]]),
        *((changed.net[kind].efficiency, base.net[kind].efficiency) for kind in (Plant, Pump)),  # type: ignore[attr-defined]
        (changed.net[Plant].capacity, base.net[Plant].capacity),
    )
    if not all(np.array_equal(one, two, equal_nan=True) for one, two in same):
        return None
    fresh, rooms = numbers_of(other), homes_of(other.fixed, other.scene.outdoor)
    link = np.flatnonzero((fresh != numbers).any(axis=0)).astype(np.int32)
    home = np.flatnonzero((rooms != homes).any(axis=0)).astype(np.int32)
    supply = None if np.array_equal(other.scene.supply, solver.scene.supply) else other.scene.supply
    return Variation(link, fresh[:, link], home, rooms[:, home], supply)


def _of(solver: Solver) -> Statics:
    assert solver.fixed is not None
    return solver.fixed


class _Setting:
    """Columns of some rows with what changes set there."""

    def __init__(self, rows: Ints, changes: Sequence[Change], at: list[Ints]) -> None:
        self.rows, self.changes, self.at = rows, changes, at

    def __call__(self, column: Floats, name: str) -> Floats:
        values = column[self.rows].copy()
        for change, at in zip(self.changes, self.at, strict=True):
            if change.column == name:
                values[at] = change.values
        return values


def _rows(changes: Sequence[Change], number: dict[str, int]) -> tuple[Ints, _Setting]:
    """Rows that changes set, and how."""
    named = [np.array([number[name] for name in change.ids or ()], dtype=np.int32) for change in changes]
    rows = np.unique(np.concatenate(named)).astype(np.int32)
    return rows, _Setting(rows, changes, [np.searchsorted(rows, each).astype(np.int32) for each in named])
