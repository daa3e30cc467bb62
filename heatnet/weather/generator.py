"""Synthetic hourly temperatures of a continental climate, as heatnet generates them for Harbin.

Daily climatology, d day of the year from 0, w = 2 pi/365:
    T_c(d) = mean + a1 cos(w (d + 0.5 - d1)) + a2 cos(2 w (d + 0.5 - d2))
Daily noise, autoregressive of order one:
    e[d] = r e[d-1] + sqrt(1 - r^2) N(0, 1),   T(d) = T_c(d) + s(d) e[d],   s(d) = s0 (0.75 + 0.25 cos(w (d - 15)))
Hourly: daily means interpolated between noons, plus A(d) cos(2 pi (h - 15)/24), A = 5.5 K in winter, 6 K in March and April.

The constants of HARBIN were fitted to figures of GB 50736-2012 annex A for station 50953 as transcribed in a public
data set: design temperature -24.2 degC, 176 days at or below +5 degC with mean -9.4 degC, 195 days at or below +8 degC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

import numpy as np

from heatnet.schema import Floats
from heatnet.units import KELVIN
from heatnet.weather.series import DAY, Weather

YEAR = 365.0  # d
SETTLE = 60  # d of noise before the first day, so that it does not begin at zero


@dataclass(frozen=True)
class Climate:
    """Constants of the generator; temperatures in degC, days of the year from 0."""

    name: str
    mean: float
    yearly: tuple[float, float]  # K amplitude, d of its maximum
    half_yearly: tuple[float, float]
    memory: float  # - correlation of the noise from day to day
    spread: float  # K, deviation of daily means in mid-winter
    swing: tuple[float, float]  # K, half the daily range in winter, in March and April


HARBIN = Climate("harbin", 4.332, (-20.377, 12.60), (2.221, 98.74), 0.75, 5.0, (5.5, 6.0))


def generate(first: date, last: date, seed: int, climate: Climate = HARBIN) -> Weather:
    """Hourly weather from the first day to the end of the last; equal seeds give equal weather for equal first days.

    >>> from datetime import date
    >>> winter = generate(date(2021, 10, 20), date(2022, 4, 20), seed=1)
    >>> winter.hours
    4392
    """
    days = (last - first).days + 1
    if days < 1:
        raise ValueError(f"{first} is after {last}")
    around = [first + timedelta(days=at) for at in range(-1, days + 1)]  # a day more at both ends for the interpolation
    number = np.array([(day - date(day.year, 1, 1)).days for day in around], dtype=np.float64)
    noise = np.random.default_rng(seed).standard_normal(SETTLE + len(around))
    wander = np.zeros(noise.size)
    for at in range(1, noise.size):
        wander[at] = climate.memory * wander[at - 1] + np.sqrt(1.0 - climate.memory**2) * noise[at]
    spread = climate.spread * (0.75 + 0.25 * np.cos(2 * np.pi / YEAR * (number - 15.0)))
    daily = climatology(number, climate) + spread * wander[SETTLE:]
    hour = np.arange(days * DAY) + 0.5
    outdoor = np.interp(hour, (np.arange(-1, days + 1) + 0.5) * DAY, daily)
    spring = np.array([day.month in (3, 4) for day in around[1:-1]]).repeat(DAY)
    swing = np.where(spring, climate.swing[1], climate.swing[0])
    outdoor += swing * np.cos(2 * np.pi * (hour % DAY - 15.0) / DAY)
    start = datetime(first.year, first.month, first.day)
    return Weather(f"{climate.name}, seed {seed}", start, outdoor + KELVIN)


def climatology(day: Floats, climate: Climate = HARBIN) -> Floats:
    """Mean temperature [degC] of days of the year, from 0."""
    angle = 2 * np.pi / YEAR
    (one, at_one), (two, at_two) = climate.yearly, climate.half_yearly
    return np.asarray(
        climate.mean + one * np.cos(angle * (day + 0.5 - at_one)) + two * np.cos(2 * angle * (day + 0.5 - at_two))
    )
