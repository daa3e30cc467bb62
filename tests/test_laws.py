"""Every law of a component against its formula written a second time, and every slope against a derivative of the law."""

import math

import account
import naive
import numpy as np
import pytest

from heatnet import friction
from heatnet.components import PARTS, Consumer, Exchanger, Fluid, Pipe, Plant, Pump, Scene, Secondary, Valve
from heatnet.components.terminal import Terminals, kappa
from heatnet.components.valve import characteristic, resistance
from heatnet.network import TABLES
from heatnet.units import DIMENSIONS, dimension

LAWS = [name for name in friction.LAWS if name != "epanet"]
ROUGH = np.array([0.0, 1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.05])
REYNOLDS = np.unique(np.concatenate([np.logspace(0, 8, 81), [2000.0, 2320.0, 4000.0], np.linspace(2000, 4200, 23)]))


# ---------------------------------------------------------------- friction


def test_friction_table():
    """DN200 219.1x4.5, 100 t/h, 80 degC, Re 475 500: worked example of a design handbook."""
    d = 0.2101
    for k, lam, drop in (
        (1e-4, 0.01755, (27.6, 27.5, 27.8, 27.3)),
        (2e-4, 0.02004, (31.5, 31.5, 31.7, 31.5)),
        (5e-4, 0.02487, (39.1, 39.1, 39.3, 38.8)),
        (1e-3, 0.03011, (47.3, 47.4, 47.5, 45.8)),
    ):
        factors = [
            float(friction.factor(law, np.array(475500.0), np.array(k / d)))
            for law in ("colebrook371", "haaland", "swamee_jain", "altshul")
        ]
        assert factors[0] == pytest.approx(lam, abs=1e-5)
        for factor, expected in zip(factors, drop, strict=True):
            speed = 100 / 3.6 / (971.8 * math.pi / 4 * d * d)
            assert factor / d * 971.8 * speed**2 / 2 == pytest.approx(expected, abs=0.06)


@pytest.mark.parametrize("law", LAWS)
def test_friction_against_twin(law):
    for kd in ROUGH:
        expected = [naive.friction_factor(law, re, kd) for re in REYNOLDS]
        outside = (REYNOLDS <= 2320) | (REYNOLDS >= 4000)
        found = friction.factor(law, REYNOLDS, kd)
        assert found[outside] == pytest.approx(np.array(expected)[outside], rel=1e-12)
        assert found[~outside] == pytest.approx(np.array(expected)[~outside], rel=1e-7)  # the twin's slope at 4000 is numerical


def test_epanet_factor_is_dunlops_as_printed():
    for kd in ROUGH:
        re = np.linspace(2000.001, 3999.999, 50)
        assert friction.factor("epanet", re, kd) == pytest.approx([naive.dunlop(r, kd) for r in re], rel=2e-5)  # printed constants


@pytest.mark.parametrize("law", friction.LAWS)
@pytest.mark.parametrize("zeta", [0.0, 5.0])
def test_pipe_slope_monotone_and_smooth(law, zeta):
    a, r, z = 4e5, 2.0, zeta
    for kd in ROUGH:
        m = REYNOLDS / a
        loss, slope = pipe_losses(law, m, a, r, z, kd)
        assert np.all(np.diff(loss) > 0)
        assert np.all(slope > 0)
        h = m * 1e-6
        below, above = pipe_losses(law, m - h, a, r, z, kd), pipe_losses(law, m + h, a, r, z, kd)
        steps = (above[0] - below[0]) / (2 * h)
        assert slope == pytest.approx(steps, rel=2e-5 if law != "epanet" else 2e-3)  # EPANET's own laws meet with a small kink
        for end in (friction.LAWS[law].laminar, 4000.0):
            (l0, l1), (s0, s1) = pipe_losses(law, np.array([end * (1 - 1e-10), end * (1 + 1e-10)]) / a, a, r, z, kd)
            assert l1 == pytest.approx(l0, rel=1e-9 if law != "epanet" else 1e-3)
            assert s1 == pytest.approx(s0, rel=1e-7 if law != "epanet" else 1e-2)
        back, same = pipe_losses(law, -m, a, r, z, kd)
        assert np.array_equal(back, -loss)
        assert np.array_equal(same, slope)


def pipe_losses(law, m, a, r, z, kd):
    n, kind = np.size(m), friction.LAWS[law]
    loss, slope = np.empty(n), np.empty(n)
    full = [np.full(n, float(x)) for x in (a, r, z, kd * kind.roughness)]
    friction.pipe_losses(kind.code, kind.laminar, np.ascontiguousarray(m, dtype=float), *full, loss, slope)
    return loss, slope


@pytest.mark.parametrize("law", ["swamee_jain", "haaland", "altshul"])
def test_elasticity_by_complex_step(law):
    code = friction.LAWS[law].code
    for kd in ROUGH[1:]:
        for re in (4e3, 1e5, 1e8):
            step = naive.TURBULENT[law](re * (1 + 1e-30j), kd)
            lam, elasticity = friction.turbulent(code, re, kd)
            assert elasticity == pytest.approx(step.imag / 1e-30 / lam, rel=1e-11)


