"""The ticket page and what can be done from it (UX "Flows", checks 4 to 9 and 17 to 20)."""

from datetime import timedelta

from django.urls import reverse

from tocsin.domain.desk import actions as writing
from tocsin.domain.escalation.models import Escalation
from tocsin.domain.tickets import actions
from tocsin.domain.tickets.models import Handover, Link, Message, Ticket


def at(name: str, ticket: Ticket) -> str:
    return reverse(name, args=[ticket.number])


def last_seen(ticket: Ticket) -> str:
    return str(Message.objects.filter(ticket=ticket).exclude(kind="note").latest("at").pk)


def test_the_page_shows_owner_level_and_what_comes_next(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    html = signed_in("agent").get(at("ticket", desk.ticket)).content.decode()
    assert desk.agent.name in html
    assert "1 The desk" in html
    assert "Level 2, The experts, is paged" in html
    assert "Send to Ana" in html
    assert "Save note" in html
    assert "<em>burns</em>" in html


def test_a_reply_is_sent_and_the_page_comes_back(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    response = signed_in("agent").post(
        at("ticket_message", desk.ticket), {"kind": "reply", "body": "On my way.", "seen": last_seen(desk.ticket)}
    )
    assert (response.status_code, response["Location"]) == (302, at("ticket", desk.ticket) + "?sent=reply")
    assert not Message.objects.filter(kind="reply", body="On my way.").exists()  # it can still be taken back
    writing.send_due(now=desk.now + timedelta(hours=1))
    assert Message.objects.filter(ticket=desk.ticket, kind="reply", body="On my way.").count() == 1


def test_a_note_is_never_seen_by_the_customer(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    signed_in("agent").post(at("ticket_message", desk.ticket), {"kind": "note", "body": "Secret."})
    assert Message.objects.get(body="Secret.").kind == "note"


def test_a_reply_overtaken_by_the_customer_is_held_with_its_text(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    seen = last_seen(desk.ticket)
    actions.add_message(
        ticket_id=desk.ticket.pk, kind="customer", body="It is out now.", by=desk.requester, now=desk.now
    )
    client = signed_in("agent")
    response = client.post(at("ticket_message", desk.ticket), {"kind": "reply", "body": "Still burning?", "seen": seen})
    html = response.content.decode()
    assert response.status_code == 409
    assert "wrote while you were typing" in html
    assert "It is out now." in html
    assert "Still burning?</textarea>" in html
    assert not Message.objects.filter(kind="reply").exists()
    client.post(
        at("ticket_message", desk.ticket), {"kind": "reply", "body": "Still burning?", "seen": seen, "anyway": "1"}
    )
    writing.send_due(now=desk.now + timedelta(hours=1))
    assert Message.objects.filter(kind="reply").count() == 1


def test_an_empty_message_comes_back_with_its_problem(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    response = signed_in("agent").post(at("ticket_message", desk.ticket), {"kind": "reply", "body": " "})
    assert response.status_code == 422
    assert "Write something first." in response.content.decode()


def test_taking_offers_an_undo_that_gives_it_back(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("agent")
    html = client.post(at("ticket_take", desk.queued), follow=True).content.decode()
    desk.queued.refresh_from_db()
    assert desk.queued.owner_id == desk.agent.pk
    assert at("ticket_untake", desk.queued) in html
    client.post(at("ticket_untake", desk.queued))
    desk.queued.refresh_from_db()
    assert desk.queued.owner_id is None


def test_taking_what_somebody_owns_is_refused_with_the_remedy(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    response = signed_in("expert").post(at("ticket_take", desk.ticket))
    assert response.status_code == 409
    assert "hand it over" in response.content.decode()


def test_the_escalate_sheet_names_who_is_paged_before_anybody_is(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    html = signed_in("agent").get(at("ticket_escalate", desk.queued), headers={"HX-Request": "true"}).content.decode()
    assert "Agent and Lead" in html or "Agent, Lead" in html
    assert "paged at once" in html
    assert "<html" not in html
    assert not Escalation.objects.filter(ticket=desk.queued).exists()


def test_escalating_needs_what_the_first_level_demands(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    form = {
        "policy": "quick",
        "type": "technical",
        "reason": "complexity",
        "direction": "functional",
        "wanted": "A hand",
    }
    client = signed_in("agent")
    response = client.post(at("ticket_escalate", desk.queued), form)
    html = response.content.decode()
    assert response.status_code == 422
    assert "A hand</textarea>" in html
    assert 'id="id_tried_error"' in html
    client.post(at("ticket_escalate", desk.queued), {**form, "tried": "Restarted it."})
    assert Escalation.objects.get(ticket=desk.queued).tried == "Restarted it."


def test_a_handover_begins_with_a_brief_and_moves_only_when_accepted(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("agent")
    html = client.get(at("ticket_hand_over", desk.ticket)).content.decode()
    assert "What happened: It *burns*." in html
    client.post(
        at("ticket_hand_over", desk.ticket), {"to_user": str(desk.expert.pk), "to_team": "", "brief": "It burns."}
    )
    offer = Handover.objects.get(ticket=desk.ticket, state="offered")
    desk.ticket.refresh_from_db()
    assert desk.ticket.owner_id == desk.agent.pk
    seen = signed_in("expert").get(at("ticket", desk.ticket)).content.decode()
    assert "hands this over to you" in seen
    signed_in("expert").post(reverse("handover_answer", args=[offer.pk]), {"accept": "yes"})
    desk.ticket.refresh_from_db()
    assert desk.ticket.owner_id == desk.expert.pk


def test_declining_a_handover_leaves_the_owner(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    signed_in("agent").post(at("ticket_hand_over", desk.ticket), {"to_user": str(desk.expert.pk), "brief": "It burns."})
    offer = Handover.objects.get(ticket=desk.ticket, state="offered")
    signed_in("expert").post(reverse("handover_answer", args=[offer.pk]), {"answer": "I am away."})
    offer.refresh_from_db()
    assert (offer.state, offer.answer) == ("declined", "I am away.")


def test_the_status_sheet_offers_only_moves_that_are_possible(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("agent")
    html = client.get(at("ticket_status", desk.ticket)).content.decode()
    assert "Waiting for vendor" in html
    assert ">Closed<" not in html
    client.post(at("ticket_status", desk.ticket), {"status": "resolved", "note": "Extinguished."})
    desk.ticket.refresh_from_db()
    assert desk.ticket.status == "resolved"
    assert Escalation.objects.get(pk=desk.escalated.pk).state == "resolved"


def test_linking_takes_the_number_as_people_write_it(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("agent")
    response = client.post(at("ticket_link", desk.ticket), {"to": f"T-{desk.queued.number}", "kind": "related"})
    assert response.status_code == 302
    assert Link.objects.count() == 1
    wrong = client.post(at("ticket_link", desk.ticket), {"to": "T-4040404", "kind": "related"})
    assert wrong.status_code == 422
    assert "4040404" in wrong.content.decode()


def test_logging_a_call_for_nobody_known_keeps_what_was_typed(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    form = {"requester": "nobody@acme.example", "subject": "Smoke", "impact": "1", "urgency": "2", "channel": "phone"}
    client = signed_in("agent")
    response = client.post("/tickets/new", form)
    assert response.status_code == 422
    assert "Nobody is known by this address" in response.content.decode()
    assert 'value="Smoke"' in response.content.decode()
    response = client.post("/tickets/new", {**form, "requester": "ana@acme.example", "take": "on"})
    made = Ticket.objects.get(subject="Smoke")
    assert response["Location"] == at("ticket", made)
    assert (made.owner_id, made.organisation_id, made.impact) == (desk.agent.pk, desk.customer.pk, 1)


def test_the_live_part_holds_no_composer(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    html = signed_in("agent").get(at("ticket_live", desk.ticket), headers={"HX-Request": "true"}).content.decode()
    assert "Quick ladder" in html
    assert "<textarea" not in html


def test_the_proof_says_who_was_reached_and_why(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    client = signed_in("agent")
    html = client.get(reverse("escalation_proof", args=[desk.escalated.pk])).content.decode()
    assert "member of team First line" in html
    proof = client.get(reverse("escalation_proof_json", args=[desk.escalated.pk])).json()
    people = {person["name"] for evidence in proof["firings"][0]["evidence"] for person in evidence["people"]}
    assert people == {desk.agent.name, desk.lead.name}
    assert [page["person"] for page in proof["firings"][0]["pages"]]


def test_ending_an_escalation_asks_for_the_outcome(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    where = reverse("escalation_end", args=[desk.escalated.pk])
    client = signed_in("agent")
    assert client.post(where, {"how": "resolve", "outcome": ""}).status_code == 422
    client.post(where, {"how": "resolve", "outcome": "Extinguished."})
    desk.escalated.refresh_from_db()
    assert (desk.escalated.state, desk.escalated.outcome) == ("resolved", "Extinguished.")


def test_an_agent_cannot_call_an_escalation_off(desk, signed_in) -> None:  # type: ignore[no-untyped-def]
    where = reverse("escalation_end", args=[desk.escalated.pk])
    response = signed_in("expert").post(where, {"how": "cancel", "outcome": "Not needed."})
    assert response.status_code == 422
    assert "Only a lead" in response.content.decode()
