"""Why flows were not found, and whether other temperatures might help."""

from __future__ import annotations

import numpy as np

from heatnet.arrays import Arrays
from heatnet.network import Node
from heatnet.schema import Bools, Ints
from heatnet.solve import hydraulic
from heatnet.solve.hydraulic import Flows, Task
from heatnet.solve.settings import Status
from heatnet.solve.task import edge_name, endless, possible


def failed(done: Flows) -> bool:
    """Whether an iteration found no flows, or none that real pressures drive."""
    return not done.converged or bool(np.abs(done.p).max(initial=0.0) > hydraulic.IMMENSE)


def obstacles(given: Task, done: Flows) -> tuple[Status, list[str], str]:
    """Status of an iteration that failed, what stands in the way, and by how much the equations are off.

    CONVERGED where there are flows after all and nothing proves that no pressures below PUSH [Pa] on each edge drive them: beyond
    that limit they may be, but what is not proved is not refused.
    """
    arrays = given.arrays
    ends = _immense(arrays, done) if _immense(arrays, done).any() else np.ones(arrays.nodes, dtype=bool)
    given_flow = (given.lower == given.upper) & (given.upper != 0.0) & ~arrays.dead & (ends[arrays.tail] | ends[arrays.head])
    names = [edge_name(arrays, int(edge)) for edge in np.flatnonzero(given_flow)]
    names += [f"node '{name}'" for name in arrays.net[Node].id[ends & (arrays.net[Node].inflow != 0.0)]]
    shut = endless(given, done.u)
    if names and not possible(given, shut):
        return Status.IMPOSSIBLE_LIMITS, names + _names(given, shut), ""
    if done.converged:
        return Status.CONVERGED, [], ""
    run = hydraulic.prepare(given)
    hydraulic.put(run, done.u)
    gap = np.abs(hydraulic.residual(run, hydraulic.begin(run, done)))[arrays.program.place]
    off = f"largest residual {done.pressure_residual:.2g} Pa, {done.mass_residual:.2g} kg/s; "
    return Status.MAX_STEPS, _names(given, np.argsort(-gap)[:5].astype(np.int32)), off


def beyond(given: Task, done: Flows) -> str:
    """Where the pressures of an answer are beyond all measure, in words; empty where they are not."""
    nodes = given.arrays.net[Node].id[_immense(given.arrays, done)]
    if not nodes.size:
        return ""
    most = f"{float(np.abs(done.p).max()):.1e} Pa"
    listed = ", ".join(f"'{name}'" for name in nodes[:5]) + (f" and {nodes.size - 5} more" if nodes.size > 5 else "")
    return f"given flows would need up to {most}, which no network holds; check what is given near node {listed}"


def _immense(arrays: Arrays, done: Flows) -> Bools:
    """Nodes at which the pressure is none that anything holds, (nodes,)."""
    return np.asarray((np.abs(done.p) > hydraulic.IMMENSE)[arrays.clusters.of])


def _names(given: Task, edges: Ints) -> list[str]:
    return [edge_name(given.arrays, int(edge)) for edge in edges]
