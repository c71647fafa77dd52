"""Writing on a ticket: held replies, drafts, who else is there, macros."""

from datetime import timedelta

import pytest

from tests.web.conftest import Desk
from tocsin.domain.desk import actions
from tocsin.domain.desk.models import Draft, Held
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Message


@pytest.fixture
def agent(desk: Desk):  # type: ignore[no-untyped-def]  # Django's test client
    return desk.client(desk.agent)


def _where(desk: Desk, rest: str = "") -> str:
    return f"/tickets/{desk.ticket.number}{rest}"


def _reply(desk: Desk, agent, **more: str):  # type: ignore[no-untyped-def]  # Django's test client
    return agent.post(
        _where(desk, "/message"), {"kind": "reply", "body": "We look into it.", "seen": "", "anyway": "1", **more}
    )


def test_a_reply_waits_with_an_undo_and_is_sent_by_the_engine(desk: Desk, agent) -> None:  # type: ignore[no-untyped-def]
    _reply(desk, agent)
    page = agent.get(_where(desk)).content.decode()
    assert "Your reply" in page
    assert "take-back" in page
    assert not Message.objects.filter(body="We look into it.").exists()
    actions.send_due(now=desk.now + timedelta(minutes=5))
    assert Message.objects.get(body="We look into it.").kind == "reply"
    assert "take-back" not in agent.get(_where(desk)).content.decode()


def test_taken_back_it_is_in_the_composer_again(desk: Desk, agent) -> None:  # type: ignore[no-untyped-def]
    _reply(desk, agent)
    held = Held.objects.get()
    agent.post(_where(desk, f"/held/{held.pk}/take-back"))
    page = agent.get(_where(desk)).content.decode()
    assert "We look into it.</textarea>" in page
    assert "Taken back" in page


def test_somebody_elses_held_reply_has_no_undo(desk: Desk, agent) -> None:  # type: ignore[no-untyped-def]
    _reply(desk, agent)
    page = desk.client(desk.lead).get(_where(desk)).content.decode()
    assert f"{desk.agent.name}'s reply" in page
    assert "take-back" not in page


def test_a_draft_comes_back_on_another_device(desk: Desk, agent) -> None:  # type: ignore[no-untyped-def]
    agent.post(_where(desk, "/draft"), {"kind": "note", "body": "Half a sen", "seen": ""})
    page = desk.client(desk.agent).get(_where(desk)).content.decode()
    assert "Half a sen</textarea>" in page
    assert Draft.objects.count() == 1


def test_a_note_is_saved_at_once_and_ends_the_draft(desk: Desk, agent) -> None:  # type: ignore[no-untyped-def]
    agent.post(_where(desk, "/draft"), {"kind": "note", "body": "Half a sen", "seen": ""})
    agent.post(_where(desk, "/message"), {"kind": "note", "body": "Whole.", "seen": ""})
    assert Message.objects.filter(body="Whole.").exists()
    assert not Draft.objects.exists()


def test_two_who_look_see_each_other(desk: Desk, agent) -> None:  # type: ignore[no-untyped-def]
    desk.client(desk.lead).post(_where(desk, "/presence"), {"doing": "replying"})
    seen = agent.post(_where(desk, "/presence"), {"doing": "viewing"}).content.decode()
    assert f"{desk.lead.name} is replying" in " ".join(seen.split())
    desk.client(desk.lead).post(_where(desk, "/presence"), {"doing": "gone"})
    assert desk.lead.name not in agent.post(_where(desk, "/presence"), {"doing": "viewing"}).content.decode()


def test_macros_are_previewed_filled_in_and_inserted(desk: Desk, agent) -> None:  # type: ignore[no-untyped-def]
    agent.post(
        "/macros/new",
        {"name": "Hello", "kind": "reply", "body": "Hello {{ requester_first }}!", "status": "", "scope": "mine"},
    )
    first = desk.requester.name.split()[0]
    page = agent.get(_where(desk, "/macros")).content.decode()
    assert f"Hello {first}!" in page
    address = page.split('data-macro="')[1].split('"')[0]
    assert agent.post(address).json() == {"kind": "reply", "body": f"Hello {first}!", "status": ""}
    listed = agent.get("/macros").content.decode()
    assert "Hello" in listed


