"""Temperatures of nodes and of edge inlets and outlets at given flows.

Edge: T_out = a T_in + b (components). Node: sum_in m h(T_out) + source = h(T_node) sum_in m, h the enthalpy of water. h is taken
as c(T) (T - T0) with the mean heat capacity c of the previous pass, so that a pass is linear and the balance exact when c
has settled. Nodes are worked in flow order (Kahn): one sweep is exact where no water circulates without passing a
plant that holds its supply temperature; where it does (bypass with a pump), the sparse system is solved.
A node that nothing flows into has the temperature of the ground: still water has cooled down.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import spsolve

from heatnet.arrays import Arrays
from heatnet.components import Exchanger, Fluid, Pipe, Plant, Scene
from heatnet.jit import kernel
from heatnet.network import Node
from heatnet.ordering import Longs
from heatnet.schema import Bools, Floats, Ints
from heatnet.solve import exchange
from heatnet.solve.settings import Settings
from heatnet.units import KELVIN
from heatnet.water import Water

STILL = 1e-9  # kg/s, flow below which water is taken as standing
CREEPING = 1e-4  # -, of the largest flow: below it the tolerance of temperature grows as the flow falls
FIRST_RISE = 25.0  # K, first guess of the rise over a plant: with none, given heat would ask for an immense flow
TIE = 1e-12  # -, pull towards the ground where water circulates without any loss: its temperature would be undefined


@dataclass(frozen=True)
class Field:
    """Temperatures [K]: of nodes, of the water that enters and leaves each edge."""

    node: Floats  # (nodes,)
    inlet: Floats  # (edges,)
    outlet: Floats  # (edges,)
    mean: Floats  # (edges,) of the water inside
    still: Bools  # (nodes,)


@dataclass(frozen=True)
class Wiring:
    """Edges leaving each node whichever way water runs: `edge[first[v]:first[v+1]]` touch node v."""

    first: Longs
    edge: Ints


def wiring(arrays: Arrays) -> Wiring:
    """Edges by node; after the edges come the links of heat from the inlet of an exchanger's side to the outlet of the other."""
    _, partner = exchange.partners(arrays)
    tail, head = (np.concatenate([end, end[partner]]) for end in (arrays.tail, arrays.head))
    ends = np.concatenate([tail, head])
    by_node = np.argsort(ends, kind="stable")
    first = np.searchsorted(ends[by_node], np.arange(arrays.nodes + 1)).astype(np.int64)
    return Wiring(first, (by_node % tail.size).astype(np.int32))


def first_field(arrays: Arrays, settings: Settings, scene: Scene) -> Field:
    """All water at the supply temperature, or at the one that the settings give."""
    warm = float(scene.supply.mean()) if scene.supply.size and settings.heat else settings.temperature
    edges = np.full(arrays.edges, warm)
    inlet = edges.copy()
    inlet[arrays.part(Plant).span] -= FIRST_RISE
    return Field(np.full(arrays.nodes, warm), inlet, edges, edges, np.zeros(arrays.nodes, dtype=bool))


def fluids(arrays: Arrays, water: Water, field: Field) -> tuple[Fluid, ...]:
    """Water in each part at the temperatures of `field`."""
    return tuple(_fluid(water, field.mean[part.span], field.inlet[part.span], field.outlet[part.span]) for part in arrays.parts)


def _fluid(water: Water, mean: Floats, inlet: Floats, outlet: Floats) -> Fluid:
    """Water at these temperatures, each (n,)."""
    if mean.size > 1 and all(values.min() == values.max() for values in (mean, inlet, outlet)):  # alike: worked out once
        one = _fluid(water, mean[:1], inlet[:1], outlet[:1])
        return Fluid(*(np.full(mean.size, values[0]) for values in (one.rho, one.mu, one.cp)))
    return Fluid(water.density(mean), water.viscosity(mean), water.secant(inlet, outlet))


