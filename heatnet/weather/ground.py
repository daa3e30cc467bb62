"""Temperature of undisturbed ground by depth and day of the year (Kusuda and Achenbach, ASHRAE Transactions 71, 1965).

    T(z, d) = T_m - A exp(-z g) cos(w (d - d0 - z/2 sqrt(365/(pi a)))),   g = sqrt(pi/(365 a)),   w = 2 pi/365

z depth [m], d day of the year, T_m yearly mean [K], A amplitude at the surface [K], a diffusivity [m2/d], d0 day of the coldest
surface. The constants that come with heatnet are data (climate/*.toml).
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np

from heatnet.errors import Problem, ReadError, nearest
from heatnet.schema import Floats
from heatnet.units import KELVIN
from heatnet.weather.generator import YEAR

FOLDER = Path(__file__).parents[1] / "climate"


@dataclass(frozen=True)
class Ground:
    """Constants of the ground of a place."""

    mean: float  # degC
    amplitude: float  # K
    diffusivity: float  # m2/d
    coldest_day: float  # d

    def at(self, depth: float, day: Floats) -> Floats:
        """Temperature [K] at a depth [m] on days of the year, (n,).

        >>> harbin = climate_file("harbin")
        >>> round(float(harbin.at(2.05, np.arange(365.0)).min()) - 273.15, 1)
        0.0
        """
        g = np.sqrt(np.pi / (YEAR * self.diffusivity))
        delay = depth / 2.0 * np.sqrt(YEAR / (np.pi * self.diffusivity))
        wave = np.cos(2 * np.pi / YEAR * (day - self.coldest_day - delay))
        return np.asarray(KELVIN + self.mean - self.amplitude * np.exp(-depth * g) * wave)


def climate_file(name: str | Path) -> Ground:
    """Ground of a place: a name that comes with heatnet, or a .toml file; ReadError says what is wrong in it."""
    path = Path(name)
    if path.suffix != ".toml":
        known = sorted(file.stem for file in FOLDER.glob("*.toml"))
        if str(name) not in known:
            raise ReadError([Problem(f"no climate '{name}'{nearest(str(name), known)}; or give a .toml file")])
        path = FOLDER / f"{name}.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8-sig")).get("ground", {})
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ReadError([Problem(f"cannot be read: {error}", where=str(path))]) from None
    names = tuple(item.name for item in fields(Ground))
    problems = [Problem(f"[ground]: unknown key '{key}'{nearest(key, names)}", where=str(path)) for key in data if key not in names]
    for key in names:
        value = data.get(key)
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not np.isfinite(value):
            problems.append(Problem(f"[ground]: {key} must be a number, not {value!r}", where=str(path)))
        elif key in ("amplitude", "diffusivity") and value <= 0:
            problems.append(Problem(f"[ground]: {key} must be above zero", where=str(path)))
    if problems:
        raise ReadError(problems)
    return Ground(*(float(data[key]) for key in names))
