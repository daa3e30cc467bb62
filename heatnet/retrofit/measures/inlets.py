"""Inlets as measures see them: drop of the open inlet, a flow coefficient that fits, the bill of a valve each."""

from __future__ import annotations

import numpy as np

from heatnet.components import Consumer
from heatnet.components.valve import KV
from heatnet.retrofit.measures.measure import Basis, Item
from heatnet.schema import Floats, Longs

USUAL = 3e4  # Pa, drop of an inlet at design flow where nothing tells
SPEED = 1.0  # m/s, by which the size of a valve is told for its price


def open_drop(basis: Basis) -> Floats:
    """Pressure drop of each inlet at design flow, valve fully open [Pa], (consumers,); NaN where no kvs or design flow is known."""
    rho = basis.state.fluid(Consumer).rho
    flow = np.where(basis.design_flow > 0.0, basis.design_flow, np.nan)
    drop: Floats = KV / (rho * basis.net[Consumer].kvs ** 2) * flow**2
    return drop


def fitting_kvs(basis: Basis, at: Longs, drop: float) -> Floats:
    """Flow coefficient [m3/h at 1 bar] that passes the design flow at a drop [Pa]; ValueError where no design flow is known."""
    flow = basis.design_flow[at]
    if not (flow > 0.0).all():
        raise ValueError(f"inlet '{basis.net[Consumer].id[at][flow <= 0.0][0]}' has no design flow")
    return np.asarray(flow * np.sqrt(KV / (basis.state.fluid(Consumer).rho[at] * drop)))


def bill(price: str, basis: Basis, at: Longs) -> tuple[Item, ...]:
    """One valve an inlet, of the size that its design flow asks for."""
    bore = np.sqrt(4.0 * basis.design_flow[at] / (np.pi * 970.0 * SPEED))
    return tuple(Item(price, 1.0, float(one)) for one in bore)
