"""Pump: head H = H0 r^2 - B r^(2-c) (V/N)^c at relative speed r (affinity laws), N alike in parallel, B from the rated point.

The power-law curve is EPANET's, so that its pumps can be entered exactly; c = 2 is the usual parabola. Nothing flows back.
Controls: `speed` runs on the curve at its speed. The others vary the speed up to that one, so that the curve is the most they give:
`lift` holds a lift, `flow` passes a flow at most, `proportional` raises the lift with the flow, `remote` holds the least pressure
difference of some consumers. A held lift falls by LEAST Pa for each kg/s, so that its law rises.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.components.edge import Edge, Fluid, Scene
from heatnet.schema import Bools, Floats, Texts, column, text

CONTROLS = ("speed", "lift", "flow", "proportional", "remote")
LEAST = 1e-3  # Pa s/kg, slope of a law that would be flat

@dataclass(frozen=True)
class PumpLaw:
    """loss = -min(h0 - b |m|^c, cap), h0 and cap [Pa], b [Pa (s/kg)^c]; each (n,)."""

    h0: Floats
    b: Floats
    c: Floats
    cap: Floats

    @property
    def form(self) -> int:
        """Law of pumps."""
        return 2

    def coefficients(self) -> tuple[Floats, ...]:
        """For the solver."""
        return self.h0, self.b, self.c, self.cap

    def head_loss(self, m: Floats, loss: Floats, slope: Floats) -> None:
        """Loss and slope of the curve; a line of small slope is added so that the law rises from rest."""
        q = np.abs(m)
        least = 1e-6 * self.b * self.c + LEAST
        curve = -self.h0 + self.b * np.sign(m) * q**self.c
        loss[:] = np.maximum(curve, -self.cap) + least * m
        slope[:] = np.where(curve > -self.cap, self.b * self.c * q ** (self.c - 1.0), 0.0) + least


@dataclass(frozen=True)
class Pump(Edge):
    """A pump with its curve; tail is its suction side."""

    shutoff_head: Floats = column("m", "head at no flow and rated speed", above=0, most=1e4)
    rated_head: Floats = column("m", "head at rated flow and rated speed", least=0, most=1e4)
    rated_flow: Floats = column("m3/s", "flow of the rated point", least=1e-6, most=100)
    exponent: Floats = column("-", "exponent of the head curve", least=1, most=4, default=2.0)
    speed: Floats = column("-", "speed over rated speed; the largest one where a control varies it", least=0, most=2, default=1.0)
    speed_most: Floats = column("-", "largest speed over rated speed that may be set", above=0, most=2, default=1.0)
    efficiency: Floats = column("-", "overall efficiency", above=0, most=1, default=0.7)
    count: Floats = column("count", "alike pumps that run in parallel", least=1, most=20, default=1.0)
    control: Texts = text("what decides its speed", default="speed", choices=CONTROLS)
    lift: Floats = column("Pa", "held lift (control lift); lift at rated flow (control proportional)", least=0, most=1e8, optional=True)
    lift_least: Floats = column(
        "Pa", "lift at no flow (control proportional); half the other if not given", above=0, most=1e8, optional=True
    )
    flow: Floats = column("kg/s", "held flow (control flow)", least=0, most=1e5, optional=True)
    difference: Floats = column(
        "Pa", "least pressure difference held at the consumers named (control remote)", least=0, most=1e7, optional=True
    )
    sensor: Texts = text("ids of consumers, separated by semicolons (control remote)", default="")

    def law(self, fluid: Fluid, friction_law: str, scene: Scene) -> PumpLaw:
        """Curve at the present speed."""
        weight = fluid.rho * scene.gravity
        b = (self.shutoff_head - self.rated_head) / (self.count * self.rated_flow) ** self.exponent
        return PumpLaw(
            weight * self.shutoff_head * self.speed**2,
            weight * b * self.speed ** (2.0 - self.exponent) / fluid.rho**self.exponent, self.exponent,
            np.where(self.control == "lift", self.lift, np.inf),
        )

    def limits(self, t_in: Floats, fluid: Fluid, scene: Scene) -> tuple[Floats, Floats]:
        """Forward flow only, at most a held flow."""
        return np.zeros(len(self)), np.where(self.control == "flow", self.flow, np.inf)

    def closed(self) -> Bools:
        """A pump that stands still is taken as shut (its check valve falls closed)."""
        return np.asarray((self.speed <= 0.0) | ((self.control == "flow") & (self.flow == 0.0)))

    def guess(self, fluid: Fluid, scene: Scene) -> Floats:
        """Rated flow at the present speed."""
        return fluid.rho * self.count * self.rated_flow * np.maximum(self.speed, 0.1)

    def turning(self, lift: Floats, m: Floats, fluid: Fluid, gravity: float) -> Floats:
        """Relative speed [-] at which the pumps give this lift [Pa] at flow m [kg/s], (n,): Newton on the rising affinity law.

        Where exponent and flow leave no speed above zero, zero.
        """
        flow = np.maximum(m, 0.0) / (fluid.rho * self.count)
        b = (self.shutoff_head - self.rated_head) * (flow / self.rated_flow) ** self.exponent
        wanted = np.maximum(lift, 0.0) / (fluid.rho * gravity)
        r = np.sqrt((wanted + b) / self.shutoff_head) + 1e-9
        for _ in range(40):
            drag = b * r ** (2.0 - self.exponent)
            miss = self.shutoff_head * r**2 - drag - wanted
            slope = 2.0 * self.shutoff_head * r - (2.0 - self.exponent) * drag / r
            r = np.maximum(r - miss / np.maximum(slope, 1e-9), 1e-9)
        return np.where((lift > 0.0) | (flow > 0.0), r, 0.0)
