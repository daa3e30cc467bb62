"""Work memory of the kernels, kept from call to call.

Fresh memory must be cleared by the system page by page at first touch, which for large networks costs as much as the
arithmetic. What is kept here holds no results; each call writes before it reads.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from queue import Empty, SimpleQueue
from typing import Generic, TypeVar

Space = TypeVar("Space")


class Spaces(Generic[Space]):
    """As many spaces as calls run at once, each made at first need."""

    def __init__(self, make: Callable[[], Space]) -> None:
        self._make = make
        self._free: SimpleQueue[Space] = SimpleQueue()

    @contextmanager
    def one(self) -> Iterator[Space]:
        """A space for the length of a `with` block, no other's meanwhile."""
        try:
            space = self._free.get_nowait()
        except Empty:
            space = self._make()
        try:
            yield space
        finally:
            self._free.put(space)

    def __reduce__(self) -> tuple[type[Spaces[Space]], tuple[Callable[[], Space]]]:
        return Spaces, (self._make,)  # a copy for another process begins empty


@contextmanager
def plain_pages() -> Iterator[None]:
    """For the length of a `with` block numpy does not ask the system for huge pages.

    The first touch of a huge page stops the process until the system has found and cleared 2 MB in one piece; with all of a large
    network's memory fresh, as at the first call of a process, that took half a second of 1.3 s for a million links.
    """
    switch = getattr(importlib.import_module("numpy._core.multiarray"), "_set_madvise_hugepage", None)
    before = switch(0) if switch else None
    try:
        yield
    finally:
        if switch:
            switch(before)
