"""From temperatures to the hydraulic problem: laws, gravity, offsets of merged nodes, bounds of flow."""

from __future__ import annotations

import numpy as np
from scipy.sparse import coo_array, csr_array, eye_array, hstack

from heatnet.arrays import Arrays
from heatnet.components import Exchanger, Fluid, Scene
from heatnet.network import Node
from heatnet.schema import Bools, Floats, Ints
from heatnet.solve import exchange
from heatnet.solve.hydraulic import IMMENSE, Task
from heatnet.solve.regulators import regulators
from heatnet.solve.thermal import Field

PUSH = 1e9  # Pa, more than any pump: what it does not push through an edge cannot flow there
MOST = 1e7  # kg/s, more than any network carries
CERTAIN = 1e-9  # -, of the flows that a proof adds up, by which it must be right


def task(arrays: Arrays, fluid: tuple[Fluid, ...], field: Field, scene: Scene, friction: str, rho: Floats, m: Floats | None = None) -> Task:
    """Hydraulic problem at a temperature field, bounds as temperatures ask for them; rho [kg/m3] weighs the water, (edges,).

    m [kg/s] are the last flows, (edges,); without them an exchanger asks for its design flow.
    """
    weight = rho * scene.gravity * _fall(arrays, arrays.net[Node].height)
    rise = np.concatenate([part.table.rise() for part in arrays.parts])
    merged = arrays.clusters.edges
    offset = arrays.clusters.offsets(rise[merged] + weight[merged])
    drive = _fall(arrays, offset) + weight
    pairs = list(zip(arrays.parts, fluid, strict=True))
    limits = [part.table.limits(field.inlet[part.span], water, scene) for part, water in pairs]
    upper = np.concatenate([pair[1] for pair in limits])
    if m is not None and len(arrays.net[Exchanger]):
        span, _ = exchange.sides(arrays)
        limit = np.nan_to_num(arrays.net[Exchanger].flow_limit, nan=np.inf)
        upper[span] = np.minimum(exchange.wanted(arrays, scene, field.inlet, fluid, m)[0], limit)
    held = np.flatnonzero(arrays.held)
    pressure = np.zeros(arrays.clusters.count)
    pressure[arrays.clusters.of[held]] = arrays.net[Node].pressure[held] - offset[held]
    return Task(
        arrays=arrays,
        laws=tuple(part.table.law(water, friction, scene) for part, water in pairs),
        friction=friction,
        drive=drive,
        lower=np.concatenate([pair[0] for pair in limits]),
        upper=upper,
        guess=np.concatenate([part.table.guess(water, scene) for part, water in pairs]),
        source=np.bincount(arrays.clusters.of, arrays.net[Node].inflow, minlength=arrays.clusters.count).astype(np.float64),
        pressure=pressure,
        offset=offset,
        clash=drive[merged] + rise[merged],
        regulators=regulators(arrays, fluid, scene),
    )


def _fall(arrays: Arrays, values: Floats) -> Floats:
    """Values of the nodes, (nodes,), at the tail of each edge less those at its head; quick where all are zero."""
    return np.asarray(values[arrays.tail] - values[arrays.head]) if values.any() else np.zeros(arrays.edges)


def conflicts(given: Task) -> list[str]:
    """Rigid edges and held nodes that contradict the others of their cluster."""
    arrays = given.arrays
    held = np.flatnonzero(arrays.held)
    apart = arrays.net[Node].pressure[held] - given.offset[held] - given.pressure[arrays.clusters.of[held]]
    scale = 1e-3 + 1e-9 * float(np.abs(given.offset).max(initial=0.0))
    nodes = arrays.clusters.of[held[np.abs(apart) > scale]]
    names = [edge_name(arrays, int(edge)) for edge in arrays.clusters.edges[np.abs(given.clash) > scale]]
    return names + [f"node '{arrays.net[Node].id[at]}'" for at in held if arrays.clusters.of[at] in nodes]


def conflicting(given: Task, lanes: int) -> Bools:
    """Which scenarios of a stack have rigid edges or held nodes that contradict each other, (lanes,); see `conflicts`."""
    arrays = given.arrays
    held = np.flatnonzero(arrays.held)
    apart = arrays.net[Node].pressure[held] - given.offset[held] - given.pressure[arrays.clusters.of[held]]
    scale = 1e-3 + 1e-9 * np.abs(given.offset).reshape(-1, lanes).max(axis=0, initial=0.0)
    return np.asarray(
        (np.abs(apart.reshape(-1, lanes)) > scale).any(axis=0) | (np.abs(given.clash.reshape(-1, lanes)) > scale).any(axis=0)
    )


