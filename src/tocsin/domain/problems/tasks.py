"""Background work: each night look for repeats and judge measures, each month tell teams what came of it."""

import structlog
from django.db import connection
from procrastinate.contrib.django import app

from tocsin.domain.problems import actions
from tocsin.kernel.clock import database_now

log = structlog.get_logger(__name__)


@app.periodic(cron="10 1 * * *")
@app.task(queueing_lock="problems.look", pass_context=False)
def look_for_repeats(timestamp: int) -> None:
    """Each night: count what changed, propose what repeats, judge the measures."""
    now = database_now(connection)
    look = actions.detect(now=now)
    log.info("looked for repeats", night=timestamp, series=look.series, proposed=look.proposed, lapsed=look.lapsed)
    changed = actions.judge_measures(now=now)
    log.info("judged measures", changed=changed)


@app.periodic(cron="0 5 1 * *")
@app.task(queueing_lock="problems.digest", pass_context=False)
def make_digests(timestamp: int) -> None:
    """On the first of the month: the digest of the month before, for each team."""
    made = actions.make_digests(now=database_now(connection))
    log.info("made digests", month=timestamp, made=made)
