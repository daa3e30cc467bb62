"""What a balance may do and has to keep to."""

from __future__ import annotations

from dataclasses import dataclass

TARGETS = ("design flow", "load flow", "room temperature")
LIFTS = ("least", "kept")


@dataclass(frozen=True)
class Rules:
    """Choices of a balance; the defaults suit a network that is balanced as a whole."""

    lift: str = "least"  # "least": plant lifts and pump speeds as low as they can be; "kept": as they are, the surplus taken at valves
    only: tuple[str, ...] | None = None  # ids of the consumers and valves that may be set, all if None
    at_most: int | None = None  # only so many valves, those that help most; the lift is kept then
    least_share: float = 0.9  # -, by which all targets are cut at most where pressure does not suffice (JGJ/T 132: x from 0.9)
    most_flow: float = 2.0  # -, largest share of the design flow given to warm a room
    room_span: float = 10.0  # K, by which rooms are cooler where their share is 0: a share of 0.9 means 1 K
    steep: float = 100.0  # Pa/m, gradient above which a pipe stands in the way
    keeps: float = 1e-3  # -, largest deviation of flow at which a network counts as balanced already and is left alone
    most_lift: float = 2.5e6  # Pa, largest lift of a part whose plants name none (PN 25, the highest pressure class of such networks)
    limits: str = ""  # limits of the pressure regime that a new lift has to keep to; the site's if empty, none at all by "none"

    def __post_init__(self) -> None:
        if self.lift not in LIFTS:
            raise ValueError(f"lift = '{self.lift}' is not one of {', '.join(LIFTS)}")
        if self.at_most is not None and self.at_most < 0:
            raise ValueError(f"at_most = {self.at_most} is below 0")
        if not self.most_lift > 0.0:
            raise ValueError(f"most_lift = {self.most_lift} is not above 0")
        if not 0.0 < self.least_share <= 1.0:
            raise ValueError(f"least_share = {self.least_share} is not above 0 and at most 1")
