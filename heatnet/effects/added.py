"""Scenarios that add pipes: the network with the pipes of a block of them, shut in all but their own scenario.

One elimination order serves the block. It is found anew for each, which costs as much as a few solves, still far less than to do so for
every scenario.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from heatnet.arrays import compile
from heatnet.change import Scenario
from heatnet.components import Pipe
from heatnet.effects.lane_flow import OPEN
from heatnet.effects.lanes import Lanes
from heatnet.effects.variation import Variation, Ways
from heatnet.solve import Solver


def takes(scenario: Scenario) -> bool:
    """Whether a scenario adds pipes only, with a loss, and changes none of them."""
    own = {name for table in scenario.added for name in table.id}
    return bool(scenario.added) and all(
        isinstance(table, Pipe) and not table.rigid().any() and not table.closed().any() for table in scenario.added
    ) and not any(change.ids is None or own & set(change.ids) for change in scenario.changes)


def extended(lanes: Lanes, scenarios: Sequence[Scenario]) -> tuple[Lanes, list[Variation | None]] | None:
    """Lanes of the network with the pipes of all these scenarios, and what each changes there; None where that has no answer."""
    solver = lanes.given.solver
    shut, owner = [], []
    for at, scenario in enumerate(scenarios):
        for table in scenario.added:
            assert isinstance(table, Pipe)
            shut.append(table.with_(id=np.array([f"{at} {name}" for name in table.id], dtype=object), service=0.0))
            owner += [at] * len(table)
    first = len(solver.arrays.net[Pipe])
    arrays = compile(solver.arrays.net.apply(Scenario("", (), tuple(shut))), checked=True)
    with_all = Solver.of(arrays, solver.settings)
    state = with_all.solve(throw=False)
    wide = Lanes.of(with_all, state, lanes.homes, lanes.rooms) if state.converged else None
    if wide is None:
        return None
    ways = Ways.of(with_all)
    place = arrays.program.place[arrays.part(Pipe).span]
    changed: list[Variation | None] = []
    for at, scenario in enumerate(scenarios):
        changes = Scenario(scenario.name, scenario.changes)
        if not ways.simple(changes):
            changed.append(None)
            continue
        same = ways.quick([changes])[0]
        link = place[first + np.flatnonzero(np.array(owner) == at)]
        opened = wide.given.numbers[:, link].copy()
        opened[OPEN] = 1.0
        changed.append(Variation(
            np.concatenate([same.link, link]), np.concatenate([same.numbers, opened], axis=1), same.home, same.homes, same.supply
        ))
    return wide, changed
