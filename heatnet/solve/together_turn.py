"""Water in edges that are about to turn.

An edge whose flow is below a width w carries water both ways, as if it were mixed: (w + |m|)^2/(4 w) with its flow and (w - |m|)^2/(4 w)
against it. Their difference is the flow, their sum, (m^2 + w^2)/(2 w), is what decides how much the water cools; what is inside has the
mean temperature of both. So nothing has a corner where a flow turns, and a weight does not turn faster than w lets it. With w = 0 all
water runs with the flow, which is what is asked for in the end. Edges that let nothing back have no water against the flow; what they carry
cools as if it were (m^2 + w^2)/(2 w).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.arrays import Part
from heatnet.schema import Bools, Floats

ROUNDING = 1e-12  # kg/s, flow that is none but for rounding


@dataclass(frozen=True)
class Turn:
    """How much water runs through edges and which way, (edges,) each; derivatives by |m|."""

    forward: Bools  # flow from tail to head
    both: Bools  # water runs against the flow as well
    q: Floats  # kg/s, with the flow
    by_q: Floats
    amount: Floats  # kg/s, by which it cools
    by_amount: Floats
    share: Floats  # -, of what runs with the flow
    by_share: Floats  # s/kg

    @property
    def sign(self) -> Floats:
        """Of the flow; +1 where there is none."""
        return np.where(self.forward, 1.0, -1.0)


@dataclass(frozen=True)
class Counter:
    """Water that runs against the flow, (edges,) each; of edges without any the values mean nothing."""

    parts: tuple[Part, ...]  # that have such edges
    q: Floats  # kg/s
    inlet: Floats  # K
    outlet: Floats
    follows: Floats  # -, outlet by inlet
    cp: Floats  # J/(kg K), for which that outlet holds
    warm: Floats  # K, mean temperature


def turn(m: Floats, width: Floats, one_way: Bools) -> Turn:
    """Water at flows m [kg/s] in edges that turn within `width` [kg/s]; all (edges,).

    >>> found = turn(np.array([3.0, 0.0, -1.0]), np.full(3, 2.0), np.zeros(3, dtype=bool))
    >>> found.q.tolist(), found.amount.tolist()
    ([3.0, 0.5, 1.125], [3.0, 1.0, 1.25])
    """
    forward = (m >= 0.0) | one_way
    x = np.where(one_way, np.maximum(m, 0.0), np.abs(m))
    near = x < width
    w = np.where(near, width, 1.0)
    both = near & ~one_way
    follows = np.where(one_way & (m < -ROUNDING), 0.0, 1.0)  # there is no water against the only way
    amount, by_amount = np.where(near, (x * x + w * w) / (2.0 * w), x), np.where(near, x / w, follows)
    q, by_q = np.where(both, (x + w) ** 2 / (4.0 * w), x), np.where(both, (x + w) / (2.0 * w), follows)
    by_share = (by_q * amount - q * by_amount) / np.where(both, amount, 1.0) ** 2
    share = np.where(both, q / np.where(both, amount, 1.0), 1.0)
    return Turn(forward, both, q, by_q, amount, by_amount, share, np.where(both, by_share, 0.0))
