"""Writes a Document as an XLSX workbook and as a folder of CSV files, both with the same tables and real numbers.

A sheet is a section: what it says, its figures at a glance and its largest table,
with frozen heads and a filter; the other tables of a section
follow on sheets of their own with the number of the section ("6.2 ..."),
since a sheet can freeze and filter one table only. Texts are written as
texts: a name that begins with = is a name, not a formula. In CSV, where a program may take it for one, it gets an apostrophe in front.
"""

from __future__ import annotations

import csv
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heatnet.errors import HeatnetError
from heatnet.report.document import Cell, Document, Facts, Head, Items, Paragraph, Quantity, Section, Table, Tag, Tone
from heatnet.report.forms import Form
from heatnet.store.folder import replaced
from heatnet.store.harmless import harmless

if TYPE_CHECKING:
    import xlsxwriter

TONES = {"low": "#1B4F8F", "good": "#2C6B3C", "high": "#B3471B", "bad": "#96204B"}
FILLS = {"low": "#DCE8F6", "good": "#E3F1E4", "high": "#FBE6DA", "bad": "#F8DEE8"}
WIDEST, LETTERS = 42, 31  # characters of a column, of the name of a sheet
MARK = "heatnet-report.txt"  # in a folder of tables, so that no other folder is replaced


@dataclass(frozen=True)
class Sheet:
    """One table with its place in the report and what is said before it."""

    name: str
    table: Table
    said: tuple[str, ...]


def sheets(document: Document) -> Iterator[Sheet]:
    """Tables of a document, a section after the other, its largest table first; facts are a table, too."""
    for number, section in enumerate(document.sections, 1):
        tables = [*_facts(document, section), *(block for block in section.blocks if isinstance(block, Table))]
        said = [block.text for block in section.blocks if isinstance(block, Paragraph)]
        said += [text for block in section.blocks if isinstance(block, Items) for text in block.texts]
        first = max(tables, key=lambda table: len(table.rows), default=Table(section.name, section.title, (), ()))
        if number == 1 and tables:
            first = tables[0]
        yield Sheet(f"{number} {section.title}", first, tuple(said))
        others = [table for table in tables if table is not first]
        for at, table in enumerate(others, 1):
            yield Sheet(f"{number}.{at} {table.title}", table, ())


