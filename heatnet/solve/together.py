"""Steady states that passes between flows and temperatures do not find: all unknowns at once, led there by implicit steps in time.

Where water all but stands in hilly parts its weight follows its flow within grams per second, by kilopascals, and its flow its weight: a
pass that answers to the last one is off by a factor of 1e4. So flows, pressures, regulators and temperatures are solved for together, by
a semi-smooth Newton iteration with an active set of bounds (Hintermueller, Ito & Kunisch 2002). Far from the answer that has no direction
to trust; each step is therefore one of an implicit Euler scheme for water that takes time to warm and to move (pseudo-transient
continuation, Kelley & Keyes 1998, SIAM J. Numer. Anal. 35, 508-523). Steps grow while Newton finds them and are cut where it does not. Long
steps damp what would swing for ever in nature as well. On the way edges that turn carry water both ways (heatnet.solve.together_turn), and
regulators that stand closed and should not are opened. Where that finds nothing, a second try does without water both ways.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse.linalg import SuperLU, splu

from heatnet.components import Exchanger
from heatnet.network import Node
from heatnet.regulated import REMOTE
from heatnet.schema import Floats, Ints
from heatnet.solve import hydraulic, thermal
from heatnet.solve.hydraulic import FREE, LOWER, UPPER
from heatnet.solve.late import holds, mean_weights, named
from heatnet.solve.residuals import account, misweighed
from heatnet.solve.settings import AGREED, Status
from heatnet.solve.state import State
from heatnet.solve.task import entering_and_imbalance
from heatnet.solve.thermal import STILL
from heatnet.solve.together_look import System
from heatnet.solve.together_matrix import drives, matrix
from heatnet.solve.together_point import Lag, Look, Point

MANY, WORK = 10_000, 2_000_000  # edges beyond which hundreds of factors of one matrix take minutes; edges times steps of a try
FIRST, SHORTEST = 0.1, 1e-7  # residence times, of the first step and of the last that is tried
CUT, AFTER, CALM = 0.25, 0.6, 2  # step after one that failed, the longest one then, and for how many
GROWTH = ((3, 3.0), (6, 2.0), (12, 1.3))  # Newton steps needed, growth of the next step
FINISH, ON_WAY = 20, 1e-6  # steps once all rests, and share of the heat that may be on its way
INNER, ROUGH, HALF = 12, 4, 0.5  # most Newton steps, and those after which the change must have halved within three
WILD = 1e5  # K, change that is none
CLOSE, EXACT = 0.1, 1e-3  # Pa and K, of a step in time that is shorter than the residence time, and of others
FLOWS = 1e-5  # kg/s to that
AGREE, RESTS = 5e-2, 1e-3  # Pa and K by which an answer may differ from the steady state
HOLDS = 0.2  # Pa, by which its certificate may be off
ASKED = 1e-7  # -, by which a flow may differ from what temperatures ask for
SOME, NONE = 1e-6, 1e-9  # kg/s, flows that are told to have turned
# of each try: width within which edges turn at first, over `System.turning`; steps to each of `max_passes`; whether weights are kept
TRIES, KEPT = ((1.0, 3, False), (0.0, 2, False)), (1.0, 3, True)
NARROWER, NARROW = 0.3, 1e-4  # that width over the last one; the one below which there is none
LOOSE = 3.0  # by how much less a state with a width must rest
NEARER = 0.3  # to no flow, than where it turned before, goes a flow that turns again within a step: else it may turn for ever
TURN = 1e-10  # kg/s, what is left of a flow that turns: its law there is another one
BEYOND = np.array([0.8, 1.2])  # of densities that water has here: what is told of others is not weight
LACKS, LATE = 0.02, 10.0  # Pa that a lift lacks, and residence times from which that is looked at
FREED = 1e-7  # Pa, force off a bound
LARGE, USUAL = 10.0, 1e-2  # K and share of a usual flow, against which changes are measured


def together(state: State) -> State | None:
    """The steady state near one that did not settle; None where it is not found, and for what it does not know.

    That is: exchangers, held nodes that take in water of a temperature of its own, more than MANY edges. Where `state` is no answer at
    all, the last try keeps the weights that its pressures tell of, whatever temperatures become: laws hold but for that.
    """
    arrays, settings = state.arrays, state.settings
    p = state.p[~arrays.lost]
    unknown = len(arrays.net[Exchanger]) > 0 or bool((arrays.held & ~np.isnan(arrays.net[Node].inflow_temperature)).any())
    if unknown or arrays.edges > MANY or not (np.abs(p) < hydraulic.IMMENSE).all():
        return None
    system, newton, steps = System.of(arrays, settings, state.scene), 0, 0
    tries = (*(TRIES if settings.search else ()), *(() if state.converged else (KEPT,)))
    for width, share, kept in tries:
        search = _Search(system, state, newton, steps, kept=kept)
        found = search.run(min(share * settings.max_passes, WORK // max(arrays.edges, 1)), width)
        newton, steps = search.newton, search.steps
        if found is None:
            continue
        result = _answer(state, search, found)
        off = result.residuals.weight if kept else 0.0
        if result.certificate.within(HOLDS + off if off > AGREED else min(HOLDS + off, AGREED)) and (not kept or holds(result)):
            return named(result)
    return None


@dataclass(frozen=True)
class _Stand:
    """Where a search stands."""

    at: Point
    bound: Ints
    outlet: Floats


class _Search:
    """Steps in time from a state that did not settle."""

    def __init__(self, system: System, state: State, newton: int = 0, steps: int = 0, *, kept: bool = False) -> None:
        self.system, self.newton, self.steps = system, newton, steps  # with those of searches before
        arrays = system.arrays
        m = np.where(arrays.dead, 0.0, state.m)
        u = state.u if state.u.size == len(arrays.regulated) else np.zeros(len(arrays.regulated))
        bound = np.where(np.isin(state.bound, (UPPER, LOWER)), state.bound, FREE).astype(np.int32)
        self.stand = _Stand(Point(m, np.nan_to_num(state.p), u, state.t), bound, state.t_out)
        self.turned = np.zeros(arrays.edges)  # how often in this step
        self.lag = self._beginning(kept)

    def _beginning(self, kept: bool) -> Lag:
        """Densities that the pressures tell of, as far as water has them here, and bounds that the flows tell of."""
        system, at, arrays = self.system, self.stand.at, self.system.arrays
        inlet = at.t[np.where(at.m >= 0.0, arrays.tail, arrays.head)]
        warm = thermal.means(arrays, np.abs(at.m), inlet, self.stand.outlet, system.settings.water)
        rho = system.settings.water.density(warm)
        through = np.bincount(np.where(at.m >= 0.0, arrays.head, arrays.tail), np.abs(at.m), minlength=arrays.nodes).astype(np.float64)
        lag = Lag(SHORTEST, at.m, at.t, rho, np.zeros(arrays.edges), through)
        look = system.look(at, lag, self.stand.bound, self.stand.outlet)
        full = (look.bound == UPPER) & (at.m > 0.0)
        lag = replace(lag, inverse=np.where(full, 1.0 / np.where(full, at.m, 1.0), look.asked))
        possible = np.sort(system.settings.water.density(np.array(system.extremes))) * (1.0 if kept else BEYOND)
        for _ in range(3):  # the lift of a pump goes with density as well
            look = system.look(at, lag, self.stand.bound, self.stand.outlet)
            off = np.where((look.bound == FREE) & (system.lift != 0.0), look.r, 0.0)
            told = lag.rho - off / np.where(system.lift != 0.0, system.lift, 1.0)
            lag = replace(lag, rho=np.clip(told, *possible))
        return replace(lag, kept=lag.rho if kept else None)

    def run(self, most: int, width: float) -> Look | None:
        """Values at the steady state, found in at most this many steps; None where it is not.

        At first edges turn within `width` times `System.turning`.
        """
        tau, longest, calm = FIRST, np.inf, 0
        found, more = None, FINISH
        for _ in range(most):
            self.steps += 1
            look, needed = self._step(replace(self.lag, tau=tau, width=width))
            more -= found is not None
            if look is not None:
                self._arrive(look)
                if tau >= 1.0 and width > NARROW:
                    width *= NARROWER
                elif tau >= 1.0 and self._rests(look):
                    found, width = look if width == 0.0 else None, 0.0
                calm += 1
                longest = np.inf if calm >= CALM else longest
                tau = min(tau * next(growth for at_most, growth in GROWTH if needed <= at_most), longest)
            else:
                calm, longest, tau = 0, AFTER * tau, CUT * tau
            if tau < SHORTEST or (found is not None and (more == 0 or self._arrived(found))):
                break
        return found

    @staticmethod
    def _arrived(look: Look) -> bool:
        """Whether next to none of the heat that runs is still on its way."""
        return bool(np.abs(look.on_way).sum() < ON_WAY * (look.way.q @ np.abs(look.inlet - look.outlet)))

    def _arrive(self, look: Look) -> None:
        """Begin the next step from here."""
        self.stand = _Stand(look.at, look.bound, look.outlet)
        self.lag = replace(
            self.lag, m=look.at.m, t=look.at.t, rho=look.rho, inverse=look.inverse, through=self.system.through(look),
            drives=drives(self.system, look),
        )

    def _rests(self, look: Look) -> bool:
        """Whether a longer step would change next to nothing; where edges turn within a width that is still to fall, some more."""
        system, free = self.system, look.bound == FREE
        weight = np.abs(system.lift * (look.dense - look.rho))[free].max(initial=0.0)
        inert = np.abs(system.inertia(look.lag) * (look.at.m - look.lag.m))[free].max(initial=0.0)
        high = (look.bound == UPPER) & look.some
        asked = np.abs(look.at.m * (look.asked - look.inverse))[high].max(initial=0.0)
        amount = system.through(look) + thermal.CREEPING * look.way.q.max(initial=0.0) + STILL
        missed = np.abs(look.missed).max(initial=0.0)
        loose = LOOSE if look.lag.width > 0.0 else 1.0
        forces, warmth = max(weight, inert, missed), np.abs(look.on_way / amount).max(initial=0.0)
        return bool(forces < loose * AGREE and asked < loose * ASKED and warmth < loose * RESTS)

    def _step(self, lag: Lag) -> tuple[Look | None, int]:
        """Values at the end of a step in time, None where Newton does not find it, and the steps of that."""
        close = CLOSE if lag.tau < 1.0 else EXACT
        for needed, (look, change, settled) in enumerate(self._newton(lag)):
            parts = self.system.split(np.abs(change))
            if settled and look.off < close and parts.t.max() < close and parts.m.max(initial=0.0) < FLOWS * close:
                return look, needed
        return None, INNER

    def _newton(self, lag: Lag) -> Iterator[tuple[Look, Floats, bool]]:
        """Iterates with the change that Newton asks for next, and whether they follow from a plain step; ends where it goes astray."""
        system, stand, sizes = self.system, self.stand, list[float]()
        look, settled = system.look(stand.at, lag, stand.bound, stand.outlet), False
        self.turned = np.zeros(system.arrays.edges)
        for turn in range(INNER + 1):
            factor = _factor(system, look)
            if factor is None:
                return
            change = -factor.solve(system.residual(look))
            self.newton += 1
            if not np.isfinite(change).all():
                return
            yield look, change, settled
            sizes.append(self._size(look, change))
            if np.abs(system.split(change).t).max() > WILD or (turn >= ROUGH and sizes[-1] > HALF * max(sizes[-4:-1])):
                return
            look, settled = self._moved(look, change)

    def _size(self, look: Look, change: Floats) -> float:
        """How large a change is."""
        parts = self.system.split(np.abs(change))
        flows = parts.m / (np.abs(look.at.m) + USUAL * self.system.usual)
        return float(max(parts.t.max() / LARGE, flows.max(initial=0.0), look.off / 1e4))

    def _moved(self, look: Look, change: Floats) -> tuple[Look, bool]:
        """Values after a step, with the active set for the next one, and whether all went as far as asked with the set as it was."""
        system = self.system
        new = system.split(look.at.vector + change)
        width = look.lag.width * system.turning
        turns = (look.at.m * new.m < 0.0) & (np.abs(new.m) > np.maximum(SOME, width)) & (np.abs(look.at.m) > NONE)
        near = np.sign(new.m) * np.maximum(TURN, NEARER**self.turned * width)
        at = Point(np.where(turns, near, new.m), new.p, new.u, np.clip(new.t, *system.extremes))
        self.turned = self.turned + turns
        there = system.look(at, look.lag, look.bound, look.outlet)
        bound, u = self._woken(there, _active(there))
        plain = not turns.any() and bool((bound == there.bound).all()) and u is at.u
        if not plain:
            there = system.forces(replace(at, u=u), bound, there)
        return there, plain

    def _woken(self, look: Look, bound: Ints) -> tuple[Ints, Floats]:
        """Active set and u where regulators no longer stand closed that should not, else both as they are.

        That is valves that throttle while water presses from behind, and, late, lifts that would have to be larger and may be.
        """
        regs, wires, u = look.regs, self.system.wires, look.at.u
        if regs is None:
            return bound, u
        edge = wires.edge
        shut = (bound[edge] == LOWER) & (look.bound[edge] == LOWER) & self.system.live[edge]
        pressed = shut & regs.both_ways & (u > 0.0) & (look.gap[edge] < -FREED)
        lifts = shut & wires.lift & (wires.kind == REMOTE) & (-look.gap[edge] < regs.most) & (look.lag.tau > LATE)
        if lifts.any():
            lifts &= np.nan_to_num(regs.target - regs.measured(look.at.p)[0]) > LACKS
        woken = pressed | lifts
        if not woken.any():
            return bound, u
        bound = bound.copy()
        bound[edge[woken]] = FREE
        return bound, np.where(pressed, 0.0, np.where(lifts, regs.most, u))


def _active(look: Look) -> Ints:
    """Active set after a step: what passed its bound is held there, what is pulled off it is freed."""
    m, bound, upper = look.at.m, look.bound.copy(), look.upper
    free = look.bound == FREE
    bound[free & (m > upper * (1.0 + 1e-12) + 1e-13)] = UPPER
    bound[free & (m < look.lower - 1e-13)] = LOWER
    bound[(look.bound == UPPER) & ~look.given & ((look.r < -FREED) | (upper == np.inf))] = FREE
    bound[(look.bound == LOWER) & ~look.given & (look.r > FREED)] = FREE
    return bound


def _factor(system: System, look: Look) -> SuperLU | None:
    """Factor of the matrix there; None where it is singular."""
    try:
        return splu(matrix(system, look), panel_size=1, relax=1)  # a fifth faster for matrices this sparse
    except RuntimeError:  # so SuperLU says that it is
        return None


def _answer(state: State, search: _Search, look: Look) -> State:
    """The state of these values."""
    arrays, at = state.arrays, look.at
    through = np.bincount(look.down, np.where(look.way.q > STILL, look.way.q, 0.0), minlength=arrays.nodes)
    still = through + search.system.source[0] <= STILL
    t = np.where(still, state.scene.ground, at.t)
    full = (look.bound == UPPER) & (look.inverse > 0.0)  # exactly, not to rounding
    m = np.where(full, look.upper, np.where(look.bound == LOWER, look.lower, np.where(search.system.live, at.m, 0.0)))
    enters, left = entering_and_imbalance(arrays, m)
    weighed = look.dense if look.lag.kept is None else look.lag.kept
    bound = np.where(np.isin(state.bound, (FREE, UPPER, LOWER)), look.bound, state.bound).astype(np.int32)
    found = replace(
        state, m=m, p=np.where(arrays.lost, np.nan, at.p), t=t, t_in=t[look.up], t_out=look.outlet, still=still,
        exchange=np.where(arrays.held, enters, 0.0), bound=bound, status=Status.CONVERGED, detail="", steps=state.steps + search.newton,
        passes=state.passes + search.steps, u=at.u,
    )
    off = np.where(look.bound == FREE, misweighed(found, weighed), 0.0)
    names = mean_weights(arrays, np.argsort(-off)[: np.count_nonzero(off > AGREED)])
    return replace(found, detail=names, residuals=account(found, look.off, weighed, enters, left))
