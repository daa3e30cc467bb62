"""Balance: settings as a scenario, with what they rest on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from heatnet.arrays import Arrays
from heatnet.balance.controllers import controlled
from heatnet.balance.devices import devices
from heatnet.balance.drives import Turned
from heatnet.balance.fit import Fit
from heatnet.balance.missed import Missed
from heatnet.balance.places import Places
from heatnet.balance.rounding import Positions
from heatnet.balance.rules import Rules
from heatnet.change import Scenario
from heatnet.components import Consumer, Pipe, Plant, Pump, Valve
from heatnet.components.valve import KV
from heatnet.paths import Paths
from heatnet.rooms import water_paths
from heatnet.schema import Floats, Ints
from heatnet.solve import State

if TYPE_CHECKING:
    import pandas as pd

DETAILED = 100  # short consumers whose whole way is looked through


@dataclass(frozen=True)
class Index:
    """The circuit that decides the lift of a part: its valve stays open."""

    consumer: str
    plants: tuple[str, ...]  # and pumps, whose lift or speed it decides
    pipes: tuple[str, ...]  # from the plant and back
    margin: float  # Pa left over at its inlet; below zero it is short


@dataclass(frozen=True)
class Shortage:
    """A consumer that pressure does not suffice for."""

    consumer: str
    missing: float  # Pa, at full flows of all
    flow_ratio: float  # - flow with the settings over what is wanted
    pipes: tuple[str, ...]  # on its way that lose most beyond the usual gradient, the worst first


@dataclass(frozen=True)
class Balance:
    """Settings of valves, lifts and speeds, and the state they lead to; arrays are per consumer (consumers,) unless said otherwise."""

    arrays: Arrays  # the network as it is
    target: str
    rules: Rules
    before: State
    state: State  # solved with the settings
    scenario: Scenario
    places: Places
    fit: Fit
    positions: Positions | None  # of the valves of a catalogue, if one was given
    index: tuple[Index, ...]  # one a part
    shortages: tuple[Shortage, ...]  # the worst first
    missed: tuple[Missed, ...]  # off target although no pressure is missing, the worst first
    opened: tuple[str, ...]  # inlets that were found shut
    turned: tuple[Turned, ...] = ()  # set values of drives that hold something

    @property
    def balanced(self) -> bool:
        """Whether every consumer gets what was asked for in full: none is short of pressure, none off target by more than the tolerance."""
        return not self.shortages and not self.missed

    @property
    def left_alone(self) -> bool:
        """Whether the network was balanced already."""
        return self.fit.alone

    @property
    def wanted(self) -> Floats:
        """Flow asked for [kg/s]; NaN where none is known."""
        return self.fit.wanted

    def ratio(self, state: State | None = None) -> Floats:
        """Flow over the flow asked for [-], with the settings or in another state."""
        state = state or self.state
        return np.asarray(state.m[state.of(Consumer)] / self.fit.wanted)

    @cached_property
    def drops(self) -> tuple[Floats, Floats]:
        """Pressure that the valve of each inlet takes beyond the open inlet [Pa], and what it would take if it alone were shut."""
        state, span = self.state, self.state.of(Consumer)
        consumer, rho = self.arrays.net[Consumer], state.fluid(Consumer).rho
        m = state.m[span]
        loss = state.loss(Consumer)
        shut = loss + self._relief(np.abs(m))
        if (here := controlled(self.arrays, self.places)).any():  # the controller takes the rest, and all that comes free
            loss = np.where(here, state.arrays.net[Consumer].inlet(state.fluid(Consumer), state.scene) * m**2, loss)
            shut = np.where(here, np.maximum(self.fit.knobs.difference, loss), shut)
        with np.errstate(invalid="ignore"):
            throttled = np.where(self.places.inlets, loss - KV / (rho * consumer.kvs**2) * m * np.abs(m), np.nan)
        return np.maximum(throttled, 0.0), shut

    @property
    def authority(self) -> Floats:
        """Drop of the valve of each inlet over its drop when shut [-]; NaN where it cannot be set."""
        throttled, shut = self.drops
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(self.places.inlets, throttled / shut, np.nan)

    def _relief(self, m: Floats) -> Floats:
        """Pressure that comes free along the main way there and back when a consumer is shut and the others keep their flow [Pa].

        Square law: a pipe of loss R and flow M relieves R (1 - (1 - m/M)^2) = R (2 m/M - (m/M)^2).
        """
        state, way = self.state, water_paths(self.state)
        flow = np.abs(state.m)
        lost = np.zeros(state.arrays.edges)
        for kind in (Pipe, Valve):
            lost[state.of(kind)] = np.nan_to_num(np.abs(state.loss(kind)))
        safe = np.where(flow > 1e-9, flow, np.inf)
        once, twice = 2.0 * lost / safe, lost / safe**2
        tail, head = state.arrays.tail[state.of(Consumer)], state.arrays.head[state.of(Consumer)]
        total = np.zeros(m.size)
        for at, back in ((tail, False), (head, True)):
            a, b = way.gathered(once, back=back)[0][at], way.gathered(twice, back=back)[0][at]
            total += np.nan_to_num(a * m - b * m**2)
        return np.maximum(total, 0.0)

    def frame(self) -> pd.DataFrame:
        """One line a consumer: flows wanted, before and after, ratios, openings, drop of its valve, authority, whether off target."""
        import pandas as pd  # noqa: PLC0415  pandas takes 0.4 s to load

        consumer, span = self.arrays.net[Consumer], self.state.of(Consumer)
        throttled, _ = self.drops
        columns = {
            "wanted [kg/s]": self.fit.wanted, "before [kg/s]": self.before.m[span], "after [kg/s]": self.state.m[span],
            "ratio before [-]": self.ratio(self.before), "ratio after [-]": self.ratio(),
            "opening before [-]": consumer.opening, "opening after [-]": self.fit.knobs.inlet,
            "difference [kPa]": self.state.loss(Consumer) / 1e3, "valve [kPa]": throttled / 1e3, "authority [-]": self.authority,
            "missing [kPa]": self.fit.missing / 1e3, "index": np.isin(np.arange(len(consumer)), self.fit.index),
            "off target": np.isin(consumer.id, [one.consumer for one in self.shortages] + [one.consumer for one in self.missed]),
        }
        return pd.DataFrame(columns, index=pd.Index(consumer.id, name="consumer"))

    def shortage_frame(self) -> pd.DataFrame:
        """One line a consumer that pressure does not suffice for, the worst first: what is missing and which pipes stand in the way."""
        import pandas as pd  # noqa: PLC0415

        rows = [(one.consumer, one.missing / 1e3, one.flow_ratio, ", ".join(one.pipes)) for one in self.shortages]
        frame = pd.DataFrame(rows, columns=["consumer", "missing [kPa]", "flow ratio [-]", "pipes in the way"])
        return frame.astype({"missing [kPa]": float, "flow ratio [-]": float}).set_index("consumer")

    def bottlenecks(self) -> pd.DataFrame:
        """Pipes that stand in the way of short consumers: how many, and how much they miss at most; the worst first."""
        import pandas as pd  # noqa: PLC0415

        count: dict[str, int] = {}
        worst: dict[str, float] = {}
        for one in self.shortages:
            for pipe in one.pipes:
                count[pipe] = count.get(pipe, 0) + 1
                worst[pipe] = max(worst.get(pipe, 0.0), one.missing / 1e3)
        frame = pd.DataFrame({"consumers": count, "largest missing [kPa]": worst})
        frame.index.name = "pipe"
        return frame.sort_values(["consumers", "largest missing [kPa]"], ascending=False)

    def summary(self) -> str:
        """The balance in a few lines."""
        net, fit = self.arrays.net, self.fit
        x = self.ratio()[self.places.inlets]
        changed = sum(len(change.ids or ()) for change in self.scenario.changes if change.column == "opening")
        lines = [f"{net.name}: {self.target}; {'balanced already, nothing to set' if self.left_alone else f'{changed} valves to set'}"]
        if self.opened:
            rest = f" and {len(self.opened) - 8} more" if len(self.opened) > 8 else ""
            lines.append(f"{len(self.opened)} inlets were found shut and are opened: {', '.join(self.opened[:8])}{rest}")
        lines += [
            f"index circuit: {one.consumer} (driven by {', '.join(one.plants) or 'lifts and speeds that stay as they are'}"
            f"), its valve stays open"
            for one in self.index
        ]
        for name, row in self.devices().iterrows():
            if row["table"] != "valve" and row["before"] != row["after"]:
                digits = 3 if row["table"] == "pump" else 1
                lines.append(f"{row['table']} {name}: {row['column']} {row['before']:.{digits}f} -> {row['after']:.{digits}f}")
        if x.size:
            lines.append(f"flow over wanted: {x.min():.3f} to {x.max():.3f} (before {self._before(min)} to {self._before(max)})")
        if self.shortages:
            lines.append(f"{len(self.shortages)} consumers stay short of pressure; the others get {fit.share.min():.2f} of what is wanted:")
            lines += [
                f"  {one.consumer}: {one.missing / 1e3:.1f} kPa missing, flow ratio {one.flow_ratio:.2f}; "
                f"in the way: {', '.join(one.pipes[:4]) or 'no steep pipe, the lift is too small'}"
                for one in self.shortages[:10]
            ]
        if self.missed:
            lines.append(f"not balanced: off target although no pressure is missing, {len(self.missed)} in all:")
            lines += [
                f"  {one.consumer}: flow ratio {one.flow_ratio:.3f}{'' if one.settable else ', its valve is not to be set'}"
                for one in self.missed[:10]
            ]
            lines += [f"  and {len(self.missed) - 10} more"] if len(self.missed) > 10 else []
        return "\n".join(lines)

    def _before(self, of: Callable[[Floats], float]) -> str:
        return f"{of(self.ratio(self.before)[self.places.inlets]):.3f}"

    def devices(self) -> pd.DataFrame:
        """One line a branch valve, drive or turned controller of an inlet that may be set: value before and after."""
        return devices(self)


def index_circuits(state: State, places: Places, fit: Fit) -> tuple[Index, ...]:
    """The index circuit of every part."""
    net, way = state.arrays.net, water_paths(state)
    found = []
    for part, row in enumerate(fit.index.tolist()):
        if row < 0:
            continue
        drives = [*net[Plant].id[places.lifts[places.lift_part == part]], *net[Pump].id[places.pumps[places.pump_part == part]]]
        pipes = _pipes(state, [*way.supply(_end(state, row, True)), *way.back(_end(state, row, False))])
        found.append(Index(str(net[Consumer].id[row]), tuple(map(str, drives)), pipes, float(fit.margin[row])))
    return tuple(found)


def shortages(state: State, fit: Fit, steep: float) -> tuple[Shortage, ...]:
    """Who is short at full flows, and which pipes on the way lose most beyond a gradient `steep` [Pa/m].

    For the worst ones as many pipes as explain the shortage, for the others the worst pipe on the way there and that on the way back.
    """
    net, way = state.arrays.net, water_paths(state)
    excess = np.zeros(state.arrays.edges)
    pipe, span = state.of(Pipe), state.of(Consumer)
    excess[pipe] = np.nan_to_num(np.abs(state.loss(Pipe))) - steep * net[Pipe].length
    rows = np.flatnonzero(fit.missing > 0.0)
    rows = rows[np.argsort(-fit.missing[rows], kind="stable")]
    if not rows.size:
        return ()
    found = []
    ratio = state.m[span] / fit.wanted
    many = _worst_pipes(state, way, excess, rows[DETAILED:].astype(np.int32), fit.missing)
    for rank, row in enumerate(rows.tolist()):
        if rank < DETAILED:
            edges = [*way.supply(_end(state, row, True)), *way.back(_end(state, row, False))]
            told = _pipes(state, _explain(edges, excess, float(fit.missing[row])))
        else:
            told = many[rank - DETAILED]
        found.append(Shortage(str(net[Consumer].id[row]), float(fit.missing[row]), float(ratio[row]), told))
    return tuple(found)


def _worst_pipes(state: State, way: Paths, excess: Floats, rows: Ints, missing: Floats) -> list[tuple[str, ...]]:
    """The worst pipe on the way there or back of each consumer of `rows`; both where one does not explain what is missing."""
    ids, span, pipe = state.arrays.net[Pipe].id, state.of(Consumer), state.of(Pipe)
    by_way = [way.gathered(np.maximum(excess, 0.0), largest=True, back=back)[1] for back in (False, True)]
    both = np.stack([edge[ends[span][rows]] for edge, ends in zip(by_way, (state.arrays.tail, state.arrays.head), strict=True)])
    loses = np.where((both >= pipe.start) & (both < pipe.stop), excess[both], 0.0)
    first = np.argmax(loses, axis=0)
    each = np.arange(rows.size)
    top, next_ = loses[first, each], loses[1 - first, each]
    count = (top > 0.0).astype(int) + ((top > 0.0) & (next_ > 0.0) & (top < missing[rows]))
    name = ids[np.clip(both - pipe.start, 0, ids.size - 1)] if ids.size else np.full(both.shape, "")
    pairs = zip(name[first, each].tolist(), name[1 - first, each].tolist(), count.tolist(), strict=True)
    return [(str(a), str(b))[:n] for a, b, n in pairs]


def _explain(edges: list[int], excess: Floats, missing: float) -> list[int]:
    """Edges of largest excess [Pa], as many as make up what is missing."""
    told, total = [], 0.0
    for e in sorted((e for e in edges if excess[e] > 0.0), key=lambda e: -excess[e]):
        if total >= missing:
            break
        told.append(e)
        total += float(excess[e])
    return told


def _end(state: State, row: int, supply: bool) -> int:
    span = state.of(Consumer)
    return int((state.arrays.tail if supply else state.arrays.head)[span][row])


def _pipes(state: State, edges: list[int]) -> tuple[str, ...]:
    span, ids = state.of(Pipe), state.arrays.net[Pipe].id
    return tuple(str(ids[e - span.start]) for e in edges if span.start <= e < span.stop)

