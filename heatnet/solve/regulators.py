"""What regulators ask for, as complementarity: one unknown u >= 0 [Pa] each, what a valve throttles or a pump lifts.

    valve   loss(m) + u,  u >= 0           pump, plant   lift = min(curve(m), u),  0 <= u <= most
    F = min(u, max(-r, -room))
r [Pa] is above zero where u should grow: measured - set for a valve that keeps a pressure or a difference down, set - measured for
one that sustains it and for a lift held at remote consumers (the least of them), target + slope m - u for a lift that grows with flow.
room [Pa] is what u may still grow: most - u for a lift; for a valve with a smallest opening how much more it would throttle there at
its flow, least^-2 loss(m) - loss(m) - u; for one that can close its flow, as a pressure: STIFF m/(usual flow).
So u = 0: open and starved; room = 0: at its smallest opening or closed; between: measured = set.

Room by the flow and not by the pressure difference over the valve: that grows with u itself, by as much where little passes, so that a
valve nearly shut would miss its limit by next to nothing, however far off it is.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.arrays import Arrays
from heatnet.components import Consumer, Fluid, Plant, Pump, Scene, Valve
from heatnet.components.valve import resistance
from heatnet.regulated import DIFFERENCE, OWN, PROPORTIONAL, REMOTE, SUSTAIN, Regulated
from heatnet.schema import Bools, Floats, Ints

TIGHT = 1.0  # Pa
STIFF = 1e5  # Pa, weight of a usual flow through a valve that should be closed
LITTLE = 1e-6  # kg/s
STEEPEST = 1e4  # -, largest throttle of a smallest opening over that of the open valve that is told apart
ZERO, HOLDS, TOP, CLOSED = range(4)  # cases: u = 0, set value held, no room, closed


@dataclass(frozen=True)
class Regulators:
    """Regulators at one temperature field, (k,) each."""

    wires: Regulated
    target: Floats  # Pa
    most: Floats  # Pa, largest lift; infinite for valves
    share: Floats  # -, of the pressure difference that a valve takes at its smallest opening; 0 for lifts
    square: Floats  # Pa s2/kg2, resistance over which a controller with a smallest opening holds its difference, else 0
    slope: Floats  # Pa s/kg, growth of a lift with flow, else 0
    usual: Floats  # kg/s, flow of the usual size

    @property
    def lift(self) -> Bools:
        """Those that give a lift."""
        return self.wires.lift

    @property
    def both_ways(self) -> Bools:
        """Valves that can close and, as long as they do not throttle, let water through either way."""
        return np.asarray((self.wires.kind == DIFFERENCE) & (self.share == 1.0))

    def lower(self, lower: Floats, u: Floats) -> Floats:
        """Lower bounds of flows, (edges,), where valves throttle u: what throttles lets none back."""
        result = lower.copy()
        result[self.wires.edge[self.both_ways & (u > 0.0)]] = 0.0
        return result

    @property
    def sign(self) -> Floats:
        """+1 where u grows with what is measured, -1 where it falls."""
        return np.where((self.wires.kind == SUSTAIN) | (self.wires.kind == REMOTE), -1.0, 1.0)

    def measured(self, p: Floats) -> tuple[Floats, Ints]:
        """Least of what each senses [Pa] at node pressures p, and which sensor it is; NaN and -1 where it senses none."""
        wires = self.wires
        value = np.full(len(wires), np.nan)
        which = np.full(len(wires), -1, dtype=np.int32)
        if not wires.high.size:
            return value, which
        gap = p[wires.high] - np.where(wires.low >= 0, p[wires.low], 0.0)
        for i in np.flatnonzero(np.diff(wires.first) > 0):
            here = slice(wires.first[i], wires.first[i + 1])
            which[i] = wires.first[i] + int(np.argmin(gap[here]))
            value[i] = gap[which[i]]
        return value, which

    def push(self, u: Floats, m: Floats, measured: Floats) -> Floats:
        """r [Pa] at flows m of the regulating edges."""
        kind = self.wires.kind
        r = np.where(kind == OWN, self.square * m * np.abs(m) - self.target, self.sign * (measured - self.target))
        return np.asarray(np.where(kind == PROPORTIONAL, self.target + self.slope * m - u, r))

    def room(self, u: Floats, gap: Floats, m: Floats, *, change: bool = False) -> Floats:
        """How much u may still grow [Pa] at pressure differences `gap` and flows m; its change for those of the three if `change`."""
        free = np.maximum(1.0 - self.share, 1.0 / STEEPEST)
        valve = np.where(self.share < 1.0, (self.share * gap - u) / free, STIFF * m / self.usual)
        most = 0.0 if change else np.where(self.lift, self.most, 0.0)
        return np.asarray(np.where(self.lift, most - u, valve))

    @staticmethod
    def missed(u: Floats, r: Floats, room: Floats) -> Floats:
        """F [Pa]."""
        return np.asarray(np.minimum(u, np.maximum(-r, -room)))

    @staticmethod
    def case(u: Floats, r: Floats, room: Floats, closed: Bools) -> Ints:
        """What F is: ZERO u, HOLDS -r, TOP -room, CLOSED where nothing passes whatever u is."""
        held = np.where(closed, CLOSED, np.where(room < r, TOP, HOLDS))
        return np.where(u <= np.maximum(-r, -room), ZERO, held).astype(np.int32)


def regulators(arrays: Arrays, fluid: tuple[Fluid, ...], scene: Scene) -> Regulators | None:
    """Regulators of a network at these water properties; None where it has none."""
    wires = arrays.regulated
    if not len(wires):
        return None
    k = len(wires)
    target, most, share, square, slope = np.zeros(k), np.full(k, np.inf), np.zeros(k), np.zeros(k), np.zeros(k)
    usual = np.ones(k)
    for place in np.unique(wires.table):
        part, water = arrays.parts[place], fluid[place]
        here, table = np.flatnonzero(wires.table == place), part.table
        row, kind = wires.row[here], wires.kind[here]
        usual[here] = np.maximum(table.guess(water, scene)[row], LITTLE)
        if isinstance(table, Valve):
            target[here] = np.where(kind == DIFFERENCE, table.difference[row], table.pressure[row])
            share[here] = np.where(kind == DIFFERENCE, 1.0 - table.least[row] ** 2, 1.0)
        elif isinstance(table, Consumer):
            inlet = table.inlet(water, scene)[row]
            controller = resistance(table.controller_kvs[row], water.rho[row])
            target[here], square[here] = table.difference[row], inlet
            share[here] = 1.0 - (inlet + controller) / (inlet + controller / table.controller_least[row] ** 2)
        elif isinstance(table, Pump):
            most[here] = (water.rho * scene.gravity * table.shutoff_head * table.speed**2)[row]
            least = np.where(np.isnan(table.lift_least), 0.5 * table.lift, table.lift_least)[row]
            rated = (water.rho * table.count * table.rated_flow)[row]
            target[here] = np.where(kind == PROPORTIONAL, least, table.difference[row])
            slope[here] = np.where(kind == PROPORTIONAL, (table.lift[row] - least) / rated, 0.0)
        elif isinstance(table, Plant):
            target[here], most[here] = table.held()[row], table.lift[row]
    return Regulators(wires, target, most, share, square, slope, usual)
