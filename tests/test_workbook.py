"""Workbook and CSV folder: the numbers of the report as numbers, heads frozen, names that look like formulas stay names."""

import csv
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from cities import solved
from pages import parts
from towns import town

from heatnet import report, store
from heatnet.errors import HeatnetError
from heatnet.network import TABLES
from heatnet.report.document import Document, Table
from heatnet.rooms import rooms
from heatnet.store import Store
from heatnet.store.harmless import harmless

EVIL = ('=HYPERLINK("http://x","y")', "+1+1", "-2+3", "@SUM(A1)", "<img src=x onerror=alert(1)>", "\t=1", "＝1")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Store:
    """A town with evil words in every text column that a user may fill freely."""
    net = town()
    for kind in TABLES:
        table = net.tables[kind]
        free = [name for name,
                column in kind.columns().items() if column.text and not column.refers and not column.choices and name != "curve"]
        for name in free:
            if len(table):
                words = [f"{EVIL[row % len(EVIL)]}{row}" if name == "id" else EVIL[row % len(EVIL)] for row in range(len(table))]
                if name != "id" or kind.kind() in ("building", "pipe", "plant"):
                    table = table.with_(**{name: words})
        net = net.replace_table(table)
    net = replace(net, name=EVIL[0], about={"title": EVIL[0], "source": EVIL[4], EVIL[1]: EVIL[3]})  # type: ignore[arg-type]
    state = solved(net)
    path = tmp_path_factory.mktemp("book") / "a.h5"
    store.write(path, [(EVIL[0], state, rooms(state, "hlj_2021"))])
    return store.read(path)


@pytest.fixture(scope="module")
def document(kept: Store) -> Document:
    return report.build(kept, "zh")


@pytest.fixture(scope="module")
def book(document: Document, tmp_path_factory: pytest.TempPathFactory) -> openpyxl.Workbook:
    path = tmp_path_factory.mktemp("book") / "报告.xlsx"
    report.write_xlsx(document, path)
    assert [item.name for item in path.parent.iterdir()] == [path.name]
    return openpyxl.load_workbook(path)


def test_every_section_is_a_sheet_with_frozen_heads_and_filter(book: openpyxl.Workbook, document: Document) -> None:
    names = book.sheetnames
    for number, section in enumerate(document.sections, 1):
        assert any(name.startswith(f"{number} {section.title[:20]}") for name in names), section.title
    tables = sum(isinstance(block, Table) for section in document.sections for block in section.blocks)
    assert len(names) >= tables and all(len(name) <= 31 for name in names)
    for sheet in book.worksheets:
        assert sheet.freeze_panes and sheet.auto_filter.ref, sheet.title


def test_numbers_are_numbers_with_formats(book: openpyxl.Workbook, kept: Store) -> None:
    sheet = next(sheet for sheet in book.worksheets if sheet.title.startswith("6 "))
    head = next(row for row in sheet.iter_rows() if row[0].value == "建筑")
    at = {cell.value: cell.column - 1 for cell in head}
    frame = kept.frame("room")
    listed = [row for row in sheet.iter_rows(min_row=head[0].row + 1) if row[0].value in frame.index]
    assert len(listed) == (frame["room [degC]"] < 20.0).sum() > 0
    for row in listed:
        room = row[at["室温 [℃]"]]
        assert isinstance(room.value, float) and room.value == pytest.approx(frame.loc[row[0].value, "room [degC]"])
        assert room.number_format == "#,##0.0" and row[at["水力失调度 x"]].number_format == "#,##0.00"
    assert sheet.conditional_formatting
    total = [row for row in sheet.iter_rows() if row[0].value == "合计"][-1]
    assert total[at["户数"]].value == frame["households"][frame["room [degC]"] < 20.0].sum()


def test_no_cell_is_a_formula_and_no_text_can_be_taken_for_one(book: openpyxl.Workbook, document: Document, tmp_path: Path) -> None:
    texts = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if isinstance(cell.value, str)]
    assert all(cell.data_type != "f" and cell.hyperlink is None for cell in texts)
    assert any(str(cell.value).startswith("=HYPERLINK") for cell in texts)  # written as it is, as text
    report.write_csv(document, tmp_path / "表格")
    report.write_csv(document, tmp_path / "表格")  # in place of the first
    files = sorted((tmp_path / "表格").glob("*.csv"))
    assert len(files) >= 20
    for path in files:
        for row in csv.reader(path.read_text(encoding="utf-8-sig").splitlines()):
            for text in row:
                number = text.replace(".", "").replace("-", "").replace("e", "").isdigit()
                assert number or harmless(text) == text, (path.name, text)


def test_csv_holds_what_the_workbook_holds(book: openpyxl.Workbook, document: Document, tmp_path: Path) -> None:
    report.write_csv(document, tmp_path / "tables")
    pipes = next(path for path in sorted((tmp_path / "tables").glob("08*.csv")) if "_管段" in path.name and "." not in path.stem)
    rows = list(csv.reader(pipes.read_text(encoding="utf-8-sig").splitlines()))
    sheet = next(sheet for sheet in book.worksheets if sheet.title.startswith("8 "))
    head = next(row for row in sheet.iter_rows() if row[0].value == rows[0][0])
    assert [cell.value for cell in head] == rows[0] and len(rows) == 26
    for line, cells in zip(rows[1:], sheet.iter_rows(min_row=head[0].row + 1), strict=False):
        for text, cell in zip(line, cells, strict=False):
            if isinstance(cell.value, (int, float)):
                assert float(text) == pytest.approx(cell.value, abs=1e-3)
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.docx").write_text("x")
    with pytest.raises(HeatnetError, match="other things"):
        report.write_csv(document, tmp_path / "other")


def test_no_name_breaks_the_page(document: Document) -> None:
    page = report.html.page(document)
    assert "<img" not in page.split('id="data">')[0].split("<style>")[0] + page.split("<main>")[1].split("</main>")[0]
    assert parts(page)
