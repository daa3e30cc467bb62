"""A network under changing weather: what an hour changes of its scene, worked out cheaply from that of another hour."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from heatnet.arrays import Arrays
from heatnet.change import Scenario
from heatnet.components import Consumer, Exchanger, Plant, Scene
from heatnet.network import Building
from heatnet.schema import Bools, Floats
from heatnet.solve import Settings, State
from heatnet.solve.coupled import Solver

WEATHER = ("outdoor", "ground")  # fields of the site that change from hour to hour


@dataclass(frozen=True)
class Place:
    """A network ready to be solved in any weather."""

    arrays: Arrays
    solver: Solver

    @staticmethod
    def of(arrays: Arrays, settings: Settings, like: Place | None = None) -> Place:
        """Place of a network; `like` is that of a network of which this one is a change."""
        return Place(arrays, Solver.of(arrays, settings, None if like is None else like.solver))

    def scene(self, outdoor: float, ground: float | None = None, gains: Floats | None = None) -> Scene:
        """Scene at an outdoor and a ground temperature [K] (the site's if None) and gains [W] (those of the buildings if None)."""
        base, net = self.solver.scene, self.arrays.net
        part, plants = base.terminals, net[Plant]
        free = net[Building].gains if gains is None else gains
        supply = plants.supply_temperature.copy()
        for row, name in enumerate(plants.curve):
            if name:
                supply[row] = net.curves[name].at(outdoor)
        supply += plants.curve_shift
        secondary = base.secondary.copy()
        for row, name in enumerate(net[Exchanger].curve):
            if name:
                secondary[row] = net.curves[name].at(outdoor)
        terminals = replace(part, balance=outdoor + free / part.conductance, design_balance=outdoor + free / part.design_conductance)
        warm = base.ground if ground is None else ground
        return replace(base, outdoor=outdoor, ground=warm, supply=supply, terminals=terminals, secondary=secondary)

    def radiators(self) -> Bools:
        """Buildings whose heat their radiators decide, not the load that their consumer takes, (buildings,)."""
        control = self.arrays.net[Consumer].control
        return np.asarray(control[self.solver.scene.terminals.consumer] != "load", dtype=bool)

    def solve(self, scene: Scene, start: State | None = None) -> State:
        """State in a scene; where there is no answer its status says so."""
        return under(self.solver, scene).solve(start=start, throw=False)


def under(solver: Solver, scene: Scene) -> Solver:
    """The same network in other weather: only what heats and cools it is worked out anew."""
    from heatnet.solve import statics  # noqa: PLC0415  loads with what is solved

    net = solver.arrays.net.with_site(outdoor=scene.outdoor, ground=scene.ground)
    fixed = None if solver.fixed is None else statics.under(solver.fixed, solver.arrays, scene)
    return replace(solver, arrays=replace(solver.arrays, net=net), scene=scene, fixed=fixed)


def only_weather(scenario: Scenario) -> bool:
    """Whether a scenario changes nothing but the weather."""
    return all(one.kind == "site" and one.column in WEATHER for one in scenario.changes)


def weather_of(place: Place, scenario: Scenario) -> Scene:
    """Scene of a scenario that changes nothing but the weather."""
    given = {one.column: float(one.values) for one in scenario.changes}  # type: ignore[arg-type]
    return place.scene(given.get("outdoor", place.solver.scene.outdoor), given.get("ground"))
