"""The pressure regime as a guard: which limits works break in the coldest weather."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from heatnet.arrays import compile
from heatnet.change import Scenario
from heatnet.regime import Regime, regime
from heatnet.retrofit.measures import Work
from heatnet.retrofit.study import Study, coldest
from heatnet.solve import Solver, State

Limit = tuple[str, str, str]  # rule, table and id


def cold_state(on: Study, works: Sequence[Work]) -> State:
    """Coldest state of the baseline with some works."""
    start = on.basis.state
    if any(work.scenario.added for work in works):
        net = reduce(lambda net, work: net.apply(work.scenario), works, on.ground.arrays.net)
        return Solver.of(compile(coldest(net, on.ground.states), checked=True), on.ground.settings).solve(throw=False)
    changes = Scenario("", tuple(change for work in works for change in work.scenario.changes))
    arrays = start.arrays.with_changes(changes, checked=True)
    return Solver.of(arrays, on.ground.settings).solve(start=start, throw=False)


def violations(state: State) -> set[Limit]:
    """Rule, table and id of every broken limit of the pressure regime; none where there is no answer."""
    if not state.converged:
        return set()
    found: Regime = regime(state)
    frame = found.frame()
    return set(zip(frame["rule"].astype(str), frame["table"].astype(str), frame["id"].astype(str), strict=True))
