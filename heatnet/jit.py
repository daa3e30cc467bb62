"""Kernels compiled by numba when first called, so that `import heatnet` and `heatnet check` do not load numba.

A kernel may call only kernels of its own file: numba's cache does not notice an edit in another file and would return
results of the old code.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")


class Kernel(Generic[P, R]):
    """A plain function that becomes a compiled one at its first call; `plain` is the function itself, for tests."""

    def __init__(self, plain: Callable[P, R]) -> None:
        self.plain = plain
        self.compiled: Callable[..., Any] | None = None
        update_wrapper(self, plain)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Result of the compiled function."""
        if self.compiled is None:
            _compile_module(sys.modules[self.plain.__module__].__dict__)
        result: R = self.compiled(*args, **kwargs)  # type: ignore[misc]
        return result


def kernel(plain: Callable[P, R]) -> Kernel[P, R]:
    """Mark a function on plain arrays and numbers as a kernel."""
    return Kernel(plain)


def _compile_module(names: dict[str, Any]) -> None:
    """Replace every kernel of a module by its numba dispatcher, so that its kernels find each other compiled."""
    from numba import njit  # noqa: PLC0415  numba takes 0.4 s to load; only those who solve should wait for it

    for name, value in list(names.items()):
        if isinstance(value, Kernel) and value.plain.__module__ == names["__name__"]:
            value.compiled = njit(cache=True, nogil=True, error_model="numpy")(value.plain)
            names[name] = value.compiled
