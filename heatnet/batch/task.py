"""What a worker does: a block of scenarios, or some days of a season. Everything it needs is in `Task`, sent once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from heatnet.arrays import Arrays, compile
from heatnet.batch.hours import Place, only_weather, weather_of
from heatnet.batch.keep import find, rows, tallies, values
from heatnet.batch.plan import Plan
from heatnet.batch.season import walk
from heatnet.case import Case
from heatnet.change import Scenario
from heatnet.profile import Profile
from heatnet.schema import Floats
from heatnet.solve import Settings, State


@dataclass(frozen=True)
class Job:
    """A block: scenarios `first` up to `last`; for a season one scenario, its block of hours and the rooms it begins with."""

    block: int
    first: int
    last: int
    hours: int = 0  # block of hours
    carry: Floats | None = None  # (nodes, buildings) K, at the begin of the hours; steady where None

    @property
    def scenarios(self) -> range:
        """Numbers of the scenarios."""
        return range(self.first, self.last)


@dataclass(frozen=True)
class Done:
    """What came of a block, as plain arrays and words."""

    job: Job
    about: tuple[dict[str, Any], ...]  # of each scenario: status, detail, steps, passes, residuals
    each: dict[str, Any]  # quantity -> (scenarios or hours, rows)
    tally: dict[str, Any] = field(default_factory=dict)  # "quantity/part" -> array
    homes: dict[str, Any] = field(default_factory=dict)  # of a season, by building
    carry: Floats | None = None  # rooms at the end of the hours


@dataclass(frozen=True)
class Task:
    """The network compiled, what to run on it, and the state from which solves begin."""

    place: Place
    settings: Settings
    profile: Profile
    plan: Plan
    start: State | None

    @staticmethod
    def of(case: Case) -> Task:
        """Task of a case; its base state is solved so that every scenario begins from the same one."""
        place = Place.of(compile(case.net, checked=True), case.settings)
        start = place.solver.solve(throw=False) if case.plan.season is None else None
        plan = case.plan
        return Task(place, case.settings, case.profile, plan, start if start is not None and start.converged else None)

    def __call__(self, job: Job) -> Done:
        """The results of a job."""
        if self.plan.season is not None:
            return self._season(job)
        net, keep = self.place.arrays.net, self.plan.keep
        counted = tallies(keep, net, self.profile)
        about, kept = [], {name: [] for name in keep.each}  # type: dict[str, Any], dict[str, list[Any]]
        for state in self.states([self.plan.scenario(number, net) for number in job.scenarios]):
            good = state.converged
            found = values(state, keep.asked, self.profile) if good else {name: blank(name, rows(name, net)) for name in keep.asked}
            about.append(told(state))
            for name in keep.each:
                kept[name].append(found[name])
            for name, tally in counted.items():
                tally.add(found[name])
        return Done(job, tuple(about), {name: np.stack(rows_) for name, rows_ in kept.items()}, flat(counted))

    def states(self, scenarios: list[Scenario]) -> list[State]:
        """Steady states of scenarios; what is solved side by side is solved here."""
        return [self._state(scenario) for scenario in scenarios]

    def _state(self, scenario: Scenario) -> State:
        if only_weather(scenario):
            return self.place.solve(weather_of(self.place, scenario), self.start)
        return self._arrays(scenario).solver.solve(start=self.start, throw=False)

    def _arrays(self, scenario: Scenario) -> Place:
        arrays: Arrays = self.place.arrays.with_changes(scenario, checked=True)
        return Place.of(arrays, self.settings)

    def _season(self, job: Job) -> Done:
        season, net = self.plan.season, self.place.arrays.net
        assert season is not None
        scenario = self.plan.scenario(job.first, net)
        place = self._arrays(scenario) if scenario.changes else self.place
        counted = tallies(self.plan.keep, net, self.profile)
        day = walk(place, self.settings, self.profile, season, job.hours, job.carry, self.plan.keep, counted)
        return Done(job, (day.about,), day.each, flat(counted), day.homes, day.carry)


def told(state: State) -> dict[str, Any]:
    """What is kept of how a solve ended."""
    residuals = {f"residual_{name}": value for name, value in vars(state.residuals).items()}
    return {"status": state.status.name, "detail": state.detail, "steps": state.steps, "passes": state.passes, **residuals}


def blank(name: str, size: int) -> Any:
    """A quantity of which nothing is known."""
    kind = find(name).kind
    return np.full(size, "", dtype=object) if kind == "text" else np.full(size, np.nan if kind == "float" else -1)


def flat(counted: dict[str, Any]) -> dict[str, Any]:
    """Arrays of tallies by "quantity/part"."""
    return {f"{name}/{part}": array for name, tally in counted.items() for part, array in tally.data.items()}
