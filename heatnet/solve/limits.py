"""Bounded flows in numbers for the Newton kernel: bounds, losses there, and an active set brought in line with new bounds."""

from __future__ import annotations

import numpy as np

from heatnet.components.pump import PumpLaw
from heatnet.components.valve import SquareLaw
from heatnet.jit import kernel
from heatnet.schema import Floats, Ints


def limits(lower: Floats, upper: Floats, guess: Floats, forms: Ints, coefficients: Floats) -> Floats:
    """Lower and upper bound of edges, loss there and at a usual flow [Pa], and that flow, (6, n), from bounds and guesses (n,).

    `forms` (n,) and `coefficients` (4, n) are those of their laws.
    """
    usual = np.maximum(np.minimum(guess, upper), 1e-9)
    rows = []
    for m, without in ((lower, 0.0), (upper, np.inf), (usual, 0.0)):
        at, slope = np.zeros(m.size), np.empty(m.size)
        flow = np.where(np.isfinite(m), m, 0.0)
        for form, law in ((1, SquareLaw), (2, PumpLaw)):
            here = forms == form
            loss = np.zeros(np.count_nonzero(here))
            law(*coefficients[:, here][: 1 if form == 1 else 4]).head_loss(flow[here], loss, slope[here])
            at[here] = loss
        rows.append(np.where(np.isfinite(m), at, without))
    return np.stack([lower, upper, *rows, usual])


@kernel
def adopt_bounds(m: Floats, bound: Ints, lower: Floats, upper: Floats) -> None:
    """Bring a previous active set in line with new bounds, in place."""
    for e in range(m.size):
        if bound[e] > 2:
            m[e] = 0.0
        elif lower[e] == upper[e]:
            bound[e] = 1
            m[e] = upper[e]
        elif bound[e] == 1:
            if upper[e] == np.inf:
                bound[e] = 0
            else:
                m[e] = upper[e]
        elif bound[e] == 2:
            if lower[e] == -np.inf:
                bound[e] = 0
            else:
                m[e] = lower[e]
        else:
            m[e] = min(max(m[e], lower[e]), upper[e])
