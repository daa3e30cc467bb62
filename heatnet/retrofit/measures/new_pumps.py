"""Pumps that measures put in, and their electrical power."""

from __future__ import annotations

from heatnet.components import Pump
from heatnet.schema import Floats

RHO, G = 970.0, 9.80665  # kg/m3 of hot water, m/s2: for heads of new pumps
SHUTOFF = 1.25  # head at no flow over head at the rated point of a new pump
EFFICIENCY = 0.65


def new_pumps(names: list[str], tails: list[str], heads: list[str], lift: Floats, flow: Floats) -> Pump:
    """Pumps of a lift [Pa] at a flow [kg/s]."""
    head = lift / (RHO * G)
    return Pump.of(
        id=names, tail=tails, head=heads, shutoff_head=SHUTOFF * head, rated_head=head, rated_flow=flow / RHO, efficiency=EFFICIENCY,
    )


def power(lift: float, flow: float) -> float:
    """Electrical power of a pump [kW] at a lift [Pa] and a flow [kg/s]."""
    return lift * flow / RHO / EFFICIENCY / 1e3
