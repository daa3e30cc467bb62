"""What a scenario changes, in the numbers of the kernels for several scenarios."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

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

    def simple(self, scenario: Scenario) -> bool:
        """Whether a scenario sets numbers of some pipes and buildings only."""
        known = {"pipe": PIPE, "building": HOME}
        return not scenario.added and all(
            change.ids is not None and change.column in known.get(change.kind, ()) for change in scenario.changes
        )

    def quick(self, scenarios: Sequence[Scenario]) -> list[Variation]:
        """Variations of simple scenarios, all at once."""
        pipes = _Rows([[change for change in one.changes if change.kind == "pipe"] for one in scenarios], self.pipes)
        homes = _Rows([[change for change in one.changes if change.kind == "building"] for one in scenarios], self.buildings)
        link, numbers = self._pipes(pipes) if pipes.rows.size else (pipes.rows, np.zeros((OWN, 0)))
        home, values = self._homes(homes) if homes.rows.size else (homes.rows, np.zeros((3, 0)))
        return [
            Variation(link[a:b], numbers[:, a:b], home[c:d], values[:, c:d])
            for (a, b), (c, d) in zip(pairwise(pipes.ends), pairwise(homes.ends), strict=True)
        ]

    def _pipes(self, of: _Rows) -> tuple[Ints, Floats]:
        pipe, plan, rows = self.arrays.net[Pipe], self.arrays.program, of.rows
        length, diameter = pipe.length[rows], of.set(pipe.diameter, "diameter")
        area = np.pi**2 * diameter**4 / 8.0
        edges = self.arrays.part(Pipe).span.start + rows
        link, ground = plan.place[edges], pipe.ground[rows]
        shut = self.arrays.dead[edges] | self.arrays.rigid[edges] | (pipe.service[rows] <= 0.0)
        numbers = np.stack([
            4.0 / (np.pi * diameter), length / (area * diameter), of.set(pipe.zeta, "zeta") / area, self.drive[link],
            of.set(pipe.roughness, "roughness") / diameter * LAWS[self.friction].roughness, of.set(pipe.loss, "loss") * length,
            np.where(np.isnan(ground), self.ground, ground) - KELVIN, np.where(shut, 0.0, 1.0),
        ])
        return link, numbers

    def _homes(self, of: _Rows) -> tuple[Ints, Floats]:
        building, rows, site = self.arrays.net[Building], of.rows, self.arrays.net.site
        coldest = np.where(np.isnan(building.design_outdoor), site.design_outdoor, building.design_outdoor)[rows]
        given = of.set(building.conductance, "conductance")
        designed = building.design_heat[rows] / (building.design_indoor[rows] - coldest)
        actual = np.where(np.isnan(given), designed, given)
        values = np.stack([self.constant[rows] * of.set(building.radiator, "radiator"), actual, of.set(building.gains, "gains") / actual])
        return self.place[rows], values


class _Rows:
    """Rows of a table that some scenarios set, one after the other, and what is set there."""

    def __init__(self, changes: list[list[Change]], number: dict[str, int]) -> None:
        self.changes: list[tuple[Change, Ints]] = []
        each = []
        at = 0
        for mine in changes:
            named = [np.array([number[name] for name in change.ids or ()], dtype=np.int32) for change in mine]
            rows = named[0] if len(named) == 1 else np.unique(np.concatenate(named)) if named else np.zeros(0, dtype=np.int32)
            if len(named) == 1 and rows.size > 1:
                rows = np.unique(rows)
            found = [at + np.searchsorted(rows, which).astype(np.int32) for which in named]
            self.changes += list(zip(mine, found, strict=True))
            each.append(rows)
            at += rows.size
        self.rows = np.concatenate(each).astype(np.int32) if each else np.zeros(0, dtype=np.int32)
        self.ends = np.cumsum([0, *(rows.size for rows in each)])

    def set(self, column: Floats, name: str) -> Floats:
        """A column of the rows, with the changes."""
        values = column[self.rows]
        for change, rows in self.changes:
            if change.column == name:
                values[rows] = change.values
        return values


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
    b = (pump.shutoff_head - pump.rated_head) / (pump.count * pump.rated_flow) ** pump.exponent
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
