"""The demo district: its generator, its faults and what is found of them."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import heatnet
from heatnet import Building, Node, Plant, Rooms
from heatnet.units import KELVIN

FOLDER = Path(__file__).parent.parent / "models" / "harbin_demo"
FAULTS = {
    "flow": ["z3.4w", "n6.3e", *(f"n5.{tap}{hand}" for tap in range(4, 10) for hand in "we")],
    "supply": [f"far.h{number}" for number in range(1, 5)],
    "envelope": ["n7.2w", "n7.2e", "n7.3w", "z7.2e"],
    "radiator": ["z2.2w", "z2.2e", "z2.3w"],
}


@pytest.fixture(scope="module")
def rooms() -> Rooms:
    return heatnet.rooms(heatnet.solve(heatnet.read(FOLDER)))


def row(rooms: Rooms, consumer: str) -> int:
    return list(rooms.state.arrays.net[Building].consumer).index(consumer)


def test_generator_writes_the_same_bytes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, str(FOLDER / "generate.py"), "--out", str(tmp_path / "demo")], check=True)
    for file in sorted((tmp_path / "demo").iterdir()):
        assert file.read_bytes() == (FOLDER / file.name).read_bytes(), file.name


def test_size_and_warnings(rooms: Rooms) -> None:
    net = rooms.state.arrays.net
    assert len(net[Building]) >= 250 and len(net[Plant]) == 2
    problems = heatnet.check(net)
    assert all(problem.warning and "stub" in str(problem) for problem in problems), problems


def test_the_answer_holds(rooms: Rooms) -> None:
    residuals = rooms.state.residuals
    assert residuals.mass < 1e-9 and residuals.pressure < 1e-2 and residuals.energy < 1e-3 and residuals.balance < 1.0


@pytest.mark.parametrize(("cause", "consumer"), [(cause, name) for cause, names in FAULTS.items() for name in names])
def test_each_planted_fault_is_found(rooms: Rooms, cause: str, consumer: str) -> None:
    at = row(rooms, consumer)
    assert rooms.cold[at], f"{rooms.temperature[at] - KELVIN:.1f} degC"
    assert rooms.cause[at] == cause


def test_the_thin_pipe_is_named(rooms: Rooms) -> None:
    edge = rooms.bottleneck[row(rooms, "n5.9e")]
    assert heatnet.Pipe.of and rooms.state.arrays.net[heatnet.Pipe].id[edge][2:] == "n5.4"


def test_it_looks_like_a_district_without_balance(rooms: Rooms) -> None:
    share = rooms.cold.mean()
    assert 0.10 < share < 0.30
    assert rooms.over.sum() >= 4
    assert 20.0 < np.median(rooms.temperature) - KELVIN < 22.5


def test_leak_is_made_up_at_the_held_node(rooms: Rooms) -> None:
    state = rooms.state
    held = ~np.isnan(state.arrays.net[Node].pressure)
    assert state.exchange[held].sum() == pytest.approx(0.08, abs=1e-8)
