"""Topology of a network for checking and for people: ends, parts, supply and return sides.

Works on networks with broken references too: an end that names no node is -1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from heatnet.components import PARTS, Consumer, Edge, Exchanger, Plant, Secondary
from heatnet.network import Network, Node
from heatnet.schema import Bools, Floats, Ints


@dataclass(frozen=True)
class Ends:
    """Node index of both ends of every edge, in the order of PARTS; -1 where the node does not exist."""

    tail: Ints
    head: Ints
    spans: dict[type[Edge], slice]
    closed: Bools

    @property
    def sound(self) -> Bools:
        """Edges whose ends both exist, (edges,)."""
        return np.asarray((self.tail >= 0) & (self.head >= 0))


def ends(net: Network) -> Ends:
    """Ends of all edges."""
    number = {name: at for at, name in enumerate(net[Node].id)}
    tails, heads, closed, spans, first = [], [], [], {}, 0
    for kind in PARTS:
        table = net[kind]
        spans[kind] = slice(first, first + len(table))
        tails.append(np.fromiter((number.get(name, -1) for name in table.tail), np.int32, len(table)))
        heads.append(np.fromiter((number.get(name, -1) for name in table.head), np.int32, len(table)))
        closed.append(table.closed())
        first += len(table)
    return Ends(np.concatenate(tails), np.concatenate(heads), spans, np.concatenate(closed))


def parts(nodes: int, tail: Ints, head: Ints) -> Ints:
    """Label of the connected part of each node, (nodes,)."""
    graph = coo_array((np.ones(tail.size, dtype=np.int8), (tail, head)), shape=(nodes, nodes))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int32)


def sides(net: Network, graph: Ends | None = None) -> Ints:
    """+1 for supply, -1 for return, 0 where nothing tells: by what most plants, consumers and exchangers of a part say; (nodes,)."""
    graph = graph or ends(net)
    label, votes = side_votes(net, graph)
    return np.sign(votes)[label].astype(np.int32)


def side_votes(net: Network, graph: Ends, voters: tuple[type[Edge], ...] = (Consumer, Plant, Exchanger, Secondary)) -> tuple[Ints, Ints]:
    """Parts that pipes, valves and pumps make, and the votes of each: above zero for supply, below for return."""
    nodes = len(net[Node])
    device = np.zeros(graph.tail.size, dtype=bool)
    for device_kind in (Plant, Consumer, Exchanger, Secondary):
        device[graph.spans[device_kind]] = True
    line = graph.sound & ~device
    label = parts(nodes, graph.tail[line], graph.head[line])
    votes = np.zeros(int(label.max(initial=-1)) + 1, dtype=np.int64)
    for kind in voters:
        sign = 1 if kind in (Consumer, Exchanger) else -1
        span = graph.spans[kind]
        sound = graph.sound[span]
        np.add.at(votes, label[graph.tail[span][sound]], sign)
        np.add.at(votes, label[graph.head[span][sound]], -sign)
    return label, votes.astype(np.int32)


def offsets(tail: Ints, head: Ints, rise: Floats) -> tuple[dict[int, int], dict[int, float]]:
    """Root of each node that these edges touch and its potential above the root, by a spanning tree; edges and rises (n,).

    >>> offsets(np.array([4, 2]), np.array([7, 7]), np.array([1.0, 3.0]))
    ({4: 4, 7: 4, 2: 4}, {4: 0.0, 7: 1.0, 2: -2.0})
    """
    near: dict[int, list[tuple[int, float]]] = {}
    for a, b, step in zip(tail.tolist(), head.tolist(), rise.tolist(), strict=True):
        near.setdefault(a, []).append((b, step))
        near.setdefault(b, []).append((a, -step))
    root: dict[int, int] = {}
    above: dict[int, float] = {}
    for first in near:
        if first in root:
            continue
        root[first], above[first] = first, 0.0
        stack = [first]
        while stack:
            node = stack.pop()
            for other, step in near[node]:
                if other not in root:
                    root[other], above[other] = first, above[node] + step
                    stack.append(other)
    return root, above
