"""Networks built for tests: small ones by hand and random two-pipe cities with everything that can go wrong in them."""

from __future__ import annotations

import math

import numpy as np

from heatnet import arrays
from heatnet.components import Consumer, Pipe, Plant, Pump, Valve
from heatnet.network import Building, Network, Node, Site
from heatnet.solve import Settings, State, solve
from heatnet.units import KELVIN
from heatnet.water import ConstantWater

WATER = ConstantWater(rho=980.0, mu=4.5e-4, cp=4186.0)
COLD = Settings(heat=False, water=WATER, pressure_tolerance=1e-6)


def solved(net: Network, settings: Settings | None = None, *, start: State | None = None, throw: bool = True) -> State:
    """Solve without the rules of `check`, which ask more of a model than the equations do."""
    return solve(arrays.compile(net, checked=True), settings or Settings(), start=start, throw=throw)


def pipes(*rows: tuple[str, str, str], length: object = 100.0, diameter: object = 0.1, **more: object) -> Pipe:
    """Pipes from (id, tail, head)."""
    return Pipe.of(
        id=[r[0] for r in rows],
        tail=[r[1] for r in rows],
        head=[r[2] for r in rows],
        length=length,
        diameter=diameter,
        **{"loss": 0.0, **more},
    )


def nodes(names: str | list[str], held: dict[str, float] | None = None, **more: object) -> Node:
    """Nodes by name; `held` gives pressures."""
    listed = names.split() if isinstance(names, str) else list(names)
    return Node.of(id=listed, pressure=[(held or {}).get(name, math.nan) for name in listed], **more)


def line(
    users: int,
    *,
    lift: float = 1e5,
    loss: float = 0.0,
    length: float = 60.0,
    diameter: object = 0.1,
    supply: float = 75.0,
    buildings: bool = True,
    capacity: float = math.nan,
    site: Site | None = None,
    **consumer: object,
) -> Network:
    """Users in line on a two-pipe tree, 100 kW each by default."""
    at = range(users)
    node = nodes([f"s{i}" for i in range(users + 1)] + [f"r{i}" for i in range(users + 1)], {"r0": 3e5})
    both = np.broadcast_to(np.asarray(diameter, dtype=float), (users,))
    pipe = pipes(
        *[(f"ps{i}", f"s{i}", f"s{i + 1}") for i in at],
        *[(f"pr{i}", f"r{i + 1}", f"r{i}") for i in at],
        length=length,
        diameter=np.tile(both, 2),
        loss=loss,
    )
    plant = Plant.of(id=["plant"], tail=["r0"], head=["s0"], lift=[lift], supply_temperature=[supply + KELVIN], capacity=[capacity])
    given = {"kvs": 10.0, **consumer}
    inlets = Consumer.of(id=[f"u{i}" for i in at], tail=[f"s{i + 1}" for i in at], head=[f"r{i + 1}" for i in at], **given)
    homes = Building.of(id=[f"b{i}" for i in at], consumer=[f"u{i}" for i in at], design_heat=1e5) if buildings else Building.empty()
    return Network.of("line", node, pipe, plant, inlets, homes, site=site)


def tree(rng: np.random.Generator, places: int, loops: int) -> list[tuple[int, int]]:
    """Edges of a random street tree over `places`, and some more that close loops."""
    street = [(int(rng.integers(max(0, i - 6), i)), i) for i in range(1, places)]
    for _ in range(loops):
        a, b = (int(v) for v in rng.integers(0, places, 2))
        if a != b:
            street.append((a, b))
    return street


