"""What differs from scenario to scenario, written into lanes for the kernel of many, and its answers written out."""

from __future__ import annotations

import numpy as np

from heatnet.jit import kernel
from heatnet.ordering import Longs
from heatnet.schema import Bools, Floats, Ints
from heatnet.simd import splat, store
from heatnet.solve.lanes import WIDTH, Columns

LOCAL = 50.0  # 1/lambda of a usual pipe: weighs local losses against friction


@kernel
def mark(
    link: Ints, is_open: Bools, fresh: Floats, columns: Columns, weight: Floats, base: Bools, touched: Bools, masked: Bools
) -> float:
    """Note which links a scenario gives numbers of its own and which it opens or shuts; largest `weight` times growth of a resistance."""
    strain = 0.0
    for i in range(link.size):
        e = link[i]
        if e < 0:
            continue
        if is_open[i] == base[e]:
            masked[e] = True
        if is_open[i]:
            touched[e] = True
            strain = max(strain, weight[e] * abs(growth(fresh, i, columns, e) - 1.0))
    return strain


@kernel
def growth(fresh: Floats, i: int, columns: Columns, e: int) -> float:
    """How many times the resistance of a link is that in the network itself, roughly."""
    form, common = columns[4], columns[5]
    if form[e] == 0:
        return (fresh[1, i] + LOCAL * fresh[2, i]) / max(common[4 * e + 1] + LOCAL * common[4 * e + 2], 1e-300)
    return fresh[0, i] / common[4 * e] if form[e] == 1 else 1.0


@kernel
def shared_values(of_own: Longs, of_mask: Ints, columns: Columns, base: Bools, values: Floats, masks: Floats) -> None:
    """What the scenarios share, written to every lane of the links that are not the same in all."""
    form, common, drive, first = columns[4:]
    for e in range(of_own.size):
        at = of_own[e]
        if at >= 0:
            store(values, at, splat(WIDTH, drive[e]))
            store(values, at + WIDTH, splat(WIDTH, first[e]))
            for c in range(2 if form[e] == 1 else 4):
                store(values, at + (c + 2) * WIDTH, splat(WIDTH, common[4 * e + c]))
        to = of_mask[e] * 2 * WIDTH
        if to >= 0:
            store(masks, to, splat(WIDTH, 0.0 if base[e] else 1.0))
            store(masks, to + WIDTH, splat(WIDTH, first[e]))


@kernel
def put_lane(
    link: Ints, is_open: Bools, fresh: Floats, drives: Floats, columns: Columns, weight: Floats, base: Bools, usual: Floats,
    of_own: Longs, of_mask: Ints, lane: int, values: Floats, masks: Floats,
) -> None:
    """The rows of one scenario into its lane: coefficients (c, rows), drives where there are any, and what flow to begin with.

    `weight`: share of a link's loss in all that drives its flow. If the rest of the circuit keeps its resistance, a resistance
    grown by the factor f changes the flow by 1/sqrt(1 + weight (f - 1)). Links that are opened begin with their usual flow.
    """
    form, first = columns[4], columns[7]
    for i in range(link.size):
        e = link[i]
        if e < 0:
            continue
        begin = usual[e]
        if of_mask[e] >= 0:
            masks[of_mask[e] * 2 * WIDTH + lane] = 1.0 if is_open[i] else 0.0
            masks[(of_mask[e] * 2 + 1) * WIDTH + lane] = begin
        if not is_open[i]:
            continue
        at = of_own[e] + lane
        if drives.size > 0:
            values[at] = drives[i]
        for c in range(2 if form[e] == 1 else 4):
            values[at + (c + 2) * WIDTH] = fresh[c, i] if c < fresh.shape[0] else 1.0
        if not base[e]:
            begin = first[e] / np.sqrt(max(1.0 + weight[e] * (growth(fresh, i, columns, e) - 1.0), 1e-2))
        values[at + WIDTH] = begin


@kernel
def spread(values: Floats, place: Ints, lanes: Longs, rows: Longs, out: Floats) -> None:
    """out[rows[k], place[i]] = values[i, lanes[k]]; places below zero are passed over."""
    for i in range(place.size):
        if place[i] >= 0:
            for k in range(rows.size):
                out[rows[k], place[i]] = values[i * WIDTH + lanes[k]]


@kernel
def gathered(values: Floats, place: Ints, offset: Floats, lanes: Longs, rows: Longs, out: Floats) -> None:
    """out[rows[k], i] = offset[i] + values[place[i], lanes[k]]."""
    for i in range(place.size):
        for k in range(rows.size):
            out[rows[k], i] = offset[i] + values[place[i] * WIDTH + lanes[k]]
