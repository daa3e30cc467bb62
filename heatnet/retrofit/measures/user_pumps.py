"""Distributed pumps at users."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import ClassVar

import numpy as np

from heatnet.change import Change, Scenario
from heatnet.components import Consumer
from heatnet.retrofit.measures.measure import Basis, Item, Measure, Work, beside, listed, rows
from heatnet.retrofit.measures.new_pumps import new_pumps, power
from heatnet.retrofit.options import ids, quantity, word
from heatnet.schema import Floats


@dataclass(frozen=True)
class UserPumps(Measure):
    """Distributed pumps: one in the supply of each of these inlets; the lift of plants may be lowered at the same time."""

    key: ClassVar[str] = "user_pumps"
    consumers: tuple[str, ...] = ids("consumer", "inlets that get a pump")
    control: str = word(
        "what the pump does: it holds the design flow of its inlet, a lift, one that grows with the flow, or it runs on its curve",
        default="flow", choices=("flow", "lift", "proportional", "speed"),
    )
    lift: float = quantity("Pa", "lift at design flow; what each inlet lacks for it, at least 10 kPa, if not given", least=1e3, most=1e6)
    plants: tuple[str, ...] = ids("plant", "plants whose lift is lowered", required=False)
    plant_lift: float = quantity("Pa", "their lift afterwards", most=1e7)

    def work(self, basis: Basis, name: str) -> Work:
        """A node and a pump before every inlet."""
        inlet = basis.net[Consumer]
        at = rows(inlet, self.consumers)
        flow = basis.design_flow[at]
        if not (flow > 0.0).all():
            raise ValueError(f"inlet '{inlet.id[at][flow <= 0.0][0]}' has no design flow to size a pump for")
        if self.control == "flow" and (own := inlet.control[at] != "fixed").any():
            text = f"inlet '{inlet.id[at][own][0]}' regulates its flow itself (control '{inlet.control[at][own][0]}')"
            raise ValueError(f"{text}: take control = \"lift\" for its pump")
        lift = np.full(at.size, self.lift) if not isnan(self.lift) else _lacking(basis)[at]
        new = [f"{name}.{one}" for one in inlet.id[at]]
        tails = [str(one) for one in inlet.tail[at]]
        pumps = new_pumps(new, tails, new, lift, flow).with_(control=self.control)
        if self.control == "flow":
            pumps = pumps.with_(flow=flow)
        elif self.control != "speed":
            pumps = pumps.with_(lift=lift)
        added = (beside(basis.net, tails, new), pumps)
        changes = tuple(Change("consumer", "tail", node, (str(one),)) for node, one in zip(new, inlet.id[at], strict=True))
        if self.plants:
            if isnan(self.plant_lift):
                raise ValueError("plants are named, but not their plant_lift afterwards")
            changes += (Change("plant", "lift", self.plant_lift, self.plants),)
        bill = (Item("user_pump", at.size), Item("pump_power", float(sum(power(*one) for one in zip(lift, flow, strict=True)))))
        return Work(Scenario(name, changes, added), bill, listed(self.consumers))


def _lacking(basis: Basis) -> Floats:
    """Lift that brings each inlet to its design flow, were the network left as it is [Pa]: square law of the inlet alone."""
    state = basis.state
    ratio = np.maximum(state.m[state.of(Consumer)], 1e-6) / np.maximum(basis.design_flow, 1e-6)
    there = np.maximum(state.loss(Consumer), 0.0)
    return np.clip(there * (np.minimum(ratio, 1.0) ** -2 - 1.0), 1e4, 3e5)
