"""Time and size of the report of a large city: 10,000 buildings."""

from pathlib import Path

import pytest

from benchmarks.city import city
from heatnet import report, rooms, solve, store

MOST = 15e6  # bytes of a page that a browser opens at once


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> store.Store:
    path = tmp_path_factory.mktemp("report") / "city.h5"
    state = solve(city(10_000))
    store.write(path, [("base", state, rooms(state))])
    return store.read(path)


def test_page(benchmark, kept: store.Store, tmp_path: Path) -> None:
    benchmark.pedantic(lambda: report.write(report.build(kept, "zh"), tmp_path / "report.html"), rounds=3)
    assert (tmp_path / "report.html").stat().st_size < MOST


def test_workbook(benchmark, kept: store.Store, tmp_path: Path) -> None:
    document = report.build(kept, "zh")
    benchmark.pedantic(lambda: report.write_xlsx(document, tmp_path / "report.xlsx"), rounds=1)
