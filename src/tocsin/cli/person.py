"""`tocsin person add`: people from the command line, above all the first administrator of a new installation."""

import getpass
import json
import secrets
import sys
from typing import Annotated

import typer

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="Add people.")


@app.callback()
def people() -> None:
    """Keep `add` a subcommand although it is the only one."""


@app.command()
def add(
    email: Annotated[str, typer.Argument(help="The address they sign in with.")],
    name: Annotated[str, typer.Option(help="Their name as others read it.")],
    role: Annotated[str, typer.Option(help="requester, agent, lead, escalation_manager, administrator ...")] = "agent",
    zone: Annotated[str, typer.Option(help="Their time zone, e.g. Europe/Berlin.")] = "UTC",
    password_stdin: Annotated[bool, typer.Option(help="Read the password from standard input.")] = False,
    generate: Annotated[bool, typer.Option(help="Make up a password and print it once.")] = False,
    reachable: Annotated[bool, typer.Option(help="Page them at this address; you vouch that it is theirs.")] = True,
    as_catch_all: Annotated[bool, typer.Option(help="Page them when a whole ladder reaches nobody.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Add a person who can sign in. Acts as the system: whoever runs this holds the installation anyway."""
    from django.db import connection, transaction  # noqa: PLC0415 - settings are loaded by now

    from tocsin.domain.escalation.actions import set_catch_all  # noqa: PLC0415 - as above
    from tocsin.domain.notify.actions import add_method  # noqa: PLC0415 - as above
    from tocsin.domain.people.actions import create_person  # noqa: PLC0415 - as above
    from tocsin.kernel.clock import database_now  # noqa: PLC0415 - as above

    password = secrets.token_urlsafe(15) if generate else _password(password_stdin)
    now = database_now(connection)
    with transaction.atomic():
        user = create_person(email=email, name=name, role=role, zone=zone, by=None, now=now, password=password)
        if reachable:
            add_method(user_id=user.pk, channel="email", address=user.email, now=now, verified=True)
        if as_catch_all:
            set_catch_all(user=user, by=None, now=now)
    told = {"id": str(user.pk), "email": user.email, "role": user.role, "catch_all": as_catch_all}
    if generate:
        told["password"] = password
    if as_json:
        typer.echo(json.dumps(told, sort_keys=True))
        return
    typer.echo(f"Added {user.name} ({user.role}), who signs in as {user.email}.")
    if generate:
        typer.echo(f"Password, shown this once: {password}")


def _password(from_stdin: bool) -> str:
    if from_stdin:
        return sys.stdin.readline().rstrip("\n")
    return getpass.getpass("Password (at least 12 characters): ")
