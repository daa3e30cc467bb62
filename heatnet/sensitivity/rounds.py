"""Kernels of one round between multipliers (heatnet.sensitivity.adjoint): against the flow, and from flows to pressures and back."""

from __future__ import annotations

import numpy as np

from heatnet.jit import kernel
from heatnet.schema import Bools, Floats, Ints


@kernel
def backward(up: Ints, down: Ints, weight: Floats, order: Ints, begin: Ints, out: Ints) -> int:
    """Nodes against the flow, and the edges that carry heat into each; how many nodes were reached."""
    n = order.size
    waits, first = np.zeros(n, np.int32), np.zeros(n + 1, np.int32)
    for e in range(weight.size):
        if weight[e] > 0.0:
            waits[up[e]] += 1
            first[down[e] + 1] += 1
    for v in range(n):
        first[v + 1] += first[v]
    edge, next_ = np.empty(first[n], np.int32), first.copy()
    for e in range(weight.size):
        if weight[e] > 0.0:
            edge[next_[down[e]]] = e
            next_[down[e]] += 1
    filled = 0
    for v in range(n):
        if waits[v] == 0:
            order[filled] = v
            filled += 1
    at, k = 0, 0
    while at < filled:
        v = order[at]
        begin[at] = k
        at += 1
        for i in range(first[v], first[v + 1]):
            e = edge[i]
            out[k] = e
            k += 1
            waits[up[e]] -= 1
            if waits[up[e]] == 0:
                order[filled] = up[e]
                filled += 1
    begin[filled] = k
    return filled


@kernel
def against(order: Ints, begin: Ints, out: Ints, up: Ints, weight: Floats, right: Floats, below: Floats, still: Bools) -> Floats:
    """Multipliers of the nodes, (nodes,): what right (edges,) and the nodes downstream ask for, over `below`."""
    lam, gathered = np.zeros(order.size), np.zeros(order.size)
    for e in range(up.size):
        gathered[up[e]] += right[e]
    for at in range(order.size):
        v = order[at]
        if not still[v]:
            lam[v] = gathered[v] / below[v]
        for i in range(begin[at], begin[at + 1]):
            e = out[i]
            gathered[up[e]] += weight[e] * lam[v]
    return lam


@kernel
def drawn(tail: Ints, head: Ints, of: Ints, g: Floats, source: Floats, nu: Floats, count: int) -> Floats:
    """Right-hand side of the clusters, (count,), from the objective by flow."""
    right = np.zeros(count)
    for e in range(tail.size):
        flow = g[e] * (source[e] + nu[tail[e]] - nu[head[e]])
        right[of[head[e]]] += flow
        right[of[tail[e]]] -= flow
    return right


@kernel
def driven(tail: Ints, head: Ints, g: Floats, bound: Bools, source: Floats, nu: Floats) -> tuple[Floats, Floats]:
    """Multipliers of the edges, and what those that follow a law bring to each node, (edges,) and (nodes,)."""
    mu, arrives = np.empty(tail.size), np.zeros(nu.size)
    for e in range(tail.size):
        force = source[e] + nu[tail[e]] - nu[head[e]]
        value = -g[e] * force
        arrives[head[e]] += value
        arrives[tail[e]] -= value
        mu[e] = -force if bound[e] else value
    return mu, arrives
