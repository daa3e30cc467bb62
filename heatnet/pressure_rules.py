"""The rules of the pressure regime, each at all rows of the table it is about; see heatnet.regime."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass

import numpy as np

from heatnet.components import Consumer, Edge, Exchanger, Pipe, Secondary
from heatnet.network import Building, Node
from heatnet.pressure_limits import PressureLimits
from heatnet.schema import Bools, Floats, Ints, Table, Texts
from heatnet.solve import State
from heatnet.water import vapour_pressure

BOILING, DRAINING, OVER, DIFFERENCE, UNHELD = RULES = ("boiling", "draining", "over_pressure", "difference", "unheld")
RUNNING, REST = STATES = ("running", "static")
ROUNDING = 1.0  # Pa, by which a limit may be missed: a network designed to a limit would fail by rounding


@dataclass(frozen=True)
class Checked:
    """One rule at some rows of a table, running or at rest; gauge pressures or differences [Pa], (n,)."""

    rule: str
    state: str
    table: str
    row: Ints
    value: Floats
    limit: Floats

    @property
    def margin(self) -> Floats:
        """How far it is from the limit, below zero beyond it [Pa], (n,)."""
        return self.limit - self.value if self.rule == OVER else self.value - self.limit

    @property
    def broken(self) -> Bools:
        """Rows beyond the limit, (n,)."""
        return np.asarray(self.margin < -ROUNDING)


class Look:
    """The rules, with what they need of a network."""

    def __init__(self, state: State, limits: PressureLimits, rho: float) -> None:
        net = state.arrays.net
        consumer, building = net[Consumer], net[Building]
        self.state, self.limits, self.lift = state, limits, rho * state.settings.gravity  # Pa/m
        self.side = state.arrays.side
        self.most = {
            kind: by_class(getattr(net[table], column), limits.most[kind], limits.default[kind])
            for kind, table, column in (("pipe", Pipe, "rating"), ("node", Node, "rating"), ("system", Building, "system"))
        }
        figures = {name: (one.needed, one.most, float(one.fills), float(one.end == "supply")) for name, one in limits.connection.items()}
        self.needed, self.own, fills, supply = (
            by_class(consumer.connection, {name: one[at] for name, one in figures.items()}, limits.default["connection"]) for at in range(4)
        )
        self.plates = limits.connection[limits.default["exchanger"]]
        span, at = state.of(Consumer), state.scene.terminals.consumer
        self.tail, self.head = state.arrays.tail[span], state.arrays.head[span]
        self.fills, self.filled = fills > 0.0, fills[at] > 0.0
        self.back = self.head[at]  # return node of each building
        self.stands = np.where(supply[at] > 0.0, self.tail[at], self.head[at])
        self.at_home = at
        self.height = building.height

    def seeing(self, state: State) -> Look:
        """The same rules for another state of a network that differs in settings of valves, lifts or speeds only."""
        look = copy(self)
        look.state = state
        return look

    def at(self, name: str, p: Floats) -> list[Checked]:
        """All rules but that of the difference; p (2, nodes) Pa, lowest and highest."""
        limits, state, low, high = self.limits, self.state, p[0], p[1]
        given = np.isnan(limits.static_temperature) or name == RUNNING
        warm = state.t if given else np.full(state.t.size, limits.static_temperature)
        hot = warm[self.tail[self.at_home]]
        tops = self.filled & ~np.isnan(self.height)
        top, full = low[self.back] - self.lift * self.height, self.lift * limits.reserve
        ends, inlet = self._most(Pipe, high), self._most(Consumer, high)
        plates = np.fmax(self._most(Exchanger, high), self._most(Secondary, high))
        return [
            checked_rows(BOILING, name, Node, True, low, self._steam(warm)),
            checked_rows(BOILING, name, Building, tops & (self._steam(hot) > full), top, self._steam(hot)),
            checked_rows(DRAINING, name, Node, self.side < 0, low, limits.least),
            checked_rows(DRAINING, name, Building, tops, top, full),
            checked_rows(OVER, name, Node, True, high, self.most["node"]),
            checked_rows(OVER, name, Pipe, True, ends, self.most["pipe"]),
            checked_rows(OVER, name, Building, self.filled, high[self.stands], self.most["system"]),
            checked_rows(OVER, name, Consumer, ~self.fills, inlet, self.own),
            checked_rows(OVER, name, Exchanger, True, plates, self.plates.most),
        ]

    def differences(self) -> list[Checked]:
        """Available pressure difference of inlets and of the primary side of exchangers that are open."""
        net, state = self.state.arrays.net, self.state
        return [
            checked_rows(DIFFERENCE, RUNNING, Consumer, ~net[Consumer].closed(), state.loss(Consumer), self.needed),
            checked_rows(DIFFERENCE, RUNNING, Exchanger, ~net[Exchanger].closed(), state.loss(Exchanger), self.plates.needed),
        ]

    def node(self, one: Checked) -> Ints:
        """The node whose pressure each row of a rule is about, (n,)."""
        arrays = self.state.arrays
        if one.table == Node.kind():
            return one.row
        if one.table == Building.kind():
            return (self.stands if one.rule == OVER else self.back)[one.row]
        kind = next(kind for kind in (Pipe, Consumer, Exchanger) if kind.kind() == one.table)
        return np.asarray(arrays.tail[self.state.of(kind)][one.row])

    def _most(self, kind: type[Edge], p: Floats) -> Floats:
        """The higher pressure of both ends of each row [Pa]."""
        span = self.state.of(kind)
        return np.fmax(p[self.state.arrays.tail[span]], p[self.state.arrays.head[span]])

    def _steam(self, t: Floats) -> Floats:
        """Least gauge pressure at which water of temperature t [K] does not boil, margin included [Pa]."""
        return vapour_pressure(t) - self.state.arrays.net.site.air_pressure + self.limits.margin


def checked_rows(rule: str, name: str, kind: type[Table], where: Bools | bool, value: Floats, limit: Floats | float) -> Checked:
    """A rule at the rows `where` of a table whose value is known; values and limits [Pa], (n,)."""
    row = np.flatnonzero(where & ~np.isnan(value)).astype(np.int32)
    return Checked(rule, name, kind.kind(), row, value[row], np.broadcast_to(limit, value.shape)[row])


def by_class(names: Texts, of: Mapping[str, float], default: str) -> Floats:
    """A figure by the class of each row, (n,); KeyError for a class that the limits do not know."""
    figure = {name: of[str(name or default)] for name in set(names.tolist())}
    if len(figure) == 1:
        return np.full(names.size, next(iter(figure.values())))
    return np.fromiter((figure[name] for name in names.tolist()), np.float64, names.size)
