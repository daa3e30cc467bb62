"""Heat loss of buried pairs against published figures and limits, and the pipe catalogues against their own files."""

from __future__ import annotations

import csv
import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from heatnet.pipe_catalogue import FOLDER, pipe_types
from heatnet.pipe_loss import SURFACE, WALLS, BuriedPair, bonded, casing_wall

ROWS = {row["type"]: row for path in FOLDER.glob("*.csv") for row in csv.DictReader(path.open(encoding="utf-8", newline=""))}


def test_each_pipe_of_the_published_pair() -> None:
    """Example of two pipes at 110 and 60 degC in ground of 5 degC: 77.02 and 25.60 W/m."""
    pair = BuriedPair(0.25, 0.45, 0.09, 1.74, 2.0, 0.1, surface=0.0, second_insulation=0.07)
    assert pair.losses(110.0, 60.0, 5.0) == pytest.approx((77.02, 25.60), abs=0.005)
    assert pair.losses(383.15, 333.15, 278.15) == pytest.approx(pair.losses(110.0, 60.0, 5.0), rel=1e-12)  # K or degC


def test_surface_resistance_counts_as_more_soil() -> None:
    pair = bonded(0.1143, 0.2, soil=1.5, cover=1.0)
    deeper = replace(pair, depth=pair.depth + SURFACE * pair.soil, surface=0.0)
    assert pair.transmittance() == pytest.approx(deeper.transmittance(), rel=1e-12)


def test_pipes_far_apart_lose_as_single_ones() -> None:
    pair = replace(bonded(0.1143, 0.2, soil=1.5, cover=1.0), gap=1e6)
    depth = pair.depth + SURFACE * pair.soil
    inner = 0.2 - 2 * pair.casing_wall
    wall = math.log(inner / 0.1143) / (2 * math.pi * 0.027) + math.log(0.2 / inner) / (2 * math.pi * 0.4)
    single = 1 / (wall + math.log(4 * depth / 0.2) / (2 * math.pi * 1.5))
    assert pair.transmittance() == pytest.approx(single, rel=1e-9)
    assert pair.losses(80.0, 5.0, 5.0) == pytest.approx((75.0 * single, 0.0), abs=1e-6)


@given(st.floats(30, 130), st.floats(20, 80), st.floats(-10, 20), st.sampled_from(sorted(ROWS)))
def test_losses_are_linear_and_reciprocal(first: float, second: float, ground: float, name: str) -> None:
    kind = pipe_types()[name]
    pair = bonded(kind.outer, kind.casing, soil=1.5, cover=1.5)
    one, two = pair.losses(first, second, ground)
    assert pair.losses(second, first, ground) == pytest.approx((two, one), rel=1e-9, abs=1e-9)
    assert one + two == pytest.approx(pair.transmittance() * (first + second - 2 * ground), rel=1e-9, abs=1e-9)
    assert (one > two) == (first > second) or first == pytest.approx(second)


def test_losses_fall_with_insulation_and_rise_with_wet_soil() -> None:
    pair = bonded(0.2191, 0.315, soil=1.5, cover=1.5)
    base = pair.transmittance()
    assert replace(pair, casing=0.4).transmittance() < base < replace(pair, soil=2.5).transmittance()
    assert replace(pair, insulation=0.02).transmittance() < base < replace(pair, gap=0.5).transmittance()


@pytest.mark.parametrize("name", sorted(ROWS))
def test_each_size_is_what_its_file_says(name: str) -> None:
    row, kind = ROWS[name], pipe_types()[name]
    outer, wall, casing = (float(row[f"{key} [mm]"]) / 1e3 for key in ("outer", "wall", "casing"))
    assert kind.diameter == pytest.approx(outer - 2 * wall, rel=1e-12) and kind.outer == outer and kind.casing == casing
    assert 0.0 < wall < kind.diameter < outer < casing and 0.05 < kind.loss < 1.5
    dn = int(row["dn"])
    assert name.endswith(f"DN{dn}") and 0.8 * dn < 1e3 * kind.diameter < 1.2 * dn


@pytest.mark.parametrize("name", sorted(name for name in ROWS if name.startswith("EN253")))
def test_losses_of_en253_within_two_per_cent(name: str) -> None:
    kind = pipe_types()[name]
    assert bonded(kind.outer, kind.casing, soil=1.0, cover=1.0).transmittance() == pytest.approx(kind.loss, rel=0.02)


def test_more_insulation_loses_less_and_sizes_rise() -> None:
    for dn in {row["dn"] for row in ROWS.values() if row["type"].startswith("EN253")}:
        series = [pipe_types()[f"EN253-{number}-DN{dn}"].loss for number in (1, 2, 3) if f"EN253-{number}-DN{dn}" in ROWS]
        assert series == sorted(series, reverse=True) and len(set(series)) == len(series)
    for prefix in ("EN253-1", "EN253-2", "EN253-3", "GB29047"):
        sizes = [(int(row["dn"]), pipe_types()[name].diameter) for name, row in ROWS.items() if name.startswith(f"{prefix}-")]
        assert len(sizes) > 5 and sorted(sizes, key=lambda size: size[1]) == sorted(sizes)


def test_walls_of_casings() -> None:
    for size, wall in WALLS.items():
        assert casing_wall(size / 1e3) == pytest.approx(wall / 1e3)
    assert casing_wall(0.09) == pytest.approx(0.003) and casing_wall(2.0) == pytest.approx(0.0142)
    assert casing_wall(0.205) == pytest.approx(0.0033)
