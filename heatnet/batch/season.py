"""A season hour by hour: buildings with thermal mass, the network in a steady state every hour.

Within an hour a building acts on its radiators like one in steady state (heatnet.batch.mass), so each hour is one coupled solve,
warm from the hour before. Loads take what the buildings need on average; their rooms follow the heat they get.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from heatnet.batch.events import Event
from heatnet.batch.hours import Place
from heatnet.batch.keep import Homes, Keep, Tally, daily_fee, rooms_of, values
from heatnet.batch.mass import Mass, masses
from heatnet.batch.plan import Season
from heatnet.change import Scenario
from heatnet.components import Consumer, Scene
from heatnet.network import Building
from heatnet.profile import Profile
from heatnet.rooms import NEGLIGIBLE
from heatnet.schema import Bools, Floats
from heatnet.solve import Settings, State
from heatnet.weather.series import DAY


@dataclass(frozen=True)
class Walked:
    """Some days of a season."""

    about: dict[str, Any]
    each: dict[str, Any]
    homes: dict[str, Any]
    carry: Floats | None  # None where an hour had no answer


@dataclass(frozen=True)
class Hour:
    """One hour: its state and what it left behind."""

    state: State
    room: Floats  # (n,) K, mean of the hour
    heat: Floats  # (n,) W
    nodes: Floats  # (nodes, n) K, at its end


class Diary:
    """What a season says of each building: refunds by the daily rule, energy, and hours until it fell."""

    def __init__(self, place: Place, rule: Profile, season: Season) -> None:
        size = len(place.arrays.net[Building])
        self.rule, self.season, self.fee = rule, season, daily_fee(place.arrays.net)
        self.homes: dict[str, Any] = {"refund_days": np.zeros(size), "refund": np.zeros(size), "energy": np.zeros(size)}
        self.homes |= {f"fall_{number}": np.full(size, np.nan) for number in range(len(season.events))}
        self.day = np.full(size, np.inf)
        self.quiet = rule.quiet_hours()

    def hour(self, number: int, before: Floats, now: Hour) -> None:
        """One hour more, from rooms `before` [K] at its start."""
        clock = number % DAY
        if not self.quiet[clock]:
            np.fmin(self.day, now.room, out=self.day)
        self.homes["energy"] += now.heat * 3600.0
        if clock == DAY - 1:
            counted = np.where(self.day > self.rule.required - NEGLIGIBLE, np.maximum(self.day, self.rule.required), self.day)
            share = self.rule.refund_share(counted)
            self.homes["refund_days"] += share > 0.0
            self.homes["refund"] += share * self.fee
            self.day[:] = np.inf
        for at, event in enumerate(self.season.events):
            if event.first <= number < event.last:
                self._falls(f"fall_{at}", number - event.first, before, now.nodes[0])

    def _falls(self, name: str, since: int, before: Floats, after: Floats) -> None:
        """Hours from the start of an event until the room passes the limit, by a line within the hour."""
        limit, known = self.season.fall, self.homes[name]
        drop = np.maximum(before - after, 1e-12)
        when = np.where(before < limit, since, since + np.clip((before - limit) / drop, 0.0, 1.0))
        falls = np.isnan(known) & ((before < limit) | (after < limit))
        known[falls] = when[falls]


class Course:
    """The network hour by hour: which events are under way, and what solving took."""

    def __init__(self, place: Place, settings: Settings, season: Season) -> None:
        self.settings, self.season = settings, season
        self.variants: dict[tuple[int, ...], Place] = {(): place}
        self.active: tuple[int, ...] = ()
        self.steps = self.passes = 0
        self.worst: dict[str, float] = {}

    def at(self, number: int) -> tuple[Place, float, bool]:
        """Place and outdoor temperature [K] of an hour, and whether its network is that of the hour before."""
        events, before = self.season.events, self.active
        self.active = tuple(at for at, event in enumerate(events) if event.first <= number < event.last)
        if self.active not in self.variants:
            self.variants[self.active] = changed(self.variants[()], self.settings, [events[at] for at in self.active])
        outdoor = float(self.season.weather.outdoor[number]) + sum(events[at].shift for at in self.active)
        return self.variants[self.active], outdoor, self.active == before

    def count(self, state: State) -> None:
        """One answer more."""
        self.steps, self.passes = self.steps + state.steps, self.passes + state.passes
        for name, value in vars(state.residuals).items():
            self.worst[name] = max(self.worst.get(name, 0.0), value)

    def tell(self, state: State, hour: int | None = None) -> dict[str, Any]:
        """How the hours ended; steps and passes of all, residuals the largest."""
        residuals = {f"residual_{name}": self.worst.get(name, np.nan) for name in vars(state.residuals)}
        detail = state.detail if hour is None else f"{self.season.weather.time(hour):%Y-%m-%d %H:%M}: {state.detail}"
        return {"status": state.status.name, "detail": detail, "steps": self.steps, "passes": self.passes, "beside": 0, **residuals}


def walk(
    place: Place, settings: Settings, rule: Profile, season: Season, block: int, carry: Floats | None, keep: Keep, counted: dict[str, Tally]
) -> Walked:
    """The hours of a block from the rooms `carry` (steady where None); values go into the tallies `counted`."""
    building = place.arrays.net[Building]
    stay = masses(season.mass, building, place.solver.scene.terminals, season.classes)
    course, diary, free = Course(place, settings, season), Diary(place, rule, season), place.radiators()
    kept: dict[str, list[Any]] = {name: [] for name in keep.each}
    state: State | None = None
    nodes, span = carry, season.span(block)
    first = season.spin_up(block).start if carry is None else span.start
    for number in range(first, span.stop):
        here, outdoor, same = course.at(number)
        gains = building.gains * season.gains[number % DAY]
        scene = here.scene(outdoor, None if season.ground is None else float(season.ground[number]), gains)
        if nodes is None:
            nodes, state = begin(here, stay, scene, season, gains, number)
            if not state.converged:
                return Walked(course.tell(state, number), {}, {}, None)
        now = hour(here, stay, scene, nodes, gains, free, state if same or number == first else None)
        state, before, nodes = now.state, nodes[0], now.nodes
        if not state.converged:
            return Walked(course.tell(state, number), {}, {}, None)
        if number < span.start:
            continue
        course.count(state)
        found = values(state, keep.asked, rule, homes(here, rule, now, outdoor, gains, scene))
        for name in keep.each:
            kept[name].append(found[name])
        for name, tally in counted.items():
            tally.add(found[name])
        diary.hour(number, before, now)
    assert state is not None
    return Walked(course.tell(state), {name: np.stack(rows) for name, rows in kept.items()}, diary.homes, nodes)


def changed(place: Place, settings: Settings, events: list[Event]) -> Place:
    """The place while events are under way."""
    changes = tuple(change for event in events for change in event.changes)
    return Place.of(place.arrays.with_changes(Scenario("event", changes), checked=True), settings) if changes else place


def begin(place: Place, stay: Mass, scene: Scene, season: Season, gains: Floats, number: int) -> tuple[Floats, State]:
    """Temperatures before an hour: steady at the mean of the day that follows."""
    outdoor = float(season.weather.outdoor[number : number + DAY].mean())
    state = place.solve(place.scene(outdoor, scene.ground, gains))
    if not state.converged:
        return np.full((stay.nodes, gains.size), np.nan), state
    _, heat = rooms_of(state)
    return stay.steady(outdoor, heat + gains), state


def hour(
    place: Place, stay: Mass, scene: Scene, nodes: Floats, gains: Floats, free: Bools, start: State | None
) -> Hour:
    """One hour from the temperatures `nodes` of the buildings."""
    part = scene.terminals
    acts, balance = stay.effective(nodes, scene.outdoor, gains)
    terminals = replace(part, conductance=np.where(free, acts, part.conductance), balance=np.where(free, balance, part.balance))
    state = place.solve(replace(scene, terminals=terminals), start)
    if not state.converged:
        return Hour(state, balance, np.zeros_like(balance), nodes)
    room, heat = rooms_of(state)
    mean = np.where(free, room, balance + heat / acts)
    return Hour(state, mean, heat, stay.after(nodes, scene.outdoor, heat + gains))


def homes(place: Place, rule: Profile, now: Hour, outdoor: float, gains: Floats, scene: Scene) -> Homes:
    """What can be said of every building in an hour."""
    part, state = scene.terminals, now.state
    span = state.of(Consumer)
    flow = state.m[span][part.consumer] * part.share
    deficit = np.maximum(rule.required - now.room, 0.0)
    deficit[deficit < NEGLIGIBLE] = 0.0
    ratio = np.where(part.design_flow > 0.0, flow / part.design_flow, np.nan)
    counted = np.where(deficit == 0.0, np.maximum(now.room, rule.required), now.room)
    refund = rule.refund_share(counted) * daily_fee(place.arrays.net)
    return Homes(now.room, now.heat, part.demand, ratio, state.t_in[span][part.consumer], deficit, refund)
