"""Who has said that they cannot is not asked again in the cycle (SEMANTICS 4: the next target is paged at once)."""

from tocsin.domain.escalation import actions, queries
from tocsin.domain.tickets import actions as tickets

LADDER = """
slug: again
name: Again
type: technical
reason: complexity
direction: functional
levels:
  - name: Ana
    targets: [{user: ana@example.org}]
  - name: Ana and Kai
    delay: 10m
    targets: [{user: ana@example.org}, {user: kai@example.org}]
repeat: {times: 1, after: 20m, terminal: page_catch_all}
"""


def test_who_declines_is_left_out_of_the_next_level_and_asked_anew_in_the_next_pass(company, outbox):
    company.publish(LADDER)
    run = company.escalate(company.ticket(), policy="again")
    actions.decline(run_id=run.pk, by=company["ana"], reason="on a plane", now=company.after(1), cycle=1)
    assert outbox.paged(run) == [(1, 1, "Ana"), (1, 2, "Kai")]
    company.tick(21)
    assert outbox.paged(run)[2:] == [(2, 1, "Ana")]


def test_acknowledger_who_worked_after_a_reminder_is_reminded_again(ladder, outbox):
    ticket = ladder.ticket()
    run = ladder.escalate(ticket)
    actions.acknowledge(run_id=run.pk, by=ladder["ana"], now=ladder.after(1))
    ladder.tick(31)
    tickets.add_message(ticket_id=ticket.pk, kind="note", body="On it", by=ladder["ana"], now=ladder.after(32))
    ladder.tick(62)
    assert [page[2] for page in outbox.paged(run, purpose="reminder")] == ["Ana", "Ana"]
    rail = queries.ladders(ticket.pk, ladder.after(63))[0]
    assert [(step.state, step.people) for step in rail.steps][:1] == [("done", ("Ana",))]


def test_catch_all_of_a_ladder_that_reached_nobody_is_paged_again_at_the_end(ladder, outbox):
    for name in ("ana", "ben", "nora", "kai", "lead"):
        ladder[name].contact_methods.all().delete()
    run = ladder.escalate(ladder.ticket())
    for minutes in (20, 40):
        ladder.tick(minutes)
    assert [page[2] for page in outbox.paged(run, purpose="catch_all")] == ["Carl", "Carl", "Carl"]
