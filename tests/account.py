# ruff: noqa: PLR0911, PLR0912 - one case after the other
"""An independent account of an answer: `residuals` puts it back into every equation, one node and one edge at a time."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from naive import ZERO, Properties, friction_factor, room

from heatnet.components import Consumer, Pipe, Plant, Pump, Valve
from heatnet.network import Building, Node
from heatnet.solve import State

# ---------------------------------------------------------------- edges


def square(k, m):
    """K m|m|."""
    return k * m * abs(m)


def pipe_loss(pipe, row, m, rho, mu, law):
    """Darcy-Weisbach with local losses."""
    d, area = pipe.diameter[row], math.pi / 4 * pipe.diameter[row] ** 2
    v = abs(m) / (rho * area)
    re = rho * v * d / mu
    lam = friction_factor(law, re, pipe.roughness[row] / d) if re > 1e-12 else 0.0
    dp = (lam * pipe.length[row] / d + pipe.zeta[row]) * rho * v * v / 2
    return math.copysign(dp, m)


def mean_temperature(net, kind, row, m, ends, water):
    """Mean temperature of the water in an edge between its `ends` (inlet, outlet): that of the ground where it stands still.

    Where no loss is given, or hardly any, what flows slower than some hundredths of a gram per second has cooled down all the same.
    """
    t_in, t_out = ends
    table, ground, cp = net[kind], net.site.ground, water.cp(t_in, t_out)
    moves = 1.0 - math.exp(-m / 1e-5)
    if kind is not Pipe:
        return ground + ((t_in + t_out) / 2 - ground) * moves
    ground = ground if math.isnan(table.ground[row]) else table.ground[row]
    loss = table.loss[row] * table.length[row]
    if m <= 1e-9:
        return ground
    n = loss / (m * cp)
    left = -math.expm1(-n) / n if n > 0.0 else 1.0
    return ground + (t_in - ground) * left * (moves if loss < 1e-5 * cp else 1.0)


def opening_share(y, kind, rangeability, leakage):
    """Kv/Kvs, away from the blend near shut."""
    return leakage + (1 - leakage) * y if kind == "linear" else rangeability ** (y - 1)


def kv_resistance(kv, rho):
    """Pa s2/kg2 from m3/h at 1 bar."""
    return 1e5 * 3600.0**2 / (rho * 1000.0 * kv * kv)


def usable_drop(net, row, t_in):
    """Drop that a load can use: to its return temperature, at most its drop, never below the warmest wanted room or freezing."""
    consumer, building = net[Consumer], net[Building]
    most = t_in - ZERO
    if not math.isnan(consumer.drop[row]):
        most = min(most, consumer.drop[row])
    if not math.isnan(consumer.return_temperature[row]):
        most = min(most, t_in - consumer.return_temperature[row])
    for b in range(len(building)):
        if building.consumer[b] == consumer.id[row]:
            most = min(most, t_in - building.design_indoor[b])
    return max(most, 0.0)


def load_wanted(net, row):
    """Heat a consumer wants [W]."""
    consumer, building = net[Consumer], net[Building]
    if not math.isnan(consumer.heat_given[row]):
        return consumer.heat_given[row]
    total = 0.0
    for b in range(len(building)):
        if building.consumer[b] == consumer.id[row]:
            total += max(conductance(net, b) * (building.design_indoor[b] - net.site.weather) - building.gains[b], 0.0)
    return total


def conductance(net, b):
    """Heat loss coefficient of a building [W/K]."""
    building = net[Building]
    if not math.isnan(building.conductance[b]):
        return building.conductance[b]
    coldest = net.site.design_outdoor if math.isnan(building.design_outdoor[b]) else building.design_outdoor[b]
    return building.design_heat[b] / (building.design_indoor[b] - coldest)


# ---------------------------------------------------------------- the whole answer


@dataclass(frozen=True)
class Residual:
    """Largest violation of each kind of equation."""

    mass: float  # kg/s
    pressure: float  # Pa
    node_heat: float  # W
    edge_heat: float  # W
    worst: str  # edge of the largest pressure residual


def residuals(state: State) -> Residual:
    """Every equation of the network, evaluated from m, p and the temperatures of the state alone."""
    net, water = state.arrays.net, Properties(state.settings.water)
    node = net[Node]
    index = {name: at for at, name in enumerate(node.id)}
    mass, heat, arriving = node.inflow.copy(), np.zeros(len(node)), np.zeros(len(node))
    worst, where, edge_heat = 0.0, "", 0.0
    at = 0
    for kind in (Pipe, Valve, Pump, Plant, Consumer):
        table = net[kind]
        for row in range(len(table)):
            a, b, m = index[table.tail[row]], index[table.head[row]], state.m[at]
            mass[a] -= m
            mass[b] += m
            up, down = (a, b) if m >= 0 else (b, a)
            t_in, t_out = state.t_in[at], state.t_out[at]
            middle = mean_temperature(net, kind, row, abs(m), (t_in, t_out), water) if state.settings.heat else (t_in + t_out) / 2
            rho, mu = water.rho(middle), water.mu(middle)
            if not math.isnan(state.p[a]) and not math.isnan(state.p[b]):
                dp = state.p[a] - state.p[b] + rho * state.settings.gravity * (node.height[a] - node.height[b])
                gap = pressure_gap(state, kind, row, m, dp, rho, mu, t_in, water.cp(t_in, t_out))
                if gap > worst:
                    worst, where = gap, f"{kind.kind()} {table.id[row]}: {gap:.3g} Pa at {m:.6g} kg/s"
            elif abs(m) > 0.0:
                worst, where = math.inf, f"{kind.kind()} {table.id[row]} flows without pressure"
            if abs(m) > 1e-9 and state.settings.heat:
                heat[down] += abs(m) * water.h(t_out)
                arriving[down] += abs(m)
                edge_heat = max(edge_heat, abs(t_in - state.t[up]) * abs(m) * 4200.0)
                edge_heat = max(edge_heat, abs(m) * abs(water.h(t_out) - water.h(outlet(state, kind, row, abs(m), t_in, t_out))))
            at += 1
    held = ~np.isnan(node.pressure)
    entering = np.where(held, node.inflow - mass, node.inflow)
    for v in range(len(node)):
        given = node.inflow_temperature[v]
        if entering[v] > 0.0 and not math.isnan(given):
            heat[v] += entering[v] * water.h(given)
            arriving[v] += entering[v]
    balance = [abs(heat[v] - arriving[v] * water.h(state.t[v])) for v in range(len(node)) if arriving[v] > 1e-9]
    free = ~held & ~np.isnan(state.p)
    held_off = np.nanmax(np.abs(state.p - node.pressure)[held]) if held.any() else 0.0
    if held_off > worst:
        worst, where = float(held_off), "held pressure"
    return Residual(float(np.abs(mass[free]).max(initial=0.0)), worst, max(balance, default=0.0), edge_heat, where)


def pressure_gap(state, kind, row, m, dp, rho, mu, t_in, cp):
    """By how much an edge misses its law [Pa], bounds of flow counted as complementarity."""
    net = state.arrays.net
    table = net[kind]
    tiny = 1e-9 + 1e-7 * abs(m)
    if kind is Pipe:
        return abs(dp - pipe_loss(table, row, m, rho, mu, state.settings.friction))
    if kind is Valve:
        share = opening_share(table.opening[row], table.characteristic[row], table.rangeability[row], table.leakage[row])
        if share <= 0.0:
            return math.inf if m != 0.0 else 0.0
        return abs(dp - square(kv_resistance(table.kvs[row] * share, rho), m))
    if kind is Pump:
        if table.speed[row] <= 0.0:
            return math.inf if m != 0.0 else 0.0
        s, c = table.speed[row], table.exponent[row]
        b = (table.shutoff_head[row] - table.rated_head[row]) / table.rated_flow[row] ** c
        law = -rho * state.settings.gravity * (table.shutoff_head[row] * s * s - b * s ** (2 - c) * (m / rho) ** c) if m >= 0 else math.inf
        return max(dp - law, 0.0) if m <= tiny else abs(dp - law)
    if kind is Plant:
        if table.control[row] == "lift":
            return abs(dp + table.lift[row])
        wanted = table.flow[row]
        if table.control[row] == "heat":
            wanted = table.heat_given[row] / (cp * max(state.scene.supply[row] - t_in, 0.1))
        return math.inf if abs(m - wanted) > 1e-6 * wanted + 1e-9 else 0.0
    return consumer_gap(state, row, m, dp, rho, t_in, cp)


def consumer_gap(state, row, m, dp, rho, t_in, cp):
    """The same of a consumer: its valve, and what it wants."""
    net = state.arrays.net
    table, building = net[Consumer], net[Building]
    control = table.control[row]
    share = opening_share(table.opening[row], table.characteristic[row], table.rangeability[row], 0.0) if control == "fixed" else 1.0
    if share <= 0.0 or (control == "flow" and table.flow[row] == 0.0):
        return math.inf if m != 0.0 else 0.0
    if math.isnan(table.kvs[row]):
        design = 0.0
        water = Properties(state.settings.water)
        for b in range(len(building)):
            if building.consumer[b] == table.id[row]:
                hot, cold = building.design_supply[b], building.design_return[b]
                design += building.design_heat[b] / (water.h(hot) - water.h(cold))
        if design == 0.0:
            usual = 25.0 if math.isnan(table.drop[row]) else table.drop[row]
            given = 0.0 if math.isnan(table.heat_given[row]) else table.heat_given[row]
            design = given / (4187.0 * usual) if math.isnan(table.flow[row]) else table.flow[row]
        k = table.needed[row] / max(design, 1e-6) ** 2
    else:
        k = kv_resistance(table.kvs[row] * share, rho)
    law = square(k, m)
    if control == "fixed":
        return abs(dp - law)
    if control == "flow":
        wanted = table.flow[row]
    else:
        usable = usable_drop(net, row, t_in)
        load = load_wanted(net, row)
        wanted = 0.0 if load == 0.0 else load / (cp * usable) if usable > 0.1 else math.inf
    if wanted == 0.0:
        return math.inf if m != 0.0 else 0.0
    if m > wanted * (1 + 1e-6) + 1e-9 or m < -1e-12:
        return math.inf
    if m >= wanted * (1 - 1e-6) - 1e-9:
        return max(law - dp, 0.0)
    if m <= 1e-9:
        return max(dp - law, 0.0)
    return abs(dp - law)


def outlet(state, kind, row, m, t_in, t_out):
    """Outlet temperature of an edge [K] at flow m > 0."""
    net, water = state.arrays.net, Properties(state.settings.water)
    table = net[kind]
    cp = water.cp(t_in, t_out)
    if kind is Pipe:
        ground = net.site.ground if math.isnan(table.ground[row]) else table.ground[row]
        return ground + (t_in - ground) * math.exp(-table.loss[row] * table.length[row] / (m * cp))
    if kind in (Valve, Pump):
        return t_in
    if kind is Plant:
        supply = state.scene.supply[row]
        return supply if math.isnan(table.capacity[row]) else min(supply, t_in + table.capacity[row] / (m * cp))
    building = net[Building]
    behind = [b for b in range(len(building)) if building.consumer[b] == table.id[row]]
    if table.control[row] == "load":
        return t_in - min(usable_drop(net, row, t_in), load_wanted(net, row) / (m * cp))
    if not math.isnan(table.heat_given[row]):
        floor = ZERO if math.isnan(table.return_temperature[row]) else table.return_temperature[row]
        return t_in - min(table.heat_given[row] / (m * cp), max(t_in - floor, 0.0))
    if not behind:
        return t_in
    design = {b: building.design_heat[b] / (water.h(building.design_supply[b]) - water.h(building.design_return[b])) for b in behind}
    out = 0.0
    for b in behind:
        share = design[b] / sum(design.values())
        n, tid = building.exponent[b], building.design_indoor[b]
        hot, cold = building.design_supply[b] - tid, building.design_return[b] - tid
        rate = building.design_heat[b] / (hot - cold)
        kappa = rate * (math.log(hot / cold) if abs(n - 1) < 1e-12 else (cold ** (1 - n) - hot ** (1 - n)) / (n - 1)) * building.radiator[b]
        h = conductance(net, b)
        balance = net.site.weather + building.gains[b] / h
        ti = room(t_in, m * share * cp, kappa, n, h, balance)
        out += share * (t_in - h * (ti - balance) / (m * share * cp))
    return out
