"""Plant: takes return water and gives it back at its supply temperature, by fixed lift, given flow or given heat.

`lift`: pressure gain from return to supply, whatever the flow. `flow`: given flow. `heat`: given heat, the flow follows
as Q/(cp (T_supply - T_return)). Beyond its capacity the supply temperature falls: T_out = T_in + P/(m cp).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.components.edge import Edge, Fluid, Scene
from heatnet.components.valve import SquareLaw
from heatnet.schema import Bools, Floats, Texts, column, text

CONTROLS = ("lift", "flow", "heat")
LEAST_RISE = 0.1  # K, below which "given heat" asks for an unbounded flow


@dataclass(frozen=True)
class Plant(Edge):
    """A heat source; tail is its return node, head its supply node."""

    control: Texts = text("what is given: lift, flow or heat", default="lift", choices=CONTROLS)
    lift: Floats = column("Pa", "pressure gain from return to supply (control lift)", least=0, most=1e8, optional=True)
    lift_least: Floats = column("Pa", "smallest lift at which its circulation pumps can run", least=0, most=1e8, default=0.0)
    lift_most: Floats = column("Pa", "largest lift that its circulation pumps can give", least=0, most=1e8, optional=True)
    flow: Floats = column("kg/s", "given flow (control flow)", least=0, most=1e5, optional=True)
    heat_given: Floats = column("W", "given heat (control heat)", least=0, most=1e11, optional=True)
    supply_temperature: Floats = column("K", "supply temperature, unless a heating curve is named", above=273, most=473, optional=True)
    curve: Texts = text("name of a heating curve in model.toml", default="")
    service: Floats = column("-", "1 in service, 0 out of service: no flow, no lift", least=0, most=1, default=1.0)
    capacity: Floats = column("W", "largest heat it can give", above=0, most=1e11, optional=True)
    efficiency: Floats = column("-", "overall efficiency of its circulation pumps", above=0, most=1, default=0.7)

    def law(self, fluid: Fluid, friction_law: str, scene: Scene) -> SquareLaw:
        """Flow and heat are given by equal bounds, so the law between them is never met; any rising one will do."""
        return SquareLaw(np.ones(len(self)))

    def heat(self, m: Floats, t_in: Floats, fluid: Fluid, scene: Scene) -> tuple[Floats, Floats]:
        """Supply temperature held, or capacity given off."""
        most = self.capacity / np.maximum(m * fluid.cp, 1e-300)
        short = np.asarray(t_in + most < scene.supply) & (m > 0.0)  # false where no capacity is given
        return np.where(short, 1.0, 0.0), np.where(short, most, scene.supply)

    def limits(self, t_in: Floats, fluid: Fluid, scene: Scene) -> tuple[Floats, Floats]:
        """Given flow, or the flow that carries the given heat."""
        wanted = self.heat_given / (fluid.cp * np.maximum(scene.supply - t_in, LEAST_RISE))
        given = np.where(self.control == "heat", wanted, self.flow)
        free = self.control == "lift"
        return np.where(free, -np.inf, given), np.where(free, np.inf, given)

    def rigid(self) -> Bools:
        """Plants of fixed lift."""
        return np.asarray((self.control == "lift") & (self.service > 0.0))

    def closed(self) -> Bools:
        """Plants out of service."""
        return np.asarray(self.service <= 0.0)

    def rise(self) -> Floats:
        """Their lift."""
        return np.where(self.rigid(), self.lift, 0.0)

    def guess(self, fluid: Fluid, scene: Scene) -> Floats:
        """Given flow; a plant of fixed lift needs no guess."""
        return np.ones(len(self))
