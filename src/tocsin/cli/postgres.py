"""`tocsin postgres`: the embedded server, for operators."""

import json
import os
from typing import Annotated

import typer

from tocsin.config import postgres, postgres_server
from tocsin.kernel.errors import NotFound

app = typer.Typer(help="Show, stop or copy the embedded PostgreSQL server.", no_args_is_help=True)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


def _recorded() -> postgres_server.Connection:
    state = postgres.state_directory()
    connection = postgres.recorded(state)
    if connection is None:
        raise NotFound("no_embedded_server", f"There is no embedded server in {state}; `tocsin migrate` makes one.")
    return connection


@app.command()
def status(as_json: AsJson = False) -> None:
    """Say whether the server runs, where, and since which programs."""
    connection = _recorded()
    known = postgres_server.postmaster(connection.data)
    facts = {
        "running": postgres_server.answers(connection),
        "pid": known.pid if known and known.alive else None,
        "port": connection.port,
        "data": str(connection.data),
        "log": str(connection.data.parent / "server.log"),
        "programs": connection.label,
    }
    if as_json:
        typer.echo(json.dumps(facts))
        return
    for name, fact in facts.items():
        typer.echo(f"{name:>9}  {fact}")


@app.command()
def url() -> None:
    """Print the address for psql and pg_dump. It holds the password; the server must be running."""
    typer.echo(postgres.url_of(_recorded()))


@app.command()
def start() -> None:
    """Start the server and leave it running until `tocsin postgres stop`."""
    os.environ["TOCSIN_POSTGRES_KEEP"] = "1"
    connection = postgres.ensure_running(postgres.state_directory())
    typer.echo(f"{connection.label} on {postgres_server.HOST}:{connection.port}")


@app.command()
def stop() -> None:
    """Stop the server, whoever uses it. What was committed is safe."""
    if not postgres.stop(postgres.state_directory()):
        typer.echo("It does not stop; see its log.", err=True)
        raise typer.Exit(1)
    typer.echo("stopped")
