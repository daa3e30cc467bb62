"""Writes the models of six equal users in line, `models/six_user/a` to `f` (python tests/restate_six_user.py)."""

from __future__ import annotations

import numpy as np
from restate import names, write_model

from heatnet.components import Consumer, Pipe, Plant, Valve
from heatnet.network import Building, Node
from heatnet.schema import Floats
from heatnet.units import KELVIN

RHO, MU, CP = 982.0, 4.5e-4, 4186.0
HEAT, DROP = 180e3, 25.0  # W, K of each user
FLOW = HEAT / (CP * DROP)  # kg/s
LENGTH = 60.0 * 1.3  # m; local losses of 30 % of the friction are 30 % more length, exactly, as no heat is lost
ROUGHNESS = 5e-4  # m
LIFTS = {"a": 57.63e3, "b": 108.11e3, "c": 85.87e3, "d": 57.63e3, "e": 55.65e3, "f": 85.87e3}  # Pa
BORES = (0.1325, 0.1325, 0.1071, 0.1071, 0.0825, 0.0697)  # m
USERS = range(1, 7)
WHAT = {
    "a": "no balancing; lift for the total design flow", "b": "no balancing; lift for the design flow of the last user",
    "c": "balancing valves give every user its design flow", "d": "as a, user 4 clogged to four times its resistance",
    "e": "as a, the last two segments a size up", "f": "as c, user 3 closed",
}


def bores(case: str) -> Floats:
    """Diameters of the six segments [m]; case e has the last two a size up."""
    return np.array([*BORES[:4], 0.1071, 0.0825] if case == "e" else BORES)


def balancing(bore: Floats) -> Floats:
    """Kvs of the valves of users 1 to 5 that give every user its design flow where user 6 has none, (5,)."""
    flow = FLOW * np.arange(6, 0, -1)
    reynolds = 4 * flow / (np.pi * bore * MU)
    factor = 0.11 * (ROUGHNESS / bore + 68 / reynolds) ** 0.25
    loss = 2 * factor * LENGTH * 8 * flow**2 / (np.pi**2 * RHO * bore**5)  # supply and return
    spare = np.cumsum(loss[::-1])[::-1][1:]
    return np.asarray(np.sqrt(1.296e9 / (RHO * spare)) * FLOW)


def restate(case: str) -> None:
    """One case: b more flow, c and f balancing valves, d user 4 clogged, f user 3 closed."""
    balanced = case in "cf"
    middle = names("v", range(1, 6)) if balanced else []  # between a balancing valve and its user
    supply, back = names("s", range(7)), names("r", range(7))
    node = Node.of(id=[*supply, *back, *middle], pressure=[np.nan] * 7 + [3e5] + [np.nan] * (6 + len(middle)))
    bore = bores(case)
    pipe = Pipe.of(
        id=names("supply", USERS) + names("return", USERS), tail=supply[:-1] + back[1:], head=supply[1:] + back[:-1],
        length=LENGTH, diameter=[*bore, *bore], roughness=ROUGHNESS, loss=0.0,
    )
    plant = Plant.of(id=["plant"], tail=["r0"], head=["s0"], lift=[LIFTS[case]], supply_temperature=[75 + KELVIN])
    kvs = np.full(6, np.sqrt(1.296e9 / (RHO * 30e3)) * FLOW)
    if case == "d":
        kvs[3] /= 2
    consumer = Consumer.of(
        id=names("user", USERS), tail=[*middle, "s6"] if balanced else supply[1:], head=back[1:], kvs=kvs,
        opening=[0.0 if case == "f" and user == 3 else 1.0 for user in USERS],
    )
    building = Building.of(id=names("building", USERS), consumer=names("user", USERS), design_heat=[HEAT] * 6)
    tables = [node, pipe, plant, consumer, building]
    if balanced:
        tables.append(Valve.of(id=names("valve", range(1, 6)), tail=supply[1:6], head=middle, kvs=balancing(bore)))
    about = {"title": f"Six users in line, case {case.upper()}", "source": "benchmark computed for heatnet", "licence": "MIT"}
    note = (
        f"Six equal users of 180 kW (75/50/20 degC at -24.2 degC) in line, direct return: {WHAT[case]}.\n\n"
        "Each segment is 60 m with local losses of 30 % of the friction. It is entered as 78 m, which is exactly the same because\n"
        "no pipe loses heat. Kvs of a user: 30 kPa at design flow"
        + ("; Kvs of the balancing valves from the friction at design flow." if balanced else ".") +
        "\n\nSolve with: friction `altshul`, constant water 982 kg/m3, 4.5e-4 Pa s, 4186 J/(kg K)."
    )
    write_model(f"six_user/{case}", about, note, {"design_outdoor": "-24.2 degC"}, *tables)


if __name__ == "__main__":
    for case in LIFTS:
        restate(case)
