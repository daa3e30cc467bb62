"""Ranking: every candidate simulated alone on the baseline, and put in the order of a criterion.

    cost_per_avoided   annual cost / avoided deficit; works that pay for themselves come first, of these the one that avoids most
    avoided            avoided deficit of a season [K h household]
    lifted_per_cost    households lifted above the limit in the coldest state per million of cost
    npv                net present value
    robust             share of the deficit taken away in that weather state where it is least

Guards hold a candidate back, whatever its criterion: no answer, nothing avoided, more households robbed than allowed, a limit of the
pressure regime broken that the baseline keeps. Held back, they follow all others. What differs by less than TIE is a tie:
equal rank, the cheaper one first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from heatnet.network import Building
from heatnet.retrofit.balanced import balanced
from heatnet.retrofit.candidate import Candidate
from heatnet.retrofit.economics import Money, money
from heatnet.retrofit.evaluation import Outcome, Progress, evaluate
from heatnet.retrofit.pressure_guard import cold_state, violations
from heatnet.retrofit.study import CRITERIA, Study, coldest
from heatnet.schema import Bools, Floats, Ints

if TYPE_CHECKING:
    import pandas as pd

TIE = 1e-3  # relative
LEAST = 1e-6  # share of the deficit of the baseline below which nothing is avoided
MILLION = 1e6
SELF_PAYING = 1e12  # puts works that cost nothing a year before all others
NAMED = 5  # broken limits named
OK, UNSOLVED, NOTHING, ROBS, PRESSURE = "ok", "unsolved", "nothing", "robs", "pressure"  # keys of words


@dataclass(frozen=True)
class Ranking:
    """Candidates with their effects, in the order of the study; `order` is that of the criterion."""

    study: Study
    outcome: Outcome
    money: Money
    guard: tuple[str, ...]  # of each candidate: OK, or why it is held back
    broken: tuple[str, ...]  # limits of the pressure regime that it breaks anew; "-" where that was not looked at
    rank: Ints  # (candidates,) from 1, equal for ties
    order: Ints  # candidates by rank

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """The candidates."""
        return self.study.candidates

    @property
    def avoided(self) -> Floats:
        """Avoided deficit of a season [K h household], (candidates,)."""
        return self.outcome.season("deficit")

    @property
    def lifted(self) -> Floats:
        """Households lifted above the limit in the coldest state, (candidates,)."""
        return np.asarray(self.outcome.figure("lifted")[:, self.outcome.ground.coldest])

    @property
    def robbed(self) -> Floats:
        """Households pushed below the limit, in the worst state, (candidates,)."""
        return self.outcome.robbed(self.study.choices.fall)

    @cached_property
    def homes(self) -> Floats:
        """Deficit of a season that each candidate takes from each building [K h household], (candidates, buildings)."""
        return self.outcome.homes()

    def best_for(self, buildings: list[str]) -> list[str]:
        """Ids of candidates by the deficit they take from these buildings, most first; ties by cost."""
        names = {name: at for at, name in enumerate(self.outcome.ground.arrays.net[Building].id)}
        value = self.homes[:, [names[one] for one in buildings]].sum(axis=1)
        order = np.lexsort((self.money.capital, -np.round(value, 6)))
        return [self.candidates[at].id for at in order if value[at] > 0.0]

    def frame(self) -> pd.DataFrame:
        """The ranking as a table, units in the header."""
        from heatnet.retrofit.tables import ranking_frame  # noqa: PLC0415  loads pandas

        return ranking_frame(self)


def rank(on: Study, progress: Progress | None = None) -> Ranking:
    """Rank the candidates of a study; HeatnetError if there are none that could be ranked."""
    candidates = _rebalanced(on) if on.choices.rebalanced else on.candidates
    on = replace(on, candidates=candidates)
    outcome = evaluate(on.ground, [[one.work] for one in candidates], progress)
    found = money(outcome, [one.cost for one in candidates], on.choices.tariff)
    guard = _guards(on, outcome)
    value = criterion_values(on.choices.criterion, outcome, found)
    order, _ = ranked(value, np.array([one == OK for one in guard], dtype=bool), found.capital)
    broken = ["-"] * len(candidates)
    before = violations(cold_state(on, ()))
    for at in order[: on.choices.checked].tolist():
        if guard[at] in (UNSOLVED, NOTHING):
            continue
        new = violations(cold_state(on, (candidates[at].work,))) - before
        told = [f"{rule}: {table} {name}" for rule, table, name in sorted(new)]
        broken[at] = "; ".join(told[:NAMED]) + (f" +{len(told) - NAMED}" if len(told) > NAMED else "")
        if new and guard[at] == OK:
            guard[at] = PRESSURE
    order, ranks = ranked(value, np.array([one == OK for one in guard], dtype=bool), found.capital)
    return Ranking(on, outcome, found, tuple(guard), tuple(broken), ranks, order)


def criterion_values(criterion: str, outcome: Outcome, of: Money) -> Floats:
    """What is ranked by, larger is better, (candidates,)."""
    avoided = outcome.season("deficit")
    if criterion == "avoided":
        return avoided
    if criterion == "npv":
        return of.npv
    if criterion == "robust":
        return robustness(outcome)
    if criterion == "lifted_per_cost":
        lifted = outcome.figure("lifted")[:, outcome.ground.coldest]
        return np.asarray(lifted * MILLION / np.maximum(of.capital, 1.0))
    if criterion != "cost_per_avoided":
        raise ValueError(f"no criterion '{criterion}'; known: {', '.join(CRITERIA)}")
    with np.errstate(divide="ignore", invalid="ignore"):
        dear = avoided / of.annual  # the reciprocal of the cost per avoided deficit: bounded, larger is better
    return np.where(of.annual > 0.0, dear, SELF_PAYING * (1.0 + avoided))


def robustness(outcome: Outcome) -> Floats:
    """Share of the deficit taken away in that state where it is least, among states with a deficit, (sets,)."""
    before = outcome.before("deficit")
    some = before > LEAST * max(float(before.max(initial=0.0)), 1e-9)
    if not some.any():
        return np.zeros(outcome.values.shape[1])
    return np.asarray((1.0 - outcome.figure("deficit")[:, some] / before[some]).min(axis=1))


def ranked(value: Floats, good: Bools, cost: Floats) -> tuple[Ints, Ints]:
    """Order of candidates, those that are `good` first, and the rank of each; within TIE of each other they are equal, cheaper first.

    >>> ranked(np.array([1.0, 3.0, 3.001, 9.0]), np.array([True, True, True, False]), np.array([1.0, 1.0, 2.0, 1.0]))
    (array([1, 2, 0, 3], dtype=int32), array([3, 1, 1, 4], dtype=int32))
    """
    plain = np.lexsort((cost, -np.where(np.isnan(value), -np.inf, value), ~good))
    ranks, group = np.zeros(value.size, dtype=np.int32), np.zeros(value.size, dtype=np.int32)
    first, place = -1, 0
    for place, at in enumerate(plain.tolist()):
        near = first >= 0 and good[at] == good[first] and abs(value[at] - value[first]) <= TIE * max(abs(value[first]), 1e-12)
        if not near:
            first, number = at, place + 1
        ranks[at], group[at] = number, number
    order = np.lexsort((np.arange(value.size), cost, group))
    return order.astype(np.int32), ranks


def _guards(on: Study, outcome: Outcome) -> list[str]:
    avoided, robbed = outcome.season("deficit"), outcome.robbed(on.choices.fall)
    found = []
    for at in range(avoided.size):
        if at in outcome.failed:
            found.append(UNSOLVED)
        elif robbed[at] > on.choices.robbed:
            found.append(ROBS)
        else:
            found.append(NOTHING if avoided[at] <= LEAST * outcome.base_deficit else OK)
    return found


def _rebalanced(on: Study) -> tuple[Candidate, ...]:
    """Candidates with the valves set anew after each."""
    done = []
    for one in on.candidates:
        net = coldest(on.ground.arrays.net.apply(one.scenario), on.ground.states)
        scenario = one.scenario + balanced(net, on.ground.settings)
        done.append(replace(one, work=replace(one.work, scenario=replace(scenario, name=one.id))))
    return tuple(done)
