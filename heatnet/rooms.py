"""Rooms: indoor temperature, deficit and refund of every building, and the cause of each deficit.

Cause by substitution: the room as it would be (a) at design flow, (b) at the plant's supply temperature without loss on the
way, (c) with the design heat loss coefficient, (d) with the designed radiators, (e) with the exchanger before it at its set
temperature; the substitution that warms the room most names the cause, and all five temperatures are kept. Behind an exchanger
(b) leaves its outlet as it is: the loss counted there is that of its own secondary network. A home to which no open way leads
from a plant in service is cut off, whatever a substitution would do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from heatnet.arrays import Arrays
from heatnet.components import Consumer, Exchanger, Pipe, Plant, Scene, Secondary
from heatnet.errors import HeatnetError
from heatnet.network import Building, Node
from heatnet.paths import Paths, paths
from heatnet.profile import Profile, profile
from heatnet.schema import Bools, Floats, Ints, Texts
from heatnet.solve import State, exchange, thermal
from heatnet.solve.devices import consumer_states
from heatnet.solve.task import entering
from heatnet.solve.thermal import STILL, Field
from heatnet.units import KELVIN

if TYPE_CHECKING:
    import pandas as pd

CAUSES = ("flow", "supply", "envelope", "radiator", "substation")
CUT_OFF, SHUT, OTHER = "cut_off", "shut", "other"  # causes that no substitution tells
SETTLED = 1e-4  # K, of temperatures that only tell causes
NEGLIGIBLE = 1e-3  # K, no deficit: a network balanced to the requirement would count as cold by rounding
CLEAR = 0.05  # K, a substitution that warms a room by less explains nothing


@dataclass(frozen=True)
class Rooms:
    """One entry a building, (n,); temperatures in K."""

    state: State
    profile: Profile
    temperature: Floats  # room
    heat: Floats  # W received
    demand: Floats  # W for the design indoor temperature at this weather
    flow_ratio: Floats  # - actual over design flow of its inlet
    supply: Floats  # supply temperature at its inlet
    outlet: Floats  # return temperature of its radiators
    deficit: Floats  # K below what the profile requires, 0 if none
    refund: Floats  # currency per day, NaN where fee or area are not given
    cause: Texts  # one of CAUSES, "cut_off", "shut" (its inlet), "other" where no substitution helps, "" where there is no deficit
    substituted: Floats  # (5, n) room under each substitution, in the order of CAUSES
    bottleneck: Ints  # edge number of the steepest pipe on its path, -1 where unknown
    gradient: Floats  # Pa/m of that pipe
    distance: Floats  # m of supply pipe from the plant, or from the exchanger of its network

    @property
    def inlet(self) -> Texts:
        """State of the inlet of every building: fixed, served, starved, cold, shut, back (heatnet.solve.devices), (n,)."""
        return consumer_states(self.state)[0][self.state.scene.terminals.consumer]

    @property
    def missing(self) -> Floats:
        """Pressure difference that its inlet lacks for the flow it wants [Pa], (n,)."""
        return consumer_states(self.state)[1][self.state.scene.terminals.consumer]

    @property
    def cold(self) -> Bools:
        """Buildings below the required temperature, (n,)."""
        return np.asarray(self.deficit > 0.0)

    @property
    def over(self) -> Bools:
        """Buildings above the temperature from which a room counts as over-heated, (n,)."""
        return np.asarray(self.temperature > self.profile.over)

    def frame(self) -> pd.DataFrame:
        """Table of all buildings, units in the header."""
        import pandas as pd  # noqa: PLC0415  pandas takes 0.4 s to load

        building = self.state.arrays.net[Building]
        pipes = self.state.arrays.net[Pipe].id
        columns = {
            "name": building.name, "street": building.street, "district": building.district, "consumer": building.consumer,
            "households": building.households, "area [m2]": building.area,
            "room [degC]": self.temperature - KELVIN, "deficit [K]": self.deficit, "cause": self.cause,
            "refund per day": self.refund, "flow ratio [-]": self.flow_ratio, "supply [degC]": self.supply - KELVIN,
            "return [degC]": self.outlet - KELVIN, "heat [kW]": self.heat / 1e3, "demand [kW]": self.demand / 1e3,
        }
        columns |= {f"room at design {name} [degC]": row - KELVIN for name, row in zip(CAUSES, self.substituted, strict=True)}
        columns["bottleneck pipe"] = np.array([pipes[e] if e >= 0 else "" for e in self.bottleneck], dtype=object)
        columns["gradient there [Pa/m]"] = self.gradient
        columns["distance [m]"] = self.distance
        columns |= {"inlet": self.inlet, "missing [kPa]": self.missing / 1e3}
        return pd.DataFrame(columns, index=pd.Index(building.id, name="id"))


def rooms(state: State, rule: Profile | str | None = None) -> Rooms:
    """Rooms of a converged state under a regulation profile (the site's own if none is named).

    ValueError for a state that is no answer: it must never pass for one; HeatnetError for one solved without temperatures.
    """
    if not state.converged:
        raise ValueError(f"the state is not an answer: {state.message}")
    net = state.arrays.net
    if not state.settings.heat and len(net[Building]):
        raise HeatnetError("solved without temperatures (heat = false): rooms cannot be told; solve with heat")
    rule = rule if isinstance(rule, Profile) else profile(rule or net.site.profile)
    part = state.scene.terminals
    at = part.consumer
    span = state.of(Consumer)
    flow = np.abs(state.m[span])[at] * part.share
    supply, cp = state.t_in[span][at], state.fluid(Consumer).cp[at]
    room, heat = received(state, flow, supply, cp)
    deficit = np.maximum(rule.required - room, 0.0)
    deficit[deficit < NEGLIGIBLE] = 0.0
    ratio = np.where(part.design_flow > 0.0, state.m[span][at] * part.share / part.design_flow, np.nan)
    way = water_paths(state)
    substituted = _substitutions(state, flow, supply, cp, room)
    steep = _gradient(state)
    node = state.arrays.tail[span][at]
    end = state.arrays.head[span][at]
    on_supply, supply_edge = way.gathered(steep, largest=True)
    on_return, return_edge = way.gathered(steep, largest=True, back=True)
    worst = on_supply[node] >= on_return[end]
    steepest = np.where(worst, supply_edge[node], return_edge[end])
    length = np.zeros(state.arrays.edges)
    length[state.of(Pipe)] = net[Pipe].length
    building = net[Building]
    fee = net.site.fee * building.area / net.site.season_days
    outlet = supply - heat / np.maximum(flow * cp, 1e-300)
    radiators = (net[Consumer].control != "load")[at]  # theirs is above the room, however little water flows and rounding counts
    outlet = np.where(radiators, np.maximum(outlet, np.minimum(room, supply)), outlet)
    return Rooms(
        state, rule, room, heat, part.demand, ratio, supply, np.where(flow > STILL, outlet, np.nan), deficit,
        rule.refund_share(np.where(deficit == 0.0, np.maximum(room, rule.required), room)) * fee,
        _cause(deficit > 0.0, substituted, room, cut_off(state)[at], state.arrays.closed[span][at]), substituted,
        np.where(steepest < len(net[Pipe]), steepest, -1).astype(np.int32), np.where(worst, on_supply[node], on_return[end]),
        way.gathered(length)[0][node],
    )


def water_paths(state: State) -> Paths:
    """Paths of water of a state: from a plant, or from the exchanger that feeds the network, and back to it."""
    arrays = state.arrays
    plant = np.zeros(arrays.edges, dtype=bool)
    plant[state.of(Plant)] = plant[state.of(Secondary)] = True
    return paths(arrays.nodes, arrays.tail, arrays.head, state.m, plant)


def received(state: State, flow: Floats, supply: Floats, cp: Floats) -> tuple[Floats, Floats]:
    """Room and heat of every building: by its radiators, or its share of a heat that its consumer takes as given."""
    part, consumer = state.scene.terminals, state.arrays.net[Consumer]
    room, heat, _ = part.rooms(supply, flow, cp)
    given = (consumer.control == "load")[part.consumer]
    if given.any():
        by_demand = part.demand / np.maximum(consumer.behind(part.demand, state.scene), 1e-300)[part.consumer]
        taken = np.maximum(state.heat(Consumer), 0.0)[part.consumer] * by_demand
        heat = np.where(given, taken, heat)
        room = np.where(given, part.balance + heat / part.conductance, room)
    return room, heat


def _substitutions(state: State, flow: Floats, supply: Floats, cp: Floats, room: Floats) -> Floats:
    """Room of every building under each of the five substitutions, (5, n)."""
    part, consumer, span = state.scene.terminals, state.arrays.net[Consumer], state.of(Consumer)
    hottest = exchange.hottest(state.arrays, state.scene, span)
    dry = np.abs(state.m[span]) <= STILL  # no water comes: with design flow it would come about as warm as it leaves the plant
    fired = state.scene.supply.size > 0
    inlet = np.where(dry & fired, hottest, state.t_in[span])
    start = np.where(state.m[span] >= 0.0, state.arrays.tail[span], state.arrays.head[span])
    apart = ~_warmed(state)[start]  # water that goes round without any from a plant
    lossless = np.where((dry | apart) & fired, hottest, supply_without_loss(state)[span])
    regulated = np.where(dry, hottest, supply_as_set(state)[span]) if len(state.arrays.net[Exchanger]) else inlet
    result = np.stack([
        part.rooms(inlet[part.consumer], part.design_flow, cp)[0],
        part.rooms(lossless[part.consumer], flow, cp)[0],
        part.rooms(supply, flow, cp, conductance=part.design_conductance, balance=part.design_balance)[0],
        part.rooms(supply, flow, cp, kappa=part.design_kappa)[0],
        part.rooms(regulated[part.consumer], flow, cp)[0] if regulated is not inlet else room,
    ])
    given = (consumer.control == "load")[part.consumer]
    if given.any():  # heat-driven: what reaches it is bounded by flow and by the drop its supply leaves
        heat = (room - part.balance) * part.conductance
        now, best, kept = (np.minimum(consumer.usable(t, state.scene), 1e6)[part.consumer] for t in (inlet, lossless, regulated))
        asked = np.maximum(part.demand, heat)
        enough = asked * np.minimum(now / np.maximum(best, 1e-9), 1.0)  # its design flow is what carries its load undiminished
        hot, as_set = np.minimum(asked, flow * cp * best), np.minimum(asked, flow * cp * kept)
        result[:, given] = np.stack([
            part.balance + enough / part.conductance, part.balance + np.maximum(hot, heat) / part.conductance,
            part.design_balance + heat / part.design_conductance, room, part.balance + np.maximum(as_set, heat) / part.conductance,
        ])[:, given]
    return result


def _warmed(state: State) -> Bools:
    """Nodes that water of a plant or an exchanger reaches, (nodes,)."""
    arrays, m = state.arrays, state.m
    sources = np.concatenate([np.arange(span.start, span.stop) for span in (state.of(Plant), state.of(Secondary))])
    live = np.flatnonzero(np.abs(m) > STILL)
    up, down = np.where(m >= 0.0, arrays.tail, arrays.head)[live], np.where(m >= 0.0, arrays.head, arrays.tail)[live]
    begin = np.unique(np.where(m >= 0.0, arrays.head, arrays.tail)[sources[np.abs(m[sources]) > STILL]])
    outside = np.full(begin.size, arrays.nodes)
    ends = np.concatenate([up, outside]), np.concatenate([down, begin])
    graph = csr_array((np.ones(ends[0].size), ends), shape=(arrays.nodes + 1, arrays.nodes + 1))
    reached = np.zeros(arrays.nodes + 1, dtype=bool)
    reached[breadth_first_order(graph, arrays.nodes, return_predecessors=False)] = True
    return reached[:-1]


def supply_without_loss(state: State) -> Floats:
    """Inlet temperature of every edge [K] at the same flows, were no heat lost by any pipe and no plant short of heat, (edges,).

    Exchangers give their secondary networks the temperature that they give them now.
    """
    ideal = {Pipe: {"loss": 0.0}, Plant: {"capacity": np.nan}}
    parts = tuple(replace(part, table=part.table.with_(**ideal.get(type(part.table), {}))) for part in state.arrays.parts)
    given = replace(state.scene, secondary=state.t_out[state.of(Secondary)])
    return _inlets(replace(state.arrays, parts=parts), state, given, np.ones(len(given.secondary), dtype=bool))


def supply_as_set(state: State) -> Floats:
    """Inlet temperature of every edge [K] at the same flows, did every regulating exchanger keep its set temperature, (edges,)."""
    regulates = np.asarray(state.arrays.net[Exchanger].control == "supply")
    kept = np.where(regulates, np.maximum(state.scene.secondary, state.t_out[state.of(Secondary)]), state.t_out[state.of(Secondary)])
    return _inlets(state.arrays, state, replace(state.scene, secondary=kept), np.ones(kept.size, dtype=bool))


def _inlets(arrays: Arrays, state: State, scene: Scene, keeps: Bools) -> Floats:
    """Inlet temperatures [K] of other laws at the flows of a state; `keeps` marks exchangers that hold their temperature in `scene`."""
    mean = thermal.means(arrays, np.abs(state.m), state.t_in, state.t_out, state.settings.water)
    field = Field(state.t, state.t_in, state.t_out, mean, state.still)
    lines = thermal.wiring(arrays)
    for _ in range(50):
        fluid = thermal.fluids(arrays, state.settings.water, field)
        new = thermal.sweep(arrays, lines, state.m, field, fluid, scene, state.settings.water, entering(arrays, state.m), keeps)
        change = float(np.abs(new.node - field.node).max(initial=0.0))
        field = replace(new)
        if change < SETTLED:
            break
    return field.inlet


def _gradient(state: State) -> Floats:
    """Pressure gradient of every pipe [Pa/m], zero for other edges, (edges,)."""
    length = state.arrays.net[Pipe].length
    steep = np.zeros(state.arrays.edges)
    loss = np.nan_to_num(np.abs(state.loss(Pipe)))
    steep[state.of(Pipe)] = np.where(length > 0.0, loss / np.where(length > 0.0, length, 1.0), 0.0)
    return steep


def cut_off(state: State) -> Bools:
    """Consumers to which no open way leads from a plant in service, but through other consumers or back through plants, (consumers,)."""
    arrays = state.arrays
    open_ = ~state.arrays.closed
    primary, secondary = state.of(Exchanger), state.of(Secondary)
    starts = arrays.head[state.of(Plant)][open_[state.of(Plant)]]
    line = open_.copy()
    for kind in (Plant, Consumer, Exchanger, Secondary):
        line[state.of(kind)] = False
    ends = (np.concatenate([arrays.tail[line], arrays.tail[primary]]), np.concatenate([arrays.head[line], arrays.head[secondary]]))
    graph = csr_array((np.ones(ends[0].size), ends), shape=(arrays.nodes, arrays.nodes))
    label = connected_components(graph, directed=False)[1]
    fed = np.isin(label, label[np.concatenate([starts, np.flatnonzero(arrays.net[Node].inflow > 0.0)])])
    return np.asarray(~fed[arrays.tail[state.of(Consumer)]])


def _cause(cold: Bools, substituted: Floats, room: Floats, cut: Bools, shut: Bools) -> Texts:
    best = np.argmax(substituted, axis=0) if substituted.size else np.zeros(0, dtype=int)
    names = np.array(CAUSES, dtype=object)[best]
    helps = (substituted.max(axis=0) if substituted.size else room) > room + CLEAR
    told = np.where(cut, CUT_OFF, np.where(shut, SHUT, np.where(helps, names, OTHER)))
    return np.where(cold, told, "").astype(object)
