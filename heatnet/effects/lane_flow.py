"""Newton steps of several scenarios side by side, each with its own temperatures: a vector holds one link in WIDTH scenarios.

The iteration is that of heatnet.solve.newton without bounds on the move and without line search: what is at a bound stays there
and is checked afterwards, what does not converge is solved alone. Links in program order, arrays (links or nodes, WIDTH) as one row.
Where a link differs from the network in some scenario, `own` holds its numbers for all of them (OWN rows of WIDTH).
"""

from __future__ import annotations

from typing import Any

import numpy as np

from heatnet.jit import inlined, kernel
from heatnet.schema import Floats, Ints
from heatnet.simd import choose, fma, larger, like, load, size, splat, store
from heatnet.simd_functions import exp, log
from heatnet.solve.abreast_bounds import WIDTH
from heatnet.solve.abreast_newton import eliminate
from heatnet.solve.laws import link_loss

V = Any  # a vector of doubles (heatnet.simd.Vector)
# numbers of a link: as statics.base (pipes 4/(pi d), 8 L/(pi^2 d^5), 8 zeta/(pi^2 d^4); squares K rho, K; pumps g H0, g B, exponent),
# drive without the weight of the water, relative roughness, U L, ground [degC], 1 open or 0 shut
OWN = 8
HELD = 1e-12  # share of a link whose flow is held at a bound: it ties nodes that nothing else ties
BASE, DRIVE, ROUGH, LOSES, GROUND, OPEN = 0, 3, 4, 5, 6, 7
Plan = tuple[Ints, Ints, Ints, Ints, tuple[Ints, Ints, Ints]]  # spans, forms, real, ends, (start, row, target)
# numbers (OWN, links), weight, share (1 free, HELD, 0 shut or rigid), row in own or -1, own
Links = tuple[Floats, Floats, Floats, Ints, Floats]
Flow = tuple[Floats, Floats, Floats, Floats, Floats, Floats]  # m, w, g, X, light = 1/rho, thin = 1/mu
Nodes = tuple[Floats, Floats, Floats, Floats]  # p, x, matrix, right-hand side


@inlined
def number(of: Links, kind: int, e: int) -> V:
    """One number of a link in all scenarios."""
    row = of[3][e]
    return splat(WIDTH, of[0][kind, e]) if row < 0 else load(WIDTH, of[4], (row * OWN + kind) * WIDTH)


@kernel
def start_flow(plan: Plan, state: tuple[Floats, Floats, Floats, Floats, Floats], flow: Flow, nodes: Nodes) -> None:
    """Every scenario begins with the state of the network: m, X, 1/rho, 1/mu of the links, p of the nodes."""
    m, x, light, thin, p = state
    for e in range(m.size):
        at = e * WIDTH
        store(flow[0], at, splat(WIDTH, m[e]))
        store(flow[1], at, splat(WIDTH, m[e]))
        store(flow[2], at, splat(WIDTH, 0.0))
        store(flow[3], at, splat(WIDTH, x[e]))
        store(flow[4], at, splat(WIDTH, light[e]))
        store(flow[5], at, splat(WIDTH, thin[e]))
    for v in range(p.size):
        store(nodes[0], v * WIDTH, splat(WIDTH, p[v]))
        store(nodes[1], v * WIDTH, splat(WIDTH, 0.0))


@kernel
def newton_flow(
    friction: tuple[int, float], plan: Plan, links: Links, flow: Flow, nodes: Nodes, source: Floats, stop: tuple[float, int], worst: Floats
) -> int:
    """Newton steps until all scenarios are within stop[0] Pa or stop[1] steps are done; how many. `worst`: residuals (WIDTH,)."""
    p, x, right = nodes[0], nodes[1], nodes[3]
    free = plan[4][0].size - 1
    step = 0
    for step in range(stop[1] + 1):
        store(worst, 0, laws(friction, plan, links, flow, nodes, source))
        done = True
        for lane in range(WIDTH):
            done = done and not worst[lane] > stop[0]  # NaN: no use in going on
        if done or step == stop[1]:
            break
        eliminate(plan[4], nodes[2], right)
        for at in range(0, free * WIDTH, WIDTH):
            change = load(WIDTH, right, at)
            store(x, at, change)
            store(p, at, load(WIDTH, p, at) + change)
    for at in range(0, x.size, WIDTH):  # a later call must not take the last step again
        store(x, at, splat(WIDTH, 0.0))
    for at in range(0, flow[0].size, WIDTH):
        store(flow[1], at, load(WIDTH, flow[0], at))
    return step


