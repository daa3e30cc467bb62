"""Finds the settings: passes between the prescribed-flow problem at the temperatures at hand and a full solve with the settings found.

One pass, at the temperatures of the last solve:
  1. all consumers that can be set take what they want; margin_i = difference at hand less loss of the open inlet
  2. lift of each part less its least margin (or kept, or held within its limits): its index circuit needs its valve open
  3. surplus that all consumers behind a branch valve share is taken there, from the plant outwards; the rest at each inlet
  4. where pressure does not suffice, all of the part get the same smaller share, down to `least_share`; who is short then stays open
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from heatnet.arrays import Arrays
from heatnet.balance import controllers
from heatnet.balance import knobs as turn
from heatnet.balance.knobs import Knobs
from heatnet.balance.places import Places, take
from heatnet.balance.posed import Found, Posed, pose, resistances, solve_flows
from heatnet.balance.room import IMMENSE, NO_LIMITS, Pressures, Room
from heatnet.balance.slope import Slope
from heatnet.balance.targets import Aim
from heatnet.components import Consumer, Valve
from heatnet.errors import NotSolved
from heatnet.schema import Bools, Floats, Ints
from heatnet.solve import Solver, State
from heatnet.solve.hydraulic import UPPER

PASSES = 24
CLOSE = 2e-5  # largest relative deviation of a flow from what is wanted
LOOSE_ROUNDS = 25  # where consumers that cannot be set share a part: their flow moves with the lift
ENOUGH = 1.0  # Pa, a margin that is missed by less is met
SEARCH = 6  # solves for the share of a part that is short of pressure
PARTS_OF_RISE = (1.0, 0.1, 0.01)  # of the way to the largest lift, where that has no answer
SETTLED = 1e-3  # relative change of a lift that still counts as left alone


@dataclass(frozen=True)
class Fit:
    """What was found; per consumer (consumers,), per part (parts,)."""

    knobs: Knobs
    state: State  # solved with the settings
    wanted: Floats  # kg/s, all that is asked for
    aimed: Floats  # kg/s, the share of it that pressure suffices for
    share: Floats  # (parts,)
    missing: Floats  # Pa that each consumer lacks at full flows, 0 where it lacks nothing
    margin: Floats  # Pa by which the difference at hand exceeds the loss of the open inlet, at the flows aimed for
    index: Ints  # (parts,) row of the consumer of the index circuit, -1 where nothing is wanted
    passes: int
    solves: int  # prescribed-flow problems
    alone: bool  # balanced already
    free_lift: bool  # whether lifts follow what is needed: neither kept nor at a bound with some short


@dataclass(frozen=True)
class _Step:
    knobs: Knobs
    found: Found
    margin: Floats  # with the new lift and open branch valves
    spare: Floats  # what is left for the inlet to take


class Fitter:
    """One balance under way."""

    def __init__(self, arrays: Arrays, solver: Solver, places: Places, aim: Aim) -> None:
        self.arrays, self.solver, self.places, self.aim = arrays, solver, places, aim
        self.bare = controllers.without(arrays, places)
        self.solves = 0
        self.flows: Found | None = None
        self.room: Room | None = None
        self.pressures: Pressures | None = None
        self.beyond = np.zeros(places.part.size, dtype=bool)  # consumers that no lift serves

    def run(self, before: State, *, settled: bool = True) -> Fit:
        """Passes until flows are what is wanted; `settled`: a network balanced already is left alone."""
        arrays = self.arrays
        present, state = Knobs.of(arrays), before
        setting = present
        for number in range(1, PASSES + 1):
            fit = self._pass(setting, present, state, number)
            if settled and number == 1 and self._balanced(fit, before):
                return replace(fit, knobs=present, state=before, alone=True)
            setting = fit.knobs
            changed = setting.on(arrays)
            state = self._solved(changed, before, state)
            fit = replace(fit, state=state)
            wanted = self.aim.flows(state, self._shares(fit.share))
            if self._deviation(state, wanted, fit) < CLOSE and self._shortfall(state, wanted, fit) < 0.5 * self.aim.rules.keeps:
                break
        return fit

    def _solved(self, changed: Arrays, before: State, start: State) -> State:
        """The network with the settings found; from its own first guess where the last state leads nowhere."""
        solver = Solver.of(changed, before.settings, like=self.solver)
        state = solver.solve(start=start, throw=False)
        return state if state.converged else solver.solve()

    def _pressures(self, state: State) -> Pressures | None:
        """Rules that bound the lift, worked out once; None where nothing does."""
        rules = self.aim.rules
        if self.pressures is None and rules.lift != "kept" and rules.limits != NO_LIMITS:
            self.pressures = Pressures.of(self.arrays, self.places, state, rules)
        return self.pressures

    def _shares(self, share: Floats) -> Floats:
        """Share of each consumer, (consumers,)."""
        return np.append(share, 1.0)[self.places.part]

    def _deviation(self, state: State, wanted: Floats, fit: Fit) -> float:
        """Largest relative deviation of a flow that is set."""
        here = self.places.inlets & ~np.isnan(wanted) & (fit.margin > -ENOUGH)
        return float(np.abs(state.m[state.of(Consumer)][here] / wanted[here] - 1.0).max(initial=0.0))

    def _shortfall(self, state: State, wanted: Floats, fit: Fit) -> float:
        """Largest share that a consumer which regulates itself lacks, where pressure suffices: it asks for more as its supply cools."""
        here = self.places.steady & ~np.isnan(wanted) & ~(fit.margin <= -ENOUGH) & ~self.beyond  # no margin: not yet asked for
        return float((1.0 - state.m[state.of(Consumer)][here] / wanted[here]).max(initial=0.0))

    def _balanced(self, fit: Fit, before: State) -> bool:
        """Whether the network as it is gives what is wanted, at a lift that is no higher than it must be."""
        if (fit.missing > 0.0).any() or self._deviation(before, fit.wanted, fit) > self.aim.rules.keeps:
            return False
        now, new = Knobs.of(self.arrays), fit.knobs
        lower = np.nan_to_num(np.abs(new.lift / np.maximum(now.lift, 1.0) - 1.0)).max(initial=0.0)
        return bool(max(float(lower), float(np.abs(new.speed - now.speed).max(initial=0.0))) < SETTLED)

    def _pass(self, setting: Knobs, present: Knobs, state: State, number: int) -> Fit:
        places, aim = self.places, self.aim
        whole = np.ones(places.count)
        if self.room is None or self.room.bounds(setting, places):
            self.room = Room.of(self.arrays, places, state, aim.rules, self._pressures(state))
        room = self.room
        wanted = aim.flows(state, self._shares(whole))
        step, missing = self._served(setting, state, wanted, room)
        share, aimed = whole, wanted
        index = self._index(step.margin)
        if (missing[~self.beyond] > 0.0).any():
            share, step, aimed = self._shared(setting, state, step, room, missing)
            index = self._index(step.margin)
        k_open, _ = resistances(self._posed)
        k = k_open + step.spare / np.where(np.isnan(aimed), np.inf, aimed) ** 2
        if (np.nan_to_num(step.margin) < -ENOUGH).any():
            k = self._bounded(step.knobs, state, aimed, k_open)
        k, difference = controllers.shared_out(self.arrays, self._posed, places, k, aimed)
        inlet = turn.openings(self._posed, Consumer, k, places.inlets & ~np.isnan(wanted), present.inlet)
        done = replace(step.knobs, inlet=inlet, difference=difference)
        free = aim.rules.lift != "kept" and not missing.any()
        return Fit(done, state, wanted, aimed, share, missing, step.margin, index, number, self.solves, False, free)

    def _served(self, setting: Knobs, state: State, wanted: Floats, room: Room) -> tuple[_Step, Floats]:
        """A step, and what is missing [Pa] (consumers,); who is short at a lift that no network is built for counts as beyond any."""
        for _ in range(1 + self.places.part.size):
            step = self._step(setting, state, wanted, room)
            missing = np.where(np.isnan(step.margin), 0.0, np.maximum(-step.margin, 0.0))
            missing[missing <= ENOUGH] = 0.0
            immense = np.zeros(self.places.count + 1, dtype=bool)
            immense[self.places.lift_part] = step.knobs.lift[self.places.lifts] >= IMMENSE - ENOUGH
            hopeless = (missing > 0.0) & ~self.beyond & immense[self.places.part]
            if not hopeless.any():
                break
            self.beyond |= hopeless
        return step, missing

    def _step(self, setting: Knobs, state: State, wanted: Floats, room: Room) -> _Step:
        """Lifts and branch valves for given flows; where consumers that cannot be set take part, until they agree.

        Where some take what they get, branch valves are opened first: what a throttled one lets them have says nothing of what they could.
        """
        places = self.places
        open_ = setting.opened(places, branches=bool(self.beyond.any()))
        slope = Slope(places.count)
        for _ in range(LOOSE_ROUNDS if places.loose.any() else 1):
            posed = self._pose(open_, state)
            found = self._given(posed, open_, state, wanted, room)
            posed = self._posed  # with branch valves open where some turned out to take what they get
            spent = turn.taken(posed, found, places)
            margin = found.margin + places.branches.sum(spent)
            least = slope.ahead(places.least_by_part(np.where(self.beyond, np.nan, margin)))
            rise = slope.risen(room.rise(least, open_, posed))
            lift = open_.lift.copy()
            lift[places.lifts] += rise[places.lift_part]
            speed = turn.pump_speeds(posed, found, places, rise[places.pump_part], open_.speed) if rise.any() else open_.speed
            margin = margin + np.append(rise, 0.0)[places.part]
            takes, spare = take(places, margin)
            new = replace(open_, lift=lift, speed=speed, valve=self._valves(posed, found, takes, open_.valve))
            moved = max(float(np.abs(rise).max(initial=0.0)), float(np.abs(takes - spent).max(initial=0.0)))
            open_ = new
            if moved < ENOUGH:
                break
        return _Step(open_, found, margin, spare)

    def _valves(self, posed: Posed, found: Found, takes: Floats, opening: Floats) -> Floats:
        rows = self.places.branches.row
        if not rows.size:
            return opening
        m = found.m[posed.task.arrays.part(Valve).span][rows]
        k, which = turn.open_valves(posed), np.zeros(opening.size, dtype=bool)
        which[rows] = np.abs(m) > 1e-9
        k[rows] += takes / np.maximum(m**2, 1e-18)
        return turn.openings(posed, Valve, k, which, opening)

    def _shared(self, setting: Knobs, state: State, step: _Step, room: Room, missing: Floats) -> tuple[Floats, _Step, Floats]:
        """The share at which pressure suffices in every part, by secants, no less than the least one."""
        places, least = self.places, self.aim.rules.least_share
        short = np.zeros(places.count, dtype=bool)
        short[places.part[(missing > 0.0) & ~self.beyond]] = True
        at_hand = np.zeros(places.count)
        np.maximum.at(at_hand, places.part, np.nan_to_num(step.found.loss[self.arrays.part(Consumer).span]))
        share, lack = np.ones(places.count), np.minimum(self._least(step), 0.0)
        lack[~short] = 0.0
        last_share, last = share, lack
        room = replace(room, low=np.where(short, room.high, room.low))  # at the largest lift, whatever the share
        share = np.where(short, np.sqrt(at_hand / np.maximum(at_hand - lack, 1.0)), 1.0)
        for _ in range(SEARCH):
            share = np.clip(share, least, 1.0)
            aimed = self.aim.flows(state, self._shares(share))
            step = self._step(setting, state, aimed, room)
            lack = np.where(short, self._least(step), 0.0)
            if ((np.abs(lack) < ENOUGH) | (share <= least) & (lack < 0.0)).all():
                break
            run, gain = share - last_share, lack - last
            slope = np.where(np.abs(run) > 1e-12, gain / np.where(run == 0.0, 1.0, run), -np.inf)
            last_share, last = share, lack
            share = share - np.where(short & (slope < 0.0), lack / np.minimum(slope, -1e-300), 0.0)
        return share, step, aimed

    def _least(self, step: _Step) -> Floats:
        """Least margin of every part among those that can be served, (parts,)."""
        return self.places.least_by_part(np.where(self.beyond, np.nan, step.margin))

    def _bounded(self, setting: Knobs, state: State, aimed: Floats, k_open: Floats) -> Floats:
        """Resistances where some are short: they stay open, the others take what they want."""
        posed = self._pose(setting, state)
        found = self._solve(posed, aimed, np.zeros(aimed.size, dtype=bool))
        span = self.arrays.part(Consumer).span
        full = (found.flows.bound[span] == UPPER) & ~np.isnan(aimed)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(full, np.maximum(found.loss[span] / aimed**2, k_open), k_open)

    def _pose(self, setting: Knobs, state: State) -> Posed:
        setting = replace(setting, difference=self.bare.net[Consumer].difference)
        self._posed = pose(setting.on(self.bare), self.places, state)
        return self._posed

    def _solve(self, posed: Posed, wanted: Floats, given: Bools) -> Found:
        self.solves += 1
        self.flows = solve_flows(posed, wanted, self.flows.flows if self.flows is not None else None, given)
        return self.flows

    def _given(self, posed: Posed, setting: Knobs, state: State, wanted: Floats, room: Room) -> Found:
        """Flows as wanted; where the network cannot pass them at any pressure, those short at the largest lift take what they get."""
        try:
            return self._solve(posed, wanted, ~self.beyond)
        except NotSolved:
            self.flows = None
        found = self._bounded_flows(posed, setting, state, wanted, room)
        span = self.arrays.part(Consumer).span
        self.beyond |= (found.flows.bound[span] != UPPER) & ~np.isnan(wanted)
        self.flows = None
        return self._solve(self._pose(setting.opened(self.places, branches=True), state), wanted, ~self.beyond)

    def _bounded_flows(self, posed: Posed, setting: Knobs, state: State, wanted: Floats, room: Room) -> Found:
        """Flows up to what is wanted at the largest lift, or at the highest below it that has an answer."""
        rise = room.rise(np.full(self.places.count, -np.inf), setting, posed, most=True)
        nobody = np.zeros(wanted.size, dtype=bool)
        setting = setting.opened(self.places, branches=True)
        for part in PARTS_OF_RISE:
            highest = replace(setting, lift=setting.lift.copy())
            highest.lift[self.places.lifts] += part * rise[self.places.lift_part]
            try:
                return self._solve(self._pose(highest, state), wanted, nobody)
            except NotSolved:
                self.flows = None
        return self._solve(self._pose(setting, state), wanted, nobody)

    def _index(self, margin: Floats) -> Ints:
        """Consumer of least margin of every part, (parts,)."""
        places = self.places
        index = np.full(places.count, -1, dtype=np.int32)
        known = np.flatnonzero(~np.isnan(margin) & (places.part >= 0))
        order = known[np.argsort(-margin[known], kind="stable")]
        index[places.part[order]] = order  # the last write wins: the least margin
        return index
