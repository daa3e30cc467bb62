"""Several scenarios of a network as one: every table with each of its rows once for each scenario.

Row i of scenario l is row i K + l of the stack, and so for nodes, edges, merged nodes and buildings: an array (rows,) of the network is
(rows, K) as one row, the lanes standing side by side. All laws of the components work on a stack as they are. Elimination
order and program are those of one network.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any

import numpy as np
import numpy.typing as npt

from heatnet.arrays import Arrays, Part
from heatnet.components import Plant, Scene, Terminals
from heatnet.merging import Clusters
from heatnet.network import TABLES
from heatnet.regulated import Regulated
from heatnet.schema import Bools, Floats, Ints, Table

Array = npt.NDArray[Any]
NOTHING = Regulated(*(np.zeros(0, dtype=np.int32),) * 4, np.zeros(1, dtype=np.int64), *(np.zeros(0, dtype=np.int32),) * 2)


@dataclass(frozen=True)
class Lane:
    """One scenario: its network and surroundings."""

    arrays: Arrays
    scene: Scene


@dataclass(frozen=True)
class StackedClusters(Clusters):
    """Merged nodes of a stack; `paths`, `ties` and `free` are those of one network."""

    lanes: int
    one: Clusters

    def offsets(self, rise: Floats) -> Floats:
        """Pressure of each node above its cluster's root [Pa], see Clusters."""
        return np.asarray(self.paths @ rise.reshape(-1, self.lanes)).ravel()

    def flows(self, tail: Ints, head: Ints, surplus: Floats) -> Floats:
        """Flow of the rigid edges [kg/s], see Clusters."""
        if not self.edges.size:
            return np.zeros(0)
        one, each = self.one, surplus.reshape(-1, self.lanes)
        inner = one.free >= 0
        factor = one.ties.factor(np.ones(one.edges.size))
        potential = np.zeros((one.free.size, self.lanes))
        for lane in range(self.lanes):
            right = np.zeros(one.ties.size)
            right[one.free[inner]] = each[inner, lane]
            potential[inner, lane] = factor.solve(right)[one.free[inner]]
        flat = potential.ravel()
        return flat[tail[self.edges]] - flat[head[self.edges]]


@dataclass(frozen=True)
class StackedArrays(Arrays):
    """Arrays of a stack; regulators by remote pressures are those of each lane, and none of the stack."""

    lanes: int

    @cached_property
    def regulated(self) -> Regulated:
        """None: each lane has its own."""
        return NOTHING


