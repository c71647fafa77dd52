"""Background work: trainings that were asked for, a training each week, a look at drift and calibration each night."""

from uuid import UUID

import structlog
from django.db import connection
from procrastinate.contrib.django import app

from tocsin.domain.risk import actions
from tocsin.kernel.clock import database_now

log = structlog.get_logger(__name__)


@app.task(lock="risk.train", pass_context=False)
def train(training: str) -> None:
    """Run one training. One at a time, with two threads."""
    done = actions.run_training(training_id=UUID(training), clock=lambda: database_now(connection))
    log.info("trained a risk model", outcome=done.outcome, state=done.state, message=done.message)


@app.periodic(cron="40 2 * * 0")
@app.task(queueing_lock="risk.weekly", pass_context=False)
def train_weekly(timestamp: int) -> None:
    """Each Sunday: train anew what is on and has seen tickets end."""
    asked = actions.scheduled(now=database_now(connection))
    for one in asked:
        train.defer(training=str(one.pk))
    log.info("asked for trainings", week=timestamp, outcomes=[one.outcome for one in asked])


@app.periodic(cron="50 3 * * *")
@app.task(queueing_lock="risk.watch", pass_context=False)
def watch(timestamp: int) -> None:
    """Each night: how far scores have drifted, whether what was said came true; and open tickets, a day older, anew."""
    months = actions.watch(now=database_now(connection))
    scored = actions.rescore_all(now=database_now(connection))
    log.info("watched risk models", night=timestamp, months=dict(months), scored=scored)
