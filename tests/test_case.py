"""Case files: what they set, and every problem of a bad one at once."""

from pathlib import Path

import pytest

import heatnet
from heatnet import ConstantWater, ReadError
from heatnet.verbs import run, summary, write_report

SIX = (Path(__file__).parent.parent / "models" / "six_user" / "a").as_posix()


@pytest.mark.parametrize("path", sorted((Path(__file__).parent.parent / "cases").glob("*.toml")), ids=lambda path: path.stem)
def test_every_case_of_the_repository_runs(path: Path, tmp_path: Path) -> None:
    case = heatnet.read_case(path)
    result = run(case)
    assert case.net.name.split("_")[0] in summary(result)
    page = write_report(result, case.language, case.user or None, [tmp_path / "report.html"])[0]
    assert page.stat().st_size > 10_000


def write(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "案例.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_everything_a_case_sets(tmp_path: Path) -> None:
    case = heatnet.read_case(write(tmp_path, f'''
model = "{SIX}"
outdoor = "-10 degC"
profile = "harbin_2010"
language = "en"
user = "1"

[solve]
friction = "altshul"
water = {{ density = 982.0, viscosity = 4.5e-4, heat_capacity = 4186.0 }}
pressure_tolerance = "1 Pa"
search = false

[[change]]
table = "plant"
column = "lift"
value = "60 kPa"
'''))
    assert case.net.site.outdoor == pytest.approx(263.15)
    assert case.profile.name == "harbin_2010" and case.language == "en" and case.user == "1"
    assert case.settings.friction == "altshul" and case.settings.water == ConstantWater(982.0, 4.5e-4, 4186.0)
    assert case.settings.pressure_tolerance == 1.0 and not case.settings.search
    assert case.net[heatnet.Plant].lift[0] == pytest.approx(60e3)


def test_a_model_folder_is_a_case() -> None:
    case = heatnet.read_case(SIX)
    assert case.settings == heatnet.Settings() and len(case.net[heatnet.Consumer]) == 6


def test_all_problems_at_once(tmp_path: Path) -> None:
    path = write(tmp_path, f'''model = "{SIX}"
outdor = "-10 degC"
language = "fr"
[solve]
friction = "altshull"
max_steps = "many"
water = {{ density = -1.0 }}
[[change]]
table = "pipes"
[[change]]
table = "pipe"
column = "lenght"
value = 3
''')
    with pytest.raises(ReadError) as caught:
        heatnet.read_case(path)
    text = str(caught.value)
    for part in ("outdor", "outdoor", "'fr'", "altshul'", "max_steps", "density", "'pipe'", "'length'", "案例.toml:2"):
        assert part in text, part
    assert len(caught.value.problems) >= 7


@pytest.mark.parametrize("text", ["model = ", "x = 1", 'model = "nowhere"', f'model = "{SIX}"\noutdoor = 5\n'])
def test_bad_files(tmp_path: Path, text: str) -> None:
    with pytest.raises(ReadError):
        heatnet.read_case(write(tmp_path, text))
