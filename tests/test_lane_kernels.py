"""Small kernels around the lanes, and the guard of the single kernel, against their plain twins."""

import naive
import numpy as np
import pytest
from cities import city
from numba import njit
from numpy._core.multiarray import _set_madvise_hugepage as switch
from test_kernels import compiled

from heatnet import compile
from heatnet.components.valve import KV
from heatnet.simd import store
from heatnet.solve import abreast_bounds, limits
from heatnet.solve.lane_balances import imbalances
from heatnet.solve.lane_sweeps import WIDTH
from heatnet.solve.lane_values import TILE, first_guess, gathered, square_guess, square_rows
from heatnet.solve.layout import branch_by_branch
from heatnet.solve.newton import imbalance
from heatnet.solve.space import plain_pages


def test_square_law_of_rows():
    random = np.random.default_rng(1)
    kv, rho = np.exp(random.uniform(-3, 7, 40)), random.uniform(900.0, 1000.0, 40)
    kv[[3, 17]] = 0.0
    is_open, fresh = np.empty(40, dtype=bool), np.empty((2, 40))
    square_rows(kv, rho, KV, is_open, fresh)
    twin = [naive.square_row(*row) for row in zip(kv, rho, strict=True)]
    assert list(is_open) == [row[0] for row in twin]
    assert not is_open[[3, 17]].any()
    for k, (_, *numbers) in enumerate(twin):
        assert list(fresh[:, k]) == pytest.approx(numbers, rel=1e-12)


@pytest.mark.parametrize("total", [0.0, 60.0])
def test_whole_tables_at_once(total):
    """Laws and first flows of many scenarios at once are those of each, row by row."""
    random, count, rows = np.random.default_rng(3), 3, 40
    kv, rho = np.exp(random.uniform(-1, 2, (count, rows))), random.uniform(900.0, 1000.0, rows)
    common = np.ones((4, rows))
    common[0] = KV / (rho * np.exp(random.uniform(-1, 2, rows)) ** 2)
    first, weight = random.uniform(-1.0, 3.0, rows), random.uniform(0.0, 1.0, rows)
    begin, fresh = np.empty((count, rows)), np.empty((count, 2, rows))
    strain, turned = np.empty(count), np.empty(count)
    square_guess(np.stack([common[0], first, weight, rho]), kv, KV, total, begin, fresh, strain, turned)
    law = np.ones(rows, dtype=np.int32), common, first, weight, np.zeros(rows, dtype=bool), first
    for k in range(count):
        is_open, mine, flow, strains, moved = np.empty(rows, dtype=bool), np.empty((2, rows)), np.empty(rows), np.empty(rows), np.empty(1)
        square_rows(kv[k], rho, KV, is_open, mine)
        first_guess(law, is_open, mine, np.array([0, rows]), total, flow, strains, moved)
        assert fresh[k] == pytest.approx(mine, rel=1e-12)
        assert begin[k] == pytest.approx(flow, rel=1e-12)
        assert (strain[k], turned[k]) == pytest.approx((strains.max(), moved[0]), rel=1e-9)


@pytest.mark.parametrize("shifted", [False, True])
def test_answers_written_row_by_row(shifted):
    """Over more than one tile, with some lanes, some rows and places left out; other rows stay as they are."""
    random, columns = np.random.default_rng(2), 2 * TILE + 9
    values = random.normal(size=(30, WIDTH))
    place = random.integers(-1, 30, columns).astype(np.int32)
    offset = random.normal(size=columns) if shifted else np.zeros(0)
    lanes, rows = np.array([0, 5, WIDTH - 1]), np.array([4, 0, 2])
    out = np.full((5, columns), 7.0)
    gathered(values.ravel(), place, offset, lanes, rows, out)
    assert (place < 0).any()
    assert np.array_equal(out[rows], naive.gathered(values, place, offset, lanes))
    assert np.all(out[[1, 3]] == 7.0)


