"""What finite changes are worth, estimated from the adjoint: raw gradients mis-size them badly, a pipe carries what the rest lets it.

An edge of the network. Seen from it the rest is a source with internal resistance R = rho/(1 - l), rho its effective resistance,
l = rho/slope its leverage. Its new flow q meets
    loss_new(q) + R (q - q0) = loss(q0),      dJ = -mu slope/(1 - l) (q - q0)
A new link from i to j: loss(q) + Z q = p_i - p_j + c; two at once (a supply and a return pipe) with a 2 x 2 matrix Z of responses. Water
moved is worth nu_i - nu_j + lam_j (h - h_j), h what arrives of it. Everything else is linear in that flow.
"""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from heatnet.components import EDGES, Edge, Fluid, Law, Pipe
from heatnet.errors import HeatnetError
from heatnet.network import KINDS, Node
from heatnet.schema import Floats, Ints
from heatnet.sensitivity.adjoint import Adjoint
from heatnet.sensitivity.inverse import effective_resistance, responses
from heatnet.sensitivity.result import Sensitivities
from heatnet.solve.task import edge_name

ROUNDS = 40  # Newton steps, six are usual
THERMAL = ("loss",)  # columns that act on temperatures, nearly in proportion


@dataclass(frozen=True)
class Ties:
    """New pipe pairs between streets: supply from node `tail` to `head`, return from `back_tail` to `back_head`, (n,) each."""

    tail: Ints
    head: Ints
    back_tail: Ints
    back_head: Ints
    length: Floats  # m
    diameter: Floats  # m
    roughness: Floats  # m
    loss: Floats  # W/(m K)
    zeta: Floats


def leverage(of: Adjoint) -> Floats:
    """Share of an edge in carrying a flow between its ends [-], (edges,); they sum up to the number of free nodes (Foster)."""
    return of.g * effective_resistance(of.factor)


def estimate(of: Sensitivities, kind: str, rows: Ints, columns: Mapping[str, Floats]) -> Floats:
    """Deficit taken away [K h household] by each change of one edge alone, (n,): `rows` of the table get the values of `columns`.

    For pipes, valves, pumps and inlets whose flow follows from the pressure; columns of their pressure law and the heat loss of pipes.
    ValueError for another table or column, HeatnetError where regulators hold something elsewhere.
    """
    edge = KINDS.get(kind)
    if edge is None or edge not in EDGES or not issubclass(edge, Edge) or kind not in of.gradient:
        raise ValueError(f"no estimates of '{kind}'; known: pipe, valve, pump, consumer")
    unknown = [name for name in columns if name not in of.gradient[kind] or name in ("boost", "lift", "flow", "supply_temperature")]
    if unknown:
        raise ValueError(f"no estimates of {kind} column {unknown[0]!r}; known: {', '.join(of.gradient[kind])}")
    _without_holding(of)
    total = np.zeros(rows.size)
    for hours, at in zip(of.hours, of.each, strict=True):
        total += hours * _edges(at, edge, rows, columns)
    thermal = [name for name in columns if name in THERMAL]
    table = of.each[0].local.state.arrays.part(edge).table
    for name in thermal:
        total -= of.gradient[kind][name][rows] * (columns[name] - getattr(table, name)[rows])
    return np.minimum(total, of.value)


def _edges(of: Adjoint, kind: type[Edge], rows: Ints, columns: Mapping[str, Floats]) -> Floats:
    state = of.local.state
    part, edges = state.arrays.part(kind), state.of(kind).start + rows
    fluid = state.fluid(kind)
    mine = Fluid(fluid.rho[rows], fluid.mu[rows], fluid.cp[rows])
    laws = [
        part.table.take(rows).with_(**values).law(mine, state.settings.friction, state.scene)
        for values in ({}, {name: values for name, values in columns.items() if name not in THERMAL})
    ]
    share, slope, mu = leverage(of)[edges], of.local.slope[edges], of.mu[edges]
    rest = np.maximum(1.0 - share, 1e-9)
    q0, loss, unused = state.m[edges], np.zeros(rows.size), np.ones(rows.size)
    laws[0].head_loss(q0, loss, unused)
    inside = share * slope / rest
    q = _flows(laws[1], loss + inside * q0, inside, q0)
    return np.where(of.local.free[edges], mu * slope / rest * (q - q0), 0.0)


def _flows(law: Law, drive: Floats, inside: Floats, q: Floats) -> Floats:
    """q with loss(q) + inside q = drive, by Newton on a rising function that bends one way on either side of rest."""
    loss, slope = np.zeros(q.size), np.ones(q.size)
    for _ in range(ROUNDS):
        law.head_loss(q, loss, slope)
        step = (drive - loss - inside * q) / (slope + inside)
        q = q + step
        if np.all(np.abs(step) <= 1e-9 * (np.abs(q) + 1e-6)):
            break
    return q


