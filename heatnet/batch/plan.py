"""Plan: everything that a case runs, by number: scenarios as the product of its axes, a season if there is one."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from heatnet.batch.axes import MOST, Axis, read_axes, read_ground, read_hours
from heatnet.batch.events import Event, read_events
from heatnet.batch.keep import Keep, read_keep
from heatnet.batch.mass import CLASSES, MODELS, mass_classes
from heatnet.batch.page import Page, Part
from heatnet.change import Scenario
from heatnet.errors import ReadError
from heatnet.network import Network
from heatnet.schema import Floats
from heatnet.units import KELVIN
from heatnet.weather import Weather
from heatnet.weather.series import DAY

SEASON = (
    "weather", "from", "to", "seed", "year", "depth", "climate", "gains", "mass", "classes", "fall", "transport", "segments", "event",
)
TRANSPORT = ("none",)  # delay of water on its way: the place for it; now every hour is steady
FALL = KELVIN + 16.0  # K, a home that falls below it is told of
STEADY = Keep(("building.temperature", "building.deficit", "consumer.flow_ratio"))
HOURLY = Keep(("plant.heat",), (
    ("building.temperature", ("min", "mean", "q05", "degree_hours", "hours_below")), ("plant.heat", ("min", "mean")),
))
BLOCK = 32  # scenarios that go to a worker at once, at most
SPIN = 14 * DAY  # h before a segment in which rooms forget what they began with, on radiators to 1 mK
WEEK = 7 * DAY  # hours of a season that go to a worker at once
LINKS = 400_000  # links in all scenarios of a block, about


@dataclass(frozen=True)
class Season:
    """Hour by hour through a weather, with thermal mass."""

    weather: Weather
    ground: Floats | None  # (hours,) K, the site's where none
    gains: Floats  # (24,) factor on the gains of the buildings by the hour of the day
    mass: str
    classes: Floats  # (4, classes) figures of the classes of thermal mass
    events: tuple[Event, ...] = ()
    fall: float = FALL
    transport: str = "none"
    segments: int = 1  # parts of the season that are worked on at the same time

    def begins(self, block: int) -> bool:
        """Whether a block of hours begins a segment."""
        return any(block == at * self.blocks // self.segments for at in range(self.segments))

    def spin_up(self, block: int) -> range:
        """Hours walked before a segment that does not begin with the season, and not counted."""
        start = self.span(block).start
        return range(max(0, start - SPIN), start)

    @property
    def blocks(self) -> int:
        """Number of blocks of hours."""
        return -(-self.weather.hours // WEEK)

    def span(self, block: int) -> range:
        """Hours of a block."""
        return range(block * WEEK, min((block + 1) * WEEK, self.weather.hours))


@dataclass(frozen=True)
class Plan:
    """What to run on a network; scenario numbers count the last axis fastest."""

    axes: tuple[Axis, ...] = ()
    keep: Keep = STEADY
    season: Season | None = None
    text: str = field(default="", compare=False)  # of the case file

    @property
    def count(self) -> int:
        """Number of scenarios."""
        return int(np.prod([len(axis) for axis in self.axes], dtype=np.int64))

    def point(self, number: int) -> tuple[int, ...]:
        """Place of a scenario on every axis."""
        return tuple(int(at) for at in np.unravel_index(number, [len(axis) for axis in self.axes])) if self.axes else ()

    def name(self, number: int) -> str:
        """Name of a scenario."""
        return ", ".join(axis.labels[at] for axis, at in zip(self.axes, self.point(number), strict=True)) or "as it is"

    def scenario(self, number: int, net: Network) -> Scenario:
        """Scenario of a number."""
        pairs = zip(self.axes, self.point(number), strict=True)
        return Scenario(self.name(number), tuple(change for axis, at in pairs for change in axis.changes(at, net)))

    def block(self, edges: int) -> int:
        """Scenarios in a block: the same on every machine, so that equal cases have equal blocks."""
        return 1 if self.season else max(1, min(BLOCK, LINKS // max(edges, 1)))


def read_plan(page: Page, data: dict[str, Any], net: Network, folder: Path) -> Plan:
    """Axes, season and what to keep of a case file; problems go to the page."""
    axes = read_axes(page, data.get("axis", []), net, folder)
    given = data.get("season")
    season = _season(Part(page, given, "season"), net, folder) if isinstance(given, dict) else None
    if given is not None:
        for number, axis in enumerate(axes):
            if any(table == "site" for table, _ in axis.sets()):
                page.add("axis: the season has its own weather; leave this axis or the season out", "axis", number)
    keep = _there(STEADY if given is None else HOURLY, net)
    if "keep" in data:
        keep = read_keep(Part(page, data["keep"], "keep"), net, keep, season=given is not None)
    plan = Plan(axes, keep, season, "\n".join(page.lines))
    if plan.count > MOST:
        page.add(f"axis: the product of the axes is {plan.count:,} scenarios; at most {MOST:,} can be run", "axis", 0)
    return plan


def _there(keep: Keep, net: Network) -> Keep:
    """What of a default the model has."""
    def has(name: str) -> bool:
        kind = name.partition(".")[0]
        return any(table.kind() == kind and len(rows) for table, rows in net.tables.items())

    return Keep(tuple(filter(has, keep.each)), tuple((name, words) for name, words in keep.aggregate if has(name)))


def _season(part: Part, net: Network, folder: Path) -> Season | None:
    before = len(part.page.problems)
    part.known(SEASON)
    weather = read_hours(part, folder, "weather")
    ground = read_ground(part, folder, weather)
    gains = part.data.get("gains", [1.0] * DAY)
    good = isinstance(gains, list) and len(gains) == DAY
    if not good or not all(isinstance(one, (int, float)) and not isinstance(one, bool) and 0 <= one <= 100 for one in gains):
        part.add("gains are 24 factors from 0 to 100, one an hour of the day", "gains")
    classes = None
    try:
        classes = mass_classes(folder / part.word("classes") if "classes" in part.data else CLASSES)
    except ReadError as error:
        part.page.problems += error.problems
    mass = part.word("mass", "1R1C", MODELS)
    transport = part.word("transport", "none", TRANSPORT)
    fall = part.quantity("fall", "K", FALL)
    segments = part.count_of("segments", 1, least=1, most=52)
    events = read_events(part, net, weather)
    if weather is None or classes is None or len(part.page.problems) > before:
        return None
    return Season(weather, ground, np.array(gains, dtype=np.float64), mass, classes, events, fall, transport, segments)
