"""How numbers are printed: a value in SI has a form, and the form knows unit and decimals in each language.

Sections hand over values in SI with their form; nothing but a form converts or rounds for the reader. Chinese reports have their own
habits (area in 10,000 m2, money in yuan, pressures in MPa, heads and available differences in metres of water), so a form has two sides.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import isnan

from heatnet.units import DIMENSIONS, KELVIN, WATER_COLUMN


@dataclass(frozen=True)
class Side:
    """One language of a form: unit, decimals, and what one unit is in SI (`si = factor * shown + offset`)."""

    unit: str
    digits: int
    factor: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True)
class Form:
    """How a quantity in SI is printed in Chinese and in English."""

    zh: Side
    en: Side

    def side(self, lang: str) -> Side:
        """The side of a language."""
        return self.zh if lang == "zh" else self.en

    def unit(self, lang: str) -> str:
        """Unit as printed, "" for none."""
        return self.side(lang).unit

    def bare(self) -> Form:
        """The same without its unit."""
        return Form(*(Side("", side.digits, side.factor, side.offset) for side in (self.zh, self.en)))

    def shown(self, value: float, lang: str) -> float:
        """An SI value in the unit that is printed, not rounded.

        >>> round(FLOW.shown(1.0, "en"), 3)
        3.6
        """
        side = self.side(lang)
        return (value - side.offset) / side.factor

    def text(self, value: float | None, lang: str) -> str:
        """An SI value as printed, without its unit; a dash where there is none.

        >>> TEMPERATURE.text(293.15, "zh"), MASS_FLOW_KG.text(float("nan"), "en")
        ('20.0', '–')
        """
        return "–" if value is None else number(self.shown(value, lang), self.side(lang).digits)

    def full(self, value: float | None, lang: str) -> str:
        """An SI value with its unit.

        >>> TEMPERATURE.full(253.15, "zh"), SHARE.full(0.5, "en"), LENGTH.full(12.0, "en")
        ('−20.0 ℃', '50.0%', '12 m')
        """
        return self._with_unit(self.text(value, lang), lang)

    def limit(self, value: float, lang: str, *, unit: bool = True) -> str:
        """A limit or the end of a class: an SI value with all its digits, however few, and its unit.

        >>> TEMPERATURE.limit(289.15, "zh"), RATIO.limit(0.875, "en"), COUNT.limit(10000.0, "en"), DIAMETER.limit(0.1, "zh", unit=False)
        ('16 ℃', '0.875', '10,000', '100')
        """
        text = f"{float(f'{self.shown(value, lang):.6g}'):,.12f}".rstrip("0").rstrip(".").replace("-", "−")
        return self._with_unit(text, lang) if unit else text

    def _with_unit(self, text: str, lang: str) -> str:
        unit = self.unit(lang)
        return text if not unit or text == "–" else f"{text}{'' if unit == '%' else ' '}{unit}"


def number(value: float | None, digits: int) -> str:
    """A number as printed, with thousands separators; a dash where there is none.

    >>> number(12345.678, 1), number(float("nan"), 1), number(-0.001, 1)
    ('12,345.7', '–', '0.0')
    """
    if value is None or isnan(value):
        return "–"
    if value in (float("inf"), float("-inf")):
        return "∞" if value > 0 else "−∞"
    text = f"{value:,.{digits}f}"
    return text.lstrip("-") if not any(c in "123456789" for c in text) else text.replace("-", "−")


def same(unit: str, digits: int, factor: float = 1.0, offset: float = 0.0, zh: str = "") -> Form:
    """A form that is alike in both languages, but for the word of its unit."""
    return Form(Side(zh or unit, digits, factor, offset), Side(unit, digits, factor, offset))


COUNT = same("", 0)
RATIO = same("", 2)
INDEX = same("", 3)
SHARE = same("%", 1, 0.01)
TEMPERATURE = same("°C", 1, 1.0, KELVIN, "℃")
DIFFERENCE = same("K", 1)
DEFICIT = same("K", 2)
DEFICIT_HOUSEHOLDS = same("K·households", 1, zh="K·户")
FLOW = same("t/h", 2, 1 / 3.6)
CIRCULATION = same("t/h", 1, 1 / 3.6)
MASS_FLOW_KG = same("kg/s", 3)
PRESSURE = Form(Side("MPa", 3, 1e6), Side("kPa", 1, 1e3))
DIFFERENTIAL = Form(Side("mH2O", 2, WATER_COLUMN), Side("kPa", 1, 1e3))  # lifts, losses and what is available between supply and return
HEAD = same("m", 2, zh="mH2O")  # piezometric head above the datum, m of water
HEIGHT = same("m", 2)
HEAD_OF_PRESSURE = same("mH2O", 2, WATER_COLUMN)
HIGH_PRESSURE = same("MPa", 3, 1e6)
GRADIENT = same("Pa/m", 0)
SPEED = same("m/s", 2)
LENGTH = same("m", 0)
KILOMETRES = same("km", 2, 1e3)
DIAMETER = same("mm", 0, 1e-3)
POWER = same("kW", 1, 1e3)
HEAT = same("MW", 2, 1e6)
HEAT_PER_METRE = same("W/m", 1)
ENERGY = same("GJ", 1, 1e9)
ELECTRICITY = same("kWh", 0, 3.6e6)
AREA = Form(Side("m²", 0), Side("m²", 0))
LARGE_AREA = Form(Side("万m²", 2, 1e4), Side("m²", 0))
HEAT_INDEX = same("W/m²", 1)
COMPLAINTS = same("per 1,000 households", 1, 1e-3, zh="次/千户")
COMPLAINTS_WEEKLY = same("per 1,000 households and week", 2, 1e-3, zh="次/(千户·周)")
HOURS = same("h", 1, 3600.0)
PER_AVOIDED = 3  # decimals of money per avoided K h household: some hundredths of a yuan are usual
BY_UNIT: dict[str, Form] = {  # forms of columns of frames, by the unit in their header
    "degC": TEMPERATURE, "K": DEFICIT, "kg/s": FLOW, "t/h": FLOW, "kPa": PRESSURE, "Pa": PRESSURE, "MPa": HIGH_PRESSURE, "m": LENGTH,
    "mm": DIAMETER, "km": KILOMETRES, "W": POWER, "kW": POWER, "MW": HEAT, "Pa/m": GRADIENT, "m/s": SPEED, "J": ENERGY, "GJ": ENERGY,
    "kWh": ELECTRICITY, "MWh": same("MWh", 1, 3.6e9), "m2": AREA, "%": SHARE, "-": RATIO, "": RATIO, "W/m": HEAT_PER_METRE,
    "mH2O": HEAD_OF_PRESSURE, "count": COUNT, "h": same("h", 1), "d": same("d", 1, zh="天"),
}


def by_unit(unit: str, digits: int | None = None) -> tuple[Form, float, float]:
    """Form of a column whose header has this unit, and factor and offset that turn its values into SI.

    A unit that heatnet does not know is printed as it stands.
    >>> form, factor, offset = by_unit("kW")
    >>> form.full(factor * 12.5 + offset, "en")
    '12.5 kW'
    """
    form = BY_UNIT.get(unit, same(unit, 1))
    if digits is not None:
        form = Form(*(Side(side.unit, digits, side.factor, side.offset) for side in (form.zh, form.en)))
    if unit == "K":
        return form, 1.0, 0.0
    for units in DIMENSIONS.values():
        if unit in units and unit in BY_UNIT:
            factor, offset = units[unit]
            return form, float(factor), float(offset)
    return form, form.en.factor, form.en.offset


def digits_of(unit: str) -> int | None:
    """Decimals with which numbers of a unit are printed; None for a unit of no form.

    >>> digits_of("℃"), digits_of("Pa/m"), digits_of("parsec")
    (1, 0, None)
    """
    sides = [side for form in BY_UNIT.values() for side in (form.zh, form.en) if unit and side.unit == unit]
    return sides[0].digits if sides else None


def money(unit: str, digits: int = 0) -> Form:
    """Form of money in a currency, or of money a day."""
    return same(unit, digits)
