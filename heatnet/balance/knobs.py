"""What a balance turns: openings of inlets and valves, lifts of plants, speeds of pumps; and the scenario that sets them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from heatnet.arrays import Arrays
from heatnet.balance.places import Places
from heatnet.balance.posed import Found, Posed, resistances
from heatnet.change import Change, Scenario
from heatnet.components import Consumer, Fluid, Plant, Pump, Valve
from heatnet.components.valve import KV, opening_for
from heatnet.schema import Bools, Floats, Ints, Table
from heatnet.solve import State

SAME = 2e-4  # relative change of a resistance below which a valve is left as it is


@dataclass(frozen=True)
class Knobs:
    """Values of all rows, those that are not set among them."""

    inlet: Floats  # (consumers,) opening
    valve: Floats  # (valves,) opening
    lift: Floats  # (plants,) Pa
    speed: Floats  # (pumps,)
    difference: Floats  # (consumers,) Pa, set value of the controller in front

    @staticmethod
    def of(arrays: Arrays) -> Knobs:
        """As a network has them."""
        net = arrays.net
        consumer = net[Consumer]
        return Knobs(
            consumer.opening.copy(), net[Valve].opening.copy(), net[Plant].lift.copy(), net[Pump].speed.copy(), consumer.difference.copy()
        )

    def opened(self, places: Places, *, branches: bool = False) -> Knobs:
        """The same with every inlet open that may be set, and every branch valve if `branches`."""
        valve = self.valve.copy()
        if branches:
            valve[places.branches.row] = 1.0
        return replace(self, inlet=np.where(places.inlets, 1.0, self.inlet), valve=valve)

    def scenario(self, arrays: Arrays, name: str) -> Scenario:
        """What differs from a network, as changes of the rows that differ."""
        now, net = Knobs.of(arrays), arrays.net
        pairs = (
            (net[Consumer], "opening", self.inlet, now.inlet), (net[Valve], "opening", self.valve, now.valve),
            (net[Plant], "lift", self.lift, now.lift), (net[Pump], "speed", self.speed, now.speed),
            (net[Consumer], "difference", self.difference, now.difference),
        )
        return Scenario(name, tuple(change for pair in pairs if (change := _change(*pair)) is not None))

    def between(self, other: Knobs) -> Knobs:
        """Half way to another setting: where settings swing about what they should be."""
        pairs = ((self.inlet, other.inlet), (self.valve, other.valve), (self.lift, other.lift), (self.speed, other.speed),
                 (self.difference, other.difference))
        return Knobs(*(0.5 * (one + two) for one, two in pairs))

    def on(self, arrays: Arrays) -> Arrays:
        """The network with these settings."""
        return arrays.with_changes(self.scenario(arrays, ""), checked=True)


def raised(setting: Knobs, places: Places, rise: Floats) -> Knobs:
    """The same with the lift of each part higher by `rise` [Pa], (parts,); all plants of a part move together."""
    lift = setting.lift.copy()
    lift[places.lifts] += rise[places.lift_part]
    return replace(setting, lift=lift)


def _change(table: Table, column: str, new: Floats, old: Floats) -> Change | None:
    rows = np.flatnonzero((new != old) & ~(np.isnan(new) & np.isnan(old)))
    return Change(table.kind(), column, new[rows], tuple(table.id[rows].tolist())) if rows.size else None


def openings(posed: Posed, kind: type[Consumer] | type[Valve], k: Floats, which: Bools, present: Floats) -> Floats:
    """Openings that give inlets or valves the resistance k [Pa s2/kg2]; the present ones where they are right already; all (rows,)."""
    table, rho = posed.task.arrays.net[kind], posed.state.fluid(kind).rho
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.sqrt(KV / (rho * k)) / table.kvs
        now = KV / (rho * (table.kvs * table.with_(opening=present).share()) ** 2)
        same = np.abs(now / k - 1.0) < SAME
    leakage = table.leakage if isinstance(table, Valve) else np.zeros(share.size)
    wanted = opening_for(np.where(which, share, 1.0), table.characteristic, table.rangeability, leakage)
    return np.where(which & ~same, np.where(wanted > 1.0 - 1e-12, 1.0, wanted), present)


def open_valves(posed: Posed) -> Floats:
    """Resistance of valves in lines when fully open [Pa s2/kg2], (valves,)."""
    rho = posed.state.fluid(Valve).rho
    return np.asarray(KV / (rho * posed.task.arrays.net[Valve].kvs ** 2))


def taken(posed: Posed, found: Found, places: Places) -> Floats:
    """What each branch valve takes beyond what it takes when open [Pa], (branches,)."""
    rows = places.branches.row
    m = found.m[posed.task.arrays.part(Valve).span][rows]
    return (resistances(posed)[1][rows] - open_valves(posed)[rows]) * m * np.abs(m)


def pump_rise(state: State, rows: Ints, speed: Floats, m: Floats) -> Floats:
    """Rise of pressure [Pa] of some pumps at speeds and flows m [kg/s], all (rows,), in the water of a state."""
    pump, fluid = state.arrays.net[Pump].take(rows), state.fluid(Pump)
    water = Fluid(fluid.rho[rows], fluid.mu[rows], fluid.cp[rows])
    loss, slope = np.empty(rows.size), np.empty(rows.size)
    pump.with_(speed=np.maximum(speed, 1e-6)).law(water, state.settings.friction, state.scene).head_loss(m, loss, slope)
    return -loss


def speeds_for(state: State, rows: Ints, rise: Floats, m: Floats) -> Floats:
    """Speeds at which some pumps give a rise of pressure [Pa] at flows m, (rows,); by bisection, as the head rises with speed."""
    low, high = np.zeros(rows.size), np.full(rows.size, 4.0)
    for _ in range(60):
        middle = 0.5 * (low + high)
        under = pump_rise(state, rows, middle, m) < rise
        low, high = np.where(under, middle, low), np.where(under, high, middle)
    return np.asarray(0.5 * (low + high))


def pump_speeds(posed: Posed, found: Found, places: Places, rise: Floats, speed: Floats) -> Floats:
    """Speeds at which the pumps that are set give `rise` [Pa] more than in the problem, (pumps,)."""
    rows = places.pumps
    if not rows.size:
        return speed
    span = posed.task.arrays.part(Pump).span
    result = speed.copy()
    result[rows] = speeds_for(posed.state, rows, -found.loss[span][rows] + rise, found.m[span][rows])
    return result
