"""An update by a program: to the audiences of the plan, and to status pages with it."""

from typing import Any

from tocsin.domain.stakeholders.models import Update
from tocsin.domain.status import actions as status
from tocsin.domain.status.models import Incident


def test_a_program_tells_audiences_and_status_pages_in_one_go(desk: Any, program: Any) -> None:
    page = status.save_page(name="Acme Online", by=desk.lead, now=desk.now)
    caller, where = program("agent"), f"/tickets/{desk.ticket.number}/updates"
    given = {"outward": "Payslips come late.", "inward": "It is db-07.", "status_pages": [page.slug]}
    refused = caller("POST", where, given)
    assert (refused.status_code, set(refused.json()["fields"])) == (400, {"status_title"})
    assert not Update.objects.exists()
    sent = caller("POST", where, given | {"status_title": "Payslips are late", "status_state": "identified"})
    assert sent.status_code == 201
    incident = Incident.objects.get()
    assert (incident.title, incident.state, incident.updates.get().body) == (
        "Payslips are late",
        "identified",
        "Payslips come late.",
    )
    unknown = caller("POST", where, given | {"status_pages": ["never-was"]})
    assert set(unknown.json()["fields"]) == {"status_pages"}


def test_a_customer_tells_nobody_and_learns_of_no_page(desk: Any, program: Any) -> None:
    page = status.save_page(name="Acme Online", audience="link", by=desk.lead, now=desk.now)
    where = f"/tickets/{desk.ticket.number}/updates"
    answers = [
        program("requester")("POST", where, {"outward": "x", "status_pages": [slug], "status_title": "x"})
        for slug in (page.slug, "never-was")
    ]
    assert [one.status_code for one in answers] == [403, 403]
    assert answers[0].json()["message"] == answers[1].json()["message"]
