"""What the demonstration's people promise on their tickets, and who follows them."""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from tocsin.domain.escalation.models import Escalation
from tocsin.domain.people.models import User
from tocsin.domain.stakeholders import actions
from tocsin.domain.stakeholders.models import Promise, UpdateClock
from tocsin.domain.tickets.models import Ticket
from tocsin.intake.demo.spans import span

type Act = Callable[[datetime], None]


def moments(
    told: list[dict[str, Any]], begun: Mapping[str, datetime], people: Mapping[str, User], tickets: Mapping[str, Ticket]
) -> Iterator[tuple[datetime, Act]]:
    """Return when somebody promises or keeps something, and how. `tickets` fills up as the stories are lived."""
    for one in told:
        act = partial(_promise, one, people, tickets) if "promise" in one else partial(_keep, one, people, tickets)
        yield begun[one["story"]] + span(one["after"]), act


def _promise(one: dict[str, Any], people: Mapping[str, User], tickets: Mapping[str, Ticket], at: datetime) -> None:
    colleague = people[one["colleague"]] if "colleague" in one else None
    actions.make_promise(
        ticket_id=tickets[one["story"]].pk, what=one["promise"], due_at=at + span(one["in"]), by=people[one["who"]], now=at,
        said=one["said"], to_kind="internal" if colleague else "customer", to_person=colleague,
    )  # fmt: skip


def _keep(one: dict[str, Any], people: Mapping[str, User], tickets: Mapping[str, Ticket], at: datetime) -> None:
    found = Promise.objects.get(ticket=tickets[one["story"]], what=one["keep"])
    actions.keep_promise(promise_id=found.pk, by=people[one["who"]], now=at)


def follow(people: Mapping[str, User], tickets: list[UUID], now: datetime) -> None:
    """Let the administrator follow the three latest escalations; wind the update clocks that ran out while all this was lived.

    Nobody was there to send those updates: a visitor finds clocks that run, not a house that has forgotten everybody.
    """
    open_now = Escalation.objects.filter(ticket__in=tickets, state="open", parent__isnull=True).select_related("ticket")
    for escalation in open_now.order_by("-opened_at")[:3]:
        actions.subscribe(user=people["ruth"], ways=["mail", "feed"], by=people["ruth"], now=now, escalation=escalation)
    late = UpdateClock.objects.filter(communication__ticket__in=tickets, due_at__lte=now).order_by(
        "-communication__started_at"
    )
    for place, clock in enumerate(late):
        part = timedelta(minutes=clock.minutes) * (1 + place % 3) / 4
        clock.from_at, clock.due_at = now - part, now - part + timedelta(minutes=clock.minutes)
        clock.save(update_fields=["from_at", "due_at"])
