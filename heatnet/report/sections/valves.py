"""Settings of valves: what a balance asks for, who stays short, the field sheet, and the figures before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING

from heatnet.report import forms
from heatnet.report.document import Block, Cell, Head, Paragraph, Section, Table
from heatnet.report.forms import Form
from heatnet.report.view import View
from heatnet.report.words import Words

if TYPE_CHECKING:
    import pandas as pd

SETTING = forms.same("", 2)
TOLERANCE = forms.same("%", 1, 0.01)
FIGURE = {
    "K": forms.DIFFERENCE, "W": forms.POWER, "household": forms.COUNT, "": forms.same("", 3),
    "K household": forms.same("K household", 0, zh="K·户"),
}
SHEET = (  # word, column of the field sheet, form, factor to SI
    ("step", "step", forms.COUNT, 1.0), ("module", "module", None, 1.0), ("table", "table", None, 1.0), ("id", "id", None, 1.0),
    ("buildings", "buildings", None, 1.0), ("address", "address", None, 1.0), ("valve", "valve", None, 1.0),
    ("size", "size [mm]", forms.DIAMETER, 1e-3), ("present", "present", SETTING, 1.0), ("new", "new", SETTING, 1.0),
    ("unit", "unit", None, 1.0), ("difference_all", "difference when all are set [kPa]", forms.DIFFERENTIAL, 1e3),
    ("flow_all", "flow when all are set [t/h]", forms.FLOW, 1 / 3.6),
    ("difference_moment", "difference at the moment [kPa]", forms.DIFFERENTIAL, 1e3),
    ("flow_moment", "flow at the moment [t/h]", forms.FLOW, 1 / 3.6), ("tolerance", "tolerance [%]", TOLERANCE, 0.01),
    ("note", "note", None, 1.0),
)


def valves(view: View) -> Section | None:
    """The section; None where the store holds no balance."""
    sheet, lacking, figures = view.table("field_sheet"), view.table("shortages"), view.table("proof")
    if sheet is None or lacking is None or figures is None:
        return None
    say, about = view.say, sheet.attrs
    blocks: list[Block] = [Paragraph(say("valves.target", target=say(f"valves.target.{about['target']}")))]
    if about["left_alone"]:
        blocks.append(Paragraph(say("valves.alone"), strong=True))
    elif about["balanced"]:
        blocks.append(Paragraph(say("valves.full"), strong=True))
    if len(off := _missed(view, lacking)):
        blocks.append(Paragraph(say("valves.missed", n=len(off), names=", ".join(off[:10])), strong=True))
    blocks.append(Paragraph(say("valves.index", names=", ".join(about["index"]))))
    blocks.append(_proof(view, figures))
    if len(lacking):
        blocks += [Paragraph(say("valves.lacking", n=len(lacking)), strong=True), _shortages(view, lacking, float(about["largest"]))]
    if len(back := about.get("backward", ())):
        blocks.append(Paragraph(say("valves.backward", n=len(back), names=", ".join(map(str, back[:10]))), strong=True))
    if len(sheet):
        blocks.append(Paragraph(say("valves.how")))
        if sheet["note"].str.contains("assumed").any():
            blocks.append(Paragraph(say("valves.generic")))
        blocks.append(_sheet(view, sheet))
    return Section("valves", say("valves"), tuple(blocks))


def _missed(view: View, lacking: pd.DataFrame) -> list[str]:
    """Inlets off target that no pressure is missing for."""
    frame = view.table("balance")
    if frame is None or "off target" not in frame:
        return []
    return [str(name) for name in frame.index[frame["off target"].astype(bool)] if name not in lacking.index]


def _sheet(view: View, sheet: pd.DataFrame) -> Table:
    say, flat = view.say, sheet.reset_index()
    rows: list[tuple[Cell, ...]] = []
    for line in flat.to_dict("records"):
        cells: list[Cell] = []
        for word, column, form, factor in SHEET:
            value = line[column]
            if form is not None:
                cells.append(float(value) * factor)
            elif word == "table":
                cells.append(say(f"valves.table.{value}"))
            elif word == "unit":
                cells.append(shown_unit(say, str(value)))
            else:
                cells.append(shown_notes(say, str(value)) if word == "note" else str(value))
        rows.append(tuple(cells))
    return Table("valves_sheet", say("valves.sheet"), tuple(Head(say(f"valves.{word}"), form) for word, _, form, _ in SHEET), tuple(rows))


def _shortages(view: View, lacking: pd.DataFrame, largest: float) -> Table:
    say = view.say
    heads = (
        Head(say("valves.table.consumer"), link="inlet"), Head(say("valves.missing"), forms.DIFFERENTIAL),
        Head(say("x"), forms.RATIO, view.limits.low, view.limits.high), Head(say("valves.reason")), Head(say("valves.pipes")),
    )
    most = view.full(largest, forms.DIFFERENTIAL)
    rows = tuple(
        (
            str(name), 1e3 * float(line["missing [kPa]"]), float(line["flow ratio [-]"]),
            say(f"valves.reason.{line['reason']}", most=most), str(line["pipes in the way"]),
        )
        for name, line in lacking.iterrows()
    )
    return Table("valves_short", say("valves.shortages"), heads, rows)


def _proof(view: View, figures: pd.DataFrame) -> Table:
    """Before and after; every row has a unit of its own, so values are printed as text."""
    say = view.say
    rows: list[tuple[Cell, ...]] = []
    for name, line in figures.iterrows():
        figure, _, unit = str(name).partition(" [")
        unit = unit.rstrip("]")
        form: Form = forms.TEMPERATURE if unit == "K" and figure.endswith(" room") else FIGURE[unit]
        cells = [view.full(float(value), form) for value in line]
        rows.append((say(f"valves.figure.{figure}"), *cells))
    heads = (Head(say("valves.figure")), *(Head(say(f"valves.state.{column}")) for column in figures.columns))
    return Table("valves_proof", say("valves.proof"), heads, tuple(rows))


def shown_unit(say: Words, unit: str) -> str:
    """Unit of a setting in words."""
    return say(f"valves.unit.{unit}") if say.known(f"valves.unit.{unit}") else unit


def shown_notes(say: Words, notes: str) -> str:
    """Notes of a line of the field sheet in words."""
    return ", ".join(say(f"valves.note.{note}") for note in notes.split(", ") if note)
