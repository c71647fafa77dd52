"""Clocks in the database: kept true by events, journalled, breached by the engine, moved only on confirmation."""

import pytest

from tocsin.domain.calendars.actions import save_calendar
from tocsin.domain.calendars.models import Calendar
from tocsin.domain.journal.models import Entry
from tocsin.domain.sla import actions, queries
from tocsin.domain.sla.models import Agreement, Clock
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import InvalidInput

pytestmark = pytest.mark.django_db
HOUR = 3600


def clock(ticket: Ticket, kind: str = "resolution") -> Clock:
    return Clock.objects.filter(ticket=ticket, kind=kind).order_by("-sequence")[0]


def kinds(ticket: Ticket) -> list[str]:
    rows = Entry.objects.filter(stream=f"ticket:{ticket.pk}", kind__startswith="clock.")
    return list(rows.order_by("position").values_list("kind", flat=True))


def test_opening_starts_the_agreements_clocks_in_business_time(desk):
    ticket = desk.ticket(now=desk.after(4))
    assert clock(ticket).due_at == desk.after(24 + 4)
    assert kinds(ticket) == ["clock.started", "clock.started"]


def test_waiting_pauses_and_the_answer_resumes(desk):
    ticket = desk.ticket()
    tickets.set_status(ticket_id=ticket.pk, status="waiting_customer", by=desk.ana, now=desk.after(1))
    assert (clock(ticket).state, clock(ticket).due_at) == ("paused", None)
    tickets.add_message(ticket_id=ticket.pk, kind="customer", body="Here", by=desk.rita, now=desk.after(3))
    assert clock(ticket).due_at == desk.after(24 + 2)


def test_engine_marks_the_breach_once_and_journals_it(desk):
    ticket = desk.ticket()
    assert actions.breach_due(now=desk.after(1.9), limit=10) == 0
    assert actions.breach_due(now=desk.after(2.1), limit=10) == 1
    assert actions.breach_due(now=desk.after(2.2), limit=10) == 0
    found = clock(ticket, "first_response")
    assert (found.state, found.breached_at) == ("breached", desk.after(2))
    assert kinds(ticket).count("clock.breached") == 1


def test_most_specific_agreement_applies(desk):
    desk.agree("acme", hours=4, organisation=desk.customer)
    assert clock(desk.ticket(organisation=desk.customer)).target_seconds == 4 * HOUR


def test_ticket_without_an_agreement_has_no_clocks(desk):
    Agreement.objects.all().delete()
    assert not Clock.objects.filter(ticket=desk.ticket()).exists()


def test_private_note_does_nothing(desk):
    ticket = desk.ticket()
    tickets.add_message(ticket_id=ticket.pk, kind="note", body="Hm", by=desk.ana, now=desk.after(1))
    assert clock(ticket, "first_response").state == "running"


def test_agreed_date_sticks_and_can_be_cleared(desk):
    ticket = desk.ticket()
    actions.agree_due(clock_id=clock(ticket).pk, due_at=desk.after(100), by=desk.ana, now=desk.after(1))
    tickets.set_impact_urgency(ticket_id=ticket.pk, impact=1, urgency=1, by=desk.ana, now=desk.after(2))
    assert clock(ticket).due_at == desk.after(100)
    actions.agree_due(clock_id=clock(ticket).pk, due_at=None, by=desk.ana, now=desk.after(3))
    assert clock(ticket).due_at == desk.after(8)


def test_agreed_date_in_the_past_is_refused_by_field(desk):
    ticket = desk.ticket()
    with pytest.raises(InvalidInput) as refused:
        actions.agree_due(clock_id=clock(ticket).pk, due_at=desk.now, by=desk.ana, now=desk.after(1))
    assert "due_at" in refused.value.fields


