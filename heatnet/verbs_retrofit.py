"""What the verbs of retrofit call: rank, print in a few lines, write tables, store and report."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from heatnet.batch.progress import Silent
from heatnet.errors import HeatnetError
from heatnet.network import Building
from heatnet.report.forms import PER_AVOIDED, number
from heatnet.report.words import Words
from heatnet.retrofit import Candidate, Programme, Ranking, Study, UnderWay, choose, proposed, rank, read_study, read_winter, under_way
from heatnet.retrofit.programme_tables import programme_tables, under_way_tables
from heatnet.retrofit.ranking import OK
from heatnet.retrofit.tables import BOOKS, write_tables
from heatnet.retrofit.worth_table import REFUSED
from heatnet.rooms import NEGLIGIBLE, rooms
from heatnet.units import KELVIN
from heatnet.verbs import open_store, write_report

if TYPE_CHECKING:
    import pandas as pd

STORES = (".h5", ".hdf5")
SHOWN = 15  # candidates printed
WORST = 8  # homes printed


def ranking(on: Study, progress: Silent, *, propose: bool) -> Ranking:
    """The candidates of a study ranked, with proposals where the case or the caller asks for them; HeatnetError if there are none."""
    if propose or not on.candidates or on.choices.propose:
        on = proposed(on, on.choices.propose or None)
    if not on.candidates:
        raise HeatnetError(
            "no candidates: the case names none, and nothing on the network asks for a proposal"
            + (f"; not proposed: {on.unproposed}" if on.unproposed else "")
        )
    return rank(on, told(progress, "simulations"))


def told(progress: Silent, unit: str) -> Callable[[int, int], None]:
    """A progress of a batch as the callback of an evaluation."""
    state = {"done": 0, "of": 0}

    def tell(done: int, of: int) -> None:
        if done < state["done"] or of != state["of"] or not state["of"]:
            progress.begin(of, 0, unit)
            state.update(done=0, of=of)
        progress.step(done - state["done"], 0)
        state["done"] = done

    return tell


def counted(progress: Silent, unit: str) -> Callable[[int, int], None]:
    """The same of a search, whose length nobody knows: what is done is counted on over all evaluations."""
    last = 0

    def tell(done: int, of: int) -> None:
        nonlocal last
        last = last if done > last else 0
        progress.step(done - last, 0)
        last = done

    progress.begin(0, 0, unit)
    return tell


def ranking_lines(of: Ranking, lang: str = "en") -> str:
    """The ranking in a few lines, English ones; reasons and guards are given in the language, as they are not told from names."""
    on, currency = of.study, of.study.prices.currency
    before = of.outcome.before("cold")[of.outcome.ground.coldest]
    left_out = [f"not proposed: {on.unproposed}"] if on.unproposed else []
    good = sum(one == OK for one in of.guard)
    lines = [
        f"{on.case.net.name}: {len(of.candidates)} candidates against the network "
        f"{'balanced as well as its valves allow' if on.choices.baseline == 'balanced' else 'as it is today'}"
        f"{', balanced again after each' if on.choices.rebalanced else ''}; by {on.choices.criterion}",
        f"baseline: deficit {of.outcome.base_deficit:,.0f} K h household a season, {before:.0f} households cold in the coldest weather",
        *left_out,
        "rank         cost     avoided   share  lifted  per avoided  candidate",
    ]
    for at in of.order[:SHOWN].tolist():
        one = of.candidates[at]
        mark = "" if of.guard[at] == OK else f"  [{Words(lang)(f'guard.{of.guard[at]}')}]"
        why = f"  {reason(one, lang)}"
        lines.append(
            f"{of.rank[at]:>4}  {of.money.capital[at]:>11,.0f}  {of.avoided[at]:>10,.0f}  "
            f"{100 * of.avoided[at] / max(of.outcome.base_deficit, 1e-9):>5.1f}%  {of.lifted[at]:>6.0f}  "
            f"{number(float(of.money.per_avoided[at]), PER_AVOIDED):>11}  {one.id}{mark}{why}"
        )
    if len(of.candidates) > SHOWN:
        lines.append(f"      {len(of.candidates) - SHOWN} more")
    lines.append(
        f"cost in {currency}; avoided in K h household a season; per avoided in {currency}/(K h household). {good} of {len(of.candidates)} "
        "pass all guards; prices marked unverified are estimates: put in your own"
    )
    return "\n".join(lines)


def reason(one: Candidate, lang: str) -> str:
    """What a candidate is called, else why it was proposed."""
    return one.name or (one.reason_zh if lang == "zh" else one.reason)


def worth_lines(frame: pd.DataFrame, lang: str = "en") -> str:
    """What a little more is worth, the best place of each kind, its kind in the language; or why that cannot be told."""
    if frame["what"].iloc[0] == REFUSED:
        return f"worth: {frame['id'].iloc[0]}"
    lines = ["worth of one step, best place of each kind, K h household of a season (of a metre of pipe):"]
    for _, row in frame.drop_duplicates(["table", "what"]).iterrows():
        metre = row["worth of a metre [K h household]"]
        more = "" if np.isnan(metre) else f"  ({metre:,.2f} a metre)"
        what = Words(lang)(f"worth.{row['what']}")
        lines.append(f"{row['worth [K h household]']:>12,.1f}  {what}  {row['id']}{more}")
    return "\n".join(lines)


def confidence_lines(frame: pd.DataFrame) -> str:
    """Confidence of a ranking in a few lines: shares and ranks, then medians with 5 and 95 % beside them."""
    top = str(next(name for name in frame.columns if str(name).startswith("in the top")))
    avoided = tuple(f"avoided, {share} [K h household]" for share in ("5 %", "median", "95 %"))
    per = [str(name) for name in frame.columns if str(name).startswith("per avoided")]
    lines = [
        "when what is uncertain is drawn, median (5 % … 95 %):",
        f"{top.partition(' [')[0]:>12}          rank                               avoided             "
        f"{'per avoided' if per else '           '}  candidate",
    ]
    for _, row in frame.iterrows():
        low, mid, high = (number(float(row[name]), 0) for name in avoided)
        first, middle, last = (number(float(row[f"rank, {share}"]), 0) for share in ("5 %", "median", "95 %"))
        money = " … ".join(number(float(row[name]), PER_AVOIDED) for name in per)
        lines.append(
            f"{number(float(row[top]), 0) + ' %':>12}  {f'{middle} ({first} … {last})':>12}  {f'{mid} ({low} … {high})':>36}  "
            f"{money:>22}  {row['id']}"
        )
    return "\n".join(lines)


def save(on: Study, out: Path, tables: dict[str, tuple[pd.DataFrame, str]], about: dict[str, object]) -> str:
    """Write tables: a store (.h5) with the baseline, a workbook (.xlsx), or CSV files in a folder; `about` belongs to the first of them."""
    if out.suffix.lower() not in STORES:
        written = write_tables(out, tables)
        return str(out) if out.suffix.lower() in BOOKS else f"{len(written)} tables in {out}"
    from heatnet import store  # noqa: PLC0415  h5py loads when something is written

    state = on.basis.state
    store.write(out, [("baseline", state, rooms(state, on.ground.profile))])
    for at, (name, (frame, doc)) in enumerate(tables.items()):
        store.add_table(out, name, frame, doc, None if at else about)
    return str(out)


def report(on: Study, out: Path, tables: dict[str, tuple[pd.DataFrame, str]], about: dict[str, object], language: str | None) -> str:
    """The report of the baseline with these tables as one HTML file."""
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "results.h5"
        save(on, kept, tables, about)
        return str(write_report(open_store(kept), language or on.case.language, on.case.user or None, [out])[0])


def ranking_about(of: Ranking) -> dict[str, object]:
    """What a ranking rests on, as plain values."""
    choices, prices = of.study.choices, of.study.prices
    return {
        "criterion": choices.criterion, "baseline": choices.baseline, "rebalanced": choices.rebalanced, "currency": prices.currency,
        "interest": choices.tariff.interest, "period": choices.tariff.period, "heat_price": choices.tariff.heat,
        "electricity_price": choices.tariff.electricity, "price_factor": prices.factor, "base_deficit": of.outcome.base_deficit,
        "base_cold": float(of.outcome.before("cold")[of.outcome.ground.coldest]), "robbed": choices.robbed, "fall": choices.fall,
        "unproposed": of.study.unproposed,
        "unverified": int(np.count_nonzero([entry.verified == "no" for entry in prices.entries.values()])),
    }


@dataclass(frozen=True)
class Told:
    """What a verb prints and writes."""

    study: Study
    text: str
    tables: dict[str, tuple[pd.DataFrame, str]]
    about: dict[str, object] = field(default_factory=dict)  # what the first table rests on


def programme(case: Path, budget: float | None, progress: Silent, *, rebalanced: bool = False, lang: str = "en") -> Told:
    """A programme under a budget from the candidates of a case, proposals among them where it has none or asks for them."""
    on = read_study(case, changed={"rebalanced": True} if rebalanced else None)
    if not on.candidates or on.choices.propose:
        on = proposed(on, on.choices.propose or None)
    found = choose(on, budget, counted(progress, "simulations"))
    return Told(on, programme_lines(found, lang), programme_tables(found), {"unproposed": on.unproposed})


def standing(case: Path, day: date, progress: Silent) -> Told:
    """The works of a case on a date."""
    winter = read_winter(case)
    found = under_way(read_study(case), day, winter, counted(progress, "simulations"))
    return Told(found.study, under_way_lines(found), under_way_tables(found))


def programme_lines(of: Programme, lang: str = "en") -> str:
    """A programme in a few lines."""
    currency, by_id = of.study.prices.currency, {one.id: one for one in of.study.candidates}
    limit = f"a budget of {of.budget:,.0f} {currency}" if of.budget < float("inf") else "no budget"
    share = 100.0 * max(of.avoided, 0.0) / max(of.base_deficit, 1e-9)
    lines = [
        f"programme under {limit}: {len(of.works)} of {len(by_id)} candidates for {of.cost:,.0f} {currency}; {of.tried} sets simulated",
        f"deficit {of.base_deficit:,.0f} -> {of.base_deficit - of.avoided:,.0f} K h household a season ({share:.1f} % avoided); "
        f"{of.cold:.0f} households stay cold in the coldest weather, {of.robbed:.0f} newly",
        *([f"not proposed: {of.study.unproposed}"] if of.study.unproposed else []),
        " cost so far  deficit left    cold  work",
    ]
    if not of.works:
        lines[-1:] = [f"nothing chosen: {why_nothing(of)}"]
    lines += [
        f"{cost:>12,.0f}  {deficit:>12,.0f}  {cold:>6.0f}  {name}  {reason(by_id[name], lang)}"
        for name, (cost, deficit, cold) in zip(of.works, of.steps, strict=True)
    ]
    lines += [
        f"year {one.year}: {', '.join(one.works) or 'nothing'}; {one.cost:,.0f} {currency}; deficit {one.deficit:,.0f}, {one.cold:.0f} cold"
        for one in of.phases
    ]
    return "\n".join(lines)


def why_nothing(of: Programme) -> str:
    """Why a programme chose no work."""
    least, currency = min(one.cost.capital for one in of.study.candidates), of.study.prices.currency
    if of.base_deficit <= 0.0:
        return "no home is short of heat in any of the weather states"
    if least > of.budget:
        return f"the cheapest candidate costs {least:,.0f} {currency}, more than the budget"
    return (
        "no set of candidates within the budget takes deficit away without going against a guard (homes pushed below the limit, "
        "pressure); 'heatnet rank' on the same case tells what each one does"
    )


def under_way_lines(of: UnderWay) -> str:
    """A programme on a date in a few lines."""
    currency, delivered = of.study.prices.currency, [one for one in of.works if one.delivered]
    none, stopped, expected, whole = of.deficit
    lines = [
        f"on {of.on}: {len(delivered)} of {len(of.works)} works delivered, {sum(one.overdue for one in of.works)} overdue",
        f"households cold in the coldest weather: {of.cold(0):.0f} before, {of.cold(1):.0f} now, {of.cold(2):.0f} at completion",
        f"deficit of the winter {of.winter.first} to {of.winter.last}: {none:,.0f} K h household without works, {stopped:,.0f} if none "
        f"follows, {expected:,.0f} as expected, {whole:,.0f} had all stood from the start",
    ]
    for one in of.works:
        if one.delivered:
            lines.append(f"  delivered {one.work.finish}  {one.work.id}  {one.work.name}: {one.alone:,.0f} K h household a season")
            continue
        when = f"{one.expected}{' (overdue)' if one.overdue else ''}" if one.expected else "not dated"
        lines.append(
            f"  {one.work.state}, expected {when}  {one.work.id}  {one.work.name}: {of.winter.delay} days of delay cost "
            f"{one.delay_deficit:,.0f} K h household and {one.delay_refund:,.0f} {currency} of refunds; not this winter: "
            f"{one.lost_deficit:,.0f} and {one.lost_refund:,.0f}"
        )
    now, building = of.rooms[1], of.study.today[Building]
    cold = np.flatnonzero(now < of.outcome.ground.profile.required - NEGLIGIBLE)
    lines += [
        f"  still cold: {now[row] - KELVIN:5.1f} degC  {building.id[row]}  {building.street[row]} {building.name[row]}"
        for row in cold[np.argsort(now[cold], kind="stable")][:WORST].tolist()
    ]
    return "\n".join(lines)
