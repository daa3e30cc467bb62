"""Robustness: thousands of random networks of all device kinds, each answer and each refusal verified; beside pandapipes and EPANET.

    python -m benchmarks.robust --count 10000 --seconds 540     # all, nine minutes at a time: out/robust.jsonl keeps what is done
    python -m benchmarks.robust --count 10000 --plain --out out/plain.jsonl  # without the search, which takes most of the time
    python -m benchmarks.robust --count 300 --peers             # the same networks restricted to what the three can model

An answer counts if its certificate holds within 1 Pa and 1e-6 kg/s. MEAN_WEIGHT counts apart: its laws are off by no more than it says, and
each would hold if its water had some temperature between the lowest and highest that the network has or plants
could give. "Nowhere to go" counts if a linear programme finds no flows
within bounds worked out anew from the tables (benchmarks/truth.py); contradictions and parts without held pressure if the graph
shows them. Anything else is a failure, and is listed with its seed.
"""

from __future__ import annotations

import argparse
import json
import os
import time
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.odd_city import odd_city, plain
from benchmarks.truth import flows_exist, held_everywhere, lifts_agree, weights_explain
from heatnet.arrays import compile
from heatnet.components import Pipe
from heatnet.network import Network
from heatnet.solve import Settings, State, Status, solve
from heatnet.water import ConstantWater

CHUNK = 20  # networks between two writes
COLD = ConstantWater(rho=1000.0, mu=1000.0 * 1.02193344e-6)  # EPANET's
WARM = ConstantWater(rho=973.7, mu=3.705e-4)  # at 350 K, that of the pandapipes networks


def verdict(state: State) -> str:
    """The status if it is true, else "WRONG ..."."""
    if state.status is Status.CONVERGED:
        return state.status.name if state.certificate.within(1.0, 1e-6) else f"WRONG {state.certificate}"
    if state.status is Status.MEAN_WEIGHT:  # says by how much its weights are off, and that they are all that is
        good = state.certificate.within(1.0 + state.residuals.weight, 1e-6) and weights_explain(state)
        return state.status.name if good else f"WRONG {state.certificate}"
    if state.status is Status.IMPOSSIBLE_LIMITS:
        return state.status.name if not flows_exist(state) else f"WRONG {state.message}"
    if state.status is Status.CONFLICT:
        return state.status.name if not lifts_agree(state.arrays.net) else f"WRONG {state.message}"
    if state.status is Status.NO_PRESSURE_HELD:
        return state.status.name if not held_everywhere(state.arrays.net) else f"WRONG {state.message}"
    return state.status.name


def examine(seed: int, search: bool = True) -> dict[str, object]:
    """One network without and with heat: what was said of it, and how long it took."""
    warnings.simplefilter("ignore")
    arrays = compile(odd_city(seed), checked=True)
    record: dict[str, object] = {"seed": seed, "links": arrays.edges, "regulators": len(arrays.regulated)}
    for name, heat in (("flow", False), ("heat", True)):
        at = time.perf_counter()
        state = solve(arrays, Settings(heat=heat, search=search), throw=False)
        took = time.perf_counter() - at
        record[name] = {
            "said": verdict(state), "message": state.message[:300], "steps": state.steps, "passes": state.passes, "seconds": round(took, 4),
        }
    return record


def run(seeds: list[int], out: Path, seconds: float, jobs: int, search: bool = True) -> None:
    """Examine the networks that `out` (JSON lines, one a network) does not hold yet, for at most this time."""
    known = {record["seed"] for record in records(out)}
    left = [seed for seed in seeds if seed not in known]
    begin = time.perf_counter()
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # of the processes: more of them on busy cores take 30 ms for 60 unknowns
    with ProcessPoolExecutor(jobs, mp_context=get_context("spawn")) as pool, out.open("a", encoding="utf-8") as file:
        for first in range(0, len(left), CHUNK):
            if time.perf_counter() - begin > seconds:
                break
            for record in pool.map(partial(examine, search=search), left[first : first + CHUNK]):
                file.write(json.dumps(record) + "\n")
            file.flush()


