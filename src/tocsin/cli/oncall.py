"""`tocsin oncall`: who is on call, shifts from a calendar file, addresses of calendar feeds."""

import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from zoneinfo import ZoneInfo

import typer

from tocsin.kernel.errors import InvalidInput, NotFound

if TYPE_CHECKING:
    from tocsin.domain.people.models import User

app = typer.Typer(
    add_completion=False, pretty_exceptions_enable=False, no_args_is_help=True, help="Who is on call, and when."
)
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def who(
    schedules: Annotated[list[str] | None, typer.Argument(help="Short names of schedules; none: all.")] = None,
    at: Annotated[str, typer.Option(help="When, as 2026-03-02T09:00+01:00 (no zone: UTC). Left out: now.")] = "",
    as_json: Json = False,
) -> None:
    """Say who is on call, in order, and why. Exit status 1 if a schedule has nobody on."""
    from tocsin.domain.oncall import queries as oncall  # noqa: PLC0415 - settings are loaded by now

    instant = _instant(at)
    wanted = list(schedules or [row.slug for row in oncall.schedules()])
    found = oncall.who_is_on_now(wanted, instant)
    for slug in wanted:
        if slug not in found:
            raise NotFound("schedule_not_found", f"There is no schedule {slug!r}. `tocsin oncall who` lists them all.")
    told = [
        {
            "schedule": slug,
            "name": found[slug].name,
            "at": instant.isoformat(),
            "people": [
                {"id": str(pk), "name": name, "why": why}
                for (pk, why), name in zip(found[slug].people, found[slug].names, strict=True)
            ],
        }
        for slug in wanted
    ]
    if as_json:
        typer.echo(json.dumps(told))
    else:
        _say(told)
    raise typer.Exit(1 if any(not one["people"] for one in told) else 0)


@app.command("import")
def import_(
    schedule: Annotated[str, typer.Argument(help="The schedule's short name.")],
    file: Annotated[Path, typer.Argument(help="An iCalendar file (.ics); - reads standard input.")],
    source: Annotated[
        str, typer.Option(help="Name of the source; a newer file of it replaces the older.")
    ] = "calendar",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what the file comes to.")] = False,
    as_json: Json = False,
) -> None:
    """Make a calendar's events one-off shifts of the people whom they name."""
    from tocsin.domain.oncall import queries as oncall  # noqa: PLC0415 - settings are loaded by now
    from tocsin.intake import ical  # noqa: PLC0415 - as above

    now, text = _now(), _read(file)
    row = next((one for one in oncall.schedules() if one.slug == schedule), None)
    if row is None:
        raise NotFound("schedule_not_found", f"There is no schedule {schedule!r}. `tocsin oncall who` lists them all.")
    if dry_run:
        read = ical.recognised(text, start=now, end=now + ical.LONGEST, zone=ZoneInfo(row.zone))
        shifts = sum(len(people) for _, people in read)
        unknown = [one.summary or one.uid for one, people in read if not people]
    else:
        made = ical.import_shifts(schedule_id=row.pk, text=text, source=source, by=None, now=now)
        shifts, unknown = made.shifts, list(made.unknown)
    if as_json:
        typer.echo(json.dumps({"schedule": schedule, "shifts": shifts, "unknown": unknown, "dry_run": dry_run}))
        return
    typer.echo(f"{shifts} shifts {'would be' if dry_run else 'are'} in {row.name}.")
    for summary in unknown:
        typer.echo(f"  left out, names nobody who works here: {summary}", err=True)


@app.command()
def feed(
    email: Annotated[str, typer.Argument(help="Whose feed: their address.")],
    schedule: Annotated[str, typer.Option(help="A schedule's short name; left out: the person's own shifts.")] = "",
    as_json: Json = False,
) -> None:
    """Make a secret calendar address for a person and print it: this once."""
    from django.conf import settings  # noqa: PLC0415 - settings are loaded by now
    from django.urls import reverse  # noqa: PLC0415 - as above

    from tocsin.domain.oncall import actions  # noqa: PLC0415 - as above
    from tocsin.domain.oncall import queries as oncall  # noqa: PLC0415 - as above

    owner = _person(email)
    row = oncall.access_schedule(owner, schedule) if schedule else None
    token, made = actions.make_feed(owner=owner, schedule=row, by=None, now=_now())
    address = f"{settings.BASE_URL}{reverse('feed', args=[token])}"
    if as_json:
        typer.echo(json.dumps({"id": str(made.pk), "address": address}))
        return
    typer.echo(address)
    typer.echo("Whoever has this address can read it. They revoke it under “My shifts”.", err=True)


def _say(told: list[dict[str, Any]]) -> None:
    if not told:
        typer.echo("There is no schedule yet.")
    for one in told:
        typer.echo(f"{one['name']} ({one['schedule']})")
        for person in one["people"]:
            typer.echo(f"  {person['name']}: {person['why']}")
        if not one["people"]:
            typer.secho("  nobody is on call", fg="red")


def _instant(text: str) -> datetime:
    if not text:
        return _now()
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        problem = f"{text!r} is no time. Write it as 2026-03-02T09:00+01:00."
        raise InvalidInput("bad_time", problem, {"at": problem}) from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def _read(file: Path) -> str:
    try:
        raw = sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise InvalidInput("no_file", f"Cannot read {file}: {error.strerror}.", {"file": "unreadable"}) from error
    return raw.decode("utf-8", errors="replace").replace("\x00", "")


def _person(email: str) -> "User":
    from tocsin.domain.people import queries as people  # noqa: PLC0415 - settings are loaded by now

    found = people.find_person(email)
    if found is None:
        raise NotFound("person_not_found", f"There is nobody with the address {email}.")
    return found


def _now() -> datetime:
    from django.db import connection  # noqa: PLC0415 - settings are loaded by now

    from tocsin.kernel.clock import database_now  # noqa: PLC0415 - as above

    return database_now(connection)
