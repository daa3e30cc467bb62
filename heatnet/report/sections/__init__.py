"""The sections of a report in their order.

A section is a function of the view (one scenario of a store) in a file of its own; it gives None where the store has no results for it.
Results of other analyses stand in named tables of the store: `view.table("ranking")` is such a frame, or None. Numbers are handed
over in SI with a form (heatnet.report.forms); words stand in heatnet/report/words.
"""

from __future__ import annotations

from collections.abc import Callable

from heatnet.report.document import Section
from heatnet.report.sections.balance import balance
from heatnet.report.sections.cold import cold
from heatnet.report.sections.energy import energy
from heatnet.report.sections.inputs import inputs
from heatnet.report.sections.method import method
from heatnet.report.sections.pipes import pipes
from heatnet.report.sections.plants import plants
from heatnet.report.sections.pressure import pressure
from heatnet.report.sections.retrofit import programme, ranking, under_way
from heatnet.report.sections.substations import substations
from heatnet.report.sections.summary import summary
from heatnet.report.sections.valves import valves
from heatnet.report.sections.warm import warm
from heatnet.report.view import View

SECTIONS: tuple[Callable[[View], Section | None], ...] = (
    summary,
    inputs,
    plants,
    substations,
    balance,
    cold,
    warm,
    valves,
    pipes,
    pressure,
    ranking,
    programme,
    under_way,
    energy,
    method,
)