def sweep(
    arrays: Arrays, lines: Wiring, m: Floats, field: Field, fluid: tuple[Fluid, ...], scene: Scene, water: Water, entering: Floats,
    keeps: Bools | None = None,
) -> Field:
    """One pass: temperatures at flow m, laws linearised at `field`; `entering` is the water entering each node [kg/s].

    `keeps` marks the exchangers that hold their set temperature, (exchangers,): none if not given.
    """
    m = np.where(np.abs(m) > STILL, m, 0.0)  # rounding in dead ends must not turn the direction of flow from pass to pass
    forward = m >= -STILL  # the sign of what is no flow means nothing and must not decide an inlet
    up = np.where(forward, arrays.tail, arrays.head).astype(np.int32)
    down = np.where(forward, arrays.head, arrays.tail).astype(np.int32)
    q = np.abs(m)
    a, b = np.empty(arrays.edges), np.empty(arrays.edges)
    inlet = field.node[up]
    for part, water_in in zip(arrays.parts, fluid, strict=True):
        a[part.span], b[part.span] = part.table.heat(q[part.span], inlet[part.span], water_in, scene)
    edges, partner = exchange.partners(arrays)
    of_partner, warms = np.zeros(arrays.edges), np.zeros(edges.size)
    if edges.size:
        warms = _exchange(arrays, m, inlet, fluid, scene, keeps, a, b)
        of_partner[edges] = warms * inlet[partner]
    zero = np.full(arrays.edges, KELVIN)
    weight = np.where(q > STILL, q, 0.0) * water.secant(a * inlet + b + of_partner, zero)
    b_zero = b + (a - 1.0) * KELVIN  # the same law for temperatures above T0
    b_zero[edges] += warms * KELVIN
    capacity = water.secant(field.node, np.full(arrays.nodes, KELVIN))
    given = arrays.net[Node].inflow_temperature
    source = np.where(np.isnan(given), 0.0, np.maximum(entering, 0.0))
    cold = np.where(np.isnan(given), 0.0, given - KELVIN)
    heat_in = source * water.secant(cold + KELVIN, np.full(arrays.nodes, KELVIN)) * cold
    total = np.bincount(down, np.where(q > STILL, q, 0.0), minlength=arrays.nodes) + source
    still = total <= STILL
    below = capacity * total
    theta = np.where(still, scene.ground - KELVIN, np.nan)
    starts, ends, carries = up, down, weight
    if edges.size:
        starts, ends = np.concatenate([up, up[partner]]), np.concatenate([down, down[edges]])
        carries, b_zero = np.concatenate([weight, weight[edges]]), np.concatenate([b_zero, np.zeros(edges.size)])
    passes = np.concatenate([a, warms]) if edges.size else a
    done = flow_order_sweep(lines.first, lines.edge, starts, ends, carries, passes, b_zero, heat_in, below, still, theta)
    if done < arrays.nodes:
        go_round(starts, ends, carries, passes, b_zero, heat_in, below, scene.ground - KELVIN, theta)
    coldest, warmest = extremes(arrays, scene)
    node = np.clip(theta + KELVIN, coldest, warmest)
    inlet = node[up]
    of_partner[edges] = warms * inlet[partner]
    outlet = np.clip(a * inlet + b + of_partner, coldest, warmest)
    return Field(node, inlet, outlet, means(arrays, q, inlet, outlet, water), still)


def _exchange(
    arrays: Arrays, m: Floats, inlet: Floats, fluid: tuple[Fluid, ...], scene: Scene, keeps: Bools | None, a: Floats, b: Floats
) -> Floats:
    """Outlet laws of the exchangers into a and b; what the inlet of the partner adds, in the order of `exchange.partners`."""
    kept = np.zeros(len(arrays.net[Exchanger]), dtype=bool) if keeps is None else keeps
    laws = exchange.outlets(arrays, m, inlet, fluid, scene, kept)
    for span, law in zip(exchange.sides(arrays), laws, strict=True):
        a[span], b[span] = law.a, law.b
    return np.concatenate([law.c for law in laws])


def extremes(arrays: Arrays, scene: Scene) -> tuple[float, float]:
    """Temperatures no water leaves [K]: those of what heats and cools it, and of freezing.

    Trial laws linearised far from the answer must not lead the iteration beyond them.
    """
    net = arrays.net
    around = np.concatenate([
        [scene.ground, scene.outdoor, KELVIN], scene.supply, net[Pipe].ground, net[Node].inflow_temperature, scene.terminals.balance,
    ])
    return float(np.nanmin(around)), float(np.nanmax(around))


