"""Pumps that raise each other: ways in which a Newton step on what regulators lift would go back."""

from __future__ import annotations

import numpy as np

from heatnet.schema import Bools, Floats


def upwards(jacobian: Floats, pumps: Bools) -> bool:
    """Turn round, in place, the ways in which `pumps` raise each other by more than they took; whether there are any.

    What these ways are is told by the part of the matrix that is left for pumps when all others follow them: its eigenvalues of
    negative real part.
    """
    if not pumps.any():
        return False
    here, rest = np.ix_(pumps, pumps), ~pumps
    try:
        follow = np.linalg.solve(jacobian[np.ix_(rest, rest)], jacobian[np.ix_(rest, pumps)])
        left = jacobian[here] - jacobian[np.ix_(pumps, rest)] @ follow
        values, ways = np.linalg.eig(left)
        turned = ((ways * np.where(values.real < 0.0, -values, values)) @ np.linalg.inv(ways)).real
    except np.linalg.LinAlgError:
        return False
    if not (values.real < 0.0).any() or not np.isfinite(turned).all():
        return False
    jacobian[here] += turned - left
    return True
