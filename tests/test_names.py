"""Rows by id against a dict, also where ids repeat, hashes meet and names are unknown."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from heatnet import names
from heatnet.names import Names


def texts(values):
    array = np.empty(len(values), dtype=object)
    array[:] = values
    return array


@given(st.lists(st.text(max_size=3), max_size=60), st.lists(st.text(max_size=3), max_size=60), st.sampled_from([0, 4, 4000]))
@settings(max_examples=150, deadline=None)
def test_as_a_dict(ids, wanted, few):
    before, names.FEW = names.FEW, few
    try:
        index = Names.of(texts(ids))
        every = {name: row for row, name in enumerate(ids)}
        assert index.rows(texts(wanted + ids)).tolist() == [every.get(name, -1) for name in wanted + ids]
        assert names.unique(texts(ids)) == (len(every) == len(ids))
    finally:
        names.FEW = before


def test_many():
    ids = texts([f"node {at}" for at in range(50_000)])
    index = Names.of(ids)
    assert sum(table.size for table in index.tables) > 50_000
    order = np.random.default_rng(1).permutation(50_000)
    assert np.array_equal(index.rows(ids[order]), order)
    assert index.rows(texts(["node", "node 50000", ""])).tolist() == [-1, -1, -1]
    with pytest.raises(KeyError, match="node 50000"):
        index.every(texts(["node 7", "node 50000"]))


def test_one_name_many_times():
    """No chain of tables for ids that all want one place."""
    index = Names.of(texts(["a"] * 20_000 + ["b"] * 20_000))
    assert len(index.tables) < 5
    assert index.rows(texts(["a", "b", "c"])).tolist() == [19_999, 39_999, -1]


def test_two_names_of_one_hash(monkeypatch):
    monkeypatch.setattr(names, "FEW", 0)
    monkeypatch.setattr(names, "_hashes", lambda values: np.array([len(name) for name in values], dtype=np.int64))
    index = Names.of(texts(["aa", "b", "cc", "ddd"]))
    assert index.rows(texts(["aa", "cc", "bb", "b", "ddd", "dddd"])).tolist() == [0, 2, -1, 1, 3, -1]
    assert not names.unique(texts(["aa", "cc"]))
