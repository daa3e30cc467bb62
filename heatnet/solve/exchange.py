"""Both sides of the exchangers together: primary flows that they want, outlets that follow from both inlets.

At given flows the outlets are linear in the two inlet temperatures,
    T1_out = (1 - G/C1) T1 + (G/C1) t2,   t2_out = (1 - G/C2) t2 + (G/C2) T1,
so that one thermal pass takes the coupling in full: the term of the partner is one more link that carries heat and no water.
Where the primary valve regulates and has the flow it wants, t2_out is its set temperature and T1_out follows from the balance of
heat: secondary networks then do not wait for the primary one. Where the flow is short, the law above holds. The set of those that
are short is the active set of the hydraulic Newton iteration (flow at its upper bound or below it): the steady state has one
answer because t2_out = min(set, law) rises with flow and with both inlets, and with t2 by less than one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.arrays import Arrays
from heatnet.components import PARTS, Exchanger, Fluid, Plant, Scene, Secondary
from heatnet.components.exchanger import conductance, parallel
from heatnet.schema import Bools, Floats, Ints
from heatnet.topology import parts

CP = 4190.0  # J/(kg K), usual heat capacity where it needs not be exact
STILL = 1e-9  # kg/s, flow below which water is taken as standing


@dataclass(frozen=True)
class Outlets:
    """Outlet temperatures a T_in + c T_partner + b [K] of a side, (n,) each."""

    a: Floats
    b: Floats
    c: Floats


def sides(arrays: Arrays) -> tuple[slice, slice]:
    """Primary and secondary edges of the exchangers."""
    return arrays.part(Exchanger).span, arrays.part(Secondary).span


def partners(arrays: Arrays) -> tuple[Ints, Ints]:
    """Edges of both sides, and the edge of each one's partner."""
    first, second = (np.arange(span.start, span.stop, dtype=np.int32) for span in sides(arrays))
    return np.concatenate([first, second]), np.concatenate([second, first])


def wanted(arrays: Arrays, scene: Scene, inlet: Floats, fluid: tuple[Fluid, ...], m: Floats) -> tuple[Floats, Floats]:
    """Primary flow that each regulating exchanger wants [kg/s], its flow limit not counted, and d(ln flow)/d(T1); (n,).

    `inlet` [K] and m [kg/s] are of all edges. Those with a standing valve want an infinite flow.
    """
    first, second = sides(arrays)
    table = arrays.net[Exchanger]
    flow, gain = table.wanted(
        inlet[first], inlet[second], np.abs(m[second]), _of(fluid, Exchanger).cp, _of(fluid, Secondary).cp, scene.secondary
    )
    regulates = table.control == "supply"
    return np.where(regulates, flow, np.inf), np.where(regulates, gain, 0.0)


def answer(arrays: Arrays, scene: Scene, inlet: Floats, m: Floats) -> Floats:
    """How the primary flow wanted answers to its inlet, d(ln flow)/d(T1) [1/K] at a usual heat capacity, (n,); see `wanted`."""
    usual = tuple(Fluid(np.ones(len(part.table)), np.ones(len(part.table)), np.full(len(part.table), CP)) for part in arrays.parts)
    return wanted(arrays, scene, inlet, usual, m)[1]


def hottest(arrays: Arrays, scene: Scene, span: slice) -> Floats:
    """Highest temperature that any source of its network holds [K], for each edge of the span, (n,)."""
    edges = span.stop - span.start
    warmest = float(scene.supply.max(initial=scene.ground + 1.0))
    if not len(arrays.net[Exchanger]):
        return np.full(edges, warmest)
    live = ~arrays.closed
    zone = parts(arrays.nodes, arrays.tail[live], arrays.head[live])
    highest = np.full(int(zone.max(initial=0)) + 1, -np.inf)
    np.maximum.at(highest, zone[arrays.head[arrays.part(Plant).span]], scene.supply)
    np.maximum.at(highest, zone[arrays.head[sides(arrays)[1]]], np.nan_to_num(scene.secondary, nan=-np.inf))
    found = highest[zone[arrays.tail[span]]]
    return np.where(np.isfinite(found), found, warmest)


def held(arrays: Arrays, asked: Floats, at_bound: Bools) -> Bools:
    """Exchangers that keep their set temperature: those that have the flow `asked` for, and no limit in its place; (n,).

    `asked` [kg/s] and `at_bound` are of all edges.
    """
    first, _ = sides(arrays)
    table = arrays.net[Exchanger]
    free = ~(asked[first] >= np.where(np.isnan(table.flow_limit), np.inf, table.flow_limit))
    return np.asarray((table.control == "supply") & at_bound[first] & (asked[first] > 0.0) & free)


def outlets(
    arrays: Arrays, m: Floats, inlet: Floats, fluid: tuple[Fluid, ...], scene: Scene, keeps: Bools
) -> tuple[Outlets, Outlets]:
    """Outlet laws of both sides at the flows m and the inlets [K] of all edges; `keeps` marks what holds its set temperature."""
    first, second = sides(arrays)
    c1, c2 = np.abs(m[first]) * _of(fluid, Exchanger).cp, np.abs(m[second]) * _of(fluid, Secondary).cp
    live = (np.abs(m[first]) > STILL) & (np.abs(m[second]) > STILL)
    c1, c2 = np.where(live, c1, 1.0), np.where(live, c2, 1.0)
    g = np.where(live, transfer(arrays.net[Exchanger], m[first], m[second], c1, c2), 0.0)
    none, one = np.zeros(g.size), np.ones(g.size)
    keeps = keeps & live
    share = c2 / c1
    back = inlet[first] + share * (inlet[second] - scene.secondary)
    drained = keeps & ~(back > inlet[second])  # on the way only: no primary water leaves colder than the secondary enters
    balanced = keeps & ~drained
    primary = Outlets(
        np.where(balanced, one, np.where(drained, none, 1.0 - g / c1)), np.where(balanced, -share * scene.secondary, none),
        np.where(balanced, share, np.where(drained, one, g / c1)),
    )
    secondary = Outlets(
        np.where(keeps, none, 1.0 - g / c2), np.where(keeps, scene.secondary, none), np.where(keeps, none, g / c2)
    )
    return primary, secondary


def transfer(table: Exchanger, m1: Floats, m2: Floats, c1: Floats, c2: Floats) -> Floats:
    """Heat per kelvin between the inlets G [W/K] at flows m [kg/s] and capacity rates c [W/K], (n,)."""
    ua = table.coefficient(np.abs(m1), np.abs(m2))[0]
    return np.where(m1 * m2 >= 0.0, conductance(ua, c1, c2)[0], parallel(ua, c1, c2))


def _of(fluid: tuple[Fluid, ...], kind: type[Exchanger]) -> Fluid:
    return fluid[PARTS.index(kind)]
