"""Hot-spots: places where more complain than elsewhere, and maps of the density of complaints and of deficit.

With the complaints c and households h of each building, and the rate of all r = sum c / sum h, building i has e_i = c_i - r h_i more
than its share. The excess around it is E_i = sum e_j exp(-d_ij^2/(2 s^2)) with s half the radius of a hot-spot. Buildings are tried
from the largest excess down; a hot-spot is one with those within the radius that belong to no other, if so many complaints come by
chance (Poisson, mean r sum h) less often than the limit says.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial import cKDTree
from scipy.special import pdtrc

from heatnet.components import Consumer
from heatnet.network import Node
from heatnet.report.view import View
from heatnet.schema import Floats, Longs

REACH = 3.0  # deviations of the kernel beyond which a building counts no more
CELLS = 110  # of the longer side of a map of density
FAINT = 0.02  # of the highest density, below it nothing is drawn


@dataclass(frozen=True)
class Spot:
    """A hot-spot: the building of largest excess, all its buildings, and how likely so many complaints are by chance."""

    centre: int
    rows: Longs
    chance: float


def places(view: View) -> tuple[Floats, Floats]:
    """Coordinates of the inlet of each building [m]; NaN where it has none; (buildings,) each."""
    node, at = view.net[Node], view.state.arrays.tail[view.state.of(Consumer)][view.at]
    return node.x[at], node.y[at]


def counted(view: View) -> Longs:
    """Rows of the buildings whose complaints and households are known."""
    building = view.building
    return np.flatnonzero(~np.isnan(building.complaints) & (building.households > 0.0))


def spots(view: View) -> list[Spot]:
    """Hot-spots of complaints, the largest excess first; none without coordinates."""
    x, y = places(view)
    rows = counted(view)
    rows = rows[~np.isnan(x[rows] + y[rows])]
    complaints, homes = view.building.complaints[rows], view.building.households[rows]
    if rows.size < 2 or complaints.sum() <= 0.0:
        return []
    rate, radius = float(complaints.sum() / homes.sum()), max(view.limits.hot_spot, 1.0)
    tree = cKDTree(np.column_stack([x[rows], y[rows]]))
    width = radius / 2.0
    pairs = tree.sparse_distance_matrix(tree, REACH * width, output_type="ndarray")
    more = (complaints - rate * homes)[pairs["j"]] * np.exp(-0.5 * (pairs["v"] / width) ** 2)
    excess = np.bincount(pairs["i"], more, minlength=rows.size)
    near = tree.query_ball_point(np.column_stack([x[rows], y[rows]]), radius)
    free, found = np.ones(rows.size, dtype=bool), []
    for at in np.lexsort((np.arange(rows.size), -excess)).tolist():
        if excess[at] <= 0.0:
            break
        if not free[at]:
            continue
        members = np.array(sorted(one for one in near[at] if free[one]), dtype=np.int64)
        count, expected = float(complaints[members].sum()), rate * float(homes[members].sum())
        chance = float(pdtrc(count - 1.0, expected)) if count > 0.0 else 1.0
        if count > expected and chance < view.limits.chance:
            free[members] = False
            found.append(Spot(int(rows[at]), rows[members], chance))
    return found


def densities(view: View) -> dict[str, Any]:
    """Layers of the map on a grid: density of deficit [K households/ha] and of complaints [1/ha], where they are known."""
    x, y = places(view)
    known = ~np.isnan(x + y)
    found: dict[str, Any] = {}
    layers = (("deficit", "map.spots_deficit", view.weight), ("complaints", "map.spots_complaints", view.building.complaints))
    for name, title, weight in layers:
        here = known & (np.nan_to_num(weight) > 0.0)
        if here.any():
            found[name] = {"title": view.say(title), **density(x[here], y[here], weight[here], view.limits.hot_spot / 2.0)}
    return found


def density(x: Floats, y: Floats, weight: Floats, width: float) -> dict[str, Any]:
    """Gaussian kernel density of weights a hectare on a grid: x [m], y [m], z [1/ha] (y, x); what is faint is zero.

    The kernel is no narrower than a cell, so that the sum of z over the grid is that of the weights whatever the size of the town.
    """
    span = max(float(np.ptp(x)), float(np.ptp(y)), 1.0)
    width = max(width, 1.0, span / (CELLS - 2.0 * REACH))
    step = (span + 2.0 * REACH * width) / CELLS
    across, along = (np.arange(axis.min() - REACH * width, axis.max() + REACH * width + step, step) for axis in (x, y))
    at_x, at_y = (np.exp(-0.5 * ((axis[:, None] - grid) / width) ** 2) for axis, grid in ((x, across), (y, along)))
    z = at_y.T @ (weight[:, None] * at_x) * 1e4 / (2.0 * np.pi * width**2)
    z[z < FAINT * z.max()] = 0.0
    return {
        "x": np.round(across, 1).tolist(), "y": np.round(along, 1).tolist(),
        "z": [[float(f"{value:.3g}") if value else 0 for value in line] for line in z.tolist()],
    }
