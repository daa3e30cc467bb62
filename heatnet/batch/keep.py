"""What a run keeps of each scenario or hour, and what it works out on the way.

    [keep]
    each = ["building.temperature", "plant.heat"]                 # of every scenario, and of every hour of a season
    aggregate = ["building.temperature min mean q05 degree_hours"]  # over all scenarios, or over the hours of a season

Words: min, max, mean, qNN (quantile NN %), degree_hours and hours_below (of building.temperature against the profile).
Quantiles are read off a histogram of fixed cells, so they are exact to the width of a cell whatever the number of values.
"""

from __future__ import annotations

import re
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from heatnet.batch.page import Part
from heatnet.components import Consumer
from heatnet.errors import nearest
from heatnet.network import KINDS, Building, Network
from heatnet.profile import Profile
from heatnet.rooms import NEGLIGIBLE, received, rooms
from heatnet.schema import Floats, Ints
from heatnet.solve import State
from heatnet.units import KELVIN

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from heatnet.store.layout import Quantity

QUANTILE = re.compile(r"q(\d{1,2}(?:\.\d)?)")
PLAIN = ("min", "max", "mean")
SHORT = ("degree_hours", "hours_below")
ROOM_CELLS = (KELVIN - 40.0, 0.1, 1000)  # K lowest, K width, number
WATER_CELLS = (KELVIN - 60.0, 0.25, 1040)
LIGHT = ("temperature", "heat", "demand", "flow_ratio", "supply", "deficit", "refund")  # of a building, without its causes
HOME = "building.temperature"


@dataclass(frozen=True)
class Homes:
    """What can be said of every building without asking for causes, (n,); named as in heatnet.Rooms."""

    temperature: Floats
    heat: Floats
    demand: Floats
    flow_ratio: Floats
    supply: Floats
    deficit: Floats
    refund: Floats


@dataclass(frozen=True)
class Keep:
    """Names of quantities, "table.quantity", kept as they are; and words about quantities."""

    each: tuple[str, ...] = ()
    aggregate: tuple[tuple[str, tuple[str, ...]], ...] = ()

    @property
    def asked(self) -> tuple[str, ...]:
        """All quantities asked for, once each."""
        return tuple(dict.fromkeys((*self.each, *(name for name, _ in self.aggregate))))


def quantities() -> Mapping[str, tuple[Quantity, ...]]:
    """All quantities by table."""
    from heatnet.store.layout import QUANTITIES  # noqa: PLC0415  h5py loads with the store; reading a plain case does not need it

    return QUANTITIES


def find(name: str) -> Quantity:
    """The quantity of a name, KeyError if there is none."""
    table, _, of = name.partition(".")
    return {item.name: item for item in quantities()[table]}[of]


def rows(name: str, net: Network) -> int:
    """Number of rows of the table of a quantity."""
    return len(net.tables[KINDS[name.partition(".")[0]]])


def read_keep(part: Part, net: Network, default: Keep, *, season: bool) -> Keep:
    """The [keep] table of a case; problems go to its page."""
    part.known(("each", "aggregate"))
    each = part.words("each") if "each" in part.data else default.each
    lines = part.words("aggregate") if "aggregate" in part.data else ()
    aggregate = [(line.split()[0], tuple(line.split()[1:])) for line in lines if line.split()]
    good: list[str] = []
    for key, names in (("each", each), ("aggregate", tuple(name for name, _ in aggregate))):
        good += [name for name in names if _known(part, key, name, net, light=season)]
    for name, words in aggregate:
        if name in good:
            _check_words(part, name, words)
    merged: dict[str, tuple[str, ...]] = {}
    for name, words in aggregate if "aggregate" in part.data else default.aggregate:
        merged[name] = tuple(dict.fromkeys((*merged.get(name, ()), *words)))
    return Keep(tuple(dict.fromkeys(each)), tuple(merged.items()))


