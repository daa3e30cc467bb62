"""Every kernel on vectors against its slow obvious twin."""

import importlib

import numpy as np
import pytest
from cities import city
from naive import dense_newton, minimum_degree_fill
from numba import njit

from heatnet import Settings, compile, jit, solve
from heatnet.components import Consumer, Fluid, Pipe, Pump, Valve
from heatnet.components.terminal import kappa, room_state
from heatnet.feeding import first_flows
from heatnet.friction import LAWS, pipe_losses
from heatnet.network import Network, Node
from heatnet.simd import gather, largest, load, store, total
from heatnet.simd_functions import exp, log
from heatnet.solve.coupled import Solver
from heatnet.solve.fluid import density, enthalpy, heat_capacity, secant, viscosity
from heatnet.solve.laws import link_loss
from heatnet.units import KELVIN
from heatnet.water import ConstantWater, Water

FLAGS = {"error_model": "numpy", "nogil": True}  # as heatnet.jit compiles
WIDTHS = (8, 16)


def compiled(kernel):
    """The numba dispatcher of a kernel."""
    module = importlib.import_module(kernel.plain.__module__ if hasattr(kernel, "plain") else kernel.__module__)
    with jit.LOCK:
        jit.compile_module(vars(module))
    return vars(module)[kernel.__name__]


@pytest.mark.parametrize("scale", [1e-300, 1e-12, 1.0, 1e5, 1e300])
def test_logarithm_and_exponential_to_the_last_digits(scale):
    @njit(**FLAGS)
    def run(x, y, z):
        for i in range(0, x.size, 8):
            store(y, i, log(load(8, x, i)))
            store(z, i, exp(load(8, y, i)))

    x = scale * np.exp(np.random.default_rng(1).uniform(-2, 2, 8000))
    y, z = np.empty_like(x), np.empty_like(x)
    run(x, y, z)
    assert np.abs(y - np.log(x)).max() <= 1.5 * np.spacing(np.abs(np.log(x))).max()
    assert z == pytest.approx(np.exp(y), rel=5e-16)


def test_exponential_over_its_range():
    @njit(**FLAGS)
    def run(x, y):
        for i in range(0, x.size, 8):
            store(y, i, exp(load(8, x, i)))

    x = np.linspace(-699.0, 699.0, 8000)
    y = np.empty_like(x)
    run(x, y)
    assert y == pytest.approx(np.exp(x), rel=1e-15)


def test_loads_gathers_and_sums():
    @njit(**FLAGS)
    def run(x, places, single, out):
        out[0] = total(load(8, x, 3))
        out[1] = largest(gather(8, x, places, 1))
        store(single, 2, load(8, x, 0) * (1.0 / 3.0))
        store(out, 2, load(8, single, 2))

    x = np.random.default_rng(2).normal(size=20)
    places = np.array([0, 5, 5, 19, 1, 2, 3, 4, 7], dtype=np.int32)
    single, out = np.zeros(12, np.float32), np.zeros(10)
    run(x, places, single, out)
    assert out[0] == pytest.approx(x[3:11].sum(), rel=1e-14)
    assert out[1] == x[places[1:]].max()
    assert np.array_equal(out[2:], (x[:8] / 3.0).astype(np.float32).astype(float))


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("law", LAWS)
def test_pipe_law(law, width):
    """Over laminar, transitional and turbulent flow, smooth and rough, with and without local loss or length."""
    random = np.random.default_rng(3)
    n, kind, loss_of = 1600, LAWS[law], compiled(link_loss)
    re = np.exp(random.uniform(np.log(1e-2), np.log(1e8), n))
    re[:200] = random.uniform(1900, 4100, 200)
    a, r = np.exp(random.uniform(2, 12, n)), np.exp(random.uniform(-5, 8, n))
    z = np.where(random.random(n) < 0.5, np.exp(random.uniform(-5, 5, n)), 0.0)
    r[:100], z[:100] = 0.0, 1.0
    kd = np.where(random.random(n) < 0.1, 0.0, random.uniform(1e-7, 0.04, n))
    m = re / a * np.where(random.random(n) < 0.5, 1.0, -1.0)
    m[100:108] = 0.0
    code, laminar = kind.code, kind.laminar

    @njit(**FLAGS)
    def run(m, a, r, z, kd, x, loss, ease):
        for i in range(0, m.size, width):
            c = load(width, x, i)
            for _ in range(4):
                f, g, c, _last = loss_of(
                    0, code, laminar, load(width, m, i), load(width, a, i), load(width, r, i), load(width, z, i), load(width, kd, i), c
                )
            store(loss, i, f)
            store(ease, i, g)

    found, ease, loss, slope = (np.empty(n) for _ in range(4))
    run(m, a, r, z, kd, np.full(n, 7.0), found, ease)
    pipe_losses(code, laminar, m, a, r, z, kd, loss, slope)
    assert found == pytest.approx(loss, rel=2e-13, abs=1e-300)
    assert 1.0 / ease == pytest.approx(slope, rel=2e-13)


