"""Exchangers of substations cleaned."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from heatnet.change import Scenario
from heatnet.components import Exchanger
from heatnet.retrofit.measures.measure import Basis, Item, Measure, Work, listed, rows, setting
from heatnet.retrofit.options import ids, number


@dataclass(frozen=True)
class Descaling(Measure):
    """Deposits taken from the plates of exchangers, by flushing or chemically."""

    key: ClassVar[str] = "descaling"
    exchangers: tuple[str, ...] = ids("exchanger", "exchangers to clean")
    fouling: float = number("resistance of deposits over the clean one that is left", default=0.0, most=100.0)

    def work(self, basis: Basis, name: str) -> Work:
        """Fouling back; never more than there is."""
        table = basis.net[Exchanger]
        at = rows(table, self.exchangers)
        left = np.minimum(self.fouling, table.fouling[at])
        if not (left < table.fouling[at]).any():
            raise ValueError(f"none of these exchangers has a fouling above {self.fouling:g}: there is nothing to clean")
        bill = (Item("descaling", float(table.design_heat[at].sum()) / 1e3),)
        return Work(Scenario(name, (setting("exchanger", "fouling", left, table, at),)), bill, listed(self.exchangers))
