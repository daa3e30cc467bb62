"""Many scenarios of one network: flows side by side in vectors and on all cores, in one elimination order.

Scenarios may change any column, close or open links and add links. Links that some scenarios add are in the network of all and are
shut in the others. What changes rows of pipes, valves and valve inlets only is prepared row by row; other changes by
compiling the changed network's values. Networks that regulate (bounded flows, regulators, exchangers, loads) stand in the lanes of
stacks (heatnet.solve.abreast), with heat too. What the kernels for many do not settle, and networks with heat that plain passes solve,
are solved one scenario at a time, on all cores too; `alone` counts them.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from heatnet.arrays import Arrays, compile
from heatnet.change import Scenario
from heatnet.components import EDGES, PARTS
from heatnet.network import KINDS, Network, Node
from heatnet.schema import Floats, Ints
from heatnet.solve.changed import in_range
from heatnet.solve.coupled import Solver
from heatnet.solve.settings import Settings, Status
from heatnet.solve.state import State

if TYPE_CHECKING:
    import pandas as pd

    from heatnet.solve.abreast import Beside
    from heatnet.solve.lane_rows import Variant
    from heatnet.solve.stack import Lane
    from heatnet.solve.variant import Variants

WINDOW = 4  # blocks of scenarios prepared at once
AHEAD = 2  # windows under way at once: what they hold takes memory
PLAIN = {  # columns in which a number within its range breaks no rule
    "pipe": ("diameter", "roughness", "zeta", "loss", "ground"), "valve": ("kvs",), "consumer": ("kvs", "opening"),
    "building": ("radiator", "conductance", "gains"),
}


@dataclass(frozen=True)
class Many:
    """Answers of scenarios; a row is a scenario. Where one has no answer its status says why and its row is NaN."""

    arrays: Arrays  # of the network with all links that any scenario adds
    settings: Settings
    scenarios: tuple[Scenario, ...]
    m: Floats  # (scenarios, edges) kg/s
    p: Floats  # (scenarios, nodes) Pa
    t: Floats | None  # (scenarios, nodes) K, where heat is solved
    status: tuple[Status, ...]
    message: tuple[str, ...]
    steps: Ints  # (scenarios,)
    pressure_residual: Floats  # (scenarios,) Pa
    mass_residual: Floats  # (scenarios,) kg/s
    alone: int = 0  # how many of all were solved one at a time, not side by side

    def frame(self, kind: str) -> pd.DataFrame:
        """Flow of every row of a component [kg/s] or pressure of every node [kPa], one line a scenario."""
        import pandas as pd  # noqa: PLC0415  pandas takes 0.4 s to load; solving does not need it

        index = pd.Index([scenario.name for scenario in self.scenarios], name="scenario")
        if kind == "node":
            return pd.DataFrame(self.p / 1e3, index=index, columns=pd.Index(self.arrays.net[Node].id, name="pressure [kPa]"))
        component = KINDS.get(kind)
        if component is None or component not in EDGES:
            raise ValueError(f"no results of '{kind}'; known: node, {', '.join(edge.kind() for edge in EDGES)}")
        part = self.arrays.part(component)
        return pd.DataFrame(self.m[:, part.span], index=index, columns=pd.Index(part.table.id, name="flow [kg/s]"))

    def state(self, row: int) -> State:
        """Full state of one scenario, solved on its own; its status says if there is none."""
        return _own(self.arrays, self.scenarios, row, self.settings)


def solve_many(
    model: Network | Arrays, scenarios: Sequence[Scenario], settings: Settings | None = None, *, start: State | None = None,
    workers: int | None = None,
) -> Many:
    """Steady states of many scenarios of a network.

    `start` is a state of the network itself to begin from; `workers` the number of threads, all cores if not given. Every
    scenario is checked: ModelError with what is wrong where one breaks a rule, ValueError where it names what is not there.
    """
    from heatnet.solve.variant import Variants  # noqa: PLC0415  loads numba

    settings = settings or Settings()
    base = model if isinstance(model, Arrays) else compile(model)
    cases = tuple(scenarios)
    union = _union(base, cases)
    threads = workers or os.cpu_count() or 1
    solver = Solver.of(union, settings)
    first = start if union is base else None
    answers = _Answers.of(union, len(cases), heat=settings.heat)
    left = list(range(len(cases)))
    with ThreadPoolExecutor(threads) as pool:
        regulates = solver.run is None or solver.run.chosen.size > 0 or solver.run.task.regulators is not None
        if not settings.heat and solver.run is not None and not regulates and len(cases) > 1:
            base_state = first or solver.solve(throw=False)  # what most scenarios lie close to
            variants = Variants.of(solver, cases, base_state if base_state.converged else None)
            left = _side_by_side(variants, answers, pool)
        elif len(cases) > 1 and solver.run is not None and (regulates if not settings.heat else solver.fixed is None):
            base_state = first or solver.solve(throw=False)
            first = base_state if base_state.converged and union is base else first
            left = _abreast(solver, base_state, cases, answers, pool)
        for row, state in zip(left, pool.map(lambda row: _own(union, cases, row, settings, first), left), strict=True):
            answers.put(row, state, union)
    return Many(
        union, settings, cases, answers.m, answers.p, answers.t, tuple(answers.status), tuple(answers.message), answers.steps,
        answers.residual[0], answers.residual[1], len(left),
    )


@dataclass
class _Answers:
    """Arrays to be filled, a row a scenario."""

    m: Floats
    p: Floats
    t: Floats | None
    status: list[Status]
    message: list[str]
    steps: Ints
    residual: Floats

    @staticmethod
    def of(arrays: Arrays, count: int, *, heat: bool) -> _Answers:
        m, p, t = (np.empty((count, size)) for size in (arrays.edges, arrays.nodes, arrays.nodes if heat else 0))
        none = [Status.MAX_STEPS] * count
        return _Answers(m, p, t if heat else None, none, [""] * count, np.zeros(count, dtype=np.int32), np.full((2, count), np.nan))

    def take(self, variants: Variants, block: list[tuple[int, Variant]]) -> list[int]:
        """Answers of a block that the kernel settles; the scenarios that it does not."""
        rows = [row for row, _ in block]
        done = variants.solve(rows, [variant for _, variant in block], self.m, self.p)
        for lane, row in enumerate(rows):
            if done.settled[lane]:
                self.status[row], self.message[row] = Status.CONVERGED, Status.CONVERGED.value
                self.steps[row] = done.steps[lane]
                self.residual[:, row] = done.pressure_residual[lane], done.mass_residual[lane]
        return [row for lane, row in enumerate(rows) if not done.settled[lane]]

    def put(self, row: int, state: State, union: Arrays) -> None:
        """An answer found alone."""
        self.status[row], self.message[row], self.steps[row] = state.status, state.message, state.steps
        self.residual[:, row] = state.residuals.pressure, state.residuals.mass
        if not state.converged:
            self.m[row], self.p[row] = np.nan, np.nan
            if self.t is not None:
                self.t[row] = np.nan
            return
        self.p[row] = state.p
        if self.t is not None:
            self.t[row] = state.t
        for kind in PARTS:
            here, there = union.part(kind), state.arrays.part(kind)
            if here.table.id.size == there.table.id.size:
                self.m[row, here.span] = state.m[there.span]
            else:  # the scenario lacks links that others add
                flow = np.zeros(here.table.id.size)
                flow[np.isin(here.table.id, there.table.id)] = state.m[there.span]
                self.m[row, here.span] = flow


def _side_by_side(variants: Variants, answers: _Answers, pool: ThreadPoolExecutor) -> list[int]:
    """Take all scenarios that can be taken in vectors; those left over.

    A vector takes as many steps as its slowest lane, so like stands with like. What differs is worked out for some blocks while
    those before are solved.
    """
    width, count = variants.width, len(variants.cases)
    windows = [range(min(width, count))]  # a short one first, so that solving begins soon
    windows += [range(at, min(count, at + WINDOW * width)) for at in range(width, count, WINDOW * width)]
    left: list[int] = []
    under_way: list[list[Future[list[int]]]] = []
    coming = pool.submit(variants.prepare, windows[0])
    for at, rows in enumerate(windows):
        made = list(zip(rows, coming.result(), strict=True))
        if at + 1 < len(windows):
            coming = pool.submit(variants.prepare, windows[at + 1])
        left += [row for row, variant in made if variant is None]
        ready = sorted(((row, variant) for row, variant in made if variant is not None), key=lambda one: one[1].strain)
        under_way.append([pool.submit(answers.take, variants, ready[k : k + width]) for k in range(0, len(ready), width)])
        if len(under_way) > AHEAD:
            left += [row for done in under_way.pop(0) for row in done.result()]
    left += [row for window in under_way for done in window for row in done.result()]
    return sorted(left)


def _abreast(solver: Solver, start: State, cases: tuple[Scenario, ...], answers: _Answers, pool: ThreadPoolExecutor) -> list[int]:
    """Take what regulates, with heat or without, in the lanes of stacks; rows of the scenarios left over."""
    from heatnet.solve.abreast import Beside  # noqa: PLC0415  loads numba

    beside = Beside.of(solver, start)
    if beside is None:
        return list(range(len(cases)))
    extra = {(type(table), name) for case in cases for table in case.added for name in table.id}
    whole = [{(type(table), name) for table in case.added for name in table.id} == extra for case in cases]  # it has what others add

    def block(rows: list[int]) -> list[int]:
        lanes = [(row, _lane(beside, solver, cases[row])) for row in rows if whole[row]]
        lanes = [(row, lane) for row, lane in lanes if beside.fits(lane)]
        if not lanes:
            return rows
        done = beside.solve([lane for _, lane in lanes])
        settled = {row for (row, _), good in zip(lanes, done.good, strict=True) if good}
        for at, (row, lane) in enumerate(lanes):
            if row in settled:
                answers.put(row, done.state_of(at), lane.arrays)
        return [row for row in rows if row not in settled]

    blocks = [list(range(at, min(at + beside.width, len(cases)))) for at in range(0, len(cases), beside.width)]
    return sorted(row for left in pool.map(block, blocks) for row in left)


def _lane(beside: Beside, solver: Solver, case: Scenario) -> Lane:
    """A scenario as a lane; plain numbers within their range break no rule."""
    plain = all(
        change.column in PLAIN.get(change.kind, ()) and in_range(KINDS[change.kind].columns()[change.column], change.values)
        for change in case.changes
    )
    return beside.lane(solver.arrays.with_changes(Scenario(case.name, case.changes), checked=plain))


def _own(union: Arrays, cases: tuple[Scenario, ...], row: int, settings: Settings, start: State | None = None) -> State:
    """One scenario alone: links that only others add are left out."""
    mine = {(table.kind(), name) for table in cases[row].added for name in table.id}
    net = union.net
    for kind in EDGES:
        others = {name for case in cases for table in case.added if type(table) is kind for name in table.id}
        foreign = others - {name for own, name in mine if own == kind.kind()}
        if foreign:
            table = net[kind]  # type: ignore[type-abstract]
            net = net.replace_table(table.take(~np.isin(table.id, list(foreign))))
    changes = Scenario(cases[row].name, cases[row].changes)
    if net is union.net:
        return Solver.of(union.with_changes(changes), settings).solve(start=start, throw=False)
    return Solver.of(compile(net.apply(changes)), settings).solve(throw=False)


def _same(a: object, b: object) -> bool:
    """Equal, or no numbers both."""
    return a == b or (isinstance(a, float) and isinstance(b, float) and np.isnan(a) and np.isnan(b))


def _union(base: Arrays, cases: tuple[Scenario, ...]) -> Arrays:
    """The network with all links that any scenario adds; ValueError where one id stands for two different links."""
    if not any(case.added for case in cases):
        return base
    seen: dict[tuple[str, str], tuple[object, ...]] = {}
    net = base.net
    for case in cases:
        for table in case.added:
            fresh = []
            for row, name in enumerate(table.id):
                values = tuple(getattr(table, column)[row] for column in table.columns())
                known = seen.setdefault((table.kind(), name), values)
                if known is values:
                    fresh.append(row)
                elif not all(map(_same, known, values)):
                    raise ValueError(f"scenario '{case.name}' adds {table.kind()} '{name}', which another scenario adds with other values")
            if fresh:
                net = net.apply(Scenario("", (), (table.take(np.array(fresh)),)))
    return compile(net)

