"""What a ranking of works costs: gradients, estimates, screening of new ties, and exact effects of many candidates.

`make bench` takes a sample of the largest one (10,000 candidates x 5 weather states on 10,000 buildings); all of it:
python -m benchmarks.test_retrofits --all
"""

from __future__ import annotations

import resource
import sys
import time
from typing import Any

import numpy as np
import pytest

from benchmarks.city import city
from heatnet import (
    Arrays,
    Change,
    Effects,
    Pipe,
    Scenario,
    Sensitivities,
    Settings,
    Solver,
    WeatherState,
    compile,
    effects,
    sensitivities,
)
from heatnet.network import Node
from heatnet.sensitivity import Ties, estimate, screen
from heatnet.units import KELVIN

PIPES_10000 = 4000  # buildings of a city of 10,000 pipes
LARGE = 10_000  # buildings
COLD = (-24.2, -18.0, -12.0, -6.0, 0.0)  # degC, weather states
RULE = "hlj_2021"


def weathers(count: int) -> list[WeatherState]:
    """States of a season, the supply temperature falling with mild weather."""
    return [
        WeatherState(f"{t:g} degC", 4392.0 / count, Scenario(f"{t:g}", (
            Change("site", "outdoor", KELVIN + t), Change("plant", "supply_temperature", KELVIN + 75.0 - 1.1 * (t + 24.2)),
        ))) for t in COLD[:count]
    ]


def replacements(arrays: Arrays, count: int) -> list[Scenario]:
    """New pipes, a size wider, smooth and well insulated, in place of old ones, one each."""
    pipe = arrays.net[Pipe]
    rows = np.random.default_rng(1).permutation(len(pipe))
    rows = np.resize(rows, count)
    return [
        Scenario(f"{k}: {pipe.id[row]}", (
            Change("pipe", "diameter", (1.25 + 0.05 * (k // len(pipe))) * float(pipe.diameter[row]), (pipe.id[row],)),
            Change("pipe", "roughness", 1e-4, (pipe.id[row],)), Change("pipe", "loss", 0.6 * float(pipe.loss[row]), (pipe.id[row],)),
        )) for k, row in enumerate(rows)
    ]


def near_pairs(arrays: Arrays, count: int) -> Ties:
    """New pipe pairs between houses some streets apart."""
    buildings = int(arrays.net.name.removeprefix("city"))
    side = int(np.ceil(np.sqrt(buildings)))
    rng = np.random.default_rng(2)
    a = rng.integers(0, buildings - 3 * side, count)
    b = a + rng.choice([2, 3, side + 1, 2 * side, 2 * side + 1, 3 * side], count)
    number = {name: row for row, name in enumerate(arrays.net[Node].id)}
    ends = [np.array([number[f"{side_}{at}"] for at in of], dtype=np.int32) for of, side_ in ((a, "s"), (b, "s"), (b, "r"), (a, "r"))]
    one = np.ones(count)
    return Ties(*ends, 150.0 * one, 0.1 * one, 1e-4 * one, 0.2 * one, one)


@pytest.fixture(scope="module")
def large() -> Arrays:
    return compile(city(LARGE), checked=True)


@pytest.fixture(scope="module")
def slopes(large: Arrays) -> Sensitivities:
    return sensitivities(Solver.of(large, Settings()).solve(), RULE)


def test_coupled_solve(benchmark: Any, large: Arrays) -> None:
    benchmark(Solver.of(large, Settings()).solve)


def test_all_gradients(benchmark: Any, large: Arrays) -> None:
    state = Solver.of(large, Settings()).solve()
    benchmark(sensitivities, state, RULE)


def test_estimate_of_every_pipe(benchmark: Any, large: Arrays, slopes: Sensitivities) -> None:
    pipe = large.net[Pipe]
    benchmark(estimate, slopes, "pipe", np.arange(len(pipe), dtype=np.int32), {"diameter": 1.25 * pipe.diameter})


def test_100000_ties(benchmark: Any, large: Arrays, slopes: Sensitivities) -> None:
    benchmark(screen, slopes, near_pairs(large, 100_000))


def test_every_pipe_of_10000_replaced(benchmark: Any) -> None:
    arrays = compile(city(PIPES_10000), checked=True)
    cases = replacements(arrays, len(arrays.net[Pipe]))
    effects(arrays, weathers(1), cases[:16], RULE)
    found = benchmark.pedantic(effects, (arrays, weathers(1), cases, RULE), rounds=1)
    assert found.good.all()


def test_sample_of_10000_candidates_in_5_weathers(benchmark: Any, large: Arrays) -> None:
    cases = replacements(large, 400)
    effects(large, weathers(1), cases[:16], RULE)
    found = benchmark.pedantic(effects, (large, weathers(5), cases, RULE), rounds=1)
    assert found.good.all()


def whole(buildings: int, candidates: int, states: int) -> Effects:
    """The whole of one of them, with its time and memory printed."""
    arrays = compile(city(buildings), checked=True)
    cases = replacements(arrays, candidates)
    effects(arrays, weathers(1), cases[:16], RULE)
    begin = time.perf_counter()
    found = effects(arrays, weathers(states), cases, RULE, progress=_told)
    took = time.perf_counter() - begin
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    sys.stdout.write(
        f"{arrays.edges} links, {candidates} candidates x {states} states: {took:.1f} s, {1e3 * took / candidates / states:.3f} ms each, "
        f"{memory:.2f} GB, {found.alone} alone, {len(found.failed)} failed\n"
    )
    return found


def _told(done: int, of: int) -> None:
    if done % 5000 == 0:
        sys.stderr.write(f"{done} of {of}\n")


if __name__ == "__main__":
    whole(PIPES_10000, 10_000, 1)
    if "--all" in sys.argv:
        whole(LARGE, 10_000, 5)
