"""Candidate: a work that may be done, as a scenario with a price and a place in a programme."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from heatnet.change import Change, Scenario
from heatnet.retrofit.measures import Basis, Measure, Work
from heatnet.retrofit.prices import Cost, Prices, recovery

STATES = ("planned", "construction", "done")


@dataclass(frozen=True)
class Given:
    """What a case says of the cost, in place of the price table; NaN where it does not."""

    capital: float = float("nan")
    upkeep: float = float("nan")  # per year
    life: float = 20.0  # a


@dataclass(frozen=True)
class Candidate:
    """A measure somewhere; `work` is worked out on the network that it is ranked against."""

    id: str
    measure: Measure
    work: Work
    cost: Cost
    name: str = ""
    reason: str = ""  # why it was proposed, in English; "" if it stands in the case file
    reason_zh: str = ""
    excludes: tuple[str, ...] = ()
    requires: tuple[str, ...] = ()
    state: str = "planned"
    start: date | None = None
    finish: date | None = None
    given: Given = Given()

    @property
    def key(self) -> str:
        """Name of the measure."""
        return self.measure.key

    @property
    def scenario(self) -> Scenario:
        """What it changes and adds."""
        return self.work.scenario

    def on(self, basis: Basis) -> Candidate:
        """The same work on another network, such as one with other roughness."""
        return replace(self, work=self.measure.work(basis, self.id))


def priced(work: Work, prices: Prices, given: Given) -> Cost:
    """Cost of a work by the table, or as given."""
    cost = prices.cost(work.bill)
    if not np.isnan(given.capital):
        cost = Cost(given.capital, cost.upkeep if given.capital else 0.0, recovery(prices.interest, given.life) * given.capital)
    return cost if np.isnan(given.upkeep) else replace(cost, upkeep=given.upkeep)


def cells(scenario: Scenario) -> dict[tuple[str, str, str], object]:
    """Every value that a scenario sets, by table, column and row ("*" for all)."""
    found: dict[tuple[str, str, str], object] = {}
    for change in scenario.changes:
        found |= _cells(change)
    return found


def _cells(change: Change) -> dict[tuple[str, str, str], object]:
    names = change.ids if change.ids is not None else ("*",)
    values = np.broadcast_to(np.asarray(change.values, dtype=object), (len(names),))
    return {(change.kind, change.column, name): value for name, value in zip(names, values, strict=True)}


def clashes(candidates: tuple[Candidate, ...]) -> dict[str, frozenset[str]]:
    """Ids that each candidate excludes: as it says, as others say of it, and where both set one value to different ones."""
    found: dict[str, set[str]] = {one.id: set(one.excludes) for one in candidates}
    for one in candidates:
        for other in one.excludes:
            found.setdefault(other, set()).add(one.id)
    by_cell: dict[tuple[str, str, str], list[tuple[str, object]]] = {}
    for one in candidates:
        for cell, value in cells(one.scenario).items():
            for other, there in by_cell.setdefault(cell, []):
                if value != there:
                    found[one.id].add(other)
                    found[other].add(one.id)
            by_cell[cell].append((one.id, value))
    return {name: frozenset(others) for name, others in found.items()}
