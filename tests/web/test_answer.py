"""The signed address for buttons: POST only, no cookie, one person's answer to what they were told."""

from datetime import timedelta

from django.test import Client
from django.urls import reverse

from tocsin.domain.escalation.models import Run
from tocsin.domain.journal.models import Entry
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify import links
from tocsin.domain.notify.models import Delivery
from tocsin.domain.notify.transport import Sent


def button(desk) -> str:  # type: ignore[no-untyped-def]
    """Send what is due to the agent, and return where its button posts to."""
    for parcel in notify.lease(channel="email", now=desk.now, limit=50, terms=notify.LeaseTerms()):
        notify.record_sent(parcel=parcel, sent=Sent(provider_id="", answer="ok"), now=desk.now)
    delivery = Delivery.objects.get(user=desk.agent, run__isnull=False)
    return reverse("answer_button", args=[links.answer_token(delivery.pk, now=desk.now)])


def run_of(desk) -> Run:  # type: ignore[no-untyped-def]
    return Run.objects.get(escalation=desk.escalated)


def test_a_button_acknowledges_without_a_sign_in_or_a_form_token(desk) -> None:  # type: ignore[no-untyped-def]
    response = Client(enforce_csrf_checks=True).post(button(desk), {"verb": "acknowledge"})
    assert response.status_code == 200
    assert response.content.decode() == f"Acknowledged. Nobody else is paged for {desk.ticket.reference}."
    assert response["Content-Type"].startswith("text/plain")
    assert run_of(desk).status == "acknowledged"


def test_the_verb_may_stand_in_the_query(desk) -> None:  # type: ignore[no-untyped-def]
    Client().post(button(desk) + "?verb=decline&reason=on+a+plane")
    assert Entry.objects.get(kind="run.declined").data["reason"] == "on a plane"


def test_opening_the_address_changes_nothing(desk) -> None:  # type: ignore[no-untyped-def]
    where = button(desk) + "?verb=acknowledge"
    for method in ("get", "head", "options"):
        assert getattr(Client(), method)(where).status_code == 405
    assert run_of(desk).status == "climbing"


def test_pressing_twice_is_pressing_once(desk) -> None:  # type: ignore[no-untyped-def]
    where = button(desk)
    Client().post(where, {"verb": "acknowledge"})
    entries = Entry.objects.count()
    again = Client().post(where, {"verb": "acknowledge"})
    assert again.status_code == 200
    assert "has acknowledged" in again.content.decode()
    assert Entry.objects.count() == entries


def test_taking_by_a_button_makes_the_ticket_theirs(desk) -> None:  # type: ignore[no-untyped-def]
    Client().post(button(desk), {"verb": "take"})
    desk.ticket.refresh_from_db()
    assert desk.ticket.owner == desk.agent


def test_a_snooze_takes_minutes_within_reason(desk) -> None:  # type: ignore[no-untyped-def]
    where = button(desk)
    assert Client().post(where, {"verb": "snooze", "minutes": "99999"}).status_code == 400
    assert Client().post(where, {"verb": "snooze", "minutes": "20"}).status_code == 200
    assert run_of(desk).status == "snoozed"


def test_an_unknown_verb_is_refused_with_those_that_are_known(desk) -> None:  # type: ignore[no-untyped-def]
    response = Client().post(button(desk), {"verb": "explode"})
    assert response.status_code == 400
    assert "acknowledge" in response.content.decode()


def test_forged_and_old_addresses_answer_nothing(desk) -> None:  # type: ignore[no-untyped-def]
    where = button(desk)
    assert Client().post(where[:-2] + "xx", {"verb": "acknowledge"}).status_code == 404
    delivery = Delivery.objects.get(user=desk.agent, run__isnull=False)
    old = links.answer_token(delivery.pk, now=desk.now - timedelta(days=8))
    assert Client().post(reverse("answer_button", args=[old]), {"verb": "acknowledge"}).status_code == 404
    assert run_of(desk).status == "climbing"
