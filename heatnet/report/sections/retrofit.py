"""Retrofit: ranking with effect map and robbed homes, programme with Pareto chart and rooms before and after, works under way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from heatnet.components import Consumer
from heatnet.messages import translated
from heatnet.network import Node
from heatnet.report.document import Block, Dots, Figure, Line, Mark, Paragraph, Section, Table
from heatnet.report.forms import PER_AVOIDED, number
from heatnet.report.frames import Shown, table_of
from heatnet.report.view import View
from heatnet.report.words import WORDS, Words

if TYPE_CHECKING:
    import pandas as pd

COLOURS = ("#2166ac", "#c4502b", "#5a9367", "#8e5ea2", "#d9a400", "#1b9e9e", "#a6456b", "#6b6b6b")
SHAPES = ("circle", "square", "diamond", "triangle-up", "triangle-down", "cross", "x", "circle-open", "circle")  # as many, and one for none
GREY = "#b9bdc4"
FOREMOST = 5  # measures that the summary names


def ranking(view: View) -> Section | None:
    """Ranking of candidates, effect map, robbed homes; None where the store has no ranking."""
    frame, say = view.table("ranking"), view.say
    if frame is None:
        return None
    about = frame.attrs
    how = say(
        "ranking.how", n=len(frame), deficit=number(float(about.get("base_deficit", np.nan)), 0),
        cold=number(float(about.get("base_cold", np.nan)), 0),
    )
    columns = [
        Shown("rank", say("ranking.rank"), digits=0), Shown("id", say("ranking.id")), Shown("measure", say("ranking.measure")),
        Shown("name", say("name")), *_money(frame, "cost", say("ranking.cost"), say),
        _plain(frame, "avoided", say("ranking.avoided")), _plain(frame, "lifted", say("ranking.lifted")),
        _plain(frame, "robbed", say("ranking.robbed")), *_money(frame, "per avoided", say("ranking.per"), say, PER_AVOIDED),
        Shown("guard", say("ranking.guard")),
    ]
    reasons = [
        Shown("rank", say("ranking.rank"), digits=0), Shown("id", say("ranking.id")), Shown("where", say("ranking.where")),
        *_money(frame, "net present value", say("ranking.npv"), say), _plain(frame, "heat saved", say("ranking.heat")),
        _plain(frame, "pump saved", say("ranking.pump")),
        Shown("pressure", say("ranking.pressure")), Shown("why_zh" if say.lang == "zh" else "why", say("ranking.why")),
    ]
    told = _in_words(_bare(frame), say)
    blocks: list[Block] = [
        Paragraph(how), *_unproposed(about, say), table_of(told, "ranking", say("ranking.table"), _bared(columns)),
        table_of(told, "ranking_reasons", say("ranking.reasons"), _bared(reasons)),
    ]
    blocks += [block for block in (_map(view), _robbed(view), _confidence(view)) if block is not None]
    blocks += [*_worth(view), *_prices(view, about)]
    return Section("ranking", say("ranking"), tuple(blocks))


def foremost(view: View) -> list[Table]:
    """The first measures of the ranking, for the summary; nothing where the store has no ranking."""
    frame, say = view.table("ranking"), view.say
    if frame is None or not len(frame):
        return []
    columns = [
        Shown("rank", say("ranking.rank"), digits=0), Shown("measure", say("ranking.measure")), Shown("name", say("name")),
        Shown("where", say("ranking.where")), *_money(frame, "cost", say("ranking.cost"), say),
        _plain(frame, "avoided", say("ranking.avoided")), _plain(frame, "lifted", say("ranking.lifted")),
        _plain(frame, "robbed", say("ranking.robbed")), *_money(frame, "per avoided", say("ranking.per"), say, PER_AVOIDED),
    ]
    first = _in_words(_bare(frame.sort_values("rank", kind="stable").head(FOREMOST)), say)
    return [table_of(first, "foremost", say("summary.foremost"), _bared(columns))]


def programme(view: View) -> Section | None:
    """The programme under a budget; None where the store has none."""
    frame, say = view.table("programme"), view.say
    if frame is None:
        return None
    columns = [
        Shown("id", say("ranking.id")), Shown("name", say("name")), Shown("measure", say("ranking.measure")),
        Shown("where", say("ranking.where")), Shown("year", say("programme.year"), digits=0),
        *_money(frame, "cost", say("ranking.cost"), say),
        *_money(frame, "cost so far", say("programme.so_far"), say), _plain(frame, "avoided", say("ranking.avoided")),
        _plain(frame, "deficit left", say("programme.left")), _plain(frame, "cold left", say("programme.cold")),
    ]
    homes = view.table("programme_home")
    blocks: list[Block] = [
        *(_unproposed(homes.attrs, say) if homes is not None else []),
        table_of(_in_words(_bare(frame), say), "programme", say("programme.table"), _bared(columns)),
    ]
    blocks += [block for block in (_front(view), _before_after(view)) if block is not None]
    return Section("programme", say("programme"), tuple(blocks))


def under_way(view: View) -> Section | None:
    """Works under way on a date; None where the store has none."""
    works, homes, say = view.table("works_under_way"), view.table("homes_under_way"), view.say
    if works is None:
        return None
    works = works.rename(columns={
        one: str(one).replace("delay costs", "delay refund") for one in works.columns
        if str(one).startswith("delay costs") and "K h" not in str(one)
    })
    columns = [
        Shown("id", say("ranking.id")), Shown("name", say("name")), Shown("state", say("underway.state")),
        Shown("expected", say("underway.expected")), Shown("overdue", say("underway.overdue")),
        *_money(works, "cost", say("ranking.cost"), say), _plain(works, "avoided", say("ranking.avoided")),
        Shown("delay costs [K h household]", say("underway.delay"), digits=0),
        *_money(works, "delay refund", say("underway.refund"), say), _plain(works, "not this winter", say("underway.lost")),
    ]
    blocks: list[Block] = [table_of(_in_words(_bare(works), say), "works_under_way", say("underway"), _bared(columns))]
    if homes is not None:
        listed = [
            Shown("building", say("ranking.building"), link="building"), Shown("name", say("name")), Shown("street", say("street")),
            Shown("households", say("households"), digits=0), Shown("before", say("ranking.before"), digits=1),
            Shown("now", say("underway.now"), digits=1), Shown("at completion", say("underway.then"), digits=1),
        ]
        cold = _bare(homes[homes["cold now"].astype(bool)])
        blocks.append(table_of(cold, "homes_under_way", say("underway.homes"), listed))
    return Section("underway", say("underway"), tuple(blocks))


def _in_words(frame: pd.DataFrame, say: Words) -> pd.DataFrame:
    """The frame with measures, states and truth values in words."""
    for column in ("measure", "state", "guard"):
        if column in frame.columns:
            frame = frame.assign(**{column: [say(f"{column}.{one}") for one in frame[column].astype(str)]})
    if "pressure" in frame.columns:
        frame = frame.assign(pressure=[_limits(one, say) for one in frame["pressure"].astype(str)])
    if "overdue" in frame.columns:
        frame = frame.assign(overdue=[say("yes" if one else "no") for one in frame["overdue"].astype(bool)])
    return frame


def _limits(told: str, say: Words) -> str:
    """Broken limits, "rule: table id" each, with the rule in words."""
    if ": " not in told:
        return told
    parts = [one.partition(": ") for one in told.split("; ")]
    return "; ".join(f"{say(f'regime.rule.{rule}')} {where.partition(' ')[2]}" for rule, _, where in parts)


def _unproposed(about: Mapping[Any, Any], say: Words) -> list[Block]:
    """Kinds of works that were not proposed, and why; nothing where all were."""
    kinds, _, why = str(about.get("unproposed", "")).partition(" (")
    if not kinds:
        return []
    named = say("list.join").join(say(f"propose.{kind}") for kind in kinds.split(", "))
    return [Paragraph(say("ranking.unproposed", kinds=named, why=translated(why.removesuffix(")"), say.lang)))]


def _worth(view: View) -> list[Block]:
    """What a little more of anything is worth, or that gradients are refused."""
    frame, say = view.table("worth"), view.say
    if frame is None or not len(frame):
        return []
    if str(frame["what"].iloc[0]) == "refused":
        return [Paragraph(say("worth.refused", why=translated(str(frame["id"].iloc[0]), say.lang)))]
    columns = [
        Shown("what", say("worth.what")), Shown("id", say("worth.id")), Shown("worth", say("worth.worth"), digits=1),
        Shown("worth of a metre", say("worth.metre"), digits=2),
    ]
    told = _bare(frame.assign(what=[say(f"worth.{one}") for one in frame["what"].astype(str)]))
    return [Paragraph(say("worth.how")), table_of(told, "worth", say("worth"), columns)]


def _prices(view: View, about: Mapping[Any, Any]) -> list[Block]:
    """The price table with what was changed in it."""
    frame, say = view.table("price"), view.say
    if frame is None or not len(frame):
        return []
    units, kinds = frame["unit"].astype(str), frame["verified"].astype(str)
    frame = frame.assign(
        unit=[say(f"unit.{one}") if f"unit.{one}" in WORDS else one for one in units], upkeep=100.0 * frame["upkeep"].astype(float),
        year=[number(one, 0).replace(",", "") for one in frame["year"].astype(float)],
        source=[translated(one, say.lang) for one in frame["source"].astype(str)],
        verified=[say(f"price.{one}") if f"price.{one}" in WORDS else one for one in kinds],
    )
    columns = [Shown("name_zh" if say.lang == "zh" else "name_en", say("price.item")), Shown("unit", say("price.unit"))]
    digits = {"fixed": 0, "rate": 1, "rate_d": 0, "rate_d2": 0, "year": None, "life": 0, "upkeep": 1}
    columns += [Shown(name, say(f"price.{name}"), digits=places) for name, places in digits.items()]
    sources = [columns[0], Shown("verified", say("price.verified")), Shown("source", say("price.source"))]
    currency = "/".join(sorted(set(frame["currency"].astype(str))))
    how = say(
        "price.how", factor=number(float(about.get("price_factor", 1.0)), 2), currency=say.currency(currency),
        interest=number(100.0 * float(about.get("interest", np.nan)), 1),
    )
    prices = table_of(frame, "prices", say("ranking.prices"), columns)
    origin = table_of(frame, "price_sources", say("price.sources"), sources)
    return [Paragraph(how), prices, origin]


def _plain(frame: pd.DataFrame, start: str, text: str) -> Shown:
    """A column by the beginning of its header, whole numbers in the unit of its words."""
    return Shown(next((one for one in frame.columns if one.partition(" [")[0] == start), start), text, digits=0)


def _money(frame: pd.DataFrame, start: str, text: str, say: Words, digits: int = 0) -> list[Shown]:
    """A column of money with its currency in the words."""
    found = [str(one) for one in frame.columns if str(one).partition(" [")[0] == start]
    return [Shown(one, f"{text} ({_currency(one, say)})", digits=digits) for one in found[:1]]


def _currency(header: str, say: Words) -> str:
    """Unit of money of a header in words."""
    currency, _, of = header.rpartition("[")[2].rstrip("]").partition("/")
    return f"{say.currency(currency)}{say('ranking.each') if of else ''}"


def _bare(frame: pd.DataFrame) -> pd.DataFrame:
    """The frame with headers without units: the words of these tables name them."""
    kept = frame.loc[:, ~frame.columns.map(lambda one: str(one).partition(" [")[0]).duplicated()]
    return kept.rename(columns=lambda one: str(one).partition(" [")[0])


def _bared(columns: list[Shown]) -> list[Shown]:
    return [Shown(one.column.partition(" [")[0], one.text, one.form, one.digits, one.low, one.high, one.link) for one in columns]


def _map(view: View) -> Figure | None:
    """Cold homes coloured by the candidate that takes most from them."""
    frame, say, node = view.table("ranking_home"), view.say, view.net[Node]
    if frame is None or not len(frame):
        return None
    at = view.state.arrays.tail[view.state.of(Consumer)][view.at]
    place = {str(name): (float(node.x[row]), float(node.y[row])) for name, row in zip(view.building.id, at, strict=True)}
    if all(np.isnan(x) for x, _ in place.values()):
        return None
    best = frame["best candidate"].astype(str)
    often = best[best != ""].value_counts().index.tolist()[: len(COLOURS)]
    series = [Dots(say("ranking.building"), [x for x, _ in place.values()], [y for _, y in place.values()], 4.0, "#e1e3e7")]
    for name, colour, shape in [*zip(often, COLOURS, SHAPES, strict=False), ("", GREY, SHAPES[-1])]:
        rows = frame[best == name]
        if len(rows):
            spots = [place[str(one)] for one in rows["building"]]
            homes = [str(one) for one in rows["building"]]
            label = name or say("ranking.none")
            series.append(Dots(label, [x for x, _ in spots], [y for _, y in spots], 9.0, colour, homes, shape, link=True))  # type: ignore[arg-type]
    return Figure("effect_map", say("ranking.map"), "x (m)", "y (m)", tuple(series), square=True)


def _robbed(view: View) -> Block | None:
    frame, say = view.table("ranking_robbed"), view.say
    if frame is None or not len(frame):
        return None
    columns = [
        Shown("candidate", say("ranking.id")), Shown("building", say("ranking.building"), link="building"),
        Shown("outdoor", say("ranking.state"), digits=1), Shown("households", say("households"), digits=0),
        Shown("room before", say("ranking.before"), digits=2), Shown("room after", say("ranking.after"), digits=2),
    ]
    return table_of(_bare(frame), "robbed", say("ranking.robbed_list"), columns)


def _confidence(view: View) -> Block | None:
    frame = view.table("ranking_confidence")
    if frame is None:
        return None
    say = view.say
    columns = [Shown("id", say("ranking.id"))]
    for name in map(str, frame.columns):
        what, _, share = name.partition(" [")[0].partition(", ")
        share = say("ranking.median") if share == "median" else share
        if what.startswith("in the top"):
            columns.append(Shown(name, say("ranking.top", n=what.rpartition(" ")[2]), digits=0))
        elif what == "per avoided":
            columns += _money(frame[[name]], f"{what}, {share}", f"{say('ranking.per')}, {share}", say, PER_AVOIDED)
        elif what in ("rank", "avoided"):
            columns.append(Shown(name, f"{say(f'ranking.{what}')}, {share}", digits=0))
    return table_of(_bare(frame), "confidence", say("ranking.confidence"), _bared(columns))


def _front(view: View) -> Figure | None:
    frame, say = view.table("programme_front"), view.say
    if frame is None or not len(frame):
        return None
    cost = next(str(one) for one in frame.columns if str(one).startswith("cost ["))
    names = [str(one) for one in frame["works"]]
    x, y = frame[cost].astype(float).tolist(), frame["deficit left [K h household]"].astype(float).tolist()
    return Figure(
        "pareto", say("programme.front"), f"{say('programme.x')} ({_currency(cost, say)})", say("programme.left"),
        (Line(say("programme.front"), x, y, "#2166ac", 1.5), Dots(say("programme.sets"), x, y, 7.0, "#2166ac", names=names)),
    )


def _before_after(view: View) -> Figure | None:
    """Share of households below a temperature, before and after."""
    frame, say = view.table("programme_home"), view.say
    if frame is None or not len(frame):
        return None
    lines = []
    for column, word, colour, dash in (("before", "programme.before", "#2166ac", "dash"), ("after", "programme.after", "#c4502b", "solid")):
        room, weight = frame[f"{column} [degC]"].to_numpy(dtype=float), frame["households"].to_numpy(dtype=float)
        order = np.argsort(room)
        share = 100.0 * np.cumsum(weight[order]) / max(float(weight.sum()), 1e-9)
        lines.append(Line(say(word), room[order].tolist(), share.tolist(), colour, 2.0, dash))  # type: ignore[arg-type]
    return Figure(
        "before_after", say("programme.rooms"), say("programme.room"), say("programme.share"), tuple(lines), (Mark("x", view.required),),
    )
