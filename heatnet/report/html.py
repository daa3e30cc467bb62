"""Writes a Document as one HTML file that opens without network: style, scripts, data and plotly.js are inside.

Long tables stand in the page as columns of data and are drawn when they are looked at; their first rows are plain HTML, so that a page
without script still tells the most important. The data of each table and figure stand in an element of their own and are read with it.
Text of users is escaped by the template and set as text by the scripts; text in
charts is escaped too, since plotly reads a little HTML; data stand in JSON elements whose <, > and & are written as escapes.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from math import isfinite, isnan
from pathlib import Path
from typing import Any

import jinja2

from heatnet.report.document import Block, Cell, Document, Figure, Head, Live, Quantity, Table, Tag, Tone
from heatnet.report.forms import Form
from heatnet.report.packed import packed, safe_json
from heatnet.report.plots import FONT, plot

FOLDER = Path(__file__).parent / "page"
SCRIPTS = ("numbers.js", "tables.js", "figures.js", "map.js", "path.js", "users.js")
LIVE_HEIGHTS = {"map": 440, "pressure": 500, "temperature": 320}  # px at least
FIRST_ROWS = 25  # of a table that stand in the page as HTML
MOST_ROWS = 40000  # of a table in the page; what is left out is said, and is in the workbook and the CSV folder


def write(document: Document, path: str | Path) -> None:
    """Write the page, beside its target first: a reader never meets half a report."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        part.write_text(page(document), encoding="utf-8", newline="\n")
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def page(document: Document) -> str:
    """The page as text."""
    loader = jinja2.Environment(
        loader=jinja2.FileSystemLoader(FOLDER), autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    loader.filters |= {"cell": cell}
    loader.tests |= {"numeric": numeric}
    blocks = [block for section in document.sections for block in section.blocks]
    figures = {block.name: plot(block) for block in blocks if isinstance(block, Figure)}
    tables = {block.name: columns(block, document.lang) for block in blocks if isinstance(block, Table)}
    data = {
        "data": {"lang": document.lang, "labels": dict(document.labels), "figures": list(figures), "tables": list(tables),
                 "chosen": document.model["chosen"] if document.model else None},
        **({"data-model": document.model} if document.model else {}),
        **{f"data-table-{name}": found for name, found in tables.items()},
        **{f"data-figure-{name}": found for name, found in figures.items()},
    }
    drawn = bool(figures) or any(isinstance(block, Live) for block in blocks)
    return loader.get_template("page.html").render(
        document=document, kind=lambda block: type(block).__name__.lower(), plotly=_plotly() if drawn else "",
        data={name: safe_json(packed(part)) for name, part in data.items()},
        font=FONT, language="zh-CN" if document.lang == "zh" else document.lang, first=FIRST_ROWS, style=_file("style.css"), tone=tone,
        script="\n".join(_file(name) for name in SCRIPTS), main=main_table, most=MOST_ROWS,
        heights={name: figure["layout"]["height"] for name, figure in figures.items()} | LIVE_HEIGHTS,
    )


def numeric(head: Head) -> bool:
    """Whether a column holds numbers."""
    return head.form is not None


def cell(value: Cell, form: Form | None, lang: str) -> str:
    """A cell as printed."""
    if isinstance(value, Tag):
        return value.text
    if isinstance(value, Quantity):
        return value.form.full(value.value, lang)
    if isinstance(value, str):
        return value
    return "–" if value is None or form is None else form.text(value, lang)


def tone(value: Cell, head: Head) -> Tone:
    """Tone of a cell: of its tag, or by the limits of its column."""
    return value.tone if isinstance(value, Tag) else head.tone(value)


def main_table(block: Block) -> bool:
    """Whether a table is long enough for tools: a search field, filters, the number of rows."""
    return isinstance(block, Table) and len(block.rows) > 10 and len(block.heads) > 2


def columns(table: Table, lang: str) -> dict[str, Any]:
    """A table as columns for the page; texts that repeat are written once."""
    heads = []
    for head in table.heads:
        form = head.form
        told: dict[str, Any] = {"n": form is not None}
        if form is not None:
            told["d"] = form.side(lang).digits
            told |= {name: form.shown(limit, lang) for name, limit in (("low", head.low), ("high", head.high)) if not isnan(limit)}
        if head.link:
            told["link"] = head.link
        heads.append(told)
    rows = table.rows[:MOST_ROWS]
    return {"heads": heads, "rows": len(rows), "all": len(table.rows), "columns": [
        _numbers([row[at] for row in rows], head.form, lang) if head.form is not None else _texts([row[at] for row in rows], lang)
        for at, head in enumerate(table.heads)
    ]}


def _numbers(cells: Sequence[Cell], form: Form, lang: str) -> list[Any]:
    """Numbers as printed with a digit more, to sort by; texts and infinities stay."""
    digits = form.side(lang).digits
    found: list[Any] = []
    for value in cells:
        if isinstance(value, Tag):
            found.append(value.text)
        elif isinstance(value, Quantity):
            found.append(value.form.full(value.value, lang))
        elif value is None or isinstance(value, str):
            found.append(value)
        elif isnan(value):
            found.append(None)
        else:
            found.append(_short(_once(float(form.shown(value, lang)), digits)) if isfinite(value) else "∞" if value > 0 else "−∞")
    return found


def _once(value: float, digits: int) -> float:
    """A digit more than is printed, but where that is a 5: the page rounds again, and would print another number."""
    fine = round(value, digits + 1)
    return round(value, digits) if round(abs(fine) * 10 ** (digits + 1)) % 10 == 5 else fine


def _short(value: float) -> float | int:
    return int(value) if value == int(value) else value


def _texts(cells: Sequence[Cell], lang: str) -> dict[str, Any]:
    """Texts as places in a list of those that occur, with their tones."""
    seen: dict[tuple[str, str], int] = {}
    at = []
    for value in cells:
        key = (value.text, value.tone) if isinstance(value, Tag) else (cell(value, None, lang),
                                                                       value.tone if isinstance(value, Quantity) else "")
        at.append(seen.setdefault(key, len(seen)))
    listed = [text for text, _ in seen] if not any(tone_ for _, tone_ in seen) else [list(key) for key in seen]
    return {"of": listed, "at": None if len(listed) == len(cells) else at}


def _file(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")


def _plotly() -> str:
    import plotly.offline  # noqa: PLC0415  takes a second to load

    text: str = plotly.offline.get_plotlyjs()
    return text.replace("</script", "<\\/script")
