"""Pipes insulated anew, or replaced by bonded pipe of their size."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import ClassVar

import numpy as np

from heatnet.change import Scenario
from heatnet.components import Pipe
from heatnet.retrofit.measures.laying import laid
from heatnet.retrofit.measures.measure import NEW, Basis, Item, Measure, Work, fitting, listed, rows, setting
from heatnet.retrofit.options import flag, ids, quantity


@dataclass(frozen=True)
class Insulation(Measure):
    """Pipes insulated anew, or replaced by bonded pipe of their size."""

    key: ClassVar[str] = "insulation"
    pipes: tuple[str, ...] = ids("pipe", "pipes to insulate or replace")
    loss: float = quantity("W/(m K)", "heat loss afterwards; that of bonded pipe of the size if not given", most=100.0)
    replace: bool = flag("replace the pipes, so that their roughness is that of new ones")

    def work(self, basis: Basis, name: str) -> Work:
        """New loss, and roughness where they are replaced."""
        pipe = basis.net[Pipe]
        at = rows(pipe, self.pipes)
        new = [fitting(float(pipe.diameter[row])) for row in at]
        loss = np.array([one.loss for one in new]) if isnan(self.loss) else np.full(at.size, self.loss)
        loss = np.minimum(loss, pipe.loss[at])
        where = listed(self.pipes)
        if self.replace:
            bore = setting("pipe", "roughness", np.minimum(NEW, pipe.roughness[at]), pipe, at)
            return Work(Scenario(name, (setting("pipe", "loss", loss, pipe, at), bore)), laid(pipe, at, new), where)
        bill = tuple(Item("insulation", float(pipe.length[row]), float(pipe.diameter[row])) for row in at)
        return Work(Scenario(name, (setting("pipe", "loss", loss, pipe, at),)), bill, where)
