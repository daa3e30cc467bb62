"""Consumer: a heat inlet between supply and return, with the buildings behind it.

Controls: `fixed` passes what its valve admits; `flow` takes a given flow; `load` takes a given heat at a given return
temperature or drop, its flow follows from the supply temperature; `limited` passes what its valve admits, at most a set
flow (self-operated flow limiter); `thermostatic` opens as far as the coldest building behind it needs for its set room temperature.
All but `fixed` take no more than the open valve gives at the pressure there is, and nothing at a negative difference.

A differential-pressure controller in front of the inlet (`difference`) holds the pressure difference over it, so its flow is at
most the one that has this loss: K_b m^2 = difference. Below it the controller is open and adds K_c of its own kvs.
A smallest opening lets more pass (heatnet.solve.regulators).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from heatnet.components import thermostat
from heatnet.components.edge import Edge, Fluid, Scene
from heatnet.components.valve import CHARACTERISTICS, USUAL_DROP, SquareLaw, characteristic, resistance
from heatnet.schema import Bools, Floats, Texts, column, text
from heatnet.units import KELVIN

CONTROLS = ("fixed", "flow", "load", "limited", "thermostatic")
LEAST_DROP = 1e-9  # K, below which no flow is enough: the flow wanted grows to any size before it
DESIGN_DROP = 25.0  # K, usual design drop, only for a first guess of a flow


@dataclass(frozen=True)
class Consumer(Edge):
    """A heat inlet; tail is its supply node, head its return node."""

    control: Texts = text(
        "what decides its flow: fixed valve, given flow, heat load, flow limiter or room thermostat", default="fixed", choices=CONTROLS
    )
    kvs: Floats = column("m3/h at 1 bar", "flow coefficient of the whole inlet, valve fully open", least=1e-4, most=1e6, optional=True)
    opening: Floats = column("-", "opening of the valve, 0 closed to 1 fully open (fixed, limited)", least=0, most=1, default=1.0)
    characteristic: Texts = text("inherent characteristic of the valve", default="linear", choices=CHARACTERISTICS)
    rangeability: Floats = column("-", "rangeability of the equal-percentage characteristic", above=1, most=1000, default=50.0)
    flow: Floats = column("kg/s", "given flow (flow); set flow, the design flow if not given (limited)", least=0, most=1e5, optional=True)
    heat_given: Floats = column("W", "heat taken; of the buildings behind it if not given", least=0, most=1e10, optional=True)
    return_temperature: Floats = column("K", "return temperature (control load)", above=273, most=473, optional=True)
    drop: Floats = column(
        "K (difference)", "temperature drop (control load), instead of a return temperature", above=0, most=200, optional=True
    )
    needed: Floats = column(
        "Pa", "pressure difference that passes the design flow where no kvs is given (all but fixed)", least=1, most=1e7, default=2e4
    )
    room: Floats = column(
        "K", "set room temperature (control thermostatic); as designed if not given", above=273, most=323, optional=True
    )
    difference: Floats = column(
        "Pa", "set value of a differential-pressure controller in front of the inlet, if there is one", least=1, most=1e7, optional=True
    )
    controller_kvs: Floats = column(
        "m3/h at 1 bar", "flow coefficient of that controller, fully open", least=1e-4, most=1e6, optional=True
    )
    controller_least: Floats = column("-", "smallest opening of that controller, share of its kvs", least=0, most=0.99, default=0.0)

    valve: Texts = text("type of its balancing valve, as a valve catalogue names it; none if it cannot be set", default="")
    connection: Texts = text("how its homes hang on, a class of the pressure limits; their default if not given", default="")

    def share(self) -> Floats:
        """Kv/Kvs at the present opening [-], (n,)."""
        return characteristic(self.opening, self.characteristic, self.rangeability, np.zeros(len(self)))

    def behind(self, values: Floats, scene: Scene) -> Floats:
        """Sum over the buildings behind each consumer, (n,) from (buildings,)."""
        return np.bincount(scene.terminals.consumer, values, minlength=len(self)).astype(np.float64)

    def load(self, scene: Scene) -> Floats:
        """Heat wanted [W], (n,): as given, else what the buildings behind it need at this outdoor temperature."""
        return np.where(np.isnan(self.heat_given), self.behind(scene.terminals.demand, scene), self.heat_given)

    def design_flow(self, scene: Scene) -> Floats:
        """Design flow [kg/s], (n,): of the buildings behind it, else its given flow, else from heat and a usual drop."""
        built = self.behind(scene.terminals.design_flow, scene)
        usual = np.where(np.isnan(self.drop), DESIGN_DROP, self.drop)
        from_heat = np.nan_to_num(self.heat_given) / (4187.0 * usual)
        return np.where(built > 0.0, built, np.where(np.isnan(self.flow), from_heat, self.flow))

    def usable(self, t_in: Floats, scene: Scene) -> Floats:
        """Drop [K] that a `load` can use at inlet temperature t_in, (n,), zero where the supply is too cold."""
        return np.asarray(np.maximum(self.margin(t_in, scene), 0.0))

    def margin(self, t_in: Floats, scene: Scene) -> Floats:
        """The same, below zero by what the supply is too cold [K], (n,).

        Return water is never colder than the warmest room wanted behind it, and does not freeze.
        """
        floor = np.full(len(self), KELVIN)
        np.maximum.at(floor, scene.terminals.consumer, self._warmest(scene))
        to_return = t_in - np.where(np.isnan(self.return_temperature), -np.inf, self.return_temperature)
        given = np.where(np.isnan(self.drop), np.inf, self.drop)
        drop: Floats = np.minimum(np.minimum(to_return, given), t_in - floor)
        return drop

    def _warmest(self, scene: Scene) -> Floats:
        """Room [K] of every building once its consumer has the heat it wants, (buildings,): as designed, or warmer by a given heat."""
        part = scene.terminals
        share = part.demand / np.maximum(self.behind(part.demand, scene), 1e-300)[part.consumer]
        heat = np.nan_to_num(self.heat_given)[part.consumer] * share
        return np.maximum(part.wanted, np.where(heat > 0.0, part.balance + heat / part.conductance, 0.0))

    def kv_now(self) -> Floats:
        """Kv [m3/h at 1 bar] of the inlet as it is set, or fully open where a drive sets it, (n,); NaN where no kvs is given."""
        by_hand = self.set_by_hand()
        return self.kvs * (self.share() if by_hand.all() else np.where(by_hand, self.share(), 1.0))

    def set_by_hand(self) -> Bools:
        """Inlets whose valve has the opening that is given, (n,)."""
        return self._by_hand

    @cached_property
    def _by_hand(self) -> Bools:
        """Worked out once: every law asks, and texts are slow to compare."""
        return np.asarray((self.control == "fixed") | (self.control == "limited"), dtype=bool)

    def inlet(self, fluid: Fluid, scene: Scene) -> Floats:
        """K [Pa s2/kg2] of the inlet without its controller, (n,)."""
        by_need = self.needed / np.maximum(self.design_flow(scene), 1e-6) ** 2
        return np.where(np.isnan(self.kvs), by_need, resistance(self.kv_now(), fluid.rho))

    def law(self, fluid: Fluid, friction_law: str, scene: Scene) -> SquareLaw:
        """Square law of the inlet with its controller fully open; `flow`, `load` and `thermostatic` may open fully."""
        k = self.inlet(fluid, scene)
        if np.isnan(self.controller_kvs).all():
            return SquareLaw(k)
        return SquareLaw(k + np.where(np.isnan(self.controller_kvs), 0.0, resistance(self.controller_kvs, fluid.rho)))

    def limits(self, t_in: Floats, fluid: Fluid, scene: Scene) -> tuple[Floats, Floats]:
        """No bounds for a fixed valve; else from nothing to the flow wanted, or to what a controller in front lets pass."""
        upper = self.wanted(t_in, fluid, scene)
        if not np.isnan(self.difference).all():
            tight = ~np.isnan(self.difference) & (self.controller_least == 0.0)
            upper = np.where(tight, np.minimum(upper, self.controlled(fluid, scene)), upper)
        return np.where(self.control == "fixed", -np.inf, 0.0), upper

    def wanted(self, t_in: Floats, fluid: Fluid, scene: Scene) -> Floats:
        """Flow wanted at inlet temperature t_in [kg/s], (n,); infinite for a fixed valve, and where no flow is enough."""
        usable = self.usable(t_in, scene)
        load = self.load(scene)
        enough = (usable > LEAST_DROP) | (load == 0.0)
        wanted = np.where(enough, load / (fluid.cp * np.maximum(usable, LEAST_DROP)), np.inf)
        upper = np.where(self.control == "load", wanted, np.where(self.control == "flow", self.flow, np.inf))
        if (limited := self.control == "limited").any():
            upper = np.where(limited, np.where(np.isnan(self.flow), self.design_flow(scene), self.flow), upper)
        if (warmed := self.control == "thermostatic").any():
            upper = np.where(warmed, self.thermostat(t_in, fluid.cp, scene)[0], upper)
        return upper

    def thermostat(self, t_in: Floats, cp: Floats, scene: Scene) -> tuple[Floats, Floats]:
        """Flow [kg/s] that warms the coldest building behind each consumer to its set temperature, and -dln m/dT [1/K]; (n,)."""
        part = scene.terminals
        room = self.room[part.consumer]
        return thermostat.wanted_flow(part, t_in, cp, np.where(np.isnan(room), part.wanted, room), len(self))

    def controlled(self, fluid: Fluid, scene: Scene) -> Floats:
        """Flow [kg/s] whose loss over the inlet is the set difference of the controller in front, (n,); NaN where there is none."""
        k = self.inlet(fluid, scene)
        rest = 1e-3 / k  # the square law is smooth at rest: K m sqrt(m^2 + rest)
        return np.sqrt(0.5 * (np.sqrt(rest**2 + 4.0 * (self.difference / k) ** 2) - rest))

    def closed(self) -> Bools:
        """Inlets that are shut, or that want nothing."""
        idle = ((self.control == "flow") | (self.control == "limited")) & (self.flow == 0.0)
        return np.asarray((self.set_by_hand() & (self.share() <= 0.0)) | idle)

    def heat(self, m: Floats, t_in: Floats, fluid: Fluid, scene: Scene) -> tuple[Floats, Floats]:
        """The given drop for `load`, given heat where no building stands behind, else radiators and rooms."""
        live = np.maximum(m, 1e-300)
        load = self.control == "load"
        taken = ~load & ~np.isnan(self.heat_given)
        a, b = self._radiators(np.where(load | taken, 0.0, live), t_in, fluid, scene)  # no flow, no work: theirs is not asked for
        usable = self.usable(t_in, scene)
        heat = np.minimum(usable, self.load(scene) / (live * fluid.cp))
        follows = usable >= np.where(np.isnan(self.drop), np.inf, self.drop)  # outlet follows inlet at a given drop
        held = load & ~follows & (heat >= usable) & (usable > 0.0)  # outlet held at the return temperature
        most = np.maximum(t_in - np.where(np.isnan(self.return_temperature), KELVIN, self.return_temperature), 0.0)
        asked = self.heat_given / (live * fluid.cp)
        drained = taken & (asked >= most) & (most > 0.0)  # more asked than the water holds: outlet held, too
        of_taken = np.where(drained, t_in - most, -np.minimum(asked, most))
        b = np.where(load, np.where(held, t_in - usable, -heat), np.where(taken, of_taken, b))
        a = np.where(load, np.where(held, 0.0, 1.0), np.where(taken, np.where(drained, 0.0, 1.0), a))
        return a, b

    def _radiators(self, m: Floats, t_in: Floats, fluid: Fluid, scene: Scene) -> tuple[Floats, Floats]:
        """Mean outlet temperature over the buildings behind each consumer; a bypass where there is none."""
        part = scene.terminals
        at = part.consumer
        ts, flow, cp = t_in[at], m[at] * part.share, fluid.cp[at]
        room, heat, gain = part.rooms(ts, flow, cp)
        capacity = np.maximum(flow * cp, 1e-300)
        out = np.clip(ts - heat / capacity, np.minimum(room, ts), ts)  # rounding of the heat counts where hardly any water flows
        follow = 1.0 - part.conductance * gain / capacity
        empty = self.behind(part.share, scene) == 0.0
        a = np.where(empty, 1.0, self.behind(part.share * follow, scene))
        t_out = np.where(empty, t_in, self.behind(part.share * out, scene))
        return a, t_out - a * t_in

    def guess(self, fluid: Fluid, scene: Scene) -> Floats:
        """Design flow, else the flow at a usual drop."""
        design = self.design_flow(scene)
        kvs = np.where(np.isnan(self.kvs), 1.0, self.kvs)
        return np.where(design > 0.0, design, np.sqrt(USUAL_DROP / resistance(kvs, fluid.rho)))
