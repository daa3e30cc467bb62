"""The report in a real browser, without network: no complaint in the console, charts drawn, tables sort and filter, users are found."""

import base64
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from cities import solved
from towns import STREETS, town

from heatnet import report, store
from heatnet.rooms import rooms

try:
    from selenium import webdriver
    from selenium.webdriver import ActionChains
    from selenium.webdriver.chrome.options import Options
    from selenium.webdriver.chrome.service import Service
    from selenium.webdriver.common.by import By
    from selenium.webdriver.common.keys import Keys
except ImportError:
    webdriver = None

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
DRIVER = shutil.which("chromedriver")
MISSING = [name for name, found in (("chromium", CHROMIUM), ("chromedriver (Debian: chromium-driver)", DRIVER),
                                    ("selenium (pip install selenium)", webdriver)) if not found]
pytestmark = [
    pytest.mark.browser, pytest.mark.skipif(bool(MISSING), reason=f"the report was not opened in a browser: no {', no '.join(MISSING)}"),
]
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--enable-unsafe-swiftshader", "--disable-dev-shm-usage")


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("页面")
    state = solved(town())
    store.write(folder / "results.h5", [("base", state, rooms(state))])
    kept = store.read(folder / "results.h5")
    for lang in ("zh", "en"):
        report.write(report.build(kept, lang, "B05a"), folder / f"{lang}.html")
    report.write(report.compare(kept, kept, "en"), folder / "compare.html")
    return folder


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    options = Options()
    options.binary_location = str(CHROMIUM)
    for flag in FLAGS:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER, env={**os.environ, "NO_PROXY": "*"}))
    driver.set_script_timeout(30)
    yield driver
    driver.quit()


def opened(browser: Any, page: Path, width: int = 1280) -> None:
    """Open a page at a width; wait until all figures are drawn."""
    browser.set_window_size(width, 900)
    browser.get("about:blank")
    browser.get(page.as_uri())
    waiting = """const done = arguments[0], names = figureNames(), until = Date.now() + 20000;
        const ready = name => drawn.has(name) && document.querySelector("#figure-" + name + " .main-svg");
        const look = () => names.every(ready) || Date.now() > until
            ? done(names.filter(name => !drawn.has(name))) : setTimeout(look, 50);
        look();"""
    assert browser.execute_async_script(waiting) == []


def complaints(browser: Any) -> list[str]:
    return [entry["message"] for entry in browser.get_log("browser") if entry["level"] in ("SEVERE", "WARNING")]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_report_draws_sorts_and_filters(browser: Any, pages: Path, lang: str) -> None:
    opened(browser, pages / f"{lang}.html")
    run = browser.execute_script
    found = run("""
        const table = tables.inlets, name = table.heads[6].querySelector("[role=button]"), told = {};
        const column = at => [...table.body.rows].map(row => row.cells[at].textContent.replace("−", "-"));
        name.click(); told.down = column(6); name.click(); told.up = column(6);
        table.tools.querySelector("button").click();
        const input = table.heads[6].querySelector("input");
        input.value = ">1"; input.dispatchEvent(new Event("input")); told.above = column(6);
        table.tools.querySelector("button").click();
        const word = table.tools.querySelector("input");
        word.value = "U05"; word.dispatchEvent(new Event("input")); told.left = column(0);
        told.points = document.querySelectorAll("#figure-map .scatterlayer .point").length;
        told.bars = document.querySelectorAll("#figure-rooms .barlayer .point").length;
        told.curves = document.querySelectorAll("#figure-pressure .scatterlayer .js-line").length;
        told.wide = document.documentElement.scrollWidth;
        return told;""")
    down, up = ([float(text) for text in found[name]] for name in ("down", "up"))
    assert len(down) == 12 and down == sorted(down, reverse=True) and up == sorted(up)
    assert [float(text) for text in found["above"]] == [x for x in up if x > 1] and found["left"] == ["U05"]
    assert found["points"] >= 25 and found["bars"] > 5 and found["curves"] >= 6 and found["wide"] <= 1280
    assert ("室温" in browser.title + run("return document.body.innerText")) == (lang == "zh")
    assert complaints(browser) == []


