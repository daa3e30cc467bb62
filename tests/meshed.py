"""A looped district in which water mixes: for tests of gradients and of scenarios side by side."""

import numpy as np
from cities import nodes, pipes

from heatnet import Consumer, Plant, Pump, Valve
from heatnet.network import Building, Network, Site
from heatnet.units import KELVIN


def meshed(*, load=False, second=True):
    """A looped district in the hills: two plants of unlike temperature that mix, a valve, a booster, a bypass, fixed and other inlets."""
    streets = [(0, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 0), (1, 4), (2, 6), (6, 7), (7, 3), (5, 8), (8, 9)]
    names = [f"s{i}" for i in range(10)] + [f"r{i}" for i in range(10)] + ["v", "q", "b"]
    wide = np.array([0.16, 0.12, 0.09, 0.08, 0.1, 0.13, 0.07, 0.08, 0.06, 0.06, 0.07, 0.05])
    supply = [(f"ps{k}", f"s{a}", f"s{b}") for k, (a, b) in enumerate(streets)]
    supply[1], supply[10] = ("ps1", "v", "s2"), ("ps10", "q", "s8")
    back = [(f"pr{k}", f"r{b}", f"r{a}") for k, (a, b) in enumerate(streets)]
    length = 100.0 + 10.0 * np.arange(12)
    pipe = pipes(
        *supply, *back, ("by1", "s9", "b"), ("by2", "b", "r9"), length=[*length, *length, 5.0, 5.0],
        diameter=[*wide, *wide * 1.02, 0.03, 0.012], loss=[0.3] * 24 + [0.1] * 2, zeta=[2.0, 0.0] * 13,
    )
    users = [2, 3, 4, 6, 7, 8, 9, 5]
    control = ["fixed"] * 5 + (["load", "flow", "load"] if load else ["fixed", "flow", "fixed"])
    inlets = Consumer.of(
        id=[f"u{i}" for i in users], tail=[f"s{i}" for i in users], head=[f"r{i}" for i in users], control=control,
        kvs=[9, 5, 8, 5, 6, 7, 8, 9.0],
        opening=[0.9, 0.8, 1.0, 0.7, 0.9, 0.8, 1.0, 1.0], flow=[np.nan] * 6 + [0.8, np.nan],
        drop=[np.nan] * 5 + [25.0, np.nan, np.nan], return_temperature=[np.nan] * 7 + [KELVIN + 45],
    )
    home = Building.of(
        id=[f"b{i}" for i in users] + ["c2"], consumer=[f"u{i}" for i in [*users, 2]], design_heat=[1.5e5] * 8 + [6e4],
        households=np.arange(9) + 3.0, radiator=np.linspace(0.8, 1.1, 9), gains=2e3, exponent=[1.3] * 7 + [1.0, 1.2],
        conductance=3300.0 * np.linspace(0.9, 1.15, 9),
    )
    plant = Plant.of(
        id=["main", "boiler"], tail=["r0", "r6"], head=["s0", "s6"], control=["lift", "flow"], lift=[9e4, np.nan], flow=[np.nan, 2.5],
        supply_temperature=[KELVIN + 78, KELVIN + 68], service=[1.0, 1.0 if second else 0.0],
    )
    height = np.concatenate([np.linspace(0, 20, 10), np.linspace(0, 20, 10), [2.0, 10.0, 20.0]])
    return Network.of(
        "meshed", nodes(names, {"r0": 4e5}, height=height), pipe, Valve.of(id=["v"], tail=["s1"], head=["v"], kvs=[40.0], opening=[0.6]),
        Pump.of(id=["q"], tail=["s5"], head=["q"], shutoff_head=[4.0], rated_head=[3.0], rated_flow=[0.004], speed=[0.9]),
        plant, inlets, home, site=Site(outdoor=KELVIN - 20.0),
    )
