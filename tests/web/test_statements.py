"""How many statements the pages that everybody opens may cost, and the acts that happen all day. An upper bound each:
what a new capability adds to them shows here."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.web.conftest import Desk
from tocsin.domain.tickets import actions as tickets


def statements(act: Callable[[], Any]) -> int:
    """Return how many statements an act sends, without those that begin and end savepoints."""
    with CaptureQueriesContext(connection) as seen:
        act()
    return sum("SAVEPOINT" not in query["sql"] for query in seen.captured_queries)


@pytest.mark.parametrize(("page", "most"), [("ticket", 50), ("ticket_live", 27), ("queue", 23), ("board", 26)])
def test_a_page_costs_no_more_than(desk: Desk, page: str, most: int) -> None:
    client = desk.client(desk.lead)
    address = reverse(page, args=[desk.ticket.number] if page.startswith("ticket") else [])
    client.get(address)  # what is read once in a process is not the page's
    assert statements(lambda: client.get(address)) <= most


def test_the_frame_counts_everything_in_one_statement(desk: Desk) -> None:
    """Of all that the sidebar counts the tickets alone stand behind eight numbers."""
    client = desk.client(desk.agent)
    with CaptureQueriesContext(connection) as seen:
        client.get(reverse("notifications"))
    assert sum("counted" in query["sql"] for query in seen.captured_queries) == 1


def test_the_queue_costs_the_same_for_many_tickets(desk: Desk) -> None:
    client = desk.client(desk.lead)
    client.get(reverse("queue"))
    few = statements(lambda: client.get(reverse("queue")))
    for number in range(20):
        tickets.open_ticket(subject=f"Ticket {number}", requester=desk.requester, team=desk.team, by=None, now=desk.now)
    assert statements(lambda: client.get(reverse("queue"))) <= few


def test_acts_cost_no_more_than(desk: Desk) -> None:
    """Opening tells seven apps, a message seven: each listener looks first whether it is concerned."""

    def opening() -> None:
        tickets.open_ticket(
            subject="It fails again", description="This is unacceptable!", requester=desk.requester, team=desk.team, by=None,
            now=desk.now,
        )  # fmt: skip

    def saying(kind: str, by: Any) -> Callable[[], Any]:
        return lambda: tickets.add_message(ticket_id=desk.queued.pk, kind=kind, body="We look.", by=by, now=desk.now)

    opening()
    assert statements(opening) <= 16
    assert statements(saying("customer", desk.requester)) <= 24
    assert statements(saying("reply", desk.agent)) <= 35  # the first: it takes the ticket out of "new" as well
    assert statements(saying("reply", desk.agent)) <= 24
