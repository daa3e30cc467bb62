"""What the sections of a report read: one scenario of a store, its words and limits, and figures that several sections share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cached_property
from math import nan
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from heatnet.components import Consumer, Exchanger, Pipe, Plant, Secondary
from heatnet.errors import HeatnetError
from heatnet.messages import told
from heatnet.network import Building, Network, Node
from heatnet.paths import Paths
from heatnet.regime import static_pressures
from heatnet.report import forms
from heatnet.report.document import Cell, Head
from heatnet.report.forms import Form
from heatnet.report.words import Words
from heatnet.rooms import Rooms, water_paths
from heatnet.schema import Bools, Floats, Ints, Texts
from heatnet.solve import State
from heatnet.store import Store
from heatnet.units import KELVIN

if TYPE_CHECKING:
    import pandas as pd



@dataclass(frozen=True)
class Limits:
    """Limits from which a report flags; one's own from a file by `heatnet.report.limits.read`."""

    low: float = 0.9  # - flow ratio x, JGJ/T 132: hydraulic balance degree from 0.9
    high: float = 1.2  # - ... to 1.2
    starved: float = 0.5  # - flow ratio flagged as starved; a choice, not of a standard
    gradient: float = 300.0  # Pa/m, branches of a primary network by CJJ 34 (unverified)
    speed: float = 3.5  # m/s, the same (unverified)
    slow: float = 0.3  # m/s, below it air and dirt settle; usual practice (unverified)
    slow_diameter: float = 0.05  # m, narrower pipes are not flagged as slow
    loss_share: float = 0.08  # - heat lost by the pipes of what the plants give, JGJ/T 132: transport efficiency 0.92 (unverified)
    leakage: float = 0.01  # - water lost over circulation that a network usually has: 0.5 % good, 1 to 3 % poor; unverified
    make_up_accident: float = 0.04  # - of circulation that make-up must be able to give in an accident; usual practice, unverified
    make_up: float = 0.01  # - make-up over circulation, JGJ/T 132 0.5 % to 1 % (unverified)
    qualified: float = 0.9  # - share of households within the rule, draft of a provincial standard 2020 (unverified)
    hot_spot: float = 100.0  # m, radius of a hot-spot of complaints; a choice, not of a standard
    chance: float = 0.01  # - of so many complaints without a reason, below which they are a hot-spot; a usual level of significance
    complaint_weeks: float = nan  # weeks over which the complaints of the model came; rates are a week where it is given
    heat_price: float = nan  # currency per J; nothing is priced where it is not given
    power_price: float = nan  # currency per J


