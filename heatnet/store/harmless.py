"""Texts in CSV files that people open in a spreadsheet: none is taken for a formula.

CSV cannot say that a cell is a text, so a spreadsheet runs what begins with = + - @ or a control sign. Such a text gets an apostrophe in
front, the sign by which spreadsheets mark a text. Tables of a model, which heatnet reads back, are written as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

TEXTS_STAY = {"options": {"strings_to_formulas": False, "strings_to_urls": False}}  # of XlsxWriter: a text is never a formula or a link


def harmless(text: str) -> str:
    """A text that no spreadsheet takes for a formula.

    >>> harmless("=1+1"), harmless("B 12")
    ("'=1+1", 'B 12')
    """
    return f"'{text}" if text.lstrip(" ").startswith(DANGEROUS) else text


def harmless_frame(frame: pd.DataFrame) -> pd.DataFrame:
    """A table whose texts, those of the index and of the header among them, are harmless; numbers stay numbers."""
    found = frame.map(lambda value: harmless(value) if isinstance(value, str) else value)
    found.index = found.index.map(lambda value: harmless(value) if isinstance(value, str) else value).rename(frame.index.name)
    return found.rename(columns=harmless)
