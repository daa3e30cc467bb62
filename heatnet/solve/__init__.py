"""Solve a network: flow, pressure and temperature together, with the rooms behind the consumers."""

from heatnet.solve.coupled import solve
from heatnet.solve.settings import Settings, Status
from heatnet.solve.state import Residuals, State

__all__ = ["Residuals", "Settings", "State", "Status", "solve"]
