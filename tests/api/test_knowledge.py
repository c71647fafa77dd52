"""Knowledge, training and shift handovers by programs: the pages' own actions and rules."""

from typing import Any

from tocsin.domain.search import actions as search
from tocsin.domain.tickets.models import Ticket
from tocsin.domain.training import actions as training
from tocsin.engine.indexer import LOADERS


def test_an_article_is_written_published_found_and_changed(desk: Any, program: Any) -> None:
    agent, lead = program("agent"), program("lead")
    made = agent("POST", "/articles", {"title": "Slow mouse", "kind": "runbook", "steps": ["Change the battery"]})
    assert made.status_code == 201
    where = f"/articles/{made.json()['number']}"
    assert agent("POST", f"{where}/publish").status_code == 403
    assert lead("POST", f"{where}/publish").json()["state"] == "published"
    while search.refresh(loaders=LOADERS):
        pass
    assert [one["title"] for one in agent("GET", "/articles?q=batteries").json()["items"]] == ["Slow mouse"]
    changed = {"title": "Slow mouse", "body": "It lags.", "expected_version": 1}
    assert agent("POST", f"{where}/versions", changed).json()["newest"] == 2
    assert agent("POST", f"{where}/versions", changed).status_code == 409
    read = agent("GET", where).json()
    assert (read["version"], read["newest"], read["steps"]) == (1, 2, ["Change the battery"])
    assert program("requester")("GET", where).status_code == 404


def test_bad_input_names_its_field(desk: Any, program: Any) -> None:
    refused = program("agent")("POST", "/articles", {"title": "x", "kind": "runbook"})
    assert (refused.status_code, "steps" in refused.json()["fields"]) == (400, True)


def test_who_knows_and_what_is_to_be_learnt(desk: Any, program: Any) -> None:
    made = training.save_course(title="VPN", questions="? Q\n* A\n- B", skills=["VPN"], by=desk.lead, now=desk.now)
    training.publish_course(course_id=made.pk, by=desk.lead, now=desk.now)
    training.require(course=made, line="L1", by=desk.lead, now=desk.now)
    agent = program("agent")
    assert [one["standing"] for one in agent("GET", "/me/training").json()["items"]] == ["todo"]
    training.answer_course(course_id=made.pk, version=1, answers=[[0]], by=desk.agent, now=desk.now)
    assert [one["standing"] for one in agent("GET", "/me/training").json()["items"]] == ["done"]
    known = agent("GET", "/who-knows?skill=vpn").json()
    assert [(one["person"]["name"], one["on_call_in"]) for one in known["people"]] == [
        ("Agent", ["First line on call"])
    ]
    assert known["people"][0]["evidence"][0]["word"] == "passed VPN"
    covered = agent("GET", "/teams/first-line/coverage").json()
    assert (covered["services"][0]["knowing"], covered["services"][0]["members"]) == (1, 2)
    assert program("requester")("GET", "/who-knows?skill=vpn").status_code == 403


def test_a_shift_is_handed_over(desk: Any, program: Any) -> None:
    agent, lead = program("agent"), program("lead")
    held = agent("GET", "/me/promises").json()
    assert [one["ticket"] for one in held["promises"]] == [desk.ticket.number]
    assert held["proposed"][0]["person"]["name"] == "Lead"
    made = agent("POST", "/shift-handovers", {"to_user": desk.lead.email}).json()
    assert Ticket.objects.get(pk=desk.ticket.pk).owner == desk.agent
    assert agent("POST", f"/shift-handovers/{made['id']}/answer", {}).status_code == 403
    answered = lead("POST", f"/shift-handovers/{made['id']}/answer", {}).json()
    assert (answered["state"], answered["items"][0]["state"]) == ("answered", "taken")
    assert Ticket.objects.get(pk=desk.ticket.pk).owner == desk.lead
