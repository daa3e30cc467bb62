"""Pumps: a booster in a main, pumps at users, another or faster pump, another lift of a plant."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import ClassVar

import numpy as np

from heatnet.change import Change, Scenario
from heatnet.components import Consumer, Pipe, Plant, Pump
from heatnet.retrofit.measures.measure import Basis, Item, Measure, Work, beside, between, listed, rows, setting
from heatnet.retrofit.options import flag, ids, number, quantity, word
from heatnet.schema import Floats

RHO, G = 970.0, 9.80665  # kg/m3 of hot water, m/s2: for heads of new pumps
SHUTOFF = 1.25  # head at no flow over head at the rated point of a new pump
EFFICIENCY = 0.65


@dataclass(frozen=True)
class Booster(Measure):
    """A booster pump at the upstream end of a pipe, in the supply or the return."""

    key: ClassVar[str] = "booster"
    pipe: str = word("pipe in which it is put", default=None, table="pipe")
    lift: float = quantity("Pa", "lift at its rated flow", least=1e3, most=2e6, default=None)
    flow: float = quantity("kg/s", "rated flow; what flows there now if not given", least=0.01, most=1e5)

    def work(self, basis: Basis, name: str) -> Work:
        """A node put into the pipe, and a pump before it."""
        (at,) = rows(basis.net[Pipe], (self.pipe,))
        before, end, now = between(basis, int(at))
        flow = now if isnan(self.flow) else self.flow
        if flow < 0.01:
            raise ValueError(f"next to nothing flows in pipe '{self.pipe}': give the rated flow of the pump, as in flow = \"5 kg/s\"")
        node = f"{name}.out"
        pump = new_pumps([name], [before], [node], np.array([self.lift]), np.array([flow]))
        scenario = Scenario(name, (Change("pipe", end, node, (self.pipe,)),), (beside(basis.net, [before], [node]), pump))
        return Work(scenario, (Item("booster", 1.0), Item("booster_power", power(self.lift, flow))), self.pipe)


@dataclass(frozen=True)
class UserPumps(Measure):
    """Distributed pumps: one in the supply of each of these inlets; the lift of plants may be lowered at the same time."""

    key: ClassVar[str] = "user_pumps"
    consumers: tuple[str, ...] = ids("consumer", "inlets that get a pump")
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
        lift = np.full(at.size, self.lift) if not isnan(self.lift) else _lacking(basis)[at]
        new = [f"{name}.{one}" for one in inlet.id[at]]
        tails = [str(one) for one in inlet.tail[at]]
        added = (beside(basis.net, tails, new), new_pumps(new, tails, new, lift, flow))
        changes = tuple(Change("consumer", "tail", node, (str(one),)) for node, one in zip(new, inlet.id[at], strict=True))
        if self.plants:
            if isnan(self.plant_lift):
                raise ValueError("plants are named, but not their plant_lift afterwards")
            changes += (Change("plant", "lift", self.plant_lift, self.plants),)
        bill = (Item("user_pump", at.size), Item("pump_power", float(sum(power(*one) for one in zip(lift, flow, strict=True)))))
        return Work(Scenario(name, changes, added), bill, listed(self.consumers))


@dataclass(frozen=True)
class PumpWork(Measure):
    """Pumps in the network replaced, or run at another speed."""

    key: ClassVar[str] = "pump"
    pumps: tuple[str, ...] = ids("pump", "pumps concerned")
    speed: float = number("speed over rated speed afterwards; as it is if not given", default=0.0, most=2.0)
    head: float = quantity("m", "rated head of the new pump", least=0.1, most=1e4)
    flow: float = quantity("m3/s", "rated flow of the new pump", least=1e-6, most=100.0)

    def work(self, basis: Basis, name: str) -> Work:
        """New speed, or a new curve."""
        pump = basis.net[Pump]
        at = rows(pump, self.pumps)
        changes: tuple[Change, ...] = ()
        bill: tuple[Item, ...] = (Item("setting", at.size),)
        if self.speed:
            changes += (setting("pump", "speed", self.speed, pump, at),)
        if isnan(self.head) != isnan(self.flow):
            raise ValueError("a new pump has a head and a flow: give both")
        if not isnan(self.head):
            curve = {"shutoff_head": SHUTOFF * self.head, "rated_head": self.head, "rated_flow": self.flow, "efficiency": 0.75}
            changes += tuple(setting("pump", column, value, pump, at) for column, value in curve.items())
            bill = (Item("pump", at.size), Item("pump_power", at.size * power(self.head * RHO * G, self.flow * RHO)))
        if not changes:
            raise ValueError("says neither a speed nor a new head and flow")
        return Work(Scenario(name, changes), bill, listed(self.pumps))


@dataclass(frozen=True)
class Lift(Measure):
    """Circulation pumps of plants: another lift."""

    key: ClassVar[str] = "lift"
    plants: tuple[str, ...] = ids("plant", "plants concerned")
    raise_by: float = quantity("Pa", "how much more lift; less where below zero", least=-1e7, most=1e7, default=None)
    replace: bool = flag("new pumps are needed for it; those that are there can give it if not")

    def work(self, basis: Basis, name: str) -> Work:
        """New lift."""
        plant, state = basis.net[Plant], basis.state
        at = rows(plant, self.plants)
        lift = plant.lift[at] + self.raise_by
        if not (lift >= 0.0).all():
            raise ValueError(f"plant '{plant.id[at][~(lift >= 0.0)][0]}' has no lift of its own to change by so much")
        flow = np.abs(state.m[state.of(Plant)][at])
        need = float(sum(power(*one) for one in zip(lift, flow, strict=True)))
        bill = (Item("pump", at.size), Item("pump_power", need)) if self.replace else (Item("setting", at.size),)
        return Work(Scenario(name, (setting("plant", "lift", lift, plant, at),)), bill, listed(self.plants))


def new_pumps(names: list[str], tails: list[str], heads: list[str], lift: Floats, flow: Floats) -> Pump:
    """Pumps of a lift [Pa] at a flow [kg/s]."""
    head = lift / (RHO * G)
    return Pump.of(
        id=names, tail=tails, head=heads, shutoff_head=SHUTOFF * head, rated_head=head, rated_flow=flow / RHO, efficiency=EFFICIENCY,
    )


def power(lift: float, flow: float) -> float:
    """Electrical power of a pump [kW] at a lift [Pa] and a flow [kg/s]."""
    return lift * flow / RHO / EFFICIENCY / 1e3


def _lacking(basis: Basis) -> Floats:
    """Lift that brings each inlet to its design flow, were the network left as it is [Pa]: square law of the inlet alone."""
    state = basis.state
    ratio = np.maximum(state.m[state.of(Consumer)], 1e-6) / np.maximum(basis.design_flow, 1e-6)
    there = np.maximum(state.loss(Consumer), 0.0)
    return np.clip(there * (np.minimum(ratio, 1.0) ** -2 - 1.0), 1e4, 3e5)
