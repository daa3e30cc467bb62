"""The call: from a network to a Balance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from heatnet.arrays import Arrays, compile
from heatnet.balance.drives import confirmed, held_drives, plain, set_rows, told
from heatnet.balance.missed import missed
from heatnet.balance.partial import choose
from heatnet.balance.passes import Fitter
from heatnet.balance.places import find_places, shut_inlets, with_open
from heatnet.balance.result import Balance, index_circuits
from heatnet.balance.rounding import round_off
from heatnet.balance.rules import Rules
from heatnet.balance.shortage import shortages
from heatnet.balance.targets import Aim
from heatnet.network import Network
from heatnet.profile import Profile, profile
from heatnet.solve import Settings, Solver
from heatnet.valve_catalogue import ValveType


def balance(
    net: Network | Arrays, target: str = "design flow", *, settings: Settings | None = None, rules: Rules | None = None,
    rule: Profile | str | None = None, catalogue: Mapping[str, ValveType] | None = None,
) -> Balance:
    """Settings that give every consumer what the target asks for, in the weather of the network.

    `target`: "design flow", "load flow" (design load of each building as it is today) or "room temperature" (that which the regulation
    profile `rule` requires, the site's own if none is named, at the least flow). With a `catalogue` (heatnet.valve_catalogue) valves are
    set to positions of their types, without one to any opening. Inlets found shut are opened and set like the others, unless only
    `at_most` valves are to be set: then they stay shut and nothing is asked for them. ModelError if the model breaks a rule, NotSolved if
    there is no answer, ValueError for an unknown target or rule.
    """
    rules = rules or Rules()
    found = net if isinstance(net, Arrays) else compile(net)
    as_found = Solver.of(found, settings)
    before = as_found.solve()
    opened = shut_inlets(found, rules) if rules.at_most is None else ()
    arrays = with_open(found, opened)
    solver = Solver.of(arrays, settings, like=as_found) if opened else as_found
    begin = solver.solve() if opened else before
    drives = held_drives(arrays, rules)
    whole_net, arrays = arrays, plain(arrays, begin, drives)
    if arrays is not whole_net:
        solver, begin = Solver.of(arrays, settings), replace(begin, arrays=arrays)
    known = rule if isinstance(rule, Profile) else profile(rule or arrays.net.site.profile)
    aim = Aim(target, rules, known.required)
    places = find_places(arrays, rules)
    places = places.serving(aim.flows(begin, np.ones(places.part.size)))
    whole = places
    if rules.at_most is not None:
        places, fit = choose(arrays, solver, aim, places, begin, rules.at_most)
    else:
        fit = Fitter(arrays, solver, places, aim).run(begin, settled=not opened)
    positions = None
    if catalogue is not None and not fit.alone:
        fit, positions = round_off(arrays, solver, aim, fit, places, catalogue)
    scenario, values = told(found, drives, fit, f"balanced for {target}")
    if fit.alone:
        fit = replace(fit, state=before)
    elif values:
        fit = confirmed(found, scenario, fit, as_found)
    return Balance(
        found, target, rules, before, fit.state, scenario, set_rows(places, drives), fit, positions, index_circuits(fit.state, whole, fit),
        shortages(fit.state, fit, rules, places.inlets), missed(aim, fit, places, positions), opened, values,
    )
