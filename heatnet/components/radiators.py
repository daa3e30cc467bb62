"""Rooms on vectors of buildings: the same equations as `terminal.room_state`, which is their slow twin in the tests."""

from __future__ import annotations

from typing import Any

import numpy as np

from heatnet.jit import kernel
from heatnet.schema import Floats
from heatnet.simd import choose, fma, larger, like, load, size, smaller, somewhere, store
from heatnet.simd_functions import exp, log

V = Any  # a vector of doubles (heatnet.simd.Vector)
FAR = 600.0  # exponents beyond which nothing is left


def rooms(ts: Floats, c: Floats, kappa: Floats, n: Floats, h: Floats, balance: Floats) -> tuple[Floats, Floats, Floats]:
    """Room [K], heat [W] and d(room)/d(supply) of many buildings, all (n,); arguments as in `terminal.room_state`."""
    size_, whole = ts.size, -(-ts.size // 8) * 8
    given, found = np.ones((6, whole)), np.empty((3, whole))
    given[3] = 1.3
    for row, values in zip(given, (ts, c, kappa, n, h, balance), strict=True):
        row[:size_] = values
    solve_rooms(given, found)
    return found[0, :size_], found[1, :size_], found[2, :size_]


@kernel
def solve_rooms(given: Floats, found: Floats) -> None:
    """Rooms of many buildings: `given` (6, n) as the arguments of `room_states`, `found` (3, n), n a multiple of 8."""
    ts, c, kappa, n, h, balance = given[0], given[1], given[2], given[3], given[4], given[5]
    room, heat, gain = found[0], found[1], found[2]
    for i in range(0, ts.size, 8):
        warm = load(8, ts, i)
        t, q, g = room_states(
            warm, load(8, c, i), load(8, kappa, i), load(8, n, i), load(8, h, i), load(8, balance, i), like(warm, np.nan), 1e-6
        )
        store(room, i, t)
        store(heat, i, q)
        store(gain, i, g)


@kernel
def room_states(ts: V, c: V, kappa: V, n: V, h: V, balance: V, guess: V, near: float) -> tuple[V, V, V]:
    """Room temperature, heat [W] and d(room)/d(supply): Newton on the heat balance, kept inside its bracket.

    Ends with a step of at most `near` [K], whose square over some 100 K is the error left.

    As components.terminal.room_state, with E = ln(1 + (n-1) kappa/C a^(n-1))/(n-1), b = a exp(-E), (b/a)^n = exp(-n E).
    """
    none, one = like(ts, 0.0), like(ts, 1.0)
    rise = choose(c > 0.0, ts - balance, none)
    live = rise > 0.0
    low, high = balance, choose(live, ts, balance)
    middle = fma(0.5 * rise, c / (c + h), balance)
    ti = choose(guess > low, choose(guess < high, guess, middle), middle)
    k = n - 1.0
    flat = size(k) < 1e-9
    power = choose(flat, one, k)
    ratio = smaller(kappa / larger(c, like(c, 1e-100)), like(c, 1e200))
    psi = none
    for _ in range(60):
        a = larger(ts - ti, like(ts, 1e-30))
        left = smaller(choose(flat, ratio, log(fma(k * ratio, exp(k * log(a)), one)) / power), like(ts, FAR))
        psi = c * (1.0 - exp(0.0 - smaller(n * left, like(ts, FAR))))
        f = fma(h, ti - balance, 0.0 - c * a * (1.0 - exp(0.0 - left)))
        above = f > 0.0
        high = choose(above, ti, high)
        low = choose(above, low, ti)
        new = ti - f / (h + psi)
        half = 0.5 * (low + high)
        new = choose(new >= low, choose(new <= high, new, half), half)
        moved = choose(live, size(new - ti), none)
        ti = choose(live, new, balance)
        if not somewhere(moved > near):  # the step after the next one would be smaller than rounding
            break
    return ti, h * (ti - balance), choose(live, psi / (h + psi), none)
