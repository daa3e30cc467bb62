"""Whether what a status says is true. Refusals: from the columns of the tables alone, nothing of the solver, its bounds or laws is called.

Bounds are never narrower than the solver's, so what cannot flow here cannot flow at all. The temperatures are those of the state.
"""

from __future__ import annotations

import networkx as nx
import numpy as np
from scipy import sparse
from scipy.optimize import linprog

from heatnet.components import Consumer, Pipe, Plant, Pump, Valve
from heatnet.network import Building, Network, Node
from heatnet.schema import Bools, Floats
from heatnet.solve import State
from heatnet.solve.certificate import left_over, regulators_off
from heatnet.units import KELVIN

PUSH = 1e9  # Pa
MOST = 1e7  # kg/s
TABLES = (Pipe, Consumer, Plant, Valve, Pump)
CP = 4150.0  # J/(kg K), below that of water: flows for a heat come out large, never small
LEAST_DROP = 1e-9  # K, of a load: with less no flow brings its heat

NEAR = 2e-3  # -, by which a heat capacity between two temperatures may differ from the mean of the solver


def flows_exist(state: State) -> bool:
    """Whether any flows carry what is given within all bounds, no edge taking more than PUSH drives through it."""
    net = state.arrays.net
    number = {name: at for at, name in enumerate(net[Node].id)}
    bounds, tails, heads = [], [], []
    for kind in TABLES:
        table = net[kind]
        lower, upper = _bounds(state, kind)
        shut = _closed(net, kind)
        bounds.append(np.stack([np.where(shut, 0.0, lower), np.where(shut, 0.0, np.maximum(lower, upper))], axis=1))
        tails += [number[name] for name in table.tail]
        heads += [number[name] for name in table.head]
    limits = np.concatenate(bounds)
    span = np.cumsum([0, *(len(net[kind]) for kind in TABLES)])
    first = state.of(Valve).start
    for edge in state.arrays.regulated.edge[np.abs(state.u) > PUSH] if state.u.size else []:
        if first <= edge < state.of(Valve).stop and net[Valve].least[edge - first] == 0.0:  # throttles without end: shut
            limits[span[TABLES.index(Valve)] + edge - first] = 0.0
    edges, nodes = np.arange(len(tails)), len(net[Node])
    matrix = sparse.coo_array(
        (np.repeat([1.0, -1.0], edges.size), (np.concatenate([heads, tails]), np.tile(edges, 2))), shape=(nodes, edges.size)
    ).tocsr()
    free = np.isnan(net[Node].pressure)
    found = linprog(np.zeros(edges.size), A_eq=matrix[np.flatnonzero(free)], b_eq=-net[Node].inflow[free], bounds=limits, method="highs")
    return bool(found.status != 2)


def weights_explain(state: State) -> bool:
    """Whether laws and regulators off by more than 1 Pa would each hold if their water had a temperature between the lowest and highest.

    A regulator is off with its own weight one way or the other, as it throttles, lifts or gives all it can.
    """
    regulator, water = regulators_off(state), state.settings.water
    off = left_over(state) + regulator
    at = np.flatnonzero(np.abs(off) > 1.0)
    arrays, height = state.arrays, state.arrays.net[Node].height
    rise = state.scene.gravity * (height[arrays.tail] - height[arrays.head])[at]
    rho = np.concatenate([state.fluid(type(part.table)).rho for part in arrays.parts])[at]
    around = np.concatenate([state.t, state.t_in, state.t_out, state.scene.supply, [state.scene.ground]])
    every = water.density(np.linspace(around.min(), around.max(), 200))  # water is heaviest between
    spare = 1.0 / np.abs(np.where(rise == 0.0, np.nan, rise))  # kg/m3, of 1 Pa
    change = off[at] / np.where(rise == 0.0, np.nan, rise)
    fits = [(needed >= every.min() - spare) & (needed <= every.max() + spare) for needed in (rho - change, rho + change)]
    return bool((fits[0] | (fits[1] & (regulator[at] != 0.0))).all())


def held_everywhere(net: Network) -> bool:
    """Whether every part with a plant or pump in it has a node of given pressure."""
    graph = nx.MultiGraph()
    graph.add_nodes_from(net[Node].id)
    for kind in TABLES:
        open_ = ~_closed(net, kind)
        graph.add_edges_from(zip(net[kind].tail[open_], net[kind].head[open_], strict=True))
    held = set(net[Node].id[~np.isnan(net[Node].pressure)])
    driven = {name for kind in (Plant, Pump) for name in net[kind].tail[~_closed(net, kind)]}
    return all(held & part or not driven & part for part in nx.connected_components(graph))


