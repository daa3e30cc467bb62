"""Duration curve of the heat load over a season, worked out from one state by the heating curve, with base and peak plants under it.

Rooms are held as they are in the state, as a heating curve is meant to do: heat of a building q(To) = max(q + H (To' - To), 0) with q, To'
those of the state and H its heat loss coefficient; pipes lose in proportion to the mean temperature of their water over the ground, by the
heating curve; what has no building behind it stays as it is. At the weather of the state the load is that of the state. Plants are used
in their order, each up to its capacity; those without an order come last and share in proportion to what they give in the state.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.components import Consumer, Pipe, Plant
from heatnet.network import DESIGN_OUTDOOR
from heatnet.report import forms
from heatnet.report.document import Block, Cell, Dots, Figure, Head, Line, Paragraph, Table
from heatnet.report.palette import DARK, HIGH, LOW, PALER, SUPPLY
from heatnet.report.view import View
from heatnet.schema import Floats
from heatnet.units import KELVIN

DURATION = "duration"  # table of the store that replaces the shipped curve
LIKE = 0.5  # K between the design temperatures of two places of one climate
STEPS = 366  # parts of the season
DAY = 86400.0  # s
COLOURS = (LOW, "#7fa3c9", "#5a9367", PALER[1], "#b9a7c9")
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")


@dataclass(frozen=True)
class Season:
    """Parts of a season from the coldest on, of equal length."""

    days: Floats  # d, middle of each part, (STEPS,)
    outdoor: Floats  # K, (STEPS,)
    load: Floats  # W, (STEPS,)
    plants: Floats  # W, (plants, STEPS)

    @property
    def missing(self) -> Floats:
        """Load that no plant has the capacity for [W], (STEPS,)."""
        return np.asarray(np.maximum(self.load - self.plants.sum(axis=0), 0.0))

    @property
    def step(self) -> float:
        """Length of a part [s]."""
        return 2.0 * float(self.days[0]) * DAY


def season_load(view: View) -> list[Block]:
    """Duration curve and season of each plant; or why there is none."""
    say = view.say
    if not len(view.net[Plant]) or not len(view.building):
        return []
    curve = duration(view)
    if curve is None:
        return [Paragraph(say("season.no_climate", design=view.full(view.net.site.design_outdoor, forms.TEMPERATURE)))]
    season = season_of(view, *curve)
    return [Paragraph(say("season.how")), _figure(view, season), _table(view, season)]


def duration(view: View) -> tuple[Floats, Floats] | None:
    """Outdoor temperatures [K] and days of the season at or below each: of the store, else those of Harbin where its climate is."""
    frame = view.table(DURATION)
    if frame is not None:
        return frame["outdoor [degC]"].to_numpy(dtype=float) + KELVIN, frame["days at or below"].to_numpy(dtype=float)
    if abs(view.net.site.design_outdoor - DESIGN_OUTDOOR) > LIKE:
        return None
    from heatnet.retrofit.duration import read_curve  # noqa: PLC0415  all measures load with it

    return read_curve()


def season_of(view: View, temperature: Floats, days: Floats) -> Season:
    """The season of a state."""
    total = view.net.site.season_days
    at = (np.arange(STEPS) + 0.5) * total / STEPS
    rising = np.append(np.diff(days) > 0.0, True)  # a curve may stand still at its cold end
    outdoor = np.interp(at, days[rising], temperature[rising])
    load = np.array([load_at(view, float(one)) for one in outdoor])
    return Season(at, outdoor, load, dispatched(view, load))


def load_at(view: View, outdoor: float) -> float:
    """Heat of the plants at an outdoor temperature [W]."""
    state, rooms = view.state, view.rooms
    now = state.scene.outdoor
    heat = np.where(rooms.heat > 0.0, np.maximum(rooms.heat + state.scene.terminals.conductance * (now - outdoor), 0.0), rooms.heat)
    users, wanted = float(state.heat(Consumer).sum()), float(heat.sum()) - float(rooms.heat.sum())
    pipes, given = float(state.heat(Pipe).sum()), -float(state.heat(Plant).sum())
    part = (users + wanted) / users if users > 0.0 else 1.0
    ground = state.scene.ground
    reference, here = _mean_water(view, now, 1.0) - ground, _mean_water(view, outdoor, part) - ground
    lost = pipes * max(here / reference, 0.0) if reference > 0.0 else pipes
    return max(given + wanted + lost - pipes, 0.0)


def _mean_water(view: View, outdoor: float, part: float) -> float:
    """Mean of supply and return temperature [K], by the heating curves and a drop in proportion to the load of users."""
    state, plant = view.state, view.net[Plant]
    span = state.of(Plant)
    flow = np.maximum(state.m[span], 0.0)
    weight = flow / flow.sum() if flow.sum() > 0.0 else np.full(flow.size, 1.0 / flow.size)
    supply = np.array([
        view.net.curves[str(name)].at(outdoor) + shift if name else fixed
        for name, shift, fixed in zip(plant.curve, plant.curve_shift, state.scene.supply, strict=True)
    ])
    drop = np.nan_to_num(state.t_out[span] - state.t_in[span])
    return float((weight * (np.nan_to_num(supply, nan=float(np.nanmean(state.t_out[span]))) - 0.5 * part * drop)).sum())


def dispatched(view: View, load: Floats) -> Floats:
    """What each plant gives of a load [W], (plants, n): in their order, each up to its capacity; idle ones nothing."""
    plant, heat = view.net[Plant], np.maximum(-view.state.heat(Plant), 0.0)
    runs, capacity = ~plant.closed(), np.where(np.isnan(plant.capacity), np.inf, plant.capacity)
    rank = np.where(plant.order > 0.0, plant.order, np.inf)
    given, left = np.zeros((len(plant), load.size)), load.copy()
    for order in np.unique(rank[runs]):
        group = np.flatnonzero(runs & (rank == order))
        share = heat[group] / heat[group].sum() if heat[group].sum() > 0.0 else np.full(group.size, 1.0 / group.size)
        for _ in range(group.size):  # each round fills at least one plant to its capacity
            spare = capacity[group][:, None] - given[group]
            open_ = spare > 0.0
            part = share[:, None] * open_
            sums = part.sum(axis=0)
            part = np.where(sums > 0.0, part / np.where(sums > 0.0, sums, 1.0), open_ / np.maximum(open_.sum(axis=0), 1))
            more = np.minimum(part * left, spare)
            given[group] += more
            left = np.maximum(left - more.sum(axis=0), 0.0)
    return given


def _names(view: View) -> list[int]:
    """Plants in the order of use, those without one last."""
    order = view.net[Plant].order
    return [int(row) for row in np.lexsort((np.arange(order.size), np.where(order > 0.0, order, np.inf)))]


def _figure(view: View, season: Season) -> Figure:
    say, state = view.say, view.state
    days, order = season.days.tolist(), _names(view)
    sums = np.cumsum(season.plants[order], axis=0) / 1e6
    lines: list[Line | Dots] = []
    if season.missing.any():
        lines.append(Line(say("season.missing"), days, (season.load / 1e6).tolist(), HIGH, 1.0, "dot", filled=True))
    for at in reversed(range(len(order))):
        name = say("season.plant", id=view.net[Plant].id[order[at]])
        lines.append(Line(name, days, sums[at].tolist(), COLOURS[at % len(COLOURS)], 1.6, DASHES[at % len(DASHES)], filled=True))  # type: ignore[arg-type]
    lines.append(Line(say("summary.outdoor"), days, (season.outdoor - KELVIN).tolist(), DARK, 1.8, "dashdot", right=True))
    now = float(np.interp(state.scene.outdoor, season.outdoor, season.days, left=season.days[0], right=season.days[-1]))
    given = -float(state.heat(Plant).sum()) / 1e6
    lines.append(Dots(say("season.now"), [now], [given], 11.0, SUPPLY, [view.full(state.scene.outdoor, forms.TEMPERATURE)], "diamond"))
    unit = forms.TEMPERATURE.unit(say.lang)
    return Figure("duration", say("season.chart"), say("season.x"), f"{say('plants.load')} (MW)", tuple(lines),
                  right=f"{say('summary.outdoor')} ({unit})", percent=False)


def _table(view: View, season: Season) -> Table:
    say, plant, total = view.say, view.net[Plant], float(season.load.sum()) * season.step
    days = season.step / DAY
    rows: list[tuple[Cell, ...]] = []
    for row in _names(view):
        energy = float(season.plants[row].sum()) * season.step
        rows.append((
            plant.id[row], float(plant.order[row]) or None, float(plant.capacity[row]), float(season.plants[row].max()), energy,
            energy / total if total else None, float(np.count_nonzero(season.plants[row])) * days, energy / float(plant.capacity[row]),
        ))
    if season.missing.any():
        lacking = float(season.missing.sum()) * season.step
        rows.append((say("season.missing"), None, None, float(season.missing.max()), lacking, lacking / total,
                     float(np.count_nonzero(season.missing)) * days, None))
    heads = (
        Head(say("plants.plant")), Head(say("plants.order"), forms.COUNT), Head(say("plants.capacity"), forms.HEAT),
        Head(say("season.largest"), forms.HEAT), Head(say("season.energy"), forms.ENERGY), Head(say("plants.part"), forms.SHARE),
        Head(say("season.days"), forms.by_unit("d")[0]), Head(say("season.full"), forms.same("h", 0, 3600.0)),
    )
    totals: tuple[Cell, ...] = (say("total"), "", float(np.nansum(plant.capacity)), float(season.load.max()), total, "", "", "")
    return Table("season_load", say("season.table"), heads, tuple(rows), totals)
