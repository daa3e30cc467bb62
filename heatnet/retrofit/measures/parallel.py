"""A second pipe beside each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from heatnet.change import Scenario
from heatnet.components import Pipe
from heatnet.retrofit.measures.laying import laid
from heatnet.retrofit.measures.measure import NEW, Basis, Measure, Work, fitting, listed, named, rows
from heatnet.retrofit.options import ids, word


@dataclass(frozen=True)
class Parallel(Measure):
    """A second pipe beside each."""

    key: ClassVar[str] = "parallel"
    pipes: tuple[str, ...] = ids("pipe", "pipes that get a second one beside them, supply and return")
    type: str = word("type of the second pipe in the catalogue; of about the present diameter if not given")

    def work(self, basis: Basis, name: str) -> Work:
        """Added pipes between the same nodes."""
        pipe = basis.net[Pipe]
        at = rows(pipe, self.pipes)
        new = [named(self.type) if self.type else fitting(float(pipe.diameter[row])) for row in at]
        added = pipe.take(at).with_(
            id=[f"{name}.{pipe.id[row]}" for row in at], diameter=[one.diameter for one in new], loss=[one.loss for one in new],
            roughness=NEW, service=1.0, type=[one.name for one in new],
        )
        return Work(Scenario(name, (), (added,)), laid(pipe, at, new), listed(self.pipes))
