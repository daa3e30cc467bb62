"""Flows and pressures of one pass of the coupled iteration."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.schema import Floats
from heatnet.solve import hydraulic
from heatnet.solve.hydraulic import Flows, Iterate, Outcome, Run, Task
from heatnet.solve.settings import Settings
from heatnet.solve.space import Spaces
from heatnet.solve.task import flows
from heatnet.solve.thermal import Field

FINER = 1e-3  # -, of the tolerance of pressure, for what regulators hold


@dataclass(frozen=True)
class Pass:
    """Where the iteration stands after a pass."""

    task: Task
    flows: Flows
    m: Floats  # (edges,) with rigid edges
    field: Field
    rho: Floats  # (edges,) kg/m3, that the water was weighed with
    pressure_residual: float  # Pa
    fine: bool  # regulators hold what they should within FINER


def flow_pass(
    given: Task, first: Flows, settings: Settings, spaces: Spaces[hydraulic.Space] | None, field: Field, rho: Floats, *, fine: bool
) -> Pass:
    """Solve for flows from `first`; `field` and `rho` are those that `given` was made of.

    Within the tolerance of pressure a regulator may stop anywhere, and stops elsewhere in every pass: by 0.01 Pa, or by 1e-7 of its usual
    flow where it closes. Users near the least temperature that serves them answer to that. With `fine` it is brought nearer, where
    rounding lets it; networks without regulators need no such thing, for their last Newton step ends far below the tolerance.
    """
    run = hydraulic.prepare(given)
    at = hydraulic.begin(run, first)
    tight = settings.mass_tolerance + 1e-13 * float(np.abs(first.m).max(initial=0.0))
    outcome = hydraulic.iterate(run, at, settings.pressure_tolerance, tight, settings.max_steps, spaces=spaces)
    sharp = fine and given.regulators is not None and outcome.converged
    if sharp:
        outcome, sharp = _sharpened(run, at, outcome, (FINER * settings.pressure_tolerance, tight, settings.max_steps), spaces)
    done = hydraulic.finish(run, at, first, outcome)
    worst = float(np.abs(hydraulic.residual(run, at)).max(initial=0.0))
    return Pass(given, done, flows(given, done.m), field, rho, worst, sharp)


def _sharpened(
    run: Run, at: Iterate, rough: Outcome, stop: tuple[float, float, int], spaces: Spaces[hydraulic.Space] | None
) -> tuple[Outcome, bool]:
    """The outcome at the tolerances `stop`, `at` changed in place, and True; where they are not met, the rough one and False."""
    finer = at.copy()
    better = hydraulic.iterate(run, finer, *stop, warm=True, spaces=spaces)
    if better.converged:
        at.take(finer, finer.u)
    else:
        hydraulic.put(run, at.u)
    steps = rough.steps + better.steps
    found = better if better.converged else rough
    return Outcome(steps, found.pressure_residual, found.mass_residual, True), better.converged
