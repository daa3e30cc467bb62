"""Weather states that stand for the heating season: a duration curve cut into bins, each at one outdoor temperature.

A day belongs to the state whose temperature is nearest: borders lie half-way between neighbours. A curve gives the days of the season at
or below each temperature, linear between its points; a weather hour by hour is counted instead where one is given.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from heatnet.change import Change, Scenario
from heatnet.effects import WeatherState
from heatnet.errors import HeatnetError, Problem, ReadError
from heatnet.schema import Floats
from heatnet.units import KELVIN
from heatnet.weather import Weather

SHIPPED = Path(__file__).parent / "duration_harbin.csv"
LEVELS = tuple(KELVIN + t for t in (-24.2, -20.0, -15.0, -10.0, -5.0, 0.0, 5.0))
HEADER = ["outdoor [degC]", "days at or below"]
HOURS = 24.0


def states(levels: Sequence[float], curve: tuple[Floats, Floats] | Weather, season_days: float) -> tuple[WeatherState, ...]:
    """A state for each outdoor temperature [K] with its hours of a season; levels without any hours are left out.

    >>> found = states(LEVELS, read_curve(SHIPPED), 183.0)
    >>> [round(one.hours / 24.0, 1) for one in found], round(sum(one.hours for one in found) / 24.0, 6)
    ([11.3, 23.7, 34.0, 33.5, 29.0, 25.0, 26.5], 183.0)
    """
    rising = sorted(set(levels))
    if not rising:
        raise HeatnetError("no outdoor temperature stands for the season: name at least one state")
    borders = [0.5 * (one + other) for one, other in pairwise(rising)]
    if isinstance(curve, Weather):
        below = np.array([*(float(np.count_nonzero(curve.outdoor <= border)) for border in borders), float(curve.hours)])
    else:
        below = HOURS * np.array([*np.interp(borders, *curve), season_days])
    hours = np.diff(np.concatenate([[0.0], np.minimum(below, below[-1])]))
    return tuple(
        WeatherState(f"{level - KELVIN:g} degC", float(of), Scenario("", (Change("site", "outdoor", level),)))
        for level, of in zip(rising, hours, strict=True) if of > 0.0
    )


def outdoor(state: WeatherState) -> float:
    """Outdoor temperature of a state [K]."""
    (change,) = [one for one in state.scenario.changes if (one.kind, one.column) == ("site", "outdoor")]
    return float(change.values)  # type: ignore[arg-type]


def read_curve(path: str | Path = SHIPPED) -> tuple[Floats, Floats]:
    """Outdoor temperatures [K] and days of the season at or below each; ReadError says what is wrong in the file."""
    path = Path(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            lines = list(csv.reader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise ReadError([Problem(f"cannot be read: {error}", where=str(path))]) from None
    if not lines or lines[0][:2] != HEADER:
        raise ReadError([Problem(f"the header must be {','.join(HEADER)}", where=f"{path}:1")])
    pairs, problems = [], []
    for number, line in enumerate(lines[1:], 2):
        try:
            pairs.append((float(line[0]) + KELVIN, float(line[1])))
        except (ValueError, IndexError):
            problems.append(Problem("must be two numbers, a temperature and days", where=f"{path}:{number}"))
    if any(b[0] <= a[0] or b[1] < a[1] for a, b in pairwise(pairs)):
        problems.append(Problem("temperatures must rise, and days must not fall", where=str(path)))
    if problems or not pairs:
        raise ReadError(problems or [Problem("has no rows", where=str(path))])
    temperature, days = (np.array(column) for column in zip(*pairs, strict=True))
    return temperature, days
