"""Limits of a report from a file: `heatnet report ... --limits limits.toml`.

    high = 1.15
    gradient = "200 Pa/m"
    heat_price = 38.5           # currency per GJ
    power_price = 0.7           # currency per kWh
    complaint_weeks = 26        # over which the complaints of the model came

What a file does not say keeps its value (heatnet.report.view.Limits).
"""

from __future__ import annotations

import tomllib
from dataclasses import fields
from math import isfinite
from pathlib import Path

from heatnet.errors import Problem, ReadError, nearest
from heatnet.report.view import Limits

UNITS = {"gradient": "Pa/m", "speed": "m/s", "slow": "m/s", "slow_diameter": "m", "hot_spot": "m"}  # may stand behind the number, in quotes
SCALE = {"heat_price": 1e-9, "power_price": 1 / 3.6e6}  # per GJ and per kWh in the file


def read(path: str | Path) -> Limits:
    """Limits of a file; ReadError lists every unknown key and wrong value."""
    path = Path(path)
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ReadError([Problem(f"cannot be read: {error}", where=str(path))]) from None
    known = [item.name for item in fields(Limits)]
    problems: list[Problem] = []
    found: dict[str, float] = {}
    for key, value in data.items():
        if key not in known:
            problems.append(Problem(f"unknown key '{key}'{nearest(key, known)}", where=str(path)))
            continue
        number = _number(value, UNITS.get(key, ""))
        if number is None:
            example = f'"0.5 {UNITS[key]}"' if key in UNITS else "0.5"
            problems.append(Problem(f"{key} must be a number of at least 0, as in {key} = {example}, not {value!r}", where=str(path)))
        else:
            found[key] = number * SCALE.get(key, 1.0)
    limits = Limits(**found) if not problems else Limits()
    if limits.low > limits.high:
        problems.append(Problem(f"low = {limits.low:g} is above high = {limits.high:g}", where=str(path)))
    if problems:
        raise ReadError(problems)
    return limits


def _number(value: object, unit: str) -> float | None:
    if isinstance(value, str) and unit and value.endswith(f" {unit}"):
        try:
            value = float(value.removesuffix(f" {unit}"))
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value) or value < 0:
        return None
    return float(value)
