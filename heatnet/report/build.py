"""Builds the report of a store: what the sections read, then every section that has something to tell."""

from __future__ import annotations

from collections.abc import Sequence

from heatnet.report import forms
from heatnet.report.document import Document
from heatnet.report.model import model
from heatnet.report.sections import SECTIONS
from heatnet.report.sections.pressure import first_drawn
from heatnet.report.view import Limits, View, view
from heatnet.report.words import Words
from heatnet.store import Store
from heatnet.version import VERSION

LABELS = (
    "contents", "search", "sort", "no_script", "find", "find.none", "filters", "filters.text", "filters.number", "on_map",
    "in_diagram",
    "close", "inlet", "prepared", "checked", "approved", "dated", "note", "value", "unit", "plot.png", "plot.zoom",
    "plot.pan",
    "plot.in", "plot.out", "plot.reset", "map.homes", "map.lines", "map.spots",
    "map.spots_none", "map.path", "map.path_back", "map.chosen", "map.arrows", "map.pipe",
    "map.unknown",
    "pressure.x", "pressure.y", "pressure.supply", "pressure.return", "pressure.ground", "pressure.static", "pressure.vapour",
    "pressure.tops",
    "pressure.others", "pressure.water", "households", "room", "x", "deficit", "cause", "plants.plant", "balance.available", "distance",
)
TEMPLATES = ("shown", "printed", "cut", "pressure.user", "pressure.dry", "pressure.differential", "pressure.node")  # filled in by the page


def build(
    store: Store, lang: str, user: str | None = None, *, limits: Limits | None = None, warnings: Sequence[object] = (), scenario: int = 0
) -> Document:
    """The report of one scenario of a store in "zh" or "en".

    `user` is the building or consumer of the pressure diagram (KeyError if there is none of that id), `warnings` are printed as they are
    (problems of `check`). HeatnetError for another language, or a scenario without an answer.
    """
    found = view(store, lang, user, limits or Limits(), warnings, scenario)
    sections = tuple(made for made in (section(found) for section in SECTIONS) if made is not None)
    subtitle = about(found)
    if len(store.scenarios) > 1:
        known = f"scenario.{found.scenario}"
        name = found.say(known) if found.say.known(known) else found.scenario
        subtitle = found.say("subtitle.scenario", text=subtitle, name=name)
    return Document(
        lang, found.say("title"), subtitle, sections, labels(found.say), found.say("foot", version=VERSION),
        model(found, first_drawn(found)),
    )


def about(found: View) -> str:
    """Model, weather and rule in a line."""
    say = found.say
    title = found.net.about.get(f"title_{say.lang}") or found.net.about.get("title") or found.net.name
    return say("subtitle", model=title, outdoor=found.full(found.state.scene.outdoor, forms.TEMPERATURE), rule=found.rule)


def labels(say: Words) -> dict[str, str]:
    """Words of the page itself; templates keep their braces."""
    return {key: say(key) for key in LABELS} | {key: say.template(key) for key in TEMPLATES}
