"""Proof of a balance: figures of the network before and after, on the design day and at a mild load.

x = flow over the flow asked for, weighted by it: w. CV = sqrt(sum w (x - mean)^2)/mean; Gini = sum_ij w_i w_j |x_i - x_j|/(2 mean); share
with 0.9 <= x <= 1.2 (JGJ/T 132). Rooms weighted by households. Heat wasted by over-heating: H (T - T_wanted) of rooms above what is wanted.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from heatnet.arrays import Arrays
from heatnet.balance.result import Balance
from heatnet.change import Change, Scenario
from heatnet.components import Consumer, Plant
from heatnet.effects.figures import pump_power
from heatnet.network import Building
from heatnet.profile import Profile, profile
from heatnet.rooms import Rooms, rooms
from heatnet.schema import Floats
from heatnet.solve import Solver, State

if TYPE_CHECKING:
    import pandas as pd

FIGURES = (
    ("mean x", "-"), ("least x", "-"), ("largest x", "-"), ("CV of x", "-"), ("Gini of x", "-"), ("share within 0.9 to 1.2", "-"),
    ("mean room", "K"), ("coldest room", "K"), ("warmest room", "K"), ("spread of rooms P95 - P5", "K"),
    ("households too cold", "household"),
    ("deficit", "K household"), ("mean over-heating", "K"), ("heat wasted", "W"), ("heat of plants", "W"), ("power of pumps", "W"),
)
BAND = (0.9, 1.2)
MILD = 0.5  # relative load of the mild day


@dataclass(frozen=True)
class Proof:
    """Figures (FIGURES,) in SI before and after, by state; the last axis is before, after."""

    states: tuple[str, ...]
    outdoor: Floats  # K
    values: Floats  # (figures, states, 2)

    def frame(self) -> pd.DataFrame:
        """One line a figure, two columns a state."""
        import pandas as pd  # noqa: PLC0415  pandas takes 0.4 s to load

        columns = {
            f"{name}, {when}": self.values[:, at, side]
            for at, name in enumerate(self.states) for side, when in enumerate(("before", "after"))
        }
        index = pd.Index([f"{name} [{unit}]" if unit != "-" else name for name, unit in FIGURES], name="figure")
        return pd.DataFrame(columns, index=index)

    def change(self, figure: str, state: int = 0) -> tuple[float, float]:
        """A figure before and after."""
        row = [name for name, _ in FIGURES].index(figure)
        return float(self.values[row, state, 0]), float(self.values[row, state, 1])


def proof(balance: Balance, rule: Profile | str | None = None, mild: float | None = None) -> Proof:
    """Figures on the design day and at a `mild` outdoor temperature [K] (half the design load if not given).

    Rooms are left out (NaN) where the network was solved without heat. NotSolved if a state has no answer.
    """
    site = balance.arrays.net.site
    rule = rule if isinstance(rule, Profile) else profile(rule or site.profile)
    mild = rule.required - MILD * (rule.required - site.design_outdoor) if mild is None else mild
    outdoor = np.array([site.design_outdoor, mild])
    now = site.weather
    values = np.full((len(FIGURES), 2, 2), np.nan)
    for at, weather in enumerate(outdoor):
        for side, (arrays, known) in enumerate(((balance.arrays, balance.before), (balance.state.arrays, balance.state))):
            state = known if weather == now else _under(arrays, known, float(weather))
            values[:, at, side] = figures(state, np.where(balance.places.steady, np.nan, balance.wanted), rule)
    return Proof(("design day", "mild day"), outdoor, values)


def _under(arrays: Arrays, known: State, outdoor: float) -> State:
    changed = arrays.with_changes(Scenario("weather", (Change("site", "outdoor", outdoor),)), checked=True)
    return Solver.of(changed, known.settings).solve(start=known)


def figures(state: State, wanted: Floats, rule: Profile) -> Floats:
    """All figures of a state; wanted flow [kg/s] (consumers,), NaN where none is known."""
    known = ~np.isnan(wanted)
    result = np.full(len(FIGURES), np.nan)
    result[:6] = shares(state.m[state.of(Consumer)][known] / wanted[known], wanted[known])
    if state.settings.heat and len(state.arrays.net[Building]):
        result[6:14] = _warmth(rooms(state, rule))
    if state.settings.heat:
        result[14] = -float(state.heat(Plant).sum())
    result[15] = pump_power(state)
    return result


def shares(x: Floats, weight: Floats) -> Floats:
    """Mean, least, largest, CV, Gini and share within the band of x (n,), by weight (n,).

    >>> x = np.array([1.2688, 1.1897, 1.0407, 0.9572, 0.8161, 0.7276])
    >>> [round(float(value), 3) for value in shares(x, np.ones(6))[3:]]
    [0.191, 0.109, 0.5]
    """
    if not x.size:
        return np.full(6, np.nan)
    w = weight / weight.sum()
    mean = float(w @ x)
    order = np.argsort(x, kind="stable")
    ranked, below = w[order], np.cumsum(w[order]) - w[order]
    gini = float((ranked * x[order] * (2.0 * below + ranked - 1.0)).sum()) / mean if mean else float("nan")
    spread = float(np.sqrt(w @ (x - mean) ** 2)) / mean if mean else float("nan")
    inside = float(w @ ((x >= BAND[0]) & (x <= BAND[1])))
    return np.array([mean, x.min(), x.max(), spread, gini, inside])


def _warmth(result: Rooms) -> Floats:
    part, count = result.state.scene.terminals, result.state.arrays.net[Building].households
    room = result.temperature
    w = count / count.sum() if count.sum() > 0.0 else np.full(room.size, 1.0 / room.size)
    over = np.maximum(room - part.wanted, 0.0)
    low, high = np.quantile(room, [0.05, 0.95])
    return np.array([
        w @ room, room.min(), room.max(), high - low, count[result.cold].sum(), count @ result.deficit, w @ over, part.conductance @ over,
    ])
