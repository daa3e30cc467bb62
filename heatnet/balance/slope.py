"""How much of a rise of the lift reaches the index circuit: the rest is lost in mains that consumers of given openings load the more."""

from __future__ import annotations

import numpy as np

from heatnet.schema import Floats

MOST_GAIN = 300.0  # by which a rise is lengthened at most
ENOUGH = 1.0  # Pa, a rise that tells a slope


class Slope:
    """Secants of the least margin of each part over its lift, (parts,)."""

    def __init__(self, parts: int) -> None:
        self.least: Floats = np.full(parts, np.nan)
        self.rise: Floats = np.zeros(parts)
        self.gain: Floats = np.ones(parts)

    def ahead(self, least: Floats) -> Floats:
        """The least margin [Pa] in terms of the lift that brings it to zero; as it is where no slope is known."""
        with np.errstate(invalid="ignore", divide="ignore"):
            slope = (least - self.least) / self.rise
            known = (np.abs(self.rise) > ENOUGH) & (slope > 0.0)
        self.gain[known] = np.clip(1.0 / slope[known], 0.5, MOST_GAIN)
        self.least = least.copy()
        return least * self.gain

    def risen(self, rise: Floats) -> Floats:
        """The same rise [Pa], remembered."""
        self.rise = rise.copy()
        return rise
