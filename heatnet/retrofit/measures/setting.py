"""Valves set by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from heatnet.change import Scenario
from heatnet.components import Consumer, Valve
from heatnet.retrofit.measures.measure import Basis, Item, Measure, Work, listed, rows, setting
from heatnet.retrofit.options import ids, number


@dataclass(frozen=True)
class Setting(Measure):
    """Valves set by hand: one of an inlet forgotten half shut or opened by residents, or one in a line, such as a closed tie."""

    key: ClassVar[str] = "setting"
    consumers: tuple[str, ...] = ids("consumer", "inlets whose valves are set", required=False)
    valves: tuple[str, ...] = ids("valve", "valves in lines that are set", required=False)
    opening: float = number("opening to which they are set", default=1.0, most=1.0)

    def work(self, basis: Basis, name: str) -> Work:
        """New opening."""
        inlet, valve = basis.net[Consumer], basis.net[Valve]
        if not (self.consumers or self.valves):
            raise ValueError("names neither consumers nor valves to set")
        changes = tuple(
            setting(table.kind(), "opening", self.opening, table, rows(table, names))
            for table, names in ((inlet, self.consumers), (valve, self.valves)) if names
        )
        both = self.consumers + self.valves
        return Work(Scenario(name, changes), (Item("setting", len(both)),), listed(both))
