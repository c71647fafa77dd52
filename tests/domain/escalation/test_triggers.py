"""SEMANTICS 3 in the database: each trigger fires when it should, once, and says why when it does not."""

from datetime import timedelta

import pytest

from tocsin.domain.escalation import actions
from tocsin.domain.escalation.models import Escalation, Run, Watch
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Ticket
from tocsin.kernel.errors import InvalidInput

POLICY = """
slug: watchful
name: Watchful
type: internal
reason: capacity_or_policy
direction: functional
triggers:
  - {trigger}
levels:
  - name: Lead
    targets: [team_lead]
"""


def watching(company, trigger: str, *, match: str = "") -> None:
    text = POLICY.replace("{trigger}", trigger)
    company.publish(text.replace("levels:", f"match: {match}\nlevels:") if match else text)


def fired(ticket: Ticket) -> list[str]:
    return list(Escalation.objects.filter(ticket=ticket).order_by("opened_at").values_list("trigger", flat=True))


def test_unassigned_for_fires_when_nobody_takes_the_ticket(company):
    watching(company, "{kind: unassigned_for, after: 30m, key: idle}")
    ticket = company.ticket()
    company.tick(29)
    assert fired(ticket) == []
    company.tick(30)
    assert fired(ticket) == ["idle"]
    escalation = Escalation.objects.get(ticket=ticket)
    assert (escalation.reason, escalation.opened_by) == ("capacity_or_policy", "engine")


def test_unassigned_for_does_not_fire_once_taken(company):
    watching(company, "{kind: unassigned_for, after: 30m}")
    ticket = company.ticket()
    tickets.take(ticket_id=ticket.pk, by=company["ana"], now=company.after(10))
    company.tick(60)
    assert fired(ticket) == []


def test_no_public_update_for_counts_from_the_last_public_reply_not_from_notes(company):
    watching(company, "{kind: no_public_update_for, after: 60m, key: silent}")
    ticket = company.ticket(owner=company["ana"])
    for minute, kind in ((30, "reply"), (50, "note")):
        tickets.add_message(
            ticket_id=ticket.pk, kind=kind, body="Working on it", by=company["ana"], now=company.after(minute)
        )
    company.tick(89)
    assert fired(ticket) == []
    company.tick(90)
    assert fired(ticket) == ["silent"]


def test_trigger_fires_once_per_rule_ticket_and_cycle(company):
    watching(company, "{kind: no_public_update_for, after: 60m}")
    ticket = company.ticket()
    company.tick(60)
    company.tick(500)
    assert len(fired(ticket)) == 1
    assert Watch.objects.get(ticket=ticket).due_at is None


def test_owner_silent_since_acknowledging(ladder):
    watching(ladder, "{kind: owner_silent_for, after: 20m, key: silent}")
    ticket = ladder.ticket(owner=ladder["ana"])
    run = ladder.escalate(ticket, by="ben")
    actions.acknowledge(run_id=run.pk, by=ladder["ana"], now=ladder.after(5))
    tickets.add_message(ticket_id=ticket.pk, kind="note", body="On it", by=ladder["ana"], now=ladder.after(10))
    ladder.tick(29)
    assert "silent" not in fired(ticket)
    ladder.tick(30)
    assert "silent" in fired(ticket)


def test_waiting_at_one_line_counts_from_reaching_it(company):
    watching(company, "{kind: waiting_at_line_for, line: L2, after: 60m, key: stuck}")
    ticket = company.ticket()
    company.tick(300)
    assert fired(ticket) == []
    tickets.assign(ticket_id=ticket.pk, owner=None, team=company.network, by=None, now=company.after(300))
    company.tick(359)
    assert fired(ticket) == []
    company.tick(360)
    assert fired(ticket) == ["stuck"]


def test_handovers_count_a_b_a_twice(company):
    watching(company, "{kind: handovers, count: 3, key: pingpong}")
    ticket = company.ticket(owner=company["ana"])
    tickets.assign(ticket_id=ticket.pk, owner=company["ben"], team=company.desk, by=None, now=company.after(1))
    assert fired(ticket) == []
    tickets.assign(ticket_id=ticket.pk, owner=company["ana"], team=company.desk, by=None, now=company.after(2))
    assert fired(ticket) == ["pingpong"]


def test_reopened(company):
    watching(company, "{kind: reopened, count: 1, key: again}")
    ticket = company.ticket(owner=company["ana"])
    tickets.resolve(ticket_id=ticket.pk, by=company["ana"], now=company.after(5))
    tickets.reopen(ticket_id=ticket.pk, by=company["ana"], now=company.after(9))
    assert fired(ticket) == ["again"]


def test_priority_raised_and_not_lowered(company):
    watching(company, "{kind: priority_raised, key: worse}")
    ticket = company.ticket(impact=2, urgency=2)
    tickets.set_impact_urgency(ticket_id=ticket.pk, impact=3, urgency=3, by=company["ana"], now=company.after(1))
    assert fired(ticket) == []
    tickets.set_impact_urgency(ticket_id=ticket.pk, impact=1, urgency=1, by=company["ana"], now=company.after(2))
    assert fired(ticket) == ["worse"]


