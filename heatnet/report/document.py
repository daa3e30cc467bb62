"""A report as plain data: sections of paragraphs, facts, tables and figures. Writers print it; nothing here knows of HTML."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any, Literal

from heatnet.report.forms import COUNT, Form

Tone = Literal["", "low", "good", "high", "bad"]


@dataclass(frozen=True)
class Tag:
    """A short word with a tone: low (too little), good, high (too much), bad (out of order)."""

    text: str
    tone: Tone = ""


@dataclass(frozen=True)
class Quantity:
    """A number in SI with a form of its own, in a column whose rows have different units."""

    value: float
    form: Form
    tone: Tone = ""


Cell = float | str | Tag | Quantity | None  # a number in SI, by the form of its column; None and NaN print as a dash


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
        if isinstance(value, Quantity):
            return value.tone
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
    """A curve; None in x and y makes a gap; `right` reads on the right axis."""

    label: str
    x: Sequence[float | None]
    y: Sequence[float | None]
    colour: str
    width: float = 1.5
    dash: Literal["solid", "dash", "dot", "dashdot", "longdash"] = "solid"
    right: bool = False
    filled: bool = False  # shaded down to zero


@dataclass(frozen=True)
class Dots:
    """Points of one colour and shape, each with a name; with `link` a click leads to the building or inlet of that name."""

    label: str
    x: Sequence[float | None]
    y: Sequence[float | None]
    size: float
    colour: str
    names: Sequence[str] = ()
    shape: Literal["circle", "square", "diamond", "triangle-up", "triangle-down", "cross", "circle-open", "x"] = "circle"
    link: bool = False


@dataclass(frozen=True)
class Bars:
    """Columns of one width and colour, hatched by `pattern` so that they are told apart without colour; `flat` lays them down."""

    label: str
    x: Sequence[float | str]
    y: Sequence[float | str]
    colour: str
    width: float | None = None
    pattern: Literal["", "/", "x", "-", "|", "+", ".", "\\"] = ""
    flat: bool = False


@dataclass(frozen=True)
class Mark:
    """A straight line across the figure at a value of x or y, with a word; with `to` a shaded band."""

    axis: Literal["x", "y"]
    at: float
    text: str = ""
    to: float | None = None


@dataclass(frozen=True)
class Figure:
    """A chart in the units of its axis titles; `right` is the title of a second axis of y."""

    name: str
    title: str
    x: str
    y: str
    series: tuple[Line | Dots | Bars, ...]
    marks: tuple[Mark, ...] = ()
    note: str = ""
    right: str = ""
    percent: bool = True  # whether that second axis runs from 0 to 100 %
    stacked: bool = False
    square: bool = False  # both axes to one scale


@dataclass(frozen=True)
class Live:
    """A chart that the page draws from the model of the document: the map, the pressure diagram, temperatures along a path."""

    name: Literal["map", "pressure", "temperature"]
    title: str
    note: str = ""


Block = Paragraph | Items | Facts | Table | Figure | Live


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
    labels: Mapping[str, str]  # words of the page itself: contents, search ...
    foot: str
    model: Mapping[str, Any] | None = None  # nodes, pipes and users for the charts that the page draws (heatnet.report.model)


def tables(section: Section) -> list[Table]:
    """Tables of a section in their order."""
    return [block for block in section.blocks if isinstance(block, Table)]
