"""The report: its numbers are those of the store, its words exist in both languages, and no name of a user breaks the page."""

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from types import MappingProxyType

import numpy as np
import pandas as pd
import pytest
import substations
from cities import line, solved
from pages import parts
from printed import families, written
from towns import STREETS, town

from heatnet import report, store
from heatnet.components import Consumer, Pipe, Plant
from heatnet.errors import HeatnetError, Problem, ReadError
from heatnet.network import Building, Network, Node
from heatnet.report import html, limits
from heatnet.report.document import Bars, Cell, Document, Fact, Facts, Figure, Items, Line, Live, Paragraph, Table, Tag
from heatnet.report.forms import number
from heatnet.report.model import model
from heatnet.report.sections.balance import indices
from heatnet.report.sections.pressure import ways
from heatnet.report.view import Limits, view
from heatnet.report.words import LANGUAGES, TOPICS, WORDS
from heatnet.rooms import CAUSES, rooms
from heatnet.solve import Settings
from heatnet.store import Store
from heatnet.units import KELVIN

ROOT = Path(__file__).parent.parent
MEANS, RATIOS = ("%", "℃", "K", "W/m²", "次/千户"), (WORDS["x"][0],)  # units and heads of totals that are means or shares
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def stored(folder: Path, net: Network, rule: str = "hlj_2021", settings: Settings | None = None) -> Store:
    state = solved(net, settings)
    store.write(folder / "results.h5", [("base", state, rooms(state, rule))])
    return store.read(folder / "results.h5")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return stored(tmp_path_factory.mktemp("report"), town())


@pytest.fixture(scope="module")
def english(kept: Store) -> Document:
    return report.build(kept, "en")


def table(document: Document, name: str) -> Table:
    """A table of the report, its numbers in the units that are printed."""
    found = next(block for section in document.sections for block in section.blocks if isinstance(block, Table) and block.name == name)

    def shown(row: tuple[Cell, ...]) -> tuple[Cell, ...]:
        return tuple(
            head.form.shown(value, document.lang) if head.form is not None and isinstance(value, (int, float)) else value
            for head, value in zip(found.heads, row, strict=True)
        )

    return replace(found, rows=tuple(shown(row) for row in found.rows), totals=shown(found.totals) if found.totals else ())


def figure(document: Document, name: str) -> Figure:
    return next(block for section in document.sections for block in section.blocks if isinstance(block, Figure) and block.name == name)


def fact(document: Document, label: str) -> Fact:
    blocks = [block for section in document.sections for block in section.blocks if isinstance(block, Facts)]
    found = next(item for block in blocks for item in block.items if item.label == label)
    return found if isinstance(found.value, str) else replace(found, value=found.form.shown(found.value, document.lang))


def text(document: Document) -> str:
    return " ".join(block.text for section in document.sections for block in section.blocks if isinstance(block, Paragraph))


# ---------------------------------------------------------------- numbers


def test_summary_counts(kept: Store, english: Document) -> None:
    frame = kept.frame("room")
    cold = frame["room [degC]"] < 20.0
    assert 0 < cold.sum() < len(frame)
    assert fact(english, "under-heated buildings").value == cold.sum()
    assert fact(english, "under-heated households").value == frame["households"][cold].sum()
    within = 100 * frame["households"][~cold].sum() / frame["households"].sum()
    assert fact(english, "within the rule, by households").value == pytest.approx(within)
    assert fact(english, "under-heated area").value == pytest.approx(np.nansum(frame["area [m2]"][cold]))
    assert fact(english, "total deficit").value == pytest.approx((frame["deficit [K]"] * frame["households"]).sum())
    assert fact(english, "coldest home").value == pytest.approx(frame["room [degC]"].min())
    refund = fact(english, "fee refunds")
    assert refund.value == pytest.approx(frame["refund per day"].sum()) and "not counted: 1" in refund.note
    assert refund.form.unit("en") == "CNY/day"
    by_hand = frame["area [m2]"] * 40.0 / 183.0 * np.where(frame["room [degC]"] < 16.0, 1.0, np.where(cold, 0.5, 0.0))
    assert refund.value == pytest.approx(by_hand.sum())
    plant = kept.frame("plant").iloc[0]
    row = table(english, "plants").rows[0]
    hot, cool = plant["outlet [degC]"], plant["inlet [degC]"]
    assert row[1:10] == pytest.approx((plant["heat [kW]"] / 1e3, 20.0, plant["heat [kW]"] / 20e3 * 100, plant["flow [kg/s]"] * 3.6, hot,
                                      cool,
                                      hot - cool, plant["short of supply [K]"], -plant["loss [kPa]"]))
    rho = kept.states[0].fluid(Plant).rho[0]
    assert row[11] == pytest.approx(plant["flow [kg/s]"] / rho * 60.0 / 0.7)  # 60 kPa of lift, efficiency 0.7
    assert "converged" in table(english, "conditions").rows[-1][1]


