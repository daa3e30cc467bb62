"""heatnet, EPANET and pandapipes on the same networks in one run: python -m benchmarks.peers [--sizes 100,1000] [--readme].

Every row is the median of runs in turn, so that all suffer alike from a busy machine; runs of less than 0.1 s are done twice in a turn and
the second is timed, so that none pays for what another one left in the caches. What is timed:
    heatnet        Solver.solve on a compiled network, cold, with residuals and the State; and heatnet.solve(arrays), which
                   works all coefficients out anew
    EPANET         initH and runH of its toolkit on an opened project (parsing and opening not counted), cold
    pandapipes     pipeflow on a built network, three times on 10,000 buildings and more
Flows are compared: EPANET's friction law in heatnet against EPANET, Swamee-Jain against pandapipes, and temperatures with it.
Tolerances: heatnet 0.01 Pa, 1e-9 kg/s and 1e-7 K, pandapipes 1 Pa, 1e-5 kg/s and 1e-4 K (both end with a Newton step that goes far
beyond them).
"""

from __future__ import annotations

import json
import os
import platform
import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path

import click
import numpy as np

from benchmarks import epanet_peer, pandapipes_peer, scale
from benchmarks.city import city
from heatnet import Change, Consumer, Network, Pipe, Scenario, Settings, Solver, State, compile, rooms, solve, solve_many

FLOW = Settings(friction="swamee_jain", heat=False)
HEAT = Settings(friction="swamee_jain")
SHORT = 0.1  # s
ACCURACY = 1e-6  # EPANET's relative change of flows
MARKS = "<!-- peers -->", "<!-- end of peers -->"


@dataclass(frozen=True)
class Row:
    """Medians in ms, one size."""

    buildings: int
    links: int
    flow: float  # Solver.solve
    flow_once: float  # heatnet.solve
    heat: float  # flow, heat and rooms, Solver.solve
    heat_once: float  # heatnet.solve and heatnet.rooms, causes and all
    epanet: float
    pandapipes: float
    pandapipes_heat: float
    steps: int
    epanet_steps: int
    apart_epanet: float  # largest difference of a flow over the largest flow
    apart_pandapipes: float
    apart_heat: float  # the same with heat
    kelvin: float  # K, largest difference of a node's temperature


@dataclass(frozen=True)
class Lanes:
    """Milliseconds a scenario, many side by side."""

    buildings: int
    scenarios: int
    what: str
    cold: float
    warm: float
    epanet: float
    steps: float


@click.command()
@click.option("--sizes", default="100,1000,10000,100000", help="Buildings, comma-separated.")
@click.option("--many", default="3000,10000", help="Buildings of the runs with many scenarios.")
@click.option("--scenarios", default=256, help="How many.")
@click.option("--pandapipes-to", default=10_000, help="Largest size that pandapipes is asked for.")
@click.option("--million/--no-million", default=True, help="A million links, in memory and from files, heatnet alone.")
@click.option("--readme", is_flag=True, help="Put the tables into README.md.")
@click.option("--out", default="out/peers.json", help="Figures as JSON.")
def main(sizes: str, many: str, scenarios: int, pandapipes_to: int, million: bool, readme: bool, out: str) -> None:
    """Time the peers side by side and print the tables."""
    rows = [single(int(size), int(size) <= pandapipes_to) for size in sizes.split(",") if size]
    lanes = [row for size in many.split(",") if size for row in side_by_side(int(size), scenarios)]
    text, large = tables(rows, lanes), {}
    if million:
        large = scale.figures(files=True)
        text += f"\n\nA million links, heatnet alone, in fresh processes:\n\n{scale.table(large)}"
    click.echo(text)
    path = Path(out)
    path.parent.mkdir(parents=True, exist_ok=True)
    figures = {"machine": machine(), "single": [asdict(row) for row in rows], "many": [asdict(row) for row in lanes], "million": large}
    path.write_text(json.dumps(figures, indent=1))
    if readme:
        page = Path(__file__).resolve().parents[1] / "README.md"
        begin, end = (re.escape(mark) for mark in MARKS)
        fresh = f"{MARKS[0]}\n{text}\n{MARKS[1]}"
        page.write_text(re.sub(f"{begin}.*{end}", lambda _: fresh, page.read_text("utf-8"), flags=re.S), "utf-8")


