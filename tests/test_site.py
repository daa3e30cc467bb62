"""Weather, ground, tariff and heating curves: what model.toml may say, at which line it is blamed, and that Python gets no more through."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from cities import line
from village import VILLAGE, altered, build

import heatnet
from heatnet import Curve, HeatnetError, ModelError, Network, NotSolved, Plant, Problem, ReadError, Site, check, read, reset_curve
from heatnet.network import SITE_RANGES, TABLES
from heatnet.read.site import SITE
from heatnet.read.writing import write_folder
from heatnet.units import KELVIN


def blamed(folder: Path) -> list[tuple[int, str]]:
    with pytest.raises(ReadError) as caught:
        read(folder)
    return [(int(problem.where.rpartition(":")[2]), problem.text) for problem in caught.value.problems]


def found(net: Network) -> list[Problem]:
    return [problem for problem in check(net) if not problem.warning]


@pytest.mark.parametrize(("field", "value"), [
    ("design_outdoor", 100.0), ("design_outdoor", 310.0), ("design_outdoor", math.nan), ("outdoor", math.inf), ("outdoor", -15.0),
    ("outdoor", 1e9),
    ("ground", 5.0), ("ground", 1e300), ("ground", math.nan), ("air_pressure", 101.325), ("air_pressure", math.inf), ("season_days", 0.0),
    ("season_days", math.nan), ("season_days", 4392.0), ("fee", -1.0), ("fee", math.inf),
])
def test_a_site_made_in_python_is_checked_as_one_from_a_file(field: str, value: float) -> None:
    """A ground of 1e300 K once converged, no days of season once gave a fee of nan."""
    net = line(3).with_site(**{field: value})
    problem = found(net)[0]
    assert (problem.table, problem.column, problem.where) == ("site", field, "")
    with pytest.raises(ModelError):
        heatnet.solve(net)


@pytest.mark.parametrize("field", ["outdoor", "fee"])
def test_what_a_site_need_not_give(field: str) -> None:
    assert not check(line(3).with_site(**{field: math.nan}))


def test_a_site_is_blamed_before_the_tables() -> None:
    net = line(3).with_site(ground=0.0)
    assert [problem.table for problem in found(net.with_(Plant, lift=-1.0))] == ["site", "plant"]


def test_every_number_of_a_site_has_a_range() -> None:
    numbers = [name for name, value in vars(Site()).items() if isinstance(value, float)]
    assert list(SITE_RANGES) == numbers and set(SITE) == set(vars(Site()))
    for name, item in SITE_RANGES.items():
        assert not item.broken(np.array([getattr(Site(), name)]))[0] and (SITE[name] or "") == item.unit


@pytest.mark.parametrize(("outdoor", "supply", "column"), [
    ((280.0, 250.0), (320.0, 350.0), "outdoor"), ((250.0, 250.0), (320.0, 350.0), "outdoor"), ((250.0, 260.0), (350.0,), "outdoor"),
    ((), (), "outdoor"), ((250.0, math.nan), (350.0, 320.0), "outdoor"), ((250.0, math.inf), (350.0, 320.0), "outdoor"),
    ((250.0, 280.0), (75.0, 40.0), "supply"),
    ((250.0, 280.0), (350.0, math.nan), "supply"), ((250.0, 280.0), (math.inf, 320.0), "supply"),
])
def test_curves_made_in_python(outdoor: tuple[float, ...], supply: tuple[float, ...], column: str) -> None:
    net = line(3)
    net = Network.of("c", *(net.tables[kind] for kind in TABLES), site=net.site, curves={"east": Curve(outdoor, supply)})
    assert [(problem.table, problem.id, problem.column) for problem in found(net)] == [("curve", "east", column)]


def test_a_curve_that_rises_is_suspect() -> None:
    net = line(3).with_(Plant, curve="east", supply_temperature=math.nan)
    for supply, count in (((320.0, 350.0), 1), ((350.0, 350.0), 0), ((350.0, 320.0), 0)):
        other = Network.of("c", *(net.tables[kind] for kind in TABLES), site=net.site, curves={"east": Curve((250.0, 280.0), supply)})
        suspect = [problem for problem in check(other) if problem.column == "curve"]
        assert len(suspect) == count and all(problem.warning and "warmer water" in problem.text for problem in suspect)


def test_reset_curve_against_known_figures() -> None:
    """Radiators of 75/50 degC at design weather of -24.2 degC: 60.0 degC at -10 and 48.8 at 0."""
    curve = reset_curve(KELVIN + 75, KELVIN + 50, KELVIN + 20, KELVIN - 24.2)
    for outdoor, supply, within in ((-24.2, 75.0, 1e-2), (-10.0, 60.0, 0.05), (0.0, 48.8, 0.06), (20.0, 20.0, 1e-9), (30.0, 20.0, 1e-9)):
        assert curve.at(KELVIN + outdoor) - KELVIN == pytest.approx(supply, abs=within)
    assert np.all(np.diff(curve.supply) < 0.0)


def test_reset_curve_from_a_file_holds_between_its_points(tmp_path: Path) -> None:
    text = VILLAGE["model.toml"].partition("[curve.east]")[0] + """[curve.east]
