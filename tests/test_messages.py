"""Every problem, error and end of a solve that heatnet can tell has Chinese words, and no catalogue keeps what nobody says any more."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner
from spoken import spoken

from heatnet import read
from heatnet.balance import TARGETS
from heatnet.batch.assemble import HOMES
from heatnet.batch.keep import unit_of
from heatnet.check import check
from heatnet.cli import main
from heatnet.messages import CATALOGUES, chinese, console, entries, pieces, system, told
from heatnet.network import KINDS, TABLES
from heatnet.regime import RULES
from heatnet.retrofit import CRITERIA
from heatnet.retrofit.candidate import STATES
from heatnet.retrofit.prices import read_prices
from heatnet.retrofit.proposals import BY_GRADIENT
from heatnet.rooms import CAUSES
from heatnet.solve import Status
from heatnet.store.layout import QUANTITIES

ROOT = Path(__file__).parent.parent
CHINESE = re.compile(r"[\u4e00-\u9fff\u2103]")
INSIDE = re.compile(  # what only a programmer can meet, who calls the library with things of another kind than it asks for
    r"not a unit that columns are declared in|^water takes|^(states: )?{}: {}$|^states: {}$|numbers of hours$|belong to different networks|"
    r"^no (estimates|gradients|results) of ('|{} column)|^no node {}$|two columns have one name|a column holds numbers, texts or truth|"
    r"no name for a table|"
    r"different regulation profiles|was solved with other settings|has other rows than|^{}: column '{}' has {} values"
)
ASSEMBLED = {  # lines made of what two functions say
    "{kind} {name}: {setting} {before} -> {after}", "{money} {currency}/day", "not proposed: {proposals} ({why})", "in the top {n}",
    "  {room} degC  {id}  {where}  {households} households  flow ratio {x}  cause: {cause} (without it {best} degC)",
}
DETAILS = (
    "largest residual {} Pa, {} kg/s; {}", "last change {} K near {}",
    "where water turns with its own weight, the mean of that is used ({})", "off by up to {} Pa; {}",
)


def texts() -> list[str]:
    """Texts of all files, ends of solves and what they name; each hole filled with a word of its own."""
    found = {
        re.sub(r"{}(?=,|$)", "scenarios", text, count=1) if file == "batch/progress.py" else text  # what is counted
        for file, _, text in spoken() if not INSIDE.search(text)
    }
    found |= {one.source for one in read_prices().entries.values()} | {"case file"}
    found |= {item.doc for items in QUANTITIES.values() for item in items} | {doc for _, doc in HOMES.values()}
    found |= {unit_of("building.temperature", word)[1] for word in ("min", "max", "mean", "q05", "degree_hours", "hours_below")}
    found.add("from the start of '{}' until the room fell below {} degC")
    found |= {status.value for status in Status} | {f"{status.value}: {{}}" for status in Status} | set(DETAILS)
    return sorted(found)


def filled(text: str) -> str:
    parts = text.split("{}")
    return "".join(part + (f"‹{at}›" if at < len(parts) - 1 else "") for at, part in enumerate(parts))


def behind_places(text: str) -> list[str]:
    """A text, and what is left of it without each place that it begins with."""
    rest = text.partition(": ")[2]
    return [text, *(behind_places(rest) if rest else [])]


@pytest.fixture
def any_word(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Holes for words of the program take the marks of `filled` as well: the source does not say which word comes."""
    marks = {f"‹{at}›": f"‹{at}›" for at in range(20)}
    counted = {"counted": console.NAMES["counted"]}
    open_to_all = {hole: {**words, **marks} for hole, words in console.NAMES.items()}
    monkeypatch.setattr(console, "NAMES", open_to_all | counted)
    entries.cache_clear()
    yield
    entries.cache_clear()


@pytest.mark.usefixtures("any_word")
def test_every_text_is_told_in_chinese() -> None:
    found = texts()
    assert len(found) > 400
    english = [text for text in found if not CHINESE.search(chinese(filled(text)))]
    assert english == [], "texts without Chinese words: name them in heatnet/messages"


def test_the_source_of_a_hit_is_the_source() -> None:
    said = {(file, text) for file, _, text in spoken()}
    assert ("check/graph.py", "nothing is joined to this node") in said
    assert ("check/graph.py", "dangling end: node '{}' leads nowhere; join it to the network") in said
    assert ("check/devices.py", "missing; a consumer of control 'fixed' needs it") in said  # out of a table that a loop runs over


@pytest.mark.usefixtures("any_word")
def test_catalogues_are_sound_and_hold_nothing_stale() -> None:
    assert len(entries()) == len({key for one in CATALOGUES for key in one}) == sum(map(len, CATALOGUES)), "one text in two catalogues"
    said = [part for text in texts() for part in behind_places(filled(text))]
    not_ours = {*pieces.TEXTS, *system.TEXTS, *ASSEMBLED, "not computed yet"}
    core = [entry for entry in entries() if entry.english not in not_ours and " " in entry.english]
    loose = [entry.english for entry in core if not any(entry.fixed in text and entry.pattern.fullmatch(text) for text in said)]
    assert set(loose) == {"'{word}' is not one of {words}, did you mean '{near}'?"}  # its hint comes at the end of a list
    for entry in entries():
        english, words = (set(re.findall(r"{(\w+)}", text)) for text in (entry.english, entry.words))
        assert words <= english, entry.english
        left_out = english - words  # prose in English may be left out, and what the system says besides; a value of ours never
        assert left_out <= {"doc", "what", "code"} or entry.english in system.TEXTS, entry.english


