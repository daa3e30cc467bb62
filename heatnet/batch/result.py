"""Result of a run: a store that is read when something of it is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import h5py
import numpy as np

from heatnet.batch.plan import WEEK
from heatnet.errors import HeatnetError, Problem, ReadError, nearest
from heatnet.solve import Status
from heatnet.store.named import read_table, table_names
from heatnet.store.parts import folder_of, load, numbers
from heatnet.store.runs import header

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pandas as pd

DONE = tuple(status.name for status in Status if status.answers)  # of scenarios with an answer
CELLS = 4_000_000  # numbers that are read at once


@dataclass(frozen=True)
class Result:
    """Results of a run; nothing is read before it is asked for. Values are in SI, units stand in the headers."""

    path: Path
    complete: bool
    seconds: float = 0.0  # s that the run took here

    @property
    def scenarios(self) -> pd.DataFrame:
        """All scenarios: name, whether done, how it ended, the point on every axis."""
        import pandas as pd  # noqa: PLC0415  pandas takes 0.4 s to load

        with h5py.File(self.path, "r") as file:
            group = file["scenario"]
            labels = {str(data.attrs["name"]): np.array(_texts(data))[group["point"][:, int(at)]] for at, data in file["axis"].items()}
            columns = {name: _plain(group[name]) for name in ("done", "status", "detail", "steps", "passes")}
            return pd.DataFrame({**labels, **columns}, index=pd.Index(_texts(group["name"]), name="scenario"))

    @property
    def names(self) -> tuple[str, ...]:
        """Quantities kept, as "table.quantity"; aggregates with their word, as "building.temperature_min"."""
        with h5py.File(self.path, "r") as file:
            return tuple(
                f"{table}.{name}" for group in ("results", "aggregate") for table in file.get(group, {})
                for name, data in file[group][table].items() if "doc" in data.attrs
            )

    def frame(self, name: str, scenario: int = 0) -> pd.DataFrame:
        """One quantity: a row a scenario, a column a row of its table; of a season a row an hour of one scenario.

        An aggregate over all scenarios is one column. The unit stands in the name of the frame's columns.
        """
        import pandas as pd  # noqa: PLC0415

        table, _, of = name.partition(".")
        with h5py.File(self.path, "r") as file:
            at = next((f"{group}/{table}/{of}" for group in ("results", "aggregate") if f"{group}/{table}/{of}" in file), None)
            if at is None:
                raise HeatnetError(f"{self.path}: no '{name}' was kept{nearest(name, self.names)}")
            data = file[at]
            ids, title = _texts(data.parent[table]), f"{of} [{data.attrs['unit']}]"
            names = _texts(file["scenario/name"])
            if data.ndim == 1:
                return pd.DataFrame({title: _plain(data)}, index=pd.Index(ids, name="id"))
            columns = pd.Index(ids, name=title)
            if data.ndim == 2:
                return pd.DataFrame(self._partial(_plain(data), at), index=pd.Index(names, name="scenario"), columns=columns)
            hours = pd.date_range(str(file["weather"].attrs["start"]), periods=data.shape[1], freq="h", name="hour")
            return pd.DataFrame(self._partial(data[scenario], at, scenario), index=hours, columns=columns)

    def blocks(self, name: str, scenario: int = 0) -> Iterator[tuple[int, Any]]:
        """What was kept of every scenario (of a season: of every hour of one), some rows at a time: number of the first, (rows, n)."""
        if not self.complete:  # what is done waits in parts
            yield 0, self.frame(name, scenario).to_numpy()
            return
        with h5py.File(self.path, "r") as file:
            data = file[f"results/{name.replace('.', '/')}"]
            rows = data.shape[-2]
            chunk = data.chunks[-2]
            step = max(chunk, CELLS // max(data.shape[-1], 1) // chunk * chunk)
            for first in range(0, rows, step):
                span = slice(first, first + step)
                yield first, data[span] if data.ndim == 2 else data[scenario, span]

    def residuals(self) -> tuple[tuple[str, float, str], ...]:
        """Name, largest value of all scenarios (NaN where there is none) and unit of every residual."""
        with h5py.File(self.path, "r") as file:
            found = [(name.removeprefix("residual_"), data) for name, data in file["scenario"].items() if name.startswith("residual_")]
            return tuple((name, float(np.fmax.reduce(data[()], initial=np.nan)), str(data.attrs["unit"])) for name, data in found)

    def seasonal(self) -> bool:
        """Whether the run walked a season hour by hour."""
        with h5py.File(self.path, "r") as file:
            return "weather" in file

    def axes(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Name and labels of every axis."""
        with h5py.File(self.path, "r") as file:
            found = sorted(file["axis"].items(), key=lambda item: int(item[0]))
            return tuple((str(data.attrs["name"]), tuple(_texts(data))) for _, data in found)

    def points(self) -> Any:
        """Place of every scenario on every axis, (scenarios, axes)."""
        with h5py.File(self.path, "r") as file:
            return file["scenario/point"][()]

    def about(self, name: str) -> tuple[str, str]:
        """Unit and meaning of a quantity that was kept."""
        of = name.replace(".", "/")
        with h5py.File(self.path, "r") as file:
            data = next(file[f"{group}/{of}"] for group in ("results", "aggregate") if f"{group}/{of}" in file)
            return str(data.attrs["unit"]), str(data.attrs["doc"])

    def tables(self) -> tuple[str, ...]:
        """Names of the tables that were added (`store.add_table`)."""
        return table_names(self.path)

    def table(self, name: str) -> pd.DataFrame:
        """A table that was added, units in the header; HeatnetError if there is none of that name."""
        return read_table(self.path, name)

    def weather(self) -> pd.DataFrame:
        """Outdoor temperature of every hour of a season."""
        import pandas as pd  # noqa: PLC0415

        with h5py.File(self.path, "r") as file:
            if "weather" not in file:
                raise HeatnetError(f"{self.path}: no season was run")
            start, outdoor = str(file["weather"].attrs["start"]), file["weather/outdoor"][()]
        hours = pd.date_range(start, periods=outdoor.size, freq="h", name="hour")
        return pd.DataFrame({"outdoor [K]": outdoor}, index=hours)

    def summary(self) -> str:
        """The run in a few lines."""
        found = self.scenarios
        done = int(found["done"].sum())
        lines = [f"{self.path}: {done} of {len(found)} scenarios{' in ' + _spell(self.seconds) if self.seconds else ''}"]
        bad = found[(found["done"] == 1) & ~found["status"].isin(DONE)]
        if len(bad):
            lines.append(f"without an answer: {len(bad)}")
            lines += [f"  {name}: {ended(str(row.status), str(row.detail))}" for name, row in bad.head(5).iterrows()]
        means = int((found["status"] == Status.MEAN_WEIGHT.name).sum())
        if means:
            lines.append(f"with a mean weight of water that turns about: {means}")
        return "\n".join([*lines, *self._certificate(found.index), *self._homes(), *self._season()])

    def _certificate(self, names: pd.Index[str]) -> list[str]:
        """The worst that the certificates of all answers say, and how many were solved side by side."""
        with h5py.File(self.path, "r") as file:
            group = file["scenario"]
            if "certificate_pressure" not in group:
                return []  # a file of an earlier version
            known = {name: group[f"certificate_{name}"] for name in ("pressure", "complementarity", "mass", "energy")}
            worst = {name: (data[()], str(data.attrs["unit"])) for name, data in known.items()}
            beside = int(np.count_nonzero(group["beside"][()]))
        if not np.isfinite(worst["pressure"][0]).any():
            return []
        said = ", ".join(f"{name} {np.nanmax(values):.2g} {unit}" for name, (values, unit) in worst.items())
        both = np.fmax(worst["pressure"][0], worst["complementarity"][0])
        where = f" (pressures: {names[int(np.nanargmax(both))]})" if len(names) > 1 else ""
        return [f"certificate, largest violations: {said}{where}"] + ([f"solved side by side: {beside}"] if beside else [])

    def _homes(self) -> list[str]:
        """The coldest homes, where room temperatures were kept."""
        for name, what in (("building.temperature_min", "lowest hourly room temperature"), ("building.temperature", "room temperature")):
            if name not in self.names:
                continue
            frame = self.frame(name)
            values = frame.to_numpy() - 273.15
            if values.ndim != 2 or not np.isfinite(values).any() or (len(frame.columns) == 1 and name.endswith("_min")):
                continue
            coldest = np.argsort(np.nanmin(np.where(np.isnan(values), np.inf, values), axis=0), kind="stable")[:5]
            lines = [f"{what} of the coldest homes:"]
            for at in coldest:
                row = int(np.nanargmin(values[:, at])) if np.isfinite(values[:, at]).any() else 0
                where = f"  ({frame.index[row]})" if len(frame) > 1 else ""
                lines.append(f"  {values[row, at]:5.1f} degC  {frame.columns[at]}{where}")
            return lines
        return []

    def _season(self) -> list[str]:
        """Refunds of a season, and what its events did."""
        if "building.refund" not in self.names or not self.complete:
            return []
        refund, days = self.frame("building.refund").to_numpy(), self.frame("building.refund_days").to_numpy()
        homes = f"{np.count_nonzero((days > 0).any(0))} of {days.shape[1]} buildings with days of refund"
        lines = [f"{homes}, at most {np.nanmax(days, initial=0.0):.0f} days; refunds of all {np.nansum(refund):,.0f}"]
        for name in self.names:
            if name.startswith("building.fall_"):
                hours = self.frame(name).to_numpy()
                fell = np.isfinite(hours)
                first = f"first after {hours[fell].min():.1f} h, " if fell.any() else ""
                with h5py.File(self.path, "r") as file:
                    doc = file[f"aggregate/{name.replace('.', '/')}"].attrs["doc"]
                lines.append(f"{doc}: {first}{np.count_nonzero(fell.any(0))} of {hours.shape[1]} buildings")
        return lines

    def _partial(self, values: Any, at: str, scenario: int | None = None) -> Any:
        """With the blocks that wait beside the file of a run that was stopped."""
        if self.complete or not at.startswith("results/"):
            return values
        name = "each/" + at.removeprefix("results/").replace("/", ".")
        with h5py.File(self.path, "r") as file:
            rows = file[at].chunks[0]
            blocks = -(-len(file["weather/outdoor"]) // WEEK) if "weather" in file else 0
        for block in sorted(numbers(folder_of(self.path))):
            content = load(folder_of(self.path), block)
            if content is None or name not in content:
                continue
            if scenario is None:
                values[block * rows : block * rows + len(content[name])] = content[name]
            elif block // blocks == scenario:
                first = block % blocks * WEEK
                values[first : first + len(content[name])] = content[name]
        return values


def open_run(path: str | Path) -> Result:
    """The result of `heatnet run` in a file, also of one that was stopped; ReadError if it is none."""
    path = Path(path)
    found = header(path)
    if found is None:
        raise ReadError([Problem("there is no such file", where=str(path))])
    return Result(path, bool(found["complete"]))


def ended(status: str, detail: str) -> str:
    """How a scenario ended, by the name of its status; the detail alone where it could not be posed."""
    said = Status[status].value if status in Status.__members__ else ""
    return ": ".join(part for part in (said, detail) if part)


def _texts(data: Any) -> list[str]:
    return [entry.decode() for entry in data[()]]


def _plain(data: Any) -> Any:
    if h5py.check_string_dtype(data.dtype):
        raw = data[()]
        return np.array([entry.decode() for entry in raw.ravel()], dtype=object).reshape(raw.shape)
    return data[()]


def _spell(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds < 100 else f"{seconds / 60:.1f} min"
