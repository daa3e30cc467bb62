"""The Newton iteration of many scenarios side by side: a vector holds one link in WIDTH scenarios.

All scenarios share the elimination order. One step is two sweeps over the columns of the factor (heatnet.program):
    forward    add the links of column j to the matrix and the balances, eliminate it
    backward   x_j; then the links of column j know the pressures at both ends: new flow, law, slope
A branch of the elimination tree whose numbers fit the cache goes backward and, for the next step, forward at once; only the columns
above all branches wait in between. So a step reads memory once. A step thought to be the last checks the balances instead.

Little is kept between sweeps: of a link g = 1/slope and w = m + g (gap - loss), of a node p and x. Matrix
and g are kept in single precision: the same rounded g stands in matrix and step, so the steps are those of a slightly
different Newton matrix and the answer is as exact as ever; flows, pressures and balances are double.
There is no line search here: what does not converge is left to the kernel for one scenario (newton.py).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from heatnet.jit import kernel
from heatnet.schema import Floats, Ints
from heatnet.simd import larger, load, splat, store
from heatnet.solve.lane_balances import carry_off, guessed_flows, imbalances
from heatnet.solve.lane_sweeps import WIDTH, Columns, First, Own, Space, Tree, V, Way, backward, begin, forward

INEXACT = 1e-2  # last step of Colebrook's X above which its law is not yet met: the error left goes as its cube
NEAR = 100.0  # Pa, residual below which the next step is nearly always the last


@kernel
def newton_lanes(
    friction: tuple[int, float], tree: Tree, columns: Columns, ends: tuple[Ints, Ints], own: Own, way: Way,
    source: Floats, first: First, m: Floats, p: Floats, stop: tuple[float, float, int, bool], space: Space,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Largest pressure residual [Pa], imbalance [kg/s], steps (inf if not done), loose nodes of each scenario; flows in m, pressures in p.

    `tree`: start, row, target (as ~target where it is the first to reach its entry), whether an entry has any, and segments of
    columns, (segments, 4): first and last column, 1 for whole branches, first update; and the spot of every column in the sums that
    a sweep forward makes. `columns`:
    first link of each column, and of each link its other end, sign, entry, form, coefficients (links, 4), drive and first flow.
    `ends`: tail and head of each link. `own`:
    where drive, first flow and coefficients of a link stand that differ from scenario to scenario, -1 for none, and these; and the row of
    those links that are not open in all, and 1 or 0 and the first flow in (rows, 2, WIDTH). `way`: nodes from
    the roots of a spanning tree outwards, and the link and the node before each. `source`: of the nodes, or (nodes, WIDTH) as one row.
    `first`: pressure of the nodes to begin with, and g, w and Colebrook's X of the links that all share (lane_values.first_laws).
    m, p: (nodes or links, WIDTH) as one row, p of the held nodes given. `stop`: tolerances, the most steps, and whether so much
    differs that first flows are added up along the tree.
    """
    free = tree[0].size - 1
    loose = np.zeros(WIDTH)
    steps, worst, lost, rough = np.full(WIDTH, np.inf), np.zeros(WIDTH), np.zeros(WIDTH), np.zeros(WIDTH)
    if stop[3]:
        held = p[free * WIDTH :].copy()
        guessed_flows(way, columns, ends, own, m, p)
        p[free * WIDTH :] = held
    space[5][free * WIDTH :] = 0.0
    last = False  # whether this is thought to be the last step: then flows are written down, and the next is not prepared
    for step in range(stop[2] + 1):
        bad, inexact = sweep(friction, tree, columns, own, source, first, space, m, p, (step, last, stop[3]), loose, lost)
        store(worst, 0, bad)
        store(rough, 0, inexact)
        done = last and within(worst, stop[0]) and within(rough, INEXACT)
        if done and not within(lost, stop[1]):  # what single precision left over: carried off along the tree
            store(worst, 0, load(WIDTH, worst, 0) + carry_off(way, columns, own, space[0], m, space[5]))
            store(lost, 0, checked(tree, columns, source, space, m))
            done = within(worst, stop[0]) and within(lost, stop[1])
        if done or step == stop[2]:
            for lane in range(WIDTH):
                if last and worst[lane] <= stop[0] and lost[lane] <= stop[1]:
                    steps[lane] = step
            break
        if last:
            space[5][free * WIDTH :] = 0.0
            store(loose, 0, prepared(tree, columns, source, space))
        last = within(worst, NEAR)
    return worst, lost, steps, loose


