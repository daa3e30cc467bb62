"""A point among all unknowns of the steady state, the step in time that leads there, and the values of all equations are made of."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.components import Fluid
from heatnet.schema import Bools, Floats, Ints
from heatnet.solve import thermal
from heatnet.solve.hydraulic import FREE
from heatnet.solve.regulators import Regulators
from heatnet.solve.together_turn import Counter, Turn

SEEPS = 1e-5  # kg/s, a hundredth of the flow within which weights turn


@dataclass(frozen=True)
class Point:
    """Unknowns; as one vector in this order."""

    m: Floats  # (edges,) kg/s
    p: Floats  # (nodes,) Pa
    u: Floats  # (regulators,) Pa
    t: Floats  # (nodes,) K

    @property
    def vector(self) -> Floats:
        """All of them, (edges + nodes + regulators + nodes,)."""
        return np.concatenate([self.m, self.p, self.u, self.t])


@dataclass(frozen=True)
class Lag:
    """What a step in time began with."""

    tau: float  # -, length of the step over the residence time
    m: Floats  # (edges,) kg/s
    t: Floats  # (nodes,) K
    rho: Floats  # (edges,) kg/m3
    inverse: Floats  # (edges,) s/kg, 1/U
    through: Floats  # (nodes,) kg/s
    width: float = 0.0  # -, of flows within which edges turn, over `System.turning`
    drives: Floats | float = 0.0  # (edges,) Pa s/kg, by which the weight of their water draws flows on as they grow
    kept: Floats | None = None  # (edges,) kg/m3, that water is weighed with whatever its temperature

    @property
    def share(self) -> float:
        """Of what is new, s [-]."""
        return self.tau / (1.0 + self.tau)

    @property
    def seeps(self) -> float:
        """Water of the ground that stands for what a node exchanges with it [kg/s].

        Next to nothing; more where edges turn within a width, for standing ends behind shut devices carry water both ways then.
        """
        return thermal.STILL + SEEPS * self.width

    @property
    def memory(self) -> float:
        """1/s - 1 [-]."""
        return 1.0 / self.tau


@dataclass(frozen=True)
class Warmth:
    """What flows and temperatures at a point tell, (edges,) each if nothing else is said."""

    lag: Lag
    way: Turn
    up: Ints  # node upstream
    down: Ints
    inlet: Floats  # K
    outlet: Floats
    follows: Floats  # -, outlet by inlet
    cp: Floats  # J/(kg K), for which that outlet holds
    with_flow: Floats  # K, mean temperature of what runs with the flow
    counter: Counter | None  # what runs against it, None where nothing does
    warm: Floats  # K, mean temperature
    fluid: tuple[Fluid, ...]
    dense: Floats  # kg/m3, at the mean temperature
    rho: Floats  # that counts
    weighs: Floats  # that it is weighed with
    least: Floats  # kg/s, lower bound but for what valves that throttle do not let back
    asked: Floats  # s/kg, 1/U by temperatures
    inverse: Floats  # s/kg, 1/U that counts
    some: Bools  # U is above zero
    given: Bools  # lower bound and U are one
    regs: Regulators | None


@dataclass(frozen=True)
class Look(Warmth):
    """All values at a point, (edges,) each if nothing else is said."""

    at: Point
    bound: Ints  # active set: FREE, UPPER, LOWER
    loss: Floats  # Pa
    slope: Floats  # Pa s/kg, with inertia
    capped: Bools  # pumps and plants whose lift is u
    r: Floats  # Pa
    gap: Floats  # Pa, pressure difference and weight
    lower: Floats  # kg/s
    case: Ints  # (regulators,)
    sensor: Ints
    missed: Floats  # Pa

    @property
    def upper(self) -> Floats:
        """U [kg/s]."""
        return np.where(~self.some, 0.0, np.where(self.inverse > 0.0, 1.0 / np.where(self.inverse > 0.0, self.inverse, 1.0), np.inf))

    @property
    def off(self) -> float:
        """Largest |r| of the edges that follow their law [Pa]."""
        return float(np.abs(self.r[self.bound == FREE]).max(initial=0.0))

    @property
    def on_way(self) -> Floats:
        """Heat that nodes still take up or give off with time, over the heat capacity [kg K/s], (nodes,)."""
        return self.lag.memory * self.lag.through * (self.lag.t - self.at.t)
