"""Options of a measure: what a candidate in a case file may say of it, declared once with unit, range, default and meaning."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from fnmatch import fnmatchcase
from math import nan
from typing import Any, Literal

from heatnet.batch.page import Part
from heatnet.network import KINDS, Network
from heatnet.units import quantity as in_si


@dataclass(frozen=True)
class Option:
    """One key of a candidate; numbers in the SI unit `unit`."""

    kind: Literal["ids", "word", "count", "number", "quantity", "flag"]
    doc: str
    unit: str = ""
    table: str = ""  # whose ids it takes
    choices: tuple[str, ...] = ()
    least: float = 0.0
    most: float = 1e12
    required: bool = False


def ids(table: str, doc: str, *, required: bool = True) -> Any:
    """Ids of a table, also as patterns with * and ?."""
    return _declared(Option("ids", doc, table=table, required=required), ())


def quantity(unit: str, doc: str, *, least: float = 0.0, most: float = 1e12, default: float | None = nan) -> Any:
    """A quantity with its unit; NaN where it is not given, required where the default is None."""
    option = Option("quantity", doc, unit, least=least, most=most, required=default is None)
    return _declared(option, default)


def number(doc: str, *, default: float | None, least: float = 0.0, most: float = 1e6) -> Any:
    """A plain number; required where the default is None."""
    option = Option("number", doc, least=least, most=most, required=default is None)
    return _declared(option, default)


def count(doc: str, *, default: int, least: int = 1, most: int = 99) -> Any:
    """A whole number."""
    return field(metadata={"option": Option("count", doc, least=least, most=most)}, default=default)


def word(doc: str, *, default: str | None = "", choices: tuple[str, ...] = (), table: str = "") -> Any:
    """A word: one of the choices, or an id of a table; required where the default is None."""
    option = Option("word", doc, choices=choices, table=table, required=default is None)
    return _declared(option, default)


def flag(doc: str, *, default: bool = False) -> Any:
    """True or false."""
    return field(metadata={"option": Option("flag", doc)}, default=default)


def _declared(option: Option, default: object) -> Any:
    return field(metadata={"option": option}) if option.required else field(default=default, metadata={"option": option})


def options(measure: type[Any]) -> dict[str, Option]:
    """Options of a measure by name, in order."""
    return {item.name: item.metadata["option"] for item in fields(measure) if "option" in item.metadata}


def read_options(part: Part, measure: type[Any], net: Network) -> Any:
    """The measure that a candidate of a case file describes; None, with problems at its lines, if it is none."""
    before = len(part.page.problems)
    given: dict[str, Any] = {}
    for name, option in options(measure).items():
        if name in part.data:
            given[name] = _read(part, name, option, net)
        elif option.required:
            part.add(f"missing key '{name}': {option.doc}")
    return measure(**given) if len(part.page.problems) == before else None


def _read(part: Part, name: str, option: Option, net: Network) -> Any:
    raw = part.data[name]
    if option.kind == "ids":
        return _ids(part, name, option, net)
    if option.kind == "word":
        return _word(part, name, option, net)
    if option.kind == "count":
        return part.count_of(name, None, least=int(option.least), most=int(option.most))
    if option.kind == "number":
        return part.number_of(name, least=option.least, most=option.most)
    if option.kind == "quantity":
        return _quantity(part, name, option)
    if not isinstance(raw, bool):
        part.add(f"{name} is true or false, not {raw!r}", name)
    return raw


def _word(part: Part, name: str, option: Option, net: Network) -> str:
    value = part.word(name, "", option.choices)
    if option.table and value and value not in set(net.tables[KINDS[option.table]].id):
        part.rows(net, option.table, (value,))
    return value


def _quantity(part: Part, name: str, option: Option) -> float:
    try:
        value = in_si(part.data[name], option.unit)
    except ValueError as error:
        part.add(f"{name}: {error}", name)
        return nan
    if not option.least <= value <= option.most:
        part.add(f"{name} = {part.data[name]} is out of range; it must be from {option.least:g} to {option.most:g} {option.unit}", name)
    return value


def _ids(part: Part, name: str, option: Option, net: Network) -> tuple[str, ...]:
    known = [str(one) for one in net.tables[KINDS[option.table]].id]
    there, found = set(known), []
    for one in part.words(name):
        if one in there:
            found.append(one)
        elif any(mark in one for mark in "*?["):
            matching = [other for other in known if fnmatchcase(other, one)]
            if not matching:
                part.add(f"{name}: no {option.table} matches '{one}'", name)
            found += matching
        else:
            part.rows(net, option.table, (one,))
    if not found and not part.data[name]:
        part.add(f"{name} names no {option.table}", name)
    return tuple(dict.fromkeys(found))
