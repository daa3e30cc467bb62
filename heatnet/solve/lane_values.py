"""What differs from scenario to scenario, written into lanes for the kernel of many, and its answers written out."""

from __future__ import annotations

import numpy as np

from heatnet.jit import inlined, kernel
from heatnet.ordering import Longs
from heatnet.schema import Bools, Floats, Ints
from heatnet.simd import fma, gather, larger, largest, load, root, size, smaller, splat, store
from heatnet.simd import total as added
from heatnet.solve.lane_sweeps import WIDTH, Columns
from heatnet.solve.laws import COLD, link_loss

TILE = 64  # columns written at once
LOCAL = 50.0  # 1/lambda of a usual pipe: weighs local losses against friction
RELIEF = 0.1, 0.55, 0.6  # see `relief`
LEAST_WEIGHT = 0.12  # share of a loss below which what is left over for it says no more


@inlined
def relief(weight: float, fall: float) -> float:
    """By what factor the pressure difference of an inlet grows if the squares of all inlets' flows fall by the share `fall` on the whole.

    weight: its share w of the loss in its circuit. What the way to it loses less is left over for it: (1 - w) f fall of the circuit's
    loss, f = 1 if flow fell alike everywhere. But inlets far from the plant get most of what is left over, and the pipes near them lose
    the less the nearer: f = 0.1 + 0.55 fall + 0.6 w comes within 10 % of the flows in cities of 300 to 10,000 buildings.
    """
    left = (1.0 - weight) / max(weight, LEAST_WEIGHT) * min(fall * (RELIEF[0] + RELIEF[1] * fall + RELIEF[2] * weight), 1.0)
    return 1.0 + left if fall >= 0.0 else 1.0 / (1.0 - left)


@kernel
def first_guess(
    law: tuple[Ints, Floats, Floats, Floats, Bools, Floats], is_open: Bools, fresh: Floats, ends: Longs, total: float,
    begin: Floats, strain: Floats, turned: Floats,
) -> None:
    """Flow to begin with of changed links (rows,), and the share of the loss times the growth of the resistance.

    `law`: form, coefficients, flow and share w of the loss in all that drives the flow in the network itself, whether shut there, usual
    flow. If the rest of the circuit keeps its resistance, a resistance grown by the factor f changes the flow by 1/sqrt(1 + w (f - 1)).
    Inlets, of which all together take `total` (0 for other links), share the rest of their circuits, see `relief`. `ends` part the
    rows by scenarios; `turned` is what share of all that inlets take changes in each.
    Links that are opened begin with a usual flow.
    """
    form, common, first, weight, was_shut, usual = law
    for k in range(ends.size - 1):
        square = 1.0
        if total > 0.0:  # the mean of the squares stands for the square of the mean
            less = 0.0
            for i in range(ends[k], ends[k + 1]):
                kept = common[0, i] / fresh[0, i] if is_open[i] else 0.0
                less += abs(first[i]) * (1.0 - min(kept, 100.0))
            square = min(max(1.0 - less / total, 0.01), 9.0)
        turned[k] = 0.0
        for i in range(ends[k], ends[k + 1]):
            begin[i], strain[i] = usual[i], 0.0
            if was_shut[i] or not is_open[i]:
                turned[k] += abs(first[i]) if was_shut[i] == is_open[i] else 0.0
                continue
            grown = 1.0
            if form[i] == 0:
                grown = (fresh[1, i] + LOCAL * fresh[2, i]) / max(common[1, i] + LOCAL * common[2, i], 1e-300)
            elif form[i] == 1:
                grown = fresh[0, i] / common[0, i]
            more = weight[i] * (grown - 1.0)
            strain[i] = abs(more)
            drag = grown / relief(weight[i], 1.0 - square) if total > 0.0 else 1.0 + more
            begin[i] = first[i] / np.sqrt(max(drag, 1e-2))
            turned[k] += abs(begin[i] - first[i])
        turned[k] = turned[k] / total if total > 0.0 else 0.0


@kernel
def square_rows(kv: Floats, rho: Floats, unit: float, is_open: Bools, fresh: Floats) -> None:
    """Coefficients (2, rows) of the square law dp = K m sqrt(m^2 + rest): K = unit/(rho kv^2) and rest = 1 mPa/K (components.valve)."""
    for i in range(kv.size):
        per = rho[i] * kv[i] * kv[i] / unit
        is_open[i] = kv[i] > 0.0
        fresh[0, i] = 1.0 / per
        fresh[1, i] = 1e-3 * per


