"""Change: set one column of some rows. Scenario: a named set of changes. Weather, faults, valve settings, retrofits are all this."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from heatnet.schema import Table


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
            row = {name: at for at, name in enumerate(table.id)}
            unknown = [name for name in self.ids if name not in row]
            if unknown:
                raise ValueError(f"{self.kind} has no row {', '.join(repr(name) for name in unknown[:5])}")
            values[[row[name] for name in self.ids]] = self.values
        return table.with_(**{self.column: values})


@dataclass(frozen=True)
class Scenario:
    """A named set of changes, and of rows added to tables; `+` joins two, the later one winning where both set the same."""

    name: str
    changes: tuple[Change, ...] = ()
    added: tuple[Table, ...] = ()  # such as Pipe.of(id=["tie"], ...)

    def __add__(self, other: Scenario) -> Scenario:
        name = " + ".join(name for name in (self.name, other.name) if name)
        return Scenario(name, self.changes + other.changes, self.added + other.added)