def test_colebrook_elasticity_by_complex_step():
    for kd in (0.0, 1e-5, 1e-3, 0.05):
        for re in (4e3, 1e5, 1e8):
            x, at = complex(naive.colebrook(re, kd) ** -0.5), re * (1 + 1e-30j)
            for _ in range(3):  # Newton: one step brings the derivative, the others the last digits
                y = kd / 3.7 + 2.51 * x / at
                x -= (x + 2 * naive.log10(y)) / (1 + 2 / math.log(10) * 2.51 / at / y)
            factor, elasticity = friction.turbulent(0, re, kd)
            assert factor == pytest.approx(naive.colebrook(re, kd), rel=1e-14)
            assert elasticity == pytest.approx(-2 * x.imag / x.real / 1e-30, rel=1e-11, abs=1e-15)


def test_pipe_coefficients_are_darcy_weisbach():
    pipe = Pipe.of(id=["p"], tail=["a"], head=["b"], length=[123.0], diameter=[0.15], roughness=[2e-4], zeta=[3.0], loss=[0.2])
    loss, _ = law_of(pipe, np.array([7.0]))
    assert loss[0] == pytest.approx(account.pipe_loss(pipe, 0, 7.0, 971.8, 3.54e-4, "colebrook"), rel=1e-7)


# ---------------------------------------------------------------- every component


def scene(plants=1, buildings=(), supply=353.15):
    empty = np.zeros(len(buildings))
    terminals = Terminals(np.array(buildings, dtype=np.int32), *[empty] * 11) if not buildings else terminals_of(buildings)
    return Scene(253.15, 278.15, np.full(plants, supply), terminals, 9.80665)


def terminals_of(consumer):
    n = len(consumer)
    one = np.ones(n)
    k = kappa(4e3 * one, 348.15 * one, 323.15 * one, 293.15 * one, 1.3 * one)
    counts = np.bincount(consumer)
    return Terminals(
        np.array(consumer, dtype=np.int32),
        1.0 / counts[list(consumer)],
        one,
        4e3 * one,
        k,
        k,
        1.3 * one,
        2262.4 * one,
        2262.4 * one,
        248.95 * one,
        248.95 * one,
        293.15 * one,
    )


def fluid(n, rho=971.8, mu=3.54e-4, cp=4196.0):
    return Fluid(np.full(n, rho), np.full(n, mu), np.full(n, cp))


EXCHANGERS = Exchanger.of(
    id=list("abc"),
    tail=list("abc"),
    head=list("def"),
    secondary_tail=list("ghi"),
    secondary_head=list("jkl"),
    control=["supply", "fixed", "supply"],
    supply_temperature=[348.15, math.nan, 333.15],
    design_heat=[5e6, 1e5, 2e6],
    opening=[1.0, 0.3, 1.0],
    valve_kvs=[math.nan, 4.0, 60.0],
    secondary_kvs=[math.nan, math.nan, 120.0],
)
EXAMPLES = {
    Pipe: Pipe.of(
        id=list("abc"),
        tail=list("abc"),
        head=list("def"),
        length=[10.0, 0.0, 500.0],
        diameter=[0.02, 0.1, 1.0],
        zeta=[0, 2, 1.0],
        loss=[0.3, 0.0, 1.0],
        ground=[math.nan, 280.0, 283.0],
    ),
    Valve: Valve.of(
        id=list("abc"),
        tail=list("abc"),
        head=list("def"),
        kvs=[2.0, 40.0, 900.0],
        opening=[0.01, 0.5, 1.0],
        characteristic=["linear", "equal_percentage", "equal_percentage"],
    ),
    Pump: Pump.of(
        id=list("abc"),
        tail=list("abc"),
        head=list("def"),
        shutoff_head=[10.0, 40, 30],
        rated_head=[8.0, 30, 0],
        rated_flow=[0.01, 0.1, 0.1],
        exponent=[1.0, 2.0, 3.1],
        speed=[1.0, 0.7, 1.2],
    ),
    Plant: Plant.of(
        id=list("abc"),
        tail=list("abc"),
        head=list("def"),
        control=["lift", "flow", "heat"],
        lift=[1e5, math.nan, math.nan],
        flow=[math.nan, 2.0, math.nan],
        heat_given=[math.nan, math.nan, 1e6],
        supply_temperature=353.15,
        capacity=[1e5, math.nan, 3e5],
    ),
    Consumer: Consumer.of(
        id=list("abcde"),
        tail=list("abcde"),
        head=list("fghij"),
        control=["fixed", "flow", "load", "load", "fixed"],
        kvs=[5.0, math.nan, 3.0, math.nan, 4.0],
        flow=[math.nan, 1.0, math.nan, math.nan, math.nan],
        heat_given=[math.nan, math.nan, 1e5, 2e5, 5e4],
        return_temperature=[math.nan, math.nan, 318.0, math.nan, math.nan],
        drop=[math.nan, math.nan, math.nan, 30.0, math.nan],
    ),
    Exchanger: EXCHANGERS,
    Secondary: EXCHANGERS.secondary(),
}


