"""Finds the settings: passes between the prescribed-flow problem at the temperatures at hand and a full solve with the settings found.

One pass, at the temperatures of the last solve:
  1. all consumers that can be set take what they want; margin_i = difference at hand less loss of the open inlet
  2. lift of each part less its least margin (or kept, or held within its limits): its index circuit needs its valve open
  3. surplus that all consumers behind a branch valve share is taken there, from the plant outwards; the rest at each inlet
  4. where pressure does not suffice, all of the part get the same smaller share, down to `least_share`; who is short then stays open
Where settings swing from pass to pass they go half way, and of passes that come to no rest the best one is kept.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from heatnet.arrays import Arrays
from heatnet.balance import controllers
from heatnet.balance import knobs as turn
from heatnet.balance.asked import Asked, enough
from heatnet.balance.fit import Fit
from heatnet.balance.knobs import Knobs
from heatnet.balance.lacking import at_last, lacking
from heatnet.balance.lift_search import LiftSearch
from heatnet.balance.places import Places, take
from heatnet.balance.posed import Found, Posed, resistances
from heatnet.balance.room import NO_LIMITS, Pressures, Room
from heatnet.balance.targets import Aim
from heatnet.components import Consumer, Valve
from heatnet.schema import Bools, Floats, Ints
from heatnet.solve import Solver, State
from heatnet.solve.hydraulic import UPPER

PASSES = 24
CLOSE = 2e-5  # largest relative deviation of a flow from what is wanted
CALM = 6  # passes after which settings that swing go half way
ROUNDS = 40  # where consumers that take what they get share a part: their flow moves with the lift
MET = 1.0  # Pa, what branch valves take that is known well enough
STILL = 1e-3  # Pa, a rise of the lift that is none
HALVINGS = 3  # of the way from the last settings, where new ones have no answer
SEARCH = 6  # solves for the share of a part that is short of pressure
SETTLED = 1e-3  # relative change of a lift that still counts as left alone


@dataclass(frozen=True)
class _Step:
    knobs: Knobs
    found: Found
    margin: Floats  # with the new lift and open branch valves
    spare: Floats  # what is left for the inlet to take
    enough: Floats  # shortness of each margin that counts as met


class Fitter:
    """One balance under way."""

    def __init__(self, arrays: Arrays, solver: Solver, places: Places, aim: Aim) -> None:
        self.arrays, self.solver, self.places, self.aim = arrays, solver, places, aim
        self.asked = Asked(arrays, places, aim.rules.most_lift)
        self.room: Room | None = None
        self.pressures: Pressures | None = None

    def run(self, before: State, *, settled: bool = True) -> Fit:
        """Passes until flows are what is wanted; `settled`: a network balanced already is left alone."""
        fit = self._passes(before, Knobs.of(self.arrays), before, settled=settled)
        if not fit.alone and (stray := self.asked.beyond & ~self._unserved(fit)).any():
            self.asked.beyond &= ~stray  # they asked for more while other settings and temperatures were at hand
            fit = self._passes(before, fit.knobs, fit.state, settled=False)
        return fit if fit.alone else self._told(fit)

    def _passes(self, before: State, setting: Knobs, state: State, *, settled: bool) -> Fit:
        present, best, least = Knobs.of(self.arrays), None, np.inf
        for number in range(1, PASSES + 1):
            fit = self._pass(setting, present, state, number)
            if settled and number == 1 and self._balanced(fit, before):
                return replace(fit, knobs=present, state=before, alone=True)
            if number > CALM:
                fit = replace(fit, knobs=fit.knobs.between(setting))
            fit = self._solved(fit, setting, before, state)
            setting, state = fit.knobs, fit.state
            wanted = self.aim.flows(state, self._shares(fit.share))
            off, lack = self._deviation(state, wanted, fit), self._shortfall(state, wanted, fit)
            if best is None or max(off, lack) <= least or not self._same_circle(best, fit):
                best, least = fit, max(off, lack)
            if off < CLOSE and lack < 0.5 * self.aim.rules.keeps:
                return fit
        assert best is not None
        return best

    def _unserved(self, fit: Fit) -> Bools:
        """Consumers beyond any lift that get less than they want at the largest one with the settings found, (consumers,)."""
        if not self.asked.beyond.any():
            return self.asked.beyond
        return self.asked.unserved(fit.knobs, fit.state, self.aim.flows(fit.state, np.ones(self.places.part.size)))

    def _told(self, fit: Fit) -> Fit:
        """The fit with who is short in the end, and by how much."""
        state, beyond = fit.state, self.asked.beyond
        wanted = self.aim.flows(state, np.ones(self.places.part.size))
        with np.errstate(invalid="ignore"):
            lacks = state.m[state.of(Consumer)] < (1.0 - self.aim.rules.keeps) * wanted
        short = lacks & (beyond | (fit.missing > 0.0))
        missing = np.where(short, np.where(beyond, np.nan, fit.missing), 0.0)
        if (short & ~beyond).any():
            missing = lacking(self.asked, fit, wanted, short & ~beyond)
        missing, flood = np.where(short & beyond, np.nan, missing), fit.flood
        if np.isnan(missing).any():
            missing, flood = at_last(self.asked, fit, wanted, missing)
        return replace(fit, short=short, missing=missing, flood=flood)

    @staticmethod
    def _same_circle(one: Fit, two: Fit) -> bool:
        """Whether two passes ask the same of the same consumers, so that their deviations can be compared."""
        return bool((one.share == two.share).all() and ((one.missing > 0.0) == (two.missing > 0.0)).all())

    def _solved(self, fit: Fit, last: Knobs, before: State, start: State) -> Fit:
        """The fit with the answer to its settings, from its own first guess where the last state leads nowhere; or half way from `last`."""
        knobs = fit.knobs
        for number in range(HALVINGS + 1):
            solver = Solver.of(knobs.on(self.arrays), before.settings, like=self.solver)
            state = solver.solve(start=start, throw=False)
            if not state.converged:
                state = solver.solve(throw=number == HALVINGS)
            if state.converged:
                break
            knobs = knobs.between(last)
        return replace(fit, knobs=knobs, state=state)

    def _pressures(self, state: State) -> Pressures | None:
        """Rules that bound the lift, worked out once; None where nothing does."""
        rules = self.aim.rules
        if self.pressures is None and rules.lift != "kept" and rules.limits != NO_LIMITS:
            self.pressures = Pressures.of(self.arrays, self.places, state, rules)
        return self.pressures

    def _shares(self, share: Floats) -> Floats:
        """Share of each consumer, (consumers,)."""
        return np.append(share, 1.0)[self.places.part]

    def _least(self, margin: Floats) -> Floats:
        """Least margin of every part among those that can be served, (parts,)."""
        return self.places.least_by_part(np.where(self.asked.beyond, np.nan, margin))

    def _deviation(self, state: State, wanted: Floats, fit: Fit) -> float:
        """Largest relative deviation of a flow that is set."""
        here = self.places.inlets & ~np.isnan(wanted) & fit.met & ~self.asked.beyond
        return float(np.abs(state.m[state.of(Consumer)][here] / wanted[here] - 1.0).max(initial=0.0))

    def _shortfall(self, state: State, wanted: Floats, fit: Fit) -> float:
        """Largest share that a consumer which regulates itself lacks, where pressure suffices: it asks for more as its supply cools."""
        unasked = np.isnan(fit.margin)
        here = self.places.steady & ~np.isnan(wanted) & (fit.met | unasked) & ~self.asked.beyond
        return float((1.0 - state.m[state.of(Consumer)][here] / wanted[here]).max(initial=0.0))

    def _balanced(self, fit: Fit, before: State) -> bool:
        """Whether the network as it is gives what is wanted, at a lift that is no higher than it must be."""
        lacks = bool(self.asked.beyond.any() or (fit.missing > 0.0).any())
        if lacks or self._deviation(before, fit.wanted, fit) > self.aim.rules.keeps:
            return False
        now, new = Knobs.of(self.arrays), fit.knobs
        lower = np.nan_to_num(np.abs(new.lift / np.maximum(now.lift, 1.0) - 1.0)).max(initial=0.0)
        return bool(max(float(lower), float(np.abs(new.speed - now.speed).max(initial=0.0))) < SETTLED)

    def _pass(self, setting: Knobs, present: Knobs, state: State, number: int) -> Fit:
        places, aim, asked = self.places, self.aim, self.asked
        whole = np.ones(places.count)
        if self.room is None or self.room.bounds(setting, places):
            self.room = Room.of(self.arrays, places, state, aim.rules, self._pressures(state))
        room = self.room
        wanted = aim.flows(state, self._shares(whole))
        step, missing = self._served(setting, state, wanted, room)
        share, aimed = whole, wanted
        lacks = bool((missing > 0.0).any())
        if lacks:
            share, step, aimed = self._shared(setting, state, step, room, missing)
        posed = self.asked.posed
        k_open, _ = resistances(posed)
        spare = np.where(step.spare > step.enough, step.spare, 0.0)  # the valve of the index circuit stays open
        k = k_open + spare / np.where(np.isnan(aimed), np.inf, aimed) ** 2
        met = step.margin >= -step.enough
        if (~np.isnan(step.margin) & ~met).any():
            k = self._bounded(step.knobs, state, aimed, k_open)
        k, difference = controllers.shared_out(self.arrays, posed, places, k, aimed)
        inlet = turn.openings(posed, Consumer, k, places.inlets & ~np.isnan(wanted), present.inlet)
        done = replace(step.knobs, inlet=inlet, difference=difference)
        index = self._index(np.where(asked.beyond, np.nan, step.margin))
        return Fit(
            done, state, wanted, aimed, share, missing > 0.0, missing, step.margin, met, index, number, asked.solves, alone=False,
            largest=asked.largest, flood=np.zeros(0), free_lift=aim.rules.lift != "kept" and not lacks,
        )

    def _served(self, setting: Knobs, state: State, wanted: Floats, room: Room) -> tuple[_Step, Floats]:
        """A step, and what is missing [Pa] of those that a lift could serve, (consumers,).

        Who is short at the largest lift that is built counts as beyond any, those first that get less there when others do too.
        """
        for _ in range(1 + self.places.part.size):
            step = self._step(setting, state, wanted, room)
            known = ~np.isnan(step.margin) & ~self.asked.beyond
            missing = np.where(known & (step.margin < -step.enough), -step.margin, 0.0)
            hopeless = (missing > 0.0) & np.append(room.ended(step.knobs, self.places), False)[self.places.part]
            if not hopeless.any():
                break
            unserved = hopeless & self.asked.unserved(setting, state, wanted)
            self.asked.beyond |= unserved if unserved.any() else hopeless & (missing >= missing[hopeless].max())
        return step, missing

    def _step(self, setting: Knobs, state: State, wanted: Floats, room: Room) -> _Step:
        """Lifts and branch valves for given flows; where consumers that take what they get are among them, until all agree.

        Where some are beyond any lift, branch valves are opened first: what a throttled one lets them have says nothing of what they could.
        """
        places, asked, search = self.places, self.asked, LiftSearch()
        open_, risen = setting.opened(places, branches=bool(asked.beyond.any())), np.zeros(places.count)
        for _ in range(ROUNDS):
            found = asked.given(open_, state, wanted)
            margin, spent = asked.margins(found)
            need, yields = enough(found), self._yielding()
            least, wish = self._wish(search, risen, np.where(asked.beyond, np.nan, margin), need, yields)
            rise = room.rise(-wish, open_, self.asked.posed)
            risen = risen + rise
            gain = np.where(wish != 0.0, -least * rise / np.where(wish != 0.0, wish, 1.0), rise)  # of the margins
            margin = margin + np.append(gain, 0.0)[places.part]
            takes, spare = take(places, margin)
            speed = turn.pump_speeds(self.asked.posed, found, places, rise[places.pump_part], open_.speed) if rise.any() else open_.speed
            open_ = replace(turn.raised(open_, places, rise), speed=speed, valve=self._valves(self.asked.posed, found, takes, open_.valve))
            moved = float(np.abs(takes - spent).max(initial=0.0))
            if not yields.any() or (float(np.abs(rise[yields]).max()) < STILL and moved < MET):
                break
            if moved > MET:
                search.forget()
        return _Step(open_, found, margin, spare, need)

    def _wish(self, search: LiftSearch, risen: Floats, margin: Floats, need: Floats, yields: Bools) -> tuple[Floats, Floats]:
        """Least margin of each part, and the rise of its lift that would bring it to zero [Pa], (parts,)."""
        least, index = self.places.least_by_part(margin), self._index(margin)
        least = np.where(np.isfinite(least), least, 0.0)
        wish = -least
        for part in np.flatnonzero(yields & (index >= 0)).tolist():
            near = abs(float(least[part])) <= need[index[part]]
            wish[part] = 0.0 if near else search.rise(part, float(risen[part]), float(least[part]))
        return least, wish

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
        short[places.part[missing > 0.0]] = True
        at_hand = np.zeros(places.count)
        np.maximum.at(at_hand, places.part, np.nan_to_num(step.found.loss[self.arrays.part(Consumer).span]))
        share, lack = np.ones(places.count), np.minimum(self._least(step.margin), 0.0)
        lack[~short] = 0.0
        last_share, last = share, lack
        room = replace(room, low=np.where(short, room.high, room.low))  # at the largest lift, whatever the share
        share = np.where(short, np.sqrt(at_hand / np.maximum(at_hand - lack, 1.0)), 1.0)
        for _ in range(SEARCH):
            share = np.clip(share, least, 1.0)
            aimed = self.aim.flows(state, self._shares(share))
            step = self._step(setting, state, aimed, room)
            lack = np.where(short, self._least(step.margin), 0.0)
            if ((np.abs(lack) < MET) | (share <= least) & (lack < 0.0)).all():
                break
            run, gain = share - last_share, lack - last
            slope = np.where(np.abs(run) > 1e-12, gain / np.where(run == 0.0, 1.0, run), -np.inf)
            last_share, last = share, lack
            share = share - np.where(short & (slope < 0.0), lack / np.minimum(slope, -1e-300), 0.0)
        return share, step, aimed

    def _bounded(self, setting: Knobs, state: State, aimed: Floats, k_open: Floats) -> Floats:
        """Resistances where some are short: they stay open, the others take what they want."""
        found = self.asked.bounded(setting, state, aimed)
        span = self.arrays.part(Consumer).span
        full = (found.flows.bound[span] == UPPER) & ~np.isnan(aimed)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(full, np.maximum(found.loss[span] / aimed**2, k_open), k_open)

    def _yielding(self) -> Bools:
        """Parts with consumers that take what they get, (parts,)."""
        result = np.zeros(self.places.count + 1, dtype=bool)
        result[self.places.part[self.places.loose | self.asked.beyond]] = True
        return result[:-1]

    def _index(self, margin: Floats) -> Ints:
        """Consumer of least margin of every part, (parts,)."""
        places = self.places
        index = np.full(places.count, -1, dtype=np.int32)
        known = np.flatnonzero(~np.isnan(margin) & (places.part >= 0))
        order = known[np.argsort(-margin[known], kind="stable")]
        index[places.part[order]] = order  # the last write wins: the least margin
        return index
