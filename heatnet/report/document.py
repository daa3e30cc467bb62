"""A report as plain data: sections of paragraphs, facts, tables and figures. Writers print it; nothing here knows of HTML."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan
from typing import Literal

Tone = Literal["", "low", "good", "high", "bad"]


@dataclass(frozen=True)
class Tag:
    """A short word with a tone: low (too little), good, high (too much), bad (out of order)."""

    text: str
    tone: Tone = ""


Cell = float | str | Tag | None  # None and NaN print as a dash


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
    """One number (or word) with its name; `digits` after the point."""

    label: str
    value: float | str
    unit: str = ""
    digits: int = 0
    note: str = ""
    tone: Tone = ""


@dataclass(frozen=True)
class Facts:
    """Numbers to see at a glance."""

    items: tuple[Fact, ...]


@dataclass(frozen=True)
class Head:
    """Column of a table: header, unit, digits after the point; None for text."""

    text: str
    unit: str = ""
    digits: int | None = None


@dataclass(frozen=True)
class Table:
    """Rows under heads; `totals` is a last row that stays last; `rows` may be thousands."""

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


def number(value: float | None, digits: int) -> str:
    """A number as printed, with thousands separators; a dash where there is none.

    >>> number(12345.678, 1), number(float("nan"), 1), number(-0.001, 1)
    ('12,345.7', '–', '0.0')
    """
    if value is None or isnan(value):
        return "–"
    if value in (float("inf"), float("-inf")):
        return "∞" if value > 0 else "−∞"
    text = f"{value:,.{digits}f}"
    return text.lstrip("-") if not any(c in "123456789" for c in text) else text.replace("-", "−")
