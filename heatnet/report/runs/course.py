"""A season through time: days, months, duration curves and the worst days."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatnet.components import Plant
from heatnet.report import forms
from heatnet.report.document import Block, Cell, Figure, Head, Line, Mark, Paragraph, Section, Table
from heatnet.report.duration import curve
from heatnet.report.palette import DARK, SUPPLY
from heatnet.report.runs.view import DEGREE_HOUSEHOLDS, WHOLE_HOURS, RunView
from heatnet.schema import Floats
from heatnet.units import KELVIN

if TYPE_CHECKING:
    import pandas as pd

HEAT = "plant.heat"
WORST = 20  # days listed
HOUR, DAY = 3600.0, 24


def course(view: RunView) -> Section | None:
    """The season hour by hour; None for scenarios that are no season."""
    if view.season is None:
        return None
    say, frame = view.say, hourly(view)
    blocks: list[Block] = [_days(view, frame), *_duration(view, frame), _months(view, frame), _worst(view, frame)]
    missing = [name for name, column in ((HEAT, "heat"), ("building.temperature", "households")) if column not in frame]
    if missing:
        blocks.append(Paragraph(say("runs.keep_more", names=", ".join(f'"{name}"' for name in missing))))
    return Section("course", say("runs.course"), tuple(blocks))


def hourly(view: RunView) -> pd.DataFrame:
    """A row an hour: outdoor [K]; where they were kept heat of the plants [W], households and deficit x households below the rule."""
    assert view.season is not None
    frame = view.season.rename(columns={"outdoor [K]": "outdoor"})
    if view.kept(HEAT) and len(view.net[Plant]):
        frame["heat"] = -np.concatenate([values for _, values in view.result.blocks(HEAT, view.scenario)]).sum(axis=1)
    if view.homes is not None:
        homes = view.homes
        for name in ("households", "deficit", "coldest", "where"):
            frame[name] = getattr(homes, name)
    return frame


def _days(view: RunView, frame: pd.DataFrame) -> Figure:
    """Daily means; outdoor temperature reads on the right where there is heat to draw."""
    say, days = view.say, frame[[name for name in ("outdoor", "heat", "households") if name in frame]].resample("D").mean()
    x = [f"{day:%Y-%m-%d}" for day in days.index]
    heat = "heat" in frame
    lines = [Line(say("summary.outdoor"), x, (days["outdoor"] - KELVIN).tolist(), DARK, 1.4, "dash", right=heat)]  # type: ignore[arg-type]
    if heat:
        lines.insert(0, Line(say("summary.heat_plants"), x, (days["heat"] / 1e6).tolist(), SUPPLY, 2.2))  # type: ignore[arg-type]
    t = f"{say('summary.outdoor')} ({forms.TEMPERATURE.unit(say.lang)})"
    return Figure("days", say("runs.days_chart"), "", f"{say('plants.load')} (MW)" if heat else t, tuple(lines), right=t if heat else "",
                  percent=False)


def _duration(view: RunView, frame: pd.DataFrame) -> list[Figure]:
    say = view.say
    days, outdoor = curve(frame["outdoor"].to_numpy())
    t = f"{say('summary.outdoor')} ({forms.TEMPERATURE.unit(say.lang)})"
    if "heat" not in frame:
        line = Line(say("summary.outdoor"), days, [value - KELVIN for value in outdoor], DARK, 2.0)
        return [Figure("duration", say("duration.title"), say("duration.x"), t, (line,))]
    load = curve(-frame["heat"].to_numpy())[1]
    lines = [Line(say("duration.load"), days, [-value / 1e6 for value in load], SUPPLY, 2.2, filled=True),
             Line(say("summary.outdoor"), days, [value - KELVIN for value in outdoor], DARK, 1.6, "dash", right=True)]
    capacity = float(view.net[Plant].capacity.sum())
    marks = (Mark("y", capacity / 1e6, say("duration.capacity")),) if np.isfinite(capacity) else ()
    return [Figure("duration", say("duration.title"), say("duration.x"), f"{say('plants.load')} (MW)", tuple(lines), marks,
                   say("duration.note"), right=t, percent=False)]


def _months(view: RunView, frame: pd.DataFrame) -> Table:
    say = view.say
    heat, homes = "heat" in frame, "households" in frame
    rows: list[tuple[Cell, ...]] = []
    for month, part in frame.groupby(_times(frame, "%Y-%m")):
        rows.append((str(month), *_month(part, heat, homes, view.rule.required)))
    heads = [Head(say("runs.month")), Head(say("runs.hours"), forms.COUNT), Head(say("runs.outdoor_mean"), forms.TEMPERATURE),
             Head(say("runs.outdoor_min"), forms.TEMPERATURE), Head(say("runs.degree_days"), forms.same("K·d", 0))]
    if heat:
        heads += [Head(say("runs.heat"), forms.ENERGY), Head(say("runs.peak"), forms.HEAT)]
    if homes:
        heads += [Head(say("runs.household_hours"), WHOLE_HOURS), Head(say("runs.degree"), DEGREE_HOUSEHOLDS)]
    return Table("months", say("runs.months"), tuple(heads), tuple(rows), (say("total"), *_month(frame, heat, homes, view.rule.required)))


def _month(part: pd.DataFrame, heat: bool, homes: bool, required: float) -> tuple[Cell, ...]:
    outdoor: Floats = part["outdoor"].to_numpy()
    row: list[Cell] = [len(part), float(outdoor.mean()), float(outdoor.min()), float(np.maximum(required - outdoor, 0.0).sum() / DAY)]
    if heat:
        row += [float(part["heat"].sum()) * HOUR, float(part["heat"].max())]
    if homes:
        row += [float(part["households"].sum()) * HOUR, float(part["deficit"].sum()) * HOUR]
    return tuple(row)


def _times(frame: pd.DataFrame, pattern: str) -> list[str]:
    """The hour of every row in words of a pattern."""
    return [f"{time:{pattern}}" for time in frame.index]


def _worst(view: RunView, frame: pd.DataFrame) -> Table:
    """The worst days: by households below the rule where rooms were kept hour by hour, else the coldest outdoors."""
    say, homes = view.say, "households" in frame
    listed = []
    for day, part in frame.groupby(_times(frame, "%Y-%m-%d")):
        weight = float(part["deficit"].sum()) if homes else -float(part["outdoor"].mean())
        listed.append((weight, str(day), part))
    listed.sort(key=lambda item: (-item[0], item[1]))
    rows: list[tuple[Cell, ...]] = []
    for _, date, part in listed[:WORST]:
        row: list[Cell] = [date, float(part["outdoor"].mean()), float(part["outdoor"].min())]
        row += [float(part["heat"].max())] if "heat" in frame else []
        if homes:
            hour = part.iloc[int(np.argmax(part["deficit"].to_numpy()))]
            low = part.iloc[int(np.argmin(part["coldest"].to_numpy()))]
            row += [f"{hour.name:%H:%M}", float(hour["households"]), float(part["households"].sum()) * HOUR,
                    float(part["deficit"].sum()) * HOUR, float(low["coldest"]), view.label(int(low["where"]))]
        rows.append(tuple(row))
    heads = [Head(say("runs.day")), Head(say("runs.outdoor_mean"), forms.TEMPERATURE), Head(say("runs.outdoor_min"), forms.TEMPERATURE)]
    heads += [Head(say("runs.peak"), forms.HEAT)] if "heat" in frame else []
    if homes:
        heads += [Head(say("runs.worst_hour")), Head(say("runs.cold_then"), forms.COUNT), Head(say("runs.household_hours"), WHOLE_HOURS),
                  Head(say("runs.degree"), DEGREE_HOUSEHOLDS), Head(say("runs.coldest"), forms.TEMPERATURE, low=view.rule.required),
                  Head(say("runs.where"))]
    return Table("worst_days", say("runs.worst_days" if homes else "runs.coldest_days"), tuple(heads), tuple(rows))
