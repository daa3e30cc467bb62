"""One thing broken at a time: the problem names file, line and column, says what is wrong, and nothing else is blamed."""

from __future__ import annotations

from pathlib import Path

import pytest
from sound import SOUND, errors, problems, swapped, write

# name: (file, old, new, line, column, telling part of the message)
BROKEN: dict[str, tuple[str, str, str, int, str, str]] = {
    # cells
    "not a number": ("pipe.csv", "ps2,s1,s2,100", "ps2,s1,s2,long", 3, "length", "'long' is not a number"),
    "thousands separator": ("pipe.csv", "ps2,s1,s2,100", 'ps2,s1,s2,"1,200"', 3, "length", "thousands"),
    "nan": ("pipe.csv", "ps2,s1,s2,100", "ps2,s1,s2,nan", 3, "length", "'nan' is not a number"),
    "infinite": ("pipe.csv", "ps2,s1,s2,100", "ps2,s1,s2,inf", 3, "length", "'inf' is not a number"),
    "overflow": ("pipe.csv", "ps2,s1,s2,100", "ps2,s1,s2,1e999", 3, "length", "out of range"),
    "full-width digits": ("pipe.csv", "ps2,s1,s2,100", "ps2,s1,s2,１００", 3, "length", "write 100"),
    "unit in the cell": ("pipe.csv", "ps2,s1,s2,100", "ps2,s1,s2,100 m", 3, "length", "is not a number"),
    "negative length": ("pipe.csv", "ps2,s1,s2,100", "ps2,s1,s2,-100", 3, "length", "-100 is out of range"),
    "range in the units of the file": ("pipe.csv", "ps2,s1,s2,100,82.5", "ps2,s1,s2,100,82500", 3, "diameter", "at most 5000 mm"),
    "missing number": ("pipe.csv", "ps2,s1,s2,100", "ps2,s1,s2,", 3, "length", "missing"),
    "missing word": ("pipe.csv", "ps2,s1,s2", "ps2,,s2", 3, "tail", "missing"),
    "no id": ("consumer.csv", "u2,s2", " ,s2", 3, "id", "missing"),
    "wrong choice": ("plant.csv", "r0,s0,lift", "r0,s0,lft", 2, "control", "did you mean 'lift'"),
    "too few cells": ("pipe.csv", "ps2,s1,s2,100,82.5,0.5,0.3,", "ps2,s1,s2,100", 3, "", "4 cells"),
    "too many cells": ("pipe.csv", "82.5,0.5,0.3,\nps3", "82,5,0.5,0.3,\nps3", 3, "", "9 cells"),
    "no diameter and no type": ("pipe.csv", "ps2,s1,s2,100,82.5", "ps2,s1,s2,100,", 3, "diameter", "give the diameter, or a type"),
    "unknown type": ("pipe.csv", "100,82.5,0.5,0.3,\nps3", "100,,0.5,,EN253-1-DN82\nps3", 3, "type", "did you mean 'EN253-1-DN8"),
    # headers
    "misspelt column": ("pipe.csv", "roughness [mm]", "roughnes [mm]", 1, "roughnes", "did you mean 'roughness'"),
    "column twice": ("pipe.csv", "roughness [mm]", "length [m]", 1, "length", "twice"),
    "unknown unit": ("pipe.csv", "diameter [mm]", "diameter [mmm]", 1, "diameter", "did you mean 'mm'"),
    "unit of another dimension": ("pipe.csv", "length [m]", "length [kPa]", 1, "length", "is not a length"),
    # model.toml
    "unknown key": ("model.toml", "title =", "titel =", 2, "", "did you mean 'title'"),
    "unknown key of the site": ("model.toml", "ground =", "grund =", 6, "", "did you mean 'ground'"),
    "unknown table": ("model.toml", "[site]", "[sites]", 4, "", "did you mean 'site'"),
    "no unit": ("model.toml", '"1 degC"', '"1"', 6, "", "no unit"),
    "number where a quantity stands": ("model.toml", '"1 degC"', "1", 6, "", "write the unit too"),
    "wrong unit": ("model.toml", '"1 degC"', '"1 bar"', 6, "", "is not a temperature"),
    "out of range": ("model.toml", '"1 degC"', '"999 degC"', 6, "", "out of range"),
    "curve of unequal length": ("model.toml", '["75 degC", "43 degC"]', '["75 degC"]', 10, "", "2 outdoor and 1 supply"),
    "curve with a point twice": ("model.toml", '"-24.2 degC", "5 degC"', '"5 degC", "5 degC"', 9, "", "twice"),
    "unknown formula": ("model.toml", "outdoor = [", 'formula = "rest" #', 9, "", "reset"),
    "not TOML": ("model.toml", "[site]", "[site", 4, "", "not valid TOML"),
    # references
    "same id twice": ("pipe.csv", "ps2,s1,s2", "ps1,s1,s2", 3, "id", "pipe.csv:2"),
    "no such tail": ("pipe.csv", "ps2,s1,s2", "ps2,s11,s2", 3, "tail", "did you mean 's1'"),
    "no such head": ("consumer.csv", "u2,s2,r2", "u2,s2,q2", 3, "head", "no node 'q2'"),
    "joined with itself": ("pipe.csv", "ps2,s1,s2", "ps2,s2,s2", 3, "head", "begins and ends"),
    "no such consumer": ("building.csv", "b2,u2", "b2,u22", 3, "consumer", "did you mean 'u2'"),
    "no such curve": ("plant.csv", "80,75,,", "80,,eats,", 2, "curve", "did you mean 'east'"),
    # wiring
    "no pressure held": ("node.csv", "0,10,300", "0,10,", 2, "pressure", "give one of them a pressure"),
    "consumer the wrong way round": ("consumer.csv", "u2,s2,r2", "u2,r2,s2", 3, "", "wrong way round"),
    # devices
    "no lift": ("plant.csv", "lift,80", "lift,", 2, "lift", "control 'lift' needs it"),
    "no given heat": ("plant.csv", "s0,lift", "s0,heat", 2, "heat_given", "control 'heat' needs it"),
    "no supply temperature": ("plant.csv", "80,75,,", "80,,,", 2, "supply_temperature", "or the name of a heating curve"),
    "two supply temperatures": ("plant.csv", "80,75,,", "80,75,east,", 2, "supply_temperature", "not both"),
    "no kvs": ("consumer.csv", "s2,r2,fixed,10", "s2,r2,fixed,", 3, "kvs", "control 'fixed' needs it"),
    "no flow": ("consumer.csv", "s2,r2,fixed", "s2,r2,flow", 3, "flow", "control 'flow' needs it"),
    "load without return": ("consumer.csv", "s2,r2,fixed", "s2,r2,load", 3, "return_temperature", "return_temperature or a drop"),
    "load with both": ("consumer.csv", "s2,r2,fixed,10,,,", "s2,r2,load,10,,25,50", 3, "return_temperature", "one of them"),
    "return colder than the room": ("consumer.csv", "s2,r2,fixed,10,,,", "s2,r2,load,10,,,15", 3, "return_temperature", "warmer than"),
    "design return above supply": ("building.csv", "b2,u2,100,75,50", "b2,u2,100,50,75", 3, "design_supply", "above design_return"),
    "design room above return": ("building.csv", "b2,u2,100,75,50,20", "b2,u2,100,75,30,35", 3, "design_return", "above design_indoor"),
}
WARNED: dict[str, tuple[str, str, str, int, str, str]] = {
    "dangling pipe": ("pipe.csv", "pr3,r3,r2,100,69.7,0.5,", "pr3,s3,s4,9,70,0.5,0.3,\npr4,r3,r2,100,69.7,0.5,", 7, "head", "dangling end"),
    "lonely node": ("node.csv", "r3,300,10,\n", "r3,300,10,\nr4,0,0,\n", 10, "", "nothing is joined"),
    "two held pressures": ("node.csv", "r2,200,10,", "r2,200,10,290", 8, "pressure", "hold a pressure"),
    "very rough": ("pipe.csv", "ps2,s1,s2,100,82.5,0.5", "ps2,s1,s2,100,82.5,5", 3, "roughness", "5 %"),
    "very long": ("pipe.csv", "ps2,s1,s2,100", "ps2,s1,s2,30000", 3, "length", "is the unit right"),
    "too little capacity": ("plant.csv", "75,,1", "75,,0.2", 2, "capacity", "0.20 MW"),
    "bypass": ("consumer.csv", "u3,s3,r3,fixed,10,,,\n", "u3,s3,r3,fixed,10,,,\nu4,s3,r3,fixed,1,,,\n", 5, "", "bypass"),
}
NODES = "s4,400,0,\n"


