"""Derivatives of consumers and the rooms behind them.

Radiators, C = q s c the capacity rate of a building, a = T - T_i, b its return excess (components.terminal), psi = C (1 - (b/a)^n):
    dT_i/dT = psi/(H + psi),  dT_i/dC = (a - b - b^n kappa/C)/(H + psi),  dT_i/dkappa = b^n/(H + psi),  dT_i/dH = -(T_i - T_o)/(H + psi)
and the heat H (T_i - T_o) - gains with them. A `load` takes q (h(T) - h(T_o)), shared by demand; at its bound the flow is
q = load/(c drop). A thermostat moves the flow so that its coldest room stays where it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.components import Consumer
from heatnet.network import Building
from heatnet.schema import Bools, Floats
from heatnet.sensitivity.objective import Deficit
from heatnet.solve import State
from heatnet.solve.thermal import STILL
from heatnet.units import KELVIN
from heatnet.water import Water

NEAR = 1e-2  # K, temperatures so close that their secant has its slope in the middle


@dataclass(frozen=True)
class Secant:
    """Mean heat capacity between inlet and outlet and its slopes [J/(kg K), J/(kg K2)]."""

    value: Floats
    by_inlet: Floats
    by_outlet: Floats

    @staticmethod
    def of(water: Water, inlet: Floats, outlet: Floats) -> Secant:
        """Of water between two temperatures [K]."""
        gap, cp = inlet - outlet, water.secant(inlet, outlet)
        near = np.abs(gap) < NEAR
        middle, apart = 0.5 * (inlet + outlet), np.where(near, 1.0, gap)
        half = 0.5 * (water.secant(middle + 0.5, middle + 0.5) - water.secant(middle - 0.5, middle - 0.5))
        at_inlet, at_outlet = water.secant(inlet, inlet), water.secant(outlet, outlet)
        return Secant(cp, np.where(near, half, (at_inlet - cp) / apart), np.where(near, half, (cp - at_outlet) / apart))


@dataclass(frozen=True)
class Homes:
    """Consumers (consumers,) and buildings (buildings,)."""

    outlet: Floats  # (2, consumers) outlet temperature by inlet temperature and flow
    wanted: Floats  # (2, consumers) prescribed flow by the same
    gain: Floats  # (2, consumers) objective by the same
    room: Floats  # (buildings,) K
    direct: Floats  # (2, buildings) objective by radiator size and by heat loss coefficient at given inlet temperature and flow
    outlets: Floats  # (2, buildings) outlet of its consumer by the same
    flows: Floats  # (2, buildings) prescribed flow of its consumer by the same
    held: Bools  # (consumers,) flow kept down by a differential-pressure controller in front


@dataclass(frozen=True)
class _Inlets:
    """Inlets of a state, (consumers,)."""

    load: Bools
    taken: Bools  # a given heat without radiators
    empty: Bools  # no buildings behind
    t: Floats
    t_out: Floats
    q: Floats
    c_in: Floats
    c_out: Floats
    drop: Floats  # J/kg
    cp: Floats
    cp_in: Floats
    cp_out: Floats
    usable: Floats  # K, drop that a load can use
    drained: Bools  # more given heat than the water holds: outlet held
    held: Bools  # flow kept down by a controller in front


def controlled(state: State) -> Bools:
    """Consumers whose flow a differential-pressure controller in front keeps down, (consumers,)."""
    consumer, m = state.arrays.net[Consumer], state.m[state.of(Consumer)]
    if np.isnan(consumer.difference).all():
        return np.zeros(len(consumer), dtype=bool)
    limit = consumer.controlled(state.fluid(Consumer), state.scene)
    with np.errstate(invalid="ignore"):
        return np.asarray((state.bound[state.of(Consumer)] == 1) & (consumer.controller_least == 0.0) & (m >= limit * (1.0 - 1e-6)))


def homes_of(state: State, deficit: Deficit) -> Homes:
    """Derivatives of all consumers and buildings at a state."""
    consumer, span, water = state.arrays.net[Consumer], state.of(Consumer), state.settings.water
    t, t_out, q = state.t_in[span], state.t_out[span], np.maximum(np.abs(state.m[span]), STILL)
    cp = Secant.of(water, t, t_out)
    load = np.asarray(consumer.control == "load", dtype=bool)
    taken = ~load & ~np.isnan(consumer.heat_given)
    most = t - np.where(np.isnan(consumer.return_temperature), KELVIN, consumer.return_temperature)
    drained = taken & (consumer.heat_given / (q * cp.value) >= most) & (most > 0.0)
    at = _Inlets(
        load, taken, consumer.behind(state.scene.terminals.share, state.scene) == 0.0, t, t_out, q, water.secant(t, t),
        water.secant(t_out, t_out), water.enthalpy(t) - water.enthalpy(t_out), cp.value, cp.by_inlet, cp.by_outlet,
        consumer.usable(t, state.scene), drained, controlled(state),
    )
    radiators = _radiators(state, deficit, at)
    return _loads(state, deficit, at, radiators) if load.any() else radiators


def _radiators(state: State, deficit: Deficit, at: _Inlets) -> Homes:
    part, consumer, building = state.scene.terminals, state.arrays.net[Consumer], state.arrays.net[Building]
    of, h, n = part.consumer, part.conductance, part.exponent
    ts, share = at.t[of], part.share
    c = at.q[of] * share * at.cp[of]
    room = part.rooms(ts, at.q[of] * share, at.cp[of])[0]
    live = (ts > part.balance) & (np.abs(state.m[state.of(Consumer)])[of] > STILL)
    a, k = np.where(live, ts - room, 1.0), n - 1.0
    flat = np.abs(k) < 1e-9
    over = np.where(flat, 1.0, k)
    with np.errstate(over="ignore"):
        left = np.where(flat, part.kappa / c, np.log1p(k * part.kappa / c * a**k) / over)
    b = a * np.exp(-left)
    psi = c * -np.expm1(-n * left)
    below = np.where(live, h + psi, np.inf)
    outdoor = state.scene.outdoor
    room_by = np.stack([psi, a - b - b**n * part.kappa / c, b**n * part.kappa / building.radiator.clip(1e-9), outdoor - room]) / below
    heat_by = h * room_by
    heat_by[3] += np.where(live, room - outdoor, 0.0)
    slope = deficit.slope(room)
    sums = [consumer.behind(values, state.scene) for values in (
        heat_by[0], heat_by[1] * share, slope * room_by[0], slope * room_by[1] * share,
    )]
    below_outlet = at.q * (at.c_out + sums[1] * at.cp_out)
    outlet = np.stack([at.q * (at.c_in - sums[1] * at.cp_in) - sums[0], at.drop - sums[1] * at.cp]) / below_outlet
    outlet[:, at.empty] = np.array([[1.0], [0.0]])
    outlet = np.where(at.taken & ~at.drained, np.stack([at.c_in, at.drop / at.q]) / at.c_out, np.where(at.drained, 0.0, outlet))
    by_outlet = sums[3] * at.q * at.cp_out
    gain = np.stack([sums[2] + sums[3] * at.q * at.cp_in + by_outlet * outlet[0], sums[3] * at.cp + by_outlet * outlet[1]])
    outlets = np.where(at.taken[of], 0.0, -heat_by[2:] / below_outlet[of])
    frozen = slope * np.where(live, 0.0, (outdoor - room) / h)  # a room without heat is warmed by its gains alone
    direct = slope * room_by[2:] + by_outlet[of] * outlets
    direct[1] += frozen
    wanted, flows = _thermostats(state, at, room, room_by, outlet, outlets)
    return Homes(outlet, wanted, gain, room, direct, outlets, flows, at.held)


def _thermostats(
    state: State, at: _Inlets, room: Floats, room_by: Floats, outlet: Floats, outlets: Floats
) -> tuple[Floats, Floats]:
    """Flow that keeps the coldest room at its set temperature, by what acts on that room; zero where no thermostat decides."""
    part, consumer, of = state.scene.terminals, state.arrays.net[Consumer], state.scene.terminals.consumer
    wanted, flows = np.zeros_like(outlet), np.zeros_like(outlets)
    decides = (consumer.control == "thermostatic") & (state.bound[state.of(Consumer)] == 1) & ~at.held & ~at.empty
    if not decides.any():
        return wanted, flows
    target = np.where(np.isnan(consumer.room[of]), part.wanted, consumer.room[of])
    order = np.lexsort((room - target, of))[::-1]
    coldest = np.zeros(len(consumer), dtype=np.int64)
    coldest[of[order]] = order  # the last one written is the coldest
    mine = coldest[decides]
    by = room_by[1][mine] * part.share[mine]  # K per W/K of the whole inlet
    by_outlet = by * at.q[decides] * at.cp_out[decides]
    more = by * at.cp[decides] + by_outlet * outlet[1, decides]  # K by flow
    warmer = room_by[0][mine] + by * at.q[decides] * at.cp_in[decides] + by_outlet * outlet[0, decides]
    wanted[0, decides] = -warmer / more
    through, below = np.zeros(len(consumer)), np.full(len(consumer), np.inf)
    through[decides], below[decides] = by_outlet, more
    is_it = coldest[of] == np.arange(of.size)
    flows[:] = -(np.where(is_it, room_by[2:], 0.0) + through[of] * outlets) / below[of]
    return wanted, flows


def _loads(state: State, deficit: Deficit, at: _Inlets, other: Homes) -> Homes:
    """The same with the consumers of control `load`."""
    part, consumer, of = state.scene.terminals, state.arrays.net[Consumer], state.scene.terminals.consumer
    span = state.of(Consumer)
    usable, wanted = at.usable, consumer.load(state.scene)
    bound = (state.bound[span] == 1) & at.load
    follows = usable >= np.where(np.isnan(consumer.drop), np.inf, consumer.drop)
    full = at.load & (bound | (wanted / (at.q * at.cp) >= usable)) & (usable > 0.0)
    held, shifted = full & ~follows, full & follows
    given = np.where(usable <= 0.0, 0.0, at.drop / (at.q * at.c_out))
    outlet = np.stack([np.where(held, 0.0, np.where(shifted, 1.0, at.c_in / at.c_out)), np.where(held | shifted, 0.0, given)])
    cp_by = np.stack([at.cp_in, np.zeros(at.q.size)]) + at.cp_out * outlet
    flow = -at.q / at.cp * cp_by
    flow[0] -= np.where(follows, 0.0, at.q / np.maximum(usable, 1e-9))
    # rooms: a share of the heat taken by demand
    total = np.maximum(consumer.behind(part.demand, state.scene), 1e-300)
    share = part.demand / total[of]
    heat = np.maximum(at.q * at.drop, 0.0)
    room = np.where(at.load[of], part.balance + heat[of] * share / part.conductance, other.room)
    slope = deficit.slope(room)
    worth = consumer.behind(slope * share / part.conductance, state.scene)  # objective by the heat of the consumer
    heat_by = np.stack([at.q * at.c_in, at.drop]) - at.q * at.c_out * outlet
    # heat loss coefficient of one building: its own room, the shares of all, the heat asked for
    outdoor = state.scene.outdoor
    more = np.where(part.demand > 0.0, part.wanted - outdoor, 0.0)
    direct = slope * (outdoor - room) / part.conductance
    direct += heat[of] * more / total[of] * (slope / part.conductance - worth[of])
    asks = np.where(at.load & np.isnan(consumer.heat_given), 1.0, 0.0)[of] * more
    cold = np.where(at.load & ~full & (usable > 0.0), -1.0 / (at.q * at.c_out), 0.0)[of] * asks
    direct += worth[of] * -(at.q * at.c_out)[of] * cold
    flows = np.where(bound[of], asks / (at.cp * np.maximum(usable, 1e-9))[of], 0.0)
    own, none = at.load[of], np.zeros(of.size)
    return Homes(
        np.where(at.load, outlet, other.outlet), np.where(bound, flow, other.wanted),
        np.where(at.load, worth * heat_by, other.gain), room,
        np.where(own, np.stack([none, direct]), other.direct), np.where(own, np.stack([none, cold]), other.outlets),
        np.where(own, np.stack([none, flows]), other.flows), at.held,
    )
