"""Plant: takes return water and gives it back at its supply temperature, by lift, given flow or given heat.

`lift`: pressure gain from return to supply, whatever the flow. `flow`: given flow. `heat`: given heat, the flow follows
as Q/(cp (T_supply - T_return)). `remote`: the lift, at most `lift`, that holds the least pressure difference of the consumers
named, of all of them if none is. Beyond its capacity the supply temperature falls: T_out = T_in + P/(m cp).

Order of use: plants with an `order` let nothing flow back, and pass no more water than their capacity warms to the supply
temperature, save the last, which takes what is left. So a plant of later order works where the lift, or the difference, that it
holds is no longer held by those before it: that of a `remote` one is lower by the share `stagger` for each place in the order.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.components.edge import Edge, Fluid, Scene
from heatnet.components.pump import PumpLaw
from heatnet.schema import Bools, Floats, Texts, column, text

CONTROLS = ("lift", "flow", "heat", "remote")
LEAST_RISE = 0.1  # K, below which "given heat" asks for an unbounded flow


@dataclass(frozen=True)
class Plant(Edge):
    """A heat source; tail is its return node, head its supply node."""

    control: Texts = text(
        "what is given: lift, flow, heat, or the pressure difference of remote consumers", default="lift", choices=CONTROLS
    )
    lift: Floats = column("Pa", "pressure gain from return to supply (lift); the largest one (remote)", least=0, most=1e8, optional=True)
    lift_least: Floats = column("Pa", "smallest lift at which its circulation pumps can run", least=0, most=1e8, default=0.0)
    lift_most: Floats = column("Pa", "largest lift that its circulation pumps can give", least=0, most=1e8, optional=True)
    flow: Floats = column("kg/s", "given flow (control flow)", least=0, most=1e5, optional=True)
    heat_given: Floats = column("W", "given heat (control heat)", least=0, most=1e11, optional=True)
    supply_temperature: Floats = column("K", "supply temperature, unless a heating curve is named", above=273, most=473, optional=True)
    curve: Texts = text("name of a heating curve in model.toml", default="")
    curve_shift: Floats = column(
        "K (difference)", "what is added to its curve or supply temperature", least=-60, most=60, default=0.0
    )
    service: Floats = column("-", "1 in service, 0 out of service: no flow, no lift", least=0, most=1, default=1.0)
    capacity: Floats = column("W", "largest heat it can give", above=0, most=1e11, optional=True)
    efficiency: Floats = column("-", "overall efficiency of its circulation pumps", above=0, most=1, default=0.7)
    difference: Floats = column("Pa", "least pressure difference held at consumers (control remote)", least=0, most=1e7, optional=True)
    sensor: Texts = text("ids of these consumers, separated by semicolons; all if not given (control remote)", default="")
    order: Floats = column("count", "place in the order of use: 1 base load, then 2, 3, ...; 0 none", least=0, most=99, default=0.0)
    stagger: Floats = column("-", "share by which each place in the order lowers the difference held", least=0, most=0.5, default=0.01)

    def law(self, fluid: Fluid, friction_law: str, scene: Scene) -> PumpLaw:
        """A held lift. Flow and heat are given by equal bounds, so the law between them is never met; any rising one will do."""
        most = np.where(np.isnan(self.lift), 0.0, self.lift)
        return PumpLaw(most, np.zeros(len(self)), np.ones(len(self)), np.full(len(self), np.inf))

    def held(self) -> Floats:
        """Pressure difference that a `remote` plant holds at its consumers [Pa], (n,)."""
        return self.difference * np.maximum(1.0 - self.stagger * np.maximum(self.order - 1.0, 0.0), 0.0)

    def _first(self) -> Bools:
        """Plants that others follow in the order of use, (n,)."""
        last = np.max(self.order * (self.service > 0.0), initial=0.0)
        return np.asarray((self.order > 0.0) & (self.order < last))

    def heat(self, m: Floats, t_in: Floats, fluid: Fluid, scene: Scene) -> tuple[Floats, Floats]:
        """Supply temperature held, or capacity given off."""
        most = self.capacity / np.maximum(m * fluid.cp, 1e-300)
        short = np.asarray(t_in + most < scene.supply) & (m > 0.0)  # false where no capacity is given
        short &= ~self._first()  # these pass no more water than they can warm
        return np.where(short, 1.0, 0.0), np.where(short, most, scene.supply)

    def limits(self, t_in: Floats, fluid: Fluid, scene: Scene) -> tuple[Floats, Floats]:
        """Given flow, or the flow that carries the given heat."""
        wanted = self.heat_given / (fluid.cp * np.maximum(scene.supply - t_in, LEAST_RISE))
        given = np.where(self.control == "heat", wanted, self.flow)
        free = (self.control == "lift") | (self.control == "remote")
        if not (self.order.any() or (self.control == "remote").any()):
            return np.where(free, -np.inf, given), np.where(free, np.inf, given)
        carries = self.capacity / (fluid.cp * np.maximum(scene.supply - t_in, LEAST_RISE))
        most = np.where(self._first(), carries, np.inf)
        return np.where(free, np.where(self.rigid(), -np.inf, 0.0), given), np.where(free, most, given)

    def rigid(self) -> Bools:
        """Plants of fixed lift without an order of use."""
        return np.asarray((self.control == "lift") & (self.order == 0.0) & (self.service > 0.0))

    def closed(self) -> Bools:
        """Plants out of service."""
        return np.asarray(self.service <= 0.0)

    def rise(self) -> Floats:
        """Their lift."""
        return np.where(self.rigid(), self.lift, 0.0)

    def guess(self, fluid: Fluid, scene: Scene) -> Floats:
        """A usual one; a plant of fixed lift needs no guess."""
        return np.ones(len(self))
