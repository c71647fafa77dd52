"""`tocsin drill`: fire tests and read what came of them, from the command line."""

import json
from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

import typer
from django.core.serializers.json import DjangoJSONEncoder
from django.db import connection

from tocsin.domain.escalation import drills
from tocsin.domain.escalation.actions import drill_ends, drill_plans, drilling
from tocsin.domain.escalation.enums import DrillState
from tocsin.domain.escalation.models import Drill, DrillPlan
from tocsin.domain.people import queries as people
from tocsin.domain.people.models import User
from tocsin.kernel.clock import database_now
from tocsin.kernel.errors import NotFound

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False, help="Fire tests, and read what came of them.")
By = Annotated[str, typer.Option(help="E-mail of who fires it: a lead, escalation manager or administrator.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command()
def person(
    email: Annotated[str, typer.Argument(help="Who is tested.")],
    by: By,
    in_quiet_hours: Annotated[bool, typer.Option(help="It may disturb their quiet hours.")] = False,
    as_json: Json = False,
) -> None:
    """Page one person with a test, by their own sequence."""
    drill = drilling.test_person(
        person=_person(email), by=_person(by), now=database_now(connection), in_quiet_hours=in_quiet_hours
    )
    _told(drill, as_json)


@app.command()
def policy(
    slug: Annotated[str, typer.Argument(help="The policy's short name.")],
    by: By,
    level: Annotated[int | None, typer.Option(help="Only this level.")] = None,
    team: Annotated[str, typer.Option(help="As if a ticket were with this team (short name).")] = "",
    as_json: Json = False,
) -> None:
    """Climb a policy's ladder with a test, or open one level of it."""
    found = next((one for one in people.teams() if one.slug == team), None)
    if team and found is None:
        raise NotFound("team_not_found", f"There is no team “{team}”.")
    drill = drilling.test_policy(slug=slug, level=level, team=found, by=_person(by), now=database_now(connection))
    _told(drill, as_json)


@app.command(name="list")
def listed(as_json: Json = False) -> None:
    """List the latest tests."""
    rows = [_row(drill) for drill in drills.recent()]
    if as_json:
        typer.echo(json.dumps(rows, cls=DjangoJSONEncoder, indent=1))
        return
    for row in rows:
        after = f", first after {row['seconds_to_human']:.0f} s" if row["seconds_to_human"] is not None else ""
        line = f"{row['id']} {row['started_at']:%Y-%m-%d %H:%M} {row['kind']} {row['about']}: {row['state']}"
        typer.echo(f"{line}, {row['answered']} of {row['asked']} answered{after}")


@app.command()
def show(drill_id: Annotated[UUID, typer.Argument(help="As `list` names it.")], as_json: Json = False) -> None:
    """Say who was asked by a test, and what they did."""
    found = Drill.objects.filter(pk=drill_id).first()
    if found is None:
        raise NotFound("drill_not_found", "There is no such test.")
    if as_json:
        typer.echo(json.dumps(_row(found), cls=DjangoJSONEncoder, indent=1))
        return
    found.people = drills.people_of(found)
    typer.echo(drill_ends.report_in_words(found))


@app.command()
def cancel(drill_id: Annotated[UUID, typer.Argument(help="As `list` names it.")]) -> None:
    """Call a running test off. Acts as the system."""
    over = drill_ends.end_drill(
        drill_id=drill_id, now=database_now(connection), state=DrillState.CANCELLED, actor="system"
    )
    typer.echo("Called off." if over else "It was over already.")


@app.command()
def plans(as_json: Json = False) -> None:
    """List the planned drills."""
    rows = [_plan(plan) for plan in drills.plans()]
    if as_json:
        typer.echo(json.dumps(rows, cls=DjangoJSONEncoder, indent=1))
        return
    for row in rows:
        typer.echo(f"{row['name']}: {row['team']}, {row['cadence']}, next {row['planned_at'] or 'suspended'}")


@app.command()
def now(name: Annotated[str, typer.Argument(help="A planned drill's name.")], by: By, as_json: Json = False) -> None:
    """Hold a planned drill at once, whatever its window; quiet hours count as planned."""
    plan = next((one for one in drills.plans() if one.name == name), None)
    if plan is None:
        raise NotFound("drill_not_found", f"There is no planned drill “{name}”.")
    _told(drill_plans.hold_now(plan_id=plan.pk, by=_person(by), now=database_now(connection)), as_json)


def _person(email: str) -> User:
    found = people.find_person(email)
    if found is None:
        raise NotFound("person_not_found", f"Nobody is known by {email}.")
    return found


def _told(drill: Drill, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(_row(drill), cls=DjangoJSONEncoder, indent=1))
    else:
        typer.echo(f"Fired at {drill.about}; over by itself at {drill.ends_at:%H:%M} UTC: tocsin drill show {drill.pk}")


def _row(drill: Drill) -> dict[str, Any]:
    told: Sequence[dict[str, Any]] = drills.people_of(drill)
    asked = [row for row in told if row["outcome"] != "left_out"]
    return {
        "id": str(drill.pk), "kind": drill.kind, "about": drill.about, "state": drill.state,
        "started_at": drill.started_at, "ends_at": drill.ends_at, "seconds_to_human": drill.to_human,
        "asked": len(asked), "answered": sum(row["outcome"] == "answered" for row in asked), "people": list(told),
    }  # fmt: skip


def _plan(plan: DrillPlan) -> dict[str, Any]:
    return {
        "name": plan.name, "team": plan.team.slug, "cadence": plan.cadence, "planned_at": plan.planned_at,
        "announced": plan.announced, "in_quiet_hours": plan.in_quiet_hours, "enabled": plan.enabled,
    }  # fmt: skip
