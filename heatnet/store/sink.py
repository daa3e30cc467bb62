"""The disk under an HDF5 file, which never says no.

The HDF5 library does not survive a write that fails (a full disk, a limit of size): it leaves errors at the end of the process,
or takes it down. So its writes go through here: one that fails is remembered and said to have worked, and what follows is dropped.
Whoever writes asks `error` in between and at the end, and throws the file away.
"""

from __future__ import annotations

import io
import os
from pathlib import Path


class Sink(io.RawIOBase):
    """A file to write and read back; `error` is the first that the disk gave."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.file = path.open("w+b", buffering=0)
        self.error: OSError | None = None

    def write(self, data: object, /) -> int:
        """Write, or drop where the disk takes no more."""
        view = memoryview(data).cast("B")  # type: ignore[arg-type]
        done = 0
        try:
            while self.error is None and done < len(view):
                done += self.file.write(view[done:]) or 0
        except OSError as error:
            self.error = error
        if done < len(view):
            self.file.seek(len(view) - done, os.SEEK_CUR)
        return len(view)

    def readinto(self, buffer: object, /) -> int:
        """Read back; what was dropped is zeros."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        view[:] = bytes(len(view))
        done = 0
        while done < len(view) and (more := self.file.readinto(view[done:])):
            done += more
        return len(view)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place."""
        return self.file.seek(offset, whence)

    def tell(self) -> int:
        """Where it is."""
        return self.file.tell()

    def truncate(self, size: int | None = None, /) -> int:
        """Set the size, or leave it where the disk does not give it."""
        try:
            return self.file.truncate(size)
        except OSError as error:
            self.error = self.error or error
            return size or 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def writable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def settle(self) -> None:
        """All bytes on the disk; OSError if any write failed."""
        if self.error is None:
            os.fsync(self.file.fileno())
        if self.error is not None:
            raise self.error

    def close(self) -> None:
        """Close the file."""
        self.file.close()
        super().close()
