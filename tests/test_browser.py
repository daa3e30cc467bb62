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
from evil import WORDS, bad, evil_town
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
    evil = solved(evil_town())
    store.write(folder / "evil.h5", [("base", evil, rooms(evil))])
    report.write(report.build(store.read(folder / "evil.h5"), "zh"), folder / "evil.html")
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
    """Open a page at a width; have all figures drawn, those out of sight too."""
    browser.set_window_size(width, 900)
    browser.get("about:blank")
    browser.get(page.as_uri())
    waiting = """const done = arguments[0], names = figureNames(), until = Date.now() + 20000;
        const ready = name => drawn.has(name) && document.querySelector("#figure-" + name + " .main-svg");
        names.forEach(figure);
        const look = () => names.every(ready) || Date.now() > until
            ? done(names.filter(name => !drawn.has(name))) : setTimeout(look, 50);
        look();"""
    assert browser.execute_async_script(waiting) == []
    assert browser.execute_script("return performance.getEntriesByType('resource').map(one => one.name)") == []  # nothing is fetched


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
    link = run("return [...tables.cold_list.body.querySelectorAll('a')].map(one => one.textContent)[0]")
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
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True})
    opened(browser, pages / "zh.html")
    assert browser.execute_script("return innerWidth") == 390
    assert browser.execute_script("return document.documentElement.scrollWidth <= innerWidth")
    wide = "return [...document.querySelectorAll('.plot svg.main-svg')].every(one => one.getBoundingClientRect().width <= innerWidth)"
    assert browser.execute_script(wide)
    browser.find_element(By.ID, "find").send_keys("b14", Keys.ENTER)
    card = "const box = document.getElementById('user').getBoundingClientRect(); return [box.left, box.right, box.width]"
    left, right, width = browser.execute_script(card)
    assert left >= 0 and right <= 390 and width > 250
    assert complaints(browser) == []
    browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_printed_page_repeats_heads(browser: Any, pages: Path) -> None:
    opened(browser, pages / "en.html")
    before = browser.execute_script("return tables.pipes.body.rows.length")
    printed = browser.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"]
    assert len(printed) > 50_000 and browser.execute_script("return tables.pipes.body.rows.length") == before
    assert browser.execute_script("return document.getElementById('figure-rooms').layout.width") is None
    if shutil.which("pdftotext"):
        (pages / "en.pdf").write_bytes(base64.b64decode(printed))
        done = subprocess.run(["pdftotext", "-layout", "en.pdf", "-"], cwd=pages, capture_output=True, text=True, check=True)
        sheets = done.stdout.split("\f")
        assert "Map" in sheets[1] and "Prepared by" in sheets[1] and sheets[2].lstrip().startswith("2 ") and 6 <= len(sheets) <= 20
        assert "under-heated buildings" in sheets[0] and "Room temperatures" in sheets[0]
        rows = next(at for at, sheet in enumerate(sheets) if "Results of all pipes" in sheet)
        assert all("gradient" in sheet for sheet in sheets[rows:] if "PS1" in sheet and "PR1" in sheet)  # heads are repeated
    assert complaints(browser) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_print_media_cuts_nothing(browser: Any, pages: Path, lang: str) -> None:
    """As printed, no table is wider than the sheet or longer than one, bars and tools are gone, charts are as wide as the sheet."""
    opened(browser, pages / f"{lang}.html")
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 1018, "height": 700, "deviceScaleFactor": 1, "mobile": False})
    try:
        found = browser.execute_script("""
            dispatchEvent(new Event("beforeprint"));
            const wide = [...document.querySelectorAll("table")].filter(one => one.scrollWidth > 1018 + 1).map(one => one.id);
            const tools = [...document.querySelectorAll(".find, .tools, .maplayers")].filter(one => one.offsetHeight > 0).length;
            const heads = [...document.querySelectorAll("thead")].every(one => getComputedStyle(one).display === "table-header-group");
            const plots = [...document.querySelectorAll(".plot svg.main-svg")].map(one => one.getBoundingClientRect().width);
            const long = Math.max(...Object.values(tables).map(table => table.body.rows.length));
            const {chosen, body, block} = tables.pipes, left = chosen.length - body.rows.length;
            const note = block.querySelector(".printed").textContent;
            dispatchEvent(new Event("afterprint"));
            return {wide, tools, heads, plots, long, left, note};""")
    finally:
        browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    assert found["wide"] == [] and found["tools"] == 0 and found["heads"] and found["long"] <= 30
    assert found["left"] >= 0 and (not found["left"] or "XLSX" in found["note"])
    assert found["plots"] and all(width <= 1018 for width in found["plots"])


@pytest.mark.parametrize("page", ["zh", "en", "compare", "evil"])
def test_no_table_is_wider_than_the_page(browser: Any, pages: Path, page: str) -> None:
    opened(browser, pages / f"{page}.html")
    found = browser.execute_script("""const all = Object.values(tables).map(table => { table.add(100); return table.box; });
        return [all.length, all.filter(one => one.scrollWidth > one.clientWidth)
            .map(one => [one.firstElementChild.id, one.scrollWidth, one.clientWidth]), document.documentElement.scrollWidth];""")
    assert found[0] >= 4 and found[1] == [] and found[2] <= 1280


