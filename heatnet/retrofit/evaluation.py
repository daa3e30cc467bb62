"""Sets of works re-simulated in every weather state: the one place where candidates meet the solver."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np

from heatnet.arrays import Arrays, compile
from heatnet.change import Scenario
from heatnet.effects import FIGURES, WeatherState, effects
from heatnet.network import Building, Network
from heatnet.profile import Profile
from heatnet.retrofit.duration import outdoor
from heatnet.retrofit.measures import Work
from heatnet.rooms import NEGLIGIBLE
from heatnet.schema import Floats
from heatnet.solve import Settings

Progress = Callable[[int, int], None]
NUMBERS = 40_000_000  # rooms kept at most; beyond that only figures
DAY = 24.0


@dataclass(frozen=True)
class Ground:
    """What all sets are compared on: a network, its weather states, the rule of the room temperature."""

    arrays: Arrays
    states: tuple[WeatherState, ...]
    profile: Profile
    settings: Settings

    @staticmethod
    def of(net: Network, states: Sequence[WeatherState], profile: Profile, settings: Settings) -> Ground:
        """Ground of a network; ModelError with every rule it breaks."""
        return Ground(compile(net), tuple(states), profile, settings)

    @property
    def hours(self) -> Floats:
        """Hours of each state, (states,)."""
        return np.array([state.hours for state in self.states])

    @property
    def coldest(self) -> int:
        """Number of the coldest state."""
        return int(np.argmin([outdoor(state) for state in self.states]))


@dataclass(frozen=True)
class Outcome:
    """Figures (heatnet.effects.FIGURES) of sets of works in every state; NaN where there is no answer."""

    ground: Ground
    base: Floats  # (figures, states)
    base_rooms: Floats  # (states, buildings) K
    values: Floats  # (figures, sets, states)
    rooms: Floats | None  # (sets, states, buildings) K
    failed: Mapping[int, str]  # by set: why there is no answer

    def figure(self, name: str) -> Floats:
        """One figure, (sets, states)."""
        return np.asarray(self.values[FIGURES.index(name)])

    def before(self, name: str) -> Floats:
        """The same without works, (states,)."""
        return np.asarray(self.base[FIGURES.index(name)])

    def season(self, name: str) -> Floats:
        """Sum over the season of what the works take away, (sets,): K h household (deficit), J (heat), J (pump), currency (refund)."""
        factor = {"deficit": 1.0, "heat": 3600.0, "pump": 3600.0, "refund": 1.0 / DAY}[name]
        return np.asarray((self.before(name) - self.figure(name)) @ self.ground.hours * factor)

    def robbed(self, fall: float) -> Floats:
        """Households pushed below the limit by rooms that fall more than `fall` [K], in the worst state, (sets,)."""
        if self.rooms is None:
            return np.asarray(self.figure("robbed").max(axis=1)) if self.values.shape[1] else np.zeros(0)
        need, households = self.ground.profile.required, self.ground.arrays.net[Building].households
        pushed = (self.base_rooms >= need - NEGLIGIBLE) & (self.rooms < need - NEGLIGIBLE) & (self.rooms < self.base_rooms - fall)
        return np.asarray((pushed @ households).max(axis=1))

    @property
    def base_deficit(self) -> float:
        """Deficit of the season without works [K h household]."""
        return float(self.before("deficit") @ self.ground.hours)

    def homes(self) -> Floats:
        """Deficit of the season that each set takes from each building [K h household], (sets, buildings); only where rooms were kept."""
        assert self.rooms is not None
        need, households = self.ground.profile.required, self.ground.arrays.net[Building].households
        less = np.maximum(need - self.base_rooms, 0.0) - np.maximum(need - self.rooms, 0.0)
        return np.asarray(np.einsum("isb,s->ib", less, self.ground.hours) * households)


def evaluate(ground: Ground, sets: Sequence[Sequence[Work]], progress: Progress | None = None, *, rooms: bool = True) -> Outcome:
    """Outcome of each set of works, every one re-simulated with flow, heat and rooms in every state.

    `progress` is told how many of all (set, state) are done. Works of one set must not set the same value differently.
    """
    count, buildings = len(sets), len(ground.arrays.net[Building])
    keep = rooms and count * len(ground.states) * buildings <= NUMBERS
    values = np.full((len(FIGURES), count, len(ground.states)), np.nan)
    base, base_rooms, kept = [], [], []
    failed: dict[int, str] = {}
    for at, state in enumerate(ground.states):
        scenarios = [_joined(works, outdoor(state)) for works in sets]

        def tell(done: int, of: int, at: int = at) -> None:
            if progress is not None:
                progress(at * of + done, len(ground.states) * of)

        found = effects(ground.arrays, [state], scenarios, ground.profile, ground.settings, keep_rooms=keep, progress=tell)
        values[:, :, at] = found.values[:, :, 0]
        base.append(found.base[:, 0])
        base_rooms.append(found.base_rooms[0])
        if found.rooms is not None:
            kept.append(found.rooms[:, 0])
        for (row, _), text in found.failed.items():
            failed.setdefault(row, f"{state.name}: {text}")
    return Outcome(ground, np.array(base).T, np.array(base_rooms), values, np.stack(kept, axis=1) if keep and kept else None, failed)


def _joined(works: Sequence[Work], weather: float) -> Scenario:
    """All works that are in use at an outdoor temperature, as one scenario."""
    return reduce(lambda one, other: one + other, (work.scenario for work in works if weather <= work.idle_above), Scenario(""))
