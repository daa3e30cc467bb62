"""Which edges regulate what they do not see themselves, and the nodes they sense: valves by a pressure elsewhere, pumps and plants by
the difference at remote consumers or by their own flow, controllers with a smallest opening.

Everything that needs no more than its own flow and ends stands in the laws and bounds of the components.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.components import Consumer, Edge, Exchanger, Plant, Pump, Valve
from heatnet.network import Network, Node
from heatnet.ordering import Longs
from heatnet.schema import Bools, Ints, Texts
from heatnet.topology import parts

DIFFERENCE, REDUCE, SUSTAIN, OWN, PROPORTIONAL, REMOTE = range(6)
SENSED = ("difference", "reduce", "sustain")  # controls of valves, in that order
USERS: tuple[type[Edge], ...] = (Consumer, Exchanger)  # whose pressure difference a pump or a plant may hold
Sensors = list[tuple[int, int]]  # nodes of higher and lower pressure, -1 for the air outside


@dataclass(frozen=True)
class Regulated:
    """Regulators in the order of the edges, (k,) each; sensors of number i are `first[i]:first[i + 1]`."""

    edge: Ints
    table: Ints  # place of the component among the parts
    row: Ints
    kind: Ints  # DIFFERENCE and so on
    first: Longs  # (k + 1,)
    high: Ints  # (sensors,) node
    low: Ints  # (sensors,) node, -1 for the air outside

    def __len__(self) -> int:
        return self.edge.size

    @property
    def lift(self) -> Bools:
        """Those that give a lift; the others throttle."""
        return self.kind >= PROPORTIONAL


def regulated(net: Network, spans: dict[type[Edge], slice], ends: tuple[Ints, Ints], dead: Bools, lost: Bools) -> Regulated:
    """Regulators of a network; `dead` edges regulate nothing, `lost` nodes cannot be sensed.

    One that senses nothing is left out: its valve stays open, its pump runs on its curve.
    """
    found: list[tuple[int, int, int, int, Sensors]] = []
    numbers: dict[str, int] | None = None
    for place, kind in enumerate(spans):
        table = net[kind]
        for row, what in _candidates(table):
            edge = spans[kind].start + row
            if dead[edge]:
                continue
            if what == DIFFERENCE:
                numbers = numbers if numbers is not None else {name: at for at, name in enumerate(net[Node].id)}
            sensors = _sensors(net, spans, ends, dead, (table, row, what), numbers or {})
            sensors = [pair for pair in sensors if not any(node >= 0 and lost[node] for node in pair)]
            if sensors or what in (OWN, PROPORTIONAL):
                found.append((edge, place, row, what, sensors))
    pairs = [pair for one in found for pair in one[4]]
    high, low = (np.array([pair[k] for pair in pairs], dtype=np.int32) for k in (0, 1))
    first = np.cumsum([0, *(len(one[4]) for one in found)]).astype(np.int64)
    edge, place_, row_, kind_ = (np.array([one[k] for one in found], dtype=np.int32) for k in range(4))
    return Regulated(edge, place_, row_, kind_, first, high, low)


def sensed_names(names: str) -> list[str]:
    """Ids in a list separated by semicolons.

    >>> sensed_names("u1; u2")
    ['u1', 'u2']
    """
    return [name.strip() for name in names.split(";") if name.strip()]


def _candidates(table: Edge) -> list[tuple[int, int]]:
    """Rows that regulate, and how."""
    if not len(table):
        return []
    if isinstance(table, Consumer):
        return [(int(row), OWN) for row in np.flatnonzero((table.controller_least > 0.0) & ~np.isnan(table.difference))]
    if isinstance(table, Valve):
        return [(row, SENSED.index(control)) for row, control in _rows(table.control, SENSED)]
    if isinstance(table, Pump):
        kinds = {"proportional": PROPORTIONAL, "remote": REMOTE}
        return [(row, kinds[control]) for row, control in _rows(table.control, tuple(kinds))]
    if isinstance(table, Plant):
        return [(row, REMOTE) for row, _ in _rows(table.control, ("remote",))]
    return []


def _rows(controls: Texts, wanted: tuple[str, ...]) -> list[tuple[int, str]]:
    return [(row, control) for row, control in enumerate(controls) if control in wanted]


def _sensors(
    net: Network, spans: dict[type[Edge], slice], ends: tuple[Ints, Ints], dead: Bools, of: tuple[Edge, int, int], numbers: dict[str, int]
) -> Sensors:
    table, row, what = of
    tail, head = ends
    if isinstance(table, Valve):
        edge = spans[Valve].start + row
        if what == DIFFERENCE:
            pair = numbers.get(table.high[row], -1), numbers.get(table.low[row], -1)
            return [pair] if min(pair) >= 0 else []
        return [(int(head[edge] if what == REDUCE else tail[edge]), -1)]
    if what != REMOTE:
        return []
    assert isinstance(table, Pump | Plant)
    users, names = np.concatenate([np.arange(spans[kind].start, spans[kind].stop) for kind in USERS]), sensed_names(table.sensor[row])
    if names:
        users = users[np.isin(np.concatenate([net[kind].id for kind in USERS]).astype(str), names)]
    elif len(net[Exchanger]):  # those of its own network
        zone = parts(len(net[Node]), tail[~dead], head[~dead])
        users = users[zone[tail[users]] == zone[tail[spans[type(table)].start + row]]]
    return [(int(tail[edge]), int(head[edge])) for edge in users if not dead[edge]]
