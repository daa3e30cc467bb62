"""Published cases with heat: six users in line, Barry Island, DESTEST, Schutterwald, cooling of one pipe."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import restate
from published import BARRY_ISLAND, DESTEST, SCHUTTERWALD, SIX_USER, answers, large, model

from heatnet.arrays import compile
from heatnet.change import Change, Scenario
from heatnet.components import Consumer, Pipe, Plant, Valve
from heatnet.network import Network, Node, Site
from heatnet.rooms import rooms
from heatnet.schema import Floats
from heatnet.solve import Settings, State, solve
from heatnet.units import KELVIN
from heatnet.water import ConstantWater


def pressure(state: State, name: str) -> float:
    """Pressure of a node [Pa]."""
    return float(state.p[np.flatnonzero(state.arrays.net[Node].id == name)[0]])


# ---------------------------------------------------------------- six users in line

@pytest.mark.parametrize("case", "abcdef")
def test_six_users_in_line_to_the_printed_digits(case: str) -> None:
    state = solve(model(f"six_user/{case}"), SIX_USER)
    total, user = answers("six_user", "total").loc[case], answers("six_user", "user").loc[case]
    lift = 0.005 / total["lift [kPa]"]  # relative rounding of the printed lift; flows follow by its root
    ratio, printed = state.flow_ratio(), user["flow ratio [-]"].to_numpy()
    assert ratio.mean() == pytest.approx(total["total flow ratio [-]"], abs=0.5e-4 + lift / 2 * ratio.mean())
    assert np.all(np.abs(ratio - printed) <= 0.5e-4 + lift / 2 * ratio)
    gap = np.array([pressure(state, f"s{at}") - pressure(state, f"r{at}") for at in range(1, 7)]) / 1e3
    assert np.all(np.abs(gap - user["difference [kPa]"]) <= 0.005 + lift * gap)
    room = rooms(state).temperature - KELVIN
    live = printed > 0
    assert np.all(np.abs(room - user["room [degC]"].to_numpy())[live] <= 0.005 + 15 * lift / 2)  # K, dT/dx is below 15 K here
    assert state.passes <= 4  # the closed user of case f leaves a dead end behind its valve


def test_balancing_valves_of_six_users_have_the_printed_kv() -> None:
    assert [round(float(kvs), 2) for kvs in model("six_user/c")[Valve].kvs] == [9.16, 9.88, 11.95, 13.91, 22.59]


def test_a_closed_user_does_not_show_a_meaningless_outlet_temperature() -> None:
    state = solve(model("six_user/f"), SIX_USER)
    outlet = state.t_out[state.of(Consumer)]
    assert state.m[state.of(Consumer)][2] == 0.0
    assert np.all((outlet > KELVIN - 30) & (outlet < KELVIN + 75))


# ---------------------------------------------------------------- Barry Island

@pytest.mark.parametrize("ground", [10, 0])
def test_barry_island(ground: int) -> None:
    state = solve(model("barry_island").with_site(ground=ground + KELVIN), BARRY_ISLAND)
    flow = answers("barry_island", "flow")[f"ground {ground} [kg/s]"].to_numpy()
    node = answers("barry_island", "node").filter(like=f"ground {ground} ").to_numpy()
    m = state.m[state.of(Pipe)]
    assert np.allclose(m[:32], flow, rtol=1e-5, atol=0)
    assert np.allclose(m[32:], flow, rtol=1e-5, atol=0)  # the return line mirrors the supply line
    t = state.t - KELVIN
    assert np.allclose(t[:32], node[:, 0], rtol=0, atol=1e-4)
    assert np.allclose(t[32:], node[:, 1], rtol=0, atol=1e-4)
    assert np.allclose(state.p[:32] - pressure(state, "s31"), node[:, 2], rtol=0, atol=0.1)
    assert np.allclose(state.p[32:] - pressure(state, "r31"), -node[:, 2], rtol=0, atol=0.1)
    assert state.shortage().max() == 0.0
    if ground == 10:
        assert -state.heat(Plant)[1] == pytest.approx(1.055442e6, abs=0.5)


# ---------------------------------------------------------------- DESTEST

@pytest.mark.parametrize("case", ["l27", "l36", "l36_19kw"])
def test_destest(case: str) -> None:
    state = solve(model(f"destest/{case}"), DESTEST)
    pipe, expected = state.arrays.net[Pipe], answers("destest", case)
    rows = {name: at for at, name in enumerate(pipe.id)}
    at = [rows[f"{side[0]}_{tail}_{head}"] for side, tail, head in zip(expected.index, expected["tail"], expected["head"], strict=True)]
    span = state.of(Pipe)
    assert np.allclose(state.loss(Pipe)[at], expected["loss [Pa]"], rtol=1e-3, atol=0)
    assert np.allclose(state.t_in[span][at] - KELVIN, expected["inlet [degC]"], rtol=0, atol=0.002)
    assert np.allclose(state.t_out[span][at] - KELVIN, expected["outlet [degC]"], rtol=0, atol=0.002)
    assert np.allclose(state.heat(Pipe)[at], expected["heat [W]"], rtol=0, atol=10)
    assert -state.heat(Plant)[0] == pytest.approx(answers("destest", "key").loc["heat_source_W", case], abs=10)


def test_destest_against_sim_vicus() -> None:
    state = solve(model("destest/l36_19kw"), DESTEST)
    t = dict(zip(state.arrays.net[Node].id, state.t - KELVIN, strict=True))
    other = answers("destest", "key")["SIM-VICUS"]
    assert pressure(state, "s_i") - pressure(state, "s_e") == pytest.approx(other["dp_supply_i_e_Pa"], rel=2e-3)
    for place in ("h", "g", "f", "e", "SimpleDistrict_1"):
        assert t[f"s_{place}"] == pytest.approx(other[f"T_supply_{place}_C"], abs=0.002)
        assert t[f"r_{place}"] == pytest.approx(other[f"T_return_{place}_C"], abs=0.002)


# ---------------------------------------------------------------- Schutterwald

def test_schutterwald() -> None:
    folder = large("schutterwald")
    net = Network.of("schutterwald", *restate.schutterwald_tables(folder), site=Site(ground=10 + KELVIN))
    state = solve(net, SCHUTTERWALD)
    nodes, pipes, users = (pd.read_csv(folder / f"{name}.csv") for name in ("nodes", "pipes", "consumers"))
    m = state.m[state.of(Pipe)][: len(pipes)]
    assert np.count_nonzero(net[Pipe].length == 0.0) == 72  # 68 of the published pipes and 4 links
    for source in ("ref", "pandapipes"):
        assert np.allclose(m, pipes[f"m_{source}_kg_s"], rtol=0, atol=1e-6)
        assert np.allclose(state.t, nodes[f"T_{source}_K"], rtol=0, atol=1e-4)
        outlet = users["T_out_ref_K" if source == "ref" else "T_out_pandapipes"]
        assert np.allclose(state.t_out[state.of(Consumer)], outlet, rtol=0, atol=1e-4)
    assert np.allclose(state.p, nodes.p_ref_bar * 1e5, rtol=0, atol=1.0)
    assert np.allclose(state.p, nodes.p_pandapipes_bar * 1e5, rtol=0, atol=50.0)  # its Colebrook iteration ends at 3e-5 of the span


# ---------------------------------------------------------------- a measured branch in Pongau

def test_a_measured_branch_within_a_kelvin_and_a_half() -> None:
    """Flow-weighted mean temperatures over a week, quasi-steady; lengths are approximate, so this informs more than it proves."""
    week = pd.read_csv(large("pongau_measured") / "ait_tidy.csv").iloc[::4]
    soil = 1 / 2.4  # m K/W, about each pipe
    node = Node.of(id=["1", "a", "b", "2", "3", "4"], pressure=[4e5, *[np.nan] * 5], inflow_temperature=[360.0, *[np.nan] * 5])
    pipe = Pipe.of(
        id=["main", "end", "to 2", "to 3", "to 4"], tail=["1", "a", "b", "b", "a"], head=["a", "b", "2", "3", "4"],
        length=[135.0, 20.0, 76.0, 38.0, 29.0], diameter=0.0825, roughness=1e-4,
        loss=[1 / (1 / u + soil) for u in (0.208, 0.208, *[0.197] * 3)],
    )
    arrays = compile(Network.of("branch", node, pipe))
    mean = np.zeros((2, 2))
    for row in week.itertuples():
        weather = Scenario("", (
            Change("site", "ground", row.To_K), Change("node", "inflow_temperature", row.T1_K, ("1",)),
            Change("node", "inflow", -np.array([row.m2_kg_s, row.m3_kg_s, row.m4_kg_s]), ("2", "3", "4")),
        ))
        state = solve(arrays.with_changes(weather))
        mean += np.array([row.m2_kg_s, row.m3_kg_s]) * np.array([state.t[3:5], [row.T2_K, row.T3_K]])
    computed, measured = mean / week[["m2_kg_s", "m3_kg_s"]].sum().to_numpy()
    assert np.all(np.abs(computed - measured) < 1.5)


# ---------------------------------------------------------------- cooling of one pipe

@pytest.mark.parametrize(("inlet", "flow", "length", "outlet"), [
    (330.0, 1.0, 1000.0, 320.9163), (330.0, 1.0, 6000.0, 299.8256), (350.0, 2.0, 2500.0, 333.0816),
])
def test_water_cools_along_a_pipe(inlet: float, flow: float, length: float, outlet: float) -> None:
    node = Node.of(id=["in", "out"], pressure=[5e5, np.nan], inflow=[0.0, -flow], inflow_temperature=[inlet, np.nan])
    per_metre: Floats = np.array([5.0 * np.pi * 0.075])  # W/(m K) from 5 W/(m2 K) on the bore
    pipe = Pipe.of(id=["p"], tail=["in"], head=["out"], length=[length], diameter=[0.075], roughness=[1e-4], loss=per_metre)
    state = solve(Network.of("one pipe", node, pipe, site=Site(ground=293.0)), Settings(water=ConstantWater(cp=4182.0)))
    assert state.t[1] == pytest.approx(outlet, abs=0.5e-4)
