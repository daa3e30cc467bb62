"""Results as CSV tables that open in a spreadsheet."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from heatnet.components import EDGES
from heatnet.errors import HeatnetError
from heatnet.network import KINDS
from heatnet.regime import regime
from heatnet.rooms import Rooms
from heatnet.solve import State
from heatnet.store.folder import replaced
from heatnet.store.harmless import harmless_frame
from heatnet.version import VERSION

if TYPE_CHECKING:
    import pandas as pd

REGIME = ("pressure_violation", "pressure_margin", "pressure_difference", "pressure_zone")


def write_csv(folder: str | Path, state: State, rooms: Rooms | None = None) -> None:
    """Write one CSV a table with units in the header, UTF-8 with BOM as spreadsheets expect; replaces tables of an earlier run only.

    HeatnetError if the folder holds anything else.
    """
    folder = Path(folder)
    _ours(folder)
    with replaced(folder) as part:
        for name, frame in _frames(state, rooms).items():
            harmless_frame(frame).to_csv(part / f"{name}.csv", encoding="utf-8-sig", lineterminator="\r\n")


def _frames(state: State, rooms: Rooms | None) -> dict[str, pd.DataFrame]:
    import pandas as pd  # noqa: PLC0415  pandas takes 0.4 s to load

    frames = {"node": state.frame("node")}
    frames |= {kind.kind(): state.frame(kind.kind()) for kind in EDGES if len(state.arrays.net[kind])}
    if rooms is not None and rooms.temperature.size:
        frames["building"] = rooms.frame()
    if state.converged:
        frames |= {name: frame for name, (frame, _) in regime(state).tables().items()}
    solver: list[tuple[str, Any, str]] = [
        ("heatnet", VERSION, ""), ("status", state.message, ""), ("steps", state.steps, ""), ("passes", state.passes, ""),
    ]
    units = {"pressure": "Pa", "mass": "kg/s", "weight": "Pa"}
    solver += [(f"residual {name}", value, units.get(name, "W")) for name, value in asdict(state.residuals).items()]
    frames["solver"] = pd.DataFrame(solver, columns=["what", "value", "unit"]).set_index("what")
    return frames


def _ours(folder: Path) -> None:
    """Refuse a target that holds what heatnet did not write."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise HeatnetError(f"{folder} is a file; give a folder for the tables")
    known = {f"{name}.csv" for name in (*KINDS, *REGIME, "solver")}
    other = sorted(item.name for item in folder.iterdir() if item.name not in known or not item.is_file())
    if other:
        raise HeatnetError(f"{folder} holds other things ({', '.join(other[:3])}); give a new or empty folder")
    if any(folder.iterdir()) and not (folder / "solver.csv").is_file():
        raise HeatnetError(f"{folder} holds a model, not results (it has no solver.csv); give a new or empty folder")
