"""Background work: each minute count what changed; each night look whether a figure has left its band."""

import structlog
from django.db import connection
from procrastinate.contrib.django import app

from tocsin.domain.insights import actions
from tocsin.kernel.clock import database_now

log = structlog.get_logger(__name__)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="insights.metrics", pass_context=False)
def refresh_metrics(timestamp: int) -> None:
    """Each minute: count the tickets anew that changed."""
    done = actions.refresh()
    if done:
        log.info("counted tickets", minute=timestamp, tickets=done)


@app.periodic(cron="20 4 * * *")
@app.task(queueing_lock="insights.bands", pass_context=False)
def watch_bands(timestamp: int) -> None:
    """Each night: tell owners whose metric left its band, once for each departure."""
    told = actions.watch_bands(now=database_now(connection))
    log.info("watched bands", night=timestamp, told=told)
