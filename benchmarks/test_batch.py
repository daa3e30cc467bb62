"""Batch runs on the ladder: a heating season of a city, N-1 over its streets, engines side by side.

    python -m benchmarks.test_batch season 10000        one season, hour by hour, with memory
    python -m benchmarks.test_batch halves 10000        the same in two segments at the same time
    python -m benchmarks.test_batch outages 2000        all street pipes of a city (at most 1,000), one after the other out of service
    python -m benchmarks.test_batch outages 2000 dask   the same on a local Dask cluster
"""

from __future__ import annotations

import resource
import sys
import tempfile
import time
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import heatnet
from benchmarks.city import city
from heatnet import Case, Change, Pipe, Plant, Scenario, Settings, profile, reset_curve
from heatnet.batch.axes import Axis
from heatnet.batch.keep import Keep
from heatnet.batch.mass import mass_classes
from heatnet.batch.plan import HOURLY, Plan, Season
from heatnet.units import KELVIN
from heatnet.weather import climate_file, generate

SETTINGS = Settings(friction="swamee_jain")
STREETS = 1_000


def season(buildings: int, last: date = date(2022, 4, 20), segments: int = 1) -> Case:
    """A legal heating season on a heating curve, aggregates kept."""
    curve = reset_curve(KELVIN + 75, KELVIN + 50, KELVIN + 20, KELVIN - 24.2)
    net = replace(city(buildings), curves={"curve": curve}).with_(Plant, supply_temperature=np.nan, curve="curve")
    weather = generate(date(2021, 10, 20), last, 1)
    ground = climate_file("harbin").at(1.2, weather.day_of_year())
    plan = Plan((), HOURLY, Season(weather, ground, np.ones(24), "1R1C", mass_classes(), segments=segments))
    return Case("season", net, Scenario(""), SETTINGS, profile("hlj_2021"), plan=plan)


def outages(buildings: int) -> Case:
    """Supply and return pipe of each street out of service together."""
    net = city(buildings)
    streets = [name[:-1] for name in net[Pipe].id if name.startswith("m") and name.endswith("s")][:STREETS]
    points = tuple((Change("pipe", "service", 0.0, (f"{name}s", f"{name}r")),) for name in streets)
    plan = Plan((Axis("outage of pipe", tuple(streets), points),), Keep(("building.temperature",)))
    return Case("outages", net, Scenario(""), SETTINGS, profile("hlj_2021"), plan=plan)


def timed(case: Case, engine: str = "") -> tuple[float, float]:
    """Seconds that a run takes, the file included, and the largest memory of a process [MB]."""
    with tempfile.TemporaryDirectory() as folder:
        begin = time.perf_counter()
        result = heatnet.run(case, Path(folder) / "run.h5", engine=engine)
        took = time.perf_counter() - begin
        assert result.complete and (result.scenarios["status"] == "CONVERGED").all()
    return took, max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024


@pytest.mark.parametrize("buildings", [100, 1_000])
def test_week_of_a_season(benchmark: Any, buildings: int) -> None:
    benchmark.pedantic(timed, (season(buildings, date(2021, 10, 26)), "threads"), rounds=1, warmup_rounds=1)


@pytest.mark.parametrize("engine", ["threads", "processes"])
def test_outages(benchmark: Any, engine: str) -> None:
    benchmark.pedantic(timed, (outages(500), engine), rounds=1, warmup_rounds=1)


if __name__ == "__main__":
    kinds = {"season": season, "halves": lambda size: season(size, segments=2), "outages": outages}
    made = kinds[sys.argv[1]](int(sys.argv[2]))
    seconds, memory = timed(made, *sys.argv[3:4])
    print(f"{' '.join(sys.argv[1:])}: {seconds:.1f} s, largest process {memory:.0f} MB")
