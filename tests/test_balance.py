"""Balance against the six-user benchmark, brute force and random networks."""

from pathlib import Path

import numpy as np
import pytest

from heatnet import Change, ConstantWater, Scenario, Settings, balance, read
from heatnet.balance import Rules

MODELS = Path(__file__).resolve().parents[1] / "models" / "six_user"
BENCHMARK = Settings(friction="altshul", water=ConstantWater(982.0, 4.5e-4, 4186.0))
DROPS = (46.54, 40.03, 27.35, 20.17, 7.65, 0.0)  # kPa, domain benchmark case C
KV = (9.16, 9.88, 11.95, 13.91, 22.59)


@pytest.mark.parametrize("case", ["a", "b"])
def test_six_users_get_the_settings_of_case_c(case):
    done = balance(read(MODELS / case), settings=BENCHMARK)
    assert done.balanced and done.index[0].consumer == "user6"
    assert done.ratio() == pytest.approx(np.ones(6), abs=1e-6)
    assert done.fit.knobs.lift[0] == pytest.approx(85.87e3, abs=5)
    assert done.fit.knobs.inlet[5] == 1.0
    np.testing.assert_allclose(done.drops[0] / 1e3, DROPS, atol=0.005)


def test_valves_in_lines_take_what_their_branch_has_left():
    net = read(MODELS / "c").apply(Scenario("open", (Change("valve", "kvs", 40.0),)))
    done = balance(net, settings=BENCHMARK)
    np.testing.assert_allclose(40.0 * done.fit.knobs.valve, KV, atol=0.005)
    assert (done.fit.knobs.inlet == 1.0).all()


def test_a_balanced_network_is_left_alone():
    done = balance(read(MODELS / "c"), settings=BENCHMARK)
    assert done.left_alone and done.scenario.changes == ()
    np.testing.assert_array_equal(done.state.m, done.before.m)


def test_with_lift_kept_the_surplus_is_taken_at_the_valves():
    done = balance(read(MODELS / "b"), settings=BENCHMARK, rules=Rules(lift="kept"))
    assert done.fit.knobs.lift[0] == 108.11e3
    assert done.ratio() == pytest.approx(np.ones(6), abs=1e-6)
    np.testing.assert_allclose(done.drops[0] / 1e3, np.array(DROPS) + 108.11 - 85.8724, atol=0.005)
