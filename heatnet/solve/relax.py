"""Steps between one pass of the coupled iteration and the next.

Every mean temperature has its own step: halved where it swings about its target without coming nearer, grown where it creeps
towards it (delta-bar-delta, Jacobs 1988, Neural Networks 1, 295-307). Bounds of heat-driven flows move by Newton steps in
ln m with the gain 1 + gamma, gamma = |dln q/dT| (T - T_g) ln((T_s - T_g)/(T - T_g)), the loop gain when all flows on the path scale
together, or the larger gain that the last two passes show; without it the iteration swings or diverges for cold far users.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from heatnet.arrays import Arrays
from heatnet.components import Consumer, Exchanger, Plant, Scene
from heatnet.schema import Bools, Floats, Ints
from heatnet.solve import exchange
from heatnet.solve.thermal import Field

MEMORY = 10.0  # passes over which the mean of a swinging weight is taken
STEEPEST, FASTEST = 4.0, 8.0  # largest gain over the expected one, largest growth of a step that creeps
RISING, FORGETS = 1e3, 0.5  # largest gain of a plant of given heat; share of its last gain where two passes tell none
LONGEST, FARTHEST = 1.0, 20.0  # largest step and gap of ln m
NARROW = 1e-3  # of ln m: two bounds so close that still ask for a wide step were found among other flows of the others
SLOW = 0.7  # share of a gap that is left over where it creeps
LEAST_STEP = 1e-6  # where water turns with its own temperature, its flow comes to rest only as steps of that become this small
SPELL = 50  # passes that temperatures follow at once, or lag
CAPPED = 0.95  # -, share of the flow that a load wants, below which something else is its bound: heat capacities differ by 2 %
LEAST_SHARE, MORE = 0.5, 1.3  # factors on the step of an unknown that turned, at least, and that creeps
SETTLES = 0.1  # share of a gap that is left over where an unknown comes to rest
JUMPS, STALE = 8, 6  # swings from which on one is taken for a jump, passes without a turn after which its far end has moved
BACK, FASTER = 0.05, 2.0  # step below which one that creeps grows by more: what swung for long must find its way back


@dataclass(frozen=True)
class Damped:
    """Unknowns on the way to their fixed point.

    Where a target jumps, because water turns with what the unknown does to it, no step length leads to rest: what swung JUMPS times goes
    half way to where its gap last had the other sign, until it comes nearer or has not turned for STALE passes.
    """

    value: Floats
    step: Floats  # -, share of the gap that is gone
    gap: Floats  # of the last pass
    came: Floats  # value before
    far: Floats  # value at which the gap had the other sign; NaN where there is none
    turns: Floats  # swings so far
    run: Floats  # passes since the last one

    @staticmethod
    def at(value: Floats) -> Damped:
        """Unknowns that may go all the way."""
        none = np.zeros(value.size)
        return Damped(value, np.ones(value.size), none, value, np.full(value.size, np.nan), none, none)

    def stepped(self, gap: Floats) -> Floats:
        """Steps for the present gaps: where one turned that to the zero of the line through the last two."""
        with np.errstate(divide="ignore", invalid="ignore"):
            less = np.maximum(1.0 / (1.0 + np.abs(gap) / np.abs(self.gap)), LEAST_SHARE)
        more = np.where(self.step < BACK, FASTER, MORE)
        return self.step * np.where(gap * self.gap < 0.0, less, np.where(gap * self.gap > 0.0, more, 1.0))

    def towards(self, target: Floats) -> Damped:
        """One step, at most all the way."""
        gap = target - self.value
        turned = gap * self.gap < 0.0
        run = np.where(turned, 0.0, self.run + 1.0)
        far = np.where(turned, self.came, np.where(run > STALE, np.nan, self.far))
        far = np.where((far - self.value) * gap > 0.0, far, np.nan)
        fresh = np.isnan(far) | (np.abs(gap) < SETTLES * np.abs(self.gap))
        turns = np.where(fresh, 0.0, self.turns + turned)
        between = turns >= JUMPS
        with np.errstate(divide="ignore", invalid="ignore"):
            half = 0.5 * (far - self.value) / gap
        step = np.clip(np.where(between, half, self.stepped(gap)), LEAST_STEP, 1.0)
        value = np.where(between, 0.5 * (self.value + far), np.where(step < 1.0, self.value + step * gap, target))
        return Damped(value, step, gap, self.value, far, turns, run)


@dataclass(frozen=True)
class Temperatures:
    """A temperature field on its way.

    What the water in an edge weighs and drags is always damped. Temperatures of nodes, inlets and outlets first follow the last flows at
    once: what a user asks for is then a function of the bounds alone, and the gain that two passes show is the user's, not one of
    temperatures that lag behind. Where that finds no rest in SPELL passes they lag for as many (a pipe whose water turns about with what
    users ask for needs that), and so on in turn.
    """

    node: Damped
    inlet: Damped
    outlet: Damped
    mean: Damped

    @staticmethod
    def at(field: Field) -> Temperatures:
        """Temperatures that may go all the way."""
        return Temperatures(Damped.at(field.node), Damped.at(field.inlet), Damped.at(field.outlet), Damped.at(field.mean))

    def towards(self, new: Field, turn: int) -> Temperatures:
        """One step after pass number `turn`."""
        mean = self.mean.towards(new.mean)
        if turn // SPELL % 2 == 0:
            return replace(Temperatures.at(new), mean=mean)
        return Temperatures(self.node.towards(new.node), self.inlet.towards(new.inlet), self.outlet.towards(new.outlet), mean)

    def field(self, like: Field) -> Field:
        """As a field."""
        return Field(self.node.value, self.inlet.value, self.outlet.value, self.mean.value, like.still)


@dataclass(frozen=True)
class Weights:
    """Density that weighs the water in each edge [kg/m3], (edges,): that of its temperature, or a mean where that finds no rest.

    Where water all but stands, its direction may depend on its weight and its weight on its direction: it swings, in
    nature too, and no steady state is near. There the mean of the swing is taken and kept.
    """

    mean: Floats
    kept: Floats  # NaN where the weight follows the temperature

    @staticmethod
    def at(rho: Floats) -> Weights:
        """All follow the temperature."""
        return Weights(rho, np.full(rho.size, np.nan))

    def seen(self, rho: Floats) -> Weights:
        """With the densities of one more pass."""
        return Weights(self.mean + (rho - self.mean) / MEMORY, self.kept)

    def used(self, rho: Floats) -> Floats:
        """Densities to weigh with."""
        return np.where(np.isnan(self.kept), rho, self.kept)

    def keep(self, swinging: Bools) -> Weights:
        """With the mean kept where the weight swings."""
        return Weights(self.mean, np.where(swinging & np.isnan(self.kept), self.mean, self.kept))


@dataclass(frozen=True)
class Bounds:
    """Upper bounds of flow on their way, (edges,) each; all but `value` in logarithms, NaN where there is none yet."""

    value: Floats  # kg/s
    point: Floats  # of the last pass
    gap: Floats  # to what was asked for then
    under: Floats  # last bound that was found too small
    over: Floats  # last bound that was found too large
    growth: Floats  # of the step where the bound creeps, as where a plant beyond its capacity lets all temperatures fall
    gain: Floats  # that the last step was taken with

    @staticmethod
    def at(value: Floats) -> Bounds:
        """Bounds that nothing is known of."""
        none = np.full(value.size, np.nan)
        return Bounds(value, none, none, none, none, np.ones(value.size), none)


def bounds(arrays: Arrays, scene: Scene, field: Field, old: Bounds, new: Floats, m: Floats) -> Bounds:
    """Upper bounds moved towards `new` [kg/s], what the temperatures ask for at the flows m.

    A bound that did not hold back the flow m moves at once as far as it does not touch m. The others move by their gap
    in ln m over the gain, from the last two passes where they tell it, else 1 + gamma; where the gap is wide, not past a
    value that was found too large or too small, but half way there.
    """
    slack = m < old.value
    begin = np.where(slack, m, old.value)
    fits = np.isfinite(new) | ~np.isnan(old.over)
    movable = np.isfinite(begin) & fits & (begin > 0.0) & (new > 0.0) & ~(slack & (new >= m))
    point = np.where(movable, np.log(np.where(movable, begin, 1.0)), np.nan)
    asked = np.where(movable, np.log(np.where(movable, new, 1.0)), np.nan)
    gap = np.clip(asked - point, -FARTHEST, FARTHEST)
    steep, expected = lines_of_loads(arrays, scene, field, new, m)
    gap = np.where(movable & ~np.isnan(steep), steep, gap)
    driven = heat_driven(arrays)
    gap[driven] = np.where(movable[driven], 1.0 - m[driven] / new[driven], gap[driven])
    with np.errstate(divide="ignore", invalid="ignore"):
        learnt = -(gap - old.gap) / (point - old.point)
    known = np.isfinite(learnt) & (np.abs(point - old.point) > 1e-9) & (learnt > 1.0)
    expected = np.where(np.isnan(expected), 1.0 + loop_gain(arrays, scene, field, m), expected)
    most = STEEPEST * expected
    most[driven] = RISING
    expected[driven] = np.fmax(expected[driven], FORGETS * old.gain[driven])
    gain = np.where(known, np.minimum(learnt, most), expected)
    creeps = (gap * old.gap > 0.0) & (np.abs(gap) > SLOW * np.abs(old.gap))
    growth = np.where(creeps, np.minimum(MORE * old.growth, FASTEST), 1.0)
    trusted = creeps & (old.growth >= FASTEST) & np.isfinite(learnt) & (learnt > 0.5)  # so the gain expected is wrong
    gain, growth = np.where(trusted, np.maximum(learnt, 1.0), gain), np.where(trusted, 1.0, growth)
    target = point + np.clip(growth * gap / gain, -LONGEST, LONGEST)
    under = np.where(gap > 0.0, point, np.where(old.under < point - NARROW, old.under, np.nan))
    over = np.where(gap < 0.0, point, np.where(old.over > point + NARROW, old.over, np.nan))
    wild = np.abs(gap) > LONGEST
    target = np.where(wild & (gap > 0.0) & (target >= over), 0.5 * (point + over), target)
    target = np.where(wild & (gap < 0.0) & (target <= under), 0.5 * (point + under), target)
    return Bounds(np.where(movable, np.exp(np.where(movable, target, 0.0)), new), point, gap, under, over, growth, gain)


def lines_of_loads(arrays: Arrays, scene: Scene, field: Field, new: Floats, m: Floats) -> tuple[Floats, Floats]:
    """Gap of the flows m [kg/s] of loads as a share of the drop they need there [-], and how it falls with ln m, NaN for other edges.

    A load wants Q/(cp (T - T*)): near the coldest supply T* that serves it without bound, and beyond it none at all. Its inlet
    temperature is nearly a line in ln m, and so is the drop at hand less the drop needed Q/(cp m), on both sides of T*.
    """
    gap, gain = np.full(arrays.edges, np.nan), np.full(arrays.edges, np.nan)
    span = arrays.part(Consumer).span
    consumer, inlet, flow = arrays.net[Consumer], field.inlet[span], m[span]
    load = consumer.load(scene)
    mine = (consumer.control == "load") & (load > 0.0) & (flow > 0.0)
    if not mine.any():
        return gap, gain
    excess = np.maximum(inlet - scene.ground, 1e-3)
    along = excess * np.log(np.maximum((exchange.hottest(arrays, scene, span) - scene.ground) / excess, 1.0))
    margin, asks = consumer.margin(inlet, scene), new[span]
    mine &= ~(asks < CAPPED * load / (exchange.CP * np.maximum(margin, 1e-300)))  # a controller in front lets less pass
    served = mine & np.isfinite(asks) & (margin > 0.0)
    heat = np.where(served, margin * np.where(served, asks, 1.0), load / exchange.CP)
    needed = np.where(mine, heat, 1.0) / np.where(mine, flow, 1.0)
    along = np.where(margin >= consumer.drop, 0.0, along)
    gap[span] = np.where(mine, 1.0 - margin / needed, np.nan)
    gain[span] = np.where(mine, np.maximum((np.maximum(margin, 0.0) + along) / needed, 1e-3), np.nan)
    return gap, gain


def heat_driven(arrays: Arrays) -> Ints:
    """Edges of plants that give a fixed heat.

    Their gap is 1 - m/asked, the rise at hand over the rise needed: where their own water comes back to them hardly cooled, until they give
    more than runs through the users near them, the logarithm of what they ask for is all but vertical.
    """
    plant, span = arrays.net[Plant], arrays.part(Plant).span
    return np.asarray(np.flatnonzero((plant.control == "heat") & (plant.heat_given > 0.0)) + span.start, dtype=np.int32)


def loop_gain(arrays: Arrays, scene: Scene, field: Field, m: Floats) -> Floats:
    """How strongly the flow wanted by each edge answers to a change of all flows, gamma [-], (edges,)."""
    span = arrays.part(Consumer).span
    consumer, inlet = arrays.net[Consumer], field.inlet[span]
    excess = np.maximum(inlet - scene.ground, 1e-3)
    ratio = np.log(np.maximum((exchange.hottest(arrays, scene, span) - scene.ground) / excess, 1.0))
    usable = consumer.usable(inlet, scene)
    follows = ~(usable >= consumer.drop)  # at a given drop the flow wanted does not depend on the supply temperature
    gamma = np.zeros(arrays.edges)
    gamma[span] = np.where(follows, excess * ratio / np.maximum(usable, 0.1), 0.0)
    if len(arrays.net[Exchanger]):
        primary, _ = exchange.sides(arrays)
        away = np.maximum(field.inlet[primary] - scene.ground, 1e-3)
        fallen = np.log(np.maximum((exchange.hottest(arrays, scene, primary) - scene.ground) / away, 1.0))
        gamma[primary] = np.abs(exchange.answer(arrays, scene, field.inlet, m)) * away * fallen
    if (warmed := consumer.control == "thermostatic").any():
        steepness = consumer.thermostat(inlet, np.full(inlet.size, 4187.0), scene)[1]  # the same whatever the heat capacity
        gamma[span] = np.where(warmed, excess * ratio * steepness, gamma[span])
    return gamma


def largest_shift(upper: Floats, asked: Floats, m: Floats | None = None) -> float:
    """Largest relative difference of flows used and flows asked for [-]; where flows m are given, of those that they touch."""
    counts = np.isfinite(asked) if m is None else ~(m < np.minimum(upper, asked))
    used, want = upper[counts], asked[counts]
    with np.errstate(invalid="ignore"):
        return float(np.max(np.where(np.isfinite(want), np.abs(used - want) / (np.abs(want) + 1e-12), np.inf), initial=0.0))
