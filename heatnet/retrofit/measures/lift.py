"""Circulation pumps of plants: another lift, or one that follows remote consumers."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import ClassVar

import numpy as np

from heatnet.change import Scenario
from heatnet.components import Plant
from heatnet.retrofit.measures.measure import Basis, Item, Measure, Work, listed, rows, setting
from heatnet.retrofit.measures.new_pumps import power
from heatnet.retrofit.options import flag, ids, quantity


@dataclass(frozen=True)
class Lift(Measure):
    """Circulation pumps of plants: another lift."""

    key: ClassVar[str] = "lift"
    plants: tuple[str, ...] = ids("plant", "plants concerned")
    raise_by: float = quantity("Pa", "how much more lift; less where below zero", least=-1e7, most=1e7, default=0.0)
    difference: float = quantity(
        "Pa", "least pressure difference of remote consumers that the lift follows, up to the lift there is", least=1e3, most=1e6
    )
    sensors: tuple[str, ...] = ids("consumer", "these consumers; all if not given", required=False)
    replace: bool = flag("new pumps are needed for it; those that are there can give it if not")

    def work(self, basis: Basis, name: str) -> Work:
        """New lift, and control by remote consumers where their difference is given, with frequency converters for it."""
        plant, state = basis.net[Plant], basis.state
        follows = not isnan(self.difference)
        if not (self.raise_by or follows):
            raise ValueError("says neither raise_by nor a difference of remote consumers to follow")
        if self.sensors and not follows:
            raise ValueError("sensors are named, but not the difference that is held there")
        at = rows(plant, self.plants)
        lift = plant.lift[at] + self.raise_by
        if not (lift >= 0.0).all():
            raise ValueError(f"plant '{plant.id[at][~(lift >= 0.0)][0]}' has no lift of its own to change by so much")
        flow = np.abs(state.m[state.of(Plant)][at])
        need = float(sum(power(*one) for one in zip(lift, flow, strict=True)))
        bill = [Item("pump", at.size), Item("pump_power", need)] if self.replace else []
        changes = [setting("plant", "lift", lift, plant, at)]
        if follows:
            held = {"control": "remote", "difference": self.difference, "sensor": "; ".join(self.sensors)}
            changes += [setting("plant", column, value, plant, at) for column, value in held.items()]  # type: ignore[arg-type]
            bill.append(Item("drive", at.size))
        return Work(Scenario(name, tuple(changes)), tuple(bill) or (Item("setting", at.size),), listed(self.plants))
