"""Axes of a case: each a list of points, each point a set of changes; scenarios are the product of all axes.

    [[axis]]  outdoor = ["-24.2 degC", "-10 degC"]
    [[axis]]  hours = "harbin" or a weather file, from, to, step, seed, depth
    [[axis]]  outage = "pipe", ids = ["p1", ["p2s", "p2r"]], intact = true
    [[axis]]  demand = [1.0, 1.1], ids, district
    [[axis]]  table, ids, column, values = [...]
    [[axis]]  samples = 100, seed = 1, and [[axis.column]] table, ids, column, spread, law, per
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from heatnet.batch.growth import grown_points
from heatnet.batch.page import Page, Part, rows_named
from heatnet.change import Change, Scenario
from heatnet.check import check
from heatnet.errors import ReadError
from heatnet.network import KINDS, Network
from heatnet.schema import Floats, Ints
from heatnet.units import KELVIN
from heatnet.weather import Weather, climate_file, generate, read_weather

OUT = {"pipe": ("service", 0.0), "plant": ("service", 0.0), "pump": ("speed", 0.0), "valve": ("opening", 0.0), "consumer": ("opening", 0.0)}
KEYS = {
    "outdoor": ("outdoor",),
    "hours": ("hours", "from", "to", "step", "seed", "depth", "climate", "year"),
    "outage": ("outage", "ids", "intact"),
    "demand": ("demand", "ids", "district"),
    "values": ("values", "table", "ids", "column"),
    "samples": ("samples", "seed", "column"),
}
DRAWN = ("table", "ids", "column", "spread", "law", "per")
LAWS, PER = ("lognormal", "normal", "uniform"), ("row", "table")
CHECKED = 50  # values of an axis that are checked against all rules of the model
MOST = 10_000_000  # points of one axis; more is a slip of the pen


@dataclass(frozen=True)
class Draw:
    """An uncertain column: its values times 1 + spread z (normal, uniform in +-1) or exp(spread z) (lognormal), kept in range."""

    table: str
    column: str
    ids: tuple[str, ...] | None
    spread: float
    law: str
    per: str

    def change(self, net: Network, rng: np.random.Generator) -> Change:
        """One draw."""
        table = net.tables[KINDS[self.table]]
        rows = rows_named(table.id, self.ids)
        size = 1 if self.per == "table" else rows.size
        z = rng.uniform(-1.0, 1.0, size) if self.law == "uniform" else rng.standard_normal(size)
        factor = np.exp(self.spread * z) if self.law == "lognormal" else 1.0 + self.spread * z
        declared = table.columns()[self.column]
        low = declared.least if declared.least is not None else declared.above
        least = -np.inf if low is None else low * (1 + 1e-9) if declared.above is not None and low > 0 else low
        values = np.clip(getattr(table, self.column)[rows] * factor, least, np.inf if declared.most is None else declared.most)
        return Change(self.table, self.column, values, tuple(table.id[rows]) if self.ids is not None else None)


@dataclass(frozen=True)
class Axis:
    """Points with a label each; those of samples are drawn when asked for, point k from (seed, k)."""

    name: str
    labels: tuple[str, ...]
    points: tuple[tuple[Change, ...], ...] = ()
    drawn: tuple[Draw, ...] = ()
    seed: int = 0

    def __len__(self) -> int:
        return len(self.labels)

    def changes(self, point: int, net: Network) -> tuple[Change, ...]:
        """Changes of a point."""
        if not self.drawn:
            return self.points[point]
        rng = np.random.default_rng([self.seed, point])
        return tuple(draw.change(net, rng) for draw in self.drawn)

    def sets(self) -> dict[tuple[str, str], set[str] | None]:
        """Tables and columns that it changes, and the rows, None where it is all of them."""
        found: dict[tuple[str, str], set[str] | None] = {}
        for table, column, ids in (
            *((one.kind, one.column, one.ids) for point in self.points for one in point),
            *((one.table, one.column, one.ids) for one in self.drawn),
        ):
            rows = found.setdefault((table, column), set())
            if ids is None or rows is None:
                found[table, column] = None
            else:
                rows.update(ids)
        return found

    def clashes(self, other: Axis) -> list[str]:
        """Columns that both set in the same rows."""
        mine, others = self.sets(), other.sets()
        return sorted(
            ".".join(key) for key, rows in mine.items()
            if key in others and (rows is None or (theirs := others[key]) is None or not rows.isdisjoint(theirs))
        )


def read_axes(page: Page, items: Any, net: Network, folder: Path) -> tuple[Axis, ...]:
    """Axes of a case file; problems go to the page."""
    found = []
    for number, data in enumerate(items if isinstance(items, list) else []):
        if not isinstance(data, dict):
            page.add("axis is a table of its own, written as [[axis]]", "", 0, "axis")
            continue
        part = Part(page, data, "axis", number)
        kinds = [kind for kind in KEYS if kind in data]
        if len(kinds) != 1:
            text = "says nothing to vary" if not kinds else f"says two things to vary, {' and '.join(kinds)}; make two axes"
            part.add(f"{text}; an axis has one of {', '.join(KEYS)}")
            part.known(tuple(dict.fromkeys(key for keys in KEYS.values() for key in keys)))
            continue
        good = part.known(KEYS[kinds[0]])
        if (axis := _axis(kinds[0], part, net, folder)) is not None and good:
            found.append((number, axis))
    for at, (number, axis) in enumerate(found):
        for other, before in found[:at]:
            both = axis.clashes(before)
            if both and not (axis.name.startswith("outage") and before.name.startswith("outage")):
                page.add(f"axis: sets {', '.join(both)}, in the same rows as axis {other + 1} does; only one can", "axis", number)
    return tuple(axis for _, axis in found)


def _axis(kind: str, part: Part, net: Network, folder: Path) -> Axis | None:
    before = len(part.page.problems)
    axis = {"outdoor": _outdoor, "hours": _hours, "outage": _outage, "demand": _demand, "values": _values, "samples": _samples}[kind](
        part, net, folder
    )
    return axis if len(part.page.problems) == before else None


def _outdoor(part: Part, net: Network, _: Path) -> Axis:
    part = replace(part, data={"table": "site", "column": "outdoor", "outdoor": part.listed("outdoor")})
    changes = part.change(net, "outdoor") if part.data["outdoor"] else []
    for raw in part.data["outdoor"]:
        if not isinstance(raw, str):
            part.add(f'outdoor: write the unit too, as in "{raw} degC"', "outdoor")
    return Axis("outdoor", tuple(f"{float(one.values) - KELVIN:g} degC" for one in changes), tuple((one,) for one in changes))


def _hours(part: Part, net: Network, folder: Path) -> Axis | None:
    weather = read_hours(part, folder, "hours")
    step = part.count_of("step", 1, least=1, most=8784)
    ground = read_ground(part, folder, weather)
    if weather is None:
        return None
    which: Ints = np.arange(0, weather.hours, step, dtype=np.int32)
    points = []
    for hour in which:
        point: tuple[Change, ...] = (Change("site", "outdoor", float(weather.outdoor[hour])),)
        points.append(point if ground is None else (*point, Change("site", "ground", float(ground[hour]))))
    return Axis("hour", tuple(f"{weather.time(int(hour)):%Y-%m-%d %H:%M}" for hour in which), tuple(points))


def read_hours(part: Part, folder: Path, key: str) -> Weather | None:
    """Weather named by a case: the generator with its seed, or a file, between two days."""
    name = part.word(key)
    first, last = (part.day(end) if end in part.data else None for end in ("from", "to"))
    try:
        if name == "harbin":
            if first is None or last is None:
                part.add('the generator needs from and to, as in from = "2021-10-20"', key)
                return None
            return generate(first, last, part.count_of("seed", 1, least=0, most=2**32))
        if "seed" in part.data:
            part.add("seed belongs to the generator; a weather file has none", "seed")
        year = part.count_of("year", 2021, least=1900, most=2200)
        weather = read_weather(folder / name, year)
        begins, ends = (first, last) if first and last else weather.whole_days()
        return weather.between(first or begins, last or ends)
    except ReadError as error:
        part.page.problems += error.problems
    except (ValueError, IndexError) as error:
        part.add(str(error), "from")
    return None


def read_ground(part: Part, folder: Path, weather: Weather | None) -> Floats | None:
    """Ground temperature of every hour at the depth that a case names [K]; None where it names none."""
    if "depth" not in part.data:
        return None
    depth = part.quantity("depth", "m")
    if not 0 <= depth <= 50:
        part.add("depth must be from 0 to 50 m", "depth")
    name = part.word("climate", "harbin")
    try:
        ground = climate_file(folder / name if name.endswith(".toml") else name)
    except ReadError as error:
        part.page.problems += error.problems
        return None
    return None if weather is None else ground.at(depth, weather.day_of_year())


def _outage(part: Part, net: Network, _: Path) -> Axis:
    table = part.word("outage", choices=tuple(OUT))
    if table not in OUT:
        return Axis("outage", ())
    column, value = OUT[table]
    groups = part.listed("ids") if "ids" in part.data else net.tables[KINDS[table]].id.tolist()
    together = [tuple(group) if isinstance(group, list) else (group,) for group in groups]
    if not together:
        part.add(f"the model has no {table} that could fail", "outage")
    if not all(isinstance(name, str) for group in together for name in group):
        part.add('ids is a list of ids, or of lists of those that fail together: ids = ["p1", ["p2s", "p2r"]]', "ids")
    else:
        part.rows(net, table, tuple(name for group in together for name in group))
    intact = part.data.get("intact", True)
    if not isinstance(intact, bool):
        part.add("intact is true or false: whether the network without outage is run too", "intact")
    labels = [f"{table} {' '.join(map(str, group))} out" for group in together]
    points: list[tuple[Change, ...]] = [(Change(table, column, value, group),) for group in together]
    first: list[tuple[Change, ...]] = [()] if intact is True else []
    return Axis(f"outage of {table}", (*["intact"] * len(first), *labels), (*first, *points))


def _demand(part: Part, net: Network, _: Path) -> Axis:
    factors, points = grown_points(part, net)
    return Axis("demand", tuple(f"demand x {factor:g}" for factor in factors), points)


def _values(part: Part, net: Network, _: Path) -> Axis:
    part.listed("values")
    changes = part.change(net, "values")
    _sound(part, net, changes)
    name = f"{part.data.get('table')}.{part.data.get('column')}"
    labels = part.data.get("values", []) if isinstance(part.data.get("values"), list) else []
    return Axis(name, tuple(f"{name} = {label}" for label in labels[: len(changes)]), tuple((one,) for one in changes))


def _sound(part: Part, net: Network, changes: list[Change]) -> None:
    """A problem for each value that would break a rule of the model that it keeps now."""
    kept = {str(problem) for problem in check(net)} if changes else set()
    for change in changes[:CHECKED]:
        for problem in check(net.apply(Scenario("", (change,)))):
            if not problem.warning and str(problem) not in kept:
                part.add(f"{change.values!r} does not fit the model: {problem}", "values")


def _samples(part: Part, net: Network, _: Path) -> Axis:
    count = part.count_of("samples", None, least=1, most=MOST)
    seed = part.count_of("seed", None, least=0, most=2**63)
    drawn = []
    for data in part.listed("column"):
        if not isinstance(data, dict):
            part.add("column is a table of its own, written as [[axis.column]]", "column")
            continue
        of = Part(part.page, data, "axis.column", _before(part, data))
        of.known(DRAWN)
        table, column = of.word("table", choices=tuple(KINDS)), of.word("column")
        spread, law, per = of.number_of("spread", least=0, most=3), of.word("law", "lognormal", LAWS), of.word("per", "row", PER)
        if table not in KINDS:
            continue
        numeric = [name for name, item in KINDS[table].columns().items() if not item.text]
        if column not in numeric:
            of.add(f"table '{table}' has no column of numbers '{column}'", "column")
            continue
        ids = of.words("ids") if "ids" in data else None
        if ids is not None and not of.rows(net, table, ids):
            continue
        if np.isnan(getattr(net.tables[KINDS[table]], column)).all():
            of.add(f"no row of '{table}' gives '{column}': a spread about nothing is nothing", "column")
        drawn.append(Draw(table, column, ids, spread, law, per))
    return Axis("sample", tuple(f"sample {at}" for at in range(count)), (), tuple(drawn), seed)


def _before(part: Part, data: dict[str, Any]) -> int:
    """How many [[axis.column]] stand before this one in the file, counted by their heads up to the next [[axis]]."""
    heads = [line.strip() for line in part.page.lines[: part.page.line("axis", part.number, "")]]
    return heads.count("[[axis.column]]") + next(at for at, one in enumerate(part.data["column"]) if one is data)
