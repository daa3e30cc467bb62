"""Writes a store."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from heatnet.errors import HeatnetError
from heatnet.network import KINDS, TABLES, Network
from heatnet.profile import Profile
from heatnet.rooms import Rooms
from heatnet.schema import Table
from heatnet.solve import Residuals, Settings, State
from heatnet.store.layout import FORMAT, MARK, QUANTITIES, WATERS, Quantity
from heatnet.version import VERSION

Result = tuple[str, State, Rooms | None]


def write(path: str | Path, results: Sequence[Result]) -> None:
    """Write results of one model as an HDF5 file; all share settings, profile and the rows of their tables (ValueError if not)."""
    path = Path(path)
    _alike(results)
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with h5py.File(part, "w", libver=("v110", "v110")) as file:
            _write(file, results)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def _alike(results: Sequence[Result]) -> None:
    if not results:
        raise ValueError("no results to write")
    _, first, _ = results[0]
    rules = {rooms.profile for _, _, rooms in results if rooms is not None}
    for name, state, _ in results:
        if state.settings != first.settings:
            raise ValueError(f"scenario '{name}' was solved with other settings than '{results[0][0]}'")
        if any(len(state.arrays.net[kind]) != len(first.arrays.net[kind]) for kind in TABLES):
            raise ValueError(f"scenario '{name}' has other rows than '{results[0][0]}'")
    if len(rules) > 1:
        raise ValueError("the rooms follow different regulation profiles")
    if type(first.settings.water) not in WATERS:
        raise HeatnetError("results with water properties of one's own cannot be stored; use Water or ConstantWater")


def _write(file: h5py.File, results: Sequence[Result]) -> None:
    _, first, _ = results[0]
    rule = next((rooms.profile for _, _, rooms in results if rooms is not None), None)
    file.attrs.update({"mark": MARK, "format": FORMAT, "heatnet": VERSION, "model": first.arrays.net.name})
    write_rules(file, first.settings, rule)
    write_model(file.create_group("model"), first.arrays.net)
    about = file.create_group("scenario")
    _write_scenarios(about, results)
    for number, (_, state, _) in enumerate(results[1:], 1):
        _write_differences(about.create_group(str(number)), state.arrays.net, first.arrays.net)
    kept = file.create_group("results")
    for kind, quantities in QUANTITIES.items():
        if len(first.arrays.net.tables[KINDS[kind]]):
            group = kept.create_group(kind)
            for item in quantities:
                put(group, item.name, _rows(item, results), item.unit, item.doc)


def write_rules(file: h5py.File, settings: Settings, rule: Profile | None) -> None:
    """Settings of the solver and the regulation profile."""
    held = file.create_group("settings")
    held.attrs.update({item.name: getattr(settings, item.name) for item in fields(settings) if item.name != "water"})
    held.attrs["water"] = type(settings.water).__name__
    held.create_group("water").attrs.update(asdict(settings.water))
    if rule is not None:
        given = file.create_group("profile")
        given.attrs.update({name: value for name, value in asdict(rule).items() if name not in ("below", "share")})
        put(given, "below", np.array(rule.below), "K", "upper ends of the refund bands")
        put(given, "share", np.array(rule.share), "-", "share of the daily fee paid back in each band")


def _rows(item: Quantity, results: Sequence[Result]) -> Any:
    """Values of all scenarios, (n_scenario, n); not given where a scenario has no rooms."""
    rows = [item.of(state, rooms) for _, state, rooms in results]
    size = next((row.shape for row in rows if row is not None), (0,))
    blank: Any = np.full(size, "", dtype=object) if item.kind == "text" else np.full(size, np.nan if item.kind == "float" else -1)
    return np.stack([blank if row is None else row for row in rows])


def write_model(group: h5py.Group, net: Network) -> None:
    """Tables, site and heating curves of a model."""
    group.attrs["name"] = net.name
    group.attrs["about"] = json.dumps(dict(net.about), ensure_ascii=False)
    group.create_group("site").attrs.update(asdict(net.site))
    for kind in TABLES:
        into = group.create_group(kind.kind())
        for name in kind.columns():
            _put_column(into, net.tables[kind], name)
    curves = group.create_group("curve")
    for name, curve in net.curves.items():
        points = curves.create_group(name.replace("/", "\u2215"))  # HDF5 takes "/" for a path
        points.attrs["name"] = name
        put(points, "outdoor", np.array(curve.outdoor), "K", "outdoor temperature")
        put(points, "supply", np.array(curve.supply), "K", "supply temperature")


def _write_scenarios(group: h5py.Group, results: Sequence[Result]) -> None:
    states = [state for _, state, _ in results]
    put(group, "name", np.array([name for name, _, _ in results], dtype=object), "", "scenario")
    put(group, "done", np.ones(len(results), dtype=np.int8), "", "1 where the scenario was computed")
    put(group, "status", np.array([state.status.name for state in states], dtype=object), "", "how the solve ended")
    put(group, "detail", np.array([state.detail for state in states], dtype=object), "", "names that the status speaks of")
    put(group, "steps", np.array([state.steps for state in states]), "", "Newton steps")
    put(group, "passes", np.array([state.passes for state in states]), "", "passes between flows and temperatures")
    units = {"pressure": "Pa", "mass": "kg/s", "weight": "Pa"}
    for item in fields(Residuals):
        values = np.array([getattr(state.residuals, item.name) for state in states])
        put(group, f"residual_{item.name}", values, units.get(item.name, "W"), "largest residual")


def _write_differences(group: h5py.Group, net: Network, base: Network) -> None:
    site = {name: value for name, value in asdict(net.site).items() if not _same(value, getattr(base.site, name))}
    group.create_group("site").attrs.update(site)
    for kind in TABLES:
        changed = [name for name in kind.columns() if not _same(getattr(net.tables[kind], name), getattr(base.tables[kind], name))]
        if changed:
            into = group.create_group(kind.kind())
            for name in changed:
                _put_column(into, net.tables[kind], name)


def _same(one: Any, other: Any) -> bool:
    numbers = np.asarray(one).dtype.kind == "f"
    return bool(np.array_equal(one, other, equal_nan=numbers))


def _put_column(group: h5py.Group, table: Table, name: str) -> None:
    column = table.columns()[name]
    put(group, name, getattr(table, name), column.unit, column.doc)


def put(group: h5py.Group, name: str, values: Any, unit: str, doc: str) -> h5py.Dataset:
    """One dataset, compressed and with a checksum."""
    if values.dtype == object:
        raw = np.array([str(value).encode() for value in values.ravel()], dtype=np.bytes_).reshape(values.shape)
        width = max(raw.dtype.itemsize, 1)
        values = raw.astype(h5py.string_dtype("utf-8", width))
    packed = {"chunks": True, "compression": "gzip", "fletcher32": True} if values.size else {}
    data = group.create_dataset(name, data=values, track_times=False, **packed)
    data.attrs["unit"], data.attrs["doc"] = unit, doc
    return data