def test_cold_list_is_sorted_and_adds_up(kept: Store, english: Document) -> None:
    frame = kept.frame("room")
    listed = table(english, "cold_list")
    cold = frame[frame["room [degC]"] < 20.0]
    at = {head.text: column for column, head in enumerate(listed.heads)}
    assert sorted(row[0] for row in listed.rows) == sorted(cold.index)
    weight = [row[at["deficit × households"]] for row in listed.rows]
    assert weight == sorted(weight, reverse=True)
    for row in listed.rows:
        home = cold.loc[row[0]]
        assert row[at["room temperature"]] == home["room [degC]"] and row[at["flow ratio x"]] == home["flow ratio [-]"]
        assert row[at["deficit"]] == pytest.approx(20.0 - home["room [degC]"])
        assert row[at["supply at inlet"]] == home["supply [degC]"]
        if home["cause"] == "flow":
            assert row[at["bottleneck pipe"]] == home["bottleneck pipe"]
            assert row[at["its pressure gradient"]] == home["gradient there [Pa/m]"]
        else:
            assert row[at["bottleneck pipe"]] == "" and np.isnan(row[at["its pressure gradient"]])
        assert row[at["refund band"]] == (100.0 if home["room [degC]"] < 16.0 else 50.0)
    replaced_ = table(english, "substituted")
    assert [row[0] for row in replaced_.rows] == [row[0] for row in listed.rows]
    for row in replaced_.rows:
        assert list(row[4:]) == [cold.loc[row[0]][f"room at design {cause} [degC]"] for cause in CAUSES[:4]]
    assert listed.totals[at["area"]] == pytest.approx(np.nansum(cold["area [m2]"]))
    assert listed.totals[at["households"]] == cold["households"].sum()
    assert listed.totals[at["deficit × households"]] == pytest.approx((cold["deficit [K]"] * cold["households"]).sum())
    assert listed.totals[at["refund"]] == pytest.approx(cold["refund per day"].sum())
    assert len(table(english, "streets").rows) == 2 and table(english, "streets").totals[3] == len(cold)
    for name, names in (("streets", 2), ("districts", 1), ("cold_inlets", 1)):
        group = table(english, name)
        for column in (names, names + 1, names + 2, names + 3, names + 6, names + 7):
            assert np.nansum([row[column] for row in group.rows]) == pytest.approx(group.totals[column]), (name, column)
        assert group.totals[names + 6] == pytest.approx(listed.totals[at["deficit × households"]])
    causes = table(english, "causes")
    assert sum(row[1] for row in causes.rows) == len(cold) == causes.totals[1]
    assert len(causes.rows) >= 4  # the town shows every cause


def test_warm_list_tells_surplus_and_waste(kept: Store, english: Document) -> None:
    frame, part = kept.frame("room"), kept.states[0].scene.terminals
    listed = table(english, "warm_list")
    cold = frame["room [degC]"] < 20.0  # such a home has no water to spare, whatever it takes
    warm = frame[((frame["flow ratio [-]"] > 1.2) & ~cold) | (frame["room [degC]"] > 24.0)]
    assert ((frame["flow ratio [-]"] > 1.2) & cold).any()
    assert len(warm) and sorted(row[0] for row in listed.rows) == sorted(warm.index)
    rank = {name: row for row, name in enumerate(frame.index)}
    for row in listed.rows:
        at = rank[str(row[0])]
        assert row[7] == pytest.approx((frame["flow ratio [-]"].iloc[at] - 1) * part.design_flow[at] * 3.6)
        assert row[10] == pytest.approx(part.conductance[at] * max(frame["room [degC]"].iloc[at] - 20.0, 0.0) / 1e3)
    assert listed.totals[7] == pytest.approx(sum(row[7] for row in listed.rows))


def test_balance_table_and_indices(kept: Store, english: Document) -> None:
    frame = kept.frame("consumer")
    listed = table(english, "inlets")
    assert sorted(row[0] for row in listed.rows) == sorted(frame.index)
    for row in listed.rows:
        inlet = frame.loc[row[0]]
        assert row[6] == inlet["flow ratio [-]"]
        assert (row[4], row[8]) == pytest.approx((inlet["flow [kg/s]"] * 3.6, inlet["loss [kPa]"]))
        expected = "under-flow" if row[6] < 0.9 else "over-flow" if row[6] > 1.2 else "in balance"
        assert isinstance(row[7], Tag) and row[7].text == expected
    shut = next(row for row in listed.rows if row[0] == "U12")
    assert isinstance(shut[10], Tag) and shut[10].text == "shut"
    assert fact(english, "inlets in balance").value == ((frame["flow ratio [-]"] >= 0.9) & (frame["flow ratio [-]"] <= 1.2)).sum()
    x = frame["flow ratio [-]"].to_numpy()
    assert fact(english, "coefficient of variation").value == pytest.approx(x.std() / x.mean())  # all design flows are equal
    assert fact(english, "Gini index").value == pytest.approx(np.abs(x[:, None] - x).mean() / (2 * x.mean()))
    narrow = report.build(kept, "en", limits=Limits(0.99, 1.01))
    assert fact(narrow, "inlets in balance").value < fact(english, "inlets in balance").value


