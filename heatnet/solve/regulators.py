"""What regulators ask for, as complementarity: one unknown u >= 0 [Pa] each, what a valve throttles or a pump lifts.

    valve   loss(m) + u,  0 <= u <= U,  U = share (P_t - P_h + c)+     pump, plant   lift = min(curve(m), u),  0 <= u <= most
    F = u - mid(0, u + r, U) = 0
r [Pa] is above zero where u should grow: measured - set for a valve that keeps a pressure or a difference down, set - measured for
one that sustains it and for a lift held at remote consumers (the least of them), H(m) - u for a lift that grows with flow.
So u = 0: open and starved; u = U: at its smallest opening (share < 1) or closed (share = 1); between: measured = set. The loss of a
valve of opening phi over its loss fully open is phi^-2, which gives share = 1 - K_open/K_least.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.arrays import Arrays
from heatnet.components import Consumer, Fluid, Plant, Pump, Scene, Valve
from heatnet.components.valve import resistance
from heatnet.regulated import DIFFERENCE, OWN, PROPORTIONAL, REDUCE, REMOTE, SUSTAIN, Regulated
from heatnet.schema import Bools, Floats, Ints

TIGHT = 1.0  # Pa


@dataclass(frozen=True)
class Regulators:
    """Regulators at one temperature field, (k,) each."""

    wires: Regulated
    target: Floats  # Pa
    most: Floats  # Pa, largest lift; infinite for valves
    share: Floats  # -, of the pressure difference that a valve takes at its smallest opening; 0 for lifts
    square: Floats  # Pa s2/kg2, resistance over which a controller with a smallest opening holds its difference, else 0
    slope: Floats  # Pa s/kg, growth of a lift with flow, else 0

    @property
    def lift(self) -> Bools:
        """Those that give a lift."""
        return self.wires.lift

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

    def ceiling(self, gap: Floats) -> Floats:
        """U [Pa] at pressure differences `gap` over the regulating edges, u not counted.

        A one-way valve may throttle a little more than there is: it is closed all the same, and tight.
        """
        one_way = (self.wires.kind == REDUCE) | (self.wires.kind == SUSTAIN)
        return np.where(self.lift, self.most, self.share * np.maximum(gap, 0.0) + one_way * TIGHT)


def regulators(arrays: Arrays, fluid: tuple[Fluid, ...], scene: Scene) -> Regulators | None:
    """Regulators of a network at these water properties; None where it has none."""
    wires = arrays.regulated
    if not len(wires):
        return None
    k = len(wires)
    target, most, share, square, slope = np.zeros(k), np.full(k, np.inf), np.zeros(k), np.zeros(k), np.zeros(k)
    for place in np.unique(wires.table):
        part, water = arrays.parts[place], fluid[place]
        here, table = np.flatnonzero(wires.table == place), part.table
        row, kind = wires.row[here], wires.kind[here]
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
    return Regulators(wires, target, most, share, square, slope)
