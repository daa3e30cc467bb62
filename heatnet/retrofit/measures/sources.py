"""Heat sources: a peak boiler, a new plant, a higher supply temperature."""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isnan
from typing import ClassVar

import numpy as np

from heatnet.change import Scenario
from heatnet.components import Plant
from heatnet.network import Node
from heatnet.retrofit.measures.measure import Basis, Item, Measure, Work, listed, rows, setting
from heatnet.retrofit.options import flag, ids, quantity, word


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
        warmth = _warmth(basis, self.supply_temperature)
        added = Plant.of(id=[name], tail=[self.back], head=[self.supply], control="heat", heat_given=self.heat, **warmth)
        return Work(Scenario(name, (), (added,)), (Item("peak_boiler", self.heat / 1e3),), self.supply, self.below)


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
        warmth = _warmth(basis, self.supply_temperature)
        added = Plant.of(id=[name], tail=[self.back], head=[self.supply], lift=[lift], capacity=self.capacity, **warmth)
        return Work(Scenario(name, (), (added,)), (Item("plant", self.capacity / 1e3),), self.supply)


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


def _warmth(basis: Basis, temperature: float) -> dict[str, object]:
    """Supply temperature of a new plant: as given, else the curve or temperature of the first plant."""
    plant = basis.net[Plant]
    if not isnan(temperature):
        return {"supply_temperature": [temperature]}
    if not len(plant):
        raise ValueError("no plant has a curve to follow: give supply_temperature")
    if plant.curve[0]:
        return {"curve": [str(plant.curve[0])], "curve_shift": plant.curve_shift[:1]}
    return {"supply_temperature": np.asarray(plant.supply_temperature[:1])}
