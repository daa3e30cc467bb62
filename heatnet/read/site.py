"""model.toml: name, source, site and heating curves."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from math import isfinite
from pathlib import Path
from typing import Any

import numpy as np

from heatnet.components import Plant
from heatnet.errors import Problem, ReadError, nearest
from heatnet.network import SITE_RANGES, Building, Curve, Site, reset_curve
from heatnet.pressure_limits import pressure_limits
from heatnet.profile import profile
from heatnet.schema import Column
from heatnet.units import KELVIN, quantity

TOLD = ("title", "source", "description")  # in Chinese and in English too
ABOUT = (
    "name", *TOLD, *(f"{key}_{language}" for key in TOLD for language in ("zh", "en")), "version", "date", "licence", "crs",
)
SITE = {
    "design_outdoor": "K", "outdoor": "K", "ground": "K", "air_pressure": "Pa", "season_days": "d", "fee": "", "currency": "text",
    "profile": "text", "limits": "text",
}
POINTS = ("outdoor", "supply")
RESET = {
    "formula": "text", "design_supply": "K", "design_return": "K", "design_indoor": "K", "design_outdoor": "K", "exponent": "",
    "flow_ratio": "",
}
SECTION = re.compile(r"\s*\[+\s*(.*?)\s*\]+\s*(#.*)?")
KEY = re.compile(r"\s*((?:\"[^\"]*\"|'[^']*'|[^=\"'])*?)\s*=")
PART = re.compile(r"\"([^\"]*)\"|'([^']*)'|([^.\s]+)")
WARM = Plant.columns()["supply_temperature"]
CURVE_RANGES = {
    "outdoor": Column("K", "outdoor temperature of a point", least=150, most=400), "supply": WARM,
    "design_supply": WARM, "design_return": WARM, "design_indoor": Building.columns()["design_indoor"],
    "design_outdoor": SITE_RANGES["design_outdoor"],
}


@dataclass
class Head:
    """What model.toml says, and what is wrong with it."""

    path: Path
    about: dict[str, str] = field(default_factory=dict)
    site: Site = field(default_factory=Site)
    curves: dict[str, Curve] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)

    def add(self, text: str, *keys: str) -> None:
        """A problem, at the line of a key; the keys before it name the table it stands in."""
        self.problems.append(Problem(text, where=f"{self.path}:{self.line(keys)}"))

    def line(self, keys: tuple[str, ...]) -> int:
        """Line of a key, else of the table it is missing in, else 1."""
        section: list[str] = []
        table = 1
        for number, line in enumerate(self.lines, 1):
            if match := SECTION.fullmatch(line):
                section = _parts(match[1])
                if section == list(keys):
                    return number
                if keys and section[: len(keys) - 1] == list(keys[:-1]):
                    table = number
            elif (match := KEY.match(line)) and [*section, *_parts(match[1])][: len(keys)] == list(keys):
                return number
        return table if len(keys) > 1 else 1

    def known(self, data: dict[str, Any], keys: tuple[str, ...], *above: str) -> None:
        """A problem for each key that is not one of these."""
        for key in data:
            if key not in keys:
                self.add(f"unknown key '{key}'{nearest(key, keys)}", *above, key)

    def value(self, raw: Any, unit: str, *keys: str) -> Any:  # noqa: PLR0911  one way out a kind of value
        """A value of this unit, None if it is not one: "" a plain number, "text" a word, else a quantity in SI."""
        if unit == "text":
            if isinstance(raw, str) and "\x00" not in raw:
                return raw
            self.add(f"{keys[-1]} must be a word in quotes, not {raw!r}", *keys)
            return None
        if unit == "":
            if isinstance(raw, (int, float)) and not isinstance(raw, bool) and raw >= 0 and isfinite(raw):
                return float(raw)
            self.add(f"{keys[-1]} must be a number of at least 0, not {raw!r}", *keys)
            return None
        example = {"K": "-24.2 degC", "Pa": "100 kPa", "d": "183 d"}[unit]
        if isinstance(raw, bool) or not isinstance(raw, (str, int, float)):
            self.add(f'{keys[-1]} must be one quantity, for example "{example}"', *keys)
            return None
        try:
            number = quantity(raw, unit)
        except ValueError as error:
            self.add(f"{keys[-1]}: {error}", *keys)
            return None
        item = (SITE_RANGES if keys[0] == "site" else CURVE_RANGES)[keys[-1]]
        if item.broken(np.array([number]))[0]:
            self.add(f"{keys[-1]} = {raw} is out of range; it must be {item.range}", *keys)
            return None
        return number


def read_head(path: Path) -> Head:
    """model.toml; all problems are in `problems`."""
    head = Head(path)
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        head.problems.append(Problem('the file is missing; every model folder has one, with at least name = "..."', where=str(path)))
        return head
    except UnicodeDecodeError as error:
        line = path.read_bytes().count(b"\n", 0, error.start) + 1
        head.problems.append(Problem("is not UTF-8 text, which TOML must be; save it as UTF-8", where=f"{path}:{line}"))
        return head
    except OSError as error:
        head.problems.append(Problem(f"cannot be read: {error.strerror}", where=str(path)))
        return head
    head.lines = text.splitlines()
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r" \(at line (\d+).*\)$", str(error))
        text = str(error)[: found.start()] if found else str(error)
        head.problems.append(Problem(f"not valid TOML: {text}", where=f"{path}:{found[1] if found else len(head.lines)}"))
        return head
    head.known(data, (*ABOUT, "site", "curve"))
    for key in ABOUT:
        if key in data:
            word = head.value(data[key], "text", key)
            head.about[key] = word or ""
            if key == "name" and word is not None and not word.strip():
                head.add("name is empty; give the network a name", key)
    if "name" not in data:
        head.add("missing key 'name', for example name = \"my network\"")
    _site(head, data.get("site", {}))
    curves = data.get("curve", {})
    if isinstance(curves, dict):
        for name, curve in curves.items():
            _curve(head, name, curve)
    else:
        head.add("[curve] holds tables, as in [curve.east]", "curve")
    head.problems.sort(key=lambda problem: int(problem.where.rpartition(":")[2]))
    return head


def _site(head: Head, data: Any) -> None:
    if not isinstance(data, dict):
        head.add("[site] must be a table", "site")
        return
    head.known(data, tuple(SITE), "site")
    given = {key: head.value(data[key], unit, "site", key) for key, unit in SITE.items() if key in data}
    if given.get("profile"):
        given["profile"] = _beside(head, given["profile"], "profile", profile)
    if given.get("limits"):
        given["limits"] = _beside(head, given["limits"], "limits", pressure_limits)
    head.site = Site(**{key: value for key, value in given.items() if value is not None})


def _beside(head: Head, name: str, key: str, load: Callable[[str], object]) -> str:
    """A name that comes with heatnet, or the full path of a file, which is sought beside model.toml."""
    found = str((head.path.parent / name).resolve()) if name.endswith(".toml") else name
    try:
        load(found)
    except ReadError as error:
        for problem in error.problems:
            head.add(f"{key}{f' {name}' if problem.where else ''}: {problem.text}", "site", key)
    return found


def _curve(head: Head, name: str, data: Any) -> None:
    if not isinstance(data, dict):
        head.add(f"[curve.{name}] must be a table", "curve", name)
        return
    if "formula" in data:
        _reset(head, name, data)
        return
    head.known(data, (*POINTS, "formula"), "curve", name)
    points: dict[str, list[float]] = {}
    for key in POINTS:
        raw = data.get(key)
        if not isinstance(raw, list) or not raw:
            head.add(f"curve '{name}' needs {key} = [\"... degC\", ...], or formula = \"reset\"", "curve", name, key)
            return
        values = [head.value(item, "K", "curve", name, key) for item in raw]
        if any(value is None for value in values):
            return
        points[key] = values
    if len(points["outdoor"]) != len(points["supply"]):
        text = f"curve '{name}' has {len(points['outdoor'])} outdoor and {len(points['supply'])} supply temperatures"
        head.add(text, "curve", name, "supply")
        return
    pairs = sorted(zip(points["outdoor"], points["supply"], strict=True))
    if len({outdoor for outdoor, _ in pairs}) != len(pairs):
        head.add(f"curve '{name}' gives one outdoor temperature twice", "curve", name, "outdoor")
        return
    head.curves[name] = Curve(tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs))


def _reset(head: Head, name: str, data: dict[str, Any]) -> None:
    if data["formula"] != "reset":
        head.add(f"formula '{data['formula']}' is not known; the one there is: reset", "curve", name, "formula")
        return
    head.known(data, tuple(RESET), "curve", name)
    value = {key: head.value(data[key], unit, "curve", name, key) for key, unit in RESET.items() if key in data}
    missing = [key for key in ("design_supply", "design_return") if key not in data]
    if missing:
        head.add(f"curve '{name}' needs {' and '.join(missing)}, for example \"75 degC\"", "curve", name)
    if missing or any(item is None for item in value.values()):
        return
    indoor, coldest = value.get("design_indoor", KELVIN + 20.0), value.get("design_outdoor", head.site.design_outdoor)
    if not value["design_supply"] > value["design_return"] > indoor > coldest:
        head.add(f"curve '{name}': design supply > return > indoor > outdoor temperature must hold", "curve", name)
        return
    exponent, ratio = value.get("exponent", 1.3), value.get("flow_ratio", 1.0)
    if not (1.0 <= exponent <= 2.0 and 0.1 <= ratio <= 10.0):
        head.add(f"curve '{name}': exponent must lie between 1 and 2, flow_ratio between 0.1 and 10", "curve", name)
        return
    head.curves[name] = reset_curve(value["design_supply"], value["design_return"], indoor, coldest, exponent, ratio)


def _parts(key: str) -> list[str]:
    """Parts of a dotted key.

    >>> _parts('curve."east 1.5"')
    ['curve', 'east 1.5']
    """
    return ["".join(part) for part in PART.findall(key)]
