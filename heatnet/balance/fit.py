"""What a balance found."""

from __future__ import annotations

from dataclasses import dataclass

from heatnet.balance.knobs import Knobs
from heatnet.schema import Bools, Floats, Ints
from heatnet.solve import State


@dataclass(frozen=True)
class Fit:
    """What was found; per consumer (consumers,), per part (parts,)."""

    knobs: Knobs
    state: State  # solved with the settings
    wanted: Floats  # kg/s, all that is asked for
    aimed: Floats  # kg/s, the share of it that pressure suffices for
    share: Floats  # (parts,)
    short: Bools  # gets less than is asked for because pressure does not suffice
    missing: Floats  # Pa by which the lift is too low for each of these at full flows of all, NaN where no lift serves it, 0 for others
    margin: Floats  # Pa by which the difference at hand exceeds the loss of the open inlet, at the flows aimed for
    met: Bools  # whether that margin is above zero, but for a trifle
    index: Ints  # (parts,) row of the consumer of the index circuit, -1 where nothing is wanted
    passes: int
    solves: int  # prescribed-flow problems
    alone: bool  # balanced already
    largest: float  # Pa, lift beyond which none is built
    flood: Floats  # (edges,) kg/s at the largest lift that is built, where some are beyond any lift, else none
    free_lift: bool  # whether lifts follow what is needed: neither kept nor at a bound with some short
