"""A small town for tests of store and report: two streets with coordinates, several buildings behind an inlet, every cause of cold."""

from __future__ import annotations

import numpy as np

from heatnet.components import Consumer, Pipe, Plant
from heatnet.network import Building, Network, Node, Site
from heatnet.units import KELVIN

STREETS = (("和兴路", "南岗区"), ("Main <script>alert('x')</script> & Sons", "D\"1\""))
WIDTHS = (0.2, 0.2, 0.15, 0.15, 0.1, 0.065)


def town(fee: float = 40.0, coordinates: bool = True, buildings: bool = True) -> Network:
    """Twelve inlets on two streets; the far half starves, some homes lose much, some have few radiators, one is shut."""
    places = [(street, at) for street in range(2) for at in range(6)]
    x = [0.0, *(100.0 * (at + 1) for _, at in places)]
    y = [0.0, *(150.0 * street - 75.0 for street, _ in places)]
    names = ["0", *(f"{street}{at}" for street, at in places)]
    unknown = float("nan")
    node = Node.of(
        id=[f"s{name}" for name in names] + [f"r{name}" for name in names],
        x=2 * x if coordinates else unknown, y=[*y, *(value - 4.0 for value in y)] if coordinates else unknown,
        height=2 * [120.0 + 0.01 * value for value in x],
        pressure=[unknown] * len(names) + [3e5] + [unknown] * (len(names) - 1),
    )
    before = {name: "0" if name[1] == "0" else f"{name[0]}{int(name[1]) - 1}" for name in names[1:]}
    width = [WIDTHS[at] for _, at in places]
    pipe = Pipe.of(
        id=[f"P{side}{name}" for side in "SR" for name in names[1:]],
        tail=[f"s{before[name]}" for name in names[1:]] + [f"r{name}" for name in names[1:]],
        head=[f"s{name}" for name in names[1:]] + [f"r{before[name]}" for name in names[1:]],
        length=100.0, diameter=2 * width, loss=0.6,
    )
    plant = Plant.of(id=["热源1"], tail=["r0"], head=["s0"], lift=[6e4], supply_temperature=[75 + KELVIN], capacity=[20e6])
    opening = np.where(np.arange(12) == 8, 0.0, 1.0)
    inlet = Consumer.of(
        id=[f"U{name}" for name in names[1:]], tail=[f"s{name}" for name in names[1:]], head=[f"r{name}" for name in names[1:]],
        kvs=14.0, opening=opening,
    )
    if not buildings:
        return Network.of("town", node, pipe, plant, inlet, site=Site(fee=fee))
    rows = [(name, half) for name in names[1:] for half in "ab"]
    weak = np.array([half == "b" and name[1] == "1" for name, half in rows])
    leaky = np.array([half == "b" and name[1] == "2" for name, half in rows])
    heat = 120e3
    home = Building.of(
        id=[f"B{name}{half}" for name, half in rows], consumer=[f"U{name}" for name, _ in rows], design_heat=heat,
        radiator=np.where(weak, 0.6, 1.0), conductance=np.where(leaky, 1.4, 1.0) * heat / 44.2,
        area=np.where(np.arange(24) == 5, unknown, 3000.0), households=[20 + at for at in range(24)], height=18.0,
        name=[f"{at}号楼" for at in range(24)], street=[STREETS[int(name[0])][0] for name, _ in rows],
        district=[STREETS[int(name[0])][1] for name, _ in rows],
    )
    return Network.of("town", node, pipe, plant, inlet, home, site=Site(fee=fee))
