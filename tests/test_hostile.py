"""Every verb on a model, a case, a price list, a valve catalogue, a profile and files with hostile names: nothing that is written runs."""

import csv
import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from click.testing import CliRunner
from evil import WORDS, evil_curves
from test_browser import MISSING, browser, complaints, opened

from heatnet import report
from heatnet.cli import main
from heatnet.components import Consumer, Pipe
from heatnet.network import Building, Network
from heatnet.read import write_folder
from heatnet.retrofit.prices import SHIPPED
from heatnet.store.harmless import DANGEROUS
from heatnet.valve_catalogue import GENERIC

NAME = "=1+1 <img src=x onerror=broken=1> '\"&{{7*7}}"  # of files and folders; the handler sets window.broken
TEMPLATE = (Path(report.__file__).parent / "page" / "page.html").read_text(encoding="utf-8")
TAGS = set(re.findall(r"<([a-z]\w*)", TEMPLATE))
__all__ = ["browser"]  # the fixture


class Page(HTMLParser):
    """Elements and attributes of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]


def case_text(net: Network) -> str:
    """A case whose own names are hostile too: candidates, price list, profile."""
    quoted = json.dumps
    homes, pipes = [str(name) for name in net[Building].id], [str(name) for name in net[Pipe].id]
    works = [
        ("radiators", f"buildings = {quoted(homes[:2], ensure_ascii=False)}\nfactor = 1.2"),
        ("insulation", f"pipes = {quoted(pipes[:2], ensure_ascii=False)}"),
        ("setting", f"consumers = {quoted([str(net[Consumer].id[5])], ensure_ascii=False)}\nopening = 0.5"),
    ]
    dates = ('state = "done"\nfinish = 2021-11-05', 'state = "construction"\nfinish = 2022-02-01', "")
    candidates = [
        f"[[candidate]]\nid = {quoted(WORDS[at])}\nname = {quoted(WORDS[9 + at])}\nmeasure = \"{measure}\"\n{text}\n{when}\n"
        for at, ((measure, text), when) in enumerate(zip(works, dates, strict=True))
    ]
    return "\n".join([
        f"name = {quoted(WORDS[9])}", f"model = {quoted('model ' + NAME)}", f"profile = {quoted(f'{NAME}.toml')}",
        "[retrofit]", 'baseline = "today"', f"prices = {quoted(f'{NAME}.csv')}", "robbed = 1000", "budget = 100000000", "checked = 0",
        'states = ["-24.2 degC", "-5 degC"]', "[retrofit.uncertainty]", "samples = 3", "seed = 1", "loss = 0.1",
        "[programme]", 'season = ["2021-11-01", "2021-11-20"]', *candidates,
    ])


def runs_text(net: Network) -> str:
    pipes = json.dumps([str(name) for name in net[Pipe].id[8:11]], ensure_ascii=False)
    return "\n".join([
        f"model = {json.dumps('model ' + NAME)}", "[[axis]]", 'outage = "pipe"', f"ids = {pipes}",
        "[keep]", 'each = ["building.temperature", "building.deficit", "consumer.flow_ratio"]',
    ])


def season_text() -> str:
    return "\n".join([
        f"model = {json.dumps('model ' + NAME)}", "[season]", 'weather = "harbin"', 'from = "2021-12-01"', 'to = "2021-12-02"',
        "[[season.event]]", f"name = {json.dumps(WORDS[2])}", 'from = "2021-12-01 06:00"', "hours = 6", 'outage = "plant"',
    ])


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with all that the verbs write."""
    folder = tmp_path_factory.mktemp("hostile")
    net = evil_curves()
    write_folder(net, folder / f"model {NAME}")
    (folder / f"{NAME}.toml").write_text(
        f"title_zh = {json.dumps(WORDS[0])}\ntitle_en = {json.dumps(WORDS[9])}\nsource = {json.dumps(WORDS[2])}\n"
        'required = "20 degC"\nover = "24 degC"\n[[band]]\nbelow = "18 degC"\nshare = 0.5\n', encoding="utf-8")
    _prices(folder / f"{NAME}.csv")
    _catalogue(folder / f"valves {NAME}.csv")
    for name, text in (("case", case_text(net)), ("run", runs_text(net)), ("season", season_text())):
        (folder / f"{name} {NAME}.toml").write_text(text, encoding="utf-8")
    for lang in ("zh", "en"):
        _all_verbs(folder, lang)
    return folder


def _prices(path: Path) -> None:
    rows = list(csv.DictReader(SHIPPED.open(encoding="utf-8")))
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        for at, row in enumerate(rows):
            texts = enumerate(("name_zh", "name_en", "source", "verified"))
            names = {key: WORDS[(at + shift) % len(WORDS)].strip() for shift, key in texts}
            out.writerow({**row, **names})


