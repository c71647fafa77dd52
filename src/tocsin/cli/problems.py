"""`tocsin problems`: look for repeats now, judge measures, make digests."""

import json
from datetime import date
from typing import Annotated

import typer
from django.db import connection
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from tocsin.domain.problems import actions, queries
from tocsin.kernel.clock import database_now
from tocsin.kernel.errors import InvalidInput

app = typer.Typer(no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def detect(
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Count all of history anew, not only what changed.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Look for repeats up to the end of yesterday, and print what waits for a decision. May be interrupted."""
    console = Console(stderr=True, highlight=False)
    with Progress(SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn(), console=console) as shown:
        task = shown.add_task("beginning", total=None)
        look = actions.detect(
            now=database_now(connection), anew=rebuild, say=lambda word: shown.update(task, description=word)
        )
    found = list(queries.proposals())
    if as_json:
        rows = [
            {
                "series": one.series, "sentence": one.sentence, "weeks": one.weeks, "recent": one.recent, "usual": one.usual,
                "ratio": one.ratio, "p": one.p, "adjusted": one.adjusted, "scatter": one.scatter,
            }
            for one in found
        ]  # fmt: skip
        told = {"days_counted": look.days, "series": look.series, "weeks": look.weeks, "new": look.proposed,
                "lapsed": look.lapsed, "proposals": rows}  # fmt: skip
        typer.echo(json.dumps(told, ensure_ascii=False))
        return
    typer.echo(
        f"{look.series} series of {look.weeks} weeks; {look.days} days counted; {look.proposed} new, {look.lapsed} lapsed"
    )
    for one in found:
        typer.echo(f"x{one.ratio:.1f}\tp={one.p:.2g}\t{one.sentence}")


@app.command()
def judge(as_json: AsJson = False) -> None:
    """Judge every measure by the counts up to yesterday, and print what came of each."""
    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as shown:
        task = shown.add_task("measures", total=None)
        changed = actions.judge_measures(
            now=database_now(connection), say=lambda done, of: shown.update(task, completed=done, total=of)
        )
    found = list(queries.measures())
    if as_json:
        rows = [{"problem": m.problem.reference, "measure": m.title, "verdict": m.verdict, "sentence": m.sentence, **m.figures}
                for m in found]  # fmt: skip
        typer.echo(json.dumps({"changed": changed, "measures": rows}, ensure_ascii=False))
        return
    typer.echo(f"{len(found)} measures judged, {changed} verdicts changed")
    for one in found:
        typer.echo(f"{one.problem.reference}\t{one.title}\t{one.sentence}")


@app.command()
def digest(
    month: Annotated[str, typer.Option(help="Such as 2026-05; otherwise the last whole month.")] = "",
    as_json: AsJson = False,
) -> None:
    """Make the monthly digests of all teams that are not made yet, and tell their leads."""
    try:
        asked = date.fromisoformat(f"{month}-01") if month else None
    except ValueError:
        problem = f"{month} is no month. Write it like 2026-05."
        raise InvalidInput("bad_month", problem, {"month": problem}) from None
    made = actions.make_digests(now=database_now(connection), month=asked)
    typer.echo(json.dumps({"made": made}) if as_json else f"{made} digests made")
