"""What a store holds of a result: one line a quantity."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from heatnet.components import EDGES, Consumer, Edge, Exchanger, Secondary
from heatnet.rooms import CAUSES, Rooms
from heatnet.solve import State
from heatnet.water import ConstantWater, Water

FORMAT = 1
SECONDARY = "secondary_"  # before what is said of the secondary side of an exchanger
MARK = "heatnet results"
RUN = "heatnet run"  # mark of the file of a batch run
WATERS: tuple[type[Water], ...] = (Water, ConstantWater)


@dataclass(frozen=True)
class Quantity:
    """One array of a result, (rows of its table,)."""

    name: str
    unit: str
    doc: str
    of: Callable[[State, Rooms | None], Any]  # None where it needs rooms and there are none
    kind: Literal["float", "int", "text"] = "float"


def _edge(kind: type[Edge], before: str = "") -> tuple[Quantity, ...]:
    plain = (
        Quantity("flow", "kg/s", "flow from tail to head", lambda state, _: state.m[state.of(kind)]),
        Quantity("inlet", "K", "temperature of the water that enters", lambda state, _: state.t_in[state.of(kind)]),
        Quantity("outlet", "K", "temperature of the water that leaves", lambda state, _: state.t_out[state.of(kind)]),
        Quantity("loss", "Pa", "pressure loss from tail to head, static height taken off", lambda state, _: state.loss(kind)),
        Quantity("heat", "W", "heat given off by the water", lambda state, _: state.heat(kind)),
        Quantity(
            "bound", "-", "0 free, 1 at its largest flow, 2 at its least, 3 shut, 4 rigid",
            lambda state, _: state.bound[state.of(kind)], "int",
        ),
    )
    return tuple(replace(item, name=before + item.name) for item in plain)


def _substation(name: str) -> Callable[[State, Rooms | None], Any]:
    return lambda state, _: getattr(state.substations(), name)


def _room(name: str) -> Callable[[State, Rooms | None], Any]:
    return lambda _, rooms: None if rooms is None else getattr(rooms, name)


def _substituted(row: int) -> Callable[[State, Rooms | None], Any]:
    return lambda _, rooms: None if rooms is None else rooms.substituted[row]


NODE = (
    Quantity("pressure", "Pa", "gauge pressure", lambda state, _: state.p),
    Quantity("temperature", "K", "temperature of the water", lambda state, _: state.t),
    Quantity("still", "-", "1 where nothing flows in", lambda state, _: state.still.astype(np.int8), "int"),
    Quantity("exchange", "kg/s", "water that enters where the pressure is held", lambda state, _: state.exchange),
)
CONSUMER = (
    Quantity("flow_ratio", "-", "actual over design flow", lambda state, _: state.flow_ratio()),
    Quantity("wanted", "W", "heat wanted at this weather", lambda state, _: state.wanted()),
    Quantity("short", "W", "heat that a heat-driven consumer does not get", lambda state, _: state.shortage()),
)
EXCHANGER = (
    *_edge(Exchanger),
    *_edge(Secondary, SECONDARY),
    Quantity("set_to", "K", "secondary supply temperature that it keeps", _substation("set_to")),
    Quantity("missing", "K", "secondary supply temperature below what it keeps", _substation("missing")),
    Quantity("effectiveness", "-", "heat over the most that the smaller capacity rate could carry", _substation("effectiveness")),
    Quantity("ua", "W/K", "transfer coefficient times surface at these flows, with deposits", _substation("ua")),
    Quantity("opening", "-", "opening of the primary valve", _substation("opening")),
    Quantity("missing_drop", "Pa", "primary pressure difference that it lacks", _substation("missing_drop")),
    Quantity("flag", "", "holds, short, limited, warm, fixed, still or shut", _substation("flag"), "text"),
    Quantity("reason", "", "why it is short", _substation("reason"), "text"),
)
ROOM: dict[str, Quantity] = {
    item.name: item
    for item in (
        Quantity("temperature", "K", "room", _room("temperature")),
        Quantity("heat", "W", "heat received", _room("heat")),
        Quantity("demand", "W", "heat for the design indoor temperature at this weather", _room("demand")),
        Quantity("flow_ratio", "-", "actual over design flow of its inlet", _room("flow_ratio")),
        Quantity("supply", "K", "supply temperature at its inlet", _room("supply")),
        Quantity("outlet", "K", "return temperature of its radiators", _room("outlet")),
        Quantity("deficit", "K", "below what the profile requires", _room("deficit")),
        Quantity("refund", "1/d", "refund per day in the currency of the site", _room("refund")),
        Quantity("cause", "", "main cause of the deficit", _room("cause"), "text"),
        Quantity("bottleneck", "-", "row of the steepest pipe on its path, -1 where unknown", _room("bottleneck"), "int"),
        Quantity("gradient", "Pa/m", "pressure gradient of that pipe", _room("gradient")),
        Quantity("distance", "m", "supply pipe from the plant", _room("distance")),
    )
}
BUILDING = (
    *ROOM.values(),
    *(
        Quantity(f"room_at_design_{cause}", "K", f"room, were its {cause} as designed", _substituted(row))
        for row, cause in enumerate(CAUSES)
    ),
)
QUANTITIES: dict[str, tuple[Quantity, ...]] = {
    "node": NODE,
    **{kind.kind(): _edge(kind) for kind in EDGES},
    "consumer": (*_edge(Consumer), *CONSUMER),
    "exchanger": EXCHANGER,
    "building": BUILDING,
}
