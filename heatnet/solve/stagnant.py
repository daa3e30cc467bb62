"""Pressures of nodes that no water reaches: any within an interval will do, and the iteration may leave them anywhere.

A node whose links all stand at a bound, as between a check valve that is shut and an inlet that takes nothing, is tied to the others by
inequalities alone. What is far out of reach of any pump is brought to the pressure of its neighbours, as far as these allow it.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from heatnet.schema import Bools, Floats, Ints
from heatnet.solve.hydraulic import FREE, HIGH, LOWER, UPPER, Iterate, Run

SWEEPS = 4  # over groups that hang on each other


def settle(run: Run, at: Iterate) -> None:
    """Bring such pressures near those of their neighbours, in place. Groups that a regulator senses or ends in stay as they are."""
    plan = run.task.arrays.program
    tail, head = plan.ends[0], plan.ends[1]
    free = at.share == 1.0
    links = coo_array((np.ones(int(free.sum())), (tail[free], head[free])), shape=(plan.nodes, plan.nodes))
    group = connected_components(links, directed=False)[1]
    floating = np.ones(int(group.max()) + 1, dtype=bool)
    floating[group[plan.free :]] = False
    floating[group[_watched(run)]] = False
    wild = np.unique(group[np.abs(at.p) > HIGH])
    for _ in range(SWEEPS):
        for number in wild[floating[wild]]:
            _move(run, at, group == number, (tail, head))


def _watched(run: Run) -> Ints:
    """Program nodes that a regulator senses or ends in."""
    regs, arrays = run.task.regulators, run.task.arrays
    if regs is None:
        return np.zeros(0, dtype=np.int32)
    wires, link = regs.wires, arrays.program.place[regs.wires.edge]
    sensed = np.concatenate([wires.high, wires.low[wires.low >= 0]])
    return np.concatenate([arrays.program.node[arrays.clusters.of[sensed]], *(arrays.program.ends[k][link] for k in (0, 1))])


def _move(run: Run, at: Iterate, here: Bools, ends: tuple[Ints, Ints]) -> None:
    """Shift the pressures of one group."""
    tail, head = ends
    leaving = here[tail] != here[head]
    if not leaving.any():
        return
    sign = np.where(here[tail], 1.0, -1.0)
    bound = np.full(at.m.size, FREE, dtype=np.int32)
    least, most = np.zeros(at.m.size), np.zeros(at.m.size)
    place = run.place[run.limits[0] < run.limits[1]]
    of_place = run.limits[:, run.limits[0] < run.limits[1]]
    bound[place], least[place], most[place] = at.bound[run.limits[0] < run.limits[1]], of_place[2], of_place[3]
    gap = at.p[tail] - at.p[head] + run.drive
    low, high = -np.inf, np.inf
    for kind, limit, way in ((UPPER, most, 1.0), (LOWER, least, -1.0)):
        which = leaving & (bound == kind)
        ahead = way * sign[which]  # the gap may only rise at the upper bound, only fall at the lower one
        room = (limit - gap)[which] * sign[which]
        low = max(low, float(room[ahead > 0.0].max(initial=-np.inf)))
        high = min(high, float(room[ahead < 0.0].min(initial=np.inf)))
    if low <= high:
        at.p[here] += min(max(_apart(at, here, leaving, ends), low), high)


def _apart(at: Iterate, here: Bools, leaving: Bools, ends: tuple[Ints, Ints]) -> float:
    """Pressure of the nearest neighbour to nothing, less that of the group [Pa]."""
    outside: Floats = at.p[np.where(here[ends[0]], ends[1], ends[0])[leaving]]
    return float(outside[np.argmin(np.abs(outside))] - at.p[here].mean())
