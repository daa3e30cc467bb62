"""Optional columns of buildings in the report: company, storeys, address, complaints; hot-spots by hand, rates against the model."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from cities import solved
from scipy.stats import poisson, spearmanr
from towns import town

from heatnet import check, read, report, store, write_folder
from heatnet.errors import ReadError
from heatnet.network import Building, Network
from heatnet.report.document import Document, Paragraph, Table
from heatnet.report.forms import number
from heatnet.report.hot_spots import density, spots
from heatnet.report.model import model
from heatnet.report.sections.complaints import rank_correlation
from heatnet.report.view import Limits, View, view
from heatnet.rooms import rooms
from heatnet.store import Store

COMPANY = "和兴热力<b>公司</b>"


def told(seed: int = 3) -> Network:
    """The town with a season's complaints: most in the cold half, many at B10a and B10b, whose rooms are warm."""
    net = town()
    draw = np.random.default_rng(seed).poisson(0.5, 24).astype(float)
    names = net[Building].id.astype(str)
    draw += 6.0 * np.isin(names, ("B05a", "B05b", "B04b")) + 15.0 * np.isin(names, ("B10a", "B10b"))
    draw[7] = np.nan
    return net.with_(
        Building, complaints=draw, company=[COMPANY] * 12 + [""] * 12, floors=6.0, address=[f"和兴路{at}号" for at in range(24)],
    )


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Store:
    folder, state = tmp_path_factory.mktemp("told"), solved(told())
    store.write(folder / "results.h5", [("base", state, rooms(state, "hlj_2021"))])
    return store.read(folder / "results.h5")


def seen(kept: Store, limits: Limits | None = None) -> View:
    return view(kept, "en", None, limits or Limits(), (), 0)


def listed(document: Document, name: str) -> Table:
    return next(block for section in document.sections for block in section.blocks if isinstance(block, Table) and block.name == name)


def column(found: Table, head: str) -> list[object]:
    at = [one.text for one in found.heads].index(head)
    return [row[at] for row in found.rows]


def test_optional_columns_stand_in_the_list_of_cold_homes(kept: Store) -> None:
    document = report.build(kept, "zh")
    found, building = listed(document, "cold_list"), kept.net[Building]
    row = {name: at for at, name in enumerate(building.id)}
    at = [row[name] for name in column(found, "建筑")]
    assert column(found, "地址") == building.address[at].tolist() and column(found, "供热单位") == building.company[at].tolist()
    assert column(found, "层数") == [6.0] * len(at)
    assert np.array_equal(column(found, "投诉数"), building.complaints[at], equal_nan=True)
    total = dict(zip([head.text for head in found.heads], found.totals, strict=True))
    assert total["投诉数"] == np.nansum(building.complaints[at]) and total["供热面积"] == np.nansum(building.area[at])
    by = listed(document, "companies")
    assert sorted(str(name) for name in column(by, "供热单位")) == sorted([COMPANY, "（未填）"])
    assert sum(column(by, "不达标建筑数")) == len(at)  # type: ignore[arg-type]


def test_columns_that_nobody_gives_are_left_out(tmp_path: Path) -> None:
    state = solved(town())
    store.write(tmp_path / "a.h5", [("base", state, rooms(state, "hlj_2021"))])
    document = report.build(store.read(tmp_path / "a.h5"), "en")
    names = {block.name for section in document.sections for block in section.blocks if isinstance(block, Table)}
    assert not names & {"companies", "complaint_streets", "hot_spots"}
    assert not {head.text for head in listed(document, "cold_list").heads} & {"address", "heat supply company", "storeys", "complaints"}


def test_rates_by_street_and_their_rank_correlation(kept: Store) -> None:
    document, building, found = report.build(kept, "en"), kept.net[Building], kept.rooms[0]
    assert found is not None
    known = ~np.isnan(building.complaints)
    streets = listed(document, "complaint_streets")
    for row in streets.rows:
        here = known & (building.street == row[0])
        assert (row[2], row[3], row[4]) == (here.sum(), building.households[here].sum(), building.complaints[here].sum())
        assert row[5] == pytest.approx(building.complaints[here].sum() / building.households[here].sum())
        assert row[7] == pytest.approx((found.deficit * building.households)[here].sum() / building.households[here].sum())
        cold = here & found.cold
        assert row[9] == pytest.approx(building.complaints[cold].sum() / building.complaints[here].sum())
    assert [sum(row[at] for row in streets.rows) for at in (2, 3, 4)] == list(streets.totals[2:5])  # type: ignore[misc]
    rate = building.complaints[known] / building.households[known]
    rank = float(spearmanr(rate, found.deficit[known]).statistic)
    text = next(block.text for section in document.sections for block in section.blocks
                if isinstance(block, Paragraph) and "Spearman" in block.text)
    assert f"deficit: {number(rank, 2)}" in text and "23 buildings" in text
    assert rank_correlation(np.ones(4), np.arange(4.0)) != rank_correlation(np.ones(4), np.arange(4.0))  # no rank, no number
    weekly = listed(report.build(kept, "en", limits=Limits(complaint_weeks=26.0)), "complaint_streets")
    assert weekly.rows[0][5] == pytest.approx(streets.rows[0][5] / 26.0)  # type: ignore[operator]
    assert weekly.heads[5].form is not None and "week" in weekly.heads[5].form.unit("en")


