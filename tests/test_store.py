"""The store: what was written is read back, bit for bit; damaged files are told, not met as tracebacks."""

import math
import time
from dataclasses import fields, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any

import h5py
import numpy as np
import pandas as pd
import pytest
from cities import line, solved
from towns import town

from heatnet import arrays, store
from heatnet.change import Change, Scenario
from heatnet.errors import HeatnetError, ReadError
from heatnet.network import TABLES, Curve, Network, Site
from heatnet.rooms import Rooms, rooms
from heatnet.solve import Settings, State
from heatnet.units import KELVIN
from heatnet.water import ConstantWater, Water

SETTINGS = Settings(friction="altshul", water=ConstantWater(982.0, 4.5e-4, 4186.0))


def results(net: Network | None = None, settings: Settings | None = None) -> tuple[str, State, Rooms]:
    state = solved(net or town(), settings)
    return "base", state, rooms(state, "hlj_2021")


def same(one: Any, other: Any) -> bool:
    one, other = np.asarray(one), np.asarray(other)
    return one.shape == other.shape and np.array_equal(one, other, equal_nan=one.dtype.kind == "f")


@pytest.mark.parametrize("settings", [Settings(), SETTINGS])
def test_round_trip_is_exact(tmp_path: Path, settings: Settings) -> None:
    net = replace(town(), curves=MappingProxyType({"曲线/1": Curve((250.0, 293.0), (350.0, 293.0))}),
                  about=MappingProxyType({"title": "两街示例", "source": "made up"}))
    name, state, found = results(net, settings)
    store.write(tmp_path / "a.h5", [(name, state, found)])
    back = store.read(tmp_path / "a.h5")
    for kind in TABLES:
        for column in kind.columns():
            assert same(getattr(back.net.tables[kind], column), getattr(net.tables[kind], column)), (kind, column)
    assert (back.net.name, dict(back.net.curves), dict(back.net.about)) == (net.name, dict(net.curves), dict(net.about))
    assert all(same(getattr(back.net.site, item.name), getattr(net.site, item.name)) for item in fields(Site))
    again = back.states[0]
    for field in ("m", "p", "t", "t_in", "t_out", "still", "exchange", "bound"):
        assert same(getattr(again, field), getattr(state, field)), field
    assert (again.settings, again.status, again.detail, again.steps, again.passes, again.residuals) == (
        state.settings, state.status, state.detail, state.steps, state.passes, state.residuals)
    assert back.rooms[0] is not None and back.profile == found.profile
    for field in (item.name for item in fields(Rooms) if item.name not in ("state", "profile")):
        assert same(getattr(back.rooms[0], field), getattr(found, field)), field
    for kind in ("node", "pipe", "consumer", "plant"):
        pd.testing.assert_frame_equal(back.frame(kind), state.frame(kind), check_exact=True)
    pd.testing.assert_frame_equal(back.frame("room"), found.frame(), check_exact=True)
    assert "room [degC]" in back.frame("room").columns


def test_scenarios_keep_their_own_model(tmp_path: Path) -> None:
    net = town()
    base = arrays.compile(net, checked=True)
    cold = Scenario("cold", (Change("site", "outdoor", KELVIN - 30.0), Change("consumer", "opening", 0.5, ("U00",))))
    changed = base.with_changes(cold)
    runs = []
    for name, at in (("base", net), (cold.name, changed.net)):
        state = solved(at)
        runs.append((name, state, rooms(state)))
    store.write(tmp_path / "a.h5", runs)
    back = store.read(tmp_path / "a.h5")
    assert back.scenarios == ("base", "cold")
    for number, (_, state, found) in enumerate(runs):
        assert same(back.states[number].arrays.net.site.outdoor, state.arrays.net.site.outdoor)
        pd.testing.assert_frame_equal(back.frame("consumer", number), state.frame("consumer"), check_exact=True)
        pd.testing.assert_frame_equal(back.frame("room", number), found.frame(), check_exact=True)
    with h5py.File(tmp_path / "a.h5") as file:
        assert list(file["scenario/1"]) == ["consumer", "site"] and list(file["scenario/1/consumer"]) == ["opening"]


