"""How far lifts and speeds may move: limits of pumps, and pressures that must stay within the limits of the regime.

Where the pressure is held in the return, the supply rises with the lift and may burst or, lowered, boil; where it is held in the supply,
the return falls with the lift and may drain or boil. Rules that no lift can meet bound nothing: they are told of, not hidden.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.arrays import Arrays
from heatnet.balance.knobs import Knobs, pump_rise
from heatnet.balance.places import Places
from heatnet.balance.posed import Posed
from heatnet.balance.rules import Rules
from heatnet.components import Consumer, Plant, Pump
from heatnet.pressure_limits import pressure_limits
from heatnet.pressure_rules import OVER, RUNNING, Look
from heatnet.schema import Bools, Floats, Ints
from heatnet.solve import State
from heatnet.topology import parts

CLOSE = 1.0  # Pa, a lift within which of a bound stands at it
NO_LIMITS = "none"  # what `Rules.limits` says where pressures bound nothing


@dataclass(frozen=True)
class Room:
    """Least and largest rise of each part [Pa] from the lift and speed of the state it was worked out at, (parts,)."""

    low: Floats
    high: Floats
    lift: Floats  # lift that low and high count from
    kept: bool
    most_speed: Floats  # (pumps,)
    end: Floats  # (parts,) lift beyond which none is built, infinite where a plant names its own largest

    def bounds(self, setting: Knobs, places: Places) -> bool:
        """Whether the lift of a part stands at one of its bounds."""
        moved = _by_part(places, setting.lift) - self.lift
        return not self.kept and bool(((moved <= self.low + CLOSE) | (moved >= self.high - CLOSE)).any())

    @staticmethod
    def of(arrays: Arrays, places: Places, state: State, rules: Rules, pressures: Pressures | None) -> Room:
        """Bounds at a state of the network with the settings of that state; no pressures bound it where none are given."""
        now = state.arrays.net[Plant]
        low, high = np.full(places.count, -np.inf), np.full(places.count, np.inf)
        if rules.lift != "kept" and pressures is not None:
            least, most = pressures.bounds(state)
            low, high = np.maximum(low, least), np.minimum(high, most)
            crossed = low > high
            low[crossed], high[crossed] = -np.inf, np.inf
        rows = places.lifts
        up = np.where(np.isnan(now.lift_most), np.inf, now.lift_most) - now.lift
        np.minimum.at(high, places.lift_part, up[rows])
        np.maximum.at(low, places.lift_part, (now.lift_least - now.lift)[rows])
        movable = np.zeros(places.count, dtype=bool)
        movable[places.lift_part] = movable[places.pump_part] = True
        end = _by_part(places, np.where(np.isnan(now.lift_most), rules.most_lift, np.inf), np.inf)
        np.minimum.at(high, places.lift_part, np.maximum(end[places.lift_part] - now.lift[rows], 0.0))
        low[~movable] = high[~movable] = 0.0
        low[places.firm] = np.maximum(low[places.firm], 0.0)
        return Room(np.minimum(low, high), high, _by_part(places, now.lift), rules.lift == "kept", arrays.net[Pump].speed_most, end)

    def ended(self, setting: Knobs, places: Places) -> Bools:
        """Parts whose lift stands at the largest that is built, (parts,)."""
        result = np.zeros(places.count, dtype=bool)
        result[places.lift_part[setting.lift[places.lifts] >= self.end[places.lift_part] - CLOSE]] = True
        return result

    def rise(self, least: Floats, setting: Knobs, posed: Posed, *, most: bool = False) -> Floats:
        """How much the lift of each part is to rise from that of `setting` [Pa], (parts,), for a least margin of `least`, or at most."""
        if self.kept:
            return np.zeros(least.size)
        moved = _by_part(posed.places, setting.lift) - self.lift
        wanted = np.full(least.size, np.inf) if most else np.where(np.isfinite(least), -least, 0.0)
        return np.clip(wanted, self.low - moved, self._pumps(posed, self.high - moved, setting))

    def _pumps(self, posed: Posed, high: Floats, setting: Knobs) -> Floats:
        """The upper bound with that of pumps whose speed is set: head at the largest speed less head now, at the same flow."""
        places, rows = posed.places, posed.places.pumps
        if not rows.size:
            return high
        m = posed.state.m[posed.state.of(Pump)][rows]
        most = np.maximum(self.most_speed[rows], posed.state.arrays.net[Pump].speed[rows])
        gain = pump_rise(posed.state, rows, most, m) - pump_rise(posed.state, rows, setting.speed[rows], m)
        result = high.copy()
        np.minimum.at(result, places.pump_part, gain)
        return result


def _by_part(places: Places, lift: Floats, none: float = 0.0) -> Floats:
    """Lift of one plant of each part [Pa], (parts,), `none` where it has none; all plants of a part move together."""
    result = np.full(places.count, none)
    result[places.lift_part] = lift[places.lifts]
    return result


@dataclass(frozen=True)
class Pressures:
    """Rules of the pressure regime, with what a lift moves: worked out once, they are the same for all settings."""

    look: Look
    part: Ints  # (nodes,) part of each, -1 where nothing flows
    moves: Ints  # (nodes,) +1 where the pressure rises with the lift of its part, -1 where it falls, else 0
    count: int

    @staticmethod
    def of(arrays: Arrays, places: Places, state: State, rules: Rules) -> Pressures:
        """Rules of a network; `state` is any answer of it."""
        site = arrays.net.site
        rho = float(state.settings.water.density(np.array(state.scene.ground)))
        side, label = arrays.side, parts(arrays.nodes, arrays.tail[~arrays.dead], arrays.head[~arrays.dead])
        number = np.full(int(label.max(initial=-1)) + 1, -1, dtype=np.int32)
        here = places.part >= 0
        number[label[arrays.tail[state.of(Consumer)]][here]] = places.part[here]
        holds = np.zeros(places.count + 1)
        held = np.flatnonzero(arrays.held)
        holds[number[label[held]]] = side[held]
        part = number[label]
        moves = np.where(holds[part] < 0, side > 0, np.where(holds[part] > 0, -(side < 0).astype(int), 0)) * (part >= 0)
        return Pressures(Look(state, pressure_limits(rules.limits or site.limits), rho), part, moves, places.count)

    def bounds(self, state: State) -> tuple[Floats, Floats]:
        """Least and largest rise from a state that keep running pressures within their limits, (parts,)."""
        look = self.look.seeing(state)
        low, high = np.full(self.count + 1, -np.inf), np.full(self.count + 1, np.inf)
        for one in look.at(RUNNING, np.stack([state.p, state.p])):
            node = look.node(one)
            way = self.moves[node] * (1 if one.rule == OVER else -1)  # +1: margin shrinks as the lift rises
            np.minimum.at(high, self.part[node][way > 0], one.margin[way > 0])
            np.maximum.at(low, self.part[node][way < 0], -one.margin[way < 0])
        return low[:-1], high[:-1]
