"""Gradients to parameters from the multipliers: dJ/dp = J_p + mu dloss/dp + lam_d q c dT_o/dp - kap dM/dp.

Derivatives of the laws of valves, inlets and pumps by their own parameters are central differences of the law alone, with steps of 1e-5
of the value; those of pipes are in losses.py.
"""

from __future__ import annotations

import numpy as np

from heatnet.components import Consumer, Edge, Pipe, Plant, Pump, Valve
from heatnet.friction import LAWS as LAWS_OF_FRICTION
from heatnet.schema import Floats
from heatnet.sensitivity.adjoint import Adjoint

RELATIVE = 1e-5
LAWS: dict[type[Edge], tuple[str, ...]] = {
    Pipe: ("diameter", "roughness", "zeta"), Valve: ("kvs", "opening"), Pump: ("speed", "lift"), Consumer: ("kvs", "opening"),
}


def gradients(of: Adjoint) -> dict[str, dict[str, Floats]]:
    """Gradients [K household per SI unit] by table and column; `boost` is a pressure gain [Pa] put into an edge along its flow."""
    at = of.local
    state, mu, arrays = at.state, of.mu, at.state.arrays
    on_pressure, on_flow = np.where(at.bound, 0.0, mu), np.where(at.bound, mu, 0.0)
    carried = of.lam[at.down] * at.q * at.capacity
    own = carried * at.outlet[2] + on_pressure * at.push * at.mean[2] - on_flow * at.wanted[2]
    found: dict[str, dict[str, Floats]] = {}
    for kind, columns in LAWS.items():
        span = state.of(kind)
        by = _of_pipes(of) if kind is Pipe else {name: _by_parameter(of, kind, name) for name in columns}
        found[kind.kind()] = {name: on_pressure[span] * by[name] for name in columns}
        found[kind.kind()]["boost"] = -on_pressure[span] * np.where(state.m[span] < 0.0, -1.0, 1.0)
    found["pipe"]["loss"] = own[state.of(Pipe)]
    plant = state.of(Plant)
    free = np.isin(arrays.net[Plant].control.astype(str), ("lift", "remote"))  # what lifts its most is worth its lift as well
    found["plant"] = {
        "supply_temperature": own[plant], "lift": np.where(free, -on_pressure[plant], 0.0),
        "flow": np.where(arrays.net[Plant].control == "flow", -on_flow[plant], 0.0),
    }
    inlet = state.of(Consumer)
    part, homes, consumer = state.scene.terminals, at.homes, arrays.net[Consumer]
    given = ((consumer.control == "flow") | (consumer.control == "limited")) & ~homes.held
    found["consumer"]["flow"] = np.where(given, -on_flow[inlet], 0.0)
    worth = np.where(homes.held, on_flow[inlet] * at.q[inlet], 0.0)
    for name in ("kvs", "opening"):  # what a controller in front lets pass goes with the flow coefficient
        found["consumer"][name] = found["consumer"][name] - worth * _of_coefficient(consumer, name)
    warmth = ((carried + 0.5 * on_pressure * at.push)[inlet] - 0.5 * on_flow[inlet] * at.drift)[part.consumer]
    radiator, conductance = homes.direct + warmth * homes.outlets - on_flow[inlet][part.consumer] * homes.flows
    found["building"] = {"radiator": radiator, "conductance": conductance}
    return found


def _of_coefficient(consumer: Consumer, name: str) -> Floats:
    """Relative change of the flow coefficient of inlets by its size or their opening, (consumers,)."""
    values = getattr(consumer, name)
    more, less = (consumer.with_(**{name: values * (1.0 + sign * RELATIVE)}).kv_now() for sign in (1.0, -1.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.nan_to_num((more - less) / (2.0 * RELATIVE * values * consumer.kv_now())))


def _of_pipes(of: Adjoint) -> dict[str, Floats]:
    """Loss of the pipes by each of their parameters [Pa per unit] at given flow, (pipes,)."""
    state = of.local.state
    pipe, factor, m = state.arrays.net[Pipe], LAWS_OF_FRICTION[state.settings.friction].roughness, state.m[state.of(Pipe)]
    found = {name: of.local.pipes.by(pipe, name, factor) for name in ("diameter", "roughness")}
    over = 8.0 / (np.pi**2 * state.fluid(Pipe).rho * pipe.diameter**4)
    return found | {"zeta": over * m * np.abs(m)}


def _by_parameter(of: Adjoint, kind: type[Edge], name: str) -> Floats:
    """Loss by one parameter [Pa per unit] at given flow, (rows,)."""
    state = of.local.state
    table, span = state.arrays.part(kind).table, state.of(kind)
    values = getattr(table, name)
    step = np.where(values == 0.0, 1e-8, RELATIVE * np.abs(values))
    fluid, loss, unused = state.fluid(kind), np.zeros((2, values.size)), np.ones(values.size)
    for row, sign in enumerate((-1.0, 1.0)):
        moved = table.with_(**{name: np.maximum(values + sign * step, 0.0)})
        with np.errstate(divide="ignore", invalid="ignore"):
            moved.law(fluid, state.settings.friction, state.scene).head_loss(state.m[span], loss[row], unused)
    width = np.where(values == 0.0, step, 2.0 * step)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.nan_to_num((loss[1] - loss[0]) / width, posinf=0.0, neginf=0.0))
