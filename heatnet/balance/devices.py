"""What is set besides the inlets: branch valves, lifts, speeds and set values of drives, controllers that are turned."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatnet.components import Consumer, Plant, Pump, Valve

if TYPE_CHECKING:
    import pandas as pd

    from heatnet.balance.result import Balance


def devices(balance: Balance) -> pd.DataFrame:
    """One line a branch valve, plant, pump or turned controller of an inlet that may be set: value before and after."""
    import pandas as pd  # noqa: PLC0415  pandas takes 0.4 s to load

    net, now, places = balance.arrays.net, balance.fit.knobs, balance.places
    rows: list[tuple[str, str, str, float, float]] = [
        ("valve", net[Valve].id[v], "opening [-]", net[Valve].opening[v], now.valve[v]) for v in places.branches.row
    ]
    rows += [("plant", net[Plant].id[v], "lift [kPa]", net[Plant].lift[v] / 1e3, now.lift[v] / 1e3) for v in places.lifts]
    rows += [("pump", net[Pump].id[v], "speed [-]", net[Pump].speed[v], now.speed[v]) for v in places.pumps]
    rows += [
        (one.table, net[Plant if one.table == "plant" else Pump].id[one.row], f"{one.column} [kPa]", one.before / 1e3, one.after / 1e3)
        for one in balance.turned
    ]
    old, new = net[Consumer].difference, now.difference
    rows += [
        ("consumer", net[Consumer].id[v], "difference [kPa]", old[v] / 1e3, new[v] / 1e3)
        for v in np.flatnonzero(places.inlets & ~np.isnan(old)) if new[v] != old[v]
    ]
    return pd.DataFrame(rows, columns=["table", "id", "column", "before", "after"]).set_index("id")
