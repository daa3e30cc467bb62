"""Pipes flushed or cleaned chemically."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from heatnet.change import Scenario
from heatnet.components import Pipe
from heatnet.retrofit.measures.measure import NEW, Basis, Item, Measure, Work, listed, rows, setting
from heatnet.retrofit.options import ids, quantity


@dataclass(frozen=True)
class Flushing(Measure):
    """Pipes flushed or cleaned chemically."""

    key: ClassVar[str] = "flushing"
    pipes: tuple[str, ...] = ids("pipe", "pipes to clean")
    roughness: float = quantity("m", "roughness afterwards", most=0.1, default=NEW)

    def work(self, basis: Basis, name: str) -> Work:
        """Roughness back, never more than it is."""
        pipe = basis.net[Pipe]
        at = rows(pipe, self.pipes)
        smooth = np.minimum(self.roughness, pipe.roughness[at])
        change = setting("pipe", "roughness", smooth, pipe, at)
        return Work(Scenario(name, (change,)), (Item("flushing", float(pipe.length[at].sum())),), listed(self.pipes))
