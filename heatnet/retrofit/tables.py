"""Tables of a ranking: for people (frame, CSV, XLSX) and for the store, from where reports take them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from heatnet.errors import HeatnetError
from heatnet.network import Building
from heatnet.retrofit.duration import outdoor
from heatnet.retrofit.economics import GJ, KWH
from heatnet.rooms import NEGLIGIBLE
from heatnet.store.harmless import TEXTS_STAY, harmless_frame
from heatnet.units import KELVIN

if TYPE_CHECKING:
    import pandas as pd

    from heatnet.retrofit.ranking import Ranking

BOOKS = (".xlsx",)


def ranking_frame(of: Ranking) -> pd.DataFrame:
    """One line a candidate in the order of the ranking; money in the currency of the prices, energies per season."""
    import pandas as pd  # noqa: PLC0415  pandas takes 0.4 s to load

    outcome, cash, currency = of.outcome, of.money, of.study.prices.currency
    ones = of.candidates
    columns: dict[str, Any] = {
        "rank": of.rank.astype(np.int64), "id": [one.id for one in ones], "measure": [one.key for one in ones],
        "name": [one.name for one in ones], "where": [one.work.where for one in ones], f"cost [{currency}]": cash.capital,
        "avoided [K h household]": of.avoided, "lifted [household]": of.lifted, "robbed [household]": of.robbed,
        f"per avoided [{currency}/(K h household)]": cash.per_avoided, f"net present value [{currency}]": cash.npv,
        f"annual cost [{currency}/a]": cash.annual, f"refund avoided [{currency}/a]": cash.refund,
        "heat saved [GJ]": outcome.season("heat") / GJ, "pump saved [kWh]": outcome.season("pump") / KWH,
        "coldest room [degC]": outcome.figure("coldest").min(axis=1) - KELVIN if ones else np.zeros(0),
        "guard": list(of.guard), "pressure": list(of.broken), "why": [one.reason for one in ones],
        "why_zh": [one.reason_zh for one in ones],
        "no answer": [outcome.failed.get(at, "") for at in range(len(ones))],
    }
    return pd.DataFrame(columns).iloc[of.order].reset_index(drop=True)


def home_frame(of: Ranking) -> pd.DataFrame:
    """One line a building that is cold on the baseline: deficit of the season, and the candidate that takes most of it."""
    import pandas as pd  # noqa: PLC0415

    outcome, ground = of.outcome, of.outcome.ground
    building = ground.arrays.net[Building]
    need = np.maximum(ground.profile.required - outcome.base_rooms, 0.0)
    season = (need * ground.hours[:, None]).sum(axis=0) * building.households
    taken = of.homes if outcome.rooms is not None and of.candidates else np.zeros((0, len(building)))
    rows = np.flatnonzero(season > 0.0)
    rows = rows[np.argsort(-season[rows], kind="stable")]
    best = [int(np.argmax(taken[:, row])) if taken.size and taken[:, row].max() > 1e-6 else -1 for row in rows]
    return pd.DataFrame({
        "building": building.id[rows], "name": building.name[rows], "street": building.street[rows], "district": building.district[rows],
        "households": building.households[rows], "room [degC]": outcome.base_rooms[ground.coldest, rows] - KELVIN,
        "deficit [K h household]": season[rows], "best candidate": [of.candidates[at].id if at >= 0 else "" for at in best],
        "taken away [K h household]": [float(taken[at, row]) if at >= 0 else 0.0 for at, row in zip(best, rows, strict=True)],
    })


def robbed_frame(of: Ranking) -> pd.DataFrame:
    """Buildings that a candidate pushes below the limit in some state."""
    import pandas as pd  # noqa: PLC0415

    outcome, ground = of.outcome, of.outcome.ground
    need, building = ground.profile.required, ground.arrays.net[Building]
    found: list[tuple[str, str, float, float, float, float]] = []
    if outcome.rooms is not None:
        fell = outcome.rooms < outcome.base_rooms - of.study.choices.fall
        pushed = (outcome.base_rooms >= need - NEGLIGIBLE) & (outcome.rooms < need - NEGLIGIBLE) & fell
        for at in of.order.tolist():
            for row in np.flatnonzero(pushed[at].any(axis=0)).tolist():
                state = int(np.argmin(np.where(pushed[at, :, row], outcome.rooms[at, :, row], np.inf)))
                before, after = outcome.base_rooms[state, row], outcome.rooms[at, state, row]
                found.append((
                    of.candidates[at].id, str(building.id[row]), outdoor(ground.states[state]) - KELVIN, float(building.households[row]),
                    float(before) - KELVIN, float(after) - KELVIN,
                ))
    names = ["candidate", "building", "outdoor [degC]", "households", "room before [degC]", "room after [degC]"]
    return pd.DataFrame(found, columns=names)


def state_frame(of: Ranking) -> pd.DataFrame:
    """The weather states with their hours, and the baseline in each."""
    import pandas as pd  # noqa: PLC0415

    ground, outcome = of.outcome.ground, of.outcome
    return pd.DataFrame({
        "outdoor [degC]": [outdoor(one) - KELVIN for one in ground.states], "hours [h]": ground.hours,
        "deficit [K household]": outcome.before("deficit"), "cold [household]": outcome.before("cold"),
        "heat [MW]": outcome.before("heat") / 1e6,
    })


def price_frame(of: Ranking) -> pd.DataFrame:
    """Prices that the ranking rests on, with sources."""
    import pandas as pd  # noqa: PLC0415

    rows = [vars(entry) for entry in of.study.prices.entries.values()]
    return pd.DataFrame(rows)


def ranking_tables(of: Ranking) -> dict[str, tuple[pd.DataFrame, str]]:
    """All tables of a ranking with what they hold, by the names under which a store keeps them."""
    return {
        "ranking": (ranking_frame(of), "candidates by rank, each simulated alone on the baseline"),
        "ranking_home": (home_frame(of), "cold homes of the baseline and the candidate that relieves each most"),
        "ranking_robbed": (robbed_frame(of), "homes that a candidate pushes below the required temperature"),
        "ranking_state": (state_frame(of), "weather states that stand for the season"),
        "price": (price_frame(of), "prices of works"),
    }


def write_tables(path: str | Path, tables: dict[str, tuple[pd.DataFrame, str]]) -> list[Path]:
    """Write tables as one workbook (.xlsx) or as CSV files beside each other in a folder; HeatnetError for another kind of file."""
    import pandas as pd  # noqa: PLC0415

    path = Path(path)
    if path.suffix.lower() in BOOKS:
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.stem}.{os.getpid()}.part.xlsx")
        try:
            with pd.ExcelWriter(part, engine="xlsxwriter", engine_kwargs=TEXTS_STAY) as book:
                for name, (frame, _) in tables.items():
                    frame.to_excel(book, sheet_name=name[:31], index=False, freeze_panes=(1, 0))
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return [path]
    if path.suffix and not path.is_dir():
        raise HeatnetError(f"{path}: tables are written as .xlsx, or as CSV files into a folder")
    path.mkdir(parents=True, exist_ok=True)
    for name, (frame, _) in tables.items():
        harmless_frame(frame).to_csv(path / f"{name}.csv", index=False, encoding="utf-8-sig", lineterminator="\r\n")
    return [path / f"{name}.csv" for name in tables]
