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
from heatnet.schema import Bools, Floats

FIRST, FACTOR = 0.9, 1.4  # the first lift tried over the least margin missed, and each over the one before
TRIES = 40
SLIGHT = 1e-3  # Pa


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


def _margins(asked: Asked, fit: Fit, wanted: Floats, setting: turn.Knobs) -> Floats:
    found = asked.solve(asked.pose(setting, fit.state), wanted, ~asked.beyond)
    return asked.margins(found)[0]
