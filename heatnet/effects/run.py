"""Scenarios under weather states, each solved from the state of that weather without them."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from heatnet.arrays import Arrays, compile
from heatnet.change import Scenario
from heatnet.effects.figures import FIGURES, Homes, figures
from heatnet.effects.result import Effects, WeatherState
from heatnet.effects.schedule import in_turn
from heatnet.effects.soundness import must_be_sound
from heatnet.errors import HeatnetError
from heatnet.network import Network
from heatnet.profile import Profile, profile
from heatnet.schema import Floats
from heatnet.solve import Settings, Solver, State

if TYPE_CHECKING:
    from heatnet.effects.lanes import Lanes
    from heatnet.effects.prepared import Block

CLOSE = 1e-4  # Pa, so that what two states differ by is no rounding of either
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
    settings = replace(settings, pressure_tolerance=min(settings.pressure_tolerance, CLOSE))
    if not settings.heat:
        raise HeatnetError("effects on rooms need temperatures; solve with heat")
    base = model if isinstance(model, Arrays) else compile(model)
    must_be_sound(base, scenarios)
    rule = rule if isinstance(rule, Profile) else profile(rule or base.net.site.profile)
    weathers = tuple(Weathered.of(base, state, rule, settings) for state in states)
    answers = Answers.of(tuple(weathers), len(scenarios), progress, keep_rooms=keep_rooms)
    threads = os.cpu_count() or 1
    jobs = [(row, at) for at in range(len(weathers)) for row in range(len(scenarios))]
    with ThreadPoolExecutor(threads) as pool:
        if len(scenarios) > 1:
            jobs = _side_by_side(answers, scenarios, pool, 2 * threads)
            jobs = _stacked(answers, scenarios, jobs, pool, 2 * threads)
        for (row, at), state in in_turn(pool, lambda job: weathers[job[1]].solve(scenarios[job[0]]), jobs, 2 * threads):
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
    lanes: Lanes | None  # to take scenarios side by side
    figures: Floats  # (figures,)
    rooms: Floats  # (buildings,) K

    @staticmethod
    def of(base: Arrays, weather: WeatherState, rule: Profile, settings: Settings) -> Weathered:
        """The network under a weather; NotSolved where it has no answer there."""
        arrays = base.with_changes(weather.scenario)
        solver = Solver.of(arrays, settings)
        from heatnet.effects.lanes import Lanes  # noqa: PLC0415  loads numba

        state, homes = solver.solve(), Homes.of(arrays, rule)
        found, rooms = figures(homes, state, None)
        return Weathered(homes, solver, state, Lanes.of(solver, state, homes, rooms), found, rooms)

    def solve(self, scenario: Scenario) -> State:
        """A scenario under this weather, alone."""
        arrays, settings = self.solver.arrays, self.solver.settings
        if scenario.added:
            return Solver.of(compile(arrays.net.apply(scenario), checked=True), settings).solve(throw=False)
        changed = arrays.with_changes(scenario, checked=True)
        return Solver.of(changed, settings, like=self.solver).solve(start=self.state, throw=False)


def _side_by_side(answers: Answers, scenarios: Sequence[Scenario], pool: ThreadPoolExecutor, ahead: int) -> list[tuple[int, int]]:
    """Take all that can be taken several at once; scenario and weather of what is left."""
    from heatnet.effects.prepared import Prepared, blocks  # noqa: PLC0415  loads numba

    prepared = Prepared.of([weather.lanes for weather in answers.weathers], scenarios, keep_rooms=answers.rooms is not None)
    left: list[tuple[int, int]] = []
    for (at, rows), block in in_turn(pool, prepared.solve, blocks(len(answers.weathers), scenarios), ahead):
        left += [(row, at) for row in rows if row not in block.rows]
        answers.put_many(block, at)
    return left


def _stacked(
    answers: Answers, scenarios: Sequence[Scenario], jobs: list[tuple[int, int]], pool: ThreadPoolExecutor, ahead: int
) -> list[tuple[int, int]]:
    """Take in stacks what is left under weathers whose flows follow from temperatures; scenario and weather of what is left then."""
    from heatnet.effects.stacked import Stacks  # noqa: PLC0415  loads numba

    stacks = Stacks.of(answers.weathers, scenarios, keep_rooms=answers.rooms is not None)
    blocks, left = stacks.blocks(jobs)
    for (at, rows), block in in_turn(pool, stacks.solve, blocks, ahead):
        left += [(row, at) for row in rows if row not in block.rows]
        answers.put_many(block, at)
    return sorted(left, key=lambda job: (job[1], job[0]))


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

    def put_many(self, block: Block, at: int) -> None:
        """Scenarios solved side by side."""
        self.values[:, block.rows, at] = block.figures
        if self.rooms is not None and block.rooms is not None:
            self.rooms[block.rows, at] = block.rooms
        self.tell(len(block.rows))

    def tell(self, more: int) -> None:
        """Note that so many more are done."""
        self.done += more
        if self.progress is not None:
            self.progress(self.done, self.values.shape[1] * self.values.shape[2])
