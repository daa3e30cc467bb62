"""The pressure laws of heatnet.components on vectors of flows: many links, or many scenarios of one link, at once.

Each is the same function as its plain twin (friction.pipe_losses, valve.square_losses, pump.PumpLaw), which tests compare. Colebrook's
law is iterated together with the flows: X = 1/sqrt(lambda) of the last step is the start of one second-order (Halley) step now,
so that both are exact at convergence (Clamond 2009, Ind. Eng. Chem. Res. 48, 3665-3671, iterates on X as well).
"""

from __future__ import annotations

from typing import Any

from heatnet.jit import inlined
from heatnet.simd import choose, fma, larger, like, root, signed, size, somewhere
from heatnet.simd_functions import exp, log, power_09

V = Any  # a vector of doubles (heatnet.simd.Vector)
PIPE, SQUARE, PUMP = 0, 1, 2  # forms of a law
COLD = 7.0  # X from which Colebrook's law is iterated first
C = 0.8685889638065037  # 2/ln 10


@inlined
def link_loss(form: int, law: int, laminar: float, m: V, c0: V, c1: V, c2: V, c3: V, x: V) -> tuple[V, V, V, V]:
    """Loss [Pa], the inverse of its slope [kg/(s Pa)], Colebrook's X and the size of its last step at flow m [kg/s].

    Divisions cost more than all else here: each law does with as few as it can.
    """
    if form == 0:
        return pipe_loss(law, laminar, m, c0, c1, c2, c3, x)
    if form == 1:
        loss, ease = square_loss(m, c0, c1)
    else:
        loss, ease = pump_loss(m, c0, c1, c2, c3)
    return loss, ease, x, like(m, 0.0)


@inlined
def pipe_loss(law: int, laminar: float, m: V, a: V, r: V, z: V, kd: V, x: V) -> tuple[V, V, V, V]:
    """Darcy-Weisbach with local losses: Re = a |m|, friction r lambda m^2, local z m^2, relative roughness kd."""
    q = size(m)
    re = a * q
    high = larger(re, like(re, 4000.0))
    lam, elasticity, x, step = turbulent(law, high, kd, x)
    if somewhere(re < 4000.0):
        lam, elasticity = transition(law, laminar, re, lam, elasticity)
        slow = re <= laminar
        still = 64.0 * r / a
        drag = lam * r * q
        s = choose(slow, still, drag * (2.0 + elasticity))
        f = choose(slow, still * q, drag * q)
    else:
        drag = lam * r * q
        s = drag * (2.0 + elasticity)
        f = drag * q
    if somewhere(r == 0.0):  # no length: a law for water at rest is needed, as in friction.pipe_losses
        rest = choose(r == 0.0, 1.0 / a, like(m, 0.0))
        both = fma(q, q, rest * rest)
        over = root(larger(both, like(m, 1e-30)))
        f = fma(z * q, over, f)
        s = s + z * fma(q, q, both) / over
    else:
        f = fma(z * q, q, f)
        s = fma(z + z, q, s)
    return signed(f, m), 1.0 / s, x, step


@inlined
def turbulent(law: int, re: V, kd: V, x: V) -> tuple[V, V, V, V]:
    """Friction factor, its elasticity to Re, X and its step by a turbulent law."""
    if law == 0:
        b = kd * (1.0 / 3.7)
        a = 2.51 / re
        y = fma(a, x, b)
        f = fma(log(y), like(y, C), x)
        cu = C * a / y
        f1 = 1.0 + cu
        step = 2.0 * f * f1 / fma(f1 + f1, f1, f * cu * cu * (1.0 / C))
        x = x - step
        sharp = fma(like(y, C), a, fma(a, x, b))
        both = 1.0 / (x * x * sharp)
        return both * sharp, -2.0 * C * a * both * x * x, x, size(step)
    none = like(re, 0.0)
    if law == 2:
        b = exp(1.11 * log(larger(kd * (1.0 / 3.7), like(kd, 1e-30))))
        u = 6.9 / re
        y = b + u
        x2 = -0.9 * C * log(y)
        both = 1.0 / (x2 * y)
        return both * both * y * y, -1.8 * C * u * both, x, none
    if law == 3:
        u = 68.0 / re
        y = kd + u
        return 0.11 * root(root(y)), -0.25 * u / y, x, none
    b = 5.74 * power_09(re)  # swamee_jain, and epanet above Re 4000
    y = fma(kd, like(kd, 1.0 / 3.7), b)
    g = 0.5 * C * log(y)
    both = 1.0 / (g * y)
    near = both * y
    return 0.25 * near * near, 0.9 * C * b * both, x, none


@inlined
def transition(law: int, laminar: float, re: V, lam: V, elasticity: V) -> tuple[V, V]:
    """Between laminar flow and Re 4000, where lam and elasticity are taken: a cubic; unchanged from 4000 on."""
    width = 4000.0 - laminar
    x = (re - laminar) * (1.0 / width)
    if law == 4:  # Dunlop: Hermite of lambda
        y0 = like(re, 64.0 / laminar)
        d0 = like(re, -64.0 / (laminar * laminar) * width)
        y1 = lam
        d1 = lam * elasticity * (width / 4000.0)
    else:  # Hermite of lambda Re^2
        y0 = like(re, 64.0 * laminar)
        d0 = like(re, 64.0 * width)
        y1 = lam * 16e6
        d1 = y1 * (2.0 + elasticity) * (width / 4000.0)
    c2 = 3.0 * (y1 - y0) - 2.0 * d0 - d1
    c3 = 2.0 * (y0 - y1) + d0 + d1
    y = fma(x, fma(x, fma(x, c3, c2), d0), y0)
    dy = fma(x, fma(x, 3.0 * c3, 2.0 * c2), d0) * (1.0 / width)
    part = re < 4000.0
    if law == 4:
        return choose(part, y, lam), choose(part, dy * re / y, elasticity)
    safe = larger(re, like(re, 1.0))
    return choose(part, y / (safe * safe), lam), choose(part, dy * re / y - 2.0, elasticity)


@inlined
def square_loss(m: V, k: V, rest: V) -> tuple[V, V]:
    """dp = K m sqrt(m^2 + rest), rest = 1 mPa/K."""
    both = fma(m, m, rest)
    over = root(both)
    return k * m * over, over / (k * fma(m, m, both))


@inlined
def pump_loss(m: V, h0: V, b: V, c: V, cap: V) -> tuple[V, V]:
    """-min(h0 - b |m|^c, cap) with a line of small slope, so that it rises from rest."""
    q = larger(size(m), like(m, 1e-100))
    least = 1e-6 * b * c + 1e-3
    lift = exp((c - 1.0) * log(q))
    lift = choose(size(m) > 1e-100, lift, like(m, 0.0))
    lift = choose(c == 1.0, like(m, 1.0), lift)
    curve = fma(b * lift, m, 0.0 - h0)
    steep = choose(curve > 0.0 - cap, b * c * lift, like(m, 0.0))
    return fma(least, m, larger(curve, 0.0 - cap)), 1.0 / (steep + least)
