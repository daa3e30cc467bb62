"""Thermal mass of buildings: how the room follows heat and weather within one hour, exactly.

One node (1R1C), C dT/dt = Q + G - H (T - T_o), tau = C/H, over an hour of constant heat Q and weather:
    T_end = T_inf + (T_0 - T_inf) e,           e = exp(-dt/tau),  T_inf = T_o + (Q + G)/H
    T_mean = T_inf (1 - f) + T_0 f,            f = (1 - e) tau/dt
Two nodes (2R2C), air a with furniture and envelope w, heat given to the air:
    C_a dT_a/dt = Q + G + (T_w - T_a)/R_1 + G_inf (T_o - T_a)
    C_w dT_w/dt = (T_a - T_w)/R_1 + (T_o - T_w)/R_2,        H = G_inf + 1/(R_1 + R_2)
by the exponential of the 2 x 2 matrix of each building.

Both are affine: T_end = A T_0 + (1 - A) T_o + b_end (Q + G), T_mean likewise. So within the hour the building acts on its
radiators like one in steady state with the heat loss coefficient 1/b_mean and the balance temperature that the room
would have without heat. The solver needs to know nothing of time: radiators, flows and rooms of an hour agree exactly.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from heatnet.components import Terminals
from heatnet.errors import Problem, ReadError
from heatnet.network import MASSES, Building
from heatnet.schema import Floats
from heatnet.weather.ground import FOLDER

HOUR = 3600.0  # s
CLASSES = FOLDER / "thermal_mass.csv"
COLUMNS = ("class", "time_constant [h]", "air_share [-]", "coupling [-]", "infiltration [-]")
MODELS = ("1R1C", "2R2C")


@dataclass(frozen=True)
class Mass:
    """How rooms follow in one step: temperatures of the nodes T (nodes, n) -> `keep` T + `drive` (Q + G)/H, less T_o; n buildings."""

    keep: Floats  # (nodes, nodes, n) at the end of the hour
    drive: Floats  # (nodes, n) rise at the end over the steady rise
    mean: Floats  # (nodes, n) share of each node in the mean room temperature of the hour
    lift: Floats  # (n,) rise of that mean over the steady rise
    conductance: Floats  # (n,) W/K

    @property
    def nodes(self) -> int:
        """Temperatures kept of each building; the room is the first."""
        return len(self.drive)

    def without_heat(self, now: Floats, outdoor: float) -> Floats:
        """Mean room temperature of the hour, were there no heat [K], (n,)."""
        return np.asarray(outdoor + np.einsum("in,in->n", self.mean, now - outdoor))

    def effective(self, now: Floats, outdoor: float, gains: Floats) -> tuple[Floats, Floats]:
        """Heat loss coefficient [W/K] and balance temperature [K] of the steady building that acts alike, (n,) each."""
        acts = self.conductance / self.lift
        return acts, self.without_heat(now, outdoor) + gains / acts

    def after(self, now: Floats, outdoor: float, heat: Floats) -> Floats:
        """Temperatures of the nodes after the hour [K], (nodes, n), with heat and gains together [W] (n,)."""
        rise = heat / self.conductance
        return np.asarray(outdoor + np.einsum("ijn,jn->in", self.keep, now - outdoor) + self.drive * rise)

    def steady(self, outdoor: float, heat: Floats) -> Floats:
        """Temperatures of the nodes in steady state [K], (nodes, n)."""
        fixed = np.linalg.solve(np.moveaxis(np.eye(self.nodes)[:, :, None] - self.keep, 2, 0), self.drive.T[:, :, None])[:, :, 0].T
        return np.asarray(outdoor + fixed * heat / self.conductance)


def masses(model: str, building: Building, terminals: Terminals, given: Floats, step: float = HOUR) -> Mass:
    """Thermal mass of all buildings over a step [s] by the data of their classes, as `mass_classes` gives them."""
    row = np.array([MASSES.index(name) for name in building.mass], dtype=np.int64)
    hours, air, coupling, infiltration = (column[row] for column in given)
    from_class = hours * 3600.0 * terminals.design_conductance
    capacity = np.where(np.isnan(building.heat_capacity), from_class, building.heat_capacity)
    loss = terminals.conductance
    if model == "1R1C":
        tau = capacity / loss
        left = np.exp(-step / tau)
        mean = -np.expm1(-step / tau) * tau / step
        return Mass(left[None, None], (1.0 - left)[None], mean[None], 1.0 - mean, loss)
    return _two_nodes(capacity * air, capacity * (1.0 - air), coupling * loss, infiltration * loss, loss, step)


def _two_nodes(air: Floats, envelope: Floats, inner: Floats, leaks: Floats, loss: Floats, step: float) -> Mass:
    """Exponential of [[-(k + g)/Ca, k/Ca], [k/Cw, -(k + r)/Cw]] and its integrals, k = 1/R1, g = G_inf, r = 1/R2.

    With m and d half the sum and half the difference of its eigenvalues, exp(t M) = e^{mt} (cosh(dt) I + sinh(dt)/d (M - m I)).
    """
    outer = 1.0 / (1.0 / (loss - leaks) - 1.0 / inner)
    matrix = np.array([[-(inner + leaks) / air, inner / air], [inner / envelope, -(inner + outer) / envelope]])
    middle = 0.5 * (matrix[0, 0] + matrix[1, 1])
    half = np.sqrt((0.5 * (matrix[0, 0] - matrix[1, 1])) ** 2 + matrix[0, 1] * matrix[1, 0])  # real: the product is above zero
    unit = np.eye(2)[:, :, None]
    slow, fast = np.exp((middle + half) * step), np.exp((middle - half) * step)
    keep = 0.5 * (slow + fast) * unit + 0.5 * (slow - fast) / half * (matrix - middle * unit)
    inverse = np.array([[matrix[1, 1], -matrix[0, 1]], [-matrix[1, 0], matrix[0, 0]]]) / (middle**2 - half**2)
    integral = np.einsum("ijn,jkn->ikn", inverse, keep - unit)  # of exp(t M) over the step
    source = np.stack([loss / air, np.zeros_like(loss)])  # rate of a unit of steady rise
    drive = np.einsum("ijn,jn->in", integral, source)
    rest = np.einsum("ijn,jkn->ikn", inverse, integral - step * unit)
    lift = np.einsum("jn,jn->n", rest[0], source) / step
    return Mass(keep, drive, integral[0] / step, lift, loss)


def mass_classes(path: str | Path = CLASSES) -> Floats:
    """Time constant [h], share of the air node in the capacity, coupling and infiltration over heat loss, (4, classes)."""
    path = Path(path)
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError) as error:
        raise ReadError([Problem(f"cannot be read: {error}", where=str(path))]) from None
    found: dict[str, list[float]] = {}
    problems = []
    for line, row in enumerate(rows, 2):
        try:
            values = [float(row[name]) for name in COLUMNS[1:]]
        except (KeyError, TypeError, ValueError):
            problems.append(Problem(f"needs numbers in the columns {', '.join(COLUMNS[1:])}", where=f"{path}:{line}"))
            continue
        hours, air, coupling, leaks = values
        if not (hours > 0 and 0 < air < 1 and 0 <= leaks < 1 and coupling > 1.0 - leaks):
            text = "time constant above 0, air share and infiltration between 0 and 1, coupling above 1 - infiltration"
            problems.append(Problem(f"impossible figures; must be: {text}", where=f"{path}:{line}"))
        found[str(row["class"])] = values
    problems += [Problem(f"no line for class '{name}'", where=str(path)) for name in MASSES if name not in found]
    if problems:
        raise ReadError(problems)
    return np.array([found[name] for name in MASSES]).T
