"""Mixing loops at buildings: a pump takes return water into the supply, and carries the loss of the inlet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from heatnet.change import Change, Scenario
from heatnet.components import Consumer, Valve
from heatnet.components.valve import KV
from heatnet.network import Building
from heatnet.retrofit.measures.measure import Basis, Item, Measure, Work, beside, listed, rows
from heatnet.retrofit.measures.new_pumps import new_pumps, power
from heatnet.retrofit.options import ids, number, quantity
from heatnet.schema import Floats, Longs

PRIMARY_DROP, BYPASS_DROP, RESERVE = 5e3, 2e3, 2e4  # Pa: open valve, bypass with its check valve, lift beyond the loss of the inlet
LEAST_DROP = 2.0  # K that the network must be warmer than the return water of the homes


@dataclass(frozen=True)
class Mixing(Measure):
    """A mixing loop each: network valve, bypass with check valve, and a pump that holds the flow of the homes."""

    key: ClassVar[str] = "mixing"
    consumers: tuple[str, ...] = ids("consumer", "inlets that get a mixing loop")
    flow: float = number("flow of the homes afterwards over design flow", default=1.0, least=0.2, most=3.0)
    primary: float = number(
        "flow from the network over design flow; what carries the design heat at the present supply temperature if not given", default=0.0,
        most=3.0,
    )
    drop: float = quantity("Pa", "drop of the open network valve at its flow", least=1e3, most=2e5, default=PRIMARY_DROP)

    def work(self, basis: Basis, name: str) -> Work:
        """Two nodes, a flow-limiting valve, a bypass and a pump at every inlet."""
        inlet, state = basis.net[Consumer], basis.state
        at = rows(inlet, self.consumers)
        if (wrong := inlet.control[at] != "fixed").any():
            raise ValueError(f"inlet '{inlet.id[at][wrong][0]}' regulates itself (control '{inlet.control[at][wrong][0]}')")
        design = basis.design_flow[at]
        taken = design * self.primary if self.primary else _carrying(basis, at)
        round_ = np.maximum(design * self.flow, 1.05 * taken)
        rho = state.fluid(Consumer).rho[at]
        lift = inlet.inlet(state.fluid(Consumer), state.scene)[at] * round_**2 + RESERVE
        tails, backs = [str(one) for one in inlet.tail[at]], [str(one) for one in inlet.head[at]]
        own = [f"{name}.{one}" for one in inlet.id[at]]
        mixed, driven = [f"{one}.mixed" for one in own], [f"{one}.driven" for one in own]
        valves = Valve.of(
            id=[*(f"{one}.valve" for one in own), *(f"{one}.bypass" for one in own)], tail=[*tails, *backs], head=[*mixed, *mixed],
            kvs=np.concatenate([_kvs(taken, rho, self.drop), _kvs(round_ - taken, rho, BYPASS_DROP)]),
            control=["flow"] * at.size + ["check"] * at.size, flow=[*taken, *[np.nan] * at.size],
        )
        pumps = new_pumps([f"{one}.pump" for one in own], mixed, driven, lift, round_).with_(control="flow", flow=round_)
        nodes = beside(basis.net, [*tails, *tails], [*mixed, *driven])
        changes = tuple(Change("consumer", "tail", node, (str(one),)) for node, one in zip(driven, inlet.id[at], strict=True))
        need = float(sum(power(*one) for one in zip(lift, round_, strict=True)))
        bill = Item("mixing", at.size), Item("pump_power", need)
        return Work(Scenario(name, changes, (nodes, valves, pumps)), bill, listed(self.consumers))


def _carrying(basis: Basis, at: Longs) -> Floats:
    """Flow that carries the design heat of the homes at the present supply temperature [kg/s]; ValueError where the water is too cold."""
    state, building = basis.state, basis.net[Building]
    inlet, behind = basis.net[Consumer], state.scene.terminals.consumer
    back = np.full(len(inlet), -np.inf)
    np.maximum.at(back, behind, building.design_return)
    heat = inlet.behind(building.design_heat, state.scene)[at]
    drop = state.t_in[state.of(Consumer)][at] - back[at]
    if (cold := ~(drop > LEAST_DROP) | ~(heat > 0.0)).any():
        raise ValueError(f"inlet '{inlet.id[at][cold][0]}' has no warmer water in its supply than its homes return, or no homes")
    return np.asarray(heat / (state.fluid(Consumer).cp[at] * drop))


def _kvs(flow: Floats, rho: Floats, drop: float) -> Floats:
    """Flow coefficient [m3/h at 1 bar] that passes a flow [kg/s] at a drop [Pa]."""
    return np.asarray(flow * np.sqrt(KV / (rho * drop)))
