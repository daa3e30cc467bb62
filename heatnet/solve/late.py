"""What becomes of states that passes between flows and temperatures bring to no rest, or only to a mean one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from heatnet.arrays import Arrays
from heatnet.network import Node
from heatnet.solve.certificate import left_over
from heatnet.solve.settings import AGREED, Status
from heatnet.solve.state import State
from heatnet.solve.task import edge_name


def holds(state: State) -> bool:
    """Whether the certificate holds but for weights, which are no excuse for edges that lie level."""
    height = state.arrays.net[Node].height
    level = left_over(state)[height[state.arrays.tail] == height[state.arrays.head]]
    return state.certificate.within(1.0 + state.residuals.weight) and float(np.abs(level).max(initial=0.0)) <= 1.0


def named(state: State) -> State:
    """An answer with its weights that do not agree named for what they are."""
    off = state.residuals.weight
    if off <= AGREED:
        return state
    return replace(state, status=Status.MEAN_WEIGHT, detail=f"off by up to {off:.2g} Pa; {state.detail}")


def mean_weights(arrays: Arrays, edges: NDArray[np.integer[Any]]) -> str:
    """What a state says of edges that are weighed with a mean; nothing where there are none."""
    names = some([edge_name(arrays, int(edge)) for edge in edges])
    return f"where water turns with its own weight, the mean of that is used ({names})" if edges.size else ""


def some(names: object) -> str:
    """Names, of many the first."""
    listed = [str(name) for name in names]  # type: ignore[attr-defined]
    return ", ".join(listed[:8]) + (f" and {len(listed) - 8} more" if len(listed) > 8 else "")


def better(state: State) -> State:
    """What all unknowns together lead to where passes did not settle; the state itself where nothing is needed or found.

    That is the steady state, if it is searched for, or, where passes led to no answer at all, one with weights as they were last.
    """
    if state.status is not Status.MAX_PASSES and not (state.status is Status.MEAN_WEIGHT and state.settings.search):
        return state
    from heatnet.solve.together import together  # noqa: PLC0415  for the few that do not settle

    return together(state) or state
