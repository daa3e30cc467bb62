"""Scenarios under weather states, each solved from the state of that weather without them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from heatnet.arrays import Arrays, compile
from heatnet.change import Change, Scenario
from heatnet.check import check
from heatnet.components import EDGES
from heatnet.effects.figures import FIGURES, Homes, figures
from heatnet.effects.result import Effects, WeatherState
from heatnet.errors import HeatnetError, ModelError, Problem
from heatnet.network import KINDS, Network
from heatnet.profile import Profile, profile
from heatnet.schema import Floats, Table
from heatnet.solve import Settings, Solver, State
from heatnet.solve.changed import in_range

Progress = Callable[[int, int], None]


def effects(
    model: Network | Arrays, states: Sequence[WeatherState], scenarios: Sequence[Scenario], rule: Profile | str | None = None,
    settings: Settings | None = None, *, keep_rooms: bool = False, progress: Progress | None = None,
) -> Effects:
    """Effects of each scenario under each weather state, exactly re-simulated with flow, heat and rooms on all cores.

    `rule` is the regulation profile, the site's own if none is named. `progress` is called with how many of all (scenario, state)
    are done. What a scenario breaks is a ModelError with all of it, a weather without an answer NotSolved; a scenario without
    one is told in `failed`.
    """
    settings = settings or Settings()
    if not settings.heat:
        raise HeatnetError("effects on rooms need temperatures; solve with heat")
    base = model if isinstance(model, Arrays) else compile(model)
    must_be_sound(base, scenarios)
    rule = rule if isinstance(rule, Profile) else profile(rule or base.net.site.profile)
    weathers = tuple(Weathered.of(base, state, rule, settings) for state in states)
    answers = Answers.of(tuple(weathers), len(scenarios), progress, keep_rooms=keep_rooms)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        for at, weather in enumerate(weathers):
            for row, state in enumerate(pool.map(weather.solve, scenarios)):
                answers.put(row, at, state)
    return Effects(
        base, rule, tuple(states), tuple(scenarios), answers.base, answers.values, answers.failed, answers.base_rooms, answers.rooms,
        answers.alone,
    )


@dataclass(frozen=True)
class Weathered:
    """The network under one weather, solved."""

    homes: Homes
    solver: Solver
    state: State
    figures: Floats  # (figures,)
    rooms: Floats  # (buildings,) K

    @staticmethod
    def of(base: Arrays, weather: WeatherState, rule: Profile, settings: Settings) -> Weathered:
        """The network under a weather; NotSolved where it has no answer there."""
        arrays = base.with_changes(weather.scenario)
        solver = Solver.of(arrays, settings)
        state, homes = solver.solve(), Homes.of(arrays, rule)
        return Weathered(homes, solver, state, *figures(homes, state, None))

    def solve(self, scenario: Scenario) -> State:
        """A scenario under this weather, alone."""
        arrays, settings = self.solver.arrays, self.solver.settings
        if scenario.added:
            return Solver.of(compile(arrays.net.apply(scenario), checked=True), settings).solve(throw=False)
        changed = arrays.with_changes(scenario, checked=True)
        return Solver.of(changed, settings, like=self.solver).solve(start=self.state, throw=False)


@dataclass
class Answers:
    """Figures to be filled in."""

    weathers: tuple[Weathered, ...]
    base: Floats
    base_rooms: Floats
    values: Floats
    rooms: Floats | None
    failed: dict[tuple[int, int], str]
    progress: Progress | None
    done: int = 0
    alone: int = 0

    @staticmethod
    def of(weathers: tuple[Weathered, ...], count: int, progress: Progress | None, *, keep_rooms: bool) -> Answers:
        """Nothing filled in yet."""
        base = np.array([weather.figures for weather in weathers]).reshape(len(weathers), len(FIGURES)).T
        base_rooms = np.array([weather.rooms for weather in weathers])
        buildings = base_rooms.shape[-1] if weathers else 0
        rooms = np.full((count, len(weathers), buildings), np.nan) if keep_rooms else None
        return Answers(weathers, base, base_rooms, np.full((len(FIGURES), count, len(weathers)), np.nan), rooms, {}, progress)

    def put(self, row: int, at: int, state: State) -> None:
        """A state solved alone."""
        self.alone += 1
        if state.converged:
            weather = self.weathers[at]
            self.values[:, row, at], room = figures(weather.homes, state, weather.rooms)
            if self.rooms is not None:
                self.rooms[row, at] = room
        else:
            self.failed[row, at] = state.message
        self.tell(1)

    def put_many(self, rows: list[int], at: int, values: Floats, rooms: Floats) -> None:
        """Figures (figures, rows) and rooms (rows, buildings) of scenarios solved side by side."""
        self.values[:, rows, at] = values
        if self.rooms is not None:
            self.rooms[rows, at] = rooms
        self.tell(len(rows))

    def tell(self, more: int) -> None:
        """Note that so many more are done."""
        self.done += more
        if self.progress is not None:
            self.progress(self.done, self.values.shape[1] * self.values.shape[2])


def must_be_sound(base: Arrays, scenarios: Sequence[Scenario]) -> None:
    """ModelError with all rules that any scenario breaks, ValueError where one names what is not there or adds buildings."""
    problems = []
    known = {kind: set(base.net.tables[kind].id) for kind in KINDS.values()}
    for scenario in scenarios:
        if any(type(table) not in (*EDGES, KINDS["node"]) for table in scenario.added):
            raise ValueError(f"scenario '{scenario.name}' adds buildings; effects count the same homes before and after")
        if scenario.added or not all(_plain(change, known) for change in scenario.changes):
            problems += [
                Problem(f"scenario '{scenario.name}': {problem.text}", problem.table, problem.id, problem.column, problem.where)
                for problem in check(base.net.apply(scenario)) if not problem.warning
            ]
    if problems:
        raise ModelError(problems)


# a number within its range in these columns cannot break any other rule
SAFE: dict[str, tuple[str, ...]] = {
    "pipe": ("diameter", "roughness", "zeta", "loss", "ground"), "valve": ("kvs",), "consumer": ("kvs",),
    "building": ("radiator", "conductance", "gains"), "plant": ("supply_temperature", "lift", "efficiency"), "pump": ("efficiency",),
}


def _plain(change: Change, known: dict[type[Table], set[str]]) -> bool:
    """Whether a change sets numbers within their range of rows that are there, in columns that stand for themselves."""
    if change.column not in SAFE.get(change.kind, ()):
        return False
    table = KINDS[change.kind]
    unknown = [name for name in change.ids or () if name not in known[table]]
    if unknown:
        raise ValueError(f"{change.kind} has no row {', '.join(repr(name) for name in unknown[:5])}")
    return in_range(table.columns()[change.column], change.values)

