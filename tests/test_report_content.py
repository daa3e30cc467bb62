"""What an engineer expects beside the main tables: identity of the network, rules broken, best measures, required pressures, make-up."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import substations
from cities import solved
from test_report import fact, figure, table, text
from towns import town

from heatnet import read, report, reset_curve, store, write_folder
from heatnet.components import Consumer, Plant
from heatnet.errors import Problem
from heatnet.network import Network, Node
from heatnet.regime import regime
from heatnet.report.document import Document, Line
from heatnet.report.identity import fingerprint
from heatnet.report.model import model
from heatnet.report.sections.season_load import dispatched, load_at, season_of
from heatnet.report.view import Limits, view
from heatnet.report.words import WORDS
from heatnet.retrofit.duration import read_curve
from heatnet.rooms import rooms
from heatnet.store import Store
from heatnet.units import KELVIN


def stored(folder: Path, net: Network) -> Store:
    state = solved(net)
    store.write(folder / "results.h5", [("base", state, rooms(state, "hlj_2021"))])
    return store.read(folder / "results.h5")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return stored(tmp_path_factory.mktemp("content"), town())


@pytest.fixture(scope="module")
def english(kept: Store) -> Document:
    return report.build(kept, "en")


def test_a_network_is_known_by_the_mark_of_its_data(kept: Store, english: Document, tmp_path: Path) -> None:
    mark = fingerprint(town())
    write_folder(town(), tmp_path / "town")
    assert fingerprint(read(tmp_path / "town")) == fingerprint(kept.net) == mark
    assert fingerprint(town().with_(Consumer, kvs=14.000001)) != mark and fingerprint(town(fee=41.0)) != mark
    rows = dict(table(english, "conditions").rows)  # type: ignore[arg-type]
    assert mark in rows["network"] and "town" in rows["network"]
    path = tmp_path / "town" / "model.toml"
    path.write_text('version = "v2026-11"\ndate = "2026-11-01"\n' + path.read_text(encoding="utf-8"), encoding="utf-8")
    dated = report.build(stored(tmp_path, read(tmp_path / "town")), "zh")
    rows = dict(table(dated, "conditions").rows)  # type: ignore[arg-type]
    assert rows["数据版本"] == "v2026-11" and rows["数据日期"] == "2026-11-01"


def test_summary_counts_broken_rules_areas_and_warnings(kept: Store, english: Document) -> None:
    broken = pd.DataFrame([("boiling", "running", "node", f"s0{at}", 1.0, 13.5, -12.5) for at in range(3)]
                          + [("draining", "static", "node", "r00", 1.0, 50.0, -49.0)],
                          columns=["rule", "state", "table", "id", "value [kPa]", "limit [kPa]", "margin [kPa]"])
    margins = pd.DataFrame([("boiling", "running", "node", 26, 3, -12.5, "s00")],
                           columns=["rule", "state", "table", "checked", "beyond", "least margin [kPa]", "where"])
    both = kept.with_table("pressure_margin", margins).with_table("pressure_violation", broken)
    warned = report.build(both, "en", warnings=[Problem("roughness is unusual", "pipe", "PS00", warning=True)])
    assert "in 4 places (no boiling 3, no draining 1)" in text(warned)
    assert dict(table(warned, "conditions").rows)["warnings of the check"].startswith("1, ")
    assert "4 处不满足压力规则（不汽化 3 处、不倒空 1 处）" in text(report.build(both, "zh"))
    frame = kept.frame("room")
    area, cold = frame["area [m2]"].fillna(0.0), frame["room [degC]"] < 20.0
    assert f"{100.0 * area[~cold].sum() / area.sum():.1f}% within the rule" in fact(english, "under-heated area").note
    over = frame["room [degC]"] > 24.0
    assert f"{area[over].sum():,.0f} m²" in fact(english, "over-heated buildings").note


def test_summary_names_the_first_measures(kept: Store) -> None:
    count = 7
    ranking = pd.DataFrame({
        "rank": np.arange(count)[::-1] + 1, "id": [f"m{at}" for at in range(count)], "measure": ["upsize"] * count,
        "name": [f"<b>{at}" for at in range(count)], "where": ["PS00"] * count, "cost [CNY]": np.arange(count) * 1e4,
        "avoided [K h household]": np.arange(count) * 100.0, "lifted [household]": np.arange(count) * 5.0,
        "robbed [household]": 0.0, "per avoided [CNY/(K h household)]": 0.125, "guard": ["rank"] * count, "pressure": [""] * count,
    })
    ranking["measure"] = next(key.removeprefix("measure.") for key in WORDS if key.startswith("measure."))
    ranking["guard"] = next(key.removeprefix("guard.") for key in WORDS if key.startswith("guard."))
    document = report.build(kept.with_table("ranking", ranking), "en")
    found = table(document, "foremost")
    assert [row[0] for row in found.rows] == [1.0, 2.0, 3.0, 4.0, 5.0]
    assert [row[2] for row in found.rows] == [f"<b>{at}" for at in (6, 5, 4, 3, 2)]
    full = table(document, "ranking")
    assert {row[4] for row in found.rows} <= {row[4] for row in full.rows}
    assert [block.name for block in document.sections[0].blocks if hasattr(block, "rows")] == ["foremost", "conditions"]


def test_required_pressures_are_those_of_the_rules(tmp_path: Path) -> None:
    given = stored(tmp_path, substations.town())
    found = regime(given.states[0])
    for name, (frame, _) in found.tables().items():
        given = given.with_table(name, frame)
    document, limits = report.build(given, "en"), found.limits
    needed = limits.connection[limits.default["exchanger"]].needed / 1e3
    loss = given.frame("exchanger")["primary loss [kPa]"]
    for row in table(document, "exchangers").rows:
        assert row[12:15] == pytest.approx((loss[row[0]], needed, loss[row[0]] - needed))
    inlets = limits.connection[limits.default["connection"]].needed / 1e3
    at = [head.text for head in table(document, "inlet_loads").heads].index("required differential")
    assert [row[at] for row in table(document, "inlet_loads").rows] == pytest.approx([inlets] * len(given.net[Consumer]))
    differences = found.differences()
    assert (differences["table"] == "exchanger").sum() == len(loss) and (differences["available [kPa]"] > 0.0).all()


def test_make_up_adds_up_and_has_its_usual_size(tmp_path: Path, kept: Store) -> None:
    net = substations.town()
    leak = np.zeros(len(net[Node]))
    inner = int(np.flatnonzero(np.isnan(net[Node].pressure))[0])
    leak[inner] = -0.25
    given = stored(tmp_path, net.with_(Node, inflow=leak))
    document = report.build(given, "en", limits=Limits(leakage=0.02, make_up_accident=0.05))
    found = table(document, "make_up")
    entering = given.states[0].exchange
    assert found.totals[4] == pytest.approx(3.6 * np.maximum(entering, 0.0).sum()) and found.totals[4] == pytest.approx(0.9, abs=1e-6)
    assert found.totals[5] == pytest.approx(0.9, abs=1e-6)
    assert sum(row[4] or 0.0 for row in found.rows) == pytest.approx(found.totals[4])
    plant, frame = next(row for row in found.rows if row[0] == "plant"), given.frame("plant")
    flow = frame["flow [kg/s]"].iloc[0] * 3.6
    assert plant[6:9] == pytest.approx((flow, 0.02 * flow, 0.05 * flow))
    stations = [row for row in found.rows if row[0] == "substation"]
    assert [row[1] for row in stations] == given.frame("exchanger").index.tolist() and all(row[2] for row in stations)
    held = {name for row in found.rows for name in str(row[2]).split(", ") if name}
    assert held == set(net[Node].id[~np.isnan(net[Node].pressure)])
    assert "失水率 1%" in text(report.build(kept, "zh"))


def test_static_line_of_each_zone(tmp_path: Path) -> None:
    """The diagram of a home behind a substation shows the line of its own zone, not that of the plant."""
    net = substations.town()
    held = net[Node].pressure.copy()
    held[list(net[Node].id).index("x0back")] = 3e5
    given = stored(tmp_path, net.with_(Node, pressure=held))
    found, zones = view(given, "en", None, Limits(), (), 0), regime(given.states[0])
    data, frame = model(found, None), regime(given.states[0]).zone_frame()
    lines = np.array(data["lines"])[data["node"]["line"]]
    for number, zone in frame.iterrows():
        here = zones.zone == number
        assert lines[here, 0] == pytest.approx(zone["static line, lowest [m]"], abs=0.02)
        assert lines[here, 1] == pytest.approx(zone["static line, highest [m]"], abs=0.02)
    assert len(data["lines"]) >= 2
    rows = table(report.build(given, "en"), "path").rows
    node = {name: at for at, name in enumerate(data["node"]["id"])}
    assert [row[6] for row in rows] == pytest.approx([lines[node[row[1]], 0] for row in rows], abs=0.006)


def two_plants(capacity: float = 0.9e6, **more: object) -> Network:
    """The town with a base plant of limited capacity and a peak plant beside it, both by a heating curve."""
    net, north = town(), reset_curve(KELVIN + 75.0, KELVIN + 50.0, KELVIN + 20.0, KELVIN - 24.2)
    plant = Plant.of(id=["base", "peak"], tail=["r0", "r0"], head=["s0", "s0"], lift=[6e4, 6e4], curve=["north", "north"],
                     capacity=[capacity, 5e6], **more)
    return replace(net.replace_table(plant), curves={"north": north})


def test_season_load_is_the_state_at_its_weather_and_the_sum_of_its_plants(tmp_path: Path) -> None:
    net = two_plants(order=[1.0, 2.0])
    given = stored(tmp_path, net.with_site(outdoor=KELVIN - 12.0))
    seen, document = view(given, "en", None, Limits(), (), 0), report.build(given, "en")
    heat = given.frame("plant")["heat [kW]"].sum() * 1e3
    assert load_at(seen, KELVIN - 12.0) == pytest.approx(heat, rel=1e-9)
    warmer, rooms_ = load_at(seen, KELVIN - 2.0), given.rooms[0]
    assert rooms_ is not None
    reached = rooms_.heat > 0.0
    conductance = given.states[0].scene.terminals.conductance
    users = np.maximum(rooms_.heat[reached] - 10.0 * conductance[reached], 0.0).sum() - rooms_.heat[reached].sum()
    lost = given.frame("pipe")["heat [kW]"].sum() * 1e3
    assert 0.5 * lost < warmer - heat - users + lost < lost  # by the heating curve pipes lose less, and not much less
    season = season_of(seen, *read_curve())
    by_hand = np.minimum(season.load, 0.9e6)
    assert season.plants[0] == pytest.approx(by_hand) and season.plants[1] == pytest.approx(season.load - by_hand)
    found = table(document, "season_load")
    energy = season.load.sum() * 183.0 / len(season.load) * 86400.0 / 1e9
    assert found.totals[4] == pytest.approx(energy) and sum(row[4] for row in found.rows) == pytest.approx(energy)
    assert [row[0] for row in found.rows] == ["base", "peak"] and sum(row[5] for row in found.rows) == pytest.approx(100.0)
    base = found.rows[0]
    assert base[3] == pytest.approx(0.9) and base[7] == pytest.approx(base[4] * 1e9 / 0.9e6 / 3600.0)
    drawn = figure(document, "duration")
    top = max((line for line in drawn.series if isinstance(line, Line) and not line.right), key=lambda line: sum(line.y))
    assert list(top.y) == pytest.approx((season.load / 1e6).tolist())
    days = np.interp(-15.0, season.outdoor - KELVIN, season.days)
    assert days == pytest.approx(51.0, abs=0.5)  # of the shipped curve


def test_season_without_order_capacity_or_climate(tmp_path: Path) -> None:
    both = stored(tmp_path, two_plants())
    seen = view(both, "en", None, Limits(), (), 0)
    heat = both.frame("plant")["heat [kW]"].to_numpy() * 1e3
    load = np.array([1e5, 1e6, 8e6])
    shared = dispatched(seen, load)
    assert shared[:, 0] == pytest.approx(1e5 * heat / heat.sum())
    assert shared[:, 2] == pytest.approx([0.9e6, 5e6])  # more than both can give
    small = stored(tmp_path, two_plants(2e5).with_(Plant, capacity=[2e5, 3e5]))
    found = table(report.build(small, "zh"), "season_load")
    assert found.rows[-1][0] == "热源能力不足" and sum(row[4] for row in found.rows) == pytest.approx(found.totals[4])
    elsewhere = both.net.with_site(design_outdoor=KELVIN - 10.0)
    mild = stored(tmp_path, elsewhere)
    assert "no duration curve" in text(report.build(mild, "en"))
    own = pd.DataFrame({"outdoor [degC]": [-12.0, 0.0, 8.0], "days at or below": [0.0, 60.0, 183.0]})
    assert table(report.build(mild.with_table("duration", own), "en"), "season_load").totals[4] > 0.0
