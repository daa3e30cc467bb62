"""Units met in files, and what one declaration of a column gives."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatnet import Building, Pipe, Plant
from heatnet.network import TABLES
from heatnet.schema import Column
from heatnet.units import DIMENSIONS, G, conversion, dimension, quantity, to_si

EXAMPLES = [
    (1.0, "mm", "m", 1e-3), (2.5, "km", "m", 2500.0), (-24.2, "degC", "K", 248.95), (-24.2, "℃", "K", 248.95),
    (25.0, "degC", "K (difference)", 25.0), (25.0, "K", "K (difference)", 25.0), (1.0, "MPa", "Pa", 1e6), (1.0, "bar", "Pa", 1e5),
    (10.0, "mH2O", "Pa", 1e4 * G), (3.6, "t/h", "kg/s", 1.0), (36.0, "m3/h", "m3/s", 0.01), (10.0, "L/s", "m3/s", 0.01),
    (1.5, "MW", "W", 1.5e6), (3.6, "GJ/h", "W", 1e6), (2.0, "万m2", "m2", 2e4), (2.0, "1e4 m2", "m2", 2e4), (50.0, "%", "-", 0.5),
    (7.0, "m3/h", "m3/h at 1 bar", 7.0), (1.0, "kW/K", "W/K", 1000.0), (183.0, "days", "d", 183.0),
]


@pytest.mark.parametrize(("value", "unit", "si", "expected"), EXAMPLES)
def test_conversions(value: float, unit: str, si: str, expected: float) -> None:
    assert to_si(value, unit, si) == pytest.approx(expected, rel=1e-14)
    assert quantity(f"{value} {unit}", si) == pytest.approx(expected, rel=1e-14)


def test_spelling_is_forgiven_where_nothing_else_can_be_meant() -> None:
    assert conversion("KPA", "Pa") == conversion("kPa", "Pa") and conversion("Degc", "K") == conversion("degC", "K")
    assert conversion("W/(mK)", "W/(m K)") == (1, 0)


@pytest.mark.parametrize(("unit", "si"), [("mPa", "Pa"), ("mpa", "Pa"), ("mW", "W"), ("mw", "W"), ("Mbar", "Pa")])
def test_milli_is_never_taken_for_mega(unit: str, si: str) -> None:
    with pytest.raises(ValueError, match=f"unit '{unit}'"):
        conversion(unit, si)


@pytest.mark.parametrize(("unit", "si", "part"), [
    ("inch", "m", "known: m, mm"), ("kPa", "m", "not a length"), ("kgs", "kg/s", "did you mean 'kg/s'"),
])
def test_unknown_units_are_named_with_the_known_ones(unit: str, si: str, part: str) -> None:
    with pytest.raises(ValueError, match=part):
        conversion(unit, si)


@pytest.mark.parametrize("text", [5, 5.0, "5", "five degC", "", "degC", "5 bar"])
def test_quantities_need_number_and_unit(text: str | float) -> None:
    with pytest.raises(ValueError):
        quantity(text, "K")


def test_the_first_unit_of_a_dimension_is_si() -> None:
    for name, units in DIMENSIONS.items():
        si = next(iter(units))
        assert units[si] == (1, 0) and dimension(si) == name
    with pytest.raises(KeyError):
        dimension("furlong")


@given(st.sampled_from([(unit, si) for units in DIMENSIONS.values() for si in [next(iter(units))] for unit in units]), st.floats(-1e6, 1e6))
def test_conversion_is_affine_and_rising(pair: tuple[str, str], value: float) -> None:
    unit, si = pair
    factor, offset = conversion(unit, si)
    assert factor > 0.0 and to_si(value, unit, si) == factor * value + offset


def test_every_column_says_what_it_is() -> None:
    for table in TABLES:
        assert next(iter(table.columns())) == "id" and table.__doc__
        for name, item in table.columns().items():
            assert item.doc and not item.doc.endswith("."), name
            assert item.text or dimension(item.unit)
            assert not item.refers or item.refers in {other.kind() for other in TABLES}
            if isinstance(item.default, float):
                assert not item.broken(np.array([item.default])).any(), f"default of {table.kind()}.{name} is out of its range"
            if item.choices:
                assert item.default in item.choices


def test_range() -> None:
    item = Column("m", "length", above=0, most=5)
    assert item.broken(np.array([-1.0, 0.0, 1.0, 5.0, 6.0, math.inf, math.nan])).tolist() == [True, True, False, False, True, True, False]
    assert item.range == "above 0 and at most 5 m" and Column("-", "x").range == "any number"
    assert item.required and math.isnan(item.fill) and not Column("m", "x", optional=True).required


def test_table_from_lists() -> None:
    pipe = Pipe.of(id=["a", "b"], tail="s", head=["x", "y"], length=1, diameter=[0.1, 0.2], loss=0.0)
    assert len(pipe) == 2 and pipe.tail.tolist() == ["s", "s"] and pipe.length.dtype == np.float64 and pipe.roughness.tolist() == [5e-4] * 2
    assert np.isnan(pipe.ground).all() and pipe.type.tolist() == ["", ""]
    with pytest.raises(ValueError, match="lenght"):
        Pipe.of(id=["a"], tail="s", head="x", lenght=1, diameter=1, loss=0)
    with pytest.raises(ValueError, match="missing columns"):
        Pipe.of(id=["a"], tail="s", head="x")
    with pytest.raises(ValueError):
        Pipe.of(id=["a", "b"], tail="s", head=["x"], length=1, diameter=1, loss=0)


def test_tables_are_copied_not_changed() -> None:
    pipe = Pipe.of(id=["a", "b"], tail="s", head=["x", "y"], length=1, diameter=[0.1, 0.2], loss=0.0)
    other = pipe.with_(length=[3.0, 4.0], type="EN253-1-DN20")
    assert pipe.length.tolist() == [1.0, 1.0] and other.length.tolist() == [3.0, 4.0] and other.type.tolist() == ["EN253-1-DN20"] * 2
    assert pipe.take(np.array([False, True])).id.tolist() == ["b"] and not len(Plant.empty())
    with pytest.raises(ValueError, match="no column"):
        pipe.with_(colour="red")


def test_one_column_fills_a_building() -> None:
    building = Building.of(id=["b"], consumer=["u"], design_heat=[1e5])
    assert building.design_supply[0] - building.design_return[0] == 25.0 and building.radiator[0] == 1.0 and math.isnan(building.area[0])
