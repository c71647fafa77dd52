"""`tocsin mail`: the process that takes mail in, and what an operator does with mail by hand."""

import json
import mailbox
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from django.conf import settings
from django.db import connection
from rich.console import Console
from rich.progress import Progress

from tocsin.cli.engine import log_to_stderr
from tocsin.engine.mail import MailProcess
from tocsin.intake.email import checking, storing, taking
from tocsin.kernel.clock import database_now
from tocsin.kernel.errors import Conflict, InvalidInput, NotFound

app = typer.Typer(help="Take mail in: listener, fetcher, and what came.")
console = Console(stderr=True, highlight=False)


@app.callback(invoke_without_command=True)
def mail(
    context: typer.Context,
    once: Annotated[bool, typer.Option("--once", help="Fetch and take in what is there now, and end.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Log (and with --once report) JSON.")] = False,
) -> None:
    """Take mail in until SIGTERM or Ctrl-C: by our own listener, by IMAP, or both (docs/mail.md)."""
    if context.invoked_subcommand is not None:
        return
    log_to_stderr(as_json)
    process = MailProcess()
    if once:
        done = process.once()
        typer.echo(json.dumps(done) if as_json else f"{done['fetched']} fetched, {done['taken']} taken in")
        return
    if not settings.MAIL_LISTEN and not settings.IMAP_URL:
        problem = "Set TOCSIN_MAIL_LISTEN (host:port) or TOCSIN_IMAP_URL (imaps://user@host/INBOX), or both."
        raise InvalidInput("mail_not_set", f"There is no way in for mail. {problem}")
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: process.stop())
    try:
        process.run()
    except OSError as error:
        raise Conflict(
            "address_taken",
            f"Cannot listen on {settings.MAIL_LISTEN}: {error.strerror}. Choose another TOCSIN_MAIL_LISTEN.",
        ) from error


@app.command("import")
def import_(
    path: Annotated[str, typer.Argument(help="A mail (.eml), an mbox, a folder of mails, or - for standard input.")],
    envelope_from: Annotated[
        str, typer.Option(help='SMTP sender, where a mail server pipes mails in; "" is the null sender.')
    ] = "?",
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Take mails in from files, or one from standard input (a mail server's pipe). Each is stored once, however often it comes."""
    counted: Counter[str] = Counter()
    lines = []
    sender = None if envelope_from == "?" else envelope_from
    with Progress(console=console, transient=True, disable=as_json or path == "-") as progress:
        task = progress.add_task("Taking mails in", total=None)
        for name, raw in _mails(path):
            row, made = storing.store(raw=raw, source="file", now=database_now(connection), envelope_from=sender)
            row = taking.take(mail_id=row.pk, now=database_now(connection))
            counted[row.state if made else "known already"] += 1
            reference = row.ticket.reference if row.ticket else ""
            lines.append({"mail": name, "state": row.state, "reason": row.reason, "ticket": reference, "new": made})
            progress.advance(task)
    if as_json:
        typer.echo(json.dumps({"mails": lines, "counts": counted}))
        return
    for line in lines[:200]:
        typer.echo(
            f"{line['mail']}: {line['state']}{' ' + str(line['ticket']) if line['ticket'] else ''} {line['reason']}".rstrip()
        )
    typer.echo(", ".join(f"{count} {state}" for state, count in sorted(counted.items())) or "No mail is there.")


@app.command()
def check(
    connect: Annotated[bool, typer.Option(help="Sign in to the IMAP server too.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what is wrong with how mail is set up, and the remedy. Exit status 1 if anything is."""
    found = checking.problems(database_now(connection), connect=connect)
    if as_json:
        typer.echo(json.dumps({"ok": not found, "problems": [asdict(problem) for problem in found]}))
    elif not found:
        typer.echo("Nothing is wrong with mail.")
    else:
        for problem in found:
            typer.echo(f"{problem.what}\n    {problem.remedy}")
    raise typer.Exit(1 if found else 0)


def _mails(path: str) -> Iterator[tuple[str, bytes]]:
    """Yield every mail of a file, an mbox, a folder or standard input."""
    if path == "-":
        yield "-", sys.stdin.buffer.read(settings.MAIL_LARGEST + 1)
        return
    place = Path(path)
    if place.is_dir():
        for file in sorted(file for file in place.rglob("*") if file.is_file()):
            yield file.name, file.read_bytes()
        return
    if not place.is_file():
        raise NotFound("no_such_file", f"There is no file {path}.")
    with place.open("rb") as start:
        is_mbox = start.read(5) == b"From "
    if not is_mbox:
        yield place.name, place.read_bytes()
        return
    box = mailbox.mbox(place, create=False)
    for position, key in enumerate(box.keys(), start=1):
        yield f"{place.name}#{position}", box.get_bytes(key)
