"""Pipe: friction and local losses (heatnet.friction), exponential heat loss to the ground.

Outlet temperature: T_out = T_g + (T_in - T_g) exp(-U L/(|m| cp)), U per metre of this pipe. Its mean over the length, which
weighs on the pressure, goes to T_g with the flow from either side, so that creeping flow may turn without a jump in weight.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet import friction
from heatnet.components.edge import LEAST_FLOW, Edge, Fluid, Scene, moving
from heatnet.schema import Bools, Floats, Texts, column, text

USUAL_SPEED = 0.5  # m/s, first guess of a flow


@dataclass(frozen=True)
class PipeLaw:
    """Coefficients of `friction.pipe_losses`, each (n,)."""

    code: int
    laminar: float
    a: Floats
    r: Floats
    z: Floats
    kd: Floats

    @property
    def form(self) -> int:
        """Law of pipes."""
        return 0

    def coefficients(self) -> tuple[Floats, ...]:
        """For the solver."""
        return self.a, self.r, self.z, self.kd

    def head_loss(self, m: Floats, loss: Floats, slope: Floats) -> None:
        """Loss and slope by the friction law."""
        friction.pipe_losses(self.code, self.laminar, m, self.a, self.r, self.z, self.kd, loss, slope)


@dataclass(frozen=True)
class Pipe(Edge):
    """One pipe of a two-pipe network: supply and return are rows of their own."""

    length: Floats = column("m", "length", least=0, most=1e6)
    diameter: Floats = column("m", "inner diameter", least=1e-3, most=5)
    roughness: Floats = column("m", "equivalent sand roughness", least=0, most=0.1, default=5e-4)
    zeta: Floats = column("-", "sum of local loss coefficients", least=0, most=1e6, default=0.0)
    loss: Floats = column("W/(m K)", "heat loss per metre of pipe and kelvin", least=0, most=1000)
    ground: Floats = column("K", "temperature of the ground around the pipe; the site's if not given", above=200, most=400, optional=True)
    service: Floats = column("-", "1 in service, 0 shut off at both ends", least=0, most=1, default=1.0)
    rating: Texts = text("pressure class, as the pressure limits name it; their default if not given", default="")
    type: Texts = text("name in a pipe catalogue; fills diameter and loss where they are not given", default="")

    def law(self, fluid: Fluid, friction_law: str, scene: Scene) -> PipeLaw:
        """Darcy-Weisbach with the chosen friction law."""
        kind = friction.LAWS[friction_law]
        area = np.pi**2 / 8.0 * fluid.rho * np.square(np.square(self.diameter))  # a power of 4 costs ten times as much
        return PipeLaw(
            kind.code, kind.laminar, 4.0 / (np.pi * self.diameter * fluid.mu), self.length / (area * self.diameter),
            self.zeta / area, self.roughness / self.diameter * kind.roughness,
        )

    def heat(self, m: Floats, t_in: Floats, fluid: Fluid, scene: Scene) -> tuple[Floats, Floats]:
        """Exponential approach to the ground temperature; water that does not move takes it."""
        a = np.exp(-self.loss * self.length / np.maximum(m * fluid.cp, 1e-300))
        return a, (1.0 - a) * np.where(np.isnan(self.ground), scene.ground, self.ground)

    def mean(self, m: Floats, t_in: Floats, t_out: Floats, cp: Floats, ground: float) -> Floats:
        """Mean of the exponential over the length, N = U L/(|m| cp): T_g + (T_in - T_g) (1 - exp(-N))/N.

        >>> pipe = Pipe.of(id=["p"], tail=["a"], head=["b"], length=[1000.0], diameter=[0.1], loss=[0.4])
        >>> round(float(pipe.mean(*(np.array([x]) for x in (0.1, 353.0, 0.0, 4187.0)), 283.0)[0]), 2)
        328.09
        """
        n = self.loss * self.length / np.maximum(m * cp, 1e-300)
        left = np.where(n > 0.0, -np.expm1(-n) / np.where(n > 0.0, n, 1.0), 1.0)
        around = np.where(np.isnan(self.ground), ground, self.ground)
        lossy = self.creeping(cp) >= LEAST_FLOW
        return np.asarray(around + (t_in - around) * np.where(lossy, left, left * moving(m)))

    def creeping(self, cp: Floats | float) -> Floats:
        """Flow U L/cp [kg/s], cp in J/(kg K), (n,): much slower water has cooled down to the ground within the pipe."""
        return np.asarray(self.loss * self.length / cp)

    def rigid(self) -> Bools:
        """Pipes of no length and no local loss."""
        return np.asarray((self.length == 0.0) & (self.zeta == 0.0) & (self.service > 0.0))

    def closed(self) -> Bools:
        """Pipes that are shut off."""
        return np.asarray(self.service <= 0.0)

    def guess(self, fluid: Fluid, scene: Scene) -> Floats:
        """Flow at a usual speed."""
        return fluid.rho * np.pi / 4.0 * self.diameter**2 * USUAL_SPEED
