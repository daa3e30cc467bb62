"""Regulation profiles: the room temperature a rule requires and what it makes a supplier pay back. Data, never code."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from heatnet.errors import Problem, ReadError, nearest
from heatnet.schema import Bools, Floats
from heatnet.units import KELVIN, quantity

FOLDER = Path(__file__).parent / "profiles"
BAND = ("below", "share")
COLDEST, HOTTEST = KELVIN - 50.0, KELVIN + 50.0  # K, that a room may be required to have
KEYS = ("title_zh", "title_en", "required", "over", "source", "source_zh", "band", "quiet")


@dataclass(frozen=True)
class Profile:
    """A rule: required and over-heated temperature [K], refund bands."""

    name: str
    title_zh: str
    title_en: str
    required: float  # K
    over: float  # K, from which a room counts as over-heated
    source: str  # where the figures were read
    source_zh: str  # the same in Chinese
    below: tuple[float, ...]  # K, upper ends of the bands, rising
    share: tuple[float, ...]  # - of the daily fee paid back in each band
    quiet_from: float = 0.0  # h, hours of the day that do not count for a day's lowest room temperature (sun): from
    quiet_to: float = 0.0  # h, up to

    def quiet_hours(self) -> Bools:
        """Whether each hour of the day does not count, (24,)."""
        hour = np.arange(24)
        return np.asarray((hour >= self.quiet_from) & (hour < self.quiet_to))

    def refund_share(self, room: Floats) -> Floats:
        """Share of the daily fee [-] paid back at room temperature [K]; a limit itself belongs to the warmer band."""
        limits = np.array([*self.below, np.inf])
        return np.array([*self.share, 0.0])[np.searchsorted(limits, room, side="right")]


def shipped() -> tuple[str, ...]:
    """Names of the profiles that come with heatnet."""
    return tuple(sorted(path.stem for path in FOLDER.glob("*.toml")))


def profile(name: str | Path) -> Profile:
    """A shipped profile by name, or a user's own file; ReadError says what is wrong in it."""
    path = Path(name)
    if path.suffix != ".toml":
        if str(name) not in shipped():
            raise ReadError([Problem(f"no profile '{name}'{nearest(str(name), shipped())}; or give a .toml file")])
        path = FOLDER / f"{name}.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ReadError([Problem(f"cannot be read: {error}", where=str(path))]) from None
    problems = [Problem(f"unknown key '{key}'{nearest(key, KEYS)}", where=str(path)) for key in data if key not in KEYS]
    required = _temperature(data, "required", path, problems)
    over = _temperature(data, "over", path, problems)
    bands = []
    listed = data.get("band", [])
    if not isinstance(listed, list) or not all(isinstance(band, dict) for band in listed):
        problems.append(Problem("band must be tables: [[band]] with below and share", where=str(path)))
        listed = []
    for number, band in enumerate(listed, 1):
        problems += [
            Problem(f"band {number}: unknown key '{key}'{nearest(key, BAND)}", where=str(path)) for key in band if key not in BAND
        ]
        limit = _temperature(band, "below", path, problems, f"band {number}: ")
        share = band.get("share")
        if isinstance(share, bool) or not isinstance(share, (int, float)) or not 0 <= share <= 1:
            problems.append(Problem(f"band {number}: share must be a number from 0 to 1, not {share!r}", where=str(path)))
            share = 0.0
        bands.append((limit, float(share)))
    if over < required:
        problems.append(Problem(f"over = {data['over']} must not be below required = {data['required']}", where=str(path)))
    if len({limit for limit, _ in bands}) < len(bands) and not problems:
        problems.append(Problem("two bands are below the same temperature", where=str(path)))
    quiet = data.get("quiet", [0, 0])
    if not isinstance(quiet, list) or len(quiet) != 2 or not all(type(hour) is int and 0 <= hour <= 24 for hour in quiet):
        problems.append(Problem(f"quiet must be two hours of the day, as in quiet = [10, 14], not {quiet!r}", where=str(path)))
    if problems:
        raise ReadError(problems)
    bands.sort()
    return Profile(
        path.stem, str(data.get("title_zh", path.stem)), str(data.get("title_en", path.stem)), required, over,
        str(data.get("source", "")), str(data.get("source_zh", data.get("source", ""))),
        tuple(limit for limit, _ in bands), tuple(share for _, share in bands), float(quiet[0]), float(quiet[1]),
    )


def _temperature(data: dict[str, Any], key: str, path: Path, problems: list[Problem], prefix: str = "") -> float:
    if key not in data:
        problems.append(Problem(f'{prefix}missing key \'{key}\', for example {key} = "20 degC"', where=str(path)))
        return float("nan")
    try:
        value = quantity(data[key], "K")
        if not COLDEST <= value <= HOTTEST:
            raise ValueError(f"{data[key]} is no room temperature; the unit may be degC or K")
        return value
    except ValueError as error:
        problems.append(Problem(f"{prefix}{key}: {error}", where=str(path)))
        return float("nan")
