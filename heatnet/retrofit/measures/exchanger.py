"""Exchangers of substations extended by plates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from heatnet.change import Change, Scenario
from heatnet.components import Consumer, Exchanger
from heatnet.components.valve import KV
from heatnet.retrofit.measures.measure import Basis, Item, Measure, Work, listed, rows, setting
from heatnet.retrofit.options import ids, number, quantity
from heatnet.schema import Longs

LEAST_APPROACH = 1.0  # K above the warmest room: no exchanger brings its return water closer


@dataclass(frozen=True)
class ExchangerPlates(Measure):
    """Plates added to exchangers: those of the table `exchanger`, or those of heat-driven inlets (control load)."""

    key: ClassVar[str] = "exchanger"
    exchangers: tuple[str, ...] = ids("exchanger", "exchangers between two networks that get more plates", required=False)
    factor: float = number("surface afterwards over that before (exchangers)", default=1.3, least=1.01, most=5.0)
    consumers: tuple[str, ...] = ids("consumer", "inlets with an exchanger (control load)", required=False)
    colder: float = quantity(
        "K (difference)", "by how much the return water is colder afterwards (consumers)", least=0.1, most=40.0, default=5.0
    )
    kvs_factor: float = number("flow coefficient afterwards over that before (consumers)", default=1.0, least=1.0, most=5.0)

    def work(self, basis: Basis, name: str) -> Work:
        """More surface in parallel channels, which also resist less; or colder return water of an inlet, and a wider one."""
        if not (self.exchangers or self.consumers):
            raise ValueError("names neither exchangers nor consumers to extend")
        changes: tuple[Change, ...] = ()
        heat = 0.0
        if self.exchangers:
            table = basis.net[Exchanger]
            at = rows(table, self.exchangers)
            changes += _plates(table, at, self.factor)
            heat += float(table.design_heat[at].sum()) * (self.factor - 1.0)
        if self.consumers:
            at = rows(basis.net[Consumer], self.consumers)
            changes += self._inlets(basis, at)
            heat += float(basis.net[Consumer].load(basis.state.scene)[at].sum())
        return Work(Scenario(name, changes), (Item("exchanger", heat / 1e3),), listed(self.exchangers + self.consumers))

    def _inlets(self, basis: Basis, at: Longs) -> tuple[Change, ...]:
        """Colder return water, never closer to the rooms than LEAST_APPROACH."""
        inlet, part = basis.net[Consumer], basis.state.scene.terminals
        if (wrong := (inlet.control[at] != "load") | np.isnan(inlet.return_temperature[at])).any():
            raise ValueError(f"inlet '{inlet.id[at][wrong][0]}' is not of control 'load' with a return temperature")
        floor = np.zeros(len(inlet))
        np.maximum.at(floor, part.consumer, part.wanted)
        back = np.maximum(inlet.return_temperature[at] - self.colder, floor[at] + LEAST_APPROACH)
        changes: tuple[Change, ...] = (setting("consumer", "return_temperature", back, inlet, at),)
        if self.kvs_factor > 1.0:
            changes += (setting("consumer", "kvs", inlet.kvs[at] * self.kvs_factor, inlet, at),)
        return changes


def _plates(table: Exchanger, at: Longs, factor: float) -> tuple[Change, ...]:
    """UA and flow coefficients grow with the number of channels; the primary valve stays the one that is there."""
    valve = np.sqrt(KV / table.valve(np.ones(len(table))))
    changes = [setting("exchanger", "ua", factor * table.design().ua[at], table, at)]
    changes.append(setting("exchanger", "valve_kvs", valve[at], table, at))
    for side in ("primary", "secondary"):
        kvs = np.sqrt(KV / table.body(side))
        changes.append(setting("exchanger", f"{side}_kvs", factor * kvs[at], table, at))
    return tuple(changes)
