"""Balance: valve settings, plant lifts and pump speeds that give every consumer its share."""

from heatnet.balance.call import balance
from heatnet.balance.result import Balance, Index, Shortage
from heatnet.balance.rules import Rules

__all__ = ["Balance", "Index", "Rules", "Shortage", "balance"]
