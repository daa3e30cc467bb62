"""Model folders: what is read, in which units and from which line, and that what is written reads back equal."""

from __future__ import annotations

import math
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sound import SOUND, errors, problems, swapped, write

from heatnet import Building, Consumer, Curve, Network, Node, Pipe, Plant, Site, check, read, reset_curve
from heatnet.errors import HeatnetError
from heatnet.network import TABLES
from heatnet.pipe_catalogue import FOLDER, pipe_types
from heatnet.pipe_loss import BuriedPair, bonded
from heatnet.read import READERS, write_folder
from heatnet.units import KELVIN


def same(one: Network, other: Network) -> None:
    assert one.name == other.name
    for kind in TABLES:
        for name in kind.columns():
            np.testing.assert_array_equal(getattr(one[kind], name), getattr(other[kind], name), err_msg=f"{kind.kind()}.{name}")
    for name, value in vars(one.site).items():
        np.testing.assert_equal(getattr(other.site, name), value)
    assert dict(one.curves) == dict(other.curves)


def test_the_sound_model(tmp_path: Path) -> None:
    net = read(write(tmp_path / "供热 模型"))
    assert net.name == "small" and net.about["title"] == "三户小网"
    assert [len(net[kind]) for kind in TABLES] == [8, 6, 0, 0, 1, 3, 0, 4]
    assert net[Pipe].diameter[1] == 0.0825 and net[Pipe].roughness[0] == 5e-4 and net[Pipe].zeta[0] == 0.0
    assert net[Node].pressure[4] == 3e5 and math.isnan(net[Node].pressure[0])
    assert net[Plant].lift[0] == 8e4 and net[Plant].supply_temperature[0] == pytest.approx(348.15) and net[Plant].capacity[0] == 1e6
    assert net[Building].name[3] == "4号楼" and net[Building].exponent[0] == 1.3
    assert net.site.design_outdoor == pytest.approx(248.95) and net.site.ground == pytest.approx(274.15)
    assert net.curves["east"].at(KELVIN + 5) == pytest.approx(KELVIN + 43)


def test_where_rows_stand(tmp_path: Path) -> None:
    folder = write(tmp_path)
    net = read(folder)
    assert net.where(Pipe, 2) == f"{folder / 'pipe.csv'}:4"
    assert net.where(Building, 0) == f"{folder / 'building.csv'}:2"


def test_paths_are_shown_as_the_user_gave_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "small")
    monkeypatch.chdir(tmp_path)
    assert read("small").where(Pipe, 0) == str(Path("small") / "pipe.csv") + ":2"


@pytest.mark.parametrize("change", [
    lambda text: text.encode("utf-8-sig"),
    lambda text: text.encode("gb18030"),
    lambda text: text.replace("\n", "\r\n").encode(),
    lambda text: text.replace(",", ";").encode(),
    lambda text: text.replace(",", "\t").encode(),
    lambda text: text.rstrip("\n").encode(),
    lambda text: text.replace(",", " , ").encode(),
    lambda text: text.replace("[", "（").replace("]", "）").encode(),
    lambda text: text.replace("[", "【").replace("]", "】").encode(),
    lambda text: text.replace(" [", "(").replace("]", ")").encode(),
    lambda text: text.replace(" [", "[ ").replace("]", " ]").encode(),
    lambda text: "\n".join(",".join(f'"{cell}"' for cell in row.split(",")) for row in text.splitlines()).encode(),
    lambda text: "\n".join(f"{row},," for row in text.splitlines()).encode(),
], ids=[
    "BOM", "GB18030", "CRLF", "semicolons", "tabs", "no last line end", "spaces", "（）", "【】", "()", "[ ]", "quoted", "empty columns",
])
def test_ways_of_writing_the_same(change: object, tmp_path: Path) -> None:
    files = {name: change(text) for name, text in SOUND.items() if name.endswith(".csv")}  # type: ignore[operator]
    same(read(write(tmp_path / "sound")), read(write(tmp_path / "same", files)))


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    rows = SOUND["pipe.csv"].splitlines()
    quoted = '"pr\n1",r1,r0,100,107.1,0.5,0.3,'
    text = ["# 管段表, \"quoted", "", rows[0], rows[1], ",,,,,,,", "  # two", *rows[2:4], quoted, rows[5], "", "x,s0,s1,bad,1,1,1,"]
    folder = write(tmp_path, {"pipe.csv": "\n".join(text)})
    (found,) = errors(folder)
    assert found.where.endswith("pipe.csv:13") and found.id == "x"
    folder = write(tmp_path, {"pipe.csv": "\n".join(text[:-1])})
    assert read(folder).origins[Pipe].lines.tolist() == [4, 7, 8, 9, 11]


