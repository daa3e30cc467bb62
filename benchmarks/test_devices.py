"""Scenarios of networks that regulate, side by side against one by one on all cores: the demo, and a city of limiters and controllers.

    python -m benchmarks.test_devices          prints both, and how many times quicker side by side is
"""

from __future__ import annotations

import os
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.city import city
from heatnet import Change, Consumer, Network, Pipe, Scenario, Settings, Solver, compile, read, solve_many
from heatnet.network import Building

DEMO = Path(__file__).parents[1] / "models" / "harbin_demo"
FLOW, HEAT = Settings(friction="swamee_jain", heat=False), Settings(friction="swamee_jain")
COUNT = 64


def regulated_city(buildings: int) -> Network:
    """Every other inlet has a flow limiter, the others a differential-pressure controller."""
    net = city(buildings)
    odd, kvs = np.arange(buildings) % 2 == 1, net[Consumer].kvs
    design = net[Building].design_heat / (4187.0 * 25.0)
    return net.with_(
        Consumer, control=np.where(odd, "fixed", "limited"), flow=np.where(odd, np.nan, design), kvs=2.0 * kvs,
        difference=np.where(odd, 4e4, np.nan), controller_kvs=np.where(odd, 3.0 * kvs, np.nan),
    )


def wider(net: Network) -> list[Scenario]:
    """One pipe after the other a fifth wider."""
    pairs = list(zip(net[Pipe].id, net[Pipe].diameter, strict=True))
    return [Scenario(name, (Change("pipe", "diameter", 1.2 * float(d), (name,)),)) for name, d in pairs[:: len(pairs) // COUNT][:COUNT]]


def opened(net: Network) -> list[Scenario]:
    """All inlets opened anew."""
    random, inlets = np.random.default_rng(1), len(net[Consumer])
    return [Scenario(f"{k}", (Change("consumer", "opening", random.uniform(0.5, 1.0, inlets)),)) for k in range(COUNT)]


def one_by_one(net: Network, scenarios: list[Scenario], settings: Settings) -> None:
    """Each by the solver for one network, from the same start, on all cores."""
    arrays = compile(net, checked=True)
    solver = Solver.of(arrays, settings)
    start = solver.solve()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        changed = (arrays.with_changes(scenario, checked=True) for scenario in scenarios)
        list(pool.map(lambda each: Solver.of(each, settings, like=solver).solve(start=start), changed))


CASES = {
    "demo, flow": (lambda: read(DEMO), wider, FLOW), "demo, heat": (lambda: read(DEMO), wider, HEAT),
    "3000 regulated, flow": (lambda: regulated_city(3_000), opened, FLOW),
    "3000 regulated, heat": (lambda: regulated_city(3_000), opened, HEAT),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("way", ["side by side", "one by one"])
def test_64_scenarios(benchmark: Any, name: str, way: str) -> None:
    make, change, settings = CASES[name]
    net = make()
    scenarios = change(net)
    if way == "side by side":
        found = benchmark.pedantic(solve_many, (compile(net, checked=True), scenarios, settings), rounds=3, warmup_rounds=1)
        assert found.alone == 0
    else:
        benchmark.pedantic(one_by_one, (net, scenarios, settings), rounds=1, warmup_rounds=1)


def median(run: Any, times: int = 3) -> float:
    """Median of the seconds that a run takes, after one to warm up."""
    run()
    seconds = []
    for _ in range(times):
        begin = time.perf_counter()
        run()
        seconds.append(time.perf_counter() - begin)
    return float(np.median(seconds))


def compared(title: str) -> str:
    """Both ways of one case in a line."""
    make, change, settings = CASES[title]
    net = make()
    scenarios = change(net)
    beside = median(lambda: solve_many(compile(net, checked=True), scenarios, settings))
    alone = median(lambda: one_by_one(net, scenarios, settings))
    return f"{title}: {COUNT} scenarios side by side {beside:.2f} s, one by one {alone:.2f} s, {alone / beside:.1f} times"


if __name__ == "__main__":
    for case in CASES:
        print(compared(case))