@dataclass(frozen=True)
class View:
    """One scenario as the sections read it."""

    store: Store
    state: State
    rooms: Rooms
    scenario: str
    say: Words
    limits: Limits
    user: str | None
    warnings: tuple[str, ...]

    @property
    def net(self) -> Network:
        """The model of the scenario."""
        return self.state.arrays.net

    @property
    def building(self) -> Building:
        """Its buildings."""
        return self.net[Building]

    @property
    def room(self) -> Floats:
        """Room temperatures [degC], (buildings,)."""
        return self.rooms.temperature - KELVIN

    @property
    def required(self) -> float:
        """Required room temperature [degC]."""
        return self.rooms.profile.required - KELVIN

    @property
    def over(self) -> float:
        """Temperature from which a room is over-heated [degC]."""
        return self.rooms.profile.over - KELVIN

    @property
    def rule(self) -> str:
        """Title of the regulation profile."""
        return self.rooms.profile.title_zh if self.say.lang == "zh" else self.rooms.profile.title_en

    @property
    def currency(self) -> str:
        """The currency in words."""
        return self.say.currency(self.net.site.currency)

    @property
    def per_day(self) -> Form:
        """Form of refunds a day."""
        return forms.money(self.say.per_day(self.net.site.currency))

    @property
    def money(self) -> Form:
        """Form of money."""
        return forms.money(self.currency)

    def text(self, value: float | None, form: Form) -> str:
        """An SI value as printed."""
        return form.text(value, self.say.lang)

    def full(self, value: float | None, form: Form) -> str:
        """An SI value with its unit."""
        return form.full(value, self.say.lang)

    def limit(self, value: float, form: Form, *, unit: bool = False) -> str:
        """A limit (SI) with all its digits, for running text."""
        return form.limit(value, self.say.lang, unit=unit)

    @property
    def band(self) -> tuple[str, str]:
        """Ends of the band of flow ratios in balance, as printed."""
        return self.limit(self.limits.low, forms.RATIO), self.limit(self.limits.high, forms.RATIO)

    def table(self, name: str) -> pd.DataFrame | None:
        """A named table of the store; None where it has none."""
        return self.store.named.get(name)

    @property
    def at(self) -> Ints:
        """Row of the consumer of each building, (buildings,)."""
        return self.state.scene.terminals.consumer

    @property
    def design_flow(self) -> Floats:
        """Design flow of each consumer [kg/s]; NaN where none is known."""
        design = self.net[Consumer].design_flow(self.state.scene)
        return np.where(design > 0.0, design, np.nan)

    @cached_property
    def paths(self) -> Paths:
        """Paths of water."""
        return water_paths(self.state)

    @property
    def weight(self) -> Floats:
        """Deficit times households of each building [K], (buildings,)."""
        return self.rooms.deficit * self.building.households

    @property
    def refund_share(self) -> Floats:
        """Share of the fee that the rule pays back for each building, by its band [-], (buildings,)."""
        rooms, rule = self.rooms, self.rooms.profile
        return rule.refund_share(np.where(rooms.deficit == 0.0, np.maximum(rooms.temperature, rule.required), rooms.temperature))

    @cached_property
    def static_heads(self) -> Floats:
        """Heads at rest, pumps off [m], (2, nodes): lowest and highest static line of the zone of each node; NaN without one."""
        lift = float(self.state.settings.water.density(np.array(self.state.scene.ground))) * self.state.settings.gravity
        return np.asarray(static_pressures(self.state) / lift + self.net[Node].height)

    def speed(self) -> Floats:
        """Speed in each pipe [m/s], (pipes,)."""
        pipe = self.net[Pipe]
        return np.abs(self.state.m[self.state.of(Pipe)]) / (self.state.fluid(Pipe).rho * np.pi / 4 * pipe.diameter**2)

    def gradient(self) -> Floats:
        """Pressure gradient in each pipe [Pa/m], NaN in pipes of no length, (pipes,)."""
        length = self.net[Pipe].length
        return np.abs(self.state.loss(Pipe)) / np.where(length > 0.0, length, np.nan)

    def named(self, building: int) -> str:
        """Name of a building, else its id."""
        return str(self.building.name[building] or self.building.id[building])

    def distance(self) -> Floats:
        """Supply pipe from the plant or the exchanger of its network to each consumer [m]; NaN where no water comes."""
        arrays, pipe = self.state.arrays, np.zeros(self.state.arrays.edges)
        pipe[self.state.of(Pipe)] = self.net[Pipe].length
        paths, node = self.paths, arrays.tail[self.state.of(Consumer)]
        source = np.isin(node, arrays.head[self.state.of(Plant)]) | np.isin(node, arrays.head[self.state.of(Secondary)])
        return np.where((paths.before[node] >= 0) | source, paths.gathered(pipe)[0][node], np.nan)

    @cached_property
    def zone(self) -> Ints:
        """Number of the network that each node lies in; exchangers part networks, closed links join them; (nodes,)."""
        arrays = self.state.arrays
        graph = coo_array((np.ones(arrays.edges), (arrays.tail, arrays.head)), shape=(arrays.nodes, arrays.nodes))
        return np.asarray(connected_components(graph, directed=False)[1])

    def substation(self) -> Ints:
        """Row of the exchanger that feeds each building by the main way of its water, -1 for those fed by a plant, (buildings,).

        Where that way goes round (return water mixed into the supply), it is the only exchanger of that network.
        """
        arrays, paths = self.state.arrays, self.paths
        start = {int(node): row for row, node in enumerate(arrays.head[self.state.of(Secondary)])}
        zone = self.zone
        plants = {int(node) for node in arrays.head[self.state.of(Plant)]}
        inside: dict[int, list[int]] = {int(zone[node]): [] for node in (*start, *plants)}
        for node, row in (*start.items(), *((node, -1) for node in plants)):
            inside[int(zone[node])].append(row)
        found: dict[int, int] = {}
        for node in arrays.tail[self.state.of(Consumer)].tolist():
            edges = paths.supply(node) if start else []
            first = int((paths.tail if paths.forward[edges[0]] else paths.head)[edges[0]]) if edges else node
            only = inside.get(int(zone[node]), [])
            found[node] = start.get(first, only[0] if first not in plants and len(only) == 1 else -1)
        return np.array([found[int(node)] for node in arrays.tail[self.state.of(Consumer)][self.at]], dtype=np.int32)

    def behind(self) -> list[list[int]]:
        """Rows of the buildings behind each consumer."""
        rows: list[list[int]] = [[] for _ in range(len(self.net[Consumer]))]
        for row, consumer in enumerate(self.at):
            rows[consumer].append(row)
        return rows

    def label(self, row: int) -> str:
        """A building in words: id, street and name."""
        building = self.building
        return " ".join(part for part in (building.id[row], building.street[row], building.name[row]) if part)

    def celsius_of(self, kelvin: float) -> str:
        """A temperature as printed in running text, without a needless decimal."""
        return self.limit(kelvin, forms.TEMPERATURE)


