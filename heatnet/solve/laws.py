"""The pressure laws of heatnet.components on vectors of flows: many links, or many scenarios of one link, at once.

Each is the same function as its plain twin (friction.pipe_losses, valve.square_losses, pump.PumpLaw), which tests compare. Colebrook's
law is iterated together with the flows: X = 1/sqrt(lambda) of the last step is the start of one second-order (Halley) step now,
so that both are exact at convergence (Clamond 2009, Ind. Eng. Chem. Res. 48, 3665-3671, iterates on X as well).
"""

from __future__ import annotations

from typing import Any

from heatnet.jit import kernel
from heatnet.simd import choose, exp, fma, like, larger, log, root, signed, size, somewhere

V = Any  # a vector of doubles (heatnet.simd.Vector)
PIPE, SQUARE, PUMP = 0, 1, 2  # forms of a law
COLD = 7.0  # X from which Colebrook's law is iterated first
C = 0.8685889638065037  # 2/ln 10


@kernel
def link_loss(form: int, law: int, laminar: float, m: V, c0: V, c1: V, c2: V, c3: V, x: V) -> tuple[V, V, V, V]:
    """Loss [Pa], slope [Pa s/kg], Colebrook's X and the relative size of its last step at flow m [kg/s]."""
    if form == 0:
        return pipe_loss(law, laminar, m, c0, c1, c2, c3, x)
    if form == 1:
        loss, slope = square_loss(m, c0)
    else:
        loss, slope = pump_loss(m, c0, c1, c2)
    return loss, slope, x, like(m, 0.0)


@kernel
def pipe_loss(law: int, laminar: float, m: V, a: V, r: V, z: V, kd: V, x: V) -> tuple[V, V, V, V]:
    """Darcy-Weisbach with local losses: Re = a |m|, friction r lambda m^2, local z m^2, relative roughness kd."""
    q = size(m)
    re = a * q
    high = larger(re, like(re, 4000.0))
    lam, elasticity, x, step = turbulent(law, high, kd, x)
    if somewhere(re < 4000.0):
        lam, elasticity = transition(law, laminar, re, lam, elasticity)
    slow = re <= laminar
    f = lam * r * q * q
    s = f * (2.0 + elasticity) / larger(q, like(q, 1e-300))
    still = 64.0 * r / a
    s = choose(slow, still, s)
    f = choose(slow, still * q, f)
    rest = 1.0 / a
    both = fma(q, q, rest * rest)
    over = root(both)
    f = fma(z * q, over, f)
    s = s + z * fma(q, q, both) / over
    return signed(f, m), s, x, step


@kernel
def turbulent(law: int, re: V, kd: V, x: V) -> tuple[V, V, V, V]:
    """Friction factor, its elasticity to Re, X and its step by a turbulent law."""
    if law == 0:
        b = kd / 3.7
        a = 2.51 / re
        y = fma(a, x, b)
        f = fma(log(y), like(y, C), x)
        u = a / y
        f1 = 1.0 + C * u
        f2 = -C * u * u
        step = 2.0 * f * f1 / (2.0 * f1 * f1 - f * f2)
        x = x - step
        s = C * a / fma(a, x, b)
        return 1.0 / (x * x), -2.0 * s / (1.0 + s), x, size(step / x)
    none = like(re, 0.0)
    if law == 2:
        b = exp(1.11 * log(larger(kd / 3.7, like(kd, 1e-30))))
        u = 6.9 / re
        y = b + u
        x2 = -0.9 * C * log(y)
        return 1.0 / (x2 * x2), -1.8 * C * u / (x2 * y), x, none
    if law == 3:
        u = 68.0 / re
        y = kd + u
        return 0.11 * root(root(y)), -0.25 * u / y, x, none
    b = 5.74 * exp(-0.9 * log(re))  # swamee_jain, and epanet above Re 4000
    y = kd / 3.7 + b
    g = 0.5 * C * log(y)
    return 0.25 / (g * g), 0.9 * C * b / (g * y), x, none


@kernel
def transition(law: int, laminar: float, re: V, lam: V, elasticity: V) -> tuple[V, V]:
    """Between laminar flow and Re 4000, where lam and elasticity are taken: a cubic; unchanged from 4000 on."""
    width = 4000.0 - laminar
    x = (re - laminar) / width
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
    dy = fma(x, fma(x, 3.0 * c3, 2.0 * c2), d0) / width
    part = re < 4000.0
    if law == 4:
        return choose(part, y, lam), choose(part, dy * re / y, elasticity)
    safe = larger(re, like(re, 1.0))
    return choose(part, y / (safe * safe), lam), choose(part, dy * re / y - 2.0, elasticity)


@kernel
def square_loss(m: V, k: V) -> tuple[V, V]:
    """dp = K m sqrt(m^2 + 1 mPa/K)."""
    rest = 1e-3 / k
    both = fma(m, m, rest)
    over = root(both)
    return k * m * over, k * fma(m, m, both) / over


@kernel
def pump_loss(m: V, h0: V, b: V, c: V) -> tuple[V, V]:
    """-(h0 - b |m|^c) with a line of small slope, so that it rises from rest."""
    q = larger(size(m), like(m, 1e-100))
    least = 1e-6 * b * c + 1e-3
    lift = exp((c - 1.0) * log(q))
    lift = choose(size(m) > 1e-100, lift, like(m, 0.0))
    lift = choose(c == 1.0, like(m, 1.0), lift)
    return fma(b * lift + least, m, 0.0 - h0), b * c * lift + least
