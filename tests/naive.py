"""Slow, obvious twins of the numerical core: plain loops and textbook formulas that share no code with heatnet."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from heatnet.water import ConstantWater

ZERO = 273.15


# ---------------------------------------------------------------- friction


def log10(x):
    """Logarithm that also takes complex numbers, for derivatives by complex step."""
    return np.log(x) / math.log(10.0)


def colebrook(re, kd, divisor=3.7):
    """Friction factor by bracketing 1/sqrt(lambda)."""
    x = brentq(lambda x: x + 2.0 * math.log10(kd / divisor + 2.51 * x / re), 1.0, 40.0, xtol=1e-15, rtol=1e-15)
    return x**-2.0


TURBULENT = {
    "colebrook": colebrook,
    "colebrook371": lambda re, kd: colebrook(re, kd, 3.71),
    "swamee_jain": lambda re, kd: 0.25 / log10(kd / 3.7 + 5.74 / re**0.9) ** 2,
    "haaland": lambda re, kd: (-1.8 * log10((kd / 3.7) ** 1.11 + 6.9 / re)) ** -2.0,
    "altshul": lambda re, kd: 0.11 * (kd + 68.0 / re) ** 0.25,
}


def dunlop(re, kd):
    """EPANET's factor between Re 2000 and 4000, as its manual prints it."""
    y2 = kd / 3.7 + 5.74 / 4000.0**0.9
    y3 = -2.0 / math.log(10.0) * math.log(y2)
    fa = y3**-2.0
    fb = fa * (2.0 - 0.00514215 / (y2 * y3))
    r = re / 2000.0
    x1, x2 = 7.0 * fa - fb, 0.128 - 17.0 * fa + 2.5 * fb
    x3, x4 = -0.128 + 13.0 * fa - 2.0 * fb, r * (0.032 - 3.0 * fa + 0.5 * fb)
    return x1 + r * (x2 + r * (x3 + x4))


def friction_factor(law, re, kd):
    """Darcy factor outside the transition (there by Dunlop for epanet)."""
    laminar = 2000.0 if law == "epanet" else 2320.0
    if re <= laminar:
        return 64.0 / re
    if law == "epanet":
        return TURBULENT["swamee_jain"](re, kd) if re >= 4000.0 else dunlop(re, kd)
    if re >= 4000.0:
        return TURBULENT[law](re, kd)
    return hermite(law, re, kd)


def hermite(law, re, kd):
    """Transition: the cubic of lambda Re^2 with the values and slopes of both ends, from its four equations."""

    def right(r):
        return TURBULENT[law](r, kd) * r * r

    slope = (right(4000.0 * (1 + 1e-5)) - right(4000.0 * (1 - 1e-5))) / 0.08
    powers = np.array([[r**k for k in range(4)] for r in (2.32, 4.0)])
    slopes = np.array([[k * r ** (k - 1) if k else 0.0 for k in range(4)] for r in (2.32, 4.0)])
    c = np.linalg.solve(np.vstack([powers, slopes]), [64.0 * 2320.0, right(4000.0), 64e3, slope * 1e3])
    return sum(c[k] * (re / 1e3) ** k for k in range(4)) / re**2


# ---------------------------------------------------------------- water


def clipped(t):
    """degC within the range of the fits."""
    return min(max(t - ZERO, 0.0), 180.0)


def density(t):
    """kg/m3 at t [K]."""
    c = clipped(t)
    return 1000.185 - 0.0226998 * c - 4.795697e-3 * c**2 + 8.39949e-6 * c**3


def viscosity(t):
    """Pa s at t [K]."""
    return math.exp(-10.56237 + 546.6434 / (clipped(t) + 129.2335))


def enthalpy(t):
    """J/kg above 0 degC; beyond the range of the fits at the heat capacity of its end."""
    c = clipped(t)
    beyond = (4202.229 - 1.069824 * c + 1.282958e-2 * c**2 - 7.81381e-6 * c**3) * (t - ZERO - c)
    return beyond + 4202.229 * c - 1.069824 * c**2 / 2 + 1.282958e-2 * c**3 / 3 - 7.81381e-6 * c**4 / 4


@dataclass(frozen=True)
class Properties:
    """Water at one temperature, constant or not."""

    water: object

    def rho(self, t):
        """Density."""
        return self.water.rho if isinstance(self.water, ConstantWater) else density(t)

    def mu(self, t):
        """Viscosity."""
        return self.water.mu if isinstance(self.water, ConstantWater) else viscosity(t)

    def h(self, t):
        """Enthalpy."""
        return self.water.cp * (t - ZERO) if isinstance(self.water, ConstantWater) else enthalpy(t)

    def cp(self, one, other):
        """Mean heat capacity."""
        if abs(one - other) < 1e-3:
            one, other = (one + other) / 2 + 1e-2, (one + other) / 2 - 1e-2
        return (self.h(one) - self.h(other)) / (one - other)


# ---------------------------------------------------------------- rooms


