"""Measures, candidates and their ranking: by hand on a street, the planted faults on the demo district, problems of case files."""

import tomllib
from pathlib import Path

import cities
import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

import heatnet
from heatnet import Building, Change, Consumer, HeatnetError, ReadError, Scenario, Settings, Site, WeatherState, store
from heatnet.batch.page import Page, Part
from heatnet.case import Case
from heatnet.cli import main
from heatnet.components import Plant
from heatnet.profile import profile
from heatnet.retrofit import MEASURES, Candidate, Choices, proposed, rank, read_study, study
from heatnet.retrofit.candidate import Given, clashes, priced
from heatnet.retrofit.evaluation import evaluate
from heatnet.retrofit.measures.insulation import Insulation
from heatnet.retrofit.measures.parallel import Parallel
from heatnet.retrofit.measures.radiators import Radiators
from heatnet.retrofit.measures.upsizing import Upsizing
from heatnet.retrofit.options import read_options
from heatnet.retrofit.prices import SHIPPED, read_prices
from heatnet.retrofit.ranking import NOTHING, OK, ROBS
from heatnet.retrofit.tables import ranking_tables
from heatnet.units import KELVIN

CASES = Path(__file__).resolve().parents[1] / "cases"
STATES = (
    WeatherState("-24 degC", 300.0, Scenario("", (Change("site", "outdoor", KELVIN - 24.2),))),
    WeatherState("-10 degC", 2000.0, Scenario("", (Change("site", "outdoor", KELVIN - 10.0),))),
)


def street():
    """Five users in line, the last ones cold; supply temperature by a curve, so that mild weather is no feast."""
    net = cities.line(5, lift=6e4, loss=0.8, diameter=[0.1, 0.09, 0.08, 0.07, 0.05], site=Site(fee=38.32))
    curve = heatnet.reset_curve(KELVIN + 75.0, KELVIN + 50.0, KELVIN + 20.0, KELVIN - 24.2)
    net = net.with_(Building, area=2000.0, households=[10.0, 20.0, 30.0, 40.0, 50.0])
    net = net.with_(Plant, curve="c", supply_temperature=np.nan)
    return heatnet.Network.of("street", *net.tables.values(), site=net.site, curves={"c": curve})


def studied(**choices):
    net = street()
    case = Case("street", net, Scenario(""), Settings(), profile("hlj_2021"))
    return study(case, Choices(baseline="today", **choices), weather=STATES)


def candidate(on, name, measure, **more):
    work = measure.work(on.basis, name)
    return Candidate(name, measure, work, priced(work, on.prices, Given()), **more)


@pytest.fixture(scope="module")
def on():
    return studied()


def options_of(text, key, net):
    page = Page("case.toml", text.splitlines())
    part = Part(page, tomllib.loads(text), "")
    made = read_options(part, MEASURES[key], net)
    return made, page.problems


def test_prices_by_hand(tmp_path):
    prices = read_prices()
    pipe = Upsizing(("ps4", "pr4"), "EN253-1-DN100")
    bill = pipe.work(studied().basis, "x").bill
    trench = 60.0 * (900.0 + 4500.0 * bill[0].diameter + 12000.0 * bill[0].diameter ** 2)
    assert prices.cost(bill).capital == pytest.approx(trench)
    assert prices.cost(bill).annuity == pytest.approx(0.06505 * trench, rel=1e-3)  # 5 %, 30 a
    own = tmp_path / "价格.csv"
    text = SHIPPED.read_text(encoding="utf-8").replace("pipe,直埋保温管（含土建）", "pype,直埋保温管")
    text = text.replace(",2021,15,0.02,", ",2021,0,0.02,", 1)
    own.write_text(text, encoding="utf-8-sig")
    with pytest.raises(ReadError) as caught:
        read_prices(own)
    assert "no work is paid by 'pype', did you mean 'pipe'?" in str(caught.value)
    assert "a life above 0" in str(caught.value) and f"{own}:5" in str(caught.value)