@pytest.mark.parametrize(("head", "separator"), [("sep=;", ";"), ('"sep=,"', ","), ("SEP=\t", "\t"), ("sep=;;;;;", ";")])
def test_the_line_that_tells_excel_the_separator(head: str, separator: str, tmp_path: Path) -> None:
    text = f"{head}\n" + SOUND["pipe.csv"].replace(",", separator)
    net = read(write(tmp_path, {"pipe.csv": text}))
    same(net, read(write(tmp_path / "plain")))
    assert net.where(Pipe, 0).endswith("pipe.csv:3")


def test_chinese_in_gb18030_beside_few_bytes_that_look_like_utf8(tmp_path: Path) -> None:
    for word in ("和乐街1号楼", "涓", "龥北苑小区", "汉"):
        text = swapped("building.csv", "1号楼", word)
        assert read(write(tmp_path, {"building.csv": text.encode("gb18030")}))[Building].name[0] == word


def test_a_quoted_line_break_before_a_mark_is_no_comment(tmp_path: Path) -> None:
    rows = SOUND["node.csv"].replace("r3,300,10,", '"r3\n#a,b,c",300,10,').replace("s3,300,0,", "s3,300,0,\n# an old, row, of, four")
    pipe = SOUND["pipe.csv"].replace("pr3,r3,", 'pr3,"r3\n#a,b,c",')
    inlet = SOUND["consumer.csv"].replace("s3,r3,", 's3,"r3\n#a,b,c",')
    net = read(write(tmp_path, {"node.csv": rows, "pipe.csv": pipe, "consumer.csv": inlet}))
    assert net[Node].id[-1] == "r3\n#a,b,c" and not check(net)
    (found,) = errors(write(tmp_path, {"node.csv": rows.replace("# an", "#an")}))
    assert "Quote an id" in found.text and found.where.endswith("node.csv:6")


def test_an_id_that_looks_like_a_comment(tmp_path: Path) -> None:
    folder = write(tmp_path, {"pipe.csv": swapped("pipe.csv", "ps2,", '"#2",')})
    net = read(folder)
    assert net[Pipe].id[1] == "#2"
    write_folder(net, tmp_path / "again")
    same(net, read(tmp_path / "again"))


@pytest.mark.parametrize(("header", "cell", "si"), [
    ("length [km]", "0.25", 250.0), ("length", "1e3", 1000.0), ("diameter [cm]", "10", 0.1), ("roughness [mm]", ".5", 5e-4),
    ("loss [W/m/K]", "+0.25", 0.25), ("ground [℃]", "-2.5", 270.65), ("ground [degC]", "0", 273.15), ("zeta [-]", "1.", 1.0),
])
def test_units(header: str, cell: str, si: float, tmp_path: Path) -> None:
    name = header.partition(" ")[0]
    columns = {"id": "p", "tail": "s0", "head": "s1", "length [m]": "1", "diameter [m]": "1", "loss": "0"}
    columns = {key: value for key, value in columns.items() if key.partition(" ")[0] != name} | {header: cell}
    folder = write(tmp_path, {"pipe.csv": f"{','.join(columns)}\n{','.join(columns.values())}\n"})
    assert getattr(read(folder)[Pipe], name)[0] == pytest.approx(si, rel=1e-14)


def test_the_catalogue_fills_what_is_open(tmp_path: Path) -> None:
    text = """id,tail,head,length,diameter [mm],loss,type
a,s0,s1,1,,,EN253-1-DN100
b,s0,s1,1,50,,EN253-1-DN100
c,s0,s1,1,,0.9,GB29047-DN200
d,s0,s1,1,40,0.2,
"""
    pipe = read(write(tmp_path, {"pipe.csv": text}))[Pipe]
    assert pipe.diameter == pytest.approx([0.1071, 0.05, 0.207, 0.04]) and pipe.loss == pytest.approx([0.254, 0.254, 0.9, 0.2])
    short = read(write(tmp_path, {"pipe.csv": "id,tail,head,length,type\na,s0,s1,1,EN253-2-DN20\n"}))[Pipe]
    assert short.diameter[0] == pytest.approx(0.0217) and short.loss[0] == 0.111 and short.roughness[0] == 5e-4
    found = errors(write(tmp_path, {"pipe.csv": text.replace("40,0.2,", ",,").replace("b,s0,s1,1,50,,EN253-1", "b,s0,s1,1,50,,EN999-1")}))
    assert [(problem.where.rpartition(":")[2], problem.column) for problem in found] == [("3", "type"), ("5", "diameter"), ("5", "loss")]


