"""Case: what to run on a model: weather, changes, settings of the solve, regulation profile, language of the report.

A case file is TOML, quantities are strings with their unit:

    model = "../models/harbin_demo"
    outdoor = "-24.2 degC"
    profile = "hlj_2021"
    language = "zh"

    [solve]
    friction = "altshul"
    water = { density = 982.0, viscosity = 4.5e-4, heat_capacity = 4186.0 }   # SI; without it water follows temperature

    [[change]]
    table = "valve"
    ids = ["V1"]
    column = "opening"
    value = 0.5

What `heatnet run` makes of it stands in [[axis]], [season] and [keep]: see heatnet.batch. Works to rank stand in [retrofit],
[[candidate]], [[price]] and [programme]: see heatnet.retrofit.reading.
"""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from heatnet.batch.page import Page
from heatnet.batch.plan import Plan, read_plan
from heatnet.change import Change, Scenario
from heatnet.errors import HeatnetError, Problem, ReadError, nearest
from heatnet.friction import LAWS
from heatnet.network import KINDS, Network
from heatnet.pressure_limits import pressure_limits
from heatnet.profile import Profile, profile
from heatnet.read import read
from heatnet.solve import Settings
from heatnet.units import quantity
from heatnet.water import ConstantWater

KEYS = (
    "model", "name", "outdoor", "profile", "limits", "language", "user", "solve", "change", "axis", "keep", "season", "retrofit",
    "candidate", "price", "programme",
)
LANGUAGES = ("zh", "en")
WATER = ("density", "viscosity", "heat_capacity")
CHANGE = ("table", "ids", "column", "value")
QUANTITIES = {"gravity": "", "temperature": "K", "pressure_tolerance": "Pa", "mass_tolerance": "kg/s"}


@dataclass(frozen=True)
class Case:
    """A model with the changes, settings and rule it is run under."""

    name: str
    net: Network  # with the changes applied
    scenario: Scenario
    settings: Settings
    profile: Profile
    language: str = "zh"
    plan: Plan = field(default_factory=Plan)  # what `heatnet run` runs: axes, season, what to keep
    user: str = ""  # building or consumer whose path the pressure diagram shows; the coldest if empty
    path: Path | None = None  # the case file; None for a model folder


def read_case(path: str | Path) -> Case:
    """A case from a case file, or from a model folder with default settings; ReadError lists every problem."""
    path = Path(path)
    if path.suffix != ".toml" or path.name == "model.toml":
        net = read(path.parent if path.name == "model.toml" else path)
        return Case(net.name, net, Scenario(""), Settings(), profile(net.site.profile))
    try:
        text = path.read_text(encoding="utf-8-sig")
        data = tomllib.loads(text)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ReadError([Problem(f"cannot be read: {error}", where=str(path))]) from None
    return _Reader(path, text).case(data)


def load_case(model: Path, outdoor: str | None = None, rule: str | None = None, friction: str | None = None) -> Case:
    """A case from a model folder or case file, with what the command line sets on top."""
    case = read_case(model)
    if outdoor is not None:
        case = replace(case, net=case.net.apply(Scenario("weather", (Change("site", "outdoor", _celsius(outdoor)),))))
    if rule is not None:
        case = replace(case, profile=profile(rule))
    if friction is not None:
        if friction not in LAWS:
            raise ReadError([Problem(f"'{friction}' is not a friction law; known: {', '.join(LAWS)}")])
        case = replace(case, settings=replace(case.settings, friction=friction))
    return case


