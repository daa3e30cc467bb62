"""One CSV file as columns in SI, with every problem found on the way.

Commas, semicolons and tabs separate; UTF-8 with or without BOM, else GB18030 (what Excel saves in China). Cells are stripped. Lines
that are empty or begin with # are skipped; line numbers are those of the file, also after quoted line breaks.
"""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from heatnet.errors import Problem, nearest
from heatnet.schema import Column, Floats, Ints, Table, Texts, positions
from heatnet.units import conversion

HEADER = re.compile(r"^\s*(?P<name>[^\[\(（［【]*?)\s*(?:[\[\(（［【](?P<unit>.*?)[\]\)）］】])?\s*$", re.S)
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.A)
PLAIN = frozenset("0123456789+-.eE")
LARGEST = 500_000_000  # bytes; a larger file is no table of a network


@dataclass
class RawTable:
    """Columns of a file as read: numbers in SI (NaN where not given), texts stripped, and the line of each row."""

    kind: type[Table]
    path: str
    numbers: dict[str, Floats] = field(default_factory=dict)
    texts: dict[str, Texts] = field(default_factory=dict)
    units: dict[str, tuple[str, float, float]] = field(default_factory=dict)  # unit as written, factor, offset
    lines: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int32))
    header: int = 1
    problems: list[Problem] = field(default_factory=list)

    def add(self, text: str, line: int, column: str = "", name: str = "") -> None:
        """A problem of this file."""
        self.problems.append(Problem(text, self.kind.kind(), name, column, f"{self.path}:{line}"))

    def name(self, row: int) -> str:
        """Id of a row."""
        return str(self.texts["id"][row]) if "id" in self.texts else ""


def read_table(path: Path, kind: type[Table]) -> RawTable:
    """Columns of one file; what is wrong with it is in `problems`."""
    raw = RawTable(kind, str(path))
    text = _text(path, raw)
    if text is None:
        return raw
    lines, rows = _rows(text, raw)
    if not rows:
        if not raw.problems:
            raw.add(f"the file is empty; its first line names the columns: {', '.join(kind.columns())}", 1)
        return raw
    raw.header = lines[0]
    names = _header(rows[0], raw)
    width = len(rows[0])
    body, kept = _even(rows[1:], lines[1:], width, raw)
    raw.lines = np.array(kept, dtype=np.int32)
    cells = list(zip(*body, strict=True)) if body else [()] * width
    for name, column in zip(names, cells, strict=True):
        if name == "id":
            raw.texts["id"] = _texts(column)
    for name, column in zip(names, cells, strict=True):
        if name:
            _column(raw, name, column)
    return raw


def _text(path: Path, raw: RawTable) -> str | None:
    try:
        if path.stat().st_size > LARGEST:
            raw.add(f"larger than {LARGEST // 1_000_000} MB", 1)
            return None
        data = path.read_bytes()
    except OSError as error:
        raw.add(f"cannot be read: {error.strerror}", 1)
        return None
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raw.add("is neither UTF-8 nor GB18030 text; save it as CSV UTF-8", 1)
    return None


def _rows(text: str, raw: RawTable) -> tuple[list[int], list[list[str]]]:
    first = next((line for line in text.splitlines() if line.strip() and not line.startswith("#")), "")
    separator = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    lines: list[int] = []
    rows: list[list[str]] = []
    before = 0
    try:
        for row in reader:
            line, before = before + 1, reader.line_num
            lead = row[0][:1] if row else ""
            if lead > "#" or (lead != "#" and any(cell.strip() for cell in row)):  # the first test settles nearly every row
                lines.append(line)
                rows.append(row)
    except csv.Error as error:
        raw.add(f"not a CSV line: {error}", before + 1)
        return [], []
    return lines, rows


def _even(rows: list[list[str]], lines: list[int], width: int, raw: RawTable) -> tuple[list[list[str]], list[int]]:
    """Rows of as many cells as the header has, and their lines."""
    if set(map(len, rows)) <= {width}:
        return rows, lines
    body: list[list[str]] = []
    kept: list[int] = []
    for line, row in zip(lines, rows, strict=True):
        if len(row) < width or any(cell.strip() for cell in row[width:]):  # more may be empty cells of a spreadsheet
            raw.add(f"{len(row)} cells, the header has {width} columns; is a separator missing, or a cell with one unquoted?", line)
            continue
        body.append(row[:width])
        kept.append(line)
    return body, kept


