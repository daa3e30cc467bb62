"""Data of a page, as its scripts read them."""

from __future__ import annotations

import base64
import json
import re
from typing import Any

import numpy as np

PART = re.compile(r'<script type="application/json" id="([^"]+)">(.*?)</script>', re.DOTALL)


def parts(page: str) -> dict[str, Any]:
    """Every part by its id, numbers unpacked; none holds a sign that HTML reads."""
    found = PART.findall(page)
    assert found and not [name for name, text in found if set("<>&\u2028\u2029") & set(text)]
    return {name: unpacked(json.loads(text)) for name, text in found}


def unpacked(part: Any) -> Any:
    """Lists of numbers as they were before heatnet.report.packed."""
    if isinstance(part, dict) and "bits" in part:
        whole = np.frombuffer(base64.b64decode(part["of"]), f"<i{part['bits'] // 8}").tolist()
        return [None if value == -(2 ** (part["bits"] - 1)) else value / 10 ** part["decimals"] for value in whole]
    if isinstance(part, dict):
        return {key: unpacked(value) for key, value in part.items()}
    return [unpacked(value) for value in part] if isinstance(part, list) else part
