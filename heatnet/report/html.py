"""Writes a Document as one HTML file that opens without network: style, script and plotly.js are inside.

Text of users is escaped by the template; text in charts is escaped too, since plotly reads a little HTML; data stand in a JSON element
whose <, > and & are written as escapes, so that no name can end the element.
"""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from html import escape
from math import isnan
from pathlib import Path
from typing import Any

import jinja2

from heatnet.report.document import Bars, Cell, Document, Dots, Figure, Head, Line, Mark, Scale, Tag
from heatnet.report.forms import Form

FOLDER = Path(__file__).parent
FONT = 'system-ui, "Segoe UI", "Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "Noto Sans SC", sans-serif'
MANY = 2000  # points from which they are drawn by WebGL
GRID, INK = "#e4e7eb", "#333a44"
HEIGHT, MAP_HEIGHT = 420, 640  # px


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
    loader.filters |= {"cell": cell, "value": sort_key}
    loader.tests |= {"numeric": numeric, "tag": lambda value: isinstance(value, Tag)}
    figures = {block.name: plot(block) for section in document.sections for block in section.blocks if isinstance(block, Figure)}
    return loader.get_template("page.html").render(
        document=document, kind=lambda block: type(block).__name__.lower(), figures=safe_json(figures), plotly=_plotly() if figures else "",
        font=FONT, language="zh-CN" if document.lang == "zh" else document.lang,
    )


def safe_json(data: object) -> str:
    r"""JSON that can stand inside a script element.

    >>> safe_json("</script>&")
    '"\\u003c/script\\u003e\\u0026"'
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate({ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"})


def numeric(head: Head) -> bool:
    """Whether a column holds numbers."""
    return head.form is not None


def cell(value: Cell, form: Form | None, lang: str) -> str:
    """A cell as printed."""
    if isinstance(value, Tag):
        return value.text
    if isinstance(value, str):
        return value
    return "–" if value is None or form is None else form.text(value, lang)


def sort_key(value: Cell, form: Form, lang: str) -> str:
    """What a number cell sorts by; "" where there is no number."""
    if isinstance(value, (Tag, str)) or value is None or isnan(value):
        return ""
    return repr(round(form.shown(value, lang), 6))


def plot(figure: Figure) -> dict[str, Any]:
    """A figure as plotly data and layout."""
    hidden = {"visible": False, "showgrid": False, "zeroline": False}
    axis = {"gridcolor": GRID, "zeroline": False, "linecolor": "#b8bec6", "ticks": "outside", "tickcolor": "#b8bec6"}
    x = hidden if figure.map else {**axis, "title": {"text": figure.x}}
    y = {**hidden, "scaleanchor": "x"} if figure.map else {**axis, "title": {"text": figure.y}}
    marks = [_mark(mark) for mark in figure.marks]
    return {
        "data": [_trace(item) for item in figure.series],
        "layout": {
            "xaxis": x, "yaxis": y, "height": MAP_HEIGHT if figure.map else HEIGHT,
            "margin": {"l": 10, "r": 10, "t": 24, "b": 10} if figure.map else {"l": 60, "r": 20, "t": 46, "b": 50},
            "font": {"family": FONT, "size": 13, "color": INK}, "paper_bgcolor": "#fff", "plot_bgcolor": "#fff",
            "legend": {"orientation": "h", "y": -0.02 if figure.map else -0.25, "yanchor": "top"}, "hovermode": "closest",
            "dragmode": "pan" if figure.map else "zoom", "bargap": 0.04,
            "showlegend": sum(not isinstance(item, Bars) for item in figure.series) > 0,
            "shapes": [mark["shape"] for mark in marks], "annotations": [mark["word"] for mark in marks if mark["word"]["text"]],
        },
    }


def _trace(item: Line | Dots | Bars) -> dict[str, Any]:
    trace: dict[str, Any] = {"name": escape(item.label), "x": _short(item.x), "y": _short(item.y)}
    if item.hover:
        trace |= {"text": ["<br>".join(escape(line) for line in lines) for lines in item.hover], "hoverinfo": "text"}
    elif not isinstance(item, Bars):
        trace["hoverinfo"] = "skip"
    if isinstance(item, Bars):
        return trace | {"type": "bar", "width": item.width, "marker": {"color": list(item.colours)}, "textposition": "none"}
    kind = "scattergl" if isinstance(item, Dots) and len(item.x) > MANY else "scatter"
    if isinstance(item, Line):
        line = {"color": item.colour, "width": item.width, "dash": item.dash}
        return trace | {"type": kind, "mode": "lines", "line": line}
    marker: dict[str, Any] = {"size": item.size, "symbol": "circle" if item.shape == "none" else item.shape, "color": item.colour}
    if item.scale is not None:
        edge = {"width": 0 if len(item.x) > MANY else 0.6, "color": "#4a5058"}
        marker |= _coloured(item.scale) | {"color": _short(item.values), "line": edge}
    if item.shape == "none":
        marker["opacity"] = 0
        trace["showlegend"] = False
    return trace | {"type": kind, "mode": "markers", "marker": marker}


def _coloured(scale: Scale) -> dict[str, Any]:
    bar = {
        "title": {"text": escape(scale.title)}, "thickness": 12, "len": 0.6, "outlinewidth": 0, "tickvals": list(scale.ticks),
        "ticktext": [f"{tick:g}" for tick in scale.ticks],
    }
    return {"cmin": scale.low, "cmax": scale.high, "colorscale": [list(stop) for stop in scale.stops], "colorbar": bar}


def _mark(mark: Mark) -> dict[str, Any]:
    """Shape and word of a straight line, or of a band."""
    across, along = ("x", "y") if mark.axis == "x" else ("y", "x")
    shape = {
        "type": "line" if mark.to is None else "rect", f"{across}0": mark.at, f"{across}1": mark.at if mark.to is None else mark.to,
        f"{along}0": 0, f"{along}1": 1, f"{along}ref": "paper", f"{across}ref": across, "layer": "below",
        "line": {"width": 1.2 if mark.to is None else 0, "color": "#6b7280", "dash": "dash"}, "fillcolor": "rgba(120,170,110,0.18)",
    }
    word = {"text": escape(mark.text), "showarrow": False, "font": {"size": 12, "color": "#4b5563"}}
    if mark.axis == "x":
        word |= {"x": mark.at, "y": 1, "yref": "paper", "xref": "x", "yanchor": "bottom", "xanchor": "center"}
    else:
        word |= {"y": mark.at, "x": 1, "xref": "paper", "yref": "y", "xanchor": "right", "yanchor": "bottom"}
    return {"shape": shape, "word": word}


def _short(values: Sequence[float | None]) -> list[float | None]:
    """Values with seven significant digits, as much as a screen shows; None for NaN."""
    return [None if value is None or isnan(value) else float(f"{value:.7g}") for value in values]


def _plotly() -> str:
    import plotly.offline  # noqa: PLC0415  takes a second to load

    text: str = plotly.offline.get_plotlyjs()
    return text.replace("</script", "<\\/script")
