"""Data of the page, as short as they can be: long columns of numbers as scaled integers of 8, 16 or 32 bits in base64.

A page of 10,000 homes holds a million numbers. As digits they take twice the room, and a browser reads them one sign at a time.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

SHORTEST = 64  # numbers from which a column is packed
DECIMALS = 6  # most of them
SIZES = ((8, 2**7), (16, 2**15), (32, 2**31))  # bits, and how far they reach; the least value stands for none


def packed(data: Any) -> Any:
    """Data with every long list of numbers packed, all else as it is.

    A packed list is `{"bits": 8 | 16 | 32, "decimals": k, "of": base64}`, little end first: each number times 10**k, and the least number
    of that many bits for None.
    >>> packed({"a": [1, 2], "b": [0.5, None] * 40})["b"]["bits"]
    8
    """
    if isinstance(data, Mapping):
        return {key: packed(value) for key, value in data.items()}
    if not isinstance(data, (list, tuple)):
        return data
    if len(data) < SHORTEST or not all(value is None or type(value) in (int, float) for value in data):
        return [packed(value) for value in data] if any(isinstance(value, (Mapping, list, tuple)) for value in data) else data
    return _column(np.array([np.nan if value is None else value for value in data], dtype=float)) or data


def _column(values: Any) -> dict[str, Any] | None:
    """A column packed; None where no scale holds its numbers exactly."""
    none = np.isnan(values)
    known = np.where(none, 0.0, values)
    for decimals in range(DECIMALS + 1):
        scaled = known * 10.0**decimals
        whole = np.rint(scaled)
        most = float(np.abs(whole).max())
        if most >= SIZES[-1][1]:
            return None
        if np.array_equal(whole / 10.0**decimals, known):
            bits, reach = next((bits, reach) for bits, reach in SIZES if most < reach)
            told = np.where(none, -reach, whole).astype(f"<i{bits // 8}")
            return {"bits": bits, "decimals": decimals, "of": base64.b64encode(told.tobytes()).decode("ascii")}
    return None


def safe_json(data: object) -> str:
    r"""JSON that can stand inside a script element.

    >>> safe_json("</script>&")
    '"\\u003c/script\\u003e\\u0026"'
    """
    text = json.dumps(data, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return text.translate({ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"})
