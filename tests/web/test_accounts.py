"""Accounts, account escalations and the briefing: what is shown, what happens, and who sees nothing."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from tocsin.domain.notify.models import Page
from tocsin.domain.people import actions as people
from tocsin.domain.people.models import User
from tocsin.domain.status import actions, queries
from tocsin.domain.status.models import AccountEscalation
from tocsin.domain.tickets import actions as tickets
from tocsin.kernel.errors import Conflict, InvalidInput


def opened(desk: Any, **more: Any) -> AccountEscalation:
    given: dict[str, Any] = {
        "title": "Printing fails again and again", "concern": "Third time this month.", "plan": "New printer\nTrain them",
        "tickets": [desk.ticket, desk.queued], "target_at": desk.now + timedelta(days=7), "by": desk.agent, "now": desk.now,
    }  # fmt: skip
    return actions.open_account_escalation(organisation=desk.customer, **(given | more))


def executive(desk: Any, name: str = "Acme") -> User:
    company = desk.customer if name == "Acme" else people.create_organisation(name=name, by=None, now=desk.now)
    return people.create_person(
        email=f"boss@{name}.example", name="Boss", role="stakeholder", organisation=company, by=None, now=desk.now
    )


def test_an_account_shows_everything_of_one_customer(desk: Any, signed_in: Any) -> None:
    html = signed_in("agent").get(reverse("account_view", args=[desk.customer.pk])).content.decode()
    for shown in (desk.ticket.subject, desk.queued.reference, "1 escalation is open", "Ana", "Agent"):
        assert shown in html
    listed = signed_in("agent").get(reverse("accounts")).content.decode()
    assert "Acme" in listed
    assert "1 escalation is open" in listed


def test_the_list_costs_the_same_for_many_customers(desk: Any, django_assert_num_queries: Any) -> None:
    queries.accounts(desk.now)
    with django_assert_num_queries(5):
        queries.accounts(desk.now)
    for n in range(5):
        company = people.create_organisation(name=f"Company {n}", by=None, now=desk.now)
        tickets.open_ticket(
            subject="x", requester=people.create_person(
                email=f"p{n}@x.example", name="P", organisation=company, by=None, now=desk.now
            ), by=None, now=desk.now, channel="phone",
        )  # fmt: skip
    with django_assert_num_queries(5):
        rows = queries.accounts(desk.now)
    assert len(rows) == 6
    assert rows[0].organisation == desk.customer  # who fares worst comes first


def test_a_customers_stakeholder_has_no_account_view(desk: Any) -> None:
    client = desk.client(executive(desk))
    assert client.get(reverse("accounts")).status_code == 404
    assert client.get(reverse("account_view", args=[desk.customer.pk])).status_code == 404
    assert client.get(reverse("account_escalation", args=[opened(desk).number])).status_code == 404


def test_several_tickets_come_under_one_owner_plan_and_clock(desk: Any, signed_in: Any) -> None:
    agent = signed_in("agent")
    form = {
        "title": "Printing fails", "concern": "Third time.", "plan": "", "update_hours": "24", "to": str(desk.manager.pk),
        "target_at": (desk.now + timedelta(days=3)).strftime("%Y-%m-%dT%H:%M"),
        "tickets": [str(desk.ticket.number), str(desk.queued.number)],
    }  # fmt: skip
    assert agent.post(reverse("account_escalate", args=[desk.customer.pk]), form).status_code == 302
    found = AccountEscalation.objects.get()
    assert (found.owner, found.offered_to) == (None, desk.manager)
    assert Page.objects.filter(user=desk.manager, subject__contains=found.reference).exists()
    assert agent.post(reverse("account_answer", args=[found.number]), {"verb": "accept"}).status_code == 422
    manager = signed_in("manager")
    assert manager.post(reverse("account_answer", args=[found.number]), {"verb": "decline"}).status_code == 422
    assert manager.post(reverse("account_answer", args=[found.number]), {"verb": "accept"}).status_code == 302
    found.refresh_from_db()
    assert (found.owner, found.offered_to) == (desk.manager, None)
    html = agent.get(reverse("account_escalation", args=[found.number])).content.decode()
    assert desk.ticket.subject in html
    assert found.reference in agent.get(reverse("ticket_told", args=[desk.ticket.number])).content.decode()
    assert found.reference in agent.get(reverse("board")).content.decode()
    assert (
        f"account escalation {found.reference}"
        in agent.get(reverse("ticket", args=[desk.ticket.number])).content.decode()
    )


def test_a_missed_date_is_told_once_to_owner_and_account_manager(desk: Any) -> None:
    people.set_account_manager(organisation_id=desk.customer.pk, user=desk.expert, by=None, now=desk.now)
    desk.customer.refresh_from_db()
    found = opened(desk, target_at=desk.now + timedelta(hours=2), update_hours=24)
    late = desk.now + timedelta(hours=2)
    assert actions.tell_missed(now=desk.now, limit=5) == 0
    assert actions.tell_missed(now=late, limit=5) == 1
    assert actions.tell_missed(now=late, limit=5) == 0
    told = Page.objects.filter(subject=f"{found.reference} is past its date")
    assert {page.user for page in told} == {desk.agent, desk.expert}
    found.refresh_from_db()
    assert (found.target_missed_at, found.due_at) == (late, found.next_update_at)


def test_a_word_to_the_customer_promises_the_next_one(desk: Any) -> None:
    found = opened(desk, update_hours=2)
    assert actions.tell_missed(now=desk.now + timedelta(hours=2), limit=5) == 1
    later = desk.now + timedelta(hours=3)
    actions.update_account_escalation(escalation_id=found.pk, body="The printer is ordered.", by=desk.agent, now=later)
    found.refresh_from_db()
    assert (found.update_missed_at, found.next_update_at) == (None, later + timedelta(hours=2))


def test_only_its_own_customers_tickets_and_one_at_a_time(desk: Any) -> None:
    other = tickets.open_ticket(
        subject="Of the house", requester=desk.agent, by=desk.agent, now=desk.now, channel="web"
    )
    with pytest.raises(InvalidInput, match="not a ticket of Acme"):
        opened(desk, tickets=[other])
    found = opened(desk, tickets=[desk.ticket])
    with pytest.raises(Conflict, match="has an open account escalation"):
        opened(desk)
    with pytest.raises(Conflict, match="last ticket"):
        actions.remove_ticket(escalation_id=found.pk, ticket=desk.ticket, by=desk.agent, now=desk.now)
    actions.add_ticket(escalation_id=found.pk, ticket=desk.queued, by=desk.expert, now=desk.now)
    actions.remove_ticket(escalation_id=found.pk, ticket=desk.ticket, by=desk.agent, now=desk.now)
    assert [row.ticket for row in queries.held(found)] == [desk.queued, desk.ticket]


def test_it_ends_with_its_outcome_and_then_stands_still(desk: Any, signed_in: Any) -> None:
    found = opened(desk)
    agent = signed_in("agent")
    given = {"outcome": "recovered", "outcome_text": "They print, and said thanks."}
    assert agent.post(reverse("account_end", args=[found.number]), given).status_code == 302
    found.refresh_from_db()
    assert (found.state, found.due_at, found.outcome) == ("ended", None, "recovered")
    assert agent.post(reverse("account_update", args=[found.number]), {"body": "x"}).status_code == 422
    assert opened(desk).number != found.number


def test_the_briefing_says_in_plain_words_what_the_customer_may_know(desk: Any) -> None:
    tickets.add_message(ticket_id=desk.ticket.pk, kind="note", body="Zebra", by=desk.agent, now=desk.now)
    tickets.add_message(ticket_id=desk.ticket.pk, kind="reply", body="We bring a new one.", by=desk.agent, now=desk.now)
    found = opened(desk)
    actions.update_account_escalation(escalation_id=found.pk, body="A plan is made.", by=desk.agent, now=desk.now)
    client = desk.client(executive(desk))
    html = client.get(reverse("briefing")).content.decode()
    for shown in ("1 escalation is open", "Printer is on fire", "A group of people", "A plan is made.", "Agent"):
        assert shown in html
    one = client.get(reverse("brief", args=[desk.escalated.pk])).content.decode()
    assert "We bring a new one." in one
    for inside in ("Zebra", "Water.", "New printer", "quick", "level"):
        assert inside not in html.partition("<main")[2].partition("</main>")[0]
        assert inside not in one.partition("<main")[2].partition("</main>")[0]


def test_an_executive_of_another_customer_is_told_nothing(desk: Any) -> None:
    opened(desk)
    client = desk.client(executive(desk, "Bolt"))
    html = client.get(reverse("briefing")).content.decode()
    assert "Nothing is escalated" in html
    for foreign in ("Printer", "Acme", "Printing"):
        assert foreign not in html
    assert client.get(reverse("brief", args=[desk.escalated.pk])).status_code == 404
