"""Derivatives of all equations by all unknowns at a point (heatnet.solve.together_look), one sparse matrix.

Outlets follow their inlet as the components say; by flow, and all else that depends on temperature, differences are taken.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array, csc_array

from heatnet.regulated import OWN, PROPORTIONAL
from heatnet.schema import Floats
from heatnet.solve import thermal
from heatnet.solve.hydraulic import FREE, UPPER
from heatnet.solve.regulators import CLOSED, HOLDS, STEEPEST, STIFF, TOP, ZERO
from heatnet.solve.together_look import CP, Look, System

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
        return csc_array(coo_array((np.concatenate(self.values), where), shape=(size, size)))


def matrix(system: System, look: Look) -> csc_array:
    """Jacobian of `System.residual`."""
    arrays, entries = system.arrays, _Entries()
    by_flow = _by_flow(system, look)
    _edges(system, look, entries, by_flow[1])
    edge, node = np.arange(arrays.edges), np.arange(arrays.nodes)
    free = ~arrays.held & ~arrays.lost
    entries.put(arrays.edges + arrays.head, edge, np.where(free[arrays.head], 1.0, 0.0))
    entries.put(arrays.edges + arrays.tail, edge, np.where(free[arrays.tail], -1.0, 0.0))
    entries.put(arrays.edges + node, arrays.edges + node, np.where(free, -TIE, 1.0))
    _regulators(system, look, entries)
    _heat(system, look, entries, by_flow[0])
    return entries.matrix(look.at.vector.size)


def _by_flow(system: System, look: Look) -> tuple[Floats, Floats]:
    """Outlet and mean temperature by |flow| [K s/kg], (edges,)."""
    more = look.q * (1.0 + MORE) + LEAST
    outlet, _ = system.outlet(more, look.inlet, look.outlet, 1)
    base, _ = system.outlet(look.q, look.inlet, look.outlet, 1)
    warm, cold = (thermal.means(system.arrays, q, look.inlet, t, system.settings.water) for q, t in ((more, outlet), (look.q, base)))
    return (outlet - base) / (more - look.q), (warm - cold) / (more - look.q)


def _edges(system: System, look: Look, entries: _Entries, warm_by_flow: Floats) -> None:
    """Rows of the edges: the law, or the bound."""
    arrays, water, at, share = system.arrays, system.settings.water, look.at, look.lag.share
    follows = thermal.means(arrays, look.q, look.inlet + WARMER, look.outlet + WARMER * look.follows, water)
    warm_by_inlet = (follows - look.warm) / WARMER
    denser = look.rho + share * (water.density(look.warm + WARMER) - look.dense)
    base = system.loss(look.fluid, at)[0]
    warmer = system.loss(system.fluid(look.warm + WARMER, look.inlet, look.outlet, denser), at)[0]
    push = ((denser - look.rho) * system.lift - np.where(arrays.rigid, 0.0, warmer - base)) / WARMER
    heat = arrays.edges + arrays.nodes + len(system.wires)
    law = np.flatnonzero((look.bound == FREE) & system.live)
    entries.put(law, law, (push * warm_by_flow * look.sign - look.slope - np.where(arrays.rigid, FLAT, 0.0))[law])
    entries.put(law, arrays.edges + arrays.tail[law], np.ones(law.size))
    entries.put(law, arrays.edges + arrays.head[law], -np.ones(law.size))
    entries.put(law, heat + look.up[law], (push * warm_by_inlet)[law])
    rest = np.flatnonzero((look.bound != FREE) | ~system.live)
    high = (look.bound == UPPER) & look.some & system.live
    entries.put(rest, rest, np.where(high, look.inverse, 1.0)[rest])
    asked = np.flatnonzero(high)
    later = system.bounds(look.inlet + WARMER, look.fluid)[1]
    entries.put(asked, heat + look.up[asked], (share * at.m * (later - look.asked) / WARMER)[asked])


def _heat(system: System, look: Look, entries: _Entries, outlet_by_flow: Floats) -> None:
    """Rows of the balances of heat."""
    arrays, water, at = system.arrays, system.settings.water, look.at
    first, node, edge = arrays.edges + arrays.nodes + len(system.wires), np.arange(arrays.nodes), np.arange(arrays.edges)
    through = np.bincount(look.down, look.q, minlength=arrays.nodes) + system.source[0]
    own = through * water.secant(at.t, at.t) / CP + thermal.STILL + look.lag.memory * look.lag.through
    entries.put(first + node, first + node, -own)
    capacity = look.q * water.secant(look.outlet, look.outlet) / CP
    entries.put(first + look.down, first + look.up, capacity * look.follows)
    warmer = (water.enthalpy(look.outlet) - water.enthalpy(at.t)[look.down]) / CP
    entries.put(first + look.down, edge, look.sign * (warmer + capacity * outlet_by_flow))


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
