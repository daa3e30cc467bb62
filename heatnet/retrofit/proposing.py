"""Candidates proposed for a study: from what its baseline looks like, and what gradients say a change is worth."""

from __future__ import annotations

from dataclasses import replace

from heatnet.errors import HeatnetError, NotSolved
from heatnet.retrofit.candidate import Candidate, Given, priced
from heatnet.retrofit.proposals import BY_GRADIENT, PROPOSALS, Limits, Look
from heatnet.retrofit.study import Study
from heatnet.sensitivity import Sensitivities, sensitivities
from heatnet.solve import Solver


def worth(on: Study) -> Sensitivities:
    """Gradients of the season's deficit on the baseline, over all weather states."""
    arrays, settings = on.ground.arrays, on.ground.settings
    states = [Solver.of(arrays.with_changes(state.scenario), settings).solve() for state in on.ground.states]
    return sensitivities(states, on.ground.profile, [state.hours for state in on.ground.states])


def proposed(on: Study, kinds: tuple[str, ...] | None = None, limits: Limits | None = None) -> Study:
    """The study with proposals of these kinds (all if None) added; those that change just what another candidate does are left out.

    Where the network has no gradients the kinds that are chosen by them are left out too, and the study says so (`unproposed`).
    """
    wanted = tuple(PROPOSALS) if kinds is None else kinds
    gradients, why = _gradients(on)
    without = () if gradients is not None else tuple(one for one in wanted if one in BY_GRADIENT)
    look = Look(on.basis, gradients, limits or Limits())
    found = list(on.candidates)
    known = {one.id for one in found}
    same = {(one.key, one.measure) for one in found}
    for kind in (one for one in wanted if one not in without):
        for one in PROPOSALS[kind](look):
            if one.id in known or (one.measure.key, one.measure) in same:
                continue
            work = one.measure.work(on.basis, one.id)
            known.add(one.id)
            found.append(Candidate(
                one.id, one.measure, work, priced(work, on.prices, Given()), "", one.en, one.zh, one.excludes,
            ))
    there = {one.id for one in found}
    on = replace(on, unproposed=f"{', '.join(without)} ({why})" if without else "")
    return on.with_(tuple(replace(one, excludes=tuple(name for name in one.excludes if name in there)) for one in found))


def _gradients(on: Study) -> tuple[Sensitivities | None, str]:
    """Gradients, or why there are none."""
    try:
        return worth(on), ""
    except NotSolved:
        raise
    except HeatnetError as error:
        return None, str(error)
