"""`tocsin token`: API tokens of anybody, for whoever runs the installation."""

import json
from datetime import timedelta
from typing import Annotated
from uuid import UUID

import typer

from tocsin.kernel.errors import InvalidInput, NotFound

app = typer.Typer(
    add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True,
    help="Make, list and revoke the tokens with which programs call the API.",
)  # fmt: skip
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
BY = "cli"


@app.command()
def make(
    email: Annotated[str, typer.Argument(help="Whom the program acts as: their address.")],
    name: Annotated[str, typer.Option(help="What it is for.")],
    scope: Annotated[list[str] | None, typer.Option(help="What it may do, repeated; none lists what there is.")] = None,
    days: Annotated[int | None, typer.Option(help="How long it is good; left out: until revoked.", min=1)] = None,
    as_json: Json = False,
) -> None:
    """Make a token and print it: this once."""
    from django.db import connection  # noqa: PLC0415 - settings are loaded by now

    from tocsin.domain.people import actions, queries  # noqa: PLC0415 - as above
    from tocsin.domain.people.enums import Scope  # noqa: PLC0415 - as above
    from tocsin.kernel.clock import database_now  # noqa: PLC0415 - as above

    if not scope:
        known = "; ".join(f"{one.value} ({one.label})" for one in Scope)
        raise InvalidInput(
            "scopes_missing", f"Say what it may do with --scope: {known}.", {"scope": "Choose at least one."}
        )
    owner = queries.find_person(email)
    if owner is None:
        raise NotFound("person_not_found", f"Nobody has the address {email}.", {"email": email})
    now = database_now(connection)
    ends = now + timedelta(days=days) if days is not None else None
    token, row = actions.make_token(owner=owner, name=name, scopes=scope, by=None, actor=BY, now=now, expires_at=ends)
    if as_json:
        told = {
            "id": str(row.pk),
            "token": token,
            "scopes": row.scopes,
            "expires_at": ends.isoformat() if ends else None,
        }
        typer.echo(json.dumps(told, sort_keys=True))
        return
    typer.echo(token)
    typer.echo(f"It acts as {owner.name} and is shown this once. Its id: {row.pk}", err=True)


@app.command("list")
def list_(
    email: Annotated[str, typer.Argument(help="Of one person; left out: everybody's.")] = "", as_json: Json = False
) -> None:
    """List the tokens that are not revoked."""
    from tocsin.domain.people import queries  # noqa: PLC0415 - settings are loaded by now

    rows = queries.tokens(email)
    if as_json:
        told = [
            {
                "id": str(row.pk), "person": row.user.email, "name": row.name, "begins": row.prefix, "scopes": row.scopes,
                "made_at": row.made_at.isoformat(), "used_at": row.used_at.isoformat() if row.used_at else None,
                "expires_at": row.expires_at.isoformat() if row.expires_at else None,
            }
            for row in rows
        ]  # fmt: skip
        typer.echo(json.dumps(told))
        return
    for row in rows:
        ends = f"until {row.expires_at:%Y-%m-%d}" if row.expires_at else "no end"
        used = f"used {row.used_at:%Y-%m-%d %H:%M}" if row.used_at else "never used"
        typer.echo(f"{row.pk}  {row.user.email}  {row.name}  {' '.join(row.scopes)}  {ends}  {used}")
    if not rows:
        typer.echo("There are no tokens.")


@app.command()
def revoke(token_id: Annotated[str, typer.Argument(help="Its id, as `tocsin token list` prints it.")]) -> None:
    """Let a token open nothing from now on."""
    from django.db import connection  # noqa: PLC0415 - settings are loaded by now

    from tocsin.domain.people import actions  # noqa: PLC0415 - as above
    from tocsin.kernel.clock import database_now  # noqa: PLC0415 - as above

    try:
        pk = UUID(token_id)
    except ValueError:
        raise NotFound("token_not_found", "That is no token's id. `tocsin token list` prints them.") from None
    row = actions.revoke_token(token_id=pk, by=None, actor=BY, now=database_now(connection))
    typer.echo(f"{row.name} opens nothing any more.")
