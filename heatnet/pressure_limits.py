"""Limits of the pressure regime: what keeps water from boiling, buildings from draining, and pipes and radiators whole. Data, never code.

    [boiling]  margin                      over the vapour pressure
    [draining] least, reserve              gauge pressure of the return; water above the top of a building
    [default]  pipe, node, system, connection    class of a row that names none; exchanger: class (of connections) of all exchangers
    [pipe.<class>] [node.<class>] [system.<class>]   most
    [connection.<class>]  needed, fills, end, most

`based_on` takes what a file does not say from another.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from heatnet.errors import Problem, ReadError, nearest
from heatnet.units import quantity

FOLDER = Path(__file__).parent / "limits"
TITLES = ("title_zh", "title_en", "source", "source_zh")
CLASSES = ("pipe", "node", "system", "connection")  # kinds of classes
ENDS = ("supply", "return")
KEYS = (*TITLES, "based_on", "boiling", "draining", "default", *CLASSES)
ITEMS = {
    "boiling": {"margin": "Pa", "static_temperature": "K"}, "draining": {"least": "Pa", "reserve": "m"},
    "default": dict.fromkeys((*CLASSES, "exchanger"), "text"),
    "pipe": {"most": "Pa"}, "node": {"most": "Pa"}, "system": {"most": "Pa"},
    "connection": {"needed": "Pa", "fills": "bool", "end": "text", "most": "Pa"},
}
OPTIONAL = ("static_temperature", "end", "most of connection")


@dataclass(frozen=True)
class Connection:
    """How inlets of a class hang on the network."""

    needed: float  # Pa, available pressure difference
    fills: bool  # whether buildings behind it are filled with water of the network
    end: str  # "supply" or "return": whose pressure the radiators stand, by where the inlet throttles
    most: float  # Pa, what stands at the inlet of one that does not fill buildings; NaN where it does


@dataclass(frozen=True)
class PressureLimits:
    """Limits of a pressure regime; pressures are gauge [Pa]."""

    name: str
    title_zh: str
    title_en: str
    source: str
    source_zh: str
    margin: float  # Pa over the vapour pressure
    static_temperature: float  # K that water at rest is taken to have, NaN: what it has when running
    least: float  # Pa in the return
    reserve: float  # m of water above the top of a building
    default: Mapping[str, str]  # class of rows that name none, by kind of class
    most: Mapping[str, Mapping[str, float]]  # Pa by class, of "pipe", "node" and "system"
    connection: Mapping[str, Connection]


def shipped() -> tuple[str, ...]:
    """Names of the limits that come with heatnet."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def pressure_limits(name: str | Path) -> PressureLimits:
    """Shipped limits by name, or a user's own file; ReadError lists all that is wrong in it.

    >>> pressure_limits("cjj_34").most["system"]["cast_iron"]
    400000.0
    """
    path = Path(name)
    if path.suffix != ".toml":
        if str(name) not in shipped():
            raise ReadError([Problem(f"no pressure limits '{name}'{nearest(str(name), shipped())}; or give a .toml file")])
        path = FOLDER / f"{name}.toml"
    data = _data(path, ())
    problems: list[Problem] = []
    found = _values(data, path, problems)
    if not problems:
        problems += _doubts(found, path)
    if problems:
        raise ReadError(problems)
    titles = {key: str(data.get(key, path.stem)) for key in TITLES}
    titles["source_zh"] = str(data.get("source_zh", titles["source"]))
    return PressureLimits(
        path.stem, **titles, margin=found["boiling"]["margin"],
        static_temperature=found["boiling"].get("static_temperature", float("nan")),
        least=found["draining"]["least"], reserve=found["draining"]["reserve"], default=found["default"],
        most={kind: {of: item["most"] for of, item in found[kind].items()} for kind in CLASSES[:3]},
        connection={
            of: Connection(item["needed"], item["fills"], item.get("end", "return"), item.get("most", float("nan")))
            for of, item in found["connection"].items()
        },
    )


