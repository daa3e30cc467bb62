"""Heat loss of a pair of buried pipes, by superposition with mirror images.

    R_i = ln(D_i/d_o)/(2 pi l_i) + ln(D_c/D_i)/(2 pi l_c)     insulation and casing
    R_s = ln(4 z'/D_c)/(2 pi l_s)                             soil, z' = z + R0 l_s, R0 = 0.0685 m2 K/W at the surface
    R_12 = ln(sqrt(1 + (2 z'/e)^2))/(2 pi l_s)                between the pipes, e = distance of the axes
    q_1 = ((T_1 - T_g) R - (T_2 - T_g) R_12)/(R^2 - R_12^2),  R = R_i + R_s
The form of EN 13941-1; also that of the Russian norm in the R package pipenostics, whose published example it reproduces.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import pairwise

SURFACE = 0.0685  # m2 K/W, resistance between ground surface and air
PE = 0.40  # W/(m K), casing of polyethylene
# Usual wall of a casing [mm] by its outer diameter [mm] (EN 253 practice, unverified)
WALLS = {160: 3.0, 250: 3.6, 400: 4.8, 500: 5.6, 630: 6.6, 800: 7.9, 1000: 9.4, 1200: 11.0, 1600: 14.2}


@dataclass(frozen=True)
class BuriedPair:
    """Two equal pipes side by side; lengths in m, conductivities in W/(m K)."""

    outer: float  # of the steel pipe
    casing: float
    insulation: float = 0.027
    soil: float = 1.5
    depth: float = 1.5  # of the axes
    gap: float = 0.1  # between the casings
    surface: float = SURFACE  # m2 K/W
    casing_wall: float = 0.0
    second_insulation: float | None = None  # of the second pipe, where it differs

    def losses(self, first: float, second: float, ground: float) -> tuple[float, float]:
        """Heat loss of each pipe [W/m] at water temperatures `first` and `second` and ground temperature, all K or all degC.

        >>> pair = BuriedPair(0.25, 0.45, 0.09, 1.74, 2.0, 0.1, surface=0.0, second_insulation=0.07)
        >>> [round(loss, 2) for loss in pair.losses(110.0, 60.0, 5.0)]
        [77.02, 25.6]
        """
        z = self.depth + self.surface * self.soil
        apart = self.gap + self.casing
        soil = math.log(4 * z / self.casing) / (2 * math.pi * self.soil)
        between = math.log(math.sqrt(1 + (2 * z / apart) ** 2)) / (2 * math.pi * self.soil)
        one = self._wall(self.insulation) + soil
        other = self._wall(self.second_insulation or self.insulation) + soil
        scale = one * other - between**2
        return (
            ((first - ground) * other - (second - ground) * between) / scale,
            ((second - ground) * one - (first - ground) * between) / scale,
        )

    def transmittance(self) -> float:
        """Loss per pipe, metre and kelvin [W/(m K)] when both pipes have the same temperature."""
        return self.losses(1.0, 1.0, 0.0)[0]

    def _wall(self, insulation: float) -> float:
        inner = self.casing - 2 * self.casing_wall
        return math.log(inner / self.outer) / (2 * math.pi * insulation) + math.log(self.casing / inner) / (2 * math.pi * PE)


def casing_wall(casing: float) -> float:
    """Usual wall of a casing [m] of outer diameter `casing` [m], linear between the sizes of `WALLS`."""
    sizes = sorted(WALLS)
    size = casing * 1e3
    for low, high in pairwise(sizes):
        if size <= high:
            part = max(size - low, 0.0) / (high - low)
            return (WALLS[low] + part * (WALLS[high] - WALLS[low])) / 1e3
    return WALLS[sizes[-1]] / 1e3


def bonded(outer: float, casing: float, *, soil: float, cover: float) -> BuriedPair:
    """A pair of bonded pipes under `cover` [m] of soil, casings 0.1 m apart, insulation of 0.027 W/(m K)."""
    return BuriedPair(outer, casing, soil=soil, depth=cover + casing / 2, casing_wall=casing_wall(casing))
