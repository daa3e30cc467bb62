"""Cases for tests of batch runs, made in memory."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import numpy as np
from cities import line

from heatnet import Building, Case, Change, Network, Scenario, Settings, Site, profile
from heatnet.batch.axes import Axis
from heatnet.batch.events import Event
from heatnet.batch.keep import Keep
from heatnet.batch.mass import mass_classes
from heatnet.batch.plan import FALL, Plan, Season
from heatnet.units import KELVIN
from heatnet.weather import Weather

START = datetime(2022, 1, 10)
ROOM = "building.temperature"


def net(users: int = 3, **more: object) -> Network:
    """Homes in line, with area and fee."""
    made = line(users, loss=0.3, diameter=0.08, site=Site(fee=38.32), **more)
    return made.with_(Building, area=2000.0, households=20.0)


def weather(outdoor: object) -> Weather:
    """Weather from hourly temperatures in degC."""
    return Weather("made", START, np.asarray(outdoor, dtype=float) + KELVIN)


def season(outdoor: object, *events: Event, mass: str = "1R1C", gains: object = 1.0, fall: float = FALL, **more: object) -> Case:
    """A season of the homes in line."""
    keep = Keep((ROOM, "plant.heat"), ((ROOM, ("min", "mean", "max", "q05", "q50", "degree_hours", "hours_below")),))
    run = Season(weather(outdoor), None, np.broadcast_to(np.asarray(gains, dtype=float), (24,)), mass, mass_classes(), events, fall)
    return case(net(**more), keep=keep, season=run)


def case(model: Network, *axes: Axis, keep: Keep | None = None, season: Season | None = None) -> Case:
    """A case of a network."""
    plan = Plan(axes, keep or Keep((ROOM,)), season, "text")
    return Case("test", model, Scenario(""), Settings(friction="altshul"), profile("hlj_2021"), plan=plan)


def many(count: int, users: int = 6) -> Case:
    """Many weathers of the homes in line."""
    cold = tuple((Change("site", "outdoor", KELVIN - 30.0 + 30.0 * at / count),) for at in range(count))
    keep = Keep((ROOM, "pipe.flow"), ((ROOM, ("min", "mean", "q05", "degree_hours")), ("plant.heat", ("mean",))))
    return case(net(users), Axis("outdoor", tuple(f"{at}" for at in range(count)), cold), keep=keep)


def without(made: Case, **season: object) -> Case:
    """The same case with fields of its season changed."""
    assert made.plan.season is not None
    return replace(made, plan=replace(made.plan, season=replace(made.plan.season, **season)))
