"""What the person waiting sees: a bar with rate and time left on a terminal, a plain line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Any, Protocol

from heatnet.errors import HeatnetError

EVERY = 30.0  # s between plain lines
REDRAW = 0.2  # s between drawings of the bar


class Stopped(HeatnetError):
    """A run was stopped by the user; what is done is kept."""


class Progress(Protocol):
    """Who waits for a run."""

    def begin(self, total: int, done: int, unit: str) -> None:
        """How much there is to do (0: nobody knows yet), and how much is done from an earlier run."""

    def step(self, amount: int, failed: int) -> None:
        """So much more is done, so many of that without an answer."""


class Silent:
    """Nobody waits."""

    def __enter__(self) -> Silent:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.end()

    def begin(self, total: int, done: int, unit: str) -> None:
        """See Progress."""

    def step(self, amount: int, failed: int) -> None:
        """See Progress."""

    def end(self) -> None:
        """Nothing more comes."""


class Lines(Silent):
    """Plain lines on standard error; `tell` puts them into the language of who waits."""

    def __init__(self, tell: Callable[[str], str] = str) -> None:
        self.tell = tell
        self.total = self.done = self.failed = self.fresh = 0
        self.unit, self.start, self.last = "", time.monotonic(), 0.0

    def begin(self, total: int, done: int, unit: str) -> None:
        """See Progress."""
        self.total, self.done, self.unit, self.fresh = total, done, unit, 0
        self.start = self.last = time.monotonic()
        kept = f", {done} of them done before" if done else ""
        if total:
            self._say(f"{total} {unit}{kept}")

    def step(self, amount: int, failed: int) -> None:
        """See Progress."""
        self.done, self.fresh, self.failed = self.done + amount, self.fresh + amount, self.failed + failed
        if time.monotonic() - self.last >= EVERY or self.done == self.total:
            self.last = time.monotonic()
            self._say(self.told())

    def told(self) -> str:
        """How far it is, how fast, how long still."""
        rate = self.fresh / max(time.monotonic() - self.start, 1e-9)
        left = (self.total - self.done) / max(rate, 1e-9)
        failed = f", {self.failed} without an answer" if self.failed else ""
        if not self.total:
            return f"{self.done} {self.unit}, {rate:.3g} a second{failed}"
        ahead = f", {spelt(left)} left" if self.done < self.total else ""
        return f"{self.done} of {self.total} {self.unit}, {rate:.3g} a second{ahead}{failed}"

    def _say(self, text: str) -> None:
        sys.stderr.write(self.tell(text) + "\n")
        sys.stderr.flush()


class Bar(Lines):
    """A bar, drawn by the thread that works: no other runs when worker processes are forked."""

    def __init__(self, tell: Callable[[str], str] = str) -> None:
        super().__init__(tell)
        self.bar: Any = None
        self.task: Any = None

    def begin(self, total: int, done: int, unit: str) -> None:
        """See Progress."""
        from rich.console import Console  # noqa: PLC0415  loads when something is drawn
        from rich.progress import BarColumn, Progress, TextColumn  # noqa: PLC0415

        self.end()
        self.total, self.done, self.unit, self.fresh = total, done, unit, 0
        self.start = self.last = time.monotonic()
        self.bar = Progress(BarColumn(), TextColumn("{task.description}"), console=Console(stderr=True), auto_refresh=False)
        self.task = self.bar.add_task(self.tell(f"{done} of {total} {unit}" if total else unit), total=total or None, completed=done)
        self.bar.start()
        self.bar.refresh()

    def step(self, amount: int, failed: int) -> None:
        """See Progress."""
        self.done, self.fresh, self.failed = self.done + amount, self.fresh + amount, self.failed + failed
        if time.monotonic() - self.last >= REDRAW or self.done == self.total:
            self.last = time.monotonic()
            self.bar.update(self.task, completed=self.done, description=self.tell(self.told()))
            self.bar.refresh()

    def end(self) -> None:
        """Leave the terminal as it was."""
        if self.bar is not None:
            self.bar.stop()
            self.bar = None


def shown(tell: Callable[[str], str] = str) -> Lines:
    """A bar on a terminal, else plain lines; `tell` puts what they say into a language."""
    return Bar(tell) if sys.stderr.isatty() else Lines(tell)


def spelt(seconds: float) -> str:
    """A time in the unit one would say.

    >>> spelt(7300)
    '2.0 h'
    """
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
