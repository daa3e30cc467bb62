"""What a little more of anything is worth: gradients of the season's deficit, the best places of each kind, and new links.

    worth = - dJ/dx step, in K h household of a season; J from the adjoint of every weather state
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatnet.components import Pipe
from heatnet.errors import HeatnetError
from heatnet.network import KINDS, Node
from heatnet.retrofit.proposals import Limits, Look
from heatnet.retrofit.proposals.lines import pairs
from heatnet.retrofit.proposing import worth
from heatnet.retrofit.study import Study
from heatnet.schema import Floats
from heatnet.sensitivity.result import STEPS

if TYPE_CHECKING:
    import pandas as pd

LESS = ("roughness", "zeta", "loss", "conductance")  # of these a little less relieves
MOST = 15  # places of each kind
REFUSED = "refused"
DOC = "what one step more (or less) of each is worth, best places first, on the baseline of the ranking"


def worth_frame(on: Study) -> pd.DataFrame:
    """One line a place: what is changed and by which step, what that is worth; one line that says so where gradients are refused."""
    import pandas as pd  # noqa: PLC0415  pandas takes 0.4 s to load

    columns = ["what", "table", "id", "step", "worth [K h household]", "worth of a metre [K h household]"]
    try:
        found = worth(on)
    except HeatnetError as error:
        return pd.DataFrame([(REFUSED, "", str(error), "", np.nan, np.nan)], columns=columns)
    net, rows = on.ground.arrays.net, []
    for kind, gradients in found.gradient.items():
        ids = net.tables[KINDS[kind]].id
        for name, gradient in gradients.items():
            unit, step = STEPS[name]
            gain = np.nan_to_num(np.asarray(gradient)) * step * (1.0 if name in LESS else -1.0)
            metre = _per_metre(net[Pipe], gain) if (kind, name) == ("pipe", "diameter") else np.full(gain.size, np.nan)
            rows += [
                (name, kind, str(ids[at]), f"{'-' if name in LESS else '+'}1 {unit}", float(gain[at]), float(metre[at]))
                for at in np.argsort(-np.abs(gain), kind="stable")[:MOST].tolist() if gain[at] != 0.0
            ]
    node = net[Node]
    links = [
        ("link", "node", f"{node.id[one.a]} - {node.id[one.b]}", "+1 kg/s", -one.worth, np.nan)
        for one in pairs(Look(on.basis, found, Limits()))[:MOST]
    ]
    return pd.DataFrame(rows + links, columns=columns)


def _per_metre(pipe: Pipe, gain: Floats) -> Floats:
    return np.asarray(np.where(pipe.length > 0.0, gain / np.where(pipe.length > 0.0, pipe.length, 1.0), np.nan))
