"""Run a case: every scenario once, in blocks, kept as they come; stopped or killed, it goes on where it was."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from heatnet.batch.assemble import assemble, jobs, packed, unpacked
from heatnet.batch.engines import Engine
from heatnet.batch.fingerprint import fingerprint
from heatnet.batch.progress import Progress, Stopped
from heatnet.batch.result import DONE, Result, open_run
from heatnet.batch.task import Done, Job, Task
from heatnet.case import Case
from heatnet.check import check
from heatnet.components import EDGES
from heatnet.errors import HeatnetError, ModelError
from heatnet.store.parts import Parts, folder_of
from heatnet.store.runs import header

REPAIRS = 3  # times that blocks whose parts turn out damaged are computed again


@dataclass(frozen=True)
class _Way:
    """Which jobs are left, and which follow which."""

    case: Case
    all: list[Job]
    there: set[int]
    parts: Parts

    def first(self) -> Iterator[Job]:
        """Jobs that can begin now."""
        season = self.case.plan.season
        if season is None:
            yield from (job for job in self.all if job.block not in self.there)
            return
        for start in self.all:
            if season.begins(start.hours) and (job := self._next(start)) is not None:
                yield job

    def then(self, done: Done) -> Iterable[Job]:
        """Jobs that can begin once this one is done: the next hours of its scenario."""
        season, job = self.case.plan.season, done.job
        if season is None or done.carry is None or job.hours + 1 >= season.blocks or season.begins(job.hours + 1):
            return ()
        return (replace(self.all[job.block + 1], carry=done.carry),)

    def amount(self, job: Job) -> int:
        """Scenarios or hours of a job."""
        season = self.case.plan.season
        return len(job.scenarios) if season is None else len(season.span(job.hours))

    def amounts(self) -> tuple[int, int]:
        """How much is there, and of how much."""
        return sum(self.amount(job) for job in self.all if job.block in self.there), sum(map(self.amount, self.all))

    @property
    def unit(self) -> str:
        """What is counted."""
        return "hours" if self.case.plan.season else "scenarios"

    def _next(self, job: Job) -> Job | None:
        """The first job of a scenario that is not done, with the rooms that the one before left; None if all is done."""
        while job.block in self.there:
            content = self.parts.load(job.block)
            if content is None:
                return job
            following = list(self.then(unpacked(job, content)))
            if not following:
                return None
            job = following[0]
        return job


def work(case: Case, out: Path, chosen: Engine, progress: Progress) -> Result:
    """Run a case into a store, or go on with a run that was stopped there; see `heatnet.run`."""
    broken = [problem for problem in check(case.net) if not problem.warning]
    if broken:
        raise ModelError(broken)
    mark = fingerprint(case)
    found = header(out)
    if found is not None and found["fingerprint"] != mark:
        raise HeatnetError(f"{out}: holds the run of another case or model; choose another --out, or remove it")
    if found is not None and found["complete"]:
        _forget(out)
        return open_run(out)
    parts = Parts(out, mark)
    try:
        return _through(case, out, chosen, progress, parts, mark)
    except KeyboardInterrupt:
        way = _Way(case, jobs(case, case.plan.block(_links(case))), parts.there(), parts)
        kept, total = way.amounts()
        raise Stopped(f"stopped: {kept} of {total} {way.unit} are kept beside {out}; run the same command again to go on") from None
    finally:
        parts.close()


def _through(case: Case, out: Path, chosen: Engine, progress: Progress, parts: Parts, mark: str) -> Result:
    block = case.plan.block(_links(case))
    if header(out) is None:
        assemble(out, case, mark, block, lambda _: None)
    begin, task = time.monotonic(), None
    for _ in range(REPAIRS):
        way = _Way(case, jobs(case, block), parts.there(), parts)
        left = list(way.first())
        if left:
            kept, total = way.amounts()
            progress.begin(total, kept, way.unit)
            task = task or Task.of(case)
            for done in chosen.map(task, left, way.then):
                parts.save(done.job.block, packed(done))
                progress.step(way.amount(done.job), sum(one["status"] not in DONE for one in done.about))
        if assemble(out, case, mark, block, parts.load):
            parts.remove()
            return replace(open_run(out), seconds=time.monotonic() - begin)
    raise HeatnetError(f"{folder_of(out)}: parts that were written cannot be read again; is the disk sound?")


def _links(case: Case) -> int:
    return sum(len(case.net.tables[kind]) for kind in EDGES)


def _forget(out: Path) -> None:
    """Parts left beside a file that has them all: the run was killed while it took them away."""
    folder = folder_of(out)
    if folder.exists():
        shutil.rmtree(folder, ignore_errors=True)
