"""Radiators added."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from heatnet.change import Scenario
from heatnet.network import Building
from heatnet.retrofit.measures.measure import Basis, Item, Measure, Work, listed, rows, setting
from heatnet.retrofit.options import ids, number


@dataclass(frozen=True)
class Radiators(Measure):
    """Radiators added."""

    key: ClassVar[str] = "radiators"
    buildings: tuple[str, ...] = ids("building", "buildings that get more radiators")
    factor: float = number("installed radiators over designed ones afterwards", default=1.0, least=0.1, most=5.0)

    def work(self, basis: Basis, name: str) -> Work:
        """Radiators up to this, never fewer than there are; paid by design watts added."""
        building = basis.net[Building]
        at = rows(building, self.buildings)
        after = np.maximum(self.factor, building.radiator[at])
        added = float(((after - building.radiator[at]) * building.design_heat[at]).sum())
        if added <= 0.0:
            raise ValueError(f"all of these buildings have {self.factor:g} times the designed radiators already")
        change = setting("building", "radiator", after, building, at)
        return Work(Scenario(name, (change,)), (Item("radiators", added / 1e3),), listed(self.buildings))
