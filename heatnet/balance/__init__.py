"""Balance: valve settings, plant lifts and pump speeds that give every consumer its share, as a sheet that a crew can work from."""

from heatnet.balance.call import balance
from heatnet.balance.proof import Proof, proof
from heatnet.balance.result import Balance, Index
from heatnet.balance.rules import TARGETS, Rules
from heatnet.balance.sheet import field_sheet
from heatnet.balance.shortage import Shortage

__all__ = ["TARGETS", "Balance", "Index", "Proof", "Rules", "Shortage", "balance", "field_sheet", "proof"]
