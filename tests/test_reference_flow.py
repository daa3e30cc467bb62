"""Published isothermal cases: EPANET's networks, and pandapipes' test networks with answers of OpenModelica and STANET."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import restate
from published import EPANET, answers, large, model

from heatnet.arrays import compile
from heatnet.components import Pipe
from heatnet.network import Network, Node
from heatnet.schema import Floats
from heatnet.solve import Settings, State, solve
from heatnet.water import ConstantWater

SMALL = ("net1", "hanoi", "anytown", "net3", "zj")
LARGE = ("balerma", "kl", "net6")
FIXTURES = answers("pandapipes_fixtures", "case")
TRANSITION = "stanet_pipe_1"  # Re 2630, where laws may differ by half


# ---------------------------------------------------------------- EPANET

def check_epanet(net: Network, flow: Floats, head: Floats) -> None:
    """With EPANET's friction law to its own digits; with Colebrook to the difference of the laws."""
    arrays = compile(net)
    state = solve(arrays, EPANET)
    assert np.abs(state.m / restate.RHO_EPANET - flow).max() < 2e-6
    assert np.abs(state.p / (restate.RHO_EPANET * 9.81456) + net[Node].height - head).max() < 3e-3
    assert state.steps <= 12
    colebrook = solve(arrays, replace(EPANET, friction="colebrook"))
    assert np.abs(colebrook.m / restate.RHO_EPANET - flow).max() < 0.004 * np.abs(flow).max()


@pytest.mark.parametrize("case", SMALL)
def test_epanet(case: str) -> None:
    flow, head = (answers(f"epanet_{case}", name).iloc[:, 0] for name in ("flow", "head"))
    net = model(f"epanet_{case}")
    check_epanet(net, flow[net[Pipe].id].to_numpy(), head[net[Node].id].to_numpy())


@pytest.mark.parametrize("case", LARGE)
def test_large_epanet(case: str) -> None:
    folder: Path = large("epanet") / case
    flow, head = (frame.iloc[:, 0] for frame in restate.epanet_answers(folder))
    net = Network.of(case, *restate.epanet_tables(folder))
    check_epanet(net, flow[net[Pipe].id].to_numpy(), head[net[Node].id].to_numpy())


# ---------------------------------------------------------------- pandapipes' test networks

def air(height: Floats) -> Floats:
    """Pressure of the air [Pa], international barometric formula, 11.8 Pa a metre."""
    return np.asarray(101325.0 * (1.0 - 0.0065 * height / 288.15) ** 5.255)


def solved(case: str) -> tuple[State, Floats]:
    """State, and gauge pressures [Pa] against the air at each node's own height, as the answers are."""
    net = model(f"pandapipes_fixtures/{case}")
    above: Floats = air(net[Node].height) - air(np.zeros(1))
    water = ConstantWater(FIXTURES.loc[case, "density [kg/m3]"], FIXTURES.loc[case, "viscosity [Pa s]"])
    settings = Settings(friction="colebrook371", heat=False, gravity=9.81, water=water)
    state = solve(net.with_(Node, pressure=net[Node].pressure + above), settings)
    return state, state.p - above


@pytest.mark.parametrize("case", [case for case in FIXTURES.index if case != TRANSITION])
def test_openmodelica_and_stanet(case: str) -> None:
    state, gauge = solved(case)
    expected = answers("pandapipes_fixtures", "node").loc[case]["program [bar]"].to_numpy() * 1e5
    assert np.abs(gauge - expected).max() < 1.5e-3 * np.ptp(expected)
    pipe, speed = state.arrays.net[Pipe], answers("pandapipes_fixtures", "pipe").loc[[case], "speed [m/s]"].to_numpy()
    own = state.m / (FIXTURES.loc[case, "density [kg/m3]"] * np.pi / 4 * pipe.diameter**2)
    assert np.abs(own - speed).max() < 5e-5 + 3e-3 * np.abs(speed).max()


def test_in_the_transition_the_loss_lies_between_laminar_and_turbulent_flow() -> None:
    state, gauge = solved(TRANSITION)
    turbulent = 1e5 * -np.diff(answers("pandapipes_fixtures", "node").loc[TRANSITION]["program [bar]"].to_numpy())[0]
    pipe, m = state.arrays.net[Pipe], state.m[0]
    laminar = 128 * FIXTURES.loc[TRANSITION, "viscosity [Pa s]"] * m * pipe.length[0] / (np.pi * 1000.0 * pipe.diameter[0] ** 4)
    assert laminar < gauge[0] - gauge[1] < turbulent


@pytest.mark.parametrize("case", [case for case in FIXTURES.index if case != TRANSITION])
def test_pandapipes_on_the_same_networks(case: str) -> None:
    expected = answers("pandapipes_fixtures", "node").loc[case]["pandapipes [bar]"].to_numpy() * 1e5
    assert np.abs(solved(case)[1] - expected).max() < 3e-4 * np.ptp(expected)


def test_every_fixture_has_an_answer() -> None:
    nodes = answers("pandapipes_fixtures", "node")
    assert len(FIXTURES) == 19
    assert isinstance(nodes, pd.DataFrame)
    assert set(nodes.index) == set(FIXTURES.index)
