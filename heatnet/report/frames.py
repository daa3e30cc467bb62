"""A frame of a store as a table of a report: numbers by the unit in their header, heads by the words given for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import nan
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from heatnet.report.document import Cell, Head, Table
from heatnet.report.forms import Form, by_unit

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Shown:
    """A column to print: its header in the frame ("cost [CNY]"), its words, and what is not as its unit says.

    `form` takes values in SI and replaces the form of the unit; `low` and `high` colour numbers beyond them (SI); `digits` are decimals.
    """

    column: str
    text: str
    form: Form | None = None
    digits: int | None = None
    low: float = nan
    high: float = nan
    link: Literal["", "building", "inlet"] = ""


def table_of(frame: pd.DataFrame, name: str, title: str, columns: Sequence[Shown], totals: Sequence[Cell] = ()) -> Table:
    """Table of a frame, a named index counted as a column; columns that the frame has not are left out.

    Text columns stay text; truth values are 0 and 1. Totals, where given, are in SI, one for each of `columns`.
    """
    flat = frame.reset_index() if frame.index.names[0] is not None else frame
    chosen = [(at, item) for at, item in enumerate(columns) if item.column in flat.columns]
    made = [_column(flat[item.column].to_numpy(), item) for _, item in chosen]
    rows = tuple(zip(*(cells for _, cells in made), strict=True)) if made else ()
    return Table(name, title, tuple(head for head, _ in made), rows, tuple(totals[at] for at, _ in chosen) if totals else ())


def _column(values: Any, item: Shown) -> tuple[Head, list[Cell]]:
    head = Head(item.text, None, item.low, item.high, item.link)
    if values.dtype.kind not in "fiub":
        return head, [str(value) for value in values]
    unit = item.column.rpartition(" [")[2].removesuffix("]") if item.column.endswith("]") else ""
    form, factor, offset = by_unit(unit, item.digits)
    si = np.asarray(values, dtype=np.float64) * factor + offset
    return replace(head, form=item.form or form), si.tolist()
