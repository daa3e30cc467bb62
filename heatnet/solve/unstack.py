"""From one network to the lanes of a stack and back: fields, problems, flows; and answers kept lane by lane."""

from __future__ import annotations

import numpy as np

from heatnet.arrays import Arrays
from heatnet.components import Law
from heatnet.schema import Bools, Floats, Ints
from heatnet.solve.hydraulic import Flows, Task
from heatnet.solve.regulators import Regulators
from heatnet.solve.thermal import Field

First = tuple[Floats, Floats, Ints]  # m, p, bound, to begin with


def spread(field: Field, lanes: int) -> Field:
    """The field in every lane."""
    node, inlet, outlet, mean = (each.repeat(lanes) for each in (field.node, field.inlet, field.outlet, field.mean))
    return Field(node, inlet, outlet, mean, field.still.repeat(lanes))


def field_of(field: Field, lane: int, lanes: int) -> Field:
    """The field of one lane."""
    node, inlet, outlet, mean = (one_of(each, lane, lanes) for each in (field.node, field.inlet, field.outlet, field.mean))
    return Field(node, inlet, outlet, mean, np.ascontiguousarray(field.still[lane::lanes]))


def one_of(values: Floats, lane: int, lanes: int) -> Floats:
    """Values of one lane."""
    return np.ascontiguousarray(values[lane::lanes])


def task_of(given: Task, lane: int, lanes: int, arrays: Arrays, laws: tuple[Law, ...], regs: Regulators | None) -> Task:
    """The hydraulic problem of one lane."""
    drive, lower, upper, guess, source, pressure, offset, clash = (
        one_of(values, lane, lanes)
        for values in (given.drive, given.lower, given.upper, given.guess, given.source, given.pressure, given.offset, given.clash)
    )
    return Task(arrays, laws, given.friction, drive, lower, upper, guess, source, pressure, offset, clash, regs)


def flows_of(first: First, lane: int, lanes: int, u: Floats) -> Flows:
    """Where one lane begins."""
    bound = np.ascontiguousarray(first[2][lane::lanes])
    return Flows(one_of(first[0], lane, lanes), one_of(first[1], lane, lanes), bound, 0, np.inf, np.inf, False, u)


class Kept:
    """Answers of the lanes, each from the pass in which it settled; (.. lanes,) as a stack has them."""

    def __init__(self, first: First, field: Field, m: Floats, rho: Floats, lanes: int) -> None:
        self.lanes, self.good = lanes, np.zeros(lanes, dtype=bool)
        self.passes, self.pressure = np.zeros(lanes, dtype=np.int32), np.full(lanes, np.nan)
        self.m, self.rho, self.p, self.bound = m.copy(), rho.copy(), first[1].copy(), first[2].copy()
        self.offset = np.zeros(field.node.size)
        self.field = Field(field.node.copy(), field.inlet.copy(), field.outlet.copy(), field.mean.copy(), field.still.copy())

    def take(self, which: Bools, turn: int, first: First, field: Field, rest: tuple[Floats, Floats, Floats], pressure: Floats) -> None:
        """Keep the answers of some lanes; `rest` are the flows with rigid edges, what the water was weighed with, offsets."""
        self.good |= which
        self.passes[which], self.pressure[which] = turn, pressure[which]
        mine, its = self.field, field
        pairs = [(self.m, rest[0]), (self.rho, rest[1]), (self.offset, rest[2]), (self.p, first[1])]
        pairs += [(mine.node, its.node), (mine.inlet, its.inlet), (mine.outlet, its.outlet), (mine.mean, its.mean)]
        for old, new in pairs:
            old.reshape(-1, self.lanes)[:, which] = new.reshape(-1, self.lanes)[:, which]
        mine.still.reshape(-1, self.lanes)[:, which] = its.still.reshape(-1, self.lanes)[:, which]
        self.bound.reshape(-1, self.lanes)[:, which] = first[2].reshape(-1, self.lanes)[:, which]
