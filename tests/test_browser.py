"""The report in a real browser, without network: scripts run without complaint, charts are drawn, tables sort and filter."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
from cities import solved
from towns import town

from heatnet import report, store
from heatnet.rooms import rooms

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--enable-logging=stderr", "--virtual-time-budget=8000", "--window-size=1280,1000",
)
PROBE = """<script>
addEventListener("load", () => {
  const table = document.querySelector("#table-inlets"), told = {};
  const column = [...table.tHead.rows[0].cells].findIndex(cell => cell.textContent.includes("x"));
  const read = () => [...table.tBodies[0].rows].map(row => +row.cells[column].dataset.v);
  table.tHead.rows[0].cells[column].querySelector("button").click();
  told.first = read();
  table.tHead.rows[0].cells[column].querySelector("button").click();
  told.second = read();
  const input = document.querySelector(".tools input"), body = input.closest(".tools").nextElementSibling.querySelector("tbody");
  input.value = "B05a";
  input.dispatchEvent(new Event("input"));
  told.left = [...body.rows].filter(row => !row.hidden).length;
  told.wide = document.documentElement.scrollWidth;
  told.points = document.querySelectorAll("#figure-map .scatterlayer .point").length;
  told.bars = document.querySelectorAll("#figure-rooms .barlayer .point").length;
  told.curves = document.querySelectorAll("#figure-pressure .scatterlayer .js-line").length;
  console.log("TOLD " + JSON.stringify(told));
});
</script>"""

MISSING = "no chromium found in PATH: the report was not opened in a browser"
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason=MISSING)]


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_report_opens_and_draws(lang: str, tmp_path: Path) -> None:
    state = solved(town())
    store.write(tmp_path / "results.h5", [("base", state, rooms(state))])
    page = tmp_path / "report.html"
    report.write(report.build(store.read(tmp_path / "results.h5"), lang, "B05a"), page)
    page.write_text(page.read_text(encoding="utf-8").replace("</body>", f"{PROBE}</body>"), encoding="utf-8")
    done = subprocess.run(
        [str(CHROMIUM), *FLAGS, f"--user-data-dir={tmp_path / 'profile'}", "--dump-dom", page.as_uri()],
        capture_output=True, text=True, encoding="utf-8", timeout=60, check=True,
    )
    console = [entry for entry in done.stderr.splitlines() if "CONSOLE" in entry]
    assert [entry for entry in console if "TOLD" not in entry] == []
    told = dict(re.findall(r'"(\w+)":(\[[^\]]*\]|[\d.]+)', next(entry for entry in console if "TOLD" in entry).replace('\\"', '"')))
    first, second = ([float(x) for x in told[name].strip("[]").split(",")] for name in ("first", "second"))
    assert first == sorted(first, reverse=True) and second == sorted(second) and len(first) == 12
    assert told["left"] == "1" and int(told["wide"]) <= 1280
    assert int(told["points"]) >= 25 and int(told["bars"]) > 5 and int(told["curves"]) >= 6  # homes and plant; households; lines
    dom = done.stdout
    for name in ("map", "pressure", "rooms", "flow_ratio"):
        drawn = dom.split(f'id="figure-{name}"')[1].split('id="figure-')[0]
        assert "main-svg" in drawn, name
    assert "alert('x')</script>" not in dom.split('id="figures"')[0]
    assert ("室温" in dom) == (lang == "zh")
