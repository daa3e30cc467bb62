"""All equations of the steady state at one point, with what they are made of: flows, pressures, regulators and temperatures together.

    edge        r = p_t - p_h + rho g (z_t - z_h) - loss(m) - u - I (m - m_old) = 0, or m/U(T_in) = 1 or m = lower at a bound
    node        sum of flows = 0
    regulator   F(u) = 0 as in heatnet.solve.regulators
    heat        sum_in |m| (h(T_out) - h(T)) + D (T_ground - T) + L (T_old - T) = 0
Within a width of no flow (heatnet.solve.together_turn) what runs with the flow and what runs against it carry heat in the place of |m|.
T_in is the temperature of the node upstream, T_out and the mean temperature that rho belongs to follow from T_in and |m| (components).
One implicit step in time of tau residence times, s = tau/(1 + tau): rho = (1 - s) rho_old + s rho(T_mean), 1/U likewise, L = 1/tau times
the flow through a node, and the inertia I of flows goes with 1/tau as well. Without end, s = 1, it is the steady state.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any

import numpy as np

from heatnet.arrays import Arrays, Part
from heatnet.components import Consumer, Fluid, Pipe, Plant, Pump, Scene
from heatnet.components.pump import PumpLaw
from heatnet.network import Node
from heatnet.regulated import Regulated
from heatnet.schema import Bools, Floats, Ints
from heatnet.solve import thermal
from heatnet.solve.hydraulic import FREE, LOWER, UPPER
from heatnet.solve.regulators import HOLDS, TOP, ZERO, Regulators, regulators
from heatnet.solve.settings import Settings
from heatnet.solve.together_point import Lag, Look, Point, Warmth
from heatnet.solve.together_turn import Counter, Turn, turn

CP = 4187.0  # J/(kg K), by which balances of heat are divided
CREEP = 1e-3  # kg/s, least flow at which the weight of an edge may turn
ANY = 350.0  # K, any temperature: whether an edge lets water back does not depend on it
HEAVIER = 0.2  # kg/m3, change of density that inertia has to withstand
RUNNING = 10.0  # times its flow, that is added to what an edge turns within


@dataclass(frozen=True)
class System:
    """The equations of a network in one weather."""

    arrays: Arrays
    settings: Settings
    scene: Scene
    lift: Floats  # (edges,) g (z_t - z_h) [m2/s2]
    rise: Floats  # (edges,) Pa, of rigid edges
    usual: Floats  # (edges,) kg/s
    turning: Floats  # (edges,) kg/s, flow within which the weight of an edge goes from that of cold water to that of warm
    one_way: Bools  # (edges,) lets nothing back, or nothing at all
    live: Bools  # (edges,) carries water

    @staticmethod
    def of(arrays: Arrays, settings: Settings, scene: Scene) -> System:
        """What does not change from point to point."""
        height = arrays.net[Node].height
        lift = scene.gravity * (height[arrays.tail] - height[arrays.head])
        rise = np.concatenate([part.table.rise() for part in arrays.parts])
        fluid = thermal.fluids(arrays, settings.water, thermal.first_field(arrays, settings, scene))
        usual = np.concatenate([part.table.guess(water, scene) for part, water in zip(arrays.parts, fluid, strict=True)])
        turning = np.full(arrays.edges, CREEP)
        turning[arrays.part(Pipe).span] += arrays.net[Pipe].creeping(CP)
        limits = [part.table.limits(np.full(len(part.table), ANY), water, scene) for part, water in zip(arrays.parts, fluid, strict=True)]
        one_way = np.concatenate([lower >= 0.0 for lower, _ in limits]) | arrays.dead
        return System(arrays, settings, scene, lift, rise, usual, turning, one_way, ~arrays.dead)

    def inertia(self, lag: Lag) -> Floats:
        """Pa s/kg, (edges,): enough to withstand a change of density by HEAVIER within a turn, and what draws flows on.

        Large flows do not turn: theirs is less, else a hundred pascals that are left over move them by grams per second a step.
        """
        heavy = HEAVIER * np.abs(self.lift) / ((1.0 + lag.width) * self.turning + RUNNING * np.abs(lag.m))
        return np.where(self.arrays.rigid, 0.0, lag.memory * (heavy + lag.drives))

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
        way = turn(at.m, lag.width * self.turning, self.one_way)
        up, down = np.where(way.forward, arrays.tail, arrays.head), np.where(way.forward, arrays.head, arrays.tail)
        inlet = at.t[up]
        guess = np.where(way.both, inlet, guess)  # as for what runs against the flow: which of the two is which may change
        outlet, follows, cp = self.outlet(way.amount, inlet, guess, arrays.parts, rounds)
        warm = with_flow = self.means(way.amount, inlet, outlet, arrays.parts)
        counter = self.counter(way, at.t[down], rounds)
        if counter is not None:
            warm = way.share * with_flow + (1.0 - way.share) * counter.warm
        dense = water.density(warm)
        rho = (1.0 - lag.share) * lag.rho + lag.share * dense
        weighs = rho if lag.kept is None else lag.kept
        fluid = self.fluid(warm, inlet, outlet, rho)
        least, asked, some, given = self.bounds(inlet, fluid)
        inverse = (1.0 - lag.share) * lag.inverse + lag.share * asked
        warmth = Warmth(
            lag, way, up.astype(np.int32), down.astype(np.int32), inlet, outlet, follows, cp, with_flow, counter, warm, fluid, dense, rho,
            weighs, least, asked, inverse, some, given, regulators(arrays, fluid, self.scene),
        )
        return self.forces(at, bound, warmth)

    def forces(self, at: Point, bound: Ints, warmth: Warmth) -> Look:
        """Values at a point with an active set, its temperatures being known."""
        arrays, lag, regs, lower = self.arrays, warmth.lag, warmth.regs, warmth.least
        loss, slope, capped = self.loss(warmth.fluid, at)
        gap, inert = at.p[arrays.tail] - at.p[arrays.head] + warmth.weighs * self.lift, self.inertia(lag)
        r = gap - np.where(arrays.rigid, -self.rise, loss) - inert * (at.m - lag.m)
        r[self.wires.edge[~self.wires.lift]] -= at.u[~self.wires.lift]
        if regs is not None:
            lower = regs.lower(lower, at.u)
        unbounded = arrays.rigid | ~self.live | ((bound == LOWER) & (lower == -np.inf))  # a valve that throttles no longer, for one
        bound = np.where(warmth.given, UPPER, np.where(unbounded, FREE, bound)).astype(np.int32)
        known = {field.name: getattr(warmth, field.name) for field in fields(Warmth)}
        slope, r = np.where(arrays.rigid, 0.0, slope + inert), np.where(self.live, r, 0.0)
        known |= self._regulated(regs, at, gap, bound)
        return Look(**known, at=at, bound=bound, loss=loss, slope=slope, capped=capped, r=r, gap=gap, lower=lower)

    def counter(self, way: Turn, inlet: Floats, rounds: int) -> Counter | None:
        """What runs against the flow, from where temperatures are `inlet` [K], (edges,)."""
        if not way.both.any():
            return None
        parts = tuple(part for part in self.arrays.parts if way.both[part.span].any())
        outlet, follows, cp = self.outlet(way.amount, inlet, inlet, parts, rounds)
        warm = self.means(way.amount, inlet, outlet, parts)
        return Counter(parts, np.where(way.both, way.amount - way.q, 0.0), inlet, outlet, follows, cp, warm)

    def outlet(
        self, q: Floats, inlet: Floats, guess: Floats, parts: tuple[Part, ...], rounds: int
    ) -> tuple[Floats, Floats, Floats]:
        """Outlet temperatures [K], how they follow the inlet [-] and heat capacities they hold for [J/(kg K)], (edges,), at |flow| q.

        Heat capacities are brought up to date in `rounds`, from those of outlet temperatures `guess` [K]. Only `parts` are worked out.
        """
        outlet = guess
        for _ in range(rounds):
            cp = self.settings.water.secant(inlet, outlet)
            outlet, follows = self.outlet_at(q, inlet, cp, parts)
        return outlet, follows, cp

    def outlet_at(self, q: Floats, inlet: Floats, cp: Floats, parts: tuple[Part, ...]) -> tuple[Floats, Floats]:
        """Outlet temperatures [K] and how they follow the inlet [-] with these heat capacities [J/(kg K)], (edges,)."""
        outlet, follows = inlet.copy(), np.zeros(q.size)
        for part in parts:
            span = part.span
            fluid = Fluid(cp[span], cp[span], cp[span])  # the outlet asks for the heat capacity alone
            follows[span], offset = part.table.heat(q[span], inlet[span], fluid, self.scene)
            outlet[span] = np.clip(follows[span] * inlet[span] + offset, *self.extremes)
        return outlet, follows

    def means(self, q: Floats, inlet: Floats, outlet: Floats, parts: tuple[Part, ...]) -> Floats:
        """Mean temperatures [K] at |flow| q, (edges,), of `parts`."""
        cp, warm = self.settings.water.secant(inlet, outlet), inlet.copy()
        for part in parts:
            span = part.span
            warm[span] = part.table.mean(q[span], inlet[span], outlet[span], cp[span], self.arrays.net.site.ground)
        return warm

    def through(self, look: Look) -> Floats:
        """Water that runs into every node [kg/s], (nodes,)."""
        into = np.bincount(look.down, look.way.q, minlength=self.arrays.nodes).astype(np.float64)
        return into if look.counter is None else into + np.bincount(look.up, look.counter.q, minlength=self.arrays.nodes)

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

    def _regulated(self, regs: Regulators | None, at: Point, gap: Floats, bound: Ints) -> dict[str, Any]:
        """Case, sensor that counts and F [Pa] of every regulator."""
        if regs is None:
            none = np.zeros(0, dtype=np.int32)
            return {"case": none, "sensor": none, "missed": np.zeros(0)}
        edge = self.wires.edge
        measured, sensor = regs.measured(at.p)
        r, room = regs.push(at.u, at.m[edge], measured), regs.room(at.u, gap[edge], at.m[edge])
        case = regs.case(at.u, r, room, (bound[edge] != FREE) | ~self.live[edge])
        missed = np.select([case == ZERO, case == HOLDS, case == TOP], [at.u, -r, -room], 0.0)
        return {"case": case, "sensor": sensor, "missed": missed}

    def residual(self, look: Look) -> Floats:
        """Left-hand sides of all equations, in the order of the unknowns: Pa or shares, kg/s, Pa, kg K/s."""
        arrays, at, water = self.arrays, look.at, self.settings.water
        high, low = look.bound == UPPER, look.bound == LOWER
        edge = np.where(high, np.where(look.some, at.m * look.inverse - 1.0, at.m), np.where(low, at.m - look.lower, look.r))
        mass = np.bincount(arrays.head, at.m, minlength=arrays.nodes) - np.bincount(arrays.tail, at.m, minlength=arrays.nodes)
        node = arrays.net[Node]
        mass = np.where(arrays.lost, at.p, np.where(arrays.held, at.p - node.pressure, mass + node.inflow))
        enthalpy, (source, warm) = water.enthalpy(at.t), self.source
        carried = np.bincount(look.down, look.way.q * (water.enthalpy(look.outlet) - enthalpy[look.down]), minlength=arrays.nodes)
        if (counter := look.counter) is not None:
            back = counter.q * (water.enthalpy(counter.outlet) - enthalpy[look.up])
            carried = carried + np.bincount(look.up, back, minlength=arrays.nodes)
        heat = (carried + source * (water.enthalpy(warm) - enthalpy)) / CP + look.lag.seeps * (self.scene.ground - at.t)
        heat = heat + look.on_way
        return np.concatenate([np.where(self.live, edge, at.m), mass, look.missed, heat])
