"""From the blocks of a run to its file: always the same arrays in the same order."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from heatnet.batch.keep import find, tallies, unit_of
from heatnet.batch.plan import WEEK
from heatnet.batch.result import DONE
from heatnet.batch.task import Done, Job
from heatnet.case import Case
from heatnet.network import Building
from heatnet.store.runs import Array, Head, Writer, writing
from heatnet.units import KELVIN

RESIDUALS = (("pressure", "Pa"), ("mass", "kg/s"), ("energy", "W"), ("load", "W"), ("balance", "W"), ("weight", "Pa"))
CERTIFICATE = (
    ("pressure", "Pa"), ("mass", "kg/s"), ("bounds", "kg/s"), ("complementarity", "Pa"), ("energy", "W"), ("outlet", "W"),
)
CHECKS = (
    *((f"residual_{name}", unit, "largest residual") for name, unit in RESIDUALS),
    *((f"certificate_{name}", unit, "largest violation, by the certificate") for name, unit in CERTIFICATE),
)
HOMES = {
    "refund_days": ("d", "days on which the fee is paid back, by the daily rule of the profile"),
    "refund": ("1", "fee paid back over the season in the currency of the site"),
    "energy": ("J", "heat received over the season"),
}


def head(case: Case, mark: str, block: int) -> Head:
    """What the file of a case says before any result."""
    plan, net, season = case.plan, case.net, case.plan.season
    points = np.array([plan.point(number) for number in range(plan.count)], dtype=np.int32).reshape(plan.count, len(plan.axes))
    return Head(
        net, case.settings, case.profile, plan.text, mark, tuple(plan.name(number) for number in range(plan.count)),
        tuple((axis.name, axis.labels) for axis in plan.axes), points, season.weather.start.isoformat(sep=" ") if season else "",
        season.weather.outdoor if season else np.zeros(0), _arrays(case), block, WEEK,
    )


def jobs(case: Case, block: int) -> list[Job]:
    """All blocks of a run, by number; those of a season follow each other within a scenario."""
    plan = case.plan
    if plan.season is not None:
        parts = plan.season.blocks
        return [Job(number * parts + hours, number, number + 1, hours) for number in range(plan.count) for hours in range(parts)]
    return [Job(at, first, min(first + block, plan.count)) for at, first in enumerate(range(0, plan.count, block))]


def assemble(path: Path, case: Case, mark: str, block: int, load: Callable[[int], dict[str, Any] | None]) -> bool:
    """Write the file from the blocks that there are; whether none is missing."""
    whole = True
    with writing(path, head(case, mark, block), CHECKS) as file:
        counted = tallies(case.plan.keep, case.net, case.profile)
        homes: dict[str, Any] = {}
        last = case.plan.season.blocks - 1 if case.plan.season else 0
        open_ = True  # whether the scenario still waits for its last hour
        for job in jobs(case, block):
            if case.plan.season is not None and job.hours == 0:
                counted, homes, open_ = tallies(case.plan.keep, case.net, case.profile), {}, True
            content = load(job.block) if open_ else None
            if content is None:
                whole, open_ = whole and not open_, False  # nothing follows an hour that failed
                continue
            done = unpacked(job, content)
            failed = case.plan.season is not None and done.about[0]["status"] not in DONE
            _values(file, case, done)
            for name, tally in counted.items():
                tally.merge({key.partition("/")[2]: array for key, array in done.tally.items() if key.startswith(f"{name}/")})
            homes = _joined(homes, done.homes)
            if case.plan.season is not None and (job.hours == last or failed):
                file.about(job.first, done.about)
                open_ = False
                if not failed:
                    _totals(file, counted, homes, job.first)
            elif case.plan.season is None:
                file.about(job.first, done.about)
        if case.plan.season is None and whole:
            _totals(file, counted, {}, None)
        if whole:
            file.finish()
    return whole


def packed(done: Done) -> dict[str, Any]:
    """A block as plain arrays for its part."""
    about = {f"about/{name}": np.array([one[name] for one in done.about]) for name in done.about[0]}
    each = {f"each/{name}": value.astype(np.str_) if value.dtype == object else value for name, value in done.each.items()}
    rest = {f"tally/{name}": value for name, value in done.tally.items()} | {f"homes/{name}": value for name, value in done.homes.items()}
    return about | each | rest | ({} if done.carry is None else {"carry": done.carry})


def unpacked(job: Job, content: dict[str, Any]) -> Done:
    """A block from its part."""
    by: dict[str, dict[str, Any]] = {"about": {}, "each": {}, "tally": {}, "homes": {}}
    for name, value in content.items():
        group, _, of = name.partition("/")
        if group in by:
            by[group][of] = value.astype(object) if value.dtype.kind == "U" and group == "each" else value
    count = len(next(iter(by["about"].values())))
    about = tuple({name: value[at].item() for name, value in by["about"].items()} for at in range(count))
    return Done(job, about, by["each"], by["tally"], by["homes"], content.get("carry"))


def _arrays(case: Case) -> tuple[Array, ...]:
    plan, season = case.plan, case.plan.season
    found = []
    for name in plan.keep.each:
        table, _, of = name.partition(".")
        item = find(name)
        dims = ("scenario", "hour", "rows") if season else ("scenario", "rows")
        found.append(Array("results", table, of, item.unit, item.doc, dims, item.kind))
    over = ("scenario", "rows") if season else ("rows",)
    for name, words in plan.keep.aggregate:
        table, _, of = name.partition(".")
        found += [Array("aggregate", table, f"{of}_{word}", *unit_of(name, word), over) for word in words]
    if season and len(case.net[Building]):
        found += [Array("aggregate", "building", name, *said, over) for name, said in HOMES.items()]
        for at, event in enumerate(season.events):
            doc = f"from the start of '{event.name}' until the room fell below {season.fall - KELVIN:g} degC"
            found.append(Array("aggregate", "building", f"fall_{at}", "h", doc, over))
    return tuple(found)


def _values(file: Writer, case: Case, done: Done) -> None:
    at: Any = slice(done.job.first, done.job.last)
    if case.plan.season is not None:
        hours = case.plan.season.span(done.job.hours)
        at = (done.job.first, slice(hours.start, hours.stop))
    for name, value in done.each.items():
        file.block("results", name, at, value)


def _joined(homes: dict[str, Any], more: dict[str, Any]) -> dict[str, Any]:
    """Sums over blocks; of hours until a fall the first."""
    return {
        name: value if name not in homes else np.fmin(homes[name], value) if name.startswith("fall_") else homes[name] + value
        for name, value in more.items()
    }


def _totals(file: Writer, counted: dict[str, Any], homes: dict[str, Any], scenario: int | None) -> None:
    at = slice(None) if scenario is None else scenario
    for name, tally in counted.items():
        for word, value in tally.results().items():
            file.block("aggregate", f"{name}_{word}", at, value)
    for name, value in homes.items():
        file.block("aggregate", f"building.{name}", at, value)
