"""Promises in the database: made, kept, renegotiated, broken by the engine, and what follows (SEMANTICS 3, 7)."""

from datetime import timedelta

import pytest

from tests.web.conftest import Desk
from tocsin.domain.escalation import publishing
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.journal.models import Entry
from tocsin.domain.notify.models import Page
from tocsin.domain.people import actions as people
from tocsin.domain.stakeholders import actions, queries
from tocsin.domain.stakeholders.models import Promise, Wish
from tocsin.domain.tickets import actions as tickets
from tocsin.engine.sources import SOURCES
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound

HOUR = timedelta(hours=1)
POLICY = """
slug: broken-word
name: Broken word
type: customer
reason: expectation_missed
direction: hierarchical
triggers:
  - {kind: promise_missed, same: promise%s}
levels:
  - targets: [{user: manager@desk.example}]
"""


def promise(desk: Desk, hours: float = 4, **given) -> Promise:
    values = {"what": "call Ana", "due_at": desk.now + hours * HOUR, "by": desk.agent, "now": desk.now}
    return actions.make_promise(ticket_id=desk.ticket.pk, **values | given)


def kinds(desk: Desk) -> list[str]:
    found = Entry.objects.filter(stream=f"ticket:{desk.ticket.pk}", kind__startswith="promise.")
    return list(found.order_by("position").values_list("kind", flat=True))


def test_a_promise_to_the_customer_is_to_the_requester_unless_somebody_else_is_named(desk: Desk) -> None:
    made = promise(desk)
    assert (made.to_person, made.organisation, made.by, made.state) == (
        desk.requester,
        desk.customer,
        desk.agent,
        "open",
    )


def test_a_promise_for_a_time_that_is_behind_is_refused(desk: Desk) -> None:
    with pytest.raises(InvalidInput) as refused:
        promise(desk, hours=-1)
    assert "lies ahead" in refused.value.fields["due_at"]


def test_nobody_of_another_customer_is_promised_anything(desk: Desk) -> None:
    other = people.create_organisation(name="Globex", by=None, now=desk.now)
    stranger = people.create_person(
        email="s@globex.example", name="S", role="requester", organisation=other, by=None, now=desk.now
    )
    with pytest.raises(InvalidInput):
        promise(desk, to_person=stranger)


