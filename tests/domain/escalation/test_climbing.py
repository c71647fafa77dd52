"""Stories of runs climbing in the database: the same rules as the pure tests, with rows, pages and journal."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from tests.domain.escalation.conftest import LADDER
from tocsin.domain.escalation import actions
from tocsin.domain.escalation.models import Escalation, Firing, Run
from tocsin.domain.journal import queries as journal
from tocsin.domain.notify.models import ContactMethod, Delivery, Page
from tocsin.domain.people.models import Deputy
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Handover, Ticket
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed


def test_unanswered_run_climbs_level_by_level_and_ends_at_the_catch_all(ladder, outbox):
    ticket = ladder.ticket(owner=ladder["ben"])
    run = ladder.escalate(ticket)
    assert outbox.paged(run) == [(1, 1, "Ana"), (1, 1, "Ben")]
    assert ladder.tick(9) == 0
    assert ladder.tick(10) == 1
    assert outbox.paged(run)[2:] == [(1, 2, "Kai"), (1, 2, "Nora")]
    ladder.tick(25)
    assert outbox.paged(run)[4:] == [(1, 3, "Lead")]
    ladder.tick(45)
    assert [page for page in outbox.paged(run) if page[0] == 2] == [(2, 1, "Ana"), (2, 1, "Ben")]
    for minutes in (55, 70, 90):
        ladder.tick(minutes)
    assert outbox.paged(run, purpose="catch_all") == [(2, 3, "Carl")]
    run.refresh_from_db()
    assert (run.status, run.due_at) == ("exhausted", None)


def test_acknowledge_stops_paging_of_everyone_and_the_climb(ladder, outbox):
    ticket = ladder.ticket()
    run = ladder.escalate(ticket)
    ladder.tick(10)
    answer = actions.acknowledge(run_id=run.pk, by=ladder["kai"], now=ladder.after(11), cycle=1)
    assert answer.changed
    assert outbox.waiting(run) == 0
    assert ladder.tick(26) == 0
    assert [page[2] for page in outbox.paged(run)] == ["Ana", "Kai", "Nora"]


def test_acknowledge_is_idempotent(ladder, outbox):
    run = ladder.escalate(ladder.ticket())
    assert actions.acknowledge(run_id=run.pk, by=ladder["ana"], now=ladder.after(1)).changed
    entries = len(outbox.kinds(run.ticket))
    again = actions.acknowledge(run_id=run.pk, by=ladder["ana"], now=ladder.after(2))
    assert not again.changed
    assert "Ana has acknowledged" in again.message
    assert len(outbox.kinds(run.ticket)) == entries


def test_acknowledger_is_offered_the_ticket_and_the_owner_stays_until_they_accept(ladder):
    ticket = ladder.ticket(owner=ladder["ben"])
    run = ladder.escalate(ticket)
    actions.acknowledge(run_id=run.pk, by=ladder["ana"], now=ladder.after(1))
    offer = Handover.objects.get(ticket=ticket)
    assert (offer.to_user, offer.state) == (ladder["ana"], "offered")
    assert Ticket.objects.get(pk=ticket.pk).owner == ladder["ben"]
    tickets.answer_handover(handover_id=offer.pk, accept=True, by=ladder["ana"], now=ladder.after(2))
    assert Ticket.objects.get(pk=ticket.pk).owner == ladder["ana"]
    run.refresh_from_db()
    assert run.status == "acknowledged"


def test_decline_pages_the_next_level_at_once(ladder, outbox):
    run = ladder.escalate(ladder.ticket())
    answer = actions.decline(run_id=run.pk, by=ladder["ana"], reason="on a plane", now=ladder.after(1), cycle=1)
    assert "next on the ladder" in answer.message
    assert outbox.paged(run) == [(1, 1, "Ana"), (1, 2, "Kai"), (1, 2, "Nora")]


def test_decline_needs_a_reason(ladder):
    run = ladder.escalate(ladder.ticket())
    with pytest.raises(InvalidInput) as refused:
        actions.decline(run_id=run.pk, by=ladder["ana"], reason=" ", now=ladder.after(1))
    assert "reason" in refused.value.fields


def test_stale_link_of_an_older_cycle_changes_nothing(ladder, outbox):
    run = ladder.escalate(ladder.ticket())
    for minutes in (10, 25, 45):
        ladder.tick(minutes)
    run.refresh_from_db()
    assert run.cycle == 2
    answer = actions.acknowledge(run_id=run.pk, by=ladder["ana"], now=ladder.after(46), cycle=1)
    assert not answer.changed
    assert "still climbing" in answer.message


def test_ack_timeout_reminds_then_climbs_again_at_the_current_level(ladder, outbox):
    run = ladder.escalate(ladder.ticket())
    ladder.tick(10)
    actions.acknowledge(run_id=run.pk, by=ladder["nora"], now=ladder.after(12))
    ladder.tick(42)
    assert outbox.paged(run, purpose="reminder") == [(1, 2, "Nora")]
    ladder.tick(47)
    assert [page for page in outbox.paged(run) if page[0] == 2] == [(2, 2, "Kai"), (2, 2, "Nora")]


def test_work_on_the_ticket_by_the_acknowledger_pushes_the_ack_timeout(ladder, outbox):
    ticket = ladder.ticket()
    run = ladder.escalate(ticket)
    actions.acknowledge(run_id=run.pk, by=ladder["ana"], now=ladder.after(1))
    tickets.add_message(
        ticket_id=ticket.pk, kind="note", body="Looking at the gateway", by=ladder["ana"], now=ladder.after(25)
    )
    assert ladder.tick(31) == 0
    ladder.tick(55)
    assert outbox.paged(run, purpose="reminder") == [(1, 1, "Ana")]


def test_snooze_is_capped_tells_who_and_comes_back_to_them_first(ladder, outbox):
    run = ladder.escalate(ladder.ticket())
    actions.acknowledge(run_id=run.pk, by=ladder["ana"], now=ladder.after(1))
    answer = actions.snooze(run_id=run.pk, by=ladder["ana"], duration=timedelta(hours=9), now=ladder.after(2))
    assert answer.changed
    assert outbox.entry(run.ticket, "run.snoozed")["by"] == str(ladder["ana"].pk)
    assert ladder.tick(200) == 0
    ladder.tick(242)
    assert outbox.paged(run)[1:] == [(2, 1, "Ana")]


def test_empty_level_is_skipped_at_once_with_a_warning_to_the_owner(ladder, outbox):
    ContactMethod.objects.filter(user__in=[ladder["nora"], ladder["kai"]]).delete()
    run = ladder.escalate(ladder.ticket())
    ladder.tick(10)
    assert outbox.paged(run) == [(1, 1, "Ana"), (1, 3, "Lead")]
    assert outbox.paged(run, purpose="warning") == [(1, 2, "Polly")]
    assert "no verified contact method" in str(outbox.kinds(run.ticket) and outbox.entry(run.ticket, "run.level_empty"))


def test_empty_ladder_pages_the_catch_all_nobody_is_silently_not_told(ladder, outbox):
    ContactMethod.objects.exclude(user=ladder["carl"]).delete()
    run = ladder.escalate(ladder.ticket())
    assert outbox.paged(run) == []
    assert [page[2] for page in outbox.paged(run, purpose="catch_all")] == ["Carl"]


def test_resolving_the_ticket_stops_every_run_and_withdraws_what_is_not_out(ladder, outbox, state_of):
    ticket = ladder.ticket()
    run = ladder.escalate(ticket)
    tickets.resolve(ticket_id=ticket.pk, by=ladder["ana"], now=ladder.after(3))
    assert outbox.waiting(run) == 0
    assert state_of(run) == "resolved"
    late = actions.acknowledge(run_id=run.pk, by=ladder["ana"], now=ladder.after(4))
    assert not late.changed
    assert "resolved" in late.message


def test_level_names_a_role_resolved_when_it_fires_with_the_evidence_recorded(ladder, outbox):
    run = ladder.escalate(ladder.ticket())
    Deputy.objects.create(
        user=ladder["kai"], deputy=ladder["ben"], starts_at=ladder.after(5), ends_at=ladder.after(600), reason="holiday"
    )
    ladder.tick(10)
    assert outbox.paged(run)[1:] == [(1, 2, "Ben"), (1, 2, "Nora")]
    firing = Firing.objects.get(run=run, level=2)
    told = {p["name"]: p["by"] for e in firing.evidence for p in e["people"]}
    assert told["Nora"] == ["member of team Network"]
    assert "Ben answers for Kai" in " ".join(told["Ben"])


def test_one_open_level_per_run_is_held_by_the_database(ladder, open_firings):
    run = ladder.escalate(ladder.ticket())
    ladder.tick(10)
    assert open_firings(run.pk) == 1
    with pytest.raises(IntegrityError), transaction.atomic():
        Firing.objects.create(run=run, cycle=9, level=9, due_at=ladder.now, fired_at=ladder.now, outcome="paged")


def test_retrigger_within_the_window_reopens_in_a_new_cycle(ladder, outbox):
    ticket = ladder.ticket()
    run = ladder.escalate(ticket)
    actions.resolve_escalation(escalation_id=run.escalation_id, by=ladder["ana"], outcome="fixed", now=ladder.after(5))
    again = ladder.escalate(ticket, at=60)
    assert again.pk == run.pk
    assert (again.cycle, again.status) == (2, "climbing")
    assert outbox.paged(run) == [(1, 1, "Ana"), (2, 1, "Ana")]


def test_retrigger_after_the_window_begins_a_new_escalation(ladder):
    ticket = ladder.ticket()
    run = ladder.escalate(ticket)
    actions.resolve_escalation(escalation_id=run.escalation_id, by=ladder["ana"], outcome="fixed", now=ladder.after(5))
    again = ladder.escalate(ticket, at=5 + 24 * 60 + 1)
    assert again.pk != run.pk
    assert Escalation.objects.filter(ticket=ticket).count() == 2


def test_escalating_twice_with_one_policy_is_refused_and_another_policy_is_not(ladder):
    ladder.publish(LADDER_TWO)
    ticket = ladder.ticket()
    ladder.escalate(ticket)
    with pytest.raises(Conflict):
        ladder.escalate(ticket, at=1)
    ladder.escalate(ticket, "second", at=1)
    assert Run.objects.filter(ticket=ticket, ended_at=None).count() == 2


def test_requester_may_not_escalate_by_the_agents_action(ladder):
    with pytest.raises(NotAllowed):
        ladder.escalate(ladder.ticket(), by="rita")


def test_gate_demands_fields(ladder):
    ladder.publish(LADDER_TWO.replace("targets: [owner", "gate: [tried, impact]\n    targets: [owner"))
    with pytest.raises(InvalidInput) as refused:
        ladder.escalate(ladder.ticket(), "second", tried="rebooted")
    assert list(refused.value.fields) == ["impact"]


def test_running_escalation_keeps_its_version_until_it_is_rebased(ladder, outbox):
    run = ladder.escalate(ladder.ticket())
    ladder.publish(LADDER.replace("delay: 10m", "delay: 2m"), at=ladder.after(1))
    assert ladder.tick(5) == 0
    preview = actions.rebase(policy_slug="ladder", by=ladder["mara"], now=ladder.after(5))
    assert [(p.from_version, p.to_version) for p in preview] == [(1, 2)]
    run.refresh_from_db()
    assert run.version.number == 1
    actions.rebase(policy_slug="ladder", by=ladder["mara"], now=ladder.after(5), confirm=True)
    run.refresh_from_db()
    assert run.version.number == 2
    ladder.tick(5)
    assert outbox.paged(run)[1:] == [(1, 2, "Kai"), (1, 2, "Nora")]


def test_maintenance_defers_and_re_evaluates_at_its_end(ladder, outbox):
    run = ladder.escalate(ladder.ticket())
    actions.plan_maintenance(
        service=ladder.service, starts_at=ladder.after(5), ends_at=ladder.after(60), reason="gateway", by=ladder["mara"],
        now=ladder.after(1),
    )  # fmt: skip
    ladder.tick(10)
    assert outbox.paged(run) == [(1, 1, "Ana")]
    assert "run.deferred" in " ".join(outbox.kinds(run.ticket))
    ladder.tick(60)
    assert outbox.paged(run)[1:] == [(1, 2, "Kai"), (1, 2, "Nora")]


def test_after_downtime_only_the_level_due_now_fires_and_the_missed_are_journalled(ladder, outbox):
    run = ladder.escalate(ladder.ticket())
    ladder.tick(30)
    assert outbox.paged(run) == [(1, 1, "Ana"), (1, 3, "Lead")]
    assert "run.missed" in outbox.kinds(run.ticket)


def test_every_step_is_in_a_journal_that_verifies(ladder):
    run = ladder.escalate(ladder.ticket())
    ladder.tick(10)
    actions.acknowledge(run_id=run.pk, by=ladder["kai"], now=ladder.after(11))
    assert journal.verify().problems == []


def test_de_escalation_changes_nothing_until_the_named_acceptor_accepts(ladder, state_of):
    ticket = ladder.ticket(owner=ladder["nora"])
    run = ladder.escalate(ticket)
    offer = actions.offer_de_escalation(
        escalation_id=run.escalation_id, acceptor=ladder["ben"], reason="known error, workaround at hand", by=ladder["nora"],
        now=ladder.after(2),
    )  # fmt: skip
    assert state_of(run) == "open"
    with pytest.raises(NotAllowed):
        actions.answer_de_escalation(offer_id=offer.pk, accept=True, by=ladder["ana"], now=ladder.after(3))
    actions.answer_de_escalation(offer_id=offer.pk, accept=True, by=ladder["ben"], now=ladder.after(3))
    assert state_of(run) == "de_escalated"
    assert Ticket.objects.get(pk=ticket.pk).owner == ladder["ben"]


def test_a_delivery_is_never_created_twice(ladder):
    run = ladder.escalate(ladder.ticket())
    page = Page.objects.get(run=run.pk)
    delivery = Delivery.objects.get(page=page)
    with pytest.raises(IntegrityError), transaction.atomic():
        Delivery.objects.create(page=page, user=page.user, channel=delivery.channel, address=delivery.address)


LADDER_TWO = """
slug: second
name: Second
type: customer
reason: expectation_missed
direction: hierarchical
levels:
  - name: Account
    targets: [owner, account_manager]
"""
