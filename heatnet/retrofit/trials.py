"""Sets of candidates that were simulated, each once: what programmes are searched in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from heatnet.retrofit.balanced import balanced
from heatnet.retrofit.candidate import clashes
from heatnet.retrofit.evaluation import Outcome, Progress, evaluate
from heatnet.retrofit.measures import Work
from heatnet.retrofit.pressure_guard import Limit, cold_state, violations
from heatnet.retrofit.study import Study, coldest

Chosen = frozenset[int]  # numbers of candidates


@dataclass(frozen=True)
class Trial:
    """A set of candidates, simulated together."""

    avoided: float  # K h household a season, -inf where there is no answer
    robbed: float  # households
    cold: float  # households below the limit in the coldest state


@dataclass
class Trials:
    """Memory of all sets tried on a study; prerequisites and exclusions are those of its candidates."""

    on: Study
    progress: Progress | None = None
    known: dict[Chosen, Trial] = field(default_factory=dict)
    broken: dict[Chosen, frozenset[Limit]] = field(default_factory=dict)  # limits of the pressure regime that a set breaks anew
    base_deficit: float = float("nan")

    def __post_init__(self) -> None:
        names = {one.id: at for at, one in enumerate(self.on.candidates)}
        self.costs = np.array([one.cost.capital for one in self.on.candidates])
        self.needs = [self._closure(at, names) for at in range(len(names))]
        mutual = clashes(self.on.candidates)
        self.excludes = [frozenset(names[other] for other in mutual[one.id] if other in names) for one in self.on.candidates]

    def of(self, sets: Iterable[Chosen]) -> list[Trial]:
        """Trials of these sets; those not known yet are simulated together."""
        asked = list(sets)
        fresh = [one for one in dict.fromkeys(asked) if one not in self.known]
        if fresh:
            found = evaluate(self.on.ground, [self.works(one) for one in fresh], self.progress)
            self._keep(fresh, found)
        return [self.known[one] for one in asked]

    def cost(self, chosen: Chosen) -> float:
        """Capital cost of a set."""
        return float(self.costs[sorted(chosen)].sum())

    def sound(self, chosen: Chosen) -> bool:
        """Whether no two exclude each other and nothing lacks what it requires."""
        return all(self.needs[at] <= chosen and not self.excludes[at] & chosen for at in chosen)

    def feasible(self, chosen: Chosen) -> bool:
        """Whether a tried set has an answer, robs no more homes than allowed, and breaks no limit of pressure that the baseline keeps."""
        if not np.isfinite(self.known[chosen].avoided) or self.known[chosen].robbed > self.on.choices.robbed:
            return False
        return not self.on.choices.checked or not self.breaks(chosen)

    def breaks(self, chosen: Chosen) -> frozenset[Limit]:
        """Limits of the pressure regime that a set breaks anew in the coldest weather."""
        if chosen and chosen not in self.broken:
            before = self.broken.setdefault(frozenset(), frozenset(violations(self.on.basis.state)))
            self.broken[chosen] = frozenset(violations(cold_state(self.on, self.works(chosen)))) - before
        return self.broken[chosen] if chosen else frozenset()

    def works(self, chosen: Chosen) -> list[Work]:
        """Works of a set, with the valves set anew after them where that is asked for."""
        return together(self.on, [self.on.candidates[at].work for at in sorted(chosen)])

    def _keep(self, sets: Sequence[Chosen], found: Outcome) -> None:
        self.base_deficit = found.base_deficit
        robbed = found.robbed(self.on.choices.fall)
        for row, one in enumerate(sets):
            avoided = float(found.season("deficit")[row])
            cold = float(found.figure("cold")[row, self.on.ground.coldest])
            self.known[one] = Trial(-np.inf if row in found.failed else avoided, float(robbed[row]), cold)

    def _closure(self, at: int, names: dict[str, int]) -> Chosen:
        """A candidate with all that it requires, and what that requires."""
        found, stack = {at}, [at]
        while stack:
            for name in self.on.candidates[stack.pop()].requires:
                if names[name] not in found:
                    found.add(names[name])
                    stack.append(names[name])
        return frozenset(found)


def together(on: Study, works: list[Work]) -> list[Work]:
    """Works of one set; where a study balances again, with the valve settings that follow from all of them."""
    if not works or not on.choices.rebalanced:
        return works
    net = reduce(lambda net, work: net.apply(work.scenario), works, on.ground.arrays.net)
    return [*works, Work(balanced(coldest(net, on.ground.states), on.ground.settings), (), "")]
