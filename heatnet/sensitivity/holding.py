"""Regulators that hold what they sense elsewhere, at a solved state: they border the adjoint system.

One that holds p_high - p_low = set adds an unknown u (what it throttles or lifts) and this equation, with the multiplier theta:
    by u   mu = 0 at its own edge: nothing of that edge counts, u makes up for it
    by p   what mu brings to a node, + theta at `high`, - theta at `low`, is nothing
    by m   J_q + nu_t - nu_h = 0 at its own edge, whatever its slope
The second moves nu by theta A^-1 (e_low - e_high), one solve each on the factor of the network; the third is a small system for theta.
Which of them hold stays as it is. One that is open, or lifts its most, follows its own law; one shut lets nothing pass.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.arrays import Arrays
from heatnet.components import PARTS
from heatnet.errors import HeatnetError
from heatnet.linear import Factor
from heatnet.regulated import OWN, PROPORTIONAL
from heatnet.schema import Bools, Floats, Ints
from heatnet.solve import State
from heatnet.solve.hydraulic import FREE
from heatnet.solve.regulators import regulators


@dataclass(frozen=True)
class Holding:
    """Regulators that hold their set value, (k,) each."""

    edge: Ints
    high: Ints  # node
    low: Ints  # node, -1 for the air outside
    g: Floats  # kg/(s Pa), a conductance of the usual size: that of their edges does not count


def holding(state: State) -> tuple[Holding, Ints]:
    """Those that hold, and the edges of those whose answer is not differentiated here."""
    arrays, none = state.arrays, np.zeros(0, dtype=np.int32)
    regs = regulators(arrays, tuple(state.fluid(kind) for kind in PARTS), state.scene)
    if regs is None:
        return Holding(none, none, none, np.zeros(0)), none
    wires, m, u = regs.wires, state.m[regs.wires.edge], state.u
    measured, which = regs.measured(state.p)
    r = regs.push(u, m, measured)
    gap = np.concatenate([state.loss(kind) for kind in PARTS])[wires.edge]
    top = r > regs.room(u, np.nan_to_num(gap), m)
    shut = state.bound[wires.edge] != FREE
    held = (u + r > 0.0) & ~top & ~shut
    other = ((wires.kind == OWN) | (wires.kind == PROPORTIONAL)) & ~shut  # they answer to their own flow
    other |= ~shut & np.where(regs.lift, u + r <= 0.0, top)  # no lift at all, or at the smallest opening
    mine = held & ~other
    sensor = which[mine]
    g = np.abs(m[mine]) / (u[mine] + 1.0)
    return Holding(wires.edge[mine], wires.high[sensor], wires.low[sensor], np.maximum(g, 1e-9)), wires.edge[other]


@dataclass(frozen=True)
class Border:
    """What a multiplier theta of each of those that hold does, all linear."""

    of: Holding
    ends: tuple[Ints, Ints]  # clusters of the tail and the head of their edges
    moved: Floats  # (k, clusters) change of nu by each theta
    inverse: Floats  # (k, k) theta by the forces on their edges

    @staticmethod
    def of_factor(arrays: Arrays, factor: Factor, held: Holding, free: Bools) -> Border:
        """Border of a factor of the network; HeatnetError where one acts on nothing that it or another senses."""
        cluster, k = arrays.clusters.of, held.edge.size
        moved = np.zeros((k, arrays.clusters.count))
        for row in range(k):
            right = np.zeros(arrays.clusters.count)
            right[cluster[held.high[row]]] -= 1.0
            if held.low[row] >= 0:
                right[cluster[held.low[row]]] += 1.0
            here = np.zeros(arrays.laplacian.size)
            here[arrays.unknown[free]] = right[free]
            moved[row, free] = factor.solve(here)[arrays.unknown[free]]
        ends = cluster[arrays.tail[held.edge]], cluster[arrays.head[held.edge]]
        matrix = (moved[:, ends[0]] - moved[:, ends[1]]).T
        if k and np.linalg.cond(matrix) > 1e12:
            raise HeatnetError("the gradients of this state are undefined: regulators hold pressures that they do not decide")
        return Border(held, ends, moved, np.asarray(np.linalg.inv(matrix), dtype=np.float64))

    def theta(self, force: Floats) -> Floats:
        """Multipliers (k,) that leave no force on their edges, from the forces without them, (k,)."""
        return np.asarray(-self.inverse @ force)

    def brought(self, arrives: Floats, theta: Floats) -> None:
        """Add what they bring to the nodes they sense, in place, (nodes,)."""
        np.add.at(arrives, self.of.high, theta)
        some = self.of.low >= 0
        np.subtract.at(arrives, self.of.low[some], theta[some])
