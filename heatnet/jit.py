"""Kernels compiled by numba when first called, so that `import heatnet` and `heatnet check` do not load numba.

numba's cache looks at the file of a kernel only and would return results of old code after an edit in a file that it calls into.
Here its stamp covers every file that the module imports, so kernels may call kernels of other files.
"""

from __future__ import annotations

import hashlib
import re
import sys
import threading
from collections.abc import Callable
from functools import cache, update_wrapper
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeVar

LOCK = threading.RLock()
P = ParamSpec("P")
R = TypeVar("R")


class Kernel(Generic[P, R]):
    """A plain function that becomes a compiled one at its first call; `plain` is the function itself, for tests."""

    def __init__(self, plain: Callable[P, R], *, inline: bool = False) -> None:
        self.plain, self.inline = plain, inline
        self.compiled: Callable[..., Any] | None = None
        update_wrapper(self, plain)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Result of the compiled function."""
        if self.compiled is None:
            with LOCK:
                compile_module(sys.modules[self.plain.__module__].__dict__)
        result: R = self.compiled(*args, **kwargs)  # type: ignore[misc]
        return result


def kernel(plain: Callable[P, R]) -> Kernel[P, R]:
    """Mark a function on plain arrays and numbers as a kernel."""
    return Kernel(plain)


def inlined(plain: Callable[P, R]) -> Kernel[P, R]:
    """Mark a kernel that becomes part of those that call it: for vectors, which a call would pass through memory."""
    return Kernel(plain, inline=True)


def compile_module(names: dict[str, Any]) -> None:
    """Replace every kernel of a module, its own and those it imports, by numba dispatchers, so that they find each other compiled."""
    from numba import njit  # noqa: PLC0415  numba takes 0.4 s to load; only those who solve should wait for it

    kernels = [(name, value) for name, value in names.items() if isinstance(value, Kernel)]
    for origin in {value.plain.__module__ for _, value in kernels} - {names["__name__"]}:
        compile_module(sys.modules[origin].__dict__)
    made = {}
    for _, value in kernels:
        if value.compiled is None and value not in made:
            compiled: Any = njit(cache=True, nogil=True, error_model="numpy", forceinline=value.inline)(value.plain)
            compiled._cache._cache_file._source_stamp = stamp(names["__name__"])
            made[value] = compiled
    for name, value in kernels:
        names[name] = value.compiled or made[value]
    for value, compiled in made.items():  # last, so that another thread finds every name in place
        value.compiled = compiled


@cache
def stamp(module: str) -> str:
    """Digest of the `sources` of a module."""
    return hashlib.sha256("".join(path.read_text("utf-8") for path in sources(module)).encode()).hexdigest()


def sources(module: str) -> list[Path]:
    """Files of a loaded module and of all of heatnet that it imports, directly or not."""
    found: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        if name in found or name not in sys.modules:
            continue
        found[name] = Path(str(sys.modules[name].__file__))
        waiting += re.findall(r"^from (heatnet[\w.]*) import", found[name].read_text("utf-8"), re.M)
    return [found[name] for name in sorted(found)]
