"""Every law of a component against its formula written a second time, and every slope against a derivative of the law."""

import math

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatnet import friction
from heatnet.components import EDGES, Consumer, Fluid, Pipe, Plant, Pump, Scene, Valve
from heatnet.components.terminal import Terminals, kappa
from heatnet.components.valve import characteristic, resistance
from heatnet.network import TABLES, reset_curve
from heatnet.profile import profile, shipped
from heatnet.units import DIMENSIONS, KELVIN, dimension
from heatnet.water import Water, vapour_pressure

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
    assert loss[0] == pytest.approx(naive.pipe_loss(pipe, 0, 7.0, 971.8, 3.54e-4, "colebrook"), rel=1e-7)


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
}


def surroundings(table):
    return scene(len(table), (0, 0, 1) if isinstance(table, Consumer) else ())


def law_of(table, m):
    loss, slope = np.empty(m.size), np.empty(m.size)
    table.law(fluid(len(table)), "colebrook", surroundings(table)).head_loss(m, loss, slope)
    return loss, slope


def test_every_component_has_an_example():
    assert set(EXAMPLES) == set(EDGES)


@pytest.mark.parametrize("kind", EDGES)
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


@pytest.mark.parametrize("kind", EDGES)
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
    assert k == pytest.approx(naive.kv_resistance(40.0, 971.8), rel=1e-14)


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


# ---------------------------------------------------------------- radiators and rooms

RADIATOR = """0.1 0.214 21.4 0.249 22.8 0.287 0.353
0.2 0.396 25.5 0.444 29.4 0.494 0.569
0.3 0.539 30.1 0.588 36.0 0.635 0.700
0.5 0.741 38.0 0.776 46.2 0.808 0.849
0.7 0.872 43.8 0.892 53.1 0.909 0.930
0.8 0.922 46.2 0.935 55.8 0.945 0.958
0.9 0.964 48.2 0.970 58.1 0.975 0.981
1.0 1.000 50.0 1.000 60.0 1.000 1.000
1.2 1.059 52.9 1.048 63.2 1.040 1.030
1.5 1.123 56.3 1.100 66.7 1.082 1.061
2.0 1.195 60.1 1.157 70.5 1.127 1.093"""
ROOM = """0.3 6.2 0.688 17.7 7.4 7.0
0.4 10.3 0.781 26.2 11.3 10.4
0.5 13.2 0.846 32.7 13.9 12.7
0.6 15.3 0.894 37.8 15.8 14.4
0.7 16.9 0.930 41.8 17.2 15.6
0.8 18.2 0.958 45.1 18.4 16.6
0.9 19.2 0.981 47.7 19.3 17.4
1.0 20.0 1.000 50.0 20.0 18.0
1.2 21.3 1.029 53.6 21.1 19.0
1.5 22.6 1.059 57.4 22.3 20.0
2.0 23.9 1.089 61.4 23.5 21.0
3.0 25.3 1.121 65.7 24.7 22.1"""


def terminal(ts, tr, ti, n=1.3, heat=1e5, outdoor=-24.2, h=None, radiator=1.0):
    one = np.ones(1)
    capacity = heat / (ts - tr) * one
    k = kappa(capacity, one * (ts + KELVIN), one * (tr + KELVIN), one * (ti + KELVIN), one * n) * radiator
    loss = one * (heat / (ti - outdoor) if h is None else h)
    at = one * (outdoor + KELVIN)
    return Terminals(np.zeros(1, np.int32), one, one, capacity, k, k, n * one, loss, loss, at, at, one * (ti + KELVIN))


def at_fixed_room(ts, tr, ti, x):
    """Heat and return of a radiator in a room that an immense loss holds at its temperature."""
    held = terminal(ts, tr, ti, outdoor=ti, h=1e15)
    room, _, _ = held.rooms(np.array([ts + KELVIN]), np.array([x]), held.design_capacity)
    assert room[0] == pytest.approx(ti + KELVIN, abs=1e-6)
    kap, c = float(held.kappa[0]), float(held.design_capacity[0]) * x
    left = naive.excess_left(ts - ti, c, kap, 1.3)
    return c * (ts - ti - left) / 1e5, ti + left


def test_radiator_table():
    for row in RADIATOR.splitlines():
        x, *columns = (float(word) for word in row.split())
        q = [at_fixed_room(*design, x) for design in ((75, 50, 20), (85, 60, 20), (95, 70, 18), (60, 50, 20))]
        found = [q[0][0], q[0][1], q[1][0], q[1][1], q[2][0], q[3][0]]
        for value, printed in zip(found, columns, strict=True):
            assert value == pytest.approx(printed, abs=0.06 if printed > 2 else 6e-4), row


def test_flow_to_room_table():
    for row in ROOM.splitlines():
        x, ti, q, tr, ti2, ti3 = (float(word) for word in row.split())
        first = terminal(75, 50, 20)
        room, heat, _ = first.rooms(np.array([75 + KELVIN]), np.array([x]), first.design_capacity)
        assert room[0] - KELVIN == pytest.approx(ti, abs=0.051)
        assert heat[0] / 1e5 == pytest.approx(q, abs=6e-4)
        assert 75 - heat[0] / (x * first.design_capacity[0]) == pytest.approx(tr, abs=0.051)
        for design, printed in (((85, 60, 20), ti2), ((95, 70, 18), ti3)):
            other = terminal(*design)
            warm = other.rooms(np.array([design[0] + KELVIN]), np.array([x]), other.design_capacity)[0]
            assert warm[0] - KELVIN == pytest.approx(printed, abs=0.051), row


def test_radiator_by_marching_along_the_water():
    for n in (1.0, 1.1, 1.3, 1.6):
        for x in (0.1, 1.0, 3.0):
            part = terminal(75, 50, 20, n)
            marched = naive.radiator_return(75.0, 20.0, x * 4e3, 4e3, 75.0, 50.0, 20.0, n)
            left = naive.excess_left(55.0, x * 4e3, float(part.kappa[0]), n)
            assert 20.0 + left == pytest.approx(marched, abs=1e-8)


@given(st.floats(260, 400), st.floats(1e-12, 1e4), st.floats(1.0, 2.0), st.floats(1.0, 1e5), st.floats(230, 300), st.floats(0.05, 10))
def test_room_is_the_root_between_balance_and_supply(ts, c, n, h, balance, radiator):
    part = terminal(75, 50, 20, n, h=h, outdoor=balance - KELVIN, radiator=radiator)
    room, heat, gain = part.rooms(np.array([ts]), np.array([c]), np.array([1.0]))
    assert room[0] == pytest.approx(naive.room(ts, c, float(part.kappa[0]), n, h, balance), abs=1e-8)
    assert min(balance, ts) - 1e-9 <= room[0] <= max(ts, balance) + 1e-9
    assert 0.0 <= gain[0] <= 1.0
    assert heat[0] == pytest.approx(h * (room[0] - balance), abs=1e-9 * h)


@pytest.mark.parametrize("n", [1.0, 1.0 + 1e-7, 1.3, 1.9])
def test_derivative_of_room(n):
    part = terminal(75, 50, 20, n)
    for ts in (280.0, 320.0, 360.0):
        for x in (1e-3, 0.3, 2.0):
            flow, cp = np.array([x]), part.design_capacity
            _, _, gain = part.rooms(np.array([ts]), flow, cp)
            up, down = (part.rooms(np.array([ts + s]), flow, cp)[0][0] for s in (1e-2, -1e-2))
            assert gain[0] == pytest.approx((up - down) / 2e-2, rel=1e-5, abs=1e-9)


def test_exponent_one_is_the_limit():
    rooms = [
        terminal(75, 50, 20, n).rooms(np.array([340.0]), np.array([0.7]), np.array([4e3]))[0][0]
        for n in (1.0, 1 + 1e-10, 1 + 1e-8, 1 + 1e-6)
    ]
    assert rooms == pytest.approx([rooms[0]] * 4, abs=2e-5)


