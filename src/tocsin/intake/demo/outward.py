"""What the demonstration's company tells outside: a status page with its history, and one account escalation."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from tocsin.domain.people.models import User
from tocsin.domain.status import actions, queries
from tocsin.domain.status.models import AccountEscalation, StatusPage, Subscriber
from tocsin.intake.demo.company import Company, read
from tocsin.intake.demo.spans import span


def create(company: Company, now: datetime) -> None:
    """Tell everything at its time: nothing is mailed for what lies in the past."""
    told = read("outward.yaml")
    _page(told["page"], company, now)
    _account(told["account"], company, now)


def remove(people: Any) -> None:
    """Remove what belongs to the demonstration or is kept by its people, before they go."""
    AccountEscalation.objects.filter(
        Q(is_demo=True) | Q(organisation__is_demo=True) | Q(opened_by__in=people) | Q(owner__in=people)
    ).delete()
    StatusPage.objects.filter(Q(is_demo=True) | Q(organisation__is_demo=True) | Q(owner__in=people)).delete()


def _page(told: Mapping[str, Any], company: Company, now: datetime) -> None:
    people, founded = company.people, now - timedelta(days=120)
    keeper = people[told["owner"]]
    page = actions.save_page(
        name=told["name"],
        slug=told["slug"],
        intro=told["intro"],
        zone=told["zone"],
        owner=keeper,
        by=keeper,
        now=founded,
    )
    StatusPage.objects.filter(pk=page.pk).update(is_demo=True)
    parts = {
        one["name"]: actions.save_component(
            page_id=page.pk, name=one["name"], group=one["group"], description=one.get("description", ""),
            service=company.services[one["service"]], position=place, by=keeper, now=founded,
        ).pk
        for place, one in enumerate(told["components"])
    }  # fmt: skip
    for one in told["incidents"]:
        _incident(one, page, parts, people, now - span(one["ago"]))
    for one in told["maintenance"]:
        start = (now + span(one["in"])).replace(minute=0, second=0, microsecond=0)
        actions.plan_maintenance(
            page_id=page.pk, title=one["title"], body=one["body"], affected=[parts[name] for name in one["affects"]],
            starts_at=start, ends_at=start + span(one["lasts"]), by=people[one["by"]], now=now, notify=False,
        )  # fmt: skip
    Subscriber.objects.bulk_create(
        Subscriber(page=page, address=address, state="confirmed", asked_at=founded, confirmed_at=founded)
        for address in told["subscribers"]
    )


def _incident(
    told: Mapping[str, Any], page: StatusPage, parts: Mapping[str, Any], people: Mapping[str, User], begin: datetime
) -> None:
    by, (first, *following) = people[told["by"]], told["updates"]
    affected = {parts[name]: state for name, state in told["affects"].items()}
    made = actions.open_incident(
        page_id=page.pk, title=told["title"], body=first["body"], state=first["state"], affected=affected, by=by, now=begin,
        notify=False,
    )  # fmt: skip
    for one in following:
        at = begin + span(one["after"])
        actions.tell(incident_id=made.pk, state=one["state"], body=one["body"], by=by, now=at, notify=False)


def _account(told: Mapping[str, Any], company: Company, now: datetime) -> None:
    customer, by, at = company.customers[told["customer"]], company.people[told["by"]], now - span(told["ago"])
    tickets = [one for one in queries.open_tickets_of(customer.pk) if one.opened_at <= at][:3]
    if not tickets:
        return
    made = actions.open_account_escalation(
        organisation=customer, title=told["title"], concern=told["concern"], plan=told["plan"], tickets=tickets,
        target_at=at + span(told["lasts"]), by=by, now=at,
    )  # fmt: skip
    AccountEscalation.objects.filter(pk=made.pk).update(is_demo=True)
    said = max(at, now - timedelta(hours=18))
    actions.update_account_escalation(escalation_id=made.pk, body=told["word"], by=by, now=said)
