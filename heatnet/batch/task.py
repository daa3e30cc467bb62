"""What a worker does: a block of scenarios, or some days of a season. Everything it needs is in `Task`, sent once."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from heatnet.arrays import Arrays, compile
from heatnet.batch.hours import Place, only_weather, under, weather_of
from heatnet.batch.keep import Tally, find, rows, tallies, values
from heatnet.batch.plan import Plan
from heatnet.batch.season import walk
from heatnet.case import Case
from heatnet.change import Scenario
from heatnet.errors import HeatnetError
from heatnet.profile import Profile
from heatnet.schema import Floats
from heatnet.solve import Residuals, Settings, State
from heatnet.solve.abreast import Beside
from heatnet.solve.stack import Lane

CERTIFIED = ("pressure", "mass", "bounds", "complementarity", "energy", "outlet")  # numbers of a certificate
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
    beside: Beside | None = None  # to take scenarios side by side, where flows follow from temperatures

    @staticmethod
    def of(case: Case) -> Task:
        """Task of a case; its base state is solved so that every scenario begins from the same one."""
        place = Place.of(compile(case.net, checked=True), case.settings)
        start = place.solver.solve(throw=False) if case.plan.season is None else None
        plan = case.plan
        if start is None or not start.converged:
            return Task(place, case.settings, case.profile, plan, None)
        beside = Beside.of(place.solver, start) if place.solver.fixed is None and case.settings.heat else None
        return Task(place, case.settings, case.profile, plan, start, beside)

    def __call__(self, job: Job) -> Done:
        """The results of a job."""
        if self.plan.season is not None:
            return self._season(job)
        net, keep = self.place.arrays.net, self.plan.keep
        counted = tallies(keep, net, self.profile, block=True)
        about: list[dict[str, Any]] = []
        kept: dict[str, list[Any]] = {name: [] for name in keep.each}
        for state, together in self.states([self.plan.scenario(number, net) for number in job.scenarios]):
            if isinstance(state, State) and state.converged:
                found = values(state, keep.asked, self.profile)
            else:
                found = {name: blank(name, rows(name, net)) for name in keep.asked}
            about.append(told(state, beside=together) if isinstance(state, State) else failed("FAILED", state))
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

    def states(self, scenarios: list[Scenario]) -> list[tuple[State | str, bool]]:
        """Steady states of scenarios, or why there is none, and whether each was solved side by side with others."""
        together = self._together(scenarios) if self.beside is not None and len(scenarios) > 1 else {}
        return [(together[at], True) if at in together else (self._state(one), False) for at, one in enumerate(scenarios)]

    def _together(self, scenarios: list[Scenario]) -> dict[int, State]:
        """States of those that settle side by side, by number."""
        beside, found = self.beside, dict[int, State]()
        assert beside is not None
        lanes = [(at, lane) for at, one in enumerate(scenarios) if (lane := self._lane(one)) is not None and beside.fits(lane)]
        for first in range(0, len(lanes), beside.width):
            some = lanes[first : first + beside.width]
            done = beside.solve([lane for _, lane in some])
            found.update({at: done.state_of(k) for k, (at, _) in enumerate(some) if done.good[k]})
        return found

    def _lane(self, scenario: Scenario) -> Lane | None:
        """A scenario as a lane; None where it cannot be posed, which a solve alone will tell."""
        assert self.beside is not None
        try:
            if only_weather(scenario):
                scene = weather_of(self.place, scenario)
                return Lane(under(self.place.solver, scene).arrays, scene)
            return self.beside.lane(self.place.arrays.with_changes(scenario, checked=True))
        except FAILURES:
            return None

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


def told(state: State, *, beside: bool = False) -> dict[str, Any]:
    """What is kept of how a solve ended, with its certificate; `beside` says that it was solved side by side with others."""
    residuals = {f"residual_{name}": value for name, value in vars(state.residuals).items()}
    ended = {"status": state.status.name, "detail": state.detail, "steps": state.steps, "passes": state.passes, "beside": int(beside)}
    return ended | residuals | certified(state if state.converged else None)


def certified(state: State | None) -> dict[str, Any]:
    """Largest violation of each kind, NaN where there is no answer."""
    return {f"certificate_{name}": np.nan if state is None else getattr(state.certificate, name) for name in CERTIFIED}


def failed(status: str, detail: str) -> dict[str, Any]:
    """What is kept of a scenario that was not solved at all."""
    residuals = {f"residual_{item.name}": np.nan for item in fields(Residuals)}
    return {"status": status, "detail": detail, "steps": 0, "passes": 0, "beside": 0, **residuals, **certified(None)}


def blank(name: str, size: int) -> Any:
    """A quantity of which nothing is known."""
    kind = find(name).kind
    return np.full(size, "", dtype=object) if kind == "text" else np.full(size, np.nan if kind == "float" else -1)


def flat(counted: dict[str, Tally]) -> dict[str, Any]:
    """Arrays of tallies by "quantity/part"."""
    return {f"{name}/{part}": array for name, tally in counted.items() for part, array in tally.packed().items()}
