"""Half a year behind the demonstration, so that insights have something to say: everyday tickets, ended and rated.

They come in as an import's would (nothing is lived through, nobody is paged), from a fixed seed, so that every load
tells the same. A few were escalated; those are real runs, acknowledged and ended.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.db import connection, transaction

from tocsin.domain.escalation import actions as escalation
from tocsin.domain.insights import actions
from tocsin.domain.insights.models import FigureReport, MetricTarget, ReportReader
from tocsin.domain.journal.actions import Fact, record_many
from tocsin.domain.journal.publish import publish
from tocsin.domain.people.models import User
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.events import TicketsImported
from tocsin.domain.tickets.models import Change, Message, Rating, Ticket
from tocsin.intake.demo.company import Company
from tocsin.kernel.errors import TocsinError
from tocsin.kernel.ids import new_id

WEEKS, A_WEEK, SEED = 26, 16, 7
AGENTS = ("tomas", "priya", "ben", "maren")
HOURS = (1, 1, 1, 2, 2, 3, 4, 5, 7, 20, 26, 50, 74)  # to the resolution
PEAKS = (8, 8, 9, 9, 9, 10, 10, 11, 13, 13, 14, 15, 16, 19)  # hours at which people write
ABOUT = {
    "mail": ["Calendar shows the wrong free times", "Shared mailbox asks for a password", "Mail to a supplier bounces"],
    "identity": ["Locked out after the holiday", "New starter cannot sign in", "Phone for the second factor is lost"],
    "network": ["VPN drops in the train", "No network in meeting room 4", "Wi-Fi is slow on the second floor"],
    "payroll": ["Payslip of last month is missing", "Hours are booked twice", "Cannot approve leave"],
    "warehouse": ["Picking list prints blank", "Stock of an article is negative", "Label printer skips every other label"],
    "patient-records": ["Letter template has the old address", "Search finds no patient by birthday", "Record opens read only"],
    "terminals": ["Terminal at gate 2 stays black", "Badge reader beeps and does nothing", "Touch screen is off by a finger"],
}  # fmt: skip
REASONS = (
    "complexity",
    "missing_expertise",
    "missing_expertise",
    "sla_at_risk",
    "expectation_missed",
    "capacity_or_policy",
)


def create(company: Company, now: datetime) -> None:
    """Load the past, set three targets and a weekly report, and count everything."""
    dice = Random(SEED)  # noqa: S311 - a fixed past, no secret
    _bulk(company, now, dice)
    _escalated(company, now, dice)
    lead, manager = company.people["maren"], company.people["elias"]
    for metric, goal, owner in (
        ("sla_resolution", 0.9, manager),
        ("csat", 0.85, lead),
        ("escalation_rate", 0.08, manager),
    ):
        actions.set_target(metric=metric, scope={}, goal=goal, owner=owner, by=manager, now=now, is_demo=True)
    actions.save_report(
        report_id=None, name="The week at the service desk", scope={}, cadence="weekly", weekday=1, hour=7,
        readers=[lead, manager], by=manager, now=now, is_demo=True,
    )  # fmt: skip
    actions.rebuild()


def remove(people: Any) -> None:
    """Remove targets and reports of the demonstration or of its people; facts go with their tickets."""
    FigureReport.objects.filter(is_demo=True).delete()
    ReportReader.objects.filter(user__in=people).delete()
    FigureReport.objects.filter(made_by__in=people).update(made_by=None)
    MetricTarget.objects.filter(is_demo=True).delete()
    MetricTarget.objects.filter(owner__in=people).delete()


@transaction.atomic
def _bulk(company: Company, now: datetime, dice: Random) -> None:
    made: list[Ticket] = []
    changes: list[Change] = []
    messages: list[Message] = []
    ratings: list[Rating] = []
    for number, at in zip(_numbers(WEEKS * A_WEEK), _times(now, dice), strict=True):
        ticket, moves = _ticket(company, number, at, now, dice)
        made.append(ticket)
        changes += [
            Change(ticket=ticket, at=when, field=name, before=before, after=after, actor="import")
            for when, name, before, after in moves
        ]
        owner, ended, requester = ticket.owner, ticket.resolved_at, ticket.requester
        if owner is None or ended is None or requester is None:
            continue  # for the types only: _ticket gives each all three
        replied = min(at + timedelta(minutes=dice.choice((6, 11, 18, 25, 40, 90))), ended)
        for place in range(dice.choice((1, 1, 1, 2, 3))):
            said = min(replied + place * timedelta(minutes=35), ended)
            messages.append(Message(ticket=ticket, kind="reply", author=owner, body=_SAID[place], at=said))
        if dice.random() < 0.3:
            given = min(ended + timedelta(hours=dice.randint(1, 20)), now)
            score = dice.choice((5, 5, 5, 4, 4, 4, 3, 2, 1) if (now - at).days > 28 else (5, 4, 4, 3, 3, 2, 1))
            ratings.append(
                Rating(ticket=ticket, resolved_at=ended, score=score, by=requester, given_at=given, changed_at=given)
            )
    Ticket.objects.bulk_create(made)
    Change.objects.bulk_create(changes)
    Message.objects.bulk_create(messages)
    Rating.objects.bulk_create(ratings)
    record_many(
        [
            Fact(
                stream=f"ticket:{one.pk}", kind="ticket.imported", at=now, actor="import",
                data={"source": "demo", "number": one.number, "opened_at": one.opened_at.isoformat(), "status": str(one.status)},
            )
            for one in made
        ]
    )  # fmt: skip
    publish(TicketsImported(ticket_ids=tuple(one.pk for one in made), at=now))


_SAID = (
    "We have found it and are on it.",
    "It should work now. Please try once more.",
    "Thank you for trying; this one is solved.",
)
type _Moves = list[tuple[datetime, str, str, str]]


def _ticket(company: Company, number: int, at: datetime, now: datetime, dice: Random) -> tuple[Ticket, _Moves]:
    key = dice.choice(sorted(ABOUT))
    customer = dice.choice(sorted(company.customers))
    people = [p for p in company.people.values() if p.organisation_id == company.customers[customer].pk]
    desk, service = company.teams["service-desk"], company.services[key]
    agent = company.people[dice.choice(AGENTS)]
    priority = dice.choice((2, 3, 3, 3, 4, 4))
    ended = min(at + timedelta(hours=dice.choice(HOURS), minutes=dice.randint(0, 55)), now - timedelta(minutes=5))
    ticket = Ticket(
        id=new_id(), number=number, subject=dice.choice(ABOUT[key]), organisation=company.customers[customer],
        requester=dice.choice(people), service=service, team=desk, owner=agent, status="closed", impact=3, urgency=2,
        priority=priority, category=key, channel="import", opened_at=at, updated_at=ended, resolved_at=ended,
        closed_at=ended, team_since=at, is_demo=True,
    )  # fmt: skip
    moves: _Moves = [
        (at, "status", "", "new"), (at, "priority", "", str(priority)), (at, "service", "", str(service.pk)),
        (at, "team", "", str(desk.pk)), (at, "line", "", "L1"), (at, "owner", "", str(agent.pk)),
    ]  # fmt: skip
    if service.team is not None and dice.random() < 0.22:
        moves += _away(ticket, service.team, desk, at + (ended - at) / 3, (ended - at) / 4, dice)
    moves.append((ended, "status", "new", "closed"))
    return ticket, moves


def _away(ticket: Ticket, team: Any, desk: Any, at: datetime, later: timedelta, dice: Random) -> _Moves:
    """The team of the service takes it, and sometimes gives it back."""
    expert = dice.choice(list(team.members.order_by("email")))
    moves: _Moves = [
        (at, "team", str(desk.pk), str(team.pk)), (at, "line", "L1", team.line),
        (at, "owner", str(ticket.owner_id), str(expert.pk)),
    ]  # fmt: skip
    ticket.team, ticket.owner, ticket.handovers = team, expert, 1
    if dice.random() < 0.3:
        moves += [(at + later, "team", str(team.pk), str(desk.pk)), (at + later, "line", team.line, "L1")]
        ticket.team, ticket.handovers, ticket.ping_pongs = desk, 2, 1
    return moves


def _times(now: datetime, dice: Random) -> list[datetime]:
    """Return when they were opened, oldest first: on workdays, mostly in the morning."""
    monday = (now - timedelta(days=now.weekday())).replace(hour=0, minute=0, second=0, microsecond=0)
    days = (0, 0, 0, 1, 1, 1, 2, 2, 3, 3, 4, 4, 5)
    found = [
        monday
        - timedelta(weeks=week)
        + timedelta(days=dice.choice(days), hours=dice.choice(PEAKS), minutes=dice.randint(0, 59))
        for week in range(WEEKS, 0, -1)
        for _ in range(A_WEEK)
    ]
    return sorted(found)


def _numbers(count: int) -> Sequence[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('tickets_number') FROM generate_series(1, %s)", [count])
        return [number for (number,) in cursor.fetchall()]


def _escalated(company: Company, now: datetime, dice: Random) -> None:
    """One or two a week were escalated, acknowledged and resolved."""
    agents: list[User] = [company.people[key] for key in AGENTS]
    past = [at for at in _times(now, dice) if dice.random() < 0.04]
    for at in past:
        key = dice.choice(sorted(ABOUT))
        customer = company.customers[dice.choice(sorted(company.customers))]
        who = next(p for p in company.people.values() if p.organisation_id == customer.pk)
        agent = dice.choice(agents)
        with transaction.atomic():
            made = tickets.open_ticket(
                subject=dice.choice(ABOUT[key]), requester=who, by=None, now=at, service=company.services[key],
                team=company.teams["service-desk"], owner=agent, category=key, impact=2, urgency=2, channel="import",
                actor="import", is_demo=True,
            )  # fmt: skip
            try:
                begun = escalation.escalate(
                    ticket_id=made.pk, policy="technical", by=agent, now=at + timedelta(minutes=40), reason=dice.choice(REASONS),
                    tried="Everything that the runbook says.", impact="Several people cannot go on.", wanted="Somebody who knows it.",
                )  # fmt: skip
                answered = at + timedelta(minutes=40 + dice.choice((2, 3, 4, 6, 9)))
                escalation.acknowledge(run_id=begun.run.pk, by=company.people["kai"], now=answered)
            except TocsinError:  # a policy that somebody has changed may ask for more
                pass
            tickets.resolve(
                ticket_id=made.pk, by=None, now=at + timedelta(hours=dice.choice((2, 3, 5, 22))), actor="import"
            )
