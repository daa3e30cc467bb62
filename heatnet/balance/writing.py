"""Files of a balance: field sheet and proof as CSV, XLSX or a folder of CSV files, all of it as named tables of a store."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING
from unicodedata import east_asian_width

from heatnet.balance.proof import Proof
from heatnet.balance.result import Balance
from heatnet.balance.sheet import field_sheet
from heatnet.errors import HeatnetError
from heatnet.rooms import rooms
from heatnet.store import add_table, write
from heatnet.store.folder import replaced
from heatnet.store.harmless import TEXTS_STAY, harmless_frame

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    Shown = tuple[str, pd.DataFrame]  # title and table

FORMATS = (".csv", ".xlsx", ".h5", ".hdf5", "")  # without a suffix: a folder
TABLES = ("field_sheet", "balance", "devices", "shortages", "proof")


def tables(balance: Balance, proved: Proof) -> dict[str, pd.DataFrame]:
    """All tables of a balance by name: field_sheet, balance, devices, shortages, proof."""
    return {
        "field_sheet": field_sheet(balance), "balance": balance.frame(), "devices": balance.devices(),
        "shortages": balance.shortage_frame(), "proof": proved.frame(),
    }


def write_balance(balance: Balance, proved: Proof, path: str | Path, shown: Mapping[str, Shown] | None = None) -> Path:
    """Write a balance: .csv the field sheet (UTF-8 with BOM), .xlsx all tables, .h5 the state before and after with the tables.

    A path without a suffix is a folder of CSV files, one a table. `shown` has a title and a table for people by the name of each table,
    such as in another language; a store keeps the plain ones. HeatnetError for another suffix, and for a folder that holds other things.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise HeatnetError(f"{path}: no format for '{path.suffix}'; known: {', '.join(filter(None, FORMATS))}, or a folder")
    found = tables(balance, proved)
    if suffix in (".h5", ".hdf5"):
        path.parent.mkdir(parents=True, exist_ok=True)
        _store(balance, found, path)
        return path
    printed = shown or {name: (name, frame) for name, frame in found.items()}
    if not suffix:
        refuse_folder(path)
        with replaced(path) as inside:
            for name, (_, frame) in printed.items():
                _csv(frame, inside / f"{name}.csv")
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.stem}.{os.getpid()}.part{suffix}")
    try:
        if suffix == ".csv":
            _csv(printed["field_sheet"][1], part)
        else:
            _workbook(printed, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def refuse_folder(folder: Path) -> None:
    """HeatnetError if a target for tables is a file, or holds anything but tables of an earlier balance."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise HeatnetError(f"{folder} is a file; give a folder for the tables")
    other = sorted(item.name for item in folder.iterdir() if item.name not in {f"{name}.csv" for name in TABLES})
    if other:
        raise HeatnetError(f"{folder} holds other things ({', '.join(other[:3])}); give a new or empty folder")


def _csv(frame: pd.DataFrame, path: Path) -> None:
    harmless_frame(frame).to_csv(path, encoding="utf-8-sig", lineterminator="\r\n")


def _store(balance: Balance, found: dict[str, pd.DataFrame], path: Path) -> None:
    """States before and after, and the tables, in one store."""
    with_rooms = balance.state.settings.heat
    pairs = (("before", balance.before), ("balanced", balance.state))
    write(path, [(name, state, rooms(state) if with_rooms else None) for name, state in pairs])
    about = {
        "target": balance.target, "balanced": balance.balanced, "left_alone": balance.left_alone,
        "index": [one.consumer for one in balance.index], "backward": list(balance.backward), "largest": balance.fit.largest,
    }
    for name, frame in found.items():
        add_table(path, name, frame, f"balance: {name}", about)


def _workbook(found: Mapping[str, Shown], path: Path) -> None:
    import pandas as pd  # noqa: PLC0415  pandas takes 0.4 s to load

    with pd.ExcelWriter(path, engine="xlsxwriter", engine_kwargs=TEXTS_STAY) as book:
        for title, frame in found.values():
            flat = frame.reset_index()
            flat.to_excel(book, sheet_name=title, index=False)
            page = book.sheets[title]
            page.freeze_panes(1, 0)
            page.autofilter(0, 0, len(flat), max(len(flat.columns) - 1, 0))
            for at, header in enumerate(flat.columns):
                widest = max([_width(header), *(_width(value) for value in flat[header].head(200))], default=8)
                page.set_column(at, at, min(widest + 1, 32))


def _width(value: object) -> int:
    """Columns that a value takes in a spreadsheet: a Chinese character takes two."""
    text = str(value)
    return len(text) + sum(east_asian_width(sign) in "WF" for sign in text)
