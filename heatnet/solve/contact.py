"""Where u of a regulator begins to count: its flow may stand at a bound, or a pump on its curve, over a whole range of u.

A valve that is shut does not feel how much more it throttles, one whose inlet takes all it wants does not feel it up to the pressure
that is left over, a pump at its largest speed no higher lift. There F would not change with u and Newton's step would be without
end. So u is brought to the end of the range towards which r pushes it, which changes no flow and no pressure, and the slope
beyond that end is the one that counts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.regulated import REMOTE
from heatnet.schema import Bools, Floats, Ints
from heatnet.solve.hydraulic import LOWER, UPPER
from heatnet.solve.regulators import TIGHT, Regulators


@dataclass(frozen=True)
class Stand:
    """Regulating edges at an answer of the network, (k,) each."""

    gap: Floats  # Pa, pressure difference that drives them, u not counted
    m: Floats  # kg/s
    bound: Ints  # hydraulic.FREE and so on
    curve: Floats  # Pa, lift at the largest speed
    loss: Floats  # Pa, of a valve as far open as it goes


def contact(regs: Regulators, u: Floats, r: Floats, at: Stand) -> tuple[Floats, Bools, Bools]:
    """u where it begins to count; those that are closed and stay so; those about to leave a bound or their curve; (k,) each."""
    throttles, remote, more = ~regs.lift, regs.lift & (regs.wires.kind == REMOTE), r > 0.0
    low, high, there = at.bound == LOWER, at.bound == UPPER, np.maximum(at.gap, 0.0)
    closed = throttles & low & more & (regs.share == 1.0)
    opens, served, holds = throttles & low & ~more, throttles & high & ~more, throttles & high & more
    new = np.where(closed, there + TIGHT, np.where(opens, np.minimum(u, there), np.where(served, 0.0, u)))
    new = np.where(holds, np.maximum(new, at.gap - at.loss), new)
    leaves = (opens & (at.gap > 0.0) & (u >= at.gap)) | holds
    runs, up, down, needed = ~low & ~high & (at.curve <= u), remote & more, remote & ~more, -at.gap
    new = np.where(up & (runs | high), regs.most, np.where(down & runs, np.maximum(at.curve, 0.0), new))
    new = np.where(up & low, np.clip(np.maximum(u, needed), 0.0, regs.most), np.where(down & low, 0.0, new))
    new = np.where(down & high, np.clip(needed, 0.0, u), new)
    leaves |= (down & runs & (at.curve > 0.0)) | (up & low & (needed <= regs.most)) | (down & high & (needed > 0.0))
    return new, closed, leaves
