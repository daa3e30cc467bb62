"""Walls, windows and roofs insulated."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from heatnet.change import Scenario
from heatnet.network import Building
from heatnet.retrofit.measures.measure import Basis, Item, Measure, Work, listed, rows, setting
from heatnet.retrofit.options import ids, number


@dataclass(frozen=True)
class Envelope(Measure):
    """Walls, windows and roofs insulated."""

    key: ClassVar[str] = "envelope"
    buildings: tuple[str, ...] = ids("building", "buildings to insulate")
    saving: float = number("share of the heat loss coefficient taken away", default=0.35, least=0.01, most=0.8)

    def work(self, basis: Basis, name: str) -> Work:
        """Smaller heat loss coefficient."""
        building, part = basis.net[Building], basis.state.scene.terminals
        at = rows(building, self.buildings)
        known = np.where(np.isnan(building.conductance), part.design_conductance, building.conductance)[at]
        area = np.where(np.isnan(building.area), building.design_heat / 50.0, building.area)[at]
        change = setting("building", "conductance", known * (1.0 - self.saving), building, at)
        return Work(Scenario(name, (change,)), (Item("envelope", float(area.sum())),), listed(self.buildings))
