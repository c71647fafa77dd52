"""`tocsin search`: find tickets from the command line, and build the index anew."""

import json
from typing import Annotated

import typer
from django.db import connection
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tocsin.domain.knowledge import searching as knowledge
from tocsin.domain.people import queries as people
from tocsin.domain.search import actions
from tocsin.domain.sla.searching import search_tickets
from tocsin.domain.tickets import searching as tickets
from tocsin.kernel.clock import database_now
from tocsin.kernel.errors import NotFound

app = typer.Typer(no_args_is_help=True)


@app.command()
def find(
    text: Annotated[str, typer.Argument(help='Words, "phrases" and filters, such as: vpn status:open')],
    person: Annotated[
        str, typer.Option("--as", help="Address of the person who searches; they find what they may see.")
    ],
    limit: Annotated[int, typer.Option(min=1, max=200)] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Print what a person finds, best first."""
    user = people.find_person(person)
    if user is None:
        raise NotFound("person_not_found", f"Nobody has the address {person}. See `tocsin person list`.")
    found = search_tickets(user=user, text=f"{text} ", now=database_now(connection), limit=limit)
    if as_json:
        rows = [{"reference": t.reference, "subject": t.subject, "status": t.status} for t in found.tickets]
        typer.echo(json.dumps({"tickets": rows, "read_as": found.read_as, "unread": found.unread}, ensure_ascii=False))
        return
    for typed, read in found.read_as.items():
        typer.echo(f"{typed}: read as {read}", err=True)
    for name, why in found.unread.items():
        typer.echo(f"{name}: passed over. {why}", err=True)
    for ticket in found.tickets:
        typer.echo(f"{ticket.reference}\t{ticket.get_status_display()}\t{ticket.subject}")


@app.command()
def rebuild() -> None:
    """Index all tickets and articles anew. May be interrupted and run again; what is there stays searchable meanwhile."""
    ids, articles = tickets.every_id(), knowledge.every_id()
    console = Console(stderr=True, highlight=False)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as shown:
        task = shown.add_task("tickets", total=len(ids))
        done = actions.rebuild(
            every=ids, loader=tickets.documents, progress=lambda count: shown.update(task, completed=count)
        )
    written = actions.rebuild(every=articles, loader=knowledge.documents)
    typer.echo(f"{done} tickets indexed")
    typer.echo(f"{written} articles indexed")