@dataclass(frozen=True)
class Stacker:
    """Makes stacks of scenarios of one network; what they all share is spread over the lanes once."""

    base: Arrays
    lanes: int
    shared: StackedArrays

    @staticmethod
    def of(base: Arrays, lanes: int) -> Stacker:
        """Stacks of so many lanes."""
        tables = MappingProxyType({kind: _spread(base.net.tables[kind], lanes) for kind in TABLES})
        one = base.clusters
        clusters = StackedClusters(
            numbered(one.of, lanes), one.count * lanes, numbered(one.edges, lanes), one.paths, one.ties, one.free, lanes, one
        )
        net = replace(base.net, tables=tables, origins=MappingProxyType({}))
        spans = [slice(part.span.start * lanes, part.span.stop * lanes) for part in base.parts]
        parts = tuple(Part(net[type(part.table)], span) for part, span in zip(base.parts, spans, strict=True))
        return Stacker(base, lanes, StackedArrays(
            net, parts, numbered(base.tail, lanes), numbered(base.head, lanes), base.rigid.repeat(lanes), base.held.repeat(lanes),
            clusters, base.unknown, base.laplacian, base.program, base.feeding, numbered(base.behind, lanes), base.closed.repeat(lanes),
            base.dead.repeat(lanes), base.lost.repeat(lanes), base.driven, lanes,
        ))

    def fits(self, lane: Lane, ground: float) -> bool:
        """Whether a scenario can stand in a stack of these: the same order of elimination, no water driven without a held pressure.

        All lanes have one ground temperature and plants of one order of use.
        """
        mine, base = lane.arrays, self.base
        plant, usual = mine.net[Plant], base.net[Plant]
        same = all(
            getattr(plant, name) is getattr(usual, name) or np.array_equal(getattr(plant, name), getattr(usual, name))
            for name in ("order", "service")
        )
        return (
            mine.program is base.program and mine.clusters is base.clusters and not mine.driven.size and lane.scene.ground == ground
            and (same or not (plant.order.any() or usual.order.any()))
        )

    def stack(self, lanes: Sequence[Lane]) -> StackedArrays:
        """The scenarios as one; the last one stands in the lanes that are left over."""
        full = [*lanes, *[lanes[-1]] * (self.lanes - len(lanes))]
        tables = {}
        for kind in TABLES:
            mine = [lane.arrays.net.tables[kind] for lane in full]
            tables[kind] = self._table(kind, mine)
        net = replace(self.shared.net, tables=MappingProxyType(tables), site=lanes[0].arrays.net.site)
        parts = tuple(Part(net[type(part.table)], part.span) for part in self.shared.parts)
        reach: dict[str, Any] = {
            name: side_by_side(getattr(self.base, name), [getattr(lane.arrays, name) for lane in full], getattr(self.shared, name))
            for name in ("closed", "dead", "lost")
        }
        behind = [lane.arrays.behind for lane in full]
        if any(one is not self.base.behind for one in behind):
            reach["behind"] = np.stack(behind, axis=1).ravel() * self.lanes + np.tile(np.arange(self.lanes), self.base.behind.size)
            reach["behind"] = reach["behind"].astype(np.int32)
        return replace(self.shared, net=net, parts=parts, **reach)

    def scene(self, lanes: Sequence[Lane]) -> Scene:
        """Their surroundings as one; the outdoor temperature is that of the first: what it acts on stands in the terminals."""
        full = [*lanes, *[lanes[-1]] * (self.lanes - len(lanes))]
        scenes = [lane.scene for lane in full]
        columns: dict[str, Any] = {
            item.name: np.stack([getattr(scene.terminals, item.name) for scene in scenes], axis=1).ravel() for item in fields(Terminals)
        }
        columns["consumer"] = (columns["consumer"] * self.lanes + np.tile(np.arange(self.lanes), scenes[0].terminals.consumer.size))
        columns["consumer"] = columns["consumer"].astype(np.int32)
        supply, secondary = (np.stack([getattr(scene, name) for scene in scenes], axis=1).ravel() for name in ("supply", "secondary"))
        return replace(scenes[0], supply=supply, secondary=secondary, terminals=Terminals(**columns))

    def _table(self, kind: type[Table], mine: list[Table]) -> Table:
        base, shared = self.base.net.tables[kind], self.shared.net.tables[kind]
        if all(table is base for table in mine):
            return shared
        fresh: dict[str, Any] = {}
        for name, item in kind.columns().items():
            columns = [getattr(table, name) for table in mine]
            if any(column is not getattr(base, name) for column in columns):
                both = np.stack(columns, axis=1).ravel()
                fresh[name] = both.astype(np.str_) if item.choices else both
        return replace(shared, **fresh)


def numbered(numbers: Ints, lanes: int) -> Ints:
    """Numbers of rows of one network as rows of a stack."""
    spread = numbers[:, None].astype(np.int64) * lanes + np.arange(lanes)
    return np.ascontiguousarray(spread.ravel().astype(np.int32))


def side_by_side(base: Bools, each: list[Bools], shared: Bools) -> Bools:
    """Arrays (n,) of the lanes as one (n lanes,); `shared` where all are `base`."""
    return shared if all(one is base for one in each) else np.stack(each, axis=1).ravel()


def _spread(table: Table, lanes: int) -> Table:
    """Every row once for each lane; words of few choices as numpy compares them fast."""
    columns: dict[str, Any] = {}
    for name, item in table.columns().items():
        values: Array = getattr(table, name)
        columns[name] = (values.astype(np.str_) if item.choices else values).repeat(lanes)
    return replace(table, **columns)
