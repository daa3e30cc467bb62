"""Proposals for users: inlets that look clogged or throttled, radiators too few, poor envelopes; and the operation of plants."""

from __future__ import annotations

import numpy as np

from heatnet.components import Consumer, Plant
from heatnet.network import Building
from heatnet.retrofit.measures.envelope import Envelope
from heatnet.retrofit.measures.inlets import open_drop
from heatnet.retrofit.measures.lift import Lift
from heatnet.retrofit.measures.radiators import Radiators
from heatnet.retrofit.measures.setting import Setting
from heatnet.retrofit.measures.strainer import Strainer
from heatnet.retrofit.measures.supply_temperature import SupplyTemperature
from heatnet.retrofit.proposals.proposal import Look, Proposal
from heatnet.schema import Ints

PER_KELVIN = 0.078  # - more radiators for one kelvin more at design weather, 75/50/20
THROTTLED = 0.6  # opening below which a cold inlet looks throttled
STARVED = 0.85  # flow ratio below which an inlet lacks flow


def clogged(look: Look) -> list[Proposal]:
    """Cold inlets of a resistance far above the usual, and cold ones whose valve is nearly shut."""
    basis, limits = look.basis, look.limits
    inlet, ratio = basis.net[Consumer], basis.state.flow_ratio()
    drop = open_drop(basis)
    cold = np.zeros(len(inlet), dtype=bool)
    cold[basis.state.scene.terminals.consumer[basis.rooms.cold]] = True
    usual = float(np.nanmedian(drop)) if (~np.isnan(drop)).any() else float("nan")
    found = []
    with np.errstate(invalid="ignore"):
        dirty = np.flatnonzero(cold & (drop > limits.resistance * usual) & (ratio < STARVED))
        shut = np.flatnonzero(cold & (inlet.control == "fixed") & (inlet.opening < THROTTLED) & (ratio < STARVED))
    for at in dirty[np.argsort(-drop[dirty], kind="stable")][: limits.most].tolist():
        words = (float(drop[at] / usual), float(ratio[at]))
        zh = "阻力为一般入口的 {:.1f} 倍，流量比 {:.2f}：疑似除污器堵塞".format(*words)
        en = "resistance {:.1f} times that of the usual inlet, flow ratio {:.2f}: its strainer looks clogged".format(*words)
        found.append(Proposal(str(inlet.id[at]), Strainer((str(inlet.id[at]),)), zh, en))
    for at in shut[np.argsort(inlet.opening[shut], kind="stable")][: limits.most].tolist():
        zh = f"阀门开度仅 {100 * inlet.opening[at]:.0f}%，流量比 {ratio[at]:.2f}"
        en = f"valve open {100 * inlet.opening[at]:.0f} % only, flow ratio {ratio[at]:.2f}"
        found.append(Proposal(str(inlet.id[at]), Setting((str(inlet.id[at]),)), zh, en))
    return found


def terminals(look: Look) -> list[Proposal]:
    """Cold buildings whose cause is their radiators or their envelope."""
    basis = look.basis
    building, rooms, part = basis.net[Building], basis.rooms, basis.state.scene.terminals
    found = []
    for row in _worst(look, "radiator"):
        factor = max(1.0, float(building.radiator[row] * (1.0 + PER_KELVIN * rooms.deficit[row])))
        name, words = str(building.id[row]), (100 * float(building.radiator[row]), float(rooms.deficit[row]))
        zh = "散热器为设计值的 {:.0f}%，室温低 {:.1f} K".format(*words)
        en = "{:.0f} % of the designed radiators, {:.1f} K too cold".format(*words)
        found.append(Proposal(name, Radiators((name,), round(factor, 2)), zh, en))
    for row in _worst(look, "envelope"):
        over = float(part.conductance[row] / part.design_conductance[row])
        saving = min(max(1.0 - 1.0 / over, 0.05), 0.5)
        name, words = str(building.id[row]), (over, float(rooms.deficit[row]))
        zh = "耗热为设计值的 {:.2f} 倍，室温低 {:.1f} K".format(*words)
        en = "loses {:.2f} times the heat designed for, {:.1f} K too cold".format(*words)
        found.append(Proposal(name, Envelope((name,), round(saving, 3)), zh, en))
    return found


def operation(look: Look) -> list[Proposal]:
    """Hotter water, or more lift, where homes are cold."""
    basis = look.basis
    homes = float(basis.net[Building].households[basis.rooms.cold].sum())
    if homes == 0.0:
        return []
    found = [Proposal(
        "+2K", SupplyTemperature(2.0), f"{homes:.0f} 户不达标：供水温度提高 2 K", f"{homes:.0f} households are cold: 2 K hotter water",
    )]
    plant = basis.net[Plant]
    lifted = tuple(str(one) for one in plant.id[(plant.control == "lift") & ~np.isnan(plant.lift)])
    worth = 0.0 if look.gradients is None else -float(look.worth.gradient["plant"]["lift"].sum()) * 1e3
    if lifted and worth > 0.0:
        zh = f"循环泵扬程每增加 1 kPa，每采暖季亏缺减少 {worth:.0f} K·h·户"
        en = f"1 kPa more lift takes {worth:.0f} K h household of a season's deficit away"
        found.append(Proposal("+20kPa", Lift(lifted, 2e4), zh, en))
    return found


def _worst(look: Look, cause: str) -> list[int]:
    """Cold buildings of a cause, the worst first."""
    rooms, households = look.basis.rooms, look.basis.net[Building].households
    rows: Ints = np.flatnonzero(rooms.cold & (rooms.cause == cause)).astype(np.int32)
    return [int(row) for row in rows[np.argsort(-(rooms.deficit * households)[rows], kind="stable")][: look.limits.most]]
