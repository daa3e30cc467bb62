"""What a worker does: a block of scenarios, or some days of a season. Everything it needs is in `Task`, sent once."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from heatnet.arrays import Arrays, compile
from heatnet.batch.hours import Place, only_weather, weather_of
from heatnet.batch.keep import Tally, find, rows, tallies, values
from heatnet.batch.plan import Plan
from heatnet.batch.season import walk
from heatnet.case import Case
from heatnet.change import Scenario
from heatnet.errors import HeatnetError
from heatnet.profile import Profile
from heatnet.schema import Floats
from heatnet.solve import Residuals, Settings, State

FAILURES = (HeatnetError, ArithmeticError, np.linalg.LinAlgError, ValueError)  # of one scenario; the others go on


@dataclass(frozen=True)
class Job:
    """A block: scenarios `first` up to `last`; for a season one scenario, its block of hours and the rooms it begins with."""

    block: int
    first: int
    last: int
    hours: int = 0  # block of hours
    carry: Floats | None = None  # (nodes, buildings) K, at the start of the hours; steady where None

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
        counted = tallies(keep, net, self.profile, block=True)
        about: list[dict[str, Any]] = []
        kept: dict[str, list[Any]] = {name: [] for name in keep.each}
        for state in self.states([self.plan.scenario(number, net) for number in job.scenarios]):
            if isinstance(state, State) and state.converged:
                found = values(state, keep.asked, self.profile)
            else:
                found = {name: blank(name, rows(name, net)) for name in keep.asked}
            about.append(told(state) if isinstance(state, State) else failed("FAILED", state))
            for name in keep.each:
                kept[name].append(found[name])
            for name, tally in counted.items():
                tally.add(found[name])
        return Done(job, tuple(about), {name: np.stack(rows_) for name, rows_ in kept.items()}, flat(counted))

    def lost(self, job: Job) -> Done:
        """What is said of a job whose worker was lost each time it was tried."""
        net, keep = self.place.arrays.net, self.plan.keep
        each = () if self.plan.season else keep.each
        none = {name: np.stack([blank(name, rows(name, net))] * len(job.scenarios)) for name in each}
        about = tuple(failed("WORKER_LOST", "the worker was lost each time; it may need more memory") for _ in job.scenarios)
        return Done(job, about, none, flat(tallies(keep, net, self.profile, block=True)))

    def states(self, scenarios: list[Scenario]) -> list[State | str]:
        """Steady states of scenarios, or why there is none; what is solved side by side is solved here."""
        return [self._state(scenario) for scenario in scenarios]

    def _state(self, scenario: Scenario) -> State | str:
        try:
            if only_weather(scenario):
                return self.place.solve(weather_of(self.place, scenario), self.start)
            return self._arrays(scenario).solver.solve(start=self.start, throw=False)
        except FAILURES as error:
            return str(error)

    def _arrays(self, scenario: Scenario) -> Place:
        arrays: Arrays = self.place.arrays.with_changes(scenario, checked=True)
        return Place.of(arrays, self.settings, self.place)

    def _season(self, job: Job) -> Done:
        season, net = self.plan.season, self.place.arrays.net
        assert season is not None
        scenario = self.plan.scenario(job.first, net)
        counted = tallies(self.plan.keep, net, self.profile, block=True)
        try:
            place = self._arrays(scenario) if scenario.changes else self.place
            day = walk(place, self.settings, self.profile, season, job.hours, job.carry, self.plan.keep, counted)
        except FAILURES as error:
            return Done(job, (failed("FAILED", str(error)),), {})
        return Done(job, (day.about,), day.each, flat(counted), day.homes, day.carry)


def told(state: State) -> dict[str, Any]:
    """What is kept of how a solve ended."""
    residuals = {f"residual_{name}": value for name, value in vars(state.residuals).items()}
    return {"status": state.status.name, "detail": state.detail, "steps": state.steps, "passes": state.passes, **residuals}


def failed(status: str, detail: str) -> dict[str, Any]:
    """What is kept of a scenario that was not solved at all."""
    residuals = {f"residual_{item.name}": np.nan for item in fields(Residuals)}
    return {"status": status, "detail": detail, "steps": 0, "passes": 0, **residuals}


def blank(name: str, size: int) -> Any:
    """A quantity of which nothing is known."""
    kind = find(name).kind
    return np.full(size, "", dtype=object) if kind == "text" else np.full(size, np.nan if kind == "float" else -1)


def flat(counted: dict[str, Tally]) -> dict[str, Any]:
    """Arrays of tallies by "quantity/part"."""
    return {f"{name}/{part}": array for name, tally in counted.items() for part, array in tally.packed().items()}
