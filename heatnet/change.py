"""Change: set one column of some rows. Scenario: a named set of changes. Weather, faults, valve settings, retrofits are all this."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatnet.schema import Table

FEW = 8  # ids up to which comparing all of them is quicker than an index


@dataclass(frozen=True)
class Change:
    """Set `column` of the rows `ids` (all rows if None) of the table `kind` to `values` (one, or one a row), in SI units.

    The kind "site" changes a field of the site, for example `Change("site", "outdoor", 253.15)`.
    """

    kind: str
    column: str
    values: float | str | npt.NDArray[np.float64]
    ids: tuple[str, ...] | None = None

    def apply(self, table: Table) -> Table:
        """The table with this change; ValueError names unknown columns and ids."""
        if self.column not in table.columns():
            raise ValueError(f"{self.kind} has no column '{self.column}'; known: {', '.join(table.columns())}")
        values = getattr(table, self.column).copy()
        if self.ids is None:
            values[:] = self.values
        else:
            rows = rows_of(table, self.ids)
            if (rows < 0).any():
                unknown = [name for name, row in zip(self.ids, rows, strict=True) if row < 0]
                raise ValueError(f"{self.kind} has no row {', '.join(repr(name) for name in unknown[:5])}")
            values[rows] = self.values
        return table.with_(**{self.column: values})


def rows_of(table: Table, ids: tuple[str, ...]) -> npt.NDArray[np.int64]:
    """Row of each id, the last one where it stands several times, -1 where it is not there."""
    if len(ids) > FEW:
        row = {name: at for at, name in enumerate(table.id)}
        return np.array([row.get(name, -1) for name in ids], dtype=np.int64)
    found = [np.flatnonzero(table.id == name) for name in ids]
    return np.array([where[-1] if where.size else -1 for where in found], dtype=np.int64)


@dataclass(frozen=True)
class Scenario:
    """A named set of changes, and of rows added to tables; `+` joins two, the later one winning where both set the same."""

    name: str
    changes: tuple[Change, ...] = ()
    added: tuple[Table, ...] = ()  # such as Pipe.of(id=["tie"], ...)

    def __add__(self, other: Scenario) -> Scenario:
        name = " + ".join(name for name in (self.name, other.name) if name)
        return Scenario(name, self.changes + other.changes, self.added + other.added)
