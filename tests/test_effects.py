"""Effects of scenarios: figures by hand, against single solves, failures told."""

import cities
import numpy as np
import pytest
from meshed import meshed

import heatnet
from heatnet import Change, ModelError, Pipe, Scenario, Settings, Site, WeatherState, effects
from heatnet.components import Plant
from heatnet.network import Building
from heatnet.units import KELVIN


@pytest.fixture(scope="module")
def street():
    """Five users in line, the last ones cold."""
    net = cities.line(5, lift=6e4, loss=0.8, diameter=[0.1, 0.09, 0.08, 0.07, 0.05], site=Site(fee=38.32))
    return net.with_(Building, area=2000.0, households=[10.0, 20.0, 30.0, 40.0, 50.0])


STATES = (
    WeatherState("coldest", 100.0), WeatherState("mild", 1000.0, Scenario("mild", (Change("site", "outdoor", KELVIN - 12.0),))),
)


def wider(name, by=1.4, net=None):
    return Scenario(f"{name} wider", (Change("pipe", "diameter", float(net[Pipe].diameter[net[Pipe].id == name][0]) * by, (name,)),))


def test_figures_are_those_of_single_solves(street):
    cases = [
        wider("ps4", net=street), wider("pr0", net=street),
        Scenario("warmer", (Change("plant", "supply_temperature", KELVIN + 85.0),)),
        Scenario("walls", (Change("building", "conductance", 1500.0, ("b4",)),)),
        Scenario("radiators", (Change("building", "radiator", 1.3, ("b3", "b4")),)),
        Scenario("loop", (), (Pipe.of(id=["t1", "t2"], tail=["s5", "r3"], head=["s3", "r5"], length=130.0, diameter=0.08, loss=0.3),)),
    ]
    seen = []
    found = effects(street, STATES, cases, "hlj_2021", keep_rooms=True, progress=lambda done, of: seen.append((done, of)))
    assert seen[-1] == (12, 12)
    assert not found.failed
    for at, weather in enumerate(STATES):
        before = heatnet.rooms(heatnet.solve(street.apply(weather.scenario)), "hlj_2021")
        for row, case in enumerate(cases):
            after = heatnet.rooms(heatnet.solve(street.apply(weather.scenario).apply(case)), "hlj_2021")
            homes = street[Building].households
            plant = after.state.frame("plant")["heat [kW]"].sum() * 1e3
            m, rho = after.state.m[after.state.of(Plant)], after.state.fluid(Plant).rho
            pump = float((m * 6e4 / rho / 0.7).sum())
            want = [
                homes @ after.deficit, homes[after.cold].sum(), homes[before.cold & ~after.cold].sum(),
                homes[after.cold & ~before.cold].sum(), after.refund.sum(), plant, pump, after.temperature.min(),
            ]
            np.testing.assert_allclose(found.values[:, row, at], want, rtol=2e-6, atol=2e-3, err_msg=f"{case.name} {weather.name}")
            np.testing.assert_allclose(found.rooms[row, at], after.temperature, atol=1e-4)
    assert found.base_deficit == pytest.approx(found.base[0] @ [100.0, 1000.0])
    assert found.avoided[2] > 0.0
    frame = found.frame()
    assert list(frame.index) == [case.name for case in cases]
    assert frame["avoided deficit [K h household]"].iloc[2] == found.avoided[2]
    assert found.by_state(2)["deficit before [K household]"].tolist() == list(found.base[0])


def test_a_warm_home_made_cold_is_robbed(street):
    """A valve shut down takes the heat of its own home: all its households, no one else's."""
    shut = Scenario("shut", (Change("consumer", "opening", 0.02, ("u0",)),))
    found = effects(street, STATES[1:], [shut], "hlj_2021")
    assert found.base[1, 0] < 150.0
    assert found.figure("robbed")[0, 0] == 10.0


def test_what_has_no_answer_is_told(street):
    shut = Scenario("all shut", (Change("pipe", "service", 0.0, ("ps0", "pr0")),))
    good = wider("ps4", net=street)
    net = street.with_(Plant, control="flow", flow=10.0, lift=np.nan)
    found = effects(net, STATES[:1], [Scenario("closed", (Change("consumer", "opening", 0.0),)), good], "hlj_2021")
    assert list(found.failed) == [(0, 0)]
    assert np.isnan(found.values[:, 0]).all()
    assert found.good.tolist() == [False, True]
    assert "given flows" in found.frame()["no answer"].iloc[0]
    assert effects(street, STATES[:1], [shut], "hlj_2021").values[0, 0, 0] > 150.0 * 10.0