def test_en253_losses_are_those_of_the_formula() -> None:
    """Within 2 %: soil 1.0 W/(m K), 1 m of cover, casings 0.1 m apart; the tables round to 0.001."""
    for kind in pipe_types().values():
        if kind.name.startswith("EN253"):
            pair = bonded(kind.outer, kind.casing, soil=1.0, cover=1.0)
            assert pair.transmittance() == pytest.approx(kind.loss, rel=0.02), kind.name
            assert kind.outer < kind.casing and kind.diameter < kind.outer


def test_gb_losses_are_computed_by_the_formula() -> None:
    sizes = [kind for kind in pipe_types().values() if kind.name.startswith("GB29047")]
    assert len(sizes) == 23
    for kind in sizes:
        assert bonded(kind.outer, kind.casing, soil=1.5, cover=1.5).transmittance() == pytest.approx(kind.loss, abs=5.1e-5), kind.name


def test_published_loss_of_two_pipes() -> None:
    """Reference call of the R package pipenostics: 102.62 W/m in all."""
    pair = BuriedPair(0.25, 0.45, 0.09, 1.74, 2.0, 0.1, surface=0.0, second_insulation=0.07)
    assert sum(pair.losses(110.0, 60.0, 5.0)) == pytest.approx(102.62, abs=0.005)


def test_loss_at_equal_temperatures_is_the_transmittance() -> None:
    pair = bonded(0.2191, 0.315, soil=1.5, cover=1.5)
    warm, cold = pair.losses(75.0, 45.0, 1.0)
    assert warm + cold == pytest.approx(2 * pair.transmittance() * 59.0, rel=1e-12)
    assert warm > cold > 0.0 and pair.losses(1.0, 1.0, 1.0) == (0.0, 0.0)


def test_catalogue_files_say_where_figures_come_from() -> None:
    assert {path.name for path in FOLDER.glob("*.csv")} == {"en253.csv", "gb29047.csv"}
    for kind in pipe_types().values():
        assert kind.source
        assert "unverified" in kind.source or not kind.name.startswith("GB")


def test_reset_formula(tmp_path: Path) -> None:
    text = """name = "x"
[curve."东 区"]
formula = "reset"
design_supply = "75 degC"
design_return = "50 degC"
design_indoor = "20 degC"
design_outdoor = "-24.2 degC"
"""
    net = read(write(tmp_path, {"model.toml": text}))
    assert net.curves["东 区"] == reset_curve(KELVIN + 75, KELVIN + 50, KELVIN + 20, KELVIN - 24.2)
    (found,) = errors(write(tmp_path, {"model.toml": text.replace('design_return = "50 degC"\n', "")}))
    assert found.where.endswith("model.toml:2") and "design_return" in found.text
    (found,) = errors(write(tmp_path, {"model.toml": text.replace("50 degC", "80 degC")}))
    assert found.where.endswith("model.toml:2") and "must hold" in found.text


def test_curve_points_are_sorted(tmp_path: Path) -> None:
    turned = swapped("model.toml", '["-24.2 degC", "5 degC"]', '["5 degC", "-24.2 degC"]')
    turned = turned.replace('["75 degC", "43 degC"]', '["43 degC", "75 degC"]')
    assert read(write(tmp_path, {"model.toml": turned})).curves == read(write(tmp_path / "b")).curves


def test_a_folder_with_a_name_only_table_missing(tmp_path: Path) -> None:
    net = read(write(tmp_path, dict.fromkeys(("building.csv", "consumer.csv", "plant.csv"))))
    assert not len(net[Consumer]) and all(problem.warning for problem in check(net))


def test_no_row_in_node_csv(tmp_path: Path) -> None:
    assert any("no node" in problem.text for problem in problems(write(tmp_path, {"node.csv": "id\n"})))


