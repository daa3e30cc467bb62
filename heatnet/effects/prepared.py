"""Scenarios prepared for the kernels that take several at once, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from heatnet.change import Scenario
from heatnet.effects.lane_flow import WIDTH
from heatnet.effects.lanes import Lanes
from heatnet.effects.variation import Variation, Ways, compiled
from heatnet.network import Building
from heatnet.schema import Floats
from heatnet.solve import Solver


@dataclass(frozen=True)
class Block:
    """Answers of the scenarios of a block that were settled, (rows,)."""

    rows: list[int]
    rooms: Floats  # (rows, buildings) K
    heat: Floats  # W
    pump: Floats  # W


@dataclass(frozen=True)
class Prepared:
    """Scenarios under each weather."""

    lanes: tuple[Lanes | None, ...]
    ways: tuple[Ways | None, ...]
    scenarios: tuple[Scenario, ...]
    known: dict[int, Variation | None]  # by scenario, of the first weather, where all weathers share them

    @staticmethod
    def of(solvers: Sequence[Solver], lanes: Sequence[Lanes | None], scenarios: Sequence[Scenario]) -> Prepared:
        """Nothing worked out yet; rows of tables are looked up once where weathers share the network."""
        ways: list[Ways | None] = []
        for solver, mine in zip(solvers, lanes, strict=True):
            first = ways[0] if ways else None
            ways.append(None if mine is None else first if first is not None and first.serves(solver) else Ways.of(solver))
        return Prepared(tuple(lanes), tuple(ways), tuple(scenarios), {})

    def solve(self, job: tuple[int, range]) -> Block:
        """Some scenarios under one weather."""
        at, rows = job
        lanes = self.lanes[at]
        if lanes is None:
            return Block([], np.zeros((0, 0)), np.zeros(0), np.zeros(0))
        made = [(row, self._variation(at, lanes, row)) for row in rows]
        ready = [(row, one) for row, one in made if one is not None]
        if not ready:
            buildings = len(lanes.given.solver.arrays.net[Building])
            return Block([], np.zeros((0, buildings)), np.zeros(0), np.zeros(0))
        done = lanes.solve([one for _, one in ready])
        good = done.good
        return Block([row for (row, _), fine in zip(ready, good, strict=True) if fine], done.rooms[good], done.heat[good], done.pump[good])

    def _variation(self, at: int, lanes: Lanes, row: int) -> Variation | None:
        ways = self.ways[at]
        assert ways is not None
        shared = ways is self.ways[0]
        found = self.known.get(row) if shared else None
        if found is None:
            found = ways.quick(self.scenarios[row])
            if shared and found is not None:
                self.known[row] = found
        given = lanes.given
        return found or compiled(given.solver, given.numbers, given.homes, self.scenarios[row])


def blocks(weathers: int, scenarios: int) -> Iterator[tuple[int, range]]:
    """Blocks of scenarios, weather by weather."""
    for at in range(weathers):
        for first in range(0, scenarios, WIDTH):
            yield at, range(first, min(first + WIDTH, scenarios))
