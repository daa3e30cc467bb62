"""What differs from scenario to scenario, written into lanes for the kernel of many, and its answers written out."""

from __future__ import annotations

import numpy as np

from heatnet.jit import kernel
from heatnet.ordering import Longs
from heatnet.schema import Bools, Floats, Ints
from heatnet.simd import splat, store
from heatnet.solve.lane_sweeps import WIDTH, Columns
from heatnet.solve.laws import COLD, link_loss

LOCAL = 50.0  # 1/lambda of a usual pipe: weighs local losses against friction


@kernel
def first_guess(
    form: Ints, common: Floats, first: Floats, weight: Floats, was_shut: Bools, usual: Floats, is_open: Bools, fresh: Floats,
    begin: Floats, strain: Floats,
) -> None:
    """Flow to begin with of changed links (rows,), and the share of the loss times the growth of the resistance.

    `weight` is the share of a link's loss in all that drives its flow. If the rest of the circuit keeps its resistance, a
    resistance grown by the factor f changes the flow by 1/sqrt(1 + weight (f - 1)). Links that are opened begin with a usual flow.
    """
    for i in range(begin.size):
        begin[i], strain[i] = usual[i], 0.0
        if was_shut[i] or not is_open[i]:
            continue
        grown = 1.0
        if form[i] == 0:
            grown = (fresh[1, i] + LOCAL * fresh[2, i]) / max(common[1, i] + LOCAL * common[2, i], 1e-300)
        elif form[i] == 1:
            grown = fresh[0, i] / common[0, i]
        more = weight[i] * (grown - 1.0)
        begin[i] = first[i] / np.sqrt(max(1.0 + more, 1e-2))
        strain[i] = abs(more)


@kernel
def mark(link: Ints, is_open: Bools, base: Bools, touched: Bools, masked: Bools) -> None:
    """Note which links have numbers of their own in a lane, and which are opened or shut there."""
    for i in range(link.size):
        if link[i] >= 0:
            touched[link[i]] = touched[link[i]] or is_open[i]
            masked[link[i]] = masked[link[i]] or is_open[i] == base[link[i]]


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
def put_rows(
    link: Ints, lane: Ints, is_open: Bools, begin: Floats, fresh: Floats, drives: Floats, form: Ints, of_own: Longs, of_mask: Ints,
    values: Floats, masks: Floats,
) -> None:
    """Rows of scenarios into their lanes: coefficients (c, rows), flows to begin with, and drives where there are any."""
    for i in range(link.size):
        e = link[i]
        if e < 0:
            continue
        if of_mask[e] >= 0:
            masks[of_mask[e] * 2 * WIDTH + lane[i]] = 1.0 if is_open[i] else 0.0
            masks[(of_mask[e] * 2 + 1) * WIDTH + lane[i]] = begin[i]
        if not is_open[i]:
            continue
        at = of_own[e] + lane[i]
        if drives.size > 0:
            values[at] = drives[i]
        values[at + WIDTH] = begin[i]
        for c in range(2 if form[e] == 1 else 4):
            values[at + (c + 2) * WIDTH] = fresh[c, i] if c < fresh.shape[0] else 1.0


@kernel
def first_laws(friction: tuple[int, float], columns: Columns, p: Floats, free: int, g: Floats, w: Floats, cache: Floats) -> None:
    """What the first sweep finds at links that all scenarios share, (links,): at the first flows and the pressures p (nodes,)."""
    begin, far, sign, _, form, common, drive, first = columns
    law, laminar = friction
    out = np.empty(WIDTH)
    for j in range(free + 1):
        for e in range(begin[j], begin[j + 1]):
            flow, xs = splat(WIDTH, first[e]), splat(WIDTH, COLD)
            c0, c1 = splat(WIDTH, common[4 * e]), splat(WIDTH, common[4 * e + 1])
            c2, c3 = splat(WIDTH, common[4 * e + 2]), splat(WIDTH, common[4 * e + 3])
            loss, ease, xs, _last = link_loss(form[e], law, laminar, flow, c0, c1, c2, c3, xs)
            for _ in range(3 if law == 0 else 0):  # Colebrook's X
                loss, ease, xs, _last = link_loss(form[e], law, laminar, flow, c0, c1, c2, c3, xs)
            store(out, 0, ease)
            g[e] = np.float64(np.float32(out[0]))
            store(out, 0, loss)
            near = p[j] if j < free else 0.0
            w[e] = first[e] + g[e] * ((near - p[far[e]]) * sign[e] + drive[e] - out[0])
            store(out, 0, xs)
            cache[e] = out[0]


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
