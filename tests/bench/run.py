"""Run the benches: `python -m tests.bench.run`, or `ONLY=spine python -m tests.bench.run` for one capability.

A bench is a module tests/bench/bench_<capability>_<name>.py with a function `run() -> list[Figure]`.
Each runs in its own process on its own scratch database (DATABASE_URL names it, also for the processes that the
bench starts), cloned from one migrated template; all are dropped at the end. A bench that fails is reported and
does not stop the others; the exit status is then 1. A figure that misses its goal is shown, and is no failure.
"""

import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import psycopg
from rich.console import Console
from rich.table import Table

REPOSITORY = Path(__file__).resolve().parents[2]
CAPABILITIES = ("spine", "reach", "desk", "frontline", "customers", "learning", "insight")
LIMIT_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one bench: its figures, or why there are none."""

    bench: str
    figures: list[dict[str, object]]
    failure: str = ""


def main() -> int:
    """Run what ONLY selects; write bench.json; return the exit status."""
    console = Console()
    only = os.environ.get("ONLY", "")
    if only and only not in CAPABILITIES:
        console.print(f"ONLY={only} is unknown; known are: {', '.join(CAPABILITIES)}", style="red")
        return 2
    names = benches(only)
    outcomes = []
    with scratch_databases(console) as scratch:
        for number, name in enumerate(names, 1):
            started = time.perf_counter()
            with console.status(f"[{number}/{len(names)}] {name}"):
                outcome = measure(name, scratch)
            state = outcome.failure or f"{len(outcome.figures)} figures"
            took = time.perf_counter() - started
            console.print(f"[{number}/{len(names)}] {name}: {state} ({took:.1f} s)", markup=False)
            outcomes.append(outcome)
    figures = [figure for outcome in outcomes for figure in outcome.figures]
    console.print(table(figures))
    (REPOSITORY / "bench.json").write_text(json.dumps(figures, indent=1) + "\n")
    failed = [outcome.bench for outcome in outcomes if outcome.failure]
    console.print(f"{len(figures)} figures written to bench.json")
    if failed:
        console.print(f"failed: {', '.join(failed)}", style="red")
    return 1 if failed else 0


def benches(only: str) -> list[str]:
    """Return the names of the bench modules of one capability, or of all."""
    return sorted(path.stem for path in Path(__file__).parent.glob(f"bench_{only or '*'}_*.py"))


class Scratch:
    """Makes databases on the server of the settings: one migrated template, and clones of it."""

    def __init__(self, server: dict[str, Any]) -> None:
        self._server = server  # Django's DATABASES["default"]
        self.template = f"tocsin_bench_{os.getpid()}"

    def url(self, name: str) -> str:
        """Return the address of one database, with its password."""
        s = self._server
        return f"postgres://{quote(s['USER'])}:{quote(s['PASSWORD'], safe='')}@{s['HOST']}:{s['PORT']}/{name}"

    def create(self, name: str, *, template: str = "template1") -> None:
        self._execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')

    def drop(self, name: str) -> None:
        self._execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _execute(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())


@contextmanager
def scratch_databases(console: Console) -> Iterator[Scratch]:
    """Make the migrated template; drop it at the end."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.config.settings")
    from django.conf import settings  # noqa: PLC0415 - reading them starts the embedded server

    scratch = Scratch(settings.DATABASES["default"])
    scratch.create(scratch.template)
    try:
        with console.status("migrating the template database"):
            done = run_python(["-m", "django", "migrate", "--verbosity=0"], scratch.url(scratch.template))
        if done.returncode:
            # Benches that need no tables still run; the others fail with their own message.
            console.print(f"migrations failed: {last_line(done.stderr)}", style="red", markup=False)
        yield scratch
    finally:
        scratch.drop(scratch.template)


def measure(name: str, scratch: Scratch) -> Outcome:
    """Run one bench in a process and a database of its own."""
    database = f"{scratch.template}_{name}"[:63]
    scratch.create(database, template=scratch.template)
    try:
        with tempfile.NamedTemporaryFile(suffix=".json") as file:
            done = run_python(["-m", "tests.bench.run", name, file.name], scratch.url(database))
            if done.returncode:
                return Outcome(name, [], f"failed: {last_line(done.stderr)}\n{done.stderr[-3000:]}")
            return Outcome(name, json.loads(Path(file.name).read_text()))
    except subprocess.TimeoutExpired:
        return Outcome(name, [], f"failed: no end after {LIMIT_SECONDS} s")
    finally:
        scratch.drop(database)


def run_python(arguments: list[str], url: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "tocsin.config.settings"}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=REPOSITORY,
        env=environment,
        capture_output=True,
        text=True,
        timeout=LIMIT_SECONDS,
        check=False,
    )


def run_one(name: str, target: str) -> int:
    """In the bench's own process: load Django, run the bench, leave its figures in `target`."""
    import django  # noqa: PLC0415 - only this process's settings name the scratch database

    django.setup()
    figures = importlib.import_module(f"tests.bench.{name}").run()
    capability = name.split("_")[1]
    for figure in figures:
        if not figure.name.startswith(f"{capability} "):
            raise ValueError(f"{name}: the name of the figure {figure.name!r} must begin with {capability!r}")
    Path(target).write_text(json.dumps([figure.as_dict() for figure in figures]))
    return 0


def last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else "no message"


def table(figures: list[dict[str, object]]) -> Table:
    """Lay the figures out for people."""
    made = Table("figure", "value", "unit", "baseline", "its value", "ratio", "goal", "met")
    for figure in figures:
        met = "[green]yes[/]" if figure["met"] else "[red]no[/]"
        numbers = [_short(figure[key]) for key in ("value", "baseline_value", "ratio")]
        words = [str(figure[key]) for key in ("name", "unit", "baseline", "goal")]
        made.add_row(words[0], numbers[0], words[1], words[2], numbers[1], numbers[2], words[3], met)
    return made


def _short(number: object) -> str:
    if not isinstance(number, int | float):
        return "-"
    return f"{number:,.0f}" if abs(number) >= 1000 else f"{number:.4g}"


if __name__ == "__main__":
    sys.exit(run_one(*sys.argv[1:]) if len(sys.argv) == 3 else main())
