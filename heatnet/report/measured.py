"""Measured room temperatures against simulated ones: read from a CSV file, shown as a scatter, a table and their statistics.

The store may hold them as the table `measured`: an index of building ids and a column "room [degC]".
"""

from __future__ import annotations

import csv
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from heatnet.errors import Problem, ReadError, nearest
from heatnet.report import forms
from heatnet.report.document import Block, Cell, Dots, Figure, Head, Line, Paragraph, Table
from heatnet.report.forms import number
from heatnet.report.palette import DARK, SUPPLY
from heatnet.report.view import View, who, who_heads
from heatnet.store.harmless import harmless
from heatnet.units import KELVIN, conversion

if TYPE_CHECKING:
    from collections.abc import Iterable

    import pandas as pd

NAMES = ("building", "id", "建筑", "楼号")
ROOMS = ("room", "temperature", "室温")
ENCODINGS = ("utf-8-sig", "gb18030")


def read_measured(path: str | Path, known: Iterable[str]) -> pd.DataFrame:
    """Measured rooms of a CSV file with the columns `building` and `room [degC]`; several values of a building are averaged.

    ReadError lists every row that names no building or holds no temperature.
    """
    import pandas as pd  # noqa: PLC0415  pandas takes 0.4 s to load

    path = Path(path)
    lines = list(csv.reader(_text(path).splitlines()))
    head = [word.strip() for word in lines[0]] if lines else []
    name = next((at for at, word in enumerate(head) if word.lower() in NAMES), None)
    room = next((at for at, word in enumerate(head) if word.partition("[")[0].strip().lower() in ROOMS), None)
    if name is None or room is None:
        raise ReadError([Problem("needs the columns 'building' and 'room [degC]'", where=f"{path}:1")])
    unit = head[room].partition("[")[2].removesuffix("]").strip() or "degC"
    try:
        factor, offset = conversion(unit, "K")
    except ValueError as error:
        raise ReadError([Problem(str(error), column=head[room], where=f"{path}:1")]) from None
    ids, problems, found = set(known), [], []
    marked = {harmless(one): one for one in ids}  # as our own tables for spreadsheets write them
    for number_, row in enumerate(lines[1:], 2):
        if not any(row):
            continue
        where, who_ = f"{path}:{number_}", row[name].strip() if len(row) > name else ""
        who_ = marked.get(who_, who_)
        if who_ not in ids:
            problems.append(Problem(f"no building has the id '{who_}'{nearest(who_, sorted(ids))}", where=where))
        value = _number(row[room] if len(row) > room else "")
        if value is None or not 200.0 < factor * value + offset < 350.0:
            problems.append(Problem(f"no room temperature: '{row[room] if len(row) > room else ''}'", id=who_, column=head[room],
                                    where=where))
        else:
            found.append((who_, factor * value + offset - KELVIN))
    if problems or not found:
        raise ReadError(problems or [Problem("has no rows", where=str(path))])
    frame = pd.DataFrame(found, columns=["id", "room [degC]"])
    return frame.groupby("id", sort=True).mean()


def measured(view: View) -> list[Block]:
    """What the store knows of measured rooms; nothing where it has none."""
    frame = view.table("measured")
    if frame is None or not len(view.building):
        return []
    say, rule = view.say, view.rooms.profile
    row = {name: at for at, name in enumerate(view.building.id)}
    at = np.array([row[name] for name in frame.index if name in row], dtype=np.int64)
    values = frame.loc[[name for name in frame.index if name in row], "room [degC]"].to_numpy() + KELVIN
    if not at.size:
        return []
    there = view.rooms.temperature[at]
    gap = there - values
    related = float(np.corrcoef(there, values)[0, 1]) if at.size > 2 and np.ptp(there) > 0 and np.ptp(values) > 0 else np.nan
    text = say(
        "measured.text", n=at.size, bias=number(float(gap.mean()), 2), rmse=number(float(np.sqrt((gap**2).mean())), 2),
        most=number(float(np.abs(gap).max()), 1), r=number(related, 2),
    )
    low, simulated = values < rule.required, view.rooms.cold[at]
    verdict = say("measured.verdict", measured=int(low.sum()), simulated=int(simulated.sum()), both=int((low & simulated).sum()))
    order = np.argsort(-np.abs(gap), kind="stable")
    rows: list[tuple[Cell, ...]] = [
        (*who(view, int(at[one])), float(values[one]), float(there[one]), float(gap[one])) for one in order
    ]
    t = forms.TEMPERATURE
    heads = (
        *who_heads(view), Head(say("measured.x"), t, rule.required, rule.over), Head(say("measured.y"), t, rule.required, rule.over),
        Head(say("measured.difference"), forms.DEFICIT),
    )
    ends = [float(min(there.min(), values.min())) - KELVIN - 0.5, float(max(there.max(), values.max())) - KELVIN + 0.5]
    unit = f" ({t.unit(say.lang)})"
    dots = Dots(say("buildings"), (values - KELVIN).tolist(), (there - KELVIN).tolist(), 7.0, SUPPLY,
                [str(view.building.id[one]) for one in at], "circle-open", link=True)
    figure = Figure("measured", say("measured.title"), say("measured.x") + unit, say("measured.y") + unit,
                    (dots, Line(say("measured.equal"), ends, ends, DARK, 1.0, "dash")), square=True)
    return [figure, Paragraph(text), Paragraph(verdict), Table("measured", say("measured.list"), heads, tuple(rows))]


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ReadError([Problem(f"cannot be read: {error.strerror}", where=str(path))]) from None
    for encoding in ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise ReadError([Problem("is no text in UTF-8 or GB18030", where=str(path))])


def _number(text: str) -> float | None:
    try:
        value = float(text.strip())
    except ValueError:
        return None
    return value if isfinite(value) else None