def test_indices_of_odd_flows() -> None:
    none = indices(np.array([np.nan]), np.array([1.0]), Limits())
    assert none.inlets == 0 and np.isnan(none.mean)
    still = indices(np.zeros(3), np.ones(3), Limits())
    assert still.mean == 0.0 and np.isnan(still.cv) and np.isnan(still.gini) and still.under == 3
    weighted = indices(np.array([1.0, 2.0]), np.array([3.0, 1.0]), Limits())
    assert weighted.mean == 1.25 and weighted.gini == pytest.approx(2 * 0.75 * 0.25 / (2 * 1.25)) and weighted.share == 0.75


def test_inlets_out_of_order_are_flagged_with_size(tmp_path: Path) -> None:
    net = line(3, control="load", drop=25.0, buildings=True, lift=2e3, length=400.0, diameter=0.05)
    found = report.build(stored(tmp_path, net), "en")
    flags = [row[10].text for row in table(found, "inlets").rows if isinstance(row[10], Tag)]
    assert any(re.search(r"short of [\d,.]+ kW", flag) for flag in flags) and any("starved" in flag for flag in flags)


def walked(start: int, step: list[int], length: list[float]) -> list[tuple[int, float]]:
    """Nodes and metres from a node along the steps of the model, as the page walks them."""
    found, far = [(start, 0.0)], 0.0
    while step[found[-1][0]] >= 0:
        at = found[-1][0]
        far += length[at]
        found.append((step[at], far))
    return found


def test_model_of_the_page_is_the_state(kept: Store) -> None:
    found = view(kept, "en", "B05b", Limits(), (), 0)
    data = model(found, ("home", 11))
    node, room = kept.frame("node"), kept.frame("room")
    assert data["home"]["room"] == pytest.approx(room["room [degC]"].tolist(), abs=0.006) and data["home"]["id"] == room.index.tolist()
    assert sum(data["pipe"]["supply"]) == 12 and len(data["pipe"]["id"]) == 24
    places = {(data["inlet"]["s"][at], dx, dy) for at, dx, dy in zip(data["home"]["inlet"], data["home"]["dx"], data["home"]["dy"],
                                                                     strict=True)}
    assert len(places) == 24  # no building hides another
    head = node["pressure [kPa]"] / 9.80665 + kept.net[Node].height
    assert data["node"]["head"] == pytest.approx(head.tolist(), abs=0.006)
    row = int(np.flatnonzero(kept.net[Consumer].id == "U05")[0])
    both = ways(found, row)
    assert both is not None
    out = walked(data["inlet"]["s"][row], data["node"]["up"], data["node"]["upLength"])
    back = walked(data["inlet"]["r"][row], data["node"]["down"], data["node"]["downLength"])
    for way, walk in zip(both, (out, back), strict=True):
        assert [at for at, _ in walk][::-1] == list(way.nodes)
        assert [walk[-1][1] - x for _, x in walk][::-1] == pytest.approx(list(way.distance))
    assert [str(kept.net[Node].id[at]) for at in both[0].nodes] == ["s0", *(f"s0{at}" for at in range(6))]
    assert list(both[0].distance) == [0.0, 100.0, 200.0, 300.0, 400.0, 500.0, 600.0]


def test_path_table_is_the_state(kept: Store) -> None:
    rows = table(report.build(kept, "en", "B05b"), "path").rows
    assert rows == table(report.build(kept, "en", "U05"), "path").rows
    node, pipe = kept.frame("node"), kept.frame("pipe")
    assert len(rows) == 14 and [row[1] for row in rows[:2]] == ["s0", "s00"] and {row[0] for row in rows} == {"supply", "return"}
    for row in rows:
        assert row[4] == pytest.approx(node.loc[row[1], "pressure [kPa]"]) and row[7] == pytest.approx(
            node.loc[row[1], "temperature [degC]"])
        if row[8]:
            assert row[11] == pytest.approx(pipe.loc[row[8], "gradient [Pa/m]"])


