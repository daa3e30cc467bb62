"""Make the demo district: `python models/harbin_demo/generate.py` rewrites model.toml and the tables beside this file.

Synthetic: streets, homes and names are invented; sizes, loads and temperatures are usual ones of Harbin. Two boiler houses feed a ring
main; branch streets hang on it. Pipes are sized for the design flows. The valves are set as a crew leaves them that
does not balance: near homes too far open. Then the faults of README.md are planted.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from heatnet import Building, Consumer, Network, Node, Pipe, Plant, Settings, Site, Valve, compile, reset_curve, rooms, solve, write_folder
from heatnet.pipe_catalogue import pipe_types
from heatnet.units import KELVIN

SEED = 20211029
STREETS = ["和乐街", "安居街", "春晖街", "松滨街", "学苑街", "工坊街", "站前街"]
STEP_X, STEP_Y, TAPS = 170.0, 150.0, 9  # m between streets, m between cross streets, taps a branch
SIZES = [25, 32, 40, 50, 65, 80, 100, 125, 150, 200, 250, 300, 350, 400, 450, 500, 600]
# vintage: heat per floor area W/m2, probability
VINTAGES = {"1985": (64.0, 0.12), "1995": (54.0, 0.28), "2005": (46.0, 0.30), "2012": (36.0, 0.20), "2018": (29.0, 0.10)}
DROP = 30e3  # Pa, drop of an inlet, valve open, at design flow
SPREAD = 0.35  # exponent of the crew: 1 would balance, 0 leaves all valves open
COMPANIES = {"北苑小区": "北苑热力公司", "南苑小区": "南苑热力公司", "远端家属院": "南苑热力公司"}  # who bills the homes
PATIENCE = 0.05  # complaints of a household a season for each kelvin that it is too cold
NOISE = 0.006  # of those who are warm enough
NEAR = ("z1.1w", "z1.1e", "n1.1e", "z7.1w", "n7.1e", "z6.1w")  # homes near a plant that take more than their share
CP = 4187.0


@dataclass
class District:
    """Tables under construction: one list of rows a kind."""

    nodes: list[dict[str, object]] = field(default_factory=list)
    streets: list[dict[str, object]] = field(default_factory=list)  # supply and return pipes follow from each
    homes: list[dict[str, object]] = field(default_factory=list)

    def place(self, name: str, x: float, y: float) -> str:
        """A supply and a return node at a place."""
        height = 148.0 + 10.0 * (x + 200.0) / 1800.0 + 3.0 * np.sin(y / 300.0)
        for side, shift in (("s", 0.0), ("r", 1.5)):
            at = {"x": round(x + shift, 1), "y": round(y + shift, 1), "height": round(float(height), 2)}
            self.nodes.append({"id": f"{side}.{name}", **at})
        return name

    def street(self, name: str, a: str, b: str, length: float, kind: str, old: bool = False) -> None:
        """Supply and return pipe from a (nearer to a plant) to b."""
        self.streets.append({"name": name, "a": a, "b": b, "length": round(length, 1), "kind": kind, "old": old})


def build(seed: int = SEED) -> Network:
    """The district with its faults."""
    rng = np.random.default_rng(seed)
    plan = District()
    lay_out(plan, rng)
    net = sized(plan)
    net = operated(net, rng)
    return told(faulty(net), seed)


def told(net: Network, seed: int) -> Network:
    """Storeys, addresses, companies and a season's complaints: most where it is cold, and a few flats with a fault of their own."""
    building, rng = net[Building], np.random.default_rng(seed + 1)
    found = rooms(solve(net.with_site(outdoor=KELVIN - 15.0)))
    own = np.isin(building.consumer.astype(str), ("n2.6w", "n2.6e", "n2.7w", "n2.7e"))  # air in the risers: the model cannot know
    rate = NOISE + PATIENCE * np.round(found.deficit, 1) + 0.12 * own
    return net.with_(
        Building, floors=np.round(building.height / 3.0), complaints=rng.poisson(rate * building.households).astype(float),
        company=[COMPANIES[str(name)] for name in building.district],
        address=[f"{district}{street}{name}" for district, street, name in zip(
            building.district, building.street, building.name, strict=True)],
    )


