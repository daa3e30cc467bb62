"""State: the answer of a solve with its residuals, and tables of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from heatnet.arrays import Arrays
from heatnet.components import EDGES, Consumer, Edge, Exchanger, Fluid, Pipe, Plant, Pump, Scene, Valve
from heatnet.network import KINDS, Node
from heatnet.schema import Bools, Floats, Ints, Texts
from heatnet.solve.settings import Settings, Status
from heatnet.units import KELVIN

if TYPE_CHECKING:
    import pandas as pd

    from heatnet.solve.certificate import Certificate
    from heatnet.solve.substations import Substations


@dataclass(frozen=True)
class Residuals:
    """How exactly the equations hold: largest value over the network."""

    pressure: float  # Pa, of an edge equation
    mass: float  # kg/s, of a node
    energy: float  # W, of a node
    load: float  # W, heat of a `load` consumer against what it wants, of an exchanger against its law and its other side
    balance: float  # W, plants and inflows against consumers, losses and outflows
    weight: float  # Pa, of the water in an edge against that of its temperature; above 0.1 only where it found no rest


@dataclass(frozen=True)
class State:
    """Flow m [kg/s], pressure p [Pa], temperature t [K]; NaN pressure marks nodes cut off from every held pressure."""

    arrays: Arrays
    settings: Settings
    scene: Scene
    m: Floats  # (edges,)
    p: Floats  # (nodes,)
    t: Floats  # (nodes,)
    t_in: Floats  # (edges,) water entering each edge
    t_out: Floats  # (edges,)
    still: Bools  # (nodes,)
    exchange: Floats  # (nodes,) water entering at held nodes, kg/s
    bound: Ints  # (edges,) 0 free, 1 at upper bound, 2 at lower bound, 3 shut, 4 rigid
    status: Status
    detail: str
    steps: int
    passes: int
    residuals: Residuals
    u: Floats = field(default_factory=lambda: np.zeros(0))  # (regulators,) Pa that each throttles or lifts

    @property
    def converged(self) -> bool:
        """Whether this is an answer."""
        return self.status.answers

    @cached_property
    def certificate(self) -> Certificate:
        """Largest violation of any equation or inequality, from this state and the tables alone; worked out when first asked for."""
        from heatnet.solve.certificate import certify  # noqa: PLC0415  it needs State

        return certify(self)

    @property
    def message(self) -> str:
        """Status in words, with names."""
        return f"{self.status.value}{': ' + self.detail if self.detail else ''}"

    def of(self, kind: type[Edge]) -> slice:
        """Rows of a component in the edge numbering."""
        return self.arrays.part(kind).span

    def fluid(self, kind: type[Edge]) -> Fluid:
        """Water in the rows of a component."""
        span, water = self.of(kind), self.settings.water
        t_in, t_out = self.t_in[span], self.t_out[span]
        cp, mean = water.secant(t_in, t_out), t_in
        if self.settings.heat:
            mean = self.arrays.part(kind).table.mean(np.abs(self.m[span]), t_in, t_out, cp, self.scene.ground)
        return Fluid(water.density(mean), water.viscosity(mean), cp)

    def heat(self, kind: type[Edge]) -> Floats:
        """Heat given off by the water in each row [W], above zero for consumers and pipes, below zero for plants."""
        span, water = self.of(kind), self.settings.water
        return np.abs(self.m[span]) * (water.enthalpy(self.t_in[span]) - water.enthalpy(self.t_out[span]))

    def difference(self, kind: type[Edge]) -> Floats:
        """Pressure difference tail to head [Pa], static height not taken off."""
        span = self.of(kind)
        return self.p[self.arrays.tail[span]] - self.p[self.arrays.head[span]]

    def loss(self, kind: type[Edge]) -> Floats:
        """Pressure loss from tail to head [Pa]: difference with the static height taken off."""
        span = self.of(kind)
        height = self.arrays.net[Node].height
        rise = height[self.arrays.tail[span]] - height[self.arrays.head[span]]
        return self.difference(kind) + self.fluid(kind).rho * self.settings.gravity * rise

    def frame(self, kind: str) -> pd.DataFrame:
        """Table of results of one kind ("node", "pipe", ...), units in the header."""
        import pandas as pd  # noqa: PLC0415  pandas takes 0.4 s to load; solving does not need it

        net = self.arrays.net
        if kind == "node":
            columns = {
                "pressure [kPa]": self.p / 1e3, "temperature [degC]": self.t - KELVIN, "still": self.still,
                "exchange [kg/s]": self.exchange,
            }
            return pd.DataFrame(columns, index=pd.Index(net[Node].id, name="id"))
        component = KINDS.get(kind)
        if component is None or component not in EDGES:
            raise ValueError(f"no results of '{kind}'; known: node, {', '.join(edge.kind() for edge in EDGES)}")
        edge = net[component]  # type: ignore[type-abstract]
        assert isinstance(edge, Edge)
        if isinstance(edge, Exchanger):
            return self.substations().frame(edge.id)
        span = self.of(type(edge))
        columns = {
            "tail": edge.tail, "head": edge.head, "flow [kg/s]": self.m[span], "loss [kPa]": self.loss(type(edge)) / 1e3,
            "inlet [degC]": self.t_in[span] - KELVIN, "outlet [degC]": self.t_out[span] - KELVIN,
            "heat [kW]": self.heat(type(edge)) * (-1e-3 if isinstance(edge, Plant) else 1e-3),
        }
        if isinstance(edge, Pipe):
            area = np.pi / 4 * edge.diameter**2
            columns["speed [m/s]"] = self.m[span] / (self.fluid(Pipe).rho * area)
            with np.errstate(divide="ignore", invalid="ignore"):
                columns["gradient [Pa/m]"] = np.where(edge.length > 0, np.abs(self.loss(Pipe)) / edge.length, 0.0)
        return pd.DataFrame(columns | self._of_device(edge), index=pd.Index(edge.id, name="id"))

    def _of_device(self, edge: Edge) -> dict[str, Floats | Texts]:
        """Columns that only some components have."""
        from heatnet.solve import devices  # noqa: PLC0415  it needs State

        if isinstance(edge, Consumer):
            names, missing = devices.consumer_states(self)
            return {
                "flow ratio [-]": self.flow_ratio(), "wanted [kW]": self.wanted() / 1e3, "short [kW]": self.shortage() / 1e3,
                "state": names, "missing [kPa]": missing / 1e3,
            }
        if isinstance(edge, Valve):
            return {"state": devices.valve_states(self)}
        if isinstance(edge, Pump | Plant):
            pump = isinstance(edge, Pump)
            runs = devices.drive(self, Pump if pump else Plant)
            given: dict[str, Floats | Texts] = {"electricity [kW]": runs.power / 1e3}
            if pump:
                return given | {"speed [-]": runs.speed, "state": devices.pump_states(self)}
            return given | {"short of supply [K]": devices.short_of_capacity(self), "state": devices.plant_states(self)}
        return {}

    def substations(self) -> Substations:
        """What each exchanger does, (exchangers,)."""
        from heatnet.solve.substations import substations  # noqa: PLC0415  it reads states

        return substations(self)

    def flow_ratio(self) -> Floats:
        """Actual over design flow x of each consumer [-], (consumers,); NaN where no design flow is known."""
        design = self.arrays.net[Consumer].design_flow(self.scene)
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(design > 0.0, self.m[self.of(Consumer)] / design, np.nan)

    def wanted(self) -> Floats:
        """Heat each consumer wants at this weather [W], (consumers,)."""
        return self.arrays.net[Consumer].load(self.scene)

    def shortage(self) -> Floats:
        """Heat that a consumer of control `load` or of given heat does not get [W], (consumers,); zero for others."""
        consumer = self.arrays.net[Consumer]
        asked = (consumer.control == "load") | ~np.isnan(consumer.heat_given)
        short = np.maximum(self.wanted() - self.heat(Consumer), 0.0)
        return np.where(asked & (short > 1e-6 * self.wanted() + 1e-3), short, 0.0)
