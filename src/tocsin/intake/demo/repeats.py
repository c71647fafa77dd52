"""What came again in the demonstration's past, and the problems behind it: found, explained, acted on, measured."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from tocsin.domain.people.models import User
from tocsin.domain.problems import actions
from tocsin.domain.problems.models import Problem, Progress, Proposal, Tally
from tocsin.domain.tickets import actions as tickets
from tocsin.domain.tickets.models import Ticket
from tocsin.intake.demo.company import Company, read

AFTER = timedelta(hours=3)  # each was solved so long after it came


def live_past(company: Company, now: datetime) -> dict[str, list[Ticket]]:
    """Open and solve the tickets of repeats.yaml, each when it happened; return them by their series, oldest first."""
    told: Mapping[str, dict[str, Any]] = read("repeats.yaml")
    return {key: _series(company, one, now) for key, one in told.items()}


def _series(company: Company, one: dict[str, Any], now: datetime) -> list[Ticket]:
    people = [p for p in company.people.values() if p.organisation_id == company.customers[one["customer"]].pk]
    start = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(weeks=sum(w for w, _ in one["weeks"]))
    made: list[Ticket] = []
    for weeks, many in one["weeks"]:
        for week in range(weeks):
            for number in range(many):
                at = start + timedelta(weeks=week, days=(number * 7) // many, hours=9 + (week + number) % 7)
                made.append(_solved(company, one, people[len(made) % len(people)], len(made), at))
        start += timedelta(weeks=weeks)
    return made


def _solved(company: Company, one: dict[str, Any], who: User, number: int, at: datetime) -> Ticket:
    ticket = tickets.open_ticket(
        subject=one["subjects"][number % len(one["subjects"])], requester=who, by=None, now=at,
        service=company.services[one["service"]], team=company.teams["service-desk"], category=one["category"], impact=3,
        urgency=3, channel="import", actor="import", is_demo=True,
    )  # fmt: skip
    tickets.resolve(ticket_id=ticket.pk, by=None, now=at + AFTER, actor="import")
    return ticket


def decide(company: Company, past: Mapping[str, list[Ticket]], now: datetime) -> None:
    """Open the problems that people made of it, take their measures, and let the detector look."""
    _scanner(company, past["scanner"], now)
    _dictation(company, past["dictation"], now)
    _driver_app(company, now)
    actions.detect(now=now)
    actions.judge_measures(now=now)
    Problem.objects.filter(opened_by__in=[f"person:{one.pk}" for one in company.people.values()]).update(is_demo=True)


def _scanner(company: Company, past: list[Ticket], now: datetime) -> None:
    """Solved for good: the access points were set anew, and since then it hardly comes."""
    lead, kai = company.people["hana"], company.people["kai"]
    begun = now - timedelta(weeks=12)
    made = actions.open_problem(
        title="Hand scanners lose Wi-Fi between halls", by=lead, now=begun, owner=kai, category="scanner",
        tickets=[one.pk for one in past if one.opened_at < begun], service=company.services["terminals"],
        description="Scanners stay with the access point of the hall they have left until the connection dies.",
    )  # fmt: skip
    heat = actions.add_hypothesis(
        problem_id=made.pk, words="The batteries are weak", by=kai, now=begun + timedelta(days=1)
    )
    actions.judge_hypothesis(
        hypothesis_id=heat.pk, state="rejected", test="New batteries in ten scanners: as many losses as before.", by=kai,
        now=begun + timedelta(days=3),
    )  # fmt: skip
    roaming = actions.add_hypothesis(
        problem_id=made.pk, words="Scanners do not roam: the halls' access points shout too loud", by=kai,
        now=begun + timedelta(days=3),
    )  # fmt: skip
    actions.judge_hypothesis(
        hypothesis_id=roaming.pk, state="confirmed", test="At half the power in hall 3 a scanner changed over ten times of ten.",
        by=kai, now=begun + timedelta(days=8),
    )  # fmt: skip
    actions.change_problem(
        problem_id=made.pk, by=kai, now=begun + timedelta(days=8), change="CHG-2041",
        workaround="Switch the scanner off and on again **in the hall you are in**: it takes the nearest access point then.",
    )  # fmt: skip
    at = begun + timedelta(days=9)
    actions.move(problem_id=made.pk, act="find_cause", by=kai, now=at)
    actions.publish_known_error(problem_id=made.pk, by=lead, now=at)
    actions.move(problem_id=made.pk, act="plan_fix", by=kai, now=at)
    since = now - timedelta(weeks=10)
    actions.add_measure(
        problem_id=made.pk, kind="fix", title="Access points of the halls at half power", by=kai, now=now,
        series="tickets&service=terminals&category=scanner", starts_on=since.date(), expected=0.5, horizon=8,
    )  # fmt: skip
    actions.move(problem_id=made.pk, act="fix", by=kai, now=since)
    actions.link_tickets(
        problem_id=made.pk, ticket_ids=[one.pk for one in past[-6:]], by=kai, now=now - timedelta(days=1)
    )


def _dictation(company: Company, past: list[Ticket], now: datetime) -> None:
    """Thought to be solved by an article; the counts say otherwise, so it opens again by itself."""
    lead, priya = company.people["hana"], company.people["priya"]
    begun = now - timedelta(weeks=11)
    made = actions.open_problem(
        title="Dictation asks for the password every hour", by=lead, now=begun, owner=priya, category="dictation",
        tickets=[one.pk for one in past if one.opened_at < begun], service=company.services["identity"],
    )  # fmt: skip
    actions.move(problem_id=made.pk, act="fix", by=lead, now=begun + timedelta(days=7))
    actions.add_measure(
        problem_id=made.pk, kind="article", title="Article for the wards: how to stay signed in", by=lead, now=now,
        series="tickets&service=identity&category=dictation", starts_on=(now - timedelta(weeks=10)).date(), expected=0.5,
        horizon=8, owner=priya,
    )  # fmt: skip


def _driver_app(company: Company, now: datetime) -> None:
    """A known error with a workaround, beside the ticket of the story."""
    kai = company.people["kai"]
    hit = Ticket.objects.filter(is_demo=True, subject__startswith="Driver app").values_list("pk", flat=True)
    made = actions.open_problem(
        title="Driver app 6.2 signs people out every ten minutes", by=company.people["hana"], now=now - timedelta(days=1),
        owner=kai, service=company.services["identity"], tickets=list(hit),
        description="Version 6.2 asks for a session of ten minutes only.",
    )  # fmt: skip
    actions.change_problem(
        problem_id=made.pk, by=kai, now=now - timedelta(hours=20), change="6.3",
        workaround="We have set your session to twelve hours. Please sign in **once more**; then it holds.",
    )  # fmt: skip
    actions.move(problem_id=made.pk, act="give_workaround", by=kai, now=now - timedelta(hours=20))


def remove(people: Any, ticket_ids: list[Any]) -> None:
    """Remove problems of the demonstration or touched by its people, what was counted, and what was proposed."""
    theirs = Q(is_demo=True) | Q(owner__in=people) | Q(hypotheses__by__in=people) | Q(hypotheses__judged_by__in=people)
    theirs |= Q(measures__owner__in=people) | Q(measures__made_by__in=people) | Q(pushes__by__in=people)
    ids = list(Problem.objects.filter(theirs).values_list("pk", flat=True).distinct())
    Problem.objects.filter(merged_into__in=ids).update(merged_into=None)
    Problem.objects.filter(pk__in=ids).delete()
    Proposal.objects.filter(tickets__in=ticket_ids).delete()
    Tally.objects.all().delete()
    Progress.objects.all().delete()
