"""A broken model never passes for an answer: each is named with its place, and solving it raises nothing but heatnet's own errors."""

from __future__ import annotations

import random
from pathlib import Path

import numpy as np
import pytest
import sound
from test_broken_models import BROKEN as SMALL
from test_broken_models import WARNED as SMALL_WARNED
from village import VILLAGE, altered, build

import heatnet
from heatnet import HeatnetError, ModelError, NotSolved, Problem, ReadError, State

ISLAND = {
    "node.csv": VILLAGE["node.csv"] + "q0,,,,\nq1,,,,\n",
    "pipe.csv": VILLAGE["pipe.csv"] + "pq,q0,q1,10,50,0.5,0.1,,\n",
}
LEVEL = {"node.csv": altered("node.csv", "r1,100,10,121,", "r1,100,10,121,310")}

# name: (changed files, place, table, id, column, telling part of the message); one error each
BROKEN: dict[str, tuple[dict[str, str | bytes | None], str, str, str, str, str]] = {
    "NUL byte": ({"building.csv": altered("building.csv", "4号", "4\x00号")}, "building.csv:4", "building", "", "", "NUL"),
    "UTF-16 without mark": ({"pump.csv": VILLAGE["pump.csv"].encode("utf-16-le")}, "pump.csv:1", "pump", "", "", "UTF-8"),
    "neither UTF-8 nor GB18030": ({"pipe.csv": b"id\xff,tail\n"}, "pipe.csv:1", "pipe", "", "", "GB18030"),
    "UTF-8 damaged in one place": (
        {"building.csv": VILLAGE["building.csv"].encode().replace("3号".encode(), b"3\xe5\x8f")}, "building.csv:3", "building", "", "",
        "damaged here",
    ),
    "UTF-8 cut short": ({"building.csv": VILLAGE["building.csv"].encode()[:-3]}, "building.csv:5", "building", "", "", "damaged here"),
    "UTF-8 with BOM, damaged": (
        {"pump.csv": b"\xef\xbb\xbf" + VILLAGE["pump.csv"].encode() + b"\xb0"},
        "pump.csv:3", "pump", "", "", "UTF-8",
    ),
    "id that begins with #": ({"pipe.csv": altered("pipe.csv", "ps5,", "#5,")}, "pipe.csv:4", "pipe", "", "", "Quote an id"),
    "model.toml in GB18030": ({"model.toml": VILLAGE["model.toml"].encode("gb18030")}, "model.toml:2", "", "", "", "save it as UTF-8"),
    "network without a name": ({"model.toml": altered("model.toml", '"village"', '" "')}, "model.toml:1", "", "", "", "name is empty"),
    "profile not known": ({"model.toml": altered("model.toml", "38.32", '1\nprofile = "hlj"')}, "model.toml:10", "", "", "", "hlj_2021"),
    "no such profile": (
        {"model.toml": altered("model.toml", "38.32", '1\nprofile = "a.toml"')},
        "model.toml:10", "", "", "", "cannot be read",
    ),
    "steep reset curve": (
        {"model.toml": altered("model.toml", "[curve.east]", '[curve.w]\nformula = "reset"\ndesign_supply = "75 degC"\n'
         'design_return = "50 degC"\nflow_ratio = 1e-9\n\n[curve.east]')}, "model.toml:11", "", "", "", "flow_ratio between",
    ),
    "leakage above the curve": (
        {"valve.csv": altered("valve.csv", "istic\n", "istic,leakage\n").replace("percentage\n", "percentage,0.03\n")},
        "valve.csv:2", "valve", "v", "leakage", "more than the equal-percentage curve",
    ),
    "immense kvs": ({"valve.csv": altered("valve.csv", "40,80", "1e300,80")}, "valve.csv:2", "valve", "v", "kvs", "at most 1e+06"),
    "immense zeta": (
        {"pipe.csv": altered("pipe.csv", "0.5,0.3,2,\nps2", "0.5,0.3,1e99,\nps2")},
        "pipe.csv:2", "pipe", "ps1", "zeta", "1e+06",
    ),
    "immense head": ({"pump.csv": altered("pump.csv", "6,4,10", "1e99,4,10")}, "pump.csv:2", "pump", "booster", "shutoff_head", "10000 m"),
    "diameter in metres": (
        {"pipe.csv": altered("pipe.csv", "90,69.7,0.5,0.3,1,\npr1", "90,0.0697,0,0.3,1,\npr1")},
        "pipe.csv:4", "pipe", "ps5", "diameter", "at least 1 ",
    ),
    "radiators and a given heat": (
        {"consumer.csv": altered("consumer.csv", "return_temperature [degC]", "heat_given [kW]").replace("fixed,8,,,", "fixed,8,,,500")},
        "consumer.csv:2", "consumer", "u1", "heat_given", "radiators decide",
    ),
    "heat for a furnace": (
        {"consumer.csv": altered("consumer.csv", "return_temperature [degC]", "heat_given [kW]")
         .replace("load,12,,25,", "load,12,,25,2000")},
        "consumer.csv:4", "consumer", "u5", "heat_given", "above their return water",
    ),
    "empty file": ({"valve.csv": ""}, "valve.csv:1", "valve", "", "", "names the columns: id, tail"),
    "only blank lines": ({"valve.csv": "\n \n,,,\n"}, "valve.csv:1", "valve", "", "", "empty"),
    "only a comment": ({"valve.csv": "# 无阀门\n"}, "valve.csv:1", "valve", "", "", "empty"),
    "per cent above 100": ({"valve.csv": altered("valve.csv", ",80,", ",101,")}, "valve.csv:2", "valve", "v", "opening", "at most 100 %"),
    "missing kvs": ({"valve.csv": altered("valve.csv", "40,80", ",80")}, "valve.csv:2", "valve", "v", "kvs", "missing"),
    "pump curve rising": ({"pump.csv": altered("pump.csv", "6,4,10", "4,6,10")}, "pump.csv:2", "pump", "booster", "rated_head", "fall"),
    "speed in per cent": ({"pump.csv": altered("pump.csv", "10,1", "10,100")}, "pump.csv:2", "pump", "booster", "speed", "at most 2"),
    "pump without flow": ({"pump.csv": altered("pump.csv", "6,4,10", "6,4,0")}, "pump.csv:2", "pump", "booster", "rated_flow", "0.0036 "),
    "decimal comma": (
        {"pipe.csv": altered("pipe.csv", "100,107.1,0.5,0.3,2,\nps2", "100,107@1,0.5,0.3,2,\nps2").replace(",", ";").replace("@", ",")},
        "pipe.csv:2", "pipe", "ps1", "diameter", "write 107.1",
    ),
    "valve to nowhere": (
        {"valve.csv": VILLAGE["valve.csv"] + "v2,s2,s33,40,80,linear\n"}, "valve.csv:3", "valve", "v2", "head", "did you mean 's3'",
    ),
    "curve of ice": ({"model.toml": altered("model.toml", '"43 degC"', '"-43 degC"')}, "model.toml:13", "", "", "", "out of range"),
    "fee without end": ({"model.toml": altered("model.toml", "38.32", "inf")}, "model.toml:9", "", "", "", "fee"),
    "key twice": ({"model.toml": altered("model.toml", "fee =", "fee = 1\nfee =")}, "model.toml:10", "", "", "", "not valid TOML"),
    "heat wave": ({"model.toml": altered("model.toml", '"-15 degC"', '"77 degC"')}, "model.toml:7", "", "", "", "outdoor"),
    "cell of a dotted curve": (
        {"model.toml": VILLAGE["model.toml"].replace("[curve.east]", '[curve."e.1"]').replace('"43 degC"', '"43"')},
        "model.toml:13", "", "", "", "no unit",
    ),
    "parallel lifts": (
        {"plant.csv": VILLAGE["plant.csv"] + "two,r0,s0,lift,80,,east,1\n"}, "plant.csv:3", "plant", "two", "lift", "10.0 kPa apart",
    ),
    "pressures that clash": (
        {**LEVEL, "pipe.csv": altered("pipe.csv", "pr1,r1,r0,100,107.1,0.5,0.3,2", "pr1,r1,r0,0,107.1,0.5,0.3,0")},
        "node.csv:9", "node", "r1", "pressure", "holds another pressure than node 'r0'",
    ),
    "driven island": (
        {**ISLAND, "pump.csv": VILLAGE["pump.csv"] + "p2,q1,q0,6,4,10,1\n"}, "node.csv:13", "node", "q0", "pressure", "no pressure is held",
    ),
    "dangling consumer": (
        {"node.csv": VILLAGE["node.csv"] + "q0,,,,\n", "consumer.csv": VILLAGE["consumer.csv"] + "u6,s5,q0,flow,5,1,,\n"},
        "consumer.csv:5", "consumer", "u6", "head", "dangling end",
    ),
    "no path from a plant": (
        {
            "node.csv": VILLAGE["node.csv"] + "q0,,,,300\nq1,,,,\n", "pipe.csv": ISLAND["pipe.csv"],
            "consumer.csv": VILLAGE["consumer.csv"] + "u6,q0,q1,flow,5,1,,\n",
        },
        "consumer.csv:5", "consumer", "u6", "tail", "no path leads here",
    ),
    "two lengths": (
        {"pipe.csv": VILLAGE["pipe.csv"].replace("zeta", "length [km]")}, "pipe.csv:1", "pipe", "", "length", "twice",
    ),
    "unit not known": ({"node.csv": altered("node.csv", "height", "height [ft]")}, "node.csv:1", "node", "", "height", "known: m"),
    "full-width comma": ({"pump.csv": altered("pump.csv", "s2,s4", "s2，s4")}, "pump.csv:2", "pump", "", "", "6 cells"),
    "load of a plant": ({"plant.csv": altered("plant.csv", "lift,90", "load,90")}, "plant.csv:2", "plant", "boiler", "control", "of lift"),
    "flow of a plant": ({"plant.csv": altered("plant.csv", "lift,90", "flow,90")}, "plant.csv:2", "plant", "boiler", "flow", "needs it"),
}
WARNED: dict[str, tuple[dict[str, str | bytes | None], str, str, str]] = {
    "homes designed for frost": (
        {"building.csv": altered("building.csv", "110,75,50,20", "110,75,50,2")}, "building.csv:5", "b5", "homes are designed for",
    ),
    "gains in watts taken for kilowatts": (
        {"building.csv": altered("building.csv", "area [m2]", "gains [kW]").replace("2000,3号", "200,3号").replace("2400", "1")
         .replace("1200", "1").replace("2200", "1")}, "building.csv:3", "b3", "more than the design heat",
    ),
    "closed valve": ({"valve.csv": altered("valve.csv", ",80,", ",0,")}, "consumer.csv:3", "u3", "valve closed"),
    "pump standing still": ({"pump.csv": altered("pump.csv", "10,1", "10,0")}, "consumer.csv:4", "u5", "no open path"),
    "cut off island": (ISLAND, "node.csv:13", "q0", "cut off"),
    "too little capacity": ({"plant.csv": altered("plant.csv", "east,1.5", "east,0.15")}, "plant.csv:2", "boiler", "0.15 MW"),
    "curve in the wrong order": (
        {"model.toml": altered("model.toml", '["75 degC", "60 degC", "43 degC"]', '["43 degC", "60 degC", "75 degC"]')},
        "plant.csv:2", "boiler", "wrong order",
    ),
    "two held pressures": (LEVEL, "node.csv:9", "r1", "hold a pressure"),
    "stub": (
        {"node.csv": VILLAGE["node.csv"] + "q0,,,,\n", "pipe.csv": VILLAGE["pipe.csv"] + "stub,s1,q0,10,50,0.5,0.1,,\n"},
        "pipe.csv:9", "stub", "no water will flow",
    ),
}


