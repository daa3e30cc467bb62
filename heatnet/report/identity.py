"""Which network a report is about: a mark that two models share only if every number and text of them is the same."""

from __future__ import annotations

import hashlib
from dataclasses import asdict

import numpy as np

from heatnet.network import TABLES, Network

SIGNS = 12  # of the mark that are printed


def fingerprint(net: Network) -> str:
    """The first signs of a SHA-256 over tables, site and heating curves of a network; names, titles and notes do not count.

    >>> from heatnet.network import Node
    >>> one = Network.of("one", Node.of(id=["a"], height=[1.0]))
    >>> fingerprint(one) == fingerprint(Network.of("other", Node.of(id=["a"], height=[1.0]))), len(fingerprint(one))
    (True, 12)
    """
    found = hashlib.sha256()
    for kind in TABLES:
        table = net.tables[kind]
        for name, column in (("id", None), *kind.columns().items()):
            values = getattr(table, name)
            texts = column is None or column.text
            found.update(f"{kind.kind()}.{name}:{len(values)};".encode())
            found.update("\0".join(values.tolist()).encode() if texts else np.ascontiguousarray(values, dtype="<f8").tobytes())
    found.update(repr(sorted(asdict(net.site).items())).encode())
    found.update(repr(sorted((name, curve.outdoor, curve.supply) for name, curve in net.curves.items())).encode())
    return found.hexdigest()[:SIGNS]