def test_ranking_on_the_street(on):
    ones = (
        candidate(on, "wider", Upsizing(("ps4", "pr4"), "EN253-1-DN80")),
        candidate(on, "same", Upsizing(("ps4", "pr4"), "EN253-1-DN80")),
        candidate(on, "second", Parallel(("ps4", "pr4"), "EN253-1-DN50"), excludes=("wider",)),
        candidate(on, "radiators", Radiators(("b4",), 1.4)),
        candidate(on, "idle", Insulation(("ps0",), 0.8)),
    )
    found = rank(on.with_(ones))
    hours = np.array([300.0, 2000.0])
    for at, one in enumerate(ones):
        before = after = 0.0
        for hour, state in zip(hours, STATES, strict=True):
            for works in (None, one.scenario):
                net = on.today.apply(state.scenario)
                rooms = heatnet.rooms(heatnet.solve(net if works is None else net.apply(works)), "hlj_2021")
                total = hour * float(rooms.deficit @ on.today[Building].households)
                before, after = (before + total, after) if works is None else (before, after + total)
        assert found.avoided[at] == pytest.approx(before - after, rel=1e-4, abs=1.0)
    assert found.guard[4] == NOTHING and found.rank[4] == 5
    assert found.rank[0] == found.rank[1] and found.guard[0] == OK
    assert found.money.per_avoided[3] == pytest.approx(found.money.annual[3] / found.avoided[3])
    mutual = clashes(on.with_(ones).candidates)
    assert mutual["wider"] == {"second"} and mutual["second"] == {"wider"}  # equal values do not clash
    frame = found.frame()
    assert list(frame["rank"]) == sorted(frame["rank"]) and frame["cost [CNY]"].iloc[0] > 0.0
    assert np.isclose(found.homes.sum(axis=1), found.avoided, rtol=1e-9, atol=1e-6).all()


def test_a_candidate_that_robs_is_held_back():
    net = street().with_(Plant, lift=9e4)
    case = Case("street", net, Scenario(""), Settings(), profile("hlj_2021"))
    on = study(case, Choices(baseline="today"), weather=STATES[:1])
    warm = np.flatnonzero(on.basis.rooms.deficit == 0.0)
    assert warm.size
    near = str(on.today[Consumer].id[warm[0]])
    grab = candidate(on, "grab", MEASURES["setting"]((near,), opening=0.15))
    found = rank(on.with_((grab,)))
    assert found.robbed[0] > 0.0 and found.guard[0] == ROBS
    listed = ranking_tables(found)["ranking_robbed"][0]
    assert listed["households"].sum() == found.robbed[0] and (listed["room after [degC]"] < 20.0).all()
    tolerant = rank(study(case, Choices(baseline="today", robbed=1e6), weather=STATES[:1]).with_((grab,)))
    assert tolerant.guard[0] != ROBS


def test_a_peak_boiler_stands_idle_in_mild_weather(on):
    boiler, _ = options_of('supply = "s5"\nback = "r5"\nheat = "50 kW"\nbelow = "-15 degC"', "peak_boiler", on.today)
    found = evaluate(on.ground, [[boiler.work(on.basis, "x")]])
    deficit = found.figure("deficit")[0] - found.before("deficit")
    assert deficit[0] < -1.0 and deficit[1] == pytest.approx(0.0, abs=1e-3)


def test_the_planted_faults_are_found_and_what_mends_them_comes_first():
    on = study(
        heatnet.read_case(CASES / "harbin_demo_retrofit.toml"), Choices(baseline="today", robbed=1e6, checked=0),
        weather=(WeatherState("-15 degC", 1000.0, Scenario("", (Change("site", "outdoor", KELVIN - 15.0),))),),
    )
    on = proposed(on, ("bottleneck", "insulation", "clogged", "terminal"))
    found = rank(on)
    names = {consumer: building for building, consumer in zip(on.today[Building].id, on.today[Building].consumer, strict=True)}
    faults = {
        ("z3.4w",): "strainer", ("n6.3e",): "setting", tuple(f"n5.{tap}{hand}" for tap in range(5, 10) for hand in "we"): "n5.4",
        tuple(f"far.h{number}" for number in range(1, 5)): "insulation:s.far", ("z2.2w",): "radiators", ("z2.2e",): "radiators",
        ("z2.3w",): "radiators", ("n7.2w",): "envelope", ("n7.2e",): "envelope", ("n7.3w",): "envelope", ("z7.2e",): "envelope",
    }
    for homes, mends in faults.items():
        best = found.best_for([names[home] for home in homes])[0]
        assert mends in best, f"{homes}: {best}"
    assert all(one.reason and one.reason_zh for one in found.candidates)


