"""Rules of plants, pumps, consumers, buildings and pipes: what each must be given, and what is plausible."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heatnet.check.model import Finding, Model
from heatnet.components import Consumer, Pipe, Plant, Pump
from heatnet.errors import nearest
from heatnet.network import Building, Network
from heatnet.schema import Bools, Floats, positions
from heatnet.units import KELVIN


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
        capacity, demand = float(plant.capacity.sum()), _demand(model.net)
        if demand > capacity:
            text = f"the plants give {capacity / 1e6:.2f} MW, the homes need {demand / 1e6:.2f} MW at this weather, losses not counted"
            yield model.find(Plant, 0, text, "capacity", warning=True)
    if len(consumer) and not len(plant):
        yield model.find(Consumer, 0, "the network has consumers and no plant", warning=True)


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
    )
    for bad, text, column in rules:
        for row in positions(bad):
            yield model.find(Consumer, row, text, column)
    for row in positions((consumer.control != "load") & ~built & ~given):
        yield model.find(Consumer, row, "no building and no heat_given: it passes water unused, as a bypass", warning=True)
    warmest = np.full(len(consumer), -np.inf)
    number = {name: row for row, name in enumerate(consumer.id)}
    building = model.net[Building]
    behind = np.array([number.get(name, -1) for name in building.consumer], dtype=np.int64)
    np.maximum.at(warmest, behind[behind >= 0], building.design_indoor[behind >= 0])
    for row in positions(~(consumer.return_temperature > warmest) & ~np.isnan(consumer.return_temperature)):
        back, room = consumer.return_temperature[row] - KELVIN, warmest[row] - KELVIN
        yield model.find(Consumer, row, f"{back:.1f} degC; must be warmer than the rooms it heats, {room:.1f} degC", "return_temperature")


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
    for row in positions(pipe.length > 20e3):
        yield model.find(Pipe, row, f"{pipe.length[row] / 1e3:g} km in one pipe; is the unit right?", "length", warning=True)
    for row in positions(pipe.loss > 20.0):
        yield model.find(Pipe, row, f"{pipe.loss[row]:g} W/(m K) is more than a bare pipe in wet soil loses", "loss", warning=True)


def _demand(net: Network) -> float:
    """Heat that all consumers want at the site's weather [W]."""
    building, site = net[Building], net.site
    coldest = np.where(np.isnan(building.design_outdoor), site.design_outdoor, building.design_outdoor)
    with np.errstate(divide="ignore", invalid="ignore"):
        designed = building.design_heat / (building.design_indoor - coldest)
    conductance = np.where(np.isnan(building.conductance), designed, building.conductance)
    need = np.maximum(conductance * (building.design_indoor - site.weather) - building.gains, 0.0)
    return float(np.nansum(need) + np.nansum(net[Consumer].heat_given))
