"""The demo town with substations: its generator, its faults and what is found of them."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

import heatnet
from heatnet import Building, Exchanger, Rooms, write_folder

FOLDER = Path(__file__).parent.parent / "models" / "harbin_substations"


@pytest.fixture(scope="module")
def rooms() -> Rooms:
    return heatnet.rooms(heatnet.solve(heatnet.read(FOLDER)))


def test_generator_writes_the_same_bytes(tmp_path: Path) -> None:
    spec = importlib.util.spec_from_file_location("generate_substations", FOLDER / "generate.py")
    assert spec and spec.loader
    made = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = made
    spec.loader.exec_module(made)
    write_folder(made.build(), tmp_path / "town")
    for file in sorted((tmp_path / "town").glob("*.csv")):
        assert file.read_bytes() == (FOLDER / file.name).read_bytes(), file.name


def test_planted_faults_are_found(rooms: Rooms) -> None:
    told = rooms.state.substations()
    name = rooms.state.arrays.net[Exchanger].id
    assert dict(zip(name, told.flag, strict=True)) == {f"x{k}": "short" if k in (3, 5, 8) else "holds" for k in range(1, 9)}
    assert {n: r for n, r in zip(name, told.reason, strict=True) if r} == {"x3": "fouling", "x5": "flow", "x8": "surface"}
    building = rooms.state.arrays.net[Building]
    of = np.array([at.split(".")[0] for at in building.consumer])
    for station, cause in (("x2", "flow"), ("x3", "substation"), ("x5", "substation"), ("x8", "substation")):
        assert set(rooms.cause[(of == station) & rooms.cold]) == {cause} and np.mean(rooms.cold[of == station]) > 0.9
    for inlet, cause in (("x6.9w", "flow"), ("x1.2e", "envelope"), ("x1.3e", "envelope"), ("x4.12e", "")):
        assert rooms.cause[list(building.consumer).index(inlet)] == cause
    assert rooms.state.certificate.within() and rooms.state.residuals.balance < 0.1  # W of 39 MW
