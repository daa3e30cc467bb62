"""Pipes that measures lay: sizes, changes, the bill."""

from __future__ import annotations

import numpy as np

from heatnet.change import Change
from heatnet.components import Pipe
from heatnet.network import Node
from heatnet.pipe_catalogue import PipeType
from heatnet.retrofit.measures.measure import NEW, Item, rows, setting, sizes
from heatnet.schema import Longs


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
