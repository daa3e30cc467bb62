"""Sensitivities: what one unit more of anything is worth, over all weather states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from heatnet.components import Exchanger, Pipe
from heatnet.errors import HeatnetError
from heatnet.network import KINDS, Building, Node
from heatnet.profile import Profile
from heatnet.schema import Floats, Ints
from heatnet.sensitivity.adjoint import Adjoint, adjoint
from heatnet.sensitivity.gradients import gradients
from heatnet.sensitivity.holding import holding
from heatnet.sensitivity.objective import Deficit
from heatnet.solve import State
from heatnet.solve.task import edge_name

if TYPE_CHECKING:
    import pandas as pd

# of a column in a table: unit in words, and that unit in SI
STEPS: Mapping[str, tuple[str, float]] = {
    "diameter": ("mm", 1e-3), "roughness": ("mm", 1e-3), "zeta": ("-", 1.0), "loss": ("W/(m K)", 1.0), "kvs": ("m3/h", 1.0),
    "opening": ("%", 1e-2), "speed": ("%", 1e-2), "boost": ("kPa", 1e3), "lift": ("kPa", 1e3), "supply_temperature": ("K", 1.0),
    "flow": ("kg/s", 1.0), "radiator": ("%", 1e-2), "conductance": ("W/K", 1.0),
}

UNKNOWN = "devices regulate by their own flow, stand at their smallest opening or lift nothing"
JOINED = "exchangers join two networks"
NAMED = 5  # devices named in a refusal, of each kind


@dataclass(frozen=True)
class Sensitivities:
    """Gradients of the weighted deficit, sum over the states of hours x deficit [K h household]; below zero relieves."""

    each: tuple[Adjoint, ...]
    hours: Floats  # (states,)
    value: float  # K h household
    gradient: Mapping[str, Mapping[str, Floats]]  # by table and column, K h household per SI unit

    def frame(self, kind: str) -> pd.DataFrame:
        """Gradients of one table in handy units, "pipe", "valve", "pump", "plant", "consumer" or "building".

        Pipes also with what one metre of them is worth made 1 mm wider, and buildings with 1 % less heat loss.
        """
        import pandas as pd  # noqa: PLC0415  pandas takes 0.4 s to load

        if kind not in self.gradient:
            raise ValueError(f"no gradients of '{kind}'; known: {', '.join(self.gradient)}")
        net, found = self.each[0].local.state.arrays.net, self.gradient[kind]
        columns = {f"{name} [K h household per {STEPS[name][0]}]": values * STEPS[name][1] for name, values in found.items()}
        if kind == "pipe":
            length = net[Pipe].length
            per_metre = np.where(length > 0.0, -found["diameter"] * 1e-3 / np.where(length > 0.0, length, 1.0), 0.0)
            columns["worth of a metre 1 mm wider [K h household]"] = per_metre
        if kind == "building":
            part = self.each[0].local.state.scene.terminals
            columns["worth of 1 % less heat loss [K h household]"] = 0.01 * part.conductance * found["conductance"]
            assert len(net[Building]) == part.conductance.size
        return pd.DataFrame(columns, index=pd.Index(net.tables[KINDS[kind]].id, name="id"))

    def link(self, tail: Ints, head: Ints) -> Floats:
        """Worth of moving water from nodes `tail` to nodes `head` without loss of heat [K h household per kg/s], (n,)."""
        total = np.zeros(len(tail))
        for hours, of in zip(self.hours, self.each, strict=True):
            state = of.local.state
            water = state.settings.water
            warmer = water.enthalpy(state.t[tail]) - water.enthalpy(state.t[head])
            total += hours * (of.nu[tail] - of.nu[head] + of.lam[head] * warmer)
        return total

    def nodes(self, names: Sequence[str]) -> Ints:
        """Numbers of nodes by id; ValueError names those that are not there."""
        known = {name: at for at, name in enumerate(self.each[0].local.state.arrays.net[Node].id)}
        unknown = [name for name in names if name not in known]
        if unknown:
            raise ValueError(f"no node {', '.join(repr(name) for name in unknown[:5])}")
        return np.array([known[name] for name in names], dtype=np.int32)


def _beyond(state: State) -> str:
    """What keeps gradients of a state from being worked out, with the devices; "" where nothing does."""
    arrays = state.arrays
    own = [edge_name(arrays, int(edge)) for edge in holding(state)[1]]
    joined = [f"exchanger '{name}'" for name in arrays.net[Exchanger].id]
    return "; and where ".join(f"{what}: {_some(names)}" for what, names in ((UNKNOWN, own), (JOINED, joined)) if names)


def _some(names: list[str]) -> str:
    return ", ".join(names[:NAMED]) + (f" and {len(names) - NAMED} more" if len(names) > NAMED else "")


def sensitivities(
    states: State | Sequence[State], rule: Deficit | Profile | str | None = None, hours: Sequence[float] | None = None
) -> Sensitivities:
    """Gradients of the deficit of one state or of several, each standing for so many hours (1 h if not given).

    `rule` is what counts as a deficit: a Deficit, or a regulation profile, the site's own if none is named. The states are those of one
    network; regulators that hold a pressure elsewhere go on holding it. ValueError for a state that is no answer, HeatnetError where a
    device regulates by its own flow, stands at its smallest opening, lifts nothing, or where an exchanger joins two networks.
    """
    listed = (states,) if isinstance(states, State) else tuple(states)
    if not listed:
        raise ValueError("no state to take gradients at")
    weight = np.ones(len(listed)) if hours is None else np.asarray(hours, dtype=np.float64)
    if weight.shape != (len(listed),):
        raise ValueError(f"{len(listed)} states, but {weight.size} numbers of hours")
    for state in listed:
        if not state.converged:
            raise ValueError(f"the state is not an answer: {state.message}")
        if not state.settings.heat:
            raise ValueError("solved without temperatures (heat = false): no room answers to anything")
        if others := _beyond(state):
            raise HeatnetError(f"no gradients where {others}")
        if state.arrays.edges != listed[0].arrays.edges:
            raise ValueError("the states belong to different networks")
    deficit = rule if isinstance(rule, Deficit) else Deficit.of(listed[0].arrays, rule)
    each = tuple(adjoint(state, deficit) for state in listed)
    total: dict[str, dict[str, Floats]] = {}
    for hour, of in zip(weight, each, strict=True):
        for kind, columns in gradients(of).items():
            for name, values in columns.items():
                mine = total.setdefault(kind, {})
                mine[name] = mine.get(name, 0.0) + hour * values
    return Sensitivities(each, weight, float(sum(hour * of.value for hour, of in zip(weight, each, strict=True))), total)
