"""Report sections of retrofit, from a small store in both languages: their numbers are those of the tables, rounded by their forms."""

from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from test_programme import works
from test_report import CHINESE, figure, table
from test_retrofit import STATES, candidate, street

from heatnet import Scenario, Settings, report, store
from heatnet.case import Case
from heatnet.network import Node
from heatnet.profile import profile
from heatnet.report.document import Dots, Line, Table
from heatnet.report.words import WORDS
from heatnet.retrofit import MEASURES, Choices, Winter, choose, confidence, rank, study, under_way
from heatnet.retrofit.candidate import STATES as STATES_OF_WORKS
from heatnet.retrofit.measures.radiators import Radiators
from heatnet.retrofit.programme_tables import programme_tables, under_way_tables
from heatnet.retrofit.study import Uncertainty
from heatnet.retrofit.tables import ranking_tables
from heatnet.retrofit.worth_table import worth_frame
from heatnet.verbs_retrofit import confidence_lines, ranking_about, save


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Tables of the three verbs on the street, and the store that holds them all."""
    net = street()
    net = net.with_(Node, x=80.0 * np.arange(len(net[Node])), y=0.0)
    on = study(Case("street", net, Scenario(""), Settings(), profile("hlj_2021")), Choices(baseline="today", robbed=1e6), weather=STATES)
    ones = works(on)[:3]
    grab = candidate(on, "grab", MEASURES["setting"](("u0",), opening=0.15))
    found = rank(on.with_((*ones, grab)))
    drawn = replace(found.study, choices=replace(found.study.choices, uncertainty=Uncertainty(samples=4, seed=3, top=2)))
    winter = Winter(date(2021, 11, 1), date(2022, 3, 30), np.linspace(263.15, 248.95, 150), delay=10)
    dated = (
        replace(ones[0], state="construction", finish=date(2021, 12, 1)),
        candidate(on, "radiators", Radiators(("b4",), 1.2), state="done", finish=date(2021, 11, 20)),
    )
    tables = {
        **ranking_tables(found), "ranking_confidence": (confidence(drawn).frame(), "confidence"),
        "worth": (worth_frame(on), "worth"),
        **programme_tables(choose(on.with_(ones), 150e3)), **under_way_tables(under_way(on.with_(dated), date(2022, 1, 10), winter)),
    }
    out = tmp_path_factory.mktemp("改造") / "works.h5"
    save(found.study, out, tables, ranking_about(found))
    return {name: frame for name, (frame, _) in tables.items()}, store.read(out)


@pytest.fixture(scope="module", params=["zh", "en"])
def document(made, request):
    return report.build(made[1], request.param)


def column(found: Table, start: str) -> list[object]:
    at = next(at for at, head in enumerate(found.heads) if head.text.startswith(start))
    return [row[at] for row in found.rows]


def words(document, zh, en):
    return zh if document.lang == "zh" else en


def test_ranking_and_robbed_homes(made, document):
    frame, found = made[0]["ranking"], table(document, "ranking")
    assert column(found, words(document, "方案", "candidate")) == frame["id"].tolist()
    assert set(column(found, words(document, "措施", "measure"))) <= {WORDS[f"measure.{one}"][document.lang == "en"] for one in MEASURES}
    assert column(found, words(document, "投资", "cost (")) == pytest.approx(frame["cost [CNY]"].tolist())
    assert column(found, words(document, "减少亏缺", "avoided")) == pytest.approx(frame["avoided [K h household]"].tolist())
    per = column(found, words(document, "单位亏缺费用", "cost per avoided"))
    assert per == pytest.approx(frame["per avoided [CNY/(K h household)]"].tolist(), nan_ok=True)
    robbed, listed = made[0]["ranking_robbed"], table(document, "robbed")
    assert len(robbed) and len(listed.rows) == len(robbed)
    assert column(listed, words(document, "改造后", "after")) == pytest.approx(robbed["room after [degC]"].tolist())
    assert "grab" in column(listed, words(document, "方案", "candidate"))


def test_map_of_effects_shows_every_cold_home(made, document):
    frame, drawn = made[0]["ranking_home"], figure(document, "effect_map")
    spots = {name for dots in drawn.series if isinstance(dots, Dots) for name in dots.names or ()}
    assert len(frame) and spots == set(frame["building"])
    best = frame[frame["best candidate"] != ""].iloc[0]
    assert best["building"] in next(dots for dots in drawn.series if dots.label == best["best candidate"]).names


def test_confidence_is_printed_with_decimals_that_tell(made, document):
    frame, found = made[0]["ranking_confidence"], table(document, "confidence")
    start = words(document, "单位亏缺费用", "cost per avoided")
    heads = [head for head in found.heads if head.text.startswith(start)]
    shares = [name for name in frame.columns if name.startswith("per avoided")]
    assert len(shares) == len(heads) == 2
    for head, name in zip(heads, shares, strict=True):
        at = found.heads.index(head)
        assert [row[at] for row in found.rows] == pytest.approx(frame[name].tolist(), nan_ok=True)
        printed = head.form.text(found.rows[0][at], document.lang)
        assert float(printed.replace("−", "-").replace(",", "")) == pytest.approx(frame[name].iloc[0], abs=5e-4)
        assert "." in printed and len(printed.partition(".")[2]) == 3
    assert all((document.lang == "en") != bool(CHINESE.search(head.text)) for head in found.heads)
    line = confidence_lines(frame).splitlines()[2]
    assert frame["id"].iloc[0] in line and f"{frame[shares[0]].iloc[0]:.3f}".lstrip("-") in line


def test_programme_with_its_front_and_rooms(made, document):
    frame, found = made[0]["programme"], table(document, "programme")
    assert len(frame) and column(found, words(document, "方案", "candidate")) == frame["id"].tolist()
    assert column(found, words(document, "剩余亏缺", "deficit left")) == pytest.approx(frame["deficit left [K h household]"].tolist())
    front = next(one for one in figure(document, "pareto").series if isinstance(one, Line))
    assert list(front.y) == pytest.approx(made[0]["programme_front"]["deficit left [K h household]"].tolist())
    homes, lines = made[0]["programme_home"], figure(document, "before_after").series
    for line, name in zip(lines, ("before [degC]", "after [degC]"), strict=True):
        below = homes.loc[homes[name] < 20.0, "households"].sum() / homes["households"].sum()
        shares = [share for room, share in zip(line.x, line.y, strict=True) if room < 20.0]
        assert (shares[-1] if shares else 0.0) == pytest.approx(100.0 * below)


def test_works_under_way(made, document):
    frame, found = made[0]["works_under_way"], table(document, "works_under_way")
    assert column(found, words(document, "方案", "candidate")) == frame["id"].tolist()
    assert column(found, words(document, "延期损失", "a delay costs")) == pytest.approx(frame["delay costs [K h household]"].tolist())
    homes, listed = made[0]["homes_under_way"], table(document, "homes_under_way")
    cold = homes[homes["cold now"]]
    assert column(found, words(document, "状态", "state")) == [WORDS[f"state.{one}"][document.lang == "en"] for one in frame["state"]]
    assert {f"state.{one}" for one in STATES_OF_WORKS} <= set(WORDS)
    assert len(cold) and column(listed, words(document, "目前", "now")) == pytest.approx(cold["now [degC]"].tolist())


def test_worth_of_a_little_more_and_prices(made, document):
    frame, found = made[0]["worth"], table(document, "worth")
    assert column(found, words(document, "减少亏缺", "takes away")) == pytest.approx(frame["worth [K h household]"].tolist())
    wider = frame[frame["what"] == "diameter"].iloc[0]
    assert wider["worth of a metre [K h household]"] == pytest.approx(wider["worth [K h household]"] / 60.0)
    assert {"diameter", "loss", "lift", "radiator", "conductance", "supply_temperature"} <= set(frame["what"])
    prices = table(document, "prices")
    assert len(prices.rows) == len(made[0]["price"])
    guards = column(table(document, "ranking"), words(document, "约束", "guard"))
    assert set(guards) <= {WORDS[f"guard.{one}"][document.lang == "en"] for one in ("ok", "robs", "nothing", "pressure", "unsolved")}
