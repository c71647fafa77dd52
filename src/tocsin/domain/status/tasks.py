"""Background jobs of status pages."""

import structlog
from django.db import connection
from procrastinate.contrib.django import app

from tocsin.domain.status import actions
from tocsin.kernel.clock import database_now

log = structlog.get_logger()


@app.periodic(cron="41 3 * * *")
@app.task(pass_context=False)
def forget_unconfirmed(timestamp: int) -> None:  # noqa: ARG001 - procrastinate passes it
    """Forget addresses that never confirmed."""
    log.info("status.forgotten", subscribers=actions.forget_unconfirmed(now=database_now(connection)))
