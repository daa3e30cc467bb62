"""A programme under a budget: the set of candidates that together avoid most, every set re-simulated.

Greedy by avoided deficit per cost with lazy re-evaluation (Minoux 1978; Leskovec et al. 2007, CELF): what a candidate adds to a set seldom
exceeds what it added to a smaller one, so only the best few of the last round are simulated anew. A candidate comes with what it
requires. Then exchange: one added, one or two taken out for one or two others, as long as that helps; last the best single
is compared. Effects are not additive (two reliefs of one street share it, two bottlenecks in a row need each other): nothing is
taken from sums but the order in which sets are tried.

Phases: the works of the programme year by year within yearly budgets, what is left carried over, the best per cost first.
Front: of all sets simulated on the way those that no cheaper set equals; the greedy order without a budget gives its spine.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations
from math import inf, isnan

import numpy as np

from heatnet.errors import HeatnetError
from heatnet.retrofit.evaluation import Progress
from heatnet.retrofit.study import Study
from heatnet.retrofit.trials import Chosen, Trials

BATCH = 6  # candidates simulated anew at a time in the greedy search
TRIED = 60  # exchanges simulated in a round, those of the best sum first
GAIN = 1e-6  # share of the deficit that counts as an improvement
EXACT = 12  # candidates up to which exchanges of two for two are tried, too


@dataclass(frozen=True)
class Phase:
    """Works of a year and what stands after it."""

    year: int  # from 1
    works: tuple[str, ...]
    cost: float
    deficit: float  # K h household a season, with all works up to this year
    cold: float  # households


@dataclass(frozen=True)
class Programme:
    """Works chosen under a budget."""

    study: Study
    budget: float
    works: tuple[str, ...]  # in the order in which they pay most
    cost: float
    base_deficit: float
    avoided: float
    cold: float  # households left below the limit in the coldest state
    robbed: float
    steps: tuple[tuple[float, float, float], ...]  # cost, deficit and cold households after each work in that order
    phases: tuple[Phase, ...]
    front: tuple[tuple[float, float, tuple[str, ...]], ...]  # cost, deficit and works of sets that no cheaper one equals
    tried: int  # sets simulated


def choose(on: Study, budget: float | None = None, progress: Progress | None = None) -> Programme:
    """The programme of a study; `budget` is that of its choices if none is given (NaN: that of the years, else none)."""
    if not on.candidates:
        raise HeatnetError("no candidates to choose from")
    yearly = on.choices.yearly
    limit = on.choices.budget if budget is None else budget
    if isnan(limit):
        limit = sum(yearly) if yearly else inf
    trials = Trials(on, progress)
    _greedy(trials, inf)  # the spine of the front
    best = _best(trials, limit)
    order = _ordered(trials, best)
    prefixes = [frozenset(order[: at + 1]) for at in range(len(order))]
    done = trials.of([frozenset(), *prefixes])
    steps = tuple(
        (trials.cost(one), trials.base_deficit - trial.avoided, trial.cold) for one, trial in zip(prefixes, done[1:], strict=True)
    )
    last, names = trials.known[best], [one.id for one in on.candidates]
    return Programme(
        on, limit, tuple(names[at] for at in order), trials.cost(best), trials.base_deficit, last.avoided, last.cold, last.robbed, steps,
        _phases(trials, order, yearly or ((limit,) if limit < inf else ())), _front(trials), len(trials.known),
    )


def _best(trials: Trials, limit: float) -> Chosen:
    """Greedy with exchange, against the best single."""
    trials.of([frozenset()])
    found = _exchanged(trials, _greedy(trials, limit), limit)
    singles = [need for need in trials.needs if trials.cost(need) <= limit and trials.sound(need)]
    trials.of(singles)
    single = max((one for one in singles if trials.feasible(one)), key=lambda one: trials.known[one].avoided, default=frozenset[int]())
    if _value(trials, single) > _value(trials, found):
        found = _exchanged(trials, single, limit)
    return found


def _greedy(trials: Trials, limit: float) -> Chosen:
    """Greedy by avoided deficit per cost."""
    chosen: Chosen = frozenset()
    trials.of([chosen])
    ratio, least = dict.fromkeys(range(len(trials.needs)), inf), GAIN * max(trials.base_deficit, 1.0)
    while True:
        open_ = [
            at for at in ratio if at not in chosen and trials.sound(chosen | trials.needs[at])
            and trials.cost(chosen | trials.needs[at]) <= limit
        ]
        fresh: set[int] = set()
        while stale := [at for at in sorted(open_, key=lambda at: -ratio[at])[:BATCH] if at not in fresh]:
            if fresh and max(ratio[at] for at in fresh) >= max(ratio[at] for at in stale):
                break
            trials.of([chosen | trials.needs[at] for at in stale])
            for at in stale:
                more = chosen | trials.needs[at]
                gain = trials.known[more].avoided - trials.known[chosen].avoided if trials.feasible(more) else -inf
                ratio[at] = gain / max(trials.cost(more) - trials.cost(chosen), 1.0) if gain > least else -inf
            fresh |= set(stale)
        best = max(fresh, key=lambda at: ratio[at], default=-1)
        if best < 0 or ratio[best] <= 0.0:
            return chosen
        chosen |= trials.needs[best]


def _exchanged(trials: Trials, chosen: Chosen, limit: float) -> Chosen:
    """Exchanges as long as they help."""
    least = GAIN * max(trials.base_deficit, 1.0)
    while True:
        near = sorted(set(_near(trials, chosen, limit)) - {chosen}, key=lambda one: (-_guess(trials, one), sorted(one)))[:TRIED]
        trials.of(near)
        better = max((one for one in near if trials.feasible(one)), key=lambda one: _value(trials, one), default=chosen)
        if _value(trials, better) <= _value(trials, chosen) + least:
            return chosen
        chosen = better


def _near(trials: Trials, chosen: Chosen, limit: float) -> Iterator[Chosen]:
    """Sound sets within the budget that one exchange leads to."""
    count = len(trials.needs)
    others = [at for at in range(count) if at not in chosen]
    most_in = 2
    for out in (0, 1, 2):
        for gone in combinations(sorted(chosen), out):
            left = frozenset(at for at in chosen if not trials.needs[at] & set(gone))
            for come in range(most_in + 1):
                if out == 2 and come == 2 and count > EXACT:
                    continue
                for new in combinations(others, come):
                    after = left.union(*(trials.needs[at] for at in new))
                    if trials.sound(after) and trials.cost(after) <= limit:
                        yield after


def _guess(trials: Trials, chosen: Chosen) -> float:
    """What a set may avoid: the sum over its members of what each avoids alone with what it requires."""
    return sum(max(trials.known[trials.needs[at]].avoided, 0.0) if trials.needs[at] in trials.known else inf for at in chosen)


def _value(trials: Trials, chosen: Chosen) -> float:
    return trials.known[chosen].avoided if trials.feasible(chosen) else -inf


def _ordered(trials: Trials, chosen: Chosen) -> list[int]:
    """Members in the order in which they pay most, what is required before what requires it."""
    done: Chosen = frozenset()
    order: list[int] = []
    while done != chosen:
        ready = [at for at in sorted(chosen - done) if trials.needs[at] - {at} <= done]
        found = trials.of([done | {at} for at in ready])
        worth = [(trial.avoided - trials.known[done].avoided) / max(trials.costs[at], 1.0) for at, trial in zip(ready, found, strict=True)]
        best = ready[int(np.argmax(worth))]
        order.append(best)
        done |= {best}
    return order


def _phases(trials: Trials, order: list[int], yearly: tuple[float, ...]) -> tuple[Phase, ...]:
    """Works by year; what no year can pay is left out of the phases."""
    left, done, phases, purse = list(order), set[int](), [], 0.0
    for year, budget in enumerate(yearly, 1):
        purse += budget
        now: list[int] = []
        for at in list(left):
            if trials.costs[at] <= purse and trials.needs[at] - {at} <= done:
                purse -= float(trials.costs[at])
                now.append(at)
                done.add(at)
                left.remove(at)
        (trial,) = trials.of([frozenset(done)])
        names = tuple(trials.on.candidates[at].id for at in now)
        phases.append(Phase(year, names, float(trials.costs[now].sum()), trials.base_deficit - trial.avoided, trial.cold))
    return tuple(phases)


def _front(trials: Trials) -> tuple[tuple[float, float, tuple[str, ...]], ...]:
    """Sets that no cheaper one equals, by cost."""
    points = sorted(
        ((trials.cost(one), trials.base_deficit - trial.avoided, tuple(trials.on.candidates[at].id for at in sorted(one)))
         for one, trial in trials.known.items() if trials.feasible(one) and trials.sound(one)),
    )
    front: list[tuple[float, float, tuple[str, ...]]] = []
    for point in points:
        if not front or point[1] < front[-1][1] - GAIN * max(trials.base_deficit, 1.0):
            front.append(point)
    return tuple(front)
