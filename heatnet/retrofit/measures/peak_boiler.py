"""A peak boiler for cold weather."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import ClassVar

from heatnet.change import Scenario
from heatnet.components import Plant
from heatnet.retrofit.measures.measure import Basis, Item, Measure, Work
from heatnet.retrofit.measures.warmth import warmth
from heatnet.retrofit.options import quantity, word


@dataclass(frozen=True)
class PeakBoiler(Measure):
    """A boiler that gives a fixed heat into the network in cold weather, and stands idle when it is milder."""

    key: ClassVar[str] = "peak_boiler"
    supply: str = word("node of the supply that it feeds", default=None, table="node")
    back: str = word("node of the return that it takes from", default=None, table="node")
    heat: float = quantity("W", "heat that it gives", least=1e3, most=1e10, default=None)
    supply_temperature: float = quantity("K", "its supply temperature; by the curve of the first plant if not given", least=300, most=473)
    below: float = quantity("K", "outdoor temperature up to which it works", least=200, most=330, default=inf)

    def work(self, basis: Basis, name: str) -> Work:
        """A plant of given heat."""
        warm = warmth(basis, self.supply_temperature)
        added = Plant.of(id=[name], tail=[self.back], head=[self.supply], control="heat", heat_given=self.heat, **warm)
        return Work(Scenario(name, (), (added,)), (Item("peak_boiler", self.heat / 1e3),), self.supply, self.below)
