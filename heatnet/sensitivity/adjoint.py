"""One adjoint solve of the coupled steady state: multipliers of all equations, from which every gradient follows.

L = J + sum_v lam_v R_v + sum_e mu_e (loss_e - gap_e) + sum_e kap_e (m_e - M_e) + sum_v nu_v (out - in),
R_v = sum_in q (h(T_o) - h(T_v)) + inflow, mu at edges whose flow follows the law (and rigid ones), kap where it is prescribed, M its value.
    by T_v    den_v lam_v = sum_out [ J_T + lam_d q c T_o' + mu push T_m' - kap M' ],        den_v = c(T_v) (sum_in q + inflow)
    by m      mu slope + nu_t - nu_h + J_q = 0,  kap + nu_t - nu_h + J_q = 0,  J_q = sign [ J_q + lam_d (h(T_o) - h(T_d)) + ... ]
    by p      B' mu = 0 at nodes whose pressure is free
The second and third are the transpose of the Newton step: the same Laplacian, J_q for loads (solver theory: Todini & Pilati 1988;
discrete adjoints: Giles & Pierce 2000, Flow Turbul. Combust. 65, 393-415). The first is one sweep against the flow. Multipliers feed back
into it through viscosity, density and heat-driven flows: five or six rounds close that loop, or GMRES (Saad & Schultz 1986) where
rounds contract slowly.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse.linalg import LinearOperator, gmres

from heatnet.components import Exchanger
from heatnet.errors import HeatnetError
from heatnet.linear import Factor
from heatnet.network import Node
from heatnet.schema import Bools, Floats, Ints
from heatnet.sensitivity.holding import Border, holding
from heatnet.sensitivity.local import Local, local
from heatnet.sensitivity.objective import Deficit
from heatnet.sensitivity.rounds import against, backward, drawn, driven
from heatnet.solve import State
from heatnet.solve.hydraulic import SHARES, UPPER
from heatnet.solve.task import entering
from heatnet.solve.thermal import STILL, circular
from heatnet.units import KELVIN

EXACT = 1e-10  # relative residual of the loop between multipliers
ROUNDS, SLOW = 20, 0.2  # most rounds, and the share of the last change above which they are not worth it


@dataclass(frozen=True)
class Adjoint:
    """Multipliers of a state."""

    local: Local
    value: float  # K household
    factor: Factor  # of the Laplacian of the slopes
    g: Floats  # (edges,) 1/slope where the law holds, else 0
    lam: Floats  # (nodes,) K household per W of heat given to a node
    nu: Floats  # (nodes,) K household s/kg: objective by water drawn at a node
    mu: Floats  # (edges,) K household/Pa by loss where the law holds, or by flow (less 1 kg/s) where it is prescribed
    source: Floats  # (edges,) objective by flow, the pressure equations left aside
    border: Border  # regulators that hold what they sense elsewhere


def adjoint(state: State, deficit: Deficit) -> Adjoint:
    """Multipliers of a converged state; HeatnetError for a network with exchangers, whose coupling is not differentiated here."""
    if len(state.arrays.net[Exchanger]):
        raise HeatnetError("gradients are worked out for networks without exchangers; compare scenarios of this one instead")
    loop = _Loop.of(local(state, deficit))
    mu = loop.closed()
    mu, nu, lam, source = loop.around(mu)
    return Adjoint(loop.local, deficit.value(loop.local.homes.room), loop.factor, loop.g, lam, nu, mu, source, loop.border)


@dataclass(frozen=True)
class _Loop:
    local: Local
    factor: Factor
    border: Border
    g: Floats
    weight: Floats  # (edges,) W/K that reach the outlet by a kelvin of the inlet
    order: tuple[Ints, Ints, Ints]  # nodes against the flow, see rounds.backward; no edges where water runs in circles
    enters: Floats  # (nodes,) water that enters with a temperature of its own
    warmer: Floats  # (nodes,) J/kg, by which it is warmer than the node
    below: Floats  # (nodes,) c (flow through)
    still: Bools
    falls: Floats  # (edges,) J/kg, outlet above the node it flows into

    @staticmethod
    def of(at: Local) -> _Loop:
        state = at.state
        arrays, water = state.arrays, state.settings.water
        g = np.where(at.free, 1.0 / np.where(at.free, at.slope, 1.0), 0.0)
        held = holding(state)[0]
        g[held.edge] = held.g
        tie = np.where(at.bound & (state.bound >= UPPER), SHARES[UPPER], 0.0)
        given = arrays.net[Node].inflow_temperature
        enters = np.where(np.isnan(given), 0.0, np.maximum(entering(arrays, state.m), 0.0))
        through = np.bincount(at.down, at.q, minlength=arrays.nodes) + enters
        own = water.enthalpy(state.t)
        warmer = np.where(np.isnan(given), 0.0, water.enthalpy(np.where(np.isnan(given), KELVIN, given)) - own)
        weight = np.where(at.q > 0.0, at.q * at.capacity * at.outlet[0], 0.0)
        factor = arrays.laplacian.factor(g + tie)
        border = Border.of_factor(arrays, factor, held, arrays.unknown >= 0)
        return _Loop(
            at, factor, border, g, weight, _order(at, weight), enters, warmer, through * water.secant(state.t, state.t),
            through <= STILL, at.enthalpy - own[at.down],
        )

    def closed(self) -> Floats:
        """Multipliers that reproduce themselves: by rounds while these contract, else by GMRES."""
        start = self.around(np.zeros(self.local.state.arrays.edges))[0]
        mu, before, scale = start, np.inf, float(np.abs(start).max(initial=0.0))
        for _ in range(ROUNDS):
            after = self.around(mu)[0]
            change, mu = float(np.abs(after - mu).max(initial=0.0)), after
            ahead = change * change / before if before < np.inf else change  # what the round to come would change
            if min(change, ahead) <= EXACT * scale:
                return mu
            if change > SLOW * before:
                break
            before = change
        size = (mu.size, mu.size)
        operator = LinearOperator(size, matvec=lambda y: y - (self.around(y)[0] - start), dtype=np.float64)
        mu, left = gmres(operator, start, x0=mu, rtol=EXACT, atol=0.0, restart=30, maxiter=10)
        if left:
            raise HeatnetError("the gradients of this state are undefined: its temperatures and flows drive each other without end")
        return np.asarray(mu)

    def around(self, mu: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Multipliers mu, nu, lam and the source that follow when the feedback is that of `mu`."""
        at = self.local
        press, ask = np.where(at.bound, 0.0, mu) * at.push, np.where(at.bound, mu, 0.0)
        back = at.gain + press * at.mean[:2] - ask * at.wanted[:2]
        lam = self._against_the_flow(back[0])
        carried = lam[at.down] * at.q * at.capacity
        source = at.sign * (back[1] + lam[at.down] * self.falls + carried * at.outlet[1])
        if self.enters.any():
            source = source + self._of_inflow(lam)
        return *self._pressures(source), lam, source

    def _against_the_flow(self, right: Floats) -> Floats:
        at = self.local
        order, begin, out = self.order
        if out.size:
            return against(order, begin, out, at.up, self.weight, right, self.below, self.still)
        gathered = np.bincount(at.up, right, minlength=self.below.size).astype(np.float64)
        one, none = np.ones(self.weight.size), np.zeros(self.weight.size)
        lam = circular(at.down, at.up, self.weight, one, none, gathered, self.below, self.still, 0.0)
        lam[self.still] = 0.0
        return lam

    def _of_inflow(self, lam: Floats) -> Floats:
        """Objective by flow through the water that held nodes take in, (edges,)."""
        arrays = self.local.state.arrays
        worth = np.where(arrays.held & (self.enters > 0.0), lam * self.warmer, 0.0)
        return np.asarray(worth[arrays.tail] - worth[arrays.head])

    def _pressures(self, source: Floats) -> tuple[Floats, Floats]:
        """mu (kap where flow is prescribed) and nu from the objective by flow."""
        arrays, g = self.local.state.arrays, self.g
        clusters, merged = arrays.clusters, arrays.clusters.edges
        nu = clusters.offsets(source[merged])
        right = drawn(arrays.tail, arrays.head, clusters.of, g, source, nu, clusters.count)
        free = arrays.unknown >= 0
        here = np.zeros(arrays.laplacian.size)
        here[arrays.unknown[free]] = right[free]
        common = np.zeros(clusters.count)
        common[free] = self.factor.solve(here)[arrays.unknown[free]]
        held = self.border.of.edge
        if held.size:
            offset = nu[arrays.tail[held]] - nu[arrays.head[held]]
            ends = self.border.ends
            theta = self.border.theta(source[held] + offset + common[ends[0]] - common[ends[1]])
            common += theta @ self.border.moved
        nu = nu + common[clusters.of]
        mu, arrives = driven(arrays.tail, arrays.head, g, self.local.bound, source, nu)
        if held.size:
            mu[held] = 0.0  # up to rounding they are
            self.border.brought(arrives, theta)
        if merged.size:
            mu[merged] = clusters.flows(arrays.tail, arrays.head, arrives)
        return mu, nu


def _order(at: Local, weight: Floats) -> tuple[Ints, Ints, Ints]:
    """Nodes against the flow, with the edges that bring water to each; none of these where water runs in circles."""
    nodes = at.state.arrays.nodes
    order, begin, out = (np.zeros(size, dtype=np.int32) for size in (nodes, nodes + 1, max(weight.size, 1)))
    reached = backward(at.up, at.down, weight, order, begin, out)
    return order, begin, out if reached == nodes else out[:0]