def records(out: Path) -> list[dict[str, Any]]:
    """What a file of JSON lines holds so far."""
    return [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()] if out.exists() else []


def tally(done: list[dict[str, Any]]) -> dict[str, object]:
    """Counts of verdicts, and the networks that are no certified answer."""
    counts: Counter[str] = Counter()
    listed = []
    for record in sorted(done, key=lambda one: int(one["seed"])):
        for name in ("flow", "heat"):
            said = record[name]["said"]
            key = f"{name}: {said.split(' ')[0] if said.startswith('WRONG') else said}"
            counts[key] += 1
            if not said.startswith("CONVERGED"):
                why = said if said.startswith("WRONG") else record[name]["message"]
                listed.append(f"{record['seed']} ({record['links']}) {key}: {why}")
    wall = {name: sorted(record[name]["seconds"] for record in done) for name in ("flow", "heat")}
    return {
        "networks": len(done), "links": sum(record["links"] for record in done), "largest": max(record["links"] for record in done),
        "median s": {name: took[len(took) // 2] for name, took in wall.items()},
        "slowest s": {name: took[-1] for name, took in wall.items()}, "counts": dict(sorted(counts.items())), "listed": listed,
    }


def peers(seeds: range) -> dict[str, str]:
    """How many of the restricted networks heatnet, EPANET and pandapipes solve: all flows within 1 % of the largest."""
    solved: Counter[str] = Counter()
    tried = 0
    for seed in seeds:
        net = plain(odd_city(seed, 10 + 30 * (seed % 20)))
        arrays = compile(net, checked=True)
        if arrays.lost.any():
            continue
        tried += 1
        same = (solve(arrays, Settings(friction="swamee_jain", heat=False, water=water), throw=False) for water in (COLD, WARM))
        cold, warm = same
        solved["heatnet"] += cold.converged and cold.certificate.within(1.0)
        solved["EPANET"] += near(_by_epanet(net), cold.m[: len(net[Pipe])])
        solved["pandapipes"] += near(_by_pandapipes(net), warm.m[: len(net[Pipe])])
    return {name: f"{solved[name]} of {tried}" for name in ("heatnet", "EPANET", "pandapipes")}


def near(flows: np.ndarray | None, reference: np.ndarray) -> bool:
    """Whether a peer's flows of the pipes are those of a certified answer, within 1 % of the largest."""
    if flows is None or not np.isfinite(flows).all():
        return False
    scale = np.abs(reference).max(initial=1e-9)
    return bool(np.abs(flows[: reference.size] - reference).max(initial=0.0) < 0.01 * scale)


def _by_epanet(net: Network) -> np.ndarray | None:
    from benchmarks.epanet_peer import project  # noqa: PLC0415  a peer is loaded when asked for

    try:
        peer = project(net)
        peer.run(1e-6)
        return peer.flows()
    except Exception as problem:  # noqa: BLE001  a peer may fail in any way: that is what is counted
        warnings.warn(f"EPANET: {problem}", stacklevel=2)
        return None


def _by_pandapipes(net: Network) -> np.ndarray | None:
    from benchmarks import pandapipes_peer  # noqa: PLC0415

    try:
        other = pandapipes_peer.build(net)
        pandapipes_peer.run(other, "hydraulics")
        return pandapipes_peer.flows(other)
    except Exception as problem:  # noqa: BLE001
        warnings.warn(f"pandapipes: {problem}", stacklevel=2)
        return None


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=10000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument("--seconds", type=float, default=1e9, help="stop after this time; the same call goes on from there")
    parser.add_argument("--plain", action="store_true", help="no search for steady states where passes find only a mean one")
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--out", type=Path, default=Path("out/robust.jsonl"))
    given = parser.parse_args()
    seeds = range(given.first, given.first + given.count)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if given.peers:
            print(json.dumps(peers(seeds), indent=1))
            return
        given.out.parent.mkdir(parents=True, exist_ok=True)
        run(list(seeds), given.out, given.seconds, given.jobs, not given.plain)
    print(json.dumps(tally([record for record in records(given.out) if record["seed"] in seeds]), indent=1))


if __name__ == "__main__":
    main()
