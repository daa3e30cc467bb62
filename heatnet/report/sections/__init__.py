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
from heatnet.report.sections.diagrams import histogram, pressure
from heatnet.report.sections.maps import map_
from heatnet.report.sections.method import method
from heatnet.report.sections.summary import summary
from heatnet.report.sections.valves import valves
from heatnet.report.sections.warm import warm
from heatnet.report.view import View

SECTIONS: tuple[Callable[[View], Section | None], ...] = (
    summary,  # 1 summary
    map_,
    histogram,
    # 2 inputs and data quality, 3 heat sources, 4 substations
    balance,  # 5 hydraulic balance
    cold,  # 6 under-heated users
    warm,  # 7 over-heated users
    valves,  # settings of a balance
    # 8 pipes
    pressure,  # 9 pressure regime
    # 10 retrofit ranking and programme, 11 energy and cost
    method,  # 12 appendix
)
