"""Tables of a balance for people: field sheet, balance of all inlets, devices, shortages and proof with their words in a language.

In the workbook and the folder of CSV files they stand as they are printed; the store keeps the names and units of the library.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatnet.report import forms
from heatnet.report.sections.valves import SHEET, shown_notes, shown_unit
from heatnet.report.words import Words
from heatnet.units import KELVIN

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

ROUNDED = {  # decimals in a file for people
    "present": 2, "new": 2, "opening [%]": 1, "difference when all are set [kPa]": 1, "flow when all are set [t/h]": 2,
    "difference at the moment [kPa]": 1, "flow at the moment [t/h]": 2, "tolerance [%]": 1,
}
DECIMALS = {"kg/s": 3, "kPa": 2, "-": 3}
KILO = {"W": ("kW", 1e-3)}
KPA = " [kPa]"


def translated_tables(found: Mapping[str, pd.DataFrame], lang: str) -> dict[str, tuple[str, pd.DataFrame]]:
    """Title and table, by the name of each table of `heatnet.balance.writing.tables`."""
    say = Words(lang)
    shown = {
        "field_sheet": translated_sheet(found["field_sheet"], lang), "balance": _headed(say, found["balance"]),
        "devices": _devices(say, found["devices"]), "shortages": _short(say, found["shortages"]), "proof": _proved(say, found["proof"]),
    }
    return {name: (say(f"valves.page.{name}"), frame) for name, frame in shown.items()}


def translated_sheet(sheet: pd.DataFrame, lang: str) -> pd.DataFrame:
    """A field sheet with headers, kinds and notes in a language."""
    say = Words(lang)
    done, side = sheet.reset_index(), forms.DIFFERENTIAL.side(lang)
    ways = [column for column in done.columns if str(column).endswith(KPA)]
    done[ways] = done[ways].astype(float) * 1e3 / side.factor
    done = done.round({**ROUNDED, **dict.fromkeys(ways, side.digits)})
    done["table"] = [say(f"valves.table.{value}") for value in done["table"]]
    done["unit"] = [shown_unit(say, str(value)) for value in done["unit"]]
    done["note"] = [shown_notes(say, str(value)) for value in done["note"]]
    names = {"opening [%]": f"{say('valves.opening')} [%]"}
    for word, column, _, _ in SHEET:
        names[column] = say(f"valves.{word}") + (f" {column[column.index('['):]}" if "[" in column else "")
    names |= {column: names[column].replace(KPA, f" [{side.unit}]") for column in ways}
    return done.rename(columns=names).set_index(names["step"])


def _headed(say: Words, frame: pd.DataFrame) -> pd.DataFrame:
    """A table with headers in words, rounded by their units; true and false as yes and nothing."""
    done, side = frame.copy(), forms.DIFFERENTIAL.side(say.lang)
    names: dict[str, str] = {}
    for column in frame.columns:
        what, _, unit = str(column).partition(" [")
        unit = unit.rstrip("]")
        if unit == "kPa":
            done[column], unit = (frame[column].astype(float) * 1e3 / side.factor).round(DECIMALS["kPa"]), side.unit
        names[column] = say(f"valves.column.{what}") + (f" [{unit}]" if unit not in ("", "-") else "")
        if frame[column].dtype == bool:
            done[column] = [say("valves.yes") if value else "" for value in frame[column]]
        elif unit in DECIMALS:
            done[column] = frame[column].round(DECIMALS[unit])
    done.index.name = say(f"valves.table.{frame.index.name}")
    return done.rename(columns=names)


def _short(say: Words, frame: pd.DataFrame) -> pd.DataFrame:
    """Who stays short, with the reason in words."""
    done = frame.copy()
    done["reason"] = [say(f"valves.cause.{value}") for value in frame["reason"]]
    return _headed(say, done)


def _devices(say: Words, frame: pd.DataFrame) -> pd.DataFrame:
    done = frame.copy()
    done["table"] = [say(f"valves.table.{value}") for value in frame["table"]]
    units = [str(value).partition(" [")[2].rstrip("]") for value in frame["column"]]
    done["column"] = ["" if unit == "-" else unit for unit in units]
    side = forms.DIFFERENTIAL.side(say.lang)
    factor = np.where(done["column"] == "kPa", 1e3 / side.factor, 1.0)
    done["column"] = done["column"].replace("kPa", side.unit)
    done["before"], done["after"] = (frame["before"] * factor).round(3), (frame["after"] * factor).round(3)
    names = {"table": say("valves.table"), "column": say("valves.unit")}
    names |= {column: say(f"valves.column.{column}") for column in ("before", "after")}
    done.index.name = say("valves.id")
    return done.rename(columns=names)


def _proved(say: Words, frame: pd.DataFrame) -> pd.DataFrame:
    """Figures in degrees Celsius and kilowatts."""
    done, names = frame.astype(float), []
    for name in frame.index:
        figure, _, unit = str(name).partition(" [")
        unit = unit.rstrip("]")
        if unit == "K" and figure.endswith(" room"):
            done.loc[name], unit = done.loc[name] - KELVIN, "degC"
        elif unit in KILO:
            unit, factor = KILO[unit]
            done.loc[name] *= factor
        shown = say(f"valves.unit.{unit}") if say.known(f"valves.unit.{unit}") else unit
        names.append(say(f"valves.figure.{figure}") + (f" [{shown}]" if shown else ""))
    done = done.round(3).rename(columns={column: say(f"valves.state.{column}") for column in frame.columns})
    done.index = done.index.__class__(names, name=say("valves.figure"))
    return done
