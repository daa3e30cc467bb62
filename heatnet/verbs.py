"""What the command line calls: load a model or case, run it, tell of it in a few lines, write results and report."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from heatnet.case import Case
from heatnet.check import check
from heatnet.components import Consumer, Pipe, Plant
from heatnet.errors import HeatnetError, ModelError, Problem, ReadError, nearest
from heatnet.network import KINDS, TABLES, Building, Node
from heatnet.regime import regime
from heatnet.rooms import CUT_OFF, OTHER, SHUT, Rooms, rooms
from heatnet.solve import solve
from heatnet.units import KELVIN

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from heatnet.balance import Balance, Rules
    from heatnet.batch.result import Result
    from heatnet.report import Document
    from heatnet.store import Store

PAGES = (".html", ".htm")  # suffixes of reports
STORES = (".h5", ".hdf5")  # suffixes of stored results
WORST = 5  # homes named in the summary
STILL = 1e-6  # kg/s, less is no flow


def run(case: Case, warn: Callable[[Problem | str], None] | None = None) -> Rooms:
    """Check, solve and find the rooms; ModelError lists every problem, NotSolved says why there is no answer.

    `warn` is told every warning of the check, and in a line each what is odd in the answer.
    """
    found = check(case.net)
    broken = [problem for problem in found if not problem.warning] + unheated(case)
    if broken:
        raise ModelError(broken)
    result = rooms(solve(case.net, case.settings), case.profile)
    warnings: list[Problem | str] = [*found, *odd(result)]
    for warning in warnings:
        if warn is not None:
            warn(warning)
    return result


def unheated(case: Case) -> list[Problem]:
    """A network with consumers into which nothing brings heat is no answer to which homes are cold."""
    net = case.net
    if not case.settings.heat or not len(net[Consumer]) or len(net[Plant]) or (net[Node].inflow > 0.0).any():
        return []
    text = "no plant heats the consumers of this network; give at least one row in plant.csv, or solve flows only with heat = false"
    return [Problem(text, Plant.kind())]


def odd(result: Rooms) -> list[str]:
    """What is odd in an answer: water that runs backwards through a plant, homes that are cut off."""
    state = result.state
    names, flow = state.arrays.net[Plant].id, state.m[state.of(Plant)]
    shut = state.arrays.closed[state.of(Consumer)]
    every = shut.size > 0 and bool(shut.all())
    advice = "no inlet draws on it and others push it back; open the inlets" if every else "others push it back; raise its lift"
    lines = [
        f"warning: water runs backwards through plant '{names[row]}' at {-flow[row] * 3.6:.1f} t/h: {advice}, or shut it off"
        for row in np.flatnonzero(flow < -STILL)
    ]
    if count := np.count_nonzero(shut):
        of = "every inlet is" if every else f"{count} of {shut.size} inlets are"
        lines.append(f"warning: {of} shut (opening 0 or flow 0 in consumer.csv): no heat reaches what stands behind")
    cut = np.count_nonzero(result.cause == CUT_OFF)
    return [*lines, *([f"warning: {cut} buildings are cut off from every plant in service: no heat reaches them"] if cut else [])]


def summary(result: Rooms) -> str:
    """The answer in a few lines: solver, plants, homes, the five coldest."""
    state = result.state
    net, residuals = state.arrays.net, state.residuals
    cold, households = result.cold, net[Building].households
    lines = [
        f"{net.name}: {len(net[Pipe])} pipes, {len(net[Consumer])} consumers, {len(net[Building])} buildings; "
        f"outdoor {state.scene.outdoor - KELVIN:.1f} degC",
        f"{state.message}: {state.steps} Newton steps in {state.passes} passes; residuals {residuals.pressure:.1e} Pa, "
        f"{residuals.mass:.1e} kg/s, {residuals.energy:.1e} W",
    ]
    flow, heat = state.m[state.of(Plant)], -state.heat(Plant)
    inlet, outlet = state.t_in[state.of(Plant)] - KELVIN, state.t_out[state.of(Plant)] - KELVIN
    lines += [
        f"plant {name}: {heat[row] / 1e6:.2f} MW, {flow[row] * 3.6:.0f} t/h, {outlet[row]:.1f}/{inlet[row]:.1f} degC"
        for row, name in enumerate(net[Plant].id)
    ]
    lines.append(regime(state).line())
    if not len(net[Building]):
        return "\n".join(lines)
    lines.append(
        f"below {result.profile.required - KELVIN:.0f} degC ({result.profile.name}): {np.count_nonzero(cold)} of {cold.size} buildings, "
        f"{households[cold].sum():.0f} of {households.sum():.0f} households; refunds {_money(result)}"
    )
    worst = np.argsort(result.temperature, kind="stable")[:WORST]
    if cold.any():
        lines.append("coldest homes:")
    lines += [_home(result, int(row)) for row in worst if cold[row]]
    return "\n".join(lines)


def save(result: Rooms, out: Path) -> Path:
    """Results as an HDF5 store (.h5) or a folder of CSV tables."""
    from heatnet import store  # noqa: PLC0415  h5py loads when something is written

    if out.suffix.lower() in STORES:
        store.write(out, [("base", result.state, result)])
        _put_regime(out, result)
    else:
        store.write_csv(out, result.state, result)
    return out


def balanced(case: Case, target: str, rules: Rules, catalogue: str | None) -> Balance:
    """A balance of a case; `catalogue` is a CSV, "generic" for the shipped one, or None."""
    from heatnet.balance import balance  # noqa: PLC0415
    from heatnet.valve_catalogue import valve_catalogue  # noqa: PLC0415

    types = None if catalogue is None else valve_catalogue(None if catalogue == "generic" else catalogue)
    return balance(case.net, target, settings=case.settings, rules=rules, rule=case.profile, catalogue=types)


def refuse_balance_files(outs: Sequence[Path]) -> None:
    """ReadError lists every target that is no field sheet, workbook, store, report or free folder, before any work is done."""
    from heatnet.balance.writing import FORMATS, refuse_folder  # noqa: PLC0415

    known, problems = (*filter(None, FORMATS), *PAGES), []
    for out in outs:
        if out.suffix and out.suffix.lower() not in known:
            problems.append(Problem(f"--out {out}: no format for '{out.suffix}'; known: {', '.join(known)}, or a folder"))
        elif not out.suffix:
            try:
                refuse_folder(out)
            except HeatnetError as error:
                problems.append(Problem(f"--out {error}"))
        elif out.is_dir():
            problems.append(Problem(f"--out {out}: is a folder; give a file, or a folder without '{out.suffix}' in its name"))
    if problems:
        raise ReadError(problems)


def save_balance(done: Balance, case: Case, out: Path, language: str) -> Path:
    """A balance as field sheet (.csv), workbook (.xlsx), store (.h5), report (.html) or folder of tables."""
    from heatnet import report, store  # noqa: PLC0415
    from heatnet.balance import proof  # noqa: PLC0415
    from heatnet.balance.writing import tables, write_balance  # noqa: PLC0415
    from heatnet.report.valve_tables import translated_tables  # noqa: PLC0415

    proved = proof(done, case.profile)
    if out.suffix.lower() not in PAGES:
        return write_balance(done, proved, out, translated_tables(tables(done, proved), language))
    with tempfile.TemporaryDirectory() as folder:
        path = write_balance(done, proved, Path(folder) / "balance.h5")
        return _print(report.build(store.read(path), language, scenario=1), out)


def reference(table: str | None = None) -> str:
    """Columns of one table, or of all, as Markdown; ReadError names the nearest table."""
    if table is not None and table not in KINDS:
        raise ReadError([Problem(f"no table '{table}'{nearest(table, KINDS)}")])
    lines = []
    for kind in [KINDS[table]] if table else TABLES:
        lines += [f"### {kind.kind()}.csv", "", "| column | unit | what | range | if not given |", "|---|---|---|---|---|"]
        for name, item in kind.columns().items():
            limits = ", ".join(item.choices) if item.choices else "" if item.text else item.range
            fill = f"{item.default:g}" if isinstance(item.default, float) else str(item.default or "-")
            default = "must be given" if item.required else fill
            refers = f" (id of a {item.refers})" if item.refers else ""
            lines.append(f"| {name} | {item.unit or 'text'} | {item.doc}{refers} | {limits} | {default} |")
        lines.append("")
    return "\n".join(lines)


def of_run(path: Path) -> bool:
    """Whether a file holds the results of a run of many scenarios."""
    from heatnet import store  # noqa: PLC0415  h5py loads when something is read

    return store.is_run(path)


def open_store(path: Path) -> Store:
    """A stored result."""
    from heatnet import store  # noqa: PLC0415  h5py loads when something is read

    return store.read(path)


def open_run(path: Path) -> Result:
    """The results of a run."""
    from heatnet.batch import open_run as opened  # noqa: PLC0415

    return opened(path)


def write_run_report(result: Result, language: str, scenario: str | None, outs: Sequence[Path]) -> list[Path]:
    """The report of a run in each of the files."""
    from heatnet import report  # noqa: PLC0415  jinja2 loads when a report is asked for

    document = report.build_run(result, language, scenario)
    return [_print(document, out) for out in outs]


def write_report(
    result: Rooms | Store, language: str, user: str | None, outs: Sequence[Path], measured: Path | None = None, limits: Path | None = None
) -> list[Path]:
    """The report in each of the files; results that are not stored yet pass through a store on their way."""
    from heatnet import report, store  # noqa: PLC0415  jinja2 and h5py load when a report is asked for
    from heatnet.report import limits as limit_files  # noqa: PLC0415

    if isinstance(result, Rooms):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "results.h5"
            store.write(path, [("base", result.state, result)])
            _put_regime(path, result)
            return write_report(store.read(path), language, user, outs, measured, limits)
    if measured is not None:
        result = result.with_table("measured", report.read_measured(measured, (str(name) for name in result.net[Building].id)))
    given = limit_files.read(limits) if limits is not None else None
    try:
        warnings = [problem for problem in check(result.net) if problem.warning]
        document = report.build(result, language, user, limits=given, warnings=warnings)
    except KeyError as error:
        raise HeatnetError(f"--user: {error.args[0]}") from None
    return [_print(document, out) for out in outs]


def write_comparison(before: Path, after: Path, language: str, outs: Sequence[Path], limits: Path | None = None) -> list[Path]:
    """The comparison of two stored results in each of the files."""
    from heatnet import report, store  # noqa: PLC0415
    from heatnet.report import limits as limit_files  # noqa: PLC0415

    given = limit_files.read(limits) if limits is not None else None
    names = (before.stem, after.stem) if before.stem != after.stem else (str(before), str(after))
    document = report.compare(store.read(before), store.read(after), language, names=names, limits=given)
    return [_print(document, out) for out in outs]


def _print(document: Document, out: Path) -> Path:
    """A document as the suffix of its target says: a page, a workbook, or a folder of CSV tables."""
    from heatnet import report  # noqa: PLC0415

    writer = {".html": report.write, ".htm": report.write, ".xlsx": report.write_xlsx, "": report.write_csv}.get(out.suffix.lower())
    if writer is None:
        raise HeatnetError(f"--out {out}: a report is written as .html, as .xlsx, or as a folder of CSV tables (a name without a dot)")
    writer(document, out)
    return out


def _put_regime(path: Path, result: Rooms) -> None:
    """The pressure regime as named tables of a store."""
    from heatnet import store  # noqa: PLC0415  h5py loads when something is written

    found = regime(result.state)
    for name, (frame, doc) in found.tables().items():
        store.add_table(path, name, frame, doc, {"limits": found.limits.name, "unknown height": found.unknown_height})


def _home(result: Rooms, row: int) -> str:
    building = result.state.arrays.net[Building]
    where = " ".join(part for part in (building.district[row], building.street[row], building.name[row]) if part)
    best = result.substituted[:, row].max() - KELVIN
    words = {OTHER: "no single one", CUT_OFF: "cut off from every plant", SHUT: "inlet valve shut"}
    cause = words.get(str(result.cause[row]), f"{result.cause[row]} (without it {best:.1f} degC)")
    return (
        f"  {result.temperature[row] - KELVIN:5.1f} degC  {building.id[row]}  {where}  {building.households[row]:.0f} households  "
        f"flow ratio {result.flow_ratio[row]:.2f}  cause: {cause}"
    )


def _money(result: Rooms) -> str:
    known = ~np.isnan(result.refund)
    if not known.any():
        return "unknown (no fee or area given)"
    text = f"{np.nansum(result.refund):,.0f} {result.state.arrays.net.site.currency}/day"
    return text if known.all() else f"{text} (without {np.count_nonzero(~known)} buildings of unknown area)"
