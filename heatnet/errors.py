"""What heatnet raises: every error says what is wrong, where, and what would be right."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from heatnet.solve import State


LISTED = 20  # known words that a message names


@dataclass(frozen=True)
class Problem:
    """One broken rule: where it is (table, row id, column, file and line) and what would be right."""

    text: str
    table: str = ""
    id: str = ""
    column: str = ""
    where: str = ""
    warning: bool = False

    def __str__(self) -> str:
        place = " ".join(part for part in (self.table, f"'{self.id}'" if self.id else "") if part)
        if self.column:
            place = f"{place}, column '{self.column}'" if place else f"column '{self.column}'"
        head = ": ".join(part for part in (self.where, "warning" if self.warning else "", place) if part)
        return f"{head}: {self.text}" if head else self.text


class HeatnetError(Exception):
    """Root of all errors a user of heatnet can cause; the command line prints it without a traceback."""


class ReadError(HeatnetError):
    """Files that are not a model: carries all problems found in them."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class ModelError(HeatnetError):
    """A model that breaks rules: carries every problem, not the first."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


class NotSolved(HeatnetError):
    """A solve that did not reach an answer; `state` is how far it came, its status says why and what to try."""

    def __init__(self, state: State) -> None:
        self.state = state
        super().__init__(state.message)


def nearest(word: str, known: Iterable[str]) -> str:
    """The end of a message about a word that is not known: the nearest known one, else the known ones if they are few.

    >>> nearest("lenght", ("length", "diameter"))
    ", did you mean 'length'?"
    """
    words = list(known)
    near = get_close_matches(word, words, n=1, cutoff=0.5)
    if near:
        return f", did you mean '{near[0]}'?"
    more = f" and {len(words) - LISTED} more" if len(words) > LISTED else ""
    return f"; known: {', '.join(words[:LISTED])}{more}"
