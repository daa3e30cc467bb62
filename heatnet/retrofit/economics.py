"""Money of works: annual cost, net present value, cost per avoided deficit.

    annual cost  = annuity + upkeep + p_heat dE + p_el dW              dE, dW more (less) heat and electricity of a season
    K            = annual cost / avoided deficit                       currency per K h household; refunds are not deducted here
    NPV          = (refunds avoided - annual cost) / CRF(r, period)    parts that wear out earlier are renewed: annuities say so
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from heatnet.retrofit.evaluation import Outcome
from heatnet.retrofit.prices import Cost, recovery
from heatnet.schema import Floats

GJ, KWH = 1e9, 3.6e6


@dataclass(frozen=True)
class Tariff:
    """Prices of energy and money."""

    heat: float = 40.0  # currency per GJ at the plant; an estimate, put in your own
    electricity: float = 0.6  # currency per kWh; an estimate
    interest: float = 0.05
    period: float = 20.0  # a, over which the present value is taken


@dataclass(frozen=True)
class Money:
    """Of each set of works, (sets,), in the currency of the prices."""

    capital: Floats
    annual: Floats  # per year, refunds not deducted
    refund: Floats  # avoided per season
    npv: Floats
    per_avoided: Floats  # per K h household; NaN where nothing is avoided


def money(outcome: Outcome, costs: Sequence[Cost], tariff: Tariff) -> Money:
    """Money of each set, its cost given."""
    capital = np.array([cost.capital for cost in costs])
    fixed = np.array([cost.annuity + cost.upkeep for cost in costs])
    saved = outcome.season("heat") / GJ * tariff.heat + outcome.season("pump") / KWH * tariff.electricity
    refund, avoided = np.nan_to_num(outcome.season("refund")), outcome.season("deficit")
    annual = fixed - saved
    with np.errstate(divide="ignore", invalid="ignore"):
        per = np.where(avoided > 0.0, annual / avoided, np.nan)
    return Money(capital, annual, refund, (refund - annual) / recovery(tariff.interest, tariff.period), per)
