"""Candidates proposed for a study: from what its baseline looks like, and what gradients say a change is worth."""

from __future__ import annotations

from dataclasses import replace

from heatnet.retrofit.candidate import Candidate, Given, priced
from heatnet.retrofit.proposals import PROPOSALS, Limits, Look
from heatnet.retrofit.study import Study
from heatnet.sensitivity import Sensitivities, sensitivities
from heatnet.solve import Solver


def worth(on: Study) -> Sensitivities:
    """Gradients of the season's deficit on the baseline, over all weather states."""
    arrays, settings = on.ground.arrays, on.ground.settings
    states = [Solver.of(arrays.with_changes(state.scenario), settings).solve() for state in on.ground.states]
    return sensitivities(states, on.ground.profile, [state.hours for state in on.ground.states])


def proposed(on: Study, kinds: tuple[str, ...] | None = None, limits: Limits | None = None) -> Study:
    """The study with proposals of these kinds (all if None) added; those that change just what another candidate does are left out."""
    look = Look(on.basis, worth(on), limits or Limits())
    found = list(on.candidates)
    known = {one.id for one in found}
    same = {(one.key, one.measure) for one in found}
    for kind in PROPOSALS if kinds is None else kinds:
        for one in PROPOSALS[kind](look):
            if one.id in known or (one.measure.key, one.measure) in same:
                continue
            work = one.measure.work(on.basis, one.id)
            known.add(one.id)
            found.append(Candidate(
                one.id, one.measure, work, priced(work, on.prices, Given()), "", one.en, one.zh, one.excludes,
            ))
    there = {one.id for one in found}
    return on.with_(tuple(replace(one, excludes=tuple(name for name in one.excludes if name in there)) for one in found))