def test_all_problems_of_a_case_at_once(tmp_path):
    path = tmp_path / "改造.toml"
    path.write_text(f"""model = {str(CASES.parent / "models" / "harbin_demo")!r}
[retrofit]
criterion = "cheapest"
propose = ["bottlenek"]
[[candidate]]
id = "a"
measure = "upsising"
[[candidate]]
id = "b"
measure = "radiators"
buildings = ["B9999"]
factr = 2
[[candidate]]
id = "c"
measure = "booster"
pipe = "s.n5.4"
lift = 30
[[candidate]]
id = "d"
mesure = "strainer"
start = "2021-07-01"
finish = "2021-06-01"
requires = ["e"]
[[candidate]]
id = "e"
measure = "strainer"
requires = ["f"]
[[candidate]]
id = "f"
measure = "strainer"
requires = ["d", "g"]
""", encoding="utf-8")
    with pytest.raises(ReadError) as caught:
        read_study(path)
    text = str(caught.value)
    for line, part in (
        (3, "criterion 'cheapest' is not one of"), (4, "did you mean 'bottleneck'?"), (7, "did you mean 'upsizing'?"), (9, "'B9999'"),
        (13, "unknown key 'factr', did you mean 'factor'?"), (17, "write the unit too"),
        (18, "missing key 'measure': 'mesure' is unknown, did you mean it?"),
        (22, "finish 2021-06-01 is before start 2021-07-01"), (23, "requires goes round in a circle: d -> e -> f -> d"),
        (31, "requires 'g' is no candidate"),
    ):
        assert any(f"{path}:{line}" in one and part in one for one in text.splitlines()) or (part in text and line in (9, 13)), (part, text)


def test_rank_on_the_command_line(tmp_path):
    case = tmp_path / "case.toml"
    case.write_text(f"""model = {str(CASES.parent / "models" / "harbin_demo")!r}
[retrofit]
baseline = "today"
states = ["-15 degC"]
[[candidate]]
id = "strainer"
measure = "strainer"
consumers = ["z3.4w"]
[[price]]
item = "strainer"
rate = 800
""", encoding="utf-8")
    for out in ("t.h5", "t.xlsx", "tables"):
        done = CliRunner().invoke(main, ["rank", str(case), "--quiet", "--out", str(tmp_path / out)])
        assert done.exit_code == 0, done.output
        assert "strainer" in done.output
    kept = store.read_table(tmp_path / "t.h5", "ranking")
    book = pd.read_excel(tmp_path / "t.xlsx", sheet_name="ranking", keep_default_na=False)
    plain = pd.read_csv(tmp_path / "tables" / "ranking.csv", encoding="utf-8-sig", keep_default_na=False)
    for frame in (kept, book, plain):
        assert frame["id"].tolist() == ["strainer"] and frame["cost [CNY]"].iloc[0] == pytest.approx(kept["cost [CNY]"].iloc[0])
    assert kept.attrs["baseline"] == "today"
    wrong = CliRunner().invoke(main, ["rank", str(case), "--out", str(tmp_path / "t.pdf"), "--quiet"])
    assert wrong.exit_code == 1 and "xlsx" in wrong.output
    with pytest.raises(HeatnetError, match="prices are in CNY"):
        net = street().with_site(currency="EUR")
        study(Case("street", net, Scenario(""), Settings(), profile("hlj_2021")), Choices(baseline="today"), weather=STATES)


def test_order_and_dates_are_told_before_anything_is_solved(tmp_path, monkeypatch):
    path = tmp_path / "case.toml"
    path.write_text(f"""model = {str(CASES.parent / "models" / "harbin_demo")!r}
[[candidate]]
id = "a"
measure = "strainer"
consumers = ["z3.4w"]
start = "2021-07-01"
finish = "2021-06-01"
requires = ["b"]
[[candidate]]
id = "b"
measure = "strainer"
consumers = ["z3.4e"]
requires = ["a"]
""", encoding="utf-8")
    monkeypatch.setattr("heatnet.retrofit.reading.study", lambda *_, **__: pytest.fail("solved before the file was read"))
    with pytest.raises(ReadError) as caught:
        read_study(path)
    text = str(caught.value)
    assert text.count("in a circle") == 1 and "a -> b -> a" in text and "is before start" in text


def test_proposals_without_gradients(tmp_path):
    case = CASES / "harbin_substations.toml"
    done = CliRunner().invoke(main, ["rank", str(case), "--quiet", "--propose", "--worth", "--baseline", "today"])
    assert done.exit_code == 0, done.output
    told = [one for one in done.output.splitlines() if one.startswith("not proposed: ")]
    assert len(told) == 1 and told[0].startswith("not proposed: bottleneck, insulation, far, tie (no gradients")
    assert "worth: no gradients where exchangers join two networks: exchanger 'x1'" in done.output
    assert "supply_temperature:+2K" in done.output
