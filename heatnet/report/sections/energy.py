"""Section 11, energy and cost: heat balance, pump power, make-up and refunds of this state, by hour and by day."""

from __future__ import annotations

import numpy as np

from heatnet.components import Consumer, Pipe, Plant
from heatnet.report import forms
from heatnet.report.document import Bars, Block, Cell, Fact, Facts, Figure, Head, Paragraph, Quantity, Section, Table, Tone
from heatnet.report.palette import GOOD, HIGH, LOW, PALER
from heatnet.report.sections.make_up import make_up
from heatnet.report.sections.plants import pump_power
from heatnet.report.sections.season_load import season_load
from heatnet.report.view import View

DAY = 86400.0  # s


def energy(view: View) -> Section | None:
    """What this state takes a day, and what it costs where prices are given; None without plants."""
    if not len(view.net[Plant]):
        return None
    say = view.say
    blocks: list[Block] = [Paragraph(say("energy.how")), _facts(view), _chart(view), _daily(view), *season_load(view)]
    return Section("energy", say("energy"), tuple(blocks))


def balance_of(view: View) -> dict[str, float]:
    """Heat of plants, users, supply pipes and return pipes, of water that enters or leaves, and what is left over [W]; power [W]."""
    state, out = view.state, view.state.heat(Pipe)
    given, users, lost = -float(state.heat(Plant).sum()), float(state.heat(Consumer).sum()), float(out.sum())
    at_plants, in_pumps = pump_power(view)
    wasted = 0.0
    if len(view.building):
        gap = np.maximum(view.rooms.temperature - view.rooms.profile.required, 0.0)
        wasted = float((state.scene.terminals.conductance * gap).sum())
    return {"plants": given, "users": users, "pipes": lost, "water": given - users - lost, "power": float(at_plants.sum() + in_pumps.sum()),
            "wasted": wasted}


def _facts(view: View) -> Facts:
    say, found, limits = view.say, balance_of(view), view.limits
    given = found["plants"]
    lost, ehr = (found[name] / given if given > 0.0 else np.nan for name in ("pipes", "power"))
    circulation = float(np.maximum(view.state.m[view.state.of(Plant)], 0.0).sum())
    entering = make_up(view)[0]
    rate = entering / circulation if circulation else np.nan
    area = float(np.nansum(view.building.area))
    return Facts((
        Fact(say("energy.heat"), given, forms.HEAT, say("energy.users", heat=view.full(found["users"], forms.HEAT))),
        Fact(say("energy.lost"), lost, forms.SHARE, view.full(found["pipes"], forms.HEAT), _tone(lost, limits.loss_share)),
        Fact(say("energy.power"), found["power"], forms.POWER, say("energy.power_note")),
        Fact(say("energy.ehr"), ehr, forms.same("%", 2, 0.01), say("energy.ehr_note")),
        Fact(say("energy.make_up"), rate, forms.same("%", 2, 0.01), view.full(entering, forms.FLOW), _tone(rate, limits.make_up)),
        Fact(say("energy.wasted"), found["wasted"], forms.HEAT, say("energy.wasted_note")),
        Fact(say("energy.index"), found["users"] / area if area else np.nan, forms.HEAT_INDEX, say("energy.index_note")),
    ))


def _tone(value: float, limit: float) -> Tone:
    return "high" if value > limit else ""


def _daily(view: View) -> Table:
    """A day of this state: quantity, price and cost."""
    say, found, limits = view.say, balance_of(view), view.limits
    currency, per = view.money, view.currency
    gj, kwh = forms.same(f"{per}/GJ", 2, 1e-9), forms.same(f"{per}/kWh", 3, 1 / 3.6e6)
    entering = make_up(view)[0] * DAY
    rows: list[tuple[Cell, ...]] = [
        (say("energy.row_heat"), Quantity(found["plants"] * DAY, forms.ENERGY), _price(view, limits.heat_price, gj),
         found["plants"] * DAY * limits.heat_price),
        (say("energy.row_lost"), Quantity(found["pipes"] * DAY, forms.ENERGY), _price(view, limits.heat_price, gj),
         found["pipes"] * DAY * limits.heat_price),
        (say("energy.row_wasted"), Quantity(found["wasted"] * DAY, forms.ENERGY), _price(view, limits.heat_price, gj),
         found["wasted"] * DAY * limits.heat_price),
        (say("energy.row_power"), Quantity(found["power"] * DAY, forms.ELECTRICITY), _price(view, limits.power_price, kwh),
         found["power"] * DAY * limits.power_price),
        (say("energy.row_water"), Quantity(entering, forms.same("t", 1, 1e3)), "–", None),
    ]
    if len(view.building):
        refund = view.rooms.refund
        known = float(np.nansum(refund)) if not np.isnan(refund).all() else np.nan
        cold = view.text(float(view.building.households[view.rooms.cold].sum()), forms.COUNT)
        rows.append((say("energy.row_refund"), say("energy.cold_households", n=cold), "–", known))
    heads = (Head(say("energy.item")), Head(say("energy.quantity")), Head(say("energy.price")), Head(say("energy.cost"), currency))
    return Table("daily", say("energy.daily"), heads, tuple(rows))


def _price(view: View, price: float, form: forms.Form) -> Cell:
    return view.say("energy.no_price") if np.isnan(price) else Quantity(price, form)


def _chart(view: View) -> Figure:
    say, found = view.say, balance_of(view)
    parts = (
        (say("energy.needed"), found["users"] - found["wasted"], GOOD, ""), (say("energy.wasted"), found["wasted"], HIGH, "x"),
        (say("energy.in_pipes"), found["pipes"], LOW, "/"), (say("energy.with_water"), max(found["water"], 0.0), PALER[1], "."),
    )
    least = 5e-4 * abs(found["plants"])
    bars = tuple(
        Bars(label, [heat / 1e6], [""], colour, 0.5, pattern, flat=True)  # type: ignore[arg-type]
        for label, heat, colour, pattern in parts if heat > least
    )
    return Figure("heat", say("energy.chart"), f"{say('plants.load')} (MW)", "", bars, stacked=True)
