"""Where the published cases are, and with which physics each of them was computed."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from heatnet import read
from heatnet.network import Network
from heatnet.solve import Settings
from heatnet.water import ConstantWater

ROOT = Path(__file__).resolve().parents[1]
ANSWERS = Path(__file__).parent / "reference"
LARGE = ROOT.parent / "shared" / "cases"  # figures too large to restate; optional

SIX_USER = Settings(friction="altshul", water=ConstantWater(rho=982.0, mu=4.5e-4, cp=4186.0))
BARRY_ISLAND = Settings(water=ConstantWater(rho=960.0, mu=960.0 * 0.294e-6, cp=4182.0))
DESTEST = Settings(water=ConstantWater(rho=988.0, mu=5.434e-4, cp=4180.0))
EPANET = Settings(
    friction="epanet", gravity=9.81456, heat=False, water=ConstantWater(rho=1000.0, mu=1000.0 * 1.02193344e-6), pressure_tolerance=1e-4
)
SCHUTTERWALD = Settings(friction="colebrook371", gravity=9.81, water=ConstantWater(rho=977.8, mu=4.04e-4, cp=4190.0))


@cache
def model(name: str) -> Network:
    """A model of the project."""
    return read(ROOT / "models" / name)


def answers(case: str, table: str) -> pd.DataFrame:
    """Published answers of a case, indexed by the first column."""
    first = pd.read_csv(ANSWERS / case / f"{table}.csv", nrows=0).columns[0]
    return pd.read_csv(ANSWERS / case / f"{table}.csv", index_col=0, dtype={first: str})


def large(case: str) -> Path:
    """Folder of a case that is not part of the project; skips the test where it is not there."""
    folder = LARGE / case
    if not folder.is_dir():
        pytest.skip(f"the figures of {case} are too large to restate and are not on this machine")
    return folder
