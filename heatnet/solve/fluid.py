"""Properties of water on vectors of temperatures, the same fits as heatnet.water (which tests compare); x and y in degC."""

from __future__ import annotations

from typing import Any

from heatnet.jit import kernel
from heatnet.simd import choose, fma, larger, like, size, smaller
from heatnet.simd_functions import exp
from heatnet.water import COLDEST, CP, HOTTEST, MU, RHO

V = Any  # a vector of doubles (heatnet.simd.Vector)
Water = tuple[bool, float, float, float]  # whether its properties are constant, and then density, viscosity, heat capacity
C0, C1, C2, C3 = CP
R0, R1, R2, R3 = RHO
M0, M1, M2 = MU


@kernel
def within(x: V) -> V:
    """The temperature, or the end of the range of the fits."""
    return smaller(larger(x, like(x, COLDEST)), like(x, HOTTEST))


@kernel
def density(water: Water, x: V) -> V:
    """Density [kg/m3]."""
    if water[0]:
        return like(x, water[1])
    c = within(x)
    return fma(c, fma(c, fma(c, like(x, R3), like(x, R2)), like(x, R1)), like(x, R0))


@kernel
def viscosity(water: Water, x: V) -> V:
    """Dynamic viscosity [Pa s]."""
    if water[0]:
        return like(x, water[2])
    return exp(M0 + M1 / (within(x) + M2))


@kernel
def heat_capacity(x: V) -> V:
    """Heat capacity of water that is not constant [J/(kg K)]."""
    c = within(x)
    return fma(c, fma(c, fma(c, like(x, C3), like(x, C2)), like(x, C1)), like(x, C0))


@kernel
def enthalpy(x: V) -> V:
    """Enthalpy above 0 degC of water that is not constant [J/kg]."""
    c = within(x)
    inside = c * fma(c, fma(c, fma(c, like(x, C3 / 4), like(x, C2 / 3)), like(x, C1 / 2)), like(x, C0))
    return fma(heat_capacity(c), x - c, inside)


@kernel
def secant(water: Water, x: V, y: V) -> V:
    """Mean heat capacity between two temperatures [J/(kg K)]."""
    if water[0]:
        return like(x, water[3])
    gap = x - y
    near = size(gap) < 1e-3
    return choose(near, heat_capacity(0.5 * (x + y)), (enthalpy(x) - enthalpy(y)) / choose(near, like(x, 1.0), gap))
