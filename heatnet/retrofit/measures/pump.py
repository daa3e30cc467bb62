"""Pumps in the network replaced, or run in another way."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import ClassVar

from heatnet.change import Change, Scenario
from heatnet.components import Pump
from heatnet.components.pump import CONTROLS
from heatnet.retrofit.measures.measure import Basis, Item, Measure, Work, listed, rows, setting
from heatnet.retrofit.measures.new_pumps import RHO, SHUTOFF, G, power
from heatnet.retrofit.options import ids, number, quantity, word

NEW_EFFICIENCY = 0.75
GIVEN = {"lift": ("lift",), "flow": ("held_flow",), "proportional": ("lift",), "remote": ("difference", "sensors")}


@dataclass(frozen=True)
class PumpWork(Measure):
    """Pumps replaced, run at another speed, or given a frequency converter that varies it."""

    key: ClassVar[str] = "pump"
    pumps: tuple[str, ...] = ids("pump", "pumps concerned")
    speed: float = number("speed over rated speed afterwards; as it is if not given, 1 for a new pump", default=0.0, most=2.0)
    head: float = quantity("m", "rated head of the new pump", least=0.1, most=1e4)
    flow: float = quantity("m3/s", "rated flow of the new pump", least=1e-6, most=100.0)
    control: str = word("what decides the speed afterwards; as it is if not given", choices=CONTROLS)
    lift: float = quantity("Pa", "held lift (control lift); lift at rated flow (control proportional)", least=1e3, most=1e7)
    held_flow: float = quantity("kg/s", "held flow (control flow)", least=1e-3, most=1e5)
    difference: float = quantity("Pa", "least pressure difference held at the sensors (control remote)", least=1e3, most=1e6)
    sensors: tuple[str, ...] = ids("consumer", "consumers whose pressure difference is held (control remote)", required=False)

    def work(self, basis: Basis, name: str) -> Work:
        """New speed, a new curve, another control; paid as what it takes most."""
        pump = basis.net[Pump]
        at = rows(pump, self.pumps)
        if isnan(self.head) != isnan(self.flow):
            raise ValueError("a new pump has a head and a flow: give both")
        new = not isnan(self.head)
        values: dict[str, float | str] = {}
        if self.speed or new:
            values["speed"] = self.speed or 1.0
        if new:
            values |= {
                "shutoff_head": SHUTOFF * self.head, "rated_head": self.head, "rated_flow": self.flow, "efficiency": NEW_EFFICIENCY,
            }
        values |= self._controlled()
        if not values:
            raise ValueError("says neither a speed, nor a new head and flow, nor a control")
        changes: tuple[Change, ...] = tuple(setting("pump", column, value, pump, at) for column, value in values.items())
        bill = [Item("pump", at.size), Item("pump_power", at.size * power(self.head * RHO * G, self.flow * RHO))] if new else []
        if self.control and self.control != "speed":
            bill.append(Item("drive", at.size))
        return Work(Scenario(name, changes), tuple(bill) or (Item("setting", at.size),), listed(self.pumps))

    def _controlled(self) -> dict[str, float | str]:
        """Columns of the control; ValueError names what it needs and has not, or what belongs to another."""
        values = {"lift": self.lift, "held_flow": self.held_flow, "difference": self.difference}
        given = {key for key, value in values.items() if not isnan(value)} | ({"sensors"} if self.sensors else set())
        needs = set(GIVEN.get(self.control, ()))
        if missing := sorted(needs - given):
            raise ValueError(f"control '{self.control}' needs {' and '.join(missing)}")
        if more := sorted(given - needs):
            raise ValueError(f"{' and '.join(more)} says nothing to control '{self.control or 'as it is'}'")
        found: dict[str, float | str] = {"control": self.control} if self.control else {}
        found |= {"flow" if key == "held_flow" else key: values[key] for key in values if key in given}
        return found | ({"sensor": "; ".join(self.sensors)} if self.sensors else {})