@kernel
def laws(friction: tuple[int, float], plan: Plan, links: Links, flow: Flow, nodes: Nodes, source: Floats) -> V:
    """Step by x, the laws there, the matrix and the right-hand side; largest residual of each scenario."""
    spans, forms, real, ends = plan[0], plan[1], plan[2], plan[3]
    law, laminar = friction
    weight, share = links[1], links[2]
    m, w, gs, cache, lights, thins = flow
    p, x, matrix, right = nodes
    none, one = splat(WIDTH, 0.0), splat(WIDTH, 1.0)
    worst = none
    tail, head, slot = ends[0], ends[1], ends[2]
    for at in range(0, matrix.size, WIDTH):
        store(matrix, at, none)
    for v in range(source.size):
        store(right, v * WIDTH, splat(WIDTH, source[v]))
    for k in range(forms.size):
        form = forms[k]
        for e in range(spans[k, 0], spans[k, 1]):
            if real[e] == 0:
                continue
            at, t, h = e * WIDTH, tail[e] * WIDTH, head[e] * WIDTH
            light = load(WIDTH, lights, at)
            fall = number(links, DRIVE, e)
            if weight[e] != 0.0:
                fall = fall + weight[e] / light
            q = fma(load(WIDTH, gs, at), load(WIDTH, x, t) - load(WIDTH, x, h), load(WIDTH, w, at))
            xs = load(WIDTH, cache, at) if form == 0 else one
            c0, c1, c2 = coefficients(form, links, e, light, load(WIDTH, thins, at))
            loss, ease, xs, _last = link_loss(form, law, laminar, q, c0, c1, c2, number(links, ROUGH, e), xs)
            if form == 0:
                store(cache, at, xs)
            rest = load(WIDTH, p, t) - load(WIDTH, p, h) + fall - loss
            tie = ease
            if links[3][e] < 0 or share[e] == HELD:
                if share[e] != 1.0:
                    tie, ease, rest = splat(WIDTH, share[e]), none, none
            else:
                is_open = number(links, OPEN, e) > 0.5
                tie, ease = choose(is_open, tie, none), choose(is_open, ease, none)
                rest, q = choose(is_open, rest, none), choose(is_open, q, none)
            worst = larger(worst, size(rest))
            store(m, at, q)
            q = fma(ease, rest, q)
            store(gs, at, ease)
            store(w, at, q)
            store(matrix, slot[e] * WIDTH, load(WIDTH, matrix, slot[e] * WIDTH) + tie)
            store(right, t, load(WIDTH, right, t) - q)
            store(right, h, load(WIDTH, right, h) + q)
    return worst


@inlined
def coefficients(form: int, links: Links, e: int, light: V, thin: V) -> tuple[V, V, V]:
    """Coefficients of the law of a link at 1/density and 1/viscosity."""
    c0, c1, c2 = number(links, BASE, e), number(links, BASE + 1, e), number(links, BASE + 2, e)
    if form == 0:
        return c0 * thin, c1 * light, c2 * light
    if form == 1:
        k = fma(c0, light, c1)
        return k, 1e-3 / k, c2
    return c0 / light, c1 * exp((c2 - 1.0) * log(light)), c2


@kernel
def gaps(plan: Plan, links: Links, flow: Flow, nodes: Nodes, chosen: Ints, out: Floats) -> None:
    """Pressure difference that drives some links [Pa] into out (chosen, WIDTH) as one row: their loss where they are free."""
    for i in range(chosen.size):
        e = chosen[i]
        fall = number(links, DRIVE, e) + links[1][e] / load(WIDTH, flow[4], e * WIDTH)
        store(out, i * WIDTH, load(WIDTH, nodes[0], plan[3][0, e] * WIDTH) - load(WIDTH, nodes[0], plan[3][1, e] * WIDTH) + fall)


@kernel
def missing(plan: Plan, m: Floats, source: Floats, nodes: Nodes, found: Floats) -> None:
    """Largest imbalance of a free node [kg/s], largest pressure [Pa] and largest flow [kg/s] of each scenario, (3, WIDTH) as one row."""
    real, ends, free = plan[2], plan[3], plan[4][0].size - 1
    p, left, flow = nodes[0], nodes[3], splat(WIDTH, 0.0)
    for v in range(source.size):
        store(left, v * WIDTH, splat(WIDTH, source[v]))
    for e in range(real.size):
        if real[e] == 1:
            t, h, q = ends[0, e] * WIDTH, ends[1, e] * WIDTH, load(WIDTH, m, e * WIDTH)
            store(left, t, load(WIDTH, left, t) - q)
            store(left, h, load(WIDTH, left, h) + q)
            flow = larger(flow, size(q))
    worst, most = splat(WIDTH, 0.0), splat(WIDTH, 0.0)
    for v in range(free):
        worst = larger(worst, size(load(WIDTH, left, v * WIDTH)))
        most = larger(most, size(load(WIDTH, p, v * WIDTH)))
    store(found, 0, worst)
    store(found, WIDTH, most)
    store(found, 2 * WIDTH, flow)


@kernel
def first_factors(friction: tuple[int, float], plan: Plan, links: Links, m: Floats, light: Floats, thin: Floats, x: Floats) -> None:
    """Colebrook's X of the pipes at the flows m, (links,), for law 0."""
    out = np.empty(WIDTH)
    for e in range(plan[0][0, 0], plan[0][0, 1]):
        c0, c1, c2 = coefficients(0, links, e, splat(WIDTH, light[e]), splat(WIDTH, thin[e]))
        xs, q = splat(WIDTH, 7.0), splat(WIDTH, m[e])
        for _ in range(4):
            _loss, _ease, xs, _last = link_loss(0, friction[0], friction[1], q, c0, c1, c2, number(links, ROUGH, e), xs)
        store(out, 0, like(xs, 7.0) if friction[0] != 0 else xs)
        x[e] = out[0]
