"""Undo send: a reply waits, can be taken back, and is sent by the engine."""

from datetime import timedelta

import pytest

from tests.domain.desk.conftest import Desk
from tocsin.domain.desk import actions, queries
from tocsin.domain.desk.models import Draft, Held
from tocsin.domain.journal.models import Entry
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.enums import MessageKind, Status
from tocsin.domain.tickets.logic.attached import Upload
from tocsin.domain.tickets.models import Attachment, Message
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed

SECOND = timedelta(seconds=1)


def hold(desk: Desk, body: str = "We look into it.", **more: object) -> Held:
    return actions.hold(ticket_id=desk.ticket.pk, body=body, by=desk.ana, now=desk.now, **more)  # type: ignore[arg-type]  # status, files, as each test wants


def replies(desk: Desk) -> list[str]:
    return list(Message.objects.filter(ticket=desk.ticket, kind=MessageKind.REPLY).values_list("body", flat=True))


def test_a_reply_is_sent_after_ten_seconds_and_counts_from_then(desk: Desk) -> None:
    hold(desk, status=Status.WAITING_CUSTOMER)
    assert actions.send_due(now=desk.now + 9 * SECOND) == 0
    assert replies(desk) == []
    assert actions.next_held_due() == desk.now + 10 * SECOND
    assert actions.send_due(now=desk.now + 10 * SECOND) == 1
    assert replies(desk) == ["We look into it."]
    desk.ticket.refresh_from_db()
    assert desk.ticket.last_public_reply_at == desk.now + 10 * SECOND
    assert desk.ticket.status == Status.WAITING_CUSTOMER
    assert actions.next_held_due() is None


def test_a_reply_is_sent_once(desk: Desk) -> None:
    hold(desk)
    assert [actions.send_due(now=desk.now + 10 * SECOND) for _ in range(3)] == [1, 0, 0]


def test_a_reply_that_was_taken_back_is_a_draft_again(desk: Desk) -> None:
    held = hold(desk)
    actions.take_back(held_id=held.pk, by=desk.ana, now=desk.now + 3 * SECOND)
    assert actions.send_due(now=desk.now + 60 * SECOND) == 0
    draft = queries.draft_of(desk.ticket.pk, desk.ana)
    assert draft is not None
    assert (draft.kind, draft.body) == ("reply", "We look into it.")


def test_what_is_sent_cannot_be_taken_back_and_not_by_others(desk: Desk) -> None:
    held = hold(desk)
    with pytest.raises(Conflict):
        actions.take_back(held_id=held.pk, by=desk.ben, now=desk.now)
    actions.send_due(now=desk.now + 10 * SECOND)
    with pytest.raises(Conflict, match="has been sent"):
        actions.take_back(held_id=held.pk, by=desk.ana, now=desk.now + 11 * SECOND)


def test_files_wait_with_their_reply(desk: Desk) -> None:
    hold(desk, files=[Upload(name="log.txt", content=b"a line", declared="text/plain")])
    assert not Attachment.objects.exists()
    actions.send_due(now=desk.now + 10 * SECOND)
    assert Attachment.objects.get().name == "log.txt"


def test_holding_a_reply_ends_its_draft(desk: Desk) -> None:
    actions.keep_draft(ticket_id=desk.ticket.pk, kind="reply", body="We", seen="", by=desk.ana, now=desk.now)
    hold(desk)
    assert not Draft.objects.exists()


def test_a_reply_that_can_no_longer_be_sent_returns_to_its_author_and_is_told(desk: Desk) -> None:
    hold(desk)
    desk.ana.role = "requester"
    desk.ana.save()
    assert actions.send_due(now=desk.now + 10 * SECOND) == 1
    assert replies(desk) == []
    assert Draft.objects.get().body == "We look into it."
    assert Entry.objects.filter(kind="message.not_sent").count() == 1


def test_a_status_that_is_no_longer_possible_does_not_keep_the_reply(desk: Desk) -> None:
    hold(desk, status="nonsense")
    actions.send_due(now=desk.now + 10 * SECOND)
    assert replies(desk) == ["We look into it."]


def test_customers_and_empty_replies_are_refused(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        actions.hold(ticket_id=desk.ticket.pk, body="x", by=desk.rita, now=desk.now)
    with pytest.raises(InvalidInput):
        hold(desk, body="  \x00 ")


def test_a_held_reply_survives_another_act_on_the_ticket(desk: Desk) -> None:
    hold(desk)
    tickets.add_message(ticket_id=desk.ticket.pk, kind="customer", body="More.", by=desk.rita, now=desk.now + SECOND)
    actions.send_due(now=desk.now + 10 * SECOND)
    assert replies(desk) == ["We look into it."]