def view(
    store: Store, lang: str, user: str | None, limits: Limits, warnings: Sequence[object], scenario: int
) -> View:
    """What the sections read; HeatnetError if the scenario has no answer, KeyError if `user` is no building or consumer."""
    state, rooms, name = store.states[scenario], store.rooms[scenario], store.scenarios[scenario]
    if rooms is None:
        raise HeatnetError(f"scenario '{name}' has no answer to report: {state.message}")
    say = Words(lang)
    found = View(store, state, rooms, name, say, limits, user, tuple(told(warning, say.lang) for warning in warnings))
    if user is not None:
        known = texts(np.concatenate([found.building.id, found.net[Consumer].id]))
        if user not in known:
            near = get_close_matches(user, known, n=1, cutoff=0.5) or known[:1]
            raise KeyError(f"'{user}' is not the id of a building or consumer{f', as {near[0]!r} is' if near else ''}")
    return found


def who(view: View, row: int) -> tuple[Cell, ...]:
    """What names a building in a table: id, name, street, district, households."""
    building = view.building
    return building.id[row], building.name[row], building.street[row], building.district[row], float(building.households[row])


def who_heads(view: View) -> tuple[Head, ...]:
    """Heads of `who`."""
    say = view.say
    names = (Head(say("name")), Head(say("street")), Head(say("district")))
    return (Head(say("building"), link="building"), *names, Head(say("households"), forms.COUNT))


def texts(values: Texts) -> list[str]:
    """Texts of a column as plain strings."""
    return [str(value) for value in values]


def supply_side(state: State) -> Bools:
    """Pipes between plants or exchangers and consumers on the way out, (pipes,); all pipes where both sides hang together."""
    arrays = state.arrays
    inner = np.ones(arrays.edges, dtype=bool)
    for kind in (Plant, Consumer, Exchanger, Secondary):
        inner[state.of(kind)] = False
    ends = arrays.tail[inner], arrays.head[inner]
    graph = coo_array((np.ones(ends[0].size), ends), shape=(arrays.nodes, arrays.nodes))
    side = connected_components(graph, directed=False)[1]
    pipes, sources = state.of(Pipe), np.r_[state.of(Plant), state.of(Secondary)]
    out = np.isin(side[arrays.tail[pipes]], side[arrays.head[sources]])
    back = np.isin(side[arrays.tail[pipes]], side[arrays.tail[sources]])
    return np.ones(out.size, dtype=bool) if not out.any() or (out & back).any() else np.asarray(out)
