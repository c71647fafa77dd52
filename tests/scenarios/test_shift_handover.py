"""A shift ends with twelve open promises, through the pages that people use."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from tests.web.conftest import Desk
from tests.web.conftest import desk as desk  # noqa: PLC0414 - the small desk, as a fixture of this module
from tocsin.domain.escalation import actions as escalation
from tocsin.domain.frontline import actions, queries
from tocsin.domain.frontline.models import Bundle, BundleItem
from tocsin.domain.notify.models import Page
from tocsin.domain.stakeholders import actions as stakeholders
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Handover, Ticket
from tocsin.engine.sources import SOURCES
from tocsin.kernel.errors import Conflict, InvalidInput, NotAllowed


def twelve(desk: Desk) -> list[Ticket]:
    """Give the agent eleven tickets beside the one that is escalated already."""
    made = [
        tickets.open_ticket(
            subject=f"Trouble {n}", description="It is broken.", requester=desk.requester, team=desk.team, by=None,
            now=desk.now - timedelta(minutes=30), channel="phone",
        )
        for n in range(11)
    ]  # fmt: skip
    for one in made:
        tickets.take(ticket_id=one.pk, by=desk.agent, now=desk.now - timedelta(minutes=20))
    tickets.add_message(ticket_id=made[0].pk, kind="note", body="Restarted it.", by=desk.agent, now=desk.now)
    return [desk.ticket, *made]


def offered(desk: Desk, **more: Any) -> Bundle:
    held = queries.held_by(desk.agent, desk.now)
    return actions.offer_bundle(held=held, giver=desk.agent, to_user=desk.lead, by=desk.agent, now=desk.now, **more)


def owners(desk: Desk) -> dict[str, int]:
    rows = Ticket.objects.exclude(pk=desk.queued.pk).values_list("owner__name", flat=True)
    return {name: list(rows).count(name) for name in set(rows)}


def test_a_shift_handover_with_12_promises(desk: Desk) -> None:
    twelve(desk)
    agent, lead = desk.client(desk.agent), desk.client(desk.lead)
    page = agent.get(reverse("shift_handover")).content.decode()
    assert page.count('name="ticket"') == 12
    assert "is next on call in First line on call" in page  # the lead, by the roster
    chosen = {
        "ticket": [str(one.ticket.number) for one in queries.held_by(desk.agent, desk.now)],
        "to_user": str(desk.lead.pk), "hours": "2", "note": "Quiet so far.",
    }  # fmt: skip
    told = Page.objects.filter(user=desk.lead).count()
    made = agent.post(reverse("shift_handover"), chosen)
    assert made.status_code == 302
    assert owners(desk) == {"Agent": 12}  # nothing moves before it is accepted (SEMANTICS 6)
    assert Handover.objects.filter(state="offered").count() == 12
    assert Page.objects.filter(user=desk.lead).count() == told + 1  # told once, not twelve times
    bundle = Bundle.objects.get()
    shown = lead.get(reverse("shift", args=[bundle.pk])).content.decode()
    assert "Quiet so far." in shown
    assert "Tried: Restarted it." in shown
    said = lead.post(reverse("shift_answer", args=[bundle.pk]), {"answer": "all"}, follow=True).content.decode()
    assert "All of it was taken over." in said
    assert owners(desk) == {"Lead": 12}
    story = lead.get(reverse("ticket", args=[desk.ticket.number])).content.decode()
    assert "Lead accepted the handover and owns it now" in story


def test_what_is_not_ticked_stays_with_the_giver_who_is_told(desk: Desk) -> None:
    twelve(desk)
    bundle = offered(desk)
    items = queries.items_of(bundle)
    lead = desk.client(desk.lead)
    lead.post(
        reverse("shift_answer", args=[bundle.pk]),
        {"answer": "ticked", "item": [str(one.pk) for one in items[:9]], "word": "Three I cannot take."},
    )
    assert owners(desk) == {"Lead": 9, "Agent": 3}
    told = Page.objects.filter(user=desk.agent).order_by("created_at").last()
    assert told is not None
    assert "9 taken over, 3 stay with the giver." in told.subject
    assert "Three I cannot take." in told.body
    again = actions.answer_bundle(bundle_id=bundle.pk, by=desk.lead, now=desk.now)
    assert again[1] == "9 taken over, 3 stay with the giver."  # answering once more changes nothing
    assert owners(desk) == {"Lead": 9, "Agent": 3}


def test_one_that_is_resolved_meanwhile_does_not_hold_up_the_rest(desk: Desk) -> None:
    made = twelve(desk)
    bundle = offered(desk)
    tickets.resolve(ticket_id=made[1].pk, by=desk.agent, now=desk.now)
    _, said = actions.answer_bundle(bundle_id=bundle.pk, by=desk.lead, now=desk.now)
    assert said == "11 taken over, 1 stays with the giver."
    assert BundleItem.objects.get(ticket=made[1]).why


def test_nobody_answers_and_all_of_it_stays(desk: Desk) -> None:
    twelve(desk)
    bundle = offered(desk)
    source = next(one for one in SOURCES if one.name == "shift handovers")
    assert source.next_due() == bundle.expires_at
    before = Page.objects.filter(user=desk.agent).count()
    later = bundle.expires_at
    assert source.claim(now=later - timedelta(seconds=1), limit=10) == 0
    assert source.claim(now=later, limit=10) == 1
    assert source.claim(now=later, limit=10) == 0
    assert tickets.expire_handovers(now=later, limit=50) == 12
    bundle.refresh_from_db()
    assert (bundle.state, owners(desk)) == ("expired", {"Agent": 12})
    assert Page.objects.filter(user=desk.agent).count() == before + 1
    with pytest.raises(Conflict, match="run out"):
        actions.answer_bundle(bundle_id=bundle.pk, by=desk.lead, now=later)


def test_one_that_was_accepted_on_its_own_page_is_not_said_to_stay(desk: Desk) -> None:
    made = twelve(desk)
    bundle = offered(desk)
    single = Handover.objects.get(ticket=made[2], state="offered")
    tickets.answer_handover(handover_id=single.pk, accept=True, by=desk.lead, now=desk.now)
    assert actions.expire_bundles(now=bundle.expires_at, limit=10) == 1
    assert BundleItem.objects.filter(bundle=bundle, state="taken").count() == 1
    assert BundleItem.objects.filter(bundle=bundle, state="kept").count() == 11


def test_it_is_taken_back(desk: Desk) -> None:
    twelve(desk)
    bundle = offered(desk)
    assert desk.client(desk.expert).post(reverse("shift_withdraw", args=[bundle.pk])).status_code == 403
    desk.client(desk.agent).post(reverse("shift_withdraw", args=[bundle.pk]))
    assert Handover.objects.filter(state="withdrawn").count() == 12
    with pytest.raises(Conflict, match="taken back"):
        actions.answer_bundle(bundle_id=bundle.pk, by=desk.lead, now=desk.now)


def test_an_acknowledged_escalation_on_somebody_elses_ticket_is_handed_over_too(desk: Desk) -> None:
    run = desk.escalated.run
    escalation.acknowledge(run_id=run.pk, by=desk.expert, now=desk.now)
    held = queries.held_by(desk.expert, desk.now)
    assert [(one.ticket, one.owned) for one in held] == [(desk.ticket, False)]
    bundle = actions.offer_bundle(held=held, giver=desk.expert, to_user=desk.lead, by=desk.expert, now=desk.now)
    actions.answer_bundle(bundle_id=bundle.pk, by=desk.lead, now=desk.now)
    run.refresh_from_db()
    desk.ticket.refresh_from_db()
    assert str(desk.lead.pk) in run.state["acked"]
    assert desk.ticket.owner == desk.agent  # whose it was


def test_others_promises_are_handed_over_by_their_lead_only(desk: Desk) -> None:
    twelve(desk)
    where = f"{reverse('shift_handover')}?person={desk.agent.pk}"
    assert desk.client(desk.expert).get(where).status_code == 403
    assert desk.client(desk.lead).get(where).status_code == 200
    of_team = f"{reverse('shift_handover')}?team={desk.team.slug}"
    assert desk.client(desk.expert).get(of_team).status_code == 403
    assert desk.client(desk.lead).get(of_team).content.decode().count('name="ticket"') == 13  # its queue too
    held = queries.held_by(desk.agent, desk.now)
    with pytest.raises(NotAllowed):
        actions.offer_bundle(held=held, giver=desk.agent, to_user=desk.lead, by=desk.expert, now=desk.now)


def test_what_is_offered_already_is_not_offered_twice(desk: Desk) -> None:
    twelve(desk)
    offered(desk)
    held = queries.held_by(desk.agent, desk.now)
    assert {one.offered for one in held} == {"Lead"}
    with pytest.raises(InvalidInput, match="offered to somebody already"):
        offered(desk)


def test_words_that_were_given_are_handed_over_too(desk: Desk) -> None:
    twelve(desk)
    stakeholders.make_promise(
        ticket_id=desk.ticket.pk, what="a call", due_at=desk.now + timedelta(minutes=5), by=desk.agent, now=desk.now
    )
    first = queries.held_by(desk.agent, desk.now)[0]
    assert first.ticket == desk.ticket
    assert f"promised to {desk.requester.name}: a call by " in first.brief


def test_what_is_held_is_read_by_a_constant_number_of_queries(desk: Desk, django_assert_max_num_queries: Any) -> None:
    twelve(desk)
    with django_assert_max_num_queries(13):
        assert len(queries.held_by(desk.agent, desk.now)) == 12