def test_a_building_is_found_and_leads_to_map_and_diagram(browser: Any, pages: Path) -> None:
    opened(browser, pages / "en.html")
    browser.find_element(By.ID, "find").send_keys("b14", Keys.ARROW_DOWN, Keys.ENTER)
    run = browser.execute_script
    assert run("return location.hash") in ("#building=B14a", "#building=B14b")
    card = browser.find_element(By.ID, "user").text
    assert "B14" in card and "°C" in card.replace("℃", "°C")
    title = "return document.querySelector('#figure-pressure').closest('figure').querySelector('h3').textContent"
    assert "B14" in run(title)
    ends = """const chart = document.getElementById("figure-pressure").data;
        const supply = chart.find(one => one.name === words["pressure.supply"]);
        return [supply.x, supply.y];"""
    x, y = run(ends)
    assert x == [0, 100, 200, 300, 400, 500] and y == sorted(y, reverse=True)
    evil = STREETS[1][0]
    assert evil in card  # a name with HTML in it is printed as it is
    path = "return document.getElementById('figure-map').data.find(one => one.name === words['map.path']).x.length"
    assert run(path) == 6
    link = run("return [...document.querySelectorAll('#table-cold_list a')].map(one => one.textContent)[0]")
    run("document.querySelector('#table-cold_list a').click()")
    assert run("return location.hash") == f"#building={link}" and link in browser.find_element(By.ID, "user").text
    run("document.getElementById('figure-map').scrollIntoView({block: 'center'}); document.getElementById('user').hidden = true")
    spot = run("""const div = document.getElementById("figure-map"), box = div.getBoundingClientRect(), layout = div._fullLayout;
        const home = div.data.find(one => one.meta === "home");
        return [box.left + layout._size.l + layout.xaxis.l2p(home.x[0]), box.top + layout._size.t + layout.yaxis.l2p(home.y[0]),
                model.home.id[home.customdata[0]]];""")
    actions = ActionChains(browser)
    actions.w3c_actions.pointer_action.move_to_location(int(spot[0]), int(spot[1]))
    actions.pause(0.3).perform()
    assert spot[2] in run("return document.querySelector('#figure-map .hoverlayer').textContent")
    ActionChains(browser).click().perform()
    assert run("return location.hash") == f"#building={spot[2]}"
    run("[...document.querySelectorAll('.maplayers button')].find(one => one.dataset.layer === 'home.refund').click()")
    assert "refund" in run("return document.querySelector('#figure-map .legend').textContent")
    assert run("return [...document.scripts].every(script => !script.textContent.startsWith('alert'))")
    assert complaints(browser) == []


def test_comparison_and_narrow_screen(browser: Any, pages: Path) -> None:
    opened(browser, pages / "compare.html")
    assert "B05a" in browser.execute_script("return tables.users.body.textContent")
    opened(browser, pages / "zh.html", 500)  # the least that a window of chromium may have
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    wide = "return [...document.querySelectorAll('.plot svg.main-svg')].every(one => one.getBoundingClientRect().width <= innerWidth)"
    assert browser.execute_script(wide)
    assert complaints(browser) == []


def test_printed_page_repeats_heads(browser: Any, pages: Path) -> None:
    opened(browser, pages / "en.html")
    before = browser.execute_script("return tables.pipes.body.rows.length")
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"]
    assert len(printed) > 50_000 and browser.execute_script("return tables.pipes.body.rows.length") == before
    assert browser.execute_script("return document.getElementById('figure-rooms').layout.width") is None
    if shutil.which("pdftotext"):
        (pages / "en.pdf").write_bytes(base64.b64decode(printed))
        done = subprocess.run(["pdftotext", "-layout", "en.pdf", "-"], cwd=pages, capture_output=True, text=True, check=True)
        assert "Prepared by" in done.stdout and done.stdout.count("\f") >= 11  # every section begins a page
    assert complaints(browser) == []
