"""Strainers of inlets cleaned."""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan
from typing import ClassVar

import numpy as np

from heatnet.change import Scenario
from heatnet.components import Consumer
from heatnet.retrofit.measures.inlets import fitting_kvs, open_drop
from heatnet.retrofit.measures.measure import Basis, Item, Measure, Work, listed, rows, setting
from heatnet.retrofit.options import ids, number, quantity


@dataclass(frozen=True)
class Strainer(Measure):
    """Strainers of inlets cleaned: their flow coefficient as it was when new."""

    key: ClassVar[str] = "strainer"
    consumers: tuple[str, ...] = ids("consumer", "inlets to clean")
    drop: float = quantity("Pa", "drop of the clean, open inlet at design flow; the usual one if not given", least=1e3, most=1e6)
    factor: float = number("flow coefficient after over before, instead of a drop", default=0.0, least=0.0, most=20.0)

    def work(self, basis: Basis, name: str) -> Work:
        """Flow coefficient back; never less than it is."""
        inlet = basis.net[Consumer]
        at = rows(inlet, self.consumers)
        drop = float(np.nanmedian(open_drop(basis))) if isnan(self.drop) else self.drop
        clean = inlet.kvs[at] * self.factor if self.factor else fitting_kvs(basis, at, drop)
        kvs = np.maximum(clean, inlet.kvs[at])
        if np.isnan(kvs).any():
            raise ValueError(f"inlet '{inlet.id[at][np.isnan(kvs)][0]}' has no kvs that could come back")
        bill_ = (Item("strainer", at.size), Item("strainer_area", basis.area(at)))
        return Work(Scenario(name, (setting("consumer", "kvs", kvs, inlet, at),)), bill_, listed(self.consumers))
