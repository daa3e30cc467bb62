"""Effects: figures of many scenarios under several weather states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from heatnet.arrays import Arrays
from heatnet.change import Scenario
from heatnet.effects.figures import FIGURES, UNITS
from heatnet.profile import Profile
from heatnet.schema import Bools, Floats
from heatnet.units import KELVIN

if TYPE_CHECKING:
    import pandas as pd

DAY = 24.0  # h
TOTALS = {  # per season: unit in words, factor on hours x figure
    "deficit": ("K h household", 1.0), "refund": ("per season", 1.0 / DAY), "heat": ("GJ", 3.6e-6), "pump": ("kWh", 1e-3),
}


@dataclass(frozen=True)
class WeatherState:
    """A weather that stands for so many hours of the season; its scenario sets it, as Change("site", "outdoor", ...)."""

    name: str
    hours: float
    scenario: Scenario = field(default_factory=lambda: Scenario(""))


@dataclass(frozen=True)
class Effects:
    """Figures (heatnet.effects.FIGURES) of scenarios under weather states; NaN where there is no answer, and `failed` says why.

    deficit [K household] below the required room temperature, cold [household] below it, lifted and robbed [household] across it
    by the change, refund [currency per day], heat of the plants [W], electrical power of pumps [W], coldest room [K].
    """

    arrays: Arrays
    profile: Profile
    states: tuple[WeatherState, ...]
    scenarios: tuple[Scenario, ...]
    base: Floats  # (figures, states) without any scenario
    values: Floats  # (figures, scenarios, states)
    failed: Mapping[tuple[int, int], str]  # by scenario and state: why there is no answer
    base_rooms: Floats  # (states, buildings) K
    rooms: Floats | None  # (scenarios, states, buildings) K, if asked for
    alone: int  # how many of all were solved one at a time, not side by side

    @property
    def hours(self) -> Floats:
        """Hours of each state, (states,)."""
        return np.array([state.hours for state in self.states])

    @property
    def good(self) -> Bools:
        """Scenarios with an answer in every state, (scenarios,)."""
        return np.asarray(~np.isnan(self.values[0]).any(axis=1))

    def figure(self, name: str) -> Floats:
        """One figure, (scenarios, states)."""
        return np.asarray(self.values[FIGURES.index(name)])

    def change(self, name: str) -> Floats:
        """The same less that of the base, (scenarios, states)."""
        return np.asarray(self.figure(name) - self.base[FIGURES.index(name)])

    def total(self, name: str, *, change: bool = False) -> Floats:
        """A figure over the season in the unit of TOTALS, (scenarios,): deficit, refund, heat or pump."""
        values = self.change(name) if change else self.figure(name)
        return np.asarray(values @ self.hours * TOTALS[name][1])

    @property
    def base_deficit(self) -> float:
        """Weighted deficit without any scenario [K h household]."""
        return float(self.base[0] @ self.hours)

    @property
    def avoided(self) -> Floats:
        """Weighted deficit that each scenario takes away [K h household], (scenarios,)."""
        return -self.total("deficit", change=True)

    def most(self, name: str) -> Floats:
        """Largest of a figure over the states, (scenarios,): cold, lifted or robbed."""
        return np.asarray(self.figure(name).max(axis=1)) if self.states else np.zeros(len(self.scenarios))

    def frame(self) -> pd.DataFrame:
        """One line a scenario, units in the header: changes over the season against the base, households in the worst state."""
        import pandas as pd  # noqa: PLC0415  pandas takes 0.4 s to load

        columns = {"avoided deficit [K h household]": self.avoided}
        columns |= {f"{name} [household]": self.most(name) for name in ("lifted", "robbed", "cold")}
        columns["refund avoided [per season]"] = -self.total("refund", change=True)
        columns["heat change [GJ]"] = self.total("heat", change=True)
        columns["pump change [kWh]"] = self.total("pump", change=True)
        columns["coldest room [degC]"] = self.figure("coldest").min(axis=1) - KELVIN
        reasons = {row: text for (row, _), text in sorted(self.failed.items(), reverse=True)}
        columns["no answer"] = np.array([reasons.get(row, "") for row in range(len(self.scenarios))], dtype=object)
        return pd.DataFrame(columns, index=pd.Index([scenario.name for scenario in self.scenarios], name="scenario"))

    def by_state(self, row: int) -> pd.DataFrame:
        """One line a state of one scenario, with the base beside it."""
        import pandas as pd  # noqa: PLC0415

        columns: dict[str, Floats] = {"hours [h]": self.hours}
        for name, unit, before, values in zip(FIGURES, UNITS, self.base, self.values[:, row], strict=True):
            columns[f"{name} before [{unit}]"], columns[f"{name} [{unit}]"] = before, values
        return pd.DataFrame(columns, index=pd.Index([state.name for state in self.states], name="state"))
