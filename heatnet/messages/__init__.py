"""What heatnet says to a user, in Chinese: problems of a model, errors, how a solve ended.

The library says everything in English, where it finds it. A catalogue here names each English text with its values in braces and gives
the Chinese for it; `chinese` finds the entry and puts the values in. So a text that went through a file or an exception is told as well,
and a new rule needs one line in one of the catalogues. The tests gather every text from the source and miss none.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from heatnet.errors import HeatnetError, ModelError, NotSolved, Problem, ReadError
from heatnet.messages import cases, check, console, devices, ended, files, pieces, prices, quantities, stores, system, works

CATALOGUES: tuple[Mapping[str, str], ...] = (
    check.TEXTS, files.TEXTS, ended.TEXTS, pieces.TEXTS, cases.TEXTS, works.TEXTS, devices.TEXTS, system.TEXTS, stores.TEXTS,
    console.TEXTS, quantities.TEXTS, prices.TEXTS,
)


_NAMED = re.compile(rf"\b({'|'.join(console.NAMES['kind'])}) '")  # as in "pipe 'P1', valve 'V2'"


class _Entry:
    """One English text: the pattern of it, its longest fixed piece (looked for first, it is quick), and the Chinese."""

    def __init__(self, english: str, words: str) -> None:
        parts = re.split(r"{(\w+)}", english)
        self.english, self.words = english, words
        self.fixed = max(parts[::2], key=len)
        self.weight = sum(map(len, parts[::2]))
        self.pattern = re.compile(
            "".join(f"(?P<{part}>{_hole(part)})" if at % 2 else re.escape(part) for at, part in enumerate(parts)), re.DOTALL
        )


def _hole(name: str) -> str:
    """What may stand in a hole: anything, or some of the words that its name stands for."""
    if name not in console.NAMES or name in console.OPEN:
        return ".*?"
    word = f"(?:{'|'.join(map(re.escape, console.NAMES[name]))})" + ("(?: [^,]+)?" if name == "figures" else "")
    return f"{word}(?:, {word})*"


@lru_cache(maxsize=1)
def entries() -> tuple[_Entry, ...]:
    """All texts, the most particular first."""
    found = [_Entry(english, words) for catalogue in CATALOGUES for english, words in catalogue.items()]
    return tuple(sorted(found, key=lambda entry: -entry.weight))


def chinese(text: str) -> str:
    """A text of heatnet in Chinese; one that no catalogue knows stays as it is.

    >>> chinese("no node 's11', did you mean 's1'?")
    "没有节点 's11'，是否应为 's1'？"
    """
    for entry in entries():
        if entry.fixed in text and (found := entry.pattern.fullmatch(text)):
            return entry.words.format(**{name: _value(name, value) for name, value in found.groupdict().items()})
    return _behind_a_place(text)


def _value(name: str, value: str) -> str:
    """A value put into a text: a word of the program by what it stands for, a text of its own in Chinese, a name as it is."""
    if name in console.LISTS:
        return "；".join(chinese(one) for one in value.split("; "))
    known = console.NAMES.get(name)
    if known is not None:
        return "、".join(_word(one, known) for one in value.split(", "))
    value = chinese(value) if " " in value or name == "status" else value
    return _NAMED.sub(lambda found: f"{console.NAMES['kind'][found[1]]} '", value)


def _word(text: str, known: Mapping[str, str]) -> str:
    """A word of the program, or a text that begins with one, as "pressure 2 Pa"."""
    word, blank, rest = text.partition(" ")
    return known[text] if text in known else f"{known[word]} {rest}" if blank and word in known else text


def _behind_a_place(text: str) -> str:
    """A text that begins with where it holds, as in "axis: depth: ...": what follows in Chinese; else as it is."""
    place, colon, rest = text.partition(": ")
    if not colon or (said := chinese(rest)) == rest:
        return text
    return f"{chinese(place) if ' ' in place else place}：{said}"


def translated(text: str, lang: str) -> str:
    """A text of heatnet in a language, "zh" or "en"."""
    return chinese(text) if lang == "zh" else text


def told(problem: object, lang: str) -> str:
    """A problem as printed: file and column as they are written, kind and text in the language.

    >>> told(Problem("nothing is joined to this node", "node", "N7", warning=True), "zh")
    "警告：节点 'N7'：该节点未连接任何设备"
    """
    if lang != "zh":
        return str(problem)
    if not isinstance(problem, Problem):
        return chinese(str(problem))
    table = console.NAMES["kind"].get(problem.table, problem.table)
    place = " ".join(part for part in (table, f"'{problem.id}'" if problem.id else "") if part)
    if problem.column:
        place = f"{place}，列 '{problem.column}'" if place else f"列 '{problem.column}'"
    parts = (problem.where, "警告" if problem.warning else "", place, chinese(problem.text))
    return "：".join(part for part in parts if part)


def error_told(error: HeatnetError, lang: str) -> str:
    """An error as the command line prints it, each of its problems in a line."""
    if isinstance(error, NotSolved):
        return f"未求得结果：{chinese(str(error))}" if lang == "zh" else f"not solved: {error}"
    if isinstance(error, ReadError | ModelError):
        return "\n".join(told(problem, lang) for problem in error.problems)
    return chinese(str(error)) if lang == "zh" else str(error)
