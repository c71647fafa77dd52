"""Following, mentions, snoozing, time, views, merging and splitting."""

from datetime import timedelta

import pytest

from tests.domain.desk.conftest import Desk
from tocsin.domain.desk import actions
from tocsin.domain.desk.models import Follower, SavedView, Snooze, TimeSpent
from tocsin.domain.notify import actions as notify
from tocsin.domain.notify.models import Page
from tocsin.domain.people.models import Organisation, User
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.enums import Status
from tocsin.domain.tickets.models import Link, Message, Ticket
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed, NotFound

HOUR = timedelta(hours=1)


def reach(desk: Desk, *people: User) -> None:
    for user in people:
        notify.add_method(user_id=user.pk, channel="email", address=user.email, now=desk.now, verified=True)


def say(desk: Desk, kind: str, body: str, by: User, *, after: timedelta = HOUR) -> None:
    tickets.add_message(ticket_id=desk.ticket.pk, kind=kind, body=body, by=by, now=desk.now + after)


def told() -> list[tuple[str, str]]:
    return [
        (page.user.name.split()[0], page.subject.split(" T-")[0])
        for page in Page.objects.order_by("created_at", "user__name")
    ]


def test_who_is_mentioned_in_a_note_is_told_and_follows(desk: Desk) -> None:
    reach(desk, desk.ben, desk.lea)
    say(desk, "note", "@ben can you look? @rita too", desk.ana)
    assert told() == [("Ben", "You are mentioned on")]
    say(desk, "customer", "Any news?", desk.rita, after=2 * HOUR)
    assert told()[1:] == [("Ben", "News on")]


def test_nobody_is_told_of_their_own_words(desk: Desk) -> None:
    reach(desk, desk.ana)
    actions.follow(ticket_id=desk.ticket.pk, by=desk.ana, now=desk.now)
    actions.follow(ticket_id=desk.ticket.pk, by=desk.ana, now=desk.now)
    say(desk, "note", "@ana is me", desk.ana)
    assert told() == []
    actions.unfollow(ticket_id=desk.ticket.pk, by=desk.ana, now=desk.now)
    assert not Follower.objects.exists()


def test_a_name_that_several_have_mentions_nobody(desk: Desk) -> None:
    User.objects.create(email="ben@other.example", name="Ben Other", role="agent")
    say(desk, "note", "@ben?", desk.ana)
    assert not Follower.objects.exists()


def test_a_snoozed_ticket_wakes_in_time_and_its_sleeper_is_told(desk: Desk) -> None:
    reach(desk, desk.ana)
    actions.snooze(
        ticket_id=desk.ticket.pk, until=desk.now + 2 * HOUR, by=desk.ana, now=desk.now, reason="part is on its way"
    )
    assert actions.next_wake_due() == desk.now + 2 * HOUR
    assert actions.wake_due(now=desk.now + HOUR) == 0
    assert [actions.wake_due(now=desk.now + 2 * HOUR) for _ in range(2)] == [1, 0]
    assert told()[0][0] == "Ana"
    assert not Snooze.objects.exists()


def test_a_customers_message_wakes_it_a_note_does_not(desk: Desk) -> None:
    actions.snooze(ticket_id=desk.ticket.pk, until=desk.now + 9 * HOUR, by=desk.ana, now=desk.now)
    say(desk, "note", "Still waiting.", desk.ben)
    assert Snooze.objects.exists()
    say(desk, "customer", "It got worse.", desk.rita)
    assert not Snooze.objects.exists()


def test_a_snooze_is_bounded(desk: Desk) -> None:
    for until in (desk.now, desk.now + timedelta(days=31)):
        with pytest.raises(InvalidInput):
            actions.snooze(ticket_id=desk.ticket.pk, until=until, by=desk.ana, now=desk.now)


def test_time_is_noted_in_minutes(desk: Desk) -> None:
    actions.log_time(ticket_id=desk.ticket.pk, minutes=15, what="drove there", by=desk.ana, now=desk.now)
    assert TimeSpent.objects.get().minutes == 15
    for minutes in (0, 1441):
        with pytest.raises(InvalidInput):
            actions.log_time(ticket_id=desk.ticket.pk, minutes=minutes, by=desk.ana, now=desk.now)


