"""Make the demo town with substations: `python models/harbin_substations/generate.py` rewrites model.toml and the tables beside this file.

Synthetic: streets, homes and names are invented; sizes, loads and temperatures are usual ones of Harbin. A heat plant feeds eight
substations over a primary network, 110/60 degC; behind each lies a secondary network, 75/50 degC, with a circulation pump and a
pressurisation point of its own. Pipes, exchangers and pumps are sized for the design flows. Then the faults of README.md are planted.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from heatnet import (
    Building,
    Consumer,
    Curve,
    Exchanger,
    Network,
    Node,
    Pipe,
    Plant,
    Pump,
    Settings,
    Site,
    Valve,
    reset_curve,
    solve,
    write_folder,
)
from heatnet.pipe_catalogue import pipe_types
from heatnet.units import KELVIN, G

SEED = 20211107
STREETS = ["和平路", "文昌街", "红旗大街", "南直路", "先锋路", "卫星路", "化工路", "民生路"]
TAPS, HOMES = 12, 2  # of a secondary street, at each tap
SIZES = [25, 32, 40, 50, 65, 80, 100, 125, 150, 200, 250, 300, 350, 400, 450, 500, 600]
INDICES, SHARES = (64.0, 54.0, 46.0, 36.0, 29.0), (0.12, 0.28, 0.30, 0.20, 0.10)  # W/m2 by vintage
DROP, SPREAD = 30e3, 0.55  # Pa of an open inlet at design flow; exponent of the crew, 1 would balance
CP, RHO = 4187.0, 975.0
SPARE = 1.03  # of the exchangers


@dataclass
class Town:
    """Tables under construction, one list of rows each."""

    nodes: list[tuple[str, float, float, float]] = field(default_factory=list)  # id, x, y, height
    streets: list[tuple[str, str, str, float, str]] = field(default_factory=list)  # name, from, to, length, kind
    homes: list[dict[str, object]] = field(default_factory=list)

    def place(self, name: str, x: float, y: float) -> str:
        """A supply and a return node at a place."""
        height = 146.0 + 8.0 * x / 2600.0 + 3.0 * np.sin(y / 300.0)
        for side, shift in (("s", 0.0), ("r", 1.5)):
            self.nodes.append((f"{side}.{name}", round(x + shift, 1), round(y + shift, 1), round(float(height), 2)))
        return name

    def street(self, name: str, a: str, b: str, length: float, kind: str) -> str:
        """Supply pipe from a to b and the return pipe beside it; the place where it ends."""
        self.streets.append((name, a, b, length, kind))
        return b


def build(seed: int = SEED) -> Network:
    """The town with its faults."""
    plan = Town()
    lay_out(plan, np.random.default_rng(seed))
    net = operated(sized(plan), np.random.default_rng(seed + 1))
    return mixing(faulty(net))


def lay_out(plan: Town, rng: np.random.Generator) -> None:
    """A primary main with substations left and right, a street of homes behind each."""
    before = plan.place("plant", 0.0, 0.0)
    for number, street in enumerate(STREETS, 1):
        side = 1.0 if number % 2 else -1.0
        x = 420.0 + 300.0 * number
        at = plan.street(f"main.{number}", before, plan.place(f"main.{number}", x, 0.0), 300.0 if number > 1 else 720.0, "main")
        before = at
        plan.street(f"x{number}", at, plan.place(f"x{number}", x, 90.0 * side), 90.0, "branch")
        here = plan.place(f"x{number}.0", x + 12.0, 98.0 * side)  # the secondary side
        for tap in range(1, TAPS + 1):
            y = (98.0 + 46.0 * tap) * side
            here = plan.street(f"x{number}.{tap}", here, plan.place(f"x{number}.{tap}", x + 12.0, y), 46.0, "street")
            for hand, shift in (("w", -32.0), ("e", 32.0)):
                name = plan.place(f"x{number}.{tap}{hand}", x + 12.0 + shift, y)
                plan.street(name, here, name, 32.0, "service")
                home(plan, rng, name, street, f"{2 * tap - (hand == 'w')}号楼", f"{number}号换热站")


def home(plan: Town, rng: np.random.Generator, at: str, street: str, name: str, district: str) -> None:
    """A building of some vintage."""
    floor = round(float(rng.uniform(2600.0, 6400.0)), -1)
    heat = round(floor * INDICES[rng.choice(len(INDICES), p=SHARES)] * rng.uniform(0.95, 1.05), -3)
    plan.homes.append({
        "id": f"B{len(plan.homes) + 1:03d}", "consumer": at, "design_heat": heat, "conductance": float(round(heat / 44.2)),
        "area": round(0.75 * floor), "households": float(round(0.75 * floor / 62.0)), "height": 3.0 * round(float(rng.uniform(5, 8))),
        "name": name, "street": street, "district": district,
    })


def sized(plan: Town) -> Network:
    """Pipes by design flow; exchangers by the heat behind them; pumps by it too, with head to spare; all valves open."""
    flow = {str(row["consumer"]): float(row["design_heat"]) / (CP * 25.0) for row in plan.homes}  # type: ignore[arg-type]
    heat: dict[str, float] = {}
    pipes: list[tuple[object, ...]] = []
    for name, a, b, length, kind in reversed(plan.streets):  # laid from the plant outwards
        if kind == "branch":  # a substation: its secondary street has been added up
            heat[b] = flow[f"{b}.0"] * CP * 25.0
            flow[b] = flow[f"{b}.0"] * 25.0 / 50.0
        m = flow[b]
        flow[a] = flow.get(a, 0.0) + m
        gradient = {"main": 55.0, "branch": 150.0, "street": 70.0, "service": 120.0}[kind]
        entry = next(pipe_types()[f"EN253-1-DN{dn}"] for dn in SIZES if drop(m, pipe_types()[f"EN253-1-DN{dn}"].diameter) <= gradient)
        zeta = round(0.25 * length / entry.diameter * 0.025, 1)
        for end, one, other in (("s", a, b), ("r", b, a)):
            ends = f"{end}.{one}", f"{end}.{other}"
            pipes.append((f"{end}.{name}", *ends, length, round(entry.diameter, 4), zeta, entry.loss, entry.name))
    columns = ("id", "tail", "head", "length", "diameter", "zeta", "loss", "type")
    stations = sorted(heat)
    load, design = np.array([heat[name] for name in stations]), np.array([heat[name] / (CP * 25.0) for name in stations])
    nodes = [*plan.nodes, *((f"o.{name}", *next(row[1:] for row in plan.nodes if row[0] == f"s.{name}.0")) for name in stations)]
    held = {"r.plant": 3.5e5, **{f"r.{name}.0": 3.1e5 for name in stations}}
    homes = {key: [row[key] for row in plan.homes] for key in plan.homes[0]}
    inlets = [str(row["consumer"]) for row in plan.homes]
    asked = np.array([flow[at] for at in inlets])
    return Network.of(
        "harbin_substations",
        Node.of(id=[row[0] for row in nodes], x=[row[1] for row in nodes], y=[row[2] for row in nodes], height=[row[3] for row in nodes],
                pressure=[held.get(row[0], np.nan) for row in nodes]),
        Pipe.of(**dict(zip(columns, zip(*reversed(pipes), strict=True), strict=True))),
        Plant.of(id=["plant"], tail=["r.plant"], head=["s.plant"], lift=9e5, curve=["primary"], capacity=[round(1.15 * load.sum(), -5)]),
        Pump.of(id=[f"p.{name}" for name in stations], tail=[f"o.{name}" for name in stations], head=[f"s.{name}.0" for name in stations],
                shutoff_head=50.0, rated_head=40.0, rated_flow=np.round(design / RHO, 4)),
        Exchanger.of(id=stations, tail=[f"s.{name}" for name in stations], head=[f"r.{name}" for name in stations],
                     secondary_tail=[f"r.{name}.0" for name in stations], secondary_head=[f"o.{name}" for name in stations],
                     curve="secondary", design_heat=np.round(SPARE * load, -4)),
        Consumer.of(id=inlets, tail=[f"s.{at}" for at in inlets], head=[f"r.{at}" for at in inlets],
                    kvs=np.round(asked * 3.6 * 1.0127 / np.sqrt(DROP / 1e5), 1), flow=np.round(asked, 3)),
        Building.of(**homes),
        site=Site(ground=KELVIN + 1.1, fee=38.32, profile="hlj_2021", air_pressure=100420.0),
        curves={"primary": rounded(110.0, 60.0), "secondary": rounded(76.0, 51.0), "low": rounded(66.0, 46.0)},
    )


def drop(m: float, diameter: float) -> float:
    """Gradient of a flow [kg/s] in a pipe of roughness 0.5 mm [Pa/m]."""
    return 6.88e-3 * 5e-4**0.25 * (3.6 * m) ** 2 / (RHO * diameter**5.25)


def rounded(supply: float, back: float) -> Curve:
    """Reset curve as a table of round figures."""
    curve = reset_curve(KELVIN + supply, KELVIN + back, KELVIN + 20.0, KELVIN - 24.2)
    outdoor = (-30.0, -24.2, -20.0, -15.0, -10.0, -5.0, 0.0, 5.0)
    return Curve(tuple(KELVIN + t for t in outdoor), tuple(round(curve.at(KELVIN + t), 2) for t in outdoor))


def operated(net: Network, rng: np.random.Generator) -> Network:
    """Lift and heads that serve the farthest at design flow, and valves as a crew leaves them."""
    state = solve(net.with_(Consumer, control="flow", kvs=1e4, needed=1.0), Settings(heat=False))
    table = net[Exchanger]
    needed = (table.body("primary") + table.valve(np.ones(len(table)))) / RHO * table.design().primary**2
    lift = 9e5 - float((state.loss(Exchanger) - needed).min()) + 15e3
    station = np.array([f"x{name[1:].split('.')[0]}" for name in net[Consumer].id])
    spare, excess = state.loss(Consumer), np.zeros(len(table))
    for row, name in enumerate(table.id):
        excess[row] = float(spare[station == name].min()) - 1.1 * DROP
    of = np.array([list(table.id).index(name) for name in station])
    ideal = np.sqrt(DROP / np.maximum(spare - excess[of], DROP))  # linear valve: opening that passes the design flow
    crew = np.clip(ideal**SPREAD * np.exp(rng.normal(0.0, 0.05, ideal.size)), 0.05, 1.0)
    head = np.round(40.0 - excess / (RHO * G), 1)
    return net.with_(Plant, lift=round(lift, -3)).with_(Pump, rated_head=head, shutoff_head=np.round(1.25 * head, 1)).with_(
        Consumer, opening=np.round(crew, 2), flow=np.nan
    )


def faulty(net: Network) -> Network:
    """The planted faults."""
    table, pump = net[Exchanger], net[Pump]
    row = {name: at for at, name in enumerate(table.id)}
    fouling, first, ua, curve = table.fouling.copy(), table.primary_drop.copy(), table.ua.copy(), table.curve.copy()
    fouling[row["x3"]] = 0.9  # scaled plates
    first[row["x5"]] *= 5.0  # clogged strainer on the primary side
    curve[row["x7"]] = "low"  # the curve of another season left in the controller
    ua[row["x8"]] = round(0.62 * float(table.design().ua[row["x8"]]), -2)  # plates taken out and never put back
    net = net.replace_table(table.with_(fouling=fouling, primary_drop=first, ua=ua, curve=curve))
    speed = pump.speed.copy()
    speed[list(pump.id).index("p.x2")] = 0.72  # a drive that was turned down and forgotten
    opening, conductance = net[Consumer].opening.copy(), net[Building].conductance.copy()
    inlet = {name: at for at, name in enumerate(net[Consumer].id)}
    opening[inlet["x6.9w"]] = 0.4  # valve left nearly closed
    for name in ("x1.2e", "x1.3e"):
        conductance[list(net[Building].consumer).index(name)] *= 1.3  # windows left open in the stairwells
    return net.with_(Pump, speed=speed).with_(Consumer, opening=opening).with_(Building, conductance=np.round(conductance))


def mixing(net: Network) -> Network:
    """The last home of x4 has floor heating: a pump mixes its return water into its supply (a plain graph: pump, valve, pipes)."""
    name = "x4.12e"
    at = {key: getattr(net[Node], key)[list(net[Node].id).index(f"s.{name}")] for key in ("x", "y", "height")}
    node = Node.of(id=[f"m.{name}", f"b.{name}"], **{key: [value, value] for key, value in at.items()})
    inlet, building = net[Consumer], net[Building]
    here, home_ = list(inlet.id).index(name), list(building.consumer).index(name)
    tail, head, kvs, opening = inlet.tail.copy(), inlet.head.copy(), inlet.kvs.copy(), inlet.opening.copy()
    tail[here], head[here], kvs[here], opening[here] = f"m.{name}", f"b.{name}", round(4.0 * kvs[here], 1), 1.0
    heat = float(building.design_heat[home_])
    supply, back = building.design_supply.copy(), building.design_return.copy()
    supply[home_], back[home_] = KELVIN + 45.0, KELVIN + 35.0
    valve = Valve.of(id=[f"v.{name}"], tail=[f"s.{name}"], head=[f"m.{name}"], kvs=round(heat / (CP * 41.0) * 3.6 / np.sqrt(0.12), 1))
    pipe = Pipe.of(id=[f"b.{name}"], tail=[f"b.{name}"], head=[f"r.{name}"], length=3.0, diameter=0.0825, loss=0.0)
    pump = Pump.of(id=[f"p.{name}"], tail=[f"b.{name}"], head=[f"m.{name}"], shutoff_head=1.7, rated_head=1.25,
                   rated_flow=round(heat / (CP * 10.0) * 0.75 / RHO, 4))
    net = net.replace_table(net[Node].joined(node)).replace_table(net[Pipe].joined(pipe)).replace_table(net[Pump].joined(pump))
    net = net.replace_table(net[Valve].joined(valve)).with_(Building, design_supply=supply, design_return=back)
    return net.replace_table(inlet.with_(tail=tail, head=head, kvs=kvs, opening=opening))


def main() -> None:
    """Write the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    out = parser.parse_args().out
    about = {
        "name": "harbin_substations", "title": "示范城区一、二级网（虚构）",
        "title_en": "Demo town with substations (invented)",
        "source": "synthetic, made by generate.py; no real place", "licence": "MIT",
        "description": "A primary network, eight substations and their secondary networks, planted faults (README.md). Fee assumed.",
        "source_zh": "虚构数据，由 generate.py 生成，与任何实际地点无关",
        "description_zh": "一次网、八座热力站及其二次网，并预设若干故障（见 README.md）。热价为假定。",
    }
    write_folder(replace(build(), about=about), out)


if __name__ == "__main__":
    main()
