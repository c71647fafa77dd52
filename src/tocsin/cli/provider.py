"""`tocsin provider`: the services that carry pages, from the command line. Acts as the system."""

import getpass
import json
import sys
from collections.abc import Mapping
from dataclasses import asdict
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table

from tocsin.kernel.errors import Conflict, InvalidInput

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="Set up the providers of channels.")

JSON_OPTION = typer.Option("--json", help="Print JSON.")


@app.command("list")
def listing(as_json: Annotated[bool, JSON_OPTION] = False) -> None:
    """List providers in the order in which they are tried, with how each does. Never shows a credential."""
    from django.db import connection  # noqa: PLC0415 - settings are loaded by now

    from tocsin.domain.notify import providers  # noqa: PLC0415 - as above
    from tocsin.kernel.clock import database_now  # noqa: PLC0415 - as above

    now, healths = database_now(connection), providers.healths()
    unreadable = {one.pk for one in providers.unreadable()}
    rows = [
        {
            "id": str(one.pk), "name": one.name, "kind": one.kind, "channel": one.channel, "enabled": one.enabled,
            "state": _state(one, healths.get(str(one.pk)), unreadable, now),
            "last_error": healths[str(one.pk)].last_error if str(one.pk) in healths else "",
        }
        for one in providers.providers()
    ]  # fmt: skip
    if as_json:
        typer.echo(json.dumps(rows, sort_keys=True))
        return
    table = Table("Channel", "Name", "Kind", "State", "Last error", box=None)
    for row in rows:
        table.add_row(*(str(row[key]) for key in ("channel", "name", "kind", "state", "last_error")))
    Console().print(table if rows else "No provider is set up. `tocsin provider kinds` names what can be.")


def _state(one: Any, health: Any, unreadable: set[Any], now: Any) -> str:
    if one.pk in unreadable:
        return "unreadable"
    if not one.enabled:
        return "disabled"
    return str(health.state(now)) if health else "unused"


@app.command()
def kinds(as_json: Annotated[bool, JSON_OPTION] = False) -> None:
    """Name the kinds of provider and what each needs. Settings marked * are secret."""
    from tocsin.channels.kinds import KINDS  # noqa: PLC0415 - settings are loaded by now

    if as_json:
        told = [
            {
                "kind": k.kind,
                "channel": k.channel,
                "settings": [{"name": s.name, "secret": s.secret} for s in k.settings],
            }
            for k in KINDS
        ]
        typer.echo(json.dumps(told, sort_keys=True))
        return
    for kind in KINDS:
        names = ", ".join(
            f"{s.name}{'*' if s.secret else ''}{'' if s.required else ' (optional)'}" for s in kind.settings
        )
        typer.echo(f"{kind.kind}  {kind.label}: {names}")


@app.command()
def add(
    kind: Annotated[str, typer.Argument(help="One of `tocsin provider kinds`.")],
    name: Annotated[str, typer.Option(help="How pages, logs and metrics call it.")],
    setting: Annotated[list[str] | None, typer.Option("--set", help="name=value, for what is no secret.")] = None,
    secrets_stdin: Annotated[bool, typer.Option(help="Read secrets from standard input, name=value a line.")] = False,
    as_json: Annotated[bool, JSON_OPTION] = False,
) -> None:
    """Set up a provider. Secrets are asked for, or read from standard input: a command line is no place for them."""
    from django.db import connection  # noqa: PLC0415 - settings are loaded by now

    from tocsin.channels.kinds import KINDS, kind_of  # noqa: PLC0415 - as above
    from tocsin.domain.notify.actions import add_provider  # noqa: PLC0415 - as above
    from tocsin.kernel.clock import database_now  # noqa: PLC0415 - as above

    chosen = kind_of(kind)
    if chosen is None:
        raise InvalidInput("unknown_kind", f"Choose a kind: {', '.join(k.kind for k in KINDS)}.", {"kind": "unknown"})
    values = dict(_pair(line) for line in setting or [])
    secret = {s.name: s.label for s in chosen.settings if s.secret}
    if named := sorted(values.keys() & secret):
        message = f"{', '.join(named)} is secret. Leave it out; it is asked for, or read with --secrets-stdin."
        raise InvalidInput("secret_on_command_line", message)
    values |= _from_stdin() if secrets_stdin else {n: getpass.getpass(f"{label}: ") for n, label in secret.items()}
    made = add_provider(kind=chosen, name=name, values=values, by=None, now=database_now(connection))
    told = {"id": str(made.pk), "name": made.name, "channel": made.channel}
    typer.echo(json.dumps(told, sort_keys=True) if as_json else f"Added {made.name} for {made.channel}.")


@app.command()
def enable(name: Annotated[str, typer.Argument(help="Name or id.")]) -> None:
    """Use a provider."""
    _enable(name, True)


@app.command()
def disable(name: Annotated[str, typer.Argument(help="Name or id.")]) -> None:
    """Pass a provider over until further notice."""
    _enable(name, False)


