"""Valves of inlets: a new balancing valve, a valve set by hand, a flow limiter; and cleaned strainers."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import ClassVar

import numpy as np

from heatnet.change import Scenario
from heatnet.components import Consumer, Valve
from heatnet.components.valve import KV
from heatnet.retrofit.measures.measure import Basis, Item, Measure, Work, listed, rows, setting
from heatnet.retrofit.options import ids, number, quantity
from heatnet.schema import Floats, Longs

USUAL = 3e4  # Pa, drop of an inlet at design flow where nothing tells
SPEED = 1.0  # m/s, by which the size of a valve is told for its price


@dataclass(frozen=True)
class NewValve(Measure):
    """New static balancing valves: inlets of the flow coefficient that passes the design flow at a drop."""

    key: ClassVar[str] = "valve"
    consumers: tuple[str, ...] = ids("consumer", "inlets that get a new valve")
    drop: float = quantity("Pa", "pressure drop of the open inlet at design flow", least=1e3, most=1e6, default=USUAL)
    opening: float = number("opening to which it is set", default=1.0, least=0.01, most=1.0)

    def work(self, basis: Basis, name: str) -> Work:
        """New kvs and opening."""
        inlet = basis.net[Consumer]
        at = rows(inlet, self.consumers)
        kvs = fitting_kvs(basis, at, self.drop)
        changes = (
            setting("consumer", "kvs", kvs, inlet, at), setting("consumer", "opening", self.opening, inlet, at),
        )
        return Work(Scenario(name, changes), bill("valve", basis, at), listed(self.consumers))


@dataclass(frozen=True)
class Setting(Measure):
    """Valves set by hand: one of an inlet forgotten half shut or opened by residents, or one in a line, such as a closed tie."""

    key: ClassVar[str] = "setting"
    consumers: tuple[str, ...] = ids("consumer", "inlets whose valves are set", required=False)
    valves: tuple[str, ...] = ids("valve", "valves in lines that are set", required=False)
    opening: float = number("opening to which they are set", default=1.0, most=1.0)

    def work(self, basis: Basis, name: str) -> Work:
        """New opening."""
        inlet, valve = basis.net[Consumer], basis.net[Valve]
        if not (self.consumers or self.valves):
            raise ValueError("names neither consumers nor valves to set")
        changes = tuple(
            setting(table.kind(), "opening", self.opening, table, rows(table, names))
            for table, names in ((inlet, self.consumers), (valve, self.valves)) if names
        )
        both = self.consumers + self.valves
        return Work(Scenario(name, changes), (Item("setting", len(both)),), listed(both))


@dataclass(frozen=True)
class Limiter(Measure):
    """Self-operated flow limiters: no inlet takes more than a share of its design flow."""

    key: ClassVar[str] = "limiter"
    consumers: tuple[str, ...] = ids("consumer", "inlets that get a limiter")
    share: float = number("set flow over design flow", default=1.0, least=0.1, most=3.0)

    def work(self, basis: Basis, name: str) -> Work:
        """Control by flow; the valve in it opens up to that of the inlet."""
        inlet = basis.net[Consumer]
        at = rows(inlet, self.consumers)
        if (wrong := inlet.control[at] == "load").any():
            raise ValueError(f"inlet '{inlet.id[at][wrong][0]}' has control 'load': it limits itself")
        flow = basis.design_flow[at] * self.share
        if not (flow > 0.0).all():
            raise ValueError(f"inlet '{inlet.id[at][flow <= 0.0][0]}' has no design flow to limit it to")
        changes = (setting("consumer", "control", "flow", inlet, at), setting("consumer", "flow", flow, inlet, at))
        return Work(Scenario(name, changes), bill("limiter", basis, at), listed(self.consumers))


@dataclass(frozen=True)
class Strainer(Measure):
    """Strainers of inlets cleaned: their flow coefficient as it was when new."""

    key: ClassVar[str] = "strainer"
    consumers: tuple[str, ...] = ids("consumer", "inlets to clean")
    drop: float = quantity("Pa", "drop of the clean, open inlet at design flow; the usual one if not given", least=1e3, most=1e6)
    factor: float = number("flow coefficient after over before, instead of a drop", default=0.0, least=0.0, most=20.0)

    def work(self, basis: Basis, name: str) -> Work:
        """Flow coefficient back; never less than it is."""
        inlet = basis.net[Consumer]
        at = rows(inlet, self.consumers)
        drop = float(np.nanmedian(open_drop(basis))) if isnan(self.drop) else self.drop
        clean = inlet.kvs[at] * self.factor if self.factor else fitting_kvs(basis, at, drop)
        kvs = np.maximum(clean, inlet.kvs[at])
        if np.isnan(kvs).any():
            raise ValueError(f"inlet '{inlet.id[at][np.isnan(kvs)][0]}' has no kvs that could come back")
        bill_ = (Item("strainer", at.size), Item("strainer_area", basis.area(at)))
        return Work(Scenario(name, (setting("consumer", "kvs", kvs, inlet, at),)), bill_, listed(self.consumers))


def open_drop(basis: Basis) -> Floats:
    """Pressure drop of each inlet at design flow, valve fully open [Pa], (consumers,); NaN where no kvs or design flow is known."""
    rho = basis.state.fluid(Consumer).rho
    flow = np.where(basis.design_flow > 0.0, basis.design_flow, np.nan)
    drop: Floats = KV / (rho * basis.net[Consumer].kvs ** 2) * flow**2
    return drop


def fitting_kvs(basis: Basis, at: Longs, drop: float) -> Floats:
    """Flow coefficient [m3/h at 1 bar] that passes the design flow at a drop [Pa]; ValueError where no design flow is known."""
    flow = basis.design_flow[at]
    if not (flow > 0.0).all():
        raise ValueError(f"inlet '{basis.net[Consumer].id[at][flow <= 0.0][0]}' has no design flow")
    return np.asarray(flow * np.sqrt(KV / (basis.state.fluid(Consumer).rho[at] * drop)))


def bill(price: str, basis: Basis, at: Longs) -> tuple[Item, ...]:
    """One valve an inlet, of the size that its design flow asks for."""
    bore = np.sqrt(4.0 * basis.design_flow[at] / (np.pi * 970.0 * SPEED))
    return tuple(Item(price, 1.0, float(one)) for one in bore)

