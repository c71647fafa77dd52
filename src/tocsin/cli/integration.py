"""`tocsin integration`: who may send events of monitoring, for whoever runs the installation."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from tocsin.domain.people.models import Service, Team

app = typer.Typer(
    add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True,
    help="Add, list and rotate integrations: the addresses to which monitoring systems send events.",
)  # fmt: skip
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]
BY = "cli"


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="What pages call it.")],
    kind: Annotated[str, typer.Option(help="Who sends: alertmanager, grafana, generic ...")] = "generic",
    service: Annotated[str, typer.Option(help="Slug of the service that its tickets are about.")] = "",
    team: Annotated[str, typer.Option(help="Slug of the team that gets them; left out: the service's.")] = "",
    on_resolved: Annotated[str, typer.Option(help="unowned, resolve or note.")] = "unowned",
    as_json: Json = False,
) -> None:
    """Add an integration and print its address: this once."""
    from django.db import connection  # noqa: PLC0415 - settings are loaded by now

    from tocsin.intake.alerts import setting_up  # noqa: PLC0415 - as above
    from tocsin.kernel.clock import database_now  # noqa: PLC0415 - as above

    found_service, found_team = _house(service, team)
    wanted = setting_up.Settings(name=name, kind=kind, service=found_service, team=found_team, on_resolved=on_resolved)
    token, row = setting_up.add_integration(wanted=wanted, by=None, actor=BY, now=database_now(connection))
    _print_address(token, row, as_json)


@app.command("list")
def list_(as_json: Json = False) -> None:
    """List the integrations and how each does."""
    from django.db import connection  # noqa: PLC0415 - settings are loaded by now

    from tocsin.intake.alerts import queries  # noqa: PLC0415 - as above
    from tocsin.kernel.clock import database_now  # noqa: PLC0415 - as above

    standings = queries.standings(database_now(connection))
    rows = [_told(one, standings[one.pk]) for one in queries.integrations()]
    if as_json:
        typer.echo(json.dumps(rows))
        return
    for row in rows:
        state = "paused" if not row["enabled"] else f"{row['late']} to look at" if row["late"] else "well"
        last = f"last event {row['last_at'][:16]}" if row["last_at"] else "nothing came yet"
        typer.echo(
            f"{row['id']}  {row['name']}  {row['kind']}  {row['begins']}...  {last}  {row['firing']} firing  {state}"
        )
    if not rows:
        typer.echo("There are no integrations.")


@app.command()
def rotate(
    name: Annotated[str, typer.Argument(help="Its name or id.")],
    now_: Annotated[
        bool, typer.Option("--close-old", help="Close the present address at once, not after a day.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Make a new address and print it: this once."""
    from django.db import connection  # noqa: PLC0415 - settings are loaded by now

    from tocsin.intake.alerts import queries, setting_up  # noqa: PLC0415 - as above
    from tocsin.kernel.clock import database_now  # noqa: PLC0415 - as above

    found = queries.integration_named(name)
    token, row = setting_up.rotate_token(
        integration_id=found.pk, by=None, actor=BY, now=database_now(connection), keep_old=not now_
    )
    _print_address(token, row, as_json)


def _house(service: str, team: str) -> "tuple[Service | None, Team | None]":
    from tocsin.domain.people import queries  # noqa: PLC0415 - settings are loaded by now

    return queries.service_by_slug(service) if service else None, queries.team_by_slug(team) if team else None


def _told(row: Any, standing: Any) -> dict[str, Any]:
    return {
        "id": str(row.pk), "name": row.name, "kind": row.kind, "begins": row.prefix, "enabled": row.enabled,
        "service": row.service.slug if row.service else None, "team": row.team.slug if row.team else None,
        "last_at": standing.last_at.isoformat() if standing.last_at else None, "waiting": standing.waiting,
        "late": standing.late, "firing": standing.firing,
    }  # fmt: skip


def _print_address(token: str, row: Any, as_json: bool) -> None:
    from django.conf import settings  # noqa: PLC0415 - they are loaded by now

    address = f"{settings.BASE_URL}/events/{token}"
    if as_json:
        typer.echo(json.dumps({"id": str(row.pk), "name": row.name, "token": token, "address": address}))
        return
    typer.echo(address)
    typer.echo(f"{row.name} sends there by POST. It is shown this once.", err=True)
