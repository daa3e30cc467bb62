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

from heatnet.errors import HeatnetError
from heatnet.network import TABLES, Network
from heatnet.read.site import ABOUT, SITE
from heatnet.schema import Table


def write_folder(net: Network, path: str | Path) -> None:
    """Write model.toml and the tables, SI units in the headers; columns at their default throughout are left out.

    The folder is made beside its place and moved there, so that no half-written model is left. HeatnetError if something
    that is not a model stands in its place.
    """
    path = Path(path)
    if path.exists() and (not path.is_dir() or (any(path.iterdir()) and not (path / "model.toml").exists())):
        raise HeatnetError(f"{path}: is not a model folder; it is left as it is")
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        (fresh / "model.toml").write_text(_head(net), encoding="utf-8", newline="\n")
        for kind in TABLES:
            if len(net[kind]):
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


def _head(net: Network) -> str:
    quote = json.dumps  # TOML basic strings and JSON strings agree on what they escape
    lines = [f"{key} = {quote(value, ensure_ascii=False)}" for key, value in {**net.about, "name": net.name}.items() if key in ABOUT]
    lines += ["", "[site]"]
    for item in fields(net.site):
        value, unit = getattr(net.site, item.name), SITE[item.name]
        if isinstance(value, str):
            lines.append(f"{item.name} = {quote(value, ensure_ascii=False)}")
        elif not np.isnan(value):
            lines.append(f'{item.name} = "{_plain(value)} {unit}"' if unit else f"{item.name} = {_plain(value)}")
    for name, curve in net.curves.items():
        lines += ["", f"[curve.{quote(name, ensure_ascii=False)}]"]
        for key, values in (("outdoor", curve.outdoor), ("supply", curve.supply)):
            listed = ", ".join(quote(f"{_plain(value)} K") for value in values)
            lines.append(f"{key} = [{listed}]")
    return "\n".join(lines) + "\n"


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