def values(state: State, names: Iterable[str], rule: Profile, homes: Homes | None = None) -> dict[str, Any]:
    """The quantities of a state, by name; causes are looked for only where one is asked for."""
    asked = tuple(names)
    of_building = [name.partition(".")[2] for name in asked if name.startswith("building.")]
    found: Any = homes
    if of_building and found is None:
        light = all(name in LIGHT for name in of_building)
        found = at_home(state, rule) if light else rooms(state, rule)
    return {name: find(name).of(state, found) for name in asked}


def at_home(state: State, rule: Profile) -> Homes:
    """Rooms of a state without their causes."""
    part, span, net = state.scene.terminals, state.of(Consumer), state.arrays.net
    signed, supply = state.m[span][part.consumer] * part.share, state.t_in[span][part.consumer]
    room, heat = rooms_of(state)
    deficit = np.maximum(rule.required - room, 0.0)
    deficit[deficit < NEGLIGIBLE] = 0.0
    ratio = np.where(part.design_flow > 0.0, signed / part.design_flow, np.nan)
    counted = np.where(deficit == 0.0, np.maximum(room, rule.required), room)
    return Homes(room, heat, part.demand, ratio, supply, deficit, rule.refund_share(counted) * daily_fee(net))


def rooms_of(state: State) -> tuple[Floats, Floats]:
    """Room [K] and heat [W] of every building, (n,).

    One that is alone behind its consumer has the heat its water lost; only where several share it the radiators are solved again.
    """
    part, span = state.scene.terminals, state.of(Consumer)
    at = part.consumer
    heat = state.heat(Consumer)[at]
    if not (np.bincount(at, minlength=1)[at] > 1).any():
        heat = np.maximum(heat, 0.0)
        return part.balance + heat / part.conductance, heat
    return received(state, np.abs(state.m[span])[at] * part.share, state.t_in[span][at], state.fluid(Consumer).cp[at])


def daily_fee(net: Network) -> Floats:
    """Heat fee of a day of every building, NaN where fee or area are not given."""
    return np.asarray(net.site.fee * net[Building].area / net.site.season_days)


class Tally:
    """Aggregates of one quantity while values come in; all arrays belong to it."""

    def __init__(self, name: str, words: tuple[str, ...], size: int, required: float, kind: type[np.unsignedinteger[Any]]) -> None:
        self.words, self.required, self.size = words, required, size
        self.cells = ROOM_CELLS if name == HOME else WATER_CELLS
        self.data: dict[str, Any] = {"count": np.zeros(size)}
        needs: dict[str, Any] = {"min": np.inf, "max": -np.inf, "mean": 0.0, "degree_hours": 0.0, "hours_below": 0.0}
        self.data |= {word: np.full(size, needs[word]) for word in words if word in needs}
        if any(QUANTILE.fullmatch(word) for word in words):
            self.data["cells"] = np.zeros((size, self.cells[2]), dtype=kind)
        self.row: Ints = np.arange(size, dtype=np.int32)

    def add(self, value: Floats) -> None:
        """One value a row; those that are no number do not count."""
        data, known = self.data, ~np.isnan(value)
        data["count"] += known
        if "min" in data:
            np.fmin(data["min"], value, out=data["min"])
        if "max" in data:
            np.fmax(data["max"], value, out=data["max"])
        if "mean" in data:
            data["mean"] += np.where(known, value, 0.0)
        if "degree_hours" in data:
            data["degree_hours"] += np.where(known, np.maximum(self.required - value, 0.0), 0.0)
        if "hours_below" in data:
            data["hours_below"] += value < self.required - NEGLIGIBLE
        if "cells" in data:
            low, width, number = self.cells
            cell = np.clip((np.where(known, value, low) - low) / width, 0, number - 1).astype(np.int64)
            data["cells"][self.row, cell] += known

    def packed(self) -> dict[str, Any]:
        """What it has counted, small: most cells are empty."""
        small = {"cells": np.frombuffer(zlib.compress(self.data["cells"].tobytes(), 1), np.uint8)} if "cells" in self.data else {}
        return self.data | small

    def merge(self, other: dict[str, Any]) -> None:
        """What the tally of a block with the same words has counted, packed."""
        for name, value in other.items():
            if name == "cells":
                self.data["cells"] += np.frombuffer(zlib.decompress(value.tobytes()), np.uint8).reshape(self.data["cells"].shape)
            elif name in ("min", "max"):
                (np.fmin if name == "min" else np.fmax)(self.data[name], value, out=self.data[name])
            else:
                self.data[name] += value

    def results(self) -> dict[str, Floats]:
        """One array a word, NaN for rows without a value."""
        none, count = self.data["count"] == 0, np.maximum(self.data["count"], 1.0)
        found = {}
        for word in self.words:
            if word in SHORT:
                value = self.data[word]
            elif word == "mean":
                value = self.data["mean"] / count
            elif word in PLAIN:
                value = self.data[word]
            else:
                value = self._quantile(float(word[1:]) / 100.0)
            found[word] = np.where(none, np.nan, value)
        return found

    def _quantile(self, share: float) -> Floats:
        """Value below which the share of all values lies, linear within its cell."""
        low, width, _ = self.cells
        upto = np.cumsum(self.data["cells"], axis=1, dtype=np.int64)
        wanted = np.maximum(share * self.data["count"], 1e-9)
        cell = np.argmax(upto >= wanted[:, None], axis=1)
        within = self.data["cells"][self.row, cell]
        before = upto[self.row, cell] - within
        return np.asarray(low + width * (cell + (wanted - before) / np.maximum(within, 1)))