def test_diagram_of_a_dry_user_says_so(kept: Store) -> None:
    assert "No water reaches B12a" in text(report.build(kept, "en", "B12a"))
    with pytest.raises(KeyError, match="B05b"):
        report.build(kept, "en", "B05c")


def test_room_chart_counts_households(kept: Store, english: Document) -> None:
    drawn, frame = figure(english, "rooms"), kept.frame("room")
    bars = [item for item in drawn.series if isinstance(item, Bars)]
    assert sum(sum(bar.y) for bar in bars) == frame["households"].sum()
    cold = next(bar for bar in bars if bar.label == "below the rule")
    assert sum(cold.y) == frame["households"][frame["room [degC]"] < 20.0].sum() and cold.pattern
    curve = next(item for item in drawn.series if isinstance(item, Line))
    assert curve.y[-1] == pytest.approx(100.0) and list(curve.y) == sorted(curve.y)
    at = np.interp(20.0, curve.x, curve.y)
    assert at == pytest.approx(100.0 * sum(cold.y) / frame["households"].sum(), abs=4.0)


def test_charts_of_balance(kept: Store, english: Document) -> None:
    curve = next(item for item in figure(english, "lorenz").series if isinstance(item, Line))
    part, flow = np.array(curve.x) / 100, np.array(curve.y) / 100
    gini = 1.0 - float(((part[1:] - part[:-1]) * (flow[1:] + flow[:-1])).sum())
    assert gini == pytest.approx(fact(english, "Gini index").value) and flow[-1] == part[-1] == 1.0
    assert sum(len(item.x) for item in figure(english, "flow_ratio").series) == 12


def test_pipes_are_those_of_the_state(kept: Store, english: Document) -> None:
    listed, frame = table(english, "pipes"), kept.frame("pipe")
    assert sorted(row[0] for row in listed.rows) == sorted(frame.index)
    for row in listed.rows:
        pipe = frame.loc[row[0]]
        assert row[6:10] == pytest.approx((pipe["flow [kg/s]"] * 3.6, abs(pipe["speed [m/s]"]), pipe["gradient [Pa/m]"],
                                           pipe["loss [kPa]"]))
        assert row[13] == pytest.approx(pipe["heat [kW]"]) and row[12] == pytest.approx(pipe["heat [kW]"] * 10.0)  # 100 m each
        assert (isinstance(row[14], Tag) and "steep" in row[14].text) == (pipe["gradient [Pa/m]"] > 300.0)
    assert listed.totals[13] == pytest.approx(frame["heat [kW]"].sum()) and listed.totals[5] == 2400.0
    assert fact(english, "pipes above 300 Pa/m").value == (frame["gradient [Pa/m]"] > 300.0).sum()


def test_energy_adds_up(kept: Store, english: Document) -> None:
    plant, inlet, pipe = (kept.frame(kind)["heat [kW]"].sum() for kind in ("plant", "consumer", "pipe"))
    assert fact(english, "heat from plants").value == pytest.approx(plant / 1e3)
    assert fact(english, "heat lost by pipes").value == pytest.approx(100 * pipe / plant)
    bars = [item for item in figure(english, "heat").series if isinstance(item, Bars)]
    assert sum(sum(bar.x) for bar in bars) == pytest.approx((inlet + pipe) / 1e3, rel=1e-3)
    priced = report.build(kept, "en", limits=Limits(heat_price=40e-9, power_price=0.7 / 3.6e6))
    rows = {row[0].strip(): row[3] for row in table(priced, "daily").rows}
    assert rows["heat from plants"] == pytest.approx(plant * 1e3 * 86400 / 1e9 * 40.0)
    assert rows["electricity of pumps"] == pytest.approx(table(priced, "plants").rows[0][11] * 24 * 0.7)
    assert rows["fee refunds"] == pytest.approx(kept.frame("room")["refund per day"].sum())
    loads = table(english, "inlet_loads")
    assert loads.totals[7] == pytest.approx(inlet) and loads.totals[3] == kept.frame("room")["households"].sum()
    for column in (3, 4, 5, 6, 7):
        assert sum(row[column] or 0.0 for row in loads.rows) == pytest.approx(loads.totals[column])


def test_every_total_is_the_sum_of_its_column(kept: Store, tmp_path: Path) -> None:
    """In all tables of the town and of one with substations; shares, means and ratios of totals are told apart by their unit."""
    seen = 0
    for found in (report.build(kept, "zh"), report.build(stored(tmp_path, substations.town(fouling=[0.0, 6.0, 0.0])), "zh")):
        for block in (block for section in found.sections for block in section.blocks if isinstance(block, Table) and block.totals):
            for at, head in enumerate(block.heads):
                total, values = block.totals[at], [row[at] for row in block.rows]
                adds = head.form is not None and head.form.unit("zh") not in MEANS and head.text not in RATIOS
                if isinstance(total, (int, float)) and adds:
                    parts = [value for value in values if isinstance(value, (int, float)) and not np.isnan(value)]
                    assert np.isnan(total) or total == pytest.approx(sum(parts), rel=1e-9, abs=1e-6), (block.name, head.text)
                    seen += 1
    assert seen > 60


