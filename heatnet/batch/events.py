"""Events of a season: some hours in which something is different: a plant out, a valve shut, a cold snap on top of the weather.

    [[season.event]]
    name = "boiler fails"
    from = "2022-01-15 06:00"
    hours = 12
    outage = "plant"            # and ids; or table, ids, column, value; or shift = "-8 K" of the outdoor temperature
"""

from __future__ import annotations

from dataclasses import dataclass

from heatnet.batch.axes import OUT
from heatnet.batch.page import Part
from heatnet.change import Change
from heatnet.network import KINDS, Network
from heatnet.weather import Weather

KEYS = ("name", "from", "hours", "outage", "table", "ids", "column", "value", "shift")


@dataclass(frozen=True)
class Event:
    """What is different from hour `first` up to hour `last`, that not included."""

    name: str
    first: int
    last: int
    changes: tuple[Change, ...]
    shift: float = 0.0  # K, of the outdoor temperature


def read_events(season: Part, net: Network, weather: Weather | None) -> tuple[Event, ...]:
    """The events of a season; problems go to its page."""
    items = season.data.get("event", [])
    if not isinstance(items, list) or not all(isinstance(item, dict) for item in items):
        season.add("event is a table of its own, written as [[season.event]]", "event")
        return ()
    found = []
    for number, data in enumerate(items):
        part = Part(season.page, data, "season.event", number)
        if (event := _event(part, number, net, weather)) is not None:
            found.append(event)
    return tuple(found)


def _event(part: Part, number: int, net: Network, weather: Weather | None) -> Event | None:
    before = len(part.page.problems)
    part.known(KEYS)
    begin = part.time("from")
    hours = part.count_of("hours", None, least=1, most=8784)
    kinds = [key for key in ("outage", "table", "shift") if key in part.data]
    changes: list[Change] = []
    if len(kinds) != 1:
        part.add("an event has one of outage, table (with column and value) or shift")
    elif kinds == ["outage"]:
        changes = _outage(part, net)
    elif kinds == ["table"]:
        changes = part.change(net)
        if changes and changes[0].kind == "site":
            part.add("the weather of an event is told by shift", "table")
    shift = part.quantity("shift", "K (difference)", 0.0) if kinds == ["shift"] else 0.0
    if weather is None or begin is None or len(part.page.problems) > before:
        return None
    try:
        first = weather.at(begin)
    except IndexError as error:
        part.add(str(error), "from")
        return None
    return Event(part.word("name", f"event {number + 1}"), first, min(first + hours, weather.hours), tuple(changes), shift)


def _outage(part: Part, net: Network) -> list[Change]:
    table = part.word("outage", choices=tuple(OUT))
    if table not in OUT:
        return []
    ids = part.words("ids") if "ids" in part.data else tuple(net.tables[KINDS[table]].id)
    part.rows(net, table, ids)
    column, value = OUT[table]
    return [Change(table, column, value, ids)]
