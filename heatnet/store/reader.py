"""Reads a store back into states and rooms."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from heatnet.arrays import Arrays, compile
from heatnet.components import EDGES
from heatnet.errors import HeatnetError, Problem, ReadError, nearest
from heatnet.network import KINDS, TABLES, Curve, Network, Site
from heatnet.profile import Profile
from heatnet.rooms import CAUSES, Rooms
from heatnet.schema import Texts
from heatnet.solve import Residuals, Settings, State, Status
from heatnet.store.layout import FORMAT, MARK, ROOM, RUN, SECONDARY, WATERS
from heatnet.store.named import frame_of
from heatnet.version import VERSION

if TYPE_CHECKING:
    import pandas as pd

DAMAGE = (OSError, KeyError, RuntimeError, ValueError, TypeError, AttributeError, IndexError)  # what h5py raises on a damaged file


@dataclass(frozen=True)
class Store:
    """Results read back; a scenario is given by number."""

    version: str  # of the heatnet that wrote it
    scenarios: tuple[str, ...]
    states: tuple[State, ...]
    rooms: tuple[Rooms | None, ...]  # None where the solve gave no answer
    named: Mapping[str, pd.DataFrame] = field(default_factory=lambda: MappingProxyType({}))  # tables by name (`store.add_table`)

    @property
    def net(self) -> Network:
        """The model, as of the first scenario."""
        return self.states[0].arrays.net

    @property
    def profile(self) -> Profile | None:
        """The regulation profile of the rooms."""
        return next((rooms.profile for rooms in self.rooms if rooms is not None), None)

    def tables(self) -> tuple[str, ...]:
        """Names of the tables that were added (`store.add_table`)."""
        return tuple(self.named)

    def table(self, name: str) -> pd.DataFrame:
        """A table that was added, units in the header, its doc and what belongs to it in `attrs`; HeatnetError if there is none."""
        if name not in self.named:
            raise HeatnetError(f"the store has no table '{name}'{nearest(name, self.named)}")
        return self.named[name]

    def with_table(self, name: str, frame: pd.DataFrame) -> Store:
        """A copy that holds one table more, or in place of its own; the file stays as it is."""
        return replace(self, named=MappingProxyType({**self.named, name: frame}))

    def frame(self, kind: str, scenario: int = 0) -> pd.DataFrame:
        """Table of results of one kind ("node", "pipe", ..., "room"), units in the header."""
        if kind not in ("room", "building"):
            return self.states[scenario].frame(kind)
        rooms = self.rooms[scenario]
        if rooms is None:
            raise ValueError(f"scenario '{self.scenarios[scenario]}' has no rooms: {self.states[scenario].message}")
        return rooms.frame()


def read(path: str | Path) -> Store:
    """Read a store; ReadError says if the file is none, newer than this program, or damaged."""
    path = Path(path)
    if not path.is_file():
        raise _unreadable(path, "there is no such file")
    try:
        if not h5py.is_hdf5(path):
            raise _unreadable(path, "is not a heatnet store: no HDF5 file (or its first bytes are lost)")
        with h5py.File(path, "r") as file:
            if file.attrs.get("mark") == RUN:
                raise _unreadable(path, "holds a run of many scenarios: heatnet.open_run reads it, heatnet report prints it")
            if file.attrs.get("mark") != MARK:
                raise _unreadable(path, "is not a heatnet store, though an HDF5 file; heatnet writes one with --out results.h5")
            if int(file.attrs["format"]) > FORMAT:
                raise _unreadable(
                    path, f"has store format {file.attrs['format']} of heatnet {file.attrs['heatnet']}; heatnet {VERSION} reads formats "
                    f"up to {FORMAT}: use a newer heatnet",
                )
            return _read(file)
    except DAMAGE as error:
        raise _unreadable(path, f"is damaged or cut short ({str(error).splitlines()[0] if str(error) else type(error).__name__})") from None


def read_model(path: str | Path) -> tuple[Network, Settings, Profile]:
    """Model, settings and regulation profile of any file of heatnet, also of a run; ReadError where they cannot be read."""
    path = Path(path)
    try:
        with h5py.File(path, "r") as file:
            rule = _profile(file)
            if rule is None:
                raise _unreadable(path, "holds no regulation profile")
            return _network(file["model"]), _settings(file), rule
    except DAMAGE as error:
        raise _unreadable(path, f"is damaged or cut short ({type(error).__name__})") from None


def is_run(path: str | Path) -> bool:
    """Whether a file holds a run of many scenarios."""
    path = Path(path)
    if not path.is_file() or not h5py.is_hdf5(path):
        return False
    with h5py.File(path, "r") as file:
        return bool(file.attrs.get("mark") == RUN)


def _read(file: h5py.File) -> Store:
    settings, rule = _settings(file), _profile(file)
    scenario = file["scenario"]
    names = tuple(_texts(scenario["name"]).tolist())
    base = _network(file["model"])
    states, rooms = [], []
    first = compile(base, checked=True)
    for number in range(len(names)):
        arrays = first
        if number:
            arrays = compile(_changed(base, scenario[str(number)]), checked=True)
        state = _state(file, number, arrays, settings)
        states.append(state)
        rooms.append(_rooms(file["results"], number, state, rule) if rule is not None and state.converged else None)
    named = {name: frame_of(group) for name, group in file.get("table", {}).items()}
    return Store(str(file.attrs["heatnet"]), names, tuple(states), tuple(rooms), MappingProxyType(named))


def _settings(file: h5py.File) -> Settings:
    group = file["settings"]
    given = {name: _plain(value) for name, value in group.attrs.items()}
    kind = {water.__name__: water for water in WATERS}[given.pop("water")]
    water = kind(**{name: float(value) for name, value in group["water"].attrs.items()})
    known = {item.name for item in fields(Settings)}
    return Settings(**{name: value for name, value in given.items() if name in known}, water=water)


def _profile(file: h5py.File) -> Profile | None:
    if "profile" not in file:
        return None
    group = file["profile"]
    given: dict[str, Any] = {name: _plain(value) for name, value in group.attrs.items()}
    given |= {name: tuple(group[name][()].tolist()) for name in ("below", "share")}
    return Profile(**given)


def _network(group: h5py.Group) -> Network:
    # a store of an earlier heatnet lacks the tables that came later
    tables = [kind.of(**_columns(group[kind.kind()])) if kind.kind() in group else kind.empty() for kind in TABLES]
    curves = {
        str(points.attrs["name"]): Curve(tuple(points["outdoor"][()].tolist()), tuple(points["supply"][()].tolist()))
        for points in group["curve"].values()
    }
    net = Network.of(str(group.attrs["name"]), *tables, site=Site(**_site(group)), curves=curves)
    return replace(net, about=MappingProxyType(dict(json.loads(group.attrs["about"]))))


def _changed(base: Network, group: h5py.Group) -> Network:
    net = base.with_site(**_site(group))
    for name in group:
        if name in KINDS:
            net = net.with_(KINDS[name], **_columns(group[name]))
    return net


def _site(group: h5py.Group) -> dict[str, Any]:
    return {name: _plain(value) for name, value in group["site"].attrs.items()}


def _columns(group: h5py.Group) -> dict[str, Any]:
    return {name: _values(data) for name, data in group.items()}


def _state(file: h5py.File, number: int, arrays: Arrays, settings: Settings) -> State:
    about, results = file["scenario"], file["results"]
    edges = [(results[kind.kind()], "") for kind in EDGES if kind.kind() in results]
    edges += [(results["exchanger"], SECONDARY)] if "exchanger" in results else []

    def edge(name: str) -> Any:
        return np.concatenate([group[before + name][number] for group, before in edges]) if edges else np.zeros(0)

    residuals = Residuals(**{item.name: float(about[f"residual_{item.name}"][number]) for item in fields(Residuals)})
    node = results["node"]
    return State(
        arrays=arrays, settings=settings, scene=arrays.scene(settings.water, settings.gravity), m=edge("flow"),
        p=node["pressure"][number], t=node["temperature"][number], t_in=edge("inlet"), t_out=edge("outlet"),
        still=node["still"][number].astype(bool), exchange=node["exchange"][number], bound=edge("bound").astype(np.int32),
        status=Status[_texts(about["status"])[number]], detail=str(_texts(about["detail"])[number]),
        steps=int(about["steps"][number]), passes=int(about["passes"][number]), residuals=residuals,
    )


def _rooms(results: h5py.Group, number: int, state: State, rule: Profile) -> Rooms:
    group = results.get("building", {})
    at: Mapping[str, Any] = {name: _values(data)[number] for name, data in group.items()}
    none = np.zeros(0)
    given = {name: at.get(name, none) for name in ROOM}
    given |= {"cause": given["cause"].astype(object), "bottleneck": given["bottleneck"].astype(np.int32)}
    substituted = np.stack([at.get(f"room_at_design_{cause}", given["temperature"]) for cause in CAUSES])  # an earlier store knows fewer
    return Rooms(state=state, profile=rule, substituted=substituted, **given)


def _values(data: h5py.Dataset) -> Any:
    return _texts(data) if h5py.check_string_dtype(data.dtype) else data[()]


def _texts(data: h5py.Dataset) -> Texts:
    raw = data[()]
    return np.array([entry.decode() for entry in raw.ravel()], dtype=object).reshape(raw.shape)


def _plain(value: Any) -> Any:
    return value.item() if isinstance(value, np.generic) else value


def _unreadable(path: Path, text: str) -> ReadError:
    return ReadError([Problem(text, where=str(path))])
