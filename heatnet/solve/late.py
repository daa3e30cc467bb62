"""What becomes of states that passes between flows and temperatures bring to no rest, or only to a mean one."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from heatnet.network import Node
from heatnet.solve.settings import AGREED, Status
from heatnet.solve.state import State


def holds(state: State) -> bool:
    """Whether the certificate holds but for weights, which are no excuse for edges that lie level."""
    from heatnet.solve.certificate import left_over  # noqa: PLC0415  for late passes

    height = state.arrays.net[Node].height
    level = left_over(state)[height[state.arrays.tail] == height[state.arrays.head]]
    return state.certificate.within(1.0 + state.residuals.weight) and float(np.abs(level).max(initial=0.0)) <= 1.0


def named(state: State) -> State:
    """An answer with its weights that do not agree named for what they are."""
    off = state.residuals.weight
    if off <= AGREED:
        return state
    return replace(state, status=Status.MEAN_WEIGHT, detail=f"off by up to {off:.2g} Pa; {state.detail}")


def better(state: State) -> State:
    """The steady state that all unknowns together lead to where passes did not settle; the state itself where none is needed or found."""
    if state.status not in (Status.MEAN_WEIGHT, Status.MAX_PASSES):
        return state
    from heatnet.solve.together import together  # noqa: PLC0415  for the few that do not settle

    return together(state) or state
