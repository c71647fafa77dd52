"""The hot board: degrees and reasons, and the columns that tickets stand in."""

from datetime import timedelta
from typing import Any

from tests.web.conftest import desk as desk  # noqa: PLC0414 - the small desk, as a fixture of this module
from tocsin.domain.frontline.logic.heat import Signs, heat
from tocsin.domain.frontline.queries import hot_board
from tocsin.domain.tickets.models import Ticket


def test_a_quiet_ticket_has_no_reason_however_grave(now: Any) -> None:
    assert heat(Signs(priority=1), now).reasons == ()
    assert heat(Signs(priority=1), now).degree > heat(Signs(priority=4), now).degree


def test_a_breach_outweighs_a_near_one_and_each_says_when(now: Any) -> None:
    past = heat(Signs(priority=3, clock="Resolution", breached_at=now - timedelta(minutes=30)), now)
    near = heat(Signs(priority=3, clock="Resolution", due_at=now + timedelta(minutes=30)), now)
    far = heat(Signs(priority=3, clock="Resolution", due_at=now + timedelta(hours=3)), now)
    assert past.degree > near.degree > far.degree
    assert past.reasons == ("Resolution breached 30 min ago",)
    assert near.reasons == ("Resolution breaches in 30 min",)
    assert far.reasons == ()


def test_reasons_stand_weightiest_first(now: Any) -> None:
    signs = Signs(
        priority=2, ping_pongs=1, unowned=True, asked_at=now, unanswered_since=now - timedelta(minutes=6), level=2
    )
    assert heat(signs, now).reasons == (
        "nobody has answered for 6 min, level 2", "the customer asked for an escalation", "went to and fro once",
        "nobody owns it",
    )  # fmt: skip


def test_a_reply_that_is_awaited_grows_with_the_hours(now: Any) -> None:
    short = heat(Signs(priority=3, waiting_since=now - timedelta(hours=1)), now)
    long = heat(Signs(priority=3, waiting_since=now - timedelta(hours=12)), now)
    assert short.reasons == ()
    assert long.reasons == ("the customer has waited 12 h for an answer",)


def test_small_risks_are_no_reason(now: Any) -> None:
    assert heat(Signs(priority=3, risk=0.1), now).reasons == ()
    assert heat(Signs(priority=3, risk=0.9), now).reasons == ("risk of an escalation 90%",)


def test_an_escalated_ticket_stands_under_active_and_not_under_likely(desk: Any) -> None:
    board = hot_board(desk.lead, desk.now)
    assert [one.ticket.pk for one in board.active] == [desk.ticket.pk]
    assert desk.ticket.pk not in {one.ticket.pk for one in board.likely}
    assert {load.name for load in board.teams} >= {"First line"}


def test_drills_and_other_teams_stay_out(desk: Any) -> None:
    assert hot_board(desk.lead, desk.now, team="experts").active == []
    Ticket.objects.filter(pk=desk.ticket.pk).update(is_drill=True)
    assert hot_board(desk.lead, desk.now).active == []


def test_the_board_costs_the_same_however_many_tickets(desk: Any, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(16):
        hot_board(desk.lead, desk.now)
