"""What stands behind a consumer: radiators that give heat by the integrated law, and the building that loses it.

Radiator (EN 442 exponent n), its local law integrated along the water path, C = m cp, a = T_s - T_i, b = T_r - T_i:
    b = (a^(1-n) + (n-1) kappa/C)^(-1/(n-1)),   n = 1: b = a exp(-kappa/C),   Q = C (a - b)
    kappa = C_d ((T_rd - T_id)^(1-n) - (T_sd - T_id)^(1-n))/(n-1)      (the design point holds exactly)
so that T_i < T_r < T_s always; the mean-temperature forms of EN 442 give return water below the room at low flow.
It is the limit of the discretised radiator of the Modelica Buildings library (RadiatorEN442_2).
Building, steady: H (T_i - T_o) = Q + gains. One scalar equation for T_i, with one root between T_o + gains/H and T_s.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from heatnet.jit import kernel
from heatnet.schema import Floats, Ints


@dataclass(frozen=True)
class Terminals:
    """All buildings, one entry each (n,); `consumer` is the row of the consumer they hang on."""

    consumer: Ints
    share: Floats  # - of its consumer's flow, by design flow
    design_flow: Floats  # kg/s
    design_capacity: Floats  # W/K, design heat over design drop
    kappa: Floats  # W/K^(2-n) ..., of the radiators as they are
    design_kappa: Floats  # of the radiators as designed
    exponent: Floats  # -
    conductance: Floats  # W/K, heat loss coefficient as it is
    design_conductance: Floats  # W/K
    balance: Floats  # K, temperature of the building without heating: outdoor + gains/conductance
    design_balance: Floats  # K, the same with the design heat loss coefficient
    wanted: Floats  # K, design indoor temperature

    @property
    def demand(self) -> Floats:
        """Heat that keeps the design indoor temperature [W], (n,)."""
        return np.maximum(self.conductance * (self.wanted - self.balance), 0.0)

    def rooms(
        self, t_in: Floats, m: Floats, cp: Floats, *, kappa: Floats | None = None, conductance: Floats | None = None,
        balance: Floats | None = None,
    ) -> tuple[Floats, Floats, Floats]:
        """Room temperature [K], heat [W] and d(room)/d(supply) [-] of every building, (n,).

        Supply temperature t_in [K], own flow m [kg/s] and heat capacity cp [J/(kg K)] are per building; the other
        arguments replace the building's own data (what-if).
        """
        from heatnet.components import radiators  # noqa: PLC0415  loads numba

        return radiators.rooms(
            t_in, m * cp, self.kappa if kappa is None else kappa, self.exponent,
            self.conductance if conductance is None else conductance, self.balance if balance is None else balance,
        )


def kappa(design_capacity: Floats, supply: Floats, back: Floats, indoor: Floats, exponent: Floats) -> Floats:
    """Radiator constant from the design point: capacity rate [W/K], temperatures [K], exponent [-]; all (n,)."""
    k = exponent - 1.0
    cold, warm = back - indoor, supply - indoor
    flat = np.abs(k) < 1e-9
    safe = np.where(flat, 1.0, k)
    return design_capacity * np.where(flat, np.log(warm / cold), (cold**-safe - warm**-safe) / safe)


@kernel
def radiator(a: float, c: float, kap: float, n: float) -> float:
    """Return temperature above the room b [K] at supply temperature above the room a > 0 [K] and capacity rate c > 0 [W/K]."""
    k = n - 1.0
    if abs(k) < 1e-9:
        return a * math.exp(-kap / c)
    b: float = a * (1.0 + k * kap / c * a**k) ** (-1.0 / k)
    return b


@kernel
def room_state(ts: float, c: float, kap: float, n: float, h: float, balance: float) -> tuple[float, float, float]:
    """Room temperature, heat and d(room)/d(supply): Newton on the heat balance, kept inside its bracket."""
    if ts <= balance or c <= 0.0:
        return balance, 0.0, 0.0
    low, high = balance, ts
    ti = balance + (ts - balance) * c / (c + h) * 0.5
    for _ in range(60):
        a = ts - ti
        b = radiator(a, c, kap, n)
        q = c * (a - b)
        f = h * (ti - balance) - q
        if f > 0.0:
            high = ti
        else:
            low = ti
        psi = c * (1.0 - (b / a) ** n)
        new = ti - f / (h + psi)
        if not (low < new < high):
            new = 0.5 * (low + high)
        done = abs(new - ti) < 1e-13 * (1.0 + abs(ti))
        ti = new
        if done or high - low < 1e-12:
            break
    a = ts - ti
    if a <= 0.0:
        return ti, 0.0, 1.0
    b = radiator(a, c, kap, n)
    psi = c * (1.0 - (b / a) ** n)
    return ti, h * (ti - balance), psi / (h + psi)


@kernel
def solve_rooms(
    ts: Floats, c: Floats, kap: Floats, n: Floats, h: Floats, balance: Floats, room: Floats, heat: Floats, gain: Floats
) -> None:
    """Rooms of many buildings, all arrays (n,)."""
    for i in range(ts.size):
        room[i], heat[i], gain[i] = room_state(ts[i], c[i], kap[i], n[i], h[i], balance[i])
