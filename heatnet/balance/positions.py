"""Positions of real valves: which type stands where, the flow coefficient of a whole inlet at each position, the nearest one.

The Kv of an inlet with its valve open is known (kvs of the consumer); the valve is in series with the rest of it:
1/Kv^2 = 1/Kv_rest^2 + 1/Kv_valve^2, 1/Kv_rest^2 = 1/kvs^2 - 1/Kv_valve,open^2. A valve in a line is all there is; the table of its type is
scaled to its kvs. Where no type is given one is assumed: the smallest that takes less than half of the open inlet, or the nearest in Kv.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from heatnet.arrays import Arrays
from heatnet.balance.places import Places
from heatnet.components import Consumer, Valve
from heatnet.errors import ModelError, Problem, nearest
from heatnet.schema import Bools, Floats, Ints
from heatnet.valve_catalogue import ValveType

HALF = 1.01 * 2**0.5  # Kv of an assumed valve over that of its inlet, at least


@dataclass(frozen=True)
class Fitted:
    """Valves with positions: rows of one table, each with its type; (valves,) unless said otherwise."""

    row: Ints
    types: tuple[ValveType, ...]
    assumed: Bools  # the type is not given in the model
    kv: Floats  # (valves, positions) of the inlet, or of the valve in a line, NaN beyond the positions of its type

    def nearest(self, kv: Floats) -> Ints:
        """Number of the position nearest in ln Kv, (valves,)."""
        with np.errstate(divide="ignore", invalid="ignore"):
            gap = np.abs(np.log(self.kv) - np.log(kv)[:, None])
        return np.asarray(np.nanargmin(np.where(np.isnan(gap), np.inf, gap), axis=1), dtype=np.int32)

    def at_least(self, kv: Floats) -> Ints:
        """Number of the first position that passes no less, the open one where none does, (valves,)."""
        above = self.kv >= kv[:, None] * (1 - 1e-9)
        last = np.array([one.kv.size - 1 for one in self.types], dtype=np.int32)
        return np.where(above.any(axis=1), np.argmax(above, axis=1), last).astype(np.int32)

    def of(self, number: Ints) -> Floats:
        """Kv at positions, (valves,)."""
        return np.asarray(self.kv[np.arange(self.row.size), number])

    def position(self, number: Ints) -> Floats:
        """Positions as read on the valves, (valves,)."""
        return np.array([one.position[at] for one, at in zip(self.types, number, strict=True)], dtype=np.float64)

    def step(self, number: Ints) -> Floats:
        """Half of the larger step in ln Kv to a neighbouring position, (valves,): by which the best position may miss."""
        log = np.log(self.kv)
        at = np.arange(self.row.size)
        last = np.array([one.kv.size - 1 for one in self.types], dtype=np.int32)
        up = log[at, np.minimum(number + 1, last)] - log[at, number]
        down = log[at, number] - log[at, np.maximum(number - 1, 0)]
        return np.asarray(0.5 * np.maximum(up, down))

    def tolerance(self, number: Ints) -> Floats:
        """Tolerance of the Kv of the valves at positions, (valves,)."""
        return np.array([one.tolerance[at] for one, at in zip(self.types, number, strict=True)], dtype=np.float64)

    def read(self, kv: Floats) -> Floats:
        """Positions, between two if need be, at which the inlet or valve has this Kv, (valves,); NaN beyond the range."""
        result = np.full(self.row.size, np.nan)
        for at, one in enumerate(self.types):
            values = self.kv[at, : one.kv.size]
            if values[0] * (1 - 1e-9) <= kv[at] <= values[-1] * (1 + 1e-9):
                result[at] = np.interp(np.log(kv[at]), np.log(values), one.position)
        return result


def fit_inlets(arrays: Arrays, places: Places, catalogue: Mapping[str, ValveType]) -> Fitted:
    """Valves of the inlets that may be set; ModelError lists types that are unknown or too small for their inlet."""
    consumer = arrays.net[Consumer]
    rows = np.flatnonzero(places.inlets).astype(np.int32)
    family = next(iter(catalogue.values())).family
    sizes = sorted((one for one in catalogue.values() if one.family == family), key=lambda one: one.open)
    problems: list[Problem] = []
    types: list[ValveType] = []
    for row in rows.tolist():
        name, kvs = consumer.valve[row], float(consumer.kvs[row])
        if name:
            found = _named(catalogue, arrays, Consumer, row, name, problems)
            if found is not None and found.open <= kvs * (1 + 1e-6):
                text = f"'{name}' passes {found.open:g} m3/h at 1 bar when open, less than its whole inlet ({kvs:g})"
                problems.append(Problem(text, "consumer", str(consumer.id[row]), "valve", arrays.net.where(Consumer, row)))
        else:
            found = next((one for one in sizes if one.open >= HALF * kvs), None)
            if found is None:
                text = f"no {family} of the catalogue is large enough for an inlet of {kvs:g} m3/h at 1 bar; name its valve"
                problems.append(Problem(text, "consumer", str(consumer.id[row]), "valve", arrays.net.where(Consumer, row)))
        types.append(found or sizes[-1])
    if problems:
        raise ModelError(problems)
    rest = 1.0 / consumer.kvs[rows] ** 2 - np.array([1.0 / one.open**2 for one in types])
    kv = 1.0 / np.sqrt(rest[:, None] + 1.0 / _table(types) ** 2)
    return Fitted(rows, tuple(types), consumer.valve[rows] == "", kv)


def fit_lines(arrays: Arrays, places: Places, catalogue: Mapping[str, ValveType]) -> Fitted:
    """Valves in lines that may be set, tables scaled to their kvs; ModelError lists types that are unknown."""
    valve, rows = arrays.net[Valve], places.branches.row
    family = next(iter(catalogue.values())).family
    problems: list[Problem] = []
    types: list[ValveType] = []
    for row in rows.tolist():
        by_size = (one for one in catalogue.values() if one.family == family)
        near = min(by_size, key=lambda one: abs(np.log(one.open / valve.kvs[row])))
        types.append((_named(catalogue, arrays, Valve, row, valve.type[row], problems) if valve.type[row] else near) or near)
    if problems:
        raise ModelError(problems)
    kv = _table(types) * (valve.kvs[rows] / np.array([one.open for one in types]))[:, None] if types else np.zeros((0, 1))
    return Fitted(rows, tuple(types), valve.type[rows] == "", kv)


def _named(
    catalogue: Mapping[str, ValveType], arrays: Arrays, kind: type[Consumer] | type[Valve], row: int, name: str, problems: list[Problem]
) -> ValveType | None:
    if name not in catalogue:
        column = "valve" if kind is Consumer else "type"
        text = f"'{name}' is not in the valve catalogue{nearest(name, catalogue)}"
        problems.append(Problem(text, kind.kind(), str(arrays.net[kind].id[row]), column, arrays.net.where(kind, row)))
    return catalogue.get(name)


def _table(types: Sequence[ValveType]) -> Floats:
    """Kv of the positions, (valves, positions), NaN beyond those of a type."""
    table = np.full((len(types), max((one.kv.size for one in types), default=1)), np.nan)
    for at, one in enumerate(types):
        table[at, : one.kv.size] = one.kv
    return table
