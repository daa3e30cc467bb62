"""Estimates of finite changes: leverage by Foster's sum and dense inverses, changes of edges and new ties against whole solves."""

import cities
import numpy as np
import pytest
from meshed import meshed
from scipy.stats import spearmanr

from benchmarks.city import city
from heatnet import Change, Deficit, Pipe, Plant, Scenario, Settings, Solver, WeatherState, compile, effects, rooms, sensitivities, solve
from heatnet.linear import order
from heatnet.network import Building, Node
from heatnet.sensitivity import Ties, estimate, leverage, screen
from heatnet.sensitivity.inverse import effective_resistance, responses
from heatnet.units import KELVIN


def test_entries_of_the_inverse_are_those_of_the_dense_one():
    rng = np.random.default_rng(3)
    n = 40
    one = np.concatenate([np.arange(n), rng.integers(0, n, 30)])
    other = np.concatenate([np.arange(n) - 1, rng.integers(0, n, 30)])  # node 0 hangs on a held one
    other[n:] = np.where(one[n:] == other[n:], -1, other[n:])
    g = rng.lognormal(0.0, 2.0, one.size)
    factor = order(n, one, other).factor(g)
    dense = np.zeros((n + 1, n + 1))
    for a, b, c in zip(one, other, g, strict=True):
        dense[[a, b], [a, b]] += c
        dense[a, b] -= c
        dense[b, a] -= c
    inverse = np.zeros((n + 1, n + 1))
    inverse[:n, :n] = np.linalg.inv(dense[:n, :n])
    pick = inverse[one, one] + inverse[other, other] - 2 * inverse[one, other]
    np.testing.assert_allclose(effective_resistance(factor), pick, rtol=1e-9)
    ends = rng.integers(-1, n, (50, 4)).astype(np.int32)
    e, f = np.zeros((2, 50, n + 1))
    for row, (a, b, c, d) in enumerate(ends):
        e[row, a] += 1
        e[row, b] -= 1
        f[row, c] += 1
        f[row, d] -= 1
    want = [np.einsum("ni,ij,nj->n", left, inverse, right) for left, right in ((e, e), (f, f), (e, f))]
    np.testing.assert_allclose(responses(factor, ends), want, rtol=1e-8, atol=1e-10)


@pytest.fixture(scope="module")
def short():
    """A city of 300 buildings whose plant lifts too little."""
    net = city(300, seed=2, loops=0.05)
    net = net.with_(Plant, lift=0.7 * net[Plant].lift)
    arrays = compile(net, checked=True)
    return arrays, sensitivities(Solver.of(arrays, Settings()).solve(), "hlj_2021")


def test_leverages_add_up_to_the_free_nodes(short):
    arrays, found = short
    assert leverage(found.each[0]).sum() == pytest.approx(arrays.laplacian.size, rel=1e-9)


def test_wider_pipes_are_sized_rightly_where_raw_gradients_are_not(short):
    arrays, found = short
    pipe = arrays.net[Pipe]
    rows = np.arange(len(pipe), dtype=np.int32)
    guess = estimate(found, "pipe", rows, {"diameter": 1.3 * pipe.diameter})
    cases = [Scenario(name, (Change("pipe", "diameter", 1.3 * d, (name,)),)) for name, d in zip(pipe.id, pipe.diameter, strict=True)]
    exact = effects(arrays, [WeatherState("", 1.0)], cases, "hlj_2021").avoided
    raw = -0.3 * found.gradient["pipe"]["diameter"] * pipe.diameter
    assert np.abs(guess - exact).sum() < 0.05 * np.abs(exact).sum()
    assert np.abs(raw - exact).sum() > 0.5 * np.abs(exact).sum()
    assert spearmanr(guess, exact)[0] > 0.99
    assert set(np.argsort(-exact)[:20]) <= set(np.argsort(-guess)[:40])


def test_new_ties_are_ordered_as_whole_solves_order_them(short):
    arrays, found = short
    net, rng = arrays.net, np.random.default_rng(5)
    a = rng.integers(0, 280, 2000)
    b = a + rng.integers(1, 20, a.size)
    node = [found.nodes([f"{side}{at}" for at in of]) for of, side in ((a, "s"), (b, "s"), (b, "r"), (a, "r"))]
    one = np.ones(a.size)
    guess = screen(found, Ties(*node, 60.0 * one, 0.1 * one, 5e-4 * one, 0.2 * one, 0.0 * one))
    pick = np.argsort(-guess)[:1500:50]
    exact = []
    for k in pick:
        pair = cities.pipes(
            ("t1", f"s{a[k]}", f"s{b[k]}"), ("t2", f"r{b[k]}", f"r{a[k]}"), length=60.0, diameter=0.1, roughness=5e-4, loss=0.2
        )
        after = rooms(solve(compile(net.apply(Scenario("", (), (pair,))), checked=True)), "hlj_2021")
        exact.append(found.value - net[Building].households @ after.deficit)
    assert spearmanr(guess[pick], exact)[0] > 0.85
    assert np.abs(guess[pick] - exact).sum() < 0.5 * np.abs(exact).sum()
    assert set(np.argsort(-np.array(exact))[:3]) <= set(range(9))  # the best are found among the first third


def test_other_edges_and_what_cannot_be_estimated():
    net = meshed()
    deficit = Deficit(KELVIN + 22.0, net[Building].households)
    state = solve(compile(net, checked=True))
    found = sensitivities(state, deficit)

    def exact(kind, column, value):
        moved = net.apply(Scenario("", (Change(kind, column, value, None),)))
        return found.value - deficit.value(rooms(solve(compile(moved, checked=True))).temperature)

    for kind, column, value in (("pump", "speed", 1.0), ("valve", "opening", 0.9)):
        guess = estimate(found, kind, np.zeros(1, dtype=np.int32), {column: np.array([value])})[0]
        assert guess == pytest.approx(exact(kind, column, value), rel=0.15)
    thick = 0.5 * net[Pipe].loss
    some = np.array([1, 7], dtype=np.int32)
    lossless = estimate(found, "pipe", some, {"loss": thick[some]})
    np.testing.assert_allclose(lossless, 0.5 * found.gradient["pipe"]["loss"][some] * net[Pipe].loss[some])
    with pytest.raises(ValueError, match="no estimates of 'building'"):
        estimate(found, "building", some, {"radiator": thick[some]})
    with pytest.raises(ValueError, match="column 'length'"):
        estimate(found, "pipe", some, {"length": thick[some]})
    assert len(net[Node]) == 23
