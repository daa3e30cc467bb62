"""Work memory of the kernels, kept from call to call.

Fresh memory must be cleared by the system page by page at first touch, which for large networks costs as much as the
arithmetic. What is kept here holds no results; each call writes before it reads.
"""

from __future__ import annotations

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
