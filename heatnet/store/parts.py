"""Blocks of a run on their way into its file: one small file each, beside it, written whole or not at all.

HDF5 cannot be killed while it is written and stay whole; so nothing is written into the file of a run while it goes. Each
block goes to `<store>.parts/000012.npz` under a temporary name, is flushed to the disk and renamed. Whatever happens, a part is there
whole or not there. When all are there the file is made from them, always in the same order: equal runs give equal bytes.
"""

from __future__ import annotations

import fcntl
import io
import os
import shutil
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

from heatnet.errors import HeatnetError
from heatnet.store.runs import refused

DAMAGED = (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile, zlib.error)


class Parts:
    """The folder of parts of a run; one process at a time may hold it."""

    def __init__(self, store: Path, fingerprint: str) -> None:
        self.store, self.folder = store, folder_of(store)
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            self.lock = (self.folder / "lock").open("w")
        except OSError as error:
            raise HeatnetError(refused(store, error)) from None
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.lock.close()
            raise HeatnetError(f"{store}: another run is writing here; wait for it, or choose another --out") from None
        mark = self.folder / "run"
        if mark.exists() and mark.read_text() != fingerprint and self.there():
            self.close()
            raise HeatnetError(f"{store}: another run was stopped here; finish it, remove {self.folder.name}, or choose another --out")
        for left in self.folder.glob("*.new"):
            left.unlink()
        self._write("run", fingerprint.encode())

    def save(self, block: int, content: dict[str, Any]) -> None:
        """One block, whole or not at all; HeatnetError where the disk does not take it."""
        packed = io.BytesIO()
        np.savez(packed, **content)
        self._write(f"{block:08d}.npz", packed.getvalue())

    def there(self) -> set[int]:
        """Numbers of the blocks that are there."""
        return numbers(self.folder)

    def load(self, block: int) -> dict[str, Any] | None:
        """One block; None where it is not there, or damaged: then it is taken away and computed again."""
        content = load(self.folder, block)
        if content is None:
            (self.folder / f"{block:08d}.npz").unlink(missing_ok=True)
        return content

    def close(self) -> None:
        """Let others write."""
        self.lock.close()

    def remove(self) -> None:
        """Take all parts away: the file of the run has them."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self.close()

    def _write(self, name: str, content: bytes) -> None:
        new = self.folder / f"{name}.new"
        try:
            with new.open("wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            new.replace(self.folder / name)
        except OSError as error:
            new.unlink(missing_ok=True)
            raise HeatnetError(refused(self.store, error)) from None


def folder_of(store: Path) -> Path:
    """Where the parts of a run lie."""
    return store.with_name(f"{store.name}.parts")


def numbers(folder: Path) -> set[int]:
    """Numbers of the blocks in a folder."""
    return {int(path.stem) for path in folder.glob("[0-9]*.npz")}


def load(folder: Path, block: int) -> dict[str, Any] | None:
    """One block as arrays; None where it is not there or damaged."""
    try:
        with np.load(folder / f"{block:08d}.npz", allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except DAMAGED:
        return None
