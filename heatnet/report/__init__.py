"""Reports: a store becomes a Document of sections, a writer prints it. Nothing here solves."""

from heatnet.report.build import build
from heatnet.report.document import Document
from heatnet.report.html import write
from heatnet.report.sections import SECTIONS
from heatnet.report.sections.valves import translated_sheet
from heatnet.report.view import Limits

__all__ = ["SECTIONS", "Document", "Limits", "build", "translated_sheet", "write"]
