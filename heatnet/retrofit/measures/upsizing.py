"""Pipes replaced by larger ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from heatnet.change import Scenario
from heatnet.components import Pipe
from heatnet.retrofit.measures.laying import laid, larger, relaid
from heatnet.retrofit.measures.measure import Basis, Measure, Work, listed, named, rows
from heatnet.retrofit.options import count, ids, word


@dataclass(frozen=True)
class Upsizing(Measure):
    """Pipes replaced by larger ones."""

    key: ClassVar[str] = "upsizing"
    pipes: tuple[str, ...] = ids("pipe", "pipes to replace, supply and return")
    type: str = word("type of the new pipe in the catalogue, as EN253-1-DN150; by steps if not given")
    steps: int = count("sizes up, where no type is given", default=1, most=8)

    def work(self, basis: Basis, name: str) -> Work:
        """New diameter, loss and roughness."""
        pipe = basis.net[Pipe]
        at = rows(pipe, self.pipes)
        new = [named(self.type) if self.type else larger(float(pipe.diameter[row]), self.steps) for row in at]
        if narrow := [row for row, one in zip(at, new, strict=True) if one.diameter <= pipe.diameter[row]]:
            raise ValueError(f"pipe '{pipe.id[narrow[0]]}' has {1e3 * pipe.diameter[narrow[0]]:.0f} mm now: {new[0].name} is no larger")
        return Work(Scenario(name, relaid(pipe, at, new)), laid(pipe, at, new), listed(self.pipes))