def outcome(folder: Path) -> State | HeatnetError:
    """What comes of reading and solving; anything but an answer or an error of heatnet is raised."""
    try:
        return heatnet.solve(heatnet.read(folder))
    except HeatnetError as error:
        return error


def findings(folder: Path) -> tuple[Problem, ...]:
    try:
        return heatnet.check(heatnet.read(folder))
    except ReadError as error:
        return error.problems


def test_the_village_is_sound(tmp_path: Path) -> None:
    folder = build(tmp_path / "村庄")
    assert findings(folder) == ()
    state = outcome(folder)
    assert isinstance(state, State) and state.converged


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN)
def test_one_error_and_no_answer(case: tuple[dict[str, str | bytes | None], str, str, str, str, str], tmp_path: Path) -> None:
    changed, place, table, name, column, part = case
    folder = build(tmp_path, changed)
    found = [problem for problem in findings(folder) if not problem.warning]
    assert [(item.where, item.table, item.id, item.column) for item in found] == [(str(folder / place), table, name, column)], found
    assert part in found[0].text
    result = outcome(folder)
    assert isinstance(result, ReadError | ModelError) and result.problems == tuple(found)


@pytest.mark.parametrize("case", WARNED.values(), ids=WARNED)
def test_a_warning_and_an_answer(case: tuple[dict[str, str | bytes | None], str, str, str], tmp_path: Path) -> None:
    changed, place, name, part = case
    folder = build(tmp_path, changed)
    found = findings(folder)
    assert found and all(problem.warning for problem in found)
    assert any(item.where == str(folder / place) and item.id == name and part in item.text for item in found), found
    state = outcome(folder)
    assert isinstance(state, State) and state.converged and np.isfinite(state.m).all()


