"""Sets of candidates that were simulated, each once: what programmes are searched in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np

from heatnet.retrofit.candidate import clashes
from heatnet.retrofit.evaluation import Outcome, Progress, evaluate
from heatnet.retrofit.study import Study

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
            found = evaluate(self.on.ground, [[self.on.candidates[at].work for at in sorted(one)] for one in fresh], self.progress)
            self._keep(fresh, found)
        return [self.known[one] for one in asked]

    def cost(self, chosen: Chosen) -> float:
        """Capital cost of a set."""
        return float(self.costs[sorted(chosen)].sum())

    def sound(self, chosen: Chosen) -> bool:
        """Whether no two exclude each other and nothing lacks what it requires."""
        return all(self.needs[at] <= chosen and not self.excludes[at] & chosen for at in chosen)

    def feasible(self, chosen: Chosen) -> bool:
        """Whether a tried set has an answer and robs no more homes than allowed."""
        return bool(np.isfinite(self.known[chosen].avoided)) and self.known[chosen].robbed <= self.on.choices.robbed

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
