"""SECURITY 10: where more levels are due than one batch takes, customers and integrations take turns."""

from typing import Any

from tocsin.domain.escalation import actions
from tocsin.domain.escalation.models import Run
from tocsin.domain.notify.models import Delivery
from tocsin.domain.people.models import Organisation
from tocsin.domain.tickets.models import Ticket


def storm(company: Any, runs: int, **given: Any) -> list[Run]:
    return [company.escalate(company.ticket(**given)) for _ in range(runs)]


def levels(runs: list[Run]) -> list[int]:
    return [Run.objects.get(pk=run.pk).level for run in runs]


def test_a_storm_of_due_levels_in_one_customer_delays_nobody_elses_level(ladder) -> None:
    big = storm(ladder, 8)
    small = ladder.escalate(ladder.ticket(organisation=Organisation.objects.create(name="Small")), at=1)
    assert actions.advance_due(now=ladder.after(11), limit=4) == 4
    assert levels([small]) == [2]
    assert levels(big).count(2) == 3


def test_a_storm_of_one_integration_delays_no_other_ticket_of_its_customer(ladder) -> None:
    noisy = storm(ladder, 6)
    Ticket.objects.filter(pk__in=[run.ticket_id for run in noisy]).update(external_source="monitoring")
    quiet = ladder.escalate(ladder.ticket(), at=1)
    actions.advance_due(now=ladder.after(11), limit=2)
    assert levels([quiet]) == [2]


def test_everything_due_is_fired_in_the_end(ladder) -> None:
    big = storm(ladder, 5)
    small = storm(ladder, 2, organisation=Organisation.objects.create(name="Small"))
    while actions.advance_due(now=ladder.after(10), limit=3):
        pass
    assert set(levels(big + small)) == {2}


def test_pages_carry_the_lane_of_their_ticket(ladder) -> None:
    ticket = ladder.ticket()
    Ticket.objects.filter(pk=ticket.pk).update(external_source="monitoring")
    run = ladder.escalate(ticket)
    lanes = set(Delivery.objects.filter(page__run=run.pk).values_list("lane", flat=True))
    assert lanes == {f"{ladder.customer.pk}:monitoring"}
