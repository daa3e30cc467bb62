"""A report as plain data: sections of paragraphs, facts, tables and figures. Writers print it; nothing here knows of HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from typing import Literal

from heatnet.report.forms import COUNT, Form

Tone = Literal["", "low", "good", "high", "bad"]


@dataclass(frozen=True)
class Tag:
    """A short word with a tone: low (too little), good, high (too much), bad (out of order)."""

    text: str
    tone: Tone = ""


Cell = float | str | Tag | None  # a number in SI; None and NaN print as a dash


@dataclass(frozen=True)
class Paragraph:
    """Running text; `strong` is the sentence to read first."""

    text: str
    strong: bool = False


@dataclass(frozen=True)
class Items:
    """A list of sentences."""

    texts: tuple[str, ...]


@dataclass(frozen=True)
class Fact:
    """One number in SI (or a word) with its name."""

    label: str
    value: float | str
    form: Form = COUNT
    note: str = ""
    tone: Tone = ""


@dataclass(frozen=True)
class Facts:
    """Numbers to see at a glance."""

    items: tuple[Fact, ...]


@dataclass(frozen=True)
class Head:
    """Column of a table: header and the form of its numbers, None for text.

    Numbers below `low` or above `high` (SI) are coloured; `link` makes the texts of a column lead to the building or inlet of that
    id on the map and in the pressure diagram.
    """

    text: str
    form: Form | None = None
    low: float = nan
    high: float = nan
    link: Literal["", "building", "inlet"] = ""

    def tone(self, value: Cell) -> Tone:
        """Tone of a number by the limits of its column."""
        if isinstance(value, (str, Tag)) or value is None:
            return ""
        return "low" if value < self.low else "high" if value > self.high else ""


@dataclass(frozen=True)
class Table:
    """Rows under heads, numbers in SI; `totals` is a last row that stays last; `rows` may be thousands; `name` is unique in a report."""

    name: str
    title: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    totals: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class Line:
    """A curve; None in x and y makes a gap."""

    label: str
    x: Sequence[float | None]
    y: Sequence[float | None]
    colour: str
    width: float = 1.5
    dash: Literal["solid", "dash", "dot"] = "solid"
    hover: Sequence[Sequence[str]] = ()  # lines of text a point


@dataclass(frozen=True)
class Scale:
    """Colours for values: stops from `low` to `high`, and the values to print beside the bar."""

    title: str
    low: float
    high: float
    stops: tuple[tuple[float, str], ...]
    ticks: tuple[float, ...]


@dataclass(frozen=True)
class Dots:
    """Points, of one colour or coloured by `values` on a scale."""

    label: str
    x: Sequence[float | None]
    y: Sequence[float | None]
    size: float
    colour: str = ""
    values: Sequence[float | None] = ()
    scale: Scale | None = None
    hover: Sequence[Sequence[str]] = ()
    shape: Literal["circle", "square", "diamond", "none"] = "circle"


@dataclass(frozen=True)
class Bars:
    """Columns of one width, each with its colour."""

    label: str
    x: Sequence[float]
    y: Sequence[float]
    width: float
    colours: Sequence[str]
    hover: Sequence[Sequence[str]] = ()


@dataclass(frozen=True)
class Mark:
    """A straight line across the figure at a value of x or y, with a word; with `to` a shaded band."""

    axis: Literal["x", "y"]
    at: float
    text: str = ""
    to: float | None = None


@dataclass(frozen=True)
class Figure:
    """A chart; `map` keeps both axes to one scale and hides them."""

    name: str
    title: str
    x: str
    y: str
    series: tuple[Line | Dots | Bars, ...]
    marks: tuple[Mark, ...] = ()
    map: bool = False
    note: str = ""


Block = Paragraph | Items | Facts | Table | Figure


@dataclass(frozen=True)
class Section:
    """A chapter."""

    name: str
    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True)
class Document:
    """A report in one language."""

    lang: str
    title: str
    subtitle: str
    sections: tuple[Section, ...]
    labels: dict[str, str]  # words of the page itself: contents, search ...
    foot: str
