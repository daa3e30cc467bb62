"""Flows that consumers should get.

    design flow        design flow of the buildings behind an inlet: sum of Q_d/(c (t_sd - t_rd))
    load flow          the same for the heat that each building loses today at its design outdoor temperature: Q_today/Q_d of it
    room temperature   least flow at which the coldest building behind an inlet has the room temperature that is asked for, with its
                       radiators and heat loss as they are, at the supply temperature that reaches it

Flow for a room temperature: with a = T_s - T_i, y = (T_r - T_i)/a, k = n - 1 the radiator law of heatnet.components.terminal reads
C = k kappa a^k/(y^-k - 1), Q = C a (1 - y), so (1 - y)/(y^-k - 1) = Q/(k kappa a^n): one unknown y in (0, 1), the left side rises from
0 to 1/k. A right side beyond that asks for more than the radiators give at any flow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.arrays import Arrays
from heatnet.balance.rules import TARGETS, Rules
from heatnet.components import Consumer, Terminals
from heatnet.errors import nearest
from heatnet.network import Building
from heatnet.schema import Floats
from heatnet.solve import State

LEAST_FLOW = 0.05  # share of the design flow that a room which needs no heat is given all the same: its pipes stay warm


@dataclass(frozen=True)
class Aim:
    """What is asked for; `required` is the room temperature [K] of the target "room temperature"."""

    target: str
    rules: Rules
    required: float

    def __post_init__(self) -> None:
        if self.target not in TARGETS:
            raise ValueError(f"no target '{self.target}'{nearest(self.target, TARGETS)}")

    def flows(self, state: State, share: Floats) -> Floats:
        """Flow wanted by each consumer [kg/s], (consumers,), at a share of what is asked for (consumers,).

        NaN where none is known, and where the inlet is shut: no pressure would bring it.
        """
        arrays = state.arrays
        consumer, part = arrays.net[Consumer], state.scene.terminals
        design = consumer.design_flow(state.scene)
        if self.target == "design flow":
            wanted = share * design
        elif self.target == "load flow":
            built = consumer.behind(part.design_flow * self._load(arrays, part), state.scene)
            wanted = share * np.where(built > 0.0, built, design)
        else:
            wanted = self._warming(state, share, design)
        span = state.of(Consumer)
        own = state.fluid(Consumer)
        _, upper = consumer.limits(state.t_in[span], own, state.scene)
        wanted = np.where(consumer.control == "fixed", wanted, np.where(np.isfinite(upper), upper, np.nan))
        return np.where((wanted > 0.0) & ~arrays.dead[span], wanted, np.nan)

    def _load(self, arrays: Arrays, part: Terminals) -> Floats:
        """Heat lost today over design heat, at the design outdoor temperature of each building, (buildings,)."""
        building = arrays.net[Building]
        coldest = np.where(np.isnan(building.design_outdoor), arrays.net.site.design_outdoor, building.design_outdoor)
        today = part.conductance * (part.wanted - coldest) - building.gains
        return np.maximum(today / building.design_heat, LEAST_FLOW)

    def _warming(self, state: State, share: Floats, design: Floats) -> Floats:
        part, span = state.scene.terminals, state.of(Consumer)
        at = part.consumer
        room = self.required - (1.0 - share[at]) * self.rules.room_span
        flow = flow_for_room(part, state.t_in[span][at], state.fluid(Consumer).cp[at], room) / part.share
        least, most = LEAST_FLOW * design, self.rules.most_flow * design
        asked = np.zeros(design.size)
        np.maximum.at(asked, at, flow)
        built = state.arrays.net[Consumer].behind(part.share, state.scene) > 0.0
        return np.where(built, np.clip(asked, least, most), share * design)


def flow_for_room(part: Terminals, supply: Floats, cp: Floats, room: Floats | float) -> Floats:
    """Flow [kg/s] that gives each building a room temperature [K] at its supply temperature [K], (buildings,); inf where none does."""
    need = part.conductance * (room - part.balance)
    above = supply - room
    k = np.maximum(part.exponent - 1.0, 1e-9)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        asked = np.where(above > 0.0, need / (k * part.kappa * np.maximum(above, 1e-300) ** (k + 1.0)), np.inf)
        low, high = np.zeros(need.size), np.ones(need.size)
        for _ in range(48):
            y = 0.5 * (low + high)
            under = (1.0 - y) / np.expm1(-k * np.log(y)) < asked
            low, high = np.where(under, y, low), np.where(under, high, y)
        capacity = need / (above * (1.0 - 0.5 * (low + high)))
    return np.where(need <= 0.0, 0.0, np.where(asked * k >= 1.0 - 1e-9, np.inf, capacity / cp))
