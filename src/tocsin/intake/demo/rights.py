"""What the demonstration's people may decide: the catalogue, a few decisions, and one that waits for its answer."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Q

from tocsin.domain.decisions import actions
from tocsin.domain.decisions.actions import Granted
from tocsin.domain.decisions.models import Decision, ForDecision, Request, Taken
from tocsin.domain.tickets.models import OPEN_STATUSES, Ticket
from tocsin.intake.demo.company import Company, read


def create(company: Company, now: datetime) -> None:
    """Write the catalogue and live through what is told of it; its tickets are those of the stories."""
    told, founded = read("rights.yaml"), now - timedelta(days=90)
    catalogue = {one["name"]: _catalogued(company, one, founded) for one in told["catalogue"]}
    tickets = Ticket.objects.filter(is_demo=True, status__in=OPEN_STATUSES)
    chosen = list(tickets.order_by("-priority", "opened_at")[: len(told["decided"]) + 1])
    for ticket, line in zip(chosen, [*told["decided"], told["asked"]], strict=False):
        days, who, name, amount, why, recorded = line
        decision = catalogue[name]
        actions.decide(
            ticket_id=ticket.pk, decision_id=decision.pk, amount=Decimal(amount), reason=why, by=company.people[who],
            fields=dict(zip(decision.fields, recorded, strict=True)),
            now=max(now - timedelta(days=days), ticket.updated_at),
        )  # fmt: skip


def _catalogued(company: Company, one: dict[str, Any], at: datetime) -> Decision:
    rights = [(*who.split(":", maxsplit=1), limit) for who, limit in one["rights"]]
    made = actions.save_decision(
        name=one["name"], purpose=one["purpose"].strip(), unit=one["unit"], unit_name=one.get("unit_name", ""),
        condition=one.get("condition", ""), fields=one.get("fields", []), starts_on=at.date(), now=at,
        services=[company.services[slug] for slug in one.get("services", [])], by=company.people["elias"],
        grants=[
            Granted(holder=holder, key=key, limit=None if limit is None else Decimal(limit))
            for holder, key, limit in rights
        ],
    )  # fmt: skip
    Decision.objects.filter(pk=made.pk).update(is_demo=True)
    return made


def remove(people: Any) -> None:
    """Remove what belongs to the demonstration or was written by its people, before its tickets and they go."""
    theirs = Q(is_demo=True) | Q(versions__by__in=people)
    gone = list(Decision.objects.filter(theirs).values_list("pk", flat=True))
    of = Q(decision__in=gone)
    Taken.objects.filter(of | Q(by__in=people) | Q(approved_by__in=people)).delete()
    Request.objects.filter(of | Q(asked_by__in=people) | Q(answered_by__in=people)).delete()
    ForDecision.objects.filter(of | Q(by__in=people)).delete()
    Decision.objects.filter(pk__in=gone).delete()
