"""Network: a site, tables of components and buildings, heating curves; and where each row was read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, TypeVar

import numpy as np

from heatnet.change import Scenario
from heatnet.components import EDGES, Exchanger, Secondary
from heatnet.schema import Column, Floats, Ints, Table, Texts, column, text
from heatnet.units import KELVIN

T = TypeVar("T", bound=Table)
MASSES = ("light", "medium", "heavy", "very_heavy")  # their figures are data: climate/thermal_mass.csv
DESIGN_OUTDOOR = KELVIN - 24.2  # Harbin, GB 50736-2012 annex A; a model states its own


@dataclass(frozen=True)
class Node(Table):
    """A point where components meet."""

    x: Floats = column("m", "east coordinate, for maps only", least=-1e9, most=1e9, optional=True)
    y: Floats = column("m", "north coordinate, for maps only", least=-1e9, most=1e9, optional=True)
    height: Floats = column("m", "elevation above the datum", least=-500, most=9000, default=0.0)
    pressure: Floats = column("Pa", "held gauge pressure (pressurisation point), if it is held here", least=-1e5, most=1e8, optional=True)
    inflow: Floats = column("kg/s", "water that enters here (make-up); negative leaves (leak, draw)", least=-1e5, most=1e5, default=0.0)
    inflow_temperature: Floats = column(
        "K", "temperature of entering water; of the node itself if not given", above=273, most=473, optional=True
    )
    rating: Texts = text("pressure class, as the pressure limits name it; their default if not given", default="")


@dataclass(frozen=True)
class Building(Table):
    """A building behind a consumer; several share its flow in proportion to their design flow."""

    consumer: Texts = text("consumer it hangs on", refers="consumer")
    design_heat: Floats = column("W", "heat load at design outdoor temperature", above=0, most=1e9)
    design_supply: Floats = column("K", "design supply temperature of its radiators", above=273, most=473, default=KELVIN + 75)
    design_return: Floats = column("K", "design return temperature of its radiators", above=273, most=473, default=KELVIN + 50)
    design_indoor: Floats = column("K", "design indoor temperature", above=273, most=323, default=KELVIN + 20)
    design_outdoor: Floats = column("K", "design outdoor temperature; the site's if not given", above=200, most=300, optional=True)
    exponent: Floats = column("-", "radiator exponent", least=1, most=2, default=1.3)
    radiator: Floats = column("-", "installed radiators over designed ones", above=0, most=20, default=1.0)
    conductance: Floats = column(
        "W/K", "heat loss coefficient as it is; from the design heat if not given", above=0, most=1e8, optional=True
    )
    gains: Floats = column("W", "free heat of people, sun and appliances", least=0, most=1e8, default=0.0)
    area: Floats = column("m2", "usable area on which the heat fee is charged", above=0, most=1e7, optional=True)
    households: Floats = column("count", "households", least=0, most=1e5, default=1.0)
    height: Floats = column("m", "height of the building above its inlet", least=0, most=1000, optional=True)
    system: Texts = text("class of its radiators in the pressure limits; their default if not given", default="")
    mass: Texts = text("class of thermal mass, for a run through time: light, medium, heavy or very_heavy", default="heavy", choices=MASSES)
    heat_capacity: Floats = column(
        "J/K", "effective heat capacity; from its class and design heat if not given", above=0, most=1e13, optional=True
    )
    name: Texts = text("name or number of the building", default="")
    street: Texts = text("street", default="")
    district: Texts = text("district", default="")
    address: Texts = text("postal address", default="")
    company: Texts = text("heat supply company", default="")
    floors: Floats = column("count", "storeys", least=1, most=200, optional=True)
    complaints: Floats = column("count", "complaints of cold rooms in the period that is looked at", least=0, most=1e6, optional=True)


@dataclass(frozen=True)
class Site:
    """Weather, ground and tariff that hold for the whole network; temperatures in K."""

    design_outdoor: float = DESIGN_OUTDOOR
    outdoor: float = float("nan")  # K, the design value if not given
    ground: float = KELVIN + 5.0
    air_pressure: float = 101325.0  # Pa
    season_days: float = 183.0  # d, heating season over which the fee is spread
    fee: float = float("nan")  # currency per m2 of usable area and season
    currency: str = "CNY"
    profile: str = "hlj_2021"  # regulation profile: a shipped name or a file
    limits: str = "cjj_34"  # limits of the pressure regime: a shipped name or a file

    @property
    def weather(self) -> float:
        """Outdoor temperature of this state [K]."""
        return self.design_outdoor if np.isnan(self.outdoor) else self.outdoor


# What the numbers of a site may be, by field; NaN stands for "not given" where the default is NaN
SITE_RANGES: Mapping[str, Column] = MappingProxyType({
    "design_outdoor": Column("K", "design outdoor temperature", least=200, most=300),
    "outdoor": Column("K", "outdoor temperature", least=200, most=330, optional=True),
    "ground": Column("K", "ground temperature", least=200, most=400),
    "air_pressure": Column("Pa", "air pressure", least=5e4, most=1.2e5),
    "season_days": Column("d", "days of the heating season", least=1, most=366),
    "fee": Column("", "heat fee", least=0, most=1e9, optional=True),
})


@dataclass(frozen=True)
class Curve:
    """Heating curve: supply temperature [K] against outdoor temperature [K], linear between points, flat beyond them."""

    outdoor: tuple[float, ...]
    supply: tuple[float, ...]

    def at(self, outdoor: float) -> float:
        """Supply temperature [K]."""
        return float(np.interp(outdoor, self.outdoor, self.supply))


def reset_curve(
    supply: float, back: float, indoor: float, design_outdoor: float, exponent: float = 1.3, flow: float = 1.0, points: int = 41
) -> Curve:
    """Heating curve by the quality-control formula t_g = t_n + D Q^(1/n) + d Q/(2 G), temperatures in K.

    D mean design excess, d design drop, Q relative load, G relative flow, n radiator exponent (He & Sun, Heating
    Engineering; also patent CN102003736A). Up to no load at outdoor = indoor.
    >>> curve = reset_curve(348.15, 323.15, 293.15, 248.95)
    >>> round(curve.at(263.15) - 273.15, 1)
    60.0
    """
    outdoor = np.linspace(design_outdoor - 10.0, indoor, points)
    load = np.maximum((indoor - outdoor) / (indoor - design_outdoor), 0.0)
    warm = indoor + (0.5 * (supply + back) - indoor) * load ** (1.0 / exponent) + 0.5 * (supply - back) * load / flow
    return Curve(tuple(outdoor.tolist()), tuple(warm.tolist()))


@dataclass(frozen=True)
class Origin:
    """Where the rows of a table were read: a file and the line of each row."""

    path: str
    lines: Ints

    def line(self, row: int) -> str:
        """File and line of a row."""
        return f"{self.path}:{self.lines[row]}"


TABLES: tuple[type[Table], ...] = (Node, *EDGES, Building)
KINDS: dict[str, type[Table]] = {table.kind(): table for table in TABLES}


@dataclass(frozen=True)
class Network:
    """A model: `net[Pipe].length` is a column, `net.with_(Pipe, length=...)` a changed copy."""

    name: str
    tables: Mapping[type[Table], Table]
    site: Site = field(default_factory=Site)
    curves: Mapping[str, Curve] = field(default_factory=lambda: MappingProxyType({}))
    origins: Mapping[type[Table], Origin] = field(default_factory=lambda: MappingProxyType({}))
    about: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))  # title, source, licence, crs ...

    @staticmethod
    def of(name: str, *tables: Table, site: Site | None = None, curves: Mapping[str, Curve] | None = None) -> Network:
        """Network from tables; kinds not given are empty."""
        given = {type(table): table for table in tables}
        full = {kind: given.get(kind, kind.empty()) for kind in TABLES}
        return Network(name, MappingProxyType(full), site or Site(), MappingProxyType(dict(curves or {})))

    def __reduce__(self) -> tuple[Any, ...]:
        """For worker processes: read-only mappings cannot be sent as they are."""
        return _restored, (self.name, self.site, *(dict(part) for part in (self.tables, self.curves, self.origins, self.about)))

    def __getitem__(self, kind: type[T]) -> T:
        table = self.tables[Exchanger].secondary() if kind is Secondary else self.tables[kind]  # type: ignore[attr-defined]
        assert isinstance(table, kind)
        return table

    def with_(self, kind: type[Table], **columns: Any) -> Network:
        """Copy with some columns of one table replaced."""
        return self.replace_table(self.tables[kind].with_(**columns))

    def replace_table(self, table: Table) -> Network:
        """Copy with one whole table replaced; its rows are no longer traced to lines of a file if their number differs."""
        origins = dict(self.origins)
        if len(table) != len(self.tables[type(table)]):
            origins.pop(type(table), None)
        return replace(self, tables=MappingProxyType({**self.tables, type(table): table}), origins=MappingProxyType(origins))

    def with_site(self, **fields: Any) -> Network:
        """Copy with some fields of the site replaced."""
        return replace(self, site=replace(self.site, **fields))

    def apply(self, scenario: Scenario) -> Network:
        """The network with what a scenario adds and changes; ValueError names an unknown table, column or row."""
        net = self
        for table in scenario.added:
            net = net.replace_table(net.tables[type(table)].joined(table))
        for change in scenario.changes:
            if change.kind == "site":
                net = net.with_site(**{change.column: change.values})
            elif change.kind in KINDS:
                net = net.replace_table(change.apply(net.tables[KINDS[change.kind]]))
            else:
                raise ValueError(f"'{change.kind}' is not a table; known: site, {', '.join(KINDS)}")
        return net

    def where(self, kind: type[Table], row: int) -> str:
        """File and line of a row, "" if it was not read from a file."""
        origin = self.origins.get(kind)
        return origin.line(row) if origin else ""


def _restored(name: str, site: Site, *parts: dict[Any, Any]) -> Network:
    """A network from what was sent of it."""
    tables, curves, origins, about = (MappingProxyType(part) for part in parts)
    return Network(name, tables, site, curves, origins, about)
