"""Random two-pipe networks with everything that regulates and everything that can go wrong, for the test of robustness.

Drawn: 10 to 5,000 links; loops and dead ends; closed and nearly closed valves; zero demand and nearly no load; supply colder than
wanted; pipes of 1 cm to 1.4 m; inlets of all controls, with and without controllers in front; limiters, check valves, controllers of
branches, reducing and sustaining valves; pumps of all controls; one to three plants, with capacity and order of use. `plain` restricts
a network to what EPANET and pandapipes can model.
"""

from __future__ import annotations

import numpy as np

from heatnet.components import Consumer, Pipe, Plant, Pump, Valve
from heatnet.network import Building, Network, Node, Site
from heatnet.units import KELVIN

CONSUMERS = ("fixed", "flow", "load", "limited", "thermostatic")
VALVES = ("fixed", "flow", "check", "difference", "reduce", "sustain")
PUMPS = ("speed", "lift", "flow", "proportional", "remote")
NONE = float("nan")


def odd_city(seed: int, links: int | None = None) -> Network:
    """Network number `seed`; `links` about how many it has, drawn between 10 and 5,000 if not given."""
    rng = np.random.default_rng(seed)
    size = int(links or 10.0 ** rng.uniform(1.0, 3.7))
    count = max(3, size // 3)
    street = _streets(rng, count)
    behind = np.ones(count)
    for a, b in reversed(street[: count - 1]):
        behind[a] += behind[b]
    users = np.array([i for i in range(1, count) if rng.random() < 0.85] or [count - 1])
    heat = 10.0 ** rng.uniform(3.5, 5.7, users.size)
    pipe, devices, heights = _lines(rng, street, behind, float(heat.mean()))
    site = Site(outdoor=KELVIN + float(rng.uniform(-25, 15)))
    level = rng.normal(0.0, 8.0, count) * (rng.random() < 0.3)
    height = {f"{side}{i}": level[i] for side in "sr" for i in range(count)} | heights
    depth = _depth(street, count)
    lift = float(np.clip(2.0 * 100.0 * 60.0 * depth.max() * 10.0 ** rng.uniform(-0.7, 0.5), 1e4, 2e6))
    node = Node.of(
        id=[*height], height=[*height.values()], pressure=[3e5 if name == "r0" else NONE for name in height],
    )
    supply = float(rng.choice([45.0, 60.0, 75.0, 95.0, 130.0])) + KELVIN
    consumer, building = _consumers(rng, users, heat, supply, lift)
    plant = _plants(rng, count, lift, float(heat.sum()), supply)
    valve, pump = _valves(rng, devices[0], lift), _pumps(rng, devices[1], users)
    return Network.of(f"odd {seed}", node, pipe, plant, consumer, building, valve, pump, site=site)


def plain(net: Network) -> Network:
    """The same network with fixed inlets, open valves, one plant of fixed lift and no regulation."""
    consumer, valve = net[Consumer], net[Valve]
    kvs = np.where(np.isnan(consumer.kvs), 5.0, consumer.kvs)
    fixed = consumer.with_(
        control="fixed", kvs=kvs, opening=np.maximum(consumer.opening, 1e-3), heat_given=NONE, flow=NONE, difference=NONE,
        controller_kvs=NONE, controller_least=0.0,
    )
    plant = net[Plant].take(np.array([0])).with_(control="lift", order=0.0, capacity=NONE)
    joints = np.concatenate([valve.id, net[Pump].id])
    pipe = net[Pipe]
    tail = np.concatenate([pipe.tail, valve.tail, net[Pump].tail])
    head = np.concatenate([pipe.head, valve.head, net[Pump].head])
    n, more = len(pipe), joints.size
    columns = {
        "length": np.append(np.maximum(pipe.length, 0.01), np.full(more, 1.0)), "diameter": np.append(pipe.diameter, np.full(more, 0.2)),
        "roughness": np.append(pipe.roughness, np.full(more, 5e-4)), "zeta": np.append(pipe.zeta, np.zeros(more)),
        "loss": np.append(pipe.loss, np.full(more, float(pipe.loss[0]) if n else 0.0)),
    }
    lines = Pipe.of(id=np.concatenate([pipe.id, joints]), tail=tail, head=head, **columns)
    level = net[Node].with_(height=0.0)
    return Network.of(net.name, level, lines, plant, fixed, net[Building], site=net.site)


def _streets(rng: np.random.Generator, count: int) -> list[tuple[int, int]]:
    street = [(int(rng.integers(max(0, i - 6), i)), i) for i in range(1, count)]
    for _ in range(int(rng.integers(0, 1 + count // 8))):
        a, b = (int(v) for v in rng.integers(0, count, 2))
        if a != b:
            street.append((a, b))
    return street


def _depth(street: list[tuple[int, int]], count: int) -> np.ndarray:
    depth = np.zeros(count)
    for a, b in street[: count - 1]:
        depth[b] = depth[a] + 1
    return depth


Device = tuple[str, str, str]
Lines = tuple[Pipe, tuple[list[Device], list[Device]], dict[str, float]]


def _lines(rng: np.random.Generator, street: list[tuple[int, int]], behind: np.ndarray, demand: float) -> Lines:
    """Supply and return pipes, and the valves and pumps put into some of them: (id, tail, head)."""
    flow = np.array([max(behind[b], 1.0) for _, b in street]) * demand / 1e5
    wide = np.clip(0.04 * np.sqrt(flow) * rng.lognormal(0.0, 0.25, flow.size), 0.015, 1.4)
    wide[rng.random(wide.size) < 0.01] = 0.01
    length = rng.uniform(5.0, 150.0, flow.size)
    length[rng.random(length.size) < 0.02] = 0.0
    share = float(rng.choice([0.0, 0.02, 0.08]))
    rows, valves, pumps, heights = [], [], [], {}
    for side, way in (("s", 1), ("r", -1)):
        for k, (a, b) in enumerate(street):
            tail, head = (f"{side}{a}", f"{side}{b}")[::way]
            name = f"{side}p{k}"
            draw = rng.random()
            if draw < share:
                middle = f"m{name}"
                heights[middle] = 0.0
                (valves if draw < 0.75 * share else pumps).append((f"d{name}", tail, middle))
                tail = middle
            rows.append((name, tail, head) if rng.random() < 0.8 else (name, head, tail))
    both = np.tile(length, 2)
    pipe = Pipe.of(
        id=[r[0] for r in rows], tail=[r[1] for r in rows], head=[r[2] for r in rows], length=both, diameter=np.tile(wide, 2),
        zeta=np.where(rng.random(both.size) < 0.2, rng.uniform(0, 20, both.size), 0.0), roughness=10 ** rng.uniform(-5, -3),
        loss=float(rng.choice([0.0, 0.15, 0.4, 2.0])),
    )
    return pipe, (valves, pumps), heights


def _valves(rng: np.random.Generator, rows: list[Device], lift: float) -> Valve:
    n = len(rows)
    control = rng.choice(VALVES, n, p=[0.25, 0.2, 0.15, 0.2, 0.1, 0.1]) if n else np.zeros(0, dtype=object)
    supply = [name.startswith("dsp") for name, _, _ in rows]
    far = [f"r{tail[1:]}" if side and tail[0] == "s" else f"s{tail[1:]}" for (_, tail, _), side in zip(rows, supply, strict=True)]
    opening = rng.choice([0.0, 1e-3, 0.1, 1.0], n, p=[0.05, 0.05, 0.2, 0.7])
    return Valve.of(
        id=[r[0] for r in rows], tail=[r[1] for r in rows], head=[r[2] for r in rows], kvs=10 ** rng.uniform(1, 3, n), opening=opening,
        control=control, flow=10 ** rng.uniform(-1.5, 1.5, n), difference=lift * rng.uniform(0.02, 0.6, n),
        high=[head if side else other for (_, _, head), side, other in zip(rows, supply, far, strict=True)],
        low=[other if side else tail for (_, tail, _), side, other in zip(rows, supply, far, strict=True)],
        pressure=3e5 + lift * rng.uniform(-0.1, 1.0, n), least=np.where(control == "difference", rng.choice([0.0, 0.0, 0.2], n), 0.0),
    )


def _pumps(rng: np.random.Generator, rows: list[Device], users: np.ndarray) -> Pump:
    n = len(rows)
    head = rng.uniform(1, 15, n)
    control = rng.choice(PUMPS, n) if n else np.zeros(0, dtype=object)
    return Pump.of(
        id=[r[0] for r in rows], tail=[r[1] for r in rows], head=[r[2] for r in rows], shutoff_head=head, rated_head=0.7 * head,
        rated_flow=10 ** rng.uniform(-3, -1.5, n), speed=rng.choice([0.0, 0.5, 1.0], n, p=[0.1, 0.3, 0.6]), control=control,
        count=rng.choice([1.0, 2.0], n), lift=head * 6e3, lift_least=head * 2e3, flow=10 ** rng.uniform(-1, 1, n),
        difference=10 ** rng.uniform(3.5, 5, n), sensor=[f"u{users[int(rng.integers(users.size))]}" for _ in range(n)],
    )


def _plants(rng: np.random.Generator, count: int, lift: float, heat: float, supply: float) -> Plant:
    control = [str(rng.choice(["lift", "lift", "remote"]))]
    places, n = [0], int(rng.choice([1, 1, 2, 3])) if count > 6 else 1
    for _ in range(n - 1):
        places.append(int(rng.integers(1, count)))
        control.append(str(rng.choice(["flow", "heat", "lift", "remote"])))
    ordered = n > 1 and rng.random() < 0.5
    if ordered:
        control = ["remote" if c == "remote" else "lift" for c in control]
    return Plant.of(
        id=[f"plant{k}" for k in range(n)], tail=[f"r{i}" for i in places], head=[f"s{i}" for i in places], control=control,
        lift=lift * np.append(1.0, rng.uniform(0.3, 1.2, n - 1)), flow=rng.uniform(0, 0.3, n) * heat / 1e5,
        heat_given=rng.uniform(0, 0.3, n) * heat, supply_temperature=supply, difference=lift * rng.uniform(0.05, 0.4, n),
        capacity=np.where(np.full(n, ordered), heat * rng.uniform(0.1, 0.8, n), rng.choice([NONE, NONE, 0.5 * heat], n)),
        order=np.arange(1, n + 1) if ordered else 0.0,
    )


def _consumers(rng: np.random.Generator, users: np.ndarray, heat: np.ndarray, supply: float, lift: float) -> tuple[Consumer, Building]:
    n = users.size
    control = rng.choice(CONSUMERS, n, p=rng.dirichlet(np.ones(len(CONSUMERS))))
    built = (rng.random(n) < 0.8) | (control == "thermostatic")
    rated = heat / (4186.0 * 25.0)
    drop = rng.choice([NONE, 20.0, 30.0], n)
    sized = 36 * rated / np.sqrt(np.maximum(lift * rng.uniform(0.02, 0.8, n), 2e3) / 1e5)
    front = rng.random(n) < 0.15
    kvs = np.where((rng.random(n) < 0.3) & (control != "fixed"), NONE, sized)
    consumer = Consumer.of(
        id=[f"u{i}" for i in users], tail=[f"s{i}" for i in users], head=[f"r{i}" for i in users], control=control, kvs=kvs,
        opening=rng.choice([0.0, 1e-3, 0.1, 0.5, 1.0], n, p=[0.03, 0.03, 0.1, 0.2, 0.64]),
        flow=rated * rng.choice([0.0, 0.01, 0.5, 1.0, 3.0], n, p=[0.03, 0.02, 0.35, 0.5, 0.1]),
        heat_given=np.where((control == "load") & ~built, heat * rng.choice([0.0, 1e-3, 1.0], n, p=[0.05, 0.05, 0.9]), NONE),
        return_temperature=np.where(np.isnan(drop), supply - rng.choice([15.0, 25.0, 40.0], n), NONE), drop=drop,
        difference=np.where(front, lift * rng.uniform(0.02, 0.5, n), NONE), controller_kvs=np.where(front, 3.0 * sized, NONE),
        controller_least=np.where(front & (control == "fixed"), rng.choice([0.0, 0.1], n), 0.0),
    )
    homes = np.flatnonzero(built)
    building = Building.of(
        id=[f"b{k}" for k in homes], consumer=[f"u{users[k]}" for k in homes], design_heat=heat[homes],
        design_supply=KELVIN + rng.choice([75.0, 85.0], homes.size), exponent=rng.choice([1.0, 1.24, 1.3, 1.5], homes.size),
        radiator=rng.lognormal(0.0, 0.2, homes.size),
    )
    return consumer, building
