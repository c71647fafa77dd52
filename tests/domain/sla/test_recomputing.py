"""Clocks are a fold: when and how often they are recomputed changes nothing; what changed is journalled once."""

from datetime import datetime
from functools import partial
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tocsin.domain.journal.publish import publish
from tocsin.domain.people.models import Organisation
from tocsin.domain.sla import actions, queries
from tocsin.domain.sla.models import Agreement, Clock
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.events import TicketsImported
from tocsin.domain.tickets.models import Change, Ticket
from tocsin.kernel.errors import InvalidInput

pytestmark = pytest.mark.django_db
HOUR = 3600


def standing(ticket: Ticket, now: datetime) -> list[tuple[Any, ...]]:
    """Everything about a ticket's clocks, with consumption brought up to `now`."""
    rows = Clock.objects.filter(ticket=ticket).order_by("kind", "sequence")
    return [
        (c.kind, c.sequence, c.state, c.due_at, c.breached_at, c.stopped_at, queries.consumed(c, now), c.trace)
        for c in rows
    ]


def live_through(desk, ticket: Ticket) -> None:
    def status(value: str, hours: float) -> None:
        tickets.set_status(ticket_id=ticket.pk, status=value, by=desk.ana, now=desk.after(hours))

    def say(kind: str, hours: float) -> None:
        by = desk.rita if kind == "customer" else desk.ana
        tickets.add_message(ticket_id=ticket.pk, kind=kind, body="Words", by=by, now=desk.after(hours))

    say("reply", 1)
    status("waiting_customer", 1.5)
    say("customer", 3)
    tickets.set_impact_urgency(ticket_id=ticket.pk, impact=1, urgency=1, by=desk.ana, now=desk.after(26.25))
    say("note", 27)
    status("resolved", 28)
    say("customer", 30)


def test_recomputing_late_equals_recomputing_punctually(desk):
    """The engine looked in on one ticket at every hour, on the other never: in the end they stand alike."""
    desk.agree("standard", hours=4)
    late, punctual = desk.ticket(), desk.ticket()
    live_through(desk, late)
    live_through(desk, punctual)
    for hour in range(31, 60):
        actions.recompute(ticket_ids=[punctual.pk], now=desk.after(hour))
    now = desk.after(60)
    actions.recompute(ticket_ids=[late.pk, punctual.pk], now=now)
    assert standing(late, now) == standing(punctual, now)
    assert any(row[4] for row in standing(late, now))


def test_clocks_rebuilt_from_nothing_equal_those_that_lived_through_it(desk):
    ticket = desk.ticket()
    live_through(desk, ticket)
    now = desk.after(31)
    lived = standing(ticket, now)
    Clock.objects.all().delete()
    actions.recompute(ticket_ids=[ticket.pk], now=now)
    assert standing(ticket, now) == lived


def test_recomputing_again_changes_and_journals_nothing(desk):
    ticket = desk.ticket()
    live_through(desk, ticket)
    before = [entry.position for entry in desk.journalled(ticket)]
    actions.recompute(ticket_ids=[ticket.pk], now=desk.after(31))
    assert [entry.position for entry in desk.journalled(ticket)] == before


def test_many_tickets_take_as_many_queries_as_one(desk):
    found = [desk.ticket() for _ in range(12)]
    counts = []
    for some in (found[:1], found):
        with CaptureQueriesContext(connection) as queried:
            actions.recompute(ticket_ids=[ticket.pk for ticket in some], now=desk.after(40))
        counts.append(len(queried))
    assert counts[0] == counts[1]


def test_journal_tells_a_changed_priority_with_before_and_after(desk):
    lines = [("resolution", p, None, p * HOUR) for p in (1, 2, 3)]
    actions.save_agreement(
        slug="standard", name="standard", calendar=desk.calendar, targets=lines, actor="test", now=desk.now
    )
    ticket = desk.ticket()
    before = desk.clock(ticket)
    tickets.set_impact_urgency(ticket_id=ticket.pk, impact=1, urgency=1, by=desk.ana, now=desk.after(0.5))
    (entry,) = desk.journalled(ticket, "clock.recomputed")
    told = {name: entry.data[name] for name in ("cause", "due_before", "due_after", "target_before", "target_after")}
    assert told == {
        "cause": "priority 1",
        "due_before": before.due_at.isoformat(),
        "due_after": desk.after(1).isoformat(),
        "target_before": before.target_seconds,
        "target_after": HOUR,
    }
    assert (entry.actor, entry.data["consumed"]) == (f"person:{desk.ana.pk}", 0.5 * HOUR)


def test_reply_that_comes_with_the_resolving_meets_first_response(desk):
    """Both carry one instant: the reply answered, it did not come too late."""
    ticket = desk.ticket()
    tickets.set_status(ticket_id=ticket.pk, status="resolved", by=desk.ana, now=desk.after(1))
    tickets.add_message(ticket_id=ticket.pk, kind="reply", body="Done", by=desk.ana, now=desk.after(1))
    assert desk.clock(ticket, "first_response").state == "met"


