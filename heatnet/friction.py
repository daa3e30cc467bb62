"""Friction laws of pipes, with exact slopes.

Pressure loss of a pipe, Darcy-Weisbach: dp = lambda R m|m| + Z m sqrt(m^2 + m1^2), R = 8 L/(pi^2 rho d^5) and
Z = 8 zeta/(pi^2 rho d^4); Re = a |m|, a = 4/(pi d mu). m1 (where Re = 1) keeps the slope of local losses above zero at rest
and changes the loss by less than 1e-6 where flow is turbulent.

Turbulent laws (k sand roughness, d inner diameter):
  colebrook    1/sqrt(lambda) = -2 log10(k/(3.7 d) + 2.51/(Re sqrt(lambda)))        Colebrook 1939, J. ICE 11, 133-156
  colebrook371 the same with 3.71
  swamee_jain  0.25/log10(k/(3.7 d) + 5.74/Re^0.9)^2                                Swamee & Jain 1976, J. Hydr. Div. 102, 657-664
  haaland      (-1.8 log10((k/(3.7 d))^1.11 + 6.9/Re))^-2                           Haaland 1983, J. Fluids Eng. 105, 89-90
  altshul      0.11 (k/d + 68/Re)^0.25                                             Altshul; usual in Chinese and Russian practice
Below Re 2320 flow is laminar, lambda = 64/Re; between 2320 and 4000 a cubic Hermite of lambda Re^2 joins both with equal
value and slope and rises throughout, because a jump would leave networks without any exact solution.
  epanet       64/Re up to 2000, Dunlop's cubic of lambda from 2000 to 4000, swamee_jain above (EPANET 2.2 manual, ch. 12)
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from heatnet.jit import kernel
from heatnet.schema import Floats

LN10 = math.log(10.0)
TURBULENT = 4000.0  # Re from which the turbulent laws hold


@dataclass(frozen=True)
class Law:
    """A friction law: its code in the kernel, the end of laminar flow, and a factor on k/d."""

    code: int
    laminar: float = 2320.0
    roughness: float = 1.0


LAWS: dict[str, Law] = {
    "colebrook": Law(0),
    "colebrook371": Law(0, roughness=3.7 / 3.71),
    "swamee_jain": Law(1),
    "haaland": Law(2),
    "altshul": Law(3),
    "epanet": Law(4, laminar=2000.0),
}


def factor(law: str, reynolds: Floats, roughness: Floats) -> Floats:
    """Darcy friction factor [-] at Reynolds number Re > 0 and relative roughness k/d, any shapes that broadcast.

    >>> round(float(factor("colebrook", np.array(475500.0), np.array(0.0005 / 0.2101))), 5)
    0.02487
    """
    shape = np.broadcast_shapes(np.shape(reynolds), np.shape(roughness))
    re = np.ascontiguousarray(np.broadcast_to(reynolds, shape), dtype=float).ravel()
    kd = np.ascontiguousarray(np.broadcast_to(roughness, shape), dtype=float).ravel()
    out = np.empty(re.size)
    kind = LAWS[law]
    factors(kind.code, kind.laminar, re, kd * kind.roughness, out)
    return out.reshape(shape)


@kernel
def turbulent(law: int, re: float, kd: float) -> tuple[float, float]:
    """Friction factor and its elasticity dln(lambda)/dln(Re) by a turbulent law, re > 0."""
    if law == 0:
        return colebrook(re, kd)
    if law == 2:
        b = (kd / 3.7) ** 1.11
        y = b + 6.9 / re
        x = -1.8 * math.log(y) / LN10
        return 1.0 / (x * x), -2.0 / x * (1.8 / LN10) * (6.9 / re) / y
    if law == 3:
        y = kd + 68.0 / re
        return 0.11 * y**0.25, -0.25 * (68.0 / re) / y
    b = 5.74 / re**0.9  # swamee_jain, and epanet above Re 4000
    y = kd / 3.7 + b
    log = math.log(y) / LN10
    return 0.25 / (log * log), 2.0 / log / LN10 * 0.9 * b / y


@kernel
def colebrook(re: float, kd: float) -> tuple[float, float]:
    """Colebrook's law solved for X = 1/sqrt(lambda): two third-order and one second-order step from X = 7, exact to rounding."""
    c = 2.0 / LN10
    b = kd / 3.7
    a = 2.51 / re
    x = 7.0
    for step in range(3):
        y = b + a * x
        f = x + c * math.log(y)
        u = a / y
        f1 = 1.0 + c * u
        f2 = -c * u * u
        if step < 2:
            h = -f / f1
            x += h * (1.0 + f2 / f1 * h / 2.0) / (1.0 + f2 / f1 * h + 2.0 * c * u * u * u / f1 * h * h / 6.0)
        else:
            x -= f * f1 / (f1 * f1 - f * f2 / 2.0)
    s = c * a / (b + a * x)
    return 1.0 / (x * x), -2.0 * s / (1.0 + s)


@kernel
def smooth_factor(law: int, laminar: float, re: float, kd: float) -> tuple[float, float]:
    """Friction factor and elasticity over the whole range of Re > 0: laminar, transition, turbulent."""
    if re <= laminar:
        return 64.0 / re, -1.0
    if re >= 4000.0:
        return turbulent(law, re, kd)
    lam, elasticity = turbulent(law, 4000.0, kd)
    width = 4000.0 - laminar
    x = (re - laminar) / width
    if law == 4:  # Dunlop: Hermite of lambda
        y0 = 64.0 / laminar
        d0 = -y0 / laminar * width
        y1 = lam
        d1 = lam * elasticity / 4000.0 * width
    else:  # Hermite of lambda Re^2
        y0 = 64.0 * laminar
        d0 = 64.0 * width
        y1 = lam * 4000.0 * 4000.0
        d1 = y1 * (2.0 + elasticity) / 4000.0 * width
    c2 = 3.0 * (y1 - y0) - 2.0 * d0 - d1
    c3 = 2.0 * (y0 - y1) + d0 + d1
    y = y0 + x * (d0 + x * (c2 + x * c3))
    dy = (d0 + x * (2.0 * c2 + x * 3.0 * c3)) / width
    if law == 4:
        return y, dy * re / y
    return y / (re * re), dy * re / y - 2.0


@kernel
def factors(law: int, laminar: float, re: Floats, kd: Floats, out: Floats) -> None:
    """Friction factors of many pipes, all arrays (n,)."""
    for i in range(re.size):
        out[i] = smooth_factor(law, laminar, re[i], kd[i])[0]


@kernel
def pipe_losses(
    law: int, laminar: float, m: Floats, a: Floats, r: Floats, z: Floats, kd: Floats, loss: Floats, slope: Floats
) -> None:
    """Pressure loss [Pa] and slope [Pa s/kg] of many pipes at flow m [kg/s]; coefficients as in the module's text."""
    for i in range(m.size):
        q = abs(m[i])
        re = a[i] * q
        if re <= laminar:
            s = 64.0 * r[i] / a[i]
            f = s * q
        else:
            lam, elasticity = smooth_factor(law, laminar, re, kd[i])
            f = lam * r[i] * q * q
            s = f * (2.0 + elasticity) / q
        if z[i] > 0.0:
            rest = 1.0 / a[i] if r[i] == 0.0 else 0.0  # no length, no friction: the slope must not vanish at rest
            root = math.sqrt(q * q + rest * rest)
            f += z[i] * q * root
            s += z[i] * (2.0 * q * q + rest * rest) / root if root > 0.0 else 0.0
        loss[i] = f if m[i] >= 0.0 else -f
        slope[i] = s
