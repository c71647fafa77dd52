"""Pages by cursor, ETags, and changing a thing only as one knows it."""

from datetime import timedelta
from typing import Any

import pytest

from tocsin.domain.desk import actions as desk_actions
from tocsin.domain.people import actions as people
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.tickets.queries import SORTS


def opened(desk: Any, many: int, **more: Any) -> list[Ticket]:
    return [
        tickets.open_ticket(
            subject=f"Number {n}", requester=desk.requester, by=None, now=desk.now - timedelta(minutes=n % 3), impact=1 + n % 3,
            **more,
        )
        for n in range(many)
    ]  # fmt: skip


def walk(caller: Any, path: str, limit: int) -> list[list[Any]]:
    """Return the pages of a list, by following `next`."""
    pages, cursor = [], ""
    while True:
        joined = "&" if "?" in path else "?"
        page = caller("GET", f"{path}{joined}limit={limit}&cursor={cursor}").json()
        pages.append(page["items"])
        cursor = page["next"]
        if not cursor:
            return pages


@pytest.mark.parametrize("sort", sorted(SORTS))
def test_pages_together_are_the_list_each_row_once_in_order(desk: Any, program: Any, sort: str) -> None:
    opened(desk, 9)
    caller = program("agent")
    whole = [one["number"] for one in caller("GET", f"/tickets?sort={sort}&limit=200").json()["items"]]
    pages = walk(caller, f"/tickets?sort={sort}", 4)
    assert [len(page) for page in pages] == [4, 4, 3]
    assert [one["number"] for page in pages for one in page] == whole


def test_what_is_added_meanwhile_moves_no_row_across_a_page(desk: Any, program: Any) -> None:
    opened(desk, 6)
    caller = program("agent")
    first = caller("GET", "/tickets?sort=newest&limit=4").json()
    seen = [one["number"] for one in first["items"]]
    late = tickets.open_ticket(subject="Late", requester=desk.requester, by=None, now=desk.now + timedelta(minutes=5))
    rest = caller("GET", f"/tickets?sort=newest&limit=50&cursor={first['next']}").json()["items"]
    numbers = [one["number"] for one in rest]
    assert late.number not in numbers
    assert len(set(seen) | set(numbers)) == len(seen) + len(numbers) == 8


@pytest.mark.parametrize("cursor", ["x", "W10", "eyJhIjoxfQ:1:2"])
def test_a_cursor_that_is_none_is_refused(desk: Any, program: Any, cursor: str) -> None:
    refused = program("agent")("GET", f"/tickets?cursor={cursor}")
    assert (refused.status_code, refused.json()["code"]) == (400, "bad_cursor")


def test_a_cursor_belongs_to_its_order(desk: Any, program: Any) -> None:
    caller = program("agent")
    given = caller("GET", "/tickets?limit=1&sort=newest").json()["next"]
    assert caller("GET", f"/tickets?limit=1&sort=oldest&cursor={given}").status_code == 400
    assert caller("GET", f"/people?limit=1&cursor={given}").status_code == 400


@pytest.mark.parametrize("limit", ["0", "201", "many", "-1"])
def test_a_page_has_between_one_and_two_hundred_rows(desk: Any, program: Any, limit: str) -> None:
    assert program("agent")("GET", f"/tickets?limit={limit}").status_code == 422


def test_the_lists_that_are_at_hand_are_paged_in_the_same_way(desk: Any, program: Any) -> None:
    caller = program("agent")
    for path, key in (("/teams", "slug"), ("/people", "email"), ("/services", "slug"), ("/policies", "slug")):
        whole = [one[key] for one in caller("GET", path).json()["items"]]
        assert [one[key] for page in walk(caller, path, 1) for one in page] == whole
        assert whole


def test_the_filters_are_those_of_the_queue(desk: Any, program: Any) -> None:
    desk_actions.set_tags(ticket_id=desk.queued.pk, tags=["vip"], by=desk.agent, now=desk.now)
    caller = program("agent")

    def numbers(query: str) -> list[int]:
        return [one["number"] for one in caller("GET", f"/tickets?{query}").json()["items"]]

    mine, queued = desk.ticket.number, desk.queued.number
    assert numbers("owner=me") == [mine]
    assert numbers("owner=none") == [queued]
    assert numbers("tag=vip") == [queued]
    assert numbers("escalated=true") == [mine]
    assert numbers("service=payroll") == [mine]
    assert numbers(f"q=T-{queued}") == [queued]
    assert sorted(numbers("team=first-line&status=all&priority=3&priority=4")) == sorted([mine, queued])
    assert numbers("status=resolved") == []
    assert numbers("asleep=true") == []
    assert caller("GET", "/tickets?colour=red").status_code == 422