@pytest.mark.parametrize("seed", range(6))
def test_branches_stand_together(seed):
    """Random forests with nodes of any number, in breadth-first order, and the feeding forest of a city."""
    random, n = np.random.default_rng(seed), 80
    name = random.permutation(n)
    parent, depth = np.full(n, -1, dtype=np.int32), np.zeros(n)
    for i in range(4, n):
        before = random.integers(i)
        parent[name[i]], depth[name[i]] = name[before], depth[name[before]] + 1
    order = np.array([v for v in np.argsort(depth, kind="stable") if parent[v] >= 0], dtype=np.int32)
    assert list(branch_by_branch(order, parent)) == naive.branch_by_branch(order, parent)
    feed = compile(city(seed), checked=True).feeding
    assert list(branch_by_branch(feed.order, feed.parent)) == naive.branch_by_branch(feed.order, feed.parent)


@pytest.mark.parametrize("at", range(4))
def test_a_flow_that_is_no_number_never_balances(at):
    """Wherever it stands among the nodes."""
    ends = np.array([[4, 4, 4, 4], [0, 1, 2, 3], [0, 0, 0, 0]], dtype=np.int32)
    m, source = np.full(4, 2.0), np.array([-2.0, -2.0, -2.5, -2.0, 0.0])
    left = np.empty(5)
    assert imbalance(ends, m, source, left, 4) == pytest.approx(0.5)
    m[at] = np.nan
    assert not imbalance(ends, m, source, left, 4) < np.inf


def test_imbalance_of_each_scenario():
    """Two nodes fed from a held one, by hand; in one lane a flow is no number, and only that lane tells so."""
    balances = compiled(imbalances)
    none, spot = np.zeros(0, dtype=np.int32), np.arange(3, dtype=np.int32)
    tree = np.zeros(3, dtype=np.int32), none, none, none, np.zeros((1, 4), dtype=np.int64), spot
    columns = np.array([0, 1, 2, 2], dtype=np.int32), np.full(2, 2, dtype=np.int32), np.ones(2)
    x, left = np.zeros(3 * WIDTH, np.float32), np.zeros(3 * WIDTH)

    @njit(error_model="numpy", nogil=True)
    def run(tree, columns, source, space, m, segment, out):
        store(out, 0, balances(tree, columns, source, space, m, segment))

    random = np.random.default_rng(3)
    flows, source, out = random.normal(size=(2, WIDTH)), np.array([1.0, -2.0, 0.0]), np.empty(WIDTH)
    flows[0, 5] = np.nan
    run(tree, columns, source, (x, x, x, x, x, x, left, left), flows.ravel(), np.array([0, 3, 0, 0]), out)
    expected = np.abs(source[:2, None] - flows).max(axis=0)
    assert np.isinf(out[5])
    assert np.delete(out, 5) == pytest.approx(np.delete(expected, 5), rel=1e-12)


def test_numpy_asks_for_huge_pages_again():
    """A private switch of numpy: another numpy may lack it, and then the first call is slower; this says so."""
    before = switch(1)
    with pytest.raises(ValueError, match="inside"), plain_pages():
        assert switch(0) == 0
        raise ValueError("inside")
    assert switch(before) == 1


def test_what_is_near_a_bound_is_so_in_every_lane():
    """At 2 MPa as at 40 kPa: within 1e-6 of the loss there, at most 0.1 Pa, as the single kernel has it."""
    width = abreast_bounds.WIDTH
    over = np.array([1.5, 0.11, 0.09, 0.05, 0.03, -1.0, 5.0, 0.0])
    for least, seen in ((-2e6, [1, 1, 0, 0, 0, 0, 1, 0]), (-4e4, [1, 1, 1, 1, 0, 0, 1, 0])):
        rows = np.repeat(np.array([0.0, np.inf, least, np.inf, least + 1e3, 1.0])[:, None], width, axis=1)
        changes, gap = np.zeros(width), least + over
        abreast_bounds.misplaced((np.zeros(1, dtype=np.int32), np.full(width, 2.0), rows.ravel()), gap, changes)
        assert changes.tolist() == seen
        for lane in range(width):
            chosen = np.zeros(1, dtype=np.int32), np.full(1, 2, dtype=np.int32), rows[:, lane : lane + 1].copy()
            assert limits.misplaced(chosen, gap[None, lane : lane + 1].copy()) == seen[lane]
