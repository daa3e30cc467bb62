"""The contract of a component between two nodes. Everything a solver knows of a component stands here.

Signs and symbols (the one place where they are fixed)
  1. Flow m [kg/s] is positive from tail to head. Pipes, valves and pumps as drawn; a consumer runs supply -> return,
     a plant return -> supply.
  2. Pressure: loss(m) = p_tail - p_head + rho g (z_tail - z_head). A pump or a plant has a negative loss.
  3. `loss` rises strictly with m; `slope` is its exact derivative [Pa s/kg], above zero everywhere.
  4. Heat: T_out = a T_in + b [K], T_in at the upstream end whatever the direction; |m| >= 0 is passed. An exchanger is two
     edges, and the outlet of each depends on the inlet of its partner as well (heatnet.solve.exchange).

What a component may say besides its loss
  5. `limits`: bounds of its flow. Between them the law holds; at a bound the pressure difference may be anything on the
     far side of the law (complementarity): at the upper bound dp >= loss(upper), at the lower bound dp <= loss(lower).
     Equal bounds prescribe the flow. A one-way device has the lower bound 0.
  6. `rigid`: rows whose pressure difference is given whatever the flow (plant of fixed lift, pipe of no length): their
     nodes are merged with the offset `rise`, no artificial resistance is used.
  7. `closed`: rows that carry nothing; their law is never asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from heatnet.components.terminal import Terminals
from heatnet.schema import Bools, Floats, Table, Texts, text

LEAST_FLOW = 1e-5  # kg/s, far below what is metered: see `moving`


@dataclass(frozen=True)
class Fluid:
    """Water in the rows of one table, at their mean temperature; every array (n,)."""

    rho: Floats  # kg/m3
    mu: Floats  # Pa s
    cp: Floats  # J/(kg K), mean between inlet and outlet


@dataclass(frozen=True)
class Scene:
    """What surrounds the network in one state: temperatures [K] and the terminals behind the consumers."""

    outdoor: float
    ground: float
    supply: Floats  # (plants,) supply temperature that each plant holds
    terminals: Terminals
    gravity: float
    secondary: Floats = field(default_factory=lambda: np.zeros(0))  # (exchangers,) supply temperature each keeps, NaN if none


class Law(Protocol):
    """Loss of many rows, with all that does not depend on flow already worked out."""

    @property
    def form(self) -> int:
        """Which law of heatnet.solve.laws this is."""

    def coefficients(self) -> tuple[Floats, ...]:
        """Its coefficients there, at most four, each (n,)."""

    def head_loss(self, m: Floats, loss: Floats, slope: Floats) -> None:
        """Write loss [Pa] and slope [Pa s/kg] at flow m [kg/s], all (n,)."""


def moving(m: Floats) -> Floats:
    """Share, 1 - exp(-|m|/LEAST_FLOW), that the temperature of water on its way has in that of the water inside; 1 at any usual flow.

    What all but stands has cooled down, also where no loss is given: without, its weight would jump as it turns.
    """
    return np.asarray(-np.expm1(-m / LEAST_FLOW))


@dataclass(frozen=True)
class Edge(Table):
    """A component between two nodes; abstract."""

    tail: Texts = text("node the flow is counted from", refers="node")
    head: Texts = text("node the flow is counted to", refers="node")

    def law(self, fluid: Fluid, friction: str, scene: Scene) -> Law:
        """The pressure law of all rows."""
        raise NotImplementedError

    def heat(self, m: Floats, t_in: Floats, fluid: Fluid, scene: Scene) -> tuple[Floats, Floats]:
        """Factor a [-] and offset b [K] of the outlet temperature at |flow| m, linearised at t_in; all (n,)."""
        return np.ones_like(m), np.zeros_like(m)

    def mean(self, m: Floats, t_in: Floats, t_out: Floats, cp: Floats, ground: float) -> Floats:
        """Mean temperature of the water inside [K] at |flow| m, for its density and viscosity; all (n,)."""
        return np.asarray(ground + (0.5 * (t_in + t_out) - ground) * moving(m))

    def limits(self, t_in: Floats, fluid: Fluid, scene: Scene) -> tuple[Floats, Floats]:
        """Lower and upper bound of flow [kg/s] at inlet temperature t_in, both (n,)."""
        return np.full(len(self), -np.inf), np.full(len(self), np.inf)

    def rigid(self) -> Bools:
        """Rows whose pressure difference does not depend on flow, (n,)."""
        return np.zeros(len(self), dtype=bool)

    def rise(self) -> Floats:
        """Pressure gain of rigid rows from tail to head [Pa], (n,), gravity not counted."""
        return np.zeros(len(self))

    def closed(self) -> Bools:
        """Rows that carry no flow, (n,)."""
        return np.zeros(len(self), dtype=bool)

    def guess(self, fluid: Fluid, scene: Scene) -> Floats:
        """A flow of the usual size of these rows [kg/s], above zero, (n,)."""
        raise NotImplementedError