def test_data_quality_counts_rows(english: Document) -> None:
    rows = {(row[0], row[1]): row for row in table(english, "data_quality").rows}
    assert rows["buildings", "area"][5] == 1  # one building has no area
    assert rows["pipes", "roughness"][2:5] == (24, 0.0, 24)
    assert rows["nodes", "held pressure"][5] == 25 and rows["plants", "capacity"][3] == 100.0


def test_sections_stand_in_the_order_that_engineers_expect(kept: Store, english: Document) -> None:
    names = [section.name for section in english.sections]
    assert names == ["summary", "inputs", "plants", "substations", "balance", "cold", "warm", "pipes", "pressure", "energy", "solver"]
    assert [block.name for block in english.sections[0].blocks if isinstance(block, Live)] == ["map"]
    tables = [block.name for section in english.sections for block in section.blocks if isinstance(block, Table)]
    assert len(tables) == len(set(tables))
    for section in english.sections:
        for block in section.blocks:
            if isinstance(block, Table):
                assert all(len(row) == len(block.heads) for row in (*block.rows, *([block.totals] if block.totals else []))), block.name


def test_pressure_rules_of_the_store_are_told(kept: Store) -> None:
    margins = pd.DataFrame([("boiling", "running", "node", 26, 1, -12.5, "s05")],
                           columns=["rule", "state", "table", "checked", "beyond", "least margin [kPa]", "where"])
    broken = pd.DataFrame([("boiling", "running", "node", "s05", 1.0, 13.5, -12.5)],
                          columns=["rule", "state", "table", "id", "value [kPa]", "limit [kPa]", "margin [kPa]"])
    found = report.build(kept.with_table("pressure_margin", margins).with_table("pressure_violation", broken), "zh")
    assert table(found, "pressure_rules").rows[0] == ("不汽化", "运行", "节点", 26.0, 1.0, pytest.approx(-0.0125), "s05")
    assert table(found, "pressure_violations").rows[0][3:] == ("s05", *(pytest.approx(value) for value in (0.001, 0.0135, -0.0125)))
    assert "压力规则不满足 1 处" in text(found)


def test_limits_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "limits.toml"
    path.write_text('high = 1.1\ngradient = "200 Pa/m"\nheat_price = 38.5\n', encoding="utf-8")
    found = limits.read(path)
    assert (found.high, found.gradient, found.low) == (1.1, 200.0, 0.9) and found.heat_price == pytest.approx(38.5e-9)
    path.write_text('hihg = 1.1\nspeed = "fast"\nlow = 2.0\n', encoding="utf-8")
    with pytest.raises(ReadError) as error:
        limits.read(path)
    assert len(error.value.problems) == 2 and "'high'" in str(error.value) and "3.5" not in str(error.value)


