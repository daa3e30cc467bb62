"""Scenarios that set a whole table of valves or inlets, prepared many at once.

Row by row most of the time would go to numpy's calls on short arrays; here all scenarios of a window are one array.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from heatnet.change import Change
from heatnet.components import Consumer, Valve
from heatnet.components.valve import KV
from heatnet.program import GROUP
from heatnet.schema import Bools, Floats, Ints
from heatnet.solve.changed import positions_of
from heatnet.solve.lane_rows import NONE, Known, Rows
from heatnet.solve.lane_values import square_guess


@dataclass(frozen=True)
class Whole:
    """What the network itself says of the rows of a table, filled up to a multiple of 8 with links that are left out."""

    link: Ints  # -1 for those filled up
    is_open: Bools  # all
    base: Floats  # (4, rows) resistance [Pa/(kg/s)2], flow [kg/s], share of the loss in its circuit's, density [kg/m3]


def whole_of(known: Known, rho: Floats) -> Whole | None:
    """Of a table of valves or inlets; None where some rows are shut in the network itself or left out."""
    if (known.link < 0).any() or known.was_shut.any() or (known.form != 1).any():
        return None
    size = known.link.size
    room = -(-size // GROUP) * GROUP
    link, base = np.full(room, -1, dtype=np.int32), np.ones((4, room))
    base[1:3] = 0.0
    link[:size], base[:, :size] = known.link, np.stack([known.common[0], known.first, known.weight, rho])
    return Whole(link, np.ones(room, dtype=bool), base)


def coefficients_of(table: Valve | Consumer, number: dict[str, int], changes: list[list[Change]]) -> Floats:
    """Flow coefficient Kv [m3/h] of every row in every scenario, (scenarios, rows)."""
    columns: dict[str, Floats] = {}
    for row, mine in enumerate(changes):
        for change in mine:
            if change.column not in columns:
                columns[change.column] = np.tile(getattr(table, change.column), (len(changes), 1))
            if change.ids is None:
                columns[change.column][row] = change.values
            else:
                positions_of([change], number, 0)
                columns[change.column][row, [number[name] for name in change.ids]] = change.values
    changed = replace(table, **columns)  # type: ignore[arg-type]
    return np.asarray(changed.kvs * changed.share())


def rows_of_tables(whole: Whole, kv: Floats, total: float) -> list[Rows] | None:
    """Rows of every scenario, kv (scenarios, rows); None where one shuts a row.

    All inlets together take `total` [kg/s], 0 for valves in lines.
    """
    if not (kv > 0.0).all():
        return None
    count, size = kv.shape
    full = np.ones((count, whole.link.size))
    full[:, :size] = kv
    begin, fresh = np.empty(full.shape), np.empty((count, 2, whole.link.size))
    strain, turned = np.empty(count), np.empty(count)
    square_guess(whole.base, full, KV, total, begin, fresh, strain, turned)
    return [
        Rows(whole.link, whole.is_open, begin[row], fresh[row], NONE, strain[row : row + 1], float(turned[row])) for row in range(count)
    ]
