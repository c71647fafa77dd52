"""Sends what other programs have subscribed to. A slow receiver holds up nobody: few of its events fly at a time."""

import random
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

import structlog
from django.conf import settings
from django.db import connection

from tocsin.domain.notify.guarded import Refused, Unreachable, fetch
from tocsin.domain.webhooks import actions
from tocsin.domain.webhooks.actions import Parcel, Result
from tocsin.domain.webhooks.logic.sending import signature
from tocsin.engine.steady import steady_seconds
from tocsin.kernel.clock import database_now

log = structlog.get_logger(__name__)

LIMIT, EACH = 24, 4  # events in flight, and of one receiver
TIMEOUT = 10.0  # seconds of one send
PAUSE = 1.0  # seconds between looks; a webhook is no page
LOOK_EVERY = 0.5  # seconds, while some fly, until others are looked for
SWEEP_EVERY = timedelta(hours=1)
AGENT = "Tocsin-Webhooks/1"


class Webhooks:
    """One engine process's share of the sending. What flies when the process ends is sent again a minute later."""

    def __init__(self) -> None:
        self._swept: datetime | None = None
        self._flying: dict[Future[Result], Parcel] = {}
        self._pool = ThreadPoolExecutor(max_workers=LIMIT, thread_name_prefix="webhook")
        self._chance = random.SystemRandom()

    def round(self) -> float:
        """Note what has landed, start what is due; return how many seconds may pass before the next round."""
        for future in [one for one in self._flying if one.done()]:
            parcel, at = self._flying.pop(future), database_now(connection)
            actions.note_result(parcel=parcel, result=future.result(), now=at, chance=self._chance.random())
        now = database_now(connection)
        if self._swept is None or now - self._swept > SWEEP_EVERY:
            actions.forget_old(now=now)
            self._swept = now
        for parcel in actions.lease(now=now, limit=LIMIT - len(self._flying), each=EACH):
            self._flying[self._pool.submit(send, parcel, now)] = parcel
        if not self._flying:
            return PAUSE
        wait(self._flying, timeout=LOOK_EVERY, return_when=FIRST_COMPLETED)
        return 0

    def drain(self) -> int:
        """Send what is due now, once each; return how many tries were made."""
        done = 0
        while self.round() == 0 or self._flying:
            done += len(self._flying)
            wait(self._flying)
        self._pool.shutdown()
        return done


def send(parcel: Parcel, now: datetime) -> Result:
    """Sign and post one event. Never raises: what went wrong is the result."""
    began = steady_seconds()
    if not parcel.secret:
        return Result(None, "Its signing secret cannot be read: no key opens it. Make a new one.", 0)
    body, at = parcel.body.encode(), int(now.timestamp())
    headers = {
        "content-type": "application/json; charset=utf-8", "user-agent": AGENT, "webhook-id": str(parcel.id),
        "webhook-timestamp": str(at), "webhook-signature": signature(parcel.secret, str(parcel.id), at, body),
    }  # fmt: skip
    try:
        answer = fetch(
            "POST", parcel.url, body=body, headers=headers, timeout=TIMEOUT, allow=settings.WEBHOOK_ALLOW, most=2048
        )
        text = answer.body[:300].decode("utf-8", "replace")
        result = Result(answer.status, " ".join(text.split()), _since(began))
    except (Refused, Unreachable) as error:
        result = Result(None, str(error), _since(began))
    except Exception as error:
        log.exception("a webhook could not be sent", delivery=str(parcel.id))
        result = Result(None, f"{type(error).__name__}: it could not be sent", _since(began))
    return result


def _since(began: float) -> int:
    return int((steady_seconds() - began) * 1000)