def test_agreement_that_is_taken_away_cancels_its_clocks(desk):
    ticket = desk.ticket()
    Agreement.objects.all().delete()
    actions.recompute(ticket_ids=[ticket.pk], now=desk.after(1))
    found = desk.clock(ticket)
    assert (found.state, found.due_at, found.consumed_seconds) == ("cancelled", None, HOUR)
    assert [entry.kind for entry in desk.journalled(ticket)][-2:] == ["clock.cancelled", "clock.cancelled"]


def test_other_customer_brings_another_agreement_which_may_restart(desk):
    other = Organisation.objects.create(name="Borealis")
    desk.agree("borealis", hours=3, organisation=other, on_change="restart")
    ticket = desk.ticket()
    tickets.change_details(ticket_id=ticket.pk, organisation=other, by=desk.ana, now=desk.after(2))
    assert desk.clock(ticket).due_at == desk.after(5)


def test_other_customer_of_the_same_agreement_restarts_nothing(desk):
    desk.agree("standard", on_change="restart")
    ticket = desk.ticket()
    before = desk.clock(ticket).due_at
    other = Organisation.objects.create(name="Borealis")
    tickets.change_details(ticket_id=ticket.pk, organisation=other, by=desk.ana, now=desk.after(2))
    assert desk.clock(ticket).due_at == before


def test_imported_past_is_journalled_in_short(desk):
    ticket = Ticket.objects.create(
        number=900, subject="Old", opened_at=desk.now, updated_at=desk.after(3), status="resolved", channel="import"
    )
    Change.objects.create(ticket=ticket, at=desk.now, field="status", after="new")
    Change.objects.create(ticket=ticket, at=desk.after(3), field="status", before="new", after="resolved")
    publish(TicketsImported(ticket_ids=(ticket.pk,), at=desk.after(100)))
    assert desk.clock(ticket).state == "met"
    assert desk.clock(ticket, "first_response").breached_at == desk.after(2)
    (entry,) = desk.journalled(ticket)
    assert (entry.kind, len(entry.data["clocks"])) == ("clock.rebuilt", 2)


def test_edited_agreement_is_explained_and_journalled_with_what_moved(desk):
    ticket = desk.ticket()
    moved = actions.apply_agreement(edit=lambda: desk.agree("standard", hours=1), now=desk.after(3), actor="person:x")
    assert [(m.kind, m.due_after) for m in moved] == [("resolution", desk.after(1))]
    assert desk.clock(ticket).state == "breached"
    told = desk.journalled(ticket)[-2:]
    assert [(entry.kind, entry.actor) for entry in told] == [
        ("clock.recomputed", "person:x"), ("clock.breached", "person:x"),
    ]  # fmt: skip
    last = queries.explain(desk.clock(ticket).pk)[-1]
    assert (last.what, last.at) == ("Recomputed", desk.after(3))
    assert last.why.startswith("the agreement was edited; due 2026-03-04 17:00 UTC before")


def test_preview_says_what_applying_does(desk):
    for hours in (0, 1, 2):
        desk.ticket(now=desk.after(hours))
    resolved = desk.ticket()
    tickets.set_status(ticket_id=resolved.pk, status="resolved", by=desk.ana, now=desk.after(2))
    told = actions.preview_agreement(edit=lambda: desk.agree("standard", hours=4), now=desk.after(3))
    before = Clock.objects.filter(ticket=resolved).values_list("due_at", "state", "trace")
    assert (len(told), told) == (
        3,
        actions.apply_agreement(edit=lambda: desk.agree("standard", hours=4), now=desk.after(3)),
    )
    assert list(before) == list(Clock.objects.filter(ticket=resolved).values_list("due_at", "state", "trace"))


def test_second_agreement_for_the_same_customer_and_service_is_refused_by_field(desk):
    with pytest.raises(InvalidInput) as refused:
        desk.agree("another")
    assert "organisation" in refused.value.fields


def with_targets(desk, **seconds: int) -> Agreement:
    """The standard agreement with these targets at every priority."""
    lines = [(kind, p, None, length) for kind, length in seconds.items() for p in (1, 2, 3, 4)]
    return actions.save_agreement(
        slug="standard", name="standard", calendar=desk.calendar, targets=lines, actor="test", now=desk.now
    )