# ---------------------------------------------------------------- water, curve, rule


def test_water_against_iapws_table():
    table = [
        (10, 999.7, 4195, 1306),
        (20, 998.2, 4184, 1002),
        (40, 992.2, 4179, 652.7),
        (60, 983.2, 4183, 466.0),
        (80, 971.8, 4196, 354.0),
        (100, 958.4, 4216, 281.6),
        (120, 943.1, 4244, 232.0),
        (130, 934.8, 4261, 212.8),
        (150, 917.0, 4305, 182.5),
    ]
    water = Water()
    for t, rho, cp, mu in table:
        at = np.array([t + KELVIN])
        assert water.density(at)[0] == pytest.approx(rho, abs=0.4)
        assert water.heat_capacity(at)[0] == pytest.approx(cp, abs=2.3)
        assert water.viscosity(at)[0] * 1e6 == pytest.approx(mu, rel=8.5e-3)


def test_enthalpy_is_the_integral_of_heat_capacity():
    water = Water()
    t = np.linspace(250, 480, 47)
    steps = (water.enthalpy(t + 1e-3) - water.enthalpy(t - 1e-3)) / 2e-3
    assert steps == pytest.approx(water.heat_capacity(t), rel=1e-7)
    warm, cold = np.array([350.0, 350.0, 350.0]), np.array([300.0, 350.0 - 0.9e-3, 350.0])
    assert water.secant(warm, cold) * (warm - cold) == pytest.approx(water.enthalpy(warm) - water.enthalpy(cold), abs=1e-9)
    assert water.secant(warm, warm + 1.001e-3) == pytest.approx(water.secant(warm, warm + 0.999e-3), rel=1e-8)
    assert water.enthalpy(np.array([KELVIN]))[0] == pytest.approx(0.0, abs=1e-9)


def test_vapour_pressure():
    """Saturation pressures of steam tables, kPa absolute."""
    for t, kpa in ((50, 12.352), (75, 38.595), (100, 101.42), (110, 143.38), (130, 270.28), (150, 476.16)):
        assert float(vapour_pressure(np.array(t + KELVIN))) / 1e3 == pytest.approx(kpa, rel=3e-4)


def test_reset_curve_table():
    design = {"75/50": (75, 50, 1.0), "0.75": (75, 50, 0.75), "85/60": (85, 60, 1.0)}
    table = [
        (5, 42.8, 44.2, 47.1),
        (0, 48.8, 50.6, 54.2),
        (-5, 54.5, 56.8, 60.9),
        (-10, 60.0, 62.9, 67.5),
        (-15, 65.4, 68.7, 73.8),
        (-20, 70.7, 74.4, 79.9),
        (-24.2, 75.0, 79.2, 85.0),
    ]
    for outdoor, *printed in table:
        for (supply, back, flow), expected in zip(design.values(), printed, strict=True):
            curve = reset_curve(supply + KELVIN, back + KELVIN, 20 + KELVIN, KELVIN - 24.2, flow=flow)
            assert curve.at(outdoor + KELVIN) - KELVIN == pytest.approx(expected, abs=0.06)


def test_profiles_and_refund():
    """30 days at 17 degC in 80 m2 at 38.32 CNY/m2 over 183 days: 251 CNY."""
    rule = profile("hlj_2021")
    share = rule.refund_share(np.array([15.99, 16.0, 17.0, 19.999, 20.0, 25.0]) + KELVIN)
    assert share == pytest.approx([1.0, 0.5, 0.5, 0.5, 0.0, 0.0])
    assert 38.32 / 183 * 80 * share[2] * 30 == pytest.approx(251, abs=0.5)
    old = profile("harbin_2010").refund_share(np.array([13.9, 14.0, 15.9, 16.0, 17.9, 18.0]) + KELVIN)
    assert old == pytest.approx([1.0, 0.5, 0.5, 0.3, 0.3, 0.0])
    assert set(shipped()) >= {"hlj_2021", "harbin_2010", "who_2018"}
