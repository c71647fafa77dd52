"""Answers by a button, a key or a few words: every verb by every way, and what is stale, foreign or late."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.domain.escalation.conftest import Company, Outbox
from tocsin.domain.escalation import actions
from tocsin.domain.escalation.logic.said import Said, Verb
from tocsin.domain.escalation.models import Run
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify import links
from tocsin.domain.notify.actions import LeaseTerms, Parcel
from tocsin.domain.notify.models import AnswerCode, ContactMethod, Delivery
from tocsin.domain.notify.transport import Sent
from tocsin.domain.people.models import User
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import NotAllowed, NotFound

TERMS = LeaseTerms(bundle_over=3, per_minute=0)
PHONE = "+4915112345678"
WAYS = ["email", "sms", "voice", "slack", "telegram", "web_push", "ntfy"]


def sent(company: Company, minutes: float = 0, channel: str = "email") -> list[Parcel]:
    """Send what is due by a channel, as a sender would."""
    at = company.after(minutes)
    parcels = notify.lease(channel=channel, now=at, limit=100, terms=TERMS)
    for parcel in parcels:
        notify.record_sent(parcel=parcel, sent=Sent(provider_id="", answer="ok"), now=at)
    return parcels


def paged(company: Company, channel: str = "sms", address: str = PHONE) -> tuple[Run, Delivery]:
    """Escalate a ticket to Ana, who is reached by one channel only."""
    ContactMethod.objects.filter(user=company["ana"]).update(channel=channel, address=address)
    run = company.escalate(company.ticket())
    sent(company, channel=channel)
    return run, Delivery.objects.get(run=run.pk, user=company["ana"])


def press(delivery: Delivery, verb: Verb, company: Company, at: float = 1, **said: Any) -> str:
    return actions.answer_delivery(
        delivery_id=delivery.pk, channel=delivery.channel, address=delivery.address, said=Said(verb, **said),
        now=company.after(at),
    ).message  # fmt: skip


def text(company: Company, words: str, at: float = 1, address: str = PHONE) -> str:
    return actions.answer_text(channel="sms", address=address, text=words, now=company.after(at)).message


def code(run: Run) -> str:
    return AnswerCode.objects.get(page__run=run.pk, page__purpose="page").code


@pytest.mark.django_db
@pytest.mark.parametrize("channel", WAYS)
@pytest.mark.parametrize(
    ("verb", "kind"),
    [
        (Verb.ACKNOWLEDGE, "run.acknowledged"), (Verb.TAKE, "run.acknowledged"), (Verb.DECLINE, "run.declined"),
        (Verb.SNOOZE, "run.snoozed"), (Verb.CALL_NEXT, "run.next_called"),
    ],
)  # fmt: skip
def test_a_button_answers_and_the_journal_says_by_which_way(
    ladder: Company, outbox: Outbox, channel: str, verb: Verb, kind: str
) -> None:
    run, delivery = paged(ladder, channel, PHONE if channel in ("sms", "voice") else "somewhere")
    press(delivery, verb, ladder)
    entry = outbox.entry(run.ticket, kind)
    assert (entry["by"], entry["via"]) == (str(ladder["ana"].pk), channel)


@pytest.mark.django_db
def test_the_signed_address_answers_without_a_sign_in(ladder: Company, outbox: Outbox) -> None:
    run, delivery = paged(ladder, "ntfy", "topic")
    token = links.answer_token(delivery.pk, now=ladder.now)
    answer = actions.answer_link(token=token, said=Said(Verb.ACKNOWLEDGE), now=ladder.after(1))
    assert answer.changed
    assert outbox.entry(run.ticket, "run.acknowledged")["via"] == "ntfy"


@pytest.mark.django_db
def test_a_forged_or_expired_address_answers_nothing(ladder: Company) -> None:
    run, delivery = paged(ladder)
    token = links.answer_token(delivery.pk, now=ladder.now)
    for bad, at in ((token[:-1] + "x", 1), (token, 8 * 24 * 60)):
        with pytest.raises(NotFound):
            actions.answer_link(token=bad, said=Said(Verb.ACKNOWLEDGE), now=ladder.after(at))
    run.refresh_from_db()
    assert run.status == "climbing"


@pytest.mark.django_db
def test_a_respond_link_is_no_button_and_a_button_no_respond_link(ladder: Company) -> None:
    run, delivery = paged(ladder)
    respond = links.respond_token(run.pk, 1, 1, ladder["ana"].pk, now=ladder.now)
    with pytest.raises(NotFound):
        actions.answer_link(token=respond, said=Said(Verb.ACKNOWLEDGE), now=ladder.after(1))
    with pytest.raises(NotFound):
        links.read_token(links.answer_token(delivery.pk, now=ladder.now), now=ladder.after(1))


@pytest.mark.django_db
@pytest.mark.parametrize(("channel", "address"), [("sms", "+4915199999999"), ("email", PHONE), ("voice", PHONE)])
def test_a_foreign_sender_is_refused(ladder: Company, channel: str, address: str) -> None:
    run, delivery = paged(ladder)
    with pytest.raises(NotAllowed):
        actions.answer_delivery(
            delivery_id=delivery.pk, channel=channel, address=address, said=Said(Verb.ACKNOWLEDGE), now=ladder.after(1)
        )
    run.refresh_from_db()
    assert run.status == "climbing"


@pytest.mark.django_db
def test_an_address_taken_away_or_a_person_who_left_answers_no_more(ladder: Company) -> None:
    _, delivery = paged(ladder)
    User.objects.filter(pk=ladder["ana"].pk).update(is_active=False)
    with pytest.raises(NotAllowed):
        press(delivery, Verb.ACKNOWLEDGE, ladder)
    User.objects.filter(pk=ladder["ana"].pk).update(is_active=True)
    ContactMethod.objects.filter(user=ladder["ana"]).update(verified_at=None)
    delivery = Delivery.objects.get(pk=delivery.pk)
    with pytest.raises(NotAllowed):
        press(delivery, Verb.ACKNOWLEDGE, ladder)


@pytest.mark.django_db
def test_what_was_never_sent_or_never_was_is_not_answered(ladder: Company) -> None:
    ContactMethod.objects.filter(user=ladder["ana"]).update(channel="sms", address=PHONE)
    run = ladder.escalate(ladder.ticket())
    with pytest.raises(NotAllowed):
        press(Delivery.objects.get(run=run.pk, user=ladder["ana"]), Verb.ACKNOWLEDGE, ladder)
    with pytest.raises(NotFound):
        actions.answer_delivery(
            delivery_id=uuid4(), channel="sms", address=PHONE, said=Said(Verb.ACKNOWLEDGE), now=ladder.after(1)
        )


@pytest.mark.django_db
def test_an_answer_twice_changes_nothing(ladder: Company, outbox: Outbox) -> None:
    run, delivery = paged(ladder)
    press(delivery, Verb.ACKNOWLEDGE, ladder)
    before, kinds = Run.objects.values().get(pk=run.pk), outbox.kinds(run.ticket)
    assert "has acknowledged" in press(delivery, Verb.ACKNOWLEDGE, ladder, at=2)
    assert Run.objects.values().get(pk=run.pk) == before
    assert outbox.kinds(run.ticket) == kinds


@pytest.mark.django_db
@pytest.mark.parametrize("verb", list(Verb))
def test_an_answer_of_an_older_cycle_changes_nothing_and_says_how_it_stands(ladder: Company, verb: Verb) -> None:
    run, delivery = paged(ladder)
    press(delivery, Verb.ACKNOWLEDGE, ladder)
    ladder.tick(31)  # the reminder
    ladder.tick(36)  # and the climb, in a new cycle
    before = Run.objects.values().get(pk=run.pk)
    assert before["cycle"] > 1
    assert "still climbing: cycle" in press(delivery, verb, ladder, at=37)
    assert Run.objects.values().get(pk=run.pk) == before


@pytest.mark.django_db
@pytest.mark.parametrize("verb", list(Verb))
def test_resolve_wins_over_a_late_answer(ladder: Company, verb: Verb, outbox: Outbox) -> None:
    run, delivery = paged(ladder)
    tickets.take(ticket_id=run.ticket_id, by=ladder["ana"], now=ladder.after(1))
    tickets.resolve(ticket_id=run.ticket_id, by=ladder["ana"], now=ladder.after(1))
    before = Run.objects.values().get(pk=run.pk)
    assert "is resolved" in press(delivery, verb, ladder, at=2)
    assert Run.objects.values().get(pk=run.pk) == before
    assert any(kind.startswith("run.late_") for kind in outbox.kinds(run.ticket))


@pytest.mark.django_db
def test_taking_moves_the_ownership_with_the_answer(ladder: Company) -> None:
    ticket = ladder.ticket(owner=ladder["ben"])
    ContactMethod.objects.filter(user=ladder["ana"]).update(channel="sms", address=PHONE)
    ladder.escalate(ticket, by="ben")
    sent(ladder, channel="sms")
    delivery = Delivery.objects.get(user=ladder["ana"])
    press(delivery, Verb.ACKNOWLEDGE, ladder)
    assert Ticket.objects.get(pk=ticket.pk).owner == ladder["ben"], "accountable until the new one accepts"
    assert "is yours" in press(delivery, Verb.TAKE, ladder, at=2)
    assert Ticket.objects.get(pk=ticket.pk).owner == ladder["ana"]
    press(delivery, Verb.TAKE, ladder, at=3)
    assert Ticket.objects.get(pk=ticket.pk).owner == ladder["ana"]


@pytest.mark.django_db
def test_who_comes_second_does_not_take_it_away(ladder: Company) -> None:
    ticket = ladder.ticket(owner=ladder["ana"])
    run = ladder.escalate(ticket)
    ladder.tick(10)
    actions.take(run_id=run.pk, by=ladder["nora"], now=ladder.after(11))
    actions.take(run_id=run.pk, by=ladder["kai"], now=ladder.after(12))
    assert Ticket.objects.get(pk=ticket.pk).owner == ladder["nora"]


@pytest.mark.django_db
def test_a_decline_by_a_key_needs_no_words(ladder: Company, outbox: Outbox) -> None:
    run, delivery = paged(ladder, "voice", PHONE)
    press(delivery, Verb.DECLINE, ladder)
    assert outbox.entry(run.ticket, "run.declined")["reason"] == "no reason given"


@pytest.mark.django_db
def test_one_button_answers_a_whole_bundle(ladder: Company) -> None:
    runs = [ladder.escalate(ladder.ticket(owner=ladder["ana"])) for _ in range(5)]
    (bundle,) = sent(ladder)
    assert len(bundle.deliveries) == 5
    message = bundle.message(ladder.now)
    assert message.answer_url == links.answer_url(bundle.lead.id, now=bundle.lead.created_at)
    lead = Delivery.objects.get(pk=bundle.lead.id)
    assert "5 acknowledged" in press(lead, Verb.ACKNOWLEDGE, ladder)
    assert set(Run.objects.filter(pk__in=[run.pk for run in runs]).values_list("status", flat=True)) == {"acknowledged"}
    assert press(lead, Verb.ACKNOWLEDGE, ladder, at=2) == "Nothing changed; all 5 stand as they were."


@pytest.mark.django_db
def test_a_page_sent_again_alone_leaves_its_bundle(ladder: Company) -> None:
    runs = [ladder.escalate(ladder.ticket(owner=ladder["ana"])) for _ in range(5)]
    parcels = notify.lease(channel="email", now=ladder.now, limit=100, terms=TERMS)
    notify.release(parcels=parcels, now=ladder.now)
    again = notify.lease(channel="email", now=ladder.now, limit=100, terms=LeaseTerms(bundle_over=0, per_minute=0))
    assert len(again) == 5
    press(Delivery.objects.get(pk=again[0].lead.id), Verb.ACKNOWLEDGE, ladder)
    assert sum(Run.objects.get(pk=run.pk).status == "acknowledged" for run in runs) == 1


@pytest.mark.django_db
def test_every_page_alone_has_a_code_of_its_person_and_keeps_it(ladder: Company) -> None:
    ContactMethod.objects.filter(user=ladder["ana"]).update(channel="sms", address=PHONE)
    run = ladder.escalate(ladder.ticket())
    parcels = notify.lease(channel="sms", now=ladder.now, limit=5, terms=TERMS)
    first = code(run)
    assert len(first) == 4
    assert first.isdigit()
    notify.release(parcels=parcels, now=ladder.now)
    (again,) = notify.lease(channel="sms", now=ladder.after(1), limit=5, terms=TERMS)
    assert again.message(ladder.now).code == again.lead.code == first == code(run)


@pytest.mark.django_db
def test_codes_answer_from_the_phone(ladder: Company, outbox: Outbox) -> None:
    run, _ = paged(ladder)
    assert text(ladder, f"ack {code(run)}").startswith("Acknowledged")
    assert outbox.entry(run.ticket, "run.acknowledged")["via"] == "sms"


@pytest.mark.django_db
def test_one_open_page_needs_no_code(ladder: Company) -> None:
    run, _ = paged(ladder)
    text(ladder, "ok")
    run.refresh_from_db()
    assert run.status == "acknowledged"
    text(ladder, "snooze 20", at=2)
    run.refresh_from_db()
    assert run.status == "snoozed"


@pytest.mark.django_db
def test_of_several_pages_a_word_without_a_code_picks_none(ladder: Company) -> None:
    paged(ladder)
    second = ladder.escalate(ladder.ticket(subject="Mail is down", owner=ladder["ana"]))
    sent(ladder, channel="sms")
    said = text(ladder, "ack")
    assert "2 escalations wait" in said
    assert f"{code(second)}: {second.ticket.reference} Mail is down" in said
    assert not Run.objects.exclude(status="climbing").exists()
    assert text(ladder, "ack all").startswith("2 acknowledged")
    assert text(ladder, "ack all", at=2) == "Nothing waits for an answer from you."


@pytest.mark.django_db
def test_the_code_of_somebody_else_answers_nothing(ladder: Company) -> None:
    run, _ = paged(ladder)
    ContactMethod.objects.create(user=ladder["ben"], channel="sms", address="+4915100000000", verified_at=ladder.now)
    assert "Unknown" in text(ladder, f"ack {code(run)}", address="+4915100000000")
    run.refresh_from_db()
    assert run.status == "climbing"


@pytest.mark.django_db
def test_an_unverified_phone_is_nobodys(ladder: Company) -> None:
    paged(ladder)
    ContactMethod.objects.create(user=ladder["ben"], channel="sms", address="+4915100000000")
    for stranger in ("+4915100000000", "+1"):
        with pytest.raises(NotAllowed):
            text(ladder, "ack all", address=stranger)


@pytest.mark.django_db
@pytest.mark.parametrize("words", ["What is this?", "all", "", "thanks, I will look"])
def test_words_that_are_no_answer_change_nothing(ladder: Company, words: str) -> None:
    run, _ = paged(ladder)
    assert "1 escalation waits" in text(ladder, words)
    run.refresh_from_db()
    assert run.status == "climbing"


@pytest.mark.django_db
def test_a_ticket_number_names_a_page_as_a_code_does(ladder: Company) -> None:
    run, _ = paged(ladder)
    text(ladder, f"decline {run.ticket.reference} I am ill")
    run.refresh_from_db()
    assert run.level == 2


@pytest.mark.django_db
def test_a_code_is_free_again_after_a_week(ladder: Company) -> None:
    run, _ = paged(ladder)
    old = AnswerCode.objects.get(page__run=run.pk)
    AnswerCode.objects.update(made_at=ladder.now - timedelta(days=8))
    ladder.escalate(ladder.ticket(owner=ladder["ana"]))
    sent(ladder, channel="sms")
    assert not AnswerCode.objects.filter(pk=old.pk).exists()
