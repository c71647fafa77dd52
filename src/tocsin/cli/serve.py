"""`tocsin serve`: everything on one machine, under one supervisor."""

import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated

import typer

from tocsin.cli.app import use_django
from tocsin.cli.supervisor import Child, Supervisor
from tocsin.config.postgres_server import free_port
from tocsin.kernel.errors import Conflict

HOST = "127.0.0.1"
PORT = 8000
WORKERS = min(2, os.cpu_count() or 1)  # a back-test is walked by all of them side by side
WEB_SECONDS = 30.0  # until the pages must answer


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; 0.0.0.0 for all.")] = HOST,
    port: Annotated[int, typer.Option(help="Port of the pages.")] = PORT,
    web_workers: Annotated[int, typer.Option(help="Web processes.", min=1)] = 1,
    engine: Annotated[bool, typer.Option(help="Run an engine here.")] = True,
    worker: Annotated[bool, typer.Option(help="Run workers for background jobs here.")] = True,
    workers: Annotated[int, typer.Option(help="Processes of theirs.", min=1)] = WORKERS,
    live: Annotated[
        bool, typer.Option(help="Serve live events on the next port, so that open pages need not ask.")
    ] = True,
) -> None:
    """Migrate, then run web, engine and worker until SIGTERM or Ctrl-C; a crashed one is started again."""
    run(host=host, port=port, web_workers=web_workers, engine=engine, worker=worker, workers=workers, live=live)


def run(
    *,
    host: str = HOST,
    port: int = PORT,
    web_workers: int = 1,
    engine: bool = True,
    worker: bool = True,
    workers: int = WORKERS,
    live: bool = True,
    environment: Mapping[str, str] | None = None,
    on_ready: Callable[[str], None] | None = None,
) -> None:
    """Serve until stopped. `on_ready` gets the address once the pages answer.

    `environment` is added to that of the children. Without TOCSIN_BASE_URL, links in messages point to the address
    that is printed. Raises Conflict when the port is taken, Unavailable when there is no database.
    """
    address = f"http://{'127.0.0.1' if host in {'0.0.0.0', '::', ''} else host}:{port}"  # noqa: S104 - compared only
    own = {**os.environ, **(environment or {})}
    if not own.get("TOCSIN_BASE_URL"):
        own["TOCSIN_BASE_URL"] = address
    _require_free(host, port)
    _prepare()
    children = [_web(host, port, web_workers)]
    if live:
        heard_at = port + 1 if _is_free(host, port + 1) else free_port()
        own["TOCSIN_LIVE_URL"] = own.get("TOCSIN_LIVE_URL") or f":{heard_at}"
        children.append(_live(host, heard_at))
    loops = ["engine"] * engine + ["worker"] * (workers if worker else 0)
    children += [Child(name, [sys.executable, "-m", "tocsin", name]) for name in loops]
    if own.get("TOCSIN_MAIL_LISTEN") or own.get("TOCSIN_IMAP_URL"):
        children.append(Child("mail", [sys.executable, "-m", "tocsin", "mail"]))
    supervisor = Supervisor(children, environment=own, say=_say, check=_database_watch())

    def announce() -> None:
        if _answers(host, port, supervisor):
            _say(f"Tocsin is ready: {own['TOCSIN_BASE_URL']}  (Ctrl-C stops it)")
            _say_first(own["TOCSIN_BASE_URL"])
            if on_ready is not None:
                on_ready(address)
        elif not supervisor.stopping:
            _say(f"the pages do not answer at {address} yet; see the messages above")

    supervisor.run(announce)
    _say("stopped")


def _prepare() -> None:
    """Find the database and bring it to this release."""
    use_django()
    from django.conf import settings  # noqa: PLC0415 - after use_django
    from django.core.management import call_command  # noqa: PLC0415 - after use_django

    Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # empty or not, the pages' server wants it there
    _say("migrating the database")
    call_command("migrate", interactive=False, verbosity=0)


def _say_first(base_url: str) -> None:
    """Say where the first administrator is made, as long as there is none."""
    from django.db import connection  # noqa: PLC0415 - after use_django

    from tocsin.domain.people import one_time, queries  # noqa: PLC0415 - as above

    try:
        if not queries.has_administrator():
            _say(
                f"Nobody administers this installation yet. Begin here: {base_url}/set-up/first/{one_time.first_token()}"
            )
    finally:
        connection.close()


def _web(host: str, port: int, workers: int) -> Child:
    # Requests wait for the database more than they compute: two threads a core.
    threads = min(8, 2 * (os.cpu_count() or 1))
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port), "--no-ws"]
    command += ["--workers", str(workers), "--blocking-threads", str(threads), "--respawn-failed-workers"]
    return Child("web", [*command, "--log-level", "warning", "tocsin.config.wsgi:application"])


def _live(host: str, port: int) -> Child:
    """The small process that keeps pages live (web/live): one event loop holds thousands of waiting browsers."""
    command = [sys.executable, "-m", "granian", "--interface", "asgi", "--host", host, "--port", str(port), "--no-ws"]
    command += ["--workers", "1", "--respawn-failed-workers", "--log-level", "warning"]
    return Child("live", [*command, "tocsin.config.asgi:application"])


def _database_watch() -> Callable[[], bool]:
    """Return what keeps the embedded server up: started again when it was killed, true if its address changed."""
    if os.environ.get("DATABASE_URL"):
        return lambda: False
    from django.conf import settings  # noqa: PLC0415 - after use_django

    from tocsin.config.postgres import ensure_running  # noqa: PLC0415 - not needed with DATABASE_URL
    from tocsin.kernel.errors import Unavailable  # noqa: PLC0415

    last = ensure_running(settings.STATE)

    def moved() -> bool:
        nonlocal last
        try:
            now = ensure_running(settings.STATE)
        except Unavailable as error:
            _say(error.message)
            return False
        before, last = last, now
        return (now.port, now.password) != (before.port, before.password)

    return moved


def _bind(host: str, port: int) -> None:
    """Take the address for a moment. Raises OSError."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        trial.bind((host, port))


def _is_free(host: str, port: int) -> bool:
    try:
        _bind(host, port)
    except OSError:
        return False
    return True


def _require_free(host: str, port: int) -> None:
    try:
        _bind(host, port)
    except OSError as error:
        raise Conflict(
            "address_taken",
            f"Cannot listen on {host}:{port}: {error.strerror}. Stop the program that does, or choose another "
            "with --port.",
            {"port": "taken"},
        ) from error


def _answers(host: str, port: int, supervisor: Supervisor) -> bool:
    """Wait until the web process takes connections."""
    target = {"0.0.0.0": "127.0.0.1", "": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared only
    end = time.monotonic() + WEB_SECONDS
    while time.monotonic() < end and not supervisor.stopping:
        try:
            socket.create_connection((target, port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return True
    return False


def _say(line: str) -> None:
    typer.echo(f"tocsin: {line}", err=True)