def means(arrays: Arrays, q: Floats, inlet: Floats, outlet: Floats, water: Water) -> Floats:
    """Mean temperature of the water inside every edge [K] at |flow| q, (edges,)."""
    cp = water.secant(inlet, outlet)
    return np.concatenate([
        part.table.mean(q[part.span], inlet[part.span], outlet[part.span], cp[part.span], arrays.net.site.ground) for part in arrays.parts
    ])


def largest_change(old: Field, new: Field, m: Floats) -> float:
    """Largest change of a temperature [K]; where water all but stands its share of the heat counts, for rounding moves it."""
    q = np.abs(m)
    weight = np.minimum(q / (CREEPING * float(q.max(initial=0.0)) + STILL), 1.0)
    pairs = ((old.inlet, new.inlet), (old.outlet, new.outlet), (old.mean, new.mean))
    return max(float((weight * np.abs(a - b)).max(initial=0.0)) for a, b in pairs)


def go_round(
    up: Ints, down: Ints, weight: Floats, a: Floats, b: Floats, heat_in: Floats, below: Floats, rest: float, theta: Floats
) -> None:
    """Temperatures of the nodes that a sweep in flow order did not reach, NaN in `theta`, in place: circles and what they feed."""
    loose = np.isnan(theta)
    number = np.cumsum(loose, dtype=np.int32) - 1
    into = loose[down] & (weight > 0.0)
    among, after = into & loose[up], into & ~loose[up]
    size = int(np.count_nonzero(loose))
    heat = heat_in[loose] + np.bincount(number[down[into]], (weight * b)[into], minlength=size)
    heat += np.bincount(number[down[after]], weight[after] * a[after] * theta[up[after]], minlength=size)
    theta[loose] = circular(
        number[up[among]], number[down[among]], weight[among], a[among], np.zeros(np.count_nonzero(among)), heat, below[loose],
        np.zeros(size, dtype=bool), rest,
    )


def circular(
    up: Ints, down: Ints, weight: Floats, a: Floats, b: Floats, heat_in: Floats, below: Floats, still: Bools, rest: float
) -> Floats:
    """The same balances as one sparse system, for water that runs in circles."""
    n = below.size
    live = ~still[down] & (weight > 0.0)
    diagonal = np.where(still, 1.0, below * (1.0 + TIE))
    matrix = sparse.csc_array(
        sparse.coo_array(
            (np.concatenate([diagonal, -(weight * a)[live]]),
             (np.concatenate([np.arange(n), down[live]]), np.concatenate([np.arange(n), up[live]]))), shape=(n, n),
        )
    )
    right = np.where(still, rest, TIE * below * rest + heat_in + np.bincount(down, weight * b, minlength=n))
    return np.asarray(spsolve(matrix, right))


@kernel
def flow_order_sweep(
    first: Longs, edge: Ints, up: Ints, down: Ints, weight: Floats, a: Floats, b: Floats, heat_in: Floats, below: Floats,
    still: Bools, theta: Floats,
) -> int:
    """Temperatures in flow order into theta; how many nodes were reached."""
    n = theta.size
    waits = np.zeros(n, np.int32)
    gathered = heat_in.copy()
    for e in range(up.size):
        if weight[e] > 0.0:
            if a[e] > 0.0:
                waits[down[e]] += 1
            else:
                gathered[down[e]] += weight[e] * b[e]
    queue = np.empty(n, np.int32)
    filled = 0
    for v in range(n):
        if waits[v] == 0:
            queue[filled] = v
            filled += 1
    at = 0
    while at < filled:
        v = queue[at]
        at += 1
        if not still[v]:
            theta[v] = gathered[v] / below[v]
        for k in range(first[v], first[v + 1]):
            e = edge[k]
            if up[e] == v and weight[e] > 0.0 and a[e] > 0.0:
                gathered[down[e]] += weight[e] * (a[e] * theta[v] + b[e])
                waits[down[e]] -= 1
                if waits[down[e]] == 0:
                    queue[filled] = down[e]
                    filled += 1
    return filled
