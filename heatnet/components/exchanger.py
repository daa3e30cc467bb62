"""Exchanger: an indirect substation, a counterflow plate heat exchanger between a primary and a secondary network.

Heat Q = G (T1 - t2) between the two inlet temperatures, with the capacity rates C = m cp of both sides:
    counterflow   1/G = d/(UA (1 - exp(-d))) + 1/C2,  d = UA (1/C1 - 1/C2)
    parallel flow G = (1 - exp(-s))/(1/C1 + 1/C2),    s = UA (1/C1 + 1/C2)       (one side runs backwards)
This is effectiveness-NTU, Q = eps C_min (T1 - t2) (Kays & London, Compact Heat Exchangers; VDI Heat Atlas C1), written so that it
is smooth where C1 = C2. The coefficient follows the flows, x = m/m_design, and deposits add a constant resistance:
    1/UA = (1/UA_design) (s x1^-y + (1 - s) x2^-y + F),   UA_design = Q_design/LMTD
Control `supply`: the primary valve takes the flow that brings the secondary supply to its set temperature, at most what the open
valve gives; Q rises strictly with the primary flow, so that this flow is one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.components.edge import Edge, Fluid, Scene
from heatnet.components.valve import CHARACTERISTICS, KV, SquareLaw, characteristic
from heatnet.schema import Bools, Floats, Texts, column, text
from heatnet.units import KELVIN
from heatnet.water import Water

CONTROLS = ("supply", "fixed")
MOST = 1e3  # -, of the design flow: a primary flow beyond it is taken as out of reach


@dataclass(frozen=True)
class Design:
    """An exchanger at its design point, (n,) each."""

    primary: Floats  # kg/s
    secondary: Floats  # kg/s
    ua: Floats  # W/K


@dataclass(frozen=True)
class Exchanger(Edge):
    """An indirect substation; tail and head are the supply and the return node of its primary side."""

    secondary_tail: Texts = text("secondary return node, from which it takes the water it heats", refers="node")
    secondary_head: Texts = text("secondary supply node, to which it gives it", refers="node")
    control: Texts = text(
        "what the primary valve does: it keeps the secondary supply temperature, or it stands", default="supply", choices=CONTROLS
    )
    supply_temperature: Floats = column(
        "K", "secondary supply temperature that is kept (control supply), unless a heating curve is named", above=273, most=473,
        optional=True,
    )
    curve: Texts = text("name of a heating curve in model.toml (control supply)", default="")
    design_heat: Floats = column("W", "design heat", above=0, most=1e10)
    design_primary_supply: Floats = column("K", "design temperature of the primary supply", above=273, most=473, default=KELVIN + 110)
    design_primary_return: Floats = column("K", "design temperature of the primary return", above=273, most=473, default=KELVIN + 60)
    design_secondary_supply: Floats = column("K", "design temperature of the secondary supply", above=273, most=473, default=KELVIN + 75)
    design_secondary_return: Floats = column("K", "design temperature of the secondary return", above=273, most=473, default=KELVIN + 50)
    ua: Floats = column(
        "W/K", "heat transfer coefficient times surface at design flows, clean; from the design temperatures if not given", above=0,
        most=1e10, optional=True,
    )
    fouling: Floats = column(
        "-", "resistance of deposits over the clean design resistance 1/UA; 0.43 takes 30 % of UA", least=0, most=100, default=0.0
    )
    film_exponent: Floats = column("-", "exponent y of the film coefficients, h ~ m^y", least=0, most=1, default=0.7)
    primary_film: Floats = column("-", "share of the primary film in the clean design resistance", above=0, most=0.999, default=0.5)
    primary_drop: Floats = column("Pa", "pressure loss of the primary side at design flow, valve left out", above=0, most=1e7, default=5e4)
    primary_kvs: Floats = column(
        "m3/h at 1 bar", "flow coefficient of the primary side, instead of its loss", least=1e-4, most=1e6, optional=True
    )
    secondary_drop: Floats = column("Pa", "pressure loss of the secondary side at design flow", above=0, most=1e7, default=5e4)
    secondary_kvs: Floats = column(
        "m3/h at 1 bar", "flow coefficient of the secondary side, instead of its loss", least=1e-4, most=1e6, optional=True
    )
    valve_kvs: Floats = column(
        "m3/h at 1 bar", "flow coefficient of the open primary valve; one that loses as much as the exchanger if not given", least=1e-4,
        most=1e6, optional=True,
    )
    opening: Floats = column("-", "opening of the primary valve (control fixed)", least=0, most=1, default=1.0)
    characteristic: Texts = text("inherent characteristic of the primary valve", default="equal_percentage", choices=CHARACTERISTICS)
    rangeability: Floats = column("-", "rangeability of the equal-percentage characteristic", above=1, most=1000, default=50.0)
    flow_limit: Floats = column("kg/s", "largest primary flow that is allowed", above=0, most=1e5, optional=True)
    service: Floats = column("-", "1 in service, 0 shut off on both sides", least=0, most=1, default=1.0)

    def secondary(self) -> Secondary:
        """The secondary side as edges of their own."""
        columns = {name: getattr(self, name) for name in self.columns()}
        ends = {"tail": self.secondary_tail, "head": self.secondary_head, "secondary_tail": self.tail, "secondary_head": self.head}
        return Secondary(**(columns | ends))

    def design(self) -> Design:
        """Design flows, from heat and temperatures, and UA of the clean exchanger at these."""
        if not len(self):  # most networks have none, and every pass asks
            return Design(self.ua, self.ua, self.ua)
        water = Water()
        first = self.design_heat / (water.enthalpy(self.design_primary_supply) - water.enthalpy(self.design_primary_return))
        second = self.design_heat / (water.enthalpy(self.design_secondary_supply) - water.enthalpy(self.design_secondary_return))
        mean = log_mean(
            self.design_primary_supply - self.design_secondary_supply, self.design_primary_return - self.design_secondary_return
        )
        return Design(first, second, np.where(np.isnan(self.ua), self.design_heat / mean, self.ua))

    def coefficient(self, m1: Floats, m2: Floats) -> tuple[Floats, Floats, Floats]:
        """UA [W/K] at |flows| m1 and m2 [kg/s] and its derivatives to them, (n,) each; zero at rest."""
        design, y, share = self.design(), self.film_exponent, self.primary_film
        x1, x2 = np.maximum(m1 / design.primary, 1e-30), np.maximum(m2 / design.secondary, 1e-30)
        first, second = share * x1**-y, (1.0 - share) * x2**-y
        ua = design.ua / (first + second + self.fouling)
        return ua, ua**2 / design.ua * first * y / (x1 * design.primary), ua**2 / design.ua * second * y / (x2 * design.secondary)

    def wanted(self, t1: Floats, t2: Floats, m2: Floats, cp1: Floats, cp2: Floats, set_to: Floats) -> tuple[Floats, Floats]:
        """Primary flow [kg/s] that heats the flow |m2| from t2 to `set_to` [K] with water of t1, and d(ln m1)/d(t1) [1/K]; (n,).

        Infinite where no flow does, zero where no heat is wanted. By Newton's method in ln m1 inside a bracket.
        """
        design = self.design()
        need, drive = m2 * cp2 * (set_to - t2), t1 - t2
        some, most = need > 0.0, MOST * design.primary
        open_ = some & (drive > 0.0)
        safe = np.where(open_, drive, 1.0)
        asked = np.where(open_, need / safe, 1.0)  # G that is needed
        c2 = np.where(open_, m2 * cp2, 1e9)
        low, high = np.log(np.minimum(asked / cp1, most)), np.log(most)
        possible = open_ & (self._conductance(most, m2, cp1, c2)[0] > asked)
        at = np.clip(np.log(design.primary), low, high)
        slope = np.ones(len(self))
        for _ in range(80):
            flow = np.exp(at)
            g, by_flow = self._conductance(flow, m2, cp1, c2)
            slope = by_flow * flow / g  # d(ln G)/d(ln m1)
            gap = np.log(g / asked)
            low, high = np.where(gap < 0.0, at, low), np.where(gap >= 0.0, at, high)
            new = at - gap / np.maximum(slope, 1e-12)
            new = np.where((new > low) & (new < high), new, 0.5 * (low + high))
            moved, at = np.abs(new - at)[possible], new
            if not np.any(moved > 1e-13):
                break
        found = np.where(possible, np.exp(at), np.where(some, np.inf, 0.0))
        return found, np.where(possible, -1.0 / (safe * np.maximum(slope, 1e-12)), 0.0)

    def _conductance(self, m1: Floats, m2: Floats, cp1: Floats, c2: Floats) -> tuple[Floats, Floats]:
        """G [W/K] between the inlets and its derivative to m1 at the other flow."""
        ua, by_flow, _ = self.coefficient(m1, m2)
        g, by_ua, by_c1, _ = conductance(ua, m1 * cp1, c2)
        return g, by_ua * by_flow + by_c1 * cp1

    def body(self, side: str) -> Floats:
        """Resistance times density of a side, `primary` or `secondary`, without the valve [Pa kg/m3 s2/kg2], (n,)."""
        if not len(self):
            return self.ua
        design, water = self.design(), Water()
        flow, drop, kvs = getattr(design, side), getattr(self, f"{side}_drop"), getattr(self, f"{side}_kvs")
        warm, cold = getattr(self, f"design_{side}_supply"), getattr(self, f"design_{side}_return")
        return np.asarray(np.where(np.isnan(kvs), drop / flow**2 * water.density(0.5 * (warm + cold)), KV / kvs**2))

    def valve(self, share: Floats) -> Floats:
        """Resistance times density of the primary valve at Kv/Kvs = share, (n,); see `body`."""
        with np.errstate(divide="ignore"):
            return np.where(np.isnan(self.valve_kvs), self.body("primary"), KV / self.valve_kvs**2) / share**2

    def share(self) -> Floats:
        """Kv/Kvs of the primary valve as it stands, or fully open where it regulates, (n,)."""
        stands = characteristic(self.opening, self.characteristic, self.rangeability, np.zeros(len(self)))
        return np.where(self.control == "fixed", stands, 1.0)

    def law(self, fluid: Fluid, friction_law: str, scene: Scene) -> SquareLaw:
        """Square law of exchanger and valve."""
        return SquareLaw((self.body("primary") + self.valve(self.share())) / fluid.rho)

    def limits(self, t_in: Floats, fluid: Fluid, scene: Scene) -> tuple[Floats, Floats]:
        """A regulating valve passes forward flow only; how much it wants, both sides decide (see `wanted`): its design flow here."""
        limit = np.where(np.isnan(self.flow_limit), np.inf, self.flow_limit)
        regulates = self.control == "supply"
        least = np.where(regulates | np.isfinite(limit), 0.0, -np.inf)
        return least, np.minimum(np.where(regulates, self.design().primary, np.inf), limit)

    def closed(self) -> Bools:
        """Out of service, or the valve shut."""
        return np.asarray((self.service <= 0.0) | (self.share() <= 0.0))

    def guess(self, fluid: Fluid, scene: Scene) -> Floats:
        """Design flow."""
        return self.design().primary


@dataclass(frozen=True)
class Secondary(Exchanger):
    """The secondary sides of the exchangers: tail is their return node, head their supply node. No table of its own."""

    @classmethod
    def kind(cls) -> str:
        """Its rows are those of the exchangers."""
        return "exchanger"

    def law(self, fluid: Fluid, friction_law: str, scene: Scene) -> SquareLaw:
        """Square law."""
        return SquareLaw(self.body("secondary") / fluid.rho)

    def limits(self, t_in: Floats, fluid: Fluid, scene: Scene) -> tuple[Floats, Floats]:
        """No bounds."""
        return np.full(len(self), -np.inf), np.full(len(self), np.inf)

    def closed(self) -> Bools:
        """Out of service."""
        return np.asarray(self.service <= 0.0)

    def guess(self, fluid: Fluid, scene: Scene) -> Floats:
        """Design flow."""
        return self.design().secondary


def log_mean(one: Floats, other: Floats) -> Floats:
    """Logarithmic mean of two temperature differences above zero [K], (n,).

    >>> round(float(log_mean(np.array([35.0]), np.array([10.0]))[0]), 2)
    19.96
    """
    ratio = np.log(one / other)
    near = np.abs(ratio) < 1e-6
    return np.where(near, 0.5 * (one + other), (one - other) / np.where(near, 1.0, ratio))


def conductance(ua: Floats, c1: Floats, c2: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Heat per kelvin between the inlets G = Q/(T1 - t2) [W/K] in counterflow, and its derivatives to UA, C1 and C2; (n,) each.

    >>> round(float(conductance(np.array([250.6e3]), np.array([1e5]), np.array([2e5]))[0][0] / 1e5), 4)
    0.8334
    """
    turn = 1.0 / c1 - 1.0 / c2
    d = ua * turn
    psi, slope = _psi(d)
    swap = d < 0.0  # written from the side with the smaller rate, where no exponential overflows
    inverse = psi / ua + np.where(swap, 1.0 / c1, 1.0 / c2)
    g = 1.0 / inverse
    by_ua = g**2 * (psi - np.abs(d) * slope) / ua**2
    on_small, on_large = g**2 * slope, g**2 * (1.0 - slope)
    return g, by_ua, np.where(swap, on_large, on_small) / c1**2, np.where(swap, on_small, on_large) / c2**2


def parallel(ua: Floats, c1: Floats, c2: Floats) -> Floats:
    """The same heat per kelvin [W/K] where both sides run the same way, (n,)."""
    both = 1.0 / c1 + 1.0 / c2
    return -np.expm1(-ua * both) / both


def _psi(d: Floats) -> tuple[Floats, Floats]:
    """psi = |d|/(1 - exp(-|d|)) and d(psi)/d|d|."""
    x = np.minimum(np.abs(d), 700.0)
    small = x < 1e-3
    safe = np.where(small, 1.0, x)
    part = -np.expm1(-safe)
    psi = np.where(small, 1.0 + x / 2 + x**2 / 12, safe / part)
    slope = np.where(small, 0.5 + x / 6 - x**3 / 180, (part - safe * np.exp(-safe)) / part**2)
    return np.where(np.abs(d) > 700.0, np.abs(d), psi), slope