def test_more_than_n_linked_tickets_on_one_problem(company):
    watching(company, "{kind: linked_tickets, count: 2, same: problem, key: outage}")
    hub = company.ticket(subject="Gateway down")
    for minute in (1, 2, 3):
        other = company.ticket(subject=f"No VPN {minute}")
        tickets.link(from_id=other.pk, to_id=hub.pk, kind="problem", by=company["ana"], now=company.after(minute))
        assert fired(hub) == (["outage"] if minute == 3 else [])


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("Let me SPEAK TO A   MANAGER now", ["asks"]),
        ("Thanks, that was acceptable", []),
        ("I want to talk to a manager.", ["asks"]),
    ],
)
def test_customer_asks_by_keyword(company, body, expected):
    watching(company, "{kind: customer_asks, key: asks}")
    ticket = company.ticket()
    tickets.add_message(ticket_id=ticket.pk, kind="customer", body=body, by=company["rita"], now=company.after(1))
    assert fired(ticket) == expected


def test_customer_asks_by_button_with_a_reason(company, outbox):
    watching(company, "{kind: customer_asks, key: asks}")
    ticket = company.ticket()
    with pytest.raises(InvalidInput):
        actions.ask(ticket_id=ticket.pk, reason=" ", by=company["rita"], now=company.after(1))
    actions.ask(ticket_id=ticket.pk, reason="Two weeks of silence", by=company["rita"], now=company.after(1))
    assert fired(ticket) == ["asks"]
    assert outbox.entry(ticket, "escalation.asked_for")["reason"] == "Two weeks of silence"


def test_repeat_escalation_for_the_same_customer_within_days(ladder):
    watching(ladder, "{kind: repeat_escalation, same: organisation, within: 7d, key: repeat-customer}")
    first, second = ladder.ticket(), ladder.ticket(subject="Another thing")
    ladder.escalate(first)
    assert "repeat-customer" not in fired(first)
    ladder.escalate(second, at=60)
    assert "repeat-customer" in fired(second)


def test_ticket_opened_fires_at_once_where_the_policy_matches(company):
    watching(company, "{kind: ticket_opened, key: major}", match="ticket.priority == 1")
    assert fired(company.ticket()) == []
    assert fired(company.ticket(impact=1, urgency=1)) == ["major"]


def test_not_firing_because_the_policy_is_at_work_is_journalled(company, outbox):
    watching(company, "{kind: priority_raised, key: worse}")
    ticket = company.ticket(impact=3, urgency=3)
    for minute, grade in ((1, 2), (2, 1)):
        tickets.set_impact_urgency(
            ticket_id=ticket.pk, impact=grade, urgency=grade, by=company["ana"], now=company.after(minute)
        )
    assert fired(ticket) == ["worse"]
    assert "already at work" in outbox.entry(ticket, "trigger.not_fired")["refused"]


def test_not_firing_because_the_condition_is_false_is_journalled(company, outbox):
    watching(company, "{kind: priority_raised, key: worse, when: ticket.has_owner}")
    ticket = company.ticket()
    tickets.set_impact_urgency(ticket_id=ticket.pk, impact=1, urgency=1, by=None, now=company.after(1))
    assert fired(ticket) == []
    assert "condition is false" in outbox.entry(ticket, "trigger.not_fired")["refused"]


@pytest.mark.parametrize("trigger", ["{kind: priority_raised, key: x}", "{kind: unassigned_for, after: 5m, key: x}"])
def test_maintenance_defers_a_trigger_journals_it_and_looks_again_at_the_end(company, outbox, trigger):
    watching(company, trigger)
    ticket = company.ticket(impact=3, urgency=3)
    actions.plan_maintenance(
        service=None,
        starts_at=company.now,
        ends_at=company.after(60),
        reason="move",
        by=company["mara"],
        now=company.now,
    )
    tickets.set_impact_urgency(ticket_id=ticket.pk, impact=1, urgency=1, by=None, now=company.after(3))
    company.tick(6)
    assert fired(ticket) == []
    assert outbox.entry(ticket, "trigger.deferred")["trigger"] == "x"
    company.tick(60)
    assert fired(ticket) == ["x"]


def test_disabled_policy_fires_nothing(company):
    watching(company, "{kind: unassigned_for, after: 5m}")
    ticket = company.ticket()
    from tocsin.domain.escalation import publishing  # noqa: PLC0415 - the act under test

    publishing.set_enabled(slug="watchful", enabled=False, by="test", now=company.after(1))
    company.tick(10)
    assert fired(ticket) == []


def test_policy_published_later_watches_tickets_that_are_already_open(company):
    ticket = company.ticket()
    watching(company, "{kind: unassigned_for, after: 5m, key: late}")
    company.tick(6)
    assert fired(ticket) == ["late"]


