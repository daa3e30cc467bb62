"""Scenarios of networks whose flows follow from temperatures (loads, thermostats, regulators, exchangers), side by side in stacks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from heatnet.change import Scenario
from heatnet.effects.figures import FIGURES, stacked_figures
from heatnet.effects.prepared import Block
from heatnet.solve.abreast import Beside

if TYPE_CHECKING:
    from heatnet.effects.run import Weathered

Job = tuple[int, int]  # scenario, weather


@dataclass(frozen=True)
class Stacks:
    """The network under each weather, ready to take scenarios side by side; None where it takes them otherwise."""

    weathers: tuple[Weathered, ...]
    beside: tuple[Beside | None, ...]
    scenarios: tuple[Scenario, ...]
    keep_rooms: bool

    @staticmethod
    def of(weathers: Sequence[Weathered], scenarios: Sequence[Scenario], *, keep_rooms: bool) -> Stacks:
        """Of weathers without lanes of their own."""
        beside = tuple(Beside.of(one.solver, one.state) if one.lanes is None else None for one in weathers)
        return Stacks(tuple(weathers), beside, tuple(scenarios), keep_rooms)

    def blocks(self, jobs: Sequence[Job]) -> tuple[list[tuple[int, list[int]]], list[Job]]:
        """Blocks of jobs, each of one weather; and the jobs that are solved alone, as those that add links."""
        made, left = [], []
        for at, beside in enumerate(self.beside):
            rows = [row for row, weather in jobs if weather == at]
            if beside is None:
                left += [(row, at) for row in rows]
                continue
            left += [(row, at) for row in rows if self.scenarios[row].added]
            rows = [row for row in rows if not self.scenarios[row].added]
            made += [(at, rows[first : first + beside.width]) for first in range(0, len(rows), beside.width)]
        return made, left

    def solve(self, job: tuple[int, list[int]]) -> Block:
        """Some scenarios under one weather."""
        at, rows = job
        beside, weather = self.beside[at], self.weathers[at]
        assert beside is not None
        lanes = [(row, beside.lane(weather.solver.arrays.with_changes(self.scenarios[row], checked=True))) for row in rows]
        lanes = [(row, lane) for row, lane in lanes if beside.fits(lane)]
        if not lanes:
            return Block([], np.zeros((len(FIGURES), 0)), None)
        done = beside.solve([lane for _, lane in lanes])
        found, rooms = stacked_figures(weather.homes, done.state, weather.rooms, beside.width)
        good = np.flatnonzero(done.good)
        return Block([lanes[lane][0] for lane in good], found[:, good], rooms[good] if self.keep_rooms else None)
