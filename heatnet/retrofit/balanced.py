"""The network as well balanced as its valves allow, plants left as they are."""

from __future__ import annotations

from heatnet.balance import Rules, balance
from heatnet.change import Scenario
from heatnet.network import Network
from heatnet.solve import Settings


def balanced(net: Network, settings: Settings, only: tuple[str, ...] = ()) -> Scenario:
    """Settings of the valves of all inlets, or of those named, for design flow; lifts stay as they are."""
    return balance(net, settings=settings, rules=Rules(lift="kept", only=only or None)).scenario