def test_state_without_answer_is_kept_with_its_status(tmp_path: Path) -> None:
    state = solved(line(3), Settings(max_steps=1), throw=False)
    assert not state.converged
    good = solved(line(3), Settings(max_steps=1), throw=False)
    store.write(tmp_path / "a.h5", [("failed", state, None), ("failed too", good, None)])
    back = store.read(tmp_path / "a.h5")
    assert back.states[0].status is state.status and back.rooms == (None, None)
    with pytest.raises(ValueError, match="has no rooms"):
        back.frame("room")


def test_networks_without_buildings_or_one_building(tmp_path: Path) -> None:
    for net in (line(2, buildings=False), line(1)):
        name, state, found = results(net)
        store.write(tmp_path / "a.h5", [(name, state, found)])
        back = store.read(tmp_path / "a.h5")
        assert back.rooms[0] is not None and same(back.rooms[0].temperature, found.temperature)
        assert same(back.rooms[0].cause, found.cause)


def test_equal_runs_are_equal_bytes_and_values_carry_units(tmp_path: Path) -> None:
    store.write(tmp_path / "a.h5", [results()])
    time.sleep(1.1)  # a time stamp inside would count seconds
    store.write(tmp_path / "b.h5", [results()])
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.h5", "b.h5"]
    with h5py.File(tmp_path / "a.h5") as file:
        assert file["results/pipe/loss"].attrs["unit"] == "Pa" and file["model/pipe/length"].attrs["unit"] == "m"
        missing: list[str] = []
        file.visititems(lambda name, item: missing.append(name) if isinstance(item, h5py.Dataset) and not item.attrs["doc"] else None)
        assert not missing
        assert file["results/pipe/flow"].shape == (1, len(file["model/pipe/id"]))


def test_other_files_are_refused_in_words(tmp_path: Path) -> None:
    good = tmp_path / "good.h5"
    store.write(good, [results()])
    text = tmp_path / "text.h5"
    text.write_text("hello")
    other = tmp_path / "other.h5"
    with h5py.File(other, "w") as file:
        file["x"] = [1.0]
    newer = tmp_path / "newer.h5"
    newer.write_bytes(good.read_bytes())
    with h5py.File(newer, "r+") as file:
        file.attrs["format"] = 99
    told = {text: "not a heatnet store", other: "not a heatnet store", newer: "use a newer heatnet", tmp_path / "no.h5": "no such file"}
    for path, words in told.items():
        with pytest.raises(ReadError, match=words) as caught:
            store.read(path)
        assert str(path) in str(caught.value)


