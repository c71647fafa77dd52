"""`tocsin import`: tickets with their whole history from another desk's log (docs/imports.md).

Exit status: 0 done (broken rows are reported and do not change it, unless --strict), 1 with
--strict and broken rows, 2 refused, 130 interrupted: whole batches are in, a repetition completes.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn
from rich.table import Table

from tocsin.cli.app import INTERRUPTED, use_django
from tocsin.intake.imports.events import Case, cases
from tocsin.intake.imports.formats import LogFormat, read
from tocsin.intake.imports.opening import EXAMPLE, format_for
from tocsin.intake.imports.problems import Problems
from tocsin.intake.imports.reading import size_of
from tocsin.intake.imports.summary import summarise

if TYPE_CHECKING:
    from tocsin.intake.imports.load import Loaded

MOST_SHOWN = 40  # findings on the screen; --findings FILE has all of them

app = typer.Typer(help="Import tickets from other systems.", no_args_is_help=True)
LogFile = Annotated[Path, typer.Argument(metavar="FILE", help="The log, plain or gzip.")]
Format = Annotated[str, typer.Option("--format", help="servicenow, volvo or csv; told by the header if left out.")]
MappingFile = Annotated[Path | None, typer.Option("--mapping", help="With csv: which column is which (YAML).")]
Zone = Annotated[str, typer.Option(help="Time zone of times without an offset (IANA name; default UTC).")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, and nothing else, on standard output.")]


@app.command()
def log(
    file: LogFile,
    form: Format = "",
    mapping: MappingFile = None,
    zone: Zone = "",
    summary: Annotated[bool, typer.Option("--summary", help="Print the counts of the log.")] = False,
    as_json: AsJson = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only read and count; needs no database.")] = False,
    findings: Annotated[Path | None, typer.Option(help="Write every finding to this file (CSV).")] = None,
    strict: Annotated[bool, typer.Option("--strict", help="End with status 1 if any row was left out.")] = False,
) -> None:
    """Import an event log: tickets, their history, teams, services and placeholders for people. Pages nobody."""
    log_format = format_for(file, form, mapping=mapping, zone=zone)
    problems = Problems()
    console = Console(stderr=True)
    with progress_bars(console) as bars:
        found = read_cases(file, log_format, problems, bars)
        loaded = None if dry_run else _import(found, log_format, file, problems, bars, console)
    _report(problems, console, findings)
    counts = summarise(log_format.source, found)
    if as_json:
        typer.echo(json.dumps(counts if summary else _result(file, log_format, counts, loaded, problems)))
    else:
        _show(file, counts, loaded, problems)
    if strict and problems.broken_rows:
        raise typer.Exit(1)


@app.command()
def example() -> None:
    """Print an example of a mapping for the csv format."""
    typer.echo(EXAMPLE.read_text(), nl=False)


@dataclass(slots=True)
class Bars:
    """The progress shown on standard error; nothing is drawn where that is no terminal."""

    progress: Progress

    def begin(self, what: str, total: int) -> Any:
        """Return a function that takes how much of `total` is done."""
        task = self.progress.add_task(what, total=total)
        return partial(self._done, task)

    def _done(self, task: Any, completed: int) -> None:
        self.progress.update(task, completed=completed)


@contextmanager
def progress_bars(console: Console) -> Iterator[Bars]:
    """Show progress bars while the body runs."""
    columns = (TextColumn("{task.description}"), BarColumn(), TaskProgressColumn(), TimeRemainingColumn())
    off = not console.is_terminal
    with Progress(*columns, MofNCompleteColumn(), console=console, transient=True, disable=off) as progress:
        yield Bars(progress)


def read_cases(file: Path, log_format: LogFormat, problems: Problems, bars: Bars) -> list[Case]:
    """Read the whole log. Raises InvalidInput where it cannot be read at all."""
    progress = bars.begin(f"reading {file.name}", size_of(file))
    return cases(read(file, log_format, problems, progress=progress))


def _import(
    found: list[Case], log_format: LogFormat, file: Path, problems: Problems, bars: Bars, console: Console
) -> "Loaded":
    """Bring the database up to date and write the tickets. Raises typer.Exit when interrupted."""
    starting = bars.progress.add_task("starting the database", total=None)
    use_django()
    _migrate()
    bars.progress.update(starting, total=1, completed=1, visible=False)
    from django.db import connection  # noqa: PLC0415 - after use_django

    from tocsin.intake.imports.load import Loaded, load  # noqa: PLC0415 - after use_django
    from tocsin.kernel.clock import database_now  # noqa: PLC0415 - only needed here

    loaded = Loaded()
    try:
        return load(
            found,
            source=log_format.source,
            file=file.name,
            now=lambda: database_now(connection),
            problems=problems,
            loaded=loaded,
            progress=bars.begin("importing tickets", len(found)),
        )
    except KeyboardInterrupt:
        bars.progress.stop()
        done = loaded.created + loaded.extended + loaded.unchanged + loaded.left
        console.print(f"{done:,} of {len(found):,} tickets are in. Repeat the command to take in the rest.")
        raise typer.Exit(INTERRUPTED) from None


def _migrate() -> None:
    """Bring the schema to this release if it is not."""
    from django.core.management import call_command  # noqa: PLC0415 - after use_django
    from django.db import connection  # noqa: PLC0415
    from django.db.migrations.executor import MigrationExecutor  # noqa: PLC0415

    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", interactive=False, verbosity=0)


def _result(
    file: Path, log_format: LogFormat, counts: dict[str, Any], loaded: "Loaded | None", problems: Problems
) -> dict[str, Any]:
    return {
        "file": file.name,
        "source": log_format.source,
        "summary": counts,
        "imported": loaded.as_dict() if loaded else None,
        "rows_left_out": problems.broken_rows,
        "findings": [problem.as_dict() for problem in problems.in_order],
    }


def _report(problems: Problems, console: Console, into: Path | None) -> None:
    """Say on standard error what was wrong with the file, by line."""
    found = problems.in_order
    for problem in found[:MOST_SHOWN]:
        style = "red" if problem.broken else "yellow"
        console.print(f"line {problem.line}: {problem.reason}", style=style, markup=False, highlight=False)
    if len(found) > MOST_SHOWN:
        more = f"... and {len(found) - MOST_SHOWN:,} more findings"
        console.print(more if into else f"{more}; --findings FILE writes them all", markup=False)
    if found:
        kinds = ", ".join(f"{kind} {count:,}" for kind, count in problems.counts().items())
        console.print(f"{problems.broken_rows:,} rows left out ({kinds})", markup=False, highlight=False)
    if into is not None:
        _write(problems, into)


def _write(problems: Problems, into: Path) -> None:
    import csv  # noqa: PLC0415 - only with --findings

    with into.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["line", "left_out", "kind", "reason"])
        writer.writerows([p.line, "yes" if p.broken else "no", p.kind, p.reason] for p in problems.in_order)


def _show(file: Path, counts: dict[str, Any], loaded: "Loaded | None", problems: Problems) -> None:
    console = Console()
    table = Table("count", "", title=file.name, title_justify="left")
    table.columns[1].justify = "right"
    for name, value in counts.items():
        parts = value.items() if isinstance(value, dict) else [("", value)]
        for part, count in parts:
            table.add_row(f"{name} {part}".strip().replace("_", " "), f"{count:,}")
    console.print(table)
    if loaded is None:
        console.print(f"Read only; nothing was imported. {problems.broken_rows:,} rows were left out.", highlight=False)
        return
    made = ", ".join(f"{count:,} {name}" for name, count in loaded.made.items())
    console.print(
        f"{loaded.created:,} tickets imported, {loaded.extended:,} extended, {loaded.unchanged:,} unchanged, "
        f"{loaded.left:,} left as they are; {loaded.events:,} events taken in." + (f" Made: {made}." if made else ""),
        highlight=False,
    )
