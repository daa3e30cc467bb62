"""A whole thermal pass of the coupled solve in one call, and what is read off the last one; temperatures in degC.

The steps of a pass are those of `sweep`; order and groups of links those of heatnet.program.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from heatnet.jit import kernel
from heatnet.schema import Floats, Ints
from heatnet.simd import choose, gather, larger, largest, like, load, size, splat, store
from heatnet.solve.fluid import Water, density, enthalpy, secant
from heatnet.solve.sweep import STILL, flow_order, outlet_pass, rooms_pass, settle_pass, sweep_pass
from heatnet.units import KELVIN

V = Any  # a vector of doubles (heatnet.simd.Vector)
CREEPING = 1e-4  # -, as in thermal
Wiring = tuple[Ints, Ints, Ints, Ints]  # tail, head, first, touching: see statics.Wires
Houses = tuple[Floats, Ints, Ints]  # see sweep.rooms_pass
Plants = tuple[Floats, Ints]  # (3, plants filled up) supply temperature, capacity [W], 1 if the next one takes what is left; their links
Heat = tuple[Floats, Floats, Floats]  # theta, (3, links) inlet, outlet, mean, (3, buildings): see quick.Warmth
Work = tuple[Floats, Floats, Floats, Floats, Ints, Ints, Ints, Ints]  # a, b, heat, arrives, order, begin, out, ways


@kernel
def heat_pass(
    water: Water, spans: Ints, wires: Wiring, lasting: Floats, houses: Houses, plants: Plants, m: Floats, warmth: Heat, work: Work,
    limits: tuple[float, float, float],
) -> float:
    """One thermal pass at the flows m of all links [kg/s], in place; the largest change [K], NaN where water runs in circles.

    `limits`: coldest and warmest temperature there is, and that of water at rest.
    """
    tail, head, first, touching = wires
    theta, fields, rooms = warmth
    a, b, heat, arrives, order, begin, out, ways = work
    inlet, outlet = fields[0], fields[1]
    cold, warm, rest = limits
    rooms_pass(water, houses[0], houses[1], houses[2], m, inlet, outlet, rooms, a, b)
    if plants[1].size:
        plants_pass(water, plants[0], plants[1], m, inlet, outlet, a, b)
    outlet_pass(water, spans, lasting, m, inlet, outlet, a, b, heat)
    other, most = look(m, a, ways)
    if other and flow_order(m, a, tail, head, first, touching, order, begin, out) < order.size:
        ways[0] = 2  # no way that any water takes: to be found anew
        return np.nan
    sweep_pass(water, order, begin, out, m, tail, head, a, b, heat, rest, theta, arrives)
    for v in range(theta.size):
        theta[v] = min(max(theta[v], cold), warm)
    return settle_pass(water, spans, lasting, (tail, head), m, theta, a, b, fields, (cold, warm, CREEPING * most + STILL))


@kernel
def plants_pass(water: Water, plants: Floats, link: Ints, m: Floats, inlet: Floats, outlet: Floats, a: Floats, b: Floats) -> None:
    """Outlet laws of plants into a, b: the supply temperature, or what their capacity adds (components.plant.Plant.heat)."""
    none, power = splat(8, 0.0), np.empty(8)
    for i in range(0, link.size, 8):
        t, q = gather(8, inlet, link, i), size(gather(8, m, link, i))
        cp = secant(water, t, gather(8, outlet, link, i))
        most = load(8, plants[1], i) / larger(q * cp, like(q, 1e-300))
        supply = load(8, plants[0], i)
        short = choose(t + most < supply, choose(q > none, most, none), none)
        store(power, 0, short)
        for lane in range(8):
            e = link[i + lane]
            if power[lane] > 0.0 and plants[2, i + lane] == 0.0:
                a[e], b[e] = 1.0, power[lane]
            else:
                a[e], b[e] = 0.0, plants[0, i + lane]


@kernel
def look(m: Floats, a: Floats, ways: Ints) -> tuple[bool, float]:
    """Whether any water runs, or carries heat on, another way than `ways` says, which are brought up to date; and the largest flow."""
    other, most = False, 0.0
    for e in range(m.size):
        q = abs(m[e])
        most = max(most, q)
        way = 0
        if q > STILL and a[e] > 0.0:
            way = 1 if m[e] > 0.0 else -1
        if way != ways[e]:
            ways[e] = way
            other = True
    return other, most


@kernel
def balances(
    water: Water, spans: Ints, ends: tuple[Ints, Ints], m: Floats, warmth: Heat, weight: Floats, rho: Floats, arrives: Floats,
    net: tuple[Floats, Floats], count: int,
) -> tuple[float, float, float, float]:
    """Mass [kg/s], energy [W] of the worst node, energy of all [W] and the worst weight [Pa], from flows and temperatures alone.

    `net`: 1 at held nodes, and given inflow of the others, (places,); what enters each of them is left in `arrives`.
    The temperature of a node that nothing flows into counts for nothing.
    """
    tail, head = ends
    theta, fields = warmth[0], warmth[1]
    held, inflow = net
    inlet, outlet, mean = fields[0], fields[1], fields[2]
    into, energy = np.zeros(theta.size), np.zeros(theta.size)
    brought, still = np.empty(8), splat(8, STILL)
    lost, off = splat(8, 0.0), splat(8, 0.0)
    arrives[:] = 0.0
    for k in range(spans.shape[0]):
        for e in range(spans[k, 0], spans[k, 1], 8):
            flow = load(8, m, e)
            q = choose(size(flow) > still, size(flow), like(flow, 0.0))
            leaves = q * content(water, load(8, outlet, e))
            lost = lost + (q * content(water, load(8, inlet, e)) - leaves)
            off = larger(off, size(load(8, weight, e) * (load(8, rho, e) - density(water, load(8, mean, e)))))
            store(brought, 0, leaves)
            for i in range(8):
                x = m[e + i]
                arrives[head[e + i]] += x
                arrives[tail[e + i]] -= x
                if abs(x) > STILL:
                    down = head[e + i] if x > 0.0 else tail[e + i]
                    into[down] += abs(x)
                    energy[down] += brought[i]
    mass, worst, sum_ = 0.0, 0.0, 0.0
    level = np.empty(8)
    for v in range(0, theta.size, 8):
        store(level, 0, content(water, load(8, theta, v)))
        for i in range(v, min(v + 8, count)):
            enters = -arrives[i] if held[i] != 0.0 else inflow[i]
            mass = max(mass, abs(arrives[i] + enters))
            if into[i] > STILL:
                worst = max(worst, abs(energy[i] - into[i] * level[i - v]))
            sum_ += enters * level[i - v]
            arrives[i] = enters if held[i] != 0.0 else 0.0
    for i in range(8):
        store(brought, 0, lost)
        sum_ -= brought[i]
    return mass, worst, abs(sum_), largest(off)


@kernel
def content(water: Water, x: V) -> V:
    """Enthalpy [J/kg]."""
    if water[0]:
        return water[3] * x
    return enthalpy(x)


@kernel
def hand_back(
    place: Ints, rank: Ints, m: Floats, fields: Floats, theta: Floats, arrives: Floats, edges: Floats, nodes: Floats
) -> None:
    """Flow, inlet and outlet [K] by edge into `edges` (3, edges); temperature [K] and `arrives` by node into `nodes` (2, nodes)."""
    for e in range(place.size):
        at = place[e]
        edges[0, e] = m[at]
        edges[1, e] = fields[0, at] + KELVIN
        edges[2, e] = fields[1, at] + KELVIN
    for v in range(rank.size):
        nodes[0, v] = theta[rank[v]] + KELVIN
        nodes[1, v] = arrives[rank[v]]
