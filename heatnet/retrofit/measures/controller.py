"""Self-operated differential-pressure controllers in front of inlets."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import ClassVar

import numpy as np

from heatnet.change import Scenario
from heatnet.components import Consumer
from heatnet.retrofit.measures.inlets import bill, fitting_kvs
from heatnet.retrofit.measures.measure import Basis, Measure, Work, listed, rows, setting
from heatnet.retrofit.options import ids, quantity


@dataclass(frozen=True)
class Controller(Measure):
    """Differential-pressure controllers: the inlet behind one sees no more than its set difference, whatever its neighbours do."""

    key: ClassVar[str] = "controller"
    consumers: tuple[str, ...] = ids("consumer", "inlets that get a controller")
    difference: float = quantity(
        "Pa", "set pressure difference; that which passes the design flow at the present opening if not given", least=100.0, most=1e6
    )
    drop: float = quantity("Pa", "drop of the open controller at design flow, which tells its size", least=1e3, most=2e5, default=1e4)

    def work(self, basis: Basis, name: str) -> Work:
        """Set difference, and a controller of fitting size."""
        inlet, state = basis.net[Consumer], basis.state
        at = rows(inlet, self.consumers)
        if (shut := inlet.set_by_hand()[at] & (inlet.share()[at] <= 0.0)).any():
            raise ValueError(f"inlet '{inlet.id[at][shut][0]}' is shut: open its valve first")
        size = fitting_kvs(basis, at, self.drop)
        passes = inlet.inlet(state.fluid(Consumer), state.scene)[at] * basis.design_flow[at] ** 2
        held = np.maximum(passes, 100.0) if isnan(self.difference) else np.full(at.size, self.difference)
        changes = setting("consumer", "difference", held, inlet, at), setting("consumer", "controller_kvs", size, inlet, at)
        return Work(Scenario(name, changes), bill("controller", basis, at), listed(self.consumers))
