"""A primary network and all its secondary networks in one coupled solve: substations by number, 75 homes behind each."""

import sys
from pathlib import Path
from typing import Any

import pytest

from heatnet import Change, Exchanger, Network, Scenario, Solver, compile

sys.path.insert(0, str(Path(__file__).parent.parent / "tests"))
from substations import Town, town

HOMES = 75


@pytest.fixture(scope="module", params=[5, 20, 80], ids=lambda number: f"{number} substations")
def net(request: Any) -> Network:
    number = request.param
    return town(Town(number, HOMES, heat=6e6, lift=4e5, kvs=6.0), primary=0.35 * number**0.4, street=0.3)


def test_all_hold(benchmark: Any, net: Network) -> None:
    solver = Solver.of(compile(net))
    state = benchmark(solver.solve)
    assert list(state.substations().flag) == ["holds"] * len(net[Exchanger])
    benchmark.extra_info["passes"], benchmark.extra_info["nodes"] = state.passes, state.t.size


def test_all_short(benchmark: Any, net: Network) -> None:
    solver = Solver.of(compile(net.with_(Exchanger, fouling=1.5)))
    state = benchmark(solver.solve)
    assert list(state.substations().flag) == ["short"] * len(net[Exchanger])
    benchmark.extra_info["passes"] = state.passes


def test_one_fouled_again(benchmark: Any, net: Network) -> None:
    arrays = compile(net)
    first = Solver.of(arrays).solve()
    changed = Solver.of(arrays.with_changes(Scenario("fouled", (Change("exchanger", "fouling", 1.0, ("x0",)),))))
    state = benchmark(lambda: changed.solve(start=first))
    assert state.substations().flag[0] == "short"
