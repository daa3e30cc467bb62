"""Axes, seasons and what to keep in case files: what they run, and every problem at its line."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from village import build

import heatnet
from heatnet import Building, Pipe, ReadError
from heatnet.units import KELVIN
from heatnet.weather import climate_file


@pytest.fixture
def case(tmp_path: Path) -> Path:
    build(tmp_path / "village")
    return tmp_path / "case.toml"


def read(case: Path, text: str) -> heatnet.Case:
    case.write_text(f'model = "village"\n{text}\n', encoding="utf-8")
    return heatnet.read_case(case)


def test_scenarios_are_the_product_of_axes(case: Path) -> None:
    found = read(case, '''
[[axis]]
outdoor = ["-24.2 degC", "-10 degC"]
[[axis]]
outage = "pipe"
ids = ["pr3", ["ps1", "pr1"]]
[[axis]]
demand = [1.0, 1.2]
ids = ["b1"]
[[axis]]
table = "valve"
column = "opening"
values = ["50 %", 0.8, 1]
''')
    plan, net = found.plan, found.net
    assert plan.count == 2 * 3 * 2 * 3 and [len(axis) for axis in plan.axes] == [2, 3, 2, 3]
    assert plan.name(0) == "-24.2 degC, intact, demand x 1, valve.opening = 50 %"
    last = net.apply(plan.scenario(plan.count - 1, net))
    assert last.site.outdoor == pytest.approx(KELVIN - 10.0) and last.tables[heatnet.Valve].opening[0] == 1.0
    assert last[Pipe].service[[0, 3]].tolist() == [0.0, 0.0] and last[Pipe].service.sum() == len(net[Pipe]) - 2
    assert last[Building].design_heat[0] == pytest.approx(1.2 * net[Building].design_heat[0])
    assert last[Building].design_heat[1] == net[Building].design_heat[1]


def test_two_valves_make_two_axes(case: Path) -> None:
    text = '[[axis]]\ntable = "consumer"\nids = ["{}"]\ncolumn = "opening"\nvalues = [0.2, 1.0]\n'
    assert read(case, text.format("u1") + text.format("u3")).plan.count == 4
    with pytest.raises(ReadError, match="in the same rows"):
        read(case, text.format("u1") + text.format('u3", "u1'))


def test_demand_of_consumers_without_buildings_grows_too(case: Path) -> None:
    folder = case.parent / "village"
    (folder / "building.csv").unlink()
    (folder / "consumer.csv").write_text(
        "id,tail,head,control,kvs [m3/h],flow [t/h],drop [K],heat_given [kW]\n"
        "u1,s1,r1,fixed,8,,,\nu3,s3,r3,flow,10,4,,\nu5,s5,r5,load,12,,25,90\n"
    )
    found = read(case, "[[axis]]\ndemand = [1.0, 1.5]")
    grown = found.net.apply(found.plan.scenario(1, found.net))[heatnet.Consumer]
    assert grown.heat_given[2] == pytest.approx(135e3) and grown.flow[1] == pytest.approx(1.5 * 4 / 3.6)
    (folder / "consumer.csv").write_text("id,tail,head,control,kvs [m3/h]\nu1,s1,r1,fixed,8\n")
    with pytest.raises(ReadError, match="no building and no consumer of given heat"):
        read(case, "[[axis]]\ndemand = [1.0, 1.5]")


def test_outage_over_all_rows(case: Path) -> None:
    plan = read(case, '[[axis]]\noutage = "pipe"\nintact = false').plan
    assert plan.count == 7 and plan.name(0) == "pipe ps1 out"


def test_hours_of_a_weather(case: Path) -> None:
    found = read(case, '[[axis]]\nhours = "harbin"\nfrom = "2022-01-01"\nto = 2022-01-02\nstep = 6\nseed = 3\ndepth = "1.2 m"')
    assert found.plan.count == 8 and found.plan.name(5) == "2022-01-02 06:00"
    net = found.net.apply(found.plan.scenario(5, found.net))
    assert 230 < net.site.outdoor < 273 and net.site.ground == pytest.approx(climate_file("harbin").at(1.2, np.array([1 + 6.5 / 24]))[0])


SAMPLES = '''
[[axis]]
samples = 4
seed = 7
[[axis.column]]
table = "pipe"
column = "roughness"
spread = 0.3
[[axis.column]]
table = "building"
column = "design_heat"
spread = 0.1
law = "uniform"
per = "table"
'''


def test_samples_are_seeded_by_their_number(case: Path) -> None:
    one, other = read(case, SAMPLES), read(case, SAMPLES.replace("= 4", "= 9"))
    for number in range(4):
        a, b = (found.net.apply(found.plan.scenario(number, found.net)) for found in (one, other))
        assert np.array_equal(a[Pipe].roughness, b[Pipe].roughness)
        factor = a[Building].design_heat / one.net[Building].design_heat
        assert np.allclose(factor, factor[0]) and 0.9 <= factor[0] <= 1.1
    again = one.net.apply(one.plan.scenario(0, one.net))[Pipe].roughness
    assert len(set(again)) > 3 and not np.array_equal(again, one.net.apply(one.plan.scenario(1, one.net))[Pipe].roughness)


def test_drawn_values_stay_in_range(case: Path) -> None:
    found = read(case, SAMPLES.replace("spread = 0.3", 'spread = 3\nlaw = "normal"'))
    for number in range(4):
        assert not Pipe.columns()["roughness"].broken(found.net.apply(found.plan.scenario(number, found.net))[Pipe].roughness).any()


AXIS = "[[axis]]\n"
SEASON = '[season]\nweather = "harbin"\nfrom = "2022-01-01"\nto = "2022-01-03"\n'
EVENT = SEASON + '[[season.event]]\nfrom = "2022-01-02 06:00"\nhours = 3\n'
BAD: dict[str, tuple[str, int, str]] = {  # text after the model: line, telling part
    "axis is no table": ("axis = 3", 2, "[[axis]]"),
    "misspelt axis": (AXIS + 'outdor = ["-5 degC"]', 3, "did you mean 'outdoor'"),
    "misspelt key": (AXIS + 'outage = "pipe"\nintakt = true', 4, "did you mean 'intact'"),
    "two in one": (AXIS + 'outage = "pipe"\ndemand = [1.0]', 2, "make two axes"),
    "no values": (AXIS + "outdoor = []", 3, "at least one"),
    "no unit": (AXIS + "outdoor = [-5]", 3, "-5 degC"),
    "too cold": (AXIS + 'outdoor = ["-200 degC"]', 3, "must be"),
    "second axis": (AXIS + 'outdoor = ["-5 degC"]\n' + AXIS + 'outage = "pip"', 5, "did you mean 'pipe'"),
    "same twice": (AXIS + 'outdoor = ["-5 degC"]\n' + AXIS + 'hours = "harbin"\nfrom = "2022-01-01"\nto = "2022-01-02"', 4, "site.outdoor"),
    "id not known": (AXIS + 'outage = "pipe"\nids = ["ps9"]', 4, "no row 'ps9'"),
    "no such table": (AXIS + 'table = "valves"\ncolumn = "opening"\nvalues = [1]', 3, "did you mean 'valve'"),
    "no such column": (AXIS + 'table = "valve"\ncolumn = "openning"\nvalues = [1]', 4, "did you mean 'opening'"),
    "value out of range": (AXIS + 'table = "valve"\ncolumn = "opening"\nvalues = [0.5, 2]', 5, "at most 1"),
    "tail cannot change": (AXIS + 'table = "pipe"\ncolumn = "tail"\nvalues = ["s1"]', 4, "that can change"),
    "value breaks a rule": (AXIS + 'table = "consumer"\nids = ["u1"]\ncolumn = "control"\nvalues = ["load"]', 6, "return_temperature"),
    "growth of nothing": (AXIS + "demand = [0]", 3, "above 0"),
    "district not known": (AXIS + 'demand = [1.1]\ndistrict = "东区"', 4, "东区"),
    "no seed": (AXIS + 'samples = 3\n[[axis.column]]\ntable = "pipe"\ncolumn = "zeta"\nspread = 0.1', 2, "seed"),
    "drawn column": (AXIS + 'samples = 3\nseed = 1\n[[axis.column]]\ntable = "pipe"\ncolumn = "zetta"\nspread = 0.1', 7, "zetta"),
    "hours of nothing": (AXIS + 'hours = "nowhere.epw"', 0, "cannot be read"),
    "no such day": (AXIS + 'hours = "harbin"\nfrom = "2022-02-30"\nto = "2022-03-01"', 4, "a date"),
    "days reversed": (AXIS + 'hours = "harbin"\nfrom = "2022-03-30"\nto = "2022-03-01"', 4, "after"),
    "season and weather": (SEASON + AXIS + 'outdoor = ["-5 degC"]', 6, "own weather"),
    "season key": (SEASON + 'gain = 1', 6, "did you mean 'gains'"),
    "gains": (SEASON + "gains = [1, 2]", 6, "24 factors"),
    "mass": (SEASON + 'mass = "3R3C"', 6, "1R1C, 2R2C"),
    "transport": (SEASON + 'transport = "plug"', 6, "none"),
    "classes": (SEASON + 'classes = "no.csv"', 0, "cannot be read"),
    "event of nothing": (EVENT, 6, "one of outage"),
    "event outside": (EVENT.replace("02 06", "09 06") + 'shift = "-5 K"', 7, "outside"),
    "event of weather": (EVENT + 'table = "site"\ncolumn = "outdoor"\nvalue = "-5 degC"', 9, "shift"),
    "event hours": (EVENT.replace("= 3", "= 0") + 'shift = "-5 K"', 8, "from 1"),
    "keep what": ("[keep]\neach = [\"pipe.flw\"]", 3, "did you mean 'flow'"),
    "keep which": ("[keep]\neach = [\"pipes.flow\"]", 3, "did you mean 'pipe'"),
    "keep a word": ("[keep]\naggregate = [\"pipe.flow meen\"]", 3, "did you mean 'mean'"),
    "keep a quantile": ("[keep]\naggregate = [\"pipe.flow q05\"]", 3, "temperatures only"),
    "keep degree hours": ("[keep]\naggregate = [\"pipe.inlet degree_hours\"]", 3, "only"),
    "causes of a season": (SEASON + "[keep]\neach = [\"building.cause\"]", 7, "no quantity 'cause'"),
}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
def test_a_problem_at_its_line(bad: tuple[str, int, str], case: Path) -> None:
    text, line, part = bad
    with pytest.raises(ReadError) as caught:
        read(case, text)
    found = [problem for problem in caught.value.problems if part in problem.text]
    assert found, caught.value.problems
    assert not line or found[0].where == f"{case}:{line}", found


def test_all_problems_at_once(case: Path) -> None:
    with pytest.raises(ReadError) as caught:
        read(case, AXIS + 'outdor = ["-5 degC"]\n' + AXIS + 'demand = ["a"]\n[keep]\neach = ["pipe.flw"]\n[season]\nweather = 3')
    assert len(caught.value.problems) >= 4
    with pytest.raises(ReadError) as caught:
        read(case, AXIS + 'samples = 3\nsed = 4\n[[axis.column]]\ntable = "pipe"\ncolum = "zeta"\nspread = 9')
    text = str(caught.value)  # a misspelt key hides no other problem of its axis
    for part in ("'sed', did you mean 'seed'", "'colum', did you mean 'column'", "spread must be a number"):
        assert part in text, part


def test_too_many_scenarios(case: Path) -> None:
    with pytest.raises(ReadError, match="10,000,000"):
        read(case, "\n".join(f'[[axis]]\ntable = "pipe"\nids = ["{name}"]\ncolumn = "zeta"\nvalues = {list(range(1, 60))}'
                             for name in ("ps1", "ps2", "pr1", "pr2", "pr3")))
