"""Who does not get the flow aimed for although no pressure is missing.

Settings are found with given flows and checked by a full solve. Where the two disagree (a branch that the settings leave still, heat
that does not arrive, an inlet that cannot be set) the consumers are named, so that a network never passes for balanced because no
pressure is missing.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.balance.fit import Fit
from heatnet.balance.places import Places
from heatnet.balance.rounding import Positions
from heatnet.balance.targets import Aim
from heatnet.components import Consumer
from heatnet.schema import Floats


@dataclass(frozen=True)
class Missed:
    """A consumer off target by more than the tolerance, with no pressure missing."""

    consumer: str
    flow_ratio: float  # - flow with the settings over what is aimed for
    settable: bool  # whether a valve of it may be set


def missed(aim: Aim, fit: Fit, places: Places, positions: Positions | None) -> tuple[Missed, ...]:
    """Consumers off target that pressure suffices for, the worst first.

    The tolerance is `Rules.keeps`, or step and tolerance of the valve where positions are set (the largest of these for who has none). A
    consumer that regulates itself is off target only where it gets less.
    """
    state = fit.state
    wanted = aim.flows(state, np.append(fit.share, 1.0)[places.part])
    with np.errstate(invalid="ignore"):
        x = state.m[state.of(Consumer)] / wanted
        off = np.log(np.maximum(x, 1e-12))
        off[places.steady] = np.minimum(off[places.steady], 0.0)
        here = (np.abs(off) > _tolerance(aim, x.size, positions)) & ~fit.short
    rows = np.flatnonzero(here)
    rows = rows[np.argsort(-np.abs(off[rows]), kind="stable")]
    ids = state.arrays.net[Consumer].id
    return tuple(Missed(str(ids[row]), float(x[row]), bool(places.inlets[row])) for row in rows.tolist())


def _tolerance(aim: Aim, consumers: int, positions: Positions | None) -> Floats:
    """Deviation of ln x that is no fault, (consumers,)."""
    result = np.full(consumers, aim.rules.keeps)
    if positions is not None and positions.inlet.size:
        step = positions.inlets.step(positions.inlet) + positions.inlets.tolerance(positions.inlet)
        result[:] = max(float(step.max()), aim.rules.keeps)
        result[positions.inlets.row] = np.maximum(step, aim.rules.keeps)
    return result
