"""Order, factors and solutions against scipy on graphs of every shape."""

import numpy as np
import pytest
from cities import tree
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.sparse.linalg import spsolve

from heatnet.linear import order


def matrix(size, one, other, g):
    """Laplacian over the free nodes, assembled edge by edge; -1 is a held node."""
    a = np.zeros((size, size))
    for i, j, c in zip(one, other, g, strict=True):
        if i == j:
            continue
        for end in (i, j):
            if end >= 0:
                a[end, end] += c
        if i >= 0 and j >= 0:
            a[i, j] -= c
            a[j, i] -= c
    return a


@given(st.integers(1, 40), st.integers(0, 120), st.integers(0, 2**32 - 1))
@settings(max_examples=150, deadline=None)
def test_against_scipy_on_random_graphs(size, edges, seed):
    rng = np.random.default_rng(seed)
    one, other = rng.integers(-1, size, edges), rng.integers(-1, size, edges)  # parallel edges, loops and held ends among them
    tied = np.arange(size)  # and every node tied to a held one
    one, other = np.concatenate([one, tied]), np.concatenate([other, np.full(size, -1)])
    g = 10.0 ** rng.uniform(-3, 3, one.size)
    right = rng.normal(size=size)
    x = order(size, one, other).factor(g).solve(right)
    exact = spsolve(sparse.csc_array(matrix(size, one, other, g)), right)
    assert x == pytest.approx(np.atleast_1d(exact), rel=1e-9, abs=1e-12 * np.abs(exact).max())


@pytest.mark.parametrize("side", [2, 5, 12])
def test_grid(side):
    at = np.arange(side * side).reshape(side, side)
    one = np.concatenate([at[:, :-1].ravel(), at[:-1].ravel(), [0]])
    other = np.concatenate([at[:, 1:].ravel(), at[1:].ravel(), [-1]])
    g = np.linspace(1, 2, one.size)
    right = np.sin(np.arange(side * side))
    assert matrix(side * side, one, other, g) @ order(side * side, one, other).factor(g).solve(right) == pytest.approx(right, abs=1e-11)


def test_no_node_one_node_and_lonely_nodes():
    none = np.zeros(0, dtype=int)
    assert order(0, none, none).factor(np.zeros(0)).solve(np.zeros(0)).size == 0
    assert order(0, np.array([-1]), np.array([-1])).factor(np.ones(1)).solve(np.zeros(0)).size == 0
    assert order(1, np.array([0]), np.array([-1])).factor(np.array([4.0])).solve(np.array([2.0])) == pytest.approx([0.5])
    assert order(1, np.array([0]), np.array([0])).factor(np.ones(1)).solve(np.ones(1)) == pytest.approx([0.0])
    lonely = order(3, np.array([0]), np.array([-1])).factor(np.ones(1)).solve(np.array([3.0, 1.0, 1.0]))
    assert lonely == pytest.approx([3.0, 0.0, 0.0])


def test_edges_without_conductance_count_for_nothing():
    one, other = np.array([0, 1, 0]), np.array([1, -1, -1])
    with_all, without = order(2, one, other), order(2, one[:2], other[:2])
    g = np.array([2.0, 5.0])
    assert with_all.factor(np.append(g, 0.0)).solve(np.ones(2)) == pytest.approx(without.factor(g).solve(np.ones(2)), rel=1e-15)


def test_conductances_far_apart_lose_no_digit():
    """A stiff pipe whose zone hangs on a held node by next to nothing: the tie must not drown in the pipe's diagonal."""
    one, other = np.array([0, 1, 2]), np.array([1, 2, -1])
    g = np.array([1e6, 1e6, 1e-12])
    x = order(3, one, other).factor(g).solve(np.array([1e-12, 0.0, 0.0]))
    assert x == pytest.approx([1.0 + 2e-18] * 3, rel=1e-14)


def test_updates_point_at_the_entries_they_change():
    rng = np.random.default_rng(4)
    street = np.array(tree(rng, 30, 12))
    laplacian = order(30, street[:, 0], street[:, 1])
    k = 0
    for j in range(30):
        rows = laplacian.row[laplacian.start[j] : laplacian.start[j + 1]]
        assert np.all(np.diff(rows) > 0)
        assert np.all(rows > j)
        for b, low in enumerate(rows):
            for high in rows[b + 1 :]:
                column = slice(laplacian.start[low], laplacian.start[low + 1])
                assert column.start <= laplacian.target[k] < column.stop
                assert laplacian.row[laplacian.target[k]] == high
                k += 1
    assert k == laplacian.target.size
    assert sorted(laplacian.position) == list(range(30))


@pytest.mark.parametrize("places", [2, 50, 3000])
def test_two_pipe_tree_has_two_entries_a_column(places):
    rng = np.random.default_rng(places)
    street = np.array(tree(rng, places, 0))
    a, b = street.T
    link = np.arange(1, places)
    held = {places: -1}  # the plant's return node
    one = np.concatenate([a, b + places, link])
    other = np.concatenate([b, a + places, link + places])
    one, other = (np.array([held.get(v, v - (v > places)) for v in ends.tolist()]) for ends in (one, other))
    laplacian = order(2 * places - 1, one, other)
    assert np.diff(laplacian.start).max() <= 2
