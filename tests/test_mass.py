"""Thermal mass: steps of an hour against closed forms and against many small steps of a general solver."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cities import line
from scipy.integrate import solve_ivp

import heatnet
from heatnet import Building, ReadError
from heatnet.batch.mass import CLASSES, _two_nodes, mass_classes, masses

HOUR = 3600.0


def mass(model: str):
    arrays = heatnet.compile(line(3))
    building = arrays.net[Building].with_(mass=np.array(["light", "heavy", "very_heavy"], dtype=object))
    terminals = arrays.scene(heatnet.Water(), 9.81).terminals
    return masses(model, building, terminals, mass_classes()), terminals.conductance


def test_one_node_cools_exponentially() -> None:
    step, _ = mass("1R1C")
    room = np.full((1, 3), 20.0)
    for _ in range(6):
        room = step.after(room, -24.2, np.zeros(3))
    tau = mass_classes()[0][[0, 2, 3]]
    assert room[0] == pytest.approx(-24.2 + 44.2 * np.exp(-6 / tau), abs=1e-12)
    assert room[0, 1] == pytest.approx(16.4, abs=0.1)  # six hours without heat at -24.2 degC in a heavy building


@pytest.mark.parametrize("model", ["1R1C", "2R2C"])
def test_steady_state_stays(model: str) -> None:
    step, loss = mass(model)
    heat = loss * 30.0
    nodes = step.steady(-10.0, heat)
    assert nodes[0] == pytest.approx(20.0, abs=1e-10)
    assert step.after(nodes, -10.0, heat) == pytest.approx(nodes, abs=1e-10)
    acts, balance = step.effective(nodes, -10.0, np.zeros(3))
    assert balance + heat / acts == pytest.approx(20.0, abs=1e-10)  # and so does the mean of the hour


def test_two_nodes_are_exact() -> None:
    air, envelope, inner, leaks, loss = 2e7, 2.4e8, 4400.0, 450.0, 1000.0
    outer = 1.0 / (1.0 / (loss - leaks) - 1.0 / inner)
    step = _two_nodes(*(np.array([value]) for value in (air, envelope, inner, leaks, loss)), HOUR)

    def rate(_, t):
        a, w, _ = t
        return [(5000.0 + inner * (w - a) + leaks * (-10.0 - a)) / air, (inner * (a - w) + outer * (-10.0 - w)) / envelope, a]

    found = solve_ivp(rate, (0.0, HOUR), [20.0, 17.0, 0.0], rtol=1e-12, atol=1e-9, method="DOP853").y[:, -1]
    now = np.array([[20.0], [17.0]])
    assert step.after(now, -10.0, np.array([5000.0]))[:, 0] == pytest.approx(found[:2], abs=1e-8)
    acts, balance = step.effective(now, -10.0, np.array([2000.0]))
    assert (balance + 3000.0 / acts)[0] == pytest.approx(found[2] / HOUR, abs=1e-8)


def test_heat_balance_of_an_hour() -> None:
    """What is stored is what came in less what was lost at the mean temperature."""
    step, loss = mass("1R1C")
    capacity = mass_classes()[0][[0, 2, 3]] * HOUR * loss
    before, heat = np.array([[18.0, 20.0, 22.0]]), loss * 25.0
    acts, balance = step.effective(before, -15.0, np.zeros(3))
    after, mean = step.after(before, -15.0, heat), balance + heat / acts
    assert capacity * (after - before)[0] == pytest.approx((heat - loss * (mean + 15.0)) * HOUR, rel=1e-10)


def test_capacity_of_the_building_wins_over_its_class() -> None:
    arrays = heatnet.compile(line(2))
    terminals = arrays.scene(heatnet.Water(), 9.81).terminals
    own = replace(arrays.net[Building], heat_capacity=np.array([np.nan, 1e12]))
    step = masses("1R1C", own, terminals, mass_classes())
    assert step.keep[0, 0, 1] > 0.999 > step.keep[0, 0, 0]


def test_classes_that_are_wrong(tmp_path: Path) -> None:
    text = CLASSES.read_text().replace("heavy,71,0.10,4.4", "heavy,-71,0.10,4.4", 1).replace("light,30", "leicht,30")
    (tmp_path / "c.csv").write_text(text)
    with pytest.raises(ReadError) as caught:
        mass_classes(tmp_path / "c.csv")
    assert "c.csv:4" in str(caught.value) and "'light'" in str(caught.value)
