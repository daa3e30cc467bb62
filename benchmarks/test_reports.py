"""Time and size of the report of a large city: 10,000 buildings, written, and opened in headless Chromium."""

import os
import shutil
import statistics
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmarks.city import city
from heatnet import report, rooms, solve, store

MOST = 15e6  # bytes of a page that a browser opens at once
USABLE = 3.0  # s
CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
FLAGS = ("--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
         "--enable-unsafe-swiftshader", "--disable-dev-shm-usage")
SCREEN = """const done = arguments[0], look = () => {
    const svg = typeof Plotly !== "undefined" && document.querySelector("#figure-rooms .main-svg");
    svg ? requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now()))) : setTimeout(look, 10);
}; look();"""
CHART = """const [name, done] = arguments, div = document.getElementById("figure-" + name), since = performance.now();
    div.scrollIntoView({block: "center"});
    const look = () => div.querySelector(".main-svg")
        ? requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - since))) : setTimeout(look, 10);
    look();"""


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> store.Store:
    path = tmp_path_factory.mktemp("report") / "city.h5"
    state = solve(city(10_000))
    store.write(path, [("base", state, rooms(state))])
    return store.read(path)


@pytest.fixture(scope="module")
def page(kept: store.Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    report.write(report.build(kept, "zh"), path)
    return path


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    webdriver = pytest.importorskip("selenium.webdriver")
    if not CHROMIUM or not DRIVER:
        pytest.skip("no chromium, or no chromedriver (Debian: chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in FLAGS:
        options.add_argument(flag)
    service = webdriver.ChromeService(DRIVER, env={**os.environ, "NO_PROXY": "*"})
    driver = webdriver.Chrome(options=options, service=service)
    driver.set_window_size(1280, 900)
    driver.set_script_timeout(60)
    yield driver
    driver.quit()


def test_page(benchmark, kept: store.Store, tmp_path: Path) -> None:
    benchmark.pedantic(lambda: report.write(report.build(kept, "zh"), tmp_path / "report.html"), rounds=3)
    benchmark.extra_info["MB"] = (tmp_path / "report.html").stat().st_size / 1e6
    assert (tmp_path / "report.html").stat().st_size < MOST


def test_workbook(benchmark, kept: store.Store, tmp_path: Path) -> None:
    document = report.build(kept, "zh")
    benchmark.pedantic(lambda: report.write_xlsx(document, tmp_path / "report.xlsx"), rounds=1)


def test_first_screen(benchmark, browser: Any, page: Path) -> None:
    """From opening the page to its first chart on the screen, as the browser's clock has it."""
    told: dict[str, list[float]] = {"painted": [], "usable": [], "drawn": []}

    def opened() -> None:
        browser.get("about:blank")
        browser.get(page.as_uri())
        told["drawn"].append(browser.execute_async_script(SCREEN) / 1e3)
        marks = browser.execute_script("""return [performance.getEntriesByName("first-contentful-paint")[0].startTime,
            performance.getEntriesByName("usable")[0].startTime]""")
        told["painted"].append(marks[0] / 1e3)
        told["usable"].append(marks[1] / 1e3)

    benchmark.pedantic(opened, rounds=5)
    benchmark.extra_info.update({name: statistics.median(times) for name, times in told.items()})
    assert statistics.median(told["drawn"]) < USABLE


@pytest.mark.parametrize("name", ["map", "flow_ratio", "lorenz", "rooms_along", "gradients", "pressure", "temperature", "heat"])
def test_chart(benchmark, browser: Any, page: Path, name: str) -> None:
    """From scrolling to a chart of a page just opened until it is on the screen."""
    times: list[float] = []

    def opened() -> tuple[tuple[()], dict[str, Any]]:
        browser.get("about:blank")
        browser.get(page.as_uri())
        browser.execute_async_script(SCREEN)
        return (), {}

    benchmark.pedantic(lambda: times.append(browser.execute_async_script(CHART, name) / 1e3), setup=opened, rounds=3)
    benchmark.extra_info["drawn"] = statistics.median(times)
    assert statistics.median(times) < USABLE