def test_damaged_files_are_refused_in_words(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.h5", tmp_path / "bad.h5"
    store.write(good, [results()])
    whole = good.read_bytes()
    for size in (0, 100, len(whole) // 2, len(whole) - 1):
        bad.write_bytes(whole[:size])
        with pytest.raises(ReadError):
            store.read(bad)
    rng = np.random.default_rng(1)
    told = 0
    for _ in range(40):
        spoilt = bytearray(whole)
        at = int(rng.integers(2000, len(whole) - 600))
        spoilt[at : at + 512] = rng.bytes(512)
        bad.write_bytes(bytes(spoilt))
        try:
            store.read(bad)
        except ReadError:
            told += 1
    assert told > 30  # what is left fell on unused space or on data that is not read back


def test_failed_write_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "a.h5"
    path.write_text("old")

    def fails(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr("heatnet.store.writer._write", fails)
    with pytest.raises(OSError, match="disk full"):
        store.write(path, [results()])
    assert path.read_text() == "old" and len(list(tmp_path.iterdir())) == 1


def test_results_that_do_not_belong_together() -> None:
    one, other = results(line(2)), results(line(3))
    with pytest.raises(ValueError, match="other rows"):
        store.write("never.h5", [one, other])
    with pytest.raises(ValueError, match="other settings"):
        store.write("never.h5", [one, results(line(2), SETTINGS)])
    state = one[1]
    with pytest.raises(ValueError, match="profiles"):
        store.write("never.h5", [one, ("who", state, rooms(state, "who_2018"))])

    class Oil(Water):
        pass

    with pytest.raises(HeatnetError, match="cannot be stored"):
        store.write("never.h5", [("oil", replace(state, settings=replace(state.settings, water=Oil())), None)])


def test_csv_tables(tmp_path: Path) -> None:
    _, state, found = results()
    folder = tmp_path / "结果"
    store.write_csv(folder, state, found)
    store.write_csv(folder, state, found)  # tables of an earlier run are replaced
    assert [path.name for path in tmp_path.iterdir()] == ["结果"]
    assert {path.name for path in folder.iterdir()} >= {"node.csv", "pipe.csv", "consumer.csv", "building.csv", "plant.csv", "solver.csv"}
    raw = (folder / "building.csv").read_bytes()
    assert raw.startswith(b"\xef\xbb\xbf") and b"room [degC]" in raw
    back = pd.read_csv(folder / "building.csv", index_col="id", keep_default_na=False, na_values=[""], float_precision="round_trip")
    assert np.array_equal(back["room [degC]"].to_numpy(), found.temperature - KELVIN)
    assert math.isclose(back["distance [m]"].max(), found.distance.max())


def test_csv_refuses_a_folder_of_other_things(tmp_path: Path) -> None:
    _, state, found = results(line(2))
    (tmp_path / "thesis.docx").write_text("mine")
    with pytest.raises(HeatnetError, match="thesis"):
        store.write_csv(tmp_path, state, found)
    model = tmp_path / "model"
    model.mkdir()
    (model / "pipe.csv").write_text("id,length\n")
    with pytest.raises(HeatnetError, match="model"):
        store.write_csv(model, state, found)
    assert (model / "pipe.csv").read_text() == "id,length\n"
    with pytest.raises(HeatnetError, match="is a file"):
        store.write_csv(tmp_path / "thesis.docx", state, found)
    (tmp_path / "empty").mkdir()
    store.write_csv(tmp_path / "empty", state, found)
    assert (tmp_path / "empty" / "pipe.csv").is_file()


def test_named_tables_come_back(tmp_path: Path) -> None:
    path = tmp_path / "结果.h5"
    store.write(path, [results()])
    before = store.read(path)
    frame = pd.DataFrame({
        "measure": ["换管", "=1+1", None], "cost [CNY]": [1e5, np.nan, -0.1], "lifted": [3, 0, 2], "a/b [K h]": np.ones(3),
        "safe": [True, False, True],
    }, index=pd.Index(["c1", "c2", "c3"], name="id"))
    store.add_table(path, "ranking", frame, "candidates", {"price of heat [CNY/GJ]": 45.5, "quelle": "测"})
    store.add_table(path, "ranking", frame, "candidates", {"price of heat [CNY/GJ]": 45.5, "quelle": "测"})  # in place of the first
    store.add_table(path, "robbed_users", frame.iloc[:0])
    back = store.read(path)
    assert back.tables() == ("ranking", "robbed_users") == store.table_names(path)
    for again in (back.table("ranking"), store.read_table(path, "ranking")):
        pd.testing.assert_frame_equal(again, frame.fillna({"measure": ""}), check_dtype=False, check_exact=True)
        assert again.attrs == {"price of heat [CNY/GJ]": 45.5, "quelle": "测", "doc": "candidates"}
    assert len(back.table("robbed_users")) == 0 and list(back.table("robbed_users").columns) == list(frame.columns)
    assert same(back.states[0].p, before.states[0].p)
    with h5py.File(path) as file:
        assert file["table/ranking/002"].attrs["unit"] == "CNY" and file["table/ranking/002"].attrs["doc"] == "cost [CNY]"
    with pytest.raises(HeatnetError, match="ranking"):
        back.table("rankin")
    with pytest.raises(HeatnetError, match="ranking"):
        store.read_table(path, "rankin")
    content = path.read_bytes()
    with pytest.raises(ValueError, match="lower case"):
        store.add_table(path, "My table", frame)
    with pytest.raises(ValueError, match="numbers, texts"):
        store.add_table(path, "odd", pd.DataFrame({"a": [object()]}))
    assert path.read_bytes() == content and [item.name for item in tmp_path.iterdir()] == [path.name]
    (tmp_path / "other.h5").write_text("x")
    with pytest.raises(ReadError, match="no heatnet store"):
        store.add_table(tmp_path / "other.h5", "ranking", frame)
