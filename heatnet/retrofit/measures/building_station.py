"""Substations of single buildings: the homes behind an inlet on a small network of their own."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import ClassVar

import numpy as np

from heatnet.change import Change, Scenario
from heatnet.components import Consumer, Exchanger
from heatnet.network import Building
from heatnet.retrofit.measures.measure import Basis, Item, Measure, Work, beside, listed, rows
from heatnet.retrofit.measures.new_pumps import new_pumps
from heatnet.retrofit.options import ids, number, quantity, word
from heatnet.schema import Floats, Longs
from heatnet.units import KELVIN

APPROACH = 2.0  # K, least difference between the two sides at either end
SECONDARY_DROP, PRIMARY_DROP = 2e4, 1.5e4  # Pa at design flow
HEIGHT, COVER, WEIGHT = 18.0, 5e4, 9.6e3  # m where none is given, Pa above the top radiator, Pa/m of warm water


@dataclass(frozen=True)
class BuildingStation(Measure):
    """An exchanger, a circulation pump and pressure holding at each inlet, so that no neighbour disturbs its flow."""

    key: ClassVar[str] = "building_station"
    consumers: tuple[str, ...] = ids("consumer", "inlets that become substations")
    curve: str = word("heating curve of the secondary side in model.toml")
    supply_temperature: float = quantity("K", "secondary supply temperature, instead of a curve", least=293.0, most=400.0)
    reserve: float = number("design heat of the exchanger over that of the homes", default=1.15, least=0.5, most=3.0)

    def work(self, basis: Basis, name: str) -> Work:
        """Three nodes, an exchanger and a pump at every inlet."""
        inlet, state = basis.net[Consumer], basis.state
        at = rows(inlet, self.consumers)
        if bool(self.curve) != isnan(self.supply_temperature):
            raise ValueError("give a heating curve or a secondary supply_temperature, one of them")
        if self.curve and self.curve not in basis.net.curves:
            raise ValueError(f"no heating curve '{self.curve}' in the model; it has {', '.join(basis.net.curves) or 'none'}")
        heat, hot, cold, pressure = _homes(basis, at)
        warm = state.t_in[state.of(Consumer)][at]
        if (short := ~(warm > hot + APPROACH)).any():
            text = f"inlet '{inlet.id[at][short][0]}' gets water of {warm[short][0] - KELVIN:.1f} degC: an exchanger needs"
            raise ValueError(f"{text} more than {hot[short][0] + APPROACH - KELVIN:.1f} degC for its homes")
        flow = basis.design_flow[at]
        lift = inlet.inlet(state.fluid(Consumer), state.scene)[at] * flow**2 + SECONDARY_DROP
        tails, backs = [str(one) for one in inlet.tail[at]], [str(one) for one in inlet.head[at]]
        own = [f"{name}.{one}" for one in inlet.id[at]]
        back, out, driven = ([f"{one}.{end}" for one in own] for end in ("return", "out", "supply"))
        nodes = beside(basis.net, [*tails, *tails, *tails], [*back, *out, *driven])
        nodes = nodes.with_(pressure=np.concatenate([pressure, np.full(2 * at.size, np.nan)]))
        stations = Exchanger.of(
            id=own, tail=tails, head=backs, secondary_tail=back, secondary_head=out, design_heat=self.reserve * heat, curve=self.curve,
            supply_temperature=self.supply_temperature, design_primary_supply=warm, design_primary_return=cold + 2.0 * APPROACH,
            design_secondary_supply=hot, design_secondary_return=cold, primary_drop=PRIMARY_DROP, secondary_drop=SECONDARY_DROP,
        )
        pumps = new_pumps([f"{one}.pump" for one in own], out, driven, lift, flow).with_(control="flow", flow=flow)
        changes = tuple(
            Change("consumer", end, node, (str(one),))
            for end, ends in (("tail", driven), ("head", back)) for node, one in zip(ends, inlet.id[at], strict=True)
        )
        paid = Item("building_station", at.size), Item("building_station_power", float(self.reserve * heat.sum()) / 1e3)
        return Work(Scenario(name, changes, (nodes, stations, pumps)), paid, listed(self.consumers))


def _homes(basis: Basis, at: Longs) -> tuple[Floats, Floats, Floats, Floats]:
    """Of the homes behind inlets: design heat [W], hottest design supply, coldest design return [K], pressure of their return [Pa]."""
    building, state = basis.net[Building], basis.state
    count, behind = len(basis.net[Consumer]), state.scene.terminals.consumer
    hot, cold, high = np.full(count, -np.inf), np.full(count, np.inf), np.full(count, 0.0)
    np.maximum.at(hot, behind, building.design_supply)
    np.minimum.at(cold, behind, building.design_return)
    np.maximum.at(high, behind, np.where(np.isnan(building.height), HEIGHT, building.height))
    heat = basis.net[Consumer].behind(building.design_heat, state.scene)
    if (empty := ~(heat[at] > 0.0)).any():
        raise ValueError(f"no building stands behind inlet '{basis.net[Consumer].id[at][empty][0]}'")
    return heat[at], hot[at], cold[at], high[at] * WEIGHT + COVER
