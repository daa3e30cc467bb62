"""Loss of pipes by each of their parameters, from the loss, its slope, and its answer to roughness.

f = r lambda(a q, k) q^2 + z q^2: r and z scale their part, and q df/dq = 2 f + a df/da, so that a (through viscosity and
diameter) needs no further evaluation. The answer to relative roughness k of Colebrook's law X + c ln(k/3.7 + a X) = 0, X = lambda^-1/2,
c = 2/ln 10, a = 2.51/Re, follows from its lambda: dX/dk = -(c/3.7)/(y + c a), y = k/3.7 + a X. Of the other laws, and in the
transition from laminar flow, it is a central difference of lambda.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.components import Fluid, Pipe
from heatnet.friction import LN10, TURBULENT, smooth_factor
from heatnet.jit import kernel
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
        slope, loss = np.ones(m.size), np.zeros(m.size)
        law.head_loss(m, loss, slope)
        local = np.where(law.r > 0.0, law.z * m * np.abs(m), loss)
        rough = roughened(law.code, law.laminar, m, law.a, law.r, law.kd, loss - local)
        return PipeLosses(slope, loss, local, m * slope - 2.0 * loss, rough)

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


@kernel
def roughened(law: int, laminar: float, m: Floats, a: Floats, r: Floats, kd: Floats, friction: Floats) -> Floats:
    """Loss by relative roughness [Pa], (n,), of pipes whose loss by friction is known; coefficients as in heatnet.friction."""
    found, c = np.zeros(m.size), 2.0 / LN10
    for i in range(m.size):
        re, dynamic = a[i] * abs(m[i]), r[i] * m[i] * abs(m[i])
        if re <= laminar or r[i] == 0.0:
            continue
        if law == 0 and re >= TURBULENT:
            x = (dynamic / friction[i]) ** 0.5
            b = 2.51 / re
            by_x = -(c / 3.7) / (kd[i] / 3.7 + b * x + c * b)
            found[i] = -2.0 * by_x / (x * x * x) * dynamic
        else:
            low, high = kd[i] * (1.0 - RELATIVE), kd[i] * (1.0 + RELATIVE) + (SMOOTH if kd[i] == 0.0 else 0.0)
            more = smooth_factor(law, laminar, re, high)[0] - smooth_factor(law, laminar, re, low)[0]
            found[i] = more / (high - low) * dynamic
    return found