def screen(of: Sensitivities, ties: Ties, workers: int = 2) -> Floats:
    """Deficit taken away [K h household] by each new pair of pipes alone, (n,); below zero where it does harm.

    HeatnetError where regulators hold something elsewhere.
    """
    _without_holding(of)
    total = np.zeros(ties.tail.size)
    for hours, at in zip(of.hours, of.each, strict=True):
        total += hours * _ties(at, ties, workers)
    return np.minimum(total, of.value)


def _without_holding(of: Sensitivities) -> None:
    """The rest of the network as a source with a resistance does not know of regulators that answer to what flows."""
    edges = [edge_name(at.local.state.arrays, int(edge)) for at in of.each for edge in at.border.of.edge]
    if edges:
        named = ", ".join(dict.fromkeys(edges))
        raise HeatnetError(f"no estimates of finite changes where regulators hold a pressure elsewhere: {named}; work out effects instead")


def _ties(of: Adjoint, ties: Ties, workers: int) -> Floats:
    state = of.local.state
    arrays, settings = state.arrays, state.settings
    ends = np.stack([ties.tail, ties.head, ties.back_tail, ties.back_head], axis=1)
    rows = arrays.unknown[arrays.clusters.of[ends]]
    parts = np.array_split(np.arange(len(ends)), workers)
    with ThreadPoolExecutor(workers) as pool:
        z = np.concatenate(list(pool.map(lambda part: responses(of.factor, rows[part]), parts)), axis=1)
    height, n = arrays.net[Node].height, len(ends)
    t = 0.5 * (state.t[ends[:, ::2]] + state.t[ends[:, 1::2]]).T
    rho, cp = settings.water.density(t), settings.water.secant(t, t)
    fall = settings.gravity * (height[ends[:, ::2]] - height[ends[:, 1::2]]).T
    gap = (state.p[ends[:, ::2]] - state.p[ends[:, 1::2]]).T + rho * fall
    pipe = Pipe.of(
        id=np.full(2 * n, "", dtype=object), tail="", head="", length=np.tile(ties.length, 2), diameter=np.tile(ties.diameter, 2),
        roughness=np.tile(ties.roughness, 2), loss=np.tile(ties.loss, 2), zeta=np.tile(ties.zeta, 2),
    )
    law = pipe.law(
        Fluid(rho.ravel(), settings.water.viscosity(t).ravel(), cp.ravel()), settings.friction, state.scene
    )
    q = _pair_flows(law, np.nan_to_num(gap), z)
    worth = np.zeros(n)
    for which in (0, 1):
        forward = q[which] >= 0.0
        one, two = ends[:, 2 * which], ends[:, 2 * which + 1]
        up, down, flow = np.where(forward, one, two), np.where(forward, two, one), np.abs(q[which])
        ground = state.scene.ground
        left = np.exp(-ties.loss * ties.length / np.maximum(flow * cp[which], 1e-9))
        arrives = ground + (state.t[up] - ground) * left
        heat = settings.water.enthalpy(arrives) - settings.water.enthalpy(state.t[down])
        worth += flow * (of.nu[up] - of.nu[down] + of.lam[down] * heat)
    return -worth


def _pair_flows(law: Law, gap: Floats, z: Floats) -> Floats:
    """Flows of pairs of new links, (2, n): loss_k(q_k) + sum_l Z_kl q_l = gap_k, by Newton from the smaller of two bounds."""
    n = gap.shape[1]
    first, second, both = z
    one, slope = np.zeros(2 * n), np.ones(2 * n)
    law.head_loss(np.ones(2 * n), one, slope)
    alone = np.sqrt(np.abs(gap) / one.reshape(2, n))
    through = np.abs(gap) / np.maximum(np.stack([first, second]), 1e-12)
    q = np.sign(gap) * np.minimum(alone, through)
    loss = np.zeros(2 * n)
    for _ in range(ROUNDS):
        law.head_loss(q.ravel(), loss, slope)
        f, s = loss.reshape(2, n), slope.reshape(2, n)
        miss = gap - f - np.stack([first * q[0] + both * q[1], both * q[0] + second * q[1]])
        a, d = s[0] + first, s[1] + second
        below = a * d - both * both
        step = np.stack([d * miss[0] - both * miss[1], a * miss[1] - both * miss[0]]) / below
        q = q + step
        if np.all(np.abs(step) <= 1e-7 * np.abs(q) + 1e-9):
            break
    return np.asarray(q)
