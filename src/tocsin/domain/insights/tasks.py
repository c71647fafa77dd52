"""Background work of insights: pieces of back-tests, and the weekly report of shadows."""

from uuid import UUID

import structlog
from django.db import connection
from procrastinate.contrib.django import app

from tocsin.domain.insights.backtests import asking, working
from tocsin.kernel.clock import database_now

log = structlog.get_logger(__name__)


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
