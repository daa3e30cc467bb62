"""The few figures that a state is told in: deficit, homes lifted and robbed, refunds, heat, pump power."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.arrays import Arrays
from heatnet.components import Consumer, Plant, Pump
from heatnet.network import Building
from heatnet.profile import Profile
from heatnet.rooms import NEGLIGIBLE, received
from heatnet.schema import Floats
from heatnet.solve import State

FIGURES = ("deficit", "cold", "lifted", "robbed", "refund", "heat", "pump", "coldest")
UNITS = ("K household", "household", "household", "household", "per day", "W", "W", "K")


@dataclass(frozen=True)
class Homes:
    """What counts a room temperature, the same in all scenarios."""

    profile: Profile
    households: Floats  # (buildings,)
    fee: Floats  # (buildings,) per day, NaN where fee or area is not given

    @staticmethod
    def of(arrays: Arrays, profile: Profile) -> Homes:
        """Homes of a network."""
        building, site = arrays.net[Building], arrays.net.site
        return Homes(profile, building.households, site.fee * building.area / site.season_days)

    def deficit(self, room: Floats) -> Floats:
        """Kelvin below what is required [K], (buildings,), as heatnet.rooms counts it."""
        short = np.maximum(self.profile.required - room, 0.0)
        return np.where(short < NEGLIGIBLE, 0.0, short)

    def of_many(self, rooms: Floats, base: Floats | None) -> Floats:
        """The figures of FIGURES that follow from rooms [K], (figures, lanes) from (lanes, buildings); the others are NaN.

        `base` (buildings,) are the rooms before the change, the rooms themselves if not given.
        """
        short = self.deficit(rooms)
        cold = short > 0.0
        was = cold if base is None else self.deficit(base) > 0.0
        share = self.profile.refund_share(np.where(cold, rooms, np.maximum(rooms, self.profile.required)))
        none = np.full(len(rooms), np.nan)
        return np.stack([
            short @ self.households, cold @ self.households, (was & ~cold) @ self.households, (cold & ~was) @ self.households,
            share @ self.fee, none, none, rooms.min(axis=1, initial=np.inf),
        ])


def figures(homes: Homes, state: State, base: Floats | None) -> tuple[Floats, Floats]:
    """All figures of a state (FIGURES,), and its rooms [K] (buildings,); `base` are the rooms before the change."""
    room = room_temperatures(state)
    found = homes.of_many(room[None], base)[:, 0]
    found[5], found[6] = -float(state.heat(Plant).sum()), pump_power(state)
    return found, room


def room_temperatures(state: State) -> Floats:
    """Rooms of a state [K], (buildings,)."""
    part, span = state.scene.terminals, state.of(Consumer)
    at = part.consumer
    flow = np.abs(state.m[span])[at] * part.share
    return received(state, flow, state.t_in[span][at], state.fluid(Consumer).cp[at])[0]


def pump_power(state: State) -> float:
    """Electrical power of the pumps in the network and of the plants [W]: gain of pressure times volume flow over efficiency."""
    return float(pump_powers(state, 1)[0])


def pump_powers(state: State, lanes: int) -> Floats:
    """The same of the scenarios of a stack (heatnet.solve.stack) whose state this is, (lanes,)."""
    power, plant, pump = np.zeros(lanes), state.arrays.net[Plant], state.arrays.net[Pump]
    for kind, efficiency in ((Plant, plant.efficiency), (Pump, pump.efficiency)):
        if efficiency.size:
            each = electrical(state.m[state.of(kind)], -state.loss(kind), state.fluid(kind).rho, efficiency)
            power += each.reshape(-1, lanes).sum(axis=0)
    return power


def stacked_figures(homes: Homes, state: State, base: Floats, lanes: int) -> tuple[Floats, Floats]:
    """All figures of the scenarios of a stack, (FIGURES, lanes), and their rooms [K] (lanes, buildings); see `figures`."""
    rooms = np.ascontiguousarray(room_temperatures(state).reshape(-1, lanes).T)
    found = homes.of_many(rooms, base)
    found[5], found[6] = -state.heat(Plant).reshape(-1, lanes).sum(axis=0), pump_powers(state, lanes)
    return found, rooms


def electrical(m: Floats, gain: Floats, rho: Floats, efficiency: Floats) -> Floats:
    """Electrical power [W] at flow m [kg/s] and gain of pressure [Pa]; none where a device lets pressure down."""
    return np.maximum(np.nan_to_num(m * gain) / (rho * efficiency), 0.0)
