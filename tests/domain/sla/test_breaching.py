"""Marking breaches: by any number of engines, each once, and none kept from it by another."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from tocsin.domain.journal.models import Entry
from tocsin.domain.sla import actions, queries
from tocsin.domain.sla.models import Agreement, Clock
from tocsin.domain.tickets.models import Change, Ticket


def alarms() -> list[Entry]:
    return list(Entry.objects.filter(stream="system", kind="alarm.clock").order_by("position"))


@pytest.mark.django_db(transaction=True)
def test_tickets_held_by_another_engine_are_passed_over_before_the_limit_counts(desk):
    """Two engines share the work: the second does not look at the first one's rows and find nothing."""
    first, second = desk.ticket(), desk.ticket(now=desk.after(0.5))
    held, go = threading.Event(), threading.Event()

    def other_engine() -> None:
        try:
            with transaction.atomic():
                Ticket.objects.select_for_update().get(pk=first.pk)
                held.set()
                go.wait(20)
        finally:
            connection.close()

    thread = threading.Thread(target=other_engine)
    thread.start()
    try:
        assert held.wait(20)
        assert actions.breach_due(now=desk.after(3), limit=1) == 1
        assert desk.clock(first, "first_response").state == "running"
        assert desk.clock(second, "first_response").state == "breached"
        assert actions.breach_due(now=desk.after(3), limit=1) == 0
    finally:
        go.set()
        thread.join()
    assert actions.breach_due(now=desk.after(3), limit=1) == 1


@pytest.mark.django_db(transaction=True)
def test_two_engines_at_once_mark_every_breach_once(desk):
    found = [desk.ticket() for _ in range(12)]
    together = threading.Barrier(2)

    def engine() -> None:
        try:
            together.wait(20)
            while actions.breach_due(now=desk.after(3), limit=3):
                pass
        finally:
            connection.close()

    threads = [threading.Thread(target=engine) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [len(desk.journalled(ticket, "clock.breached")) for ticket in found] == [1] * 12
    assert not Clock.objects.filter(due_at__lte=desk.after(3)).exists()


@pytest.mark.django_db
def test_ticket_with_a_broken_history_keeps_no_other_from_being_marked(desk):
    broken, sound = desk.ticket(), desk.ticket()
    Change.objects.create(ticket=broken, at=desk.after(1), field="priority", before="2", after="high")
    assert actions.breach_due(now=desk.after(3), limit=10) == 2
    assert desk.clock(sound, "first_response").state == "breached"
    (alarm,) = alarms()
    assert (alarm.data["ticket"], "invalid literal" in alarm.data["problem"]) == (str(broken.pk), True)
    assert desk.clock(broken, "first_response").due_at == desk.after(3) + timedelta(minutes=10)
    assert actions.breach_due(now=desk.after(3), limit=10) == 0


@pytest.mark.django_db
def test_due_time_that_the_history_does_not_bear_out_does_not_come_back_for_ever(desk):
    ticket = desk.ticket()
    Agreement.objects.all().delete()
    actions.recompute(ticket_ids=[ticket.pk], now=desk.after(1))
    Clock.objects.filter(ticket=ticket, kind="resolution").update(due_at=desk.after(2))
    assert actions.breach_due(now=desk.after(3), limit=10) == 1
    assert (queries.next_clock_due(), len(alarms())) == (None, 1)


@pytest.mark.django_db
def test_next_due_is_the_earliest_breach(desk):
    assert queries.next_clock_due() is None
    desk.ticket(now=desk.after(1))
    desk.ticket()
    assert queries.next_clock_due() == desk.after(2)
