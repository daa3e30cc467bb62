"""Fingerprint of a case: equal where equal results must come out, whatever comments its files have."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from heatnet.case import Case
from heatnet.network import TABLES
from heatnet.store.runs import FORMAT
from heatnet.version import VERSION


def fingerprint(case: Case) -> str:
    """SHA-256 of model, settings, profile and plan of a case, of the program and of the format."""
    digest = hashlib.sha256()
    tables = [case.net.tables[kind] for kind in TABLES]
    net, plan = case.net, case.plan
    site = replace(net.site, profile=Path(net.site.profile).name, limits=Path(net.site.limits).name)  # not where this machine keeps them
    model = [net.name, tables, site, net.curves, net.about]
    _feed(digest, [FORMAT, VERSION, model, case.settings, case.profile, plan.axes, plan.keep, plan.season])
    return digest.hexdigest()


def _feed(digest: Any, value: Any) -> None:
    """All of a value into the digest, kinds and lengths too."""
    digest.update(f"{type(value).__name__}:".encode())
    if isinstance(value, np.ndarray):
        digest.update(str(value.shape).encode())
        digest.update("\0".join(map(str, value.ravel())).encode() if value.dtype == object else np.ascontiguousarray(value).tobytes())
    elif is_dataclass(value) and not isinstance(value, type):
        for item in fields(value):
            digest.update(item.name.encode())
            _feed(digest, getattr(value, item.name))
    elif isinstance(value, Mapping):
        for key in sorted(value):
            _feed(digest, [key, value[key]])
    elif isinstance(value, (list, tuple)):
        digest.update(str(len(value)).encode())
        for item in value:
            _feed(digest, item)
    else:
        digest.update(repr(value).encode())
