"""Finds in the source every text that heatnet can say to a user: what its errors and problems are made of, as templates.

A value put into a text stands as `{}`. A text made of others (`f"{text}; lower it"`) is followed to where they are made in the same
function; one that comes through a parameter is not followed, its callers are asked instead.
"""

import ast
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

ROOT = Path(__file__).parent.parent / "heatnet"
SINKS = {"Problem": (0, "text"), "HeatnetError": (0, ""), "find": (2, "text"), "ValueError": (0, ""), "KeyError": (0, ""),
         "IndexError": (0, ""), "Stopped": (0, ""), "_unreadable": (1, "text")}
TELLERS = {  # functions that put together what is said or printed
    "verbs.py": ("odd", "summary", "_home", "_money"), "store/runs.py": ("refused",), "cli.py": None,
    "batch/progress.py": ("begin", "told"),
    "verbs_retrofit.py": (
        "ranking_lines", "worth_lines", "confidence_lines", "programme_lines", "why_nothing", "under_way_lines", "save",
    ),
    "regime.py": ("line", "_worst"), "batch/result.py": ("summary", "_certificate", "_homes", "_season"),
}
PRINTS = ("echo", "append", "_say", "add_task", "said")  # calls that are handed a text to print
ADDERS = {"read": 0, "heatnet": 1, "batch": 0, "retrofit": 0}  # folder: which argument of `add` is the text of a problem
HOLE = "{}"
MOST = 40  # ways in which one text may be put together


def texts_of(path: Path) -> Iterator[tuple[int, str]]:
    """Line and template of every text that a file gives to an error or a problem."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    inner = {id(child) for one in functions for child in ast.walk(one) if isinstance(child, ast.Call)}
    for scope in (tree, *functions):
        for call in ast.walk(scope):
            if isinstance(call, ast.Call) and (scope is not tree or id(call) not in inner) and (given := _given(call, path)) is not None:
                for text in sorted(set(_ways(given, _made(scope, call.lineno)))):
                    yield call.lineno, text
    tellers = TELLERS.get(path.relative_to(ROOT).as_posix(), ())
    for scope in functions:
        if tellers is None or scope.name in tellers:
            for part in _printed(scope):
                for text in sorted(set(_ways(part, _made(scope, part.lineno)))):
                    yield part.lineno, text


def _printed(scope: ast.FunctionDef) -> Iterator[ast.expr]:
    """Expressions of the lines that a function puts together: elements of its lists, what it appends, prints or hands back."""
    for node in ast.walk(scope):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
            if name in PRINTS and node.args:
                yield from _elements(node.args[0])
        elif isinstance(node, ast.Return | ast.Assign | ast.AugAssign) and node.value is not None:
            value = node.value
            joined = isinstance(value, ast.Call) and isinstance(value.func, ast.Attribute) and value.func.attr == "join"
            listed = isinstance(value.body if isinstance(value, ast.IfExp) else value, ast.List | ast.ListComp | ast.BinOp)
            if isinstance(node, ast.Return) or listed:
                yield from _elements(value.args[0] if joined else value)  # type: ignore[attr-defined]


def _elements(value: ast.expr) -> Iterator[ast.expr]:
    """Strings in a list, in the branches of a choice, in what a comprehension gathers."""
    if isinstance(value, ast.List | ast.Tuple):
        for one in value.elts:
            yield from _elements(one)
    elif isinstance(value, ast.ListComp):
        yield from _elements(value.elt)
    elif isinstance(value, ast.Starred):
        yield from _elements(value.value)
    elif isinstance(value, ast.IfExp):
        yield from (*_elements(value.body), *_elements(value.orelse))
    elif isinstance(value, ast.BinOp) and not isinstance(value.left, ast.Constant | ast.JoinedStr):
        yield from (*_elements(value.left), *_elements(value.right))
    elif isinstance(value, ast.Constant | ast.JoinedStr | ast.BinOp):
        yield value


def _given(call: ast.Call, path: Path) -> ast.expr | None:
    """The text that a call hands to an error or a problem; None for other calls."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else call.func.id if isinstance(call.func, ast.Name) else ""
    if name == "add" and path.parent.name in ADDERS and len(call.args) > ADDERS[path.parent.name]:
        return call.args[ADDERS[path.parent.name]]
    if name not in SINKS:
        return None
    at, keyword = SINKS[name]
    named = [item.value for item in call.keywords if item.arg == keyword]
    return named[0] if named else call.args[at] if len(call.args) > at else None


