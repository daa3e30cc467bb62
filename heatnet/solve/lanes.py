"""The Newton iteration of many scenarios side by side: a vector holds one link in WIDTH scenarios.

All scenarios share the elimination order. One step is two sweeps over the columns of the factor (heatnet.program):
    forward    add the links of column j to the matrix and the balances, eliminate it
    backward   x_j; then the links of column j know the pressures at both ends: new flow, law, slope
A branch of the elimination tree whose numbers fit the cache goes backward and, for the next step, forward at once; only the columns
above all branches wait in between. So a step reads memory once.

Little is kept between sweeps: of a link g = 1/slope and w = m + g (gap - loss), of a node p and x. Matrix
and g are kept in single precision: the same rounded g stands in matrix and step, so the steps are those of a slightly
different Newton matrix and the answer is as exact as ever; flows, pressures and balances are double.
There is no line search here: what does not converge is left to the kernel for one scenario (newton.py).
"""

from __future__ import annotations

import numpy as np

from heatnet.jit import kernel
from heatnet.schema import Floats, Ints
from heatnet.simd import larger, load, splat, store
from heatnet.solve.lane_sweeps import WIDTH, Columns, First, Own, Singles, Space, Tree, V, backward, begin, carry_off, forward, imbalances

INEXACT = 1e-2  # last step of Colebrook's X above which its law is not yet met: the error left goes as its cube
NEAR = 1e3  # Pa, residual below which the next step may be the last


@kernel
def newton_lanes(
    friction: tuple[int, float], tree: Tree, columns: Columns, own: Own, way: tuple[Ints, Ints, Ints],
    source: Floats, first: First, m: Floats, p: Floats, stop: tuple[float, float, int],
    space: Space,
) -> tuple[Floats, Floats, Floats, Floats]:
    """Largest pressure residual [Pa], imbalance [kg/s], steps (inf if not done), loose nodes of each scenario; flows in m, pressures in p.

    `tree`: start, row, target (as ~target where it is the first to reach its entry), whether an entry has any, and segments of
    columns, (segments, 4): first and last column, 1 for whole branches, first update; and the spot of every column in the sums that
    a sweep forward makes. `columns`:
    first link of each column, and of each link its other end, sign, entry, form, coefficients (links, 4), drive and first flow. `own`:
    where drive, first flow and coefficients of a link stand that differ from scenario to scenario, -1 for none, and these; and the row of
    those links that are not open in all, and 1 or 0 and the first flow in (rows, 2, WIDTH). `way`: nodes from
    the roots of a spanning tree outwards, and the link and the node before each. `source`: of the nodes, or (nodes, WIDTH) as one row.
    `first`: pressure of the nodes to begin with, and g, w and Colebrook's X of the links that all share (lane_values.first_laws).
    m, p: (nodes or links, WIDTH) as one row, p of the held nodes given.
    """
    g, x = space[0], space[5]
    free = tree[0].size - 1
    for at in range(free * WIDTH, x.size):
        x[at] = 0.0
    loose = np.zeros(WIDTH)
    steps, worst, lost, rough = np.full(WIDTH, np.inf), np.zeros(WIDTH), np.zeros(WIDTH), np.zeros(WIDTH)
    near = False  # whether this may be the last step: only then flows are written down
    for step in range(stop[2] + 1):
        bad, inexact, unmet, count = sweep(friction, tree, columns, own, source, first, space, m, p, step, near)
        store(worst, 0, bad)
        store(rough, 0, inexact)
        done = near and within(worst, stop[0]) and within(rough, INEXACT)
        more, others = above(tree, columns, source, space, m, near and (done or step == stop[2]))
        store(lost, 0, larger(unmet, more))
        store(loose, 0, count + others)
        if done and not within(lost, stop[1]):  # what single precision left over: carried off along the tree
            store(worst, 0, load(WIDTH, worst, 0) + even_out(tree, columns, own, way, source, g, m, x.size, lost))
            done = within(worst, stop[0]) and within(lost, stop[1])
        if done or step == stop[2]:
            for lane in range(WIDTH):
                if near and worst[lane] <= stop[0] and lost[lane] <= stop[1]:
                    steps[lane] = step
            break
        near = within(worst, NEAR)
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
    p: Floats, step: int, near: bool,
) -> tuple[V, V, V, V]:
    """All columns backward, and branches forward at once.

    Largest residual, largest step of Colebrook's X, largest imbalance in the branches where `near`, loose nodes in the branches.
    """
    segments = tree[4]
    bad, inexact, unmet, count = splat(WIDTH, 0.0), splat(WIDTH, 0.0), splat(WIDTH, 0.0), splat(WIDTH, 0.0)
    for s in range(segments.shape[0] - 1, -1, -1):
        segment = segments[s]
        if step == 0:
            one, two = begin(friction, tree, columns, own, space, p, first, segment)
        else:
            one, two = backward(friction, tree, columns, own, space, m, p, segment, near)
        bad, inexact = larger(bad, one), larger(inexact, two)
        if segment[2] == 1:
            if near:
                unmet = larger(unmet, imbalances(tree, columns, source, m, space[6], segment, tree[5]))
            count = count + forward(tree, columns, source, space, segment)
    return bad, inexact, unmet, count


@kernel
def above(tree: Tree, columns: Columns, source: Floats, space: Space, m: Floats, last: bool) -> tuple[V, V]:
    """The columns above all branches forward: largest imbalance where `last`, loose nodes."""
    segments = tree[4]
    unmet, count = splat(WIDTH, 0.0), splat(WIDTH, 0.0)
    for s in range(segments.shape[0]):
        if segments[s, 2] == 0:
            if last:
                unmet = larger(unmet, imbalances(tree, columns, source, m, space[6], segments[s], tree[5]))
            count = count + forward(tree, columns, source, space, segments[s])
    return unmet, count


@kernel
def even_out(
    tree: Tree, columns: Columns, own: Own, way: tuple[Ints, Ints, Ints], source: Floats, g: Singles, m: Floats, room: int, lost: Floats
) -> V:
    """Carry all imbalances away along the tree; what is left into `lost`; largest change of a loss [Pa]."""
    whole, every = np.array([0, tree[0].size - 1, 1, 0]), np.arange(room // WIDTH).astype(np.int32)
    left = np.zeros(room)
    imbalances(tree, columns, source, m, left, whole, every)
    moved = carry_off(way[0], way[1], way[2], columns, own, g, m, left)
    store(lost, 0, imbalances(tree, columns, source, m, np.zeros(room), whole, every))
    return moved