class _Reader:
    """Collects the problems of one case file."""

    def __init__(self, path: Path, text: str) -> None:
        self.path, self.lines = path, text.splitlines()
        self.problems: list[Problem] = []

    def case(self, data: dict[str, Any]) -> Case:
        self.known(data, KEYS, "")
        for key, kind, shape in (
            ("solve", dict, "[solve]"), ("change", list, "[[change]]"), ("axis", list, "[[axis]]"), ("keep", dict, "[keep]"),
            ("season", dict, "[season]"), ("retrofit", dict, "[retrofit]"), ("candidate", list, "[[candidate]]"),
            ("price", list, "[[price]]"), ("programme", dict, "[programme]"),
        ):
            if not isinstance(data.get(key, kind()), kind):
                self.add(key, f"{key} is a table of its own, written as {shape}")
                data = {name: value for name, value in data.items() if name != key}
        for key in ("model", "name", "profile", "limits", "user"):
            if not isinstance(data.get(key, ""), str):
                self.add(key, f"{key} must be a word in quotes, not {data[key]!r}")
        language = data.get("language", "zh")
        if language not in LANGUAGES:
            self.add("language", f"language '{language}' is not one of {', '.join(LANGUAGES)}")
        changes = [*self.weather(data), *self.changes(data.get("change", []))]
        settings = self.settings(data.get("solve", {}))
        net = rule = None
        try:
            net = read(self.path.parent / str(data.get("model", ""))) if "model" in data else None
            if net is None:
                self.add("", 'missing key \'model\', the folder of the network, for example model = "../models/harbin_demo"')
            else:
                rule = profile(self.rule(str(data["profile"])) if "profile" in data else net.site.profile)
                if "limits" in data:
                    net = net.with_site(limits=self.limits(str(data["limits"])))
                net = net.apply(Scenario("", tuple(changes)))
        except (ReadError, HeatnetError) as error:
            self.problems += error.problems if isinstance(error, ReadError) else [Problem(str(error), where=str(self.path))]
        except ValueError as error:
            self.add("change", str(error))
        plan = Plan()
        if net is not None:
            page = Page(str(self.path), self.lines)
            plan = read_plan(page, data, net, self.path.parent)
            self.problems += page.problems
        if self.problems or net is None or rule is None:
            raise ReadError(self.problems)
        name = str(data.get("name", self.path.stem))
        scenario = Scenario(name, tuple(changes))
        return Case(name, replace(net, name=net.name), scenario, settings, rule, language, plan, str(data.get("user", "")), self.path)

    def rule(self, name: str) -> str:
        """A profile file is sought beside the case file."""
        return str(self.path.parent / name) if name.endswith(".toml") else name

    def limits(self, name: str) -> str:
        """Limits of the pressure regime, sought beside the case file; ReadError if they are none."""
        found = self.rule(name)
        pressure_limits(found)
        return found

    def weather(self, data: dict[str, Any]) -> list[Change]:
        if "outdoor" not in data:
            return []
        value = self.quantity("outdoor", data["outdoor"], "K")
        return [Change("site", "outdoor", value)]

    def changes(self, items: list[dict[str, Any]]) -> list[Change]:
        found = []
        for item in items:
            if not isinstance(item, dict):
                self.add("change", f"change is a table of its own, written as [[change]], not {item!r}")
                continue
            self.known(item, CHANGE, "change: ")
            table, column, value = str(item.get("table", "")), str(item.get("column", "")), item.get("value")
            if table not in KINDS:
                self.add("table", f"'{table}' is not a table{nearest(table, KINDS)}")
                continue
            declared = KINDS[table].columns().get(column)
            if declared is None:
                self.add("column", f"{table} has no column '{column}'{nearest(column, KINDS[table].columns())}")
                continue
            if isinstance(value, str) and not declared.text:
                value = self.quantity("value", value, declared.unit)
            if isinstance(value, bool) or not isinstance(value, str if declared.text else (int, float)):
                self.add("value", f"value {value!r} does not fit column '{column}'")
                continue
            if isinstance(value, float) and math.isnan(value):
                self.add("value", f"value nan does not fit column '{column}': it is no number")
                continue
            ids = item.get("ids")
            if ids is not None and not isinstance(ids, list):
                self.add("ids", f'ids is a list, for example ids = ["{ids}"]')
                continue
            found.append(Change(table, column, value, tuple(map(str, ids)) if ids is not None else None))
        return found

    def settings(self, data: dict[str, Any]) -> Settings:
        names = {item.name: item.type for item in fields(Settings)}
        self.known(data, tuple(names), "solve: ")
        given: dict[str, Any] = {}
        for key, value in data.items():
            if key == "water":
                given[key] = self.water(value)
            elif key == "friction" and value not in LAWS:
                self.add(key, f"'{value}' is not a friction law{nearest(str(value), LAWS)}")
            elif key in names:
                given[key] = self.number(key, value, str(names[key]))
        return Settings(**{key: value for key, value in given.items() if value is not None})

    def number(self, key: str, value: Any, kind: str) -> Any:
        if isinstance(value, str) and QUANTITIES.get(key):
            return self.quantity(key, value, QUANTITIES[key])
        wanted = {"bool": bool, "int": int, "str": str}.get(kind, (int, float))
        if isinstance(value, bool) != (kind == "bool") or not isinstance(value, wanted):
            self.add(key, f"solve: {key} = {value!r} is not a {kind}")
            return None
        if isinstance(value, (int, float)) and kind != "bool" and not (0 < value < math.inf or (key == "gravity" and value == 0)):
            self.add(key, f"solve: {key} = {value!r} is out of range; it must be above zero")
            return None
        return value

    def water(self, value: Any) -> ConstantWater | None:
        if not isinstance(value, dict):
            self.add("water", f"water takes {{ {', '.join(f'{key} = ...' for key in WATER)} }} in SI units")
            return None
        self.known(value, WATER, "water: ")
        bad = [key for key in WATER if not isinstance(value.get(key), (int, float)) or not 0 < value[key] < math.inf]
        if bad:
            self.add("water", f"water: {', '.join(bad)} must be given as numbers above zero, in SI units")
            return None
        return ConstantWater(*(float(value[key]) for key in WATER))

    def quantity(self, key: str, value: Any, unit: str) -> float:
        try:
            return quantity(value, unit)
        except ValueError as error:
            self.add(key, f"{key}: {error}")
            return float("nan")

    def known(self, data: dict[str, Any], keys: tuple[str, ...], prefix: str) -> None:
        for key in data:
            if key not in keys:
                self.add(key, f"{prefix}unknown key '{key}'{nearest(key, keys)}")

    def add(self, key: str, text: str) -> None:
        """A problem, at the first line that starts with the key."""
        at = next((number for number, line in enumerate(self.lines, 1) if key and line.lstrip(" [").startswith(key)), 0)
        self.problems.append(Problem(text, where=f"{self.path}:{at}" if at else str(self.path)))


def _celsius(text: str) -> float:
    try:
        return quantity(text if any(mark in "KC°℃" for mark in text) else f"{text} degC", "K")
    except ValueError as error:
        raise ReadError([Problem(f"--outdoor: {error}")]) from None