@pytest.mark.parametrize("case", SMALL.values(), ids=SMALL)
def test_no_answer_to_a_small_broken_model(case: tuple[str, str, str, int, str, str], tmp_path: Path) -> None:
    name, old, new = case[:3]
    result = outcome(sound.write(tmp_path, {name: sound.swapped(name, old, new)}))
    assert isinstance(result, ReadError | ModelError)


@pytest.mark.parametrize("name", [name for name in SMALL_WARNED if name != "dangling pipe"])
def test_warnings_do_not_keep_a_model_from_being_solved(name: str, tmp_path: Path) -> None:
    file, old, new = SMALL_WARNED[name][:3]
    state = outcome(sound.write(tmp_path, {file: sound.swapped(file, old, new)}))
    assert isinstance(state, State) and state.converged


@pytest.mark.parametrize("name", ["building.CSV", "Building.csv", "building.csv.txt", "building.xlsx", "buildings.csv", "building.tsv"])
def test_a_table_under_another_name_is_not_passed_over(name: str, tmp_path: Path) -> None:
    folder = build(tmp_path, {"building.csv": None, name: VILLAGE["building.csv"]})
    (found,) = findings(folder)
    assert found.where == str(folder / name) and "did you mean building.csv" in found.text


def test_other_files_are_left_alone(tmp_path: Path) -> None:
    more = dict.fromkeys(("notes.txt", "README.md", "values.txt", "plant.xlsx", "valve.csv.bak", "results.csv"), "x")
    assert findings(build(tmp_path, {**more, "valve.csv": VILLAGE["valve.csv"]})) == ()