def test_a_view_is_kept_without_its_page(desk: Desk) -> None:
    view = actions.save_view(name="Mine", query="?team=desk&page=3&known=x", by=desk.ana)
    assert (view.query, view.owner) == ("team=desk", desk.ana)
    with pytest.raises(NotAllowed):
        actions.save_view(name="All", query="", by=desk.ana, shared=True)
    with pytest.raises(NotFound):
        actions.delete_view(view_id=view.pk, by=desk.ben)
    with pytest.raises(InvalidInput):
        actions.save_view(name="Mine", query="", columns=["colour"], by=desk.ana)
    actions.delete_view(view_id=view.pk, by=desk.ana)
    assert not SavedView.objects.exists()


def second(desk: Desk, **more: object) -> Ticket:
    return tickets.open_ticket(
        subject="Printer again", description="Still.", by=desk.ana, now=desk.now, **{"requester": desk.rita, **more}
    )  # type: ignore[arg-type]  # requester, organisation


def test_merging_carries_the_story_over_and_resolves_the_duplicate(desk: Desk) -> None:
    other = second(desk)
    tickets.add_message(ticket_id=other.pk, kind="customer", body="It smokes.", by=desk.rita, now=desk.now)
    tickets.add_message(ticket_id=other.pk, kind="note", body="Secret.", by=desk.ana, now=desk.now)
    actions.merge(from_id=other.pk, into_id=desk.ticket.pk, by=desk.ana, now=desk.now + HOUR)
    other.refresh_from_db()
    assert other.status == Status.RESOLVED
    note = Message.objects.get(ticket=desk.ticket, kind="note").body
    assert "It smokes." in note
    assert "Secret." not in note
    assert Link.objects.get().kind == "duplicate"


def test_tickets_of_different_customers_are_not_merged(desk: Desk) -> None:
    stranger = User.objects.create(
        email="s@globex.example", name="S", organisation=Organisation.objects.create(name="Globex")
    )
    other = second(desk, requester=stranger)
    with pytest.raises(Conflict, match="different customers"):
        actions.merge(from_id=other.pk, into_id=desk.ticket.pk, by=desk.ana, now=desk.now)
    with pytest.raises(InvalidInput):
        actions.merge(from_id=other.pk, into_id=other.pk, by=desk.ana, now=desk.now)


def test_an_ended_ticket_is_not_merged(desk: Desk) -> None:
    other = second(desk)
    tickets.set_status(ticket_id=other.pk, status=Status.RESOLVED, by=desk.ana, now=desk.now)
    with pytest.raises(Conflict, match="has ended"):
        actions.merge(from_id=other.pk, into_id=desk.ticket.pk, by=desk.ana, now=desk.now)


def test_a_message_becomes_a_ticket_of_its_own(desk: Desk) -> None:
    say(desk, "customer", "And the lift is stuck.", desk.rita)
    message = Message.objects.get(ticket=desk.ticket)
    made = actions.split(
        ticket_id=desk.ticket.pk, message_id=message.pk, subject="Lift", by=desk.ana, now=desk.now + HOUR
    )
    assert (made.subject, made.description, made.requester) == ("Lift", "And the lift is stuck.", desk.rita)
    assert Link.objects.get().kind == "related"


def test_a_note_does_not_become_a_ticket(desk: Desk) -> None:
    say(desk, "note", "Secret.", desk.ana)
    with pytest.raises(Conflict, match="note"):
        actions.split(
            ticket_id=desk.ticket.pk, message_id=Message.objects.get().pk, subject="x", by=desk.ana, now=desk.now
        )


def test_a_child_is_linked_to_its_parent(desk: Desk) -> None:
    child = actions.open_child(ticket_id=desk.ticket.pk, subject="Order paper", by=desk.ana, now=desk.now)
    found = Link.objects.get()
    assert (found.from_ticket, found.to_ticket, found.kind) == (child, desk.ticket, "child")
