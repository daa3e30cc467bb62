"""A new plant."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import ClassVar

from heatnet.change import Scenario
from heatnet.components import Plant
from heatnet.network import Node
from heatnet.retrofit.measures.measure import Basis, Item, Measure, Work, rows
from heatnet.retrofit.measures.warmth import warmth
from heatnet.retrofit.options import quantity, word


@dataclass(frozen=True)
class NewPlant(Measure):
    """A new plant that holds a lift, up to its capacity."""

    key: ClassVar[str] = "plant"
    supply: str = word("node of the supply that it feeds", default=None, table="node")
    back: str = word("node of the return that it takes from", default=None, table="node")
    capacity: float = quantity("W", "largest heat that it gives", least=1e3, most=1e10, default=None)
    lift: float = quantity("Pa", "pressure gain from return to supply; what difference there is now, and 20 kPa, if not given", most=1e7)
    supply_temperature: float = quantity("K", "its supply temperature; by the curve of the first plant if not given", least=300, most=473)

    def work(self, basis: Basis, name: str) -> Work:
        """A plant of fixed lift."""
        state, lift = basis.state, self.lift
        if isnan(lift):
            out, back = rows(basis.net[Node], (self.supply, self.back))
            lift = max(float(state.p[out] - state.p[back]) + 2e4, 2e4)
        warm = warmth(basis, self.supply_temperature)
        added = Plant.of(id=[name], tail=[self.back], head=[self.supply], lift=[lift], capacity=self.capacity, **warm)
        return Work(Scenario(name, (), (added,)), (Item("plant", self.capacity / 1e3),), self.supply)
