"""The lift at which the least margin of a part is zero, where some consumers take what they get.

With all flows given a margin moves one for one with the lift, and one step ends there. Where some take what they get, a rise loads the
mains the more and only a part of it reaches the index circuit, at times next to nothing. So lifts found too small and too large are
kept: between them by regula falsi, kept off both ends (Dowell & Jarratt 1971, BIT 11, 168-174, is the usual safeguard; a fixed one is
enough here), outside by secants of growing length.
"""

from __future__ import annotations

GROWTH = 10.0  # by which a step without a bracket is longer than the last one, at most
EDGE = 0.05  # share of the bracket that a step keeps off its ends
SLIGHT = 1e-9  # Pa, two lifts that tell no slope


class LiftSearch:
    """What was tried of each part: lift over that of the first try [Pa] and least margin there [Pa]."""

    def __init__(self) -> None:
        self.tried: dict[int, list[tuple[float, float]]] = {}

    def forget(self) -> None:
        """What was tried, because something else has changed."""
        self.tried.clear()

    def rise(self, part: int, at: float, margin: float) -> float:
        """How much to rise next [Pa] from a lift `at` with a least margin of `margin`."""
        tried = self.tried.setdefault(part, [])
        tried.append((at, margin))
        low = max((one for one in tried if one[1] < 0.0), default=None)
        high = min((one for one in tried if one[1] >= 0.0), default=None)
        if low is not None and high is not None and low[0] < high[0]:
            wide = high[0] - low[0]
            there = low[0] - low[1] * wide / (high[1] - low[1])
            if len(tried) % 4 == 0:
                there = low[0] + 0.5 * wide
            return min(max(there, low[0] + EDGE * wide), high[0] - EDGE * wide) - at
        if len(tried) < 2:
            return -margin
        (before, was), (now, here) = tried[-2:]
        step = now - before
        slope = (here - was) / step if abs(step) > SLIGHT else 1.0
        longest = max(GROWTH * abs(step), abs(margin))
        wanted = -margin / slope if slope > 0.0 else -longest if margin > 0.0 else longest
        return min(max(wanted, -longest), longest)
