"""Settings and Status of a solve."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from heatnet.units import KELVIN, G
from heatnet.water import Water


@dataclass(frozen=True)
class Settings:
    """Choices of a solve; the defaults suit a district-heating network.

    In the second half of `max_passes` a thousand times `temperature_tolerance` and ten times `flow_tolerance` are enough, if the
    certificate of the state holds (1 Pa, 1e-6 kg/s); see docs/theory.md, "Late passes". Given flows are called impossible only with a
    proof; flows that would need more than 1e9 Pa are an answer whose message says so.
    """

    friction: str = "colebrook"  # a name in heatnet.friction.LAWS
    water: Water = field(default_factory=Water)  # or ConstantWater
    gravity: float = G  # m/s2
    heat: bool = True  # solve temperatures; without, all water has `temperature`
    temperature: float = KELVIN + 70.0  # K, where heat is not solved, and as first guess
    pressure_tolerance: float = 1e-2  # Pa, largest residual of an edge equation
    mass_tolerance: float = 1e-9  # kg/s, largest imbalance of a node, plus 1e-13 of the largest flow
    temperature_tolerance: float = 1e-7  # K, largest change of the last pass between flows and temperatures
    flow_tolerance: float = 1e-8  # -, largest relative change of a prescribed or heat-driven flow in the last pass
    max_steps: int = 100  # Newton steps within one pass
    max_passes: int = 200  # passes between flows and temperatures; where these find no rest, up to eight times as many steps in time
    search: bool = True  # for a steady state where passes find only a mean one: seconds, in large hilly networks minutes


class Status(Enum):
    """How a solve ended; the value says what it means and what to do."""

    CONVERGED = "converged"
    MEAN_WEIGHT = (
        "flows and temperatures agree but for the weight of water that turns about with it, where a mean is used; look for nearly "
        "still water in hilly parts before using what hangs on the edges named"
    )
    MAX_STEPS = "flows and pressures did not converge; look for extreme diameters or valves among the edges named, or raise max_steps"
    MAX_PASSES = (
        "flows and temperatures did not agree; look for loads near what the supply can carry and for nearly still water in hilly "
        "parts, or raise max_passes"
    )
    NO_PRESSURE_HELD = "no pressure is held in a part of the network that is driven; give one of its nodes a pressure"
    IMPOSSIBLE_LIMITS = "given flows have nowhere to go; check the flows of plants, inflows and closed valves named"
    CONFLICT = "fixed lifts or held pressures contradict each other; change or free one of those named"

    @property
    def answers(self) -> bool:
        """Whether there are results: with MEAN_WEIGHT at weights that differ by `Residuals.weight` from those of its temperatures."""
        return self in (Status.CONVERGED, Status.MEAN_WEIGHT)


AGREED = 1.0  # Pa, difference of weights up to which an answer needs no such name
