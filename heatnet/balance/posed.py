"""The hydraulic problem of a balance at a temperature field: consumers take given flows, or no more than they want.

Where all flows are given, the pressure difference of every consumer moves one for one with the lift of its part, so one solve tells the
least lift and what every valve has to take: this is the presetting of Todini's prescribed-flow problem on trees and loops alike.
Where pressure does not suffice, a consumer takes what its open valve passes, at most what it wants: the bounded flows of the solver.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from heatnet.arrays import Arrays
from heatnet.balance.places import Places
from heatnet.components import Consumer, Valve
from heatnet.errors import NotSolved
from heatnet.schema import Bools, Floats
from heatnet.solve import State, hydraulic, thermal
from heatnet.solve.hydraulic import Flows, Task
from heatnet.solve.settings import Status
from heatnet.solve.task import conflicts, edge_name, flows, task
from heatnet.solve.thermal import Field


@dataclass(frozen=True)
class Posed:
    """A problem at one temperature field; its valves as the arrays have them."""

    task: Task
    places: Places
    state: State  # of the temperature field


@dataclass(frozen=True)
class Found:
    """Flows and what they need."""

    flows: Flows
    m: Floats  # (edges,)
    loss: Floats  # (edges,) pressure difference at hand [Pa], static height taken off
    open: Floats  # (consumers,) loss of the open inlet at its flow wanted [Pa]
    margin: Floats  # (consumers,) difference at hand less that [Pa]; NaN where nothing is wanted


def pose(arrays: Arrays, places: Places, state: State) -> Posed:
    """The problem of a network (valves and lifts as in `arrays`) at the temperatures of a state."""
    settings = state.settings
    mean = thermal.means(arrays, np.abs(state.m), state.t_in, state.t_out, settings.water)
    field = Field(state.t, state.t_in, state.t_out, mean, state.still)
    fluid = thermal.fluids(arrays, settings.water, field)
    rho = np.concatenate([water.rho for water in fluid])
    given = task(arrays, fluid, field, state.scene, settings.friction, rho, state.m)
    if names := conflicts(given):
        raise NotSolved(replace(state, arrays=arrays, status=Status.CONFLICT, detail=", ".join(names[:8])))
    return Posed(given, places, state)


def solve_flows(posed: Posed, wanted: Floats, first: Flows | None, given: Bools) -> Found:
    """Flows where consumers that can be set take what is wanted [kg/s]; those `given` whatever pressure that needs; all (consumers,).

    NotSolved names where the problem has no answer.
    """
    arrays, settings, places = posed.task.arrays, posed.state.settings, posed.places
    span = arrays.part(Consumer).span
    bound = (places.inlets | places.steady) & ~np.isnan(wanted)
    lower, upper = posed.task.lower.copy(), posed.task.upper.copy()
    rows = span.start + np.flatnonzero(bound)
    upper[rows] = wanted[bound]
    lower[rows] = np.where(given, wanted, np.where(places.steady, 0.0, -np.inf))[bound]  # an open valve lets water run back
    problem = replace(posed.task, lower=lower, upper=upper)
    begin = hydraulic.start(problem) if first is None else first
    found = hydraulic.solve(problem, begin, settings.pressure_tolerance, settings.mass_tolerance, settings.max_steps)
    if not found.converged or np.abs(found.p).max(initial=0.0) > hydraulic.IMMENSE:
        worst = [edge_name(arrays, int(edge)) for edge in np.argsort(-np.abs(found.m))[:5]]
        status = Status.MAX_STEPS if not found.converged else Status.IMPOSSIBLE_LIMITS
        raise NotSolved(replace(posed.state, arrays=arrays, status=status, detail=f"in the balance, {', '.join(worst)}"))
    of = arrays.clusters.of
    loss = found.p[of[arrays.tail]] - found.p[of[arrays.head]] + problem.drive
    need = np.where(np.isnan(wanted), np.nan, resistances(posed)[0]) * wanted**2
    return Found(found, flows(problem, found.m), loss, need, loss[span] - need)


def resistances(posed: Posed) -> tuple[Floats, Floats]:
    """K [Pa s2/kg2] of the inlets and of the valves in lines as they stand in the problem."""
    parts = posed.task.arrays.parts
    at = {type(part.table): law for part, law in zip(parts, posed.task.laws, strict=True)}
    return at[Consumer].coefficients()[0], at[Valve].coefficients()[0]
