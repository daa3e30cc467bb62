"""Derivatives of all equations by all unknowns at a point (heatnet.solve.together_look), one sparse matrix.

Outlets follow their inlet as the components say; by flow, and all else that depends on temperature, differences are taken.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csc_array

from heatnet.arrays import Part
from heatnet.regulated import OWN, PROPORTIONAL
from heatnet.schema import Floats
from heatnet.solve.hydraulic import FREE, UPPER
from heatnet.solve.regulators import CLOSED, HOLDS, STEEPEST, STIFF, TOP, ZERO
from heatnet.solve.together_look import CP, System
from heatnet.solve.together_point import Look

WARMER, MORE, LEAST = 1e-2, 1e-5, 1e-13  # K, share of a flow and kg/s, of differences
FLAT, TIE = 1e-6, 1e-13  # Pa s/kg of rigid edges, kg/(s Pa) of every node: what nothing else decides stays as it is

Places = NDArray[np.integer[Any]]


class _Entries:
    """Rows, columns and values so far."""

    def __init__(self) -> None:
        self.rows: list[Places] = []
        self.columns: list[Places] = []
        self.values: list[Floats] = []

    def put(self, row: Places, column: Places, value: Floats) -> None:
        """Add entries, (n,) each."""
        self.rows.append(row)
        self.columns.append(column)
        self.values.append(value)

    def matrix(self, size: int) -> csc_array:
        """All entries, those of one place added up."""
        where = (np.concatenate(self.rows), np.concatenate(self.columns))
        found = csc_array(coo_array((np.concatenate(self.values), where), shape=(size, size)))
        found.eliminate_zeros()  # a fourth of all: a factor takes a fifth to a third less
        return found


def matrix(system: System, look: Look) -> csc_array:
    """Jacobian of `System.residual`."""
    arrays, entries = system.arrays, _Entries()
    ways = _ways(system, look)
    _edges(system, look, entries, ways)
    edge, node = np.arange(arrays.edges), np.arange(arrays.nodes)
    free = ~arrays.held & ~arrays.lost
    entries.put(arrays.edges + arrays.head, edge, np.where(free[arrays.head], 1.0, 0.0))
    entries.put(arrays.edges + arrays.tail, edge, np.where(free[arrays.tail], -1.0, 0.0))
    entries.put(arrays.edges + node, arrays.edges + node, np.where(free, -TIE, 1.0))
    _regulators(system, look, entries)
    _heat(system, look, entries, ways)
    return entries.matrix(look.at.vector.size)


def drives(system: System, look: Look) -> Floats:
    """By how much the weight of its water draws each flow on as it grows [Pa s/kg], (edges,); 0 where it holds it back."""
    denser = system.settings.water.density(look.warm + WARMER) - look.dense
    return np.maximum(denser * system.lift / WARMER * _warmer(look, _ways(system, look)) * look.way.sign, 0.0)


@dataclass(frozen=True)
class _Way:
    """How outlet and mean temperature of water that runs one way follow its amount [K s/kg] and its inlet [-], (edges,) each."""

    outlet_by_amount: Floats
    warm_by_amount: Floats
    warm_by_inlet: Floats

    @staticmethod
    def of(
        system: System, parts: tuple[Part, ...], q: Floats, inlet: Floats, outlet: Floats, follows: Floats, cp: Floats, warm: Floats
    ) -> _Way:
        """By differences, of edges in `parts`."""
        more = q * (1.0 + MORE) + LEAST
        later, _ = system.outlet_at(more, inlet, cp, parts)
        warmer = system.means(more, inlet, later, parts)
        follow = system.means(q, inlet + WARMER, outlet + WARMER * follows, parts)
        return _Way((later - outlet) / (more - q), (warmer - warm) / (more - q), (follow - warm) / WARMER)


def _ways(system: System, look: Look) -> list[_Way]:
    """Of what runs with the flow, and of what runs against it where anything does."""
    q, back = look.way.amount, look.counter
    ways = [_Way.of(system, system.arrays.parts, q, look.inlet, look.outlet, look.follows, look.cp, look.with_flow)]
    if back is not None:
        ways.append(_Way.of(system, back.parts, q, back.inlet, back.outlet, back.follows, back.cp, back.warm))
    return ways


def _warmer(look: Look, ways: list[_Way]) -> Floats:
    """How mean temperatures follow |m| [K s/kg], (edges,)."""
    way = look.way
    by_flow = way.by_amount * ways[0].warm_by_amount
    if look.counter is None:
        return by_flow
    against = (1.0 - way.share) * way.by_amount * ways[1].warm_by_amount
    return way.share * by_flow + against + way.by_share * (look.with_flow - look.counter.warm)


def _edges(system: System, look: Look, entries: _Entries, ways: list[_Way]) -> None:
    """Rows of the edges: the law, or the bound."""
    arrays, water, at, share, way = system.arrays, system.settings.water, look.at, look.lag.share, look.way
    denser = look.rho + share * (water.density(look.warm + WARMER) - look.dense)
    warmer = system.loss(system.fluid(look.warm + WARMER, look.inlet, look.outlet, denser), at)[0]
    heavier = (denser - look.rho) * system.lift if look.lag.kept is None else 0.0
    push = (heavier - np.where(arrays.rigid, 0.0, warmer - look.loss)) / WARMER
    heat = arrays.edges + arrays.nodes + len(system.wires)
    law = np.flatnonzero((look.bound == FREE) & system.live)
    by_inlet = ways[0].warm_by_inlet
    if look.counter is not None:
        by_inlet = way.share * by_inlet
        entries.put(law, heat + look.down[law], (push * (1.0 - way.share) * ways[1].warm_by_inlet)[law])
    entries.put(law, law, (push * _warmer(look, ways) * way.sign - look.slope - np.where(arrays.rigid, FLAT, 0.0))[law])
    entries.put(law, arrays.edges + arrays.tail[law], np.ones(law.size))
    entries.put(law, arrays.edges + arrays.head[law], -np.ones(law.size))
    entries.put(law, heat + look.up[law], (push * by_inlet)[law])
    rest = np.flatnonzero((look.bound != FREE) | ~system.live)
    high = (look.bound == UPPER) & look.some & system.live
    entries.put(rest, rest, np.where(high, look.inverse, 1.0)[rest])
    asked = np.flatnonzero(high)
    if asked.size:
        later = system.bounds(look.inlet + WARMER, look.fluid)[1]
        entries.put(asked, heat + look.up[asked], (share * at.m * (later - look.asked) / WARMER)[asked])


def _heat(system: System, look: Look, entries: _Entries, ways: list[_Way]) -> None:
    """Rows of the balances of heat."""
    arrays, water, at, way = system.arrays, system.settings.water, look.at, look.way
    first, node, edge = arrays.edges + arrays.nodes + len(system.wires), np.arange(arrays.nodes), np.arange(arrays.edges)
    own = (system.through(look) + system.source[0]) * water.secant(at.t, at.t) / CP + look.lag.seeps + look.lag.memory * look.lag.through
    entries.put(first + node, first + node, -own)
    enthalpy = water.enthalpy(at.t)

    def carry(up: Places, down: Places, q: Floats, by_q: Floats, outlet: Floats, follows: Floats, by_amount: Floats) -> None:
        capacity = q * water.secant(outlet, outlet) / CP
        entries.put(first + down, first + up, capacity * follows)
        warmer = (water.enthalpy(outlet) - enthalpy[down]) / CP
        entries.put(first + down, edge, way.sign * (by_q * warmer + capacity * by_amount * way.by_amount))

    carry(look.up, look.down, way.q, way.by_q, look.outlet, look.follows, ways[0].outlet_by_amount)
    if (counter := look.counter) is not None:
        by_q = np.where(way.both, way.by_amount - way.by_q, 0.0)
        carry(look.down, look.up, counter.q, by_q, counter.outlet, counter.follows, ways[1].outlet_by_amount)


def _regulators(system: System, look: Look, entries: _Entries) -> None:
    """Rows of the regulators, and u in those of their edges."""
    arrays, wires, regs, case = system.arrays, system.wires, look.regs, look.case
    if regs is None:
        return
    e, first = arrays.edges, arrays.edges + arrays.nodes
    row = first + np.arange(len(wires))
    law = (look.bound[wires.edge] == FREE) & system.live[wires.edge]
    valve, lifts = law & ~wires.lift, law & wires.lift & look.capped[wires.edge]
    entries.put(wires.edge[valve], row[valve], -np.ones(np.count_nonzero(valve)))
    entries.put(wires.edge[lifts], row[lifts], np.ones(np.count_nonzero(lifts)))
    holds = case == HOLDS
    own, grows = holds & (wires.kind == OWN), holds & (wires.kind == PROPORTIONAL)
    entries.put(row[own], wires.edge[own], (-2.0 * regs.square * np.abs(look.at.m[wires.edge]))[own])
    entries.put(row[grows], wires.edge[grows], -regs.slope[grows])
    senses = np.flatnonzero(holds & ~own & ~grows)
    high, low = wires.high[look.sensor[senses]], wires.low[look.sensor[senses]]
    entries.put(row[senses], e + high, -regs.sign[senses])
    inside = low >= 0
    entries.put(row[senses][inside], e + low[inside], regs.sign[senses][inside])
    top = case == TOP
    part = top & ~wires.lift & (regs.share < 1.0)
    spare = np.maximum(1.0 - regs.share, 1.0 / STEEPEST)
    entries.put(row[part], e + arrays.tail[wires.edge[part]], -(regs.share / spare)[part])
    entries.put(row[part], e + arrays.head[wires.edge[part]], (regs.share / spare)[part])
    shut = top & ~wires.lift & (regs.share >= 1.0)
    entries.put(row[shut], wires.edge[shut], -STIFF / regs.usual[shut])
    one = (case == ZERO) | (case == CLOSED) | grows | (top & wires.lift)
    entries.put(row, row, np.where(part, 1.0 / spare, np.where(one, 1.0, 1e-12)))
