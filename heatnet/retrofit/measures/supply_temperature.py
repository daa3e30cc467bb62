"""Hotter water from the plants."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from typing import ClassVar

from heatnet.change import Scenario
from heatnet.components import Plant
from heatnet.retrofit.measures.measure import Basis, Item, Measure, Work, listed, rows, setting
from heatnet.retrofit.options import flag, ids, quantity


@dataclass(frozen=True)
class SupplyTemperature(Measure):
    """Water supplied hotter than the heating curve asks, in all weather or in cold weather only."""

    key: ClassVar[str] = "supply_temperature"
    raise_by: float = quantity("K (difference)", "how much hotter", least=-40.0, most=40.0, default=None)
    plants: tuple[str, ...] = ids("plant", "plants concerned; all if not given", required=False)
    below: float = quantity("K", "outdoor temperature up to which it is done", least=200, most=330, default=inf)
    capacity: bool = flag("boilers must be extended for it, at the price of a peak boiler")

    def work(self, basis: Basis, name: str) -> Work:
        """Shift of the curve, or of the fixed supply temperature."""
        plant = basis.net[Plant]
        at = rows(plant, self.plants)
        changes = (setting("plant", "curve_shift", plant.curve_shift[at] + self.raise_by, plant, at),)
        more = float(-basis.state.heat(Plant)[at].sum()) * 0.035 * self.raise_by / 1e3
        bill = (Item("setting", at.size), *((Item("peak_boiler", max(more, 0.0)),) if self.capacity else ()))
        return Work(Scenario(name, changes), bill, listed(self.plants) or "all plants", self.below)
