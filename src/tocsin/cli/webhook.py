"""`tocsin webhook`: receivers of events from the command line. Acts as the system."""

import json
from datetime import datetime
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from tocsin.kernel.errors import InvalidInput

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="Tell other programs what happens.")

JSON_OPTION = typer.Option("--json", help="Print JSON.")
NAME = typer.Argument(help="Name or id of the webhook.")


@app.command("list")
def listing(as_json: Annotated[bool, JSON_OPTION] = False) -> None:
    """List the receivers and how each does. Never shows a secret."""
    from tocsin.domain.webhooks import queries  # noqa: PLC0415 - settings are loaded by now

    rows = [
        {
            "id": str(one.pk), "name": one.name, "url": one.url, "kinds": one.kinds, "enabled": one.enabled,
            "failing_since": one.failing_since.isoformat() if one.failing_since else None,
            "waiting": one.waiting, "given_up": one.given_up,
        }
        for one in queries.subscriptions()
    ]  # fmt: skip
    if as_json:
        typer.echo(json.dumps(rows, sort_keys=True))
        return
    table = Table("Name", "Address", "On", "Failing since", "Waiting", "Given up", box=None)
    for row in rows:
        table.add_row(
            *(str(row[key] or "") for key in ("name", "url", "enabled", "failing_since", "waiting", "given_up"))
        )
    Console().print(table if rows else "No webhook is set up.")


@app.command()
def add(
    name: Annotated[str, typer.Option(help="What it is for.")],
    url: Annotated[str, typer.Option(help="Where events are posted.")],
    kinds: Annotated[str, typer.Option(help="Such as 'ticket.* run.acknowledged'; nothing: everything.")] = "",
) -> None:
    """Add a receiver and print its signing secret, this once."""
    from django.db import connection  # noqa: PLC0415 - settings are loaded by now

    from tocsin.domain.webhooks import actions  # noqa: PLC0415 - as above
    from tocsin.kernel.clock import database_now  # noqa: PLC0415 - as above

    _, secret = actions.save_subscription(name=name, url=url, kinds=kinds, by=None, now=database_now(connection))
    typer.echo(secret)


@app.command()
def replay(
    name: Annotated[str, NAME],
    since: Annotated[str, typer.Option(help="A moment with its zone, such as 2026-11-24T08:00+01:00.")],
    everything: Annotated[bool, typer.Option("--all", help="Also what was delivered.")] = False,
) -> None:
    """Send again what the log has since then: what was given up, or all of it."""
    from django.db import connection  # noqa: PLC0415 - settings are loaded by now

    from tocsin.domain.webhooks import actions, queries  # noqa: PLC0415 - as above
    from tocsin.kernel.clock import database_now  # noqa: PLC0415 - as above

    many = actions.replay_since(
        subscription_id=queries.named(name).pk, since=_moment(since), by=None, now=database_now(connection),
        only_failed=not everything,
    )  # fmt: skip
    typer.echo(f"{many} events are sent again.")


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise InvalidInput("bad_moment", f"{text} is no moment with its zone. Write it as 2026-11-24T08:00+01:00.")
    return found
