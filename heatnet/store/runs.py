"""The HDF5 file of a batch run: results with a scenario axis (docs/store.md).

    /                   mark, format, heatnet, model, complete, fingerprint and case (the text of the case file) as attributes
    /model /settings /profile   as in every store
    /scenario           name, done, status, detail, steps, passes, beside, residual_*, certificate_* (n_scenario,);
                        point (n_scenario, n_axes)
    /axis/<number>      labels of the points of an axis
    /results/<table>    kept quantities (n_scenario, rows), of a season (n_scenario, n_hour, rows)
    /aggregate/<table>  what was worked out on the way, (rows,), of a season (n_scenario, rows)

Every group of results has its dimension scales (scenario, hour, id of the rows), so that xarray and netCDF tools open it with labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import h5py
import numpy as np

from heatnet.errors import HeatnetError, Problem, ReadError
from heatnet.network import KINDS, Network
from heatnet.profile import Profile
from heatnet.solve import Settings
from heatnet.store.layout import RUN
from heatnet.store.sink import Sink
from heatnet.store.writer import put, write_model, write_rules
from heatnet.version import VERSION

if TYPE_CHECKING:
    from collections.abc import Iterator

FORMAT = 1
WIDTH = {"name": 0, "status": 32, "detail": 240, "text": 24}  # bytes of texts, names as long as they are
WIDE = 4096  # rows of a table in one chunk, at most
PACK: dict[str, Any] = {"compression": "gzip", "compression_opts": 1, "shuffle": True, "fletcher32": True}


@dataclass(frozen=True)
class Array:
    """One dataset of results."""

    group: str  # results or aggregate
    table: str
    name: str
    unit: str
    doc: str
    dims: tuple[str, ...]  # of "scenario", "hour" and "rows"
    kind: Literal["float", "int", "text"] = "float"


@dataclass(frozen=True)
class Head:
    """What a run is of."""

    net: Network
    settings: Settings
    profile: Profile
    case: str
    fingerprint: str
    names: tuple[str, ...]
    axes: tuple[tuple[str, tuple[str, ...]], ...]
    points: Any  # (n_scenario, n_axes)
    start: str  # of a season, "" if there is none
    outdoor: Any  # (hours,) K
    arrays: tuple[Array, ...]
    rows: int  # scenarios in a chunk
    hours: int  # hours in a chunk


class Writer:
    """An open file of a run, all arrays there and blank."""

    def __init__(self, file: h5py.File, head: Head, checks: Sequence[tuple[str, str, str]], sink: Sink) -> None:
        self.file, self.head, self.sink = file, head, sink
        file.attrs.update({
            "mark": RUN, "format": FORMAT, "heatnet": VERSION, "model": head.net.name, "case": head.case,
            "fingerprint": head.fingerprint, "complete": 0,
        })
        write_rules(file, head.settings, head.profile)
        write_model(file.create_group("model"), head.net)
        self._scenarios(checks)
        if head.start:
            weather = file.create_group("weather")
            weather.attrs["start"] = head.start
            put(weather, "outdoor", head.outdoor, "K", "outdoor temperature of each hour from start")
        self.sets = {(item.group, item.table, item.name): self._array(item) for item in head.arrays}

    def block(self, group: str, name: str, at: Any, values: Any) -> None:
        """Values of a quantity "table.name" at some rows."""
        if self.sink.error is not None:
            raise self.sink.error
        table, _, of = name.partition(".")
        data = self.sets[group, table, of]
        data[at] = np.char.encode(values.astype(str), "utf-8").astype(data.dtype) if values.dtype == object else values

    def about(self, first: int, told: Sequence[dict[str, Any]]) -> None:
        """How the solves of scenarios from number `first` ended."""
        span = slice(first, first + len(told))
        group = self.file["scenario"]
        group["done"][span] = 1
        for name in told[0]:
            values = [one[name] for one in told]
            group[name][span] = [shortened(value, WIDTH[name]) for value in values] if name in WIDTH else values

    def finish(self) -> None:
        """Say that nothing is missing."""
        self.file.attrs["complete"] = 1

    def _scenarios(self, checks: Sequence[tuple[str, str, str]]) -> None:
        head, count = self.head, len(self.head.names)
        group = self.file.create_group("scenario")
        put(group, "name", np.array(head.names, dtype=object), "", "scenario")
        put(group, "point", head.points, "-", "place of the scenario on every axis")
        blank: list[tuple[str, Any, str, str]] = [
            ("done", np.int8, "", "1 where the scenario was computed"), ("status", WIDTH["status"], "", "how the solve ended"),
            ("detail", WIDTH["detail"], "", "names that the status speaks of"), ("steps", np.int64, "", "Newton steps"),
            ("passes", np.int64, "", "passes between flows and temperatures"),
        ]
        blank += [("beside", np.int8, "", "1 where it was solved side by side with others")]
        blank += [(name, np.float64, unit, doc) for name, unit, doc in checks]
        for name, kind, unit, doc in blank:
            dtype = h5py.string_dtype("utf-8", kind) if isinstance(kind, int) else kind
            fill = np.nan if kind is np.float64 else None
            data = group.create_dataset(name, (count,), dtype, fillvalue=fill, chunks=(min(count, WIDE),), track_times=False, **PACK)
            data.attrs["unit"], data.attrs["doc"] = unit, doc
        axes = self.file.create_group("axis")
        for number, (name, labels) in enumerate(head.axes):
            data = put(axes, str(number), np.array(labels, dtype=object), "", "points of the axis")
            data.attrs["name"] = name

    def _array(self, item: Array) -> h5py.Dataset:
        group = self.file.require_group(f"{item.group}/{item.table}")
        ids = self.head.net.tables[KINDS[item.table]].id
        sizes = {"scenario": len(self.head.names), "hour": len(self.head.outdoor), "rows": ids.size}
        chunk = {"scenario": self.head.rows, "hour": self.head.hours, "rows": WIDE}
        dtype: Any = {"float": np.float64, "int": np.int64, "text": h5py.string_dtype("utf-8", WIDTH["text"])}[item.kind]
        fill = {"float": np.nan, "int": -1, "text": None}[item.kind]
        shape = tuple(sizes[dim] for dim in item.dims)
        data = group.create_dataset(
            item.name, shape, dtype, fillvalue=fill, track_times=False,
            chunks=tuple(max(1, min(size, chunk[dim])) for size, dim in zip(shape, item.dims, strict=True)), **PACK,
        )
        data.attrs.update({"unit": item.unit, "doc": item.doc, "units": item.unit, "long_name": item.doc})
        for axis, dim in enumerate(item.dims):
            data.dims[axis].attach_scale(self._scale(group, dim, item.table, ids))
        return data

    def _scale(self, group: h5py.Group, dim: str, table: str, ids: Any) -> h5py.Dataset:
        name = table if dim == "rows" else dim
        if name in group:
            return group[name]
        if dim == "hour":
            scale = group.create_dataset(name, data=np.arange(len(self.head.outdoor), dtype=np.int64), track_times=False)
            scale.attrs["units"] = f"hours since {self.head.start}"
        else:
            words = ids if dim == "rows" else np.array(self.head.names, dtype=object)
            scale = group.create_dataset(name, data=words, dtype=h5py.string_dtype("utf-8"), track_times=False)
        scale.make_scale(name)
        return scale


@contextmanager
def writing(path: Path, head: Head, checks: Sequence[tuple[str, str, str]]) -> Iterator[Writer]:
    """A file of a run, written beside its target and renamed once it is whole; HeatnetError where the disk does not take it."""
    part = path.with_name(f".{path.name}.part")
    try:
        with Sink(part) as sink:
            with h5py.File(sink, "w", libver=("v110", "v110")) as file:
                yield Writer(file, head, checks, sink)
            sink.settle()
        part.replace(path)
    except (OSError, RuntimeError) as error:
        raise HeatnetError(refused(path, error)) from None
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def refused(path: Path, error: BaseException) -> str:
    """Why a file could not be written, and what to do."""
    text = str(error)
    number = getattr(error, "errno", None)
    if number in (28, 122) or "errno = 28" in text or "errno = 122" in text:
        return f"{path}: the disk is full; make room and run the same command again: what is done is kept and it goes on from there"
    if number == 27 or "errno = 27" in text:
        return f"{path}: a file may not grow this large here; lift the limit (ulimit -f) and run the same command again to go on"
    if number in (13, 30, 1) or "errno = 13" in text or "errno = 30" in text:
        return f"{path}: may not be written here (read-only, or no permission); choose another --out"
    return f"{path}: could not be written: {text.splitlines()[0] if text else type(error).__name__}"


def header(path: Path) -> dict[str, Any] | None:
    """Attributes of the file of a run; None if there is no file, ReadError if it is something else."""
    if not path.exists():
        return None
    try:
        with h5py.File(path, "r") as file:
            found = dict(file.attrs)
    except OSError:
        raise ReadError([Problem("is there already and is no file of a run; choose another --out", where=str(path))]) from None
    if found.get("mark") != RUN:
        raise ReadError([Problem("holds other results than those of `heatnet run`", where=str(path))])
    if int(found["format"]) > FORMAT:
        text = f"has format {found['format']} of heatnet {found['heatnet']}; this one reads up to {FORMAT}"
        raise ReadError([Problem(text, where=str(path))])
    return found


def shortened(text: str, width: int) -> bytes:
    """Text as UTF-8 of at most `width` bytes, no letter cut in two."""
    return text.encode()[:width].decode("utf-8", "ignore").encode()