def lay_out(plan: District, rng: np.random.Generator) -> None:
    """Ring, branches, remote estate, homes."""
    right, top = STEP_X * 8, STEP_Y * 6
    for column in range(9):
        for side, y in (("n", top), ("z", 0.0)):
            plan.place(f"ring.{side}{column}", STEP_X * column, y)
    for end, column, x, y in (("west", 0, -200.0, top / 2), ("east", 8, right + 200.0, top / 2)):
        plan.place(f"plant.{end}", x, y)
        plan.place(f"gate.{end}", STEP_X * column, y)
        plan.street(f"feeder.{end}", f"plant.{end}", f"gate.{end}", 210.0, "main")
        for side in ("n", "z"):
            plan.street(f"ring.{end}.{side}", f"gate.{end}", f"ring.{side}{column}", top / 2, "main")
    for side in ("n", "z"):
        for column in range(8):
            a, b = (column, column + 1) if column < 4 else (column + 1, column)
            plan.street(f"ring.{side}{column}", f"ring.{side}{a}", f"ring.{side}{b}", STEP_X, "main")
    for column, street in enumerate(STREETS, 1):
        for side, estate in (("n", "北苑小区"), ("z", "南苑小区")):
            branch(plan, rng, column, side, street, estate)
    remote(plan, rng)


def branch(plan: District, rng: np.random.Generator, column: int, side: str, street: str, estate: str) -> None:
    """A street with taps, two homes at each, all but the last two metres apart from its twin of the other side."""
    before, pace = f"ring.{side}{column}", STEP_Y * 3 / (TAPS + 0.5)
    for tap in range(1, TAPS + 1):
        y = STEP_Y * 6 - tap * pace if side == "n" else tap * pace
        here = plan.place(f"{side}{column}.{tap}", STEP_X * column, y)
        plan.street(f"{side}{column}.{tap}", before, here, pace, "branch", old=column <= 2)
        for hand, shift in (("w", -35.0), ("e", 35.0)):
            name = f"{side}{column}.{tap}{hand}"
            plan.place(name, STEP_X * column + shift, y)
            plan.street(name, here, name, 35.0, "service", old=column <= 2)
            home(plan, rng, name, street, estate, number=2 * tap - (hand == "w"), old=column <= 2)
        before = here


def remote(plan: District, rng: np.random.Generator) -> None:
    """A small estate at the end of a long feeder, and a capped stub."""
    before = "ring.n8"
    for number in range(1, 7):
        here = plan.place(f"far.{number}", STEP_X * 8 + 150.0 * number, STEP_Y * 6 + 40.0)
        plan.street(f"far.{number}", before, here, 155.0, "branch", old=True)
        before = here
    for number in range(1, 5):
        name = f"far.h{number}"
        plan.place(name, STEP_X * 8 + 900.0 + 25.0 * number, STEP_Y * 6 + (70.0 if number % 2 else 10.0))
        plan.street(name, before, name, 40.0, "service", old=True)
        home(plan, rng, name, "江畔路", "远端家属院", number=number, old=False, area=4200.0)
    plan.place("stub", STEP_X * 4 + 60.0, STEP_Y * 3)
    plan.street("stub", f"n4.{TAPS}", "stub", 62.0, "stub")


def home(
    plan: District, rng: np.random.Generator, at: str, street: str, estate: str, number: int, old: bool, area: float | None = None
) -> None:
    """A building of a vintage that fits the quarter."""
    shares = np.array([share for _, share in VINTAGES.values()]) * (np.array([3, 2, 1, 0, 0]) if old else np.array([0.3, 1, 1, 1, 1]))
    vintage = list(VINTAGES)[rng.choice(len(VINTAGES), p=shares / shares.sum())]
    floor = round(float(rng.uniform(2600.0, 6400.0) if area is None else area), -1)
    index = VINTAGES[vintage][0] * rng.uniform(0.95, 1.05)
    plan.homes.append({
        "at": at, "street": street, "district": estate, "name": f"{number}号楼", "heat": round(floor * index, -3),
        "area": round(0.75 * floor, 0),
        "households": round(0.75 * floor / 62.0), "height": 3.0 * round(float(rng.uniform(5, 8))), "vintage": vintage,
    })


