"""Status, messages, details and links: what they leave behind, and who may."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.domain.tickets.conftest import House
from tocsin.domain.journal import publish
from tocsin.domain.journal.queries import entries, verify
from tocsin.domain.people.models import User
from tocsin.domain.tickets import actions, events
from tocsin.domain.tickets.logic.lifecycle import REOPEN_WINDOW
from tocsin.domain.tickets.models import Change, Message, Ticket
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound

HOUR = timedelta(hours=1)
type Heard = Callable[[], list[Any]]


def fresh(ticket: Ticket) -> Ticket:
    return Ticket.objects.get(pk=ticket.pk)


def changes(ticket: Ticket, *fields: str) -> list[tuple[str, str, str]]:
    rows = Change.objects.filter(ticket=ticket, field__in=fields).order_by("at", "id")
    return list(rows.values_list("field", "before", "after"))


def kinds(ticket: Ticket) -> list[str]:
    return [entry.kind for entry in entries(f"ticket:{ticket.pk}")]


class TestStatus:
    def test_a_wait_a_resolution_and_a_reopening(self, house: House, now: datetime) -> None:
        ticket = house.open(now, owner=house.ana)
        step = {"ticket_id": ticket.pk, "by": house.ana}
        actions.set_status(status="waiting_vendor", now=now + HOUR, note="Part ordered", **step)
        actions.resolve(now=now + 2 * HOUR, **step)
        assert fresh(ticket).resolved_at == now + 2 * HOUR
        actions.close(now=now + 3 * HOUR, **step)
        assert fresh(ticket).closed_at == now + 3 * HOUR
        actions.reopen(now=now + 4 * HOUR, **step)
        after = fresh(ticket)
        assert (after.status, after.reopens, after.resolved_at, after.closed_at) == ("reopened", 1, None, None)
        assert after.owner == house.ana
        assert [after for _, _, after in changes(ticket, "status")] == [
            "open", "waiting_vendor", "resolved", "closed", "reopened",
        ]  # fmt: skip
        assert entries(f"ticket:{ticket.pk}")[1].data == {
            "before": "open",
            "after": "waiting_vendor",
            "note": "Part ordered",
        }

    def test_the_same_status_changes_nothing(self, house: House, now: datetime, heard: Heard) -> None:
        ticket = house.open(now, owner=house.ana)
        heard().clear()
        actions.set_status(ticket_id=ticket.pk, status="open", by=house.ana, now=now)
        assert heard() == []

    def test_an_impossible_move_names_the_remedy(self, house: House, now: datetime) -> None:
        ticket = house.open(now)
        with pytest.raises(Conflict, match="Resolve it first"):
            actions.close(ticket_id=ticket.pk, by=house.ana, now=now)
        with pytest.raises(InvalidInput, match="There is no status"):
            actions.set_status(ticket_id=ticket.pk, status="done", by=house.ana, now=now)

    def test_a_ticket_closed_long_ago_stays_closed(self, house: House, now: datetime) -> None:
        ticket = house.open(now)
        actions.resolve(ticket_id=ticket.pk, by=None, now=now)
        actions.close(ticket_id=ticket.pk, by=None, now=now)
        late = now + REOPEN_WINDOW + HOUR
        with pytest.raises(Conflict, match="Open a new ticket"):
            actions.reopen(ticket_id=ticket.pk, by=house.ana, now=late)
        with pytest.raises(Conflict, match="Open a new ticket"):
            actions.add_message(ticket_id=ticket.pk, kind="customer", body="Again!", by=house.requester, now=late)
        assert Message.objects.count() == 0

    def test_requesters_close_and_reopen_their_own_and_no_more(self, house: House, now: datetime) -> None:
        ticket = house.open(now)
        with pytest.raises(NotAllowed):
            actions.resolve(ticket_id=ticket.pk, by=house.requester, now=now)
        actions.resolve(ticket_id=ticket.pk, by=house.ana, now=now)
        actions.close(ticket_id=ticket.pk, by=house.requester, now=now)
        actions.reopen(ticket_id=ticket.pk, by=house.requester, now=now)
        with pytest.raises(NotFound):
            actions.reopen(ticket_id=ticket.pk, by=house.stranger, now=now)

    def test_only_open_tickets_count_as_unassigned(self, house: House, now: datetime) -> None:
        ticket = house.open(now)
        actions.resolve(ticket_id=ticket.pk, by=None, now=now)
        assert fresh(ticket).unassigned_since is None
        actions.reopen(ticket_id=ticket.pk, by=None, now=now + HOUR)
        assert fresh(ticket).unassigned_since == now + HOUR


class TestMessages:
    def test_a_public_reply_opens_a_new_ticket_and_is_remembered(
        self, house: House, now: datetime, heard: Heard
    ) -> None:
        ticket = house.open(now)
        heard().clear()
        message = actions.add_message(ticket_id=ticket.pk, kind="reply", body=" On it. ", by=house.ana, now=now + HOUR)
        after = fresh(ticket)
        assert (after.status, after.last_public_reply_at, after.owner) == ("open", now + HOUR, None)
        assert message.body == "On it."
        assert [type(e) for e in heard()] == [events.StatusChanged, events.MessageAdded]

    def test_a_note_is_no_answer(self, house: House, now: datetime) -> None:
        ticket = house.open(now)
        actions.add_message(ticket_id=ticket.pk, kind="note", body="Looks like the uplink", by=house.ana, now=now)
        assert (fresh(ticket).status, fresh(ticket).last_public_reply_at) == ("open", None)

    def test_the_owners_words_are_a_sign_of_life_and_nobody_elses(self, house: House, now: datetime) -> None:
        ticket = house.open(now, owner=house.ana)
        actions.add_message(ticket_id=ticket.pk, kind="note", body="x", by=house.ben, now=now)
        assert fresh(ticket).last_owner_activity_at is None
        actions.add_message(ticket_id=ticket.pk, kind="note", body="x", by=house.ana, now=now + HOUR)
        assert fresh(ticket).last_owner_activity_at == now + HOUR

    @pytest.mark.parametrize(
        ("before", "after", "reopens"),
        [
            ("new", "new", 0),
            ("open", "open", 0),
            ("waiting_customer", "open", 0),
            ("waiting_vendor", "waiting_vendor", 0),
            ("waiting_change", "waiting_change", 0),
            ("resolved", "reopened", 1),
        ],
    )
    def test_what_a_customers_message_does(
        self, house: House, now: datetime, before: str, after: str, reopens: int
    ) -> None:
        ticket = house.open(now)
        if before != "new":
            actions.set_status(ticket_id=ticket.pk, status=before, by=None, now=now)
        actions.add_message(ticket_id=ticket.pk, kind="customer", body="Well?", by=house.requester, now=now + HOUR)
        found = fresh(ticket)
        assert (found.status, found.reopens, found.last_customer_message_at) == (after, reopens, now + HOUR)
        assert found.last_public_reply_at is None

    def test_who_may_say_what(self, house: House, now: datetime) -> None:
        ticket = house.open(now)
        for kind in ("reply", "note"):
            with pytest.raises(NotAllowed):
                actions.add_message(ticket_id=ticket.pk, kind=kind, body="x", by=house.requester, now=now)
        with pytest.raises(NotFound):
            actions.add_message(ticket_id=ticket.pk, kind="customer", body="x", by=house.stranger, now=now)
        actions.add_message(ticket_id=ticket.pk, kind="customer", body="Said on the phone", by=house.ana, now=now)

    def test_the_journal_holds_the_digest_and_not_the_words(self, house: House, now: datetime) -> None:
        ticket = house.open(now)
        actions.add_message(ticket_id=ticket.pk, kind="note", body="secret words", by=house.ana, now=now)
        assert "secret words" not in str([entry.data for entry in entries(f"ticket:{ticket.pk}")])
        assert len(entries(f"ticket:{ticket.pk}")[-1].data["sha256"]) == 64

    @pytest.mark.parametrize(
        ("kind", "body", "field"), [("shout", "x", "kind"), ("note", " ", "body"), ("note", "\x00", "body")]
    )
    def test_a_wrong_field_is_named(self, house: House, now: datetime, kind: str, body: str, field: str) -> None:
        with pytest.raises(InvalidInput) as refused:
            actions.add_message(ticket_id=house.open(now).pk, kind=kind, body=body, by=house.ana, now=now)
        assert list(refused.value.fields) == [field]


class TestDetails:
    def test_impact_and_urgency_decide_the_priority(self, house: House, now: datetime, heard: Heard) -> None:
        ticket = house.open(now)
        heard().clear()
        actions.set_impact_urgency(ticket_id=ticket.pk, impact=1, urgency=1, by=house.ana, now=now)
        assert fresh(ticket).priority == 1
        assert changes(ticket, "priority")[-1] == ("priority", "3", "1")
        assert [(e.before, e.after) for e in heard()] == [(3, 1)]

    def test_a_change_that_keeps_the_priority_publishes_nothing(
        self, house: House, now: datetime, heard: Heard
    ) -> None:
        ticket = house.open(now, impact=2, urgency=3)
        heard().clear()
        actions.set_impact_urgency(ticket_id=ticket.pk, impact=3, urgency=2, by=house.ana, now=now)
        assert (fresh(ticket).priority, heard()) == (4, [])

    def test_the_matrix_can_be_changed_by_administrators_for_later_tickets(self, house: House, now: datetime) -> None:
        before = house.open(now)
        with pytest.raises(NotAllowed):
            actions.set_priority_cell(impact=2, urgency=2, priority=1, by=house.lead, now=now)
        actions.set_priority_cell(impact=2, urgency=2, priority=1, by=house.admin, now=now)
        assert (fresh(before).priority, house.open(now).priority) == (3, 1)
        assert entries("system")[-1].data == {"impact": 2, "urgency": 2, "before": 3, "after": 1}

    def test_details_tell_which_changed(self, house: House, now: datetime, heard: Heard) -> None:
        ticket = house.open(now)
        heard().clear()
        actions.change_details(
            ticket_id=ticket.pk,
            by=house.ana,
            now=now,
            subject="Printer on fire",
            category="Hardware",
            service=house.payroll,
        )
        assert heard()[0].fields == ("category", "service")
        assert changes(ticket, "service") == [("service", "", str(house.payroll.pk))]
        actions.change_details(ticket_id=ticket.pk, by=house.ana, now=now, category="Hardware")
        assert len(heard()) == 1

    @pytest.mark.parametrize(
        "fields", [{"owner": None}, {"number": 1}, {"subject": ""}, {"service": "payroll"}, {"category": 1}]
    )
    def test_other_details_are_refused(self, house: House, now: datetime, fields: dict[str, Any]) -> None:
        with pytest.raises(InvalidInput):
            actions.change_details(ticket_id=house.open(now).pk, by=house.ana, now=now, **fields)


class TestLinks:
    def test_a_link_is_told_on_both_and_made_once(self, house: House, now: datetime, heard: Heard) -> None:
        first, second = house.open(now), house.open(now)
        heard().clear()
        made = actions.link(from_id=first.pk, to_id=second.pk, kind="problem", by=house.ana, now=now)
        again = actions.link(from_id=first.pk, to_id=second.pk, kind="problem", by=house.ana, now=now)
        assert made.pk == again.pk
        assert (kinds(first)[-1], kinds(second)[-1]) == ("ticket.linked", "ticket.linked_from")
        assert [(e.ticket_id, e.to_ticket_id) for e in heard()] == [(first.pk, second.pk)]

    def test_related_holds_both_ways_and_a_child_is_no_parent(self, house: House, now: datetime) -> None:
        first, second = house.open(now), house.open(now)
        for kind in ("related", "child"):
            actions.link(from_id=first.pk, to_id=second.pk, kind=kind, by=None, now=now)
        assert actions.link(from_id=second.pk, to_id=first.pk, kind="related", by=None, now=now).from_ticket == first
        with pytest.raises(Conflict, match="is child of"):
            actions.link(from_id=second.pk, to_id=first.pk, kind="child", by=None, now=now)

    def test_wrong_links_are_refused(self, house: House, now: datetime) -> None:
        ticket = house.open(now)
        with pytest.raises(InvalidInput, match="itself"):
            actions.link(from_id=ticket.pk, to_id=ticket.pk, kind="related", by=None, now=now)
        with pytest.raises(NotFound):
            actions.link(from_id=ticket.pk, to_id=house.ana.pk, kind="related", by=None, now=now)
        with pytest.raises(InvalidInput, match="no kind of link"):
            actions.link(from_id=ticket.pk, to_id=ticket.pk, kind="cousin", by=None, now=now)


def test_a_stale_act_changes_nothing(house: House, now: datetime) -> None:
    ticket = house.open(now)
    seen = ticket.updated_at
    actions.take(ticket_id=ticket.pk, by=house.ana, now=now + HOUR)
    with pytest.raises(Conflict, match="was changed while you were looking"):
        actions.set_status(
            ticket_id=ticket.pk, status="resolved", by=house.ana, now=now + HOUR, expected_updated_at=seen
        )
    assert fresh(ticket).status == "open"
    actions.resolve(ticket_id=ticket.pk, by=house.ana, now=now + HOUR)


def test_what_is_not_there_is_not_found(house: House, now: datetime) -> None:
    with pytest.raises(NotFound):
        actions.take(ticket_id=house.ana.pk, by=house.ana, now=now)


def test_a_deactivated_agent_sees_nothing(house: House, now: datetime) -> None:
    ticket = house.open(now)
    User.objects.filter(pk=house.ana.pk).update(is_active=False)
    with pytest.raises(NotFound):
        actions.take(ticket_id=ticket.pk, by=User.objects.get(pk=house.ana.pk), now=now)


def test_a_handler_that_raises_undoes_the_whole_act(
    house: House, now: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: Any) -> None:
        raise RuntimeError("no")

    ticket = house.open(now)
    monkeypatch.setattr(publish, "_handlers", {events.OwnershipChanged: (refuse,)})
    with pytest.raises(RuntimeError):
        actions.take(ticket_id=ticket.pk, by=house.ana, now=now)
    assert (fresh(ticket).owner, kinds(ticket)) == (None, ["ticket.opened"])


def test_all_of_it_leaves_a_whole_journal(house: House, now: datetime) -> None:
    ticket, other = house.open(now), house.open(now)
    actions.take(ticket_id=ticket.pk, by=house.ana, now=now)
    actions.add_message(ticket_id=ticket.pk, kind="reply", body="Hello", by=house.ana, now=now)
    actions.set_impact_urgency(ticket_id=ticket.pk, impact=1, urgency=1, by=house.ana, now=now)
    actions.link(from_id=ticket.pk, to_id=other.pk, kind="related", by=house.ana, now=now)
    offer = actions.offer_handover(ticket_id=ticket.pk, to_team=house.network, brief="b", by=house.ana, now=now)
    actions.answer_handover(handover_id=offer.pk, accept=True, by=house.nora, now=now)
    actions.resolve(ticket_id=ticket.pk, by=house.nora, now=now)
    assert verify().problems == []
