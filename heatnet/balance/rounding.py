"""From settings that any valve could have to positions that real ones have, so that the balance is kept.

Branch valves are rounded first, to the position that passes no less than is needed: what they leave is taken at the inlets, which
are fitted anew. Then each inlet takes the position nearest to what it needs. All are off at once then, and what one passes too
much others miss, so flows are solved and positions improved in rounds: where another position would bring the flow at the pressure
difference that was found nearer to what is wanted, it is taken, the worst first and not all at once; the lift follows the mean.
A round is kept only if it lowers the sum of squares of ln(flow/wanted): nothing is rounded blindly, every set of positions was solved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from heatnet.arrays import Arrays
from heatnet.balance.fit import Fit
from heatnet.balance.passes import Fitter
from heatnet.balance.places import Branches, Places
from heatnet.balance.positions import Fitted, fit_inlets, fit_lines
from heatnet.balance.targets import Aim
from heatnet.components import Consumer, Valve
from heatnet.components.valve import opening_for
from heatnet.schema import Floats, Ints
from heatnet.solve import Solver, State
from heatnet.valve_catalogue import ValveType

ROUNDS = 6
GAIN = 0.7  # a position is changed where the deviation foreseen is less than this share of that found


@dataclass(frozen=True)
class Positions:
    """Positions of the inlets and of the valves in lines that may be set, by number within their types."""

    inlets: Fitted
    inlet: Ints
    lines: Fitted
    line: Ints
    rounds: int  # forward solves that positions were chosen by


def round_off(
    arrays: Arrays, solver: Solver, aim: Aim, fit: Fit, places: Places, catalogue: Mapping[str, ValveType]
) -> tuple[Fit, Positions]:
    """The fit with positions of a catalogue; ModelError for valves that the catalogue does not know."""
    lines = fit_lines(arrays, places, catalogue)
    inlets = fit_inlets(arrays, places, catalogue)
    valve = arrays.net[Valve]
    line = lines.at_least((valve.kvs * valve.with_(opening=fit.knobs.valve).share())[lines.row])
    if lines.row.size:
        held = replace(fit.knobs, valve=_line_openings(arrays, lines, line, fit.knobs.valve))
        fixed = replace(places, branches=_no_branches(places))
        fit = Fitter(held.on(arrays), solver, fixed, aim).run(fit.state, settled=False)
    fit, inlet, rounds = _improve(arrays, solver, fit, places, inlets)
    return fit, Positions(inlets, inlet, lines, line, rounds)


def _improve(arrays: Arrays, solver: Solver, fit: Fit, places: Places, inlets: Fitted) -> tuple[Fit, Ints, int]:
    consumer, rows = arrays.net[Consumer], inlets.row
    wanted = np.where(np.isnan(fit.aimed[rows]), 1.0, fit.aimed[rows])
    kv = (consumer.kvs * consumer.with_(opening=fit.knobs.inlet).share())[rows]
    weigh = wanted / max(float(wanted.sum()), 1e-300)
    movable = fit.margin[rows] > -1.0
    number = inlets.nearest(kv)
    best = _solved(arrays, solver, fit, inlets, number)
    off = _off(best.state, rows, wanted)
    rounds, part = 1, 0.5
    for _ in range(ROUNDS):
        foreseen = _best(inlets, number, off)
        better = np.abs(_after(inlets, number, off, foreseen)) < GAIN * np.abs(off)
        better &= (foreseen != number) & movable
        if not better.any():
            break
        worst = np.quantile(np.abs(off[better]), 1.0 - part)
        new = np.where(better & (np.abs(off) >= worst), foreseen, number)
        tried = _solved(arrays, solver, best, inlets, new.astype(np.int32), _lift(best, places, weigh, off))
        rounds += 1
        now = _off(tried.state, rows, wanted)
        if weigh @ now**2 < weigh @ off**2:
            best, number, off = tried, new.astype(np.int32), now
        else:
            part *= 0.4
    return best, number, rounds


def _off(state: State, rows: Ints, wanted: Floats) -> Floats:
    """ln of flow over wanted of some consumers, (rows,)."""
    return np.asarray(np.log(np.maximum(state.m[state.of(Consumer)][rows], 1e-12) / wanted))


def _after(inlets: Fitted, number: Ints, off: Floats, new: Ints) -> Floats:
    """ln of the ratio foreseen at the same pressure difference: the flow goes with Kv."""
    return np.asarray(off + np.log(inlets.of(new) / inlets.of(number)))


def _best(inlets: Fitted, number: Ints, off: Floats) -> Ints:
    """Position whose flow at the same pressure difference is nearest to what is wanted."""
    return inlets.nearest(inlets.of(number) * np.exp(-off))


def _lift(fit: Fit, places: Places, weigh: Floats, off: Floats) -> Floats:
    """Lifts that bring the mean flow to what is wanted, where lifts may change; the square law."""
    lift = fit.knobs.lift.copy()
    if fit.free_lift and places.lifts.size:
        lift[places.lifts] *= np.exp(np.clip(-2.0 * float(weigh @ off), -0.02, 0.02))
    return lift


def _solved(arrays: Arrays, solver: Solver, fit: Fit, inlets: Fitted, number: Ints, lift: Floats | None = None) -> Fit:
    """The fit with inlets at positions."""
    consumer, rows = arrays.net[Consumer], inlets.row
    opening = fit.knobs.inlet.copy()
    share = inlets.of(number) / consumer.kvs[rows]
    opening[rows] = opening_for(share, consumer.characteristic[rows], consumer.rangeability[rows], np.zeros(rows.size))
    knobs = replace(fit.knobs, inlet=opening, lift=fit.knobs.lift if lift is None else lift)
    state = Solver.of(knobs.on(arrays), fit.state.settings, like=solver).solve(start=fit.state)
    return replace(fit, knobs=knobs, state=state, alone=False)


def _line_openings(arrays: Arrays, lines: Fitted, number: Ints, opening: Floats) -> Floats:
    valve, rows = arrays.net[Valve], lines.row
    result = opening.copy()
    share = lines.of(number) / valve.kvs[rows]
    result[rows] = opening_for(share, valve.characteristic[rows], valve.rangeability[rows], valve.leakage[rows])
    return result


def _no_branches(places: Places) -> Branches:
    none, nothing = np.full(places.part.size, -1, dtype=np.int32), np.zeros(0, dtype=np.int32)
    return Branches(nothing, nothing, none, none)

