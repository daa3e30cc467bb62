"""Figures of a document as plotly data and layout."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from html import escape
from math import isnan
from typing import Any

from heatnet.report.document import Bars, Dots, Figure, Line, Mark
from heatnet.report.forms import digits_of
from heatnet.report.thin import curve, spots

FONT = 'system-ui, "Segoe UI", "Microsoft YaHei", "PingFang SC", "Noto Sans CJK SC", "Noto Sans SC", sans-serif'
MANY = 3000  # points of a chart from which they are drawn by WebGL
GRID, INK, AXIS = "#e4e7eb", "#2a313b", "#8c949e"
HEIGHT = 400  # px


def plot(figure: Figure) -> dict[str, Any]:
    """A figure as plotly data and layout."""
    axis = {"gridcolor": GRID, "zeroline": False, "linecolor": AXIS, "showline": True, "ticks": "outside", "tickcolor": AXIS,
            "automargin": True, "separatethousands": True, "exponentformat": "none"}  # digits, no 2M
    x = {**axis, "title": {"text": escape(figure.x), "standoff": 8}}
    y: dict[str, Any] = {**axis, "title": {"text": escape(figure.y), "standoff": 8}}
    if figure.square:
        x |= {"constrain": "domain"}  # else the shorter axis runs far beyond the points
        y |= {"scaleanchor": "x", "constrain": "domain"}
    marks = [_mark(mark, at) for at, mark in enumerate(figure.marks)]
    flat = any(isinstance(item, Bars) and item.flat for item in figure.series)
    layout: dict[str, Any] = {
        "xaxis": x, "yaxis": y, "height": 190 + 60 * flat if flat else HEIGHT,
        "margin": {"l": 64, "r": 64 if figure.right else 20, "t": 40, "b": 56},
        "font": {"family": FONT, "size": 13, "color": INK}, "paper_bgcolor": "#fff", "plot_bgcolor": "#fff", "hovermode": "closest",
        "legend": {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0, "xanchor": "left", "traceorder": "normal"},
        "dragmode": "zoom", "bargap": 0.06,
        "barmode": "stack" if figure.stacked else "group", "showlegend": len(figure.series) > 1,
        "shapes": [mark["shape"] for mark in marks], "annotations": [mark["word"] for mark in marks if mark["word"]["text"]],
    }
    if figure.right:
        layout["yaxis2"] = {"overlaying": "y", "side": "right", "title": {"text": escape(figure.right), "standoff": 10}, "showgrid": False,
                            "automargin": True,
                            "tickmode": "auto",
                            **({"range": [0, 105], "dtick": 20} if figure.percent else {}),
                            "linecolor": AXIS, "showline": True, "ticks": "outside", "tickcolor": AXIS, "zeroline": False}
        layout["yaxis"] |= {"rangemode": "tozero"}
    series = [_thinned(item) for item in figure.series]
    many = sum(len(item.x) for item in series if not isinstance(item, Bars)) > MANY
    return {"data": [_trace(item, figure, many) for item in series], "layout": layout}


def _thinned(item: Line | Dots | Bars) -> Line | Dots | Bars:
    if isinstance(item, Bars):
        return item
    rows = spots(item.x, item.y) if isinstance(item, Dots) else curve(item.x, item.y)
    if rows is None:
        return item
    x, y = [item.x[row] for row in rows], [item.y[row] for row in rows]
    if isinstance(item, Line):
        return replace(item, x=x, y=y)
    return replace(item, x=x, y=y, names=[item.names[row] for row in rows] if item.names else ())


def _trace(item: Line | Dots | Bars, figure: Figure, many: bool) -> dict[str, Any]:
    trace: dict[str, Any] = {"name": escape(item.label), "x": _short(item.x), "y": _short(item.y)}
    right = isinstance(item, Line) and item.right
    x, y = hovered("x", figure.x, item.x), hovered("y", figure.right if right else figure.y, item.y)
    if isinstance(item, Bars):
        pattern = {"pattern": {"shape": item.pattern, "bgcolor": item.colour, "fgcolor": "#fff", "size": 7,
                               "solidity": 0.3}} if item.pattern else {}
        trace |= {"type": "bar", "marker": {"color": item.colour, "line": {"width": 0.5, "color": "#fff"}, **pattern}}
        if item.flat:
            trace |= {"orientation": "h", "hovertemplate": f"{x}<extra>%{{fullData.name}}</extra>"}
        else:
            trace["hovertemplate"] = f"%{{x}}: {y}<extra>%{{fullData.name}}</extra>"
        return trace | ({"width": item.width} if item.width is not None else {})
    kind = "scattergl" if many else "scatter"
    if isinstance(item, Line):
        line = {"color": item.colour, "width": item.width, "dash": item.dash}
        trace |= {"type": kind, "mode": "lines", "line": line, "hovertemplate": f"{x}: {y}<extra>%{{fullData.name}}</extra>"}
        if item.filled:
            trace |= {"fill": "tozeroy"}
        return trace | ({"yaxis": "y2"} if item.right else {})
    marker: dict[str, Any] = {"size": item.size + 2 * item.shape.startswith("triangle"), "symbol": item.shape, "color": item.colour}
    if not item.shape.endswith("open"):
        marker["line"] = {"width": 0.5, "color": "#fff"}
    name = "<b>%{text}</b><br>" if item.names else ""
    trace |= {
        "type": kind, "mode": "markers", "marker": marker, "text": [escape(name) for name in item.names],
        "hovertemplate": f"{name}{escape(figure.x)} {x}<br>{escape(figure.y)} {y}<extra>%{{fullData.name}}</extra>",
    }
    return trace | ({"meta": "link"} if item.link else {})


def hovered(axis: str, title: str, values: Sequence[Any]) -> str:
    """A value under the pointer, with the decimals of the unit in the title of its axis; words as they are.

    >>> hovered("y", "room temperature (°C)", [20.0])
    '%{y:,.1f}'
    """
    if any(isinstance(value, str) for value in values):
        return f"%{{{axis}}}"
    unit = re.search(r"[(（]([^()（）]*)[)）]$", title.strip())
    digits = digits_of(unit[1] if unit else "")
    return f"%{{{axis}:,.4~r}}" if digits is None else f"%{{{axis}:,.{digits}f}}"


def _mark(mark: Mark, at: int) -> dict[str, Any]:
    """Shape and word of a straight line, or of a band; words of neighbouring lines stand at different heights."""
    across, along = ("x", "y") if mark.axis == "x" else ("y", "x")
    shape = {
        "type": "line" if mark.to is None else "rect", f"{across}0": mark.at, f"{across}1": mark.at if mark.to is None else mark.to,
        f"{along}0": 0, f"{along}1": 1, f"{along}ref": "paper", f"{across}ref": across, "layer": "above" if mark.to is None else "below",
        "line": {"width": 1.2 if mark.to is None else 0, "color": "#4b5563", "dash": "dash"}, "fillcolor": "rgba(143,191,138,0.22)",
    }
    word = {"text": escape(mark.text), "showarrow": False, "font": {"size": 12, "color": "#374151"}, "bgcolor": "rgba(255,255,255,0.8)"}
    if mark.axis == "x":
        word |= {"x": mark.at, "y": 0.98 - 0.09 * (at % 3), "yref": "paper", "xref": "x", "yanchor": "top", "xanchor": "left", "xshift": 3}
    else:
        word |= {"y": mark.at, "x": 1, "xref": "paper", "yref": "y", "xanchor": "right", "yanchor": "bottom"}
    return {"shape": shape, "word": word}


def _short(values: Sequence[Any]) -> list[Any]:
    """Values with six significant digits, more than a screen shows; None for NaN; texts escaped."""
    return [
        escape(value) if isinstance(value, str) else None if value is None or isnan(value) else float(f"{value:.6g}") for value in values
    ]
