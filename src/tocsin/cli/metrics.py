"""`tocsin metrics`: figures for programs and people, and counting the facts behind them anew (docs/insights.md)."""

import json
from datetime import timedelta
from typing import Annotated

import typer
from django.db import connection
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from tocsin.domain.insights import actions, queries
from tocsin.domain.insights.logic.metrics import METRICS
from tocsin.domain.insights.logic.metrics_words import written
from tocsin.domain.insights.queries import Selection
from tocsin.kernel.clock import database_now

app = typer.Typer(help="Figures, and the facts behind them.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def rebuild(as_json: AsJson = False) -> None:
    """Count every ticket anew: after a calendar was changed, or to prove that the figures are right. May be interrupted."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True)) as shown:
        task = shown.add_task("tickets", total=None)
        done = actions.rebuild(say=lambda many, of: shown.update(task, completed=many, total=of))
    typer.echo(json.dumps({"tickets": done}) if as_json else f"{done:,} tickets counted anew")


@app.command()
def refresh(as_json: AsJson = False) -> None:
    """Count those tickets that changed since they were counted; workers do so each minute."""
    done = actions.refresh()
    typer.echo(json.dumps({"tickets": done}) if as_json else f"{done:,} tickets counted")


@app.command()
def show(
    days: Annotated[int, typer.Option(min=1, max=36_500, help="Days up to now.")] = 90,
    elapsed: Annotated[bool, typer.Option("--elapsed", help="Times by the wall, not in business hours.")] = False,
    as_json: AsJson = False,
) -> None:
    """Print every figure of the last days (UTC)."""
    now = database_now(connection)
    where = Selection(start=now - timedelta(days=days), end=now, now=now, business=not elapsed)
    found = queries.figures(where)
    if as_json:
        told = {key: {"n": f.n, "hits": f.hits, "value": f.value, "p90": f.p90} for key, f in found.items()}
        typer.echo(json.dumps({"from": where.start.isoformat(), "until": now.isoformat(), "metrics": told}))
        return
    table = Table("figure", "value", "p90", "n")
    for key, f in found.items():
        table.add_row(METRICS[key].name, written(METRICS[key], f.value), written(METRICS[key], f.p90), f"{f.n:,}")
    Console().print(table)
