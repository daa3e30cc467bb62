"""Balance of networks with controllers in front of inlets, and with drives that regulate themselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from cities import line

from heatnet import Change, Scenario, Settings, balance, read, solve
from heatnet.balance import Balance, Rules, field_sheet
from heatnet.components import Consumer, Plant, Pump
from heatnet.water import ConstantWater

PLAIN = Settings(water=ConstantWater(980.0, 4.5e-4, 4186.0))
MODELS = Path(__file__).parents[1] / "models"
FREE = Rules(limits="none")


@pytest.mark.parametrize("least", [0.0, 0.05])
@pytest.mark.parametrize("set_value", [5e2, 8e3, 6e4])
def test_behind_a_controller_the_valve_is_set_from_its_set_value(set_value: float, least: float) -> None:
    net = line(6, kvs=16.0, diameter=0.06, difference=set_value, controller_kvs=16.0, controller_least=least)
    done = balance(net, rules=FREE, settings=PLAIN)
    assert done.ratio() == pytest.approx(np.ones(6), abs=1e-3) and done.balanced
    again = solve(done.arrays.with_changes(done.scenario), PLAIN)  # what the scenario says, solved afresh
    np.testing.assert_allclose(again.m[again.of(Consumer)], done.wanted, rtol=1e-3)
    inlet = again.arrays.net[Consumer]
    loss = inlet.inlet(again.fluid(Consumer), again.scene) * done.wanted**2
    np.testing.assert_allclose(loss, inlet.difference, rtol=2e-3)  # K = dp/m2
    np.testing.assert_array_less(loss, again.loss(Consumer) + 1.0)
    if set_value == 8e3:  # only where the difference is short of it, at the end of the line, is a set value turned
        turned = inlet.difference != set_value
        assert 0 < turned.sum() < 6 and turned[-1] and not turned[0]
        assert (inlet.difference[turned] < set_value).all()
        sheet = field_sheet(done)
        sheet = sheet[sheet["note"] == "controller"]
        assert sheet["id"].tolist() == list(inlet.id[turned]) and (sheet["present"] == 8.0).all()
        np.testing.assert_allclose(sheet["new"], inlet.difference[turned] / 1e3)
        assert (np.nan_to_num(done.authority) <= 1.0).all() and (done.devices()["column"] == "difference [kPa]").sum() == turned.sum()


def check_held(done: Balance, table: str, column: str) -> None:
    """Everybody served by the least set value: with a little less the index is short."""
    assert done.balanced and not done.left_alone and done.ratio() == pytest.approx(np.ones(5), abs=1e-3)
    value = next(change for change in done.scenario.changes if (change.kind, change.column) == (table, column))
    again = solve(done.arrays.with_changes(done.scenario), PLAIN)
    np.testing.assert_allclose(again.m[again.of(Consumer)], done.wanted, rtol=1e-3)
    less = Scenario("", (Change(table, column, 0.95 * np.asarray(value.values), value.ids),))
    short = solve(again.arrays.with_changes(less), PLAIN)
    index = list(done.arrays.net[Consumer].id).index(done.index[0].consumer)
    assert done.fit.knobs.inlet[index] == 1.0 and short.m[short.of(Consumer)][index] < 0.99 * done.wanted[index]
    assert f"{column} [kPa]" in set(done.devices()["column"]) and column in set(field_sheet(done)["note"])


def test_a_remote_plant_is_given_the_least_difference_that_serves_the_index() -> None:
    net = line(5, kvs=12.0, diameter=0.06, lift=4e5).with_(Plant, control="remote", difference=6e4)
    done = balance(net, rules=FREE, settings=PLAIN)
    check_held(done, "plant", "difference")
    assert next(c for c in done.scenario.changes if c.kind == "plant").values == pytest.approx(done.state.loss(Consumer).min(), abs=1.0)
    weak = balance(net.with_(Plant, lift=8e3), rules=FREE, settings=PLAIN)
    assert not weak.balanced and weak.shortages  # its largest lift bounds what is asked of it


@pytest.mark.parametrize("control", ["lift", "proportional", "remote"])
def test_a_pump_that_holds_something_is_given_the_least_set_value(control: str) -> None:
    net = read(MODELS / "harbin_substations")
    free = balance(net)
    row = next(int(r) for r in free.places.pumps if free.fit.knobs.speed[r] < net[Pump].speed_most[r])
    here = np.arange(len(net[Pump])) == row
    part = free.places.pump_part[list(free.places.pumps).index(row)]
    held, sensor = net[Pump].control.copy(), net[Pump].sensor.copy()
    held[here], sensor[here] = control, "; ".join(net[Consumer].id[free.places.part == part]) if control == "remote" else ""
    net = net.with_(
        Pump, control=held, sensor=sensor, lift=np.where(here & (control != "remote"), 2.5e5, net[Pump].lift),
        difference=np.where(here & (control == "remote"), 1.5e5, net[Pump].difference),
    )
    done = balance(net)
    column = "difference" if control == "remote" else "lift"
    one = next(one for one in done.turned if (one.row, one.column) == (row, column))
    index = free.fit.index[part]
    assert done.fit.knobs.inlet[index] == 1.0 and done.ratio()[index] == pytest.approx(1.0, abs=1e-3)
    rise = [-state.loss(Pump)[row] for state in (free.state, done.state)]
    assert rise[1] == pytest.approx(rise[0], rel=2e-3)  # the lift that the pump of given speed is set to
    less = done.state.arrays.with_changes(Scenario("", (Change("pump", column, 0.95 * one.after, (str(net[Pump].id[row]),)),)))
    assert done.ratio(solve(less))[index] < 0.99
    assert (f"{column} [kPa]" in set(done.devices()["column"])) and column in set(field_sheet(done)["note"])
