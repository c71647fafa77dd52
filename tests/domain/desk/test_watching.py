"""Who looks, drafts and macros."""

from datetime import timedelta

import pytest

from tests.domain.desk.conftest import Desk
from tocsin.domain.desk import actions, queries
from tocsin.kernel.errors import InvalidInput, NotAllowed, NotFound


def test_others_see_who_looks_and_who_replies(desk: Desk) -> None:
    actions.see(ticket_id=desk.ticket.pk, doing="viewing", by=desk.ana, now=desk.now)
    actions.see(ticket_id=desk.ticket.pk, doing="replying", by=desk.ben, now=desk.now)
    seen = queries.onlookers(desk.ticket.pk, desk.lea, desk.now)
    assert [(one.user, one.replying) for one in seen] == [(desk.ben, True), (desk.ana, False)]
    assert [one.user for one in queries.onlookers(desk.ticket.pk, desk.ben, desk.now)] == [desk.ana]
    assert queries.onlookers_of([desk.ticket.pk], desk.ben, desk.now) == {desk.ticket.pk: [desk.ana.name]}


def test_who_left_or_gave_no_sign_for_a_minute_is_gone(desk: Desk) -> None:
    actions.see(ticket_id=desk.ticket.pk, doing="viewing", by=desk.ana, now=desk.now)
    actions.see(ticket_id=desk.ticket.pk, doing="viewing", by=desk.ben, now=desk.now)
    actions.leave(ticket_id=desk.ticket.pk, by=desk.ana)
    assert [one.user for one in queries.onlookers(desk.ticket.pk, desk.lea, desk.now)] == [desk.ben]
    assert queries.onlookers(desk.ticket.pk, desk.lea, desk.now + timedelta(seconds=60)) == []


def test_customers_are_not_shown_and_do_not_see(desk: Desk) -> None:
    with pytest.raises(NotAllowed):
        actions.see(ticket_id=desk.ticket.pk, doing="viewing", by=desk.rita, now=desk.now)


def test_a_draft_is_kept_per_person_and_dropped_when_emptied(desk: Desk) -> None:
    for text in ("We", "We look"):
        actions.keep_draft(ticket_id=desk.ticket.pk, kind="note", body=text, seen="m1", by=desk.ana, now=desk.now)
    kept = queries.draft_of(desk.ticket.pk, desk.ana)
    assert kept is not None
    assert (kept.kind, kept.body, kept.seen) == ("note", "We look", "m1")
    assert queries.draft_of(desk.ticket.pk, desk.ben) is None
    actions.keep_draft(ticket_id=desk.ticket.pk, kind="note", body=" ", seen="", by=desk.ana, now=desk.now)
    assert queries.draft_of(desk.ticket.pk, desk.ana) is None


def test_macros_are_ones_own_of_ones_teams_or_everybodys(desk: Desk) -> None:
    mine = actions.save_macro(name="Mine", body="Hello {{ requester_first }}", by=desk.ana, now=desk.now)
    shared = actions.save_macro(name="All", body="Bye", by=desk.lea, shared=True, now=desk.now)
    teams = actions.save_macro(name="Team", body="Team", by=desk.lea, team=desk.team, now=desk.now)
    desk.team.members.add(desk.ben)
    assert list(queries.macros_for(desk.ana)) == [shared, mine]
    assert list(queries.macros_for(desk.ben)) == [shared, teams]
    with pytest.raises(NotFound):
        queries.access_macro(desk.ben, mine.pk)
    with pytest.raises(NotAllowed):
        actions.save_macro(name="All", body="Mine now", by=desk.ana, macro_id=shared.pk, now=desk.now)
    with pytest.raises(NotAllowed):
        actions.save_macro(name="For all", body="x", by=desk.ana, shared=True, now=desk.now)
    actions.use_macro(macro_id=mine.pk)
    assert list(queries.macros_for(desk.ana)) == [mine, shared]
    actions.delete_macro(macro_id=mine.pk, by=desk.ana, now=desk.now)
    assert list(queries.macros_for(desk.ana)) == [shared]


@pytest.mark.parametrize(
    ("field", "given"),
    [
        ("name", {"name": " "}),
        ("body", {"body": "{{ nobody }}"}),
        ("kind", {"kind": "customer"}),
        ("status", {"status": "x"}),
    ],
)
def test_a_macro_that_cannot_work_is_refused_by_field(desk: Desk, field: str, given: dict[str, str]) -> None:
    with pytest.raises(InvalidInput) as refused:
        actions.save_macro(**{"name": "A", "body": "B", **given}, by=desk.ana, now=desk.now)  # type: ignore[arg-type]  # texts only
    assert list(refused.value.fields) == [field]


def test_a_macros_values_come_from_the_ticket(desk: Desk) -> None:
    values = queries.values_for(desk.ticket, desk.ana, "Monday, 10:00")
    assert (values["requester_first"], values["me"], values["next_update"]) == ("Rita", "Ana Example", "Monday, 10:00")
