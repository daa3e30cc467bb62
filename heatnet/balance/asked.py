"""Problems with given flows as a balance asks them one after the other, and who no lift serves among them.

Where the network cannot pass all flows at any pressure, inlets take at most what they want and those that get less at the largest lift
count as beyond any lift from then on: they take what they get, and branch valves are open while that is found out, since what a throttled
one lets them have says nothing of what they could have.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from heatnet.arrays import Arrays
from heatnet.balance import controllers
from heatnet.balance import knobs as turn
from heatnet.balance.knobs import Knobs
from heatnet.balance.places import Places
from heatnet.balance.posed import Found, Posed, pose, solve_flows
from heatnet.components import Consumer, Plant
from heatnet.errors import NotSolved
from heatnet.schema import Bools, Floats
from heatnet.solve import State
from heatnet.solve.hydraulic import UPPER
from heatnet.solve.settings import Status

PARTS_OF_RISE = (1.0, 0.1, 0.01)  # of the way to the largest lift, where that has no answer
LEAST, MOST, ENOUGH = 1e-3, 1.0, 2e-5  # Pa, Pa and share of the loss of the open inlet: a margin missed by less is met


class Asked:
    """Problems of one network; `beyond` are the consumers that no lift serves."""

    def __init__(self, arrays: Arrays, places: Places, most_lift: float) -> None:
        self.places = places
        self.largest = max(most_lift, float(np.nan_to_num(arrays.net[Plant].lift_most).max(initial=0.0)))  # Pa, lift that is built
        self.bare = controllers.without(arrays, places)
        self.solves = 0
        self.beyond = np.zeros(places.part.size, dtype=bool)
        self._posed: Posed | None = None
        self._last: Found | None = None

    def pose(self, setting: Knobs, state: State) -> Posed:
        """The problem of a setting."""
        setting = replace(setting, difference=self.bare.net[Consumer].difference)
        self._posed = pose(setting.on(self.bare), self.places, state)
        return self._posed

    @property
    def posed(self) -> Posed:
        """The last one."""
        assert self._posed is not None
        return self._posed

    def solve(self, posed: Posed, wanted: Floats, given: Bools) -> Found:
        """Its answer, from the last one."""
        self.solves += 1
        try:
            self._last = solve_flows(posed, wanted, self._last.flows if self._last is not None else None, given)
        except NotSolved:
            self._last = None
            raise
        return self._last

    def given(self, setting: Knobs, state: State, wanted: Floats) -> Found:
        """Flows as wanted; where the network cannot pass them at any pressure, those short at the largest lift take what they get."""
        try:
            return self.solve(self.pose(setting, state), wanted, ~self.beyond)
        except NotSolved:
            self.beyond |= self.unserved(setting, state, wanted)
        self._last = None
        return self.solve(self.pose(setting.opened(self.places, branches=True), state), wanted, ~self.beyond)

    def unserved(self, setting: Knobs, state: State, wanted: Floats) -> Bools:
        """Consumers that get less than is wanted at the largest lift, all inlets and branch valves open, (consumers,)."""
        found = self.at_largest(setting, state, wanted)
        return np.asarray((found.flows.bound[state.of(Consumer)] != UPPER) & ~np.isnan(wanted))

    def bounded(self, setting: Knobs, state: State, wanted: Floats) -> Found:
        """Everybody takes what an open inlet passes, at most what is wanted."""
        return self.solve(self.pose(setting, state), wanted, np.zeros(wanted.size, dtype=bool))

    def margins(self, found: Found) -> tuple[Floats, Floats]:
        """Margins with branch valves open [Pa] (consumers,), and what these take beyond that [Pa] (branches,), of the last problem."""
        spent = turn.taken(self.posed, found, self.places)
        return found.margin + self.places.branches.sum(spent), spent

    def at_largest(self, setting: Knobs, state: State, wanted: Floats) -> Found:
        """Flows up to what is wanted at the largest lift that is built, or at the highest below it that has an answer."""
        places, setting = self.places, setting.opened(self.places, branches=True)
        rise = np.full(places.count, np.inf)
        np.minimum.at(rise, places.lift_part, np.maximum(self.largest - setting.lift[places.lifts], 0.0))
        rise[np.isinf(rise)] = 0.0
        for part in (*PARTS_OF_RISE, 0.0):
            try:
                return self.bounded(turn.raised(setting, self.places, part * rise), state, wanted)
            except NotSolved as error:
                last = error
        raise self._pushed(setting, state, wanted) or last

    def _pushed(self, setting: Knobs, state: State, wanted: Floats) -> NotSolved | None:
        """Plants of given flow or heat that push more water than finds a way once inlets take no more than is wanted, as an error."""
        posed = self.pose(setting, state)
        arrays = state.arrays
        rows = np.flatnonzero(~arrays.net[Plant].rigid() & ~arrays.dead[state.of(Plant)])
        edges = state.of(Plant).start + rows
        lower = posed.task.lower.copy()
        pushed = edges[lower[edges] > 0.0]
        if not pushed.size:
            return None
        given = lower[pushed]
        lower[pushed] = 0.0
        try:
            found = self.solve(replace(posed, task=replace(posed.task, lower=lower)), wanted, np.zeros(wanted.size, dtype=bool))
        except NotSolved:
            return None
        ids = arrays.net[Plant].id
        less = [
            f"plant '{ids[edge - state.of(Plant).start]}' gives {flow:.4g} kg/s, of which {found.m[edge]:.4g} kg/s find a way"
            for edge, flow in zip(pushed.tolist(), given.tolist(), strict=True) if found.m[edge] < 0.999 * flow
        ]
        detail = f"in the balance, with inlets at what they should get: {'; '.join(less)}"
        return NotSolved(replace(state, status=Status.IMPOSSIBLE_LIMITS, detail=detail)) if less else None


def enough(found: Found) -> Floats:
    """Shortness of each margin that still counts as met [Pa], (consumers,)."""
    return np.clip(ENOUGH * np.nan_to_num(found.open), LEAST, MOST)
