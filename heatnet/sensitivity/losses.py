"""Loss of pipes by each of their parameters, from the loss, its slope, and its answer to roughness.

f = r lambda(a q, k) q^2 + z q^2: r and z scale their part, and q df/dq = 2 f + a df/da, so that a (through viscosity and
diameter) needs no further evaluation. Only the answer to relative roughness is a central difference of the friction law.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.components import Fluid, Pipe
from heatnet.components.pipe import PipeLaw
from heatnet.schema import Floats
from heatnet.solve import State

RELATIVE = 1e-5  # step of relative roughness
SMOOTH = 1e-9  # the same where a pipe has none


@dataclass(frozen=True)
class PipeLosses:
    """Pipes of a state, (pipes,); all but slope in Pa, signed as the flow, by relative changes (d/dln)."""

    slope: Floats  # Pa s/kg
    loss: Floats
    local: Floats  # the part of local losses
    by_a: Floats  # by Re at given flow
    by_roughness: Floats  # Pa per unit of relative roughness

    @staticmethod
    def of(state: State) -> PipeLosses:
        """Losses at the flows of a state."""
        pipe, m = state.arrays.net[Pipe], state.m[state.of(Pipe)]
        law = pipe.law(state.fluid(Pipe), state.settings.friction, state.scene)
        slope, loss, unused = np.ones(m.size), np.zeros(m.size), np.ones(m.size)
        law.head_loss(m, loss, slope)
        rough = np.zeros((2, m.size))
        ends = np.maximum(law.kd * (1.0 - RELATIVE), 0.0), law.kd * (1.0 + RELATIVE) + np.where(law.kd == 0.0, SMOOTH, 0.0)
        for row, kd in zip(rough, ends, strict=True):
            PipeLaw(law.code, law.laminar, law.a, law.r, law.z, kd).head_loss(m, row, unused)
        local = np.where(law.r > 0.0, law.z * m * np.abs(m), loss)
        return PipeLosses(slope, loss, local, m * slope - 2.0 * loss, (rough[1] - rough[0]) / (ends[1] - ends[0]))

    def by_temperature(self, cold: Fluid, warm: Fluid, gap: float) -> Floats:
        """Loss by temperature [Pa/K] from the water `gap` kelvin apart, (pipes,)."""
        thicker, heavier = np.log(warm.mu / cold.mu) / gap, np.log(warm.rho / cold.rho) / gap
        return np.asarray(-self.by_a * thicker - self.loss * heavier)

    def by(self, pipe: Pipe, name: str, factor: float) -> Floats:
        """Loss by diameter, roughness [Pa/m] or zeta [Pa], (pipes,); `factor` of the friction law on relative roughness."""
        relative = pipe.roughness / pipe.diameter * factor
        if name == "roughness":
            return np.asarray(self.by_roughness * factor / pipe.diameter)
        friction = self.loss - self.local
        return np.asarray(-(self.by_a + 5.0 * friction + 4.0 * self.local + relative * self.by_roughness) / pipe.diameter)
