"""What Pushover calls back: an emergency that was acknowledged on the phone acknowledges the page."""

from datetime import timedelta
from typing import Any

from django.test import Client

from tocsin.domain.escalation.models import Run
from tocsin.domain.journal.models import Entry
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify import links
from tocsin.domain.notify.models import Delivery
from tocsin.domain.notify.transport import Sent

RECEIPT = "rLqVuqTRh62UzxtmqiaLzQmVcPgiCy"
FORM = {"receipt": RECEIPT, "acknowledged": "1", "acknowledged_by_device": "phone"}


def called(desk: Any) -> str:
    """Have the agent's page sent as an emergency; return the address that Pushover was given."""
    notify.add_method(user_id=desk.agent.pk, channel="pushover", address="u" * 30, now=desk.now, verified=True)
    Delivery.objects.filter(user=desk.agent, run__isnull=False).update(channel="pushover", address="u" * 30)
    for parcel in notify.lease(channel="pushover", now=desk.now, limit=50, terms=notify.LeaseTerms()):
        notify.record_sent(parcel=parcel, sent=Sent(provider_id=RECEIPT, answer="ok"), now=desk.now)
    delivery = Delivery.objects.get(channel="pushover")
    return f"/hooks/pushover/{links.answer_token(delivery.pk, now=desk.now)}"


def status(desk: Any) -> str:
    return Run.objects.get(escalation=desk.escalated).status


def test_an_acknowledged_emergency_acknowledges_the_page_and_proves_its_delivery(desk) -> None:
    response = Client(enforce_csrf_checks=True).post(called(desk), FORM)
    assert response.content.decode() == f"Acknowledged. Nobody else is paged for {desk.ticket.reference}."
    assert status(desk) == "acknowledged"
    assert Delivery.objects.get(channel="pushover").state == "delivered"
    assert Entry.objects.get(kind="run.acknowledged").data["via"] == "pushover"


def test_calling_twice_is_calling_once(desk) -> None:
    where = called(desk)
    Client().post(where, FORM)
    entries = Entry.objects.count()
    assert Client().post(where, FORM).status_code == 200
    assert Entry.objects.count() == entries


def test_an_emergency_that_expired_answers_nothing(desk) -> None:
    assert Client().post(called(desk), FORM | {"acknowledged": "0"}).status_code == 200
    assert status(desk) == "climbing"


def test_a_forged_or_old_address_is_refused(desk) -> None:
    where = called(desk)
    assert Client().post(f"{where}x", FORM).status_code == 404
    delivery = Delivery.objects.get(channel="pushover")
    old = links.answer_token(delivery.pk, now=desk.now - timedelta(days=8))
    assert Client().post(f"/hooks/pushover/{old}", FORM).status_code == 404
    assert status(desk) == "climbing"


def test_opening_the_address_changes_nothing(desk) -> None:
    where = called(desk)
    for method in ("get", "head", "options"):
        assert getattr(Client(), method)(where).status_code == 405
    assert status(desk) == "climbing"
