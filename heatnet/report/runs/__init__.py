"""The report of a run: what many scenarios or a season say of homes, plants and weather. Nothing here solves."""

from heatnet.report.runs.build import build_run

__all__ = ["build_run"]
