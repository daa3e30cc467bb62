"""Fewer points for the same picture: what falls on the same spot of a chart is drawn once."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from heatnet.schema import Floats, Longs

MANY = 1000  # points, fewer are drawn as they are
ACROSS, UP = 600, 240  # spots of a chart, about 2 px each


def spots(x: Sequence[float | str | None], y: Sequence[float | str | None]) -> Longs | None:
    """Rows of dots that do not cover an earlier one; None where all are drawn.

    >>> found = spots([float(at % 5) for at in range(2000)], [0.0] * 2000)
    >>> found.tolist()
    [0, 1, 2, 3, 4]
    """
    if len(x) <= MANY or not _numbers(x, y):
        return None
    cells = np.column_stack([_places(np.array(x, dtype=float), ACROSS), _places(np.array(y, dtype=float), UP)])
    return np.sort(np.unique(cells, axis=0, return_index=True)[1])


def curve(x: Sequence[float | str | None], y: Sequence[float | str | None]) -> Longs | None:
    """Rows of a curve from left to right that give the same picture: first, last, least and largest of each column of the screen.

    None where all are drawn.
    >>> len(curve(list(range(100_000)), list(range(100_000)))) <= 4 * (ACROSS + 1)
    True
    """
    if len(x) <= MANY or not _numbers(x, y):
        return None
    across, up = np.array(x, dtype=float), np.array(y, dtype=float)
    if np.any(np.diff(across) < 0.0):
        return None
    column = _places(across, ACROSS)
    first = np.flatnonzero(np.diff(column, prepend=-1))
    last = np.append(first[1:], across.size) - 1
    order = np.lexsort((up, column))
    return np.unique(np.concatenate([first, last, order[first], order[last]]))


def _numbers(*columns: Sequence[float | str | None]) -> bool:
    return all(isinstance(value, (int, float)) and np.isfinite(value) for values in columns for value in values)


def _places(values: Floats, count: int) -> Longs:
    low, high = values.min(), values.max()
    return np.asarray(np.floor((values - low) / max(high - low, 1e-300) * count), dtype=np.int64)
