"""The command line: exit codes, messages, files; always through a real process, as its users call it."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
SIX = ROOT / "models" / "six_user" / "a"
SHUT = ("supply6", "return6")  # pipes of the last of its users


def heatnet(*words: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "heatnet.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, encoding="utf-8", cwd=cwd, check=False)


def broken(tmp_path: Path) -> Path:
    folder = tmp_path / "坏模型"
    folder.mkdir()
    for file in SIX.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    pipe = folder / "pipe.csv"
    pipe.write_text(pipe.read_text(encoding="utf-8-sig").replace("diameter", "diametre", 1), encoding="utf-8")
    return folder


def test_help_names_the_verbs() -> None:
    done = heatnet("--help")
    assert done.returncode == 0
    for verb in ("check", "solve", "report", "columns"):
        assert verb in done.stdout
        assert heatnet(verb, "--help").returncode == 0


def test_a_store_of_any_name_is_reported(tmp_path: Path) -> None:
    for name in ("a.h5", "b.hdf5", "c.H5"):
        assert heatnet("solve", str(SIX), "--out", str(tmp_path / name)).returncode == 0
        done = heatnet("report", str(tmp_path / name), "--out", str(tmp_path / "页 面.html"))
        assert done.returncode == 0, done.stderr
    done = heatnet("report", str(tmp_path / "a.h5"), "--outdoor", "5", "--out", str(tmp_path / "no.html"))
    assert done.returncode == 2 and "solve the model again" in done.stderr and not (tmp_path / "no.html").exists()


@pytest.mark.parametrize("word", ["nan", "inf", "", "-5 bar", "-999"])
def test_weather_that_is_none(word: str) -> None:
    done = heatnet("solve", str(SIX), "--outdoor", word)
    assert done.returncode == 1 and "outdoor" in done.stderr and done.stdout == ""


def test_a_profile_beside_the_model(tmp_path: Path) -> None:
    folder = tmp_path / "模 型"
    folder.mkdir()
    for file in SIX.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    (folder / "own.toml").write_text('required = "17.5 degC"\nover = "26 degC"\n', encoding="utf-8")
    with (folder / "model.toml").open("a", encoding="utf-8") as head:
        head.write('\nprofile = "own.toml"\n')
    case = tmp_path / "cases" / "case.toml"
    case.parent.mkdir()
    case.write_text('model = "../模 型"\n', encoding="utf-8")
    for words in ((str(folder),), (str(case),)):
        done = heatnet("solve", *words, cwd=tmp_path)
        assert done.returncode == 0 and "below 18 degC (own): 1 of 6" in done.stdout, done.stderr


def test_check_of_a_sound_model() -> None:
    done = heatnet("check", str(SIX))
    assert done.returncode == 0, done.stderr
    assert "0 problems" in done.stdout


@pytest.mark.parametrize("verb", ["check", "solve", "report"])
def test_broken_model_exits_1_and_writes_nothing(verb: str, tmp_path: Path) -> None:
    out = tmp_path / "out.html"
    words = {"check": [], "solve": ["--out", str(tmp_path / "results")], "report": ["--out", str(out)]}[verb]
    done = heatnet(verb, str(broken(tmp_path)), *words)
    assert done.returncode == 1
    assert "pipe.csv:1" in done.stderr + done.stdout and "diameter" in done.stderr + done.stdout
    assert "Traceback" not in done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["坏模型"]


def test_missing_folder() -> None:
    done = heatnet("solve", "no/such/model")
    assert done.returncode == 1 and "Traceback" not in done.stderr and "no/such/model" in done.stderr.replace("\\", "/")


def test_misspelt_options() -> None:
    assert heatnet("solve", str(SIX), "--frictoin", "x").returncode == 2
    done = heatnet("solve", str(SIX), "--friction", "colebrok")
    assert done.returncode == 1 and "colebrook" in done.stderr
    done = heatnet("solve", str(SIX), "--outdoor", "-10 degX")
    assert done.returncode == 1 and "degC" in done.stderr
    done = heatnet("solve", str(SIX), "--profile", "hlj_2012")
    assert done.returncode == 1 and "hlj_2021" in done.stderr


def test_solve_prints_the_coldest_and_writes_tables(tmp_path: Path) -> None:
    out = tmp_path / "结果"
    done = heatnet("solve", str(SIX), "--friction", "altshul", "--outdoor", "-24.2", "--out", str(out))
    assert done.returncode == 0, done.stderr
    assert "17." in done.stdout and "coldest homes" in done.stdout
    assert {"pipe.csv", "consumer.csv"} <= {path.name for path in out.iterdir()}


def test_report_from_model_and_from_store(tmp_path: Path) -> None:
    store, page = tmp_path / "results.h5", tmp_path / "new" / "报告.html"
    assert heatnet("solve", str(SIX), "--out", str(store)).returncode == 0
    done = heatnet("report", str(store), "--lang", "en", "--out", str(page))
    assert done.returncode == 0, done.stderr
    assert str(page) in done.stdout
    assert "<html" in page.read_text(encoding="utf-8")[:400].lower()
    done = heatnet("report", str(store), "--user", "nobody", "--out", str(page))
    assert done.returncode == 1 and "nobody" in done.stderr and "Traceback" not in done.stderr


def test_not_solved_exits_3(tmp_path: Path) -> None:
    case = tmp_path / "case.toml"
    case.write_text(f'model = "{SIX.as_posix()}"\n[solve]\nmax_steps = 1\n', encoding="utf-8")
    done = heatnet("solve", str(case), "--out", str(tmp_path / "results"))
    assert done.returncode == 3
    assert "not solved" in done.stderr and "max_steps" in done.stderr
    assert not (tmp_path / "results").exists()


def test_columns_are_the_reference_in_the_documents() -> None:
    done = heatnet("columns")
    assert done.returncode == 0
    assert done.stdout.strip() in (ROOT / "docs" / "format.md").read_text(encoding="utf-8")
    assert "pipe" in heatnet("columns", "pip").stderr


def test_warnings_of_the_check_stand_beside_the_answer(tmp_path: Path) -> None:
    folder = tmp_path / "island"
    folder.mkdir()
    for file in SIX.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    bare = tmp_path / "bare"
    bare.mkdir()
    for file in SIX.iterdir():
        (bare / file.name).write_bytes(file.read_bytes())
    pipe = folder / "pipe.csv"
    rows = pipe.read_text(encoding="utf-8-sig").splitlines()
    made = (f"{row},{0 if row.split(',')[0] in SHUT else 1}" for row in rows[1:])
    pipe.write_text("\n".join([f"{rows[0]},service", *made]), encoding="utf-8")
    told = heatnet("solve", str(folder))
    assert told.returncode == 0 and "cut off" in told.stderr and "warning" in told.stderr and "pipe.csv" not in told.stdout
    plant = bare / "plant.csv"
    plant.write_text(plant.read_text(encoding="utf-8-sig").splitlines()[0] + "\n", encoding="utf-8")
    none = heatnet("solve", str(bare), "--out", str(tmp_path / "none.h5"))
    assert none.returncode == 1 and "no plant heats" in none.stderr and not (tmp_path / "none.h5").exists()
