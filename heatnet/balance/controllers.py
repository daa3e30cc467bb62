"""Inlets behind a differential-pressure controller: the controller takes what is left above its set value, the valve of the inlet the rest.

Given flows are found without the controllers. What an inlet has to take beyond its open state is then shared out: as much of it as the
set value says falls at the valve, K = dp/m2, the rest at the controller. The set value itself is turned only where it cannot be held:
raised to the loss of the open inlet where it is below it, lowered to what is there where the difference at hand is short of it.
"""

from __future__ import annotations

import numpy as np

from heatnet.arrays import Arrays
from heatnet.balance.places import Places
from heatnet.balance.posed import Posed
from heatnet.change import Change, Scenario
from heatnet.components import Consumer
from heatnet.components.valve import resistance
from heatnet.schema import Bools, Floats

SAME = 1e-4  # relative change of a set value below which it is left as it is


def controlled(arrays: Arrays, places: Places) -> Bools:
    """Inlets that may be set and have a controller in front, (consumers,)."""
    return np.asarray(places.inlets & ~np.isnan(arrays.net[Consumer].difference))


def without(arrays: Arrays, places: Places) -> Arrays:
    """The network with these controllers fully open, as the problem with given flows takes them."""
    consumer, here = arrays.net[Consumer], controlled(arrays, places)
    if not here.any():
        return arrays
    ids = tuple(str(name) for name in consumer.id[here])
    changes = (Change("consumer", "difference", float("nan"), ids), Change("consumer", "controller_least", 0.0, ids))
    return arrays.with_changes(Scenario("", changes), checked=True)


def shared_out(arrays: Arrays, posed: Posed, places: Places, k: Floats, m: Floats) -> tuple[Floats, Floats]:
    """K [Pa s2/kg2] of each inlet without its controller, and the set value [Pa] of each controller, both (consumers,).

    k: of inlet and controller together; m: flow aimed for [kg/s], NaN where none is.
    """
    consumer = arrays.net[Consumer]
    here, rho = controlled(arrays, places), posed.state.fluid(Consumer).rho
    set_value = consumer.difference
    if not here.any():
        return k, set_value
    at_open = np.where(np.isnan(consumer.controller_kvs), 0.0, resistance(consumer.controller_kvs, rho))
    inlet = resistance(consumer.kvs, rho)
    with np.errstate(invalid="ignore", divide="ignore"):
        left = np.maximum(k - at_open, inlet) * m**2  # for valve and set value, the controller fully open
        held = np.maximum(np.minimum(set_value, left), inlet * m**2)
        takes = np.where(consumer.controller_least > 0.0, at_open / consumer.controller_least**2, np.inf)
        alone = np.maximum(held / m**2, k - takes)  # at its smallest opening a controller leaves the rest to the valve
        turned = here & ~np.isnan(m) & (np.abs(held / set_value - 1.0) > SAME)
    return np.where(here & ~np.isnan(m), alone, k), np.where(turned, held, set_value)