def lifts_agree(net: Network) -> bool:
    """Whether fixed lifts and pipes of no length can be met by any pressures."""
    graph = nx.Graph()
    plant, pipe = net[Plant], net[Pipe]
    fixed = (plant.control == "lift") & (plant.order == 0.0) & (plant.service > 0.0)
    short = (pipe.length == 0.0) & (pipe.zeta == 0.0) & (pipe.service > 0.0)
    given = [*zip(plant.tail[fixed], plant.head[fixed], plant.lift[fixed], strict=True)]
    given += [(tail, head, 0.0) for tail, head in zip(pipe.tail[short], pipe.head[short], strict=True)]
    graph.add_edges_from((tail, head) for tail, head, _ in given)
    rise = {frozenset((tail, head)): (tail, lift) for tail, head, lift in given}
    at: dict[str, float] = {}
    for part in nx.connected_components(graph):
        root = next(iter(part))
        at[root] = 0.0
        for one, other in nx.bfs_edges(graph, root):
            tail, lift = rise[frozenset((one, other))]
            at[other] = at[one] + (lift if tail == one else -lift)
    return all(abs(at[head] - at[tail] - lift) < 1.0 for tail, head, lift in given)


def _closed(net: Network, kind: type) -> Bools:
    table = net[kind]
    if isinstance(table, Pipe | Plant):
        return np.asarray(table.service <= 0.0)
    if isinstance(table, Pump):
        return np.asarray((table.speed <= 0.0) | ((table.control == "flow") & (table.flow == 0.0)))
    if isinstance(table, Valve):
        return np.asarray((table.opening * table.kvs <= 0.0) | ((table.control == "flow") & (table.flow == 0.0)))
    idle = np.isin(table.control.astype(str), ("flow", "limited")) & (table.flow == 0.0)
    return np.asarray(idle | (np.isin(table.control.astype(str), ("fixed", "limited")) & (table.opening <= 0.0)))


def _bounds(state: State, kind: type) -> tuple[Floats, Floats]:
    table, t_in = state.arrays.net[kind], state.t_in[state.of(kind)]
    rho = state.settings.water.density(np.minimum(t_in, state.t_out[state.of(kind)]))  # the heavier, so more for a pressure difference
    n = len(table)
    if isinstance(table, Pipe):
        rough = np.clip(table.roughness / (3.71 * table.diameter), 1e-9, 0.1)  # no pipe drags less than where only its walls count
        drag = 0.25 / np.log10(rough) ** 2 * table.length / table.diameter + table.zeta
        most = np.pi / 4 * table.diameter**2 * np.sqrt(2 * 1000.0 * PUSH / np.maximum(drag, 1e-9))
        return -np.minimum(most, MOST), np.minimum(most, MOST)
    if isinstance(table, Valve):
        most = _by_kv(table.kvs * table.opening, PUSH, rho)
        one_way = np.isin(table.control.astype(str), ("check", "reduce", "sustain"))
        return np.where(one_way, 0.0, -most), np.where(table.control == "flow", np.minimum(table.flow, most), most)
    if isinstance(table, Pump):
        return np.zeros(n), np.minimum(np.where(table.control == "flow", table.flow, MOST), _through(table, rho))
    if isinstance(table, Plant):
        water, rise = state.settings.water, np.maximum(table.supply_temperature - t_in, 0.1)
        by_heat = table.heat_given / (water.enthalpy(t_in + rise) - water.enthalpy(t_in))
        given = np.where(table.control == "heat", (1.0 + NEAR) * by_heat, table.flow)
        driven = np.isin(table.control.astype(str), ("flow", "heat"))
        free = (table.control == "lift") & (table.order == 0.0)
        least = np.where(table.control == "heat", (1.0 - NEAR) * by_heat, given)
        return np.where(driven, least, np.where(free, -MOST, 0.0)), np.where(driven, given, MOST)
    kv = table.kvs * np.where(np.isin(table.control.astype(str), ("fixed", "limited")), table.opening, 1.0)
    most = _through_inlet(state, table, (kv, rho), PUSH)
    wanted = np.minimum(_wanted(state, t_in), most)
    behind = ~np.isnan(table.difference) & (table.controller_least == 0.0)
    wanted = np.where(behind, np.minimum(wanted, _through_inlet(state, table, (kv, rho), table.difference)), wanted)
    return np.where(table.control == "fixed", -most, 0.0), wanted


