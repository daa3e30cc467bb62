"""Temperatures that belong to given flows: thermal passes alone, until they settle.

One pass takes every outlet law as it is at the last inlet temperature. That is exact for pipes, and soon for radiators, but not where laws
have corners: a plant at its capacity gives its heat at any temperature, loads take theirs until their supply is too cold. Taken as they
are, more heat is asked for than comes, all water cools without end, in the next pass none is asked for and it warms without end.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from heatnet.components import Scene
from heatnet.schema import Bools, Floats
from heatnet.solve import exchange, hydraulic, thermal
from heatnet.solve.flow_pass import Pass
from heatnet.solve.hydraulic import Flows, Task
from heatnet.solve.relax import SPELL, Temperatures
from heatnet.solve.settings import Settings
from heatnet.solve.task import entering, flows
from heatnet.solve.thermal import Field, Wiring
from heatnet.water import Water

TOLD = 2.0  # -, times the flow that is none, beyond which one is told from it
SETTLED = 1e-3  # K, change of temperatures of the last pass
CALMING = 60  # passes at given flows


def settle(sweep: Callable[[Field], Field], field: Field, m: Floats) -> tuple[Field, int]:
    """The last `sweep` at flows m [kg/s] from `field` on, damped, and how many changed a temperature by more than SETTLED."""
    way, moved = Temperatures.at(field), 0
    new = sweep(field)
    while moved < CALMING and thermal.largest_change(field, new, m) > SETTLED:
        way, moved = way.towards(new, SPELL), moved + 1
        field = way.field(new)
        new = sweep(field)
    return new, moved


def warmed(asked: Floats, last: Floats, now: Pass, scene: Scene, settings: Settings, lines: Wiring, *, thorough: bool) -> Field:
    """Temperatures at the flows of a pass, from one sweep or, if `thorough`, from as many as they need to settle.

    `asked` are the bounds of flow that temperatures ask for, `last` the flows of the pass before [kg/s], both (edges,). A flow that is
    told from none by next to nothing, and was not told from it by more before, is none: else it might be one by turns.
    """
    arrays, water, m = now.task.arrays, settings.water, now.m
    runs = np.where(np.abs(last) > TOLD * thermal.STILL, 1.0, TOLD) * thermal.STILL
    m = np.where(np.abs(m) > runs, m, 0.0)
    keeps = exchange.held(arrays, asked, now.flows.bound == hydraulic.UPPER)
    sweep = _sweep(now.task, m, entering(arrays, now.m), scene, water, lines, keeps)
    return settle(sweep, now.field, m)[0] if thorough else sweep(now.field)


def calm(given: Task, settings: Settings, field: Field, at: Flows) -> Field | None:
    """Temperatures that belong to the flows `at`; None where `field` is that already.

    Bounds on the way may ask for what those of settled temperatures do not: a plant of given heat for a flow that fits its last inlet
    temperature, users for one that fits theirs.
    """
    arrays, m = given.arrays, flows(given, at.m)
    scene, water = arrays.scene(settings.water, settings.gravity), settings.water
    keeps = exchange.held(arrays, given.upper, at.bound == hydraulic.UPPER)
    sweep = _sweep(given, m, entering(arrays, m), scene, water, thermal.wiring(arrays), keeps)
    new, moved = settle(sweep, field, m)
    return new if moved else None


def _sweep(
    given: Task, m: Floats, enters: Floats, scene: Scene, water: Water, lines: Wiring, keeps: Bools
) -> Callable[[Field], Field]:
    """One thermal pass at flows m."""
    arrays = given.arrays
    return lambda field: thermal.sweep(arrays, lines, m, field, thermal.fluids(arrays, water, field), scene, water, enters, keeps)
