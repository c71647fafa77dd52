"""`tocsin verify`: prove that the journal is whole and unaltered (SECURITY 13)."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from tocsin.domain.journal import queries
from tocsin.domain.journal.queries import VerifyReport


def verify(
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    anchor: Annotated[
        str, typer.Option(help="The anchor that an earlier run printed, kept elsewhere: finds a journal cut off since.")
    ] = "",
) -> None:
    """Prove that the journal is whole and unaltered. Exit status 1 if it was tampered with.

    Nothing is written; it may run beside everything else and be interrupted at any time.
    """
    report = _verified(anchor)
    if as_json:
        typer.echo(json.dumps({"whole": report.whole, **asdict(report)}))
    else:
        _show(report)
    raise typer.Exit(0 if report.whole else 1)


def _verified(anchor: str) -> VerifyReport:
    """Verify with a progress bar on standard error, where there is somebody to see it."""
    columns = (TextColumn("Verifying the journal"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("verify", total=queries.entries_count())
        return queries.verify(lambda read: progress.advance(task, read), anchor=anchor)


def _show(report: VerifyReport) -> None:
    console = Console(soft_wrap=True, markup=False, highlight=False)
    for problem in report.problems:
        console.print(problem, style="bold red")
    if report.more_problems:
        console.print(f"... and {report.more_problems} more", style="bold red")
    seen = f"{report.entries} entries in {report.streams} chains, {report.checkpoints} checkpoints"
    if report.whole:
        console.print(f"The journal is whole: {seen}.", style="green")
    else:
        console.print(f"The journal was tampered with ({seen}). Compare it with a backup; keep both.", style="bold red")
    if report.anchor:
        console.print(f"Anchor to keep elsewhere: {report.anchor}")
