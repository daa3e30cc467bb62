"""One CSV file as columns in SI, with every problem found on the way.

Commas, semicolons and tabs separate; UTF-8 with or without BOM, else GB18030 (what Excel saves in China). Cells are stripped. Lines
that are empty or begin with # are skipped (quote an id that begins with #); line numbers are those of the file, also after
quoted line breaks.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from codecs import BOM_UTF8
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from heatnet.errors import Problem, nearest
from heatnet.schema import Bools, Column, Floats, Ints, Table, Texts, positions
from heatnet.units import DIMENSIONS, conversion

HEADER = re.compile(r"^\s*(?P<name>[^\[\(（［【]*?)\s*(?:[\[\(（［【](?P<unit>.*?)[\]\)）］】])?\s*$", re.S)
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.A)
PLAIN = re.compile(r"[0-9+\-.eE]*")
THOUSANDS = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.A)
FILLED = ("diameter", "loss")  # columns that the catalogue fills where a pipe names its type
SEPARATOR = re.compile(r'"?sep=([,;\t])"?[,;\t]*', re.I)  # a first line that Excel reads and writes
ROW = re.compile(r"\s*#[^\s#]")  # a line that begins so is skipped as a comment and may be meant as a row
LARGEST = 500_000_000  # bytes; a larger file is no table of a network


@dataclass
class RawTable:
    """Columns of a file as read: numbers in SI (NaN where not given), texts stripped, and the line of each row."""

    kind: type[Table]
    path: str
    numbers: dict[str, Floats] = field(default_factory=dict)
    texts: dict[str, Texts] = field(default_factory=dict)
    units: dict[str, tuple[str, float, float]] = field(default_factory=dict)  # unit as written, factor, offset
    blank: dict[str, Bools] = field(default_factory=dict)  # cells of the FILLED columns that give nothing
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
    lines, header, cells = _cells(text, raw)
    if not header:
        if not raw.problems:
            raw.add(f"the file is empty; its first line names the columns: {', '.join(kind.columns())}", 1)
        return raw
    raw.header, raw.lines = lines[0], np.array(lines[1:], dtype=np.int32)
    names = _header(header, raw)
    given = [(name, column) for name, column in zip(names, cells, strict=True) if name]
    for name, column in given:
        if name == "id":
            raw.texts["id"] = _texts(column)
    for name, column in given:
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
    if b"\x00" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):  # those of UTF-16 are told below what to do
        text = "holds a NUL byte: it is damaged or no text; save it as CSV UTF-8"
        raw.add(text, data.count(b"\n", 0, data.index(b"\x00")) + 1)
        return None
    return _decoded(data, raw)


def _decoded(data: bytes, raw: RawTable) -> str | None:
    """Text of a file. GB18030 makes some sense of nearly any bytes, so that damaged UTF-8 must not be handed to it."""
    body = data.removeprefix(BOM_UTF8)
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        known = body.decode("utf-8", errors="replace")
    damaged = known.count("\ufffd")
    if data.startswith(BOM_UTF8) or sum(mark > "\x7f" for mark in known) > 2 * damaged:
        raw.add("text that is UTF-8 elsewhere is damaged here; mend the line, or save the file once more as CSV UTF-8", line)
        return None
    try:
        return data.decode("gb18030")
    except UnicodeDecodeError:
        raw.add("is neither UTF-8 nor GB18030 text; save it as CSV UTF-8", 1)
        return None


def _cells(text: str, raw: RawTable) -> tuple[list[int], list[str], list[Sequence[str]]]:
    """Line of the header and of each row, the cells of the header, and the cells of each column."""
    physical = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    told = SEPARATOR.fullmatch(next((line for line in physical if _counts(line, ",;\t")), ""))
    if told:  # how Excel is told the separator; no part of the table
        physical[physical.index(told[0])] = ""
    first = next((line for line in physical if _counts(line, ",;\t")), "")
    separator = told[1] if told else max(",;\t", key=first.count)
    width = first.count(separator) + 1
    if '"' in text:
        return _quoted(physical, separator, width, raw)
    for number, line in enumerate(physical, 1):
        _doubt(raw, line, separator, width, number)
    lines = [number for number, line in enumerate(physical, 1) if _counts(line, separator)]
    rows = [physical[number - 1] for number in lines]
    uneven = [at for at, row in enumerate(rows) if row.count(separator) != width - 1]
    for at in uneven:
        _complain(raw, rows[at].count(separator) + 1, width, lines[at])
    for at in reversed(uneven):
        del rows[at], lines[at]
    if not rows:
        return [], [], []
    flat = separator.join(rows).split(separator)  # one long list: a list a row would keep the garbage collector busy
    return lines, flat[:width], [flat[width + at :: width] for at in range(width)]


def _quoted(physical: list[str], separator: str, width: int, raw: RawTable) -> tuple[list[int], list[str], list[Sequence[str]]]:
    """The same where cells may be quoted, and so hold separators, line breaks and quotation marks."""
    at = {"line": 0, "begin": 0}

    def feed() -> Iterator[str]:
        for number, line in enumerate(physical, 1):
            if at["begin"] == 0:  # between rows: comments count only there
                if not _counts(line, separator):
                    _doubt(raw, line, separator, width, number)
                    continue
                at["begin"] = number
            at["line"] = number
            yield line + "\n"

    lines: list[int] = []
    rows: list[list[str]] = []
    reader = csv.reader(feed(), delimiter=separator, strict=True)
    try:
        for row in reader:
            line, at["begin"] = at["begin"], 0
            if rows and len(row) != len(rows[0]):
                _complain(raw, len(row), len(rows[0]), line)
                continue
            lines.append(line)
            rows.append(row)
    except csv.Error:
        raw.add("quotation marks do not match: a cell that begins with one ends with one, and one inside it is doubled", at["begin"] or 1)
        return [], [], []
    return (lines, rows[0], [*zip(*rows[1:], strict=True)] or [()] * len(rows[0])) if rows else ([], [], [])


def _counts(line: str, separators: str) -> bool:
    """Whether a line holds something that is not a comment."""
    return bool(line.strip(f" \t{separators}")) and line.lstrip()[:1] != "#"


def _doubt(raw: RawTable, line: str, separator: str, width: int, number: int) -> None:
    if ROW.match(line) and line.count(separator) + 1 == width > 1:
        raw.add('is it a comment or a row? Quote an id that begins with #, as in "#1"; leave a blank after the # of a comment', number)


def _complain(raw: RawTable, cells: int, width: int, line: int) -> None:
    raw.add(f"{cells} cells, the header has {width}; is a separator missing or too many, or a decimal comma in a number?", line)


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
                factor, offset = np.nan, 0.0  # the values mean nothing then, and no range is checked
            raw.units[name] = (unit.strip() if unit and unit.strip() else si, factor, offset)
    for name, item in columns.items():
        if item.required and name not in names and not (name in FILLED and "type" in names):
            raw.add(f"missing column ({item.doc}{f', [{item.unit}]' if item.unit else ''})", raw.header, name)
    return names


def _texts(cells: Sequence[str]) -> Texts:
    out = np.empty(len(cells), dtype=object)
    joined = "".join(cells)
    blank = joined != joined.strip() or len(joined.split(None, 1)) > 1
    out[:] = [cell.strip() for cell in cells] if blank else cells
    return out


def _column(raw: RawTable, name: str, cells: Sequence[str]) -> None:
    item = raw.kind.columns()[name]
    if item.text:
        raw.texts[name] = _text_column(raw, name, item, cells)
        return
    values = _numbers(raw, name, cells)
    unit, factor, offset = raw.units[name]
    si = factor * values + offset
    for row in positions(item.broken(si)):
        text = f"{cells[row].strip()} is out of range; it must be {_limits(item, unit, factor, offset)}"
        raw.add(text, int(raw.lines[row]), name, raw.name(row))
    raw.numbers[name] = np.where(np.isnan(si), float(item.fill), si)
    if raw.kind.kind() == "pipe" and name in FILLED:
        raw.blank[name] = np.isnan(values)
        raw.blank[name][positions(np.isnan(values))] = [not cells[row].strip() for row in positions(np.isnan(values))]
    elif item.required:
        for row in positions(np.isnan(values)):
            if not cells[row].strip():
                raw.add(f"missing; give {item.doc} [{unit}]", int(raw.lines[row]), name, raw.name(row))


def _limits(item: Column, unit: str, factor: float, offset: float) -> str:
    """The range of a column in the unit of the file."""
    above, least, most = (None if limit is None else round((limit - offset) / factor, 9) for limit in (item.above, item.least, item.most))
    return replace(item, unit=unit, above=above, least=least, most=most).range


def _text_column(raw: RawTable, name: str, item: Column, cells: Sequence[str]) -> Texts:
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


def _numbers(raw: RawTable, name: str, cells: Sequence[str]) -> Floats:
    """Cells as numbers, NaN where empty; anything but a plain decimal number is a problem."""
    if PLAIN.fullmatch("".join(cells)):
        try:
            return np.array([float(cell) if cell else np.nan for cell in cells], dtype=np.float64)
        except ValueError:
            pass
    values = np.full(len(cells), np.nan)
    for row, cell in enumerate(cells):
        word = cell.strip()
        if NUMBER.fullmatch(word):
            values[row] = float(word)
        elif word:
            raw.add(f"'{word}' is not a number{_hint(word)}", int(raw.lines[row]), name, raw.name(row))
    return values


def _hint(word: str) -> str:
    """What would be right instead of a number that is written in another way."""
    plain = unicodedata.normalize("NFKC", word)
    if THOUSANDS.fullmatch(plain):
        return f"; write {plain.replace(',', '')}, without thousands separators"
    if NUMBER.fullmatch(plain.replace(",", ".")):
        return f"; write {plain.replace(',', '.')}"
    number = NUMBER.match(plain)
    unit = plain[number.end() :].strip() if number else ""
    return "; the unit belongs in the header" if any(unit in units for units in DIMENSIONS.values()) else ""


def columns_of(raw: RawTable) -> dict[str, Any]:
    """Columns for `Table.of`; those not in the file are left to their default."""
    return {**raw.texts, **raw.numbers}