def sized(plan: District) -> Network:
    """Pipes sized by design flow, inlets by design drop, all valves open."""
    flow = {str(row["at"]): float(row["heat"]) / (CP * 25.0) for row in plan.homes}  # type: ignore[arg-type]
    carried: dict[str, float] = {}
    for row in reversed(plan.streets):  # streets are laid from the plants outwards
        here = flow.get(str(row["b"]), 0.0)
        carried[str(row["name"])] = here
        if row["kind"] != "main":
            flow[str(row["a"])] = flow.get(str(row["a"]), 0.0) + here
    ring = ring_flows(plan, flow)
    ids, tails, heads, rest = [], [], [], []
    for row in plan.streets:
        name, m = str(row["name"]), max(ring.get(str(row["name"]), 0.0), carried[str(row["name"])], 0.3)
        gradient = {"main": 60.0, "branch": 80.0, "service": 130.0, "stub": 80.0}[str(row["kind"])]
        rough, factor = (1.5e-3, 4.0) if row["old"] else (5e-4, 1.0)
        kind, loss, diameter = size(m, gradient, bool(row["old"]))
        for side, a, b in (("s", row["a"], row["b"]), ("r", row["b"], row["a"])):
            ids.append(f"{side}.{name}")
            tails.append(f"{side}.{a}")
            heads.append(f"{side}.{b}")
            zeta = round(0.25 * float(row["length"]) / diameter * 0.025, 1)  # type: ignore[arg-type]
            rest.append((row["length"], diameter, rough, zeta, round(loss * factor, 3), kind))
    length, diameter, rough, zeta, loss, kind = zip(*rest, strict=True)
    nodes = {key: [row[key] for row in plan.nodes] for key in ("id", "x", "y", "height")}
    held = [3.6e5 if name == "r.plant.west" else np.nan for name in nodes["id"]]
    homes = plan.homes
    inlets = [str(row["at"]) for row in homes]
    heat = np.array([float(row["heat"]) for row in homes])  # type: ignore[arg-type]
    ends = ("west", "east")
    return Network.of(
        "harbin_demo",
        Node.of(**nodes, pressure=held),
        Pipe.of(id=ids, tail=tails, head=heads, length=length, diameter=diameter, roughness=rough, zeta=zeta, loss=loss, type=kind),
        Plant.of(id=ends, tail=[f"r.plant.{end}" for end in ends], head=[f"s.plant.{end}" for end in ends], lift=2e5, curve=ends,
                 capacity=[34e6, 34e6]),
        Consumer.of(id=inlets, tail=[f"s.{at}" for at in inlets], head=[f"r.{at}" for at in inlets],
                    kvs=np.round(heat / (CP * 25.0) * 3.6 * 1.0127 / np.sqrt(DROP / 1e5), 1), flow=np.round(heat / (CP * 25.0), 3)),
        Building.of(id=[f"B{number:03d}" for number in range(1, len(homes) + 1)], consumer=inlets, design_heat=heat,
                    conductance=np.round(heat / 44.2, 0), area=[row["area"] for row in homes],
                    households=[row["households"] for row in homes], height=[row["height"] for row in homes],
                    system=["steel"] * len(homes),
                    name=[row["name"] for row in homes], street=[row["street"] for row in homes],
                    district=[row["district"] for row in homes]),
        site=Site(ground=KELVIN + 1.1, fee=38.32, profile="hlj_2021", air_pressure=100420.0),
        curves={"west": rounded_curve(77.0), "east": rounded_curve(76.5)},
    )


def ring_flows(plan: District, flow: dict[str, float]) -> dict[str, float]:
    """Design flow of the main pipes, the ring thought cut in its middle."""
    carried: dict[str, float] = {}
    total = {"west": 0.0, "east": 0.0}
    for side in ("n", "z"):
        for end, columns in (("west", range(3, -1, -1)), ("east", range(4, 8))):
            m = 0.0
            for column in columns:
                m += flow.get(f"ring.{side}{column + (end == 'west')}" if end == "west" else f"ring.{side}{column}", 0.0)
                carried[f"ring.{side}{column}"] = m
            m += flow.get(f"ring.{side}{0 if end == 'west' else 8}", 0.0)
            carried[f"ring.{end}.{side}"] = m
            total[end] += m
    return carried | {f"feeder.{end}": total[end] for end in total}