def tallies(keep: Keep, net: Network, rule: Profile, *, block: bool = False) -> dict[str, Tally]:
    """Empty tallies of all quantities that are aggregated; those of a block count to 255 at most, which it never reaches."""
    kind = np.uint8 if block else np.uint32
    return {name: Tally(name, words, rows(name, net), rule.required, kind) for name, words in keep.aggregate}


def unit_of(name: str, word: str) -> tuple[str, str]:
    """Unit and meaning of an aggregate."""
    item = find(name)
    if word == "degree_hours":
        return "K h", "kelvin-hours below the temperature that the profile requires"
    if word == "hours_below":
        return "h", "hours below the temperature that the profile requires"
    said = {"min": "least", "max": "largest", "mean": "mean"}.get(word, f"{word[1:]} % quantile of")
    return item.unit, f"{said} {item.doc}"


def _known(part: Part, key: str, name: str, net: Network, *, light: bool) -> bool:
    table, _, of = name.partition(".")
    if table not in quantities():
        part.add(f"'{name}': no results of '{table}'{nearest(table, quantities())}; write table.quantity", key)
        return False
    names = [item.name for item in quantities()[table] if table != "building" or item.name in LIGHT or not light]
    if of not in names:
        part.add(f"'{name}': '{table}' has no quantity '{of}'{nearest(of, names)}", key)
        return False
    if not rows(name, net):
        part.add(f"'{name}': the model has no {table}", key)
        return False
    if key == "aggregate" and find(name).kind != "float":
        part.add(f"'{name}' is no number that could be aggregated", key)
        return False
    return True


def _check_words(part: Part, name: str, words: tuple[str, ...]) -> None:
    if not words:
        part.add(f"'{name}': say what of it: {', '.join((*PLAIN, 'q05', *SHORT))}", "aggregate")
    for word in words:
        if QUANTILE.fullmatch(word):
            if find(name).unit != "K" or name == "building.deficit":
                part.add(f"'{name}': quantiles are worked out for temperatures only", "aggregate")
        elif word in SHORT:
            if name != HOME:
                part.add(f"'{name}': {word} is of {HOME} only", "aggregate")
        elif word not in PLAIN:
            part.add(f"'{name}': unknown word '{word}'{nearest(word, (*PLAIN, *SHORT, 'q05'))}", "aggregate")
