"""Named tables in a store: what was worked out from results (settings of valves, a ranking, violations) kept beside them.

    /table/<name>             doc and about (JSON) as attributes; `columns` is the order of its columns
    /table/<name>/<column>    (rows,), with unit and doc; numbers as they stand in the header ("cost [CNY]"), texts, or 0 and 1

A table is a pandas frame with units in its headers, as `State.frame` gives it. Stores of one result and files of a run take them alike.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Mapping
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from heatnet.errors import HeatnetError, Problem, ReadError, nearest
from heatnet.store.layout import MARK, RUN
from heatnet.store.writer import put

if TYPE_CHECKING:
    import pandas as pd

NAME = re.compile(r"[a-z][a-z0-9_]*")
HEADER = re.compile(r"(.*?)(?: \[(.*)\])?", re.S)


def add_table(path: str | Path, name: str, frame: pd.DataFrame, doc: str = "", about: Mapping[str, Any] | None = None) -> None:
    """Put a frame into the store at `path` under a name, in place of an earlier one of that name.

    Headers carry units as in "cost [CNY]"; a named index is kept as an index. `about` holds plain values (numbers, texts, lists) that
    belong to the table, such as the prices it was worked out with: they come back as `frame.attrs`. The file is written beside its
    target and renamed. HeatnetError where the file is no store; ValueError for a name that is not lower case letters, digits and _,
    columns of one name, or a column that holds neither numbers nor texts.
    """
    path = Path(path)
    columns = _columns(name, frame)
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if not path.is_file() or not h5py.is_hdf5(path):
            raise ReadError([Problem("is no heatnet store that a table could be added to", where=str(path))])
        shutil.copyfile(path, part)
        with h5py.File(part, "r+", libver=("v110", "v110")) as file:
            if file.attrs.get("mark") not in (MARK, RUN):
                raise ReadError([Problem("is no heatnet store that a table could be added to", where=str(path))])
            tables = file.require_group("table")
            if name in tables:
                del tables[name]
            group = tables.create_group(name)
            group.attrs.update({"doc": doc, "about": json.dumps(dict(about or {}), ensure_ascii=False, sort_keys=True)})
            group.attrs["columns"] = json.dumps([header for header, _, _ in columns], ensure_ascii=False)
            group.attrs["index"] = len(frame.index.names) if frame.index.names[0] is not None else 0
            for number, (header, unit, values) in enumerate(columns):
                data = put(group, f"{number:03d}", values, unit, header)
                data.attrs["bool"] = int(values.dtype == np.int8)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def table_names(path: str | Path) -> tuple[str, ...]:
    """Names of the tables in a store or a file of a run."""
    with h5py.File(path, "r") as file:
        return tuple(sorted(file.get("table", {})))


def read_table(path: str | Path, name: str) -> pd.DataFrame:
    """A table by name, its doc and what belongs to it in `attrs`; HeatnetError names the nearest one if there is none."""
    with h5py.File(path, "r") as file:
        if name not in file.get("table", {}):
            raise HeatnetError(f"{path}: no table '{name}' is in it{nearest(name, sorted(file.get('table', {})))}")
        return frame_of(file["table"][name])


def frame_of(group: h5py.Group) -> pd.DataFrame:
    """The frame that a group holds."""
    import pandas as pd  # noqa: PLC0415  pandas takes 0.4 s to load

    headers = json.loads(group.attrs["columns"])
    frame = pd.DataFrame({number: _values(group[f"{number:03d}"]) for number in range(len(headers))})
    frame.columns = pd.Index(headers)
    if index := int(group.attrs["index"]):
        frame = frame.set_index(headers[:index])
    frame.attrs.update({**json.loads(group.attrs["about"]), "doc": str(group.attrs["doc"])})
    return frame


def _columns(name: str, frame: pd.DataFrame) -> list[tuple[str, str, Any]]:
    """Header, unit and values of every column, those of a named index first."""
    if not NAME.fullmatch(name):
        raise ValueError(f"'{name}' is no name for a table: lower case letters, digits and _")
    flat = frame.reset_index() if frame.index.names[0] is not None else frame
    headers = [str(header) for header in flat.columns]
    if len(set(headers)) < len(headers):
        raise ValueError(f"table '{name}': two columns have one name")
    found = []
    for at, header in enumerate(headers):
        match = HEADER.fullmatch(header)
        found.append((header, (match and match[2]) or "", _array(name, header, flat.iloc[:, at].to_numpy())))
    return found


def _array(name: str, header: str, values: Any) -> Any:
    """A column as float64, int64, int8 (of truth values) or texts."""
    if values.dtype.kind == "b":
        return values.astype(np.int8)
    if values.dtype.kind in "iu":
        return values.astype(np.int64)
    if values.dtype.kind == "f":
        return values.astype(np.float64)
    missing = [value is None or (isinstance(value, float) and isnan(value)) for value in values]
    if any(not gone and not isinstance(value, str) for value, gone in zip(values, missing, strict=True)):
        raise ValueError(f"table '{name}', column '{header}': a column holds numbers, texts or truth values")
    return np.array(["" if gone else value for value, gone in zip(values, missing, strict=True)], dtype=object)


def _values(data: h5py.Dataset) -> Any:
    if h5py.check_string_dtype(data.dtype):
        return np.array([entry.decode() for entry in data[()]], dtype=object)
    return data[()].astype(bool) if data.attrs["bool"] else data[()]
