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
    arrays, water, m = state.arrays, state.settings.water, state.m
    mass = float(np.abs(left).max(initial=0.0))
    if not state.settings.heat:
        return Residuals(pressure, mass, 0.0, 0.0, 0.0, 0.0)
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
    total = float(np.sum(fed_heat + own * node) - np.sum(q * water.enthalpy(state.t_in) - outlet))
    served = (arrays.net[Consumer].control == "load") & (state.bound[state.of(Consumer)] == hydraulic.UPPER)
    load = np.where(served, state.heat(Consumer) - state.wanted(), 0.0)
    load = np.concatenate([load, exchanged(state)])
    worst, short = float(np.abs(energy).max(initial=0.0)), float(np.abs(load).max(initial=0.0))
    return Residuals(pressure, mass, worst, short, abs(total), _weight(state, rho))


def _weight(state: State, rho: Floats) -> float:
    """Largest weight [Pa] by which the water in an edge differs from that of its final temperature."""
    arrays = state.arrays
    if not state.scene.gravity or not arrays.net[Node].height.any():
        return 0.0  # nothing is lifted
    mean = thermal.means(arrays, np.abs(state.m), state.t_in, state.t_out, state.settings.water)
    height = arrays.net[Node].height
    lift = state.scene.gravity * (height[arrays.tail] - height[arrays.head])
    return float(np.abs(lift * (rho - state.settings.water.density(mean))).max(initial=0.0))
