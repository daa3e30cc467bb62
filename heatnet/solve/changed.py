"""Rows that the changes of a scenario set, and whether plain numbers may stand in them."""

from __future__ import annotations

from math import isfinite
from operator import ge, gt, le

import numpy as np

from heatnet.change import Change
from heatnet.schema import Column, Ints


def positions_of(changes: list[Change], number: dict[str, int], rows: int) -> Ints:
    """Rows that any of the changes sets; ValueError names ids that are not there."""
    if any(change.ids is None for change in changes):
        return np.arange(rows, dtype=np.int32)
    names = dict.fromkeys(name for change in changes for name in change.ids or ())
    unknown = [name for name in names if name not in number]
    if unknown:
        raise ValueError(f"{changes[0].kind} has no row {', '.join(repr(name) for name in unknown[:5])}")
    return np.array(sorted(number[name] for name in names), dtype=np.int32)


def in_range(column: Column, values: object) -> bool:
    """Whether plain numbers lie within the range of a column; what does not is left to the check of the whole model."""
    if isinstance(values, int | float):
        return isfinite(values) and all(
            limit is None or holds(values, limit) for limit, holds in ((column.above, gt), (column.least, ge), (column.most, le))
        )
    try:
        numbers = np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError):
        return False
    least, most = float(numbers.min(initial=np.inf)), float(numbers.max(initial=-np.inf))  # NaN if there is one
    return numbers.size == 0 or (in_range(column, least) and in_range(column, most))
