"""Synthetic cities for the benchmark ladder: a street tree with some loops, mirrored supply and return, one inlet a building.

The seed is an argument: equal arguments give equal cities. 3.5 links a building: two street pipes, a service pair at every
fourth building (the others stand at the street), one inlet.
"""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import breadth_first_order

from heatnet.components import Consumer, Pipe, Plant
from heatnet.network import Building, Network, Node, Site
from heatnet.units import KELVIN

SIZES = np.array([
    27.3, 36.0, 41.9, 53.9, 69.7, 82.5, 107.1, 132.5, 160.3, 210.1, 263.0, 312.7, 393.8, 495.4, 595.8, 795.4, 994.0, 1194.0,
    1392.0, 1600.0, 2000.0, 2400.0, 3000.0, 4000.0,  # mm; the last ones are larger than any built, for one plant feeding a whole city
])


def city(buildings: int, seed: int = 1, loops: float = 0.02) -> Network:
    """Network of this many buildings; `loops` is the share of the streets left out of the tree that is built all the same."""
    rng = np.random.default_rng(seed)
    side = int(np.ceil(np.sqrt(buildings)))
    place = np.arange(buildings)
    x, y = 60.0 * (place % side), 60.0 * (place // side)
    right, up = place[(place % side < side - 1) & (place + 1 < buildings)], place[place + side < buildings]
    one, other = np.concatenate([right, up]), np.concatenate([right + 1, up + side])
    weight = rng.uniform(0.5, 1.5, one.size)
    graph = coo_array((weight, (one, other)), shape=(buildings, buildings)).tocsr()
    root = side // 2
    order, parent = breadth_first_order(graph, root, directed=False)
    heat = rng.uniform(80e3, 300e3, buildings)
    load = heat.copy()
    for node in order[:0:-1]:
        load[parent[node]] += load[node]
    depth = np.zeros(buildings)
    for node in order[1:]:
        depth[node] = depth[parent[node]] + 1
    lift = 1e5 + 2 * 90.0 * (60.0 * depth.max() + 100.0)
    spare = np.maximum(lift - 2 * 90.0 * (60.0 * depth + 100.0), 5e4)  # about what is left at each inlet: a rough balance
    child = order[1:]
    extra = np.flatnonzero((parent[one] != other) & (parent[other] != one))
    extra = rng.choice(extra, int(loops * extra.size), replace=False) if extra.size else extra
    a, b = np.concatenate([parent[child], one[extra]]), np.concatenate([child, other[extra]])
    carried = np.concatenate([load[child], np.minimum(load[one[extra]], load[other[extra]])])
    street = _pipes("m", a, b, 60.0, carried)
    yard = np.flatnonzero(np.arange(buildings) % 4 == 1)
    service = _pipes("h", yard, yard, 15.0, heat[yard], to="i")
    ends = {int(at) for at in yard}
    inlet = [f"i{at}" if at in ends else f"{at}" for at in range(buildings)]
    nodes = [f"s{at}" for at in range(buildings)] + [f"r{at}" for at in range(buildings)]
    nodes += [f"si{at}" for at in yard] + [f"ri{at}" for at in yard] + ["plant_s", "plant_r"]
    columns = {key: np.concatenate([street[key], service[key]]) for key in street}
    main = _pipes("p", np.array([0]), np.array([0]), 100.0, np.array([load[root]]))
    main["tail"][:], main["head"][:] = np.array(["plant_s", f"r{root}"]), np.array([f"s{root}", "plant_r"])
    columns = {key: np.concatenate([columns[key], main[key]]) for key in columns}
    held = np.full(len(nodes), np.nan)
    held[-1] = 3e5
    xs = np.concatenate([x, x, x[yard] + 15, x[yard] + 15, [x[root]] * 2])
    ys = np.concatenate([y, y, y[yard], y[yard], [-100.0] * 2])
    names = [str(at) for at in range(buildings)]
    kvs = heat / 1e5 * 3.44 / np.sqrt(spare / 1e5)  # passes the design flow at the spare difference
    return Network.of(
        f"city{buildings}",
        Node.of(id=nodes, x=xs, y=ys, pressure=held),
        Pipe.of(**columns),
        Plant.of(id=["plant"], tail=["plant_r"], head=["plant_s"], lift=[lift], supply_temperature=[KELVIN + 75]),
        Consumer.of(id=names, tail=[f"s{at}" for at in inlet], head=[f"r{at}" for at in inlet], kvs=kvs),
        Building.of(id=names, consumer=names, design_heat=heat, area=heat / 45 * 0.75, households=np.round(heat / 4e3)),
        site=Site(fee=38.32),
    )


def _pipes(prefix: str, a: np.ndarray, b: np.ndarray, length: float, heat: np.ndarray, to: str = "") -> dict[str, np.ndarray]:
    """Supply and return pipes of streets a-b, sized for about 80 Pa/m at a drop of 25 K."""
    flow = heat / (4187.0 * 25.0)
    wanted = 1e3 * (6.88e-3 * (5e-4) ** 0.25 * (3.6 * flow) ** 2 / (975.0 * 80.0)) ** (1 / 5.25)
    size = SIZES[np.minimum(np.searchsorted(SIZES, wanted), SIZES.size - 1)] / 1e3
    ids = np.array([f"{prefix}{i}" for i in range(a.size)], dtype=object)
    tail_s, head_s = np.array([f"s{i}" for i in a], dtype=object), np.array([f"s{to}{i}" for i in b], dtype=object)
    tail_r, head_r = np.array([f"r{to}{i}" for i in b], dtype=object), np.array([f"r{i}" for i in a], dtype=object)
    both = np.concatenate([size, size])
    return {
        "id": np.concatenate([ids + "s", ids + "r"]), "tail": np.concatenate([tail_s, tail_r]), "head": np.concatenate([head_s, head_r]),
        "length": np.full(both.size, length), "diameter": both, "zeta": np.full(both.size, 1.0), "loss": 0.15 + 0.6 * both,
    }