def surroundings(table):
    return scene(len(table), (0, 0, 1) if isinstance(table, Consumer) else ())


def law_of(table, m):
    loss, slope = np.empty(m.size), np.empty(m.size)
    table.law(fluid(len(table)), "colebrook", surroundings(table)).head_loss(m, loss, slope)
    return loss, slope


def test_every_component_has_an_example():
    assert set(EXAMPLES) == set(PARTS)


@pytest.mark.parametrize("kind", PARTS)
def test_slope_is_the_derivative_and_law_rises(kind):
    table = EXAMPLES[kind]
    n = len(table)
    flows = np.concatenate([-np.logspace(2, -6, 60), [0.0], np.logspace(-6, 2, 60)])
    losses = np.array([law_of(table, np.full(n, m)) for m in flows])
    assert np.all(np.diff(losses[:, 0], axis=0) > 0)
    assert np.all(losses[:, 1] > 0)
    for m, (_, slope) in zip(flows, losses, strict=True):
        h = 1e-5 * abs(m) + 1e-9
        steps = (law_of(table, np.full(n, m + h))[0] - law_of(table, np.full(n, m - h))[0]) / (2 * h)
        offset = np.abs(law_of(table, np.full(n, m))[0]).max() * 1e-15 / h
        assert np.all(np.abs(slope - steps) <= 5e-6 * np.abs(slope) + 4 * offset), m


@pytest.mark.parametrize("kind", PARTS)
def test_heat_is_the_tangent_of_the_outlet(kind):
    table = EXAMPLES[kind]
    n, around = len(table), surroundings(table)
    for m in (1e-3, 0.1, 1.0, 20.0):
        for t in (300.0, 330.0, 350.0):
            flow = np.full(n, m)
            a, _ = table.heat(flow, np.full(n, t), fluid(n), around)
            outlets = []
            for shift in (-1e-2, 1e-2):
                at = np.full(n, t + shift)
                there = table.heat(flow, at, fluid(n), around)
                outlets.append(there[0] * at + there[1])
            assert a == pytest.approx((outlets[1] - outlets[0]) / 2e-2, abs=1e-5), (m, t)
            assert np.all(np.abs(a) <= 1.0 + 1e-12)


@pytest.mark.parametrize("kind", TABLES)
def test_every_column_has_unit_and_doc(kind):
    for name, item in kind.columns().items():
        assert item.doc, f"{kind.kind()}.{name}"
        assert item.text or dimension(item.unit) in DIMENSIONS


# ---------------------------------------------------------------- valves, pumps


def test_valve_anchor():
    """Kv 40, 20 m3/h at 971.8 kg/m3: 24.3 kPa, 833.5 Pa s2/kg2."""
    k = float(resistance(np.array(40.0), np.array(971.8)))
    assert k == pytest.approx(833.5, abs=0.05)
    assert k * 5.399**2 == pytest.approx(24.3e3, abs=50)
    assert k == pytest.approx(account.kv_resistance(40.0, 971.8), rel=1e-14)


def test_characteristics():
    y = np.linspace(0, 1, 2001)
    for rangeability, leakage in ((50.0, 0.0), (50.0, 1e-4), (30.0, 1e-3), (100.0, 0.0)):
        equal = characteristic(
            y, np.full(y.size, "equal_percentage", dtype=object), np.full(y.size, rangeability), np.full(y.size, leakage)
        )
        assert np.all(np.diff(equal) > 0)
        assert np.abs(np.diff(equal, 2)).max() < 1e-4  # no kink
        assert (equal[0], equal[-1]) == pytest.approx((leakage, 1.0))
        above = y > 0.0151
        assert equal[above] == pytest.approx(rangeability ** (y[above] - 1))
    half = characteristic(np.full(2, 0.5), np.array(["equal_percentage", "linear"], dtype=object), np.full(2, 50.0), np.array([0.0, 1e-4]))
    assert half == pytest.approx([0.141, 0.50005], abs=5e-4)
    for phi, flow in ((half[0], 0.198), (0.5, 0.632)):  # installed, authority 0.5
        assert 1 / math.sqrt(0.5 + 0.5 / phi**2) == pytest.approx(flow, abs=1e-3)


def test_pump_curve_and_affinity():
    pump = Pump.of(id=["p", "q"], tail=["a", "a"], head=["b", "b"], shutoff_head=50.0, rated_head=40.0, rated_flow=0.1, speed=[1.0, 0.8])
    rho, g = 971.8, 9.80665
    loss, _ = law_of(pump, rho * np.array([0.1, 0.08]))
    assert loss == pytest.approx([-rho * g * 40.0, -rho * g * 40.0 * 0.64], rel=1e-5)
    assert law_of(pump, np.zeros(2))[0] == pytest.approx([-rho * g * 50.0, -rho * g * 50.0 * 0.64], rel=1e-12)
    assert pump.limits(np.zeros(2), fluid(2), scene())[0] == pytest.approx([0.0, 0.0])