def _header(cells: list[str], raw: RawTable) -> list[str]:
    """Declared name of each column, "" where it has none."""
    columns = raw.kind.columns()
    names: list[str] = []
    for cell in cells:
        match = HEADER.match(cell)
        name, unit = (match["name"], match["unit"]) if match else (cell.strip(), None)
        if name not in columns:
            if name or unit:
                raw.add(f"unknown column{nearest(name, columns)}", raw.header, name)
            names.append("")
            continue
        if name in names:
            raw.add("the column stands here twice", raw.header, name)
            names.append("")
            continue
        names.append(name)
        if not columns[name].text:
            si = columns[name].unit
            try:
                factor, offset = conversion(unit.strip(), si) if unit and unit.strip() else (1.0, 0.0)
            except ValueError as error:
                raw.add(str(error), raw.header, name)
                factor, offset = 1.0, 0.0
            raw.units[name] = (unit.strip() if unit and unit.strip() else si, factor, offset)
    for name, item in columns.items():
        if item.required and name not in names and not (name in FILLED and "type" in names):
            raw.add(f"missing column ({item.doc}{f', [{item.unit}]' if item.unit else ''})", raw.header, name)
    return names


FILLED = ("diameter", "loss")  # columns that the catalogue fills where a pipe names its type


def _texts(cells: tuple[str, ...]) -> Texts:
    out = np.empty(len(cells), dtype=object)
    joined = "".join(cells)
    blank = joined != joined.strip() or len(joined.split(None, 1)) > 1
    out[:] = [cell.strip() for cell in cells] if blank else cells
    return out


def _column(raw: RawTable, name: str, cells: tuple[str, ...]) -> None:
    item = raw.kind.columns()[name]
    if item.text:
        raw.texts[name] = _text_column(raw, name, item, cells)
        return
    values = _numbers(raw, name, cells)
    unit, factor, offset = raw.units[name]
    si = factor * values + offset
    for row in positions(item.broken(si)):
        limits = item.range if factor == 1.0 and offset == 0.0 else f"{item.range} (the file gives {unit})"
        raw.add(f"{cells[row].strip()} is out of range; it must be {limits}", int(raw.lines[row]), name, raw.name(row))
    raw.numbers[name] = np.where(np.isnan(si) & (item.default is not None), float(item.default or 0.0), si)  # type: ignore[arg-type]
    if item.required and not (name in FILLED and raw.kind.kind() == "pipe"):
        for row in positions(np.isnan(si)):
            if not cells[row].strip():
                raw.add(f"missing; give {item.doc} [{unit}]", int(raw.lines[row]), name, raw.name(row))


def _text_column(raw: RawTable, name: str, item: Column, cells: tuple[str, ...]) -> Texts:
    out = raw.texts["id"] if name == "id" else _texts(cells)
    empty = out == ""
    if item.required:
        for row in positions(empty):
            raw.add(f"missing; give the {item.doc}", int(raw.lines[row]), name, "" if name == "id" else raw.name(row))
    elif item.default:
        out[empty] = item.default
    if item.choices:
        for row, word in enumerate(out):
            if word not in item.choices:
                text = f"'{word}' is not one of {', '.join(item.choices)}{nearest(word, item.choices)}"
                raw.add(text, int(raw.lines[row]), name, raw.name(row))
    return out


def _numbers(raw: RawTable, name: str, cells: tuple[str, ...]) -> Floats:
    """Cells as numbers, NaN where empty; anything but a plain decimal number is a problem."""
    if not cells:
        return np.zeros(0)
    if set("".join(cells)) <= PLAIN:
        try:
            if "" in cells:
                return np.fromiter((float(cell) if cell else np.nan for cell in cells), np.float64, len(cells))
            return np.array(list(map(float, cells)))
        except ValueError:
            pass
    values = np.full(len(cells), np.nan)
    for row, cell in enumerate(cells):
        word = cell.strip()
        if NUMBER.fullmatch(word):
            values[row] = float(word)
        elif word:
            hint = "; write numbers without thousands separators" if NUMBER.fullmatch(word.replace(",", "")) else ""
            raw.add(f"'{word}' is not a number{hint}", int(raw.lines[row]), name, raw.name(row))
    return values


def columns_of(raw: RawTable) -> dict[str, Any]:
    """Columns for `Table.of`; those not in the file are left to their default."""
    return {**raw.texts, **raw.numbers}
