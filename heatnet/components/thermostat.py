"""Water that radiators need for a set room temperature: the integrated law of `terminal`, solved for the capacity rate.

Q(C) = C (a - b(C)) with a = T_s - T_set rises with C = m cp, is concave and stays below kappa a^n. So Newton's iteration from
C = Q/a, which is too little, rises to the root without overshoot; there is none where Q >= kappa a^n: the radiators are too small
for the supply temperature there is.
"""

from __future__ import annotations

import numpy as np

from heatnet.components.terminal import Terminals
from heatnet.schema import Floats

STEPS = 80
FLAT = 1e-9  # of n - 1: below it the exponential law holds
ROUNDING = 1e-15  # of the heat
REACH = 1.0 - 1e-9  # share of what the radiators give at most that water can be asked for


def needed_capacity(a: Floats, heat: Floats, kappa: Floats, n: Floats) -> tuple[Floats, Floats]:
    """Capacity rate C [W/K] that gives `heat` [W], infinite where none does, and -dln C/da [1/K]; all (n,).

    a [K] is the supply temperature above the room, kappa the radiator constant, n its exponent.
    >>> c, _ = needed_capacity(np.array([55.0]), np.array([1e5]), np.array([1e5 / 25 * (30**-0.3 - 55**-0.3) / 0.3]), np.array([1.3]))
    >>> round(float(c[0]), 6)
    4000.0
    """
    warm = np.maximum(a, 1e-9)
    most = kappa * warm**n
    possible = (a > 0.0) & (heat > 0.0) & (heat < REACH * most)
    c = np.where(possible, heat, 1.0) / warm
    at = np.flatnonzero(possible)  # those that are not there yet: some need many steps, most a few
    for _ in range(STEPS):
        flow, a_at, k_at, n_at = c[at], warm[at], kappa[at], n[at]
        left = _left(a_at, flow, k_at, n_at)
        rise = np.maximum(a_at - left - k_at * left**n_at / flow, 1e-300)  # dQ/dC
        lacks = heat[at] - flow * (a_at - left)
        step = np.maximum(lacks / rise, 0.0)
        c[at] = flow + step
        at = at[(step > 1e-13 * flow) & (lacks > ROUNDING * heat[at])]
        if not at.size:
            break
    left = _left(warm, c, kappa, n)
    rise = np.maximum(warm - left - kappa * left**n / c, 1e-300)
    answer = np.where(possible, (1.0 - (left / warm) ** n) / rise, 0.0)
    return np.where(heat <= 0.0, 0.0, np.where(possible, c, np.inf)), answer


def wanted_flow(part: Terminals, t_in: Floats, cp: Floats, room: Floats, consumers: int) -> tuple[Floats, Floats]:
    """Flow [kg/s] at which the coldest building behind each consumer has its set temperature, and -dln m/dT [1/K]; (consumers,).

    t_in [K] and cp are those of the consumers, `room` [K] the set temperature of every building. Infinite where the
    radiators cannot give it.
    """
    at = part.consumer
    heat = np.maximum(part.conductance * (room - part.balance), 0.0)
    c, answer = needed_capacity(t_in[at] - room, heat, part.kappa, part.exponent)
    flow = c / (cp[at] * part.share)
    most = np.zeros(consumers)
    np.maximum.at(most, at, flow)
    steepest = np.zeros(consumers)
    np.maximum.at(steepest, at, np.where(flow >= most[at], answer, 0.0))
    return most, steepest


def _left(a: Floats, c: Floats, kappa: Floats, n: Floats) -> Floats:
    """Return temperature above the room [K]."""
    k = n - 1.0
    flat = np.abs(k) < FLAT
    safe = np.where(flat, 1.0, k)
    ratio = np.minimum(kappa / c, 1e200)
    exponent = np.where(flat, ratio, np.log1p(k * ratio * a**k) / safe)
    return np.asarray(a * np.exp(-np.minimum(exponent, 600.0)))
