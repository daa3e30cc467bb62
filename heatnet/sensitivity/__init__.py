"""Gradients of the weighted deficit to everything that can be changed, and estimates of finite changes, from one adjoint solve."""

from heatnet.sensitivity.estimates import Ties, estimate, leverage, screen
from heatnet.sensitivity.objective import Deficit
from heatnet.sensitivity.result import Sensitivities, sensitivities

__all__ = ["Deficit", "Sensitivities", "Ties", "estimate", "leverage", "screen", "sensitivities"]
