"""Pump: head H = H0 r^2 - B r^(2-c) V^c at relative speed r (affinity laws), B from the rated point; no reverse flow.

The power-law curve is EPANET's, so that its pumps can be entered exactly; c = 2 is the usual parabola.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.components.edge import Edge, Fluid, Scene
from heatnet.schema import Bools, Floats, column


@dataclass(frozen=True)
class PumpLaw:
    """loss = -(h0 - b |m|^c), h0 [Pa], b [Pa (s/kg)^c]; each (n,)."""

    h0: Floats
    b: Floats
    c: Floats

    @property
    def form(self) -> int:
        """Law of pumps."""
        return 2

    def coefficients(self) -> tuple[Floats, ...]:
        """For the solver."""
        return self.h0, self.b, self.c

    def head_loss(self, m: Floats, loss: Floats, slope: Floats) -> None:
        """Loss and slope of the curve; a line of small slope is added so that the law rises from rest."""
        q = np.abs(m)
        least = 1e-6 * self.b * self.c + 1e-3  # Pa s/kg
        loss[:] = -self.h0 + self.b * np.sign(m) * q**self.c + least * m
        slope[:] = self.b * self.c * q ** (self.c - 1.0) + least


@dataclass(frozen=True)
class Pump(Edge):
    """A pump with its curve; tail is its suction side."""

    shutoff_head: Floats = column("m", "head at no flow and rated speed", above=0, most=1e4)
    rated_head: Floats = column("m", "head at rated flow and rated speed", least=0, most=1e4)
    rated_flow: Floats = column("m3/s", "flow of the rated point", least=1e-6, most=100)
    exponent: Floats = column("-", "exponent of the head curve", least=1, most=4, default=2.0)
    speed: Floats = column("-", "speed over rated speed", least=0, most=2, default=1.0)
    speed_most: Floats = column("-", "largest speed over rated speed that may be set", above=0, most=2, default=1.0)
    efficiency: Floats = column("-", "overall efficiency", above=0, most=1, default=0.7)

    def law(self, fluid: Fluid, friction_law: str, scene: Scene) -> PumpLaw:
        """Curve at the present speed."""
        weight = fluid.rho * scene.gravity
        b = (self.shutoff_head - self.rated_head) / self.rated_flow**self.exponent
        return PumpLaw(
            weight * self.shutoff_head * self.speed**2,
            weight * b * self.speed ** (2.0 - self.exponent) / fluid.rho**self.exponent, self.exponent,
        )

    def limits(self, t_in: Floats, fluid: Fluid, scene: Scene) -> tuple[Floats, Floats]:
        """Forward flow only."""
        return np.zeros(len(self)), np.full(len(self), np.inf)

    def closed(self) -> Bools:
        """A pump that stands still is taken as shut (its check valve falls closed)."""
        return np.asarray(self.speed <= 0.0)

    def guess(self, fluid: Fluid, scene: Scene) -> Floats:
        """Rated flow at the present speed."""
        return fluid.rho * self.rated_flow * np.maximum(self.speed, 0.1)
