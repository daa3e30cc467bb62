"""Pressure regime: the worked example of a 130/70 main, hills and tall buildings by hand, zones, classes, limits as data."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cities import line, solved
from substations import town

import heatnet
from heatnet import (
    Building,
    ConstantWater,
    Consumer,
    Exchanger,
    Network,
    Node,
    Pipe,
    Plant,
    Pump,
    ReadError,
    Settings,
    Site,
    Valve,
    pressure_limits,
    regime,
    store,
)
from heatnet.pressure_rules import REST, RUNNING, Checked
from heatnet.regime import Regime
from heatnet.units import WATER_COLUMN
from heatnet.verbs import save
from heatnet.water import vapour_pressure

C = 273.15
WATER = ConstantWater(rho=1000.0, mu=2.1e-4, cp=4250.0)
FLOW, FALL = 100.0, 195e3  # kg/s; Pa along 3000 m of 50 Pa/m and 30 % local losses
STEAM = float(vapour_pressure(np.array(C + 130.0))) - 101325.0 + 50e3


def main(height: float = 20.0, connection: str = "exchanger", held: float = 25.0, rise: float = 0.0) -> Network:
    """Plant, boiler, main of 3 km, one user that takes 10 m; pressures as heads of cold water."""
    kvs = {drop: 3.6 * FLOW / np.sqrt(drop * WATER_COLUMN / 1e5) for drop in (12.0, 10.0)}  # m3/h at 1 bar that takes a head
    area, wide = np.pi / 4 * 0.3**2, 2.0 * 1000.0 * FALL
    zeta = wide / (FLOW / area) ** 2
    return Network.of(
        "main",
        Node.of(id=["r0", "d", "s0", "s1", "r1"], pressure=[held * WATER_COLUMN] + [np.nan] * 4, height=[0.0, 0.0, 0.0, rise, rise]),
        Pipe.of(id=["s", "r"], tail=["s0", "r1"], head=["s1", "r0"], length=3e3, diameter=0.3, zeta=zeta, loss=0.0),
        Valve.of(id=["boiler"], tail=["d"], head=["s0"], kvs=kvs[12.0]),
        Plant.of(id=["plant"], tail=["r0"], head=["d"], lift=(12 + 10) * WATER_COLUMN + 2 * FALL, supply_temperature=C + 130),
        Consumer.of(id=["user"], tail=["s1"], head=["r1"], control="fixed", kvs=kvs[10.0], connection=connection),
        Building.of(
            id=["home"], consumer=["user"], design_heat=FLOW * 4250 * 60, design_supply=C + 130, design_return=C + 70, height=height,
        ),
        site=Site(),
    )


def frictionless(net: Network) -> Network:
    """The same, its losses all in zeta: the figures of the example hold to the digit."""
    return net.with_(Pipe, roughness=0.0, length=1e-3)


def looked(found: Regime, rule: str, state: str, table: str) -> Checked:
    (one,) = (one for one in found.checked if (one.rule, one.state, one.table) == (rule, state, table))
    return one


def at(net: Network, **more: object) -> Regime:
    return regime(heatnet.solve(net, replace(Settings(water=WATER), **more)))


def test_worked_example_of_a_130_70_main() -> None:
    """Static 25.0, source 74.8, pump discharge 86.8, last user 54.9 and 44.9 m: none beyond a limit."""
    found = at(frictionless(main()))
    head = dict(zip(found.ids["node"], found.state.p / WATER_COLUMN, strict=True))
    assert {name: round(float(value), 1) for name, value in head.items()} == {"r0": 25.0, "d": 86.8, "s0": 74.8, "s1": 54.9, "r1": 44.9}
    assert found.static == pytest.approx(np.full((2, 5), 25.0 * WATER_COLUMN))
    assert (found.violations, found.zones[0].points, found.zones[0].head) == (0, ("r0",), pytest.approx((25.0, 25.0)))
    assert found.line() == "pressure regime (cjj_34): within all limits, running and at rest"
    boils = looked(found, "boiling", RUNNING, "node")
    assert boils.margin[3] == pytest.approx(found.state.p[3] - STEAM)
    assert pytest.approx(168.9e3, abs=100) == STEAM - 50e3
    assert looked(found, "boiling", REST, "node").margin.min() == pytest.approx(25.0 * WATER_COLUMN - STEAM)
    assert looked(found, "draining", RUNNING, "node").margin.min() == pytest.approx(25.0 * WATER_COLUMN - 50e3)
    assert looked(found, "over_pressure", RUNNING, "node").margin.min() == pytest.approx(1.6e6 - found.state.p[1])
    assert looked(found, "over_pressure", RUNNING, "consumer").value[0] == pytest.approx(found.state.p[3])
    assert looked(found, "difference", RUNNING, "consumer").margin[0] == pytest.approx(10.0 * WATER_COLUMN - 50e3, rel=1e-3)


def test_a_tall_building_drains_at_rest_and_its_radiators_burst_when_running() -> None:
    found = at(frictionless(main(height=30.0, connection="direct")))
    drains = looked(found, "draining", REST, "building")
    assert drains.margin == pytest.approx([(25.0 - 30.0 - 5.0) * WATER_COLUMN]) and drains.broken.all()
    assert looked(found, "draining", RUNNING, "building").margin[0] == pytest.approx((44.9 - 35.0) * WATER_COLUMN, abs=300)
    bursts = looked(found, "over_pressure", RUNNING, "building")
    assert bursts.margin[0] == pytest.approx(400e3 - found.state.p[4]) and bursts.broken.all()
    boils = looked(found, "boiling", REST, "building")  # 130 degC in a filled building asks for more than 5 m above its top
    assert boils.margin[0] == pytest.approx(-5.0 * WATER_COLUMN - STEAM)
    frame = found.frame()
    assert frame[["rule", "state", "table", "id"]].to_numpy().tolist() == [
        ["boiling", "running", "building", "home"], ["boiling", "static", "building", "home"],
        ["draining", "static", "building", "home"], ["over_pressure", "running", "building", "home"],
    ]
    assert frame["margin [kPa]"].to_numpy() == pytest.approx((frame["limit [kPa]"] - frame["value [kPa]"]).abs().to_numpy() * -1)
    assert found.violations == 4 and "draining 1 beyond, worst building 'home' at rest by 98.1 kPa" in found.line()


def test_uphill_water_boils_at_rest_first() -> None:
    found = at(frictionless(main(rise=10.0)))
    assert looked(found, "boiling", REST, "node").margin[3] == pytest.approx(15.0 * WATER_COLUMN - STEAM)
    assert not looked(found, "boiling", RUNNING, "node").broken.any() and found.frame()["id"].tolist() == ["s1"]
    assert looked(found, "draining", REST, "node").margin.min() == pytest.approx(15.0 * WATER_COLUMN - 50e3)


def test_limits_at_rest_may_take_water_of_100_degrees(tmp_path: Path) -> None:
    (tmp_path / "ru.toml").write_text('based_on = "cjj_34"\n[boiling]\nstatic_temperature = "100 degC"\n')
    found = regime(heatnet.solve(frictionless(main(rise=10.0)), Settings(water=WATER)), pressure_limits(tmp_path / "ru.toml"))
    assert found.violations == 0
    assert looked(found, "boiling", REST, "node").limit[3] == pytest.approx(50e3, abs=100)


def test_each_zone_has_its_own_point() -> None:
    """Two networks side by side, one of them cut off behind a shut valve with nothing to hold its pressure."""
    net = line(3)
    more = Node.of(id=["a", "b", "c"], pressure=[4e5, np.nan, np.nan], height=[12.0, 0.0, 0.0])
    apart = Pipe.of(id=["ab", "bc"], tail=["a", "b"], head=["b", "c"], length=10.0, diameter=0.1, loss=0.0)
    net = net.replace_table(net[Node].joined(more)).replace_table(net[Pipe].joined(apart))
    found = regime(heatnet.solve(net))
    assert [zone.points for zone in found.zones] == [("r0",), ("a",)] and found.violations == len(found.frame())
    rho = float(Settings().water.density(np.array(net.site.ground)))
    assert found.static[:, -1] == pytest.approx([4e5 + rho * 9.80665 * 12.0] * 2, rel=1e-5)
    cut = net.with_(Node, pressure=np.where(net[Node].id == "a", np.nan, net[Node].pressure))
    lost = regime(heatnet.solve(cut))
    assert [zone.nodes for zone in lost.unheld] == [3] and "1 parts without a pressurisation point" in lost.line()
    assert lost.frame().iloc[0][["rule", "id"]].tolist() == ["unheld", "a"]
    assert np.isnan(lost.static[:, -3:]).all()


def test_two_points_of_one_zone_count_by_the_lower_and_the_higher_line() -> None:
    net = line(3)
    net = net.with_(Node, pressure=np.where(net[Node].id == "r3", 2.7e5, net[Node].pressure))
    found = regime(heatnet.solve(net))
    (zone,) = found.zones
    assert zone.points == ("r0", "r3") and found.static[:, 0] == pytest.approx([2.7e5, 3e5])
    assert zone.make_up == pytest.approx(0.0, abs=1e-6)  # what enters at one leaves at the other


def test_a_high_part_keeps_the_pressure_of_its_sustaining_valve_at_rest() -> None:
    """A booster lifts the supply to a hill of 40 m; a sustaining valve in its return keeps it full, running and at rest."""
    net = line(1)
    node = Node.of(id=["hs", "hr"], height=[40.0, 40.0])
    high = net.replace_table(net[Node].joined(node)).replace_table(
        Pump.of(id=["booster"], tail=["s1"], head=["hs"], shutoff_head=[90.0], rated_head=[60.0], rated_flow=[0.002])
    ).replace_table(Valve.of(id=["keep"], tail=["hr"], head=["r1"], kvs=[10.0], control="sustain", pressure=[2e5]))
    homes = Consumer.of(id=["u0", "uh"], tail=["s1", "hs"], head=["r1", "hr"], kvs=[10.0, 10.0])
    high = high.replace_table(homes)
    found = regime(heatnet.solve(high))
    assert len(found.zones) == 1 and found.static[:, -2:] == pytest.approx(2e5)
    assert found.static[:, 0] == pytest.approx(3e5)
    plain = regime(heatnet.solve(high.with_(Valve, control="fixed", pressure=np.nan)))
    assert np.all(plain.static[:, -2:] < 0.0)  # 3 bar do not fill a hill of 40 m: it drains
    assert {"hr"} <= set(plain.frame().query("rule == 'draining' and state == 'static'")["id"])


def test_exchangers_part_zones_and_stand_their_pressures() -> None:
    net = town()
    found = regime(heatnet.solve(net))
    assert len(found.zones) > 1 and all(zone.points for zone in found.zones)
    for state in (RUNNING, REST):
        assert looked(found, "over_pressure", state, "exchanger").row.size == len(net[Exchanger])
    primary = looked(found, "difference", RUNNING, "exchanger")
    assert primary.limit == pytest.approx(50e3) and primary.value == pytest.approx(found.state.loss(Exchanger))


def test_classes_of_pipes_nodes_radiators_and_inlets() -> None:
    found = at(frictionless(main()).with_(Pipe, rating=["PN6", ""]).with_(Node, rating=["", "PN6", "", "", ""]))
    over = looked(found, "over_pressure", RUNNING, "pipe")
    assert over.limit == pytest.approx([0.6e6, 1.6e6]) and over.broken.tolist() == [True, False]
    assert over.value[0] == pytest.approx(found.state.p[2])
    assert looked(found, "over_pressure", RUNNING, "node").broken.tolist() == [False, True, False, False, False]
    steel = at(frictionless(main(10.0, "direct")).with_(Building, system="steel"))
    assert not looked(steel, "over_pressure", RUNNING, "building").broken.any()
    pump = at(frictionless(main(10.0, "jet_pump")))
    assert looked(pump, "difference", RUNNING, "consumer").limit == pytest.approx([80e3])


def test_a_class_that_the_limits_do_not_know_is_a_problem_of_the_model() -> None:
    net = main().with_(Pipe, rating=["PN61", ""])
    (problem,) = [one for one in heatnet.check(net) if not one.warning]
    assert (problem.table, problem.id, problem.column) == ("pipe", "s", "rating") and "did you mean 'PN6'" in problem.text


def test_buildings_without_height_are_counted_not_passed() -> None:
    found = at(frictionless(main(np.nan, "direct")))
    assert found.unknown_height == 1 and "no height given for 1 buildings" in found.line()
    assert not looked(found, "draining", REST, "building").row.size


def test_shut_inlets_have_no_difference_to_show() -> None:
    net = line(3)
    found = regime(heatnet.solve(net.with_(Consumer, opening=[1.0, 0.0, 1.0])))
    assert looked(found, "difference", RUNNING, "consumer").row.tolist() == [0, 2]


def test_tables_for_people() -> None:
    found = at(frictionless(main(height=30.0, connection="direct")))
    margins = found.margins().set_index(["rule", "state", "table"])
    assert margins.loc[("draining", "static", "building"), "beyond"] == 1
    assert margins.loc[("boiling", "static", "node"), "checked"] == 5
    assert found.zone_frame().loc[0, "static line, lowest [m]"] == pytest.approx(25.0)


def test_tables_are_kept_with_results(tmp_path: Path) -> None:
    net = frictionless(main(height=30.0, connection="direct"))
    rooms = heatnet.rooms(heatnet.solve(net, Settings(water=WATER)))
    kept = store.read(save(rooms, tmp_path / "a.h5"))
    found = regime(kept.states[0])  # the same from what was stored
    for name, (frame, _) in found.tables().items():
        assert kept.table(name).equals(frame.rename_axis(columns=None)), name
        assert (save(rooms, tmp_path / "csv") / f"{name}.csv").is_file()
    assert kept.table("pressure_violation").attrs["limits"] == "cjj_34" and found.violations == 4


def test_a_state_that_is_no_answer_has_no_regime() -> None:
    net = line(3)
    failed = solved(net.with_(Node, pressure=np.nan), throw=False)
    with pytest.raises(ValueError, match="not an answer"):
        regime(failed)


def test_limits_are_data_with_all_problems_listed(tmp_path: Path) -> None:
    path = tmp_path / "own.toml"
    path.write_text(
        'based_on = "cjj_34"\ntitel = "x"\n[boiling]\nmargin = "5 K"\n[default]\nsystem = "cast"\n[connection.new]\n'
        'needed = "-1 kPa"\nfills = 3\n',
        encoding="utf-8-sig",
    )
    with pytest.raises(ReadError) as caught:
        pressure_limits(path)
    for part in ("titel", "[boiling]: margin", "[connection.new]: needed: -1 kPa is below zero", "fills: must be true or false"):
        assert part in str(caught.value), part
    path.write_text('based_on = "cjj_34"\n[default]\nsystem = "cast"\n[connection.new]\nneeded = "1 kPa"\nfills = false\nend = "top"\n')
    with pytest.raises(ReadError) as caught:
        pressure_limits(path)
    for part in ("no [system.cast]", "end 'top'", "missing key 'most'"):
        assert part in str(caught.value), part
    path.write_text('based_on = "own.toml"\n')
    with pytest.raises(ReadError, match="is based on it"):
        pressure_limits(path)
    with pytest.raises(ReadError, match="did you mean 'cjj_34'"):
        pressure_limits("cjj34")


def test_a_site_names_its_limits(tmp_path: Path) -> None:
    heatnet.write_folder(main().with_site(limits="eu"), tmp_path / "m")
    net = heatnet.read(tmp_path / "m")
    assert net.site.limits == "eu" and regime(heatnet.solve(net)).limits.name == "eu"
    head = (tmp_path / "m/model.toml").read_text().replace('"eu"', '"eur"')
    (tmp_path / "m/model.toml").write_text(head)
    with pytest.raises(ReadError, match="no pressure limits 'eur'"):
        heatnet.read(tmp_path / "m")
