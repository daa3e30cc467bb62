"""Rows of tables that a scenario changes, in the numbers of the kernel for many scenarios."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from heatnet.arrays import Arrays
from heatnet.change import Scenario
from heatnet.components import Consumer, Edge, Exchanger, Pipe, Secondary, Valve
from heatnet.network import KINDS
from heatnet.schema import Bools, Floats, Ints, Table

NONE = np.zeros(0)
ROWS: dict[type[Edge], tuple[str, ...]] = {  # prepared row by row when one of these changes
    Pipe: ("length", "diameter", "roughness", "zeta", "loss", "ground", "service"),
    Valve: ("kvs", "opening", "rangeability", "leakage"), Consumer: ("kvs", "opening", "rangeability"),
}
LONG = 200  # rows beyond which a call more is cheaper than a copy


@dataclass(frozen=True)
class Rows:
    """Links whose law one scenario sets, in the numbers of the layout, -1 for those that it leaves out."""

    link: Ints
    is_open: Bools
    begin: Floats  # flow to begin with
    fresh: Floats  # (coefficients, rows)
    drive: Floats  # (rows,), or none where it stays
    strain: Floats  # share of the loss in the circuit's times the growth of the resistance: the more, the more steps it will take
    turned: float = 0.0  # share of all that inlets take that changes here


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
    turned: float  # share of all that inlets take that changes
    source: Floats | None = None  # (program nodes,)
    held: Floats | None = None  # (program nodes,) held pressures
    inflow: Floats | None = None  # (nodes,)


@dataclass(frozen=True)
class Settled:
    """Answers of a block, a row a lane."""

    settled: Bools
    steps: Ints
    pressure_residual: Floats
    mass_residual: Floats


def part_of(rows: Rows, span: slice, turned: float) -> Rows:
    """Some of the rows."""
    return Rows(rows.link[span], rows.is_open[span], rows.begin[span], rows.fresh[:, span], NONE, rows.strain[span], turned)


def merged_rows(parts: list[tuple[int, Rows]]) -> list[tuple[Ints, Rows]]:
    """Rows of many lanes in one, each with its lane; apart by the number of coefficients, links that are only shut last.

    Long ones stay as they are.
    """
    alike: dict[tuple[int, bool], list[tuple[int, Rows]]] = {}
    long = [(np.array([lane], dtype=np.int32), rows) for lane, rows in parts if rows.link.size > LONG]
    for lane, rows in parts:
        if rows.link.size > LONG:
            continue
        alike.setdefault((len(rows.fresh), bool(rows.drive.size)), []).append((lane, rows))
    result = sorted(long, key=lambda one: not len(one[1].fresh))
    for _, group in sorted(alike.items(), reverse=True):
        link, is_open, begin, drive, strain = (
            np.concatenate([getattr(rows, name) for _, rows in group]) for name in ("link", "is_open", "begin", "drive", "strain")
        )
        lanes = np.repeat(np.array([lane for lane, _ in group], dtype=np.int32), [rows.link.size for _, rows in group])
        fresh = np.ascontiguousarray(np.concatenate([rows.fresh for _, rows in group], axis=1))
        result.append((lanes, Rows(link, is_open, begin, fresh, drive, strain)))
    return result


def alike_tables(parts: list[tuple[int, Rows]]) -> tuple[list[tuple[Ints, Rows, Floats, Floats]], list[tuple[int, Rows]]]:
    """Lanes that set the same links, with one of their rows, all flows to begin with and all coefficients; and what is left over."""
    groups: dict[int, list[tuple[int, Rows]]] = {}
    for lane, rows in parts:
        if rows.link.size > LONG and not rows.drive.size:
            groups.setdefault(id(rows.link), []).append((lane, rows))
    tables, taken = [], set()
    for group in groups.values():
        rows = group[0][1]
        if all(one.is_open is rows.is_open for _, one in group) and rows.is_open.all() and len(rows.fresh) == 2:
            lanes = np.array([lane for lane, _ in group], dtype=np.int32)
            tables.append((lanes, rows, np.stack([one.begin for _, one in group]), np.stack([one.fresh for _, one in group])))
            taken |= {id(one) for _, one in group}
    return tables, [(lane, rows) for lane, rows in parts if id(rows) not in taken]


def put_rows_of(parts: dict[int, list[Rows] | None], row: int, found: Rows | None) -> None:
    """Add rows to those of a scenario, which has none as soon as one table has none."""
    known = parts[row]
    parts[row] = None if found is None or known is None else [*known, found]


def lean_table(table: Table) -> Table:
    """The table with texts as numpy compares them fast: one for all rows where they are alike."""
    texts = {name: getattr(table, name) for name, item in table.columns().items() if item.text and name == "characteristic"}
    fast: dict[str, npt.NDArray[Any]] = {name: values.astype(np.str_) for name, values in texts.items()}
    return replace(table, **{name: values[:1] if (values == values[:1]).all() else values for name, values in fast.items()})


def edges_of_row(arrays: Arrays, key: tuple[type[Edge], str]) -> list[int]:
    """Edges of a row: two of an exchanger, else one."""
    row = int(np.flatnonzero(arrays.part(key[0]).table.id == key[1])[0])
    return [arrays.part(kind).span.start + row for kind in ((Exchanger, Secondary) if key[0] is Exchanger else (key[0],))]


def changed_kinds(cases: tuple[Scenario, ...], *, whole: bool) -> list[type[Edge]]:
    """Components of which some scenario sets a column of all rows, or of rows by their ids."""
    found = {KINDS.get(change.kind) for case in cases for change in case.changes if (change.ids is None) == whole}
    kinds: list[type[Edge]] = [Pipe, Valve, Consumer]
    return [kind for kind in kinds if kind in found]


def reopened(arrays: Arrays, cases: tuple[Scenario, ...]) -> Bools:
    """Edges of tables in which some scenario may open what is shut, (edges,)."""
    result = np.zeros(arrays.edges, dtype=bool)
    for kind in {(change.kind, change.column) for case in cases for change in case.changes}:
        if kind[1] in ("opening", "kvs", "leakage") and KINDS.get(kind[0]) in ROWS:
            result[arrays.part(KINDS[kind[0]]).span] = True  # type: ignore[arg-type]
    return result