def _enable(name: str, enabled: bool) -> None:
    from django.db import connection  # noqa: PLC0415 - settings are loaded by now

    from tocsin.domain.notify.actions import enable_provider  # noqa: PLC0415 - as above
    from tocsin.domain.notify.providers import provider_called  # noqa: PLC0415 - as above
    from tocsin.kernel.clock import database_now  # noqa: PLC0415 - as above

    found = provider_called(name)
    enable_provider(provider_id=found.pk, enabled=enabled, by=None, now=database_now(connection))
    typer.echo(f"{found.name} is {'enabled' if enabled else 'disabled'}.")


@app.command()
def rotate(as_json: Annotated[bool, JSON_OPTION] = False) -> None:
    """Encrypt all credentials anew with the first key of TOCSIN_CREDENTIAL_KEYS. Exit status 1 if some stay locked."""
    from django.db import connection  # noqa: PLC0415 - settings are loaded by now

    from tocsin.domain.notify.actions import rotate_credentials  # noqa: PLC0415 - as above
    from tocsin.kernel.clock import database_now  # noqa: PLC0415 - as above

    rotated = rotate_credentials(by=None, now=database_now(connection))
    locked = bool(rotated.unreadable or rotated.unreadable_addresses)
    if as_json:
        typer.echo(json.dumps(asdict(rotated), sort_keys=True))
    else:
        count = rotated.done - rotated.addresses
        typer.echo(f"{count} providers and {rotated.addresses} addresses are encrypted with the first key.")
        if rotated.unreadable:
            typer.echo(f"No key opens: {', '.join(rotated.unreadable)}. Write their credentials anew.", err=True)
        if rotated.unreadable_addresses:
            typer.echo(f"No key opens {rotated.unreadable_addresses} addresses: they must be added anew.", err=True)
    raise typer.Exit(1 if locked else 0)


@app.command("new-key")
def new_key() -> None:
    """Print a new key for TOCSIN_CREDENTIAL_KEYS. Put it first, keep the old ones behind it, then rotate."""
    from cryptography.fernet import Fernet  # noqa: PLC0415 - only here

    typer.echo(Fernet.generate_key().decode())


@app.command("push-key")
def push_key() -> None:
    """Print a new private key for the browser push provider. The browsers get its public half by themselves."""
    from tocsin.channels.web_push.kind import new_key as new_push_key  # noqa: PLC0415 - only here

    typer.echo(new_push_key())


@app.command()
def test(
    name: Annotated[str, typer.Argument(help="Name or id of the provider.")],
    to: Annotated[str, typer.Option(help="E-mail address of the person whose verified address gets the test.")],
    as_json: Annotated[bool, JSON_OPTION] = False,
) -> None:
    """Send a test by one provider to a person's own verified address."""
    from django.db import connection  # noqa: PLC0415 - settings are loaded by now

    from tocsin.channels.ways import readable_way, send_test  # noqa: PLC0415 - as above
    from tocsin.domain.notify import providers, queries  # noqa: PLC0415 - as above
    from tocsin.domain.notify.actions import note_provider_test  # noqa: PLC0415 - as above
    from tocsin.domain.notify.transport import TransportError  # noqa: PLC0415 - as above
    from tocsin.domain.people.queries import people  # noqa: PLC0415 - as above
    from tocsin.kernel.clock import database_now  # noqa: PLC0415 - as above

    found, now = providers.provider_called(name), database_now(connection)
    way = readable_way(found.pk)
    if way is None:
        raise Conflict("unreadable", "Its credentials cannot be read. Write them anew, or bring the old key back.")
    person = people().filter(email__iexact=to).first()
    address = queries.own_address(person.pk, found.channel) if person else ""
    if person is None or not address:
        raise InvalidInput("no_own_address", f"{to} has no verified address on this channel.", {"to": "unknown"})
    try:
        answer = send_test(way, channel=found.channel, to=address, name=person.name, by="An operator", at=now)
    except TransportError as error:
        note_provider_test(provider_id=found.pk, accepted=False, answer=error.answer, by=None, now=now)
        raise Conflict("not_accepted", f"{found.name} did not accept the test: {error.answer}") from None
    note_provider_test(provider_id=found.pk, accepted=True, answer=answer, by=None, now=now)
    told = {"accepted": True, "answer": answer}
    typer.echo(json.dumps(told, sort_keys=True) if as_json else f"{found.name} has accepted a test: {answer}")


def _from_stdin() -> Mapping[str, str]:
    return dict(_pair(line.rstrip("\n")) for line in sys.stdin if line.strip())


def _pair(line: str) -> tuple[str, str]:
    name, separator, value = line.partition("=")
    if not separator or not name.strip():
        raise InvalidInput("bad_setting", "Write a setting as name=value.", {"set": "not name=value"})
    return name.strip(), value.strip()