def naive_spots(kept: Store, limits: Limits) -> list[tuple[str, list[str], float]]:
    """Hot-spots by the definition, one pair of buildings at a time."""
    data, building = model(seen(kept), None), kept.net[Building]
    spot = [(data["node"]["x"][data["inlet"]["s"][at]], data["node"]["y"][data["inlet"]["s"][at]]) for at in data["home"]["inlet"]]
    known = [at for at in range(24) if not np.isnan(building.complaints[at])]
    rate = sum(building.complaints[at] for at in known) / sum(building.households[at] for at in known)

    def far(one: int, other: int) -> float:
        return float(np.hypot(spot[one][0] - spot[other][0], spot[one][1] - spot[other][1]))

    def excess(at: int) -> float:
        width = limits.hot_spot / 2
        near = [one for one in known if far(at, one) <= 3 * width]
        more = {one: building.complaints[one] - rate * building.households[one] for one in near}
        return sum(more[one] * np.exp(-(far(at, one) ** 2) / (2 * width**2)) for one in near)

    left, found = list(known), []
    for at in sorted(known, key=lambda one: (-round(excess(one), 9), one)):
        here = [one for one in left if far(at, one) <= limits.hot_spot]
        count, expected = sum(building.complaints[one] for one in here), rate * sum(building.households[one] for one in here)
        chance = float(poisson.sf(count - 1, expected)) if here else 1.0
        if at in left and excess(at) > 0 and count > expected and chance < limits.chance:
            left = [one for one in left if one not in here]
            found.append((str(building.id[at]), [str(building.id[one]) for one in here], chance))
    return found


@pytest.mark.parametrize("limits", [Limits(), Limits(hot_spot=40.0, chance=0.2), Limits(chance=1e-12)])
def test_hot_spots_are_those_of_the_definition(kept: Store, limits: Limits) -> None:
    found, names = spots(seen(kept, limits)), kept.net[Building].id
    expected = naive_spots(kept, limits)
    assert [(str(names[one.centre]), names[one.rows].tolist()) for one in found] == [(centre, rows) for centre, rows, _ in expected]
    assert [one.chance for one in found] == pytest.approx([chance for *_, chance in expected])
    assert len(found) >= 2 or limits.chance < 1e-9


def test_a_hot_spot_of_warm_homes_is_not_explained(kept: Store) -> None:
    document, building = report.build(kept, "en"), kept.net[Building]
    table = listed(document, "hot_spots")
    verdicts = {str(row[1])[:3]: str(row[-1].text) for row in table.rows}  # type: ignore[union-attr]
    assert verdicts["B10"].startswith("not explained") and verdicts["B05"].startswith("explained")
    assert sum(column(table, "complaints")) <= np.nansum(building.complaints)  # type: ignore[arg-type]
    assert "热点" in report.build(kept, "zh").labels["map.spots"]


def test_complaints_of_today_are_not_set_against_another_state(tmp_path: Path) -> None:
    state = solved(told())
    store.write(tmp_path / "two.h5", [(name, state, rooms(state, "hlj_2021")) for name in ("before", "balanced")])
    both = store.read(tmp_path / "two.h5")
    shown = [report.build(both, "en", scenario=at) for at in (0, 1)]
    names = [{block.name for section in document.sections for block in section.blocks if isinstance(block, Table)} for document in shown]
    assert "hot_spots" in names[0] and not {"hot_spots", "complaint_streets"} & names[1]
    texts = [block.text for section in shown[1].sections for block in section.blocks if isinstance(block, Paragraph)]
    assert any("state 'before'" in text for text in texts)


def test_density_holds_all_that_was_put_in(kept: Store) -> None:
    found = density(np.array([0.0, 300.0]), np.array([0.0, 40.0]), np.array([2.0, 5.0]), 50.0)
    cell = (found["x"][1] - found["x"][0]) * (found["y"][1] - found["y"][0]) / 1e4
    assert cell * np.sum(found["z"]) == pytest.approx(7.0, rel=0.03)  # what is faint is cut
    top = np.unravel_index(np.argmax(found["z"]), np.shape(found["z"]))
    assert abs(found["x"][top[1]] - 300.0) < 5.0 and abs(found["y"][top[0]] - 40.0) < 5.0
    data = model(seen(kept), None)["spots"]
    assert set(data) == {"deficit", "complaints"}
    far = density(np.array([0.0, 2e4]), np.zeros(2), np.ones(2), 50.0)  # a large town: not more cells, a wider kernel
    cell = (far["x"][1] - far["x"][0]) * (far["y"][1] - far["y"][0]) / 1e4
    assert len(far["x"]) < 120 and cell * np.sum(far["z"]) == pytest.approx(2.0, rel=0.04)


def test_columns_are_read_back_and_checked(tmp_path: Path) -> None:
    write_folder(told(), tmp_path / "town")
    net = read(tmp_path / "town")
    assert np.array_equal(net[Building].complaints, told()[Building].complaints, equal_nan=True)
    assert net[Building].company.tolist() == told()[Building].company.tolist()
    bad = check(net.with_(Building, floors=np.where(np.arange(24) == 0, 0.0, 6.0), complaints=np.where(np.arange(24) == 1, -1.0, 0.0)))
    assert {(one.id, one.column) for one in bad} >= {("B00a", "floors"), ("B00b", "complaints")}
    (odd,) = [one for one in check(replace(net).with_(Building, floors=np.where(np.arange(24) == 2, 20.0, 6.0))) if one.column == "floors"]
    assert odd.warning and odd.id == "B01a" and "20 storeys" in odd.text
    path = tmp_path / "town" / "building.csv"
    path.write_text(path.read_text(encoding="utf-8-sig").replace("complaints [count]", "complaints [m]"), encoding="utf-8")
    with pytest.raises(ReadError, match="complaints"):
        read(tmp_path / "town")
