"""Write a network as a model folder that reads back equal."""

from __future__ import annotations

import csv
import json
import os
import shutil
import tempfile
from dataclasses import fields
from pathlib import Path

import numpy as np

from heatnet.errors import HeatnetError, Problem
from heatnet.network import TABLES, Network, Node
from heatnet.read.site import ABOUT, SITE
from heatnet.schema import Table, positions


def write_folder(net: Network, path: str | Path) -> None:
    """Write model.toml and the tables, SI units in the headers; columns at their default throughout are left out.

    The folder is made beside its place and moved there, so that no half-written model is left. HeatnetError if something
    that is not a model stands in its place, if it cannot be written there, or if a value would not read back the same.
    """
    _refuse(net)
    try:
        _write(net, Path(path))
    except OSError as error:
        raise HeatnetError(f"{path}: cannot be written: {error.strerror or error}") from error


def _write(net: Network, path: Path) -> None:
    if path.exists() and (not path.is_dir() or (any(path.iterdir()) and not (path / "model.toml").exists())):
        raise HeatnetError(f"{path}: is not a model folder; it is left as it is")
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        (fresh / "model.toml").write_text(_head(net), encoding="utf-8", newline="\n")
        for kind in TABLES:
            if len(net[kind]) or kind is Node:
                _write_table(fresh / f"{kind.kind()}.csv", net[kind])
        path.mkdir(exist_ok=True)
        names = {file.name for file in fresh.iterdir()}
        for file in fresh.iterdir():
            os.replace(file, path / file.name)
        for kind in TABLES:
            if f"{kind.kind()}.csv" not in names:
                (path / f"{kind.kind()}.csv").unlink(missing_ok=True)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _refuse(net: Network) -> None:
    """HeatnetError for what a file cannot hold: the reader strips cells, and knows neither NUL nor infinity."""
    for kind in TABLES:
        table = net[kind]
        for name, item in kind.columns().items():
            values = getattr(table, name)
            if item.text:
                bad = [row for row, word in enumerate(values) if word != word.strip() or "\r" in word or "\x00" in word]
            else:
                bad = positions(np.isinf(values))
            if bad:
                text = f"{values[bad[0]]!r} cannot be written: no infinite numbers, no text with blanks at its ends, NUL or carriage return"
                raise HeatnetError(str(Problem(text, kind.kind(), str(table.id[bad[0]]), name)))


def _head(net: Network) -> str:
    lines = [f"{key} = {_quoted(value)}" for key, value in {**net.about, "name": net.name}.items() if key in ABOUT]
    lines += ["", "[site]"]
    for item in fields(net.site):
        value, unit = getattr(net.site, item.name), SITE[item.name]
        if isinstance(value, str):
            lines.append(f"{item.name} = {_quoted(value)}")
        elif not np.isnan(value):
            lines.append(f'{item.name} = "{_plain(value)} {unit}"' if unit else f"{item.name} = {_plain(value)}")
    for name, curve in net.curves.items():
        lines += ["", f"[curve.{_quoted(name)}]"]
        for key, values in (("outdoor", curve.outdoor), ("supply", curve.supply)):
            listed = ", ".join(_quoted(f"{_plain(value)} K") for value in values)
            lines.append(f"{key} = [{listed}]")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """A TOML basic string: as in JSON, but DEL is escaped too."""
    if "\x00" in text:
        raise HeatnetError(f"{text!r} cannot be written: it holds a NUL")
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


def _write_table(path: Path, table: Table) -> None:
    columns = table.columns()
    kept = [name for name, item in columns.items() if item.required or not _is_default(getattr(table, name), item.fill)]
    header = [name if columns[name].text else f"{name} [{columns[name].unit}]" for name in kept]
    cells = [
        list(getattr(table, name)) if columns[name].text else ["" if np.isnan(value) else _plain(value) for value in getattr(table, name)]
        for name in kept
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        comment = any(name.startswith("#") for name in table.id)  # without quotes such a row would read as a comment
        writer = csv.writer(file, lineterminator="\n", quoting=csv.QUOTE_ALL if comment else csv.QUOTE_MINIMAL)
        writer.writerow(header)
        writer.writerows(zip(*cells, strict=True))


def _is_default(values: np.ndarray, fill: float | str) -> bool:
    if isinstance(fill, str):
        return bool(np.all(values == fill))
    return bool(np.all(np.isnan(values)) if np.isnan(fill) else np.all(values == fill))


def _plain(value: float) -> str:
    """The shortest decimal number that reads back as the same value."""
    text = repr(float(value))
    return text[:-2] if text.endswith(".0") else text


