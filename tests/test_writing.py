"""What is written reads back the same, what cannot be is refused, and a failure leaves nothing half-written."""

from __future__ import annotations

import math
import os
import tempfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from village import build

from heatnet import Building, Consumer, Curve, HeatnetError, Network, Node, Pipe, Plant, check, read, write_folder
from heatnet.network import TABLES


def same(one: Network, other: Network) -> None:
    for kind in TABLES:
        for name in kind.columns():
            np.testing.assert_array_equal(getattr(one[kind], name), getattr(other[kind], name), err_msg=f"{kind.kind()}.{name}")
    assert dict(one.curves) == dict(other.curves) and one.name == other.name
    np.testing.assert_equal(vars(one.site), vars(other.site))


def again(net: Network, path: Path) -> Network:
    write_folder(net, path)
    return read(path)


@pytest.fixture
def village(tmp_path: Path) -> Network:
    return read(build(tmp_path / "village"))


def test_the_village_comes_back(village: Network, tmp_path: Path) -> None:
    back = again(village, tmp_path / "新" / "模型")
    same(village, back)
    assert dict(back.about) == dict(village.about) and not check(back)
    assert back[Pipe].diameter[1] == village[Pipe].diameter[1]  # from the catalogue


@pytest.mark.parametrize("model", sorted((Path(__file__).parents[1] / "models").glob("**/model.toml")), ids=lambda path: path.parent.name)
def test_models_of_the_repository_come_back(model: Path, tmp_path: Path) -> None:
    net = read(model.parent)
    same(net, again(net, tmp_path / "m"))


def test_a_network_without_rows_comes_back(tmp_path: Path) -> None:
    back = again(Network.of("nothing"), tmp_path / "m")
    assert all(len(back[kind]) == 0 for kind in TABLES) and back.name == "nothing"
    assert {file.name for file in (tmp_path / "m").iterdir()} == {"model.toml", "node.csv"}


# what a cell can hold, and what a spreadsheet or reader may trip over
words = st.text(st.characters(exclude_characters="\x00\r", exclude_categories=("Cs",)), max_size=8).map(str.strip)
labels = st.text("ab.号 \"'[]#=", min_size=1, max_size=5).map(str.strip)
awkward = st.sampled_from(
    ['"', '""', ",", "a,b", "a\nb", "#x", "'#", "1.50", "nan", "=1+1", "-", "\\", "[m]", "；", "\ufeffa", "a\u2028b", "é号"]
)


@settings(max_examples=100, deadline=None)
@given(st.lists(words | awkward, min_size=4, max_size=4), words | awkward, st.text(max_size=6).filter(lambda text: "\x00" not in text))
def test_texts_come_back(names: list[str], title: str, currency: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        net = read(build(Path(folder) / "village"))
        net = net.with_(Building, name=names, street=names[::-1], id=[f"{name}{at}" for at, name in enumerate(names)])
        net = net.with_site(currency=currency.encode(errors="ignore").decode())
        same(net, again(net, Path(folder) / "m"))


@settings(max_examples=40, deadline=None)
@given(st.lists(st.floats(1e-3, 1e6), min_size=4, max_size=4), st.floats(200, 329), labels)
def test_numbers_and_curves_come_back(values: list[float], outdoor: float, name: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        net = read(build(Path(folder) / "village"))
        net = net.with_(Building, design_heat=values, area=[math.nan, *values[1:]]).with_site(outdoor=outdoor)
        curve = Curve((outdoor, np.nextafter(outdoor, 400.0)), (340.0, 300.0 + 1 / 3))
        net = Network(net.name, net.tables, net.site, {name or "x": curve}).with_(Plant, curve=name or "x")
        same(net, again(net, Path(folder) / "m"))


@pytest.mark.parametrize("column", ["name", "street"])
@pytest.mark.parametrize("word", [" a", "a ", "\ta", "a\n", "　a", "a\rb", "a\x00b"])
def test_texts_that_would_not_come_back_are_refused(village: Network, tmp_path: Path, column: str, word: str) -> None:
    with pytest.raises(HeatnetError, match=rf"building 'b3', column '{column}'"):
        write_folder(village.with_(Building, **{column: ["a", word, "b", "c"]}), tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_head_texts_that_would_not_come_back_are_refused(village: Network, tmp_path: Path) -> None:
    with pytest.raises(HeatnetError, match="NUL"):
        write_folder(village.with_site(currency="a\x00"), tmp_path / "m")
    assert [path.name for path in tmp_path.iterdir()] == ["village"]


@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_infinite_numbers_are_refused(village: Network, tmp_path: Path, value: float) -> None:
    with pytest.raises(HeatnetError, match="consumer 'u1', column 'kvs'"):
        write_folder(village.with_(Consumer, kvs=value), tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_a_full_disk_leaves_nothing_half_written(village: Network, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = {path: path.read_bytes() for path in sorted((tmp_path / "village").iterdir())}
    opened = Path.open

    def full(path: Path, mode: str = "r", **more: object) -> object:
        if "w" in mode and path.name == "plant.csv":
            raise OSError(28, "No space left on device")
        return opened(path, mode, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", full)
    for name in ("fresh", "village"):
        with pytest.raises(HeatnetError, match=rf"{name}: cannot be written: No space left"):
            write_folder(village.with_(Node, height=1.0), tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["village"]
    assert {path: path.read_bytes() for path in sorted((tmp_path / "village").iterdir())} == before


def test_a_file_in_the_way_is_left_as_it_is(village: Network, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    for path in (file, file / "m"):
        with pytest.raises(HeatnetError):
            write_folder(village, path)
    assert file.read_text() == "mine"


def test_an_empty_folder_is_written_into(village: Network, tmp_path: Path) -> None:
    (tmp_path / "m").mkdir()
    same(village, again(village, tmp_path / "m"))
    assert os.stat(tmp_path / "m").st_mode & 0o055 == os.stat(tmp_path / "village").st_mode & 0o055
