"""A model folder: model.toml and one CSV file a table."""

from __future__ import annotations

import gc
from difflib import get_close_matches
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from heatnet.components import Pipe
from heatnet.errors import Problem, ReadError, nearest
from heatnet.network import KINDS, TABLES, Network, Node, Origin
from heatnet.pipe_catalogue import pipe_types
from heatnet.read.site import read_head
from heatnet.read.table import FILLED, RawTable, columns_of, read_table
from heatnet.schema import Table, positions

SHEETS = (".csv", ".tsv", ".txt", ".xls", ".xlsx", ".ods")  # formats that a table may have been saved in


def read_folder(path: Path) -> Network:
    """Network of a model folder; ReadError carries every problem of every file, in the order of the files."""
    collecting = gc.isenabled()
    gc.disable()  # millions of cells are made and kept: looking through them for garbage doubles the time
    try:
        return _read(path)
    finally:
        if collecting:
            gc.enable()


def _read(path: Path) -> Network:
    if not path.is_dir():
        raise ReadError([Problem("no such folder; a model is a folder with model.toml and CSV tables", where=str(path))])
    head = read_head(path / "model.toml")
    problems = [*head.problems, *_strays(path)]
    tables: dict[type[Table], Table] = {}
    origins: dict[type[Table], Origin] = {}
    for kind in TABLES:
        file = path / f"{kind.kind()}.csv"
        if not file.exists():
            tables[kind] = kind.empty()
            if kind is Node:
                problems.append(Problem("the file is missing; it lists the nodes of the network", where=str(file)))
            continue
        raw = read_table(file, kind)
        if kind is Pipe:
            _fill(raw)
        problems += sorted(raw.problems, key=lambda problem: int(problem.where.rpartition(":")[2]))
        if not raw.problems:
            tables[kind] = kind.of(**columns_of(raw))
            origins[kind] = Origin(str(file), raw.lines)
    if problems:
        raise ReadError(problems)
    return Network(
        head.about["name"], MappingProxyType(tables), head.site, MappingProxyType(head.curves), MappingProxyType(origins),
        MappingProxyType(head.about),
    )


def _strays(path: Path) -> list[Problem]:
    """Files that look like a table under another name or in another format: their rows would silently be missing."""
    found = []
    for file in sorted(path.iterdir()):
        if file.suffix.lower() not in SHEETS:
            continue
        close = 0.7 if file.suffix.lower() == ".csv" else 1.0
        near = get_close_matches(file.name.split(".")[0].lower(), KINDS, n=1, cutoff=close)
        if near and not (path / f"{near[0]}.csv").exists():
            found.append(Problem(f"is not a table of a model, did you mean {near[0]}.csv?", where=str(file)))
    return found


def _fill(raw: RawTable) -> None:
    """Diameter and loss of pipes from the catalogue, where the file leaves them open."""
    if "type" not in raw.texts and not any(blank.any() for blank in raw.blank.values()):
        return
    rows = raw.lines.size
    types = raw.texts.get("type", np.full(rows, "", dtype=object))
    catalogue = pipe_types()
    found: list[Any] = [catalogue.get(name) for name in types]
    unknown = {name: _near_type(name, list(catalogue)) for name in set(types) if name and name not in catalogue}
    for row, name in enumerate(types if unknown else ()):
        if name in unknown:
            raw.add(f"'{name}' is not in the pipe catalogue{unknown[name]}", int(raw.lines[row]), "type", raw.name(row))
    for column in FILLED:
        values = raw.numbers.get(column, np.full(rows, np.nan)).copy()
        blank = raw.blank.get(column, np.full(rows, column not in raw.numbers and "type" in raw.texts))
        for row in positions(blank):
            if found[row] is not None:
                values[row] = getattr(found[row], column)
            elif not types[row]:
                raw.add(f"missing; give the {column}, or a type of the pipe catalogue", int(raw.lines[row]), column, raw.name(row))
        raw.numbers[column] = values


def _near_type(name: str, known: list[str]) -> str:
    near = get_close_matches(name, known, n=1, cutoff=0.5)
    return nearest(name, known) if near else f"; its names look like {known[0]}"
