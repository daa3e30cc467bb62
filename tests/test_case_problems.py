"""Case files that are wrong: each problem at its line, and nothing but heatnet's own errors."""

from __future__ import annotations

from pathlib import Path

import pytest
from village import build

import heatnet
from heatnet import HeatnetError, ModelError, ReadError

LENGTH = '[[change]]\ntable = "pipe"\ncolumn = "length"\n'

# text after the model: line, telling part
BAD: dict[str, tuple[str, int, str]] = {
    "solve is no table": ("solve = 3", 2, "[solve]"),
    "change is no table": ("change = 3", 2, "[[change]]"),
    "changes are no tables": ('change = ["pipe"]', 2, "[[change]]"),
    "name is a number": ("name = 3", 2, "word in quotes"),
    "user is a list": ('user = ["b1"]', 2, "word in quotes"),
    "profile is a number": ("profile = 3", 2, "word in quotes"),
    "profile not known": ('profile = "hlj"', 0, "hlj_2021"),
    "language is a list": ('language = ["zh"]', 2, "not one of zh, en"),
    "outdoor without unit": ('outdoor = "-5"', 2, "no unit"),
    "outdoor endless": ('outdoor = "inf degC"', 2, "not a number"),
    "value is true": (LENGTH + "value = true", 5, "does not fit"),
    "value is a list": (LENGTH + "value = [1, 2]", 5, "does not fit"),
    "value is nan": (LENGTH + "value = nan", 5, "does not fit"),
    "value is missing": (LENGTH, 0, "does not fit"),
    "value of another unit": (LENGTH + 'value = "3 bar"', 5, "not a length"),
    "ids is a word": (LENGTH + 'ids = "ps1"\nvalue = 3', 5, 'ids = ["ps1"]'),
    "ids is a number": (LENGTH + "ids = 3\nvalue = 3", 5, "ids is a list"),
    "id not known": (LENGTH + 'ids = ["ps9"]\nvalue = 3', 2, "no row 'ps9'"),
    "steps": ("[solve]\nmax_steps = 0", 3, "above zero"),
    "steps with a point": ("[solve]\nmax_steps = 2.5", 3, "is not a int"),
    "tolerance": ("[solve]\npressure_tolerance = nan", 3, "above zero"),
    "tolerance endless": ("[solve]\nmass_tolerance = inf", 3, "above zero"),
    "gravity": ("[solve]\ngravity = -9.8", 3, "above zero"),
    "search is a word": ('[solve]\nsearch = "no"', 3, "is not a bool"),
    "search is a number": ("[solve]\nsearch = 0", 3, "is not a bool"),
    "water without end": ("[solve]\nwater = { density = inf, viscosity = 1e-3, heat_capacity = 4e3 }", 3, "density"),
    "water of nothing": ("[solve]\nwater = { density = nan, viscosity = 1e-3, heat_capacity = 4e3 }", 3, "density"),
    "water is a word": ('[solve]\nwater = "IF97"', 3, "density = ..."),
}


@pytest.fixture
def case(tmp_path: Path) -> Path:
    build(tmp_path / "village")
    return tmp_path / "case.toml"


def write(case: Path, text: str) -> Path:
    case.write_text(f'model = "village"\n{text}\n', encoding="utf-8")
    return case


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_problem_at_its_line(bad: tuple[str, int, str], case: Path) -> None:
    text, line, part = bad
    with pytest.raises(ReadError) as caught:
        heatnet.read_case(write(case, text))
    found = [problem for problem in caught.value.problems if part in problem.text]
    assert found, caught.value.problems
    assert not line or found[0].where == f"{case}:{line}"


@pytest.mark.parametrize("text", [
    'outdoor = "-500 degC"', LENGTH + "value = -5", LENGTH + 'value = "3000 km"',
    '[[change]]\ntable = "pipe"\ncolumn = "id"\nvalue = "p"', '[[change]]\ntable = "consumer"\ncolumn = "control"\nvalue = "x"',
])
def test_a_case_that_breaks_its_model_is_not_solved(text: str, case: Path) -> None:
    with pytest.raises(ModelError):
        heatnet.solve(heatnet.read_case(write(case, text)).net)


@pytest.mark.parametrize("text", [
    "", "[solve]\ngravity = 0.0", "[solve]\nheat = false", LENGTH + 'value = "0.2 km"', 'outdoor = "-20 degC"',
])
def test_a_case_that_is_sound(text: str, case: Path) -> None:
    read = heatnet.read_case(write(case, text))
    assert heatnet.solve(read.net, settings=read.settings).converged


def test_broken_model_and_broken_case_are_told_together(case: Path) -> None:
    (case.parent / "village" / "valve.csv").write_text("id\n")
    with pytest.raises(ReadError) as caught:
        heatnet.read_case(write(case, "nmae = 'x'"))
    assert {Path(problem.where.rpartition(":")[0]).name for problem in caught.value.problems} == {"case.toml", "valve.csv"}


@pytest.mark.parametrize("data", [b"\xff\xfe", b"model = ", b"", b"[[model]]", b"model = 1979-05-27", b"\x00"])
def test_files_that_are_no_case(data: bytes, case: Path) -> None:
    case.write_bytes(data)
    with pytest.raises(HeatnetError):
        heatnet.read_case(case)
