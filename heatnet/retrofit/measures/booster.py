"""A booster pump in a main."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import ClassVar

import numpy as np

from heatnet.change import Change, Scenario
from heatnet.components import Pipe
from heatnet.retrofit.measures.measure import Basis, Item, Measure, Work, beside, between, rows
from heatnet.retrofit.measures.new_pumps import new_pumps, power
from heatnet.retrofit.options import quantity, word


@dataclass(frozen=True)
class Booster(Measure):
    """A booster pump at the upstream end of a pipe, in the supply or the return."""

    key: ClassVar[str] = "booster"
    pipe: str = word("pipe in which it is put", default=None, table="pipe")
    lift: float = quantity("Pa", "lift at its rated flow", least=1e3, most=2e6, default=None)
    flow: float = quantity("kg/s", "rated flow; what flows there now if not given", least=0.01, most=1e5)

    def work(self, basis: Basis, name: str) -> Work:
        """A node put into the pipe, and a pump before it."""
        (at,) = rows(basis.net[Pipe], (self.pipe,))
        before, end, now = between(basis, int(at))
        flow = now if isnan(self.flow) else self.flow
        if flow < 0.01:
            raise ValueError(f"next to nothing flows in pipe '{self.pipe}': give the rated flow of the pump, as in flow = \"5 kg/s\"")
        node = f"{name}.out"
        pump = new_pumps([name], [before], [node], np.array([self.lift]), np.array([flow]))
        scenario = Scenario(name, (Change("pipe", end, node, (self.pipe,)),), (beside(basis.net, [before], [node]), pump))
        return Work(scenario, (Item("booster", 1.0), Item("booster_power", power(self.lift, flow))), self.pipe)
