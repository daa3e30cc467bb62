"""Folders that are written whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replaced(folder: Path) -> Iterator[Path]:
    """An empty folder beside `folder` that takes its place at the end; after an error the old one stands as it was."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    part, aside = (folder.with_name(f".{folder.name}.{os.getpid()}.{end}") for end in ("part", "old"))
    part.mkdir()
    try:
        yield part
        if folder.exists():
            folder.replace(aside)
        part.replace(folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
        if aside.exists() and not folder.exists():
            aside.replace(folder)
        shutil.rmtree(aside, ignore_errors=True)
