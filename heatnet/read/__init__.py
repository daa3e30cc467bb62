"""Placeholder until the reader lands; overwrite this file."""

from pathlib import Path

from heatnet.network import Network


def read(path: str | Path) -> Network:
    """Read a model."""
    raise NotImplementedError