def radiator_return(ts, ti, capacity_rate, design_rate, tsd, trd, tid, n):
    """Return temperature by marching dT = -k (T - Ti)^n dA/C in small steps (Runge-Kutta), k from the design point."""

    def integral(hot, cold):  # of dT/(T-Ti)^n between two excesses
        return math.log(hot / cold) if abs(n - 1) < 1e-12 else (cold ** (1 - n) - hot ** (1 - n)) / (n - 1)

    k = design_rate * integral(tsd - tid, trd - tid)
    steps, excess = 4000, ts - ti
    h = k / capacity_rate / steps
    for _ in range(steps):
        k1 = -(excess**n)
        k2 = -((excess + h / 2 * k1) ** n)
        k3 = -((excess + h / 2 * k2) ** n)
        k4 = -((excess + h * k3) ** n)
        excess += h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
    return ti + excess


def excess_left(a, c, kappa, n):
    """Return temperature above the room, closed form."""
    return a * math.exp(-kappa / c) if abs(n - 1) < 1e-12 else (a ** (1 - n) + (n - 1) * kappa / c) ** (-1 / (n - 1))


def room(ts, c, kappa, n, h, balance):
    """Room temperature by bisection on heat given = heat lost."""
    if ts <= balance or c <= 0.0:
        return balance
    low, high = balance, ts
    for _ in range(200):
        ti = 0.5 * (low + high)
        a = ts - ti
        given = c * (a - excess_left(a, c, kappa, n)) if a > 0 else 0.0
        low, high = (ti, high) if given > h * (ti - balance) else (low, ti)
    return 0.5 * (low + high)


# ---------------------------------------------------------------- networks


def dense_newton(task, steps=400):
    """Flows of all edges and pressures of all clusters: Newton on both at once with a dense matrix, steps halved where they do not help."""
    arrays = task.arrays
    one, other = arrays.clusters.of[arrays.tail], arrays.clusters.of[arrays.head]
    live = np.flatnonzero(~arrays.dead & ~arrays.rigid)
    free = np.flatnonzero((arrays.unknown >= 0) & np.isin(np.arange(arrays.clusters.count), np.concatenate([one[live], other[live]])))
    column = {cluster: k for k, cluster in enumerate(free)}
    m, p = np.where(arrays.dead | arrays.rigid, 0.0, task.guess), task.pressure.copy()

    def residual(m, p):
        loss, slope = np.zeros(arrays.edges), np.ones(arrays.edges)
        task.losses(m, loss, slope)
        left = task.source.copy()
        np.add.at(left, other, m)
        np.add.at(left, one, -m)
        return np.concatenate([(loss - p[one] + p[other] - task.drive)[live], left[free]]), slope

    for _ in range(steps):
        now, slope = residual(m, p)
        matrix = np.zeros((now.size, now.size))
        for k, e in enumerate(live):
            matrix[k, k] = slope[e]
            for cluster, sign in ((one[e], -1.0), (other[e], 1.0)):
                if cluster in column:
                    matrix[k, live.size + column[cluster]] += sign
                    matrix[live.size + column[cluster], k] += sign
        step = np.linalg.lstsq(matrix, -now, rcond=None)[0]
        part = 1.0
        while part > 1e-6:
            m_new, p_new = m.copy(), p.copy()
            m_new[live] += part * step[: live.size]
            p_new[free] += part * step[live.size :]
            if np.linalg.norm(residual(m_new, p_new)[0]) < np.linalg.norm(now):
                break
            part *= 0.5
        m, p = m_new, p_new
        if np.abs(part * step[: live.size]).max(initial=0.0) < 1e-10 * max(np.abs(m).max(), 1.0):
            break
    return m, np.where((arrays.unknown < 0) | np.isin(np.arange(p.size), free), p, np.nan)


def minimum_degree_fill(size, one, other, position):
    """Entries of the factor when the nodes are eliminated in the order of `position`, by sets of neighbours."""
    near = [set() for _ in range(size)]
    for a, b in zip(one, other, strict=True):
        if a >= 0 and b >= 0 and a != b:
            near[a].add(b)
            near[b].add(a)
    entries = 0
    for v in np.argsort(position):
        entries += len(near[v])
        for u in near[v]:
            near[u] |= near[v] - {u}
            near[u].discard(v)
    return entries


# ---------------------------------------------------------------- scenarios side by side


def square_row(kv, rho):
    """(open, K, rest) of a valve from what Kv means: m3/h of water of 1000 kg/m3 at a loss of 1 bar; rest is where K rest = 1 mPa."""
    if kv <= 0.0:
        return False, math.inf, 0.0
    k = 1e5 * (3600.0 / rho / kv) ** 2 * rho / 1000.0  # Pa at 1 kg/s
    return True, k, 1e-3 / k


def gathered(values, place, offset, lanes):
    """(lanes, places): of each lane its values (links, all lanes) at the places, with the offsets where there are any, 0 for no place."""
    return np.array([
        [(values[at][lane] if at >= 0 else 0.0) + (offset[i] if len(offset) else 0.0) for i, at in enumerate(place)] for lane in lanes
    ])


def branch_by_branch(order, parent):
    """Preorder of a forest by recursion; children, and roots by their first child, as they come in `order`, where roots do not stand."""
    children = {}
    for v in order:
        children.setdefault(int(parent[v]), []).append(int(v))

    def below(v):
        return [u for child in children.get(v, []) for u in (child, *below(child))]

    return [v for root in children if parent[root] < 0 for v in below(root)]