def test_bad_scenarios_are_told_at_once(street):
    bad = [Scenario("thin", (Change("pipe", "diameter", -1.0, ("ps1",)),)), Scenario("hot", (Change("plant", "supply_temperature", 9e9),))]
    with pytest.raises(ModelError) as told:
        effects(street, STATES, bad, "hlj_2021")
    assert "scenario 'thin'" in str(told.value)
    assert "scenario 'hot'" in str(told.value)
    with pytest.raises(ValueError, match="has no row 'nowhere'"):
        effects(street, STATES, [wider("ps1", net=street), Scenario("x", (Change("pipe", "diameter", 0.1, ("nowhere",)),))], "hlj_2021")
    with pytest.raises(heatnet.HeatnetError, match="need temperatures"):
        effects(street, STATES, [], settings=Settings(heat=False))


def varied(net):
    """Scenarios of every kind that the kernels take, and some that they leave."""
    def change(kind, column, value, *ids):
        return Scenario(f"{kind} {column} {value:.3g} {ids}", (Change(kind, column, value, ids or None),))

    wide, names = net[Pipe].diameter, net[Pipe].id
    cases = [wider(name, 1.3, net) for name in names]
    better = {"roughness": 5e-5, "zeta": 0.5, "loss": 0.1}
    cases += [
        wider(name, 0.8, net) + Scenario("better", tuple(Change("pipe", key, value, (name,)) for key, value in better.items()))
        for name in names[::4]
    ]
    cases += [change("valve", "opening", 0.9, "v"), change("pump", "speed", 1.1, "q"), change("consumer", "opening", 0.4, "u3", "u9")]
    cases += [change("plant", "lift", 1.2e5, "main"), change("plant", "supply_temperature", KELVIN + 90.0, "main")]
    cases += [change("building", "radiator", 1.5, "b9", "b2"), change("building", "conductance", 2000.0)]
    cases += [change("building", "gains", 2e4, "b7")]
    cases += [change("pipe", "loss", 0.05), change("pipe", "service", 0.0, "ps6"), change("consumer", "opening", 0.0, "u6")]
    cases += [change("pump", "speed", 0.0, "q"), change("plant", "flow", 4.0, "boiler"), change("pipe", "diameter", 0.012, "ps11")]
    cases += [Scenario("none"), Scenario("tie", (), (cities.pipes(("tie", "s4", "s8"), loss=0.3),))]
    pair = cities.pipes(("tie", "s0", "s7"), ("tie_r", "r7", "r0"), diameter=0.08, loss=0.3)
    cases += [Scenario("pair", wider("ps8", 1.2, net).changes, (pair,)), Scenario("beside", (), (cities.pipes(("more", "s5", "s0")),))]
    cases += [Scenario("none at all", (), (cities.pipes(("short", "s4", "s8"), length=0.0),))]
    assert wide.size == names.size
    return cases


def test_side_by_side_is_one_by_one():
    """Rooms within 1e-4 K of single exact solves, in hills, loops, with a pump, a flow held at its bound and flow that turns."""
    net = meshed()
    cases = varied(net)
    weather = WeatherState("mild", 1.0, Scenario("mild", (Change("site", "outdoor", KELVIN - 15.0),)))
    found = effects(net, (WeatherState("cold", 1.0), weather), cases, "hlj_2021", keep_rooms=True)
    assert not found.failed
    turns = 0
    for at, state in enumerate(found.states):
        before = heatnet.solve(net.apply(state.scenario))
        for row, case in enumerate(cases):
            exact = heatnet.rooms(heatnet.solve(net.apply(state.scenario).apply(case)), "hlj_2021")
            np.testing.assert_allclose(found.rooms[row, at], exact.temperature, atol=1e-4, err_msg=case.name)
            homes = net[Building].households
            assert found.values[0, row, at] == pytest.approx(homes @ exact.deficit, abs=1e-4 * homes.sum())
            assert found.values[5, row, at] == pytest.approx(exact.state.frame("plant")["heat [kW]"].sum() * 1e3, rel=1e-5)
            turns += (exact.state.m[:26] * before.m[:26] < 0.0).any()
    assert turns > 3
    assert found.alone <= 2 * 5  # flows given anew, links shut that part the network, a new link of no length
    none = [case.name for case in cases].index("none")
    assert np.abs(found.avoided[none]) < 1e-6


def test_loads_are_taken_side_by_side():
    """Where flows follow from temperatures the general solver has its way."""
    net = meshed(load=True)
    found = effects(net, (WeatherState("cold", 1.0),), [wider("ps10", 1.2, net), wider("ps11", 1.2, net)], "hlj_2021")
    assert found.alone == 0
    exact = heatnet.rooms(heatnet.solve(net.apply(wider("ps10", 1.2, net))), "hlj_2021")
    assert found.values[0, 0, 0] == pytest.approx(net[Building].households @ exact.deficit, rel=1e-6)