def place(path: Path, name: str, line: int) -> str:
    return f"{path / name}:{line}"


@pytest.mark.parametrize("case", BROKEN.values(), ids=BROKEN)
def test_one_error(case: tuple[str, str, str, int, str, str], tmp_path: Path) -> None:
    name, old, new, line, column, part = case
    folder = write(tmp_path / "模型", {name: swapped(name, old, new)})
    found = errors(folder)
    assert [(problem.where, problem.column) for problem in found] == [(place(folder, name, line), column)], "\n".join(map(str, found))
    assert part in found[0].text
    assert found[0].text in str(found[0]) and found[0].where in str(found[0])


@pytest.mark.parametrize("case", WARNED.values(), ids=WARNED)
def test_one_warning(case: tuple[str, str, str, int, str, str], tmp_path: Path) -> None:
    name, old, new, line, column, part = case
    changed = {name: swapped(name, old, new)}
    if "s4" in new:
        changed["node.csv"] = SOUND["node.csv"] + NODES
    folder = write(tmp_path, changed)
    found = problems(folder)
    assert [(problem.where, problem.column, problem.warning) for problem in found] == [(place(folder, name, line), column, True)], found
    assert part in found[0].text


@pytest.mark.parametrize("name", ["model.toml", "node.csv"])
def test_files_that_must_be_there(name: str, tmp_path: Path) -> None:
    folder = write(tmp_path, {name: None})
    (found,) = errors(folder)
    assert found.where == str(folder / name) and "missing" in found.text