def write_xlsx(document: Document, path: str | Path) -> None:
    """Write the workbook, beside its target first."""
    import xlsxwriter  # noqa: PLC0415  loads when a workbook is asked for

    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False, "nan_inf_to_errors": False,
               "in_memory": True}
    try:
        with xlsxwriter.Workbook(str(part), options) as book:
            book.set_properties({"title": document.title, "subject": document.subtitle, "comments": document.foot, "created": _epoch()})
            styles = _Styles(book, document.lang)
            used: set[str] = set()
            for sheet in sheets(document):
                _sheet(book, styles, document, sheet, _unique(sheet.name, used))
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def write_csv(document: Document, folder: str | Path) -> None:
    """Write every table as a CSV file (UTF-8 with BOM), units in the header, and what is said as text.txt.

    An earlier folder of a report is replaced. HeatnetError where the folder holds anything else.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or (any(folder.iterdir()) and not (folder / MARK).is_file())):
        raise HeatnetError(f"{folder} holds other things; give a new or empty folder for the tables of the report")
    with replaced(folder) as part:
        (part / MARK).write_text(f"{document.title}\n{document.subtitle}\n{document.foot}\n", encoding="utf-8-sig")
        said = []
        for sheet in sheets(document):
            said += [f"\n{sheet.name}\n", *(f"{text}\n" for text in sheet.said)]
            if sheet.table.heads:
                _csv(part / f"{_file_name(sheet.name)}.csv", sheet.table, document.lang)
        (part / "text.txt").write_text("".join(said), encoding="utf-8-sig")


class _Styles:
    """Formats of a workbook, each made once."""

    def __init__(self, book: xlsxwriter.Workbook, lang: str) -> None:
        self.book, self.lang, self.made = book, lang, dict[tuple[Any, ...], Any]()
        self.font = {"font_name": "微软雅黑" if lang == "zh" else "Calibri", "font_size": 10}

    def get(self, digits: int | None = None, tone: Tone = "", kind: str = "", unit: str = "") -> Any:
        """Format of a cell: decimals of a number, tone, "head", "total", "title" or "said", and a unit that is shown behind the number."""
        key = (digits, tone, kind, unit)
        if key not in self.made:
            given: dict[str, Any] = dict(self.font)
            if digits is not None:
                given["num_format"] = "#,##0" + ("." + "0" * digits if digits else "") + (f' "{unit}"' if unit else "")
            if tone:
                given |= {"font_color": TONES[tone], "bold": True}
            kinds: dict[str, dict[str, Any]] = {
                "head": {"bold": True, "text_wrap": True, "valign": "bottom", "bg_color": "#E8EEF5", "bottom": 1, "align": "left"},
                "total": {"bold": True, "top": 1, "bg_color": "#F4F6F8"}, "title": {"bold": True, "font_size": 14},
                "said": {"text_wrap": True, "valign": "top"},
            }
            given |= kinds.get(kind, {})
            self.made[key] = self.book.add_format(given)
        return self.made[key]

    def fill(self, tone: Tone) -> Any:
        """Format of a conditional colour."""
        key = ("fill", tone)
        if key not in self.made:
            self.made[key] = self.book.add_format({"bg_color": FILLS[tone], "font_color": TONES[tone]})
        return self.made[key]


def _sheet(book: xlsxwriter.Workbook, styles: _Styles, document: Document, sheet: Sheet, name: str) -> None:
    page, table, lang = book.add_worksheet(name), sheet.table, document.lang
    page.write_string(0, 0, sheet.name, styles.get(kind="title"))
    page.write_string(1, 0, document.subtitle, styles.get())
    top = 3
    width = max(len(table.heads) - 1, 7)
    for text in sheet.said:
        page.merge_range(top, 0, top, width, "", styles.get(kind="said"))
        page.write_string(top, 0, text, styles.get(kind="said"))
        page.set_row(top, 15 * (1 + _wide(text) // 110))
        top += 1
    if not table.heads:
        return
    top += bool(sheet.said)
    for column, head in enumerate(table.heads):
        page.write_string(top, column, _head(head, lang), styles.get(kind="head"))
        digits = head.form.side(lang).digits if head.form else None
        for row, line in enumerate(table.rows, top + 1):
            _cell(page, row, column, line[column], head, styles)
        if table.totals:
            _cell(page, top + 1 + len(table.rows), column, table.totals[column], head, styles, "total")
        _colours(page, styles, head, (top + 1, column, top + len(table.rows)), lang)
        page.set_column(column, column, _column_width(table, column, lang, digits))
    if table.rows:
        page.autofilter(top, 0, top + len(table.rows), len(table.heads) - 1)
    page.freeze_panes(top + 1, 1 if len(table.heads) > 3 else 0)
    page.repeat_rows(top)
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)


def _cell(page: Any, row: int, column: int, value: Cell, head: Head, styles: _Styles, kind: str = "") -> None:
    digits = head.form.side(styles.lang).digits if head.form is not None else None
    if isinstance(value, Quantity) and isfinite(value.value):
        side = value.form.side(styles.lang)
        page.write_number(row, column, float(value.form.shown(value.value, styles.lang)),
                          styles.get(side.digits, value.tone, kind, side.unit))
    elif isinstance(value, Quantity):
        page.write_string(row, column, "–", styles.get(None, "", kind))
    elif isinstance(value, Tag):
        page.write_string(row, column, value.text, styles.get(None, value.tone, kind))
    elif value is None or isinstance(value, str) or head.form is None or not isfinite(value):
        text = str(value) if isinstance(value, str) or (value is not None and head.form is None) else ""
        page.write_string(row, column, text, styles.get(None, "", kind)) if text else page.write_blank(row, column, None,
                                                                                                       styles.get(digits, "", kind))
    else:
        page.write_number(row, column, float(head.form.shown(value, styles.lang)), styles.get(digits, "", kind))


def _colours(page: Any, styles: _Styles, head: Head, place: tuple[int, int, int], lang: str) -> None:
    """Colours below and above the limits of a column, which follow when a user edits the numbers."""
    first, column, last = place
    if head.form is None or last < first:
        return
    for sign, limit, tone in (("<", head.low, "low"), (">", head.high, "high")):
        if isfinite(limit):
            rule = {"type": "cell", "criteria": sign, "value": head.form.shown(limit, lang), "format": styles.fill(tone)}  # type: ignore[arg-type]
            page.conditional_format(first, column, last, column, {"type": "blanks", "format": styles.get(), "stop_if_true": True})
            page.conditional_format(first, column, last, column, rule)


def _facts(document: Document, section: Section) -> list[Table]:
    """Facts of a section as one table: name, number, unit, note."""
    facts = [fact for block in section.blocks if isinstance(block, Facts) for fact in block.items]
    if not facts:
        return []
    words = document.labels
    heads = (Head(section.title), Head(words["value"]), Head(words["unit"]), Head(words["note"]))
    rows = tuple(
        (fact.label, Tag(fact.value, fact.tone) if isinstance(fact.value, str) else Quantity(fact.value, fact.form.bare(), fact.tone),
         "" if isinstance(fact.value, str) else fact.form.unit(document.lang), fact.note)
        for fact in facts
    )
    return [Table(f"facts_{section.name}", section.title, heads, rows)]


def _head(head: Head, lang: str) -> str:
    unit = head.form.unit(lang) if head.form is not None else ""
    return f"{head.text} [{unit}]" if unit else head.text


def _csv(path: Path, table: Table, lang: str) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(harmless(_head(head, lang)) for head in table.heads)
        rows: Sequence[tuple[Cell, ...]] = (*table.rows, table.totals) if table.totals else table.rows
        for row in rows:
            writer.writerow(_plain(value, head.form, lang) for value, head in zip(row, table.heads, strict=True))


def _plain(value: Cell, form: Form | None, lang: str) -> str:
    """A cell of a CSV file: a number with three digits more than are printed, or a harmless text."""
    if isinstance(value, Tag):
        return harmless(value.text)
    if isinstance(value, Quantity):
        return value.form.full(value.value, lang)  # its minus is a sign that no spreadsheet takes for a formula
    if isinstance(value, str):
        return harmless(value)
    if value is None or not isfinite(value):
        return ""
    return str(value) if form is None else repr(round(float(form.shown(value, lang)), form.side(lang).digits + 3))


def _unique(name: str, used: set[str]) -> str:
    """A name that a sheet may have and no other has."""
    clean = re.sub(r"[\[\]:*?/\\]", " ", name).strip("'")[:LETTERS].strip()
    at = 2
    found = clean
    while found.lower() in used:
        found = f"{clean[: LETTERS - 3]} {at}"
        at += 1
    used.add(found.lower())
    return found


def _file_name(name: str) -> str:
    """A file name from the name of a sheet: its number with two digits, then its words."""
    number, _, title = name.partition(" ")
    whole, _, part = number.partition(".")
    words = re.sub(r"[^\w\u4e00-\u9fff]+", "_", title).strip("_")[:60]
    return f"{int(whole):02d}{'.' + part if part else ''}_{words}"


def _column_width(table: Table, column: int, lang: str, digits: int | None) -> float:
    longest = max((_wide(_printed(row[column], table.heads[column], lang)) for row in table.rows[:300]), default=4)
    head = max(_wide(word) for word in re.split(r"[ （(]", _head(table.heads[column], lang)))
    return min(max(longest, head, 8 if digits is None else 9) + 2.0, WIDEST)


def _printed(value: Cell, head: Head, lang: str) -> str:
    if isinstance(value, Tag):
        return value.text
    if isinstance(value, Quantity):
        return value.form.full(value.value, lang)
    return value if isinstance(value, str) else head.form.text(value, lang) if head.form is not None else str(value)


def _wide(text: str) -> int:
    return sum(2 if ord(letter) > 0x2E7F else 1 for letter in text)


def _epoch() -> Any:
    from datetime import datetime  # noqa: PLC0415

    return datetime(2000, 1, 1)
