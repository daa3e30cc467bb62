"""Reports: a store becomes a Document of sections, writers print it as HTML, as a workbook or as CSV. Nothing here solves."""

from heatnet.report.build import build
from heatnet.report.compare import compare
from heatnet.report.document import Document
from heatnet.report.html import write
from heatnet.report.measured import read_measured
from heatnet.report.runs import build_run
from heatnet.report.sections import SECTIONS
from heatnet.report.view import Limits
from heatnet.report.workbook import write_csv, write_xlsx

__all__ = ["SECTIONS", "Document", "Limits", "build", "build_run", "compare", "read_measured", "write", "write_csv", "write_xlsx"]
