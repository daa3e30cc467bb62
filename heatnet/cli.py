"""The command line: each verb parses and makes one library call. Exit 0 done, 1 the input has problems, 2 wrong usage, 3 not solved."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path

import click

from heatnet.console import echo, language, option, put, said, warn
from heatnet.version import VERSION

BROKEN, UNSOLVED, STOPPED = 1, 3, 130
CRITERIA = ("cost_per_avoided", "avoided", "lifted_per_cost", "npv", "robust")
PRINTED = option("language of what is printed: zh or en (default: that of the locale)", handed_on=False)
LANGUAGE = option("language of the report (case file, else zh) and of what is printed (else that of the locale)")
OUTDOOR = click.option("--outdoor", metavar="TEMPERATURE", help='outdoor temperature, as in "-10 degC" or -10 (then degC)')
PROFILE = click.option("--profile", "rule", metavar="NAME|FILE", help="regulation profile: hlj_2021, harbin_2010, who_2018 or a .toml file")


class _Verbs(click.Group):
    """Prints heatnet's own errors as plain lines; nobody who feeds it a broken model should meet a traceback."""

    def invoke(self, ctx: click.Context) -> object:
        from heatnet.errors import HeatnetError, NotSolved  # noqa: PLC0415  keeps `heatnet --help` quick

        try:
            return super().invoke(ctx)
        except HeatnetError as error:
            from heatnet.messages import error_told  # noqa: PLC0415

            put(error_told(error, language()), err=True)
            sys.exit(UNSOLVED if isinstance(error, NotSolved) else BROKEN)
        except OSError as error:
            echo(f"{error.filename or 'file'}: {error.strerror or error}", err=True)
            sys.exit(BROKEN)


@click.group(cls=_Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(VERSION, prog_name="heatnet")
def main() -> None:
    """heatnet: which homes of a district-heating network are cold, why, and what to do about it first.

    MODEL is a folder with model.toml and CSV tables, or a case file (.toml) that names one.
    """


@main.command()
@click.argument("model", type=click.Path(path_type=Path))
@PRINTED
def check(model: Path) -> None:
    """List every problem of a MODEL, with file and line. Exit 1 if it cannot be solved as it is."""
    from heatnet.case import load_case  # noqa: PLC0415
    from heatnet.check import check as find  # noqa: PLC0415
    from heatnet.messages import told  # noqa: PLC0415

    problems = find(load_case(model).net)
    for problem in problems:
        put(told(problem, language()))
    errors = sum(not problem.warning for problem in problems)
    echo(f"{model}: {errors} problems, {len(problems) - errors} warnings")
    sys.exit(BROKEN if errors else 0)


@main.command()
@click.argument("model", type=click.Path(path_type=Path))
@OUTDOOR
@PROFILE
@PRINTED
@click.option("--friction", metavar="LAW", help="colebrook (default), colebrook371, swamee_jain, haaland, altshul or epanet")
@click.option("--out", type=click.Path(path_type=Path), help="write results: a .h5 file, or a folder of CSV tables")
def solve(model: Path, outdoor: str | None, rule: str | None, friction: str | None, out: Path | None) -> None:
    """Solve a MODEL: flow, pressure, temperature, rooms; print a summary and the five coldest homes."""
    from heatnet.case import load_case  # noqa: PLC0415
    from heatnet.verbs import run, save, summary  # noqa: PLC0415

    result = run(load_case(model, outdoor, rule, friction), warn)
    echo(summary(result))
    if out:
        echo(f"results: {save(result, out)}")


@main.command()
@click.argument("model", type=click.Path(path_type=Path))
@OUTDOOR
@PROFILE
@LANGUAGE
@click.option("--user", metavar="ID", help="building or consumer whose path the pressure diagram shows first (default: the coldest)")
@click.option("--scenario", metavar="NAME", help="scenario of a run whose season is told hour by hour (default: the worst)")
@click.option("--against", type=click.Path(path_type=Path), help="compare stored result MODEL (.h5), as before, with this one, as after")
@click.option("--measured", type=click.Path(path_type=Path), help="CSV with measured rooms: columns building and room [degC]")
@click.option("--limits", type=click.Path(path_type=Path), help="file of limits from which the report flags, and of prices (.toml)")
@click.option("--out", type=click.Path(path_type=Path), multiple=True, default=(Path("report.html"),), show_default=True,
              help="a .html page, a .xlsx workbook or a folder of CSV tables; may be given several times")
@click.option("--quiet", is_flag=True, help="print only where the report is")
def report(
    model: Path, outdoor: str | None, rule: str | None, lang: str | None, user: str | None, scenario: str | None, against: Path | None,
    measured: Path | None, limits: Path | None, out: tuple[Path, ...], quiet: bool,
) -> None:
    """Write the report of under-heated homes of a MODEL, of a stored result or a run (.h5), or a comparison of two stored results."""
    from heatnet.case import load_case  # noqa: PLC0415
    from heatnet.verbs import (  # noqa: PLC0415
        STORES,
        of_run,
        open_run,
        open_store,
        run,
        summary,
        write_comparison,
        write_report,
        write_run_report,
    )

    stored = model.suffix.lower() in STORES
    if stored and (outdoor is not None or rule is not None):
        raise click.UsageError(said("a stored result keeps its weather and profile: solve the model again for --outdoor or --profile"))
    if against is not None:
        if not stored or against.suffix.lower() not in STORES:
            raise click.UsageError(said("--against compares two stored results (.h5): heatnet solve MODEL --out results.h5 stores one"))
        written = write_comparison(model, against, lang or "zh", out, limits)
    elif stored and of_run(model):
        if user is not None or measured is not None or limits is not None:
            raise click.UsageError(said("--user, --measured and --limits are of one state; a run takes --scenario, --lang and --out"))
        written = write_run_report(open_run(model), lang or "zh", scenario, out)
    elif stored:
        written = write_report(open_store(model), lang or "zh", user, out, measured, limits)
    else:
        case = load_case(model, outdoor, rule)
        result = run(case, None if quiet else warn)
        if not quiet:
            echo(summary(result))
        written = write_report(result, lang or case.language, user or case.user or None, out, measured, limits)
    for path in written:
        echo(f"report: {path}")


@main.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="store of the results (default: the case with .h5)")
@click.option("--engine", default="", metavar="NAME", help="processes (default), threads, dask, or dask://host:port")
@click.option("--workers", type=click.IntRange(min=1), help="workers of this machine (default: one a core)")
@PRINTED
@click.option("--quiet", is_flag=True, help="print only the summary")
def run(case: Path, out: Path | None, engine: str, workers: int | None, quiet: bool) -> None:
    """Run all scenarios of a CASE: its axes, or its season. Stopped or killed, the same command goes on where it was."""
    from heatnet.batch import Silent, Stopped, shown  # noqa: PLC0415
    from heatnet.batch import run as work  # noqa: PLC0415
    from heatnet.case import load_case  # noqa: PLC0415

    target = out or Path(case.with_suffix(".h5").name)
    try:
        with Silent() if quiet else shown(said) as progress:
            result = work(load_case(case), target, engine=engine, workers=workers, progress=progress)
    except Stopped as error:
        echo(str(error), err=True)
        sys.exit(STOPPED)
    echo(result.summary())