def test_valve_and_pump_laws():
    random = np.random.default_rng(4)
    n, loss_of = 160, compiled(link_loss)
    m = random.normal(size=n) * np.exp(random.uniform(-12, 4, n))
    m[:8] = 0.0
    names = [f"{k}" for k in range(n)]
    ends = {"id": names, "tail": names, "head": names}
    valve = Valve.of(**ends, kvs=np.exp(random.uniform(-2, 6, n)))
    pump = Pump.of(**ends, shutoff_head=20.0, rated_head=12.0, rated_flow=0.01, exponent=random.choice([1.0, 1.7, 2.0, 3.0], n))
    held = pump.with_(control="lift", lift=random.uniform(0.0, 2e5, n), count=2.0)
    fluid = Fluid(np.full(n, 970.0), np.full(n, 4e-4), np.full(n, 4190.0))
    scene = solve(city(3), Settings(heat=False), throw=False).scene

    @njit(**FLAGS)
    def run(form, m, c0, c1, c2, c3, loss, ease):
        for i in range(0, m.size, 8):
            v = load(8, m, i)
            f, g, _x, _last = loss_of(form, 0, 2320.0, v, load(8, c0, i), load(8, c1, i), load(8, c2, i), load(8, c3, i), v)
            store(loss, i, f)
            store(ease, i, g)

    for table in (valve, pump, held):
        law = table.law(fluid, "colebrook", scene)
        rows = [*law.coefficients(), np.ones(n), np.ones(n)][:4]
        found, ease, loss, slope = (np.empty(n) for _ in range(4))
        run(law.form, m, *rows, found, ease)
        law.head_loss(m, loss, slope)
        assert found == pytest.approx(loss, rel=1e-12, abs=1e-12)
        assert 1.0 / ease == pytest.approx(slope, rel=1e-12)


@pytest.mark.parametrize("water", [Water(), ConstantWater()])
def test_water(water):
    names = [compiled(one) for one in (density, viscosity, heat_capacity, enthalpy, secant)]
    rho_of, mu_of, cp_of, h_of, secant_of = names
    constant = isinstance(water, ConstantWater)
    given = (constant, *((water.rho, water.mu, water.cp) if constant else (0.0, 0.0, 0.0)))

    @njit(**FLAGS)
    def run(given, x, y, out):
        for i in range(0, x.size, 8):
            a, b = load(8, x, i), load(8, y, i)
            store(out[0], i, rho_of(given, a))
            store(out[1], i, mu_of(given, a))
            store(out[2], i, cp_of(a))
            store(out[3], i, h_of(a))
            store(out[4], i, secant_of(given, a, b))

    x = np.concatenate([np.linspace(-30, 200, 392), np.full(8, 60.0)])
    y = np.concatenate([np.linspace(150, -10, 392), 60.0 + np.array([0, 1e-4, -1e-4, 1e-2, 1e-9, 5, -5, 0.1])])
    out = np.empty((5, 400))
    run(given, x, y, out)
    kelvin = x + KELVIN
    assert out[0] == pytest.approx(water.density(kelvin), rel=1e-14)
    assert out[1] == pytest.approx(water.viscosity(kelvin), rel=1e-13)
    assert out[4] == pytest.approx(water.secant(kelvin, y + KELVIN), rel=1e-9)
    if not constant:
        assert out[2] == pytest.approx(water.heat_capacity(kelvin), rel=1e-13)
        assert out[3] == pytest.approx(water.enthalpy(kelvin), rel=1e-12, abs=1e-6)


