"""Column and Table: one declaration makes reader, checker, CSV header, HDF5 attributes and the reference table in the docs."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int32]
Longs = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Texts = npt.NDArray[np.object_]


@dataclass(frozen=True)
class Column:
    """What a column of a table may hold: SI unit, meaning, range, default.

    A numeric column without default is required unless `optional`; an optional number that is not given is NaN, an
    optional text is "". `refers` names the table whose ids a text column holds.
    """

    unit: str
    doc: str
    above: float | None = None
    least: float | None = None
    most: float | None = None
    default: float | str | None = None
    optional: bool = False
    text: bool = False
    choices: tuple[str, ...] = ()
    refers: str = ""

    @property
    def required(self) -> bool:
        """Whether a file must give the column."""
        return self.default is None and not self.optional

    @property
    def fill(self) -> float | str:
        """Value of a row that does not give the column."""
        if self.default is not None:
            return self.default
        return "" if self.text else float("nan")

    def broken(self, values: Floats) -> Bools:
        """Rows outside the range, shape (n,); NaN (not given) is within it."""
        bad = np.isinf(values)
        if self.above is not None:
            bad |= values <= self.above
        if self.least is not None:
            bad |= values < self.least
        if self.most is not None:
            bad |= values > self.most
        return bad

    @property
    def range(self) -> str:
        """The range in words, as in "above 0 m"."""
        parts = [
            f"{word} {limit:g}"
            for word, limit in (("above", self.above), ("at least", self.least), ("at most", self.most))
            if limit is not None
        ]
        unit = "" if self.unit == "-" else f" {self.unit}"
        return f"{' and '.join(parts)}{unit}" if parts else f"any number{unit and f' of{unit}'}"


def column(
    unit: str, doc: str, *, above: float | None = None, least: float | None = None, most: float | None = None,
    default: float | None = None, optional: bool = False,
) -> Any:
    """Declare a numeric column in its SI unit."""
    return field(metadata={"column": Column(unit, doc, above, least, most, default, optional)})


def text(doc: str, *, default: str | None = None, choices: tuple[str, ...] = (), refers: str = "") -> Any:
    """Declare a text column; without a default it is required."""
    return field(metadata={"column": Column("", doc, default=default, text=True, choices=choices, refers=refers)})


@dataclass(frozen=True)
class Table:
    """Rows of one kind, one array a column, all of one length; the first column is the id."""

    id: Texts = text("name of the row, unique within the table")

    @classmethod
    def kind(cls) -> str:
        """Name of the table in files and frames."""
        return cls.__name__.lower()

    @classmethod
    @cache
    def columns(cls) -> dict[str, Column]:
        """The declared columns by name, in order."""
        return {item.name: item.metadata["column"] for item in fields(cls)}

    @classmethod
    def of(cls, **given: Any) -> Self:
        """Table from lists or arrays in SI; columns not given take their default.

        Unknown names, missing required columns and unequal lengths are a ValueError.
        """
        columns = cls.columns()
        unknown = [name for name in given if name not in columns]
        missing = [name for name, item in columns.items() if item.required and name not in given]
        if unknown or missing:
            raise ValueError(f"{cls.kind()}: unknown columns {unknown}, missing columns {missing}; known: {list(columns)}")
        rows = len(given["id"])
        arrays: dict[str, Any] = {}
        for name, item in columns.items():
            value = given.get(name, item.fill)
            if np.ndim(value) and len(value) != rows:
                raise ValueError(f"{cls.kind()}: column '{name}' has {len(value)} values, the table {rows} rows")
            if item.text:
                array: Any = np.empty(rows, dtype=object)
                given_text = isinstance(value, np.ndarray) and value.dtype == object
                array[:] = value if isinstance(value, str) or given_text else [str(entry) for entry in value]
            else:
                array = np.ascontiguousarray(np.broadcast_to(np.asarray(value, dtype=np.float64), (rows,)))
            arrays[name] = array
        return cls(**arrays)

    @classmethod
    def empty(cls) -> Self:
        """Table without rows."""
        return cls.of(**{name: [] for name, item in cls.columns().items() if item.required})

    def __len__(self) -> int:
        return len(self.id)

    def with_(self, **changed: Any) -> Self:
        """Copy with some columns replaced (scalars are spread over all rows)."""
        columns = self.columns()
        fresh: dict[str, Any] = {}
        for name, value in changed.items():
            if name not in columns:
                raise ValueError(f"{self.kind()} has no column '{name}'; known: {list(columns)}")
            if columns[name].text:
                array: Any = np.empty(len(self), dtype=object)
                array[:] = value
                fresh[name] = array
            else:
                fresh[name] = np.ascontiguousarray(np.broadcast_to(np.asarray(value, dtype=np.float64), (len(self),)))
        return replace(self, **fresh)

    def take(self, rows: npt.NDArray[Any]) -> Self:
        """The rows at these positions or under this mask."""
        return replace(self, **{name: getattr(self, name)[rows] for name in self.columns()})

    def joined(self, other: Self) -> Self:
        """These rows and those of another table of the kind."""
        return replace(self, **{name: np.concatenate([getattr(self, name), getattr(other, name)]) for name in self.columns()})


def positions(mask: npt.NDArray[Any]) -> list[int]:
    """Row numbers where the mask holds."""
    found: list[int] = np.flatnonzero(mask).tolist()
    return found
