"""The certificate of a state: every equation and inequality once more, by one function that knows the tables and nothing of the solver.

From flows, pressures and temperatures alone, with the plain laws of the components. No active set, no coefficients, no first guess, no
residual of the iteration is used, so that a fault there shows here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from heatnet.components import Consumer, Edge, Exchanger, Plant, Pump, Secondary, Valve
from heatnet.components.exchanger import conductance, parallel
from heatnet.components.valve import resistance
from heatnet.network import Node
from heatnet.regulated import sensed_names
from heatnet.schema import Bools, Floats
from heatnet.topology import parts

if TYPE_CHECKING:
    from heatnet.solve.state import State

STILL = 1e-9  # kg/s
NEAR = 1e-7  # share of a bound within which it is reached


@dataclass(frozen=True)
class Certificate:
    """Largest violation of each kind, and the edge or node it stands at."""

    pressure: float  # Pa, of a pressure law between its bounds, or of a held pressure
    mass: float  # kg/s, of a node
    bounds: float  # kg/s, of a flow beyond what its device lets pass, or off what is given
    complementarity: float  # Pa, of the inequality that a device at a bound or a regulator has to meet
    energy: float  # W, of a node
    outlet: float  # W, of the heat that an edge should give off at its flow and inlet
    worst: str  # where the largest violation of pressure or complementarity is

    def within(self, pressure: float = 1.0, mass: float = 1e-6) -> bool:
        """Whether pressures hold within `pressure` [Pa] and flows within `mass` [kg/s], that of a bound 100 times as much."""
        loose = 100.0 * mass
        return max(self.pressure, self.complementarity) <= pressure and self.mass <= mass and self.bounds <= loose


@dataclass(frozen=True)
class _Edges:
    """All edges of a state as the tables say they should be, (edges,)."""

    gap: Floats  # Pa, pressure difference and weight that drive it
    loss: Floats  # Pa, what its law loses at its flow
    lower: Floats
    upper: Floats
    free: Bools  # has a law and is not shut
    rigid: Bools

    @property
    def slack(self) -> Floats:
        """Pressure that drives each less what its law loses [Pa]; 0 where its flow is given."""
        return np.where(self.free & (self.lower != self.upper), self.gap - self.loss, 0.0)


def certify(state: State) -> Certificate:
    """Certificate of a state with flows; NaN throughout where there are none."""
    if not np.isfinite(state.m).all() or np.isnan(state.p).all():
        none = float("nan")
        return Certificate(none, none, none, none, none, none, "")
    arrays = state.arrays
    edges = _edges(state)
    m = state.m
    excess = np.maximum(np.maximum(m - edges.upper, edges.lower - m), 0.0)
    excess[~edges.free & ~edges.rigid] = np.abs(m)[~edges.free & ~edges.rigid]
    top, bottom = _at_bounds(edges, m)
    slack = edges.slack
    regulated = _regulators(state, edges, slack)
    pressure = np.abs(_left_over(edges, top | bottom, regulated))
    one_sided = np.where(top, np.maximum(-slack, 0.0), np.where(bottom, np.maximum(slack, 0.0), 0.0))
    uneven = np.where(np.isnan(regulated), one_sided, np.abs(np.nan_to_num(regulated)))
    held = arrays.held & ~np.isnan(state.p)
    off = float(np.abs(state.p - arrays.net[Node].pressure)[held].max(initial=0.0))
    energy, outlet = _heat(state) if state.settings.heat else (0.0, 0.0)
    both = np.maximum(pressure, uneven)
    return Certificate(
        max(float(pressure.max(initial=0.0)), off), _mass(state), float(excess.max(initial=0.0)), float(uneven.max(initial=0.0)),
        energy, outlet, _name(state, int(np.argmax(both))) if both.size else "",
    )


def left_over(state: State) -> Floats:
    """Pressure that drives each edge less the loss at its flow [Pa], (edges,); 0 where a bound, a regulator or a given flow decides."""
    edges = _edges(state)
    top, bottom = _at_bounds(edges, state.m)
    return _left_over(edges, top | bottom, _regulators(state, edges, edges.slack))


def regulators_off(state: State) -> Floats:
    """By how much each regulator misses what it should throttle or lift [Pa], (edges,); 0 for other edges."""
    edges = _edges(state)
    return np.nan_to_num(_regulators(state, edges, edges.slack))


def _left_over(edges: _Edges, bounded: Bools, regulated: Floats) -> Floats:
    return np.where(edges.rigid, edges.gap - edges.loss, np.where(np.isnan(regulated) & ~bounded, edges.slack, 0.0))


def _at_bounds(edges: _Edges, m: Floats) -> tuple[Bools, Bools]:
    """Whether flows stand at their upper and at their lower bound."""
    reach = NEAR * np.abs(np.where(np.isfinite(edges.upper), edges.upper, 0.0)) + STILL
    return m >= edges.upper - reach, m <= edges.lower + STILL


def _edges(state: State) -> _Edges:
    arrays = state.arrays
    gap, loss, slope = np.zeros(arrays.edges), np.zeros(arrays.edges), np.ones(arrays.edges)
    lower, upper = np.zeros(arrays.edges), np.zeros(arrays.edges)
    for part in arrays.parts:
        span, fluid = part.span, state.fluid(type(part.table))
        gap[span] = state.loss(type(part.table))
        part.table.law(fluid, state.settings.friction, state.scene).head_loss(state.m[span], loss[span], slope[span])
        lower[span], upper[span] = part.table.limits(state.t_in[span], fluid, state.scene)
    if len(arrays.net[Exchanger]) and state.settings.heat:
        upper[state.of(Exchanger)] = _wanted(state)
    rise = np.concatenate([part.table.rise() for part in arrays.parts])
    rigid = np.concatenate([part.table.rigid() for part in arrays.parts])
    closed = np.concatenate([part.table.closed() for part in arrays.parts])
    lost = np.isnan(state.p[arrays.tail]) | np.isnan(state.p[arrays.head])
    gap = np.where(lost, 0.0, gap)
    loss = np.where(rigid, np.where(lost, 0.0, -rise), loss)
    lower, upper = np.where(rigid, -np.inf, lower), np.where(rigid, np.inf, upper)
    return _Edges(gap, loss, lower, upper, ~closed & ~lost & ~rigid, rigid & ~lost)


def _wanted(state: State) -> Floats:
    """Largest primary flow that each exchanger lets pass [kg/s]: what its set temperature wants, or its limit."""
    table, scene = state.arrays.net[Exchanger], state.scene
    first, second = state.of(Exchanger), state.of(Secondary)
    flow, _ = table.wanted(
        state.t_in[first], state.t_in[second], np.abs(state.m[second]), state.fluid(Exchanger).cp, state.fluid(Secondary).cp,
        scene.secondary,
    )
    return np.minimum(np.where(table.control == "supply", flow, np.inf), np.nan_to_num(table.flow_limit, nan=np.inf))


def exchanged(state: State) -> Floats:
    """Heat that one side of an exchanger gives and the other does not take, and heat besides its law [W], (2 exchangers,).

    The law is that of effectiveness-NTU throughout: where a valve keeps the supply temperature, it does by its flow.
    """
    table = state.arrays.net[Exchanger]
    m1, m2 = state.m[state.of(Exchanger)], state.m[state.of(Secondary)]
    live = (np.abs(m1) > STILL) & (np.abs(m2) > STILL)
    c1, c2 = np.abs(m1) * state.fluid(Exchanger).cp, np.abs(m2) * state.fluid(Secondary).cp
    c1, c2, ua = np.where(live, c1, 1.0), np.where(live, c2, 1.0), table.coefficient(np.abs(m1), np.abs(m2))[0]
    g = np.where(m1 * m2 >= 0.0, conductance(ua, c1, c2)[0], parallel(ua, c1, c2))
    law = np.where(live, g * (state.t_in[state.of(Exchanger)] - state.t_in[state.of(Secondary)]), 0.0)
    given = state.heat(Exchanger)
    return np.concatenate([given + state.heat(Secondary), given - law])


def _mass(state: State) -> float:
    arrays = state.arrays
    left = np.where(arrays.held | np.isnan(state.p), 0.0, arrays.net[Node].inflow)
    np.add.at(left, arrays.head, state.m)
    np.subtract.at(left, arrays.tail, state.m)
    return float(np.abs(left[~arrays.held & ~np.isnan(state.p)]).max(initial=0.0))


def _regulators(state: State, edges: _Edges, slack: Floats) -> Floats:
    """u - mid(0, u + r, U) of every regulator [Pa], NaN for other edges, (edges,); u what it throttles or lifts.

    A one-way valve that would let water back is closed by its bound and has nothing to regulate.
    """
    net, result = state.arrays.net, np.full(state.m.size, np.nan)
    number = {name: at for at, name in enumerate(net[Node].id)}
    seen = {name: state.of(kind).start + row for kind in (Exchanger, Consumer) for row, name in enumerate(net[kind].id)}

    def put(kind: type[Edge], row: int, r: float, ceiling: float, u: float) -> None:
        edge = state.of(kind).start + row
        if edges.free[edge] and not np.isnan(r):
            result[edge] = u - min(max(u + r, 0.0), max(ceiling, 0.0))

    valve, tail, head = net[Valve], state.arrays.tail, state.arrays.head
    for row in np.flatnonzero(np.isin(valve.control.astype(str), ("difference", "reduce", "sustain"))):
        edge = state.of(Valve).start + int(row)
        u, gap = float(slack[edge]), float(edges.gap[edge])
        if valve.control[row] == "difference":
            r = _between(state, number.get(valve.high[row]), number.get(valve.low[row])) - float(valve.difference[row])
            put(Valve, int(row), r, gap * (1.0 - float(valve.least[row]) ** 2), u)
        elif gap > 0.0 or abs(state.m[edge]) > STILL:
            reduces = valve.control[row] == "reduce"
            r = float(state.p[head[edge]] - valve.pressure[row]) if reduces else float(valve.pressure[row] - state.p[tail[edge]])
            put(Valve, int(row), r, gap, u)
    for kind in (Pump, Plant):
        _lifts(state, kind, edges, seen, result)
    consumer, fluid = net[Consumer], state.fluid(Consumer)
    for row in np.flatnonzero((consumer.controller_least > 0.0) & ~np.isnan(consumer.difference)):
        edge = state.of(Consumer).start + int(row)
        inlet, m = float(consumer.inlet(fluid, state.scene)[row]), float(state.m[edge])
        controller = float(resistance(consumer.controller_kvs[row], fluid.rho[row]))
        least = inlet + controller / float(consumer.controller_least[row]) ** 2
        ceiling = float(edges.gap[edge]) * (1.0 - (inlet + controller) / least)
        put(Consumer, int(row), inlet * m * abs(m) - float(consumer.difference[row]), ceiling, float(slack[edge]))
    return result


def _lifts(state: State, kind: type[Pump] | type[Plant], edges: _Edges, seen: dict[str, int], result: Floats) -> None:
    """Pumps and plants that hold a remote difference or a lift that grows with their flow."""
    table, span = state.arrays.net[kind], state.of(kind)
    rho = state.fluid(kind).rho
    for row in np.flatnonzero(np.isin(table.control.astype(str), ("remote", "proportional"))):
        edge = span.start + int(row)
        lift, most = -float(edges.gap[edge]), -float(edges.loss[edge])  # what it gives, what its curve or largest lift gives
        if not edges.free[edge]:
            continue
        if table.control[row] == "proportional" and isinstance(table, Pump):
            full = float(table.lift[row])
            least = 0.5 * full if np.isnan(table.lift_least[row]) else float(table.lift_least[row])
            wanted = least + (full - least) * float(state.m[edge]) / float(rho[row] * table.count[row] * table.rated_flow[row])
        else:
            there = _sensors(state, table, int(row), seen, edge)
            dps = [_between(state, int(state.arrays.tail[at]), int(state.arrays.head[at])) for at in there]
            if not dps or np.isnan(dps).all():
                continue
            target = float(table.held()[row]) if isinstance(table, Plant) else float(table.difference[row])
            wanted = lift + target - float(np.nanmin(dps))
        stopped = state.m[edge] <= STILL or state.m[edge] >= edges.upper[edge] * (1.0 - NEAR)
        if stopped:  # shut by what stands against it, or full: then any lift up to the pressure there will do
            result[edge] = max(min(wanted, most) - lift, 0.0) if state.m[edge] <= STILL else 0.0
        else:
            result[edge] = lift - min(max(wanted, 0.0), most)


def _sensors(state: State, table: Pump | Plant, row: int, seen: dict[str, int], own: int) -> list[int]:
    """Consumers and primary sides that it senses: those it names, or all of its own network."""
    tail, head, open_ = state.arrays.tail, state.arrays.head, ~state.arrays.dead
    zone = parts(state.arrays.nodes, tail[open_], head[open_])
    names = sensed_names(table.sensor[row]) or [name for name, edge in seen.items() if zone[tail[edge]] == zone[tail[own]]]
    return [seen[name] for name in names if name in seen and not state.arrays.dead[seen[name]]]


def _between(state: State, high: int | None, low: int | None) -> float:
    return float("nan") if high is None or low is None else float(state.p[high] - state.p[low])


def _heat(state: State) -> tuple[float, float]:
    """Energy that nodes and edges leave unaccounted for [W]."""
    arrays, water, m = state.arrays, state.settings.water, state.m
    q = np.where(np.abs(m) > STILL, np.abs(m), 0.0)
    down = np.where(m >= 0.0, arrays.head, arrays.tail)
    given = arrays.net[Node].inflow_temperature
    inflow = np.where(arrays.held | arrays.lost, 0.0, arrays.net[Node].inflow)
    fed = np.where(np.isnan(given), 0.0, np.maximum(state.exchange + inflow, 0.0))
    brings = np.asarray(np.bincount(down, q * water.enthalpy(state.t_out), minlength=arrays.nodes), dtype=np.float64)
    brings = brings + fed * water.enthalpy(np.where(np.isnan(given), 300.0, given))
    amount = np.bincount(down, q, minlength=arrays.nodes) + fed
    node = np.where(amount > STILL, brings - amount * water.enthalpy(state.t), 0.0)
    off = float(np.abs(exchanged(state)).max(initial=0.0))
    for part in arrays.parts:
        span = part.span
        if isinstance(part.table, Exchanger):
            continue
        a, b = part.table.heat(q[span], state.t_in[span], state.fluid(type(part.table)), state.scene)
        law = np.clip(a * state.t_in[span] + b, 200.0, 500.0)
        miss = q[span] * (water.enthalpy(law) - water.enthalpy(state.t_out[span]))
        off = max(off, float(np.abs(miss).max(initial=0.0)))
    return float(np.abs(node).max(initial=0.0)), off


def _name(state: State, edge: int) -> str:
    for part in state.arrays.parts:
        if part.span.start <= edge < part.span.stop:
            return f"{part.table.kind()} '{part.table.id[edge - part.span.start]}'"
    return ""