def test_a_requester_makes_no_promises(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        promise(desk, by=desk.requester)


def test_keeping_twice_is_no_fault_and_is_told_once(desk: Desk) -> None:
    made = promise(desk)
    for _ in range(2):
        actions.keep_promise(promise_id=made.pk, by=desk.lead, now=desk.now + HOUR)
    made.refresh_from_db()
    assert (made.state, made.next_at) == ("kept", None)
    assert kinds(desk) == ["promise.made", "promise.kept"]


def test_renegotiated_before_it_is_due_the_old_one_keeps_its_time(desk: Desk) -> None:
    made = promise(desk)
    new = actions.renegotiate_promise(
        promise_id=made.pk,
        due_at=desk.now + 9 * HOUR,
        reason="The part comes tonight",
        by=desk.agent,
        now=desk.now + HOUR,
    )
    made.refresh_from_db()
    assert (made.state, made.due_at, made.reason) == ("renegotiated", desk.now + 4 * HOUR, "The part comes tonight")
    assert (new.state, new.renegotiates, new.due_at, new.what) == ("open", made, desk.now + 9 * HOUR, "call Ana")


def test_after_it_was_due_it_is_broken_and_cannot_be_renegotiated_or_cancelled(desk: Desk) -> None:
    made, late = promise(desk), desk.now + 5 * HOUR
    with pytest.raises(Conflict, match="broken"):
        actions.renegotiate_promise(promise_id=made.pk, due_at=late + HOUR, reason="x", by=desk.agent, now=late)
    with pytest.raises(Conflict, match="broken"):
        actions.cancel_promise(promise_id=made.pk, reason="x", by=desk.agent, now=late)


def test_done_late_it_stays_broken_and_escalates_even_before_the_engine_looks(desk: Desk) -> None:
    publishing.publish_source(text=POLICY % "", by="test", now=desk.now)
    made = promise(desk)
    actions.keep_promise(promise_id=made.pk, by=desk.agent, now=desk.now + 5 * HOUR)
    made.refresh_from_db()
    assert (made.state, made.done_at) == ("broken", desk.now + 5 * HOUR)
    assert kinds(desk) == ["promise.made", "promise.broken", "promise.done_late"]
    assert Escalation.objects.filter(policy__slug="broken-word").count() == 1


def test_the_promiser_is_reminded_ahead_once_and_told_when_it_is_missed(desk: Desk) -> None:
    made = promise(desk)
    before = Page.objects.count()
    assert actions.act_on_due_promises(now=desk.now + 2 * HOUR) == 0
    assert actions.act_on_due_promises(now=desk.now + 3 * HOUR) == 1
    assert actions.act_on_due_promises(now=desk.now + 3 * HOUR) == 0
    assert queries.next_promise_due() == made.due_at
    assert actions.act_on_due_promises(now=desk.now + 4 * HOUR) == 1
    made.refresh_from_db()
    assert (made.state, made.settled_at) == ("broken", made.due_at)
    assert kinds(desk) == ["promise.made", "promise.reminded", "promise.broken"]
    told = Page.objects.filter(user=desk.agent, purpose="notice").order_by("created_at", "pk")
    assert [page.subject[:12] for page in told] == ["Promise due ", "Promise miss"]
    assert Page.objects.count() == before + 2


def test_a_missed_promise_is_a_trigger_once(desk: Desk) -> None:
    publishing.publish_source(text=POLICY % "", by="test", now=desk.now)
    promise(desk)
    actions.act_on_due_promises(now=desk.now + 4 * HOUR)
    actions.act_on_due_promises(now=desk.now + 4 * HOUR)
    begun = Escalation.objects.get(policy__slug="broken-word")
    assert (begun.reason, begun.reason_text) == ("expectation_missed", "promise missed: call Ana")


def test_a_trigger_may_wait_for_the_second_missed_one(desk: Desk) -> None:
    publishing.publish_source(text=POLICY % ", count: 2", by="test", now=desk.now)
    promise(desk, hours=1)
    promise(desk, hours=2, what="send the report")
    actions.act_on_due_promises(now=desk.now + 1.5 * HOUR)
    assert not Escalation.objects.filter(policy__slug="broken-word").exists()
    actions.act_on_due_promises(now=desk.now + 2 * HOUR)
    assert Escalation.objects.filter(policy__slug="broken-word").count() == 1


def test_a_missed_promise_escalates_a_resolved_ticket_too(desk: Desk) -> None:
    publishing.publish_source(text=POLICY % "", by="test", now=desk.now)
    promise(desk)
    tickets.resolve(ticket_id=desk.ticket.pk, by=desk.agent, now=desk.now + HOUR)
    actions.act_on_due_promises(now=desk.now + 4 * HOUR)
    assert Escalation.objects.filter(policy__slug="broken-word").count() == 1


def test_after_downtime_a_promise_is_broken_without_a_late_reminder(desk: Desk) -> None:
    promise(desk)
    assert actions.act_on_due_promises(now=desk.now + 40 * HOUR) == 1
    assert kinds(desk) == ["promise.made", "promise.broken"]


def test_what_is_ticked_comes_true_when_that_reply_is_sent(desk: Desk) -> None:
    kept = promise(desk, what="look at the cable")
    ticked = actions.Promised(what="call Ana", due_at=desk.now + 2 * HOUR, said="by 15:00", zone="Europe/Berlin")
    body = "The cable is fine.\r\nI will call by 15:00."
    actions.keep_wishes(
        ticket_id=desk.ticket.pk, body=body, makes=[ticked], keeps=[kept.pk], by=desk.agent, now=desk.now
    )
    assert Promise.objects.count() == 1
    tickets.add_message(
        ticket_id=desk.ticket.pk, kind="reply", body=body.replace("\r\n", "\n"), by=desk.agent, now=desk.now + HOUR / 60
    )
    kept.refresh_from_db()
    made = Promise.objects.exclude(pk=kept.pk).get()
    assert (kept.state, made.source, made.zone, made.said) == ("kept", "composer", "Europe/Berlin", "by 15:00")
    assert made.message is not None
    assert not Wish.objects.exists()


def test_a_reply_that_was_taken_back_and_reads_otherwise_makes_no_promise(desk: Desk) -> None:
    ticked = actions.Promised(what="call Ana", due_at=desk.now + 2 * HOUR, said="by 15:00", zone="UTC")
    wish = {"ticket_id": desk.ticket.pk, "keeps": [], "by": desk.agent, "now": desk.now}
    actions.keep_wishes(body="I will call by 15:00.", makes=[ticked], **wish)
    tickets.add_message(ticket_id=desk.ticket.pk, kind="reply", body="We will see.", by=desk.agent, now=desk.now)
    assert not Promise.objects.exists()
    actions.keep_wishes(body="I will call by 15:00.", makes=[ticked], **wish)
    actions.keep_wishes(body="I will call by 15:00.", makes=[], **wish)  # written again, and not ticked
    tickets.add_message(
        ticket_id=desk.ticket.pk, kind="reply", body="I will call by 15:00.", by=desk.agent, now=desk.now
    )
    assert not Promise.objects.exists()


def test_the_figures_count_only_what_came_to_its_time(desk: Desk) -> None:
    one, two = promise(desk), promise(desk, what="send it")
    promise(desk, what="ask the vendor")
    actions.keep_promise(promise_id=one.pk, by=desk.agent, now=desk.now)
    actions.cancel_promise(promise_id=two.pk, reason="Not needed", by=desk.agent, now=desk.now)
    found = queries.ledger(desk.agent, desk.now, by=desk.agent).figures
    assert (found.open, found.kept, found.broken, found.cancelled, found.share_kept) == (1, 1, 0, 1, 100)


def test_what_was_promised_to_a_colleague_is_not_the_customers_to_see(desk: Desk) -> None:
    inside = promise(desk, to_kind="internal", to_person=desk.expert)
    outside = promise(desk, what="write to Ana")
    assert queries.promises_on(desk.ticket, desk.requester) == [outside]
    assert queries.promises_for_customer(desk.ticket) == [outside]
    with pytest.raises(NotFound):
        queries.access_promise(desk.requester, inside.pk)


def test_the_engine_claims_promises_and_update_clocks() -> None:
    assert {"promises", "updates"} <= {source.name for source in SOURCES}