def size(m: float, gradient: float, old: bool) -> tuple[str, float, float]:
    """Catalogue name, loss and diameter of the smallest pipe that carries m [kg/s] within a gradient [Pa/m]."""
    series = "GB29047" if old else "EN253-1"
    for dn in SIZES:
        entry = pipe_types()[f"{series}-DN{dn}"]
        if 6.88e-3 * (1e-3 if old else 5e-4) ** 0.25 * (3.6 * m) ** 2 / (975.0 * entry.diameter**5.25) <= gradient:
            return entry.name, entry.loss, round(entry.diameter, 4)
    raise ValueError(f"no pipe carries {m} kg/s")


def rounded_curve(supply: float) -> object:
    """Reset curve as a table of round figures."""
    curve = reset_curve(KELVIN + supply, KELVIN + 51.5, KELVIN + 20.0, KELVIN - 24.2)
    outdoor = (-30.0, -24.2, -20.0, -15.0, -10.0, -5.0, 0.0, 5.0)
    return type(curve)(tuple(KELVIN + t for t in outdoor), tuple(round(curve.at(KELVIN + t), 2) for t in outdoor))


def operated(net: Network, rng: np.random.Generator) -> Network:
    """Lifts that serve the farthest home at design flow, and valves as the crew left them."""
    asked = net.with_(Consumer, control="flow", kvs=1e4, needed=1.0)
    half = float(np.sum(net[Consumer].flow)) / 2
    state = solve(compile(asked.with_(Plant, control=["lift", "flow"], lift=4e5, flow=half), checked=True), Settings(heat=False))
    spare = state.difference(Consumer)
    excess = float(spare.min()) - 1.15 * DROP
    lifts = np.array([4e5 - excess, -float(state.difference(Plant)[1]) - excess])
    ideal = np.sqrt(DROP / np.maximum(spare - excess, DROP))  # linear valve: opening that passes the design flow
    crew = np.clip(ideal**SPREAD * np.exp(rng.normal(0.0, 0.07, ideal.size)), 0.05, 1.0)
    return net.with_(Plant, lift=np.round(0.78 * lifts, -3)).with_(Consumer, opening=np.round(crew, 2), flow=np.nan)


def faulty(net: Network) -> Network:
    """The planted faults, the special users, the artefacts of a real data set."""
    row = {name: at for at, name in enumerate(net[Consumer].id)}
    kvs, opening = net[Consumer].kvs.copy(), net[Consumer].opening.copy()
    control, back, flow = net[Consumer].control.copy(), net[Consumer].return_temperature.copy(), net[Consumer].flow.copy()
    kvs[row["z3.4w"]] = round(kvs[row["z3.4w"]] / 2.3, 1)  # clogged strainer: resistance five times
    opening[row["n6.3e"]] = 0.3  # valve left nearly closed
    for name in NEAR:
        opening[row[name]] = 1.0  # opened by their residents
    for at in (row[f"far.h{number}"] for number in range(1, 5)):
        opening[at] = 1.0
        kvs[at] = round(1.6 * kvs[at], 1)  # the remote homes have flow enough: their trouble is the temperature
    control[row["n4.2w"]], back[row["n4.2w"]], kvs[row["n4.2w"]] = "load", KELVIN + 48.0, 2 * kvs[row["n4.2w"]]  # school, exchanger
    control[row["z6.2e"]], back[row["z6.2e"]], kvs[row["z6.2e"]] = "load", KELVIN + 48.0, 2 * kvs[row["z6.2e"]]  # clinic, exchanger
    control[row["z5.3w"]], flow[row["z5.3w"]], kvs[row["z5.3w"]] = "flow", 2.2, 2 * kvs[row["z5.3w"]]  # flow limiter
    net = net.with_(Consumer, kvs=kvs, opening=opening, control=control, return_temperature=back, flow=flow)
    net = net.replace_table(faulty_pipes(net[Pipe])).replace_table(faulty_homes(net[Building]))
    return joined(net)