def test_customers_are_not_asked_for_what_they_do_not_see(desk: Any, program: Any) -> None:
    caller = program("requester")
    assert len(caller("GET", "/tickets").json()["items"]) == 2
    for query in ("team=first-line", "owner=none", "tag=x", "escalated=true", "asleep=false"):
        assert caller("GET", f"/tickets?{query}").status_code == 403
    tickets.change_details(ticket_id=desk.ticket.pk, by=desk.agent, now=desk.now, configuration_item="secret-host-7")
    assert caller("GET", "/tickets?q=secret-host-7").json()["items"] == []
    shown = caller("GET", f"/tickets/{desk.ticket.number}").json()
    assert shown["internal"] is None
    assert "secret-host-7" not in str(shown)


def test_what_has_not_changed_is_not_sent_again(desk: Any, program: Any) -> None:
    caller = program("agent")
    for path in (f"/tickets/{desk.ticket.number}", "/tickets", "/teams", "/openapi.json"):
        first = caller("GET", path)
        etag = first.headers["ETag"]
        for given in (etag, f"W/{etag}", f'"other", {etag}', "*"):
            again = caller("GET", path, If_None_Match=given)
            assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", etag)
        assert caller("GET", path, If_None_Match='"other"').status_code == 200


def test_a_renamed_team_is_sent_again_though_the_ticket_is_the_same(desk: Any, program: Any) -> None:
    caller = program("agent")
    etag = caller("GET", f"/tickets/{desk.ticket.number}").headers["ETag"]
    people.edit_person(user_id=desk.agent.pk, name="Renamed", by=desk.admin, now=desk.now)
    fresh = caller("GET", f"/tickets/{desk.ticket.number}", If_None_Match=etag)
    assert (fresh.status_code, fresh.json()["owner"]["name"]) == (200, "Renamed")
    changed = caller("PATCH", f"/tickets/{desk.ticket.number}", {"category": "Paper"}, If_Match=etag)
    assert changed.status_code == 200  # the ticket itself is as it was read


CHANGES = [
    ("PATCH", "", {"subject": "Changed"}), ("POST", "/status", {"status": "waiting_vendor"}),
    ("POST", "/assignment", {"team": "experts"}), ("POST", "/messages", {"body": "Hello"}),
    ("POST", "/handovers", {"to_team": "experts", "brief": "Please."}), ("PATCH", "", {"tags": ["late"]}),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
def test_a_ticket_is_changed_only_as_it_is_known(desk: Any, program: Any, method: str, path: str, body: Any) -> None:
    caller = program("lead")
    where = f"/tickets/{desk.ticket.number}"
    known = caller("GET", where).headers["ETag"]
    assert caller("POST", f"{where}/messages", {"body": "In between", "kind": "note"}).status_code == 201
    before = Ticket.objects.values().get(pk=desk.ticket.pk)
    stale = caller(method, where + path, body, If_Match=known)
    assert (stale.status_code, stale.json()["code"]) == (412, "stale")
    assert Ticket.objects.values().get(pk=desk.ticket.pk) == before
    fresh = caller("GET", where).headers["ETag"]
    assert caller(method, where + path, body, If_Match=fresh).status_code in (200, 201)


@pytest.mark.parametrize("given", ['"zz"', "nonsense", '"", "x"', '"' + "f" * 400 + '"'])
def test_what_is_no_etag_of_a_ticket_does_not_match(desk: Any, program: Any, given: str) -> None:
    answer = program("agent")("PATCH", f"/tickets/{desk.ticket.number}", {"subject": "x"}, If_Match=given)
    assert answer.status_code == 412


def test_a_star_matches_whatever_is_there(desk: Any, program: Any) -> None:
    assert (
        program("agent")("PATCH", f"/tickets/{desk.ticket.number}", {"subject": "x"}, If_Match="*").status_code == 200
    )


def test_the_timeline_is_read_on_from_where_it_ended(desk: Any, program: Any) -> None:
    caller, where = program("agent"), f"/tickets/{desk.ticket.number}/timeline"
    whole = caller("GET", f"{where}?limit=200").json()
    assert whole["next"] == 0
    positions, after = [], 0
    while True:
        page = caller("GET", f"{where}?limit=3&after={after}").json()
        positions += [one["position"] for one in page["items"]]
        after = page["next"]
        if not after:
            break
    assert positions == [one["position"] for one in whole["items"]]
    customer = program("requester")("GET", f"{where}?limit=200").json()["items"]
    assert {one["kind"] for one in customer} <= {"ticket.opened", "ticket.status_changed", "message.added"}
