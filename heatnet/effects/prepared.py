"""Scenarios prepared for the kernels that take several at once, block by block."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from heatnet.change import Scenario
from heatnet.effects.added import extended, takes
from heatnet.effects.figures import FIGURES
from heatnet.effects.lanes import Lanes
from heatnet.effects.variation import Variation, Ways, compiled
from heatnet.schema import Floats
from heatnet.solve.abreast_bounds import WIDTH


@dataclass(frozen=True)
class Block:
    """Answers of the scenarios of a block that were settled."""

    rows: list[int]
    figures: Floats  # (figures, rows)
    rooms: Floats | None  # (rows, buildings) K


@dataclass(frozen=True)
class Prepared:
    """Scenarios under each weather."""

    lanes: tuple[Lanes | None, ...]
    ways: tuple[Ways | None, ...]
    scenarios: tuple[Scenario, ...]
    known: dict[int, Variation]  # by scenario, where all weathers share them
    keep_rooms: bool

    @staticmethod
    def of(lanes: Sequence[Lanes | None], scenarios: Sequence[Scenario], *, keep_rooms: bool) -> Prepared:
        """Nothing worked out yet; rows of tables are looked up once where weathers share the network."""
        ways: list[Ways | None] = []
        for mine in lanes:
            first = ways[0] if ways else None
            serves = mine is not None and first is not None and first.serves(mine.given.solver)
            ways.append(None if mine is None else first if serves else Ways.of(mine.given.solver))
        return Prepared(tuple(lanes), tuple(ways), tuple(scenarios), {}, keep_rooms)

    def solve(self, job: tuple[int, list[int]]) -> Block:
        """Some scenarios under one weather: all of them add pipes, or none does."""
        at, rows = job
        lanes = self.lanes[at]
        ready: list[tuple[int, Variation]] = []
        if lanes is not None and takes(self.scenarios[rows[0]]):
            if (found := extended(lanes, [self.scenarios[row] for row in rows])) is not None:
                lanes, ready = found[0], [(row, one) for row, one in zip(rows, found[1], strict=True) if one is not None]
        elif lanes is not None:
            ready = self._ready(at, lanes, rows)
        if lanes is None or not ready:
            return Block([], np.zeros((len(FIGURES), 0)), None)
        done = lanes.solve([one for _, one in ready], keep_rooms=self.keep_rooms)
        good = done.good
        settled = [row for (row, _), fine in zip(ready, good, strict=True) if fine]
        return Block(settled, done.figures[:, good], None if done.rooms is None else done.rooms[good])

    def _ready(self, at: int, lanes: Lanes, rows: list[int]) -> list[tuple[int, Variation]]:
        """Those of some scenarios that can be taken side by side."""
        ways = self.ways[at]
        assert ways is not None
        shared, given = ways is self.ways[0], lanes.given
        found: dict[int, Variation] = {row: self.known[row] for row in rows if shared and row in self.known}
        quick = [row for row in rows if row not in found and ways.simple(self.scenarios[row])]
        found |= dict(zip(quick, ways.quick([self.scenarios[row] for row in quick]), strict=True))
        if shared:
            self.known.update({row: found[row] for row in quick})
        for row in rows:
            if row not in found and (made := compiled(given.solver, given.numbers, given.homes, self.scenarios[row])) is not None:
                found[row] = made
        return sorted(found.items())


def blocks(weathers: int, scenarios: Sequence[Scenario]) -> Iterator[tuple[int, list[int]]]:
    """Blocks of scenarios, weather by weather; those that add pipes stand apart."""
    adds = [takes(scenario) for scenario in scenarios]
    apart = [[row for row, mine in enumerate(adds) if mine is which] for which in (False, True)]
    for at in range(weathers):
        for rows in apart:
            for first in range(0, len(rows), WIDTH):
                yield at, rows[first : first + WIDTH]