def test_a_macro_with_an_unknown_variable_comes_back_with_the_remedy(desk: Desk, agent) -> None:  # type: ignore[no-untyped-def]
    answer = agent.post(
        "/macros/new", {"name": "Hello", "kind": "reply", "body": "{{ nobody }}", "status": "", "scope": "mine"}
    )
    assert answer.status_code == 422
    assert "There is no variable nobody" in answer.content.decode()


def test_small_acts_on_a_ticket_show_in_its_panel(desk: Desk, agent) -> None:  # type: ignore[no-untyped-def]
    for rest, given in (
        ("/tags", {"tags": "VPN, Berlin"}), ("/time", {"minutes": "15", "what": "looked"}), ("/follow", {}),
        ("/snooze", {"preset": "60", "until": "", "reason": "a part"}),
    ):  # fmt: skip
        assert agent.post(_where(desk, rest), given).status_code in (204, 302), rest
    page = agent.get(_where(desk)).content.decode()
    for words in ("vpn", "berlin", "15 minutes", "Follow no more", "Sleeps until", "a part"):
        assert words in page
    assert agent.get("/queue?view=asleep").content.decode().count(desk.ticket.subject) == 1
    assert desk.ticket.subject not in agent.get("/queue?view=mine").content.decode()
    agent.post(_where(desk, "/wake"))
    assert desk.ticket.subject in agent.get("/queue?view=mine").content.decode()
    assert desk.ticket.subject in agent.get("/queue?view=all&tag=vpn").content.decode()


def test_fields_and_things_are_set_up_by_leads_and_used_by_agents(desk: Desk, agent) -> None:  # type: ignore[no-untyped-def]
    lead = desk.client(desk.lead)
    field = {
        "name": "Site",
        "slug": "site",
        "kind": "choice",
        "choices": "Berlin\nPrague",
        "position": "0",
        "active": "on",
        "service": "",
    }
    assert agent.post("/settings/fields/new", field).status_code == 422
    assert lead.post("/settings/fields/new", field).status_code in (204, 302)
    thing = {"name": "Printer 7", "kind": "printer", "criticality": "2", "active": "on"}
    assert lead.post("/register/new", thing).status_code in (204, 302)
    agent.post(_where(desk, "/fields"), {"site": "Prague"})
    address = lead.get("/register").content.decode().split("/register/")[2].split('"')[0]
    agent.post(_where(desk, "/things"), {"asset": address})
    page = agent.get(_where(desk)).content.decode()
    assert "Prague" in page
    assert "Printer 7" in page
    assert desk.ticket.subject in agent.get(f"/register/{address}").content.decode()


def test_merging_from_the_page(desk: Desk, agent) -> None:  # type: ignore[no-untyped-def]
    answer = agent.post(f"/tickets/{desk.queued.number}/merge", {"to": "T-99999999"})
    assert answer.status_code == 422
    answer = agent.post(f"/tickets/{desk.queued.number}/merge", {"to": desk.ticket.reference})
    assert answer["Location"] == _where(desk)
    desk.queued.refresh_from_db()
    assert desk.queued.status == "resolved"


def test_a_needed_field_keeps_a_ticket_from_being_resolved(desk: Desk, agent) -> None:  # type: ignore[no-untyped-def]
    actions.save_field(name="Cause", slug="cause", kind="text", required=True, by=desk.lead, now=desk.now)
    answer = agent.post(_where(desk, "/status"), {"status": "resolved", "note": ""})
    assert answer.status_code == 422
    assert "needs: Cause" in answer.content.decode()
    agent.post(_where(desk, "/fields"), {"cause": "Paper"})
    assert agent.post(_where(desk, "/status"), {"status": "resolved", "note": ""}).status_code == 302


def test_a_long_story_is_drawn_from_its_end(desk: Desk, agent) -> None:  # type: ignore[no-untyped-def]
    for number in range(120):
        tickets.add_message(ticket_id=desk.ticket.pk, kind="note", body=f"word-{number}-", by=desk.agent, now=desk.now)
    page = agent.get(_where(desk)).content.decode()
    assert "word-119-" in page
    assert "word-3-" not in page
    assert "earlier</a>" in page
    assert "word-3-" in agent.get(_where(desk, "?all=1")).content.decode()
