"""Confidence of a ranking: what is not known exactly is drawn, and all candidates are simulated anew in each draw.

Roughness and heat loss of each pipe and the heat loss coefficient of each building are multiplied by exp(s z), z standard normal; all
outdoor temperatures of a draw are shifted by one normal number. Draw k comes from (seed, k), the same for all candidates (common random
numbers), so that their differences are less noisy than their values. Works are worked out on the drawn network; what a
work itself brings (a new pipe, a set valve) is certain. Pressure limits are not looked at here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from heatnet.change import Change, Scenario
from heatnet.components import Pipe
from heatnet.effects import WeatherState
from heatnet.network import Building, Network
from heatnet.retrofit.duration import outdoor
from heatnet.retrofit.economics import money
from heatnet.retrofit.evaluation import Ground, Progress, evaluate
from heatnet.retrofit.ranking import LEAST, criterion_values, ranked
from heatnet.retrofit.study import Study, Uncertainty
from heatnet.schema import Bools, Floats, Ints

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Confidence:
    """Candidates over all draws, (samples, candidates) each; NaN where a draw has no answer."""

    study: Study
    avoided: Floats  # K h household
    per_avoided: Floats  # currency per K h household
    rank: Ints

    @property
    def top(self) -> Floats:
        """Share of the draws in which each candidate is among the top, (candidates,)."""
        return np.asarray((self.rank <= self.study.choices.uncertainty.top).mean(axis=0))

    def frame(self) -> pd.DataFrame:
        """One line a candidate, 5 to 95 % intervals, the most often in the top first."""
        import pandas as pd  # noqa: PLC0415  pandas takes 0.4 s to load

        currency, top = self.study.prices.currency, self.study.choices.uncertainty.top
        low, mid, high = quantiles(self.avoided, (0.05, 0.5, 0.95))
        least, most = quantiles(self.per_avoided, (0.05, 0.95))
        columns = {
            "id": [one.id for one in self.study.candidates], f"in the top {top} [%]": 100.0 * self.top,
            "rank, 5 %": np.quantile(self.rank, 0.05, axis=0), "rank, median": np.median(self.rank, axis=0),
            "rank, 95 %": np.quantile(self.rank, 0.95, axis=0), "avoided, 5 % [K h household]": low,
            "avoided, median [K h household]": mid, "avoided, 95 % [K h household]": high,
            f"per avoided, 5 % [{currency}/(K h household)]": least, f"per avoided, 95 % [{currency}/(K h household)]": most,
        }
        order = np.lexsort((np.median(self.rank, axis=0), -self.top))
        return pd.DataFrame(columns).iloc[order].reset_index(drop=True)


def quantiles(values: Floats, shares: tuple[float, ...]) -> Floats:
    """Quantiles over the draws that have a value, (shares, candidates); NaN for a candidate that has none in any draw.

    >>> quantiles(np.array([[1.0, np.nan], [3.0, np.nan]]), (0.5,))
    array([[ 2., nan]])
    """
    found = np.full((len(shares), values.shape[1]), np.nan)
    some = ~np.isnan(values).all(axis=0)
    if some.any():
        found[:, some] = np.nanquantile(values[:, some], shares, axis=0)
    return found


def confidence(on: Study, progress: Progress | None = None) -> Confidence:
    """All candidates ranked in each draw of the study's uncertainty; draws after which a work cannot be worked out raise its ValueError."""
    about, count = on.choices.uncertainty, len(on.candidates)
    avoided, per = np.full((about.samples, count), np.nan), np.full((about.samples, count), np.nan)
    ranks = np.zeros((about.samples, count), dtype=np.int32)
    costs = [one.cost for one in on.candidates]
    for number in range(about.samples):
        net, states = drawn(on, about, number)
        ground = Ground.of(net, states, on.ground.profile, on.ground.settings)
        basis = replace(on.basis, net=net)
        outcome = evaluate(ground, [[one.on(basis).work] for one in on.candidates], rooms=False)
        cash = money(outcome, costs, on.choices.tariff)
        avoided[number], per[number] = outcome.season("deficit"), cash.per_avoided
        good: Bools = np.nan_to_num(avoided[number], nan=-1.0) > LEAST * max(outcome.base_deficit, 1e-9)
        _, ranks[number] = ranked(criterion_values(on.choices.criterion, outcome, cash), good, cash.capital)
        if progress is not None:
            progress(number + 1, about.samples)
    return Confidence(on, avoided, per, ranks)


def drawn(on: Study, about: Uncertainty, number: int) -> tuple[Network, tuple[WeatherState, ...]]:
    """The network and the weather states of one draw."""
    rng = np.random.default_rng([about.seed, number])
    net = on.ground.arrays.net
    pipe, part = net[Pipe], on.basis.state.scene.terminals
    rough, loss = (np.exp(spread * rng.standard_normal(len(pipe))) for spread in (about.roughness, about.loss))
    load = np.exp(about.load * rng.standard_normal(len(net[Building])))
    shift = about.weather * float(rng.standard_normal())
    net = net.with_(Pipe, roughness=np.minimum(pipe.roughness * rough, 0.1), loss=np.minimum(pipe.loss * loss, 1000.0))
    net = net.with_(Building, conductance=part.conductance * load)
    states = tuple(
        replace(one, scenario=Scenario("", (Change("site", "outdoor", outdoor(one) + shift),))) for one in on.ground.states
    )
    return net, states
