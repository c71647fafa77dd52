"""The mail process: what its listener stores is taken in at once, and it stops when it is told to."""

import smtplib
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from tests.intake.email.conftest import written
from tocsin.domain.people import actions as people
from tocsin.domain.tickets.models import Ticket
from tocsin.engine.mail import MailProcess
from tocsin.intake.email.models import InboundMail, MailSource


@pytest.mark.django_db(transaction=True)
def test_a_mail_is_a_ticket_a_moment_after_250(now: Any, settings: Any, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    settings.MAIL_LISTEN, settings.IMAP_URL = f"127.0.0.1:{port}", ""
    settings.MAIL_ADDRESSES, settings.ATTACHMENTS = ("support@desk.example",), tmp_path
    people.create_person(email="ana@acme.example", name="Ana", by=None, now=now)
    process = MailProcess()
    thread = threading.Thread(target=process.run, daemon=True)
    thread.start()
    _wait(lambda: _listens(port))
    with smtplib.SMTP("127.0.0.1", port, timeout=10) as client:
        client.sendmail("ana@acme.example", ["support@desk.example"], written().as_bytes())
        assert InboundMail.objects.count() == 1
    _wait(Ticket.objects.exists)
    process.stop()
    thread.join(20)
    assert not thread.is_alive()
    assert not _listens(port)
    assert MailSource.objects.get().last_mail_at is not None


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True


def _wait(true: Any) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.05)
