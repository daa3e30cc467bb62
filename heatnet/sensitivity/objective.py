"""What gradients are of: the weighted deficit of all rooms, J = h sum_i w_i max(0, T_required - T_i)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.arrays import Arrays
from heatnet.network import Building
from heatnet.profile import Profile, profile
from heatnet.schema import Floats


@dataclass(frozen=True)
class Deficit:
    """Kelvin below the required temperature times households; its slope at the limit itself is that of the warm side, zero."""

    required: float  # K
    weight: Floats  # (buildings,) households

    @staticmethod
    def of(arrays: Arrays, rule: Profile | str | None = None) -> Deficit:
        """Deficit of the households of a network under a regulation profile, the site's own if none is named."""
        rule = rule if isinstance(rule, Profile) else profile(rule or arrays.net.site.profile)
        return Deficit(rule.required, arrays.net[Building].households)

    def value(self, room: Floats) -> float:
        """Deficit [K household] of rooms [K], (buildings,)."""
        return float(self.weight @ np.maximum(self.required - room, 0.0))

    def slope(self, room: Floats) -> Floats:
        """Its derivative by each room [household], (buildings,)."""
        return np.where(room < self.required, -self.weight, 0.0)