def _data(path: Path, above: tuple[Path, ...]) -> dict[str, Any]:
    """A file with what it leaves to the one it is based on."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ReadError([Problem(f"cannot be read: {error}", where=str(path))]) from None
    base = data.pop("based_on", None)
    if base is None:
        return data
    if not isinstance(base, str) or not (base.endswith(".toml") or base in shipped()):
        raise ReadError([Problem(f"based_on = {base!r} is no .toml file and none of {', '.join(shipped())}", where=str(path))])
    under = path.parent / base if base.endswith(".toml") else FOLDER / f"{base}.toml"
    if under in above:
        raise ReadError([Problem(f"is based on '{base}', which is based on it", where=str(path))])
    return _merged(_data(under, (*above, path)), data)


def _merged(base: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    both = dict(base)
    for key, value in more.items():
        known = base.get(key)
        both[key] = _merged(known, value) if isinstance(value, dict) and isinstance(known, dict) else value
    return both


def _values(data: dict[str, Any], path: Path, problems: list[Problem]) -> dict[str, Any]:
    """All tables with quantities in SI."""
    where = str(path)
    problems += [Problem(f"unknown key '{key}'{nearest(key, KEYS)}", where=where) for key in data if key not in KEYS]
    found: dict[str, Any] = {}
    for table, items in ITEMS.items():
        given = data.get(table)
        if not isinstance(given, dict) or not given:
            problems.append(Problem(f"missing table [{table}{'.<class>' if table in CLASSES else ''}]", where=where))
        elif table not in CLASSES:
            found[table] = _items(given, items, table, where, problems)
        else:
            found[table] = {name: _items(one, items, table, where, problems, name) for name, one in given.items()}
    return found


def _items(given: Any, items: dict[str, str], table: str, where: str, problems: list[Problem], name: str = "") -> dict[str, Any]:
    title = f"[{table}.{name}]" if name else f"[{table}]"
    if not isinstance(given, dict):
        problems.append(Problem(f"{title} must be a table", where=where))
        return {}
    problems += [Problem(f"{title}: unknown key '{key}'{nearest(key, items)}", where=where) for key in given if key not in items]
    found: dict[str, Any] = {}
    for key, unit in items.items():
        if key not in given:
            if key not in OPTIONAL and f"{key} of {table}" not in OPTIONAL:
                problems.append(Problem(f"{title}: missing key '{key}'", where=where))
            continue
        raw = given[key]
        try:
            found[key] = _value(raw, unit)
        except ValueError as error:
            problems.append(Problem(f"{title}: {key}: {error}", where=where))
    return found


def _value(raw: Any, unit: str) -> Any:
    if unit in ("text", "bool"):
        if not isinstance(raw, str if unit == "text" else bool):
            raise ValueError(f"must be {'a word in quotes' if unit == 'text' else 'true or false'}, not {raw!r}")
        return raw
    value = quantity(raw, unit)
    if value < 0.0:
        raise ValueError(f"{raw} is below zero")
    return value


def _doubts(found: dict[str, Any], path: Path) -> list[Problem]:
    """Classes that are not there, and connections that do not say enough."""
    where, problems = str(path), []
    for kind, name in found["default"].items():
        of = "connection" if kind == "exchanger" else kind
        if name not in found[of]:
            problems.append(Problem(f"[default]: {kind}: there is no [{of}.{name}]{nearest(name, found[of])}", where=where))
    exchanger = found["connection"].get(found["default"]["exchanger"], {})
    if "most" not in exchanger:
        problems.append(Problem("[default]: exchanger: its class must say what it stands (most)", where=where))
    for name, item in found["connection"].items():
        if item.get("end", "return") not in ENDS:
            problems.append(Problem(f"[connection.{name}]: end '{item['end']}' is not one of {', '.join(ENDS)}", where=where))
        if not item["fills"] and "most" not in item:
            text = f"[connection.{name}]: missing key 'most': it fills no building whose radiators would tell"
            problems.append(Problem(text, where=where))
    return problems