def faulty_pipes(pipe: Pipe) -> Pipe:
    """A branch too thin beyond its third tap, a feeder with wet insulation, a pipe of no length."""
    diameter, loss, length, kind, zeta = (getattr(pipe, name).copy() for name in ("diameter", "loss", "length", "type", "zeta"))
    for at, name in enumerate(pipe.id):
        street = name[2:]
        if street == "n5.4":
            kind[at] = "EN253-1-DN100"
            diameter[at] = round(pipe_types()[kind[at]].diameter, 4)
        if street.startswith("far.") and street[4:].isdigit():
            loss[at] = round(loss[at] * 2.8, 3)
        if street == "z4.9w":  # it feeds two homes
            kind[at] = "EN253-1-DN80"
            diameter[at] = round(pipe_types()[kind[at]].diameter, 4)
    return pipe.with_(diameter=diameter, loss=loss, length=length, type=kind, zeta=zeta)


def faulty_homes(building: Building) -> Building:
    """Poor envelopes, radiators taken out."""
    conductance, radiator = building.conductance.copy(), building.radiator.copy()
    for at, name in enumerate(building.consumer):
        if name in ("n7.2w", "n7.2e", "n7.3w", "z7.2e"):
            conductance[at] = round(1.28 * conductance[at])
        if name in NEAR:
            radiator[at] = 1.25  # sections added by residents
        if name in ("z2.2w", "z2.2e", "z2.3w"):
            radiator[at] = 0.72
    return building.with_(conductance=conductance, radiator=radiator)


def joined(net: Network) -> Network:
    """A closed valve on the tie of two branch ends, a leak, a pipe of no length, several buildings behind one inlet."""
    node, pipe, building = net[Node], net[Pipe], net[Building]
    inflow = node.inflow.copy()
    inflow[list(node.id).index("r.z1.5")] = -0.08  # leak in the old quarter; the held node makes it up
    north, south = f"n4.{TAPS}", f"z4.{TAPS}"
    valves = Valve.of(
        id=["s.tie", "r.tie"], tail=[f"s.{north}", f"r.{south}"], head=[f"s.{south}", f"r.{north}"], kvs=150.0, opening=0.0,
    )
    tail, head = pipe.tail.copy(), pipe.head.copy()
    first = list(pipe.id).index("s.feeder.east")
    tail[first] = "s.plant.east.flange"  # a flange drawn as a point of its own: a pipe of no length joins it
    extra = {name: np.append(getattr(pipe.with_(tail=tail), name), getattr(pipe, name)[first]) for name in Pipe.columns()}
    extra |= {"id": np.append(pipe.id, "s.flange"), "tail": np.append(tail, "s.plant.east"), "head": np.append(head, "s.plant.east.flange")}
    extra["length"][-1], extra["zeta"][-1] = 0.0, 0.0
    at = list(node.id).index("s.plant.east")
    nodes = {name: np.append(getattr(node, name), getattr(node, name)[at]) for name in Node.columns()}
    nodes |= {"id": np.append(node.id, "s.plant.east.flange"), "inflow": np.append(inflow, 0.0)}
    behind = building.consumer.copy()
    behind[list(building.consumer).index("z4.9e")] = "z4.9w"  # two buildings behind one inlet
    keep = net[Consumer].id != "z4.9e"
    kvs = net[Consumer].kvs.copy()
    kvs[list(net[Consumer].id).index("z4.9w")] *= 2.0
    net = net.replace_table(Node.of(**nodes)).replace_table(Pipe.of(**extra)).replace_table(valves)
    net = net.replace_table(net[Consumer].with_(kvs=kvs).take(keep)).replace_table(building.with_(consumer=behind))
    gone = ["s.z4.9e", "r.z4.9e"]
    stays = ~np.isin(net[Pipe].id.astype(str), gone)
    return net.replace_table(net[Pipe].take(stays)).replace_table(net[Node].take(~np.isin(net[Node].id.astype(str), gone)))


def main() -> None:
    """Write the folder."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    out = parser.parse_args().out
    net = build()
    about = {
        "name": "harbin_demo", "title": "示范区供热管网（虚构）",
        "title_en": "Demo district (invented)", "source": "synthetic, made by generate.py; no real place",
        "licence": "MIT",
        "description": "Two boiler houses, a ring, old ducts and new bonded pipe, planted faults (README.md). The fee is an assumption.",
        "source_zh": "虚构数据，由 generate.py 生成，与任何实际地点无关",
        "description_zh": "两座锅炉房、一个环网，旧地沟管与新直埋保温管并存，并预设若干故障（见 README.md）。热价为假定。",
    }
    write_folder(replace(net, about=about), out)


if __name__ == "__main__":
    main()
