"""Rules of single tables: ranges, ids, references."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from heatnet.check.model import Finding, Model, hints
from heatnet.components import Consumer, Plant
from heatnet.errors import Problem, nearest
from heatnet.network import SITE_RANGES, TABLES, Building, Node
from heatnet.schema import positions

WARM = Plant.columns()["supply_temperature"]


def surroundings(model: Model) -> Iterator[Finding]:
    """Weather, ground and tariff are within their range, and points of heating curves in order."""
    for name, item in SITE_RANGES.items():
        value = float(getattr(model.net.site, name))
        if item.broken(np.array([value]))[0]:
            yield -1, 0, Problem(f"{value:g} is out of range; it must be {item.range}", "site", "", name)
        elif np.isnan(value) and not item.optional:
            yield -1, 0, Problem(f"missing; give the {item.doc}", "site", "", name)
    for name, curve in model.net.curves.items():
        outdoor, supply = np.array(curve.outdoor), np.array(curve.supply)
        if not outdoor.size or outdoor.size != supply.size or not np.all(np.isfinite(outdoor)) or np.any(np.diff(outdoor) <= 0.0):
            yield -1, 0, Problem("one supply temperature for each outdoor temperature, these rising", "curve", name, "outdoor")
        if np.any(WARM.broken(supply) | np.isnan(supply)):
            yield -1, 0, Problem(f"the supply temperature must be {WARM.range}", "curve", name, "supply")


def ranges(model: Model) -> Iterator[Finding]:
    """Numbers are within their range and given where they must be; words are among the choices."""
    for kind in TABLES:
        table = model.net.tables[kind]
        for name, item in kind.columns().items():
            values = getattr(table, name)
            if item.text:
                if item.choices:
                    for row in positions(~np.isin(values.astype(str), item.choices)) if len(values) else ():
                        text = f"'{values[row]}' is not one of {', '.join(item.choices)}{nearest(values[row], item.choices)}"
                        yield model.find(kind, row, text, name)
                continue
            bad = item.broken(values)
            for row in positions(bad):
                yield model.find(kind, row, f"{values[row]:g} is out of range; it must be {item.range}", name)
            if not item.optional:
                for row in positions(np.isnan(values) & ~bad):
                    yield model.find(kind, row, f"missing; give {item.doc}", name)


def identities(model: Model) -> Iterator[Finding]:
    """Ids are unique within a table and not empty."""
    for kind in TABLES:
        ids = model.net.tables[kind].id
        if len(set(ids)) < len(ids):
            seen: dict[str, int] = {}
            for row, name in enumerate(ids):
                if name in seen:
                    first = model.net.where(kind, seen[name]) or f"row {seen[name] + 1}"
                    yield model.find(kind, row, f"the id stands twice, first at {first}; ids are unique within a table", "id")
                seen.setdefault(name, row)
        for row in positions(ids == ""):
            yield model.find(kind, row, "missing; give the row a name", "id")


def references(model: Model) -> Iterator[Finding]:
    """Every named node and consumer exists; no edge joins a node with itself."""
    node, consumer = hints(model.net[Node].id), hints(model.net[Consumer].id)
    for kind, span in model.ends.spans.items():
        table = model.net[kind]
        for column, index in (("tail", model.ends.tail[span]), ("head", model.ends.head[span])):
            for row in positions(index < 0):
                name = getattr(table, column)[row]
                yield model.find(kind, row, f"no node '{name}'{node(name)}", column)
        same = (model.ends.tail[span] == model.ends.head[span]) & (model.ends.tail[span] >= 0)
        for row in positions(same):
            text = f"begins and ends at node '{table.head[row]}'; give it two different nodes"
            yield model.find(kind, row, text, "head")
    known = set(model.net[Consumer].id)
    for row, name in enumerate(model.net[Building].consumer):
        if name not in known:
            yield model.find(Building, row, f"no consumer '{name}'{consumer(name)}; without one it gets no heat", "consumer")
