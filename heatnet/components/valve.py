"""Valve: dp = K m|m| with K = 1.296e9/(rho Kv^2), Kv in m3/h at 1 bar and 1000 kg/m3 (IEC 60534-2-1); Kv = Kvs phi(y).

Characteristics phi of opening y: linear phi = l + (1 - l) y; equal percentage phi = Rg^(y-1), made closable by a line below
y = 0.005 and a cubic blend up to 0.015 (as the Modelica Buildings library does), l = closing ratio.
Near rest K m sqrt(m^2 + m1^2) with K m1^2 = 1 mPa keeps the slope above zero.

Controls: `fixed`; `flow` limits the flow; `check` lets none back; `difference` holds the pressure difference between two nodes,
`reduce` the pressure behind it and `sustain` that before it (both let none back): these throttle as far as needed, never open
further than `opening`, see heatnet.solve.regulators.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.components.edge import Edge, Fluid, Scene
from heatnet.jit import kernel
from heatnet.schema import Bools, Floats, Texts, column, text

KV = 1.296e9  # Pa m3/kg (m3/h)2 /(kg/s)2: 1e5 Pa * 3600^2 / 1000 kg/m3
CHARACTERISTICS = ("linear", "equal_percentage")
BLEND = 0.01  # opening about which the closable equal-percentage curve is blended
CONTROLS = ("fixed", "flow", "check", "difference", "reduce", "sustain")
ONE_WAY = ("check", "reduce", "sustain")
USUAL_DROP = 1e4  # Pa, first guess of a drop across a valve


@dataclass(frozen=True)
class SquareLaw:
    """dp = K m|m|, K [Pa s2/kg2] (n,)."""

    k: Floats

    @property
    def form(self) -> int:
        """Square law."""
        return 1

    def coefficients(self) -> tuple[Floats, ...]:
        """For the solver."""
        with np.errstate(divide="ignore"):
            return self.k, 1e-3 / self.k

    def head_loss(self, m: Floats, loss: Floats, slope: Floats) -> None:
        """Loss and slope of the square law, smooth at rest."""
        square_losses(m, self.k, loss, slope)


@dataclass(frozen=True)
class Valve(Edge):
    """A valve in a line."""

    kvs: Floats = column("m3/h at 1 bar", "flow coefficient of the fully open valve", least=1e-4, most=1e6)
    opening: Floats = column("-", "opening, 0 closed to 1 fully open", least=0, most=1, default=1.0)
    characteristic: Texts = text("inherent characteristic", default="linear", choices=CHARACTERISTICS)
    rangeability: Floats = column("-", "rangeability of the equal-percentage characteristic", above=1, most=1000, default=50.0)
    leakage: Floats = column("-", "flow coefficient when closed, as a share of Kvs", least=0, most=0.5, default=0.0)
    type: Texts = text("its type, as a valve catalogue names it; none if it may not be set for a balance", default="")
    control: Texts = text("what it does by itself", default="fixed", choices=CONTROLS)
    flow: Floats = column("kg/s", "set flow (control flow): no more passes from tail to head", least=0, most=1e5, optional=True)
    difference: Floats = column(
        "Pa", "set pressure difference from node high to node low (control difference)", least=0, most=1e7, optional=True
    )
    high: Texts = text("node of the higher pressure it senses (control difference)", default="", refers="node")
    low: Texts = text("node of the lower pressure it senses (control difference)", default="", refers="node")
    pressure: Floats = column(
        "Pa", "set gauge pressure: at its head (control reduce), at its tail (control sustain)", least=-1e5, most=1e8, optional=True
    )
    least: Floats = column("-", "smallest opening, share of what passes at `opening` (control difference)", least=0, most=0.99, default=0.0)

    def share(self) -> Floats:
        """Kv/Kvs at the present opening [-], (n,)."""
        return characteristic(self.opening, self.characteristic, self.rangeability, self.leakage)

    def law(self, fluid: Fluid, friction_law: str, scene: Scene) -> SquareLaw:
        """Square law of the present opening."""
        return SquareLaw(resistance(self.kvs * self.share(), fluid.rho))

    def limits(self, t_in: Floats, fluid: Fluid, scene: Scene) -> tuple[Floats, Floats]:
        """Flow limiters and one-way valves."""
        lower, upper = np.full(len(self), -np.inf), np.full(len(self), np.inf)
        if not len(self) or (self.control == "fixed").all():
            return lower, upper
        lower[np.isin(self.control.astype(str), ONE_WAY)] = 0.0
        return lower, np.where(self.control == "flow", self.flow, upper)

    def closed(self) -> Bools:
        """Valves that are shut tight, or let nothing pass."""
        return np.asarray((self.share() <= 0.0) | ((self.control == "flow") & (self.flow == 0.0)))

    def guess(self, fluid: Fluid, scene: Scene) -> Floats:
        """Flow at a usual drop."""
        return np.sqrt(USUAL_DROP / resistance(np.maximum(self.kvs * self.share(), 1e-9), fluid.rho))


def resistance(kv: Floats, rho: Floats) -> Floats:
    """K [Pa s2/kg2] of a flow coefficient [m3/h at 1 bar] in water of density rho [kg/m3]; any shape.

    >>> round(float(resistance(np.array(40.0), np.array(971.8))), 1)
    833.5
    """
    with np.errstate(divide="ignore"):
        return KV / (rho * kv**2)


def characteristic(y: Floats, kind: Texts, rangeability: Floats, leakage: Floats) -> Floats:
    """Kv/Kvs [-] at opening y, all (n,).

    >>> [round(float(v), 3) for v in characteristic(np.array([.5]), np.array(["equal_percentage"]), np.array([50.]), np.zeros(1))]
    [0.141]
    """
    linear = leakage + (1.0 - leakage) * y
    equal = np.asarray(kind == "equal_percentage", dtype=bool)
    if not equal.any():
        return linear
    log = np.log(rangeability)
    # Hermite between the line at BLEND/2 and the exponential at 3 BLEND/2, equal value and slope at both
    at, to = BLEND / 2, 3 * BLEND / 2
    gradient = (rangeability ** (BLEND - 1.0) - leakage) / BLEND
    y0, y1, d0, d1 = leakage + gradient * at, rangeability ** (to - 1.0), gradient * BLEND, rangeability ** (to - 1.0) * log * BLEND
    x = np.clip((y - at) / BLEND, 0.0, 1.0)
    blend = y0 + x * (d0 + x * (3 * (y1 - y0) - 2 * d0 - d1 + x * (2 * (y0 - y1) + d0 + d1)))
    curve = np.where(y <= at, leakage + gradient * y, np.where(y >= to, rangeability ** (y - 1.0), blend))
    return np.where(equal, curve, linear)


def opening_for(share: Floats, kind: Texts, rangeability: Floats, leakage: Floats) -> Floats:
    """Opening y at which the characteristic gives Kv/Kvs = share, all (n,); 0 below what leaks, 1 above the fully open valve.

    >>> round(float(opening_for(np.array([0.1414]), np.array(["equal_percentage"]), np.array([50.0]), np.zeros(1))[0]), 2)
    0.5
    """
    linear = np.clip((share - leakage) / (1.0 - leakage), 0.0, 1.0)
    equal = np.asarray(kind == "equal_percentage", dtype=bool)
    if not equal.any():
        return linear
    y = np.clip(1.0 + np.log(np.maximum(share, 1e-300)) / np.log(rangeability), 0.0, 1.0)
    blend = y < 3 * BLEND / 2
    if (blend & equal).any():  # below the exponential: bisection of the rising curve
        low, high = np.zeros_like(y), np.full_like(y, 3 * BLEND / 2)
        for _ in range(60):
            middle = 0.5 * (low + high)
            under = characteristic(middle, kind, rangeability, leakage) < share
            low, high = np.where(under, middle, low), np.where(under, high, middle)
        y = np.where(blend, np.where(share <= leakage, 0.0, high), y)
    return np.where(equal, y, linear)


@kernel
def square_losses(m: Floats, k: Floats, loss: Floats, slope: Floats) -> None:
    """dp = K m sqrt(m^2 + 1e-3/K) and its slope, all (n,)."""
    for i in range(m.size):
        rest = 1e-3 / k[i]
        root = np.sqrt(m[i] * m[i] + rest)
        loss[i] = k[i] * m[i] * root
        slope[i] = k[i] * (2.0 * m[i] * m[i] + rest) / root