def test_resolved_ticket_is_no_longer_watched(company):
    watching(company, "{kind: unassigned_for, after: 5m}")
    ticket = company.ticket()
    tickets.resolve(ticket_id=ticket.pk, by=company["ana"], now=company.after(1))
    company.tick(10)
    assert fired(ticket) == []


APPROVED = """
slug: upward
name: Upward
type: customer
reason: expectation_missed
direction: hierarchical
approval: {approvers: [team_manager], timeout: 20m, on_timeout: %s}
levels:
  - name: Account manager
    targets: [account_manager]
"""


def test_approval_is_asked_and_paging_waits_for_it(company, outbox):
    company.publish(APPROVED % "start")
    run = company.escalate(company.ticket(), "upward")
    assert outbox.paged(run, purpose="approval") == [(1, 0, "Mara")]
    assert outbox.paged(run) == []
    actions.approve(run_id=run.pk, by=company["mara"], now=company.after(2))
    assert outbox.paged(run) == [(1, 1, "Amy")]


def test_approval_refused_ends_the_escalation_with_the_reason(company, outbox, state_of):
    company.publish(APPROVED % "start")
    run = company.escalate(company.ticket(), "upward")
    actions.refuse(run_id=run.pk, by=company["mara"], now=company.after(2), reason="Not yet, see the runbook")
    assert state_of(run) == "refused"
    assert outbox.paged(run) == []


@pytest.mark.parametrize(("choice", "paged"), [("start", [(1, 1, "Amy")]), ("cancel", [])])
def test_approval_times_out(company, outbox, choice, paged):
    company.publish(APPROVED % choice)
    run = company.escalate(company.ticket(), "upward")
    company.tick(20)
    assert outbox.paged(run) == paged


def test_reopening_asks_again_for_an_approval_that_nobody_gave(company, outbox):
    company.publish(APPROVED % "cancel")
    ticket = company.ticket()
    run = company.escalate(ticket, "upward")
    company.tick(20)
    again = company.escalate(ticket, "upward", at=30)
    assert (again.pk, again.status) == (run.pk, "pending_approval")
    assert outbox.paged(run) == []
    actions.approve(run_id=run.pk, by=company["mara"], now=company.after(31))
    assert [page[2] for page in outbox.paged(run)] == ["Amy"]


def test_top_severity_pages_without_waiting_for_approval(company, outbox):
    company.publish(APPROVED % "start")
    run = company.escalate(company.ticket(impact=1, urgency=1), "upward")
    assert outbox.paged(run) == [(1, 1, "Amy")]


PARENT = """
slug: parent
name: Parent
type: technical
reason: complexity
direction: functional
levels:
  - name: Child
    policy: ladder
  - name: Boss
    delay: 60m
    targets: [manager_of_owner]
"""


def test_chained_policy_runs_as_a_child_and_a_stop_propagates_down(ladder, outbox):
    ladder.publish(PARENT)
    ticket = ladder.ticket(owner=ladder["ben"])
    run = ladder.escalate(ticket, "parent")
    child = Run.objects.get(escalation__parent=run.escalation)
    assert outbox.paged(child) == [(1, 1, "Ana"), (1, 1, "Ben")]
    actions.acknowledge(run_id=run.pk, by=ladder["ben"], now=ladder.after(2))
    child.refresh_from_db()
    assert child.status == "cancelled"
    assert outbox.waiting(child) == 0


REASSIGN = """
slug: moving
name: Moving
type: technical
reason: complexity
direction: functional
on_reassign: %s
levels:
  - name: Owner
    targets: [owner]
"""


@pytest.mark.parametrize(
    ("choice", "state", "paged"),
    [
        ("cancel", "cancelled", [(1, 1, "Ben")]),
        ("keep", "open", [(1, 1, "Ben")]),
        ("rebind", "open", [(1, 1, "Ben"), (2, 1, "Ana")]),
        ("ask", "open", [(1, 1, "Ben")]),
    ],
)
def test_reassigning_follows_the_policy(company, outbox, state_of, choice, state, paged):
    company.publish(REASSIGN % choice)
    ticket = company.ticket(owner=company["ben"])
    run = company.escalate(ticket, "moving")
    tickets.assign(ticket_id=ticket.pk, owner=company["ana"], team=company.desk, by=None, now=company.after(3))
    assert state_of(run) == state
    assert outbox.paged(run) == paged
    assert (Escalation.objects.get(pk=run.escalation_id).reassigned_at is not None) == (choice == "ask")


def test_asked_after_reassignment_somebody_decides_once(company, outbox):
    company.publish(REASSIGN % "ask")
    ticket = company.ticket(owner=company["ben"])
    run = company.escalate(ticket, "moving")
    tickets.assign(ticket_id=ticket.pk, owner=company["ana"], team=company.desk, by=None, now=company.after(3))
    actions.after_reassign(
        escalation_id=run.escalation_id, choice="rebind", by=company["ana"], now=company.now + timedelta(minutes=4)
    )
    assert outbox.paged(run) == [(1, 1, "Ben"), (2, 1, "Ana")]
