"""Bounded flows of the Newton kernel: bounds, losses there, and the active set, its first guess and its change in a step."""

from __future__ import annotations

import math

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


ROUGH, SPARE = 1e-6, 0.1  # share of the loss at a bound, and Pa at most, within which a pressure difference is taken to be there


@kernel
def spare(loss: float) -> float:
    """Pressure difference by which one may miss the loss at a bound [Pa]: of a plant that lifts 2 MPa, 2 Pa would be too much."""
    return min(ROUGH * (1.0 + abs(loss)), SPARE)


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


@kernel
def misplaced(chosen: tuple[Ints, Ints, Floats], work: Floats) -> int:
    """How many links stand at a bound although their pressure difference lies on the near side of the law there."""
    link, bound, limits = chosen
    wrong = 0
    for i in range(link.size):
        least, most, gap = limits[2, i], limits[3, i], work[0, link[i]]
        if limits[0, i] == limits[1, i]:
            continue
        if (bound[i] == 1 and gap < most - spare(most)) or (bound[i] == 2 and gap > least + spare(least)):
            wrong += 1
    return wrong


LEAP = 20.0  # largest growth of a bounded flow in a step, over itself and a usual flow


@kernel
def advance(chosen: tuple[Ints, Ints, Floats], ends: Ints, x: Floats, share: Floats, m: Floats, work: Floats, patient: bool) -> int:
    """New active set and the flows of links that come to a bound or leave it; how many changed.

    A link goes to a bound only where its new pressure difference lies beyond the law there; otherwise it takes a flow near
    what the law gives. `patient` goes most of the way first: slower, but no circles.
    """
    link, bound, limits = chosen
    changes = 0
    for i in range(link.size):
        e = link[i]
        lower, upper, least, most = limits[0, i], limits[1, i], limits[2, i], limits[3, i]
        loss_usual, usual_flow = limits[4, i], limits[5, i]
        if bound[i] > 2 or (bound[i] > 0 and lower == upper):
            continue
        dx = x[ends[0, e]] - x[ends[1, e]]
        gap = work[0, e] + dx
        under, over = spare(least), spare(most)
        usual = 0.0
        if lower > -np.inf:
            reach = max(gap - least, 0.0) / (loss_usual - least)
            usual = min(lower + (usual_flow - lower) * math.sqrt(reach), upper)
        was = bound[i]
        q = m[e]
        if was == 0:
            q = m[e] + work[2, e] * (work[1, e] + dx)
            straight = q
            q = min(q, m[e] + LEAP * (abs(m[e]) + usual_flow))  # a law that is all but flat would ask for any flow
            if q > upper:
                far = patient and upper - m[e] > 1e-6 * upper
                bound[i] = 1 if gap >= most - over and not far else 0
                q = m[e] + 0.9 * (upper - m[e]) if far else upper
            elif q < lower:
                far = patient and m[e] - lower > 1e-6 * usual_flow
                bound[i] = 2 if gap <= least + under and not far else 0
                q = m[e] - 0.9 * (m[e] - lower) if far else lower if bound[i] == 2 else usual
            if q == straight and bound[i] == 0:
                continue  # the next pass takes the step
        elif was == 1 and gap < most - over:
            bound[i] = 0
        elif was == 2 and gap > least + under:
            bound[i] = 0
            q = usual
        if bound[i] != was:
            changes += 1
        m[e] = q
        work[1, e] = -dx  # no further step in the next pass, but its difference counts
        work[2, e] = 0.0
        share[e] = 1.0 if bound[i] == 0 else 1e-12
    return changes
