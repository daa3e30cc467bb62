"""Initial balancing: hand valves of inlets set so that each gets its share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from heatnet.components import Consumer
from heatnet.retrofit.balanced import balanced
from heatnet.retrofit.measures.measure import Basis, Item, Measure, Work, listed, rows
from heatnet.retrofit.options import ids


@dataclass(frozen=True)
class Balancing(Measure):
    """Valves of all inlets, or of some, set anew."""

    key: ClassVar[str] = "balancing"
    consumers: tuple[str, ...] = ids("consumer", "inlets to set; all of them if not given", required=False)

    def work(self, basis: Basis, name: str) -> Work:
        """Openings that give every inlet its share of the design flow."""
        at = rows(basis.net[Consumer], self.consumers)
        scenario = balanced(basis.net, basis.state.settings, self.consumers)
        return Work(scenario, (Item("balancing", basis.area(at)),), listed(self.consumers) or "all inlets")
