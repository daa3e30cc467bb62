"""Weather files: CSV with time and temperature, EPW (EnergyPlus) and TMY3.

    CSV   a header with `time` and `outdoor [degC]` (or 时间, 室外温度; any unit of temperature); a line an hour, times as
          2021-10-20 00:00 or, as spreadsheets write them, 2021/10/20 0:00; commas, semicolons or tabs, also after a line `sep=;`
    EPW   eight lines of header, then year, month, day, hour 1..24, minute, flags, dry-bulb temperature [degC], ...
    TMY3  a line of the station, then a header with `Date (MM/DD/YYYY)`, `Time (HH:MM)` and `Dry-bulb (C)`

EPW and TMY files are years put together of months of different years: dates are taken as of `year`, hours end at the time given, and
a period of any dates is cut from them by month and day, so that a heating season goes on from December into January.
"""

from __future__ import annotations

import csv
import io
import re
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
NAMES = {"time": "time", "时间": "time", "outdoor": "outdoor", "室外温度": "outdoor"}
TIME = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?(?:[ T]+(\d{1,2}):(\d{2})(?::00)?)?")
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
    rows, apart = _cells(text)
    typical = path.suffix.lower() == ".epw"
    if path.suffix.lower() == ".epw":
        times, values, lines, problems = _epw(path, rows, year)
    elif len(rows) > 1 and any(cell.strip().lower().startswith("date (mm/dd") for cell in rows[1]):
        times, values, lines, problems = _tmy(path, rows, year)
        typical = True
    else:
        times, values, lines, problems = _plain(path, rows, "." if apart == "," else ",")
    problems += _doubts(path, times, values, lines)
    if not times and not problems:
        problems.append(Problem("no hours in it", where=str(path)))
    if problems:
        more = [Problem(f"and {len(problems) - LISTED} more problems", where=str(path))] if len(problems) > LISTED else []
        raise ReadError(problems[:LISTED] + more)
    return Weather(path.stem, times[0], np.array(values), typical)


def _cells(text: str) -> tuple[list[list[str]], str]:
    """Cells of a file and what stands between them, as its first line tells."""
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == len("sep=;"):
        apart = first.strip()[-1]
        return [[], *csv.reader(io.StringIO(rest), delimiter=apart)], apart  # an empty row keeps the numbers of the lines
    apart = max(",;\t", key=first.count)
    return list(csv.reader(io.StringIO(text), delimiter=apart)), apart


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


def _plain(path: Path, rows: list[list[str]], comma: str) -> Parsed:
    head = next((at for at, row in enumerate(rows) if row), 0)
    cells = rows[head] if rows else []
    names = [NAMES.get(cell.strip().partition("[")[0].strip(), "") for cell in cells]
    if "time" not in names or "outdoor" not in names:
        return [], [], [], [Problem("the header must name the columns time and outdoor [degC]", where=f"{path}:{head + 1}")]
    when, dry = names.index("time"), names.index("outdoor")
    unit = cells[dry].partition("[")[2].strip(" ]") or "degC"
    try:
        factor, offset = conversion(unit, "K")
    except ValueError as error:
        return [], [], [], [Problem(str(error), column="outdoor", where=f"{path}:{head + 1}")]
    return _each(path, rows[head + 1 :], head + 2, lambda row: (_time(row[when]), factor * float(row[dry].replace(comma, ".")) + offset))


def _time(text: str) -> datetime:
    """A time as people and spreadsheets write it; ValueError if it is none.

    >>> _time("2021/10/20 0:00")
    datetime.datetime(2021, 10, 20, 0, 0)
    """
    match = TIME.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"'{text}' is no time, as in 2021-10-20 00:00")
    year, month, day, hour, minute = (int(part or 0) for part in match.groups())
    return datetime(year, month, day) + timedelta(hours=hour, minutes=minute)


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
