"""What the verbs of retrofit call: rank, print in a few lines, write tables, store and report."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from heatnet.batch.progress import Silent
from heatnet.errors import HeatnetError
from heatnet.retrofit import Ranking, Study, proposed, rank
from heatnet.retrofit.ranking import OK
from heatnet.retrofit.tables import BOOKS, ranking_tables, write_tables
from heatnet.rooms import rooms

if TYPE_CHECKING:
    import pandas as pd

STORES = (".h5", ".hdf5")
SHOWN = 15  # candidates printed


def ranking(on: Study, progress: Silent, *, propose: bool) -> Ranking:
    """The candidates of a study ranked, with proposals where the case or the caller asks for them; HeatnetError if there are none."""
    if propose or not on.candidates or on.choices.propose:
        on = proposed(on, on.choices.propose or None)
    if not on.candidates:
        raise HeatnetError("no candidates: the case names none, and nothing on the network asks for a proposal")
    return rank(on, told(progress, "simulations"))


def told(progress: Silent, unit: str) -> Callable[[int, int], None]:
    """A progress of a batch as the callback of an evaluation."""
    state = {"done": 0}

    def tell(done: int, of: int) -> None:
        if not state["done"]:
            progress.begin(of, 0, unit)
        progress.step(done - state["done"], 0)
        state["done"] = done

    return tell


def ranking_lines(of: Ranking) -> str:
    """The ranking in a few lines."""
    on, currency = of.study, of.study.prices.currency
    before = of.outcome.before("cold")[of.outcome.ground.coldest]
    good = sum(one == OK for one in of.guard)
    lines = [
        f"{on.case.net.name}: {len(of.candidates)} candidates against the network "
        f"{'balanced as well as its valves allow' if on.choices.baseline == 'balanced' else 'as it is today'}"
        f"{', balanced again after each' if on.choices.rebalanced else ''}; by {on.choices.criterion}",
        f"baseline: deficit {of.outcome.base_deficit:,.0f} K h household a season, {before:.0f} households cold in the coldest weather",
        f"{'rank':>4}  {'cost':>11}  {'avoided':>10}  {'share':>6}  {'lifted':>6}  {'per avoided':>11}  candidate",
    ]
    for at in of.order[:SHOWN].tolist():
        one = of.candidates[at]
        mark = "" if of.guard[at] == OK else f"  [{of.guard[at]}]"
        why = f"  {one.name or one.reason}"
        lines.append(
            f"{of.rank[at]:>4}  {of.money.capital[at]:>11,.0f}  {of.avoided[at]:>10,.0f}  "
            f"{100 * of.avoided[at] / max(of.outcome.base_deficit, 1e-9):>5.1f}%  {of.lifted[at]:>6.0f}  "
            f"{of.money.per_avoided[at]:>11.3f}  {one.id}{mark}{why}"
        )
    if len(of.candidates) > SHOWN:
        lines.append(f"      {len(of.candidates) - SHOWN} more")
    lines.append(
        f"cost in {currency}; avoided in K h household a season; per avoided in {currency}/(K h household). {good} of {len(of.candidates)} "
        "pass all guards; prices marked unverified are estimates: put in your own"
    )
    return "\n".join(lines)


def save(of: Ranking, out: Path, more: dict[str, tuple[pd.DataFrame, str]] | None = None) -> str:
    """Write all tables: a store (.h5) with the baseline, a workbook (.xlsx), or CSV files in a folder."""
    tables = {**ranking_tables(of), **(more or {})}
    if out.suffix.lower() not in STORES:
        written = write_tables(out, tables)
        return str(out) if out.suffix.lower() in BOOKS else f"{len(written)} tables in {out}"
    from heatnet import store  # noqa: PLC0415  h5py loads when something is written

    state = of.study.basis.state
    store.write(out, [("baseline", state, rooms(state, of.study.ground.profile))])
    for name, (frame, doc) in tables.items():
        store.add_table(out, name, frame, doc, about(of) if name == "ranking" else None)
    return str(out)


def about(of: Ranking) -> dict[str, object]:
    """What a ranking rests on, as plain values."""
    choices, prices = of.study.choices, of.study.prices
    return {
        "criterion": choices.criterion, "baseline": choices.baseline, "rebalanced": choices.rebalanced, "currency": prices.currency,
        "interest": choices.tariff.interest, "period": choices.tariff.period, "heat_price": choices.tariff.heat,
        "electricity_price": choices.tariff.electricity, "price_factor": prices.factor, "base_deficit": of.outcome.base_deficit,
        "base_cold": float(of.outcome.before("cold")[of.outcome.ground.coldest]), "robbed": choices.robbed, "fall": choices.fall,
        "unverified": int(np.count_nonzero([entry.verified == "no" for entry in prices.entries.values()])),
    }
