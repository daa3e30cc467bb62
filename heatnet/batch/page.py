"""A case file while it is read: every problem with the line it stands in."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from math import isfinite
from typing import Any

import numpy as np

from heatnet.change import Change
from heatnet.errors import Problem, nearest
from heatnet.network import KINDS, SITE_RANGES, Network
from heatnet.schema import Ints
from heatnet.units import quantity

SECTION = re.compile(r"\s*(\[\[?)\s*([\w.]+)\s*\]\]?\s*(#.*)?")
CHANGE = ("table", "ids", "column", "value")


@dataclass
class Page:
    """Lines of a case file and the problems found in it."""

    path: str
    lines: list[str]
    problems: list[Problem] = field(default_factory=list)

    def add(self, text: str, section: str = "", number: int = 0, key: str = "") -> None:
        """A problem in a section, the `number`-th of its name, at the line of a key in it, else at its head."""
        line = self.line(section, number, key)
        self.problems.append(Problem(text, where=f"{self.path}:{line}" if line else self.path))

    def line(self, section: str, number: int, key: str) -> int:
        """Line of a key, of the head of its section if it is not there, 0 if neither is."""
        here, head, seen = not section, 0, -1
        for at, line in enumerate(self.lines, 1):
            if match := SECTION.fullmatch(line):
                seen += match[2] == section
                here = match[2] == section and seen == number
                head = at if here else head
            elif here and key and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*(=|\.)", line):
                return at
        return head


@dataclass(frozen=True)
class Part:
    """One table of the file: what it says, and where it stands."""

    page: Page
    data: dict[str, Any]
    section: str
    number: int = 0

    def add(self, text: str, key: str = "") -> None:
        """A problem at a key of this table."""
        self.page.add(f"{self.section}: {text}", self.section, self.number, key)

    def known(self, keys: tuple[str, ...]) -> bool:
        """Whether all keys are among these; a problem for each other one."""
        wrong = [key for key in self.data if key not in keys]
        for key in wrong:
            self.add(f"unknown key '{key}'{nearest(key, keys)}", key)
        return not wrong

    def quantity(self, key: str, unit: str, default: float | None = None) -> float:
        """A quantity in SI; NaN with a problem if it is none."""
        if key not in self.data and default is not None:
            return default
        try:
            return quantity(self.data[key], unit)
        except (ValueError, KeyError) as error:
            self.add(f"{key}: {error}" if key in self.data else f"missing key '{key}'", key)
            return float("nan")

    def number_of(self, key: str, *, least: float, most: float) -> float:
        """A plain number within its range; NaN with a problem if it is none."""
        value = self.data.get(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not least <= value <= most:
            self.add(f"{key} must be a number from {least:g} to {most:g}, not {value!r}", key)
            return float("nan")
        return float(value)

    def count_of(self, key: str, default: int | None, *, least: int, most: int) -> int:
        """A whole number within its range; the least with a problem if it is none."""
        value = self.data.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            self.add(f"{key} must be a whole number from {least} to {most}, not {value!r}", key)
            return least
        return value

    def word(self, key: str, default: str = "", choices: tuple[str, ...] = ()) -> str:
        """A word in quotes, one of the choices if there are any."""
        value = self.data.get(key, default)
        if not isinstance(value, str):
            self.add(f"{key} must be a word in quotes, not {value!r}", key)
            return default
        if choices and value not in choices:
            self.add(f"{key} '{value}' is not one of {', '.join(choices)}{nearest(value, choices)}", key)
            return default
        return value

    def words(self, key: str) -> tuple[str, ...]:
        """A list of words."""
        value = self.data.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            self.add(f'{key} is a list of words, for example {key} = ["{key[:1]}1"]', key)
            return ()
        return tuple(value)

    def listed(self, key: str) -> list[Any]:
        """A list that is not empty."""
        value = self.data.get(key)
        if not isinstance(value, list) or not value:
            self.add(f"{key} is a list of at least one value", key)
            return []
        return value

    def day(self, key: str) -> date | None:
        """A date, as 2021-10-20 with or without quotes; None with a problem if it is none."""
        value = self.data.get(key)
        try:
            return value if type(value) is date else date.fromisoformat(str(value))
        except ValueError:
            self.add(f'{key} must be a date, as in {key} = "2021-10-20"', key)
            return None

    def time(self, key: str) -> datetime | None:
        """A time, as 2022-01-15 06:00; None with a problem if it is none."""
        value = self.data.get(key)
        try:
            return value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
        except ValueError:
            self.add(f'{key} must be a time, as in {key} = "2022-01-15 06:00"', key)
            return None

    def change(self, net: Network, key: str = "value") -> list[Change]:
        """Changes of one column, one for each value under `key` (a single one or a list); problems where they do not fit."""
        table, column = self.word("table"), self.word("column")
        kinds = ("site", *KINDS)
        if table not in kinds:
            self.add(f"table '{table}' is none{nearest(table, kinds)}", "table")
            return []
        columns: Any = SITE_RANGES if table == "site" else KINDS[table].columns()
        if column not in columns or column in ("id", "tail", "head", "consumer"):
            usable = [name for name in columns if name not in ("id", "tail", "head", "consumer")]
            self.add(f"table '{table}' has no column '{column}' that can change{nearest(column, usable)}", "column")
            return []
        ids = self.words("ids") if "ids" in self.data else None
        if ids is not None and (table == "site" or not self.rows(net, table, ids)):
            if table == "site":
                self.add("the site has no rows: leave out ids", "ids")
            return []
        values = self.data.get(key)
        return [
            Change(table, column, value, ids)
            for value in (self._value(each, columns[column], key, column) for each in (values if isinstance(values, list) else [values]))
            if value is not None
        ]

    def rows(self, net: Network, table: str, ids: tuple[str, ...]) -> bool:
        """Whether all ids are rows of the table; a problem for each other one."""
        known = set(net.tables[KINDS[table]].id)
        unknown = [name for name in ids if name not in known]
        for name in unknown[:5]:
            self.add(f"{table} has no row '{name}'{nearest(name, sorted(known))}", "ids")
        return not unknown

    def _value(self, raw: Any, declared: Any, key: str, column: str) -> float | str | None:
        if declared.text:
            if not isinstance(raw, str) or (declared.choices and raw not in declared.choices):
                self.add(f"{raw!r} does not fit column '{column}'; one of {', '.join(declared.choices) or 'words in quotes'}", key)
                return None
            return raw
        try:
            value = quantity(raw, declared.unit) if isinstance(raw, str) else raw
        except ValueError as error:
            self.add(f"{column}: {error}", key)
            return None
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not isfinite(value) or declared.broken(np.array([value]))[0]:
            self.add(f"{raw!r} does not fit column '{column}'; it must be {declared.range}", key)
            return None
        return float(value)


def rows_named(known: Any, ids: tuple[str, ...] | None) -> Ints:
    """Row numbers of these ids among the known ones, all rows where no ids are given; ids that are not there are left out."""
    if ids is None:
        return np.arange(len(known), dtype=np.int32)
    number = {name: at for at, name in enumerate(known)}
    return np.array([number[name] for name in ids if name in number], dtype=np.int32)
