"""The retrofit part of a case file.

    [retrofit]    criterion, baseline, rebalanced, budget, yearly, robbed, fall, propose, states, duration, weather (from, to, seed),
                  prices, price_factor, heat_price, electricity_price, interest, period, checked, and [retrofit.uncertainty]
    [[price]]     item and the numbers of the price table that are others here
    [[candidate]] id, measure and the options of the measure; name, cost, upkeep, life, excludes, requires, state, start, finish
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import date
from difflib import get_close_matches
from math import nan
from pathlib import Path
from typing import Any

from heatnet.batch.axes import read_hours
from heatnet.batch.page import Page, Part
from heatnet.case import Case, load_case
from heatnet.check import check
from heatnet.effects import WeatherState
from heatnet.errors import HeatnetError, Problem, ReadError, nearest
from heatnet.network import Network
from heatnet.read import read
from heatnet.retrofit.candidate import STATES, Candidate, Given, priced
from heatnet.retrofit.duration import LEVELS, SHIPPED, read_curve, states
from heatnet.retrofit.economics import Tariff
from heatnet.retrofit.measures import MEASURES
from heatnet.retrofit.options import options, read_options
from heatnet.retrofit.prices import NUMBERS, Prices, read_prices
from heatnet.retrofit.proposals import PROPOSALS
from heatnet.retrofit.references import check_references
from heatnet.retrofit.study import BASELINES, CRITERIA, Choices, Study, Uncertainty, study
from heatnet.retrofit.underway import Winter
from heatnet.units import quantity

RETROFIT = (
    "criterion", "baseline", "rebalanced", "budget", "yearly", "robbed", "fall", "propose", "states", "duration", "weather", "from", "to",
    "seed", "year", "prices", "price_factor", "heat_price", "electricity_price", "interest", "period", "checked", "uncertainty",
)
OWN = ("id", "measure", "name", "cost", "upkeep", "life", "excludes", "requires", "state", "start", "finish")
MONEY = 1e13
SPREADS = {"roughness": 3.0, "loss": 3.0, "load": 1.0, "weather": 10.0}


def read_study(path: str | Path, *, outdoor: str | None = None, changed: Mapping[str, Any] | None = None) -> Study:
    """The study of a case file, or of a model folder with default choices; ReadError lists every problem of the whole file.

    `changed` replaces fields of Choices (criterion, baseline, propose ...), as the command line does.
    """
    path = Path(path)
    data, page = _open(path)
    case = _case(path, outdoor, data, page)
    choices = replace(_choices(page, data, case.net), **(changed or {}))
    prices = _prices(page, data, path.parent)
    weather = _weather(page, data, path.parent, case.net)
    _candidates_alone(page, data, case.net)
    if page.problems:
        raise ReadError(page.problems)
    found = study(case, choices, prices=prices, weather=weather)
    candidates = read_candidates(page, data, found)
    if page.problems:
        raise ReadError(page.problems)
    return found.with_(candidates)


def read_winter(path: str | Path) -> Winter:
    """The winter of [programme] in a case file: season (two dates), weather (harbin or a file), seed, delay [d]; or ReadError."""
    path = Path(path)
    data, page = _open(path)
    part = Part(page, data.get("programme", {}), "programme")
    part.known(("season", "weather", "seed", "year", "delay"))
    season = part.data.get("season")
    if not isinstance(season, list) or len(season) != 2:
        part.add('season is the first and the last day of the winter, as in season = ["2021-10-20", "2022-04-20"]', "season")
        raise ReadError(page.problems)
    given: dict[str, Any] = {"weather": "harbin", "from": season[0], "to": season[1]}
    given |= {key: part.data[key] for key in ("weather", "seed", "year") if key in part.data}
    hours = read_hours(Part(page, given, "programme"), path.parent, "weather")
    delay = part.count_of("delay", 30, least=1, most=366)
    if page.problems or hours is None:
        raise ReadError(page.problems)
    return Winter.of(hours, delay)


def read_candidates(page: Page, data: dict[str, Any], on: Study) -> tuple[Candidate, ...]:
    """Candidates of a case file on a baseline; problems go to the page."""
    found: list[Candidate] = []
    for number, item in enumerate(data.get("candidate", [])):
        part = _part(page, item, number)
        if part is not None and (one := _candidate(part, on)) is not None:
            found.append(one)
    return tuple(found)


def _open(path: Path) -> tuple[dict[str, Any], Page]:
    if path.suffix != ".toml" or path.name == "model.toml":
        return {}, Page(str(path), [])
    try:
        text = path.read_text(encoding="utf-8-sig")
        return tomllib.loads(text), Page(str(path), text.splitlines())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ReadError([Problem(f"cannot be read: {error}", where=str(path))]) from None


def _case(path: Path, outdoor: str | None, data: dict[str, Any], page: Page) -> Case:
    """The case; where it has problems, those of its candidates are told with them."""
    try:
        return load_case(path, outdoor)
    except ReadError as error:
        page.problems += error.problems
        if isinstance(data.get("model"), str):
            try:
                net = read(path.parent / data["model"])
            except HeatnetError:
                raise error from None
            _choices(page, data, net)
            _candidates_alone(page, data, net)
        raise ReadError(page.problems) from None


def _part(page: Page, item: Any, number: int) -> Part | None:
    if isinstance(item, dict):
        return Part(page, item, "candidate", number)
    page.add("candidate is a table of its own, written as [[candidate]]", "", 0, "candidate")
    return None


def _candidates_alone(page: Page, data: dict[str, Any], net: Network) -> None:
    """Problems of candidates that show without a baseline."""
    for number, item in enumerate(data.get("candidate", []) if isinstance(data.get("candidate"), list) else []):
        if (part := _part(page, item, number)) is not None:
            _options(part, net)
            _given(part)
    check_references(page, data)


def _options(part: Part, net: Network) -> Any:
    """The measure of a candidate."""
    key = part.data.get("measure")
    if key is None:
        near = get_close_matches("measure", set(part.data) - set(OWN), n=1)
        part.add(f"missing key 'measure'{f': {near[0]!r} is unknown, did you mean it?' if near else ''}", "measure")
        return None
    if key not in MEASURES:
        part.add(f"measure {key!r} is none{nearest(str(key), MEASURES)}", "measure")
        return None
    kind = MEASURES[key]
    part.known((*OWN, *options(kind)))
    return read_options(part, kind, net)


def _candidate(part: Part, on: Study) -> Candidate | None:
    before = len(part.page.problems)
    measure = _options(part, on.today)
    given, state, start, finish = _given(part)
    name = part.word("id")
    if measure is None or len(part.page.problems) > before:
        return None
    try:
        work = measure.work(on.basis, name)
        broken = [one for one in check(on.basis.net.apply(work.scenario)) if not one.warning]
    except ValueError as error:
        part.add(str(error), "measure")
        return None
    for problem in broken:
        part.add(f"it would break a rule of the model: {problem.table} '{problem.id}' {problem.column}: {problem.text}", "measure")
    if broken:
        return None
    return Candidate(
        name, measure, work, priced(work, on.prices, given), part.word("name"), excludes=part.words("excludes"),
        requires=part.words("requires"), state=state, start=start, finish=finish, given=given,
    )


def _given(part: Part) -> tuple[Given, str, date | None, date | None]:
    """What a case file says of a candidate whatever its measure: its money, its state and its dates."""
    if not part.word("id"):
        part.add("missing key 'id', a short name of the work", "id" if "id" in part.data else "")
    part.word("name")
    given = Given(
        part.number_of("cost", least=0.0, most=MONEY) if "cost" in part.data else nan,
        part.number_of("upkeep", least=0.0, most=MONEY) if "upkeep" in part.data else nan,
        part.number_of("life", least=0.1, most=200.0) if "life" in part.data else 20.0,
    )
    start, finish = (part.day(key) if key in part.data else None for key in ("start", "finish"))
    if start and finish and finish < start:
        part.add(f"finish {finish} is before start {start}", "finish")
    state = part.word("state", "planned", STATES)
    if state == "done" and finish is None:
        part.add("a work that is done has a date: finish", "state")
    return given, state, start, finish


def _choices(page: Page, data: dict[str, Any], net: Network) -> Choices:
    part = Part(page, data.get("retrofit", {}), "retrofit")
    part.known(RETROFIT)
    base = Choices()

    def number(key: str, default: float, most: float = MONEY, least: float = 0.0) -> float:
        return part.number_of(key, least=least, most=most) if key in part.data else default

    tariff = Tariff(
        number("heat_price", Tariff.heat), number("electricity_price", Tariff.electricity), number("interest", Tariff.interest, 1.0),
        number("period", Tariff.period, 200.0, 1.0),
    )
    yearly = part.data.get("yearly", [])
    if not isinstance(yearly, list) or not all(type(one) in (int, float) and 0 <= one <= MONEY for one in yearly):
        part.add("yearly is a list of budgets, one a year, as in yearly = [1000000, 2000000]", "yearly")
        yearly = []
    propose = part.words("propose")
    for one in propose:
        if one not in PROPOSALS:
            part.add(f"propose '{one}' is none{nearest(one, PROPOSALS)}", "propose")
    rebalanced = part.data.get("rebalanced", False)
    if not isinstance(rebalanced, bool):
        part.add(f"rebalanced is true or false, not {rebalanced!r}", "rebalanced")
    return Choices(
        part.word("criterion", base.criterion, CRITERIA), part.word("baseline", base.baseline, BASELINES), bool(rebalanced),
        number("budget", nan), tuple(float(one) for one in yearly), number("robbed", base.robbed),
        part.quantity("fall", "K (difference)", base.fall), propose, tariff, _uncertainty(part),
        part.count_of("checked", base.checked, least=0, most=100_000),
    )


def _uncertainty(part: Part) -> Uncertainty:
    given = part.data.get("uncertainty", {})
    if not isinstance(given, dict):
        part.add("uncertainty is a table of its own, written as [retrofit.uncertainty]", "uncertainty")
        return Uncertainty()
    inner = Part(part.page, given, "retrofit.uncertainty")
    inner.known(tuple(item.name for item in fields(Uncertainty)))
    base = Uncertainty()
    spread = {key: inner.number_of(key, least=0.0, most=most) for key, most in SPREADS.items() if key in given}
    counts = {
        key: inner.count_of(key, getattr(base, key), least=least, most=most)
        for key, least, most in (("samples", 1, 100_000), ("seed", 0, 2**32), ("top", 1, 1000))
    }
    return replace(base, **spread, **counts)  # type: ignore[arg-type]


def _prices(page: Page, data: dict[str, Any], folder: Path) -> Prices:
    part = Part(page, data.get("retrofit", {}), "retrofit")
    try:
        prices = read_prices(folder / part.word("prices")) if "prices" in part.data else read_prices()
    except ReadError as error:
        page.problems += error.problems
        return read_prices()
    if "price_factor" in part.data:
        prices = replace(prices, factor=part.number_of("price_factor", least=0.01, most=100.0))
    changed: dict[str, dict[str, float]] = {}
    for number, item in enumerate(data.get("price", [])):
        if not isinstance(item, dict):
            page.add("price is a table of its own, written as [[price]]", "", 0, "price")
            continue
        entry = Part(page, item, "price", number)
        entry.known(("item", *NUMBERS))
        name = entry.word("item")
        if name not in prices.entries:
            entry.add(f"no work is paid by '{name}'{nearest(name, prices.entries)}", "item")
            continue
        changed[name] = {
            key: entry.number_of(key, least=0.1 if key == "life" else 0.0, most=MONEY) for key in NUMBERS if key in item
        }
    return prices.with_(changed)


def _weather(page: Page, data: dict[str, Any], folder: Path, net: Network) -> tuple[WeatherState, ...]:
    part = Part(page, data.get("retrofit", {}), "retrofit")
    levels: tuple[float, ...] = LEVELS
    if "states" in part.data:
        try:
            levels = tuple(quantity(one, "K") for one in part.listed("states"))
        except ValueError as error:
            part.add(f"states: {error}", "states")
    try:
        if "weather" in part.data:
            hours = read_hours(part, folder, "weather")
            return states(levels, hours, net.site.season_days) if hours is not None else ()
        curve = read_curve(folder / part.word("duration") if "duration" in part.data else SHIPPED)
        return states(levels, curve, net.site.season_days)
    except ReadError as error:
        page.problems += error.problems
    except HeatnetError as error:
        part.add(str(error), "states")
    return ()

