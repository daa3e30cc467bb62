"""Comparison of two stores, and measured rooms against simulated ones."""

from pathlib import Path

import numpy as np
import pytest
from cities import solved
from towns import town

from heatnet import report, store
from heatnet.components import Consumer, Plant
from heatnet.errors import HeatnetError, ReadError
from heatnet.network import Building, Network
from heatnet.report.document import Document, Figure, Quantity, Table
from heatnet.rooms import rooms
from heatnet.store import Store


def kept(path: Path, net: Network) -> Store:
    state = solved(net)
    store.write(path, [("base", state, rooms(state, "hlj_2021"))])
    return store.read(path)


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Store, Store]:
    folder = tmp_path_factory.mktemp("compare")
    opening = np.where(np.arange(12) == 8, 0.0, np.where(np.arange(12) % 6 < 3, 0.5, 1.0))
    better = town().with_(Consumer, opening=opening).with_(Plant, lift=6.5e4)
    return kept(folder / "before.h5", town()), kept(folder / "after.h5", better)


def table(document: Document, name: str) -> Table:
    return next(block for section in document.sections for block in section.blocks if isinstance(block, Table) and block.name == name)


def test_comparison_tells_what_changed(two: tuple[Store, Store]) -> None:
    found = report.compare(*two, "en", names=("as it is", "balanced"))
    one, other = (part.frame("room") for part in two)
    cold, still = one["room [degC]"] < 20.0, other["room [degC]"] < 20.0
    lines = {row[0]: row[1:] for row in table(found, "summary").rows}
    first, second, gap = lines["under-heated buildings"]
    assert isinstance(first, Quantity) and isinstance(second, Quantity) and isinstance(gap, Quantity)
    assert (first.value, second.value) == (cold.sum(), still.sum()) and gap.value == still.sum() - cold.sum()
    assert gap.tone == ("good" if gap.value < 0 else "bad")
    listed = table(found, "users")
    assert len(listed.rows) == 24
    for row in listed.rows:
        was, now = one.loc[row[0], "room [degC]"], other.loc[row[0], "room [degC]"]
        assert row[5:8] == pytest.approx((was + 273.15, now + 273.15, now - was))
    verdicts = [row[12].text if row[12] else "" for row in listed.rows]  # type: ignore[union-attr]
    assert verdicts.count("lifted above the limit") == (cold & ~still).sum() > 0
    assert verdicts.count("fallen below the limit") == (~cold & still).sum()
    gain = (one["deficit [K]"] - other["deficit [K]"]) * one["households"]
    assert listed.totals[10] == pytest.approx(gain.sum()) == pytest.approx(sum(row[10] for row in listed.rows))
    changes = {(row[0], row[1]): row[2] for row in table(found, "changes").rows}
    assert changes == {("consumers (inlets)", "opening"): 5, ("plants", "lift"): 1}
    assert {block.name for section in found.sections for block in section.blocks if isinstance(block, Figure)} == {"rooms", "scatter"}
    assert "after" not in report.html.page(report.compare(two[0], two[0], "zh")).split("<main>")[1].split("</main>")[0]


def test_stores_without_a_common_building(two: tuple[Store, Store], tmp_path: Path) -> None:
    other = town().with_(Building, id=[f"X{row}" for row in range(24)])
    with pytest.raises(HeatnetError, match="no building in common"):
        report.compare(two[0], kept(tmp_path / "x.h5", other), "en")


def test_measured_rooms(two: tuple[Store, Store], tmp_path: Path) -> None:
    ids, frame = two[0].net[Building].id, two[0].frame("room")
    path = tmp_path / "实测.csv"
    rows = [f"{name},{frame.loc[name, 'room [degC]'] + 0.5:.3f}" for name in ids[:10]]
    path.write_bytes(("building,room [degC]\r\n" + "\r\n".join(rows) + "\r\n").encode("gb18030"))
    measured = report.read_measured(path, ids)
    found = report.build(two[0].with_table("measured", measured), "en")
    listed = table(found, "measured")
    assert len(listed.rows) == 10 and all(row[7] == pytest.approx(-0.5, abs=1e-3) for row in listed.rows)
    path.write_text("building,room [degC]\nB00a,cold\nB99,21\n", encoding="utf-8")
    with pytest.raises(ReadError) as error:
        report.read_measured(path, ids)
    assert [problem.where.rpartition(":")[2] for problem in error.value.problems] == ["2", "3"]
    path.write_text("who,what\n1,2\n", encoding="utf-8")
    with pytest.raises(ReadError, match="needs the columns"):
        report.read_measured(path, ids)
