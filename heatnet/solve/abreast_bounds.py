"""Bounded flows of several scenarios side by side: the active set of `limits`, a vector holding one link in WIDTH scenarios.

The active set is kept in doubles: 0 free, 1 at the upper bound, 2 at the lower bound, above that shut.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from heatnet.jit import inlined, kernel
from heatnet.schema import Floats, Ints
from heatnet.simd import choose, fma, larger, load, root, size, smaller, splat, store
from heatnet.solve.limits import LEAP, ROUGH, SPARE

V = Any  # a vector of doubles (heatnet.simd.Vector)
WIDTH = 8
Bounded = tuple[Ints, Floats, Floats]  # links, active set (chosen, WIDTH), limits (6, chosen, WIDTH)


@inlined
def both(one: V, other: V) -> V:
    """1 where both are 1."""
    return one * other


@inlined
def truth(holds: Any) -> V:
    """1 where a mask holds, else 0."""
    return choose(holds, splat(WIDTH, 1.0), splat(WIDTH, 0.0))


@inlined
def spare(loss: Any) -> Any:
    """As limits.spare."""
    return smaller(ROUGH * (1.0 + size(loss)), splat(WIDTH, SPARE))


@kernel
def misplaced(chosen: Bounded, gap: Floats, changes: Floats) -> None:
    """How many links of each lane stand at a bound although their pressure difference lies on the near side of the law there."""
    link, bound, limits = chosen
    n = link.size * WIDTH
    wrong, one = splat(WIDTH, 0.0), splat(WIDTH, 1.0)
    for i in range(link.size):
        at = i * WIDTH
        lower, upper = load(WIDTH, limits, at), load(WIDTH, limits, n + at)
        least, most = load(WIDTH, limits, 2 * n + at), load(WIDTH, limits, 3 * n + at)
        was, drop = load(WIDTH, bound, at), load(WIDTH, gap, link[i] * WIDTH)
        high = both(truth(was == 1.0), truth(drop < most - spare(most)))
        low = both(truth(was == 2.0), truth(drop > least + spare(least)))
        wrong = wrong + choose(lower == upper, 0.0 * one, high + low)
    store(changes, 0, wrong)


@kernel
def advance(
    chosen: Bounded, ends: tuple[Ints, Ints], x: Floats, share: Floats, m: Floats, work: tuple[Floats, Floats, Floats], running: Floats,
    changes: Floats, patient: bool,
) -> None:
    """New active sets and the flows of links that come to a bound or leave it, as limits.advance; how many of each lane changed."""
    link, bound, limits = chosen
    gap, r, g = work
    n = link.size * WIDTH
    none, one, two = splat(WIDTH, 0.0), splat(WIDTH, 1.0), splat(WIDTH, 2.0)
    on, slow = load(WIDTH, running, 0), splat(WIDTH, 1.0 if patient else 0.0)
    count = none
    for i in range(link.size):
        at, e = i * WIDTH, link[i] * WIDTH
        lower, upper = load(WIDTH, limits, at), load(WIDTH, limits, n + at)
        least, most = load(WIDTH, limits, 2 * n + at), load(WIDTH, limits, 3 * n + at)
        loss_usual, usual_flow = load(WIDTH, limits, 4 * n + at), load(WIDTH, limits, 5 * n + at)
        was, flow, ease = load(WIDTH, bound, at), load(WIDTH, m, e), load(WIDTH, g, e)
        given = both(truth(was > 0.5), truth(lower == upper))
        acts = both(on, both(truth(was < 2.5), one - given))
        dx = load(WIDTH, x, ends[0][link[i]] * WIDTH) - load(WIDTH, x, ends[1][link[i]] * WIDTH)
        drop = load(WIDTH, gap, e) + dx
        under, over = spare(least), spare(most)
        bounded = lower > -np.inf
        floor = choose(bounded, lower, none)
        reach = larger(drop - least, none) / choose(bounded, loss_usual - least, one)
        usual = choose(bounded, smaller(fma(usual_flow - floor, root(reach), floor), upper), none)
        straight = fma(ease, load(WIDTH, r, e) + dx, flow)
        asked = smaller(straight, flow + LEAP * (size(flow) + usual_flow))
        above, below = asked > upper, asked < lower
        far_up = both(slow, truth(upper - flow > 1e-6 * upper))
        far_down = both(slow, truth(flow - lower > 1e-6 * usual_flow))
        to_upper, to_lower = both(truth(drop >= most - over), one - far_up), both(truth(drop <= least + under), one - far_down)
        q_up = choose(far_up > 0.5, fma(splat(WIDTH, 0.9), upper - flow, flow), upper)
        q_down = choose(to_lower > 0.5, lower, usual)
        q_down = choose(far_down > 0.5, fma(splat(WIDTH, -0.9), flow - lower, flow), q_down)
        free_q = choose(above, q_up, choose(below, q_down, asked))
        free_bound = choose(above, to_upper, choose(below, two * to_lower, none))
        held_up, held_down = truth(drop < most - over), truth(drop > least + under)
        now = choose(was < 0.5, free_bound, choose(was < 1.5, one - held_up, two - two * held_down))
        q = choose(was < 0.5, free_q, choose(was < 1.5, flow, choose(held_down > 0.5, usual, flow)))
        plain = choose(was < 0.5, both(truth(q == straight), truth(now < 0.5)), none)  # the next pass takes the step
        count = count + both(acts, one - truth(now == was))
        writes = both(acts, one - plain) > 0.5
        store(bound, at, choose(acts > 0.5, now, was))
        store(m, e, choose(writes, q, flow))
        store(r, e, choose(writes, none - dx, load(WIDTH, r, e)))
        store(g, e, choose(writes, none, ease))
        store(share, e, choose(writes, choose(now < 0.5, one, splat(WIDTH, 1e-12)), load(WIDTH, share, e)))
    store(changes, 0, count)
