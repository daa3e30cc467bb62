"""What runs on a Dask worker: it gets the task once, by a plugin, also where it joins late or is started again."""

from __future__ import annotations

from typing import Any

from distributed import WorkerPlugin, get_worker

from heatnet.batch.task import Done, Job, Task


class Holder(WorkerPlugin):  # type: ignore[misc]
    """Holds the task."""

    name = "heatnet-task"

    def __init__(self, task: Task) -> None:
        self.task = task


def work(job: Job) -> Done:
    """Do a job with the task that the worker holds."""
    holder: Any = get_worker().plugins[Holder.name]  # type: ignore[no-untyped-call]
    done: Done = holder.task(job)
    return done
