"""Users: radiators added, envelopes insulated, exchangers extended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from heatnet.change import Change, Scenario
from heatnet.components import Consumer
from heatnet.network import Building
from heatnet.retrofit.measures.measure import Basis, Item, Measure, Work, listed, rows, setting
from heatnet.retrofit.options import ids, number, quantity

LEAST_APPROACH = 1.0  # K above the warmest room: no exchanger brings its return water closer


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


@dataclass(frozen=True)
class ExchangerPlates(Measure):
    """Plates added to the exchangers of heat-driven inlets: the same heat from less flow, with colder return water."""

    key: ClassVar[str] = "exchanger"
    consumers: tuple[str, ...] = ids("consumer", "inlets with an exchanger (control load)")
    colder: float = quantity("K (difference)", "by how much the return water is colder afterwards", least=0.1, most=40.0, default=5.0)
    kvs_factor: float = number("flow coefficient afterwards over that before", default=1.0, least=1.0, most=5.0)

    def work(self, basis: Basis, name: str) -> Work:
        """Colder return water, and a wider inlet where plates in parallel give one."""
        inlet = basis.net[Consumer]
        at = rows(inlet, self.consumers)
        if (wrong := (inlet.control[at] != "load") | np.isnan(inlet.return_temperature[at])).any():
            raise ValueError(f"inlet '{inlet.id[at][wrong][0]}' is not of control 'load' with a return temperature")
        part = basis.state.scene.terminals
        floor = np.zeros(len(inlet))
        np.maximum.at(floor, part.consumer, part.wanted)
        back = np.maximum(inlet.return_temperature[at] - self.colder, floor[at] + LEAST_APPROACH)
        changes: tuple[Change, ...] = (setting("consumer", "return_temperature", back, inlet, at),)
        if self.kvs_factor > 1.0:
            changes += (setting("consumer", "kvs", inlet.kvs[at] * self.kvs_factor, inlet, at),)
        load = float(inlet.load(basis.state.scene)[at].sum())
        return Work(Scenario(name, changes), (Item("exchanger", load / 1e3),), listed(self.consumers))