def test_a_file_where_a_folder_should_be(tmp_path: Path) -> None:
    file = tmp_path / "model"
    file.write_text("x")
    for path in (file, tmp_path / "nowhere", "a\x00b"):
        with pytest.raises(ReadError, match="no such folder"):
            heatnet.read(path)


def test_ten_things_at_once_in_the_order_of_the_files(tmp_path: Path) -> None:
    folder = build(tmp_path, {
        "model.toml": altered("model.toml", "title =", "titel =").replace('"1 degC"', '"1"').replace("38.32", "-1"),
        "node.csv": altered("node.csv", "s1,100,0,121", "s1,100,0,abc"),
        "pipe.csv": altered("pipe.csv", "ps1,s0,s1,100,107.1", "ps1,s0,s1,-1,0").replace("pr5,r5,r2,140,", "pr5,r5,r2,"),
        "valve.csv": altered("valve.csv", "equal_percentage", "equal"),
        "pump.csv": altered("pump.csv", "speed [-]", "sped [-]"),
        "building.csv": altered("building.csv", "b5,u5", "b5,"),
    })
    assert [problem.where.rpartition("/")[2] for problem in findings(folder)] == [
        "model.toml:2", "model.toml:8", "model.toml:9", "node.csv:3", "pipe.csv:2", "pipe.csv:2", "pipe.csv:8", "valve.csv:2", "pump.csv:1",
        "building.csv:5",
    ]
    error = outcome(folder)
    assert isinstance(error, ReadError) and len(str(error).splitlines()) == 10


CELLS = [
    "", "0", "-1", "1e9", "nan", "inf", "s0", "u1", " ", "#", '"', "１", "1,2",
    "lift", "flow", "load", "heat", "300", "\x00", "½", "1_0",
]
MARKS = list(",;\t\n\r#[]='（）1e-.\ufeff\x00\u2028\x0b\x85 a\\\"")


def damaged(seed: int) -> dict[str, str | bytes | None]:
    """The village with one to three cells, lines or characters changed at random."""
    rng = random.Random(seed)
    files = dict(VILLAGE)
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        name = rng.choice(list(files))
        how = rng.random()
        if how < 0.6 and name.endswith(".csv"):
            rows = [line.split(",") for line in files[name].split("\n")]
            row = rng.choice(rows)
            row[rng.randrange(len(row))] = rng.choice(CELLS)
            files[name] = "\n".join(map(",".join, rows))
        elif how < 0.8:
            lines = files[name].split("\n")
            lines.insert(rng.randrange(len(lines)), lines.pop(rng.randrange(len(lines))))
            files[name] = "\n".join(lines)
        else:
            at = rng.randrange(len(files[name]))
            files[name] = files[name][:at] + rng.choice(MARKS) + files[name][at + rng.choice([0, 1]) :]
    return {name: text.encode() for name, text in files.items()}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("first", range(0, 300, 100))
def test_damaged_files_end_in_an_error_or_a_sound_answer(first: int, tmp_path: Path) -> None:
    for seed in range(first, first + 100):
        folder = build(tmp_path, damaged(seed))
        found = [problem for problem in findings(folder) if not problem.warning]
        result = outcome(folder)
        assert all(problem.where for problem in found), seed
        if found:
            assert isinstance(result, ReadError | ModelError), seed
        else:
            assert isinstance(result, State | NotSolved), seed
            assert not isinstance(result, State) or np.isfinite(result.m).all(), seed