def test_charts_are_drawn_when_they_come_near_the_window(browser: Any, pages: Path) -> None:
    browser.set_window_size(1280, 900)
    browser.get("about:blank")
    browser.get((pages / "en.html").as_uri())
    seen = """const [name, done] = arguments, div = document.getElementById("figure-" + name), until = Date.now() + 20000;
        const before = [...drawn];
        div.scrollIntoView({block: "center"});
        const look = () => div.querySelector(".main-svg") || Date.now() > until
            ? done([before, [...drawn], Object.keys(parts)]) : setTimeout(look, 20);
        look();"""
    _, first, _ = browser.execute_async_script(seen, "rooms")
    assert "rooms" in first and not {"pressure", "temperature", "heat"} & set(first)
    before, after, read = browser.execute_async_script(seen, "heat")
    assert "heat" not in before and "heat" in after and {"data-figure-heat", "data-figure-rooms"} <= set(read)
    assert "data-table-cold_list" not in read  # passed by too fast to be looked at
    browser.execute_script("dispatchEvent(new Event('beforeprint'))")
    undrawn = "return figureNames().filter(name => !document.querySelector('#figure-' + name + ' .main-svg'))"
    assert browser.execute_script(undrawn) == []
    browser.execute_script("dispatchEvent(new Event('afterprint'))")
    assert browser.execute_script("return Object.keys(tables).every(name => 'data-table-' + name in parts)")
    assert complaints(browser) == []


def test_charts_differ_without_colour(browser: Any, pages: Path) -> None:
    opened(browser, pages / "zh.html")
    alike = """return Object.entries(page.figures).flatMap(([name, figure]) => {
        const looks = figure.data.map(one => JSON.stringify([one.type, one.line?.dash, one.line?.width, one.yaxis, one.marker?.symbol,
            one.marker?.pattern?.shape, one.fill]) + (one.type === "bar" ? grey(one.marker.color) : ""));
        return looks.length > new Set(looks).size ? [name] : [];
        function grey(colour) {
            const [r, g, b] = [1, 3, 5].map(at => parseInt(colour.slice(at, at + 2), 16));
            return Math.round((3 * r + 6 * g + b) / 250);
        }
    });"""
    assert browser.execute_script(alike) == []
    order = """return Object.values(model.layers.pipe).map(layer => layer.classes.map(one => one.width));"""
    assert all(widths == sorted(widths) for widths in browser.execute_script(order))


def test_keyboard_and_labels(browser: Any, pages: Path) -> None:
    opened(browser, pages / "zh.html")
    run = browser.execute_script
    assert run("return document.documentElement.lang") == "zh-CN"
    bare = """return [...document.querySelectorAll("table, .plot, .scroll, nav, input, button")]
        .filter(one => !(one.getAttribute("aria-label") || one.textContent.trim())).map(one => one.outerHTML.slice(0, 80));"""
    assert run(bare) == []
    assert run("return [...document.querySelectorAll('thead th')].every(one => one.scope === 'col')")
    head = run("const name = tables.inlets.heads[2].querySelector('[role=button]'); name.focus(); return name")
    head.send_keys(Keys.ENTER)
    assert run("return tables.inlets.heads[2].getAttribute('aria-sort')") == "descending"
    assert run("return getComputedStyle(document.activeElement).outlineStyle") == "solid"
    head.send_keys(Keys.SPACE)
    assert run("return tables.inlets.heads[2].getAttribute('aria-sort')") == "ascending"
    box = browser.find_element(By.ID, "find")
    box.send_keys("b0", Keys.ARROW_DOWN)
    assert box.get_attribute("aria-expanded") == "true" and run(
        "return document.getElementById(arguments[0].getAttribute('aria-activedescendant')).getAttribute('aria-selected')", box) == "true"
    box.send_keys(Keys.ENTER)
    assert box.get_attribute("aria-expanded") == "false" and not run("return document.getElementById('user').hidden")
    box.send_keys(Keys.ESCAPE)
    assert run("return document.getElementById('user').hidden")
    browser.get((pages / "zh.html").as_uri() + "#building=%E0%A4%A")  # an address cut short
    opened(browser, pages / "zh.html")
    assert complaints(browser) == []


