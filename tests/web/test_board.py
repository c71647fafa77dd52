"""The hot board as a page."""

from typing import Any

from django.urls import reverse


def test_the_board_names_the_ticket_its_reason_and_how_to_intervene(desk: Any, signed_in: Any) -> None:
    html = signed_in("lead").get(reverse("board")).content.decode()
    assert desk.ticket.subject in html
    assert reverse("board_reassign", args=[desk.ticket.number]) in html
    assert "Resolved in 24 hours" in html


def test_the_moving_part_keeps_the_team_of_the_address(desk: Any, signed_in: Any) -> None:
    browser = signed_in("lead")
    assert (
        f"{reverse('board_live')}?team=experts" in browser.get(reverse("board"), {"team": "experts"}).content.decode()
    )
    assert desk.ticket.subject not in browser.get(reverse("board_live"), {"team": "experts"}).content.decode()


def test_customers_and_stakeholders_do_not_see_it(desk: Any, signed_in: Any) -> None:
    assert [signed_in(who).get(reverse("board")).status_code for who in ("requester", "stakeholder")] == [403, 403]