@pytest.mark.parametrize("column", ["id", "tail", "length"])
def test_columns_that_must_be_there(column: str, tmp_path: Path) -> None:
    rows = [line.split(",") for line in SOUND["pipe.csv"].splitlines()]
    at = next(at for at, cell in enumerate(rows[0]) if cell.split()[0] == column)
    folder = write(tmp_path, {"pipe.csv": "".join(",".join(row[:at] + row[at + 1 :]) + "\n" for row in rows)})
    (found,) = errors(folder)
    assert (found.where, found.column) == (place(folder, "pipe.csv", 1), column) and "missing column" in found.text


def test_a_misspelt_table(tmp_path: Path) -> None:
    folder = write(tmp_path, {"building.csv": None, "buildings.csv": SOUND["building.csv"]})
    (found,) = errors(folder)
    assert found.where == str(folder / "buildings.csv") and "building.csv" in found.text


def test_no_such_folder(tmp_path: Path) -> None:
    (found,) = errors(tmp_path / "nowhere")
    assert "no such folder" in found.text


@pytest.mark.parametrize("data", [SOUND["pipe.csv"].encode("utf-16"), b"\xff\xfe\x00\x81", b"\x81"])
def test_no_text(data: bytes, tmp_path: Path) -> None:
    folder = write(tmp_path, {"pipe.csv": data})
    (found,) = errors(folder)
    assert found.where == place(folder, "pipe.csv", 1) and "UTF-8" in found.text


def test_an_open_quote(tmp_path: Path) -> None:
    folder = write(tmp_path, {"pipe.csv": swapped("pipe.csv", "ps2,", '"ps2,')})
    (found,) = errors(folder)
    assert found.where == place(folder, "pipe.csv", 3) and "quotation mark" in found.text


def test_plant_the_wrong_way_round(tmp_path: Path) -> None:
    folder = write(tmp_path, {"plant.csv": swapped("plant.csv", "r0,s0", "s0,r0")})
    (found,) = errors(folder)
    assert found.where == place(folder, "plant.csv", 2) and "wrong way round" in found.text


def test_a_bypass_hides_the_sides(tmp_path: Path) -> None:
    changed = {
        "consumer.csv": swapped("consumer.csv", "u2,s2,r2", "u2,r2,s2"),
        "pipe.csv": SOUND["pipe.csv"] + "bypass,s3,r3,10,20,0.5,0.3,\n",
    }
    assert not errors(write(tmp_path, changed))


def test_everything_at_once_in_the_order_of_the_files(tmp_path: Path) -> None:
    folder = write(tmp_path, {
        "model.toml": swapped("model.toml", "title =", "titel ="),
        "node.csv": swapped("node.csv", "s1,100", "s1,abc"),
        "pipe.csv": swapped("pipe.csv", "ps3,s2,s3,100", "ps3,s2,s3,-1").replace("ps1,s0,s1,100,107.1", "ps1,s0,s1,,0"),
        "building.csv": swapped("building.csv", "b4,u3,100", "b4,u3,100 kW"),
    })
    assert [problem.where.rpartition("/")[2] for problem in errors(folder)] == [
        "model.toml:2", "node.csv:3", "pipe.csv:2", "pipe.csv:2", "pipe.csv:4", "building.csv:5",
    ]


def test_all_broken_rules_at_once(tmp_path: Path) -> None:
    folder = write(tmp_path, {
        "pipe.csv": swapped("pipe.csv", "ps2,s1,s2", "ps2,s1,nowhere"),
        "plant.csv": swapped("plant.csv", "80,75", ",75"),
        "building.csv": swapped("building.csv", "b2,u2", "b1,u9"),
    })
    found = [(problem.where.rpartition("/")[2], problem.column) for problem in errors(folder)]
    for item in [("pipe.csv:3", "head"), ("plant.csv:2", "lift"), ("building.csv:3", "id"), ("building.csv:3", "consumer")]:
        assert item in found


def test_problems_print_with_place_and_advice(tmp_path: Path) -> None:
    folder = write(tmp_path, {"pipe.csv": swapped("pipe.csv", "ps2,s1,s2,100", "ps2,s1,s2,x")})
    (found,) = errors(folder)
    assert str(found).startswith(f"{folder / 'pipe.csv'}:3: pipe 'ps2', column 'length': ")


def test_a_thousand_problems_are_all_listed(tmp_path: Path) -> None:
    rows = "".join(f"x{row},s0,s1,bad,100,0.5,0.3,\n" for row in range(1000))
    found = errors(write(tmp_path, {"pipe.csv": SOUND["pipe.csv"] + rows}))
    assert [int(problem.where.rpartition(":")[2]) for problem in found] == list(range(8, 1008))
