"""Check a network: every broken rule, not the first, with table, id, column, file and line. A new rule is one generator in RULES."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from heatnet.check.devices import buildings, classes, consumers, given_heat, plants, plausible, pumps, valves
from heatnet.check.exchangers import exchangers, zones
from heatnet.check.graph import contradictions, loose_ends, pressures, reach, wiring
from heatnet.check.model import Finding, Model
from heatnet.check.regulating import order_of_use, remote, sensed, set_values
from heatnet.check.tables import identities, ranges, references, surroundings
from heatnet.errors import Problem
from heatnet.network import Network

RULES: tuple[Callable[[Model], Iterator[Finding]], ...] = (
    surroundings, ranges, identities, references, loose_ends, pressures, contradictions, wiring, reach, valves, plants, pumps, consumers,
    given_heat, exchangers, zones, buildings, plausible, classes, set_values, sensed, remote, order_of_use,
)


def check(net: Network) -> tuple[Problem, ...]:
    """All problems of a network in the order of tables and rows; those marked as warnings do not keep it from being solved."""
    model = Model(net)
    with np.errstate(all="ignore"):  # values out of range are reported as such, not by what they lead to
        found = [finding for rule in RULES for finding in rule(model)]
    found.sort(key=lambda finding: finding[:2])
    return tuple(problem for _, _, problem in found)
