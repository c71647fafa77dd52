"""Logging a call: one form, the caller known or new, solved on the phone or not."""

from typing import Any

from tocsin.domain.people.models import User
from tocsin.domain.tickets.models import Message, Ticket

CALL = {
    "caller": "ana@acme.example", "subject": "Locked out", "said": "Since this morning.", "impact": "3", "urgency": "2",
}  # fmt: skip


def last() -> Ticket:
    return Ticket.objects.latest("number")


def test_a_call_is_written_down_for_a_known_caller(desk: Any, signed_in: Any) -> None:
    assert signed_in("agent").post("/calls/new", CALL).status_code == 302
    made = last()
    assert (made.requester, made.owner, made.channel, made.status) == (desk.requester, desk.agent, "phone", "open")


def test_solved_on_the_phone_is_one_contact(desk: Any, signed_in: Any) -> None:
    client = signed_in("agent")
    assert client.post("/calls/new", {**CALL, "solved": "on"}).status_code == 422
    client.post("/calls/new", {**CALL, "solved": "on", "solution": "Unlocked the account."})
    made = last()
    assert (made.status, made.handovers, made.reopens, made.resolved_at) == ("resolved", 0, 0, made.opened_at)
    assert Message.objects.get(ticket=made).kind == "reply"


def test_a_new_caller_is_added_as_a_requester_and_never_as_more(desk: Any, signed_in: Any) -> None:
    client = signed_in("agent")
    new = {**CALL, "caller": "nils@acme.example"}
    assert client.post("/calls/new", new).status_code == 422
    client.post("/calls/new", {**new, "name": "Nils", "organisation": str(desk.customer.pk), "role": "administrator"})
    made = User.objects.get(email="nils@acme.example")
    assert (made.role, made.organisation, made.has_usable_password()) == ("requester", desk.customer, False)
    assert last().requester == made


def test_callers_are_found_while_typing(desk: Any, signed_in: Any) -> None:
    client = signed_in("agent")
    assert "ana@acme.example" in client.get("/calls/callers?caller=an").content.decode()
    assert "ana@acme.example" not in client.get("/calls/callers?caller=a").content.decode()
    assert signed_in("requester").get("/calls/callers?caller=an").status_code == 403
