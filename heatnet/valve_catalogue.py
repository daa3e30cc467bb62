"""Valve catalogues as data: for every type its size and the Kv of its positions.

SBV-DN<size>: static balancing valve, DN15 to DN300, positions in turns of the handwheel. BFV-DN<size>: lockable butterfly valve, DN50 to
DN300, positions in degrees. The shipped figures are generic (Kvs = 0.0125 DN^2 and 0.035 DN^2): they show what a setting is like and are to
be replaced by the maker's table. Between two lines of a type positions can be set in steps, Kv between them by its logarithm.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from heatnet.errors import Problem, ReadError
from heatnet.read.table import RawTable, columns_of, read_table
from heatnet.schema import Floats, Ints, Table, Texts, column, text

GENERIC = Path(__file__).parent / "valves" / "generic.csv"


@dataclass(frozen=True)
class Position(Table):
    """Lines of a valve catalogue, one a position; the lines of a type stand together, the least open first."""

    size: Floats = column("m", "nominal diameter", above=0, most=3)
    position: Floats = column("-", "position as it is read on the valve", least=0, most=1e4)
    unit: Texts = text("unit of the position: turns, degrees, scale ...", default="turns")
    kv: Floats = column("m3/h at 1 bar", "flow coefficient at the position", least=1e-4, most=1e6)
    tolerance: Floats = column("-", "tolerance of the flow coefficient there", least=0, most=0.5, default=0.1)
    step: Floats = column("-", "step in which positions can be set up to the next line; only the lines themselves if not given", above=0,
                          most=1e4, optional=True)
    source: Texts = text("where the figures come from", default="")

    @classmethod
    def kind(cls) -> str:
        """Name in messages."""
        return "valve catalogue"


@dataclass(frozen=True)
class ValveType:
    """One type in one size; the positions that can be set, the least open first, (positions,)."""

    name: str
    size: float  # m
    unit: str
    position: Floats
    kv: Floats  # m3/h at 1 bar
    tolerance: Floats  # -, of Kv
    source: str

    @property
    def open(self) -> float:
        """Kv of the fully open valve."""
        return float(self.kv[-1])

    @property
    def family(self) -> str:
        """Name without its size."""
        return self.name.rsplit("-", 1)[0]

    def at(self, kv: float) -> float:
        """Position at which Kv is this, between two that can be set if need be; NaN beyond its range."""
        if not self.kv[0] * (1 - 1e-9) <= kv <= self.kv[-1] * (1 + 1e-9):
            return float("nan")
        return float(np.interp(np.log(kv), np.log(self.kv), self.position))


def valve_catalogue(path: str | Path | None = None) -> dict[str, ValveType]:
    """Types by name from a user's CSV, or the generic ones; ReadError lists all that is wrong in the file.

    >>> valve_catalogue()["SBV-DN50"].open
    31.2
    """
    return dict(_generic() if path is None else _read(Path(path)))


@cache
def _generic() -> dict[str, ValveType]:
    return _read(GENERIC)


def _read(path: Path) -> dict[str, ValveType]:
    raw = read_table(path, Position)
    problems = list(raw.problems)
    named = raw.texts.get("id", np.zeros(0, dtype=object))
    rows = {str(name): np.flatnonzero(named == name).astype(np.int32) for name in dict.fromkeys(named) if name}
    problems += [problem for name, lines_of in rows.items() for problem in _faults(name, lines_of, raw)]
    if not named.size and not problems:
        problems.append(Problem("holds no valve", "valve catalogue", where=str(path)))
    if problems:
        raise ReadError(sorted(problems, key=_line))
    lines = Position.of(**columns_of(raw))
    return {str(name): _type(str(name), lines.take(np.flatnonzero(lines.id == name))) for name in dict.fromkeys(lines.id)}


def _line(problem: Problem) -> int:
    """Line of the file that a problem stands at, 0 where it is the file itself."""
    line = problem.where.rpartition(":")[2]
    return int(line) if line.isdecimal() else 0


def _faults(name: str, rows: Ints, raw: RawTable) -> list[Problem]:
    """What is wrong with the lines of one type taken together; of columns that could be read."""
    where, problems = f"{raw.path}:{raw.lines[rows[0]]}", []
    if rows.size < 2:
        problems.append(Problem("a type needs at least two positions", "valve catalogue", name, "position", where))
    for label in ("position", "kv"):
        values = raw.numbers[label][rows] if label in raw.numbers else np.zeros(0)
        for at in np.flatnonzero(np.diff(values) <= 0.0):
            said = f"{values[at + 1]:g} does not rise above {values[at]:g}; list the positions of a type from closed to open"
            problems.append(Problem(said, "valve catalogue", name, label, f"{raw.path}:{raw.lines[rows[at + 1]]}"))
    for label, given in (("size", raw.numbers.get("size")), ("unit", raw.texts.get("unit"))):
        if given is not None and len(several := set(given[rows][given[rows] == given[rows]].tolist())) > 1:
            problems.append(Problem(f"differs between the lines of a type: {sorted(several)}", "valve catalogue", name, label, where))
    return problems


def _type(name: str, lines: Position) -> ValveType:
    """Its lines with the steps between them."""
    position = [np.array([lines.position[0]])]
    for at, (low, high) in enumerate(zip(lines.position, lines.position[1:], strict=False)):
        step = lines.step[at]
        count = 1 if np.isnan(step) else max(round(float((high - low) / step)), 1)
        position.append(low + (high - low) * np.arange(1, count + 1) / count)
    grid = np.round(np.concatenate(position), 9)
    kv = np.exp(np.interp(grid, lines.position, np.log(lines.kv)))
    return ValveType(name, float(lines.size[0]), str(lines.unit[0]), grid, kv, np.interp(grid, lines.position, lines.tolerance),
                     str(lines.source[0]))
