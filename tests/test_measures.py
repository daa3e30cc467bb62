"""Every measure on a street: what it sets or adds, that the network solves with it, what it costs by hand, which bad input it names."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from test_retrofit import options_of, studied

import heatnet
from heatnet import Change, Consumer, Exchanger, Network, Pump, Scenario, solve
from heatnet.components import Plant
from heatnet.network import KINDS, Building
from heatnet.retrofit import MEASURES
from heatnet.retrofit.candidate import Given, priced
from heatnet.units import KELVIN

SUBSTATIONS = Path(__file__).resolve().parents[1] / "models" / "harbin_substations"
TIE = 'supply_from = "s1"\nsupply_to = "s5"\nreturn_from = "r5"\nreturn_to = "r1"'
DN80 = 450.0 + 2250.0 * 0.0825 + 6000.0 * 0.0825**2  # CNY/m
BOILER = 'supply = "s5"\nback = "r5"\nheat = "50 kW"'

# of every measure: a candidate on the street, values that it leads to (table, column, row, value), its capital by hand [CNY]
ALL = {
    "balancing": ("", (("consumer", "kvs", "u0", 10.0),), 0.6 * 5 * 2000.0),
    "valve": ('consumers = ["u4"]\ndrop = "30 kPa"\nopening = 0.8', (("consumer", "opening", "u4", 0.8),), lambda d: 1500.0 + 20000.0 * d),
    "setting": ('consumers = ["u0"]\nopening = 0.5', (("consumer", "opening", "u0", 0.5),), 100.0),
    "limiter": (
        'consumers = ["u0", "u1"]', (("consumer", "control", "u0", "limited"), ("consumer", "opening", "u0", 1.0)),
        lambda d: 2 * (2000.0 + 50000.0 * d),
    ),
    "controller": (
        'consumers = ["u4"]\ndifference = "20 kPa"', (("consumer", "difference", "u4", 2e4), ("consumer", "control", "u4", "fixed")),
        lambda d: 2000.0 + 50000.0 * d,
    ),
    "thermostat": (
        'consumers = ["u3"]\nroom = "21 degC"\nflats = true',
        (("consumer", "control", "u3", "thermostatic"), ("consumer", "room", "u3", 294.15)),
        550.0 * 40.0,
    ),
    "booster": (
        'pipe = "ps3"\nlift = "20 kPa"\nflow = "1 kg/s"', (("pipe", "tail", "ps3", "x.out"),), 180000.0 + 9000.0 * 20.0 / 970 / 0.65,
    ),
    "user_pumps": (
        'consumers = ["u4"]\nlift = "30 kPa"\nplants = ["plant"]\nplant_lift = "50 kPa"',
        (("plant", "lift", "plant", 5e4), ("pump", "control", "x.u4", "flow")), lambda d: 15000.0 + 2500.0 * 30.0 * _flow(d) / 970 / 0.65,
    ),
    "lift": ('plants = ["plant"]\nraise_by = "10 kPa"', (("plant", "lift", "plant", 7e4), ("plant", "control", "plant", "lift")), 100.0),
    "mixing": (
        'consumers = ["u4"]\nflow = 1.2\nprimary = 0.9',
        (("consumer", "tail", "u4", "x.u4.driven"), ("valve", "control", "x.u4.bypass", "check")), None,
    ),
    "upsizing": (
        'pipes = ["p?4"]\ntype = "EN253-1-DN80"', (("pipe", "diameter", "ps4", 0.0825), ("pipe", "roughness", "pr4", 5e-4)),
        120.0 * DN80,
    ),
    "parallel": ('pipes = ["ps4", "pr4"]\ntype = "EN253-1-DN80"', (("pipe", "tail", "x.ps4", "s4"),), 120.0 * DN80),
    "tie": (f'{TIE}\nlength = "90 m"\ntype = "EN253-1-DN80"', (("pipe", "length", "x.s", 90.0),), 180.0 * DN80),
    "insulation": ('pipes = ["ps0"]\nloss = "0.2 W/(m K)"', (("pipe", "loss", "ps0", 0.2),), 60.0 * (150.0 + 700.0 * 0.1)),
    "strainer": ('consumers = ["u4"]\nfactor = 2.0', (("consumer", "kvs", "u4", 20.0),), 500.0 + 0.3 * 2000.0),
    "flushing": ('pipes = ["ps0"]\nroughness = "0.1 mm"', (("pipe", "roughness", "ps0", 1e-4),), 2000.0 + 40.0 * 60.0),
    "radiators": ('buildings = ["b4"]\nfactor = 1.3', (("building", "radiator", "b4", 1.3),), 650.0 * 0.3 * 100.0),
    "envelope": ('buildings = ["b4"]\nsaving = 0.3', (("building", "conductance", "b4", 0.7 * 1e5 / 44.2),), 220.0 * 2000.0),
    "peak_boiler": (f'{BOILER}\nbelow = "-15 degC"', (("plant", "heat_given", "x", 5e4),), 450.0 * 50.0),
    "plant": ('supply = "s5"\nback = "r5"\ncapacity = "0.2 MW"', (("plant", "capacity", "x", 2e5),), 3300.0 * 200.0),
    "supply_temperature": ('raise_by = "3 K"', (("plant", "curve_shift", "plant", 3.0),), 100.0),
}
# what each refuses, and in which words
REFUSED = {
    "setting": ("opening = 0.5", "neither consumers nor valves"), "tie": (TIE.replace('"s5"', '"s1"'), "two ends"),
    "user_pumps": ('consumers = ["u4"]\nplants = ["plant"]', "plant_lift"),
    "lift": ('plants = ["plant"]', "neither raise_by nor a difference"),
    "upsizing": ('pipes = ["ps0"]\ntype = "EN253-1-DN50"', "is no larger"), "radiators": ('buildings = ["b4"]\nfactor = 0.5', "already"),
    "exchanger": ("factor = 2.0", "neither exchangers nor consumers"),
    "building_station": ('consumers = ["u4"]\nsupply_temperature = "75 degC"', "an exchanger needs more than"),
    "mixing": ('consumers = ["u1"]', "regulates itself"), "limiter": ('consumers = ["u2"]', "control 'load'"),
    "controller": ('consumers = ["u3"]', "is shut"),
}
UNITS = {
    "controller": ('consumers = ["u4"]\ndifference = "20 K"', "Pa"), "booster": ('pipe = "ps3"\nlift = 30', "unit"),
    "peak_boiler": (f"{BOILER.replace('50 kW', '50 bar')}", "W"), "thermostat": ('consumers = ["u9"]', "consumer has no row 'u9'"),
    "flushing": ('pipes = ["q*"]', "no pipe matches 'q*'"), "descaling": ('exchangers = ["x"]', "exchanger has no row 'x'"),
    "envelope": ('buildings = ["b4"]\nsaving = 1.5', "0.8"), "lift": ('plants = ["plant"]\nraise_by = "1 m/s"', "Pa"),
}


@pytest.fixture(scope="module")
def on():
    return studied()


@pytest.fixture(scope="module")
def stations():
    net = heatnet.read(SUBSTATIONS)
    net = net.apply(Scenario("", (Change("site", "outdoor", KELVIN - 24.2), Change("exchanger", "fouling", 0.4, ("x2",)))))
    return type(studied().basis)(net, solve(net), studied().basis.profile)


def _flow(d):
    return d**2 * np.pi * 970.0 / 4.0


def value(net, table, column, row):
    frame = net.tables[KINDS[table]]
    return getattr(frame, column)[list(frame.id).index(row)]


def made(basis, key, text):
    measure, problems = options_of(text, key, basis.net)
    assert not problems, (key, problems)
    return measure.work(basis, "x")


def capital(on, work):
    return priced(work, on.prices, Given()).capital


def test_every_measure_has_a_file_of_its_own():
    assert {key: measure.__module__ for key, measure in MEASURES.items()} == {key: f"heatnet.retrofit.measures.{key}" for key in MEASURES}
    assert set(ALL) | {"pump", "exchanger", "descaling", "building_station"} == set(MEASURES)  # the street has none of these; they follow


@pytest.mark.parametrize("key", ALL)
def test_a_measure_sets_what_it_says_at_the_price_of_the_table(on, key):
    text, wanted, cost = ALL[key]
    work = made(on.basis, key, text)
    net = on.basis.net.apply(work.scenario)
    for table, column, row, told in wanted:
        got = value(net, table, column, row)
        assert got == (told if isinstance(told, str) else pytest.approx(told, rel=1e-3)), (column, got)
    assert not [one for one in heatnet.check(net) if not one.warning]
    assert solve(net).converged
    bore = float(np.sqrt(4.0 * on.basis.design_flow[4] / (np.pi * 970.0)))  # of an inlet at 1 m/s
    if cost is not None:
        assert capital(on, work) == pytest.approx(cost(bore) if callable(cost) else cost, rel=1e-6)


@pytest.mark.parametrize("key", REFUSED)
def test_a_measure_names_what_it_cannot_do(on, key):
    net = on.basis.net.with_(
        Consumer, control=["fixed", "limited", "load", "fixed", "fixed"], opening=[1.0, 1.0, 1.0, 0.0, 1.0],
        return_temperature=[np.nan, np.nan, KELVIN + 48.0, np.nan, np.nan],
    )
    measure, problems = options_of(REFUSED[key][0], key, net)
    assert not problems
    with pytest.raises(ValueError, match=REFUSED[key][1]):
        measure.work(replace(on.basis, net=net), "x")


@pytest.mark.parametrize("key", UNITS)
def test_wrong_units_ranges_and_ids_are_told(on, key):
    _, problems = options_of(UNITS[key][0], key, on.basis.net)
    assert any(UNITS[key][1] in str(problem) for problem in problems), problems


def test_controllers_hold_a_difference_against_more_lift(on):
    work = made(on.basis, "controller", 'consumers = ["u0", "u1", "u2", "u3"]')
    design = on.basis.design_flow
    net = on.basis.net.apply(work.scenario)
    flows = [solve(net.with_(Plant, lift=lift)).frame("consumer")["flow [kg/s]"].to_numpy() for lift in (2e5, 4e5)]
    assert (flows[0][:4] <= design[:4] * 1.002).all() and flows[1][:4] == pytest.approx(flows[0][:4], rel=2e-3)
    assert flows[1][4] > flows[0][4]  # the one without takes more


def test_thermostats_stop_at_the_room_asked_for(on):
    net = on.basis.net.with_(Plant, lift=3e5)
    basis = type(on.basis)(net, solve(net), on.basis.profile)
    assert heatnet.rooms(basis.state, basis.profile).temperature[0] > 294.0
    state = solve(net.apply(made(basis, "thermostat", 'consumers = ["u0"]\nroom = "20.5 degC"').scenario))
    assert heatnet.rooms(state, basis.profile).temperature[0] == pytest.approx(293.65, abs=1e-3)


def test_pumps_at_users_hold_their_design_flow(on):
    state = solve(on.basis.net.apply(made(on.basis, "user_pumps", 'consumers = ["u3", "u4"]\nlift = "150 kPa"').scenario))
    assert state.frame("consumer")["flow [kg/s]"].to_numpy()[3:] == pytest.approx(on.basis.design_flow[3:], rel=1e-4)


@pytest.mark.parametrize(("lift", "before", "after"), [(1.5e4, 16.2, 17.1), (3e4, 22.0, 20.0)])
def test_mixing_at_the_end_of_a_hot_network(on, lift, before, after):
    net = on.basis.net.with_(Plant, curve="", supply_temperature=KELVIN + 95.0, lift=lift)
    basis = type(on.basis)(net, solve(net), on.basis.profile)
    state = solve(net.apply(made(basis, "mixing", 'consumers = ["u4"]').scenario))
    rooms = [heatnet.rooms(one, basis.profile).temperature[4] - KELVIN for one in (basis.state, state)]
    assert rooms == pytest.approx([before, after], abs=0.1)  # too little pressure, and too much heat
    assert state.frame("consumer")["inlet [degC]"].iloc[4] < 76.0  # mixed down from more than 90
    assert state.frame("consumer")["flow ratio [-]"].iloc[4] == pytest.approx(1.0, rel=1e-4)


def test_a_building_on_a_substation_of_its_own(on):
    net = on.basis.net.with_(Plant, curve="", supply_temperature=KELVIN + 110.0, lift=1.5e5)
    net = Network.of("street", *net.tables.values(), site=net.site, curves=studied().today.curves)
    basis = type(on.basis)(net, solve(net), on.basis.profile)
    work = made(basis, "building_station", 'consumers = ["u4"]\ncurve = "c"')
    state = solve(net.apply(work.scenario))
    assert heatnet.rooms(state, basis.profile).temperature[4] == pytest.approx(293.15, abs=0.6)
    assert capital(on, work) == pytest.approx(110000.0 + 250.0 * 115.0)
    with pytest.raises(ValueError, match="no heating curve 'low'"):
        options_of('consumers = ["u4"]\ncurve = "low"', "building_station", net)[0].work(basis, "x")


def test_plates_and_cleaning_of_exchangers(on, stations):
    net, table = stations.net, stations.net[Exchanger]
    plates = made(stations, "exchanger", 'exchangers = ["x2"]\nfactor = 1.5')
    after = net.apply(plates.scenario)[Exchanger]
    row = list(table.id).index("x2")
    assert after.design().ua[row] == pytest.approx(1.5 * table.design().ua[row])
    assert after.body("secondary")[row] == pytest.approx(table.body("secondary")[row] / 1.5**2)
    assert after.valve(np.ones(len(table)))[row] == pytest.approx(table.valve(np.ones(len(table)))[row])
    assert capital(on, plates) == pytest.approx(120.0 * 0.5 * table.design_heat[row] / 1e3)
    clean = made(stations, "descaling", 'exchangers = ["x2"]')
    assert value(net.apply(clean.scenario), "exchanger", "fouling", "x2") == 0.0
    assert capital(on, clean) == pytest.approx(500.0 + 6.0 * table.design_heat[row] / 1e3)
    for work in (plates, clean):  # the same heat from less primary water
        assert _primary(solve(net.apply(work.scenario)), row) < _primary(stations.state, row)
    with pytest.raises(ValueError, match="nothing to clean"):
        options_of('exchangers = ["x1"]', "descaling", net)[0].work(stations, "x")


def _primary(state, row):
    return float(state.m[state.of(Exchanger)][row])


def test_colder_return_of_a_heat_driven_inlet(on):
    net = on.basis.net.with_(Consumer, control=["load", *["fixed"] * 4], return_temperature=[KELVIN + 48.0, *[np.nan] * 4])
    basis = type(on.basis)(net, solve(net), on.basis.profile)
    (change,) = made(basis, "exchanger", 'consumers = ["u0"]\ncolder = "5 K"').scenario.changes
    assert change.values == pytest.approx(KELVIN + 43.0)
    with pytest.raises(ValueError, match="'u1' is not of control 'load'"):
        options_of('consumers = ["u1"]', "exchanger", net)[0].work(basis, "x")


def test_pumps_replaced_faster_or_regulated(on):
    pump = Pump.of(id=["p"], tail=["s2"], head=["s2p"], shutoff_head=[12.0], rated_head=[10.0], rated_flow=[2e-3], speed=[0.6])
    node = heatnet.Node.of(id=["s2p"], x=np.nan, y=np.nan, height=0.0)
    net = on.basis.net.apply(Scenario("", (Change("pipe", "tail", "s2p", ("ps2",)),), (node, pump)))
    basis = type(on.basis)(net, solve(net), on.basis.profile)
    faster, new = (made(basis, "pump", f'pumps = ["p"]\n{text}') for text in ("speed = 0.9", 'head = "8 m"\nflow = "9 m3/h"'))
    assert capital(on, faster) == 100.0
    assert float(solve(net.apply(faster.scenario)).loss(Pump)[0]) < float(basis.state.loss(Pump)[0])
    assert value(net.apply(new.scenario), "pump", "speed", "p") == 1.0
    assert capital(on, new) == pytest.approx(40000.0 + 2500.0 * 0.97 * 8.0 * 9.80665 * 9.0 / 3600.0 / 0.65)
    held = solve(net.apply(made(basis, "pump", 'pumps = ["p"]\nspeed = 1.0\ncontrol = "lift"\nlift = "20 kPa"').scenario))
    assert -float(held.loss(Pump)[0]) == pytest.approx(2e4, rel=1e-3)
    far = float(held.loss(Consumer)[4])
    remote = f'control = "remote"\ndifference = "{far / 1e3:.6f} kPa"\nsensors = ["u4"]'
    follows = solve(net.apply(made(basis, "pump", f'pumps = ["p"]\nspeed = 1.0\n{remote}').scenario))
    assert float(follows.loss(Consumer)[4]) == pytest.approx(far, rel=1e-3)
    assert -float(follows.loss(Pump)[0]) == pytest.approx(2e4, rel=1e-2)
    for text, match in (("", "neither a speed"), ('head = "8 m"', "give both"), ('control = "lift"', "needs lift"),
                        ('speed = 1.0\nlift = "20 kPa"', "says nothing to control")):
        with pytest.raises(ValueError, match=match):
            options_of(f'pumps = ["p"]\n{text}', "pump", net)[0].work(basis, "x")


def test_a_plant_that_follows_remote_consumers(on):
    net = on.basis.net.with_(Plant, lift=3e5)
    basis = type(on.basis)(net, solve(net), on.basis.profile)
    work = made(basis, "lift", 'plants = ["plant"]\ndifference = "15 kPa"')
    assert float(solve(net.apply(work.scenario)).loss(Consumer).min()) == pytest.approx(1.5e4, rel=1e-2)
    assert capital(on, work) == 25000.0
    assert len(on.basis.net[Building]) == 5
