"""Entries of the inverse of a factored Laplacian: those on the pattern of its factor, and those between any few nodes.

On the pattern, from the last column to the first (Takahashi, Fagan & Chen 1973, Proc. 8th PICA Conf., 63-69):
    Z_ij = -sum_k L_kj Z_ik,   Z_jj = 1/D_j - sum_i L_ij Z_ij,   i, k among the rows of column j
Between nodes, e' A^-1 f = sum_k y_k z_k / D_k with y = L^-1 e, z = L^-1 f: nonzero only on the way from the nodes to the root of the
elimination tree, some hundred columns in a city of 10,000 buildings.
"""

from __future__ import annotations

import numpy as np

from heatnet.jit import kernel
from heatnet.linear import Factor
from heatnet.ordering import Longs
from heatnet.schema import Floats, Ints


def effective_resistance(factor: Factor) -> Floats:
    """Pressure difference between the ends of every edge for 1 kg/s drawn from one and put into the other [Pa s/kg], (edges,)."""
    of = factor.of
    inverse, diagonal = np.zeros(of.row.size), np.zeros(of.size)
    selected_inverse(of.start, of.row, of.target, factor.lower, factor.pivot, inverse, diagonal)
    one = np.where(of.low >= 0, diagonal[np.maximum(of.low, 0)] if of.size else 0.0, 0.0)
    other = np.where(of.high >= 0, diagonal[np.maximum(of.high, 0)] if of.size else 0.0, 0.0)
    same = (of.low == of.high) & (of.low >= 0)
    between = np.where(of.slot >= 0, inverse[np.maximum(of.slot, 0)] if of.row.size else 0.0, 0.0)
    return np.where(same, 0.0, one + other - 2.0 * between)


def responses(factor: Factor, ends: Ints) -> Floats:
    """e' A^-1 e, f' A^-1 f and e' A^-1 f of many pairs of links, (3, n), for rows (a, b, c, d) of `ends` (n, 4).

    e draws 1 kg/s from node a and puts it into b, f from c into d; rows of the Laplacian, -1 where a pressure is held.
    """
    of, found = factor.of, np.zeros((3, len(ends)))
    at = np.where(ends >= 0, of.position[np.maximum(ends, 0)] if of.size else -1, -1).astype(np.int32)
    walk(of.start, of.row, factor.lower, factor.pivot, np.ascontiguousarray(at), found)
    return found


@kernel
def selected_inverse(
    start: Longs, row: Ints, target: Ints, lower: Floats, pivot: Floats, inverse: Floats, diagonal: Floats
) -> None:
    """Entries of the inverse on the pattern of the factor, and its diagonal, in place."""
    k = target.size
    for j in range(pivot.size - 1, -1, -1):
        first, last = start[j], start[j + 1]
        count = last - first
        k -= count * (count - 1) // 2
        for b in range(first, last):
            inverse[b] = -lower[b] * diagonal[row[b]]
        at = k
        for b in range(first, last):
            for a in range(b + 1, last):  # entry between rows b and a: the one that eliminating j updates
                between = inverse[target[at]]
                inverse[a] -= lower[b] * between
                inverse[b] -= lower[a] * between
                at += 1
        whole = pivot[j]
        for b in range(first, last):
            whole -= lower[b] * inverse[b]
        diagonal[j] = whole


@kernel
def walk(start: Longs, row: Ints, lower: Floats, pivot: Floats, ends: Ints, found: Floats) -> None:
    """Bilinear forms of the inverse along the elimination tree, see `responses`; `ends` (n, 4) as places in the order."""
    n = pivot.size
    y, z = np.zeros(n + 1), np.zeros(n + 1)
    at = np.zeros(4, np.int32)
    for i in range(ends.shape[0]):
        for c in range(4):
            at[c] = ends[i, c] if ends[i, c] >= 0 else n
        y[at[0]] += 1.0
        y[at[1]] -= 1.0
        z[at[2]] += 1.0
        z[at[3]] -= 1.0
        first, second, both = 0.0, 0.0, 0.0
        while True:
            j = min(at[0], at[1], at[2], at[3])
            if j >= n:
                break
            u, v = y[j], z[j]
            y[j], z[j] = 0.0, 0.0
            first += u * u * pivot[j]
            second += v * v * pivot[j]
            both += u * v * pivot[j]
            for b in range(start[j], start[j + 1]):
                y[row[b]] -= lower[b] * u
                z[row[b]] -= lower[b] * v
            up = row[start[j]] if start[j + 1] > start[j] else n
            for c in range(4):
                if at[c] == j:
                    at[c] = up
        y[n], z[n] = 0.0, 0.0
        found[0, i], found[1, i], found[2, i] = first, second, both
