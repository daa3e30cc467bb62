"""Short data of a page hold what long data held; thinned charts show what full ones showed."""

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from pages import unpacked

from heatnet.report.document import Dots, Figure, Line
from heatnet.report.packed import SHORTEST, packed, safe_json
from heatnet.report.plots import plot
from heatnet.report.thin import ACROSS, UP, curve, spots

NUMBERS = st.one_of(
    st.none(), st.integers(-(2**34), 2**34), st.sampled_from([0, -1, 127, -127, -128, 32767, -32768, 2**31 - 1, -(2**31)]),
    st.tuples(st.integers(-(10**7), 10**7), st.integers(0, 9)).map(lambda pair: pair[0] / 10 ** pair[1]),
)


@given(st.lists(NUMBERS, min_size=0, max_size=8), st.integers(1, 20))
def test_packed_numbers_are_the_numbers(some: list[float | None], often: int) -> None:
    data = {"a": some * often, "b": {"c": [*some, "text"], "d": [{"e": some * (often + SHORTEST)}, None]}}
    assert unpacked(json.loads(safe_json(packed(data)))) == data


def test_packed_numbers_are_shorter() -> None:
    rng = np.random.default_rng(1)
    rooms = np.round(rng.normal(20, 3, 1000), 2).tolist()
    assert len(safe_json(packed(rooms))) < 0.6 * len(safe_json(rooms))
    assert packed(rooms[: SHORTEST - 1]) == rooms[: SHORTEST - 1]
    words = ["a", *rooms]
    assert packed(words) == words


def test_dots_that_are_left_out_are_covered() -> None:
    rng = np.random.default_rng(2)
    x, y = rng.normal(size=(2, 20_000))
    kept = spots(x.tolist(), y.tolist())
    assert kept is not None and 1000 < kept.size < x.size
    wide, tall = np.ptp(x) / ACROSS, np.ptp(y) / UP
    some = np.s_[::100, None]
    near = (np.abs(x[some] - x[kept]) <= wide) & (np.abs(y[some] - y[kept]) <= tall)
    assert near.any(axis=1).all()
    figure = Figure("dots", "", "", "", (Dots("d", x.tolist(), y.tolist(), 5.0, "#000", [str(at) for at in range(x.size)]),))
    drawn = plot(figure)["data"][0]
    assert drawn["text"] == [str(at) for at in kept] and len(drawn["x"]) == kept.size and drawn["type"] == "scattergl"


def test_a_thinned_curve_touches_the_same_spots() -> None:
    x = np.sort(np.random.default_rng(3).uniform(0, 100, 30_000))
    y = np.sin(x) + 0.1 * np.sin(37 * x)
    kept = curve(x.tolist(), y.tolist())
    assert kept is not None and kept.size <= 4 * (ACROSS + 1) and {0, x.size - 1} <= set(kept.tolist())
    column = np.floor((x - x[0]) / np.ptp(x) * ACROSS)
    for at in range(0, ACROSS, 7):
        inside, left = y[column == at], y[kept][column[kept] == at]
        assert (inside.min(), inside.max()) == (left.min(), left.max())
    back = [*x.tolist(), 0.0]
    assert curve(back, [*y.tolist(), 0.0]) is None and curve([None, *back], [None, *back]) is None  # loops and gaps stay whole
    assert len(plot(Figure("line", "", "", "", (Line("l", x.tolist(), y.tolist(), "#000"),)))["data"][0]["x"]) == kept.size
