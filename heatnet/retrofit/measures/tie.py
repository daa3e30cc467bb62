"""A new connection of two places."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import ClassVar

from heatnet.change import Scenario
from heatnet.components import Pipe
from heatnet.network import Node
from heatnet.retrofit.measures.laying import straight
from heatnet.retrofit.measures.measure import NEW, SERIES, Basis, Item, Measure, Work, named
from heatnet.retrofit.options import quantity, word

DETOUR = 1.2  # length of a route over the straight line


@dataclass(frozen=True)
class Tie(Measure):
    """A new connection of two places: a supply and a return pipe."""

    key: ClassVar[str] = "tie"
    supply_from: str = word("node of the supply at one end", default=None, table="node")
    supply_to: str = word("node of the supply at the other end", default=None, table="node")
    return_from: str = word("node of the return at the other end", default=None, table="node")
    return_to: str = word("node of the return at the first end", default=None, table="node")
    type: str = word("type of the pipe in the catalogue", default=f"{SERIES}-DN100")
    length: float = quantity("m", "length of the route; 1.2 times the straight line between coordinates if not given", least=0.1, most=1e5)

    def work(self, basis: Basis, name: str) -> Work:
        """Two added pipes."""
        if self.supply_from == self.supply_to or self.return_from == self.return_to:
            raise ValueError("a tie has two ends: they are the same node here")
        kind, length = named(self.type), self.length
        if isnan(length):
            length = DETOUR * straight(basis.net[Node], self.supply_from, self.supply_to)
        if isnan(length):
            raise ValueError("the nodes have no coordinates: give the length of the route, as in length = \"120 m\"")
        added = Pipe.of(
            id=[f"{name}.s", f"{name}.r"], tail=[self.supply_from, self.return_from], head=[self.supply_to, self.return_to],
            length=length, diameter=kind.diameter, roughness=NEW, loss=kind.loss, type=kind.name,
        )
        where = f"{self.supply_from} - {self.supply_to}"
        return Work(Scenario(name, (), (added,)), (Item("pipe", 2.0 * length, kind.diameter),), where)
