"""Pipe catalogues as data: a `type` of a pipe stands for its inner diameter and heat loss.

EN253-<series>-DN<size>: bonded pipe of EN 253 sizes; loss per pipe for insulation 0.027 W/(m K), 1.0 m cover, soil 1.0 W/(m K), 0.1 m gap.
GB29047-DN<size>: Chinese sizes of GB/T 29047; loss by `pipe_loss.bonded` for soil 1.5 W/(m K) and 1.5 m of cover.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "catalogue"


@dataclass(frozen=True)
class PipeType:
    """One size; lengths in m, loss in W/(m K) per pipe."""

    name: str
    outer: float
    diameter: float
    casing: float
    loss: float
    source: str


@cache
def pipe_types() -> dict[str, PipeType]:
    """All sizes by name.

    >>> round(pipe_types()["EN253-1-DN200"].diameter, 4)
    0.2101
    """
    types: dict[str, PipeType] = {}
    for path in sorted(FOLDER.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                outer, wall = float(row["outer [mm]"]) / 1e3, float(row["wall [mm]"]) / 1e3
                types[row["type"]] = PipeType(
                    row["type"], outer, outer - 2 * wall, float(row["casing [mm]"]) / 1e3, float(row["loss [W/(m K)]"]), row["source"]
                )
    return types
