"""`tocsin demo`: a believable company, everything started, and an escalation that climbs before your eyes."""

import socket
import threading
from datetime import timedelta
from typing import Annotated

import typer
from django.core.management import call_command
from django.db import close_old_connections, connection
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tocsin.cli import serve
from tocsin.domain.escalation import actions as escalation
from tocsin.domain.escalation import queries as escalations
from tocsin.domain.people import queries as people
from tocsin.domain.people.models import User
from tocsin.domain.tickets import queries as tickets
from tocsin.intake.demo import asked, figures, outward, removing, repeats, reviewed, rights, risks, swarming, tested
from tocsin.intake.demo import company as companies
from tocsin.intake.demo.spans import span
from tocsin.intake.demo.stories import Player, hand_over, stories
from tocsin.intake.mailsink import run_sink
from tocsin.kernel.clock import database_now
from tocsin.kernel.errors import Conflict, TocsinError

FIRST_LOOK = 20.0  # seconds from the printed address to the escalation, so that one can be there when it begins
console = Console(stderr=True, highlight=False)


def demo(
    remove: Annotated[
        bool, typer.Option("--remove", help="Take the demonstration data out; the journal stays.")
    ] = False,
    port: Annotated[int, typer.Option(help="Port of the pages.")] = serve.PORT,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = serve.HOST,
    no_serve: Annotated[bool, typer.Option("--no-serve", help="Only load the data.")] = False,
) -> None:
    """Load a believable company, start web, engine, worker and a mail viewer, and fire an escalation."""
    call_command("migrate", interactive=False, verbosity=0)
    if remove:
        removed = removing.remove()
        typer.echo(
            "Removed " + ", ".join(f"{count} {what}" for what, count in removed.items()) + ". The journal stays."
        )
        return
    _load()
    if no_serve:
        _print_sign_in("", "Start it with     tocsin demo")
        return
    sink_port = _free_port()
    stop = run_sink(port=sink_port)
    source = companies.document()
    environment = {
        "TOCSIN_DEMO": "1", "TOCSIN_SMTP_HOST": "127.0.0.1", "TOCSIN_SMTP_PORT": str(sink_port),
        "TOCSIN_MAIL_ADDRESSES": f"support@{source['domain']}", "TOCSIN_MAIL_NAME": source["company"],
    }  # fmt: skip
    try:
        serve.run(host=host, port=port, environment=environment, on_ready=_begin)
    finally:
        stop()


def _load() -> None:
    """Load the company and live its stories, unless they are here already; a broken-off load is begun anew."""
    source = companies.document()
    if removing.is_present() and removing.is_whole(source["live"]["policy"]):
        console.print("The demonstration data is here already.")
        return
    # A visitor may have opened tickets for people of their own in the meantime: only a load would touch those.
    if removing.is_mixed():
        raise Conflict(
            "demo_beside_real",
            "This database holds tickets of your own. Give the demonstration one of its own: set TOCSIN_STATE to "
            "another folder (or DATABASE_URL to an empty database) and try again.",
        )
    if removing.is_present():
        console.print("An earlier load was broken off; beginning anew.")
        removing.remove()
    now = database_now(connection)
    company = companies.create(now)
    past = repeats.live_past(company, now)
    told = stories()
    companies.publish_policies(company, min(now - span(story["ago"]) for story in told) - timedelta(days=1))
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        total = sum(1 + len(story["steps"]) for story in told)
        task = progress.add_task(f"Living through {len(told)} tickets", total=total)
        player = Player(company, now, lambda count: progress.advance(task, count))
        player.play()
    swarming.create(company, player.tickets, now)
    rights.create(company, now)
    asked.create(companies.read("asked.yaml"), company.people, now)
    outward.create(company, now)
    repeats.decide(company, past, now)
    risks.create(company, now)
    reviewed.create(company, now)
    figures.create(company, now)
    tested.create(now)
    hand_over(now)  # what these tell people was read long ago: the engine begins with nothing to send
    companies.publish_live(now)


def _free_port() -> int:
    """Return a port of loopback that nobody listens on just now."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def _begin(address: str) -> None:
    """Say where to look; a little later the ladder begins to climb."""
    ticket = f"/tickets/{_live_ticket_number()}"
    _print_sign_in(address, f"Watch it climb    {address}{ticket}", f"See its mails     {address}/demo/mail")
    timer = threading.Timer(FIRST_LOOK, _fire)
    timer.daemon = True
    timer.start()


def _print_sign_in(address: str, *then: str) -> None:
    signs = [person for email in _sign_in_addresses() if (person := people.find_person(email)) is not None]
    console.print()
    if address:
        console.print(f"  Open              [bold]{address}[/bold]")
    for person in signs:
        console.print(
            f"  Sign in           [bold]{person.email}[/bold]   ({person.name}, {person.get_role_display().lower()})"
        )
    console.print(f"  Password          [bold]{companies.password()}[/bold]")
    for line in then:
        console.print(f"  {line}", soft_wrap=True)
    console.print()


def _sign_in_addresses() -> list[str]:
    source = companies.document()
    return [f"{key}@{source['domain']}" for key in source["sign_in"]]


def _live_ticket_number() -> int:
    """Return the number of the ticket on which the ladder climbs."""
    wanted = companies.document()["live"]["ticket"]
    subject = next(story["subject"] for story in stories() if story["id"] == wanted)
    viewer = _person(companies.document()["live"]["by"])
    found = tickets.queue(viewer, tickets.QueueFilters(status="all", text=subject, sort="newest", size=1)).tickets
    if not found:
        raise Conflict(
            "demo_incomplete", "The demonstration's ticket is gone. Run `tocsin demo --remove`, then `tocsin demo`."
        )
    return found[0].number


def _person(key: str) -> User:
    found = people.find_person(f"{key}@{companies.document()['domain']}")
    if found is None:
        raise Conflict(
            "demo_incomplete", "The demonstration's people are gone. Run `tocsin demo --remove`, then `tocsin demo`."
        )
    return found


def _fire() -> None:
    """Escalate the live ticket. What an earlier showing left climbing there is ended first, so that it begins anew."""
    close_old_connections()
    source = companies.document()["live"]
    try:
        by = _person(source["by"])
        ticket = tickets.access_ticket(by, _live_ticket_number())
        for run in escalations.open_runs([ticket.pk]).get(ticket.pk, []):
            if run.escalation.policy.slug == source["policy"]:
                escalation.resolve_escalation(
                    escalation_id=run.escalation_id,
                    by=by,
                    outcome="The showing begins anew.",
                    now=database_now(connection),
                )
        escalation.escalate(
            ticket_id=ticket.pk, policy=source["policy"], by=by, now=database_now(connection), tried=source["tried"],
            impact=source["impact"], wanted=source["wanted"],
        )  # fmt: skip
        console.print(f"  {ticket.reference} escalates now: level 1 at once, level 2 after 20 s, level 3 after 40 s.")
    except TocsinError as refused:
        console.print(f"  Nothing was escalated: {refused.message}")
    finally:
        connection.close()
