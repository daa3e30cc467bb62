"""What stands behind a consumer, water, heating curves and rules: against tables and against slow twins."""

import naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatnet.components.terminal import Terminals, kappa
from heatnet.network import reset_curve
from heatnet.profile import profile, shipped
from heatnet.units import KELVIN
from heatnet.water import Water, vapour_pressure

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
