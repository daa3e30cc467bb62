"""Passes of the coupled solve over links, 8 at a time: properties, outlets, temperatures in flow order, means.

The mathematics is that of `thermal` and of the components; temperatures here in degC. Link order and groups of heatnet.program.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from heatnet.components.edge import LEAST_FLOW
from heatnet.components.radiators import room_states
from heatnet.jit import kernel
from heatnet.schema import Floats, Ints
from heatnet.simd import choose, fma, gather, larger, largest, like, load, size, smaller, somewhere, splat, store
from heatnet.simd_functions import exp
from heatnet.solve.fluid import Water, density, secant, viscosity

V = Any  # a vector of doubles (heatnet.simd.Vector)
STILL = 1e-9  # kg/s, flow below which water is taken as standing
FAR = 600.0  # exponents beyond which nothing is left


@kernel
def water_pass(
    water: Water, spans: Ints, mean: Floats, base: Floats, weight: Floats, drive: Floats, coefficients: Floats, rho: Floats
) -> None:
    """Coefficients of the laws of pipes, valves and consumers, and the drive of all links, at mean temperatures.

    `base` (5, links): pipes 4/(pi d), 8 L/(pi^2 d^5), 8 zeta/(pi^2 d^4); square laws K rho, K without density; and the drive
    without the weight of the water; `weight` is g times the fall [m2/s2].
    """
    for k in range(spans.shape[0]):
        pipes, squares = k == 0, k in (1, 4)
        for e in range(spans[k, 0], spans[k, 1], 8):
            x = load(8, mean, e)
            dense = density(water, x)
            store(rho, e, dense)
            store(drive, e, fma(dense, load(8, weight, e), load(8, base[4], e)))
            light = 1.0 / dense
            if pipes:
                store(coefficients[0], e, load(8, base[0], e) / viscosity(water, x))
                store(coefficients[1], e, load(8, base[1], e) * light)
                store(coefficients[2], e, load(8, base[2], e) * light)
            elif squares:
                k_now = fma(load(8, base[0], e), light, load(8, base[1], e))
                store(coefficients[0], e, k_now)
                store(coefficients[1], e, 1e-3 / k_now)


@kernel
def rooms_pass(
    water: Water, building: Floats, link: Ints, filled: Ints, m: Floats, inlet: Floats, outlet: Floats, rooms: Floats, a: Floats, b: Floats
) -> None:
    """Rooms, their heat and their gain to the supply temperature into `rooms` (3, buildings), outlets of consumers into a, b.

    `building` (5, buildings): share of the flow, radiator constant, exponent, conductance, temperature without heating;
    `link` of each, `filled` the links with buildings.
    """
    follows, leaves = np.empty(8), np.empty(8)
    for e in filled:
        a[e], b[e] = 0.0, 0.0
    for i in range(0, link.size, 8):
        share, h = load(8, building[0], i), load(8, building[3], i)
        ts = gather(8, inlet, link, i)
        c = size(gather(8, m, link, i)) * share * secant(water, ts, gather(8, outlet, link, i))
        room, heat, gain = room_states(
            ts, c, load(8, building[1], i), load(8, building[2], i), h, load(8, building[4], i), load(8, rooms[0], i), 1e-6
        )
        store(rooms[0], i, room)
        store(rooms[1], i, heat)
        store(rooms[2], i, gain)
        over = larger(c, like(c, 1e-300))
        store(leaves, 0, share * smaller(larger(ts - heat / over, smaller(room, ts)), ts))
        store(follows, 0, share * (1.0 - h * gain / over))
        for lane in range(8):
            a[link[i + lane]] += follows[lane]
            b[link[i + lane]] += leaves[lane]
    for e in filled:
        b[e] -= a[e] * inlet[e]


@kernel
def outlet_pass(
    water: Water, spans: Ints, lasting: Floats, m: Floats, inlet: Floats, outlet: Floats, a: Floats, b: Floats, heat: Floats
) -> None:
    """Outlet laws of the pipes, T_out = a T_in + b, and the weight |m| c of all outlets; `lasting`: U L and ground temperature."""
    still, none = splat(8, STILL), splat(8, 0.0)
    for k in range(spans.shape[0]):
        for e in range(spans[k, 0], spans[k, 1], 8):
            q = size(load(8, m, e))
            q = choose(q > still, q, none)
            t = load(8, inlet, e)
            if k == 0:
                cp = secant(water, t, load(8, outlet, e))
                left = exp(0.0 - smaller(load(8, lasting[0], e) / larger(q * cp, like(q, 1e-100)), like(q, FAR)))
                store(a, e, left)
                store(b, e, (1.0 - left) * load(8, lasting[1], e))
            leaving = fma(load(8, a, e), t, load(8, b, e))
            store(heat, e, q * secant(water, leaving, none))


@kernel
def flow_order(
    m: Floats, a: Floats, tail: Ints, head: Ints, first: Ints, touching: Ints, order: Ints, begin: Ints, out: Ints
) -> int:
    """Nodes in the order the water meets them, and the links that carry each on; how many nodes were reached."""
    n = order.size
    waits, stack = np.zeros(n + 1, np.int32), np.empty(n, np.int32)
    for e in range(m.size):
        if abs(m[e]) > STILL and a[e] > 0.0:
            waits[head[e] if m[e] >= 0.0 else tail[e]] += 1
    depth, filled, k = 0, 0, 0
    for v in range(n):
        if waits[v] == 0:
            stack[depth] = v
            depth += 1
    while depth > 0:  # a stack, not a queue: the walk follows the water and stays near what it has just read
        depth -= 1
        v = stack[depth]
        order[filled], begin[filled] = v, k
        filled += 1
        for i in range(first[v], first[v + 1]):
            e = touching[i]
            forward = m[e] >= 0.0
            if abs(m[e]) > STILL and a[e] > 0.0 and (tail[e] if forward else head[e]) == v:
                out[k] = e
                k += 1
                down = head[e] if forward else tail[e]
                waits[down] -= 1
                if waits[down] == 0:
                    stack[depth] = down
                    depth += 1
    begin[filled] = k
    return filled


@kernel
def sweep_pass(
    water: Water, order: Ints, begin: Ints, out: Ints, m: Floats, tail: Ints, head: Ints, a: Floats, b: Floats, heat: Floats, rest: float,
    theta: Floats, arrives: Floats,
) -> None:
    """Temperatures of all nodes in flow order, into theta, whose last values give the heat capacities; and the flow into each.

    A node that nothing flows into takes the temperature `rest`.
    """
    gathered = np.zeros(theta.size)
    arrives[:] = 0.0
    none = splat(8, 0.0)
    for e in range(m.size):
        q = abs(m[e])
        if q > STILL:
            down = head[e] if m[e] >= 0.0 else tail[e]
            arrives[down] += q
            if not a[e] > 0.0:
                gathered[down] += heat[e] * b[e]
    for v in range(0, theta.size, 8):
        store(arrives, v, load(8, arrives, v) * secant(water, load(8, theta, v), none))
    for at in range(order.size):
        v = order[at]
        below = arrives[v]
        t = gathered[v] / below if below > 0.0 else rest
        theta[v] = t
        for i in range(begin[at], begin[at + 1]):
            e = out[i]
            gathered[head[e] if m[e] >= 0.0 else tail[e]] += heat[e] * (a[e] * t + b[e])


@kernel
def moves(q: V) -> V:
    """`components.edge.moving` of flows q >= 0 [kg/s]."""
    return 1.0 - exp(0.0 - smaller(q / LEAST_FLOW, like(q, FAR)))


@kernel
def settle_pass(
    water: Water, spans: Ints, lasting: Floats, ends: tuple[Ints, Ints], m: Floats, theta: Floats, a: Floats, b: Floats, fields: Floats,
    limits: tuple[float, float, float],
) -> float:
    """Inlet, outlet and mean temperature of every link into `fields`; largest change, where water all but stands by its share.

    `limits`: coldest and warmest temperature there is, and the flow below which the change counts less [kg/s].
    """
    inlet, outlet, mean = fields[0], fields[1], fields[2]
    tail, head = ends
    cold, warm = splat(8, limits[0]), splat(8, limits[1])
    one, none, still = splat(8, 1.0), splat(8, 0.0), splat(8, STILL)
    change = splat(8, 0.0)
    for k in range(spans.shape[0]):
        for e in range(spans[k, 0], spans[k, 1], 8):
            flow = load(8, m, e)
            q = choose(size(flow) > still, size(flow), none)
            t = choose(flow >= -STILL, gather(8, theta, tail, e), gather(8, theta, head, e))
            t = smaller(larger(t, cold), warm)
            leaves = smaller(larger(fma(load(8, a, e), t, load(8, b, e)), cold), warm)
            counts = smaller(q / limits[2], one)
            change = larger(change, counts * larger(size(t - load(8, inlet, e)), size(leaves - load(8, outlet, e))))
            store(inlet, e, t)
            store(outlet, e, leaves)
            if k == 0:
                n = load(8, lasting[0], e) / larger(q * secant(water, t, leaves), like(q, 1e-100))
                ground = load(8, lasting[1], e)
                some = n > 1e-5
                over = choose(some, n, one)
                left = choose(some, (1.0 - exp(0.0 - smaller(over, like(q, FAR)))) / over, 1.0 - 0.5 * n)
                lossless = load(8, lasting[0], e) < LEAST_FLOW * secant(water, t, leaves)
                if somewhere(lossless):
                    left = choose(lossless, left * moves(q), left)
                store(mean, e, fma(t - ground, left, ground))
            elif somewhere(q < 40.0 * LEAST_FLOW):
                ground = load(8, lasting[1], e)
                store(mean, e, fma(0.5 * (t + leaves) - ground, moves(q), ground))
            else:
                store(mean, e, 0.5 * (t + leaves))
    result: float = largest(change)
    return result
