"""The process that sends by Apprise: one JSON line in, one out, until its input ends. Run by transport.py only.

Apprise's services do their own HTTP, with their own time-outs and look-ups, so they get a process that may do
nothing else (confined.py), knows no secret of ours, and can be ended at any moment.
"""

import json
import logging
import os
import signal
import sys
from typing import Any, cast

import apprise
import requests

from tocsin.channels.apprise.confined import Confinement
from tocsin.domain.notify.logic.addresses import REFUSED_SCHEMES

MOST_LOGGED = 400
PATIENCE = 5  # seconds beyond the time-out after which the process ends itself, whoever still waits for it


class Heard:
    """The last answer of a service, which Apprise keeps to itself."""

    def __init__(self) -> None:
        self.status: int | None = None
        self.retry_after = ""
        self.asked = False

    def listen(self) -> None:
        """Look at every answer from now on."""
        send = requests.Session.send

        def heard(session: Any, request: Any, **options: Any) -> Any:
            self.asked = True
            answer = send(session, request, **options)
            self.status = answer.status_code
            self.retry_after = answer.headers.get("retry-after", "")
            return answer

        requests.Session.send = heard  # type: ignore[assignment,method-assign]  # the one place that sees every answer

    def forget(self) -> None:
        self.status, self.retry_after, self.asked = None, "", False


class _Last(logging.Handler):
    """Keeps the last warning: mostly why a service refused."""

    text = ""

    def emit(self, record: logging.LogRecord) -> None:
        self.text = record.getMessage()[:MOST_LOGGED]


def send(order: dict[str, Any], confinement: Confinement, heard: Heard, last: _Last) -> dict[str, Any]:
    """Send one message and return what became of it."""
    confinement.refused.clear()
    heard.forget()
    last.text = ""
    url = str(order["url"])
    if url.partition("://")[0].lower() in REFUSED_SCHEMES:
        return {"ok": False, "permanent": True, "answer": "this kind of address is not allowed"}
    signal.setitimer(signal.ITIMER_REAL, float(order["timeout"]) + PATIENCE)
    asset = apprise.AppriseAsset(storage_mode=apprise.PersistentStoreMode.MEMORY, pgp_autogen=False, pem_autogen=False)
    asset.http_redirects = False
    service = apprise.Apprise.instantiate(url, asset=asset, suppress_exceptions=True)
    if service is None:
        return {"ok": False, "permanent": True, "answer": _why(confinement, "Apprise knows no such address")}
    kind = apprise.NotifyType.FAILURE if order["urgent"] else apprise.NotifyType.INFO
    done = bool(cast(Any, service).notify(title=str(order["title"]), body=str(order["body"]), notify_type=kind))
    signal.setitimer(signal.ITIMER_REAL, 0)
    if done and not confinement.refused:
        return {"ok": True, "answer": f"{heard.status or ''} {service.service_name}".strip()}
    return {
        "ok": False,
        "permanent": bool(confinement.refused),
        "status": heard.status,
        "retry_after": heard.retry_after,
        "asked": heard.asked,
        "answer": _why(confinement, last.text or "the service did not take it"),
    }


def _why(confinement: Confinement, otherwise: str) -> str:
    return confinement.refused[0] if confinement.refused else otherwise


def main() -> None:
    """Answer orders until the input ends."""
    allow = json.loads(sys.argv[1])
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    sys.stdout = sys.stderr  # whatever a service prints must not look like an answer
    last = _Last(logging.WARNING)
    logging.getLogger("apprise").addHandler(last)
    heard = Heard()
    heard.listen()
    apprise.Apprise.instantiate("json://localhost", suppress_exceptions=True)  # loads every service now
    confinement = Confinement(allow)
    confinement.enter()
    for line in sys.stdin:
        try:
            answer = send(json.loads(line), confinement, heard, last)
        except Exception as error:
            answer = {"ok": False, "permanent": False, "answer": type(error).__name__, "asked": heard.asked}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


if __name__ == "__main__":
    main()
