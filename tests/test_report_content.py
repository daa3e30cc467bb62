"""What an engineer expects beside the main tables: identity of the network, rules broken, best measures, required pressures, make-up."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from cities import solved
from test_report import fact, table, text
from towns import town

from heatnet import read, report, store, write_folder
from heatnet.components import Consumer
from heatnet.errors import Problem
from heatnet.network import Network
from heatnet.report.document import Document, Quantity
from heatnet.report.identity import fingerprint
from heatnet.report.view import Limits
from heatnet.rooms import rooms
from heatnet.store import Store


def stored(folder: Path, net: Network) -> Store:
    state = solved(net)
    store.write(folder / "results.h5", [("base", state, rooms(state, "hlj_2021"))])
    return store.read(folder / "results.h5")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Store:
    return stored(tmp_path_factory.mktemp("content"), town())


@pytest.fixture(scope="module")
def english(kept: Store) -> Document:
    return report.build(kept, "en")


def test_a_network_is_known_by_the_mark_of_its_data(kept: Store, english: Document, tmp_path: Path) -> None:
    mark = fingerprint(town())
    write_folder(town(), tmp_path / "town")
    assert fingerprint(read(tmp_path / "town")) == fingerprint(kept.net) == mark
    assert fingerprint(town().with_(Consumer, kvs=14.000001)) != mark and fingerprint(town(fee=41.0)) != mark
    rows = dict(table(english, "conditions").rows)  # type: ignore[arg-type]
    assert mark in rows["network"] and "town" in rows["network"]
    path = tmp_path / "town" / "model.toml"
    path.write_text('version = "v2026-11"\ndate = "2026-11-01"\n' + path.read_text(encoding="utf-8"), encoding="utf-8")
    dated = report.build(stored(tmp_path, read(tmp_path / "town")), "zh")
    rows = dict(table(dated, "conditions").rows)  # type: ignore[arg-type]
    assert rows["数据版本"] == "v2026-11" and rows["数据日期"] == "2026-11-01"


def test_summary_counts_broken_rules_areas_and_warnings(kept: Store, english: Document) -> None:
    broken = pd.DataFrame([("boiling", "running", "node", f"s0{at}", 1.0, 13.5, -12.5) for at in range(3)]
                          + [("draining", "static", "node", "r00", 1.0, 50.0, -49.0)],
                          columns=["rule", "state", "table", "id", "value [kPa]", "limit [kPa]", "margin [kPa]"])
    margins = pd.DataFrame([("boiling", "running", "node", 26, 3, -12.5, "s00")],
                           columns=["rule", "state", "table", "checked", "beyond", "least margin [kPa]", "where"])
    both = kept.with_table("pressure_margin", margins).with_table("pressure_violation", broken)
    warned = report.build(both, "en", warnings=[Problem("roughness is unusual", "pipe", "PS00", warning=True)])
    assert "in 4 places (no boiling 3, no draining 1)" in text(warned) and "has 1 warnings" in text(warned)
    assert "4 处不满足压力规则（不汽化 3 处、不倒空 1 处）" in text(report.build(both, "zh"))
    frame = kept.frame("room")
    area, cold = frame["area [m2]"].fillna(0.0), frame["room [degC]"] < 20.0
    assert fact(english, "within the rule, by area").value == pytest.approx(100.0 * area[~cold].sum() / area.sum())
    over = frame["room [degC]"] > 24.0
    assert f"{area[over].sum():,.0f} m²" in fact(english, "over-heated buildings").note


def test_summary_names_the_first_measures(kept: Store) -> None:
    count = 7
    ranking = pd.DataFrame({
        "rank": np.arange(count)[::-1] + 1, "id": [f"m{at}" for at in range(count)], "measure": ["upsize"] * count,
        "name": [f"<b>{at}" for at in range(count)], "where": ["PS00"] * count, "cost [CNY]": np.arange(count) * 1e4,
        "avoided [K h household]": np.arange(count) * 100.0, "lifted [household]": np.arange(count) * 5.0,
        "robbed [household]": 0.0, "per avoided [CNY/(K h household)]": 0.125, "guard": ["rank"] * count, "pressure": [""] * count,
    })
    from heatnet.report.words import WORDS  # noqa: PLC0415

    ranking["measure"] = next(key.removeprefix("measure.") for key in WORDS if key.startswith("measure."))
    ranking["guard"] = next(key.removeprefix("guard.") for key in WORDS if key.startswith("guard."))
    document = report.build(kept.with_table("ranking", ranking), "en")
    found = table(document, "foremost")
    assert [row[0] for row in found.rows] == [1.0, 2.0, 3.0, 4.0, 5.0] and [row[2] for row in found.rows] == [f"<b>{at}" for at in (6, 5, 4, 3, 2)]
    full = table(document, "ranking")
    assert {row[4] for row in found.rows} <= {row[4] for row in full.rows}
    assert [block.name for block in document.sections[0].blocks if hasattr(block, "rows")] == ["foremost", "conditions"]


def test_unused() -> None:
    assert Quantity is not None and Limits is not None