formula = "reset"
design_supply = "75 degC"
design_return = "50 degC"
"""
    curve = read(build(tmp_path, {"model.toml": text})).curves["east"]
    for outdoor in np.linspace(-24.0, 10.0, 35):
        load = (20.0 - outdoor) / 44.2
        exact = 20.0 + 42.5 * load ** (1 / 1.3) + 12.5 * load
        assert curve.at(KELVIN + outdoor) - KELVIN == pytest.approx(exact, abs=0.02)


@pytest.mark.parametrize(("old", "new", "number", "part"), [
    ('"1 degC"', "[1]", 8, "one quantity"), ('"1 degC"', "true", 8, "one quantity"), ('"1 degC"', '"1 K"', 8, "at least 200"),
    ("38.32", '"38"', 9, "number of at least 0"), ("38.32", "nan", 9, "number of at least 0"), ('"小村"', "5", 2, "word in quotes"),
    ('"小村"', '"\\u0000"', 2, "word in quotes"), ('"60 degC"', "60", 13, "write the unit too"),
    ('"60 degC"', '"60 degC"]#', 13, "3 outdoor and 2"),
    ("supply =", "supplies =", 11, "needs supply"), ('"made up"', '"made up"\ncurve = 5\n#', 4, "holds tables"),
])
def test_problems_of_the_head_stand_at_their_line(old: str, new: str, number: int, part: str, tmp_path: Path) -> None:
    text = altered("model.toml", old, new)
    if "curve = 5" in new:
        text = text.partition("[curve.east]")[0]
    problems = blamed(build(tmp_path, {"model.toml": text, "plant.csv": VILLAGE["plant.csv"].replace(",,east", ",75,")}))
    assert any(at == number and part in said for at, said in problems), problems


@pytest.mark.parametrize("name", ["e.1", "a b", "a=b", "东", "[x]", "it's"])
def test_curves_of_any_name_are_blamed_at_their_line(name: str, tmp_path: Path) -> None:
    text = VILLAGE["model.toml"].replace("[curve.east]", f'[curve.west]\noutdoor = ["0 degC"]\nsupply = ["50 degC"]\n\n[curve."{name}"]')
    folder = build(tmp_path, {"model.toml": text.replace('"43 degC"', '"43"'), "plant.csv": VILLAGE["plant.csv"].replace("east", name)})
    ((at, said),) = blamed(folder)
    assert at == 17 and "no unit" in said
    sound = build(tmp_path / "sound", {"model.toml": text, "plant.csv": VILLAGE["plant.csv"].replace("east", name)})
    assert not found(read(sound)) and set(read(sound).curves) == {"west", name}


def test_the_coldest_reset_curve_comes_back(tmp_path: Path) -> None:
    net = line(2)
    curve = reset_curve(KELVIN + 75, KELVIN + 50, KELVIN + 20, 200.0)
    net = Network.of("c", *(net.tables[kind] for kind in TABLES), site=net.site, curves={"east": curve})
    heatnet.write_folder(net, tmp_path / "m")
    assert read(tmp_path / "m").curves["east"] == curve


def test_dotted_keys_are_as_good_as_tables(tmp_path: Path) -> None:
    text = 'name = "x"\nsite.ground = "500 degC"\n'
    assert [at for at, _ in blamed(build(tmp_path, {"model.toml": text}))] == [2]


def test_no_combination_of_values_passes_a_wrong_answer() -> None:
    """Any one number of a sound network out of its range keeps it from being solved; within it, nothing but an answer or NotSolved."""
    net = line(3)
    for kind in TABLES:
        for name, item in kind.columns().items():
            if item.text or not len(net[kind]):
                continue
            limits = [limit for limit in (item.above, item.least, item.most) if limit is not None]
            for value in (math.inf, -math.inf, *(np.nextafter(limit, side) for limit in limits for side in (-math.inf, math.inf)), *limits):
                values = getattr(net[kind], name).copy()
                values[0] = value
                other = net.with_(kind, **{name: values})
                wrong = bool(item.broken(np.array([value]))[0])
                try:
                    with np.errstate(all="ignore"):
                        state = heatnet.solve(other)
                    assert not wrong and np.isfinite(state.m).all() and np.isfinite(state.t).all(), (kind, name, value)
                except ModelError as error:
                    assert wrong or all(problem.column != name or "out of range" not in problem.text for problem in error.problems)
                except HeatnetError as error:
                    assert isinstance(error, NotSolved) and not wrong, (kind, name, value)


def test_titles_in_two_languages(tmp_path: Path) -> None:
    text = altered("model.toml", "title =", 'title_en = "A village"\ntitle =')
    net = read(build(tmp_path / "m", {"model.toml": text}))
    write_folder(net, tmp_path / "copy")
    assert read(tmp_path / "copy").about == net.about
    assert net.about["title_en"] == "A village"
