"""Units met in files, as factor and offset to SI: `si = factor * value + offset`."""

from __future__ import annotations

from difflib import get_close_matches
from math import isfinite

KELVIN = 273.15  # 0 degC in K, exact by definition of the Celsius scale
G = 9.80665  # standard gravity, m/s2 (CGPM 1901)
WATER_COLUMN = G * 1000.0  # 1 m of water column = 9.80665 kPa

# One line a dimension; the first unit of each is the SI unit kept inside heatnet.
DIMENSIONS: dict[str, dict[str, tuple[float, float]]] = {
    "length": {"m": (1, 0), "mm": (1e-3, 0), "cm": (1e-2, 0), "km": (1e3, 0)},
    "temperature": {"K": (1, 0), "degC": (1, KELVIN), "°C": (1, KELVIN), "℃": (1, KELVIN), "C": (1, KELVIN)},
    "temperature difference": {"K (difference)": (1, 0), "K": (1, 0), "degC": (1, 0), "°C": (1, 0), "℃": (1, 0)},
    "pressure": {
        "Pa": (1, 0), "kPa": (1e3, 0), "MPa": (1e6, 0), "bar": (1e5, 0), "mbar": (100, 0),
        "mH2O": (WATER_COLUMN, 0), "mWC": (WATER_COLUMN, 0),
    },
    "mass flow": {"kg/s": (1, 0), "t/h": (1 / 3.6, 0), "kg/h": (1 / 3600, 0)},
    "volume flow": {"m3/s": (1, 0), "m3/h": (1 / 3600, 0), "m³/h": (1 / 3600, 0), "L/s": (1e-3, 0), "l/s": (1e-3, 0)},
    "power": {"W": (1, 0), "kW": (1e3, 0), "MW": (1e6, 0), "GW": (1e9, 0), "GJ/h": (1e9 / 3600, 0)},
    "area": {"m2": (1, 0), "m²": (1, 0), "㎡": (1, 0), "1e4 m2": (1e4, 0), "万m2": (1e4, 0), "万m²": (1e4, 0), "万㎡": (1e4, 0)},
    "flow coefficient": {"m3/h at 1 bar": (1, 0), "m3/h": (1, 0), "m³/h": (1, 0)},
    "linear transmittance": {"W/(m K)": (1, 0), "W/m/K": (1, 0), "W/mK": (1, 0), "W/(mK)": (1, 0)},
    "conductance": {"W/K": (1, 0), "kW/K": (1e3, 0)},
    "heat capacity": {"J/K": (1, 0), "kJ/K": (1e3, 0), "MJ/K": (1e6, 0), "GJ/K": (1e9, 0), "kWh/K": (3.6e6, 0)},
    "energy": {"J": (1, 0), "kJ": (1e3, 0), "MJ": (1e6, 0), "GJ": (1e9, 0), "kWh": (3.6e6, 0), "MWh": (3.6e9, 0)},
    "ratio": {"-": (1, 0), "%": (1e-2, 0)},
    "count": {"count": (1, 0), "-": (1, 0), "1": (1, 0), "户": (1, 0)},
    "time": {"d": (1, 0), "days": (1, 0), "天": (1, 0)},
}
PREFIXED = ("mpa", "mw", "mbar")  # milli and mega differ by 1e9: their case is never guessed


def dimension(unit: str) -> str:
    """Dimension of an SI unit, as named in `DIMENSIONS`.

    >>> dimension("W/(m K)")
    'linear transmittance'
    """
    for name, units in DIMENSIONS.items():
        if next(iter(units)) == unit:
            return name
    raise KeyError(f"'{unit}' is not a unit that columns are declared in")


def conversion(unit: str, si: str) -> tuple[float, float]:
    """Factor and offset from `unit` to the SI unit `si`; ValueError names the nearest unit of that dimension.

    >>> conversion("mm", "m")
    (0.001, 0)
    """
    units = DIMENSIONS[dimension(si)]
    if unit in units:
        return units[unit]
    folded = {name.casefold().replace(" ", ""): pair for name, pair in units.items()}
    key = unit.casefold().replace(" ", "")
    if key in folded and key not in PREFIXED:
        return folded[key]
    near = get_close_matches(unit, units, n=1, cutoff=0.5)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    raise ValueError(f"unit '{unit}' is not a {dimension(si)}{hint} (known: {', '.join(units)})")


def to_si(value: float, unit: str, si: str) -> float:
    """Value in `unit` as a value in `si`.

    >>> round(to_si(-24.2, "degC", "K"), 2)
    248.95
    """
    factor, offset = conversion(unit, si)
    return factor * value + offset


def quantity(text: str | float, si: str) -> float:
    """A number with its unit, such as "-24.2 degC", as a value in `si`; ValueError says what is missing.

    >>> quantity("0.3 MPa", "Pa")
    300000.0
    """
    if isinstance(text, (int, float)):
        raise ValueError(f"write the unit too, as in \"{text} {next(iter(DIMENSIONS[dimension(si)]))}\"")
    if not isinstance(text, str):
        raise ValueError(f"{text!r} is not a quantity, write for example \"1 {si}\"")
    number, _, unit = text.strip().partition(" ")
    try:
        value = float(number)
        if not isfinite(value):
            raise ValueError
    except ValueError:
        raise ValueError(f"'{text}' is not a number with a unit, as in \"1 {si}\"") from None
    if not unit.strip():
        raise ValueError(f"'{text}' has no unit, write for example \"{number} {si}\"")
    return to_si(value, unit.strip(), si)
