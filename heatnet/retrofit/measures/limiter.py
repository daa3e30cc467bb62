"""Self-operated flow limiters at inlets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from heatnet.change import Scenario
from heatnet.components import Consumer
from heatnet.retrofit.measures.inlets import bill
from heatnet.retrofit.measures.measure import Basis, Measure, Work, listed, rows, setting
from heatnet.retrofit.options import ids, number


@dataclass(frozen=True)
class Limiter(Measure):
    """Self-operated flow limiters: no inlet takes more than a share of its design flow."""

    key: ClassVar[str] = "limiter"
    consumers: tuple[str, ...] = ids("consumer", "inlets that get a limiter")
    share: float = number("set flow over design flow", default=1.0, least=0.1, most=3.0)

    def work(self, basis: Basis, name: str) -> Work:
        """A set flow; the valve of the inlet stays as it is, and the limiter closes in series with it."""
        inlet = basis.net[Consumer]
        at = rows(inlet, self.consumers)
        if (wrong := inlet.control[at] == "load").any():
            raise ValueError(f"inlet '{inlet.id[at][wrong][0]}' has control 'load': it limits itself")
        flow = basis.design_flow[at] * self.share
        if not (flow > 0.0).all():
            raise ValueError(f"inlet '{inlet.id[at][flow <= 0.0][0]}' has no design flow to limit it to")
        changes = (setting("consumer", "control", "limited", inlet, at), setting("consumer", "flow", flow, inlet, at))
        return Work(Scenario(name, changes), bill("limiter", basis, at), listed(self.consumers))
