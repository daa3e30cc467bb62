"""Read and write networks. A new format is one file and one entry in READERS."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from heatnet.network import Network
from heatnet.read.folder import read_folder
from heatnet.read.writing import write_folder

READERS: dict[str, Callable[[Path], Network]] = {"folder": read_folder}

__all__ = ["READERS", "read", "read_folder", "write_folder"]


def read(path: str | Path, format: str = "folder") -> Network:
    """Network from files; ReadError carries every problem with file and line."""
    return READERS[format](Path(path))