def _through(table: Pump, rho: Floats) -> Floats:
    """Flow [kg/s] that PUSH drives through pumps at full speed: there it takes the head -PUSH/(rho g) on the curve of the table."""
    drag = np.maximum(table.shutoff_head - table.rated_head, 1e-9) * np.maximum(table.speed, 1e-3) ** (2.0 - table.exponent)
    head = PUSH / (rho * 9.8) + table.shutoff_head * table.speed**2
    return np.minimum(rho * table.count * table.rated_flow * (head / drag) ** (1.0 / table.exponent) * (1.0 + NEAR), MOST)


def _through_inlet(state: State, table: Consumer, of: tuple[Floats, Floats], push: Floats | float) -> Floats:
    """Flow [kg/s] that `push` [Pa] drives through inlets of coefficient and density `of`; by their need where no kvs is given."""
    by_need = (1.0 + NEAR) * table.design_flow(state.scene) * np.sqrt(push / table.needed)
    return np.where(np.isnan(of[0]), np.minimum(by_need, MOST), _by_kv(of[0], push, of[1]))


def _by_kv(kv: Floats, push: Floats | float, rho: Floats) -> Floats:
    """Flow [kg/s] through a flow coefficient [m3/h at 1 bar and 1000 kg/m3]; MOST where none is given."""
    return np.minimum(np.nan_to_num(kv * np.sqrt(push * rho / 1.296e9), nan=MOST), MOST)


def _wanted(state: State, t_in: Floats) -> Floats:
    """Flow that each consumer takes at most [kg/s]."""
    net = state.arrays.net
    table, home, site = net[Consumer], net[Building], net.site
    row = {name: at for at, name in enumerate(table.id)}
    of = np.array([row[name] for name in home.consumer], dtype=int)
    coldest = np.where(np.isnan(home.design_outdoor), site.design_outdoor, home.design_outdoor)
    loss = np.where(np.isnan(home.conductance), home.design_heat / (home.design_indoor - coldest), home.conductance)
    demand = np.maximum(loss * (home.design_indoor - site.weather) - home.gains, 0.0)
    load, floor = np.zeros(len(table)), np.full(len(table), KELVIN)
    np.add.at(load, of, demand)
    np.maximum.at(floor, of, home.design_indoor)
    load = np.where(np.isnan(table.heat_given), load, table.heat_given)
    drop = np.fmin(np.fmin(t_in - table.return_temperature, table.drop), t_in - floor)
    by_load = np.where(load == 0.0, 0.0, np.where(drop > LEAST_DROP, load / (CP * np.maximum(drop, LEAST_DROP)), MOST))
    by_room = np.zeros(len(table))
    np.add.at(by_room, of, _radiators(home, t_in[of], demand))  # at least that of the coldest one
    result = np.where(table.control == "load", by_load, np.where(table.control == "thermostatic", by_room, MOST))
    return np.where(np.isin(table.control.astype(str), ("flow", "limited")), np.nan_to_num(table.flow, nan=MOST), result)


def _radiators(home: Building, supply: Floats, heat: Floats) -> Floats:
    """Flow [kg/s] at which radiators give `heat` [W] in rooms as designed, by bisection; MOST where none is enough."""
    k = np.maximum(home.exponent - 1.0, 1e-6)
    warm, cold = home.design_supply - home.design_indoor, home.design_return - home.design_indoor
    size = home.radiator * home.design_heat / (warm - cold) * (cold**-k - warm**-k) / k
    a = np.maximum(supply - home.design_indoor, 1e-9)
    low, high = np.full(a.size, -12.0), np.full(a.size, 12.0)  # decades of the capacity rate
    for _ in range(60):
        c = 10.0 ** (0.5 * (low + high))
        given = c * (a - (a**-k + k * size / c) ** (-1.0 / k))
        low, high = np.where(given < heat, 0.5 * (low + high), low), np.where(given < heat, high, 0.5 * (low + high))
    return np.where(heat <= 0.0, 0.0, np.where(high > 11.9, MOST, 10.0**high / CP))
