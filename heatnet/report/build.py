"""Builds the report of a store: what the sections read, then every section that has something to tell."""

from __future__ import annotations

from collections.abc import Sequence

from heatnet.report import forms
from heatnet.report.document import Document
from heatnet.report.sections import SECTIONS
from heatnet.report.view import Limits, view
from heatnet.store import Store
from heatnet.version import VERSION

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
    subtitle = say("subtitle", model=title, outdoor=forms.TEMPERATURE.full(found.state.scene.outdoor, lang), rule=found.rule)
    if len(store.scenarios) > 1:
        subtitle = say("subtitle.scenario", text=subtitle, name=found.scenario)
    sections = tuple(made for made in (section(found) for section in SECTIONS) if made is not None)
    return Document(lang, say("title"), subtitle, sections, {key: say(key) for key in LABELS}, say("foot", version=VERSION))
