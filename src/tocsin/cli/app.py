"""The `tocsin` command: one table of commands, each loaded only when it is called.

`tocsin --help` therefore imports neither Django nor any command, and needs no database.
"""

import importlib
import json
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import typer
from typer.main import get_command, get_group

from tocsin.kernel.errors import TocsinError, Unavailable

REFUSED = 2
INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Command:
    """Where a command is written. `attribute` is a function, or a typer app with subcommands."""

    module: str
    attribute: str
    summary: str
    needs_django: bool = True  # False: the module calls use_django() itself, on the ways that need it
    passes_all: bool = False  # its own parser reads the arguments


COMMANDS = {
    "demo": Command("tocsin.cli.demo", "demo", "Load a believable company, start everything, fire an escalation."),
    "serve": Command("tocsin.cli.serve", "serve", "Migrate, then run web, engine and worker until stopped.", False),
    "engine": Command("tocsin.cli.engine", "engine", "Run one engine: ticker, sender, auditor."),
    "worker": Command("tocsin.cli.engine", "worker", "Run one worker for background jobs."),
    "mail": Command("tocsin.cli.mail", "app", "Take mail in: listener, IMAP, and from files."),
    "check": Command("tocsin.cli.check", "check", "Say what is wrong with this installation, and the remedy.", False),
    "search": Command("tocsin.cli.search", "app", "Search tickets; build the search index anew."),
    "metrics": Command("tocsin.cli.metrics", "app", "Print figures; count the facts behind them anew."),
    "problems": Command("tocsin.cli.problems", "app", "Look for what repeats; judge measures; make monthly digests."),
    "risk": Command("tocsin.cli.risk", "app", "Train risk models, or try them on an event log."),
    "verify": Command("tocsin.cli.verify", "verify", "Prove that the journal is whole and unaltered."),
    "person": Command("tocsin.cli.person", "app", "Add people, such as the first administrator."),
    "token": Command("tocsin.cli.token", "app", "Make, list and revoke the tokens of programs that call the API."),
    "signals": Command("tocsin.cli.signals", "signals", "Judge how earlier messages of customers sound."),
    "webhook": Command("tocsin.cli.webhook", "app", "Tell other programs what happens; send again from the log."),
    "integration": Command("tocsin.cli.integration", "app", "Add, list and rotate the addresses monitoring sends to."),
    "provider": Command("tocsin.cli.provider", "app", "Set up who carries pages: mail servers, texts, calls, chats."),
    "oncall": Command("tocsin.cli.oncall", "app", "Say who is on call; import shifts; make calendar addresses."),
    "proof": Command(
        "tocsin.cli.proof", "proof", "Print who was paged about an escalation, why, and what they answered."
    ),
    "drill": Command("tocsin.cli.drill", "app", "Fire tests that wake nobody for nothing, and read what came of them."),
    "policy": Command("tocsin.cli.policy", "app", "Validate, plan, apply and export escalation policies.", False),
    "import": Command("tocsin.cli.imports", "app", "Import tickets from other systems.", False),
    "backtest": Command("tocsin.cli.backtest", "backtest", "Compare two policies on own tickets or a log.", False),
    "replay": Command("tocsin.cli.replay", "replay", "Run policies over an event log, in the log's own time.", False),
    "postgres": Command("tocsin.cli.postgres", "app", "Show, stop or copy the embedded PostgreSQL server.", False),
    "migrate": Command("tocsin.cli.manage", "migrate", "Bring the database to this release."),
    "manage": Command("tocsin.cli.manage", "manage", "Run one of Django's management commands.", False, True),
}
PASS_ALL_ON = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}


def use_django() -> None:
    """Load settings and apps, which finds (and if need be starts) PostgreSQL. Repeating it does nothing.

    Raises kernel.errors.Unavailable when there is no database server and none can be started.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tocsin.config.settings")
    import django  # noqa: PLC0415 - only the commands that need it pay for it

    django.setup()


def _loaded(name: str) -> Any:
    """Return the click command behind `name`."""
    command = COMMANDS[name]
    if command.needs_django:
        use_django()
    found = getattr(importlib.import_module(command.module), command.attribute)
    if isinstance(found, typer.Typer):
        return get_group(found)  # a group even with one subcommand: `tocsin import log`
    single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
    single.command(name, context_settings=PASS_ALL_ON if command.passes_all else None)(found)
    return get_command(single)


def _root() -> typer.Typer:
    """Return the outer command, in which every entry passes its arguments on to the real one."""
    root = typer.Typer(
        help="Tocsin: escalation management for IT support.",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
    )

    @root.callback(invoke_without_command=True)
    def options(version: bool = typer.Option(False, "--version", help="Print the version and end.")) -> None:
        if version:
            from importlib.metadata import version as installed  # noqa: PLC0415 - slow to import, rarely wanted

            typer.echo(f"tocsin {installed('tocsin')}")
            raise typer.Exit

    for name, command in COMMANDS.items():
        outer = root.command(name, help=command.summary, context_settings=PASS_ALL_ON, add_help_option=False)
        outer(_passing_on(name))
    return root


def _passing_on(name: str) -> Callable[[typer.Context], None]:
    # The function itself takes nothing but the context: typer would make an option of whatever else it took, and
    # swallow the inner command's option of the same name.
    def pass_on(context: typer.Context) -> None:
        _loaded(name).main(args=context.args, prog_name=f"tocsin {name}")

    return pass_on


def as_refusal(error: Exception) -> TocsinError | None:
    """Return what a person can act on, or None for a defect, which keeps its traceback."""
    if isinstance(error, TocsinError):
        return error
    database = sys.modules.get("django.db.utils")
    if database and isinstance(error, database.OperationalError):
        return Unavailable(
            "database_unavailable",
            f"The database does not answer: {' '.join(str(error).split())}. Check DATABASE_URL, or unset it to use the "
            "embedded server; `tocsin check` says more.",
        )
    return None


def report(error: TocsinError, *, as_json: bool) -> None:
    """Print a refusal: for programs on standard output, for people on standard error."""
    if as_json:
        typer.echo(json.dumps(error.as_dict(), sort_keys=True))
        return
    typer.secho(error.message, fg="red", err=True)
    for field, problem in error.fields.items():
        typer.echo(f"  {field}: {problem}", err=True)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and end the process: 0 done, 1 findings or defects, 2 refused, 130 interrupted."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    try:
        _root()(args=arguments, prog_name="tocsin")
    except SystemExit as ended:
        if ended.code == INTERRUPTED:
            typer.echo("Interrupted.", err=True)
        raise
    except KeyboardInterrupt:
        typer.echo("Interrupted.", err=True)
        sys.exit(INTERRUPTED)
    except Exception as error:
        refusal = as_refusal(error)
        if refusal is None:
            raise
        report(refusal, as_json="--json" in arguments)
        sys.exit(REFUSED)
