"""Growth of demand: all that grows with the floor connected, by one factor: of all homes, of some, or of a district."""

from __future__ import annotations

from collections import Counter

import numpy as np

from heatnet.batch.page import Part, rows_named
from heatnet.change import Change
from heatnet.components import Consumer
from heatnet.network import Building, Network
from heatnet.schema import Ints, Table

GROWN = ("design_heat", "conductance", "gains", "area", "households", "heat_capacity")  # what grows with the floor connected


def grown_points(part: Part, net: Network) -> tuple[tuple[float, ...], tuple[tuple[Change, ...], ...]]:
    """Factors of a demand axis and the changes of each; problems go to the part."""
    building = net[Building]
    ids = part.words("ids") if "ids" in part.data else None
    if ids is not None:
        part.rows(net, "building", ids)
    rows = rows_named(building.id, ids)
    if "district" in part.data:
        district = part.word("district")
        rows = rows[building.district[rows] == district]
        if not rows.size:
            part.add(f"no building lies in district '{district}'", "district")
    asked = _asked(net, rows, everybody=ids is None and "district" not in part.data)
    if not rows.size and not any(each.size for each in asked.values()) and "district" not in part.data:
        part.add("the model has no building and no consumer of given heat or flow whose demand could grow", "demand")
    factors, points = [], []
    for factor in part.listed("demand"):
        if isinstance(factor, bool) or not isinstance(factor, (int, float)) or not 0 < factor <= 100:
            part.add(f"demand is a list of factors above 0 and at most 100, not {factor!r}", "demand")
            continue
        factors.append(float(factor))
        points.append(tuple(
            change for table, which, column in (
                *((building, rows, column) for column in GROWN), *((net[Consumer], which, column) for column, which in asked.items()),
            ) for change in _grown(table, which, column, factor)
        ))
    return tuple(factors), tuple(points)


def _asked(net: Network, rows: Ints, *, everybody: bool) -> dict[str, Ints]:
    """Consumers whose given heat or flow grows: heat where all buildings behind them do; both where none is there and everybody grows.

    A flow that is set for buildings stays: what they lack of it then is what one wants to see.
    """
    consumer, building = net[Consumer], net[Building]
    behind, grows = (Counter(names.tolist()) for names in (building.consumer, building.consumer[rows]))
    homes = np.array([behind[name] for name in consumer.id], dtype=np.int64)
    whole = (homes > 0) & (homes == np.array([grows[name] for name in consumer.id], dtype=np.int64))
    alone = (homes == 0) & everybody
    which = {"heat_given": whole | alone, "flow": alone}
    return {name: np.flatnonzero(mask & ~np.isnan(getattr(consumer, name))).astype(np.int32) for name, mask in which.items()}


def _grown(table: Table, rows: Ints, column: str, factor: float) -> tuple[Change, ...]:
    """A column of some rows times a factor; nothing where none of them gives it."""
    values = getattr(table, column)[rows]
    return () if np.isnan(values).all() else (Change(table.kind(), column, values * factor, tuple(table.id[rows])),)
