"""Pipes: larger ones, a second one beside, better insulation, cleaning, a tie between two places."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import ClassVar

import numpy as np

from heatnet.change import Change, Scenario
from heatnet.components import Pipe
from heatnet.network import Node
from heatnet.pipe_catalogue import PipeType
from heatnet.retrofit.measures.measure import NEW, SERIES, Basis, Item, Measure, Work, fitting, listed, named, rows, setting, sizes
from heatnet.retrofit.options import count, flag, ids, quantity, word
from heatnet.schema import Longs

DETOUR = 1.2  # length of a route over the straight line


@dataclass(frozen=True)
class Upsizing(Measure):
    """Pipes replaced by larger ones."""

    key: ClassVar[str] = "upsizing"
    pipes: tuple[str, ...] = ids("pipe", "pipes to replace, supply and return")
    type: str = word("type of the new pipe in the catalogue, as EN253-1-DN150; by steps if not given")
    steps: int = count("sizes up, where no type is given", default=1, most=8)

    def work(self, basis: Basis, name: str) -> Work:
        """New diameter, loss and roughness."""
        pipe = basis.net[Pipe]
        at = rows(pipe, self.pipes)
        new = [named(self.type) if self.type else larger(float(pipe.diameter[row]), self.steps) for row in at]
        if narrow := [row for row, one in zip(at, new, strict=True) if one.diameter <= pipe.diameter[row]]:
            raise ValueError(f"pipe '{pipe.id[narrow[0]]}' has {1e3 * pipe.diameter[narrow[0]]:.0f} mm now: {new[0].name} is no larger")
        return Work(Scenario(name, relaid(pipe, at, new)), laid(pipe, at, new), listed(self.pipes))


@dataclass(frozen=True)
class Parallel(Measure):
    """A second pipe beside each."""

    key: ClassVar[str] = "parallel"
    pipes: tuple[str, ...] = ids("pipe", "pipes that get a second one beside them, supply and return")
    type: str = word("type of the second pipe in the catalogue; of about the present diameter if not given")

    def work(self, basis: Basis, name: str) -> Work:
        """Added pipes between the same nodes."""
        pipe = basis.net[Pipe]
        at = rows(pipe, self.pipes)
        new = [named(self.type) if self.type else fitting(float(pipe.diameter[row])) for row in at]
        added = pipe.take(at).with_(
            id=[f"{name}.{pipe.id[row]}" for row in at], diameter=[one.diameter for one in new], loss=[one.loss for one in new],
            roughness=NEW, service=1.0, type=[one.name for one in new],
        )
        return Work(Scenario(name, (), (added,)), laid(pipe, at, new), listed(self.pipes))


@dataclass(frozen=True)
class Tie(Measure):
    """A new connection of two places: a supply and a return pipe."""

    key: ClassVar[str] = "tie"
    supply_from: str = word("node of the supply at one end", default=None, table="node")
    supply_to: str = word("node of the supply at the other end", default=None, table="node")
    return_from: str = word("node of the return at the other end", default=None, table="node")
    return_to: str = word("node of the return at the first end", default=None, table="node")
    type: str = word("type of the pipe in the catalogue", default=f"{SERIES}-DN100")
    length: float = quantity("m", "length of the route; 1.2 times the straight line between coordinates if not given", least=0.1, most=1e5)

    def work(self, basis: Basis, name: str) -> Work:
        """Two added pipes."""
        if self.supply_from == self.supply_to or self.return_from == self.return_to:
            raise ValueError("a tie has two ends: they are the same node here")
        kind, length = named(self.type), self.length
        if isnan(length):
            length = DETOUR * straight(basis.net[Node], self.supply_from, self.supply_to)
        if isnan(length):
            raise ValueError("the nodes have no coordinates: give the length of the route, as in length = \"120 m\"")
        added = Pipe.of(
            id=[f"{name}.s", f"{name}.r"], tail=[self.supply_from, self.return_from], head=[self.supply_to, self.return_to],
            length=length, diameter=kind.diameter, roughness=NEW, loss=kind.loss, type=kind.name,
        )
        where = f"{self.supply_from} - {self.supply_to}"
        return Work(Scenario(name, (), (added,)), (Item("pipe", 2.0 * length, kind.diameter),), where)


@dataclass(frozen=True)
class Insulation(Measure):
    """Pipes insulated anew, or replaced by bonded pipe of their size."""

    key: ClassVar[str] = "insulation"
    pipes: tuple[str, ...] = ids("pipe", "pipes to insulate or replace")
    loss: float = quantity("W/(m K)", "heat loss afterwards; that of bonded pipe of the size if not given", most=100.0)
    replace: bool = flag("replace the pipes, so that their roughness is that of new ones")

    def work(self, basis: Basis, name: str) -> Work:
        """New loss, and roughness where they are replaced."""
        pipe = basis.net[Pipe]
        at = rows(pipe, self.pipes)
        new = [fitting(float(pipe.diameter[row])) for row in at]
        loss = np.array([one.loss for one in new]) if isnan(self.loss) else np.full(at.size, self.loss)
        loss = np.minimum(loss, pipe.loss[at])
        where = listed(self.pipes)
        if self.replace:
            bore = setting("pipe", "roughness", np.minimum(NEW, pipe.roughness[at]), pipe, at)
            return Work(Scenario(name, (setting("pipe", "loss", loss, pipe, at), bore)), laid(pipe, at, new), where)
        bill = tuple(Item("insulation", float(pipe.length[row]), float(pipe.diameter[row])) for row in at)
        return Work(Scenario(name, (setting("pipe", "loss", loss, pipe, at),)), bill, where)


@dataclass(frozen=True)
class Flushing(Measure):
    """Pipes flushed or cleaned chemically."""

    key: ClassVar[str] = "flushing"
    pipes: tuple[str, ...] = ids("pipe", "pipes to clean")
    roughness: float = quantity("m", "roughness afterwards", most=0.1, default=NEW)

    def work(self, basis: Basis, name: str) -> Work:
        """Roughness back, never more than it is."""
        pipe = basis.net[Pipe]
        at = rows(pipe, self.pipes)
        smooth = np.minimum(self.roughness, pipe.roughness[at])
        change = setting("pipe", "roughness", smooth, pipe, at)
        return Work(Scenario(name, (change,)), (Item("flushing", float(pipe.length[at].sum())),), listed(self.pipes))


def larger(diameter: float, steps: int) -> PipeType:
    """The type so many sizes above a diameter [m]; ValueError where there is none."""
    above = [one for one in sizes() if one.diameter > 1.03 * diameter]
    if len(above) < steps:
        raise ValueError(f"the catalogue has no {steps} sizes above {1e3 * diameter:.0f} mm")
    return above[steps - 1]


def relaid(pipe: Pipe, at: Longs, new: list[PipeType]) -> tuple[Change, ...]:
    """Changes of pipes that are replaced by new types."""
    diameter, loss = np.array([one.diameter for one in new]), np.array([one.loss for one in new])
    return (
        setting("pipe", "diameter", diameter, pipe, at), setting("pipe", "loss", np.minimum(loss, pipe.loss[at]), pipe, at),
        setting("pipe", "roughness", np.minimum(NEW, pipe.roughness[at]), pipe, at),
    )


def laid(pipe: Pipe, at: Longs, new: list[PipeType]) -> tuple[Item, ...]:
    """Bill of new pipes of the lengths of others."""
    return tuple(Item("pipe", float(pipe.length[row]), one.diameter) for row, one in zip(at, new, strict=True))


def straight(node: Node, one: str, other: str) -> float:
    """Straight line between two nodes [m]; NaN without coordinates."""
    a, b = rows(node, (one, other))
    return float(np.hypot(node.x[a] - node.x[b], node.y[a] - node.y[b]))
