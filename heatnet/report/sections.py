"""The sections of a report in their order, and how a report is built from a store."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from heatnet.report.balance import balance
from heatnet.report.diagrams import histogram, pressure
from heatnet.report.document import Document, Section, number
from heatnet.report.maps import map_
from heatnet.report.method import solver
from heatnet.report.summary import summary
from heatnet.report.users import cold, warm
from heatnet.report.view import Limits, View, view
from heatnet.store import Store
from heatnet.units import KELVIN
from heatnet.version import VERSION

SECTIONS: tuple[Callable[[View], Section], ...] = (summary, cold, warm, balance, map_, pressure, histogram, solver)
LABELS = ("contents", "search", "rows", "sort", "no_script", "plot.png", "plot.zoom", "plot.pan", "plot.in", "plot.out", "plot.reset")


def build(
    store: Store, lang: str, user: str | None = None, *, limits: Limits | None = None, warnings: Sequence[object] = (), scenario: int = 0
) -> Document:
    """The report of one scenario of a store in "zh" or "en".

    `user` is the building or consumer of the pressure diagram (KeyError if there is none of that id), `warnings` are printed as they are
    (problems of `check`). HeatnetError for another language, or a scenario without an answer.
    """
    found = view(store, lang, user, limits or Limits(), warnings, scenario)
    say = found.say
    title = found.net.about.get(f"title_{lang}") or found.net.about.get("title") or found.net.name
    subtitle = say("subtitle", model=title, outdoor=number(found.state.scene.outdoor - KELVIN, 1), rule=found.rule)
    if len(store.scenarios) > 1:
        subtitle = say("subtitle.scenario", text=subtitle, name=found.scenario)
    return Document(
        lang, say("title"), subtitle, tuple(section(found) for section in SECTIONS), {key: say(key) for key in LABELS},
        say("foot", version=VERSION),
    )
