"""Every equation once more, from the final flows, pressures and temperatures."""

from __future__ import annotations

import numpy as np

from heatnet.components import Consumer
from heatnet.network import Node
from heatnet.schema import Floats
from heatnet.solve import hydraulic, thermal
from heatnet.solve.certificate import exchanged
from heatnet.solve.state import Residuals, State


def account(state: State, pressure: float, rho: Floats, enters: Floats, left: Floats) -> Residuals:
    """Largest residuals of a state.

    `pressure` is that of its edges [Pa], rho [kg/m3] what the water was weighed with, (edges,); `enters` and `left` are
    what enters at each node and what is left over there [kg/s], (nodes,).
    """
    return account_lanes(state, np.array([pressure]), rho, enters, left)[0]


def account_lanes(state: State, pressure: Floats, rho: Floats, enters: Floats, left: Floats) -> list[Residuals]:
    """The same of the scenarios of a stack (heatnet.solve.stack) whose state this is; `pressure` has one entry a scenario."""
    arrays, water, m, lanes = state.arrays, state.settings.water, state.m, pressure.size
    mass = _worst(left, lanes)
    if not state.settings.heat:
        return [Residuals(float(one), float(two), 0.0, 0.0, 0.0, 0.0) for one, two in zip(pressure, mass, strict=True)]
    node, q = water.enthalpy(state.t), np.where(np.abs(m) > thermal.STILL, np.abs(m), 0.0)
    outlet = q * water.enthalpy(state.t_out)
    down = np.where(m >= 0.0, arrays.head, arrays.tail)
    warmth = arrays.net[Node].inflow_temperature
    fed = np.where(np.isnan(warmth), 0.0, np.maximum(enters, 0.0))
    fed_heat = fed * water.enthalpy(np.where(np.isnan(warmth), 300.0, warmth))
    arrives = np.bincount(down, q, minlength=arrays.nodes) + fed
    energy = np.bincount(down, outlet, minlength=arrays.nodes) + fed_heat - arrives * node
    energy = np.where(state.still, 0.0, energy)
    own = enters - fed  # enters or leaves at the node's own temperature
    total = _sums(fed_heat + own * node, lanes) - _sums(q * water.enthalpy(state.t_in) - outlet, lanes)
    served = (arrays.net[Consumer].control == "load") & (state.bound[state.of(Consumer)] == hydraulic.UPPER)
    load = np.where(served, state.heat(Consumer) - state.wanted(), 0.0)
    load = np.concatenate([load, exchanged(state)])
    rows = zip(pressure, mass, _worst(energy, lanes), _worst(load, lanes), np.abs(total), _weight(state, rho, lanes), strict=True)
    return [Residuals(*(float(value) for value in row)) for row in rows]


def _worst(values: Floats, lanes: int) -> Floats:
    return np.asarray(np.abs(values).reshape(-1, lanes).max(axis=0, initial=0.0))


def _sums(values: Floats, lanes: int) -> Floats:
    return np.asarray(values.reshape(-1, lanes).sum(axis=0))


def misweighed(state: State, rho: Floats) -> Floats:
    """Weight [Pa] by which water of density rho [kg/m3] in an edge differs from that of its final temperature, (edges,)."""
    arrays = state.arrays
    mean = thermal.means(arrays, np.abs(state.m), state.t_in, state.t_out, state.settings.water)
    height = arrays.net[Node].height
    lift = state.scene.gravity * (height[arrays.tail] - height[arrays.head])
    return np.asarray(np.abs(lift * (rho - state.settings.water.density(mean))))


def _weight(state: State, rho: Floats, lanes: int) -> Floats:
    """Largest of these."""
    if not state.scene.gravity or not state.arrays.net[Node].height.any():
        return np.zeros(lanes)  # nothing is lifted
    return _worst(misweighed(state, rho), lanes)
