"""Duration curves: values of the hours of a season in order, and the heat load of a state over a season by the climate of its place."""

from __future__ import annotations

import numpy as np

from heatnet.schema import Floats

POINTS = 400  # of a curve that is drawn


def curve(hours: Floats) -> tuple[list[float], list[float]]:
    """Days, and the value at or below which the hours of so many days are, at no more than some hundred points.

    >>> curve(np.arange(48.0)[::-1])[1][:2], curve(np.arange(48.0))[0][-1]
    ([0.0, 1.0], 2.0)
    """
    up = np.sort(hours)
    at = np.unique(np.linspace(0, up.size - 1, min(up.size, POINTS)).round().astype(int))
    return ((at + 1.0) / 24.0).tolist(), up[at].tolist()