def pointed(browser: Any, figure: str, place: str) -> None:
    """Move the pointer onto a place of a chart, given as script that returns its x and y."""
    spot = browser.execute_script(f"""const div = document.getElementById("figure-{figure}");
        document.getElementById("user").hidden = true;
        div.scrollIntoView({{block: "center"}});
        const [x, y] = (() => {{ {place} }})(), box = div.getBoundingClientRect(), layout = div._fullLayout;
        return [box.left + layout._size.l + layout.xaxis.l2p(x), box.top + layout._size.t + layout.yaxis.l2p(y)];""")
    actions = ActionChains(browser)
    actions.w3c_actions.pointer_action.move_to_location(int(spot[0]), int(spot[1]))
    actions.pause(0.3).perform()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_click_on_the_diagram_leads_to_its_users_and_nodes(browser: Any, pages: Path, lang: str) -> None:
    opened(browser, pages / f"{lang}.html")
    run = browser.execute_script
    pointed(browser, "pressure", 'const line = div.data.find(one => one.name === words["pressure.supply"]); return [line.x[2], line.y[2]];')
    told = run("return document.querySelector('#figure-pressure .hoverlayer').textContent")
    unit, other, pressure = ("℃", "°C", "MPa") if lang == "zh" else ("°C", "℃", "kPa")
    assert "200 m" in told and pressure in told and unit in told and other not in told
    ActionChains(browser).click().perform()
    marked = "return document.getElementById('figure-map').data.find(one => one.meta === 'marked')"
    mark, node = run(marked), run("const at = model.node.id.indexOf('s01'); return [model.node.x[at], model.node.y[at]]")
    assert "s01" in mark["name"] and [mark["x"][0], mark["y"][0]] == node
    pointed(browser, "pressure", """const line = div.data.find(one => one.meta === "inlet"), at = line.customdata.indexOf(0);
        return [line.x[at + 1], line.y[at + 1]];""")
    ActionChains(browser).click().perform()
    assert run("return location.hash") == "#inlet=U00" and "U00" in browser.find_element(By.ID, "user").text
    title = run("return document.querySelector('#figure-pressure').closest('figure').querySelector('h3').textContent")
    chart = "return document.getElementById('figure-pressure').data.find(one => one.name === words['pressure.supply']).x"
    path = "return document.getElementById('figure-map').data.find(one => one.name === words['map.path']).x.length"
    assert "U00" in title and run(chart) == [0, 100] and run(path) == 2 and run(marked) is None
    assert run("return [quantity('length', 1234.5), quantity('t', -0.01), quantity('p', null)]") == ["1,235 m", f"0.0 {unit}", "–"]
    assert complaints(browser) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_click_on_map_and_table_draws_the_path_on_a_narrow_screen(browser: Any, pages: Path, lang: str) -> None:
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": 390, "height": 844, "deviceScaleFactor": 1, "mobile": True})
    try:
        opened(browser, pages / f"{lang}.html")
        run = browser.execute_script
        drawn = """const name = arguments[0], map = document.getElementById("figure-map");
            const pressure = document.getElementById("figure-pressure");
            const supply = pressure.data.find(one => one.name === words["pressure.supply"]);
            return [map.data.find(one => one.name === words["map.path"]).x.length, supply.x.length,
                pressure.closest("figure").querySelector("h3").textContent.includes(name)];"""
        pointed(browser, "map", """const home = div.data.find(one => one.meta === "home" && one.customdata.includes(10));
            const at = home.customdata.indexOf(10); return [home.x[at], home.y[at]];""")
        ActionChains(browser).click().perform()
        chosen = run("return location.hash.replace('#building=', '')")  # the two homes behind an inlet stand close together here
        assert chosen in ("B05a", "B05b") and run(drawn, chosen) == [7, 7, True]
        run("tables.cold_list.sort(0); tables.cold_list.box.scrollIntoView({block: 'center'})")
        name = run("""const link = [...tables.cold_list.body.querySelectorAll("a")].find(one => /^B\\d[1-4]/.test(one.textContent));
            link.click();
            return link.textContent;""")
        nodes = int(name[2]) + 2  # from the plant to this inlet of its street
        assert run("return location.hash") == f"#building={name}" and run(drawn, name) == [nodes, nodes, True]
        assert run("return document.documentElement.scrollWidth") <= 390 and complaints(browser) == []
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_names_cannot_break_the_page(browser: Any, pages: Path) -> None:
    opened(browser, pages / "evil.html")
    run = browser.execute_script
    for kind, id_ in (("building", bad("B00a", 0)), ("inlet", bad("U01", 1)), ("building", bad("B04a", 8))):
        run("choose(arguments[0], arguments[1])", id_, kind)
        assert id_.replace("\n", " ").strip() in browser.find_element(By.ID, "user").text.replace("\n", " ")
    browser.find_element(By.ID, "find").send_keys("script", Keys.ARROW_DOWN, Keys.ENTER)
    assert "</script>" in run("return document.getElementById('find').value")
    run("Object.values(tables).forEach(table => { table.sort(0); table.add(1000); })")
    run("""const div = document.getElementById("figure-map"), home = div.data.findIndex(one => one.meta === "home");
        Plotly.Fx.hover(div, [{curveNumber: home, pointNumber: 0}]);""")
    assert run("return window.broken === undefined && document.querySelectorAll('main img, main svg [onload], [onmouseover]').length === 0")
    assert any(word in run("return document.body.textContent") for word in WORDS[:4])
    assert complaints(browser) == []
