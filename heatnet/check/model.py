"""What the rules look at and what they find."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from heatnet.components import Edge, Exchanger, Secondary
from heatnet.errors import Problem, nearest
from heatnet.network import TABLES, Network, Node
from heatnet.schema import Ints, Table
from heatnet.topology import Ends, ends, parts

SHOWN = 3  # names listed of a part of the network
HINTS = 50  # misspelt names for which the nearest known one is sought: it takes time in a large network
Finding = tuple[int, int, Problem]  # order of table, row, problem


@dataclass(frozen=True)
class Model:
    """A network with what several rules need of it."""

    net: Network

    @cached_property
    def ends(self) -> Ends:
        """Ends of all edges."""
        return ends(self.net)

    @cached_property
    def degree(self) -> Ints:
        """How many edges touch each node."""
        both = np.concatenate([self.ends.tail, self.ends.head])
        return np.bincount(both[both >= 0], minlength=len(self.net[Node])).astype(np.int32)

    @cached_property
    def open_parts(self) -> Ints:
        """Connected part of each node over open edges."""
        live = self.ends.sound & ~self.ends.closed
        return parts(len(self.net[Node]), self.ends.tail[live], self.ends.head[live])

    def heat_links(self, *, closed: bool) -> tuple[Ints, Ints]:
        """Primary and secondary supply nodes of the exchangers, those out of service too where `closed`: ways of heat, not of water."""
        first, second = self.ends.spans[Exchanger], self.ends.spans[Secondary]
        live = self.ends.sound[first] & self.ends.sound[second]
        live &= closed | ~(self.ends.closed[first] | self.ends.closed[second])
        return self.ends.tail[first][live], self.ends.head[second][live]

    def find(self, kind: type[Table], row: int, text: str, column: str = "", *, warning: bool = False) -> Finding:
        """A finding in one row of a table."""
        if kind is Secondary:  # its rows and ends stand in the table of the exchangers
            kind, column = Exchanger, f"secondary_{column}" if column else ""
        name = str(self.net.tables[kind].id[row])
        return TABLES.index(kind), row, Problem(text, kind.kind(), name, column, self.net.where(kind, row), warning)

    def edge(self, number: int) -> tuple[type[Edge], int]:
        """Table and row of an edge number."""
        kind = next(kind for kind, span in self.ends.spans.items() if span.start <= number < span.stop)
        return kind, number - self.ends.spans[kind].start


def some(names: Iterable[object], count: int) -> str:
    """The first names of `count`.

    >>> some(["a", "b"], 9)
    "'a', 'b' and 7 more"
    """
    listed = [f"'{name}'" for name, _ in zip(names, range(SHOWN), strict=False)]
    return ", ".join(listed) + (f" and {count - len(listed)} more" if count > len(listed) else "")


def hints(known: Iterable[str]) -> Callable[[str], str]:
    """A function that ends a message about an unknown name with the nearest known one, "" where none is near.

    >>> hints(["s1", "s2", "r1"])("s11")
    ", did you mean 's1'?"
    """
    names = list(known)
    left = [HINTS]

    def hint(name: str) -> str:
        if not name or left[0] == 0:
            return ""
        left[0] -= 1
        alike = [other for other in names if abs(len(other) - len(name)) < 2 and (other[:1] == name[:1] or other[-2:] == name[-2:])]
        end = nearest(name, alike[:2000])
        return end if end.startswith(",") else ""

    return hint
