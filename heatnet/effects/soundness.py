"""Whether scenarios may be applied to a network: all that any of them breaks, told before anything is solved."""

from __future__ import annotations

from collections.abc import Sequence

from heatnet.arrays import Arrays
from heatnet.change import Change, Scenario
from heatnet.check import check
from heatnet.components import EDGES
from heatnet.errors import ModelError, Problem
from heatnet.network import KINDS
from heatnet.schema import Table
from heatnet.solve.changed import in_range

# a number within its range in these columns cannot break any other rule
SAFE: dict[str, tuple[str, ...]] = {
    "pipe": ("diameter", "roughness", "zeta", "loss", "ground"), "valve": ("kvs",), "consumer": ("kvs",),
    "building": ("radiator", "conductance", "gains"), "plant": ("supply_temperature", "lift", "efficiency"), "pump": ("efficiency",),
}



def must_be_sound(base: Arrays, scenarios: Sequence[Scenario]) -> None:
    """ModelError with all rules that any scenario breaks, ValueError where one names what is not there or adds buildings."""
    problems = []
    known = {kind: set(base.net.tables[kind].id) for kind in KINDS.values()}
    for scenario in scenarios:
        if any(type(table) not in (*EDGES, KINDS["node"]) for table in scenario.added):
            raise ValueError(f"scenario '{scenario.name}' adds buildings; effects count the same homes before and after")
        if scenario.added or not all(_plain(change, known) for change in scenario.changes):
            problems += [
                Problem(f"scenario '{scenario.name}': {problem.text}", problem.table, problem.id, problem.column, problem.where)
                for problem in check(base.net.apply(scenario)) if not problem.warning
            ]
    if problems:
        raise ModelError(problems)


def _plain(change: Change, known: dict[type[Table], set[str]]) -> bool:
    """Whether a change sets numbers within their range of rows that are there, in columns that stand for themselves."""
    if change.column not in SAFE.get(change.kind, ()):
        return False
    table = KINDS[change.kind]
    unknown = [name for name in change.ids or () if name not in known[table]]
    if unknown:
        raise ValueError(f"{change.kind} has no row {', '.join(repr(name) for name in unknown[:5])}")
    return in_range(table.columns()[change.column], change.values)

