"""Batch runs: the same bytes whatever the engine, files that other programs open, results that are those of single solves."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pandas as pd
import pytest
import xarray as xr
from seasons import ROOM, case, many, net, season
from village import build

import heatnet
from benchmarks.odd_city import odd_city
from heatnet import Change, HeatnetError, ReadError, Scenario
from heatnet.batch.axes import Axis
from heatnet.batch.keep import Keep
from heatnet.batch.progress import Lines
from heatnet.solve import coupled
from heatnet.units import KELVIN


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("run") / "run.h5"
    heatnet.run(many(70), path, engine="threads", workers=1)
    return path


@pytest.mark.parametrize(("engine", "workers"), [("threads", 2), ("processes", 1), ("processes", 2)])
def test_equal_runs_are_equal_files(stored: Path, tmp_path: Path, engine: str, workers: int) -> None:
    heatnet.run(many(70), tmp_path / "run.h5", engine=engine, workers=workers)
    assert (tmp_path / "run.h5").read_bytes() == stored.read_bytes()
    assert [path.name for path in tmp_path.iterdir()] == ["run.h5"]


def test_seasons_are_equal_files(tmp_path: Path) -> None:
    made = season(np.linspace(-25.0, 0.0, 15 * 24))
    axis = Axis("lift", ("low", "high"), ((Change("plant", "lift", 5e4),), (Change("plant", "lift", 1e5),)))
    made = replace(made, plan=replace(made.plan, axes=(axis,)))
    for engine in ("threads", "processes"):
        heatnet.run(made, tmp_path / f"{engine}.h5", engine=engine, workers=2)
    assert (tmp_path / "threads.h5").read_bytes() == (tmp_path / "processes.h5").read_bytes()


def test_scenarios_are_single_solves(stored: Path) -> None:
    made, result = many(70), heatnet.open_run(stored)
    rooms, flow = result.frame(ROOM), result.frame("pipe.flow")
    for number in (0, 33, 69):
        state = heatnet.solve(made.net.apply(made.plan.scenario(number, made.net)), made.settings)
        assert rooms.iloc[number].to_numpy() == pytest.approx(heatnet.rooms(state).temperature, abs=1e-5)
        assert flow.iloc[number].to_numpy() == pytest.approx(state.m[state.of(heatnet.Pipe)], rel=1e-6)
    assert result.frame(f"{ROOM}_min")["temperature_min [K]"].to_numpy() == pytest.approx(rooms.min().to_numpy())
    assert result.frame(f"{ROOM}_mean")["temperature_mean [K]"].to_numpy() == pytest.approx(rooms.mean().to_numpy())


def test_outages_demand_and_samples_change_what_they_should(tmp_path: Path) -> None:
    model = net(4)
    out = Axis("outage of pipe", ("intact", "out"), ((), (Change("pipe", "service", 0.0, ("ps2", "pr2")),)))
    result = heatnet.run(case(model, out, keep=Keep((ROOM, "consumer.flow", "building.cause"))), tmp_path / "a.h5")
    flow, cause = result.frame("consumer.flow").to_numpy(), result.frame("building.cause").to_numpy()
    assert np.all(flow[0] > 0.1) and np.all(np.abs(flow[1, 2:]) < 1e-9) and np.all(flow[1, :2] > flow[0, :2])
    assert result.frame(ROOM).to_numpy()[1, 2:] == pytest.approx(KELVIN - 24.2, abs=1e-6)
    assert cause[1, 3] == "cut_off" and result.scenarios["outage of pipe"].tolist() == ["intact", "out"]


def test_plant_out_of_service(tmp_path: Path) -> None:
    axis = Axis("outage of plant", ("out",), ((Change("plant", "service", 0.0),),))
    result = heatnet.run(case(net(), axis, keep=Keep((ROOM, "plant.flow"))), tmp_path / "a.h5", engine="threads")
    assert result.scenarios["status"].tolist() == ["CONVERGED"]
    assert np.abs(result.frame("plant.flow").to_numpy()).max() < 1e-9
    assert result.frame(ROOM).to_numpy() == pytest.approx(KELVIN - 24.2)


def test_a_scenario_that_fails_is_recorded_and_the_rest_goes_on(tmp_path: Path) -> None:
    bad = Change("node", "pressure", float("nan"), ("r0",))
    wild = Change("pipe", "no_such_column", 1.0)
    result = heatnet.run(case(net(), Axis("a", ("x", "y", "z", "w"), ((), (bad,), (wild,), ()))), tmp_path / "a.h5")
    found = result.scenarios
    assert found["status"].tolist() == ["CONVERGED", "NO_PRESSURE_HELD", "FAILED", "CONVERGED"]
    assert "no_such_column" in found["detail"].iloc[2]
    rooms = result.frame(ROOM).to_numpy()
    assert np.isnan(rooms[1:3]).all() and np.array_equal(rooms[0], rooms[3])
    assert "without an answer: 2" in result.summary()


def test_weights_that_do_not_agree_are_an_answer_that_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(coupled, "better", lambda state: state)
    result = heatnet.run(case(odd_city(209), Axis("a", ("x",), ((),))), tmp_path / "a.h5", engine="threads")
    assert result.scenarios["status"].tolist() == ["MEAN_WEIGHT"] and np.isfinite(result.frame(ROOM).to_numpy()).all()
    assert "with a mean weight of water that turns about: 1" in result.summary() and "without an answer" not in result.summary()


def test_the_file_opens_in_h5py_with_units(stored: Path) -> None:
    with h5py.File(stored) as file:
        data = file["results/building/temperature"]
        assert data.shape == (70, 6) and data.attrs["unit"] == "K" and data.compression == "gzip" and data.chunks is not None
        assert data.dims[0].label == "" and data.dims[1][0][()].tolist() == [b"b0", b"b1", b"b2", b"b3", b"b4", b"b5"]
        assert file["scenario/done"][()].all() and file.attrs["complete"] == 1 and file.attrs["format"] == 1
        assert file["model/pipe/length"].attrs["unit"] == "m" and file.attrs["case"] == "text"
        frame = pd.DataFrame(data[()], index=data.dims[0][0].asstr()[()], columns=data.dims[1][0].asstr()[()])
    pd.testing.assert_frame_equal(frame, heatnet.open_run(stored).frame(ROOM), check_names=False)


def test_the_file_opens_in_xarray_with_labels(stored: Path, tmp_path: Path) -> None:
    with xr.open_dataset(stored, group="results/building", engine="h5netcdf") as data:
        assert data["temperature"].dims == ("scenario", "building") and data["temperature"].attrs["units"] == "K"
        assert data["temperature"].sel(scenario="3", building="b2").item() == heatnet.open_run(stored).frame(ROOM).loc["3", "b2"]
    heatnet.run(season(np.full(24, -10.0)), tmp_path / "s.h5", engine="threads")
    with xr.open_dataset(tmp_path / "s.h5", group="results/building", engine="h5netcdf") as data:
        assert data["temperature"].dims == ("scenario", "hour", "building")
        assert pd.Timestamp(data["hour"].values[5]) == pd.Timestamp("2022-01-10 05:00")
    with xr.open_dataset(tmp_path / "s.h5", group="aggregate/building", engine="h5netcdf") as data:
        assert data["temperature_degree_hours"].attrs["units"] == "K h"


def test_a_complete_run_is_not_run_again_and_others_are_refused(stored: Path) -> None:
    before = stored.stat().st_mtime_ns
    assert heatnet.run(many(70), stored, engine="threads").complete and stored.stat().st_mtime_ns == before
    with pytest.raises(HeatnetError, match="another case"):
        heatnet.run(many(71), stored)


@pytest.mark.parametrize("content", [b"text", b""])
def test_files_that_are_no_run(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.h5").write_bytes(content)
    for call in (lambda: heatnet.open_run(tmp_path / "a.h5"), lambda: heatnet.run(many(2), tmp_path / "a.h5")):
        with pytest.raises(ReadError, match="no file of a run"):
            call()
    with pytest.raises(ReadError, match="no such file"):
        heatnet.open_run(tmp_path / "b.h5")


def test_asking_for_what_was_not_kept(stored: Path) -> None:
    with pytest.raises(HeatnetError, match=r"did you mean 'pipe\.flow'"):
        heatnet.open_run(stored).frame("pipe.flows")
    with pytest.raises(HeatnetError, match="no season"):
        heatnet.open_run(stored).weather()


def test_wrong_engine(tmp_path: Path) -> None:
    with pytest.raises(HeatnetError, match="did you mean 'processes'"):
        heatnet.run(many(2), tmp_path / "a.h5", engine="proceses")


def test_a_broken_model_is_told_before_anything_is_written(tmp_path: Path) -> None:
    broken = replace(many(2), net=net().apply(Scenario("", (Change("pipe", "length", -1.0),))))
    with pytest.raises(heatnet.ModelError, match="length"):
        heatnet.run(broken, tmp_path / "a.h5")
    assert not list(tmp_path.iterdir())


def test_command_line(tmp_path: Path) -> None:
    build(tmp_path / "village")
    (tmp_path / "case.toml").write_text('model = "village"\n[[axis]]\noutdoor = ["-20 degC", "-10 degC", "0 degC"]\n', encoding="utf-8")
    command = [sys.executable, "-m", "heatnet.cli", "run", "case.toml", "--workers", "1"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "3 of 3 scenarios" in done.stdout and "3 of 3 scenarios" in done.stderr and "\x1b" not in done.stderr
    assert "degC" in done.stdout and heatnet.open_run(tmp_path / "case.h5").complete
    (tmp_path / "case.toml").write_text('model = "village"\n[[axis]]\noutdor = ["-20 degC"]\n', encoding="utf-8")
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "case.toml:3" in done.stderr and "Traceback" not in done.stderr


def test_lines_for_who_has_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    lines = Lines()
    lines.begin(10, 4, "scenarios")
    lines.step(3, 1)
    lines.step(3, 0)
    text = capsys.readouterr().err
    assert text.startswith("10 scenarios, 4 of them done before\n10 of 10 scenarios, ") and "1 without an answer" in text