def flows(given: Task, m: Floats) -> Floats:
    """Flows with those of the rigid edges worked out from the mass balance of their nodes, (edges,)."""
    arrays = given.arrays
    if not arrays.clusters.edges.size:
        return m
    full = np.where(arrays.rigid, 0.0, m)
    surplus = np.where(arrays.lost, 0.0, arrays.net[Node].inflow) + _net(arrays, full)
    full[arrays.clusters.edges] = arrays.clusters.flows(arrays.tail, arrays.head, surplus)
    return full


def entering(arrays: Arrays, m: Floats) -> Floats:
    """Water that enters the network at each node [kg/s]: given inflow, and what held nodes take in; (nodes,)."""
    return entering_and_imbalance(arrays, m)[0]


def entering_and_imbalance(arrays: Arrays, m: Floats) -> tuple[Floats, Floats]:
    """The same, and the mass that arrives at each node and does not leave it [kg/s], zero by definition at held nodes."""
    arrives = _net(arrays, m)
    enters = np.where(arrays.held, -arrives, np.where(arrays.lost, 0.0, arrays.net[Node].inflow))
    return enters, arrives + enters


def edge_name(arrays: Arrays, edge: int) -> str:
    """An edge as its table and id."""
    for part in arrays.parts:
        if part.span.start <= edge < part.span.stop:
            return f"{part.table.kind()} '{part.table.id[edge - part.span.start]}'"
    raise IndexError(edge)


def _net(arrays: Arrays, m: Floats) -> Floats:
    arrives = np.bincount(arrays.head, m, minlength=arrays.nodes)
    return np.asarray(arrives - np.bincount(arrays.tail, m, minlength=arrays.nodes))


def endless(given: Task, u: Floats) -> Ints:
    """Edges of regulators that throttle without end at u [Pa]; one with a smallest opening passes something all the same."""
    regs = given.regulators
    return np.zeros(0, dtype=np.int32) if regs is None else regs.wires.edge[(u > IMMENSE) & (regs.share == 1.0)]


def possible(given: Task, shut: Ints) -> bool:
    """Whether any flows carry what is given within all bounds, no edge taking more than PUSH [Pa] drive through it: a linear programme.

    Edges `shut` carry nothing: regulators that throttle without end, since no flow brings what they sense to its set value.
    """
    from scipy.optimize import linprog  # noqa: PLC0415  for the few that fail

    arrays = given.arrays
    most = np.full(arrays.edges, 1e-9)
    loss, slope = np.zeros(arrays.edges), np.ones(arrays.edges)
    for _ in range(120):
        given.losses(most, loss, slope)
        most = np.where((loss < PUSH) & (most < MOST), 1.5 * most, most)
    lower, upper = np.maximum(given.lower, -most), np.minimum(given.upper, most)
    lower[arrays.rigid], upper[arrays.rigid] = -MOST, MOST
    lower[arrays.dead] = upper[arrays.dead] = 0.0
    lower[shut] = upper[shut] = 0.0
    free = np.flatnonzero(~arrays.held & ~arrays.lost)
    ends, edges = np.concatenate([arrays.head, arrays.tail]), np.tile(np.arange(arrays.edges), 2)
    values = np.concatenate([np.ones(arrays.edges), -np.ones(arrays.edges)])
    balance = coo_array((values, (ends, edges)), shape=(arrays.nodes, arrays.edges)).tocsr()[free]
    bounds = np.stack([lower, np.maximum(lower, upper)], axis=1)
    left = eye_array(free.size, format="csr")  # what each node keeps or lacks
    found = linprog(
        np.repeat([0.0, 1.0], [arrays.edges, 2 * free.size]), A_eq=hstack([balance, left, -left], format="csr"),
        b_eq=-arrays.net[Node].inflow[free], bounds=np.concatenate([bounds, np.tile([0.0, np.inf], (2 * free.size, 1))]), method="highs",
    )
    return found.status != 0 or not _proved(balance, -arrays.net[Node].inflow[free], bounds, found.eqlin.marginals)


def _proved(balance: csr_array, source: Floats, bounds: Floats, price: Floats) -> bool:
    """Whether prices of the nodes prove that no flows x within bounds give balance x = source: price source exceeds all price balance x.

    By Farkas' lemma (Hoffman 1960 for flows): with prices of 0 and 1 they are a part of the network and its edges are a cut that
    cannot carry what is given. Worked out from the numbers, so that tolerances of the programme count for nothing.
    """
    price = np.round(price)
    along = np.asarray(price @ balance)
    used = along != 0.0
    most = np.where(along > 0.0, bounds[:, 1], bounds[:, 0])[used] * along[used]
    given = price * source
    scale = float(np.abs(most).sum() + np.abs(given).sum())
    return float(given.sum() - most.sum()) > CERTAIN * scale
