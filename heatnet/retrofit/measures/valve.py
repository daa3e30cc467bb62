"""New static balancing valves at inlets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from heatnet.change import Scenario
from heatnet.components import Consumer
from heatnet.retrofit.measures.inlets import USUAL, bill, fitting_kvs
from heatnet.retrofit.measures.measure import Basis, Measure, Work, listed, rows, setting
from heatnet.retrofit.options import ids, number, quantity


@dataclass(frozen=True)
class NewValve(Measure):
    """New static balancing valves: inlets of the flow coefficient that passes the design flow at a drop."""

    key: ClassVar[str] = "valve"
    consumers: tuple[str, ...] = ids("consumer", "inlets that get a new valve")
    drop: float = quantity("Pa", "pressure drop of the open inlet at design flow", least=1e3, most=1e6, default=USUAL)
    opening: float = number("opening to which it is set", default=1.0, least=0.01, most=1.0)

    def work(self, basis: Basis, name: str) -> Work:
        """New kvs and opening."""
        inlet = basis.net[Consumer]
        at = rows(inlet, self.consumers)
        kvs = fitting_kvs(basis, at, self.drop)
        changes = (
            setting("consumer", "kvs", kvs, inlet, at), setting("consumer", "opening", self.opening, inlet, at),
        )
        return Work(Scenario(name, changes), bill("valve", basis, at), listed(self.consumers))