def test_promise_that_was_kept_stays_kept_whatever_is_agreed_later(desk):
    """A tightened agreement moves running clocks; it makes no breach of what was in time when it was promised."""
    ticket = desk.ticket()
    tickets.add_message(ticket_id=ticket.pk, kind="reply", body="Looking", by=desk.ana, now=desk.after(1.5))
    kept = desk.clock(ticket, "first_response")
    for edit in (lambda: with_targets(desk, first_response=HOUR, resolution=7 * HOUR), lambda: desk.agree("standard")):
        actions.apply_agreement(edit=edit, now=desk.after(3))
        found = desk.clock(ticket, "first_response")
        assert (found.state, found.target_seconds, found.trace) == ("met", 2 * HOUR, kept.trace)
    assert not desk.journalled(ticket, "clock.breached")


def test_breach_that_was_answered_stays_a_breach_whatever_is_agreed_later(desk):
    ticket = desk.ticket()
    tickets.add_message(ticket_id=ticket.pk, kind="reply", body="Late", by=desk.ana, now=desk.after(3))
    actions.apply_agreement(edit=lambda: with_targets(desk, first_response=5 * HOUR), now=desk.after(4))
    assert desk.clock(ticket, "first_response").breached_at == desk.after(2)


def test_promise_that_an_edit_adds_is_not_made_for_what_is_over(desk):
    """Two questions were answered before anyone promised to; the third is still open and counts from when it came."""
    ticket = desk.ticket()
    for hour in (1, 2, 3):
        tickets.add_message(ticket_id=ticket.pk, kind="reply", body="Answer", by=desk.ana, now=desk.after(hour))
        tickets.add_message(ticket_id=ticket.pk, kind="customer", body="But", by=desk.rita, now=desk.after(hour + 0.5))
    edit = partial(with_targets, desk, first_response=2 * HOUR, resolution=8 * HOUR, next_response=HOUR // 4)
    told = actions.preview_agreement(edit=edit, now=desk.after(3.6))
    assert actions.apply_agreement(edit=edit, now=desk.after(3.6)) == told
    found = Clock.objects.get(ticket=ticket, kind="next_response")
    assert (found.state, found.due_at) == ("running", desk.after(3.75))
    tickets.add_message(ticket_id=ticket.pk, kind="reply", body="Yes", by=desk.ana, now=desk.after(3.7))
    found.refresh_from_db()
    assert found.state == "met"


def test_running_clock_keeps_its_row_when_an_edit_shifts_the_numbers_of_the_armings(desk):
    """Questions at a priority without a target were not counted; an edit that adds one must not mix the rows up."""
    some = [("next_response", 1, None, HOUR), ("resolution", 1, None, 8 * HOUR), ("resolution", 3, None, 8 * HOUR)]
    actions.save_agreement(
        slug="standard", name="standard", calendar=desk.calendar, targets=some, actor="test", now=desk.now
    )
    ticket = desk.ticket(impact=3, urgency=2)

    def say(kind: str, hours: float) -> None:
        by = desk.rita if kind == "customer" else desk.ana
        tickets.add_message(ticket_id=ticket.pk, kind=kind, body="Words", by=by, now=desk.after(hours))

    say("customer", 1)
    say("reply", 3)
    tickets.set_impact_urgency(ticket_id=ticket.pk, impact=1, urgency=1, by=desk.ana, now=desk.after(3.5))
    say("customer", 4)
    running = desk.clock(ticket, "next_response")
    assert running.sequence == 1
    actions.apply_agreement(
        edit=partial(with_targets, desk, next_response=HOUR, resolution=8 * HOUR), now=desk.after(4.5)
    )
    (found,) = Clock.objects.filter(ticket=ticket, kind="next_response")
    assert (found.pk, found.state, found.due_at) == (running.pk, "running", desk.after(5))
    say("reply", 4.75)
    say("customer", 5)
    rows = Clock.objects.filter(ticket=ticket, kind="next_response").order_by("started_at")
    assert [(row.state, row.started_at) for row in rows] == [("met", desk.after(4)), ("running", desk.after(5))]
    assert not desk.journalled(ticket, "clock.breached")


def test_reopened_clock_goes_by_what_is_agreed_now(desk):
    ticket = desk.ticket()
    tickets.set_status(ticket_id=ticket.pk, status="resolved", by=desk.ana, now=desk.after(1))
    actions.apply_agreement(edit=lambda: desk.agree("standard", hours=4), now=desk.after(2))
    assert desk.clock(ticket).target_seconds == 8 * HOUR
    tickets.set_status(ticket_id=ticket.pk, status="reopened", by=desk.ana, now=desk.after(3))
    assert (desk.clock(ticket).target_seconds, desk.clock(ticket).due_at) == (4 * HOUR, desk.after(6))


def test_import_may_correct_a_past_that_has_ended(desk):
    ticket = desk.ticket()
    tickets.set_status(ticket_id=ticket.pk, status="resolved", by=desk.ana, now=desk.after(6))
    assert desk.clock(ticket).state == "met"
    desk.agree("standard", hours=4)
    publish(TicketsImported(ticket_ids=(ticket.pk,), at=desk.after(30)))
    assert desk.clock(ticket).breached_at == desk.after(4)
