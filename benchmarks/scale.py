"""A million links: python -m benchmarks.scale [--buildings 283000] [--files]. Each phase once in a fresh process, as a user meets it.

    compile        numbering, order and elimination program from arrays in memory
    first solve    `heatnet.solve` for the first time in the process: kernels loaded from their cache, memory fresh
    step           time a link and Newton step of a prepared solve, and the same at 10,000 buildings
    from files     read, check, compile and solve flow, heat and rooms from a model folder of CSV files (with --files)
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click
import numpy as np

from benchmarks.city import city
from heatnet import Settings, Solver, compile, read, rooms, solve
from heatnet.arrays import Arrays
from heatnet.read import write_folder

FLOW = Settings(friction="swamee_jain", heat=False)
HEAT = Settings(friction="swamee_jain")
T = TypeVar("T")
BUILDINGS = 283_000  # a million links


@click.command()
@click.option("--buildings", default=BUILDINGS, help="Size of the city.")
@click.option("--files", is_flag=True, help="Also from CSV files.")
@click.option("--phase", default="", help="Run one phase in this process and print its figures as JSON: memory, or a model folder.")
def main(buildings: int, files: bool, phase: str) -> None:
    """Time a city of a million links."""
    if phase == "memory":
        click.echo(json.dumps(in_memory(buildings)))
    elif phase:
        click.echo(json.dumps(from_files(Path(phase))))
    else:
        click.echo(table(figures(buildings, files=files)))


def figures(buildings: int = BUILDINGS, *, files: bool) -> dict[str, float]:
    """All figures, each phase in a process of its own."""
    found = _apart(buildings, "memory")
    if files:
        with tempfile.TemporaryDirectory() as folder:
            write_folder(city(buildings), Path(folder) / "model")
            found |= _apart(buildings, str(Path(folder) / "model"))
    return found


def _apart(buildings: int, phase: str) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.scale", "--buildings", str(buildings), "--phase", phase]
    result: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return result


def in_memory(buildings: int) -> dict[str, float]:
    """Seconds of each phase from arrays in memory, GB, and ns a link and step."""
    net = city(buildings)
    found: dict[str, float] = {"buildings": buildings}
    arrays = _timed(found, "compile", lambda: compile(net, checked=True))
    found["links"] = arrays.edges
    _timed(found, "first solve", lambda: solve(arrays, FLOW))
    _timed(found, "first with heat and rooms", lambda: rooms(solve(arrays, HEAT)))
    found["memory"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    found["solve"], found["step"] = _steady(arrays, 5)
    begin = time.perf_counter()
    Solver.of(arrays, HEAT).solve()
    found["with heat and rooms"] = time.perf_counter() - begin
    _, found["small step"] = _steady(compile(city(10_000), checked=True), 25)
    return found


def _steady(arrays: Arrays, times: int) -> tuple[float, float]:
    """Seconds of a prepared solve, and ns a link and step."""
    solver, took = Solver.of(arrays, FLOW), []
    for _ in range(times + 1):
        begin = time.perf_counter()
        steps = solver.solve().steps
        took.append(time.perf_counter() - begin)
    median = float(np.median(took[1:]))
    return median, 1e9 * median / arrays.edges / steps


def from_files(folder: Path) -> dict[str, float]:
    """Seconds from a model folder to rooms, phase by phase."""
    found: dict[str, float] = {}
    net = _timed(found, "files: read", lambda: read(folder))
    arrays = _timed(found, "files: check and compile", lambda: compile(net))
    _timed(found, "files: first with heat and rooms", lambda: rooms(solve(arrays, HEAT)))
    found["files: all"] = sum(found.values())
    return found


def _timed(found: dict[str, float], name: str, run: Callable[[], T]) -> T:
    begin = time.perf_counter()
    result = run()
    found[name] = time.perf_counter() - begin
    return result


def table(found: dict[str, float]) -> str:
    """The figures in Markdown."""
    lines = [f"| {int(found['buildings']):,} buildings, {int(found['links']):,} links | |", "|---|---|"]
    units = {"memory": "GB at most", "step": "ns a link and step", "small step": "ns a link and step at 10,000 buildings"}
    lines += [f"| {name} | {value:.3g} {units.get(name, 's')} |" for name, value in found.items() if name not in ("buildings", "links")]
    return "\n".join([*lines, f"| step against that at 10,000 buildings | {found['step'] / found['small step']:.2f} |"])


if __name__ == "__main__":
    main()
