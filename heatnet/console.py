"""What the command line prints, and in which language: the one of --lang, else that of the environment's locale, else English.

The library tells everything in English; `said` puts each line into Chinese where that is the language (see heatnet.messages).
"""

from __future__ import annotations

import locale
import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from heatnet.errors import Problem

_Command = TypeVar("_Command", bound=Callable[..., Any])

LANG = "heatnet.lang"  # where a context keeps the language of what is printed
LOCALES = ("LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set decides
CHINESE = ("zh", "chinese")  # how the name of a Chinese locale begins, on Linux and on Windows


def of_locale(environment: Mapping[str, str]) -> str:
    """Language of a terminal by its environment.

    >>> of_locale({"LANG": "zh_CN.UTF-8"}), of_locale({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"})
    ('zh', 'en')
    """
    name = next((environment[key] for key in LOCALES if environment.get(key)), None)
    if name is None:
        name = locale.getlocale()[0] or ""
    return "zh" if name.lower().startswith(CHINESE) else "en"


def language() -> str:
    """Language of what is printed now."""
    context = click.get_current_context(silent=True)
    asked = context.meta.get(LANG) if context is not None else None
    return asked or of_locale(os.environ)


def option(text: str, *, handed_on: bool = True) -> Callable[[_Command], _Command]:
    """The option --lang of a verb, None where it is not given; `handed_on` says whether the verb gets it too."""

    def keep(context: click.Context, _: click.Parameter, lang: str | None) -> str | None:
        context.meta[LANG] = lang
        return lang

    return click.option(
        "--lang", type=click.Choice(["zh", "en"]), default=None, is_eager=True, callback=keep, help=text, expose_value=handed_on
    )


def said(text: str) -> str:
    """A text of several lines in the language of the console."""
    if language() != "zh":
        return text
    from heatnet.messages import chinese  # noqa: PLC0415  keeps `heatnet --help` quick

    return "\n".join(chinese(line) for line in text.split("\n"))


def echo(text: str, *, err: bool = False) -> None:
    """Print a text in the language of the console."""
    put(said(text), err=err)


def put(text: str, *, err: bool = False) -> None:
    """Print a text as it is; what the encoding of the terminal lacks is replaced, nobody gets a traceback for it."""
    coding = getattr(sys.stderr if err else sys.stdout, "encoding", None) or "utf-8"
    click.echo(text.encode(coding, "replace").decode(coding), err=err)


def warn(warning: Problem | str) -> None:
    """A warning stands beside the answer, on the error stream."""
    if isinstance(warning, str):
        echo(warning, err=True)
        return
    from heatnet.messages import told  # noqa: PLC0415

    put(told(warning, language()), err=True)
