"""What a measure is: options, and the work that follows from them on a network: changes, added links, and the bill of quantities."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import inf
from typing import ClassVar

import numpy as np

from heatnet.change import Change, Scenario
from heatnet.components import Consumer, Pipe
from heatnet.network import Building, Network, Node
from heatnet.pipe_catalogue import PipeType, pipe_types
from heatnet.profile import Profile
from heatnet.rooms import Rooms, rooms
from heatnet.schema import Floats, Longs, Table
from heatnet.solve import State

SERIES = "EN253-1"  # bonded pipe that measures lay where no type is named
NEW = 5e-4  # m, roughness of a new or cleaned pipe in design (CJJ 34 gives 0.5 mm for hot water)


@dataclass(frozen=True)
class Item:
    """A line of a bill: so much of an entry of the price table; of a diameter [m] where its price depends on it."""

    price: str
    quantity: float
    diameter: float = 0.0


@dataclass(frozen=True)
class Work:
    """What a measure does to a network, and what it takes."""

    scenario: Scenario
    bill: tuple[Item, ...]
    where: str
    idle_above: float = inf  # K outdoor temperature above which it stands idle


@dataclass(frozen=True)
class Basis:
    """What measures are worked out on: a network, and a state of it in cold weather."""

    net: Network
    state: State
    profile: Profile

    @cached_property
    def rooms(self) -> Rooms:
        """Rooms of the state."""
        return rooms(self.state, self.profile)

    @cached_property
    def design_flow(self) -> Floats:
        """Design flow of each consumer [kg/s]."""
        return self.net[Consumer].design_flow(self.state.scene)

    def area(self, inlets: Longs) -> float:
        """Usable area behind consumers (rows) [m2]; what is not given counts 50 W/m2 of design heat."""
        building = self.net[Building]
        area = np.where(np.isnan(building.area), building.design_heat / 50.0, building.area)
        return float(area[np.isin(self.state.scene.terminals.consumer, inlets)].sum())


@dataclass(frozen=True)
class Measure:
    """Abstract: a dataclass of options that says what work follows from them."""

    key: ClassVar[str] = ""

    def work(self, basis: Basis, name: str) -> Work:
        """The work; `name` begins the ids of what it adds. ValueError in words where it cannot be done on this network."""
        raise NotImplementedError


def rows(table: Table, ids: tuple[str, ...]) -> Longs:
    """Rows of ids, all rows if there are none."""
    if not ids:
        return np.arange(len(table))
    row = {name: at for at, name in enumerate(table.id)}
    return np.array([row[name] for name in ids], dtype=np.int64)


def setting(kind: str, column: str, values: Floats | float | str, table: Table, at: Longs) -> Change:
    """Change of a column in some rows."""
    return Change(kind, column, values, tuple(str(name) for name in table.id[at]))


def sizes(series: str = SERIES) -> list[PipeType]:
    """Pipe types of a series, by size."""
    return sorted((one for one in pipe_types().values() if one.name.startswith(f"{series}-")), key=lambda one: one.diameter)


def fitting(diameter: float, series: str = SERIES) -> PipeType:
    """The type next in size to a diameter [m].

    >>> fitting(0.107).name
    'EN253-1-DN100'
    """
    return min(sizes(series), key=lambda one: abs(one.diameter - diameter))


def named(kind: str) -> PipeType:
    """A type of the catalogue; ValueError names what is there."""
    if kind not in pipe_types():
        raise ValueError(f"'{kind}' is no pipe of the catalogue, as EN253-1-DN150 is")
    return pipe_types()[kind]


def listed(names: tuple[str, ...], most: int = 4) -> str:
    """Ids in words: the first few and how many more."""
    more = f" +{len(names) - most}" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def between(basis: Basis, at: int) -> tuple[str, str, float]:
    """Upstream node of a pipe, the column of that end, and its flow [kg/s]."""
    pipe = basis.net[Pipe]
    flow = float(basis.state.m[basis.state.of(Pipe)][at])
    end = "tail" if flow >= 0.0 else "head"
    return str(getattr(pipe, end)[at]), end, abs(flow)


def beside(net: Network, nodes: list[str], names: list[str]) -> Node:
    """New nodes at the places of others, nothing held and nothing entering there."""
    node = net[Node]
    at = rows(node, tuple(nodes))
    return Node.of(id=names, x=node.x[at], y=node.y[at], height=node.height[at])
