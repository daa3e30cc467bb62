"""Rules of exchangers: what each must be given, how its two networks stand to each other."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heatnet.check.devices import need
from heatnet.check.model import Finding, Model
from heatnet.components import Consumer, Exchanger, Plant, Pump, Secondary
from heatnet.errors import nearest
from heatnet.schema import Bools, Floats, Ints, positions
from heatnet.units import KELVIN


def exchangers(model: Model) -> Iterator[Finding]:
    """An exchanger says what its control needs, once, and its design temperatures fall from side to side."""
    table = model.net[Exchanger]
    for row, name in enumerate(table.curve):
        given = not np.isnan(table.supply_temperature[row])
        if name and name not in model.net.curves:
            text = f"no heating curve '{name}' in model.toml{nearest(name, model.net.curves) if model.net.curves else ''}"
            yield model.find(Exchanger, row, text, "curve")
        if bool(name) == given and table.control[row] == "supply":
            text = "give a secondary supply temperature or the name of a heating curve" + (", not both" if given else "")
            yield model.find(Exchanger, row, text, "supply_temperature")
    steps: tuple[tuple[str, str], ...] = (
        ("design_primary_supply", "design_primary_return"), ("design_secondary_supply", "design_secondary_return"),
        ("design_primary_supply", "design_secondary_supply"), ("design_primary_return", "design_secondary_return"),
    )
    for name, other in steps:
        warm, cold = getattr(table, name), getattr(table, other)
        for row in positions(~(warm > cold)):
            text = f"{name} must be above {other}; {warm[row] - KELVIN:.1f} and {cold[row] - KELVIN:.1f} degC are given"
            yield model.find(Exchanger, row, text, name)


def zones(model: Model) -> Iterator[Finding]:
    """The two sides of an exchanger are two networks, water is driven round the secondary one, and its size suits its homes."""
    table, ends, label = model.net[Exchanger], model.ends, model.open_parts
    if not len(table):
        return
    first, second = ends.spans[Exchanger], ends.spans[Secondary]
    sound = ends.sound[first] & ends.sound[second]
    one, other = label[np.maximum(ends.tail[first], 0)], label[np.maximum(ends.head[second], 0)]
    for row in positions(sound & (one == other) & ~ends.closed[first]):
        text = "water can pass from its primary to its secondary network; is a pipe between them missing its other end?"
        yield model.find(Exchanger, row, text, "secondary_head", warning=True)
    driven = np.zeros(int(label.max(initial=0)) + 1, dtype=bool)
    for kind in (Plant, Pump):
        span = ends.spans[kind]
        live = ends.sound[span] & ~ends.closed[span]
        driven[label[ends.tail[span][live]]] = True
    for row in positions(sound & ~driven[other] & ~ends.closed[second]):
        text = "nothing drives water round its secondary network; give it a circulation pump"
        yield model.find(Exchanger, row, text, "secondary_tail", warning=True)
    yield from _sizes(model, other, sound & ~ends.closed[second], label)


def _sizes(model: Model, zone: Ints, live: Bools, label: Ints) -> Iterator[Finding]:
    """Design heat of the exchangers of a network without plants against what its homes need."""
    table, ends = model.net[Exchanger], model.ends
    count = int(label.max(initial=0)) + 1
    at = np.maximum(ends.tail[ends.spans[Consumer]], 0)
    demand = np.bincount(label[at], need(model.net), minlength=count)
    power = np.bincount(zone, np.where(live, table.design_heat, 0.0), minlength=count)
    span = ends.spans[Plant]
    fired = np.zeros(count, dtype=bool)
    fired[label[np.maximum(ends.tail[span], 0)]] = True
    said: set[int] = set()
    for row in positions(live & ~fired[zone] & (demand[zone] > power[zone])):
        if int(zone[row]) not in said:
            said.add(int(zone[row]))
            text = f"the exchangers of its secondary network are designed for {power[zone[row]] / 1e6:.2f} MW, the homes need"
            text = f"{text} {demand[zone[row]] / 1e6:.2f} MW at this weather, losses not counted"
            yield model.find(Exchanger, row, text, "design_heat", warning=True)
    hottest = float(np.nanmax(_held(model, Plant), initial=-np.inf))
    wanted = _held(model, Exchanger)
    for row in positions((wanted >= hottest) & (table.control == "supply") & np.isfinite(hottest)):
        text = f"{wanted[row] - KELVIN:.1f} degC at this weather; no plant gives water as warm, {hottest - KELVIN:.1f} degC at most"
        yield model.find(Exchanger, row, text, "curve" if table.curve[row] else "supply_temperature", warning=True)


def _held(model: Model, kind: type[Plant] | type[Exchanger]) -> Floats:
    """Supply temperatures that a table asks for in this weather [K], NaN where none is known."""
    table, curves = model.net[kind], model.net.curves
    by_curve = [curves[name].at(model.net.site.weather) if name in curves else np.nan for name in table.curve]
    return np.where(np.isnan(table.supply_temperature), np.array(by_curve, dtype=np.float64), table.supply_temperature)


