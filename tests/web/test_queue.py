"""The queue: the address is the view (check 22), nothing leaks, long lists are paged (check 28)."""

from datetime import timedelta

import pytest

from tocsin.domain.tickets import actions


def text(client, address: str) -> str:  # type: ignore[no-untyped-def]
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    "view", ["next", "mine", "team", "unassigned", "escalated", "waiting", "resolved", "all", "nonsense"]
)
def test_every_view_opens(desk, signed_in, view) -> None:  # type: ignore[no-untyped-def]
    text(signed_in("agent"), f"/queue?view={view}")


def test_views_show_what_they_say(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("agent")
    assert "Printer is on fire" in text(client, "/queue?view=mine")
    assert "Mouse is slow" not in text(client, "/queue?view=mine")
    assert "Mouse is slow" in text(client, "/queue?view=unassigned")
    escalated = text(client, "/queue?view=escalated")
    assert "Printer is on fire" in escalated
    assert "Level 1 of 2" in escalated
    assert "Nothing waits" in text(client, "/queue?view=waiting")


def test_filters_stand_in_the_address(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("agent")
    html = text(client, "/queue?q=printer&priority=3")
    assert 'value="printer"' in html
    assert "Mouse is slow" not in html
    assert "Nothing matches" in text(client, "/queue?q=zebra")
    assert "Printer is on fire" in text(client, f"/queue?q=T-{desk.ticket.number}")


@pytest.mark.parametrize(
    "sort", ["breach", "priority", "newest", "oldest", "updated", "number", "password", "-owner__password"]
)
def test_unknown_orders_are_ignored(desk, signed_in, sort) -> None:  # type: ignore[no-untyped-def]
    text(signed_in("agent"), f"/queue?sort={sort}")


@pytest.mark.parametrize("query", ["page=0", "page=99999999999", "page=x", "organisation=x", "priority=9"])
def test_odd_addresses_do_no_harm(desk, signed_in, query) -> None:  # type: ignore[no-untyped-def]
    text(signed_in("agent"), f"/queue?{query}")


def test_a_nul_in_the_address_is_refused_and_not_a_fault(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    assert signed_in("agent").get("/queue?team=%00").status_code == 400


def test_news_counts_what_changed_since_the_page_was_drawn(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("agent")
    known = (desk.now + timedelta(seconds=1)).isoformat().replace("+", "%2B")
    assert text(client, f"/queue/news?view=next&known={known}").strip() == ""
    actions.add_message(
        ticket_id=desk.queued.pk, kind="customer", body="Hello?", by=desk.requester, now=desk.now + timedelta(seconds=2)
    )
    assert "1 new or changed" in text(client, f"/queue/news?view=next&known={known}")


def test_long_lists_are_paged(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    for number in range(55):
        actions.open_ticket(subject=f"Request {number}", requester=desk.requester, by=None, now=desk.now)
    client = signed_in("agent")
    first = text(client, "/queue?sort=newest")
    assert "1 to 50 of 57" in first
    assert "51 to 57 of 57" in text(client, "/queue?sort=newest&page=2")


def test_the_palette_finds_by_number_word_and_name(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("agent")
    assert "Printer is on fire" in text(client, f"/palette?q={desk.ticket.number}")
    assert "Quick ladder" in text(client, "/palette?q=quick")
    assert "expert@desk.example" in text(client, "/palette?q=expert")
    assert "Search everything for zzzzzz" in text(client, "/palette?q=zzzzzz")
