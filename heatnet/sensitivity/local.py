"""Derivatives of what an edge does, by its inlet temperature T, its flow q and its own parameters, at a solved state.

Outlet temperatures obey their exact balances, heat capacities included:
    pipe      T_o = T_g + (T - T_g) e^-N,  N = U L/(q c(T, T_o))
    plant     T_o = T_supply, or beyond its capacity P: q (h(T_o) - h(T)) = P
    consumer  q (h(T) - h(T_o)) = sum of the heat of its buildings (homes.py), or its given heat
Losses answer to the mean temperature of the water through density and viscosity. Derivatives of the pressure laws by temperature
are central differences of the law itself over 0.02 K, exact to some 1e-9 because laws are smooth there.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from heatnet.components import Consumer, Fluid, Pipe, Plant
from heatnet.network import Node
from heatnet.schema import Bools, Floats, Ints
from heatnet.sensitivity.homes import Homes, Secant, homes_of
from heatnet.sensitivity.losses import PipeLosses
from heatnet.sensitivity.objective import Deficit
from heatnet.solve import State
from heatnet.solve.hydraulic import FREE
from heatnet.solve.thermal import STILL, means

STEP = 1e-2  # K, of differences by temperature


@dataclass(frozen=True)
class Local:
    """What the adjoint needs of every edge, (edges,)."""

    state: State
    q: Floats  # kg/s, |m|, zero where water stands
    sign: Floats  # of m, zero where water stands
    up: Ints  # node that water comes from
    down: Ints
    free: Bools  # flow follows the pressure law
    bound: Bools  # flow is prescribed
    slope: Floats  # Pa s/kg of the law
    enthalpy: Floats  # J/kg at the outlet
    capacity: Floats  # J/(kg K) at the outlet
    outlet: Floats  # (3, edges) outlet temperature by inlet temperature, flow [K s/kg], own parameter
    mean: Floats  # (3, edges) mean temperature by the same
    push: Floats  # Pa/K, (loss - weight) by mean temperature
    wanted: Floats  # (3, edges) prescribed flow by inlet temperature, flow, own parameter
    gain: Floats  # (2, edges) objective by inlet temperature and flow
    homes: Homes
    drift: Floats  # (consumers,) kg/s per kelvin of mean temperature, of flows that a controller in front decides
    pipes: PipeLosses


def local(state: State, deficit: Deficit) -> Local:
    """Derivatives at a converged state; the own parameter is U of pipes and the supply temperature of plants."""
    arrays, water = state.arrays, state.settings.water
    live = (np.abs(state.m) > STILL) & ~arrays.dead
    m = np.where(live, state.m, 0.0)
    forward = state.m >= 0.0
    up, down = np.where(forward, arrays.tail, arrays.head), np.where(forward, arrays.head, arrays.tail)
    q = np.abs(m)
    homes = homes_of(state, deficit)
    outlet, mean, wanted, gain = (np.zeros((rows, arrays.edges)) for rows in (3, 3, 3, 2))
    outlet[0], mean[0] = 1.0, 1.0
    pipe, plant, consumer = (state.of(kind) for kind in (Pipe, Plant, Consumer))
    outlet[:, pipe], mean[:, pipe] = _pipes(state)
    outlet[:, plant], wanted[:, plant] = _plants(state)
    outlet[:2, consumer], wanted[:2, consumer], gain[:, consumer] = homes.outlet, homes.wanted, homes.gain
    for span in (plant, consumer):
        mean[:, span] = 0.5 * outlet[:, span] + np.array([0.5, 0.0, 0.0])[:, None]
    drift = np.zeros(len(homes.held))
    if homes.held.any():  # the flow it lets pass goes with the root of the density
        warm = means(arrays, q, state.t_in, state.t_out, water)[consumer]
        thinner = (water.density(warm + STEP) - water.density(warm - STEP)) / (2.0 * STEP * water.density(warm))
        drift = np.where(homes.held, 0.5 * q[consumer] * thinner, 0.0)
        wanted[:2, consumer] = np.where(homes.held, drift * mean[:2, consumer], wanted[:2, consumer])
    prescribed = (state.bound == 1) | (state.bound == 2)
    pipes = PipeLosses.of(state)
    slope, push = _pressure(state, pipes)
    for values in (outlet, mean, wanted, gain):
        values[:, ~live] = 0.0
    return Local(
        state, q, np.sign(m), up.astype(np.int32), down.astype(np.int32), (state.bound == FREE) & ~arrays.dead & ~arrays.rigid,
        prescribed & ~arrays.dead, slope, water.enthalpy(state.t_out), water.secant(state.t_out, state.t_out), outlet, mean,
        np.where(arrays.dead, 0.0, push), wanted * prescribed, gain, homes, drift, pipes,
    )


def _pipes(state: State) -> tuple[Floats, Floats]:
    span, pipe, water = state.of(Pipe), state.arrays.net[Pipe], state.settings.water
    inlet, q = state.t_in[span], np.maximum(np.abs(state.m[span]), STILL)
    cp = Secant.of(water, inlet, state.t_out[span])
    ground = np.where(np.isnan(pipe.ground), state.scene.ground, pipe.ground)
    per_loss = pipe.length / (q * cp.value)
    n, excess = pipe.loss * per_loss, inlet - ground
    left = np.exp(-n)
    over = np.where(n > 1e-5, n, 1.0)
    part = np.where(n > 1e-5, -np.expm1(-n) / over, 1.0 - 0.5 * n)
    part_slope = np.where(n > 1e-4, (left * (1.0 + n) - 1.0) / over**2, -0.5 + n / 3.0)
    follow = excess * left * n
    below = 1.0 - follow * cp.by_outlet / cp.value
    outlet = np.stack([left + follow * cp.by_inlet / cp.value, follow / q, -excess * left * per_loss]) / below
    turn = -n * cp.by_outlet / cp.value
    n_by = np.stack([turn * outlet[0] - n * cp.by_inlet / cp.value, turn * outlet[1] - n / q, turn * outlet[2] + per_loss])
    mean = excess * part_slope * n_by
    mean[0] += part
    return outlet, mean


def _plants(state: State) -> tuple[Floats, Floats]:
    span, plant, water, supply = state.of(Plant), state.arrays.net[Plant], state.settings.water, state.scene.supply
    inlet, leaves, q = state.t_in[span], state.t_out[span], np.maximum(np.abs(state.m[span]), STILL)
    at_inlet, at_outlet = water.secant(inlet, inlet), water.secant(leaves, leaves)
    short = leaves < supply - 1e-9
    power = np.where(short, plant.capacity, 0.0)
    outlet = np.where(short, np.stack([at_inlet, -power / q**2, np.zeros(q.size)]) / at_outlet, np.array([[0.0], [0.0], [1.0]]))
    carries = (plant.control == "heat") | ((plant.order > 0.0) & (plant.control == "lift"))
    rise = np.where(carries, water.enthalpy(supply) - water.enthalpy(inlet), np.inf)
    wanted = np.stack([at_inlet, np.zeros(q.size), -water.secant(supply, supply)]) * q / rise
    return outlet, wanted


def _pressure(state: State, pipes: PipeLosses) -> tuple[Floats, Floats]:
    """Slope of every law [Pa s/kg], and (loss - weight) by the mean temperature [Pa/K], both (edges,)."""
    arrays, settings = state.arrays, state.settings
    slope, push = np.ones(arrays.edges), np.zeros(arrays.edges)
    height = arrays.net[Node].height
    fall = settings.gravity * (height[arrays.tail] - height[arrays.head])
    for part in arrays.parts:
        span, table = part.span, part.table
        if not len(table):
            continue
        t_in, t_out = state.t_in[span], state.t_out[span]
        cp = settings.water.secant(t_in, t_out)
        mean = table.mean(np.abs(state.m[span]), t_in, t_out, cp, state.scene.ground)
        fluids = [Fluid(settings.water.density(t), settings.water.viscosity(t), cp) for t in (mean - STEP, mean + STEP, mean)]
        rho = (fluids[1].rho - fluids[0].rho) / (2.0 * STEP)
        if isinstance(table, Pipe):
            slope[span] = pipes.slope
            by = pipes.by_temperature(fluids[0], fluids[1], 2.0 * STEP)
        else:
            loss = np.zeros((3, mean.size))
            for row, fluid in zip(loss, fluids, strict=True):  # the slope is that of the last one, at the mean itself
                table.law(fluid, settings.friction, state.scene).head_loss(state.m[span], row, slope[span])
            by = (loss[1] - loss[0]) / (2.0 * STEP)
        push[span] = np.where(arrays.rigid[span], 0.0, by) - rho * fall[span]
    return slope, np.nan_to_num(push)
