"""Stories of asking: a rating asked for, a bad one made good, and an escalation seen from four sides."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from tests.web.conftest import Desk
from tests.web.conftest import desk as desk  # noqa: PLC0414 - the small desk, as a fixture of this module
from tocsin.domain.escalation import publishing
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.feedback import actions, links, queries
from tocsin.domain.feedback.enums import AskState, Kind, RecoveryState
from tocsin.domain.feedback.models import Ask, Recovery
from tocsin.domain.journal.models import Entry
from tocsin.domain.notify.models import Page
from tocsin.domain.people.models import Organisation, User
from tocsin.domain.stakeholders import actions as stakeholders
from tocsin.domain.stakeholders.models import Promise
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Rating, Ticket

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ON = {"asks_ratings": True, "asks_parties": True, "delay_minutes": 60, "remind_hours": 72, "expire_days": 14}


@pytest.fixture(autouse=True)
def mail_leaves(settings: Any) -> None:
    settings.SMTP_HOST, settings.BASE_URL = "127.0.0.1", "https://desk.example"


def switched_on(desk: Desk, **more: Any) -> None:
    actions.save_setting(values={**ON, **more}, by=desk.manager, now=desk.now)


def letters(person: User, since: datetime) -> list[Page]:
    rows = Page.objects.filter(user=person, purpose="letter", created_at__gte=since)
    return [page for page in rows.order_by("created_at") if "/asked/" in page.body]


def kinds(ticket: Ticket) -> list[str]:
    rows = Entry.objects.filter(stream=f"ticket:{ticket.pk}").order_by("position")
    return [kind for kind in rows.values_list("kind", flat=True) if kind.startswith(("feedback.", "recovery."))]


def resolved(desk: Desk) -> Ticket:
    tickets.take(ticket_id=desk.queued.pk, by=desk.agent, now=desk.now)
    tickets.set_status(ticket_id=desk.queued.pk, status="resolved", by=desk.agent, now=desk.now)
    desk.queued.refresh_from_db()
    return desk.queued


def test_csat_is_asked_reminded_once_answered_and_may_be_changed(desk: Desk) -> None:
    switched_on(desk)
    User.objects.filter(pk=desk.requester.pk).update(language="de")
    ticket, start = resolved(desk), desk.now
    assert actions.ask_due(now=start + timedelta(minutes=59)) == 0
    assert actions.ask_due(now=start + HOUR) == 1
    (asked,) = letters(desk.requester, start)
    assert "Wie war es?" in asked.subject
    assert asked.data["auto_submitted"] == "auto-generated"
    assert asked.data["unsubscribe"].startswith("https://desk.example/asked/stop/")
    actions.ask_due(now=start + 73 * HOUR)
    actions.ask_due(now=start + 10 * DAY)
    assert [page.subject.startswith("Noch einmal") for page in letters(desk.requester, start)] == [False, True]

    ask = Ask.objects.get(ticket=ticket)
    where = reverse("feedback_asked", args=[links.ask_token(ask)])
    somebody = Client()
    shown = somebody.get(where, {"score": "4"}).content.decode()
    assert "Wie zufrieden" in shown
    assert not Rating.objects.exists()
    somebody.post(where, {"score": "4", "comment": "Schnell."})
    rating = Rating.objects.get()
    assert (rating.score, rating.comment, rating.by) == (4, "Schnell.", desk.requester)
    somebody.post(where, {"score": "5", "comment": "Schnell."})
    assert [row.score for row in Rating.objects.all()] == [5]
    ask.refresh_from_db()
    assert (ask.state, ask.via, ask.due_at) == (AskState.ANSWERED, "link", None)
    assert kinds(ticket) == ["feedback.asked", "feedback.reminded"]


def test_a_ticket_that_is_opened_again_is_not_asked_about_and_an_old_link_changes_nothing(desk: Desk) -> None:
    switched_on(desk)
    ticket = resolved(desk)
    actions.ask_due(now=desk.now + HOUR)
    ask = Ask.objects.get(ticket=ticket)
    tickets.add_message(
        ticket_id=ticket.pk, kind="customer", body="No, it is slow again.", by=desk.requester, now=desk.now + 2 * HOUR
    )
    ask.refresh_from_db()
    assert (ask.state, ask.why, ask.due_at) == (AskState.WITHDRAWN, "it was opened again", None)
    answer = Client().post(reverse("feedback_asked", args=[links.ask_token(ask)]), {"score": "1"})
    assert answer.status_code == 409
    assert not Rating.objects.exists()
    tickets.set_status(ticket_id=ticket.pk, status="resolved", by=desk.agent, now=desk.now + 3 * HOUR)
    assert actions.ask_due(now=desk.now + 4 * HOUR) == 1
    later = Ask.objects.filter(ticket=ticket).latest("planned_at")
    assert (later.state, later.why) == (AskState.SKIPPED, "asked not long ago")


def test_a_low_rating_is_called_about_in_business_time_and_regained(desk: Desk) -> None:
    Organisation.objects.filter(pk=desk.customer.pk).update(account_manager=desk.manager)
    switched_on(desk, callback_minutes=240)
    ticket = resolved(desk)
    tickets.rate(ticket_id=ticket.pk, score=2, comment="Nobody listened.", by=desk.requester, now=desk.now)
    found = Recovery.objects.get()
    assert (found.owner, found.owner_why, found.callback_at) == (desk.manager, "account manager", desk.now + 4 * HOUR)
    told = Page.objects.filter(user=desk.manager, purpose="notice", ticket=ticket.pk)
    assert told.filter(subject__contains="rated").count() == 1
    assert actions.recover_due(now=desk.now + 3 * HOUR) == 1
    assert told.filter(subject__contains="call Ana by").count() == 1
    actions.recover_due(now=desk.now + 4 * HOUR)
    missed = Page.objects.filter(subject__contains="was not called")
    assert {page.user for page in missed} == {desk.manager, desk.lead}

    manager = desk.client(desk.manager)
    assert "missed" in manager.get(reverse("recoveries")).content.decode()
    where = reverse("recovery_end", args=[found.pk])
    refused = manager.post(where, {"reached": "yes", "agreed": "", "regained": "yes"})
    assert refused.status_code == 422
    assert "Write down what was agreed" in refused.content.decode()
    manager.post(where, {"reached": "yes", "agreed": "A new mouse, today.", "regained": "yes"})
    found.refresh_from_db()
    assert (found.state, found.agreed, found.closed_by) == (RecoveryState.REGAINED, "A new mouse, today.", desk.manager)
    assert kinds(ticket) == ["recovery.opened", "recovery.reminded", "recovery.missed", "recovery.ended"]


def test_the_call_after_a_low_rating_is_a_promise_in_the_ledger_and_kept_by_calling(desk: Desk) -> None:
    Organisation.objects.filter(pk=desk.customer.pk).update(account_manager=desk.manager)
    switched_on(desk, callback_minutes=240)
    ticket, at = resolved(desk), desk.now
    tickets.rate(ticket_id=ticket.pk, score=1, comment="", by=desk.requester, now=at)
    found, promise = Recovery.objects.get(), Promise.objects.get()
    assert (found.promise, promise.source, promise.by, promise.to_person) == (
        promise, "recovery", desk.manager, desk.requester
    )  # fmt: skip
    assert (promise.due_at, promise.next_at) == (found.callback_at, found.callback_at)  # the recovery reminds
    portal = desk.client(desk.requester).get(reverse("portal_ticket", args=[ticket.number])).content.decode()
    assert "Manager promised by" in portal

    # Handed on, it is the other's promise; agreed anew, the call is due when the new promise is.
    actions.give_recovery(recovery_id=found.pk, owner=desk.lead, by=desk.manager, now=at + HOUR)
    theirs = Promise.objects.get(state="open")
    assert (theirs.by, Promise.objects.get(state="cancelled").pk) == (desk.lead, promise.pk)
    later = stakeholders.renegotiate_promise(
        promise_id=theirs.pk, due_at=at + 6 * HOUR, reason="She is in a meeting", by=desk.lead, now=at + 2 * HOUR
    )
    found.refresh_from_db()
    assert (found.promise, found.callback_at) == (later, at + 6 * HOUR)
    assert actions.recover_due(now=at + 4 * HOUR) == 0

    actions.end_recovery(
        recovery_id=found.pk, reached=True, agreed="A new mouse.", regained=True, by=desk.lead, now=at + 5 * HOUR
    )
    later.refresh_from_db()
    assert later.state == "kept"


def test_a_missed_call_is_a_broken_promise_and_told_once(desk: Desk) -> None:
    Organisation.objects.filter(pk=desk.customer.pk).update(account_manager=desk.manager)
    switched_on(desk, callback_minutes=240)
    ticket, at = resolved(desk), desk.now
    tickets.rate(ticket_id=ticket.pk, score=1, comment="", by=desk.requester, now=at)
    stakeholders.act_on_due_promises(now=at + 4 * HOUR)
    actions.recover_due(now=at + 4 * HOUR)
    told = Page.objects.filter(user=desk.manager, purpose="notice", ticket=ticket.pk, created_at__gte=at + 4 * HOUR)
    assert [page.subject.partition(":")[0] for page in told] == [ticket.reference]
    found = Recovery.objects.get()
    actions.end_recovery(
        recovery_id=found.pk, reached=True, agreed="Sorry.", regained=False, by=desk.manager, now=at + 5 * HOUR
    )
    promise = Promise.objects.get()
    assert (promise.state, promise.done_at) == ("broken", at + 5 * HOUR)


def test_who_cannot_be_reached_in_time_has_the_call_called_off(desk: Desk) -> None:
    switched_on(desk, callback_minutes=240)
    ticket = resolved(desk)
    tickets.rate(ticket_id=ticket.pk, score=1, comment="", by=desk.requester, now=desk.now)
    found = Recovery.objects.get()
    actions.end_recovery(
        recovery_id=found.pk, reached=False, agreed="", regained=False, by=desk.lead, now=desk.now + HOUR
    )
    promise = Promise.objects.get()
    assert (promise.state, promise.reason) == ("cancelled", "The customer could not be reached.")


def test_an_escalation_is_seen_from_four_sides_and_the_differences_are_named(desk: Desk) -> None:
    switched_on(desk)
    at, ticket = desk.now, desk.ticket
    tickets.assign(ticket_id=ticket.pk, owner=desk.expert, team=desk.team, by=desk.lead, now=at)
    tickets.set_status(ticket_id=ticket.pk, status="resolved", by=desk.expert, now=at)
    escalation = Escalation.objects.get(pk=desk.escalated.pk)
    assert escalation.state == "resolved"
    asks = {ask.party: ask.person for ask in Ask.objects.filter(kind=Kind.ESCALATION)}
    assert asks == {
        "customer": desk.requester, "front_line": desk.agent, "expert": desk.expert, "manager": desk.manager,
    }  # fmt: skip
    actions.ask_due(now=at + HOUR)
    assert len(letters(desk.requester, at)) == 1  # the rating's mail serves both
    assert Page.objects.filter(user=desk.expert, subject__contains="how did the escalation go").count() == 1

    csat = Ask.objects.get(kind=Kind.CSAT, ticket=ticket)
    browser = Client()
    voted = browser.post(reverse("feedback_asked", args=[links.ask_token(csat)]), {"score": "3"}, follow=True)
    customers = Ask.objects.get(kind=Kind.ESCALATION, party="customer")
    assert links.ask_token(customers) in voted.content.decode()
    given = {"outcome": "1", "timing": "2", "informed": "2", "better": "Call me."}
    browser.post(reverse("feedback_asked", args=[links.ask_token(customers)]), given)

    waiting = desk.client(desk.manager).get(reverse("feedback_mine")).content.decode()
    managers = Ask.objects.get(party="manager")
    assert reverse("feedback_answer", args=[managers.pk]) in waiting
    desk.client(desk.manager).post(
        reverse("feedback_answer", args=[managers.pk]), {"outcome": "5", "timing": "4", "needed": "4", "better": ""}
    )
    views = queries.answers_of(escalation.pk)
    assert [(view.party, len(view.answers)) for view in views] == [
        ("customer", 4), ("front_line", 0), ("expert", 0), ("manager", 3),
    ]  # fmt: skip
    assert views[0].answers["better"].text == "Call me."
    assert [one.words for one in queries.differences_of(views)] == [
        "On whether it is solved, the customer says 1 of 5, the manager 5 of 5.",
        "On whether help came in time, the customer says 2 of 5, the manager 4 of 5.",
    ]
    page = desk.client(desk.lead).get(reverse("feedback_around", args=[escalation.pk])).content.decode()
    assert "the customer says 1 of 5, the manager 5 of 5" in page


def test_a_bad_rating_by_the_mailed_link_fires_the_policys_trigger(desk: Desk) -> None:
    rated = (
        "slug: regain\nname: Regain\ntype: customer\nreason: expectation_missed\ndirection: hierarchical\n"
        "triggers:\n  - kind: rating_at_most\n    count: 2\nlevels:\n  - name: The desk\n    targets: [ticket_team]\n"
    )
    publishing.apply(documents=[("regain.yaml", rated)], by="system", now=desk.now)
    switched_on(desk)
    ticket = resolved(desk)
    actions.ask_due(now=desk.now + HOUR)
    token = links.ask_token(Ask.objects.get(ticket=ticket))
    Client().post(reverse("feedback_asked", args=[token]), {"score": "1"})
    assert Escalation.objects.filter(ticket=ticket, policy__slug="regain").count() == 1
    assert Recovery.objects.filter(ticket=ticket).count() == 1
