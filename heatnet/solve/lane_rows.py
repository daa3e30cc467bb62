"""Rows of tables that a scenario changes, in the numbers of the kernel for many scenarios."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from heatnet.schema import Bools, Floats, Ints, Table

NONE = np.zeros(0)


@dataclass(frozen=True)
class Rows:
    """Links whose law one scenario sets, in the numbers of the layout, -1 for those that it leaves out."""

    link: Ints
    is_open: Bools
    begin: Floats  # flow to begin with
    fresh: Floats  # (coefficients, rows)
    drive: Floats  # (rows,), or none where it stays
    strain: Floats  # share of the loss in the circuit's times the growth of the resistance: the more, the more steps it will take


@dataclass(frozen=True)
class Known:
    """What the network itself says of some links."""

    link: Ints
    form: Ints
    common: Floats  # (4, rows)
    first: Floats
    weight: Floats
    was_shut: Bools
    usual: Floats


@dataclass(frozen=True)
class Variant:
    """What differs in one scenario."""

    rows: tuple[Rows, ...]
    strain: float  # the largest of its rows
    source: Floats | None = None  # (program nodes,)
    held: Floats | None = None  # (program nodes,) held pressures
    inflow: Floats | None = None  # (nodes,)


def part_of(rows: Rows, span: slice) -> Rows:
    """Some of the rows."""
    return Rows(rows.link[span], rows.is_open[span], rows.begin[span], rows.fresh[:, span], NONE, rows.strain[span])


def merged_rows(parts: list[tuple[int, Rows]]) -> list[tuple[Ints, Rows]]:
    """Rows of many lanes in one, each with its lane; apart by the number of coefficients, links that are only shut last."""
    alike: dict[tuple[int, bool], list[tuple[int, Rows]]] = {}
    for lane, rows in parts:
        alike.setdefault((len(rows.fresh), bool(rows.drive.size)), []).append((lane, rows))
    result = []
    for _, group in sorted(alike.items(), reverse=True):
        link, is_open, begin, drive, strain = (
            np.concatenate([getattr(rows, name) for _, rows in group]) for name in ("link", "is_open", "begin", "drive", "strain")
        )
        lanes = np.repeat(np.array([lane for lane, _ in group], dtype=np.int32), [rows.link.size for _, rows in group])
        fresh = np.ascontiguousarray(np.concatenate([rows.fresh for _, rows in group], axis=1))
        result.append((lanes, Rows(link, is_open, begin, fresh, drive, strain)))
    return result


def put_rows_of(parts: dict[int, list[Rows] | None], row: int, found: Rows | None) -> None:
    """Add rows to those of a scenario, which has none as soon as one table has none."""
    known = parts[row]
    parts[row] = None if found is None or known is None else [*known, found]


def lean_table(table: Table) -> Table:
    """The table with texts as numpy compares them fast."""
    texts = {name: getattr(table, name) for name, item in table.columns().items() if item.text}
    fast: dict[str, npt.NDArray[Any]] = {name: values.astype(np.str_) for name, values in texts.items() if name in ("characteristic",)}
    return replace(table, **fast)
