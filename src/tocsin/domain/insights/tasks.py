"""Background work: counting what changed, bands that are left, pieces of back-tests, reports of shadows."""

from uuid import UUID

import structlog
from django.db import connection
from procrastinate.contrib.django import app

from tocsin.domain.insights import actions
from tocsin.domain.insights.backtests import asking, working
from tocsin.kernel.clock import database_now

log = structlog.get_logger(__name__)


@app.periodic(cron="* * * * *")
@app.task(queueing_lock="insights.metrics", pass_context=False)
def refresh_metrics(timestamp: int) -> None:
    """Each minute: count the tickets anew that the newest entries of the journal are of."""
    done = actions.refresh_recent()
    if done:
        log.info("counted tickets", minute=timestamp, tickets=done)


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="insights.sweep", pass_context=False)
def sweep_metrics(timestamp: int) -> None:
    """Every ten minutes: look at all tickets, for what the quick rounds may have passed over, and for what was removed."""
    done = actions.refresh()
    if done:
        log.info("swept tickets", at=timestamp, tickets=done)


@app.periodic(cron="20 4 * * *")
@app.task(queueing_lock="insights.bands", pass_context=False)
def watch_bands(timestamp: int) -> None:
    """Each night: tell owners whose metric left its band, once for each departure."""
    told = actions.watch_bands(now=database_now(connection))
    log.info("watched bands", night=timestamp, told=told)


@app.task(name=asking.WORK, queue="backtests", pass_context=False)
def work_on_backtest(backtest: str, number: int) -> None:
    """Do one piece of a back-test."""
    done = working.work_on_chunk(backtest_id=UUID(backtest), number=number)
    log.info("backtest.piece", backtest=backtest, number=number, done=done)


@app.periodic(cron="*/10 * * * *")
@app.task(queueing_lock="insights.backtests", pass_context=False)
def resume_backtests(timestamp: int) -> None:
    """Hand out again the pieces whose worker was lost."""
    left = working.forgotten(now=database_now(connection))
    for backtest, number in left:
        work_on_backtest.defer(backtest=str(backtest), number=number)
    if left:
        log.info("backtest.resumed", at=timestamp, pieces=len(left))
