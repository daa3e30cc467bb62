"""Proposals: candidates found on the network itself, each with the reason."""

from collections.abc import Callable

from heatnet.retrofit.proposals.lines import bottlenecks, far_clusters, insulation, ties
from heatnet.retrofit.proposals.proposal import Limits, Look, Proposal
from heatnet.retrofit.proposals.users import clogged, operation, terminals

PROPOSALS: dict[str, Callable[[Look], list[Proposal]]] = {
    "bottleneck": bottlenecks, "insulation": insulation, "far": far_clusters, "tie": ties, "clogged": clogged, "terminal": terminals,
    "operation": operation,
}

BY_GRADIENT = ("bottleneck", "insulation", "far", "tie")  # chosen by what gradients say: left out where there are none

__all__ = ["BY_GRADIENT", "PROPOSALS", "Limits", "Look", "Proposal"]
