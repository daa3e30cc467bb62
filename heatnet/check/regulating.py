"""Rules of what regulates: what each control must be given, what it senses, the order of use of plants."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heatnet.check.model import Finding, Model, hints
from heatnet.components import Consumer, Edge, Exchanger, Plant, Pump, Valve
from heatnet.network import Node
from heatnet.regulated import sensed_names
from heatnet.schema import Texts, positions

NEEDS: tuple[tuple[type[Edge], str, tuple[str, ...]], ...] = (
    (Valve, "flow", ("flow",)), (Valve, "difference", ("difference",)), (Valve, "reduce", ("pressure",)), (Valve, "sustain", ("pressure",)),
    (Pump, "lift", ("lift",)), (Pump, "flow", ("flow",)), (Pump, "proportional", ("lift",)), (Pump, "remote", ("difference",)),
    (Plant, "remote", ("lift", "difference")),
)


def set_values(model: Model) -> Iterator[Finding]:
    """A valve, pump or plant that regulates is given its set value."""
    for kind, control, columns in NEEDS:
        table = model.net[kind]
        for column in columns:
            for row in positions((_control(table) == control) & np.isnan(getattr(table, column))):
                yield model.find(kind, row, f"missing; a {kind.kind()} of control '{control}' needs it", column)
    pump = model.net[Pump]
    for row in positions((pump.control == "proportional") & (pump.lift_least > pump.lift)):
        yield model.find(Pump, row, "the lift grows with the flow: lift_least at most lift", "lift_least")
    valve = model.net[Valve]
    for row in positions((valve.least > 0.0) & (valve.control != "difference")):
        yield model.find(Valve, row, "a smallest opening is for a valve of control 'difference'", "least")
    for row in positions(pump.count != np.floor(pump.count)):
        yield model.find(Pump, row, f"{pump.count[row]:g} is not a whole number of pumps", "count")


def sensed(model: Model) -> Iterator[Finding]:
    """Nodes that a valve senses exist, and their pressure can answer to it."""
    node, near = set(model.net[Node].id), hints(model.net[Node].id)
    valve = model.net[Valve]
    for row in positions(valve.control == "difference"):
        for column in ("high", "low"):
            name = getattr(valve, column)[row]
            if name not in node:
                text = f"no node '{name}'{near(name)}" if name else "missing; a valve of control 'difference' needs it"
                yield model.find(Valve, row, text, column)
        if valve.high[row] == valve.low[row] and valve.high[row]:
            yield model.find(Valve, row, "high and low are the same node", "low")
    held = {name for name, pressure in zip(model.net[Node].id, model.net[Node].pressure, strict=True) if not np.isnan(pressure)}
    for control, end in (("reduce", "head"), ("sustain", "tail")):
        for row in positions(valve.control == control):
            if getattr(valve, end)[row] in held:
                text = f"node '{getattr(valve, end)[row]}' holds its pressure itself; a valve cannot {control} it"
                yield model.find(Valve, row, text, end)


def remote(model: Model) -> Iterator[Finding]:
    """Consumers whose pressure difference a pump or a plant holds exist, and a pump names its own."""
    users = np.concatenate([model.net[Consumer].id, model.net[Exchanger].id])
    consumer, near = set(users), hints(users)
    for kind in (Pump, Plant):
        table = model.net[kind]
        assert isinstance(table, Pump | Plant)
        for row in positions(table.control == "remote"):
            names = sensed_names(table.sensor[row])
            for name in names:
                if name not in consumer:
                    yield model.find(kind, row, f"no consumer or exchanger '{name}'{near(name)}", "sensor")
            if not names and kind is Pump:
                text = "missing; name the consumers whose pressure difference it holds: a pump raises that of some and lowers others"
                yield model.find(kind, row, text, "sensor")
            if not names and not consumer:
                yield model.find(kind, row, "there are no consumers whose pressure difference it could hold", "control")


def order_of_use(model: Model) -> Iterator[Finding]:
    """Plants in an order of use have whole numbers, a lift to regulate, and a capacity where others follow."""
    plant = model.net[Plant]
    for row in positions(plant.order != np.floor(plant.order)):
        yield model.find(Plant, row, f"{plant.order[row]:g} is not a whole number", "order")
    for row in positions((plant.order > 0.0) & ((plant.control == "flow") | (plant.control == "heat"))):
        text = f"a plant of control '{plant.control[row]}' gives what it is told; an order of use is for control 'lift' or 'remote'"
        yield model.find(Plant, row, text, "order")
    last = np.max(plant.order * (plant.service > 0.0), initial=0.0)
    for row in positions((plant.order > 0.0) & (plant.order < last) & np.isnan(plant.capacity)):
        yield model.find(Plant, row, "missing; others follow this plant in the order of use when its capacity is reached", "capacity")


def _control(table: Edge) -> Texts:
    return np.asarray(table.control)  # type: ignore[attr-defined]
