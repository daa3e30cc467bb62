"""Every printed word of a report in Chinese and English, a file a topic.

A file holds `WORDS: dict[str, tuple[str, str]]`, key: (zh, en). A new one is named in `TOPICS` below; two files with one key are an error.
Keys with a dot before a name of the library (cause., status., friction.) are looked up by that name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from heatnet.errors import HeatnetError
from heatnet.report.words import (
    balance,
    compare,
    complaints,
    energy,
    inputs,
    make_up,
    maps,
    method,
    page,
    pipes,
    plants,
    pressure,
    retrofit,
    rooms,
    runs,
    season_load,
    substations,
    summary,
    users,
    valves,
)

LANGUAGES = ("zh", "en")
TOPICS = (page, summary, inputs, plants, make_up, substations, balance, users, pipes, pressure, energy, maps, rooms, complaints, compare, retrofit, method, valves, runs, season_load)
WORDS: Mapping[str, tuple[str, str]] = MappingProxyType({key: words for topic in TOPICS for key, words in topic.WORDS.items()})


@dataclass(frozen=True)
class Words:
    """The words of one language: `say("room")`, `say("map.pipe", id="P1", ...)`."""

    lang: str

    def __post_init__(self) -> None:
        if self.lang not in LANGUAGES:
            raise HeatnetError(f"no report language '{self.lang}'; known: {', '.join(LANGUAGES)}")

    def __call__(self, key: str, **values: object) -> str:
        """The words of a key with its values put in."""
        return WORDS[key][LANGUAGES.index(self.lang)].format(**values)

    def template(self, key: str) -> str:
        """The words of a key with their braces."""
        return WORDS[key][LANGUAGES.index(self.lang)]

    def known(self, key: str) -> bool:
        """Whether there are words for a key."""
        return key in WORDS

    def currency(self, code: str) -> str:
        """A currency; one without a word of its own keeps its code."""
        known = f"currency.{code}"
        return self(known) if known in WORDS else code

    def per_day(self, currency: str) -> str:
        """Money a day."""
        return self("unit.per_day", currency=self.currency(currency))