def _catalogue(path: Path) -> None:
    lines = [line for line in GENERIC.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    rows = list(csv.DictReader(lines))
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.DictWriter(file, list(rows[0]))
        out.writeheader()
        for row in rows:
            out.writerow({**row, "id": f"=<img src=x onerror=window.broken=1>-{row['id']}", "source": WORDS[3], "unit": "<b>turns"})
        for word in WORDS:  # the inlets name such types
            for row in (row for row in rows if row["id"] == "SBV-DN80"):
                out.writerow({**row, "id": word.strip(), "source": word.strip(), "unit": "=turns"})


def _all_verbs(folder: Path, lang: str) -> None:
    """Each verb writes a page, a workbook and a folder or file of CSV."""
    out = folder / f"out {lang} {NAME}"
    model, case = str(folder / f"model {NAME}"), str(folder / f"case {NAME}.toml")

    def three(name: str) -> list[str]:
        return [part for suffix in (".html", ".xlsx", "") for part in ("--out", str(out / f"{name} {NAME}{suffix}"))]

    done, first = str(out / f"a {NAME}.h5"), str(out / f"b {NAME}.h5")
    run, season = (str(out / f"{name} {NAME}.h5") for name in ("run", "season"))
    out.mkdir()
    calls = [
        ["check", model], ["solve", model, "--out", str(out / "csv")], ["solve", model, "--out", done],
        ["solve", model, "--outdoor", "-5", "--out", first], ["report", case, *three("report")],
        ["report", done, "--against", first, *three("compare")],
        ["balance", case, "--catalogue", str(folder / f"valves {NAME}.csv"), *three("balance"), "--out", str(out / "sheet.csv")],
        ["rank", case, "--worth", "--confidence", "--propose", "--quiet", "--out", str(out / "rank"), "--report", str(out / "rank.html")],
        ["rank", case, "--worth", "--quiet", "--out", str(out / "rank.xlsx")],
        ["programme", case, "--quiet", "--out", str(out / "programme"), "--report", str(out / "programme.html")],
        ["programme", case, "--quiet", "--on", "2022-01-15", "--out", str(out / "works.xlsx"), "--report", str(out / "works.html")],
        ["run", str(folder / f"run {NAME}.toml"), "--engine", "threads", "--quiet", "--out", run], ["report", run, *three("runs")],
        ["run", str(folder / f"season {NAME}.toml"), "--engine", "threads", "--quiet", "--out", season],
        ["report", season, *three("seasons")],
    ]
    pages = [words for words in calls if words[0] in ("report", "rank") and words[1] == case and "rank.xlsx" not in words[-1]]
    for words in calls if lang == "zh" else pages:  # English names stand in these
        answer = CliRunner().invoke(main, [words[0], *words[1:], "--lang", lang])
        assert answer.exit_code == 0, (words[:2], answer.output, answer.exception)


def test_no_page_has_an_element_or_attribute_of_a_name(written: Path) -> None:
    pages = sorted(written.rglob("*.html"))
    assert len(pages) == 10 and not TAGS & {"img", "svg", "iframe", "object", "embed", "form", "base"}
    for path in pages:
        found = Page(path.read_text(encoding="utf-8"))
        assert set(found.tags) <= TAGS, (path.parent.name, path.name, set(found.tags) - TAGS)
        assert not [name for name, _ in found.attributes if name.startswith("on") or "<" in name or "=" in name], path.name
        assert not [value for name, value in found.attributes if name in ("src", "href", "action") and not value.startswith("#")], path.name


def test_no_cell_of_any_workbook_or_table_is_a_formula(written: Path) -> None:
    books, tables = sorted(written.rglob("*.xlsx")), sorted(path for out in written.glob("out *") for path in out.rglob("*.csv"))
    assert len(books) == 8 and len(tables) > 90
    for path in books:
        cells = [cell for sheet in openpyxl.load_workbook(path).worksheets for row in sheet.iter_rows() for cell in row]
        wrong = [cell.value for cell in cells if cell.data_type == "f" or cell.hyperlink is not None]
        assert not wrong, (path.name, wrong[:3])
    for path in tables:
        with path.open(encoding="utf-8-sig", newline="") as file:
            wrong = [text for row in csv.reader(file) for text in row if text.lstrip(" ").startswith(DANGEROUS) and not number(text)]
        assert not wrong, (path.name, wrong[:3])


def number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


@pytest.mark.browser
@pytest.mark.skipif(bool(MISSING), reason=f"the pages were not opened in a browser: no {', no '.join(MISSING)}")
def test_no_script_of_a_name_runs(written: Path, browser: Any) -> None:
    for path in sorted(written.rglob("out zh*/*.html")):
        opened(browser, path)
        browser.execute_script("Object.values(tables).forEach(table => { table.sort(0); table.add(1000); })")
        state = browser.execute_script("return [window.broken === undefined, document.querySelectorAll('main img, main iframe').length]")
        assert state == [True, 0] and complaints(browser) == [], path.name
