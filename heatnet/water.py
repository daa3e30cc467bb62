"""Density, viscosity and enthalpy of liquid water against temperature, 0 to 150 degC, pressure neglected.

Polynomial fits to rounded IAPWS values, T in degC (errors against those values: density 0.4 kg/m3, heat capacity
2.2 J/(kg K), viscosity 0.8 %). Beyond the range a property keeps its value at the end of it, so that a trial
temperature inside an iteration cannot make a density negative.
Vapour pressure: IAPWS-IF97, region 4 (Wagner et al. 2000, J. Eng. Gas Turbines Power 122, eq. 30).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.schema import Floats
from heatnet.units import KELVIN

COLDEST, HOTTEST = 0.0, 180.0  # degC, where the fits are held constant
RHO = (1000.185, -0.0226998, -4.795697e-3, 8.39949e-6)
CP = (4202.229, -1.069824, 1.282958e-2, -7.81381e-6)
MU = (-10.56237, 546.6434, 129.2335)


@dataclass(frozen=True)
class Water:
    """Water whose properties follow temperature; all methods take kelvin arrays of any shape."""

    def density(self, t: Floats) -> Floats:
        """Density [kg/m3].

        >>> round(float(Water().density(np.array(353.15))), 1)
        971.9
        """
        c = _celsius(t)
        return RHO[0] + c * (RHO[1] + c * (RHO[2] + c * RHO[3]))

    def viscosity(self, t: Floats) -> Floats:
        """Dynamic viscosity [Pa s].

        >>> round(float(Water().viscosity(np.array(353.15))) * 1e6)
        353
        """
        return np.asarray(np.exp(MU[0] + MU[1] / (_celsius(t) + MU[2])))

    def heat_capacity(self, t: Floats) -> Floats:
        """Isobaric heat capacity [J/(kg K)], the derivative of `enthalpy`."""
        c = _celsius(t)
        return CP[0] + c * (CP[1] + c * (CP[2] + c * CP[3]))

    def enthalpy(self, t: Floats) -> Floats:
        """Specific enthalpy above 0 degC [J/kg], the integral of `heat_capacity`."""
        t = np.asarray(t, dtype=float)
        c = _celsius(t)
        inside = np.asarray(c * (CP[3] / 4))
        for factor in (CP[2] / 3, CP[1] / 2, CP[0]):
            inside += factor
            inside *= c
        return inside if _within(t) else inside + self.heat_capacity(t) * (t - KELVIN - c)

    def secant(self, warm: Floats, cold: Floats) -> Floats:
        """Mean heat capacity between two temperatures [J/(kg K)]: exactly their enthalpy difference per kelvin."""
        if _within(warm) and _within(cold):  # the mean of a polynomial has no quotient
            w, c = np.asarray(warm) - KELVIN, np.asarray(cold) - KELVIN
            two, squares, product = w + c, w * w + c * c, w * c
            return np.asarray(CP[0] + CP[1] / 2 * two + CP[2] / 3 * (squares + product) + CP[3] / 4 * two * squares)
        gap = warm - cold
        near = np.abs(gap) < 1e-3
        middle = self.heat_capacity((warm + cold) / 2)  # differs from the secant by O(gap^2): 1e-12 here
        return np.where(near, middle, (self.enthalpy(warm) - self.enthalpy(cold)) / np.where(near, 1.0, gap))


@dataclass(frozen=True)
class ConstantWater(Water):
    """Water of constant properties, as most reference cases and other programs assume."""

    rho: float = 971.8  # kg/m3
    mu: float = 3.54e-4  # Pa s
    cp: float = 4187.0  # J/(kg K)

    def density(self, t: Floats) -> Floats:
        """Density [kg/m3]."""
        return np.full_like(np.asarray(t, dtype=float), self.rho)

    def viscosity(self, t: Floats) -> Floats:
        """Dynamic viscosity [Pa s]."""
        return np.full_like(np.asarray(t, dtype=float), self.mu)

    def heat_capacity(self, t: Floats) -> Floats:
        """Heat capacity [J/(kg K)]."""
        return np.full_like(np.asarray(t, dtype=float), self.cp)

    def enthalpy(self, t: Floats) -> Floats:
        """Enthalpy above 0 degC [J/kg]."""
        return self.cp * (np.asarray(t) - KELVIN)

    def secant(self, warm: Floats, cold: Floats) -> Floats:
        """Heat capacity [J/(kg K)]."""
        return np.full_like(np.asarray(warm, dtype=float), self.cp)


def vapour_pressure(t: Floats) -> Floats:
    """Saturation pressure of water [Pa absolute] at temperature t [K], 273.15 to 623.15 K.

    >>> round(float(vapour_pressure(np.array(403.15))) / 1e3, 1)
    270.3
    """
    t = np.asarray(t, dtype=float)
    theta = t - 0.23855557567849 / (t - 650.17534844798)
    a = theta**2 + 1167.0521452767 * theta - 724213.16703206
    b = -17.073846940092 * theta**2 + 12020.82470247 * theta - 3232555.0322333
    c = 14.91510861353 * theta**2 - 4823.2657361591 * theta + 405113.40542057
    return np.asarray(1e6 * (2 * c / (-b + np.sqrt(b * b - 4 * a * c))) ** 4)


def _celsius(t: Floats) -> Floats:
    t = np.asarray(t, dtype=float)
    return np.asarray(t - KELVIN) if _within(t) else np.clip(t - KELVIN, COLDEST, HOTTEST)


def _within(t: Floats) -> bool:
    """Whether all temperatures [K] lie where the fits hold; not so where one is no number."""
    return bool(np.size(t) and np.min(t) - KELVIN >= COLDEST and np.max(t) - KELVIN <= HOTTEST)