def site() -> st.SearchStrategy[Site]:
    kelvin = st.floats(230.0, 290.0)
    return st.builds(
        Site, design_outdoor=kelvin, outdoor=st.one_of(st.just(math.nan), kelvin), ground=kelvin, air_pressure=st.floats(8e4, 1.1e5),
        season_days=st.floats(1.0, 366.0), fee=st.one_of(st.just(math.nan), st.floats(0.0, 1e3)),
        currency=st.sampled_from(["CNY", "元", 'a"b']),
    )


words = st.text(st.sampled_from("ab1 #,;\"'\t\n号楼（）\\"), min_size=1, max_size=6).map(str.strip).filter(bool)
finite = st.floats(1e-3, 1e5).map(float)


@settings(max_examples=60, deadline=None)
@given(site(), st.lists(words, min_size=2, max_size=5, unique=True), st.lists(finite, min_size=5, max_size=5), words, st.data())
def test_round_trip(where: Site, ids: list[str], values: list[float], name: str, data: st.DataObject) -> None:
    rows = len(ids) - 1
    net = Network.of(
        name,
        Node.of(id=ids, x=values[0] if data.draw(st.booleans()) else math.nan, pressure=[values[1], *[math.nan] * rows]),
        Pipe.of(id=ids[1:], tail=ids[0], head=ids[1:], length=values[2], diameter=[min(value, 5.0) for value in values[:rows]],
                loss=0.1 + 0.2, roughness=data.draw(st.sampled_from([5e-4, 1e-4]))),
        Plant.of(id=["p"], tail=ids[:1], head=ids[1:2], lift=values[3], curve=data.draw(st.sampled_from(["", "东"]))),
        site=where, curves={name: Curve((250.0, 250.0 + values[4] / 1e4), (348.15, 320.0 + 1 / 3))},
    )
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "模型"
        write_folder(net, path)
        again = read(path)
        same(net, again)
        first = {file.name: file.read_bytes() for file in path.iterdir()}
        write_folder(again, path)
        assert {file.name: file.read_bytes() for file in path.iterdir()} == first
        assert [file.name for file in Path(folder).iterdir()] == ["模型"]


def test_writing_over_a_model_removes_tables_it_no_longer_has(tmp_path: Path) -> None:
    folder = write(tmp_path / "m")
    (folder / "README.md").write_text("mine")
    net = read(folder)
    write_folder(net.replace_table(Building.empty()), folder)
    assert not (folder / "building.csv").exists() and (folder / "README.md").exists()
    same(read(folder), net.replace_table(Building.empty()))


def test_writing_spares_what_is_no_model(tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("x")
    with pytest.raises(HeatnetError):
        write_folder(read(write(tmp_path / "m")), tmp_path)
    assert (tmp_path / "letter.txt").exists() and not (tmp_path / "node.csv").exists()


def test_a_failed_write_leaves_the_old_model(tmp_path: Path) -> None:
    folder = write(tmp_path / "m")
    net = read(folder)
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    bad = net.with_(Building, name="\ud800")  # cannot be encoded
    with pytest.raises(UnicodeEncodeError):
        write_folder(bad, folder)
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before
    assert [file.name for file in tmp_path.iterdir()] == ["m"]


def test_reading_loads_neither_numba_nor_pandas(tmp_path: Path) -> None:
    code = "import sys, heatnet; heatnet.check(heatnet.read(sys.argv[1])); print([m for m in sys.argv[2:] if m in sys.modules])"
    words = [sys.executable, "-c", code, str(write(tmp_path)), "numba", "pandas", "networkx"]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_ten_thousand_pipes_in_a_moment(tmp_path: Path) -> None:
    rows = "".join(f"x{row},s0,s1,{row + 1},100,0.5,0.3,\n" for row in range(10_000))
    folder = write(tmp_path, {"pipe.csv": SOUND["pipe.csv"] + rows})
    start = time.perf_counter()
    assert not [problem for problem in problems(folder) if not problem.warning]
    assert time.perf_counter() - start < 2.0


def test_ten_thousand_unknown_types_in_a_moment(tmp_path: Path) -> None:
    rows = "".join(f"x{row},s0,s1,1,,,,EN253-DN{row % 7}\n" for row in range(10_000))
    start = time.perf_counter()
    found = errors(write(tmp_path, {"pipe.csv": SOUND["pipe.csv"] + rows}))
    assert len(found) == 10_000 and all(problem.column == "type" for problem in found)
    assert time.perf_counter() - start < 3.0


def test_formats() -> None:
    assert "folder" in READERS