def single(size: int, with_pandapipes: bool) -> Row:
    """All of them on one city."""
    net = city(size)
    arrays = compile(net, checked=True)
    peer = epanet_peer.project(net)
    cold, warm = Solver.of(arrays, FLOW), Solver.of(arrays, HEAT)
    same = solve(arrays, Settings(friction="epanet", heat=False, water=epanet_peer.WATER, gravity=epanet_peer.GRAVITY))
    peer.run(ACCURACY)
    timed: list[Callable[[], object]] = [
        cold.solve, lambda: solve(arrays, FLOW), warm.solve, lambda: rooms(solve(arrays, HEAT)), lambda: peer.run(ACCURACY)
    ]
    apart, other = (np.nan, np.nan, np.nan), None
    if with_pandapipes:
        state = warm.solve()
        other = pandapipes_peer.build(net, state.heat(Consumer))
        timed += [lambda: pandapipes_peer.run(other, "bidirectional"), lambda: pandapipes_peer.run(other, "hydraulics")]
    medians = in_turn(timed, 5 if size >= 100_000 else 9 if size >= 10_000 else 25, 2 if with_pandapipes and size >= 10_000 else 0)
    ours = np.concatenate([same.m[same.of(Pipe)], same.m[same.of(Consumer)]])
    if other is not None:
        apart = apart_from_pandapipes(other, state)
    flow, once, heat, all_, epanet, *rest = medians
    both = (rest[1], rest[0]) if rest else (np.nan, np.nan)
    return Row(
        size, arrays.edges, flow, once, heat, all_, epanet, *both, cold.solve().steps, peer.steps(), worst(peer.flows(), ours), *apart
    )


def apart_from_pandapipes(other: object, state: State) -> tuple[float, float, float]:
    """Largest difference of flows without and with heat (over the largest), and of temperatures [K]; `other` has just run without heat."""
    found = solve(state.arrays, Settings(friction="swamee_jain", heat=False, temperature=350.0))
    without = worst(pandapipes_peer.flows(other), found.m[found.of(Pipe)])
    pandapipes_peer.run(other, "bidirectional")
    kelvin = float(np.abs(pandapipes_peer.temperatures(other) - state.t).max())
    return without, worst(pandapipes_peer.flows(other), state.m[state.of(Pipe)]), kelvin


def side_by_side(size: int, count: int) -> list[Lanes]:
    """Scenarios of one city in vectors and on all cores, against EPANET one after the other on one core."""
    net = city(size)
    arrays = compile(net, checked=True)
    peer = epanet_peer.project(net)
    base = solve(arrays, FLOW)
    result = []
    for what, scenarios in kinds(net, count).items():
        solve_many(arrays, scenarios[:32], FLOW)
        steps = solve_many(arrays, scenarios, FLOW).steps.mean()
        runs: list[Callable[[], object]] = [
            lambda scenarios=scenarios: solve_many(arrays, scenarios, FLOW),  # type: ignore[misc]
            lambda scenarios=scenarios: solve_many(arrays, scenarios, FLOW, start=base),  # type: ignore[misc]
            lambda: [peer.run(ACCURACY) for _ in range(4)],
        ]
        cold, warm, epanet = in_turn(runs, 5)
        result.append(Lanes(size, count, what, cold / count, warm / count, epanet / 4, float(steps)))
    return result


def kinds(net: Network, count: int) -> dict[str, list[Scenario]]:
    """Scenarios by what differs in them."""
    random = np.random.default_rng(1)
    inlets, pipes = net[Consumer].id, net[Pipe].id
    at = random.choice(pipes.size, count, replace=count > pipes.size)
    wider, each = 1.2 * net[Pipe].diameter[at], range(count)
    return {
        "one pipe wider": [Scenario(f"{k}", (Change("pipe", "diameter", wider[k], (pipes[at[k]],)),)) for k in each],
        "one inlet shut": [Scenario(f"{k}", (Change("consumer", "opening", 0.0, (inlets[k % inlets.size],)),)) for k in each],
        "all valves set anew": [Scenario(f"{k}", (Change("consumer", "opening", random.uniform(0.5, 1, inlets.size)),)) for k in each],
    }


