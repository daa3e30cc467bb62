"""The report of a run: its numbers are those of the file, and single solves say the same."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from seasons import ROOM, case, net, season
from test_report import CHINESE, fact, figure, table, text

import heatnet
from heatnet import Change, report
from heatnet.batch.axes import Axis, Draw
from heatnet.batch.events import Event
from heatnet.batch.keep import Keep
from heatnet.batch.result import Result
from heatnet.cli import main
from heatnet.errors import HeatnetError
from heatnet.network import Building
from heatnet.report.document import Bars, Items, Line, Paragraph, Table
from heatnet.units import KELVIN

REQUIRED = KELVIN + 20.0


def ran(made: heatnet.Case, folder: Path) -> Result:
    return heatnet.run(made, folder / "run.h5", engine="threads", workers=1)


@pytest.fixture(scope="module")
def outages(tmp_path_factory: pytest.TempPathFactory) -> Result:
    points = ((), *((Change("plant", "lift", value, ("plant",)),) for value in (5e3, 2e4)))
    outage = Axis("outage of plant", ("intact", "plant A out", "plant B out"), points)
    cold = tuple((Change("site", "outdoor", KELVIN + t),) for t in (-30.0, -5.0))
    return ran(case(net(4), outage, Axis("outdoor", ("-30 degC", "-5 degC"), cold)), tmp_path_factory.mktemp("outages"))


@pytest.fixture(scope="module")
def winter(tmp_path_factory: pytest.TempPathFactory) -> Result:
    event = Event("锅炉停运", 30, 54, (Change("plant", "service", 0.0, ("plant",)),))
    outdoor = -24.2 + 8.0 * np.sin(np.arange(72) / 12.0)
    return ran(season(outdoor, event), tmp_path_factory.mktemp("winter"))


def test_outages_are_those_of_the_file(outages: Result) -> None:
    document = report.build_run(outages, "en")
    room = outages.frame(ROOM)
    cold = room < REQUIRED - 1e-3
    people = 20.0 * cold.sum(axis=1)
    listed = table(document, "scenarios")
    assert [row[2] for row in listed.rows] == sorted(people, reverse=True)
    assert people.max() > people.min()
    for row in listed.rows:
        name = row[0].replace("°C", "degC")
        assert row[1:3] == (cold.loc[name].sum(), people[name])
        assert row[3] == people[name] - people["intact, " + name.split(", ")[1]]
        assert row[4] == pytest.approx(20.0 * (REQUIRED - room.loc[name])[cold.loc[name]].sum())
        assert row[5] == pytest.approx(room.loc[name].min() - KELVIN) and row[6].split()[0] == room.loc[name].idxmin()
    assert fact(document, "most households under-heated").value == people.max()
    homes = table(document, "people")
    for row in homes.rows:
        assert row[5] == cold[row[0]].sum() and row[7] == pytest.approx(room[row[0]].min() - KELVIN)
    by_axis = table(document, "axis_1")
    assert [row[3] for row in by_axis.rows] == [people[[name for name in people.index if label in name]].max() for label in ("-30", "-5")]
    bars = next(item for item in figure(document, "worst").series if isinstance(item, Bars))
    assert list(bars.y) == [value for value in sorted(people, reverse=True) if value > 0]
    drawn = figure(document, "over_outdoor").series[0]
    assert isinstance(drawn, Line) and list(drawn.x) == [-30.0, -5.0] and drawn.y[0] == people.max()


def test_season_is_that_of_the_file(winter: Result) -> None:
    document = report.build_run(winter, "en")
    room, heat = winter.frame(ROOM), -winter.frame("plant.heat").sum(axis=1)
    cold = room < REQUIRED - 1e-3
    homes = table(document, "people")
    assert [row[0] for row in homes.rows] == (REQUIRED - room).clip(lower=0).sum().sort_values(ascending=False).index.tolist()
    for row in homes.rows:
        assert row[5] == cold[row[0]].sum() and row[6] == pytest.approx((REQUIRED - room[row[0]]).clip(lower=0).sum())
        assert row[7] == pytest.approx(room[row[0]].min() - KELVIN)
        assert row[-1] == pytest.approx(winter.frame("building.energy")[row[0]].iloc[0] / 1e9)
    assert homes.totals[-1] == pytest.approx(sum(row[-1] for row in homes.rows))
    months = table(document, "months")
    assert months.totals[5] == pytest.approx(heat.sum() * 3600.0 / 1e9) == pytest.approx(sum(row[5] for row in months.rows))
    assert months.totals[6] == pytest.approx(heat.max() / 1e6)
    assert months.totals[7] == 20.0 * cold.to_numpy().sum()
    days = table(document, "worst_days")
    assert len(days.rows) == 3 and sum(row[6] for row in days.rows) == pytest.approx(months.totals[7])
    at = cold.loc[days.rows[0][0]].sum(axis=1)
    assert days.rows[0][5] == 20.0 * at.max()
    street = table(document, "season_streets")
    assert street.totals[6] == pytest.approx(sum(row[6] for row in street.rows)) == pytest.approx(20.0 * sum(row[6] for row in homes.rows))
    assert fact(document, "degree-hours × households").value == pytest.approx(street.totals[6])
    load, outdoor = figure(document, "duration").series
    assert isinstance(load, Line) and isinstance(outdoor, Line)
    assert list(load.y) == pytest.approx(np.sort(heat)[::-1] / 1e6) and load.x[-1] == 3.0
    assert list(outdoor.y) == pytest.approx(np.sort(winter.weather()["outdoor [K]"]) - KELVIN)
    falls = winter.frame("building.fall_0").iloc[0].dropna().sort_values()
    assert len(falls) and [row[0] for row in table(document, "fall_0").rows] == falls.index.tolist()
    assert [row[5] for row in table(document, "fall_0").rows] == pytest.approx(falls.tolist())


def test_samples_have_intervals(tmp_path: Path) -> None:
    drawn = (Draw("building", "conductance", None, 0.1, "lognormal", "row"),)
    made = net(3)
    made = made.with_(Building, conductance=made[Building].design_heat / 44.2)
    result = ran(case(made, Axis("sample", tuple(f"sample {at}" for at in range(8)), (), drawn, 5)), tmp_path)
    document, room = report.build_run(result, "en"), result.frame(ROOM)
    for row in table(document, "spread_buildings").rows:
        assert row[5] == pytest.approx(100.0 * (room[row[0]] < REQUIRED - 1e-3).mean())
        assert row[6:] == pytest.approx(np.quantile(room[row[0]], (0.05, 0.5, 0.95)) - KELVIN)
    assert "Only 8 samples" in text(document)


def test_chinese_report_of_a_run_is_chinese(outages: Result, winter: Result) -> None:
    for result in (outages, winter):
        document = report.build_run(result, "zh")
        words = [document.title, document.foot]
        for section in document.sections:
            words.append(section.title)
            for block in section.blocks:
                if isinstance(block, Table):
                    words += [block.title, *(head.text for head in block.heads)]
                elif isinstance(block, Paragraph):
                    words.append(block.text)
                elif isinstance(block, Items):
                    words += block.texts
        assert all(CHINESE.search(word) for word in words), [word for word in words if not CHINESE.search(word)]
    assert table(report.build_run(outages, "zh"), "scenarios").rows[0][0].startswith(("热源 A", "热源 B", "无事故"))


def test_what_was_not_kept_is_said(tmp_path: Path) -> None:
    result = ran(case(net(2), keep=Keep(("pipe.flow",))), tmp_path)
    assert "were not kept" in text(report.build_run(result, "en"))


def test_run_report_on_the_command_line(outages: Result, winter: Result, tmp_path: Path) -> None:
    out = [tmp_path / "报告.html", tmp_path / "报告.xlsx", tmp_path / "表"]
    done = CliRunner().invoke(main, ["report", str(winter.path), "--lang", "zh", *(part for path in out for part in ("--out", str(path)))])
    assert done.exit_code == 0, done.output
    assert all(path.exists() for path in out) and len(list(out[2].glob("*.csv"))) >= 8
    wrong = CliRunner().invoke(main, ["report", str(winter.path), "--user", "B1"])
    assert wrong.exit_code == 2 and "--scenario" in wrong.output
    unknown = CliRunner().invoke(main, ["report", str(outages.path), "--scenario", "intact, -30 degc", "--out", str(tmp_path / "no.html")])
    assert unknown.exit_code == 1 and "intact, -30 degC" in unknown.output and not (tmp_path / "no.html").exists()
    with pytest.raises(HeatnetError, match="zh, en"):
        report.build_run(outages, "fr")