def test_values_hints_and_ranges_are_told_too() -> None:
    assert chinese("no node 's11', did you mean 's1'?") == "没有节点 's11'，是否应为 's1'？"
    assert chinese("-3 is out of range; it must be at least 0 and at most 1") == "-3 超出允许范围；应不小于 0 且不大于 1"
    assert chinese("nodes 'a', 'b' and 7 more are cut off from every plant (closed valves?): no heat reaches them").startswith(
        "节点 'a', 'b' 等（另有 7 个） 与所有热源断开")
    assert chinese("something new") == "something new"
    said = chinese(f"{Status.MAX_STEPS.value}: largest residual 3 Pa, 0.1 kg/s; pipe 'P1' and 4 more")
    assert "最大残差 3 Pa、0.1 kg/s；管段 'P1' 等（另有 4 个）" in said and "converge" not in said


def test_words_of_the_program_are_those_of_the_program() -> None:
    told = (ROOT / "heatnet" / "verbs.py").read_text(encoding="utf-8")
    words = {hole: set(console.NAMES[hole]) for hole in console.NAMES}
    assert words["cause"] - set(CAUSES) == set(re.findall(r'(?:OTHER|CUT_OFF|SHUT): "([^"]+)"', told)) and set(CAUSES) < words["cause"]
    assert words["kind"] == {kind.kind() for kind in TABLES} and words["rule"] == set(RULES[:-1])
    assert words["target"] == set(TARGETS) and words["criterion"] == set(CRITERIA)
    assert words["proposals"] == set(BY_GRADIENT) and words["work"] == set(STATES)


def test_console_in_chinese(tmp_path: Path) -> None:
    broken = tmp_path / "模型"
    broken.mkdir()
    for path in (ROOT / "models" / "barry_island").iterdir():
        if path.is_file():
            (broken / path.name).write_bytes(path.read_bytes())
    name = str(read(broken)[KINDS["consumer"]].tail[0])  # type: ignore[attr-defined]
    consumers = (broken / "consumer.csv").read_text(encoding="utf-8")
    (broken / "consumer.csv").write_text(consumers.replace(f",{name},", ",nowhere,", 1), encoding="utf-8")
    run = CliRunner()
    told_zh, told_en = (run.invoke(main, ["check", str(broken), "--lang", lang]) for lang in ("zh", "en"))
    assert told_zh.exit_code == told_en.exit_code == 1
    assert "没有节点 'nowhere'" in told_zh.output and "no node 'nowhere'" in told_en.output and "no node" not in told_zh.output
    report = run.invoke(main, ["report", str(broken), "--lang", "zh", "--out", str(tmp_path / "r.html")])
    assert report.exit_code == 1 and "没有节点 'nowhere'" in report.output and not (tmp_path / "r.html").exists()
    none = run.invoke(main, ["report", str(tmp_path / "none"), "--lang", "zh"])
    assert none.exit_code == 1 and CHINESE.search(none.output.replace("模型", ""))


@pytest.mark.parametrize("model", ["harbin_demo", "harbin_substations"])
def test_warnings_of_the_models_are_told_in_chinese(model: str) -> None:
    for problem in check(read(ROOT / "models" / model)):
        printed = told(problem, "zh")
        assert CHINESE.search(printed) and problem.id in printed and problem.where in printed and "warning" not in printed
        assert told(problem, "en") == str(problem)


@pytest.mark.parametrize("words", [
    ["check", "MODEL"], ["solve", "MODEL"], ["balance", "MODEL"], ["run", "CASE", "--engine", "threads"], ["rank", "CASE", "--worth"],
    ["programme", "CASE"], ["report", "MODEL", "--out", "r.html"],
])
def test_what_a_verb_prints_is_chinese(words: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By the locale as well as by --lang; no English word is left but ids, units, names of files and of scenarios."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    model = ROOT / "models" / "six_user" / "a"
    case = tmp_path / "算例.toml"
    work = '[[candidate]]\nid = "w1"\nmeasure = "radiators"\nbuildings = ["building6"]\nfactor = 1.2\n'
    retrofit = '[retrofit]\nchecked = 0\nstates = ["-24.2 degC"]\n'
    axis = '[[axis]]\noutdoor = ["-24.2 degC", "-10 degC"]\n'
    case.write_text(f'model = "{model.as_posix()}"\n{retrofit}{work}{axis}', encoding="utf-8")
    given = [{"MODEL": str(model), "CASE": str(case)}.get(word, word) for word in words]
    by_locale = CliRunner().invoke(main, given)
    assert by_locale.exit_code == 0, by_locale.output
    mine = r"-?[\d.]+ degC|\w*\.(html|h5|toml)|[a-z_]+:[\w.,+]+|building\d|user\d|(supply|return)\d|six_user_a|w1|'?plant'?|hlj_2021|cjj_34"
    left = re.sub(mine, "", by_locale.output.replace(str(model), "").replace(str(tmp_path), ""))
    assert set(re.findall(r"[A-Za-z]{3,}", left)) <= {"kPa", "CNY", "Kvs"}, left
    assert CHINESE.search(left)
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    (tmp_path / "算例.h5").unlink(missing_ok=True)
    if words[0] in ("solve", "balance", "check"):
        assert CliRunner().invoke(main, [*given, "--lang", "zh"]).output == by_locale.output
        assert not CHINESE.search(CliRunner().invoke(main, given).output.replace(str(model), ""))
