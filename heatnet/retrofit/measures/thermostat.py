"""Valves that follow the room temperature: motorised ones at inlets, or one in every flat."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import ClassVar

import numpy as np

from heatnet.change import Change, Scenario
from heatnet.components import Consumer
from heatnet.network import Building
from heatnet.retrofit.measures.inlets import bill
from heatnet.retrofit.measures.measure import Basis, Item, Measure, Work, listed, rows, setting
from heatnet.retrofit.options import flag, ids, quantity


@dataclass(frozen=True)
class Thermostat(Measure):
    """Inlets that open as far as the coldest building behind them needs, so that none takes more than its rooms ask for."""

    key: ClassVar[str] = "thermostat"
    consumers: tuple[str, ...] = ids("consumer", "inlets that are regulated")
    room: float = quantity("K", "set room temperature; as designed if not given", least=283.0, most=303.0)
    flats: bool = flag("a valve in every flat instead of a motorised one at the inlet: priced by household")

    def work(self, basis: Basis, name: str) -> Work:
        """Control by room temperature."""
        inlet, building = basis.net[Consumer], basis.net[Building]
        at = rows(inlet, self.consumers)
        behind = np.isin(basis.state.scene.terminals.consumer, at)
        if (empty := ~np.isin(at, basis.state.scene.terminals.consumer)).any():
            raise ValueError(f"no building stands behind inlet '{inlet.id[at][empty][0]}': there is no room to follow")
        changes: tuple[Change, ...] = (setting("consumer", "control", "thermostatic", inlet, at),)
        if not isnan(self.room):
            changes += (setting("consumer", "room", self.room, inlet, at),)
        households = float(building.households[behind].sum())
        paid = (Item("flat_valve", households),) if self.flats else bill("smart_valve", basis, at)
        return Work(Scenario(name, changes), paid, listed(self.consumers))