@kernel
def within(values: Floats, limit: float) -> bool:
    """Whether none of the lanes is above the limit, or no number."""
    held = True
    for lane in range(WIDTH):
        held = held and values[lane] <= limit
    return held


@kernel
def sweep(
    friction: tuple[int, float], tree: Tree, columns: Columns, own: Own, source: Floats, first: First, space: Space, m: Floats,
    p: Floats, turn: tuple[int, bool, bool], loose: Floats, lost: Floats,
) -> tuple[V, V]:
    """All columns backward, and branches forward at once, then what is above them; largest residual, and step of Colebrook's X.

    Where the step is thought to be the last, imbalances into `lost` instead of the next step; else loose nodes into `loose`.
    """
    segments = tree[4]
    step, last, summed = turn
    bad, inexact, unmet, count = splat(WIDTH, 0.0), splat(WIDTH, 0.0), splat(WIDTH, 0.0), splat(WIDTH, 0.0)
    for s in range(segments.shape[0] - 1, -1, -1):
        segment = segments[s]
        if step == 0:
            one, two = begin(friction, tree, columns, own, space, m, p, first, segment, summed)
        else:
            one, two = backward(friction, tree, columns, own, space, m, p, segment, last)
        bad, inexact = larger(bad, one), larger(inexact, two)
        if segment[2] == 1:
            if last:
                unmet = larger(unmet, imbalances(tree, columns, source, space, m, segment))
            else:
                count = count + forward(tree, columns, source, space, segment)
    for s in range(segments.shape[0]):
        if segments[s, 2] == 0:
            if last:
                unmet = larger(unmet, imbalances(tree, columns, source, space, m, segments[s]))
            else:
                count = count + forward(tree, columns, source, space, segments[s])
    store(lost if last else loose, 0, unmet if last else count)
    return bad, inexact


@kernel
def prepared(tree: Tree, columns: Columns, source: Floats, space: Space) -> V:
    """All columns forward, in the order of a sweep: after a step that was thought to be the last; loose nodes."""
    segments = tree[4]
    count = splat(WIDTH, 0.0)
    for s in range(segments.shape[0] - 1, -1, -1):
        if segments[s, 2] == 1:
            count = count + forward(tree, columns, source, space, segments[s])
    for s in range(segments.shape[0]):
        if segments[s, 2] == 0:
            count = count + forward(tree, columns, source, space, segments[s])
    return count


@kernel
def checked(tree: Tree, columns: Columns, source: Floats, space: Space, m: Floats) -> V:
    """Largest imbalance of each scenario."""
    segments = tree[4]
    unmet = splat(WIDTH, 0.0)
    for s in range(segments.shape[0] - 1, -1, -1):
        if segments[s, 2] == 1:
            unmet = larger(unmet, imbalances(tree, columns, source, space, m, segments[s]))
    for s in range(segments.shape[0]):
        if segments[s, 2] == 0:
            unmet = larger(unmet, imbalances(tree, columns, source, space, m, segments[s]))
    return unmet


def work_memory(links: int, nodes: int, spots: int, entries: int, colebrook: bool) -> tuple[Any, ...]:
    """Work memory of one block: m and p by lanes, then what the kernel needs."""
    lanes = np.empty((links, WIDTH)), np.empty((nodes, WIDTH))
    own = np.empty(links * WIDTH, np.float32), np.empty(links * WIDTH), np.empty((links if colebrook else 1) * WIDTH)
    matrix = np.empty((entries + 1) * WIDTH, np.float32), np.empty(spots * WIDTH, np.float32), np.empty(nodes * WIDTH, np.float32)
    return (*lanes, *own, *matrix, np.empty(spots * WIDTH), np.empty(spots * WIDTH))