@main.command()
@click.argument("case", type=click.Path(path_type=Path))
@OUTDOOR
@PROFILE
@LANGUAGE
@click.option("--target", type=click.Choice(["design flow", "load flow", "room temperature"]), default="design flow", show_default=True)
@click.option("--lift", type=click.Choice(["least", "kept"]), default="least", show_default=True, help="plant lifts and pump speeds")
@click.option("--at-most", type=click.IntRange(min=0), metavar="N", help="set only the N valves that help most; the lift is kept")
@click.option("--catalogue", metavar="FILE|generic", help="valve catalogue (CSV): settings are positions of its types")
@click.option(
    "--out", type=click.Path(path_type=Path), multiple=True,
    help="field sheet .csv, workbook .xlsx, store .h5, report .html or a folder of CSV tables; may be given several times",
)
def balance(
    case: Path, outdoor: str | None, rule: str | None, lang: str | None, target: str, lift: str, at_most: int | None, catalogue: str | None,
    out: tuple[Path, ...],
) -> None:
    """Find valve settings and lifts that give every consumer of a CASE its share. Exit 3 if there is no answer."""
    from heatnet.balance import Rules  # noqa: PLC0415
    from heatnet.case import load_case  # noqa: PLC0415
    from heatnet.verbs import balanced, refuse_balance_files, save_balance  # noqa: PLC0415

    refuse_balance_files(out)
    given = load_case(case, outdoor, rule)
    done = balanced(given, target, Rules(lift=lift, at_most=at_most), catalogue)
    put(done.summary(language()))
    for path in out:
        echo(f"written: {save_balance(done, given, path, lang or given.language)}")


