"""What a proposal is, and what proposals are made from."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from heatnet.components import Pipe
from heatnet.errors import HeatnetError
from heatnet.network import Node
from heatnet.retrofit.measures import Basis, Measure
from heatnet.schema import Floats, Longs
from heatnet.sensitivity import Sensitivities
from heatnet.topology import sides

NEAR = 10.0  # m, between a supply node and the return node that lies with it


@dataclass(frozen=True)
class Limits:
    """From where on something looks wrong; choices, not of a standard where nothing else is said."""

    gradient: float = 100.0  # Pa/m, usual upper end of the design of branches (CJJ 34: main lines 30-70)
    aim: float = 70.0  # Pa/m, that a larger pipe is chosen for
    loss: float = 1.8  # -, heat loss over that of bonded pipe of the size
    drop: float = 1.0  # K/km, temperature drop that tells of wet insulation
    resistance: float = 2.0  # -, of an open inlet over that of the usual one
    radius: float = 160.0  # m, between the ends of a tie
    lift: float = 3e4  # Pa, of a booster
    most: int = 8  # proposals of one kind


@dataclass(frozen=True)
class Proposal:
    """A measure, where, and why in Chinese and English."""

    place: str
    measure: Measure
    zh: str
    en: str
    excludes: tuple[str, ...] = field(default=())  # other proposals for the same trouble, by id

    @property
    def id(self) -> str:
        """Id of the candidate."""
        return f"{self.measure.key}:{self.place}"


@dataclass(frozen=True)
class Look:
    """A baseline looked at for trouble."""

    basis: Basis
    gradients: Sensitivities | None  # None on a network that has none
    limits: Limits

    @property
    def worth(self) -> Sensitivities:
        """The gradients; HeatnetError where there are none."""
        if self.gradients is None:
            raise HeatnetError("no gradients on this network")
        return self.gradients

    @cached_property
    def twins(self) -> Longs:
        """Pipe of the other side that lies with each pipe, -1 where none is found, (pipes,): by coordinates, else by names."""
        net = self.basis.net
        pipe, number = net[Pipe], {name: at for at, name in enumerate(net[Node].id)}
        partner = self.partners
        tail = np.array([number[one] for one in pipe.tail])
        head = np.array([number[one] for one in pipe.head])
        by_ends = {frozenset((int(a), int(b))): at for at, (a, b) in enumerate(zip(tail, head, strict=True))}
        by_name = {str(name): at for at, name in enumerate(pipe.id)}
        found = np.full(len(pipe), -1, dtype=np.int64)
        for at in range(len(pipe)):
            a, b = int(partner[tail[at]]), int(partner[head[at]])
            found[at] = by_ends.get(frozenset((a, b)), -1) if a >= 0 and b >= 0 else -1
            if found[at] < 0:
                found[at] = by_name.get(other_side(str(pipe.id[at])), -1)
        return found

    @cached_property
    def side(self) -> Longs:
        """+1 on the supply side, -1 on the return side, (nodes,)."""
        return np.asarray(sides(self.basis.net), dtype=np.int64)

    @cached_property
    def partners(self) -> Longs:
        """Node of the other side that lies with each node, -1 where none lies near, (nodes,)."""
        from scipy.spatial import cKDTree  # noqa: PLC0415  loads when something is proposed

        node = self.basis.net[Node]
        found = np.full(len(node), -1, dtype=np.int64)
        placed = ~np.isnan(node.x) & ~np.isnan(node.y)
        for mine in (1, -1):
            here, there = np.flatnonzero(placed & (self.side == mine)), np.flatnonzero(placed & (self.side == -mine))
            if here.size and there.size:
                far, which = cKDTree(np.column_stack([node.x[there], node.y[there]])).query(np.column_stack([node.x[here], node.y[here]]))
                found[here] = np.where(far <= NEAR, there[which], -1)
        return found

    @cached_property
    def gradient(self) -> Floats:
        """Pressure gradient of each pipe [Pa/m], (pipes,)."""
        length = self.basis.net[Pipe].length
        loss = np.nan_to_num(np.abs(self.basis.state.loss(Pipe)))
        return np.where(length > 0.0, loss / np.where(length > 0.0, length, 1.0), 0.0)

    def both(self, at: int) -> tuple[str, ...]:
        """A pipe and its twin, by id."""
        pipe, twin = self.basis.net[Pipe], int(self.twins[at])
        return (str(pipe.id[at]), *((str(pipe.id[twin]),) if twin >= 0 else ()))


def other_side(name: str) -> str:
    """Name of the pipe of the other side, by the usual ways of naming; "" where none fits.

    >>> other_side("s.n5.4"), other_side("供水12")
    ('r.n5.4', '回水12')
    """
    pairs = (("s.", "r."), ("S.", "R."), ("supply", "return"), ("供", "回"), ("S_", "R_"), ("s_", "r_"), ("ps", "pr"))
    for one, other in pairs:
        for a, b in ((one, other), (other, one)):
            if name.startswith(a):
                return b + name[len(a) :]
    return ""