def city(seed: int, *, places: int | None = None) -> Network:  # noqa: PLR0915  one throw of the dice after the other
    """A random two-pipe city with loops, mixed controls, odd valves, booster pumps, no-length pipes, several plants."""
    rng = np.random.default_rng(seed)
    count = places or int(rng.integers(3, 40))
    street = tree(rng, count, int(rng.integers(0, 1 + count // 4)))
    behind = np.ones(count)
    for a, b in reversed(street[: count - 1]):
        behind[a] += behind[b]
    users = [i for i in range(1, count) if rng.random() < 0.8] or [count - 1]
    size = 10.0 ** rng.uniform(3.5, 5.7, len(users))
    demand = float(size.mean())
    flow = np.array([max(behind[b], 1.0) for _, b in street]) * demand / 1e5
    wide = np.clip(0.035 * np.sqrt(flow) * rng.lognormal(0.0, 0.3, flow.size), 0.015, 1.4)
    wide[rng.random(wide.size) < 0.03] = 0.01
    length = rng.uniform(5.0, 400.0, flow.size)
    length[rng.random(length.size) < 0.06] = 0.0
    if rng.random() < 0.1:
        length[rng.integers(length.size)] = rng.choice([0.01, 2e4])
    height = rng.normal(0.0, 10.0, count) * (rng.random() < 0.5)
    head = [f"s{i}" for i in range(count)] + [f"r{i}" for i in range(count)]
    flip = rng.random(2 * len(street)) < 0.3
    rows = [(f"ps{k}", f"s{a}", f"s{b}") for k, (a, b) in enumerate(street)]
    rows += [(f"pr{k}", f"r{b}", f"r{a}") for k, (a, b) in enumerate(street)]
    rows = [(name, b, a) if turn else (name, a, b) for (name, a, b), turn in zip(rows, flip, strict=True)]
    heights = [*height, *height]
    extra, valve, pump = [], [], []
    kept = []
    for name, a, b in rows:  # put a valve or a pump in series with a few pipes
        what = rng.random()
        if what < 0.04:
            middle = f"m{name}"
            extra.append(middle)
            heights.append(heights[head.index(a)])
            valve.append((f"v{name}", a, middle, float(rng.choice([0.0, 1e-4, 0.01, 0.3, 1.0])), float(10 ** rng.uniform(0.5, 3))))
            kept.append((name, middle, b))
        elif what < 0.06:
            middle = f"m{name}"
            extra.append(middle)
            heights.append(heights[head.index(a)])
            pump.append((f"q{name}", a, middle, float(rng.choice([0.0, 0.5, 1.0])), float(rng.uniform(1, 10))))
            kept.append((name, middle, b))
        else:
            kept.append((name, a, b))
    both = np.tile(length, 2)
    pipe = pipes(
        *kept,
        length=both,
        diameter=np.tile(wide, 2),
        zeta=np.where(rng.random(both.size) < 0.3, rng.uniform(0, 20, both.size), 0.0),
        roughness=10 ** rng.uniform(-5, -3),
        loss=float(rng.choice([0.0, 0.15, 0.4, 2.0])),
    )
    node = nodes(head + extra, {"r0": 3e5}, height=heights)
    supply = float(rng.choice([60.0, 75.0, 95.0, 130.0])) + KELVIN
    lift = float(10 ** rng.uniform(3.5, 5.7))
    plant = {
        "id": ["plant"],
        "tail": ["r0"],
        "head": ["s0"],
        "control": ["lift"],
        "lift": [lift],
        "flow": [math.nan],
        "heat_given": [math.nan],
        "capacity": [float(rng.choice([math.nan, size.sum() * 0.5]))],
    }
    if rng.random() < 0.35 and count > 4:
        where, control = int(rng.integers(1, count)), str(rng.choice(["flow", "heat", "lift"]))
        for key, value in (
            ("id", "second"),
            ("tail", f"r{where}"),
            ("head", f"s{where}"),
            ("control", control),
            ("lift", lift * rng.uniform(0.3, 1.2)),
            ("flow", float(rng.uniform(0, 0.3) * size.sum() / 1e5)),
            ("heat_given", float(rng.uniform(0, 0.3) * size.sum())),
            ("capacity", math.nan),
        ):
            plant[key].append(value)
    plants = Plant.of(**plant, supply_temperature=supply)
    control = rng.choice(["fixed", "flow", "load"], len(users), p=rng.dirichlet([1, 1, 1]))
    drop = rng.choice([math.nan, 20.0, 30.0], len(users))
    back = np.where(np.isnan(drop), supply - rng.choice([15.0, 25.0, 40.0]), math.nan)
    built = rng.random(len(users)) < 0.7
    given = np.where((control == "load") & ~built, size, math.nan)
    rated = size / (4186.0 * 25.0)
    kvs = np.where(rng.random(len(users)) < 0.4, math.nan, 36 * rated / np.sqrt(rng.uniform(0.02, 2.0, len(users))))
    kvs[(control == "fixed")] = (36 * rated / np.sqrt(rng.uniform(0.02, 2.0, len(users))))[control == "fixed"]
    consumer = Consumer.of(
        id=[f"u{i}" for i in users],
        tail=[f"s{i}" for i in users],
        head=[f"r{i}" for i in users],
        control=control,
        kvs=kvs,
        opening=rng.choice([0.0, 1e-3, 0.1, 0.5, 1.0], len(users), p=[0.04, 0.03, 0.13, 0.2, 0.6]),
        flow=np.where(control == "flow", rated * rng.choice([0.0, 0.5, 1.0, 3.0], len(users), p=[0.05, 0.35, 0.5, 0.1]), math.nan),
        heat_given=np.where((rng.random(len(users)) < 0.05) & ((control == "load") | ~built), 0.0, given),
        return_temperature=back,
        drop=drop,
    )
    homes = [k for k in range(len(users)) if built[k]]
    homes += [k for k in homes if rng.random() < 0.2]
    building = Building.of(
        id=[f"b{n}" for n in range(len(homes))],
        consumer=[f"u{users[k]}" for k in homes],
        design_heat=size[homes],
        design_supply=KELVIN + rng.choice([75.0, 85.0], len(homes)),
        design_return=KELVIN + rng.choice([50.0, 60.0], len(homes)),
        exponent=rng.choice([1.0, 1.24, 1.3, 1.5], len(homes)),
        radiator=rng.lognormal(0.0, 0.2, len(homes)),
        gains=rng.choice([0.0, 1e3], len(homes)),
    )
    site = Site(outdoor=KELVIN + float(rng.uniform(-25, 15)))
    return Network.of(
        f"city{seed}",
        node,
        pipe,
        plants,
        consumer,
        building,
        Valve.of(
            id=[v[0] for v in valve],
            tail=[v[1] for v in valve],
            head=[v[2] for v in valve],
            kvs=[v[4] for v in valve],
            opening=[v[3] for v in valve],
        ),
        Pump.of(
            id=[q[0] for q in pump],
            tail=[q[1] for q in pump],
            head=[q[2] for q in pump],
            shutoff_head=[q[4] for q in pump],
            rated_head=[q[4] * 0.7 for q in pump],
            rated_flow=0.005,
            speed=[q[3] for q in pump],
        ),
        site=site,
    )
