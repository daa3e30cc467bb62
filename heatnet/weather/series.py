"""Weather: outdoor temperature hour by hour."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import numpy as np

from heatnet.schema import Floats, Ints

DAY = 24


@dataclass(frozen=True)
class Weather:
    """Outdoor temperature [K] of consecutive hours from `start` (local standard time); entry k is the mean of hour k.

    A typical year has days, but no year of its own.
    """

    name: str
    start: datetime
    outdoor: Floats  # (hours,)
    typical: bool = False

    @property
    def hours(self) -> int:
        """Number of hours."""
        return self.outdoor.size

    def time(self, hour: int) -> datetime:
        """When hour `hour` begins."""
        return self.start + timedelta(hours=hour)

    def clock(self) -> Ints:
        """Hour of the day at which each hour begins, 0 to 23, (hours,)."""
        return np.asarray((self.start.hour + np.arange(self.hours)) % DAY, dtype=np.int32)

    def days(self) -> Ints:
        """Number of the calendar day of each hour, from 0, (hours,)."""
        return np.asarray((self.start.hour + np.arange(self.hours)) // DAY, dtype=np.int32)

    def day_of_year(self) -> Floats:
        """Days since 1 January 00:00 of its year at the middle of each hour [d], (hours,)."""
        times = np.datetime64(self.start, "m") + np.arange(self.hours) * 60 + 30
        year = times.astype("datetime64[Y]").astype("datetime64[m]")
        return np.asarray((times - year).astype(np.float64) / 1440.0)

    def at(self, when: datetime) -> int:
        """Number of the hour in which a time lies; IndexError where it lies outside."""
        hour = int((when - self.start).total_seconds() // 3600)
        if not 0 <= hour < self.hours:
            raise IndexError(f"{when:%Y-%m-%d %H:%M} lies outside {self.period}")
        return hour

    def between(self, first: date, last: date) -> Weather:
        """The hours from the first day to the end of the last, of a typical year by month and day; IndexError where they lie outside."""
        if self.typical:
            return self._turned(first, last)
        begin, end = self.at(_midnight(first)), self.at(_midnight(last) + timedelta(hours=DAY - 1)) + 1
        if begin >= end:
            raise IndexError(f"{first} is after {last}")
        return replace(self, start=self.time(begin), outdoor=self.outdoor[begin:end])

    def whole_days(self) -> tuple[date, date]:
        """First and last day that is there from 0 to 24 h; IndexError where none is."""
        first = (self.start + timedelta(hours=-self.start.hour % DAY)).date()
        last = (self.time(self.hours) - timedelta(days=1)).date()
        if last < first:
            raise IndexError(f"no whole day from 0 to 24 h lies in {self.period}")
        return first, last

    def _turned(self, first: date, last: date) -> Weather:
        """Hours of a typical year in days of any years; 29 February is taken from the day before where the file has none."""
        hours = ((last - first).days + 1) * DAY
        if hours < 1:
            raise IndexError(f"{first} is after {last}")
        known = {(time.month, time.day, time.hour): at for at, time in reversed([(at, self.time(at)) for at in range(self.hours)])}
        wanted = [_midnight(first) + timedelta(hours=at) for at in range(hours)]
        rows = [known.get((time.month, time.day, time.hour)) for time in wanted]
        for at, time in enumerate(wanted):
            if rows[at] is None and (time.month, time.day) == (2, 29):
                rows[at] = known.get((2, 28, time.hour))
            if rows[at] is None:
                raise IndexError(f"{time:%d %B, %H:%M} is not in this year ({self.period})")
        return Weather(self.name, _midnight(first), self.outdoor[np.array(rows, dtype=np.int64)])

    @property
    def period(self) -> str:
        """First and last hour in words."""
        return f"{self.start:%Y-%m-%d %H:%M} to {self.time(self.hours - 1):%Y-%m-%d %H:%M}"


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)
