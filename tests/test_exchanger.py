"""Exchangers: their law against published figures and its derivatives, networks on both sides of them, mixing loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from substations import Town, random_town, town

from heatnet import Change, Network, Scenario, check, read, rooms, solve, solve_many, write_folder
from heatnet.components import Consumer, Exchanger, Pipe, Plant, Pump, Secondary, Valve
from heatnet.components.exchanger import conductance, log_mean, parallel
from heatnet.network import Building, Node
from heatnet.report import build
from heatnet.solve import Settings
from heatnet.store import read as read_store
from heatnet.store import write as write_store
from heatnet.units import KELVIN
from heatnet.water import ConstantWater, Water

PLAIN = ConstantWater(rho=970.0, mu=3.5e-4, cp=4187.0)


def one(**columns):
    """The 5 MW exchanger 110/60 to 50/75 degC of the textbook example."""
    full = {"supply_temperature": KELVIN + 75, "design_heat": 5e6} | columns
    return Exchanger.of(id=["x"], tail=["a"], head=["b"], secondary_tail=["c"], secondary_head=["d"], **full)


# ---------------------------------------------------------------- the law


def test_textbook_example():
    """5 MW, 110/60 -> 50/75 degC: flows, mean difference, UA, effectiveness, and the answer to the primary flow."""
    table = one()
    design = table.design()
    assert (design.primary[0], design.secondary[0]) == pytest.approx((23.9, 47.7), abs=0.3)  # there with cp = 4187 throughout
    assert log_mean(np.array([35.0]), np.array([10.0]))[0] == pytest.approx(19.96, abs=5e-3)
    assert design.ua[0] == pytest.approx(250.6e3, abs=100)
    c1, c2 = np.array([1e5]), np.array([2e5])
    assert conductance(design.ua, c1, c2)[0][0] / 1e5 == pytest.approx(5 / 6, abs=1e-5)
    for share, heat, back in ((0.8, 0.85, 56.9), (0.5, 0.574, 52.6), (1.2, 1.125, 63.1)):
        ua = table.coefficient(share * design.primary, design.secondary)[0]
        q = conductance(ua, share * c1, c2)[0][0] * 60.0
        assert q / 5e6 == pytest.approx(heat, abs=6e-3)
        assert 110.0 - q / (share * 1e5) == pytest.approx(back, abs=0.35)


def test_counterflow_in_closed_form_and_cell_by_cell():
    ua, c = np.array([3e5]), np.array([2e5])
    assert conductance(ua, c, c)[0][0] == pytest.approx(2e5 * 1.5 / 2.5, rel=1e-12)  # equal rates: NTU/(1 + NTU)
    for ratio in (1.0 - 1e-9, 1.0 + 1e-9, 1.0 + 1e-4):
        assert conductance(ua, c * ratio, c)[0][0] == pytest.approx(2e5 * 0.6, rel=1e-4)
    assert conductance(ua, c, np.array([1e12]))[0][0] == pytest.approx(2e5 * (1 - np.exp(-1.5)), rel=1e-6)
    assert parallel(ua, c, c)[0] == pytest.approx(1e5 * (1 - np.exp(-3.0)), rel=1e-12)
    for c1, c2 in ((1e5, 2e5), (2e5, 1e5), (5e4, 3e5)):
        assert conductance(ua, np.array([c1]), np.array([c2]))[0][0] == pytest.approx(cells(3e5, c1, c2), rel=2e-6)


def cells(ua, c1, c2, n=400):
    """Heat per kelvin of a counterflow exchanger cut into cells, central differences of both balances."""
    k = ua / n / 2
    matrix, right = np.zeros((2 * n + 2, 2 * n + 2)), np.zeros(2 * n + 2)
    for i in range(n):
        hot, cold = i, n + 1 + i  # T1 at the cell faces from its inlet, t2 at the same places
        matrix[2 * i, [hot, hot + 1, cold, cold + 1]] = c1 - k, -c1 - k, k, k
        matrix[2 * i + 1, [cold, cold + 1, hot, hot + 1]] = c2 + k, -c2 + k, -k, -k
    matrix[-2, 0], right[-2] = 1.0, 1.0
    matrix[-1, -1] = 1.0
    t = np.linalg.solve(matrix, right)
    return c1 * (t[0] - t[n])


@given(st.floats(3, 7), st.floats(3, 7), st.floats(3, 7))
@settings(max_examples=200, deadline=None)
def test_law_rises_and_its_derivatives_are_exact(ua, c1, c2):
    """G <= both rates and UA, rises with all three; derivatives by central differences; log-mean difference holds."""
    at = [np.array([10.0**x]) for x in (ua, c1, c2)]
    g, *slopes = conductance(*at)
    assert 0 < g[0] <= min(v[0] for v in at) * (1 + 1e-12)
    for k, slope in enumerate(slopes):
        step = 1e-5 * at[k]
        up, down = (conductance(*[v + s * step * (i == k) for i, v in enumerate(at)])[0] for s in (1, -1))
        assert slope[0] >= 0.0
        assert slope[0] == pytest.approx(((up - down) / (2 * step))[0], rel=1e-4, abs=1e-8 * max(1.0, (g / at[k])[0]))
    q = g[0]  # inlets 1 K apart
    ends = 1 - q / at[2][0], 1 - q / at[1][0]
    if min(ends) > 1e-6:
        assert q == pytest.approx(at[0][0] * log_mean(np.array([ends[0]]), np.array([ends[1]]))[0], rel=1e-6)


def test_coefficient_follows_the_flows():
    table = one(fouling=0.43)
    design = table.design()
    ua, by1, by2 = table.coefficient(design.primary, design.secondary)
    assert ua[0] / design.ua[0] == pytest.approx(1 / 1.43)
    clean = one().coefficient(0.5 * design.primary, 0.8 * design.secondary)[0][0] / design.ua[0]
    assert clean == pytest.approx(1 / (0.5 * 0.5**-0.7 + 0.5 * 0.8**-0.7), rel=1e-12)
    h = 1e-6
    for by, m1, m2 in ((by1, 1, 0), (by2, 0, 1)):
        up, down = (table.coefficient(design.primary * (1 + s * m1 * h), design.secondary * (1 + s * m2 * h))[0] for s in (1, -1))
        flow = design.primary if m1 else design.secondary
        assert by[0] == pytest.approx(((up - down) / (2 * h * flow))[0], rel=1e-7)


@given(st.floats(60, 130), st.floats(20, 70), st.floats(0.05, 3), st.floats(0, 2))
@settings(max_examples=200, deadline=None)
def test_wanted_flow_reaches_the_set_temperature(warm, back, x2, fouling):
    table = one(fouling=fouling)
    t1, t2, m2, cp = np.array([KELVIN + warm]), np.array([KELVIN + back]), x2 * table.design().secondary, np.array([4187.0])
    set_to = np.array([KELVIN + 75.0])
    flow, gain = table.wanted(t1, t2, m2, cp, cp, set_to)
    if not np.isfinite(flow[0]):
        far = 1e3 * table.design().primary
        g = conductance(table.coefficient(far, m2)[0], far * cp, m2 * cp)[0]
        assert t2 + g / (m2 * cp) * (t1 - t2) <= set_to + 1e-9
        return
    g = conductance(table.coefficient(flow, m2)[0], flow * cp, m2 * cp)[0]
    assert (t2 + g / (m2 * cp) * (t1 - t2))[0] == pytest.approx(set_to[0], abs=1e-8)
    near, _ = table.wanted(t1 + 1e-4, t2, m2, cp, cp, set_to)
    if np.isfinite(near[0]) and flow[0] < 10 * table.design().primary[0]:
        assert gain[0] == pytest.approx(np.log(near[0] / flow[0]) / 1e-4, rel=1e-2)


def test_nothing_is_wanted_where_the_return_is_warm_enough():
    table = one()
    flow, gain = table.wanted(*(np.array([v]) for v in (380.0, 350.0, 20.0, 4187.0, 4187.0, 348.15)))
    assert flow[0] == 0.0 and gain[0] == 0.0


# ---------------------------------------------------------------- networks


def both(state):
    """Rows of the two sides."""
    return state.of(Exchanger), state.of(Secondary)


def test_set_temperature_is_kept_and_heat_crosses_in_full():
    state = solve(town())
    first, second = both(state)
    assert state.t_out[second] == pytest.approx(KELVIN + 75.0, abs=1e-9)
    assert state.heat(Exchanger) == pytest.approx(-state.heat(Secondary), rel=1e-11)
    left = state.residuals
    assert left.mass < 1e-12 and left.pressure < 1e-2 and left.energy < 1e-5 and left.load < 1e-4 and left.balance < 1e-4
    frame = state.frame("exchanger")
    assert list(frame["flag"]) == ["holds"] * 3 and np.all(frame["missing [K]"] == 0.0)
    opening = frame["opening [-]"].to_numpy()
    assert np.all(np.diff(opening) > 0) and np.all(opening < 1)  # the farther, the less pressure is left to throttle
    c1 = state.m[first] * state.fluid(Exchanger).cp
    c2 = state.m[second] * state.fluid(Secondary).cp
    assert frame["effectiveness [-]"].to_numpy() == pytest.approx(
        (state.t_in[first] - state.t_out[first]) * c1 / (np.minimum(c1, c2) * (state.t_in[first] - state.t_in[second])), rel=1e-9
    )
    table = state.arrays.net[Exchanger]  # what the opening that is told lets through, as a standing valve
    fixed = table.with_(control="fixed", opening=opening)
    again = solve(state.arrays.net.replace_table(fixed))
    assert again.m[first] == pytest.approx(state.m[first], rel=1e-6)
    assert again.t_out[second] == pytest.approx(state.t_out[second], abs=1e-3)


def test_short_of_heat_it_is_the_open_valve():
    """Beyond what the open valve brings the answer is that of the open valve, and the reason is told."""
    for reason, columns, of in (
        ("fouling", {"fouling": 1.5}, Town()), ("flow", {}, Town(lift=5e4)), ("primary", {}, Town(plant=KELVIN + 70)),
        ("surface", {"ua": 1.8e4}, Town(lift=5e5)),
    ):
        net = town(of, **columns)
        state, stands = solve(net), solve(net.replace_table(net[Exchanger].with_(control="fixed")))
        second = state.of(Secondary)
        assert state.m == pytest.approx(stands.m, rel=1e-6, abs=1e-9) and state.t_out == pytest.approx(stands.t_out, abs=1e-5)
        told = state.substations()
        assert list(told.flag) == ["short"] * 3 and list(told.reason) == [reason] * 3
        assert told.missing == pytest.approx(KELVIN + 75 - state.t_out[second]) and np.all(told.missing > 0)
        assert told.opening == pytest.approx(1.0) and np.all(told.missing_drop > 0)
        assert state.heat(Exchanger) == pytest.approx(-state.heat(Secondary), rel=1e-9)
        assert state.residuals.load < 1e-3 and state.residuals.balance < 1e-3


def test_one_exchanger_against_its_own_equations():
    """A fixed primary valve, constant water, one home of given heat: four equations solved by hand."""
    net = town(Town(exchangers=1, homes=1), control="fixed")
    net = net.with_(Pipe, loss=0.0).with_(Consumer, heat_given=8e5).replace_table(Building.empty())
    state = solve(net, Settings(water=PLAIN))
    first, second = both(state)
    table = net[Exchanger]
    c1, c2 = state.m[first] * 4187.0, state.m[second] * 4187.0
    g = conductance(table.coefficient(state.m[first], state.m[second])[0], c1, c2)[0]
    back = KELVIN + 110.0 - 8e5 / g  # t2 from Q = G (T1 - t2)
    assert state.t_in[second] == pytest.approx(back, abs=1e-6)
    assert state.t_out[second] == pytest.approx(back + 8e5 / c2, abs=1e-6)
    assert state.t_out[first] == pytest.approx(KELVIN + 110.0 - 8e5 / c1, abs=1e-6)


def test_zones_hold_their_own_pressure():
    net = town()
    pressure = net[Node].pressure.copy()
    at = list(net[Node].id).index("x1back")
    pressure[at] += 1e5
    one_, other = solve(net), solve(net.with_(Node, pressure=pressure))
    zone = np.array([name.startswith("x1") or name[1:3] == "1_" for name in net[Node].id])
    assert other.p - one_.p == pytest.approx(np.where(zone, 1e5, 0.0), abs=1e-3)
    assert other.m == pytest.approx(one_.m, rel=1e-9)


def test_heating_curve_and_monotone_answers():
    """Set temperature by the weather; more pressure, warmer water or a cleaner exchanger never make the supply colder."""
    for outdoor, warm in ((-24.2, 75.0), (-9.6, 58.9), (5.0, 42.8)):
        state = solve(town(Town(outdoor=KELVIN + outdoor), supply_temperature=np.nan, curve="reset"))
        assert state.t_out[state.of(Secondary)] == pytest.approx(KELVIN + warm, abs=1e-6)
    for cases in (
        [(Town(lift=lift), {}) for lift in (2e4, 5e4, 1e5, 2e5, 3e5)],
        [(Town(plant=KELVIN + warm), {}) for warm in (60.0, 75.0, 80.0, 90.0, 110.0)],
        [(Town(), {"fouling": f}) for f in (3.0, 1.0, 0.6, 0.4, 0.0)],
    ):
        states = [solve(town(of, **columns)) for of, columns in cases]
        out = np.array([state.t_out[state.of(Secondary)] for state in states])
        assert np.all(np.diff(out, axis=0) >= -1e-6) and np.all(out <= KELVIN + 75.0 + 1e-6)
        assert out[0].max() < KELVIN + 75.0 - 1.0


def test_same_answer_from_any_start():
    net, wild = town(fouling=0.5), town(fouling=4.0)
    first = solve(net)
    for start in (solve(wild), solve(town(Town(lift=3e4))), solve(town(Town(plant=KELVIN + 130)))):
        again = solve(net, start=start)
        assert again.m == pytest.approx(first.m, rel=1e-7, abs=1e-9) and again.t == pytest.approx(first.t, abs=1e-5)


def test_flow_limit_service_and_warm_return():
    limited = solve(town(flow_limit=[3.0, np.nan, np.nan])).substations()
    assert list(limited.flag) == ["limited", "holds", "holds"] and limited.primary_flow[0] == pytest.approx(3.0)
    shut = solve(town(service=[1.0, 0.0, 1.0]))
    assert list(shut.substations().flag) == ["holds", "shut", "holds"] and shut.substations().opening[1] == 0.0
    room = rooms(shut).temperature
    assert np.all(room[4:8] < KELVIN) and np.all(room[:4] > KELVIN + 20)
    net = town(Town(exchangers=1), supply_temperature=KELVIN + 40)
    extra = Plant.of(id=["boiler"], tail=["x0back"], head=["x0out"], control="flow", flow=5.0, supply_temperature=KELVIN + 95)
    net = net.replace_table(net[Plant].joined(extra))
    warm = solve(net)
    assert warm.substations().flag[0] == "warm" and warm.m[warm.of(Exchanger)][0] == 0.0


def test_pump_that_runs_backwards_is_parallel_flow():
    net = town(Town(exchangers=1, homes=1), control="fixed")
    pump = net[Pump]
    net = net.replace_table(pump.with_(tail=pump.head, head=pump.tail))
    state = solve(net, Settings(water=PLAIN))
    first, second = both(state)
    assert state.m[second][0] < 0.0
    c1, c2 = state.m[first] * 4187.0, -state.m[second] * 4187.0
    g = parallel(net[Exchanger].coefficient(state.m[first], -state.m[second])[0], c1, c2)
    assert state.heat(Exchanger) == pytest.approx(g * (state.t_in[first] - state.t_in[second]), rel=1e-8)


def test_two_exchangers_feed_one_network_and_one_stands_behind_another():
    net = town(Town(exchangers=2, homes=3))
    exchanger, pipe = net[Exchanger], net[Pipe]
    tie = Pipe.of(id=["t1", "t2"], tail=["x0out", "x1back"], head=["x1out", "x0back"], length=30.0, diameter=0.15, loss=0.3)
    pressure = np.where(net[Node].id == "x1back", np.nan, net[Node].pressure)
    joined = net.replace_table(pipe.joined(tie)).with_(Node, pressure=pressure)
    state = solve(joined)
    assert state.t_out[state.of(Secondary)] == pytest.approx(KELVIN + 75, abs=1e-8)
    short = solve(joined.replace_table(exchanger.with_(fouling=1.5)))
    assert short.heat(Exchanger).sum() == pytest.approx(-short.heat(Secondary).sum(), rel=1e-9)
    third = Exchanger.of(
        id=["y"], tail=["s0_2"], head=["r0_2"], secondary_tail=["yback"], secondary_head=["ywarm"], supply_temperature=KELVIN + 45,
        design_heat=2e5, design_primary_supply=KELVIN + 75, design_primary_return=KELVIN + 50, design_secondary_supply=KELVIN + 45,
        design_secondary_return=KELVIN + 35, primary_drop=2e4,
    )
    node = Node.of(id=["yback", "ywarm", "yout"], pressure=[1e5, np.nan, np.nan])
    chain = net.replace_table(net[Node].joined(node)).replace_table(exchanger.joined(third))
    pump = Pump.of(id=["py"], tail=["ywarm"], head=["yout"], shutoff_head=12.0, rated_head=9.0, rated_flow=0.005)
    home = Consumer.of(id=["cy"], tail=["yout"], head=["yback"], kvs=25.0, heat_given=1.5e5)
    chain = chain.replace_table(net[Pump].joined(pump)).replace_table(net[Consumer].joined(home))
    state = solve(chain)
    assert state.t_out[state.of(Secondary)][2] == pytest.approx(KELVIN + 45, abs=1e-8)
    assert state.residuals.balance < 1e-3 and state.residuals.load < 1e-3


def test_load_driven_homes_behind_exchangers():
    net = town(Town(homes=6))
    loads = net[Consumer].with_(control="load", return_temperature=KELVIN + 45, kvs=np.nan)
    for columns in ({}, {"fouling": 1.0}):
        of = town(Town(homes=6), **columns).replace_table(loads)
        state = solve(of)
        second = state.of(Secondary)
        assert state.residuals.load < 1.0 and state.residuals.mass < 1e-9
        if not columns:
            assert state.t_out[second] == pytest.approx(KELVIN + 75, abs=1e-6) and state.shortage().max() == 0.0


@given(st.integers(0, 150))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_random_towns(seed):
    """Any mix of exchangers, lifts, weather and homes converges with small residuals, to the same answer from a wrong start."""
    net = random_town(seed)
    state = solve(net, throw=False)
    assert state.converged, (seed, state.message)
    left, scale = state.residuals, 1e-9 * max(1.0, float(np.abs(state.heat(Plant)).sum()))
    assert left.mass < 1e-6 and left.pressure < 1.0 and left.balance < 1.0 + scale, (seed, left)
    told, second = state.substations(), state.of(Secondary)
    assert left.load < 1e-3 * max(1.0, float(np.nan_to_num(told.heat).max())), (seed, left)
    running = (told.flag == "holds")
    assert np.all(np.abs(state.t_out[second] - state.scene.secondary)[running] < 2e-3)
    assert np.all(told.opening[told.flag == "short"] > 1 - 1e-6)
    assert np.all(told.heat >= -1e-3)
    if np.nanmax(told.heat, initial=0) > 0:
        assert np.nanmax(told.effectiveness, initial=0.0) <= 1 + 1e-6


# ---------------------------------------------------------------- what follows by itself


def test_mixing_loop_is_a_plain_graph():
    """A home that mixes return water into its supply by a pump: u = (T1 - Tg)/(Tg - Th), as in the textbook (110, 75, 50: 1.40)."""
    net = Network.of(
        "mixing",
        Node.of(id=["s", "r", "in", "mixed", "back"], pressure=[np.nan, 2e5, np.nan, np.nan, np.nan]),
        Plant.of(id=["plant"], tail=["r"], head=["s"], lift=1e5, supply_temperature=KELVIN + 110),
        Valve.of(id=["v"], tail=["s"], head=["in"], kvs=6.0),
        Pipe.of(id=["p1", "p2"], tail=["in", "back"], head=["mixed", "r"], length=5.0, diameter=0.08, loss=0.0),
        Pump.of(id=["mix"], tail=["back"], head=["mixed"], shutoff_head=[8.0], rated_head=6.0, rated_flow=0.0025),
        Consumer.of(id=["home"], tail=["mixed"], head=["back"], kvs=16.0, heat_given=4e5),
    )
    state = solve(net, Settings(water=PLAIN))
    hot, mixed, through = state.m[state.of(Valve)][0], state.m[state.of(Pump)][0], state.m[state.of(Consumer)][0]
    assert through == pytest.approx(hot + mixed, abs=1e-9) and mixed > 0.3 * hot
    supply, back = state.t_in[state.of(Consumer)][0], state.t_out[state.of(Consumer)][0]
    assert mixed / hot == pytest.approx((KELVIN + 110 - supply) / (supply - back), rel=1e-7)
    assert pytest.approx(1.40) == (110 - 75) / (75 - 50)
    assert state.heat(Consumer)[0] == pytest.approx(4e5, rel=1e-9) and state.residuals.balance < 1e-4


def test_rooms_tell_the_substation():
    net = town(fouling=[0.0, 2.0, 0.0])
    found = rooms(solve(net))
    cold = found.cold
    assert list(found.cause[cold]) == ["substation"] * int(cold.sum()) and cold[4:8].all() and not cold[:4].any()
    kept = found.substituted[4, 4:8]
    clean = rooms(solve(town()))
    assert kept == pytest.approx(clean.temperature[4:8], abs=0.1)
    assert found.distance == pytest.approx(np.tile([100.0, 200.0, 300.0, 400.0], 3))
    assert found.substituted[4, :4] == pytest.approx(found.temperature[:4], abs=1e-3)
    assert np.all(found.substituted[1] < found.temperature + 1.0)  # loss of its own network only


def test_scenarios_give_the_same_as_one_by_one():
    net = town()
    cases = [
        Scenario("clean"), Scenario("fouled", (Change("exchanger", "fouling", 1.0, ("x1",)),)),
        Scenario("cold", (Change("site", "outdoor", KELVIN - 35.0),)), Scenario("closed", (Change("exchanger", "service", 0.0, ("x0",)),)),
        Scenario("cooler", (Change("exchanger", "supply_temperature", KELVIN + 60.0),)),
    ]
    for rules in (Settings(), Settings(heat=False)):
        many = solve_many(net, cases, rules)
        for row, case in enumerate(cases):
            alone = solve(net.apply(case), rules)
            told, near = np.ones(alone.p.size, dtype=bool), 1e-7
            if case.name == "closed" and not rules.heat:
                near = 2e-3  # kg/s: at rest, 0.01 Pa, the tolerance, moves as much in the wide pipes of the part cut off
            if case.name == "closed":  # no law tells the pressure between a shut exchanger and the pump behind it that stands still
                told = alone.frame("node").index.to_numpy() != "x0warm"
            assert many.m[row] == pytest.approx(alone.m, abs=near) and many.p[row][told] == pytest.approx(alone.p[told], abs=1e-2)
    design = solve(net, Settings(heat=False))
    assert design.m[design.of(Exchanger)] == pytest.approx(net[Exchanger].design().primary)


def test_files_store_and_report(tmp_path):
    net = town(fouling=[0.0, 2.0, 0.0], supply_temperature=[KELVIN + 75, KELVIN + 75, np.nan], curve=["", "", "reset"])
    write_folder(net, tmp_path / "换热站")
    back = read(tmp_path / "换热站")
    for name, item in Exchanger.columns().items():
        mine, theirs = getattr(net[Exchanger], name), getattr(back[Exchanger], name)
        assert list(theirs) == list(mine) if item.text else theirs == pytest.approx(mine, nan_ok=True)
    state = solve(back)
    write_store(tmp_path / "r.h5", [("base", state, rooms(state))])
    store = read_store(tmp_path / "r.h5")
    frame, again = state.frame("exchanger"), store.frame("exchanger")
    assert frame.equals(again) and "substation" in set(store.rooms[0].cause)
    for lang in ("zh", "en"):
        page = build(store, lang)
        assert page.sections


def test_every_problem_is_listed(tmp_path):
    write_folder(town(), tmp_path / "t")
    file = tmp_path / "t" / "exchanger.csv"
    lines = file.read_text(encoding="utf-8-sig").splitlines()
    header = lines[0].split(",")
    at = {name.split(" [")[0]: k for k, name in enumerate(header)}

    def changed(line, **values):
        cells = line.split(",")
        for name, value in values.items():
            cells[at[name]] = value
        return ",".join(cells)

    lines[1] = changed(lines[1], secondary_tail="nowhere", supply_temperature="")
    lines[2] = changed(lines[2], tail="pr1", head="ps1")
    lines[3] = changed(lines[3], secondary_tail="x2warm", secondary_head="x2back")
    file.write_text("\n".join(lines), encoding="utf-8")
    found = [str(problem) for problem in check(read(tmp_path / "t"))]
    for words in (
        ("exchanger.csv:2", "'secondary_tail'", "no node 'nowhere'"), ("exchanger.csv:2", "'supply_temperature'", "heating curve"),
        ("exchanger.csv:3", "primary side is wired the wrong way round"),
        ("exchanger.csv:4", "secondary side is wired the wrong way round", "secondary_tail and secondary_head"),
    ):
        assert any(all(word in line for word in words) for line in found), (words, found)
    for columns, word in (
        ({"design_secondary_supply": KELVIN + 115}, "design_primary_supply must be above design_secondary_supply"),
        ({"curve": "rset"}, "did you mean 'reset'"), ({"supply_temperature": KELVIN + 120}, "no plant gives water as warm"),
        ({"design_heat": 5e5}, "designed for 0.50 MW"), ({"fouling": -1.0}, "out of range"),
    ):
        assert any(word in str(problem) for problem in check(town(**columns))), word
    still = town().replace_table(Pump.empty())
    assert any("circulation pump" in str(problem) for problem in check(still))
    lost = town().with_(Node, pressure=np.where(town()[Node].id == "x2back", np.nan, town()[Node].pressure))
    assert any("no pressure is held" in str(problem) and not problem.warning for problem in check(lost))


def test_enthalpy_of_the_design_point():
    """Design flows follow from heat and enthalpies, so that the design point holds in real water."""
    design, water = one().design(), Water()
    fall = water.enthalpy(np.array(KELVIN + 110)) - water.enthalpy(np.array(KELVIN + 60))
    assert design.primary[0] * fall == pytest.approx(5e6)


def test_certificate_and_a_plant_that_holds_the_difference_at_exchangers():
    """Another function than the solver's finds every law kept; a remote plant senses the exchangers of its own network only."""
    net = town()
    for columns in ({}, {"fouling": 1.0}, {"flow_limit": 3.0}, {"control": "fixed", "opening": 0.5}):
        found = solve(town(**columns)).certificate
        assert found.within() and found.energy < 1e-2 and found.outlet < 1e-1, (columns, found)
    plants = net[Plant].with_(control="remote", lift=6e5, difference=9e4)
    state = solve(net.replace_table(plants))
    assert state.difference(Exchanger).min() == pytest.approx(9e4, abs=1.0) and state.certificate.within()
    named = solve(net.replace_table(plants.with_(sensor="x0")))
    assert named.difference(Exchanger)[0] == pytest.approx(9e4, abs=1.0)
