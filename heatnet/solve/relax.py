"""Steps between one pass of the coupled iteration and the next.

Every unknown has its own step: it is halved where the unknown swings about its target without coming nearer, and grown
where it creeps towards it (delta-bar-delta, Jacobs 1988, Neural Networks 1, 295-307). Bounds of heat-driven flows start with
1/(1 + gamma), gamma = |dln q/dT| (T - T_g) ln((T_s - T_g)/(T - T_g)), the loop gain when all flows on the path scale
together; without it the iteration swings or diverges for cold far users. Temperatures start with full steps.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.arrays import Arrays
from heatnet.components import Consumer, Scene
from heatnet.schema import Floats
from heatnet.solve.thermal import Field

LESS, MORE = 0.5, 1.3  # factors on the step of an unknown that swings, or creeps


@dataclass(frozen=True)
class Damped:
    """Unknowns on the way to their fixed point."""

    value: Floats
    step: Floats  # -, share of the gap that is gone
    gap: Floats  # of the last pass

    @staticmethod
    def at(value: Floats) -> Damped:
        """Unknowns that may go all the way."""
        return Damped(value, np.ones(value.size), np.zeros(value.size))

    def stepped(self, gap: Floats) -> Floats:
        """Steps for the present gaps."""
        turned = gap * self.gap < 0.0
        swings = turned & (np.abs(gap) > 0.5 * np.abs(self.gap))
        creeps = gap * self.gap > 0.0
        return np.where(swings, LESS * self.step, np.where(creeps, MORE * self.step, self.step))

    def towards(self, target: Floats) -> Damped:
        """One step, at most all the way."""
        gap = target - self.value
        step = np.minimum(self.stepped(gap), 1.0)
        return Damped(np.where(step < 1.0, self.value + step * gap, target), step, gap)


@dataclass(frozen=True)
class Temperatures:
    """A temperature field on its way."""

    node: Damped
    inlet: Damped
    outlet: Damped
    mean: Damped

    @staticmethod
    def at(field: Field) -> Temperatures:
        """Temperatures that may go all the way."""
        return Temperatures(Damped.at(field.node), Damped.at(field.inlet), Damped.at(field.outlet), Damped.at(field.mean))

    def towards(self, new: Field) -> Temperatures:
        """One step."""
        return Temperatures(
            self.node.towards(new.node), self.inlet.towards(new.inlet), self.outlet.towards(new.outlet), self.mean.towards(new.mean)
        )

    def field(self, like: Field) -> Field:
        """As a field."""
        return Field(self.node.value, self.inlet.value, self.outlet.value, self.mean.value, like.still)


def bounds(arrays: Arrays, scene: Scene, field: Field, old: Damped, new: Floats, m: Floats) -> Damped:
    """Upper bounds of flow moved towards `new` [kg/s], (edges,).

    A bound that did not hold back the flow m moves at once as far as it does not touch m.
    """
    slack = m < old.value
    begin = np.where(slack, m, old.value)
    movable = np.isfinite(begin) & np.isfinite(new) & (begin > 0.0) & (new > 0.0) & ~(slack & (new >= m))
    gap = np.log(np.where(movable, new, 1.0) / np.where(movable, begin, 1.0))
    gain = 1.0 + loop_gain(arrays, scene, field)
    step = np.minimum(old.stepped(gap), gain)
    return Damped(np.where(movable, np.where(movable, begin, 0.0) * np.exp(gap * step / gain), new), step, gap)


def loop_gain(arrays: Arrays, scene: Scene, field: Field) -> Floats:
    """How strongly the flow wanted by each edge answers to a change of all flows, gamma [-], (edges,)."""
    span = arrays.part(Consumer).span
    consumer, inlet = arrays.net[Consumer], field.inlet[span]
    source = float(scene.supply.max(initial=scene.ground + 1.0)) - scene.ground
    excess = np.maximum(inlet - scene.ground, 1e-3)
    ratio = np.log(np.maximum(source / excess, 1.0))
    follows = np.isnan(consumer.drop)  # at a given drop the flow wanted does not depend on the supply temperature
    gamma = np.zeros(arrays.edges)
    gamma[span] = np.where(follows, excess * ratio / np.maximum(consumer.usable(inlet, scene), 0.1), 0.0)
    return gamma
