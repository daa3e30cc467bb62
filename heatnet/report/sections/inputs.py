"""Section 2, inputs and data quality: size and source of the model, what was given and what assumed, warnings, measured rooms."""

from __future__ import annotations

import numpy as np

from heatnet.components import Consumer, Pipe, Plant
from heatnet.network import TABLES, Building, Node
from heatnet.report import forms
from heatnet.report.document import Block, Cell, Head, Items, Paragraph, Quantity, Section, Table
from heatnet.report.measured import measured
from heatnet.report.view import View
from heatnet.report.words import LANGUAGES
from heatnet.schema import Column
from heatnet.schema import Table as Rows

WATCHED: dict[type[Rows], tuple[str, ...]] = {  # columns whose missing or assumed values a reader must know of
    Node: ("x", "height", "pressure"), Pipe: ("roughness", "zeta", "loss", "ground"), Plant: ("capacity", "lift", "supply_temperature"),
    Consumer: ("kvs", "opening", "flow", "heat_given"),
    Building: ("area", "households", "height", "conductance", "radiator", "gains", "street", "district"),
}

ABOUT = ("name", "title", "description", "version", "date", "source", "licence", "license")  # keys that have words


def inputs(view: View) -> Section:
    """What the calculation stands on."""
    say = view.say
    blocks: list[Block] = [_size(view), *_about(view), Paragraph(say("inputs.how")), _quality(view)]
    if view.warnings:
        blocks += [Paragraph(say("inputs.warnings", n=len(view.warnings))), Items(view.warnings)]
    else:
        blocks.append(Paragraph(say("inputs.no_warnings")))
    blocks += measured(view)
    return Section("inputs", say("inputs"), tuple(blocks))


def _size(view: View) -> Table:
    say, net = view.say, view.net
    building, pipe = net[Building], net[Pipe]
    rows: list[tuple[Cell, ...]] = [
        (say(f"solver.{kind.kind()}"), Quantity(len(net.tables[kind]), forms.COUNT)) for kind in TABLES if len(net.tables[kind])
    ]
    rows.append((say("inputs.pipe_length"), Quantity(float(np.sum(pipe.length)), forms.KILOMETRES)))
    rows.append((say("inputs.volume"), Quantity(float(np.sum(np.pi / 4 * pipe.diameter**2 * pipe.length)), forms.same("m³", 0))))
    if len(building):
        rows.append((say("households"), Quantity(float(building.households.sum()), forms.COUNT)))
        rows.append((say("inputs.area"), Quantity(float(np.nansum(building.area)), forms.LARGE_AREA)))
        rows.append((say("inputs.design_heat"), Quantity(float(building.design_heat.sum()), forms.HEAT)))
    return Table("size", say("inputs.size"), (Head(say("summary.item")), Head(say("summary.value"))), tuple(rows))


def _about(view: View) -> list[Table]:
    """What the model says of itself, in the language of the report where it says it in both (`source_zh`, `source_en`)."""
    say, told = view.say, dict(view.net.about)
    for language in sorted(LANGUAGES, key=lambda one: one == say.lang):  # its own comes last and counts
        for key in [key for key in told if key.endswith(f"_{language}")]:
            text, plain = told.pop(key), key.removesuffix(f"_{language}")
            if language == say.lang or plain not in told:
                told[plain] = text
    rows = tuple((say(f"about.{key}") if key in ABOUT else str(key), str(value)) for key, value in sorted(told.items()))
    return [Table("about", say("inputs.about"), (Head(say("inputs.key")), Head(say("inputs.text"))), rows)] if rows else []


def _quality(view: View) -> Table:
    """How many rows state a column, how many take its default, and between which values they lie."""
    say = view.say
    rows: list[tuple[Cell, ...]] = []
    for kind, names in WATCHED.items():
        table = view.net.tables[kind]
        rows += [
            (say(f"solver.{kind.kind()}"), say(f"column.{name}"), *_column(view, table, name, kind.columns()[name]))
            for name in names if len(table)
        ]
    heads = (
        Head(say("inputs.table")), Head(say("inputs.column")), Head(say("inputs.rows"), forms.COUNT),
        Head(say("inputs.given"), forms.SHARE),
        Head(say("inputs.default"), forms.COUNT), Head(say("inputs.missing"), forms.COUNT), Head(say("inputs.range")),
    )
    return Table("data_quality", say("inputs.quality"), heads, tuple(rows))


def _column(view: View, table: Rows, name: str, column: Column) -> tuple[Cell, ...]:
    values, rows = getattr(table, name), len(table)
    if column.text:
        missing = int(np.count_nonzero(values == ""))
        return rows, (rows - missing) / rows, 0, missing, ""
    missing = int(np.count_nonzero(np.isnan(values)))
    default = 0 if column.default is None else int(np.count_nonzero(values == column.default))
    known = values[~np.isnan(values)]
    return rows, (rows - missing - default) / rows, default, missing, _range(view, known, column.unit)


def _range(view: View, known: np.ndarray, unit: str) -> str:
    if not known.size:
        return ""
    form, factor, offset = forms.by_unit(unit)
    if unit == "K":
        form, factor, offset = forms.TEMPERATURE, 1.0, 0.0
    if unit == "m" and known.max() < 0.1:
        form = forms.same("mm", 2, 1e-3)
    low, high = (form.text(factor * value + offset, view.say.lang) for value in (float(known.min()), float(known.max())))
    return f"{low} – {high} {form.unit(view.say.lang)}".strip() if low != high else f"{low} {form.unit(view.say.lang)}".strip()