@main.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--criterion", type=click.Choice(CRITERIA), help="what to rank by (case file, else cost_per_avoided)")
@click.option("--baseline", type=click.Choice(["balanced", "today"]), help="what to compare with (case file, else balanced)")
@click.option("--rebalanced", is_flag=True, default=None, help="balance again after each measure")
@click.option("--propose", is_flag=True, help="add candidates proposed from what the network looks like")
@click.option("--confidence", "sampled", is_flag=True, help="rank again in samples of what is uncertain, as [retrofit.uncertainty] says")
@click.option("--worth", "gradients", is_flag=True, help="tell what a metre of wider pipe, insulation, lift and so on are worth, and where")
@click.option("--out", type=click.Path(path_type=Path), help="write tables: .h5, .xlsx, or a folder of CSV files")
@click.option("--report", "html", type=click.Path(path_type=Path, dir_okay=False), help="write the report as one HTML file")
@LANGUAGE
@click.option("--quiet", is_flag=True, help="print no progress")
def rank(
    case: Path, criterion: str | None, baseline: str | None, rebalanced: bool | None, propose: bool, sampled: bool, gradients: bool,
    out: Path | None, html: Path | None, lang: str | None, quiet: bool,
) -> None:
    """Rank the retrofit candidates of a CASE (or proposals for a model folder) by what they relieve for their cost."""
    from heatnet.batch import Silent, shown  # noqa: PLC0415
    from heatnet.retrofit import confidence, read_study  # noqa: PLC0415
    from heatnet.retrofit.tables import ranking_tables  # noqa: PLC0415
    from heatnet.verbs_retrofit import confidence_lines, ranking, ranking_about, ranking_lines, report, save, worth_lines  # noqa: PLC0415

    given = {"criterion": criterion, "baseline": baseline, "rebalanced": rebalanced}
    on = read_study(case, changed={name: value for name, value in given.items() if value is not None})
    with Silent() if quiet else shown(said) as progress:
        result = ranking(on, progress, propose=propose)
    echo(ranking_lines(result, language()))
    tables = ranking_tables(result)
    if gradients:
        from heatnet.retrofit.worth_table import DOC, worth_frame  # noqa: PLC0415

        tables["worth"] = (worth_frame(result.study), DOC)
        echo(worth_lines(tables["worth"][0], language()))
    if sampled:
        tables["ranking_confidence"] = (confidence(result.study).frame(), "how often each candidate is among the top, and intervals")
        echo(confidence_lines(tables["ranking_confidence"][0]))
    if out:
        echo(f"tables: {save(result.study, out, tables, ranking_about(result))}")
    if html:
        echo(f"report: {report(result.study, html, tables, ranking_about(result), lang)}")


@main.command()
@click.argument("case", type=click.Path(path_type=Path))
@click.option("--on", type=click.DateTime(["%Y-%m-%d"]), help="date on which the works under way are looked at, as 2022-01-15")
@click.option("--budget", type=click.FloatRange(min=0.0), help="budget in the currency of the prices (case file, else none)")
@click.option("--rebalanced", is_flag=True, help="set the valves anew after each set of works")
@click.option("--out", type=click.Path(path_type=Path), help="write tables: .h5, .xlsx, or a folder of CSV files")
@click.option("--report", "html", type=click.Path(path_type=Path, dir_okay=False), help="write the report as one HTML file")
@LANGUAGE
@click.option("--quiet", is_flag=True, help="print no progress")
def programme(
    case: Path, on: datetime | None, budget: float | None, rebalanced: bool, out: Path | None, html: Path | None, lang: str | None,
    quiet: bool,
) -> None:
    """Choose a programme of works under a budget from the candidates of a CASE; with --on, tell how the works under way stand on a date."""
    from heatnet.batch import Silent, shown  # noqa: PLC0415
    from heatnet.verbs_retrofit import programme as chosen  # noqa: PLC0415
    from heatnet.verbs_retrofit import report, save, standing  # noqa: PLC0415

    with Silent() if quiet else shown(said) as progress:
        if on is None:
            result = chosen(case, budget, progress, rebalanced=rebalanced, lang=language())
        else:
            result = standing(case, on.date(), progress)
    echo(result.text)
    if out:
        echo(f"tables: {save(result.study, out, result.tables, result.about)}")
    if html:
        echo(f"report: {report(result.study, html, result.tables, result.about, lang)}")


@main.command()
@click.argument("table", required=False)
def columns(table: str | None) -> None:
    """Print the columns of a TABLE of the model folder (of all tables if none is named), as in docs/format.md."""
    from heatnet.verbs import reference  # noqa: PLC0415

    click.echo(reference(table), nl=False)


if __name__ == "__main__":
    main()
