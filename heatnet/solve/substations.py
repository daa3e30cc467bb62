"""Substations: what the exchangers of a state do, and why one that is short is short.

A regulating exchanger that does not reach its set temperature is short. Why, by substitution: the secondary supply temperature as
it would be at the same secondary return (a) with the primary flow it asks for, at most its design flow, (b) with primary water as
warm as a plant gives it, (c) without deposits; what brings most names the reason.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from heatnet.components import Exchanger, Plant, Secondary
from heatnet.components.exchanger import conductance
from heatnet.components.valve import opening_for
from heatnet.schema import Bools, Floats, Texts
from heatnet.solve import exchange
from heatnet.units import KELVIN

if TYPE_CHECKING:
    import pandas as pd

    from heatnet.solve.state import State

FLAGS = ("holds", "short", "limited", "warm", "fixed", "still", "shut")
REASONS = ("flow", "primary", "fouling", "surface")
LEAST = 1e-3  # K, that a regulating exchanger misses and still holds
CLEAR = 0.2  # share of what is missing: a substitution that brings less explains nothing


@dataclass(frozen=True)
class Substations:
    """One entry an exchanger, (n,); temperatures in K, flows in kg/s, heat in W."""

    primary_flow: Floats
    secondary_flow: Floats
    primary_supply: Floats
    primary_return: Floats
    secondary_supply: Floats
    secondary_return: Floats
    set_to: Floats  # secondary supply temperature it keeps, NaN where it keeps none
    missing: Floats  # K below that, 0 where it holds, NaN where it keeps none
    heat: Floats  # from the primary to the secondary side
    ua: Floats  # W/K at these flows, with deposits
    effectiveness: Floats  # -, heat over the most that C_min could carry; NaN at rest
    ntu: Floats  # -, UA/C_min
    opening: Floats  # - of the primary valve
    primary_drop: Floats  # Pa, valve included
    secondary_drop: Floats  # Pa
    wanted: Floats  # primary flow that would bring the set temperature, inf where none does
    missing_drop: Floats  # Pa that the primary difference lacks for that flow, 0 where it has it, inf where no flow does
    flag: Texts  # one of FLAGS
    reason: Texts  # one of REASONS where it is short, "other" where no substitution helps, else ""

    def columns(self) -> dict[str, Floats | Texts]:
        """As columns of a table, units in the header."""
        warm = {
            "primary supply [degC]": self.primary_supply, "primary return [degC]": self.primary_return,
            "secondary supply [degC]": self.secondary_supply, "secondary return [degC]": self.secondary_return, "set [degC]": self.set_to,
        }
        return {
            "flag": self.flag, "reason": self.reason, "missing [K]": self.missing, "heat [kW]": self.heat / 1e3,
            **{name: value - KELVIN for name, value in warm.items()},
            "primary flow [kg/s]": self.primary_flow, "secondary flow [kg/s]": self.secondary_flow, "opening [-]": self.opening,
            "effectiveness [-]": self.effectiveness, "NTU [-]": self.ntu, "UA [kW/K]": self.ua / 1e3,
            "primary loss [kPa]": self.primary_drop / 1e3, "secondary loss [kPa]": self.secondary_drop / 1e3,
            "wanted flow [kg/s]": self.wanted, "missing difference [kPa]": self.missing_drop / 1e3,
        }

    def frame(self, names: Texts) -> pd.DataFrame:
        """Table of all exchangers, by id."""
        import pandas as pd  # noqa: PLC0415  pandas takes 0.4 s to load

        return pd.DataFrame(self.columns(), index=pd.Index(names, name="id"))


def substations(state: State) -> Substations:
    """What each exchanger of a state does."""
    arrays = state.arrays
    table, (first, second) = arrays.net[Exchanger], exchange.sides(arrays)
    fluid = tuple(state.fluid(type(part.table)) for part in arrays.parts)
    m1, m2 = np.abs(state.m[first]), np.abs(state.m[second])
    t1, t2 = state.t_in[first], state.t_in[second]
    c1, c2 = m1 * state.fluid(Exchanger).cp, m2 * state.fluid(Secondary).cp
    live = (m1 > exchange.STILL) & (m2 > exchange.STILL)
    least = np.where(live, np.minimum(c1, c2), np.nan)
    heat, drive = state.heat(Exchanger), t1 - t2
    wanted, _ = exchange.wanted(arrays, state.scene, state.t_in, fluid, state.m)
    regulates = table.control == "supply"
    set_to = np.where(regulates, state.scene.secondary, np.nan)
    missing = np.where(m2 > exchange.STILL, np.maximum(set_to - state.t_out[second], 0.0), np.where(regulates, 0.0, np.nan))
    missing = np.where(missing < LEAST, 0.0, missing)
    k = (table.body("primary") + table.valve(np.ones(len(table)))) / state.fluid(Exchanger).rho
    lacks = np.where(np.isfinite(wanted), np.maximum(k * wanted**2 - state.loss(Exchanger), 0.0), np.inf)
    short = missing > 0.0
    with np.errstate(invalid="ignore", divide="ignore"):
        effectiveness = np.where(np.abs(drive) > 1e-9, heat / (least * drive), np.nan)
    ua = table.coefficient(m1, m2)[0]
    return Substations(
        state.m[first], state.m[second], t1, state.t_out[first], state.t_out[second], t2, set_to, missing, heat, ua, effectiveness,
        ua / least, _opening(state, table, m1), state.loss(Exchanger), state.loss(Secondary), np.where(regulates, wanted, np.nan),
        np.where(short, lacks, np.where(regulates, 0.0, np.nan)), _flag(state, table, m1, m2, short),
        _reason(state, table, wanted, short),
    )


def _opening(state: State, table: Exchanger, m1: Floats) -> Floats:
    """Opening of the primary valve: as it stands, or where it lets through what flows at the difference there is."""
    rho = state.fluid(Exchanger).rho
    regulates = table.control == "supply"
    with np.errstate(divide="ignore", invalid="ignore"):
        left = state.loss(Exchanger) * rho / m1**2 - table.body("primary")  # resistance times density of the valve
        share = np.sqrt(table.valve(np.ones(len(table))) / np.maximum(left, 0.0))
    found = opening_for(
        np.clip(np.nan_to_num(share, nan=1.0), 0.0, 1.0), table.characteristic, table.rangeability, np.zeros(len(table))
    )
    flows = m1 > exchange.STILL
    return np.where(table.closed(), 0.0, np.where(regulates, np.where(flows, found, 0.0), table.opening))


def _flag(state: State, table: Exchanger, m1: Floats, m2: Floats, short: Bools) -> Texts:
    """State of each exchanger in a word."""
    first, second = exchange.sides(state.arrays)
    shut = table.closed() | state.arrays.dead[first] | state.arrays.dead[second]
    limited = short & (m1 >= np.nan_to_num(table.flow_limit, nan=np.inf) * (1.0 - 1e-9))
    warm = (table.control == "supply") & (m1 <= exchange.STILL) & (state.t_in[second] >= state.scene.secondary)
    rules = (
        (shut, "shut"), (m2 <= exchange.STILL, "still"), (warm, "warm"), (table.control == "fixed", "fixed"), (limited, "limited"),
        (short, "short"),
    )
    return np.select([np.asarray(rule) for rule, _ in rules], [word for _, word in rules], "holds").astype(object)


def _reason(state: State, table: Exchanger, wanted: Floats, short: Bools) -> Texts:
    """Why those that are short are short."""
    first, second = exchange.sides(state.arrays)
    m1, m2 = np.abs(state.m[first]), np.maximum(np.abs(state.m[second]), exchange.STILL)
    cp1, c2 = state.fluid(Exchanger).cp, m2 * state.fluid(Secondary).cp
    t1, t2 = state.t_in[first], state.t_in[second]
    supply = state.scene.supply[: len(state.arrays.net[Plant])]
    hottest = np.full(len(table), float(supply.max(initial=0.0)))

    def reached(flow: Floats, warm: Floats, of: Exchanger) -> Floats:
        flow = np.maximum(flow, exchange.STILL)
        return np.asarray(t2 + conductance(of.coefficient(flow, m2)[0], flow * cp1, c2)[0] / c2 * (warm - t2))

    now = reached(m1, t1, table)
    more = np.maximum(m1, np.minimum(wanted, table.design().primary))
    tries = np.stack([
        reached(more, t1, table), reached(m1, np.maximum(hottest, t1), table), reached(m1, t1, table.with_(fouling=0.0)),
        reached(m1, t1, table.with_(ua=1e3 * table.design().ua)),
    ])
    tries = np.minimum(tries, state.scene.secondary)  # more than it is asked for helps nobody
    best = np.argmax(tries[:3], axis=0)
    enough = now + np.maximum(CLEAR * (state.scene.secondary - now), LEAST)
    helps, surface = tries[:3].max(axis=0, initial=-np.inf) > enough, tries[3] > enough
    beyond = state.scene.secondary >= hottest
    names = np.array(REASONS, dtype=object)
    words = np.where(beyond, "primary", np.where(helps, names[best], np.where(surface, "surface", "other")))
    return np.where(short, words, "").astype(object)
