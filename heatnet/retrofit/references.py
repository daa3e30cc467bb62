"""What candidates of a case file say of each other and of their dates: told before anything is solved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from heatnet.batch.page import Page, Part
from heatnet.errors import nearest


def check_references(page: Page, data: Mapping[str, Any]) -> None:
    """Ids that are given twice or name nobody, works that require each other in a circle; problems go to the page."""
    listed = data.get("candidate", [])
    parts = [Part(page, item, "candidate", at) for at, item in enumerate(_listed(listed)) if isinstance(item, dict)]
    names = [str(part.data.get("id")) for part in parts if "id" in part.data]
    seen: set[str] = set()
    for part in parts:
        own = str(part.data.get("id", ""))
        for key in ("excludes", "requires"):
            for one in part.words(key) if key in part.data else ():
                if one == own:
                    part.add(f"{key} names the work itself", key)
                elif one not in names:
                    part.add(f"{key} '{one}' is no candidate{nearest(one, names)}", key)
        if own and own in seen:
            part.add(f"another candidate has the id '{own}' already", "id")
        seen.add(own)
    _circles(parts)


def _circles(parts: list[Part]) -> None:
    """Works that can never begin as each waits for the other, a problem for each circle."""
    by_id = {str(part.data.get("id", "")): part for part in parts}
    requires = {name: tuple(map(str, _listed(part.data.get("requires")))) for name, part in by_id.items()}
    told: set[frozenset[str]] = set()
    for name in requires:
        circle = circle_of(name, requires)
        if len(circle) > 1 and frozenset(circle) not in told:
            told.add(frozenset(circle))
            by_id[name].add(f"requires goes round in a circle: {' -> '.join((*circle, name))}; none of them could begin", "requires")


def circle_of(name: str, requires: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The shortest way from a work over what it requires back to itself; empty where there is none."""
    ways: list[tuple[str, ...]] = [(name,)]
    seen: set[str] = set()
    for way in ways:
        for one in requires.get(way[-1], ()):
            if one == name:
                return way
            if one not in seen:
                seen.add(one)
                ways.append((*way, one))
    return ()


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []
