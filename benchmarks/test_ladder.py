"""The ladder: synthetic cities by size, each phase on its own. `make bench` prints the table and writes out/bench.json."""

from pathlib import Path
from typing import Any

import pytest

from benchmarks.city import city
from heatnet import Network, Settings, check, compile, read, rooms, solve
from heatnet.read import write_folder

SIZES = [100, 1_000, 10_000]
FLOW = Settings(friction="swamee_jain", heat=False)
HEAT = Settings(friction="swamee_jain")


@pytest.fixture(scope="module", params=SIZES, ids=lambda size: f"{size} buildings")
def net(request: Any) -> Network:
    return city(request.param)


@pytest.fixture(scope="module")
def folder(net: Network, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("city") / "model"
    write_folder(net, path)
    return path


def test_read(benchmark: Any, folder: Path) -> None:
    benchmark(read, folder)


def test_check(benchmark: Any, net: Network) -> None:
    benchmark(check, net)


def test_compile(benchmark: Any, net: Network) -> None:
    benchmark(compile, net, checked=True)


def test_cold_solve_of_flow(benchmark: Any, net: Network) -> None:
    arrays = compile(net, checked=True)
    benchmark(solve, arrays, FLOW)


def test_warm_solve_of_flow(benchmark: Any, net: Network) -> None:
    arrays = compile(net, checked=True)
    state = solve(arrays, FLOW)
    benchmark(solve, arrays, FLOW, start=state)


def test_cold_solve_of_flow_and_heat(benchmark: Any, net: Network) -> None:
    arrays = compile(net, checked=True)
    benchmark(solve, arrays, HEAT)


def test_rooms(benchmark: Any, net: Network) -> None:
    state = solve(net, HEAT)
    benchmark(rooms, state)
