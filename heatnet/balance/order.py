"""Order of work by the proportional (compensated) method, and what a crew sees at each step.

Inlets are grouped into modules: those behind a branch valve, else those along one line of the network (a line goes on where most water
goes; a line with a single inlet belongs to the one it leaves). The module that is over-flowed most comes first, for it frees most water;
within it work goes from the far end towards the plant, so that a valve that is set keeps its share when others are. Branch valves
follow, from the far ones to the near ones; lifts and speeds come last (Petitjean, Total Hydronic Balancing; BSRIA BG 2).

At each step the flows are solved with all settings made so far, at the temperatures of the finished balance. Inlets found shut are
opened fully before the first step: a valve is set by the flow through it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.balance.places import with_open
from heatnet.balance.posed import pose
from heatnet.balance.result import Balance
from heatnet.components import Consumer, Pipe, Plant, Valve
from heatnet.errors import NotSolved
from heatnet.rooms import water_paths
from heatnet.schema import Floats, Ints, Texts
from heatnet.solve import hydraulic


@dataclass(frozen=True)
class Step:
    """One valve to be set."""

    table: str  # consumer or valve
    row: int
    module: str
    flow: float  # kg/s at the moment it is set
    loss: float  # Pa over the inlet or the valve then


def steps(balance: Balance) -> tuple[Step, ...]:
    """Valves whose setting changes in the order of work, with flow and difference at the moment each is set."""
    names, rank = modules(balance)
    now, new = balance.arrays.net, balance.fit.knobs
    changed = np.flatnonzero(new.inlet != now[Consumer].opening)
    far = np.nan_to_num(_distance(balance))
    inlets = sorted(changed.tolist(), key=lambda row: (rank[row], -far[row], row))
    work: list[tuple[type[Consumer] | type[Valve], int, str]] = [(Consumer, row, str(names[row])) for row in inlets]
    branches = balance.places.branches.row
    lines = [int(row) for row in branches[::-1] if new.valve[row] != now[Valve].opening[row]]
    work += [(Valve, row, str(now[Valve].id[row])) for row in lines]
    flow, loss = _walk(balance, [(kind, row) for kind, row, _ in work])
    return tuple(
        Step(kind.kind(), row, name, float(m), float(dp)) for (kind, row, name), m, dp in zip(work, flow, loss, strict=True)
    )


def modules(balance: Balance) -> tuple[Texts, Ints]:
    """Name of the module of each consumer and its place in the order of work, (consumers,)."""
    net, places, state = balance.arrays.net, balance.places, balance.state
    line = _lines(balance)
    at = np.where(places.branches.tail >= 0, places.branches.tail, places.branches.head)
    name = np.empty(line.size, dtype=object)
    span, ids = state.of(Pipe), net[Pipe].id
    for row in range(line.size):
        if at[row] >= 0:
            name[row] = str(net[Valve].id[places.branches.row[at[row]]])
        else:
            edge = int(line[row])
            name[row] = str(ids[edge - span.start]) if span.start <= edge < span.stop else "-"
    known, number = np.unique(name.astype(str), return_inverse=True)
    ratio, weight = np.nan_to_num(balance.ratio(balance.before)), np.nan_to_num(balance.wanted)
    mean = np.bincount(number, ratio * weight, known.size) / np.maximum(np.bincount(number, weight, known.size), 1e-300)
    rank = np.empty(known.size, dtype=np.int32)
    rank[np.argsort(-mean, kind="stable")] = np.arange(known.size)
    return name, rank[number]


def _distance(balance: Balance) -> Floats:
    """Supply pipe from the plant to each consumer [m], (consumers,)."""
    state = balance.state
    length = np.zeros(state.arrays.edges)
    length[state.of(Pipe)] = state.arrays.net[Pipe].length
    return np.asarray(water_paths(state).gathered(length)[0][state.arrays.tail[state.of(Consumer)]])


def _lines(balance: Balance) -> Ints:
    """Edge by which the line of each consumer leaves the one before it, -1 at the plant, (consumers,)."""
    state = balance.state
    arrays, way = state.arrays, water_paths(state)
    flow = np.abs(state.m)
    plant = np.zeros(arrays.edges, dtype=bool)
    plant[state.of(Plant)] = True
    before = np.where((way.before >= 0) & ~plant[way.before], way.before, -1)
    up = np.where(before >= 0, np.where(way.forward, arrays.tail, arrays.head)[before], -1)
    heavy = np.full(arrays.nodes, -1, dtype=np.int64)
    live = np.flatnonzero(before >= 0)
    for node in live[np.argsort(flow[before[live]], kind="stable")].tolist():
        heavy[up[node]] = node  # the last write wins: most water
    head = np.arange(arrays.nodes)
    hops = np.nan_to_num(way.gathered(np.ones(arrays.edges))[0], nan=0.0)
    for node in np.argsort(hops, kind="stable").tolist():
        if up[node] >= 0 and heavy[up[node]] == node:
            head[node] = head[up[node]]
    node = arrays.tail[state.of(Consumer)]
    line = head[node]
    for _ in range(64):  # lines of one inlet join the one they leave
        count = np.bincount(line, minlength=arrays.nodes)
        alone = (count[line] < 2) & (up[line] >= 0)
        if not alone.any():
            break
        line = np.where(alone, head[up[line]], line)
    return np.asarray(before[line], dtype=np.int32)


def _walk(balance: Balance, work: list[tuple[type[Consumer] | type[Valve], int]]) -> tuple[Floats, Floats]:
    """Flow [kg/s] and loss [Pa] of each valve at the moment it is set, with the lift as it was before the work."""
    flow, loss = np.zeros(len(work)), np.zeros(len(work))
    if not work:
        return flow, loss
    state, arrays = balance.state, with_open(balance.arrays, balance.opened)
    first, last = pose(arrays, balance.places, state), pose(state.arrays, balance.places, state)
    run, plan = hydraulic.prepare(first.task), arrays.program
    set_ = hydraulic.prepare(last.task)
    at = hydraulic.begin(run, hydraulic.start(first.task))
    settings = state.settings
    hydraulic.iterate(run, at, settings.pressure_tolerance, settings.mass_tolerance, settings.max_steps)
    for number, (kind, row) in enumerate(work):
        edge = arrays.part(kind).span.start + row
        place = int(plan.place[edge])
        run.coefficients[:, place] = set_.coefficients[:, place]
        run.limits[:, run.chosen == edge] = set_.limits[:, set_.chosen == edge]  # of a controller in front
        done = hydraulic.iterate(run, at, settings.pressure_tolerance, settings.mass_tolerance, settings.max_steps)
        if not done.converged:
            raise NotSolved(state)
        flow[number] = at.m[place]
        loss[number] = run.coefficients[0, place] * at.m[place] * abs(at.m[place])
    return flow, loss
