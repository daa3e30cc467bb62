"""Engines: where blocks are worked on. All have one `map`; which one it is changes no result.

    threads     this process, all cores; kernels run side by side, Python between them does not
    processes   worker processes; a worker that is killed is replaced and its blocks are done again
    dask        a local cluster, or that of an address: workers anywhere that have heatnet installed
"""

from __future__ import annotations

import ctypes
import multiprocessing
import os
import signal
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from typing import Any, Protocol

from heatnet.batch.task import Done, Job, Task
from heatnet.errors import HeatnetError, nearest

NAMES = ("processes", "threads", "dask")
AHEAD = 2  # blocks handed out for each worker
DEATH = 1  # PR_SET_PDEATHSIG of Linux
PATIENCE = "20s"  # that a Dask scheduler may take to answer
TRIES = 3  # times that a block may take its worker down before it is given up
Then = Callable[[Done], Iterable[Job]]  # jobs that can be done once another is


class Engine(Protocol):
    """What maps a task over jobs."""

    def map(self, task: Task, jobs: Iterable[Job], then: Then) -> Iterator[Done]:
        """What came of each job, in any order; `then` gives further jobs as others are done."""


@dataclass(frozen=True)
class Threads:
    """Threads of this process."""

    workers: int

    def map(self, task: Task, jobs: Iterable[Job], then: Then) -> Iterator[Done]:
        """See Engine."""
        pool = ThreadPoolExecutor(self.workers)
        try:
            yield from _drain(lambda job: pool.submit(task, job), jobs, then, AHEAD * self.workers)
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@dataclass(frozen=True)
class Processes:
    """Worker processes of this machine; each gets the task once, when it starts."""

    workers: int

    def map(self, task: Task, jobs: Iterable[Job], then: Then) -> Iterator[Done]:
        """See Engine. Blocks in hand when a worker is lost are done again one by one, so that the one at fault is found."""
        waiting, suspects, tries = deque(jobs), deque[Job](), dict[int, int]()
        while waiting or suspects:
            alone = bool(suspects)
            taken = deque([suspects.popleft()]) if alone else waiting
            hand: dict[int, Job] = {}
            try:
                with self._pool(task, 1 if alone else self.workers) as pool:
                    for done in _drain(_noting(pool, hand), taken, (lambda _: ()) if alone else then, AHEAD * self.workers):
                        hand.pop(done.job.block)
                        if alone:
                            waiting.extend(then(done))
                        yield done
            except BrokenExecutor:
                for job in hand.values():
                    tries[job.block] = tries.get(job.block, 0) + 1
                    if tries[job.block] < TRIES:
                        suspects.append(job)
                    else:
                        yield task.lost(job)

    def _pool(self, task: Task, workers: int) -> ProcessPoolExecutor:
        kind = "fork" if sys.platform == "linux" else "spawn"  # forked workers have network and kernels at once, and need no main guard
        return ProcessPoolExecutor(workers, multiprocessing.get_context(kind), _hold, (task,))


@dataclass(frozen=True)
class Dask:
    """A Dask cluster: local with so many workers, or at an address. Every worker gets the task once, also one that joins late."""

    address: str
    workers: int

    def map(self, task: Task, jobs: Iterable[Job], then: Then) -> Iterator[Done]:
        """See Engine."""
        try:
            from distributed import Client, KilledWorker, LocalCluster  # noqa: PLC0415  an extra

            from heatnet.batch.dask_worker import Holder, work  # noqa: PLC0415
        except ImportError:
            raise HeatnetError("engine dask needs Dask: pip install 'heatnet[dask]'") from None
        with _script_left_alone() if not self.address else nullcontext():
            local = None if self.address else LocalCluster(
                n_workers=self.workers, threads_per_worker=1, processes=True, dashboard_address=":0", silence_logs=50,
            )
            try:
                client = Client(self.address or local, timeout=PATIENCE)
            except OSError as error:
                raise HeatnetError(f"no Dask scheduler at {self.address}: {error}") from None
            try:
                client.register_plugin(Holder(task), name=Holder.name)
                width = AHEAD * max(len(client.scheduler_info()["workers"]), self.workers)
                pool = client.get_executor(pure=False)
                yield from _drain(lambda job: pool.submit(work, job), jobs, then, width, task.lost, KilledWorker)
            finally:
                client.close()
                if local is not None:
                    local.close()


def engine(name: str = "", workers: int | None = None) -> Engine:
    """Engine by name: processes (the default), threads, dask, or dask://host:port."""
    count = workers or os.cpu_count() or 1
    if name in ("", "processes"):
        return Processes(count)
    if name == "threads":
        return Threads(count)
    if name == "dask":
        return Dask("", count)
    if name.startswith("dask://") and len(name) > len("dask://"):
        return Dask(f"tcp://{name.removeprefix('dask://')}", count)
    raise HeatnetError(f"no engine '{name}'{nearest(name, (*NAMES, 'dask://host:port'))}")


@contextmanager
def _script_left_alone() -> Iterator[None]:
    """Keep worker processes that are started meanwhile from running the user's script again.

    A fresh interpreter imports the main module of its parent; a script without the guard `if __name__ == "__main__"` would then start a
    cluster of its own in each worker. Nothing that workers do comes from there.
    """
    main = sys.modules["__main__"]
    kept = {name: vars(main)[name] for name in ("__spec__", "__file__") if name in vars(main)}
    main.__spec__ = None
    vars(main).pop("__file__", None)
    try:
        yield
    finally:
        vars(main).update(**kept)


def _drain(
    submit: Callable[[Job], Future[Done]], jobs: Iterable[Job], then: Then, width: int,
    lost: Callable[[Job], Done] | None = None, loss: type[Exception] = BrokenExecutor,
) -> Iterator[Done]:
    """Results as they come, at most `width` jobs handed out; a job whose worker is lost for good gives `lost` of it."""
    waiting = jobs if isinstance(jobs, deque) else deque(jobs)
    running: dict[Future[Done], Job] = {}
    try:
        while waiting or running:
            while waiting and len(running) < width:
                job = waiting.popleft()
                running[submit(job)] = job
            ready, _ = wait(running, return_when=FIRST_COMPLETED)
            for future in ready:
                job = running.pop(future)
                try:
                    done = future.result()
                except loss:
                    if lost is None:
                        raise
                    done = lost(job)
                waiting.extend(then(done))
                yield done
    finally:
        for future in running:
            future.cancel()


def _noting(pool: ProcessPoolExecutor, hand: dict[int, Job]) -> Callable[[Job], Future[Done]]:
    """Hand out jobs and remember them; one that cannot be handed out any more is remembered, too."""

    def submit(job: Job) -> Future[Done]:
        hand[job.block] = job
        return pool.submit(_work, job)

    return submit


HELD: list[Any] = []  # in a worker process: the task it was started with


def _hold(task: Task) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the main process, which ends its workers
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DEATH, signal.SIGKILL)  # a main process that is killed leaves no workers behind
    HELD[:] = [task]


def _work(job: Job) -> Done:
    done: Done = HELD[0](job)
    return done
