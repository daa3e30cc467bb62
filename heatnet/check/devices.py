"""Rules of plants, pumps, consumers, buildings and pipes: what each must be given, and what is plausible."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heatnet.check.model import Finding, Model
from heatnet.components import Consumer, Pipe, Plant, Pump, Valve
from heatnet.components.valve import BLEND
from heatnet.errors import ReadError, nearest
from heatnet.network import Building, Network, Node
from heatnet.pressure_limits import pressure_limits
from heatnet.schema import Bools, Floats, Ints, positions
from heatnet.units import KELVIN

COOL = KELVIN + 14.0  # K, below it no dwelling is designed
STOREY = (2.0, 8.0)  # m, a storey is seldom lower or higher


def plants(model: Model) -> Iterator[Finding]:
    """A plant says what its control needs, and its supply temperature once."""
    plant = model.net[Plant]
    for control, column in (("lift", "lift"), ("flow", "flow"), ("heat", "heat_given")):
        for row in positions((plant.control == control) & np.isnan(getattr(plant, column))):
            yield model.find(Plant, row, f"missing; a plant of control '{control}' needs it", column)
    for row, name in enumerate(plant.curve):
        given = not np.isnan(plant.supply_temperature[row])
        if name and name not in model.net.curves:
            text = f"no heating curve '{name}' in model.toml{nearest(name, model.net.curves) if model.net.curves else ''}"
            yield model.find(Plant, row, text, "curve")
        if name in model.net.curves and np.any(np.diff(model.net.curves[name].supply) > 0.0):
            text = f"heating curve '{name}' gives warmer water in warmer weather; are its supply temperatures in the wrong order?"
            yield model.find(Plant, row, text, "curve", warning=True)
        if bool(name) == given:
            text = "give a supply temperature or the name of a heating curve" + (", not both" if given else "")
            yield model.find(Plant, row, text, "supply_temperature")
    consumer = model.net[Consumer]
    if len(plant) and not np.isnan(plant.capacity).any():
        capacity, demand = float(plant.capacity.sum()), float(need(model.net).sum())
        if demand > capacity:
            text = f"the plants give {capacity / 1e6:.2f} MW, the homes need {demand / 1e6:.2f} MW at this weather, losses not counted"
            yield model.find(Plant, 0, text, "capacity", warning=True)
    if len(consumer) and not len(plant):
        yield model.find(Consumer, 0, "the network has consumers and no plant", warning=True)


def valves(model: Model) -> Iterator[Finding]:
    """A valve that closes passes less: the leakage lies below the equal-percentage curve."""
    valve = model.net[Valve]
    curve = valve.rangeability ** (BLEND - 1.0)
    for row in positions((valve.characteristic == "equal_percentage") & (valve.leakage > curve)):
        text = f"{valve.leakage[row]:g} is more than the equal-percentage curve passes at {100 * BLEND:g} % opening, {curve[row]:.3g}"
        yield model.find(Valve, row, f"{text}; lower the leakage or the rangeability", "leakage")


def pumps(model: Model) -> Iterator[Finding]:
    """The head of a pump falls with flow."""
    pump = model.net[Pump]
    for row in positions(pump.rated_head >= pump.shutoff_head):
        yield model.find(Pump, row, "the head must fall with flow: shutoff_head above rated_head", "rated_head")


def consumers(model: Model) -> Iterator[Finding]:
    """A consumer says what its control needs."""
    consumer = model.net[Consumer]
    built = np.isin(consumer.id.astype(str), model.net[Building].consumer.astype(str)) if len(consumer) else np.zeros(0, dtype=bool)
    given = ~np.isnan(consumer.heat_given)
    rules: tuple[tuple[Bools, str, str], ...] = (
        ((consumer.control == "fixed") & np.isnan(consumer.kvs), "missing; a consumer of control 'fixed' needs it", "kvs"),
        ((consumer.control == "flow") & np.isnan(consumer.flow), "missing; a consumer of control 'flow' needs it", "flow"),
        (
            (consumer.control == "load") & (np.isnan(consumer.return_temperature) == np.isnan(consumer.drop)),
            "a consumer of control 'load' needs a return_temperature or a drop, one of them", "return_temperature",
        ),
        ((consumer.control == "load") & ~given & ~built, "a consumer of control 'load' needs heat_given or a building", "heat_given"),
        (
            (consumer.control == "limited") & np.isnan(consumer.flow) & ~built,
            "missing; a consumer of control 'limited' without a building needs it", "flow",
        ),
        ((consumer.control == "thermostatic") & ~built, "a consumer of control 'thermostatic' needs a building behind it", "control"),
        (
            np.isnan(consumer.difference) != np.isnan(consumer.controller_kvs),
            "a controller in front of the inlet needs difference and controller_kvs, both of them", "difference",
        ),
        (
            (consumer.controller_least > 0.0) & (np.isnan(consumer.difference) | (consumer.control != "fixed")),
            "a smallest opening is for a controller (difference) in front of an inlet of control 'fixed'", "controller_least",
        ),
    )
    for bad, text, column in rules:
        for row in positions(bad):
            yield model.find(Consumer, row, text, column)
    for row in positions((consumer.control != "load") & ~built & ~given):
        yield model.find(Consumer, row, "no building and no heat_given: it passes water unused, as a bypass", warning=True)
    warmest = np.full(len(consumer), -np.inf)
    building, behind = model.net[Building], _behind(model.net)
    np.maximum.at(warmest, behind[behind >= 0], building.design_indoor[behind >= 0])
    for row in positions(~(consumer.return_temperature > warmest) & ~np.isnan(consumer.return_temperature)):
        back, room = consumer.return_temperature[row] - KELVIN, warmest[row] - KELVIN
        yield model.find(Consumer, row, f"{back:.1f} degC; must be warmer than the rooms it heats, {room:.1f} degC", "return_temperature")


def given_heat(model: Model) -> Iterator[Finding]:
    """Heat given to a consumer with buildings is its load, and warms no room above its return water."""
    net = model.net
    consumer, building, plant = net[Consumer], net[Building], net[Plant]
    given, behind = ~np.isnan(consumer.heat_given), _behind(net)
    known = behind >= 0
    built = np.bincount(behind[known], minlength=len(consumer)) > 0
    for row in positions(given & built & (consumer.control != "load")):
        text = f"radiators decide what the buildings behind a consumer of control '{consumer.control[row]}' take"
        yield model.find(Consumer, row, f"{text}; leave it empty, or choose control 'load'", "heat_given")
    curves = [net.curves[name].at(net.site.weather) if name in net.curves else np.nan for name in plant.curve]
    warm = np.where(np.isnan(plant.supply_temperature), curves, plant.supply_temperature)
    hottest = float(np.nanmax(warm)) if np.any(~np.isnan(warm)) else np.inf
    loss = np.bincount(behind[known], _conductance(net)[known], minlength=len(consumer))
    gains = np.bincount(behind[known], building.gains[known], minlength=len(consumer))
    room = net.site.weather + (consumer.heat_given + gains) / loss
    back = np.where(np.isnan(consumer.return_temperature), hottest - consumer.drop, consumer.return_temperature)
    for row in positions(given & built & (consumer.control == "load") & (consumer.heat_given > 0.0) & (room > back)):
        text = f"{consumer.heat_given[row] / 1e3:g} kW would warm the rooms to {room[row] - KELVIN:.1f} degC, above their return water"
        yield model.find(Consumer, row, f"{text}, {back[row] - KELVIN:.1f} degC; is the unit right?", "heat_given")


def buildings(model: Model) -> Iterator[Finding]:
    """Design temperatures fall from supply to return, room and outdoor air."""
    building = model.net[Building]
    coldest = np.where(np.isnan(building.design_outdoor), model.net.site.design_outdoor, building.design_outdoor)
    steps: tuple[tuple[Floats, Floats, str, str], ...] = (
        (building.design_supply, building.design_return, "design_supply", "design_return"),
        (building.design_return, building.design_indoor, "design_return", "design_indoor"),
        (building.design_indoor, coldest, "design_indoor", "design_outdoor"),
    )
    for warm, cold, name, other in steps:
        for row in positions(~(warm > cold)):
            text = f"{name} must be above {other}; {warm[row] - KELVIN:.1f} and {cold[row] - KELVIN:.1f} degC are given"
            yield model.find(Building, row, text, name)


def plausible(model: Model) -> Iterator[Finding]:
    """Figures that can be right and seldom are."""
    pipe = model.net[Pipe]
    for row in positions(pipe.roughness > pipe.diameter / 20.0):
        text = f"{pipe.roughness[row] * 1e3:g} mm is more than 5 % of the diameter, {pipe.diameter[row] * 1e3:g} mm: no friction law holds"
        yield model.find(Pipe, row, text, "roughness", warning=True)
    building = model.net[Building]
    for row in positions(building.design_indoor < COOL):
        text = f"{building.design_indoor[row] - KELVIN:g} degC is no temperature that homes are designed for"
        yield model.find(Building, row, text, "design_indoor", warning=True)
    for row in positions((building.gains > building.design_heat) & (building.design_heat > 0.0)):
        text = f"{building.gains[row] / 1e3:g} kW is more than the design heat, {building.design_heat[row] / 1e3:g} kW; is the unit right?"
        yield model.find(Building, row, text, "gains", warning=True)
    storey = building.height / building.floors
    for row in positions((storey < STOREY[0]) | (storey > STOREY[1])):
        text = f"{building.height[row]:g} m high with {building.floors[row]:g} storeys; is one of them wrong?"
        yield model.find(Building, row, text, "floors", warning=True)
    for row in positions(pipe.length > 20e3):
        yield model.find(Pipe, row, f"{pipe.length[row] / 1e3:g} km in one pipe; is the unit right?", "length", warning=True)
    for row in positions(pipe.loss > 20.0):
        yield model.find(Pipe, row, f"{pipe.loss[row]:g} W/(m K) is more than a bare pipe in wet soil loses", "loss", warning=True)


def classes(model: Model) -> Iterator[Finding]:
    """Classes of the pressure regime are those that its limits know."""
    net = model.net
    named = ((Node, "rating", "node"), (Pipe, "rating", "pipe"), (Consumer, "connection", "connection"), (Building, "system", "system"))
    if not any(getattr(net[kind], column).any() for kind, column, _ in named):
        return
    try:
        limits = pressure_limits(net.site.limits)
    except ReadError:
        return  # said where the site is read
    for kind, column, of in named:
        known = limits.connection if of == "connection" else limits.most[of]
        for row, name in enumerate(getattr(net[kind], column)):
            if name and name not in known:
                yield model.find(kind, row, f"the limits {limits.name} have no class '{name}'{nearest(name, known)}", column)


def need(net: Network) -> Floats:
    """Heat that each consumer wants at the site's weather [W], (consumers,): as given, else that of the buildings behind it."""
    building, behind, given = net[Building], _behind(net), net[Consumer].heat_given
    own = np.nan_to_num(np.maximum(_conductance(net) * (building.design_indoor - net.site.weather) - building.gains, 0.0))
    built = np.bincount(behind[behind >= 0], own[behind >= 0], minlength=given.size)
    return np.asarray(np.where(np.isnan(given), built, given))


def _conductance(net: Network) -> Floats:
    """Heat loss coefficient of each building [W/K]."""
    building = net[Building]
    coldest = np.where(np.isnan(building.design_outdoor), net.site.design_outdoor, building.design_outdoor)
    designed = building.design_heat / (building.design_indoor - coldest)
    return np.where(np.isnan(building.conductance), designed, building.conductance)


def _behind(net: Network) -> Ints:
    """Row of the consumer that each building hangs on, -1 where there is none."""
    number = {name: row for row, name in enumerate(net[Consumer].id)}
    return np.array([number.get(name, -1) for name in net[Building].consumer], dtype=np.int32)
