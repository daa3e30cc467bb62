"""A programme while it is built: what is delivered on a date, which homes are still cold, what is expected, what a delay costs.

Delivered is a work whose state is `done` with its date reached. Others are expected at their planned date, or now where that has passed
(overdue); without a date they are not expected in this winter. Deficit and refunds of a day follow from its mean outdoor temperature,
linear between the weather states of the study, clamped beyond them; so a winter is a sum over its days, each with the works delivered
by then.

    cost of a delay of n days   sum over the n days after the expected date of (without the work - with it), others as expected
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from heatnet.errors import HeatnetError
from heatnet.network import Building
from heatnet.retrofit.candidate import Candidate, clashes
from heatnet.retrofit.duration import outdoor
from heatnet.retrofit.evaluation import Outcome, Progress, evaluate
from heatnet.retrofit.measures import Work
from heatnet.retrofit.study import Study
from heatnet.schema import Floats
from heatnet.weather import Weather

DAY = 24.0


@dataclass(frozen=True)
class Winter:
    """The winter a programme is looked at in."""

    first: date
    last: date
    daily: Floats  # (days,) K, mean outdoor temperature
    delay: int = 30  # d

    @staticmethod
    def of(weather: Weather, delay: int = 30) -> Winter:
        """Winter of an hourly weather that begins at midnight."""
        days = weather.hours // int(DAY)
        daily = weather.outdoor[: days * int(DAY)].reshape(days, int(DAY)).mean(axis=1)
        first = weather.start.date()
        return Winter(first, first + timedelta(days=days - 1), daily, delay)

    def number(self, day: date) -> int:
        """Number of a day from the first, within 0 and the number of days."""
        return int(np.clip((day - self.first).days, 0, self.daily.size))


@dataclass(frozen=True)
class Standing:
    """One work on the date."""

    work: Candidate
    delivered: bool
    overdue: bool
    expected: date | None
    alone: float  # K h household of a whole season that it avoids, with what is expected before it
    delay_deficit: float  # K h household that a delay costs this winter
    delay_refund: float  # currency
    lost_deficit: float  # the same if it is not ready in this winter at all
    lost_refund: float


@dataclass(frozen=True)
class UnderWay:
    """A programme on a date."""

    study: Study
    on: date
    winter: Winter
    works: tuple[Standing, ...]
    outcome: Outcome  # sets: nothing, delivered, completed
    deficit: tuple[float, ...]  # this winter [K h household]: no works, none after those delivered, as expected, all from the start
    refund: tuple[float, ...]  # the same in currency

    @property
    def rooms(self) -> tuple[Floats, Floats, Floats]:
        """Rooms [K] in the coldest state: before any work, with what is delivered, completed; (buildings,) each."""
        at = self.outcome.ground.coldest
        assert self.outcome.rooms is not None
        return self.outcome.base_rooms[at], self.outcome.rooms[1, at], self.outcome.rooms[2, at]

    def cold(self, which: int) -> float:
        """Households below the limit in the coldest state, of one of the three sets."""
        return float(self.outcome.figure("cold")[which, self.outcome.ground.coldest])

    @property
    def households(self) -> Floats:
        """Households of each building."""
        return self.study.today[Building].households


def under_way(study: Study, on: date, winter: Winter, progress: Progress | None = None) -> UnderWay:
    """The programme of all candidates that have a state or a date; HeatnetError if there is none or two of them exclude each other."""
    works = tuple(one for one in study.candidates if one.finish is not None or one.state != "planned")
    if not works:
        raise HeatnetError("no work of this case is under way: give [[candidate]] a finish date and a state")
    mutual = clashes(works)
    names = {one.id for one in works}
    for one in works:
        if both := mutual[one.id] & names:
            raise HeatnetError(f"'{one.id}' and '{sorted(both)[0]}' exclude each other: only one of them can be in a programme")
    delivered = frozenset(one.id for one in works if one.state == "done" and one.finish is not None and one.finish <= on)
    expected = {one.id: _expected(one, on) for one in works}
    sets = _Sets(works, [frozenset(), delivered, frozenset(names)])
    for one in works:
        before = sets.by(expected, expected[one.id], delivered) - {one.id}
        sets.number(before)
        sets.number(before | {one.id})
    order = [sets.number(sets.by(expected, winter.first + timedelta(days=day), frozenset())) for day in range(winter.daily.size)]
    outcome = evaluate(study.ground, sets.listed(), progress)
    if outcome.failed:
        raise HeatnetError(f"no answer for a stage of the programme: {next(iter(outcome.failed.values()))}")
    daily = _Daily(outcome, winter)
    today, days = winter.number(on), winter.daily.size
    stopped = [at if day < today else 1 for day, at in enumerate(order)]
    whole = ([0] * days, stopped, order, [2] * days)
    standing = tuple(_standing(one, on, winter, expected, delivered, sets, daily) for one in works)
    deficit, refund = (tuple(daily.total(name, sets_) for sets_ in whole) for name in ("deficit", "refund"))
    return UnderWay(study, on, winter, standing, outcome, deficit, refund)


@dataclass
class _Sets:
    """Sets of works by number; the first three are nothing, what is delivered, and all."""

    works: tuple[Candidate, ...]
    known: list[frozenset[str]]

    def number(self, chosen: frozenset[str]) -> int:
        """Number of a set, a new one if it is new."""
        if chosen not in self.known:
            self.known.append(chosen)
        return self.known.index(chosen)

    def by(self, expected: dict[str, date | None], day: date | None, delivered: frozenset[str]) -> frozenset[str]:
        """Works expected by a day; by none, those delivered."""
        return delivered if day is None else frozenset(name for name, when in expected.items() if when is not None and when <= day)

    def listed(self) -> list[list[Work]]:
        """Works of each set."""
        return [[one.work for one in self.works if one.id in chosen] for chosen in self.known]


@dataclass(frozen=True)
class _Daily:
    """Figures of sets on every day of a winter."""

    outcome: Outcome
    winter: Winter

    def days(self, name: str) -> Floats:
        """A figure, (sets, days): K h household (deficit), currency (refund)."""
        levels = np.array([outdoor(state) for state in self.outcome.ground.states])
        order = np.argsort(levels)
        values = np.nan_to_num(self.outcome.figure(name)) * (DAY if name == "deficit" else 1.0)
        return np.array([np.interp(self.winter.daily, levels[order], row[order]) for row in values])

    def total(self, name: str, sets: list[int]) -> float:
        """Sum over the winter with a set for each day."""
        return float(self.days(name)[sets, np.arange(self.winter.daily.size)].sum())

    def lost(self, name: str, without: int, with_: int, first: int, last: int) -> float:
        """What is lost from one day up to another."""
        days = self.days(name)
        return float((days[without, first:last] - days[with_, first:last]).sum())


def _standing(
    one: Candidate, on: date, winter: Winter, expected: dict[str, date | None], delivered: frozenset[str], sets: _Sets, daily: _Daily
) -> Standing:
    when = expected[one.id]
    before = sets.by(expected, when, delivered) - {one.id}
    without, with_ = sets.number(before), sets.number(before | {one.id})
    hours, deficit = daily.outcome.ground.hours, daily.outcome.figure("deficit")
    alone = float((deficit[without] - deficit[with_]) @ hours)
    done = one.id in delivered
    if done or when is None:
        return Standing(one, done, False, when, alone, 0.0, 0.0, 0.0, 0.0)
    first = winter.number(when)
    ends = min(first + winter.delay, winter.daily.size), winter.daily.size
    lost = [daily.lost(name, without, with_, first, end) for end in ends for name in ("deficit", "refund")]
    return Standing(one, False, one.finish is not None and one.finish < on, when, alone, *lost)


def _expected(one: Candidate, on: date) -> date | None:
    """When a work is there: its date, now where that has passed without it being done."""
    if one.finish is None:
        return None
    return one.finish if one.state == "done" and one.finish <= on else max(one.finish, on)