@kernel
def square_guess(base: Floats, kv: Floats, unit: float, total: float, begin: Floats, fresh: Floats, strain: Floats, turned: Floats) -> None:
    """`square_rows` and `first_guess` of valves or inlets that are open throughout, for many scenarios at once.

    `base` (4, rows): resistance, flow and share of the loss in the network itself, density; kv, begin (scenarios, rows), fresh
    (scenarios, 2, rows), rows a multiple of 8; strain, the largest of each scenario, and turned (scenarios,).
    """
    one = splat(8, 1.0)
    common, first, weight, rho = base[0], base[1], base[2], base[3]
    for k in range(kv.shape[0]):
        mine, flows, drag_of, rest_of = kv[k], begin[k], fresh[k, 0], fresh[k, 1]
        fall = 0.0
        if total > 0.0:
            less = splat(8, 0.0)
            for i in range(0, mine.size, 8):
                per = load(8, rho, i) * load(8, mine, i) * load(8, mine, i) * (1.0 / unit)
                less = less + size(load(8, first, i)) * (one - smaller(load(8, common, i) * per, splat(8, 100.0)))
            fall = 1.0 - min(max(1.0 - added(less) / total, 0.01), 9.0)
        most, moved = splat(8, 0.0), splat(8, 0.0)
        for i in range(0, mine.size, 8):
            per = load(8, rho, i) * load(8, mine, i) * load(8, mine, i) * (1.0 / unit)
            resistance, w, flow = 1.0 / per, load(8, weight, i), load(8, first, i)
            store(drag_of, i, resistance)
            store(rest_of, i, 1e-3 * per)
            grown = resistance / load(8, common, i)
            more = w * (grown - 1.0)
            drag = one + more
            if total > 0.0:
                share = smaller(fma(w, splat(8, fall * RELIEF[2]), splat(8, fall * (RELIEF[0] + RELIEF[1] * fall))), one)
                left = (one - w) / larger(w, splat(8, LEAST_WEIGHT)) * share
                drag = grown / (one + left) if fall >= 0.0 else grown * (one - left)
            new = flow / root(larger(drag, splat(8, 1e-2)))
            store(flows, i, new)
            most, moved = larger(most, size(more)), moved + size(new - flow)
        strain[k] = largest(most)
        turned[k] = added(moved) / total if total > 0.0 else 0.0


@kernel
def put_tables(
    link: Ints, lanes: Ints, begin: Floats, fresh: Floats, of_own: Longs, of_mask: Ints, values: Floats, masks: Floats
) -> None:
    """`put_rows` of rows open throughout that many lanes set alike: begin (lanes, rows), fresh (lanes, 2, rows).

    A link is written in all lanes at once, so that its memory is met once.
    """
    for i in range(link.size):
        e = link[i]
        if e < 0:
            continue
        at, to = of_own[e], of_mask[e] * 2 * WIDTH
        for k in range(lanes.size):
            own = lanes[k]
            values[at + WIDTH + own] = begin[k, i]
            values[at + 2 * WIDTH + own] = fresh[k, 0, i]
            values[at + 3 * WIDTH + own] = fresh[k, 1, i]
            if to >= 0:
                masks[to + own] = 1.0
                masks[to + WIDTH + own] = begin[k, i]


@kernel
def sizes(touched: Bools, masked: Bools, form: Ints, of_own: Longs, of_mask: Ints) -> tuple[int, int]:
    """Where links that differ from lane to lane stand among their values and masks, -1 for the others; how much room these take."""
    room, masks = 0, 0
    for e in range(touched.size):
        of_own[e], of_mask[e] = -1, -1
        if touched[e]:
            of_own[e] = room * WIDTH
            room += 4 if form[e] == 1 else 6
        if masked[e]:
            of_mask[e] = masks
            masks += 1
    return room, masks


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
    """Rows of scenarios into their lanes (rows,), or one for all: coefficients (c, rows), flows to begin with, drives if there are any."""
    for i in range(link.size):
        e, own = link[i], lane[i] if lane.size > 1 else lane[0]
        if e < 0:
            continue
        if of_mask[e] >= 0:
            masks[of_mask[e] * 2 * WIDTH + own] = 1.0 if is_open[i] else 0.0
            masks[(of_mask[e] * 2 + 1) * WIDTH + own] = begin[i]
        if not is_open[i]:
            continue
        at = of_own[e] + own
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
def gathered(values: Floats, place: Ints, offset: Floats, lanes: Longs, rows: Longs, out: Floats) -> None:
    """out[rows[k], i] = values[place[i], lanes[k]] + offset[i], 0 for no offset; 0 where a place is below zero.

    Some columns at a time: they are read once and written row by row.
    """
    shifted, at = offset.size > 0, np.empty(TILE, np.int32)
    for first in range(0, place.size, TILE):
        last = min(first + TILE, place.size)
        whole, least = first + (last - first) // 8 * 8, 0
        for i in range(first, last):
            least = min(least, place[i])
            at[i - first] = max(place[i], 0) * WIDTH
        for k in range(rows.size):
            line, column = out[rows[k]], values[lanes[k] :]
            for i in range(first, whole, 8):
                vector = gather(8, column, at, i - first)
                store(line, i, vector + load(8, offset, i) if shifted else vector)
            for i in range(whole, last):
                line[i] = column[at[i - first]] + offset[i] if shifted else column[at[i - first]]
            if least < 0:
                for i in range(first, last):
                    if place[i] < 0:
                        line[i] = offset[i] if shifted else 0.0


@kernel
def highest(values: Floats, out: Floats) -> None:
    """Largest size in each lane."""
    most = splat(WIDTH, 0.0)
    for at in range(0, values.size, WIDTH):
        most = larger(most, size(load(WIDTH, values, at)))
    store(out, 0, most)