def _made(scope: ast.AST, line: int) -> dict[str, list[ast.expr]]:
    """What each name of a function is made of at a line: its last assignment, its rivals in other branches, the tables of its loop."""
    made: dict[str, list[ast.expr]] = {}
    for name, value in _last(scope, line).items():
        made[name] = [value]
        while _names(made[name][-1], name) and (before := last_before(scope, name, made[name][-1].lineno)):
            made[name].append(before[0][1])
    for node in ast.walk(scope):
        if isinstance(node, ast.If) and node.orelse and (node.end_lineno or 0) < line:
            for name, values in made.items():
                here, there = ([item for _, item in last_before(branch, name, line)] for branch in (node.body, node.orelse))
                if here and there and values[0] in (*here, *there):
                    values += [item for item in (*here, *there) if item not in values]
        if isinstance(node, ast.For) and isinstance(node.target, ast.Tuple) and node.lineno <= line <= (node.end_lineno or 0):
            made |= _rows(node, made)
    return made


def _last(scope: ast.AST, line: int) -> dict[str, ast.expr]:
    """The last value of each name up to a line."""
    found: dict[str, tuple[int, ast.expr]] = {}
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None and node.lineno <= line:
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                if isinstance(target, ast.Name) and node.lineno >= found.get(target.id, (0,))[0]:
                    found[target.id] = node.lineno, node.value
    return {name: value for name, (_, value) in found.items()}


def _rows(loop: ast.For, made: dict[str, list[ast.expr]]) -> dict[str, list[ast.expr]]:
    """What the names of a loop over a written table stand for, a value a row."""
    rows = made.get(loop.iter.id, [loop.iter])[0] if isinstance(loop.iter, ast.Name) else loop.iter
    if not isinstance(rows, ast.Tuple | ast.List) or not isinstance(loop.target, ast.Tuple):
        return {}
    names = [(at, one.id) for at, one in enumerate(loop.target.elts) if isinstance(one, ast.Name)]
    return {name: [row.elts[at] for row in rows.elts if isinstance(row, ast.Tuple) and at < len(row.elts)] for at, name in names}


def last_before(scope: ast.AST | list[ast.stmt], name: str, line: int) -> list[tuple[int, ast.expr]]:
    """The last assignment to a name before a line, and its line; none or one."""
    nodes = [node for part in (scope if isinstance(scope, list) else [scope]) for node in ast.walk(part)]
    found = [
        (node.lineno, node.value) for node in nodes
        if isinstance(node, ast.Assign) and node.lineno < line and any(isinstance(one, ast.Name) and one.id == name for one in node.targets)
    ]
    return [max(found, key=lambda item: item[0])] if found else []


def _ways(text: ast.expr, made: dict[str, list[ast.expr]], deep: int = 0) -> list[str]:
    """Templates that an expression can give."""
    found = [HOLE]
    if isinstance(text, ast.Constant) and isinstance(text.value, str):
        found = [text.value.replace("{", "(").replace("}", ")")]
    elif isinstance(text, ast.IfExp):
        found = [*_ways(text.body, made, deep), *_ways(text.orelse, made, deep)]
    elif isinstance(text, ast.BinOp) and isinstance(text.op, ast.Add):
        found = _joined([_ways(text.left, made, deep), _ways(text.right, made, deep)])
    elif isinstance(text, ast.JoinedStr):
        found = _joined([_ways(part, made, deep) for part in text.values])
    elif isinstance(text, ast.FormattedValue) and text.format_spec is None:
        found = _ways(text.value, made, deep)
    elif isinstance(text, ast.BoolOp):
        found = [way for value in text.values for way in _ways(value, made, deep)]
    elif isinstance(text, ast.Name) and made.get(text.id) and deep < 4:
        values = made[text.id]
        itself = _names(values[0], text.id)
        inner = {**made, text.id: values[1:]} if itself else made
        found = [way for value in (values[:1] if itself else values) for way in _ways(value, inner, deep + 1)] or [HOLE]
    return found


def _names(expression: ast.expr, name: str) -> bool:
    return any(isinstance(node, ast.Name) and node.id == name for node in ast.walk(expression))


def _joined(parts: list[list[str]]) -> list[str]:
    found = [""]
    for part in parts:
        found = [f"{head}{tail}" for head in found for tail in part][:MOST]
    return found


@lru_cache(maxsize=1)
def spoken() -> list[tuple[str, int, str]]:
    """File, line and template of every text, those without a word of their own left out."""
    return [
        (path.relative_to(ROOT).as_posix(), line, text) for path in sorted(ROOT.rglob("*.py")) for line, text in texts_of(path)
        if any(letter.isalpha() for letter in text.replace(HOLE, ""))
    ]