def test_rooms():
    """Also with no water, supply colder than the room, no radiator, exponent one; and any number of buildings."""
    radiators = importlib.import_module("heatnet.components.radiators")
    random = np.random.default_rng(6)
    for n in (1, 7, 8, 203):
        supply, exponent = random.uniform(260, 390, n), random.choice([1.0, 1.1, 1.3, 1.6], n)
        capacity = np.exp(random.uniform(-12, 12, n)) * (random.random(n) < 0.9)
        k = kappa(np.full(n, 3e3), np.full(n, 348.0), np.full(n, 323.0), np.full(n, 293.0), exponent) * (random.random(n) < 0.9)
        h, balance = np.exp(random.uniform(2, 10, n)), random.uniform(240, 300, n)
        room, heat, gain = radiators.rooms(supply, capacity, k, exponent, h, balance)
        for i in range(n):
            t, q, g = room_state(supply[i], capacity[i], k[i], exponent[i], h[i], balance[i])
            assert room[i] == pytest.approx(t, abs=1e-8)
            assert heat[i] == pytest.approx(q, rel=1e-8, abs=1e-6 * h[i])
            assert gain[i] == pytest.approx(g, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_newton_kernel(seed):
    """Flows and pressures of the kernel against Newton on a dense matrix of all flows and pressures, from another start."""
    net = city(seed)
    net = net.with_(Consumer, control="fixed", kvs=np.nan_to_num(net[Consumer].kvs, nan=5.0))
    arrays = compile(net, checked=True)
    solver = Solver.of(arrays, Settings(heat=False, pressure_tolerance=1e-7))
    if solver.run is None or solver.run.chosen.size:
        pytest.skip("a network with bounded flows")
    state = solver.solve()
    m, p = dense_newton(solver.run.task)
    here = ~arrays.rigid
    assert state.m[here] == pytest.approx(m[here], abs=1e-7 * max(1.0, np.abs(m).max()))
    assert (state.p - solver.run.task.offset) == pytest.approx(p[arrays.clusters.of], abs=0.02, nan_ok=True)


@pytest.mark.parametrize("seed", range(4))
def test_order_of_elimination(seed):
    """Postorder: every column comes before its first row; the fill is that of minimum degree, and no column is lost."""
    net = city(seed)
    laplacian = compile(net, checked=True).laplacian
    assert sorted(laplacian.position) == list(range(laplacian.size))
    for j in range(laplacian.size):
        rows = laplacian.row[laplacian.start[j] : laplacian.start[j + 1]]
        assert np.all(rows > j)
        assert np.all(np.diff(rows) > 0)
    arrays = compile(net, checked=True)
    one, other = (arrays.unknown[arrays.clusters.of[ends]] for ends in (arrays.tail, arrays.head))
    assert laplacian.row.size == minimum_degree_fill(laplacian.size, one, other, laplacian.position)


def test_long_columns_are_sorted():
    """A star of many rays around a hub tied to all: columns far longer than those that are sorted by insertion."""
    linear = importlib.import_module("heatnet.linear")
    n = 90
    one, other = np.array([(i, j) for i in range(n) for j in range(i)], dtype=np.int32).T
    found = linear.order(n, one, other)
    g = np.random.default_rng(0).uniform(0.1, 1, one.size)
    matrix = np.zeros((n, n))
    for a, b, c in zip(one, other, g, strict=True):
        matrix[a, b] -= c
        matrix[b, a] -= c
    matrix -= np.diag(matrix.sum(axis=1))
    ends = np.concatenate([one, [0]]), np.concatenate([other, [-1]])
    tied = linear.order(n, *ends)
    right = np.random.default_rng(1).normal(size=n)
    x = tied.factor(np.append(g, 2.0)).solve(right)
    matrix[0, 0] += 2.0
    assert x == pytest.approx(np.linalg.solve(matrix, right), rel=1e-9)
    assert found.row.size == n * (n - 1) // 2


@pytest.mark.parametrize("seed", range(4))
def test_first_flows_balance_where_guesses_are_large(seed):
    """Along the tree what inlets take is added up: every node but the roots is balanced where no flow is raised to its least."""
    net = city(seed)
    arrays = compile(net, checked=True)
    plan, tree = arrays.program, arrays.feeding
    guess = np.zeros(plan.links)
    last = tree.passages
    guess[last:] = np.random.default_rng(seed).uniform(1, 2, plan.links - last) * plan.real[last:]
    m = first_flows(plan, tree, guess, np.zeros(plan.nodes))
    left = np.zeros(plan.nodes)
    np.add.at(left, plan.ends[1], m)
    np.add.at(left, plan.ends[0], -m)
    roots = np.setdiff1d(np.arange(plan.nodes), tree.order)
    inner = np.setdiff1d(np.arange(plan.free), roots)
    assert left[inner] == pytest.approx(0.0, abs=1e-9)


@pytest.mark.parametrize("law", ["colebrook", "swamee_jain"])
def test_plain_passes_are_the_careful_ones(law, monkeypatch):
    """Flows, temperatures and residuals of the passes in kernels against those of the general iteration."""
    quick = importlib.import_module("heatnet.solve.quick")
    tried = 0
    for seed in range(14):
        net = city(seed)
        flat = Network.of(net.name, *(net.tables[kind] for kind in net.tables), site=net.site).with_(Node, height=0.0)
        kvs = np.nan_to_num(net[Consumer].kvs, nan=5.0)
        flat = flat.with_(Consumer, control="fixed", heat_given=np.nan, return_temperature=np.nan, kvs=kvs)
        state = solve(flat, Settings(friction=law), throw=False)
        with monkeypatch.context() as patch:
            patch.setattr(quick, "plain", lambda *_: False)
            other = solve(flat, Settings(friction=law), throw=False)
        assert state.status is other.status
        if not state.converged:
            continue
        tried += 1
        scale = np.abs(other.m).max()
        assert state.m == pytest.approx(other.m, abs=1e-6 * scale)
        live = np.abs(other.m) > 1e-3 * scale
        assert state.t_out[live] == pytest.approx(other.t_out[live], abs=1e-4)
        assert state.residuals.energy < 1e-2 + 1e-6 * np.abs(other.heat(Pipe)).sum()
    assert tried >= 8
