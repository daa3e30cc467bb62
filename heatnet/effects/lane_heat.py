"""Temperatures of several scenarios side by side at given flows: rooms, outlets, a sweep over nodes in flow order, water.

As heatnet.solve.sweep, one link in WIDTH scenarios in a vector. Nodes are worked in the flow order of the network without any scenario;
where flow has turned in a scenario the sweep is repeated until nothing moves. Mixing is exact in enthalpy. Temperatures in degC.
"""

from __future__ import annotations

from typing import Any

from heatnet.components.edge import LEAST_FLOW
from heatnet.components.radiators import room_states
from heatnet.effects.lane_flow import GROUND, LOSES, Links, number
from heatnet.jit import inlined, kernel
from heatnet.schema import Floats, Ints
from heatnet.simd import choose, fma, larger, like, load, size, smaller, somewhere, splat, store
from heatnet.simd_functions import exp
from heatnet.solve.abreast_bounds import WIDTH
from heatnet.solve.fluid import Water, density, enthalpy, heat_capacity, secant, viscosity
from heatnet.solve.sweep import FAR, STILL, moves

V = Any  # a vector of doubles (heatnet.simd.Vector)
NEAR = 2e-3  # K, last step of a room: what is left is below 1e-7 K
Ends = tuple[Ints, Ints]  # tail and head of each link among the nodes of the wiring
Warm = tuple[Floats, Floats, Floats]  # a, b (links) and theta (nodes), each (.., WIDTH) as one row
Behind = tuple[Floats, Ints, Ints, Floats]  # (5, buildings) as statics.building, link, row in own or -1, own (rows, 3, WIDTH)


@inlined
def inlet_of(ends: Ends, m: V, theta: Floats, e: int) -> V:
    """Temperature of the water that enters a link."""
    return choose(m >= -STILL, load(WIDTH, theta, ends[0][e] * WIDTH), load(WIDTH, theta, ends[1][e] * WIDTH))


@kernel
def start_heat(state: tuple[Floats, Floats, Floats], room: Floats, warm: Warm, rooms: Floats) -> None:
    """Every scenario begins with the network's own a, b, theta and rooms."""
    for k in range(3):
        for i in range(state[k].size):
            store(warm[k], i * WIDTH, splat(WIDTH, state[k][i]))
    for i in range(room.size):
        store(rooms, i * WIDTH, splat(WIDTH, room[i]))


@kernel
def rooms_lanes(water: Water, ends: Ends, homes: Behind, m: Floats, warm: Warm, rooms: Floats) -> None:
    """Rooms at the present temperatures, and the outlets of their inlets linearised there into a and b."""
    building, link, own_of, own = homes
    a, b, theta = warm
    none, last = splat(WIDTH, 0.0), -1
    cp, follows, leaves = none, none, none
    for i in range(link.size):
        e = link[i]
        if building[0, i] == 0.0:
            continue  # fills up a group
        share, n = splat(WIDTH, building[0, i]), splat(WIDTH, building[2, i])
        kappa, h, balance = splat(WIDTH, building[1, i]), splat(WIDTH, building[3, i]), splat(WIDTH, building[4, i])
        if own_of[i] >= 0:
            at = own_of[i] * 3 * WIDTH
            kappa, h, balance = load(WIDTH, own, at), load(WIDTH, own, at + WIDTH), load(WIDTH, own, at + 2 * WIDTH)
        flow = load(WIDTH, m, e * WIDTH)
        ts = inlet_of(ends, flow, theta, e)
        if e != last:  # the heat capacity of the inlet, from the outlet of the last pass
            cp = secant(water, ts, fma(load(WIDTH, a, e * WIDTH), ts, load(WIDTH, b, e * WIDTH)))
            follows, leaves, last = none, none, e
        c = size(flow) * share * cp
        room, heat, gain = room_states(ts, c, kappa, n, h, balance, load(WIDTH, rooms, i * WIDTH), NEAR)
        store(rooms, i * WIDTH, room)
        over = larger(c, like(c, 1e-300))
        leaves = fma(share, smaller(larger(ts - heat / over, smaller(room, ts)), ts), leaves)
        follows = fma(share, 1.0 - h * gain / over, follows)
        store(a, e * WIDTH, follows)
        store(b, e * WIDTH, leaves - follows * ts)


@kernel
def outlets_lanes(water: Water, pipes: Ints, ends: Ends, links: Links, m: Floats, warm: Warm) -> None:
    """Outlet laws of the pipes, T_out = a T_in + b."""
    a, b, theta = warm
    for e in range(pipes[0], pipes[1]):
        at = e * WIDTH
        flow = load(WIDTH, m, at)
        t = inlet_of(ends, flow, theta, e)
        cp = secant(water, t, fma(load(WIDTH, a, at), t, load(WIDTH, b, at)))
        q = choose(size(flow) > STILL, size(flow), like(flow, 0.0))
        left = exp(0.0 - smaller(number(links, LOSES, e) / larger(q * cp, like(q, 1e-100)), like(q, FAR)))
        store(a, at, left)
        store(b, at, (1.0 - left) * number(links, GROUND, e))


