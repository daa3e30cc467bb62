"""The few valves that help most: partial work that is worth its while.

Valves are chosen in rounds. In each round the valves chosen so far are set (the lift kept, for nobody lowers it while most of the
network is as it was), and the next ones are those that move most water nearer to where it is wanted: inlets by |flow - wanted|, a
branch valve by what its inlets have too much together. An inlet that is short and open cannot be helped by its own valve and is
passed over.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from heatnet.arrays import Arrays
from heatnet.balance.fit import Fit
from heatnet.balance.passes import Fitter
from heatnet.balance.places import Branches, Places
from heatnet.balance.targets import Aim
from heatnet.components import Consumer, Valve
from heatnet.schema import Bools, Floats
from heatnet.solve import Solver, State

ROUNDS = 5


def choose(arrays: Arrays, solver: Solver, aim: Aim, places: Places, before: State, most: int) -> tuple[Places, Fit]:
    """Places with at most so many valves that may be set, and the fit with them."""
    kept = replace(aim, rules=replace(aim.rules, lift="kept", least_share=1.0))  # nobody is cut for those not helped yet
    inlets = np.zeros(places.inlets.size, dtype=bool)
    lines = np.zeros(places.branches.row.size, dtype=bool)
    state, fit, now = before, None, _only(places, inlets, lines)
    for number in range(ROUNDS):
        score_inlet, score_line = _scores(arrays, places, kept, state)
        score_inlet[inlets], score_line[lines] = 0.0, 0.0
        left = most - int(inlets.sum()) - int(lines.sum())
        share = -(-left // (ROUNDS - number))
        score = np.concatenate([score_inlet, score_line])
        best = np.argsort(-score, kind="stable")[:share]
        best = best[score[best] > 0.0]
        if not best.size:
            break
        inlets[best[best < inlets.size]] = True
        lines[best[best >= inlets.size] - inlets.size] = True
        now = _only(places, inlets, lines)
        fit = Fitter(arrays, solver, now, kept).run(before, settled=False)
        state = fit.state
    return now, fit or Fitter(arrays, solver, now, kept).run(before)


def _scores(arrays: Arrays, places: Places, aim: Aim, state: State) -> tuple[Floats, Floats]:
    """Water [kg/s] that each inlet (consumers,) and branch valve (branches,) would bring nearer to where it is wanted."""
    wanted = aim.flows(state, np.ones(places.part.size))
    excess = np.where(places.inlets, np.nan_to_num(state.m[state.of(Consumer)] - wanted), 0.0)
    closed = arrays.net[Consumer].opening < 1.0
    inlet = np.where(excess > 0.0, excess, np.where(closed, -excess, 0.0))
    branches = places.branches
    together = np.zeros(branches.row.size)
    for at in (branches.tail, branches.head):
        np.add.at(together, at[at >= 0], excess[at >= 0])
    for v in range(branches.row.size - 1, -1, -1):
        if branches.above[v] >= 0:
            together[branches.above[v]] += together[v]
    throttled = arrays.net[Valve].opening[branches.row] < 1.0
    return inlet, np.where(together > 0.0, together, np.where(throttled, -together, 0.0))


def _only(places: Places, inlets: Bools, lines: Bools) -> Places:
    """The places where nothing else may be set."""
    number = np.full(lines.size + 1, -1, dtype=np.int32)
    number[np.flatnonzero(lines)] = np.arange(int(lines.sum()))
    old = places.branches
    nearest = np.full(lines.size + 1, -1, dtype=np.int32)  # the chosen valve at or above each one
    for v in range(lines.size):
        nearest[v] = number[v] if lines[v] else nearest[old.above[v]]
    above = np.array([nearest[old.above[v]] for v in np.flatnonzero(lines)], dtype=np.int32)
    branches = Branches(old.row[lines], above, nearest[old.tail], nearest[old.head])
    return replace(places, inlets=inlets.copy(), loose=places.loose | (places.inlets & ~inlets), branches=branches)
