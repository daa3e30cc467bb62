"""Prices of works: data with currency, year and source; a user's own file or entries take the place of the shipped ones.

    price of a line = factor (fixed + quantity (rate + rate_d d + rate_d2 d^2)),  d diameter [m]
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields, replace
from math import isfinite
from pathlib import Path

from heatnet.errors import Problem, ReadError, nearest
from heatnet.retrofit.measures import Item

SHIPPED = Path(__file__).parent / "costs.csv"
NUMBERS = ("fixed", "rate", "rate_d", "rate_d2", "year", "life", "upkeep")


@dataclass(frozen=True)
class Price:
    """One entry of the table."""

    item: str
    name_zh: str
    name_en: str
    unit: str
    fixed: float  # currency a line
    rate: float  # currency per unit
    rate_d: float  # currency per unit and metre of diameter
    rate_d2: float
    currency: str
    year: float
    life: float  # a
    upkeep: float  # 1/a of its cost
    source: str
    verified: str

    def of(self, quantity: float, diameter: float) -> float:
        """Cost of a quantity."""
        return self.fixed + quantity * (self.rate + self.rate_d * diameter + self.rate_d2 * diameter**2) if quantity else 0.0


@dataclass(frozen=True)
class Cost:
    """What a work costs, in the currency of the table."""

    capital: float
    upkeep: float  # per year
    annuity: float  # capital per year over the lives of its parts

    def __add__(self, other: Cost) -> Cost:
        return Cost(self.capital + other.capital, self.upkeep + other.upkeep, self.annuity + other.annuity)


@dataclass(frozen=True)
class Prices:
    """A price table; `factor` is that of a place or a year on all of it."""

    entries: Mapping[str, Price]
    interest: float = 0.05
    factor: float = 1.0

    @property
    def currency(self) -> str:
        """The currency; several in one table are joined by a slash."""
        return "/".join(sorted({entry.currency for entry in self.entries.values()}))

    def cost(self, bill: Iterable[Item]) -> Cost:
        """Cost of a bill."""
        total = Cost(0.0, 0.0, 0.0)
        for line in bill:
            entry = self.entries[line.price]
            capital = self.factor * entry.of(line.quantity, line.diameter)
            total += Cost(capital, entry.upkeep * capital, recovery(self.interest, entry.life) * capital)
        return total

    def with_(self, changed: Mapping[str, Mapping[str, float]]) -> Prices:
        """Prices with numbers of some entries replaced."""
        entries = dict(self.entries)
        for item, values in changed.items():
            entries[item] = replace(entries[item], **values, source="case file", verified="user")  # type: ignore[arg-type]
        return replace(self, entries=entries)


def recovery(interest: float, years: float) -> float:
    """Capital recovery factor r (1 + r)^n/((1 + r)^n - 1) [1/a].

    >>> round(recovery(0.05, 20.0), 4)
    0.0802
    """
    return interest / -((1.0 + interest) ** -years - 1.0) if interest > 0.0 else 1.0 / years


def read_prices(path: str | Path = SHIPPED) -> Prices:
    """A price table from CSV; entries that a user's file lacks are those shipped. ReadError lists all that is wrong in it."""
    path = Path(path)
    problems: list[Problem] = []
    entries = {} if path == SHIPPED else dict(read_prices(SHIPPED).entries)
    known = set(entries)
    columns = [item.name for item in fields(Price)]
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            header = reader.fieldnames or []
            problems += [
                Problem(f"unknown column '{name}'{nearest(name, columns)}", where=f"{path}:1") for name in header if name not in columns
            ]
            problems += [Problem(f"missing column '{name}'", where=f"{path}:1") for name in columns if name not in header]
            for row in () if problems else reader:
                where = f"{path}:{reader.line_num}"
                values = {name: _number(row, name, where, problems) for name in NUMBERS}
                item = row["item"]
                if known and item not in known:
                    problems.append(Problem(f"no work is paid by '{item}'{nearest(item, sorted(known))}", where=where))
                words = {name: (row[name] or "").strip() for name in columns if name not in NUMBERS}
                entries[item] = Price(**words, **values)  # type: ignore[arg-type]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ReadError([Problem(f"cannot be read: {error}", where=str(path))]) from None
    if problems:
        raise ReadError(problems)
    return Prices(entries)


def _number(row: dict[str, str], name: str, where: str, problems: list[Problem]) -> float:
    try:
        value = float(row[name])
        if not isfinite(value) or value < 0.0 or (name == "life" and value <= 0.0):
            raise ValueError
    except (TypeError, ValueError):
        problems.append(Problem(f"'{row[name]}' must be a number of at least 0 (a life above 0)", column=name, where=where))
        return 1.0
    return value
