"""What all scenarios under one weather share: the network's numbers and its solved state, in the order of the kernels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.components import Plant, Pump
from heatnet.effects.figures import room_temperatures
from heatnet.effects.lane_flow import HELD, OPEN, Plan
from heatnet.effects.variation import building_order, homes_of, numbers_of
from heatnet.schema import Floats, Ints
from heatnet.solve import Solver, State, hydraulic
from heatnet.solve.fluid import Water
from heatnet.solve.rigid import Rigid, flows_of_rigid
from heatnet.solve.statics import Wires
from heatnet.solve.sweep import flow_order
from heatnet.solve.thermal import CREEPING, STILL, extremes, fluids, means
from heatnet.solve.thermal import Field as Temperatures
from heatnet.units import KELVIN
from heatnet.water import ConstantWater


@dataclass(frozen=True)
class Given:
    """Network, weather and state; temperatures in degC."""

    solver: Solver
    plan: Plan
    numbers: Floats  # (OWN, links)
    weight: Floats  # (links,)
    share: Floats  # (links,)
    source: Floats  # (program nodes,)
    flow: tuple[Floats, Floats, Floats]  # m, 1/density, 1/viscosity (links,)
    factor: Floats  # (links,) Colebrook's X
    pressure: Floats  # (program nodes,)
    warm: tuple[Floats, Floats, Floats]  # a, b (links,), theta (places,)
    water: Water
    wires: Wires
    order: Ints  # nodes in flow order
    building: Floats  # (5, buildings filled up)
    homes: Floats  # (3, the same)
    link: Ints  # of each
    place: Ints  # (buildings,) of each building among those
    room: Floats  # (buildings filled up) degC
    rigid: Rigid
    plants: Ints  # their links
    pumps: Ints
    efficiency: Floats  # (plants and pumps,)
    chosen: Ints  # links with bounds
    bound: Ints
    limits: Floats  # (6, chosen)
    coldest: float
    hottest: float
    least: float  # kg/s

    @property
    def ends(self) -> tuple[Ints, Ints]:
        """Tail and head of the links among the nodes of the wiring."""
        return self.wires.tail, self.wires.head

    @property
    def near(self) -> tuple[Ints, Ints]:
        """Links at each node."""
        return self.wires.first, self.wires.touching

    @property
    def none(self) -> Ints:
        """No rows."""
        return np.zeros(0, dtype=np.int32)


def given_of(solver: Solver, state: State) -> Given | None:
    """From a solver and its state; None where flows follow from temperatures, or water runs in circles."""
    arrays, fixed, run, plan = solver.arrays, solver.fixed, solver.run, solver.arrays.program
    if fixed is None or run is None:
        return None
    at = hydraulic.begin(run, solver.first_flows(state))
    m = state.m[plan.edge] * plan.real
    water, edge = solver.settings.water, plan.edge
    field = Temperatures(
        state.t, state.t_in, state.t_out, means(arrays, np.abs(state.m), state.t_in, state.t_out, water), state.still
    )
    a, b = np.ones(arrays.edges), np.zeros(arrays.edges)
    for part, fluid in zip(arrays.parts, fluids(arrays, water, field), strict=True):
        a[part.span], b[part.span] = part.table.heat(np.abs(state.m[part.span]), state.t_in[part.span], fluid, solver.scene)
    b = b + (a - 1.0) * KELVIN
    wires = fixed.wires
    theta = np.full(wires.room, solver.scene.ground - KELVIN)
    theta[wires.rank] = state.t - KELVIN
    order, begin = np.zeros(arrays.nodes, dtype=np.int32), np.zeros(arrays.nodes + 1, dtype=np.int32)
    reached = flow_order(
        m, a[edge], wires.tail, wires.head, wires.first, wires.touching, order, begin, np.zeros(plan.links, dtype=np.int32)
    )
    if reached < arrays.nodes:
        return None
    numbers = numbers_of(solver)
    share = numbers[OPEN].copy()
    bounded = np.isin(state.bound, (hydraulic.UPPER, hydraulic.LOWER))[edge] & (plan.real == 1)
    share[bounded & (share > 0.0)] = HELD
    cold, warm = extremes(arrays, solver.scene)
    place = np.empty(solver.scene.terminals.consumer.size, dtype=np.int32)
    place[building_order(arrays, solver.scene.terminals.consumer)] = np.arange(place.size, dtype=np.int32)
    room = np.zeros(fixed.building.shape[1])
    room[place] = room_temperatures(state) - KELVIN
    constant = isinstance(water, ConstantWater)
    plants, pumps = (plan.place[arrays.part(kind).span] for kind in (Plant, Pump))
    return Given(
        solver, (plan.spans, run.forms.astype(np.int32), plan.real, plan.ends, (plan.start, plan.row, plan.target)), numbers, fixed.weight,
        share, run.source, (m, 1.0 / water.density(field.mean)[edge], 1.0 / water.viscosity(field.mean)[edge]), np.full(plan.links, 7.0),
        at.p, (a[edge], b[edge], theta), (constant, *((water.rho, water.mu, water.cp) if isinstance(water, ConstantWater) else (0.0,) * 3)),
        wires, order, fixed.building, homes_of(fixed, solver.scene.outdoor), fixed.link, place, room, flows_of_rigid(arrays, plan.place),
        plants, pumps, np.concatenate([arrays.net[Plant].efficiency, arrays.net[Pump].efficiency]), run.place, at.bound, run.limits,
        cold - KELVIN, warm - KELVIN, CREEPING * float(np.abs(m).max(initial=0.0)) + STILL,
    )
