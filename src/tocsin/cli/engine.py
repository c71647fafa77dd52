"""`tocsin engine` and `tocsin worker`: the processes that page, and those that do background work."""

import json
import logging
import signal
import sys
from typing import TYPE_CHECKING, Annotated, cast

import structlog
import typer

from tocsin.kernel.errors import InvalidInput

if TYPE_CHECKING:
    from typing import TextIO

    from procrastinate.contrib.django.django_connector import DjangoConnector


def engine(
    only: Annotated[str, typer.Option(help="Run one part: ticker, sender or auditor.")] = "",
    once: Annotated[bool, typer.Option("--once", help="Do what is due now, and end.")] = False,
    metrics_port: Annotated[int, typer.Option(help="Serve Prometheus metrics on loopback; 0: do not.", min=0)] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Log (and with --once report) JSON.")] = False,
) -> None:
    """Run one engine until SIGTERM or Ctrl-C. Any number may run side by side, on any machines."""
    from tocsin.engine.engine import PARTS, Engine, work_once  # noqa: PLC0415 - settings are loaded by now

    log_to_stderr(as_json)
    if only and only not in PARTS:
        raise InvalidInput("unknown_part", f"--only takes one of: {', '.join(PARTS)}.", {"only": "unknown"})
    parts = (only,) if only else PARTS
    if once:
        done = work_once(parts)
        typer.echo(
            json.dumps(done, sort_keys=True) if as_json else ", ".join(f"{n} {part}" for part, n in done.items())
        )
        return
    if metrics_port:
        from prometheus_client import start_http_server  # noqa: PLC0415 - only where it is wanted

        start_http_server(metrics_port, addr="127.0.0.1")
    running = Engine(parts)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: running.stop())
    running.run()


def worker(
    concurrency: Annotated[int, typer.Option(help="Jobs side by side.", min=1)] = 2,
    once: Annotated[bool, typer.Option("--once", help="Do the jobs that wait now, and end.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Log JSON.")] = False,
) -> None:
    """Run one worker for background jobs until SIGTERM or Ctrl-C."""
    from procrastinate.contrib.django import app  # noqa: PLC0415 - settings are loaded by now

    log_to_stderr(as_json)
    # Django's own connector is for deferring jobs; a worker needs one that listens.
    connector = cast("DjangoConnector", app.connector)
    with app.replace_connector(connector.get_worker_connector()) as jobs:
        jobs.run_worker(concurrency=concurrency, wait=not once, delete_jobs="successful")


class _StandardError:
    """Standard error as it is when something is logged: what it was when a logger was made may be closed by then."""

    def write(self, text: str) -> int:
        return sys.stderr.write(text)

    def flush(self) -> None:
        sys.stderr.flush()


def log_to_stderr(as_json: bool) -> None:
    """Log to standard error: lines for people, or JSON for collectors."""
    logging.basicConfig(level=logging.WARNING)
    renderer = structlog.processors.JSONRenderer() if as_json else structlog.dev.ConsoleRenderer(colors=False)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.PrintLoggerFactory(cast("TextIO", _StandardError())),
        cache_logger_on_first_use=True,
    )
