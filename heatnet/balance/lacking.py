"""By how much the lift is too low for those that are short of pressure.

With all flows given a margin moves one for one with the lift, so what is missing at the inlet is missing at the plant. Where some take
what they get a part of each rise is lost on them: lifts are tried, each larger than the last, and the rise at which a margin comes to
zero is read between two of them.
"""

from __future__ import annotations

import numpy as np

from heatnet.balance import knobs as turn
from heatnet.balance.asked import Asked
from heatnet.balance.fit import Fit
from heatnet.components import Consumer
from heatnet.schema import Bools, Floats
from heatnet.solve.hydraulic import UPPER

FIRST, FACTOR = 0.9, 1.4  # the first lift tried over the least margin missed, and each over the one before
TRIES = 40
SLIGHT = 1e-3  # Pa
CLOSE = 0.01  # share of a lift found by halving that it may be off


def lacking(asked: Asked, fit: Fit, wanted: Floats, short: Bools) -> Floats:
    """Rise of the lift of its part [Pa] at which each consumer of `short` gets its full flow, NaN where none does.

    Zero for others; all (consumers,). All plants of a part move together, valves are set anew, branch valves are open.
    """
    places = asked.places
    setting = fit.knobs.opened(places, branches=True)
    rise = np.zeros(places.count)
    margin = _margins(asked, fit, wanted, setting)
    here = short & (margin < 0.0)
    result = np.where(here, -margin, 0.0)
    yields = np.zeros(places.count + 1, dtype=bool)
    yields[places.part[places.loose | asked.beyond]] = True
    moved = np.zeros(places.count + 1, dtype=bool)
    moved[places.lift_part] = True
    left = here & yields[places.part]
    result[left] = np.nan
    left &= moved[places.part]
    at, was = np.zeros(places.count), margin
    for _ in range(TRIES):
        if not left.any():
            break
        lowest = np.full(places.count, np.inf)
        np.minimum.at(lowest, places.part[left], -was[left])
        first = np.where(np.isfinite(lowest), np.maximum(FIRST * lowest, SLIGHT), 0.0)
        rise = np.where(at > 0.0, FACTOR * at, first)
        now = _margins(asked, fit, wanted, turn.raised(setting, places, rise))
        served = left & (now >= 0.0)
        low, high = at[places.part], rise[places.part]
        with np.errstate(divide="ignore", invalid="ignore"):
            result = np.where(served, low + (high - low) * was / (was - now), result)
        left &= ~served
        at, was = rise, now
        if (fit.knobs.lift[places.lifts] + rise[places.lift_part]).max(initial=0.0) > asked.largest:
            break
    return result


def at_last(asked: Asked, fit: Fit, wanted: Floats, missing: Floats) -> tuple[Floats, Floats]:
    """What is missing, with a number for those that the largest lift serves after all, and flows at that lift [kg/s] (edges,).

    Their lift is found by halving, in the problem where all get at most what they want.
    """
    state, result = fit.state, missing.copy()
    flood = asked.at_largest(fit.knobs, state, wanted)
    span, setting = state.of(Consumer), fit.knobs.opened(asked.places, branches=True)
    for row in np.flatnonzero(np.isnan(missing) & (flood.flows.bound[span] == UPPER)).tolist():
        lift = fit.knobs.lift[asked.places.lifts[asked.places.lift_part == asked.places.part[row]]]
        low, high = 0.0, asked.largest - float(lift.max()) if lift.size else 0.0
        while high - low > CLOSE * high + 1.0:
            middle, rise = 0.5 * (low + high), np.zeros(asked.places.count)
            rise[asked.places.part[row]] = middle
            found = asked.bounded(turn.raised(setting, asked.places, rise), state, wanted)
            low, high = (low, middle) if found.flows.bound[span][row] == UPPER else (middle, high)
        result[row] = high if high > 0.0 else np.nan
    return result, flood.m


def _margins(asked: Asked, fit: Fit, wanted: Floats, setting: turn.Knobs) -> Floats:
    found = asked.solve(asked.pose(setting, fit.state), wanted, ~asked.beyond)
    return asked.margins(found)[0]
