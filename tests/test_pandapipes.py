"""Temperatures and flows against pandapipes, whose answers are stored (tests/reference/pandapipes_heat)."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from published import ANSWERS

from heatnet.components import Pipe
from heatnet.network import Network, Node
from heatnet.solve import Settings, solve
from heatnet.water import ConstantWater

STORED = json.loads((ANSWERS / "pandapipes_heat" / "answers.json").read_text(encoding="utf-8"))
FLUID = STORED["fluid"]
WATER = ConstantWater(FLUID["density"], FLUID["viscosity"], FLUID["heat_capacity"])
SETTINGS = Settings(friction="colebrook371", gravity=9.81, water=WATER)  # pandapipes takes 3.71 in Colebrook's law
FLOW = 1e-6  # of the largest flow
TEMPERATURE = 1e-4  # K


def network(case: dict[str, Any]) -> Network:
    """The stored network in heatnet's terms: heat loss per metre of pipe instead of per square metre of bore."""
    count = case["nodes"]
    pressure, entering, inflow = np.full(count, np.nan), np.full(count, np.nan), np.zeros(count)
    for name, (value, temperature) in case["held"].items():
        pressure[int(name)], entering[int(name)] = value, temperature
    for name, flow in case["draw"].items():
        inflow[int(name)] = -flow
    node = Node.of(id=[str(at) for at in range(count)], pressure=pressure, inflow=inflow, inflow_temperature=entering)
    columns = {name: np.array([row[name] for row in case["pipes"]]) for name in case["pipes"][0]}
    loss = np.pi * columns["diameter"] * columns.pop("u")
    return Network.of("pandapipes", node, Pipe.of(
        id=[f"p{at}" for at in range(len(loss))], tail=columns.pop("tail"), head=columns.pop("head"), loss=loss, **columns
    ))


def differences(case: dict[str, Any]) -> tuple[float, float, float]:
    """Largest difference of flow over the largest flow, of node temperature [K], of pipe outlet temperature [K]."""
    answer = {name: np.array(values) for name, values in case["answer"].items()}
    state = solve(network(case), SETTINGS)
    flow = np.abs(state.m - answer["flow"]).max() / np.abs(answer["flow"]).max()
    return float(flow), float(np.abs(state.t - answer["temperature"]).max()), float(np.abs(state.t_out - answer["outlet"]).max())


@pytest.mark.parametrize("name", STORED["networks"])
def test_flows_and_temperatures_agree_with_pandapipes(name: str) -> None:
    flow, node, outlet = differences(STORED["networks"][name])
    assert flow < FLOW
    assert node < TEMPERATURE
    assert outlet < TEMPERATURE


def test_a_network_drawn_backwards_has_the_same_temperatures() -> None:
    one, other = (solve(network(STORED["networks"][name]), SETTINGS) for name in ("loop", "loop drawn backwards"))
    assert np.allclose(one.t, other.t, rtol=0, atol=1e-9)
    assert np.allclose(one.m, -other.m, rtol=0, atol=1e-9)
