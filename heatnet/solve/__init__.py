"""Solve a network: flow, pressure and temperature together, with the rooms behind the consumers."""

from heatnet.solve.coupled import Solver, solve
from heatnet.solve.many import Many, solve_many
from heatnet.solve.settings import Settings, Status
from heatnet.solve.state import Residuals, State

__all__ = ["Many", "Residuals", "Settings", "Solver", "State", "Status", "solve", "solve_many"]