def test_long_tables_say_what_they_leave_out(english: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    assert html.MOST_ROWS >= 10_000
    monkeypatch.setattr(html, "MOST_ROWS", 5)
    page = html.page(english)
    assert "first 5 of 12 rows" in page
    assert parts(page)["data-table-inlets"]["rows"] == 5


def test_models_that_lack_something(tmp_path: Path) -> None:
    bare = report.build(stored(tmp_path, town(coordinates=False, buildings=False)), "en")
    assert "no coordinates" in text(bare) and "no buildings" in text(bare)
    assert "converged" in html.page(bare)
    no_fee = report.build(stored(tmp_path, town(fee=float("nan"))), "zh")
    assert fact(no_fee, "每日应退热费").note == "未给热价或面积"
    no_rule = report.build(stored(tmp_path, town(), "who_2018"), "en")
    assert fact(no_rule, "fee refunds").value == 0.0 or np.isnan(float(fact(no_rule, "fee refunds").value))
    none = line(2, buildings=False, control="load", heat_given=5e4, drop=25.0)
    assert "no coordinates" in text(report.build(stored(tmp_path, none), "en"))


def test_no_building_is_not_all_buildings_warm(tmp_path: Path) -> None:
    bare = report.build(stored(tmp_path, town(buildings=False)), "en")
    assert "No building is under-heated" not in text(bare) and "No building has x" not in text(bare)


def test_a_load_that_is_met_is_not_out_of_balance(tmp_path: Path) -> None:
    served = line(3, control="load", drop=50.0, kvs=30.0, lift=1.2e5, diameter=0.2, length=20.0)  # half the flow of the design drop
    found = report.build(stored(tmp_path, served), "en")
    rows = table(found, "inlets").rows
    assert all(row[6] < 0.55 and row[7] == Tag("as its load asks", "good") and row[10] == "" for row in rows), rows
    counts = [item.value for section in found.sections for block in section.blocks if isinstance(block, Facts)
              for item in block.items if item.label == WORDS["balance.under"][1]]
    assert counts == [0]
    starved = report.build(stored(tmp_path, served.with_(Plant, lift=2e2)), "en")
    assert all(row[7] == Tag("under-flow", "low") and "short of" in row[10].text for row in table(starved, "inlets").rows)


def test_state_without_answer_makes_no_report(tmp_path: Path) -> None:
    store.write(tmp_path / "a.h5", [("base", solved(line(3), Settings(max_steps=1), throw=False), None)])
    with pytest.raises(HeatnetError, match="max_steps"):
        report.build(store.read(tmp_path / "a.h5"), "en")


def test_warnings_and_source_are_printed(tmp_path: Path) -> None:
    net = replace(town(), about=MappingProxyType({"title_zh": "两街示例", "title_en": "Two streets", "source": "invented"}))
    kept = stored(tmp_path, net, settings=Settings(friction="altshul"))
    warning = Problem("roughness is unusual", "pipe", "PS00", warning=True)
    found = report.build(kept, "en", warnings=[warning])
    items = [line_ for section in found.sections for block in section.blocks if isinstance(block, Items) for line_ in block.texts]
    assert str(warning) in items and ("source", "invented") in table(found, "about").rows
    assert found.subtitle.startswith("Two streets") and report.build(kept, "zh").subtitle.startswith("两街示例")
    assert "Altshul" in text(found) and "阿里特苏里" in text(report.build(kept, "zh"))


def test_chinese_pressures_are_in_megapascals_and_heads_in_metres_of_water(kept: Store, english: Document) -> None:
    """One policy: gauge pressures MPa, lifts, losses and what is available mH2O; the page prints what the tables print."""
    found = report.build(kept, "zh")
    units = {head.text: head.form.unit("zh") for section in found.sections for block in section.blocks if isinstance(block, Table)
             for head in block.heads if head.form is not None}
    assert {units[name] for name in ("回水压力", "压力（表压）")} == {"MPa"}
    assert {units[name] for name in ("供回水压差", "资用压头", "压降", "测压管水头")} == {"mH2O"} and "kPa" not in units.values()
    inlets = kept.frame("consumer")["loss [kPa]"]
    at = [head.text for head in table(found, "inlets").heads].index("资用压头")
    assert {row[0]: row[at] for row in table(found, "inlets").rows} == pytest.approx((inlets / 9.80665).to_dict())
    data, node = model(view(kept, "zh", None, Limits(), (), 0), None), kept.frame("node")["pressure [kPa]"]
    assert data["forms"]["p"] == [3, "MPa"] and data["node"]["p"] == pytest.approx((node / 1e3).tolist(), abs=6e-4)
    assert data["forms"]["dp"] == [2, "mH2O"] and data["inlet"]["dp"] == pytest.approx((inlets / 9.80665).tolist(), abs=6e-3)
    assert "kPa" not in text(found)
    rooms_ = [one["label"] for one in data["layers"]["home"]["room"]["classes"]]
    assert rooms_ == ["< 16 ℃", "16 – 18 ℃", "18 – 20 ℃", "20 – 24 ℃", "≥ 24 ℃"]
    odd = model(view(kept, "en", None, Limits(low=0.875, gradient=1200.0), (), 0), None)["layers"]
    assert [one["label"] for one in odd["home"]["ratio"]["classes"]] == ["< 0.5", "0.5 – 0.875", "0.875 – 1.2", "≥ 1.2"]
    assert [one["label"] for one in odd["pipe"]["r"]["classes"]][-2:] == ["150 – 1,200 Pa/m", "≥ 1,200 Pa/m"]
    assert [one["to"] for one in odd["pipe"]["d"]["classes"]] == [100.0, 200.0, 400.0, None]


def test_numbers_as_printed() -> None:
    printed = {(-24.24, 1): "−24.2", (-0.04, 1): "0.0", (1234.4, 0): "1,234", (float("nan"), 2): "–", (float("inf"), 2): "∞"}
    assert [number(*pair) for pair in printed] == list(printed.values())


# ---------------------------------------------------------------- words


def test_every_word_exists_in_both_languages() -> None:
    assert LANGUAGES == ("zh", "en")
    files = {path.stem for path in (ROOT / "heatnet" / "report" / "words").glob("*.py")} - {"__init__"}
    assert files == {topic.__name__.rpartition(".")[2] for topic in TOPICS}, "a file of words is not in TOPICS"
    assert len(WORDS) == sum(len(topic.WORDS) for topic in TOPICS), "two files have words for one key"
    for key, pair in WORDS.items():
        assert len(pair) == 2 and all(pair), key
        values = [sorted(re.findall(r"{(\w+)}", words)) for words in pair]
        assert values[0] == values[1], key
    put_together = families()
    assert put_together - set(WORDS) == set(), "names of the library without words"
    said, quoted = written()
    assert said - set(WORDS) == set(), "keys without words"
    loose = set(WORDS) - quoted - put_together
    assert loose == set(), "words that nothing prints"


def test_chinese_report_is_chinese_and_english_report_is_english(tmp_path: Path) -> None:
    kept = stored(tmp_path, town())
    for lang in LANGUAGES:
        found = report.build(kept, lang)
        words = [found.title, found.foot, *found.labels.values()]
        for section in found.sections:
            words.append(section.title)
            for block in section.blocks:
                if isinstance(block, Table):
                    words += [block.title, *(head.text for head in block.heads)]
                elif isinstance(block, Facts):
                    words += [item.label for item in block.items]
                elif isinstance(block, Figure):
                    words += [block.title, *(item.label for item in block.series), *filter(None, (block.x, block.y, block.note))]
                elif isinstance(block, Paragraph):
                    words.append(block.text)
                elif isinstance(block, Items):
                    words += block.texts
        user = re.compile(r"和兴路|\d+号楼|热源1|南岗区")
        for word in words:
            assert bool(CHINESE.search(user.sub("", word))) == (lang == "zh"), word
    with pytest.raises(HeatnetError, match="zh, en"):
        report.build(kept, "fr")


# ---------------------------------------------------------------- page


class Elements(HTMLParser):
    """Counts elements, and gathers what would load something from outside."""

    def __init__(self) -> None:
        super().__init__()
        self.count: dict[str, int] = {}
        self.outside: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.count[tag] = self.count.get(tag, 0) + 1
        self.outside += [f"{tag} {name}={value}" for name, value in attrs if name in ("src", "href") and not str(value).startswith("#")]


def test_page_is_one_file_and_names_cannot_break_it(kept: Store, english: Document, tmp_path: Path) -> None:
    path = tmp_path / "报告.html"
    report.write(english, path)
    page = path.read_text(encoding="utf-8")
    assert path.stat().st_size < 8e6 and [item.name for item in tmp_path.iterdir()] == [path.name]
    evil = STREETS[1][0]
    assert evil not in page and "<script>alert" not in page
    assert "Main &lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt; &amp; Sons" in page
    parser = Elements()
    parser.feed(page)
    assert parser.outside == [] and parser.count["script"] == 3 + len(parts(page)) and parser.count["table"] == sum(
        isinstance(block, Table) for section in english.sections for block in section.blocks)
    data = parts(page)
    assert any(evil in name for name in data["data-model"]["home"]["name"])  # set as text by the page, never as HTML
    assert len(table(english, "cold_list").rows) == data["data-table-cold_list"]["rows"]


def test_equal_runs_are_equal_bytes(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for lang in LANGUAGES:
            report.write(report.build(stored(tmp_path / name, town()), lang), tmp_path / name / f"{lang}.html")
    for file in ("results.h5", "zh.html", "en.html"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


def test_failed_write_leaves_the_old_report(tmp_path: Path, english: Document, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "report.html"
    path.write_text("old")

    def fails(_: Document) -> str:
        raise RuntimeError("no")

    monkeypatch.setattr(html, "page", fails)
    with pytest.raises(RuntimeError):
        report.write(english, path)
    assert path.read_text() == "old" and len(list(tmp_path.iterdir())) == 1


def test_room_temperatures_are_in_the_document_in_celsius(kept: Store, english: Document) -> None:
    coldest = kept.rooms[0].temperature.min() - KELVIN  # type: ignore[union-attr]
    assert number(coldest, 1) in html.page(english)


def test_exchanger_tables_are_the_state(tmp_path: Path) -> None:
    given = stored(tmp_path, substations.town(fouling=[0.0, 6.0, 0.0]))
    document, frame = report.build(given, "en"), given.frame("exchanger")
    listed, told = table(document, "exchangers"), given.states[0].substations()
    assert set(told.flag) == {"holds", "short"}
    for row, (name, result) in zip(listed.rows, frame.iterrows(), strict=True):
        assert row[0] == name and isinstance(row[1], Tag) == (result["flag"] != "holds")
        assert (row[7], row[10]) == pytest.approx((result["heat [kW]"], result["primary flow [kg/s]"] * 3.6))
        assert row[11] == pytest.approx(row[10] / row[9]) and row[12] == pytest.approx(result["primary loss [kPa]"]) and np.isnan(row[13])
    sides, power = table(document, "exchanger_sides"), given.frame("pump")["electricity [kW]"]
    for row, (_, result) in zip(sides.rows, frame.iterrows(), strict=True):
        warm = [f"{side} {way} [degC]" for side in ("primary", "secondary") for way in ("supply", "return")]
        assert row[1:6] == pytest.approx((*result[warm], result["set [degC]"]))
        told = (result["effectiveness [-]"], result["opening [-]"] * 100.0, result["secondary flow [kg/s]"] * 3.6)
        assert row[6:10] == pytest.approx((*told, result["secondary loss [kPa]"]))
        assert row[11] == pytest.approx(sum(power[name] for name in row[10].split(", ")))
    assert sides.totals[11] == pytest.approx(power.sum())
    assert listed.totals[7] == pytest.approx(frame["heat [kW]"].sum())
    assert listed.totals[8] == pytest.approx(100.0 * listed.totals[7] / listed.totals[6])
    rooms = given.frame("room")
    grouped = {row[0]: row for row in table(document, "cold_stations").rows}
    for at in range(3):
        behind = rooms[[name.startswith(f"b{at}_") for name in rooms.index]]
        assert grouped[f"x{at}"][1:3] == (4, (behind["deficit [K]"] > 0.0).sum())
    pumps = given.frame("pump")
    assert [row[4] for row in table(document, "pumps").rows] == pytest.approx(pumps["electricity [kW]"].tolist())
    plant = given.frame("plant")
    assert table(document, "plants").rows[0][8] == pytest.approx(plant["short of supply [K]"].iloc[0], abs=1e-9)
    assert table(document, "plants").rows[0][11] == pytest.approx(plant["electricity [kW]"].iloc[0])


@pytest.mark.parametrize(("value", "digits", "text"), [(0.01952, 3, "0.020"), (0.06649, 3, "0.066"), (-21.451, 1, "-21.5")])
def test_numbers_of_the_page_are_rounded_once(value: float, digits: int, text: str) -> None:
    assert f"{html._once(value, digits):.{digits}f}" == text


def test_a_cut_off_home_is_told_so(tmp_path: Path) -> None:
    net = town()
    pipe = net[Pipe]
    gone = net.with_(Pipe, service=np.where(np.isin(pipe.id, ["PS05", "PR05"]), 0.0, 1.0))
    document = report.build(stored(tmp_path, gone), "en")
    frame = store.read(tmp_path / "results.h5").frame("room")
    cut = frame["cause"] == "cut_off"
    assert cut.sum() == 2 and (frame["room [degC]"][cut] < -20.0).all() and not (frame["cause"][~cut] == "cut_off").any()
    causes = {row[0]: row[1] for row in table(document, "causes").rows}
    assert causes["cut off from every plant"] == 2


def test_a_home_behind_a_shut_inlet_is_told_so(tmp_path: Path) -> None:
    net = town()
    opening = net[Consumer].opening.copy()
    opening[:2] = 0.0
    document = report.build(stored(tmp_path, net.with_(Consumer, opening=opening)), "en")
    result = store.read(tmp_path / "results.h5")
    frame = result.frame("room")
    behind = np.isin(net[Building].consumer, net[Consumer].id[opening == 0.0])
    assert ((frame["cause"] == "shut").to_numpy() == behind).all() and behind.any()
    assert {row[0]: row[1] for row in table(document, "causes").rows}["inlet valve shut"] == behind.sum()


def test_order_of_use_and_shortage(tmp_path: Path) -> None:
    made = line(6, lift=3e5, kvs=10.0, control="load", return_temperature=KELVIN + 50.0)
    plant = Plant.of(
        id=["base", "peak"], tail=["r0", "r6"], head=["s0", "s6"], control="remote", lift=3e5, difference=3e4, order=[1, 2],
        supply_temperature=KELVIN + 75.0, capacity=[3e5, 2e5],
    )
    document = report.build(stored(tmp_path, made.replace_table(plant)), "en")
    frame, listed = store.read(tmp_path / "results.h5").frame("plant"), table(document, "plant_order")
    assert [row[1] for row in listed.rows] == ["base", "peak"]
    assert [row[2] for row in listed.rows] == pytest.approx((frame["heat [kW]"] / 1e3).tolist())
    assert sum(row[3] for row in listed.rows) == pytest.approx(100.0)
    assert listed.totals[2] == pytest.approx(sum(row[2] for row in listed.rows))
    assert [row[4] for row in listed.rows] == pytest.approx((np.array([0.3, 0.2]) - frame["heat [kW]"] / 1e3).tolist(), abs=1e-9)
    assert [row[5] for row in listed.rows] == pytest.approx(frame["short of supply [K]"].tolist(), abs=1e-9)
    assert "short of capacity" in text(document)
