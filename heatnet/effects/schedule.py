"""Many jobs on few threads: so many under way at once that all cores are busy, no more, for what waits takes memory."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Job = TypeVar("Job")
Result = TypeVar("Result")


def in_turn(
    pool: ThreadPoolExecutor, work: Callable[[Job], Result], jobs: Iterable[Job], ahead: int
) -> Iterator[tuple[Job, Result]]:
    """Results of jobs in their order, at most `ahead` of them under way."""
    waiting: deque[tuple[Job, Future[Result]]] = deque()
    try:
        for job in jobs:
            waiting.append((job, pool.submit(work, job)))
            if len(waiting) >= ahead:
                first, done = waiting.popleft()
                yield first, done.result()
        while waiting:
            first, done = waiting.popleft()
            yield first, done.result()
    finally:
        for _, done in waiting:
            done.cancel()
