"""Balance of networks with controllers in front of inlets, and with drives that regulate themselves."""

from __future__ import annotations

import numpy as np
import pytest
from cities import line

from heatnet import Settings, balance, solve
from heatnet.balance import Rules, field_sheet
from heatnet.components import Consumer
from heatnet.water import ConstantWater

PLAIN = Settings(water=ConstantWater(980.0, 4.5e-4, 4186.0))
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
