"""Tables of programmes: chosen under a budget, and under way on a date."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from heatnet.network import Building
from heatnet.retrofit.evaluation import evaluate
from heatnet.retrofit.trials import together
from heatnet.rooms import NEGLIGIBLE
from heatnet.units import KELVIN

if TYPE_CHECKING:
    import pandas as pd

    from heatnet.retrofit.portfolio import Programme
    from heatnet.retrofit.underway import UnderWay


def programme_tables(of: Programme) -> dict[str, tuple[pd.DataFrame, str]]:
    """Works in their order, phases by year, Pareto front."""
    import pandas as pd  # noqa: PLC0415  pandas takes 0.4 s to load

    currency, by_id = of.study.prices.currency, {one.id: one for one in of.study.candidates}
    year = {name: phase.year for phase in of.phases for name in phase.works}
    before = np.array([of.base_deficit, *(deficit for _, deficit, _ in of.steps)])
    works = pd.DataFrame({
        "id": list(of.works), "name": [by_id[one].name for one in of.works], "measure": [by_id[one].key for one in of.works],
        "where": [by_id[one].work.where for one in of.works], "year": [year.get(one, 0) for one in of.works],
        f"cost [{currency}]": [by_id[one].cost.capital for one in of.works], f"cost so far [{currency}]": [cost for cost, _, _ in of.steps],
        "avoided [K h household]": before[:-1] - before[1:], "deficit left [K h household]": before[1:],
        "cold left [household]": [cold for _, _, cold in of.steps],
    })
    phases = pd.DataFrame({
        "year": [one.year for one in of.phases], "works": [", ".join(one.works) for one in of.phases],
        f"cost [{currency}]": [one.cost for one in of.phases], "deficit left [K h household]": [one.deficit for one in of.phases],
        "cold left [household]": [one.cold for one in of.phases],
    })
    front = pd.DataFrame({
        f"cost [{currency}]": [cost for cost, _, _ in of.front], "deficit left [K h household]": [deficit for _, deficit, _ in of.front],
        "works": [", ".join(names) for _, _, names in of.front],
    })
    building, ground = of.study.ground.arrays.net[Building], of.study.ground
    found = evaluate(ground, [together(of.study, [by_id[one].work for one in of.works])])
    homes = pd.DataFrame({
        "building": building.id, "households": building.households, "before [degC]": found.base_rooms[ground.coldest] - KELVIN,
        "after [degC]": (found.base_rooms if found.rooms is None else found.rooms[0])[ground.coldest] - KELVIN,
    })
    return {
        "programme_home": (homes, "rooms in the coldest weather before the programme and after it"),
        "programme": (works, "works chosen under the budget, in the order in which they pay most; year 0 where no yearly budget pays it"),
        "programme_phase": (phases, "works by year"), "programme_front": (front, "cost against deficit of the sets simulated"),
    }


def under_way_tables(of: UnderWay) -> dict[str, tuple[pd.DataFrame, str]]:
    """Works with their state, homes before, now and at completion."""
    import pandas as pd  # noqa: PLC0415

    currency, building = of.study.prices.currency, of.study.today[Building]
    works = pd.DataFrame({
        "id": [one.work.id for one in of.works], "name": [one.work.name for one in of.works], "measure": [one.work.key for one in of.works],
        "state": ["delivered" if one.delivered else one.work.state for one in of.works],
        "start": [str(one.work.start or "") for one in of.works], "finish": [str(one.work.finish or "") for one in of.works],
        "overdue": [one.overdue for one in of.works], "expected": [str(one.expected or "") for one in of.works],
        f"cost [{currency}]": [one.work.cost.capital for one in of.works], "avoided [K h household]": [one.alone for one in of.works],
        "delay costs [K h household]": [one.delay_deficit for one in of.works],
        f"delay costs [{currency}]": [one.delay_refund for one in of.works],
        "not this winter [K h household]": [one.lost_deficit for one in of.works],
        f"not this winter [{currency}]": [one.lost_refund for one in of.works],
    })
    before, now, then = of.rooms
    need = of.outcome.ground.profile.required - NEGLIGIBLE
    rows = np.flatnonzero((before < need) | (now < need) | (then < need))
    rows = rows[np.argsort(now[rows], kind="stable")]
    homes = pd.DataFrame({
        "building": building.id[rows], "name": building.name[rows], "street": building.street[rows], "district": building.district[rows],
        "households": building.households[rows], "before [degC]": before[rows] - KELVIN, "now [degC]": now[rows] - KELVIN,
        "at completion [degC]": then[rows] - KELVIN, "cold now": now[rows] < need, "cold at completion": then[rows] < need,
    })
    return {
        "works_under_way": (works, f"works on {of.on}; a delay is one of {of.winter.delay} days"),
        "homes_under_way": (homes, "rooms in the coldest weather before any work, with what is delivered, and at completion"),
    }
