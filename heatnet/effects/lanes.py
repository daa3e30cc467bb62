"""A network under one weather, ready to take several scenarios at once: flow, heat and rooms side by side.

Scenarios begin from the state of that weather without them. Passes between flows and temperatures go on until no
temperature moves by more than SETTLED and no pressure equation is open by more than OPENED: rooms are then within 1e-4 K of a single
exact solve. What does not get there, or would leave a bound of a flow, is told to be solved alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from heatnet.components import Fluid, Plant, Scene
from heatnet.effects.figures import Homes
from heatnet.effects.lane_flow import OWN, Flow, Links, Nodes, first_factors, gaps, missing, newton_flow, start_flow
from heatnet.effects.lane_heat import Behind, Warm, figures_lanes, outlets_lanes, rooms_lanes, start_heat, sweep_lanes, turned, water_lanes
from heatnet.effects.state_lanes import Given, given_of
from heatnet.effects.variation import Variation
from heatnet.friction import LAWS
from heatnet.rooms import NEGLIGIBLE
from heatnet.schema import Bools, Floats, Ints
from heatnet.solve import Solver, State
from heatnet.solve.abreast_bounds import WIDTH
from heatnet.solve.hydraulic import IMMENSE
from heatnet.solve.space import Spaces
from heatnet.units import KELVIN

ROUGH, OPENED = 1.0, 0.05  # Pa, largest open pressure equation in the first pass, and at the end
SETTLED = 2e-5  # K, largest change of a temperature in a pass to come
STEPS, PASSES, SWEEPS = 20, 12, 60
LITTLE = 5e-4  # K, change of temperatures that moves no flow: densities and viscosities need no other pass
CLEAR = 0.2  # share of the change of the last pass below which passes go the same way on
SLACK = 1e-3  # Pa or kg/s by which a bound may be missed

Space = tuple[Flow, Nodes, Warm, Floats]


@dataclass(frozen=True)
class Settled:
    """A block of scenarios; those that did not get there are not `good`."""

    good: Bools  # (lanes,)
    figures: Floats  # (figures, lanes)
    rooms: Floats | None  # (lanes, buildings) K, if asked for


@dataclass(frozen=True)
class Counted:
    """What counts the rooms, in the order of the kernels; temperatures in degC."""

    homes: tuple[Floats, Floats, Floats]  # households, fee, cold before, (buildings filled up)
    required: float
    bands: tuple[Floats, Floats]

    @staticmethod
    def of(given: Given, homes: Homes, rooms: Floats) -> Counted:
        """From the homes of a network and their rooms [K] before any change, (buildings,)."""
        filled = np.zeros((3, given.room.size))
        filled[0] = -1.0
        filled[:, given.place] = homes.households, homes.fee, homes.deficit(rooms) > 0.0
        rule = homes.profile
        return Counted(
            (filled[0], filled[1], filled[2]), rule.required - KELVIN, (np.array(rule.below) - KELVIN, np.array(rule.share) * 1.0)
        )


@dataclass(frozen=True)
class Lanes:
    """One weather; see heatnet.effects.lane_flow for the layout."""

    given: Given
    counted: Counted
    homes: Homes
    rooms: Floats  # (buildings,) K before any change
    spaces: Spaces[Space]

    @staticmethod
    def of(solver: Solver, state: State, homes: Homes, rooms: Floats) -> Lanes | None:
        """Of a network whose flows do not follow from temperatures, at its solved state; None where scenarios must be taken alone."""
        given = given_of(solver, state)
        if given is None:
            return None
        plan = solver.arrays.program
        kind = LAWS[solver.settings.friction]
        links = given.numbers, given.weight, given.share, np.full(plan.links, -1, dtype=np.int32), np.zeros(0)
        first_factors((kind.code, kind.laminar), given.plan, links, *given.flow, given.factor)
        sizes = plan.links, plan.nodes, plan.row.size + plan.free + 1, given.wires.room, given.building.shape[1]
        return Lanes(given, Counted.of(given, homes, rooms), homes, rooms, Spaces(partial(_space, *sizes)))

    def solve(self, variations: Sequence[Variation], *, keep_rooms: bool) -> Settled:
        """At most WIDTH scenarios."""
        count = len(variations)
        with self.spaces.one() as space:
            block = _Block(self.given, space, list(variations))
            good = block.solve()
            found = block.figures(self.counted)
            rooms = block.rooms.reshape(-1, WIDTH)[self.given.place, :count].T + KELVIN if keep_rooms else None
        return Settled((good & np.isfinite(found[[0, 5, 6]]).all(axis=0))[:count], found[:, :count], rooms)


def _space(links: int, nodes: int, matrix: int, places: int, buildings: int) -> Space:
    flow = tuple(np.zeros(links * WIDTH) for _ in range(6))
    warm = np.zeros(links * WIDTH), np.zeros(links * WIDTH), np.zeros(places * WIDTH)
    return flow, (*(np.zeros(size * WIDTH) for size in (nodes, nodes, matrix, nodes)),), warm, np.zeros(buildings * WIDTH)  # type: ignore[return-value]


class _Block:
    """Scenarios under way."""

    def __init__(self, given: Given, space: Space, variations: list[Variation]) -> None:
        self.given, self.count = given, len(variations)
        self.flow, self.nodes, self.warm, self.rooms = space
        solver = given.solver
        kind = LAWS[solver.settings.friction]
        self.friction = kind.code, kind.laminar
        everyone = [*variations, *[Variation(given.none, np.zeros((OWN, 0)), given.none, np.zeros((3, 0)))] * (WIDTH - self.count)]
        rows = _own([(one.link, one.numbers) for one in everyone], given.numbers)
        self.links: Links = given.numbers, given.weight, given.share, rows[0], rows[1]
        of_home, homes = _own([(one.home, one.homes) for one in everyone], given.homes)
        outdoor = solver.scene.outdoor - KELVIN
        homes.reshape(-1, 3, WIDTH)[:, 2] += outdoor
        self.homes: Behind = given.building, given.link, of_home, homes
        self.supply = np.array([solver.scene.supply if one.supply is None else one.supply for one in everyone])
        hottest = max(given.hottest, float(self.supply.max(initial=-np.inf)) - KELVIN)
        self.limits = solver.scene.ground - KELVIN, given.coldest, hottest, given.least

    def solve(self) -> Bools:
        """Passes until all agree; which do, (WIDTH,)."""
        given = self.given
        start_flow(given.plan, (given.flow[0], given.factor, given.flow[1], given.flow[2], given.pressure), self.flow, self.nodes)
        start_heat(given.warm, given.room, self.warm, self.rooms)
        worst, tolerance, before = np.zeros(WIDTH), ROUGH, np.zeros(WIDTH)
        done = np.zeros(WIDTH, dtype=bool)
        for turn in range(PASSES):
            newton_flow(self.friction, given.plan, self.links, self.flow, self.nodes, given.source, (tolerance, STEPS), worst)
            self._fill()
            change = self._temperatures()
            ahead = np.where(change < CLEAR * before, change * np.minimum(change / np.maximum(before, 1e-300), 1.0), change)
            done = ((ahead <= SETTLED) | ((turn == 0) & (change <= LITTLE))) & (worst <= OPENED)
            if done.all() or not np.isfinite(change).any():
                break
            before = change
            tolerance = OPENED
            water_lanes(
                given.water, given.plan[0], given.plan[2], given.ends, self.links, self.flow[0], self.warm, self.flow[4], self.flow[5]
            )
        if (change > SETTLED).any():
            rooms_lanes(given.water, given.ends, self.homes, self.flow[0], self.warm, self.rooms)
        return np.asarray(done & self._balanced() & self._within_bounds())

    def figures(self, counted: Counted) -> Floats:
        """Figures of heatnet.effects.figures, (figures, WIDTH)."""
        out = np.zeros(6 * WIDTH)
        figures_lanes(self.rooms, counted.homes, counted.required, NEGLIGIBLE, counted.bands, out)
        rows = out.reshape(6, WIDTH)
        return np.stack([*rows[:5], *self._plants(), rows[5] + KELVIN])

    def _fill(self) -> None:
        """Flows of rigid links."""
        m = self.flow[0].reshape(-1, WIDTH)
        rigid = self.given.rigid
        if rigid.matrix is not None:
            m[rigid.links] = rigid.matrix @ m[rigid.touching] + rigid.constant[:, None]
        elif rigid.links.size:
            for lane in range(WIDTH):
                m[rigid.links, lane] = rigid.flows(np.ascontiguousarray(m[:, lane]), rigid.inflow)

    def _temperatures(self) -> Floats:
        """One thermal pass; largest change of each scenario [K]."""
        given, m = self.given, self.flow[0]
        rooms_lanes(given.water, given.ends, self.homes, m, self.warm, self.rooms)
        self._supply()
        outlets_lanes(given.water, given.plan[0][0], given.ends, self.links, m, self.warm)
        change = np.zeros(WIDTH)
        again = turned(m, given.flow[0], 1e-6)
        for _ in range(SWEEPS):
            moved = np.zeros(WIDTH)
            sweep_lanes(given.water, given.order, given.near, given.ends, m, self.warm, self.limits, moved)
            change = np.fmax(change, moved)
            if not again or not (moved > 0.1 * SETTLED).any():
                return change
        return np.where(moved > 0.1 * SETTLED, np.inf, change)

    def _supply(self) -> None:
        """Outlet laws of the plants."""
        given = self.given
        here = given.plants
        if not here.size:
            return
        m = self.flow[0].reshape(-1, WIDTH)[here].T
        t_in, t_out = (t.T + KELVIN for t in self._ends_of(here))
        plant = given.solver.arrays.net[Plant]
        cp = given.solver.settings.water.secant(t_in, t_out)
        scene = Scene(0.0, 0.0, self.supply, given.solver.scene.terminals, 0.0)
        a, b = plant.heat(np.abs(m), t_in, Fluid(cp, cp, cp), scene)
        self.warm[0].reshape(-1, WIDTH)[here] = a.T
        self.warm[1].reshape(-1, WIDTH)[here] = (b + (a - 1.0) * KELVIN).T

    def _ends_of(self, here: Ints) -> tuple[Floats, Floats]:
        """Inlet and outlet temperatures of some links [degC], (links, WIDTH) each."""
        m, theta = self.flow[0].reshape(-1, WIDTH)[here], self.warm[2].reshape(-1, WIDTH)
        t = np.where(m >= 0.0, theta[self.given.ends[0][here]], theta[self.given.ends[1][here]])
        return t, self.warm[0].reshape(-1, WIDTH)[here] * t + self.warm[1].reshape(-1, WIDTH)[here]

    def _plants(self) -> tuple[Floats, Floats]:
        """Heat and electrical power of the plants and pumps [W], (WIDTH,) each."""
        given, water = self.given, self.given.solver.settings.water
        here = np.concatenate([given.plants, given.pumps])
        m = self.flow[0].reshape(-1, WIDTH)[here]
        t_in, t_out = (t + KELVIN for t in self._ends_of(here))
        given_off = np.abs(m) * (water.enthalpy(t_out) - water.enthalpy(t_in))
        gap = np.zeros(here.size * WIDTH)
        gaps(given.plan, self.links, self.flow, self.nodes, here, gap)
        rho = 1.0 / self.flow[4].reshape(-1, WIDTH)[here]
        power = np.maximum(-m * gap.reshape(-1, WIDTH) / (rho * given.efficiency[:, None]), 0.0)
        return given_off[: given.plants.size].sum(axis=0), power.sum(axis=0)

    def _balanced(self) -> Bools:
        """Whether no water is missing anywhere and pressures are of this world."""
        given, found = self.given, np.zeros(3 * WIDTH)
        missing(given.plan, self.flow[0], given.source, self.nodes, found)
        lost, highest, largest = found.reshape(3, WIDTH)
        return np.asarray((lost <= given.solver.settings.mass_tolerance + 1e-12 * largest) & (highest < IMMENSE))

    def _within_bounds(self) -> Bools:
        """Whether the flows that are free stay within their bounds, and those held at one stay there."""
        given = self.given
        here = given.chosen
        if not here.size:
            return np.ones(WIDTH, dtype=bool)
        drops = np.zeros(here.size * WIDTH)
        gaps(given.plan, self.links, self.flow, self.nodes, here, drops)
        m, gap = self.flow[0].reshape(-1, WIDTH)[here], drops.reshape(-1, WIDTH)
        lower, upper, least, most = (row[:, None] for row in given.limits[:4])
        bound = given.bound[:, None]
        free = (m >= lower - SLACK) & (m <= upper + SLACK)
        at_upper, at_lower = (lower == upper) | (gap >= most - SLACK), gap <= least + SLACK
        return np.asarray(np.where(bound == 0, free, np.where(bound == 1, at_upper, at_lower)).all(axis=0))


def _own(each: list[tuple[Ints, Floats]], shared: Floats) -> tuple[Ints, Floats]:
    """Row of every link (or building) that any scenario sets, -1 for others, and its numbers in all scenarios (rows, kinds, WIDTH)."""
    some = np.unique(np.concatenate([link for link, _ in each]))
    of = np.full(shared.shape[1], -1, dtype=np.int32)
    of[some] = np.arange(some.size, dtype=np.int32)
    values = np.repeat(shared[:, some].T[:, :, None], WIDTH, axis=2)
    for lane, (link, numbers) in enumerate(each):
        values[of[link], :, lane] = numbers.T
    return of, np.ascontiguousarray(values).ravel()
