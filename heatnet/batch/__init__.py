"""Batch runs: axes, seasons, engines, and a run that can be killed and resumed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from heatnet.batch.progress import Progress, Silent, Stopped, shown

if TYPE_CHECKING:
    from heatnet.batch.result import Result
    from heatnet.case import Case


def run(
    case: Case, out: str | Path = "run.h5", *, engine: str = "", workers: int | None = None, progress: Progress | None = None
) -> Result:
    """Run a case into a store, or go on with a run that was stopped there.

    ModelError with every problem of the model; HeatnetError if the store holds something else or cannot be written;
    Stopped after Ctrl-C. Scenarios without an answer are recorded with their status; the others go on. `engine` is
    processes (default), threads, dask or dask://host:port: it changes no result.
    """
    from heatnet.batch.engines import engine as chosen  # noqa: PLC0415
    from heatnet.batch.runner import work  # noqa: PLC0415  h5py loads when something is run

    return work(case, Path(out), chosen(engine, workers), progress or Silent())


def open_run(path: str | Path) -> Result:
    """The result of a run in a file, also of one that was stopped; ReadError if it is none."""
    from heatnet.batch.result import open_run as opened  # noqa: PLC0415  h5py loads when something is read

    return opened(path)


__all__ = ["Progress", "Silent", "Stopped", "open_run", "run", "shown"]
