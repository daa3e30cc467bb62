"""Pressure regime (water-pressure diagram): no boiling, no draining, no over-pressure, enough available difference; running and at rest.

Gauge pressure p, elevation z, height of a building above its inlet h. With p_v the vapour pressure (IAPWS-IF97) and B the air pressure:

    boiling         p >= p_v(T) - B + margin                      every node; top of a filled building, p_return - rho g h, where
                                                                  this asks for more than draining does
    draining        p >= least                                    every node of the return
                    p_return - rho g h >= rho g reserve           top of every building that is filled from the network
    over_pressure   p <= most by class                            nodes, both ends of pipes, radiators, exchangers
    difference      p_supply - p_return >= needed by class        inlets, running only
    unheld          a zone without pressurisation point           its pressure is undefined

Zones are the parts that open links join; exchangers part them. At rest (circulation pumps off) each pressurisation point
keeps its pressure and water stands level: p = p_0 + rho g (z_0 - z), rho that of water as cold as the ground, which is the heavier.
Booster pumps, check, reducing and sustaining valves are shut then; a part cut off by them keeps the set pressure of its
sustaining valve. Where several points of one zone hold different heads, the lowest counts for boiling and draining, the highest for
over-pressure.
After He & Sun, Heating Engineering (water-pressure diagram); the limits are data (heatnet.pressure_limits).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from heatnet.components import Consumer, Pump, Valve
from heatnet.components.valve import ONE_WAY
from heatnet.network import KINDS, Building, Node
from heatnet.pressure_limits import PressureLimits, pressure_limits
from heatnet.pressure_rules import DIFFERENCE, REST, RULES, RUNNING, UNHELD, Checked, Look
from heatnet.schema import Floats, Ints, Texts
from heatnet.solve import State
from heatnet.topology import parts
from heatnet.units import WATER_COLUMN

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

@dataclass(frozen=True)
class Zone:
    """A hydraulically separate part of the network."""

    number: int
    points: tuple[str, ...]  # ids of its pressurisation points
    head: tuple[float, float]  # m, lowest and highest static line above the datum; NaN without a point
    nodes: int
    buildings: int
    ground: tuple[float, float]  # m, lowest and highest node
    make_up: float  # kg/s that enters at its points; below zero leaves


@dataclass(frozen=True)
class Regime:
    """Pressures against their limits; every row that was looked at is in `checked`."""

    state: State
    limits: PressureLimits
    zones: tuple[Zone, ...]
    zone: Ints  # (nodes,) number of the zone of each node
    static: Floats  # (2, nodes) Pa gauge at rest: lowest and highest; NaN without a pressurisation point
    checked: tuple[Checked, ...]
    unknown_height: int  # buildings filled from the network that state no height: whether they drain is not known

    @property
    def violations(self) -> int:
        """How many limits are broken."""
        return sum(int(np.count_nonzero(one.broken)) for one in self.checked) + len(self.unheld)

    @property
    def unheld(self) -> tuple[Zone, ...]:
        """Zones in which nothing holds the pressure."""
        return tuple(zone for zone in self.zones if not zone.points)

    @cached_property
    def ids(self) -> dict[str, Texts]:
        """Ids of the rows of each table."""
        return {name: self.state.arrays.net.tables[kind].id for name, kind in KINDS.items()}

    def frame(self) -> pd.DataFrame:
        """Every violation, the worst of each rule first: rule, state, table, id, value, limit and margin."""
        import pandas as pd  # noqa: PLC0415  pandas takes 0.4 s to load

        columns: dict[str, list[Any]] = {name: [] for name in ("rule", "state", "table", "id")}
        numbers: dict[str, list[float]] = {name: [] for name in ("value [kPa]", "limit [kPa]", "margin [kPa]")}
        for zone in self.unheld:
            first = str(self.ids["node"][np.argmax(self.zone == zone.number)])
            self._put(columns, numbers, (UNHELD, RUNNING, "node", first), (np.nan, np.nan, np.nan))
        for one in sorted(self.checked, key=lambda one: RULES.index(one.rule)):
            margin = one.margin
            for at in np.argsort(margin, kind="stable")[: np.count_nonzero(one.broken)]:
                name = str(self.ids[one.table][one.row[at]])
                self._put(columns, numbers, (one.rule, one.state, one.table, name), (one.value[at], one.limit[at], margin[at]))
        return pd.DataFrame({**columns, **{name: np.array(values, dtype=float) / 1e3 for name, values in numbers.items()}})

    def margins(self) -> pd.DataFrame:
        """Each rule, running and at rest, by table: rows looked at, rows beyond the limit, least margin and where it is."""
        import pandas as pd  # noqa: PLC0415

        rows = []
        for one in self.checked:
            if one.row.size:
                at = int(np.argmin(one.margin))
                where = str(self.ids[one.table][one.row[at]])
                count = int(np.count_nonzero(one.broken))
                rows.append((one.rule, one.state, one.table, one.row.size, count, float(one.margin[at]) / 1e3, where))
        names = ["rule", "state", "table", "checked", "beyond", "least margin [kPa]", "where"]
        return pd.DataFrame(rows, columns=names)

    def zone_frame(self) -> pd.DataFrame:
        """Zones with their pressurisation points and static lines; heads in metres of water column above the datum."""
        import pandas as pd  # noqa: PLC0415

        return pd.DataFrame(
            {
                "points": [", ".join(zone.points) for zone in self.zones],
                "static line, lowest [m]": [zone.head[0] for zone in self.zones],
                "static line, highest [m]": [zone.head[1] for zone in self.zones],
                "nodes": [zone.nodes for zone in self.zones], "buildings": [zone.buildings for zone in self.zones],
                "ground, lowest [m]": [zone.ground[0] for zone in self.zones],
                "ground, highest [m]": [zone.ground[1] for zone in self.zones],
                "make-up [kg/s]": [zone.make_up for zone in self.zones],
            },
            index=pd.Index([zone.number for zone in self.zones], name="zone"),
        )

    def differences(self) -> pd.DataFrame:
        """Available and needed pressure difference of every open inlet and exchanger (primary side)."""
        import pandas as pd  # noqa: PLC0415

        ones = [one for one in self.checked if one.rule == DIFFERENCE]
        parts_ = [(np.full(one.row.size, one.table, dtype=object), self.ids[one.table][one.row], one.value, one.limit) for one in ones]
        kinds, ids, values, needed = (np.concatenate(column) for column in zip(*parts_, strict=True))
        return pd.DataFrame({"table": kinds, "id": ids, "available [kPa]": values / 1e3, "needed [kPa]": needed / 1e3})

    def tables(self) -> dict[str, tuple[pd.DataFrame, str]]:
        """The frames with what they hold, by the names under which a store keeps them."""
        return {
            "pressure_violation": (self.frame(), "limits of the pressure regime that are broken, worst first by rule"),
            "pressure_margin": (self.margins(), "rules of the pressure regime: rows looked at, rows beyond, least margin"),
            "pressure_difference": (self.differences(), "available and needed pressure difference of open inlets and exchangers"),
            "pressure_zone": (self.zone_frame(), "hydraulically separate parts, their pressurisation points and static lines"),
        }

    def line(self) -> str:
        """The regime in one line."""
        head = f"pressure regime ({self.limits.name}): "
        found = [(rule, [one for one in self.checked if one.rule == rule]) for rule in RULES[:-1]]
        told = [_worst(rule, self.ids, ones) for rule, ones in found if any(one.broken.any() for one in ones)]
        told += [f"{len(self.unheld)} parts without a pressurisation point"] if self.unheld else []
        rest = f"; no height given for {self.unknown_height} buildings" if self.unknown_height else ""
        return f"{head}{'; '.join(told) or 'within all limits, running and at rest'}{rest}"

    @staticmethod
    def _put(
        columns: dict[str, list[Any]], numbers: dict[str, list[float]], words: tuple[str, ...], values: tuple[float, ...]
    ) -> None:
        for column, word in zip(columns.values(), words, strict=True):
            column.append(word)
        for number, value in zip(numbers.values(), values, strict=True):
            number.append(float(value))


def regime(state: State, limits: PressureLimits | str | None = None) -> Regime:
    """Pressures of a converged state against limits (the site's own if none are named); ValueError for a state that is no answer.

    Interface for reports: `Regime.frame()` lists violations, `.margins()` one line a rule, `.zone_frame()` the zones with their static
    lines, `.static` and `.zone` are by node, for the pressure diagram.
    """
    if not state.converged:
        raise ValueError(f"the state is not an answer: {state.message}")
    net = state.arrays.net
    limits = limits if isinstance(limits, PressureLimits) else pressure_limits(limits or net.site.limits)
    label, rho = _parts(state), _cold(state)
    static = _static(state, label, rho)
    look = Look(state, limits, rho)
    checked = [one for name, p in ((RUNNING, np.stack([state.p, state.p])), (REST, static)) for one in look.at(name, p)]
    checked += look.differences()
    unknown = np.count_nonzero(look.filled & np.isnan(net[Building].height))
    return Regime(state, limits, _zones(state, label), label, static, tuple(checked), int(unknown))


def static_pressures(state: State) -> Floats:
    """Gauge pressures at rest, pumps off [Pa], (2, nodes): by the lowest and by the highest static line of each zone; NaN without one."""
    return _static(state, _parts(state), _cold(state))


def _parts(state: State) -> Ints:
    """Zone of every node: the part that open links join."""
    arrays = state.arrays
    return parts(arrays.nodes, arrays.tail[~arrays.closed], arrays.head[~arrays.closed])


def _cold(state: State) -> float:
    """Density of water as cold as the ground [kg/m3]."""
    return float(state.settings.water.density(np.array(state.scene.ground)))


def _static(state: State, label: Ints, rho: float) -> Floats:
    """Pressure at rest [Pa], (2, nodes): by the lowest and by the highest line of each part.

    Booster pumps and one-way valves are shut at rest. A part that they cut off keeps its own line, by its pressurisation point or the
    set pressure of its sustaining valves; where it has neither, water of the zone still fills it, and the line of the zone holds.
    """
    arrays, net = state.arrays, state.arrays.net
    lift = rho * state.settings.gravity
    shut = arrays.closed.copy()
    shut[state.of(Pump)] = True
    valve, span = net[Valve], state.of(Valve)
    shut[span] |= np.isin(valve.control.astype(str), ONE_WAY)
    apart = parts(arrays.nodes, arrays.tail[~shut], arrays.head[~shut])
    held = np.flatnonzero(arrays.held).astype(np.int32)
    sustains = np.flatnonzero((valve.control == "sustain") & ~valve.closed())
    entry = arrays.tail[span][sustains]
    zone = _lines(label, held, net[Node].pressure[held] + lift * net[Node].height[held])
    own = _lines(apart, held, net[Node].pressure[held] + lift * net[Node].height[held])
    kept = _lines(apart, entry, valve.pressure[sustains] + lift * net[Node].height[entry])
    line = np.where(np.isnan(own), np.where(np.isnan(kept) | np.isnan(zone), zone, kept), own)
    return np.asarray(line - lift * net[Node].height)


def _lines(label: Ints, nodes: Ints, line: Floats) -> Floats:
    """Lowest and highest line of the part of every node, (2, all nodes); NaN where none of `nodes` lies in it."""
    count = int(label.max(initial=-1)) + 1
    both = np.stack([np.full(count, np.inf), np.full(count, -np.inf)])
    np.minimum.at(both[0], label[nodes], line)
    np.maximum.at(both[1], label[nodes], line)
    both[np.isinf(both)] = np.nan
    return np.asarray(both[:, label])


def _worst(rule: str, ids: dict[str, Texts], ones: list[Checked]) -> str:
    """How many rows are beyond a rule, and the worst of them."""
    count = sum(int(np.count_nonzero(one.broken)) for one in ones)
    worst = min((one for one in ones if one.row.size), key=lambda one: float(one.margin.min()))
    at = int(np.argmin(worst.margin))
    rest = " at rest" if worst.state == REST else ""
    return f"{rule} {count} beyond, worst {worst.table} '{ids[worst.table][worst.row[at]]}'{rest} by {-worst.margin[at] / 1e3:.1f} kPa"


def _zones(state: State, label: Ints) -> tuple[Zone, ...]:
    """Zones in the order of their first nodes; lone nodes between closed links are none."""
    arrays, node = state.arrays, state.arrays.net[Node]
    count = int(label.max(initial=-1)) + 1
    nodes = np.bincount(label, minlength=count)
    homes = np.bincount(label[arrays.head[state.of(Consumer)][state.scene.terminals.consumer]], minlength=count)
    lowest, highest = np.full(count, np.inf), np.full(count, -np.inf)
    np.minimum.at(lowest, label, node.height)
    np.maximum.at(highest, label, node.height)
    entering = np.bincount(label, state.exchange, minlength=count)
    points: dict[int, list[int]] = {}
    for at in np.flatnonzero(arrays.held).tolist():
        points.setdefault(int(label[at]), []).append(at)
    return tuple(
        Zone(
            zone, tuple(str(node.id[at]) for at in points.get(zone, [])), _heads(node, points.get(zone, [])), int(nodes[zone]),
            int(homes[zone]), (float(lowest[zone]), float(highest[zone])), float(entering[zone]),
        )
        for zone in range(count) if nodes[zone] > 1 or zone in points
    )


def _heads(node: Node, points: Sequence[int]) -> tuple[float, float]:
    heads = [float(node.pressure[at] / WATER_COLUMN + node.height[at]) for at in points] or [float("nan")]
    return min(heads), max(heads)
