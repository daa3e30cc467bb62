"""Balance: settings as a scenario, with what they rest on."""

from __future__ import annotations

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
from heatnet.balance.shortage import Shortage, pipe_names
from heatnet.balance.telling import backward, summary
from heatnet.change import Scenario
from heatnet.components import Consumer, Pipe, Plant, Pump, Valve
from heatnet.components.valve import KV
from heatnet.rooms import water_paths
from heatnet.schema import Floats
from heatnet.solve import State

if TYPE_CHECKING:
    import pandas as pd



@dataclass(frozen=True)
class Index:
    """The circuit that decides the lift of a part: its valve stays open."""

    consumer: str
    plants: tuple[str, ...]  # and pumps, whose lift or speed it decides
    pipes: tuple[str, ...]  # from the plant and back
    margin: float  # Pa left over at its inlet; below zero it is short


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
        """One line a consumer that pressure does not suffice for, the worst first: what is missing or why, what is in the way."""
        import pandas as pd  # noqa: PLC0415

        rows = [(one.consumer, one.missing / 1e3, one.flow_ratio, one.reason, ", ".join(one.pipes)) for one in self.shortages]
        frame = pd.DataFrame(rows, columns=["consumer", "missing [kPa]", "flow ratio [-]", "reason", "pipes in the way"])
        return frame.astype({"missing [kPa]": float, "flow ratio [-]": float}).set_index("consumer")

    def bottlenecks(self) -> pd.DataFrame:
        """Pipes that stand in the way of short consumers: how many, and how much they miss at most; the worst first."""
        import pandas as pd  # noqa: PLC0415

        count: dict[str, int] = {}
        worst: dict[str, float] = {}
        for one in self.shortages:
            for pipe in one.pipes:
                count[pipe] = count.get(pipe, 0) + 1
                worst[pipe] = max(worst.get(pipe, 0.0), 0.0 if np.isnan(one.missing) else one.missing / 1e3)
        frame = pd.DataFrame({"consumers": count, "largest missing [kPa]": worst})
        frame.index.name = "pipe"
        return frame.sort_values(["consumers", "largest missing [kPa]"], ascending=False)

    def summary(self, lang: str = "en") -> str:
        """The balance in a few lines, in "zh" or "en"; ValueError for another language."""
        return summary(self, lang)

    @cached_property
    def backward(self) -> tuple[str, ...]:
        """Open inlets that water runs backward through with the settings, the most water first."""
        return backward(self)

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
        pipes = pipe_names(state, [*way.supply(_end(state, row, True)), *way.back(_end(state, row, False))])
        found.append(Index(str(net[Consumer].id[row]), tuple(map(str, drives)), pipes, float(fit.margin[row])))
    return tuple(found)


def _end(state: State, row: int, supply: bool) -> int:
    span = state.of(Consumer)
    return int((state.arrays.tail if supply else state.arrays.head)[span][row])