@kernel
def sweep_lanes(
    water: Water, order: Ints, near: tuple[Ints, Ints], ends: Ends, m: Floats, warm: Warm, limits: tuple[float, float, float, float],
    change: Floats,
) -> None:
    """Temperatures of all nodes once in the given order; the largest change of each scenario is added to `change` (WIDTH,).

    `limits`: temperature without flow, coldest and warmest there is, flow below which a change counts less [kg/s].
    """
    first, touching = near
    a, b, theta = warm
    rest, cold, hot = splat(WIDTH, limits[0]), splat(WIDTH, limits[1]), splat(WIDTH, limits[2])
    none, one = splat(WIDTH, 0.0), splat(WIDTH, 1.0)
    moved = load(WIDTH, change, 0)
    for v in order:
        flows, mixed, heat = none, none, none
        for i in range(first[v], first[v + 1]):
            e = touching[i]
            out = ends[0][e] == v
            other = ends[1][e] if out else ends[0][e]
            q = load(WIDTH, m, e * WIDTH)
            q = none - q if out else q
            q = choose(q > STILL, q, none)
            t = fma(load(WIDTH, a, e * WIDTH), load(WIDTH, theta, other * WIDTH), load(WIDTH, b, e * WIDTH))
            t = smaller(larger(t, cold), hot)
            flows = flows + q
            mixed = fma(q, t, mixed)
            if not water[0]:
                heat = fma(q, enthalpy(t), heat)
        over = larger(flows, splat(WIDTH, STILL))
        t = mixed / over
        if not water[0]:
            t = t + (heat / over - enthalpy(t)) / heat_capacity(t)
        t = choose(flows > STILL, smaller(larger(t, cold), hot), rest)
        counts = smaller(flows / limits[3], one)
        moved = larger(moved, counts * size(t - load(WIDTH, theta, v * WIDTH)))
        store(theta, v * WIDTH, t)
    store(change, 0, moved)


@kernel
def water_lanes(
    water: Water, spans: Ints, real: Ints, ends: Ends, links: Links, m: Floats, warm: Warm, light: Floats, thin: Floats
) -> None:
    """1/density and 1/viscosity of the water in every link."""
    a, b, theta = warm
    one = splat(WIDTH, 1.0)
    for k in range(spans.shape[0]):
        for e in range(spans[k, 0], spans[k, 1]):
            if real[e] == 0:
                continue
            at = e * WIDTH
            flow = load(WIDTH, m, at)
            t = inlet_of(ends, flow, theta, e)
            out = fma(load(WIDTH, a, at), t, load(WIDTH, b, at))
            mean = 0.5 * (t + out)
            if k == 0:
                q = choose(size(flow) > STILL, size(flow), like(flow, 0.0))
                n = number(links, LOSES, e) / larger(q * secant(water, t, out), like(q, 1e-100))
                ground = number(links, GROUND, e)
                some = n > 1e-5
                over = choose(some, n, one)
                left = choose(some, (1.0 - exp(0.0 - smaller(over, like(q, FAR)))) / over, 1.0 - 0.5 * n)
                lossless = number(links, LOSES, e) < LEAST_FLOW * secant(water, t, out)
                if somewhere(lossless):
                    left = choose(lossless, left * moves(q), left)
                mean = fma(t - ground, left, ground)
                store(thin, at, 1.0 / viscosity(water, mean))
            elif somewhere(size(flow) < 40.0 * LEAST_FLOW):
                ground = number(links, GROUND, e)
                mean = fma(mean - ground, moves(size(flow)), ground)
            store(light, at, 1.0 / density(water, mean))


@kernel
def figures_lanes(
    rooms: Floats, homes: tuple[Floats, Floats, Floats], required: float, negligible: float, bands: tuple[Floats, Floats], out: Floats
) -> None:
    """Figures of rooms (heatnet.effects.figures.Homes.of_many) into out (6, WIDTH): deficit, cold, lifted, robbed, refund, coldest.

    `homes`: households (below zero: no building), fee per day, and 1 where cold before the change, (buildings,); `bands`: their
    upper ends, rising, and shares.
    """
    households, fee, was = homes
    below, share = bands
    none, one, limit = splat(WIDTH, 0.0), splat(WIDTH, 1.0), splat(WIDTH, required)
    deficit, cold, lifted, robbed, refund = none, none, none, none, none
    coldest = splat(WIDTH, 1e9)
    for i in range(households.size):
        if households[i] < 0.0:
            continue  # fills up a group
        room = load(WIDTH, rooms, i * WIDTH)
        coldest = smaller(coldest, room)
        short = limit - room
        is_cold = choose(short >= negligible, one, none)
        count = is_cold * households[i]
        deficit = fma(short, count, deficit)
        cold = cold + count
        if was[i] > 0.0:
            lifted = lifted + (households[i] - count)
        else:
            robbed = robbed + count
        pays = choose(is_cold > 0.5, room, larger(room, limit))
        part = none
        for k in range(below.size - 1, -1, -1):
            part = choose(pays < below[k], like(part, share[k]), part)
        refund = fma(part, like(part, fee[i]), refund)
    store(out, 0, deficit)
    store(out, WIDTH, cold)
    store(out, 2 * WIDTH, lifted)
    store(out, 3 * WIDTH, robbed)
    store(out, 4 * WIDTH, refund)
    store(out, 5 * WIDTH, coldest)


@kernel
def turned(m: Floats, base: Floats, least: float) -> bool:
    """Whether flow has turned in any scenario."""
    found = False
    for e in range(base.size):
        for lane in range(WIDTH):
            q = m[e * WIDTH + lane]
            found = found or (abs(q) > least and not q * base[e] > 0.0)
    return found
