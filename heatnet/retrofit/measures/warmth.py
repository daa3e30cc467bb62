"""Supply temperature of a new plant."""

from __future__ import annotations

from math import isnan

import numpy as np

from heatnet.components import Plant
from heatnet.retrofit.measures.measure import Basis


def warmth(basis: Basis, temperature: float) -> dict[str, object]:
    """Supply temperature of a new plant: as given, else the curve or temperature of the first plant."""
    plant = basis.net[Plant]
    if not isnan(temperature):
        return {"supply_temperature": [temperature]}
    if not len(plant):
        raise ValueError("no plant has a curve to follow: give supply_temperature")
    if plant.curve[0]:
        return {"curve": [str(plant.curve[0])], "curve_shift": plant.curve_shift[:1]}
    return {"supply_temperature": np.asarray(plant.supply_temperature[:1])}
