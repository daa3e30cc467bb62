"""What the sections of a run's report read: the file of the run, its model and rule, and figures that several sections share."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from heatnet.batch.result import DONE, Result
from heatnet.network import Building, Network
from heatnet.profile import Profile
from heatnet.report import forms
from heatnet.report.document import Cell, Head
from heatnet.report.forms import Form
from heatnet.report.words import Words
from heatnet.rooms import NEGLIGIBLE
from heatnet.schema import Bools, Floats, Longs

if TYPE_CHECKING:
    import pandas as pd

ROOM = "building.temperature"
DEGREE_HOURS = forms.same("K·h", 0, 3600.0)
DEGREE_HOUSEHOLDS = forms.same("K·h·households", 0, 3600.0, zh="K·h·户")
WHOLE_HOURS = forms.same("h", 0, 3600.0)

LABELS = {  # key of words: how a case labels its points and axes
    "runs.label.intact": re.compile(r"intact"),
    "runs.label.base": re.compile(r"as it is"),
    "runs.label.out": re.compile(r"(?P<kind>pipe|plant|pump|valve|consumer) (?P<ids>.+) out"),
    "runs.label.axis_out": re.compile(r"outage of (?P<kind>pipe|plant|pump|valve|consumer)"),
    "runs.label.degrees": re.compile(r"(?P<value>-?[\d.]+) degC"),
    "runs.label.sample": re.compile(r"sample (?P<n>\d+)"),
    "runs.label.demand": re.compile(r"demand x (?P<factor>[\d.]+)"),
    "runs.label.axis_outdoor": re.compile(r"outdoor"),
    "runs.label.axis_hour": re.compile(r"hour"),
    "runs.label.axis_sample": re.compile(r"sample"),
    "runs.label.axis_demand": re.compile(r"demand"),
}


@dataclass(frozen=True)
class Homes:
    """Rooms of every scenario, or of every hour of one: counts over buildings, (rows,), and over rows, (buildings,)."""

    cold: Floats  # (rows,) buildings below the rule; NaN where there is no answer
    households: Floats  # (rows,) households below the rule
    deficit: Floats  # (rows,) deficit x households [K]
    coldest: Floats  # (rows,) K
    where: Longs  # (rows,) row of the coldest building
    least: Floats  # (buildings,) K
    when: Longs  # (buildings,) row in which it is coldest
    below: Floats  # (buildings,) rows in which it is below the rule
    rows: int  # with an answer


@dataclass(frozen=True)
class RunView:
    """A run as the sections read it; `scenario` is the one whose season is told in full."""

    result: Result
    net: Network
    rule: Profile
    say: Words
    names: tuple[str, ...]  # quantities that were kept
    scenarios: pd.DataFrame
    axes: tuple[tuple[str, tuple[str, ...]], ...]  # name and labels
    season: pd.DataFrame | None  # outdoor temperature hour by hour [K]; None where no season was run
    scenario: int = 0
    homes: Homes | None = None  # None where room temperatures were not kept

    @property
    def is_season(self) -> bool:
        """Whether hours of a season were walked."""
        return self.season is not None

    @property
    def building(self) -> Building:
        """The buildings of the model."""
        return self.net[Building]

    @property
    def good(self) -> Bools:
        """Scenarios with an answer, (scenarios,)."""
        return np.asarray((self.scenarios["done"] == 1) & self.scenarios["status"].isin(DONE))

    def kept(self, name: str) -> bool:
        """Whether something was kept."""
        return name in self.names

    def values(self, name: str) -> Floats:
        """A quantity as it was kept, (scenarios or hours, rows); of one column (rows,)."""
        found: Floats = self.result.frame(name, self.scenario).to_numpy()
        return found

    def season_of(self, word: str) -> Floats | None:
        """What was worked out of every building over the season told, (buildings,); None where it was not kept."""
        return self.values(f"building.{word}")[self.scenario] if self.kept(f"building.{word}") else None

    def full(self, value: float | None, form: Form) -> str:
        """An SI value with its unit."""
        return form.full(value, self.say.lang)

    def worded(self, label: str) -> str:
        """Name of a scenario, or label of a point or axis, in the language of the report; what a user named stays as it is."""
        return ", ".join(_word(part, self.say) for part in label.split(", "))

    def scenario_name(self, row: int) -> str:
        """Name of a scenario in the language of the report."""
        return self.worded(str(self.scenarios.index[row]))

    def ended(self, row: int) -> str:
        """How a scenario ended, in words; "" where it has an answer."""
        return "" if self.good[row] else self.say(f"status.{self.scenarios['status'].iloc[row]}")

    @property
    def required(self) -> str:
        """Required room temperature as printed in text."""
        return forms.TEMPERATURE.limit(self.rule.required, self.say.lang, unit=False)

    @property
    def money(self) -> Form:
        """Form of money."""
        return forms.money(self.say.currency(self.net.site.currency))

    def who(self, row: int) -> tuple[Cell, ...]:
        """What names a building in a table."""
        building = self.building
        return building.id[row], building.name[row], building.street[row], building.district[row], float(building.households[row])

    def who_heads(self) -> tuple[Head, ...]:
        """Heads of `who`."""
        say = self.say
        return (*(Head(say(key)) for key in ("building", "name", "street", "district")), Head(say("households"), forms.COUNT))

    def label(self, row: int) -> str:
        """A building in words."""
        building = self.building
        return " ".join(part for part in (building.id[row], building.street[row], building.name[row]) if part)


def _word(label: str, say: Words) -> str:
    for key, kind in LABELS.items():
        if found := kind.fullmatch(label):
            return say(key, **{name: say(f"runs.kind.{value}") if name == "kind" else value for name, value in found.groupdict().items()})
    return label


def run_view(result: Result, net: Network, rule: Profile, say: Words, scenario: int | None) -> RunView:
    """What the sections read; of a season the scenario with most degree-hours x households is told where none is given."""
    season = result.weather() if result.seasonal() else None
    view = RunView(result, net, rule, say, result.names, result.scenarios, result.axes(), season)
    if not view.good.any():
        return view
    view = replace(view, scenario=scenario if scenario is not None else _worst(view))
    return replace(view, homes=gathered(view)) if view.kept(ROOM) and len(net[Building]) else view


def _worst(view: RunView) -> int:
    answered = np.flatnonzero(view.good)
    if not view.is_season or not view.kept("building.temperature_degree_hours"):
        return int(answered[0])
    total = np.nan_to_num(view.values("building.temperature_degree_hours")) @ view.building.households
    return int(answered[np.argmax(total[answered])])


def gathered(view: RunView) -> Homes:
    """Counts over all rows of the room temperatures that were kept, read some rows at a time."""
    people, required = view.building.households, view.rule.required
    parts: list[tuple[Floats, ...]] = []
    least, when, below = np.full(people.size, np.inf), np.zeros(people.size, dtype=np.int64), np.zeros(people.size)
    for first, room in view.result.blocks(ROOM, view.scenario):
        known = ~np.isnan(room)
        cold = known & (room < required - NEGLIGIBLE)
        none = ~known.any(axis=1) if room.shape[1] else np.ones(len(room), dtype=bool)
        blank = np.where(none, np.nan, 0.0)
        filled = np.where(known, room, np.inf)
        deficit = np.where(cold, required - filled, 0.0)
        lowest = filled.argmin(axis=1)
        parts.append((cold.sum(axis=1) + blank, cold @ people + blank, deficit @ people + blank, filled.min(axis=1) + blank,
                      lowest.astype(np.float64)))
        here = filled.argmin(axis=0)
        colder = filled.min(axis=0) < least
        when, least = np.where(colder, first + here, when), np.minimum(least, filled.min(axis=0))
        below += cold.sum(axis=0)
    cold_, households, missing, coldest, where = (np.concatenate(column) for column in zip(*parts, strict=True))
    answered = int(np.count_nonzero(~np.isnan(cold_)))
    return Homes(cold_, households, missing, coldest, where.astype(np.int64), np.where(np.isinf(least), np.nan, least), when, below,
                 answered)
