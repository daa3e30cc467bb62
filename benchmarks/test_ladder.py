"""The ladder: synthetic cities by size, each phase on its own. `make bench` prints the table and writes out/bench.json.

Other sizes: `HEATNET_SIZES=100,300000 make bench`.
"""

import os
from pathlib import Path
from typing import Any

import pytest

from benchmarks.city import city
from heatnet import Change, Network, Scenario, Settings, Solver, balance, check, compile, read, rooms, solve, solve_many
from heatnet.read import write_folder

SIZES = [int(size) for size in os.environ.get("HEATNET_SIZES", "100,1000,10000").split(",")]
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


def test_prepared_solve_of_flow(benchmark: Any, net: Network) -> None:
    benchmark(Solver.of(compile(net, checked=True), FLOW).solve)


def test_prepared_solve_of_flow_and_heat(benchmark: Any, net: Network) -> None:
    benchmark(Solver.of(compile(net, checked=True), HEAT).solve)


def test_warm_solve_of_the_next_hour(benchmark: Any, net: Network) -> None:
    arrays = compile(net, checked=True)
    state = solve(arrays, HEAT)
    after = arrays.with_changes(Scenario("an hour later", (Change("site", "outdoor", net.site.weather + 1.0),)), checked=True)
    benchmark(Solver.of(after, HEAT).solve, start=state)


def test_batch_of_64_scenarios(benchmark: Any, net: Network) -> None:
    arrays = compile(net, checked=True)
    scenarios = [Scenario(f"{k}", (Change("consumer", "opening", 0.5 + k / 128),)) for k in range(64)]
    benchmark(solve_many, arrays, scenarios, FLOW)


def test_rooms(benchmark: Any, net: Network) -> None:
    state = solve(net, HEAT)
    benchmark(rooms, state)


def test_balance(benchmark: Any, net: Network) -> None:
    benchmark.pedantic(balance, (compile(net, checked=True),), {"settings": HEAT}, rounds=3, warmup_rounds=1)
