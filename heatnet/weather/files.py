"""Weather files: CSV with time and temperature, EPW (EnergyPlus) and TMY3.

    CSV   a header with `time` and `outdoor [degC]` (any unit of temperature); a line an hour, times as 2021-10-20 00:00
    EPW   eight lines of header, then year, month, day, hour 1..24, minute, flags, dry-bulb temperature [degC], ...
    TMY3  a line of the station, then a header with `Date (MM/DD/YYYY)`, `Time (HH:MM)` and `Dry-bulb (C)`

EPW and TMY files are years put together of months of different years: dates are taken as of `year`, the first of January
following the thirty-first of December, and hours end at the time given.
"""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np

from heatnet.errors import Problem, ReadError
from heatnet.units import KELVIN, conversion
from heatnet.weather.series import Weather

EPW_HEADER, EPW_COLUMNS, DRY_BULB = 8, 7, 6
COLDEST, HOTTEST = 180.0, 335.0  # K, beyond what was ever measured in the open
MISSING = 99.0  # degC, from which an EPW file says "no value" (99.9)
LISTED = 20
YEAR = 2021  # of typical years, no leap year


def read_weather(path: str | Path, year: int = YEAR) -> Weather:
    """Hourly weather of a file; ReadError lists every problem with its line. `year` is that of EPW and TMY files."""
    path = Path(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        text = path.read_text(encoding="gb18030", errors="replace")
    except OSError as error:
        raise ReadError([Problem(f"cannot be read: {error.strerror or error}", where=str(path))]) from None
    rows = list(csv.reader(io.StringIO(text)))
    if path.suffix.lower() == ".epw":
        times, values, lines, problems = _epw(path, rows, year)
    elif len(rows) > 1 and any(cell.strip().lower().startswith("date (mm/dd") for cell in rows[1]):
        times, values, lines, problems = _tmy(path, rows, year)
    else:
        times, values, lines, problems = _plain(path, rows)
    problems += _doubts(path, times, values, lines)
    if not times and not problems:
        problems.append(Problem("no hours in it", where=str(path)))
    if problems:
        more = [Problem(f"and {len(problems) - LISTED} more problems", where=str(path))] if len(problems) > LISTED else []
        raise ReadError(problems[:LISTED] + more)
    return Weather(path.stem, times[0], np.array(values))


Parsed = tuple[list[datetime], list[float], list[int], list[Problem]]


def _epw(path: Path, rows: list[list[str]], year: int) -> Parsed:
    if not rows or not rows[0] or rows[0][0].strip().upper() != "LOCATION":
        return [], [], [], [Problem("is no EPW file: its first line must begin with LOCATION", where=f"{path}:1")]

    def hour(row: list[str]) -> tuple[datetime, float]:
        if len(row) < EPW_COLUMNS:
            raise ValueError("too few columns for EPW data")
        value = float(row[DRY_BULB])
        if value > MISSING:
            raise ValueError(f"no temperature given ({row[DRY_BULB]})")
        return datetime(year, int(row[1]), int(row[2])) + timedelta(hours=int(row[3]) - 1), value + KELVIN

    return _each(path, rows[EPW_HEADER:], EPW_HEADER + 1, hour)


def _tmy(path: Path, rows: list[list[str]], year: int) -> Parsed:
    names = [cell.strip().lower() for cell in rows[1]]
    try:
        day, clock, dry = (next(at for at, name in enumerate(names) if name.startswith(start)) for start in ("date", "time", "dry-bulb"))
    except StopIteration:
        return [], [], [], [Problem("a TMY3 file needs the columns Date, Time and Dry-bulb", where=f"{path}:2")]

    def hour(row: list[str]) -> tuple[datetime, float]:
        month, date = row[day].split("/")[:2]
        return datetime(year, int(month), int(date)) + timedelta(hours=int(row[clock].split(":")[0]) - 1), float(row[dry]) + KELVIN

    return _each(path, rows[2:], 3, hour)


def _plain(path: Path, rows: list[list[str]]) -> Parsed:
    names = [cell.strip().partition("[")[0].strip() for cell in rows[0]] if rows else []
    if "time" not in names or "outdoor" not in names:
        return [], [], [], [Problem("the header must name the columns time and outdoor [degC]", where=f"{path}:1")]
    when, dry = names.index("time"), names.index("outdoor")
    unit = rows[0][dry].partition("[")[2].strip(" ]") or "degC"
    try:
        factor, offset = conversion(unit, "K")
    except ValueError as error:
        return [], [], [], [Problem(str(error), column="outdoor", where=f"{path}:1")]
    return _each(path, rows[1:], 2, lambda row: (datetime.fromisoformat(row[when].strip()), factor * float(row[dry]) + offset))


def _each(path: Path, rows: list[list[str]], first: int, hour: object) -> Parsed:
    times, values, lines, problems = [], [], [], []
    for line, row in enumerate(rows, first):
        if not row:
            continue
        try:
            time, value = hour(row)  # type: ignore[operator]
        except (ValueError, IndexError) as error:
            problems.append(Problem(f"no hour of weather: {error}", where=f"{path}:{line}"))
            continue
        times.append(time)
        values.append(value)
        lines.append(line)
    return times, values, lines, problems


def _doubts(path: Path, times: list[datetime], values: list[float], lines: list[int]) -> list[Problem]:
    """Hours that do not follow each other, temperatures that cannot be."""
    problems = [
        Problem(f"{value - KELVIN:g} degC is no outdoor temperature; is the unit right?", column="outdoor", where=f"{path}:{line}")
        for value, line in zip(values, lines, strict=True)
        if not COLDEST <= value <= HOTTEST
    ]
    for before, time, line in zip(times, times[1:], lines[1:], strict=False):
        if time - before != timedelta(hours=1):
            problems.append(Problem(f"{time:%Y-%m-%d %H:%M} does not follow {before:%Y-%m-%d %H:%M} by one hour", where=f"{path}:{line}"))
    return problems
