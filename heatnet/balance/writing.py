"""Files of a balance: field sheet and proof as CSV or XLSX, all of it as named tables of a store."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from heatnet.balance.proof import Proof
from heatnet.balance.result import Balance
from heatnet.balance.sheet import field_sheet
from heatnet.errors import HeatnetError
from heatnet.rooms import rooms
from heatnet.store import add_table, write
from heatnet.store.harmless import TEXTS_STAY, harmless_frame

if TYPE_CHECKING:
    import pandas as pd

FORMATS = (".csv", ".xlsx", ".h5", ".hdf5")


def tables(balance: Balance, proved: Proof) -> dict[str, pd.DataFrame]:
    """All tables of a balance by name: field_sheet, balance, devices, shortages, proof."""
    return {
        "field_sheet": field_sheet(balance), "balance": balance.frame(), "devices": balance.devices(),
        "shortages": balance.shortage_frame(), "proof": proved.frame(),
    }


def write_balance(balance: Balance, proved: Proof, path: str | Path, sheet: pd.DataFrame | None = None) -> Path:
    """Write a balance: .csv the field sheet (UTF-8 with BOM), .xlsx all tables, .h5 the state before and after with the tables.

    `sheet` stands in place of the field sheet in a table for people, such as one in another language. HeatnetError for another suffix.
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise HeatnetError(f"{path}: no format for '{path.suffix}'; known: {', '.join(FORMATS)}")
    path.parent.mkdir(parents=True, exist_ok=True)
    found = tables(balance, proved)
    if suffix in (".h5", ".hdf5"):
        _store(balance, found, path)
        return path
    if sheet is not None:
        found["field_sheet"] = sheet
    part = path.with_name(f".{path.stem}.{os.getpid()}.part{suffix}")
    try:
        if suffix == ".csv":
            harmless_frame(found["field_sheet"]).to_csv(part, encoding="utf-8-sig", lineterminator="\r\n")
        else:
            _workbook(found, part)
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return path


def _store(balance: Balance, found: dict[str, pd.DataFrame], path: Path) -> None:
    """States before and after, and the tables, in one store."""
    with_rooms = balance.state.settings.heat
    pairs = (("before", balance.before), ("balanced", balance.state))
    write(path, [(name, state, rooms(state) if with_rooms else None) for name, state in pairs])
    about = {
        "target": balance.target, "balanced": balance.balanced, "left_alone": balance.left_alone,
        "index": [one.consumer for one in balance.index],
    }
    for name, frame in found.items():
        add_table(path, name, frame, f"balance: {name}", about)


def _workbook(found: dict[str, pd.DataFrame], path: Path) -> None:
    import pandas as pd  # noqa: PLC0415  pandas takes 0.4 s to load

    with pd.ExcelWriter(path, engine="xlsxwriter", engine_kwargs=TEXTS_STAY) as book:
        for name, frame in found.items():
            flat = frame.reset_index()
            flat.to_excel(book, sheet_name=name, index=False)
            page = book.sheets[name]
            page.freeze_panes(1, 0)
            page.autofilter(0, 0, len(flat), max(len(flat.columns) - 1, 0))
            for at, header in enumerate(flat.columns):
                widest = max([len(str(header)), *(len(str(value)) for value in flat[header].head(200))], default=8)
                page.set_column(at, at, min(widest + 1, 32))
