"""Small towns with exchangers for the tests: a primary line, on it exchangers, behind each a line of homes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet import Network
from heatnet.components import Consumer, Exchanger, Pipe, Plant, Pump
from heatnet.network import Building, Curve, Node, Site
from heatnet.units import KELVIN


@dataclass(frozen=True)
class Town:
    """What of a town a test may choose; exchangers, homes behind each, heat of each exchanger [W]."""

    exchangers: int = 3
    homes: int = 4
    heat: float = 1e6
    lift: float = 3e5  # Pa, of the plant
    kvs: float = 20.0  # of a home's inlet
    plant: float = KELVIN + 110.0
    outdoor: float = float("nan")


def town(of: Town = Town(), primary: float = 0.15, street: float = 0.125, **columns: object) -> Network:
    """The town; diameters [m] of the primary and the secondary pipes, `columns` are those of its exchangers."""
    nodes, pipes = _lines(of)
    number, homes = np.arange(of.exchangers), of.exchangers * of.homes
    heat, at = of.heat / of.homes, np.repeat(np.arange(of.exchangers), of.homes)
    name = [f"{k}_{j}" for k in number for j in range(of.homes)]
    given: dict[str, object] = {"supply_temperature": KELVIN + 75.0, "design_heat": 1.05 * of.heat} | columns
    return Network.of(
        "town",
        Node.of(id=nodes, pressure=[{"pr": 2e5}.get(node, 2e5 if node.endswith("back") else np.nan) for node in nodes]),
        Pipe.of(id=[row[0] for row in pipes], tail=[row[1] for row in pipes], head=[row[2] for row in pipes],
                length=[row[3] for row in pipes], diameter=[primary if row[0].startswith("p") else street for row in pipes], loss=0.4),
        Pump.of(id=[f"pump{k}" for k in number], tail=[f"x{k}warm" for k in number], head=[f"x{k}out" for k in number], shutoff_head=25.0,
                rated_head=18.0, rated_flow=of.heat / 25.0 / 4187.0 / 975.0),
        Plant.of(id=["plant"], tail=["pr"], head=["ps"], lift=of.lift, supply_temperature=of.plant),
        Consumer.of(id=[f"c{n}" for n in name], tail=[f"s{n}" for n in name], head=[f"r{n}" for n in name], kvs=of.kvs),
        Exchanger.of(id=[f"x{k}" for k in number], tail=[f"ps{k}" for k in number], head=[f"pr{k}" for k in number],
                     secondary_tail=[f"x{k}back" for k in number], secondary_head=[f"x{k}warm" for k in number], **given),
        Building.of(id=[f"b{n}" for n in name], consumer=[f"c{n}" for n in name], design_heat=np.full(homes, heat),
                    street=[f"street {k}" for k in at]),
        site=Site(outdoor=of.outdoor), curves={"reset": Curve((KELVIN - 24.2, KELVIN + 5.0), (KELVIN + 75.0, KELVIN + 42.8))},
    )


def random_town(seed: int) -> Network:
    """Any mix of exchangers, lifts, weather and homes."""
    rng = np.random.default_rng(seed)
    k = int(rng.integers(1, 6))
    of = Town(k, int(rng.integers(1, 5)), 10 ** rng.uniform(4.5, 6.5), 10 ** rng.uniform(4, 6), 10 ** rng.uniform(0, 2),
              KELVIN + rng.uniform(50, 130), KELVIN + rng.uniform(-30, 15))
    net = town(
        of, supply_temperature=KELVIN + rng.uniform(30, 95, k), fouling=rng.choice([0.0, 0.3, 3.0], k),
        control=rng.choice(["supply", "supply", "fixed"], k), opening=rng.uniform(0.1, 1, k),
        service=(rng.random(k) < 0.9).astype(float), film_exponent=rng.uniform(0, 1, k),
    )
    controls = rng.choice(["fixed", "flow", "load"], len(net[Consumer]))
    net = net.replace_table(net[Consumer].with_(
        control=controls, flow=np.where(controls == "flow", 10 ** rng.uniform(-2, 0.5, controls.size), np.nan),
        drop=np.where(controls == "load", rng.uniform(5, 30, controls.size), np.nan),
    ))
    return net


def _lines(of: Town) -> tuple[list[str], list[tuple[str, str, str, float]]]:
    """Nodes and pipes."""
    nodes, pipes = ["ps", "pr"], []
    supply, back = "ps", "pr"
    for k in range(of.exchangers):
        nodes += [f"ps{k}", f"pr{k}", f"x{k}back", f"x{k}warm", f"x{k}out"]
        pipes += [(f"ps{k}", supply, f"ps{k}", 500.0), (f"pr{k}", f"pr{k}", back, 500.0)]
        supply, back = f"ps{k}", f"pr{k}"
        warm, cold = f"x{k}out", f"x{k}back"
        for j in range(of.homes):
            nodes += [f"s{k}_{j}", f"r{k}_{j}"]
            pipes += [(f"s{k}_{j}", warm, f"s{k}_{j}", 100.0), (f"r{k}_{j}", f"r{k}_{j}", cold, 100.0)]
            warm, cold = f"s{k}_{j}", f"r{k}_{j}"
    return nodes, pipes
