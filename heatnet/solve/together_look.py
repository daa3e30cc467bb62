"""All equations of the steady state at one point, with what they are made of: flows, pressures, regulators and temperatures together.

    edge        r = p_t - p_h + rho g (z_t - z_h) - loss(m) - u - I (m - m_old) = 0, or m/U(T_in) = 1 or m = lower at a bound
    node        sum of flows = 0
    regulator   F(u) = 0 as in heatnet.solve.regulators
    heat        sum_in |m| (h(T_out) - h(T)) + D (T_ground - T) + L (T_old - T) = 0
T_in is the temperature of the node upstream, T_out and the mean temperature that rho belongs to follow from T_in and |m| (components).
One implicit step in time of tau residence times, s = tau/(1 + tau): rho = (1 - s) rho_old + s rho(T_mean), 1/U likewise, L = 1/tau times
the flow through a node, and the inertia I of flows goes with 1/tau as well. Without end, s = 1, it is the steady state.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from heatnet.arrays import Arrays
from heatnet.components import Consumer, Fluid, Pipe, Plant, Pump, Scene
from heatnet.components.pump import PumpLaw
from heatnet.network import Node
from heatnet.regulated import Regulated
from heatnet.schema import Bools, Floats, Ints
from heatnet.solve import thermal
from heatnet.solve.hydraulic import FREE, LOWER, UPPER
from heatnet.solve.regulators import HOLDS, TOP, ZERO, Regulators, regulators
from heatnet.solve.settings import Settings

CP = 4187.0  # J/(kg K), by which balances of heat are divided
CREEP = 1e-3  # kg/s, least flow at which the weight of an edge may turn
HEAVIER = 0.2  # kg/m3, change of density that inertia has to withstand


@dataclass(frozen=True)
class Point:
    """Unknowns; as one vector in this order."""

    m: Floats  # (edges,) kg/s
    p: Floats  # (nodes,) Pa
    u: Floats  # (regulators,) Pa
    t: Floats  # (nodes,) K

    @property
    def vector(self) -> Floats:
        """All of them, (edges + nodes + regulators + nodes,)."""
        return np.concatenate([self.m, self.p, self.u, self.t])


@dataclass(frozen=True)
class Lag:
    """What a step in time began with."""

    tau: float  # -, length of the step over the residence time
    m: Floats  # (edges,) kg/s
    t: Floats  # (nodes,) K
    rho: Floats  # (edges,) kg/m3
    inverse: Floats  # (edges,) s/kg, 1/U
    through: Floats  # (nodes,) kg/s

    @property
    def share(self) -> float:
        """Of what is new, s [-]."""
        return self.tau / (1.0 + self.tau)

    @property
    def memory(self) -> float:
        """1/s - 1 [-]."""
        return 1.0 / self.tau


@dataclass(frozen=True)
class Look:
    """Values at a point."""

    at: Point
    lag: Lag
    bound: Ints  # (edges,) active set: FREE, UPPER, LOWER
    q: Floats  # (edges,) kg/s
    sign: Floats
    up: Ints  # node upstream
    down: Ints
    inlet: Floats  # K
    outlet: Floats
    follows: Floats  # -, outlet by inlet
    warm: Floats  # mean temperature
    fluid: tuple[Fluid, ...]
    dense: Floats  # kg/m3, at the mean temperature
    rho: Floats  # that counts
    slope: Floats  # Pa s/kg, with inertia
    capped: Bools  # pumps and plants whose lift is u
    r: Floats  # Pa
    gap: Floats  # Pa, pressure difference and weight
    lower: Floats
    asked: Floats  # s/kg, 1/U by temperatures
    inverse: Floats  # s/kg, 1/U that counts
    some: Bools  # U is above zero
    given: Bools  # lower bound and U are one
    regs: Regulators | None
    case: Ints  # (regulators,)
    sensor: Ints
    missed: Floats  # Pa

    @property
    def upper(self) -> Floats:
        """U [kg/s]."""
        return np.where(~self.some, 0.0, np.where(self.inverse > 0.0, 1.0 / np.where(self.inverse > 0.0, self.inverse, 1.0), np.inf))

    @property
    def off(self) -> float:
        """Largest |r| of the edges that follow their law [Pa]."""
        return float(np.abs(self.r[self.bound == FREE]).max(initial=0.0))


@dataclass(frozen=True)
class System:
    """The equations of a network in one weather."""

    arrays: Arrays
    settings: Settings
    scene: Scene
    lift: Floats  # (edges,) g (z_t - z_h) [m2/s2]
    rise: Floats  # (edges,) Pa, of rigid edges
    usual: Floats  # (edges,) kg/s
    inertia: Floats  # (edges,) Pa s/kg
    live: Bools  # (edges,) carries water

    @staticmethod
    def of(arrays: Arrays, settings: Settings, scene: Scene) -> System:
        """What does not change from point to point."""
        height = arrays.net[Node].height
        lift = scene.gravity * (height[arrays.tail] - height[arrays.head])
        rise = np.concatenate([part.table.rise() for part in arrays.parts])
        fluid = thermal.fluids(arrays, settings.water, thermal.first_field(arrays, settings, scene))
        usual = np.concatenate([part.table.guess(water, scene) for part, water in zip(arrays.parts, fluid, strict=True)])
        creep = np.full(arrays.edges, CREEP)
        creep[arrays.part(Pipe).span] += arrays.net[Pipe].creeping(CP)
        inertia = np.where(arrays.rigid, 0.0, HEAVIER * np.abs(lift) / creep)
        return System(arrays, settings, scene, lift, rise, usual, inertia, ~arrays.dead)

    @property
    def wires(self) -> Regulated:
        """Its regulators."""
        return self.arrays.regulated

    @cached_property
    def extremes(self) -> tuple[float, float]:
        """Temperatures no water leaves [K]."""
        return thermal.extremes(self.arrays, self.scene)

    @cached_property
    def source(self) -> tuple[Floats, Floats]:
        """Water of a temperature of its own that enters at each node [kg/s], and that temperature [K], (nodes,)."""
        node = self.arrays.net[Node]
        own = ~np.isnan(node.inflow_temperature) & ~self.arrays.held & ~self.arrays.lost
        return np.where(own, np.maximum(node.inflow, 0.0), 0.0), np.where(own, node.inflow_temperature, self.scene.ground)

    def split(self, x: Floats) -> Point:
        """Unknowns of a vector."""
        e, n, k = self.arrays.edges, self.arrays.nodes, len(self.wires)
        return Point(x[:e], x[e : e + n], x[e + n : e + n + k], x[e + n + k :])

    def look(self, at: Point, lag: Lag, bound: Ints, guess: Floats, rounds: int = 2) -> Look:
        """Values at a point; `guess` are the last outlet temperatures [K], for heat capacities, brought up to date in `rounds`."""
        arrays, water = self.arrays, self.settings.water
        q, forward = np.abs(at.m), at.m >= 0.0
        up, down = np.where(forward, arrays.tail, arrays.head), np.where(forward, arrays.head, arrays.tail)
        inlet = at.t[up]
        outlet, follows = self.outlet(q, inlet, guess, rounds)
        warm = thermal.means(arrays, q, inlet, outlet, water)
        dense = water.density(warm)
        rho = (1.0 - lag.share) * lag.rho + lag.share * dense
        fluid = self.fluid(warm, inlet, outlet, rho)
        loss, slope, capped = self.loss(fluid, at)
        gap = at.p[arrays.tail] - at.p[arrays.head] + rho * self.lift
        inert = lag.memory * self.inertia
        r = gap - np.where(arrays.rigid, -self.rise, loss) - inert * (at.m - lag.m)
        r[self.wires.edge[~self.wires.lift]] -= at.u[~self.wires.lift]
        lower, asked, some, given = self.bounds(inlet, fluid)
        inverse = (1.0 - lag.share) * lag.inverse + lag.share * asked
        bound = np.where(given, UPPER, np.where(arrays.rigid | ~self.live, FREE, bound)).astype(np.int32)
        regs = regulators(arrays, fluid, self.scene)
        if regs is not None:
            lower = regs.lower(lower, at.u)
        seen = self._regulated(regs, at, gap, bound)
        return Look(
            at, lag, bound, q, np.where(forward, 1.0, -1.0), up.astype(np.int32), down.astype(np.int32), inlet, outlet, follows, warm,
            fluid, dense, rho, np.where(arrays.rigid, 0.0, slope + inert), capped, np.where(self.live, r, 0.0), gap, lower, asked,
            inverse, some, given, regs, *seen,
        )

    def outlet(self, q: Floats, inlet: Floats, guess: Floats, rounds: int) -> tuple[Floats, Floats]:
        """Outlet temperatures [K] and how they follow the inlet [-], (edges,), at |flow| q and with heat capacities that belong to them."""
        water, outlet, follows, offset = self.settings.water, guess, np.empty(q.size), np.empty(q.size)
        for _ in range(rounds):
            cp = water.secant(inlet, outlet)
            for part in self.arrays.parts:
                span = part.span
                fluid = Fluid(cp[span], cp[span], cp[span])  # the outlet asks for the heat capacity alone
                follows[span], offset[span] = part.table.heat(q[span], inlet[span], fluid, self.scene)
            outlet = np.clip(follows * inlet + offset, *self.extremes)
        return outlet, follows

    def fluid(self, warm: Floats, inlet: Floats, outlet: Floats, rho: Floats) -> tuple[Fluid, ...]:
        """Water in each part at mean temperatures `warm`, with these densities."""
        mu, cp = self.settings.water.viscosity(warm), self.settings.water.secant(inlet, outlet)
        return tuple(Fluid(rho[part.span], mu[part.span], cp[part.span]) for part in self.arrays.parts)

    def loss(self, fluid: tuple[Fluid, ...], at: Point) -> tuple[Floats, Floats, Bools]:
        """Loss [Pa] and slope [Pa s/kg] of every edge, lifts being held at u, and which of those are, (edges,)."""
        arrays = self.arrays
        loss, slope, capped = np.zeros(arrays.edges), np.ones(arrays.edges), np.zeros(arrays.edges, dtype=bool)
        for part, water in zip(arrays.parts, fluid, strict=True):
            law, span = part.table.law(water, self.settings.friction, self.scene), part.span
            if isinstance(part.table, Pump | Plant) and isinstance(law, PumpLaw):
                mine = self.wires.lift & (self.wires.edge >= span.start) & (self.wires.edge < span.stop)
                cap = law.cap.copy()
                cap[self.wires.edge[mine] - span.start] = at.u[mine]
                law = replace(law, cap=cap)
                curve = -law.h0 + law.b * np.sign(at.m[span]) * np.abs(at.m[span]) ** law.c
                capped[span] = curve <= -cap
            law.head_loss(at.m[span], loss[span], slope[span])
        return np.where(self.live, loss, 0.0), np.where(self.live, slope, 1.0), capped

    def bounds(self, inlet: Floats, fluid: tuple[Fluid, ...]) -> tuple[Floats, Floats, Bools, Bools]:
        """Lower bound [kg/s], 1/U [s/kg], whether U is above zero, and whether the flow is given, (edges,).

        A load wants Q/(cp (T_in - T*)): 1/U is a line, and goes on below the coldest supply T* that serves it.
        """
        arrays = self.arrays
        pairs = [
            part.table.limits(inlet[part.span], water, self.scene) for part, water in zip(arrays.parts, fluid, strict=True)
        ]
        lower, upper = (np.concatenate([pair[k] for pair in pairs]) for k in (0, 1))
        free = arrays.rigid | arrays.dead
        lower, upper = np.where(free, -np.inf, lower), np.where(free, np.inf, upper)
        some = upper > 0.0
        known = some & np.isfinite(upper)
        inverse = np.where(known, 1.0 / np.where(known, upper, 1.0), 0.0)
        consumer, span = arrays.net[Consumer], arrays.part(Consumer).span
        load = consumer.load(self.scene)
        cold = (consumer.control == "load") & (load > 0.0) & ~known[span] & ~free[span]
        margin = consumer.margin(inlet[span], self.scene)
        cp = np.concatenate([water.cp for water in fluid])[span]
        inverse[span] = np.where(cold, cp * margin / np.where(load > 0.0, load, 1.0), inverse[span])
        return lower, inverse, some, (lower == upper) & ~free

    def _regulated(self, regs: Regulators | None, at: Point, gap: Floats, bound: Ints) -> tuple[Ints, Ints, Floats]:
        """Case, sensor that counts and F [Pa] of every regulator."""
        if regs is None:
            none = np.zeros(0, dtype=np.int32)
            return none, none, np.zeros(0)
        edge = self.wires.edge
        measured, sensor = regs.measured(at.p)
        r, room = regs.push(at.u, at.m[edge], measured), regs.room(at.u, gap[edge], at.m[edge])
        case = regs.case(at.u, r, room, (bound[edge] != FREE) | ~self.live[edge])
        missed = np.select([case == ZERO, case == HOLDS, case == TOP], [at.u, -r, -room], 0.0)
        return case, sensor, missed

    def residual(self, look: Look) -> Floats:
        """Left-hand sides of all equations, in the order of the unknowns: Pa or shares, kg/s, Pa, kg K/s."""
        arrays, at, water = self.arrays, look.at, self.settings.water
        high, low = look.bound == UPPER, look.bound == LOWER
        edge = np.where(high, np.where(look.some, at.m * look.inverse - 1.0, at.m), np.where(low, at.m - look.lower, look.r))
        mass = np.bincount(arrays.head, at.m, minlength=arrays.nodes) - np.bincount(arrays.tail, at.m, minlength=arrays.nodes)
        node = arrays.net[Node]
        mass = np.where(arrays.lost, at.p, np.where(arrays.held, at.p - node.pressure, mass + node.inflow))
        enthalpy, (source, warm) = water.enthalpy(at.t), self.source
        carried = np.bincount(look.down, look.q * (water.enthalpy(look.outlet) - enthalpy[look.down]), minlength=arrays.nodes)
        heat = (carried + source * (water.enthalpy(warm) - enthalpy)) / CP + thermal.STILL * (self.scene.ground - at.t)
        heat = heat + look.lag.memory * look.lag.through * (look.lag.t - at.t)
        return np.concatenate([np.where(self.live, edge, at.m), mass, look.missed, heat])