def in_turn(runs: list[Callable[[], object]], times: int, slow: int = 0) -> list[float]:
    """Median time of each [ms], all run in turn; the last `slow` ones three times only, evenly among the others."""
    warm_up = [0.0] * len(runs)
    for at, run in enumerate(runs[: len(runs) - slow]):
        begin = time.perf_counter()
        run()
        warm_up[at] = time.perf_counter() - begin
    took = np.full((times, len(runs)), np.nan)
    for turn, row in enumerate(took):
        here = runs if turn % (times // 3) == 0 or not slow else runs[:-slow]
        for at, run in enumerate(here):
            if at < len(runs) - slow and warm_up[at] < SHORT:
                run()
            begin = time.perf_counter()
            run()
            row[at] = time.perf_counter() - begin
    return [float(value) for value in np.nanmedian(took, axis=0) * 1e3]


def worst(theirs: np.ndarray, ours: np.ndarray) -> float:
    """Largest difference over the largest flow."""
    return float(np.abs(theirs - ours).max() / np.abs(ours).max())


def tables(rows: list[Row], lanes: list[Lanes]) -> str:
    """Both tables in Markdown."""
    lines = [f"One network, cold start, ms (medians of runs in turn): {machine()}.", ""]
    lines += head("buildings", "links", "heatnet", "EPANET", "ratio", "pandapipes", "ratio", "heatnet with heat and rooms", "of its flow",
                  "pandapipes with heat", "ratio")
    lines += [
        line(f"{row.buildings:,}", f"{row.links:,}", row.flow, row.epanet, row.epanet / row.flow, row.pandapipes, row.pandapipes / row.flow,
             row.heat, row.heat / row.flow, row.pandapipes_heat, row.pandapipes_heat / row.heat)
        for row in rows
    ]
    lines += ["", agreement(rows)]
    if lanes:
        lines += ["", "Many scenarios on all cores, ms a scenario; EPANET one at a time:", ""]
        lines += head("buildings", "what differs", "heatnet", "from the base state", "EPANET", "ratio", "ratio from base")
    lines += [
        line(f"{one.buildings:,}", one.what, one.cold, one.warm, one.epanet, one.epanet / one.cold, one.epanet / one.warm) for one in lanes
    ]
    return "\n".join(lines)


def agreement(rows: list[Row]) -> str:
    """How well the peers agree, in a sentence or two."""
    text = f"Flows agree with EPANET to {max((row.apart_epanet for row in rows), default=0.0):.0e} of the largest flow."
    asked = [row for row in rows if not np.isnan(row.kelvin)]
    if not asked:
        return text
    flows, kelvin = max(max(row.apart_pandapipes, row.apart_heat) for row in asked), max(row.kelvin for row in asked)
    return f"{text} With pandapipes flows agree to {flows:.0e}, temperatures to {kelvin:.2g} K (its table of water is another one)."


def head(*titles: str) -> list[str]:
    """Head of a table."""
    return [f"| {' | '.join(titles)} |", "|---" * len(titles) + "|"]


def line(*cells: str | float) -> str:
    """Row of a table."""
    return f"| {' | '.join(one if isinstance(one, str) else cell(one) for one in cells)} |"


def cell(value: float) -> str:
    """A figure, or a dash."""
    return "-" if np.isnan(value) else f"{value:.3g}"


def machine() -> str:
    """Processor, cores and versions."""
    names = [line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")]
    versions = ", ".join(f"{name} {version(name)}" for name in ("numba", "numpy", "owa-epanet", "pandapipes"))
    return f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores, Python {platform.python_version()}, {versions}"


if __name__ == "__main__":
    main()

