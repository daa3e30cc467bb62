"""Builds the report of a run: the sections that its results have something to tell for."""

from __future__ import annotations

from collections.abc import Callable

from heatnet.batch.result import Result, ended
from heatnet.errors import HeatnetError, nearest
from heatnet.report import forms
from heatnet.report.build import labels
from heatnet.report.document import Document, Section
from heatnet.report.runs.course import course
from heatnet.report.runs.falls import falls
from heatnet.report.runs.people import people
from heatnet.report.runs.scenarios import scenarios
from heatnet.report.runs.spread import spread
from heatnet.report.runs.summary import appendix, inputs, summary
from heatnet.report.runs.view import RunView, run_view
from heatnet.report.words import Words
from heatnet.store import read_model
from heatnet.version import VERSION

SECTIONS: tuple[Callable[[RunView], Section | None], ...] = (
    summary, inputs, scenarios, spread, course, people, falls, appendix,
)


def build_run(result: Result, lang: str, scenario: str | None = None) -> Document:
    """The report of a run in "zh" or "en".

    Of a season the hours of one scenario are told in full: the one named, else the one with most degree-hours below the rule.
    HeatnetError for another language, an unknown scenario, or a run without any answer.
    """
    net, _, rule = read_model(result.path)
    names = list(result.scenarios.index)
    if scenario is not None and scenario not in names:
        raise HeatnetError(f"the run has no scenario '{scenario}'{nearest(scenario, names)}")
    view = run_view(result, net, rule, Words(lang), None if scenario is None else names.index(scenario))
    if not view.good.any():
        told = view.scenarios.iloc[0]
        why = ended(str(told["status"]), str(told["detail"])) if told["done"] else "not computed yet"
        raise HeatnetError(f"{result.path}: no scenario has an answer to report ({names[0]}: {why})")
    sections = tuple(made for made in (section(view) for section in SECTIONS) if made is not None)
    say = view.say
    title = net.about.get(f"title_{lang}") or net.about.get("title") or net.name
    subtitle = say("runs.subtitle", model=title, n=len(names), rule=rule.title_zh if lang == "zh" else rule.title_en)
    if view.season is not None:
        hours = view.season.index
        last = hours[-1]
        subtitle = say("runs.subtitle_season", text=subtitle, first=f"{hours[0]:%Y-%m-%d}", last=f"{last:%Y-%m-%d}",
                       coldest=view.full(float(view.season["outdoor [K]"].min()), forms.TEMPERATURE))
    return Document(lang, say("runs.title"), subtitle, sections, labels(say), say("foot", version=VERSION))