def test_editing_an_agreement_shows_what_moves_and_moves_it_only_on_confirmation(desk):
    ticket = desk.ticket()
    before = clock(ticket).due_at
    moved = actions.preview_agreement(edit=lambda: desk.agree("standard", hours=4), now=desk.after(1))
    assert [(m.reference, m.kind, m.due_before, m.due_after) for m in moved] == [
        (ticket.reference, "resolution", before, desk.after(4))
    ]
    assert clock(ticket).due_at == before
    assert Agreement.objects.get(slug="standard").targets.filter(seconds=4 * HOUR).count() == 0
    actions.apply_agreement(edit=lambda: desk.agree("standard", hours=4), now=desk.after(1))
    assert clock(ticket).due_at == desk.after(4)


def test_editing_a_calendar_moves_running_clocks_on_confirmation(desk):
    ticket = desk.ticket()
    weekly = {day: [["09:00", "13:00"]] for day in ("mon", "tue", "wed", "thu", "fri")}

    def edit() -> Calendar:
        return save_calendar(name="Office", zone="UTC", weekly=weekly, actor="test", now=desk.now)

    assert len(actions.preview_calendar(edit=edit, now=desk.after(1))) == 1
    actions.apply_calendar(edit=edit, now=desk.after(1))
    assert clock(ticket).due_at == desk.after(24 + 4)


def test_explains_every_step_with_cause_and_amounts(desk):
    ticket = desk.ticket()
    tickets.set_status(ticket_id=ticket.pk, status="waiting_vendor", by=desk.ana, now=desk.after(1))
    told = [(step.what, step.why) for step in queries.explain(clock(ticket).pk)]
    assert told[-1] == ("Paused", "the ticket is waiting vendor; 1 h of 8 h consumed")


def test_face_shows_remaining_business_time_and_the_breach_as_negative(desk):
    ticket = desk.ticket()
    face = queries.next_breaches([ticket.pk], desk.after(1))[ticket.pk]
    assert (face.kind, face.remaining, face.consumed) == ("first_response", HOUR, 0.5)
    actions.breach_due(now=desk.after(3), limit=10)
    assert queries.next_breaches([ticket.pk], desk.after(3))[ticket.pk].remaining == -HOUR


def test_agreement_with_wrong_targets_is_refused_by_field(desk):
    with pytest.raises(InvalidInput) as refused:
        actions.save_agreement(
            slug="x", name="x", calendar=desk.calendar, targets=[("resolution", 9, None, 10), ("sometime", 1, None, 10)],
            pause_statuses=["open"], actor="test", now=desk.now,
        )  # fmt: skip
    assert sorted(refused.value.fields) == ["pause_statuses", "targets[0]", "targets[1]"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"slug": ""}, "slug"),
        ({"slug": "x" * 81}, "slug"),
        ({"slug": "two words"}, "slug"),
        ({"name": " "}, "name"),
        ({"name": "x" * 121}, "name"),
        ({"targets": [("resolution", 1, None, 2**31)]}, "targets[0]"),
    ],
)
def test_agreement_that_cannot_be_kept_is_refused_by_field(desk, given, field):
    fields = {"slug": "x", "name": "x", "calendar": desk.calendar, "targets": [], "actor": "test", "now": desk.now}
    with pytest.raises(InvalidInput) as refused:
        actions.save_agreement(**{**fields, "organisation": desk.customer, **given})
    assert list(refused.value.fields) == [field]


def test_target_that_the_calendars_hours_never_reach_is_refused_by_field(desk):
    rare = save_calendar(name="Rare", zone="UTC", weekly={"sun": [["08:00", "08:01"]]}, actor="test", now=desk.now)
    with pytest.raises(InvalidInput) as refused:
        desk.agree("rare", hours=1000, calendar=rare, organisation=desk.customer)
    assert list(refused.value.fields) == ["targets[4]"]


def test_agreed_date_beyond_all_measure_is_refused_by_field(desk):
    with pytest.raises(InvalidInput) as refused:
        actions.agree_due(
            clock_id=clock(desk.ticket()).pk, due_at=desk.now.replace(year=9999), by=desk.ana, now=desk.after(1)
        )
    assert "due_at" in refused.value.fields


def test_retroactive_opening_is_honoured(desk):
    ticket = desk.ticket(now=desk.after(5), opened_at=desk.now)
    assert clock(ticket).due_at == desk.after(8)
