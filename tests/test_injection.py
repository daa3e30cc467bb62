"""No name of a user becomes HTML, script or formula: page, workbook, CSV; ids of nodes and inlets as well as free texts."""

import csv
from html.parser import HTMLParser
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from cities import solved
from evil import WORDS, bad, evil_town, is_number
from pages import parts
from towns import town

from heatnet import read, report, store
from heatnet.components import Consumer
from heatnet.network import Building, Node
from heatnet.read import write_folder
from heatnet.report import html
from heatnet.report.document import Document
from heatnet.retrofit.tables import write_tables
from heatnet.rooms import rooms
from heatnet.store import Store
from heatnet.store.harmless import DANGEROUS, harmless, harmless_frame


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Store:
    path = tmp_path_factory.mktemp("evil") / "a.h5"
    state = solved(evil_town())
    store.write(path, [(WORDS[0], state, rooms(state, "hlj_2021"))])
    return store.read(path).with_table("measured", pd.DataFrame({"building": [], "room [degC]": []}))


def documents(kept: Store) -> list[Document]:
    """Every kind of report that the town can have, in both languages, with names given to its stores and a warning that names them."""
    made = [report.build(kept, lang, warnings=[WORDS[0], WORDS[2]]) for lang in ("zh", "en")]
    return [*made, *(report.compare(kept, kept, lang, names=(WORDS[0], WORDS[9])) for lang in ("zh", "en"))]


class _Page(HTMLParser):
    """Elements and attributes of a page."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_names_stay_text_in_the_page(kept: Store, tmp_path: Path) -> None:
    plain = tmp_path / "plain.h5"
    state = solved(town())
    store.write(plain, [("base", state, rooms(state, "hlj_2021"))])
    for found in documents(kept):
        page = _Page()
        page.feed(html.page(found))
        assert page.tags.count("script") == 3 + len(parts(html.page(found))) and not {"img", "svg", "iframe"} & set(page.tags)
        assert not [name for name, _ in page.attributes if name.startswith("on")]
        assert not [value for name, value in page.attributes if name in ("src", "href") and not value.startswith("#")]
        model = parts(html.page(found)).get("data-model")
        if model:
            assert bad("s0", 0) in model["node"]["id"] and bad("U00", 0) in model["inlet"]["id"]  # whole, and set as text by the page
        assert any(WORDS[0] in text for text in page.text)  # printed, not left out


def test_every_text_of_a_chart_is_escaped(kept: Store) -> None:
    for found in documents(kept):
        figures = {name: part for name, part in parts(html.page(found)).items() if name.startswith("data-figure-")}
        texts = list(_texts(figures))
        assert len(texts) > 50 and not [text for text in texts if "<" in text.replace("<b>%{text}</b><br>", "").replace("<br>", "").replace(
            "<extra>%{fullData.name}</extra>", "")]


def _texts(part: object) -> list[str]:
    if isinstance(part, str):
        return [part]
    values = part.values() if isinstance(part, dict) else part if isinstance(part, list) else ()
    return [text for value in values for text in _texts(value)]


def test_no_cell_of_a_workbook_is_a_formula(kept: Store, tmp_path: Path) -> None:
    seen = 0
    for at, found in enumerate(documents(kept)):
        report.write_xlsx(found, tmp_path / f"{at}.xlsx")
        book = openpyxl.load_workbook(tmp_path / f"{at}.xlsx")
        cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
        assert all(cell.data_type != "f" and cell.hyperlink is None for cell in cells)
        seen += sum(str(cell.value).startswith("=") for cell in cells)
    assert seen > 10  # as it is written, as text


def test_no_cell_of_a_csv_is_a_formula(kept: Store, tmp_path: Path) -> None:
    for at, found in enumerate(documents(kept)[:2]):
        report.write_csv(found, tmp_path / f"{at}")
    store.write_csv(tmp_path / "results", kept.states[0], kept.rooms[0])
    write_tables(tmp_path / "tables", {"ranking": (pd.DataFrame({"id": list(WORDS), "=cost": range(len(WORDS))}), "")})
    files = sorted(tmp_path.rglob("*.csv"))
    marked = 0
    for path in files:
        with path.open(encoding="utf-8-sig", newline="") as file:
            for text in (text for row in csv.reader(file) for text in row):
                assert not text.lstrip(" ").startswith(DANGEROUS) or is_number(text), (path.name, text)
                marked += text.startswith("'=")
    assert len(files) > 30 and marked > 20


def test_a_workbook_of_tables_holds_texts(tmp_path: Path) -> None:
    write_tables(tmp_path / "a.xlsx", {"ranking": (pd.DataFrame({"id": list(WORDS)}), "")})
    cells = [cell for row in openpyxl.load_workbook(tmp_path / "a.xlsx").active.iter_rows(min_row=2) for cell in row]  # type: ignore[union-attr]
    assert len(cells) == len(WORDS) and all(cell.data_type == "s" and cell.hyperlink is None for cell in cells)


def test_numbers_stay_numbers_in_a_harmless_table() -> None:
    frame = pd.DataFrame({"a": [-1.5, 2.0], "b": ["-x", "y"]}, index=pd.Index(["=1", "z"], name="id"))
    found = harmless_frame(frame)
    assert found["a"].tolist() == [-1.5, 2.0] and found["b"].tolist() == ["'-x", "y"] and found.index.tolist() == ["'=1", "z"]
    assert harmless("'=1") == "'=1"


def test_a_model_with_such_names_reads_back_unchanged(tmp_path: Path) -> None:
    net = evil_town()
    without = {kind: table for kind, table in net.tables.items() if kind in (Node, Consumer, Building)}
    words = [f"{word.strip()}x" for word in WORDS]  # a model's text has no blanks at its ends
    building = without[Building]
    net = net.replace_table(building.with_(name=[words[row % len(words)] for row in range(len(building))],
                                           street=[words[(row + 5) % len(words)] for row in range(len(building))]))
    renamed = {name: name.strip() for name in (*net[Node].id, *net[Consumer].id, *net[Building].id)}
    assert sum(name != new for name, new in renamed.items()) <= 6
    for kind in net.tables:
        table = net.tables[kind]
        columns = [name for name, item in kind.columns().items() if item.text and len(table)]
        net = net.replace_table(table.with_(**{name: [text.strip() for text in getattr(table, name)] for name in columns}))
    write_folder(net, tmp_path / "model")
    back = read(tmp_path / "model")
    for kind in (Node, Consumer, Building):
        for name, item in kind.columns().items():
            if item.text:
                assert list(getattr(back[kind], name)) == list(getattr(net[kind], name)), (kind.kind(), name)


def test_measured_rooms_may_name_a_building_as_our_tables_do(tmp_path: Path) -> None:
    path = tmp_path / "measured.csv"
    path.write_text("building,room [degC]\n'=B1,19.5\nB2,20\n", encoding="utf-8")
    assert list(report.read_measured(path, ["=B1", "B2"]).index) == ["=B1", "B2"]
