"""Key results of the models of this repository: `python models/baseline.py` rewrites BASELINE.md."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from heatnet import Building, ConstantWater, Consumer, Pipe, Plant, Settings, read, rooms, solve
from heatnet.units import KELVIN

FOLDER = Path(__file__).parent
SIX = Settings(friction="altshul", water=ConstantWater(982.0, 4.5e-4, 4186.0))
MODELS = {**{f"six_user/{case}": SIX for case in "abcdef"}, "harbin_demo": Settings(), "harbin_substations": Settings()}
HEAD = """# Key results

What heatnet computes for the models of this repository at design weather, rule `hlj_2021`; a test compares this page with the
program. `python models/baseline.py` rewrites it: do so when a change is meant to change results, and say so in the commit.

| model | pipes | consumers | buildings | plants give MW | flow t/h | heat lost % | coldest room degC | median room degC | below rule |
|---|---|---|---|---|---|---|---|---|---|
"""


def line(name: str, settings: Settings) -> str:
    """The row of one model."""
    net = read(FOLDER / name)
    state = solve(net, settings)
    result = rooms(state, "hlj_2021")
    heat, flow = -state.heat(Plant).sum(), state.m[state.of(Plant)].sum() * 3.6
    lost = 100 * state.heat(Pipe).sum() / heat
    room = result.temperature - KELVIN
    return (
        f"| {name} | {len(net[Pipe])} | {len(net[Consumer])} | {len(net[Building])} | {heat / 1e6:.3f} | {flow:.1f} | {lost:.2f} | "
        f"{room.min():.2f} | {np.median(room):.2f} | {np.count_nonzero(result.cold)} |"
    )


def page() -> str:
    """The whole page."""
    return HEAD + "".join(f"{line(name, settings)}\n" for name, settings in MODELS.items())


if __name__ == "__main__":
    (FOLDER / "BASELINE.md").write_text(page(), encoding="utf-8", newline="\n")
